"""Who else does the work: other ways to translate a body, and why some of them are not here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

import attrs

from payloads import Kind

Direction = tuple[Kind, str, str]
Translate = Callable[[bytes], bytes]
Translators = Mapping[Direction, Translate]


@attrs.frozen
class Contender:
    """A way to do some of the work; ``peer`` is other people's code, which may be wrong."""

    name: str
    load: Callable[[], Translators]
    peer: bool = False


@attrs.define
class Field:
    """The contenders that could be loaded, and what became of the others."""

    translators: dict[str, Translators] = attrs.Factory(dict)
    peers: set[str] = attrs.Factory(set)
    skipped: dict[str, str] = attrs.Factory(dict)

    def skip(self, name: str, reason: object) -> None:
        """Note why a contender, or one piece of its work, is left out."""
        self.skipped[name] = f"{reason}".splitlines()[0][:200]


def load_field() -> Field:
    """Everyone who can be imported."""
    field = Field()
    for contender in CONTENDERS:
        try:
            field.translators[contender.name] = contender.load()
        except (ImportError, AttributeError) as error:
            field.skip(contender.name, repr(error))
        if contender.peer:
            field.peers.add(contender.name)
    return field


def _by_hand(library: str) -> Callable[[], Translators]:
    """The hand-written translators over a JSON library."""

    def load() -> Translators:
        by_hand = import_module("handwritten").by_hand
        json: Any = import_module(library)
        found: Translators
        if library == "msgspec":
            found = by_hand(json.json.decode, json.json.encode)
        elif library == "json":
            found = by_hand(json.loads, lambda document: json.dumps(document).encode())
        else:
            found = by_hand(json.loads, json.dumps)
        return found

    return load


def _module(name: str) -> Callable[[], Translators]:
    """The translators of a module of ours."""

    def load() -> Translators:
        found: Translators = import_module(name).translators()
        return found

    return load


CONTENDERS = [
    Contender("json by hand", _by_hand("json")),
    Contender("orjson by hand", _by_hand("orjson")),
    Contender("msgspec by hand", _by_hand("msgspec")),
    Contender("SDK types", _module("peer_sdks"), peer=True),
    Contender("litellm", _module("peer_litellm"), peer=True),
    Contender("any-llm", _module("peer_any_llm"), peer=True),
]
