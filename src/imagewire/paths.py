"""JSON paths: ``$.contents[0].parts[1]``, in the spelling of the document they point into."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from imagewire.redaction import clean

#: The step of a hub path that leads to a node's extras.
EXTRAS = "extras"

#: A path in the making: cheaper to carry than its text, which only what is reported needs.
Path = tuple[str | int, ...]

_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+)\]")
_UNSAFE = re.compile(r"[.\[\]\x00-\x1f\x7f-\x9f]")
_SHORTEST_KEY = 15  # letters of a secret that is masked: "sk-" and twelve more
_HUMP = re.compile(r"(?<=[a-z0-9])([A-Z])")
_SCORE = re.compile(r"_([a-z0-9])")


def shown(name: str) -> str:
    """A key as paths and sentences show it: 64 characters, no secret, nothing that steers a path.

    A client chooses the keys of a body, too.
    """
    if name.isidentifier() and len(name) < _SHORTEST_KEY:
        return name
    return _UNSAFE.sub("_", clean(name)[:64])


def join(prefix: str, steps: Iterable[str | int]) -> str:
    """A path with more steps, keys as they may be shown."""
    for step in steps:
        prefix += f"[{step}]" if isinstance(step, int) else f".{shown(step)}"
    return prefix


def text(path: str | Path) -> str:
    """A path as it is reported."""
    return path if isinstance(path, str) else join("$", path)


def split(path: str) -> list[str | int]:
    """The steps of a path."""
    return [key or int(index) for key, index in _STEP.findall(path)]


def other_spellings(key: str) -> tuple[str, str]:
    """A key in snake_case and in camelCase."""
    return (
        _HUMP.sub(lambda hump: f"_{hump[1].lower()}", key),
        _SCORE.sub(lambda score: score[1].upper(), key),
    )


def follow(document: Any, path: str) -> tuple[str, bool]:
    """A path in the document's own spelling, and whether it is there.

    Where the document spells a key in the other case, its spelling is taken.
    """
    steps = split(path)
    for depth, step in enumerate(steps):
        if isinstance(document, Mapping) and isinstance(step, str):
            for key in (step, *other_spellings(step)):
                if document.get(key) is not None:
                    steps[depth] = key
                    document = document[key]
                    break
            else:
                return join("$", steps), False
        elif isinstance(document, list) and isinstance(step, int) and step < len(document):
            document = document[step]
        else:
            return join("$", steps), False
    return join("$", steps), True


def locate(
    path: str, places: Mapping[str, str], homes: Mapping[str, Sequence[str]], document: Any
) -> str:
    """Where in a document the hub path of a loss came from.

    ``places`` maps hub nodes (turns, parts) to wire paths, ``homes`` maps hub settings to the wire
    paths they may have been read from. The longest known beginning of the hub path decides; a
    setting that is nowhere in the document keeps the first of its homes. The path of an extra goes
    on in the wire's own names; where its node's extras come from elsewhere, ``places`` says so.
    """
    hub, extra, below = path.partition(f".{EXTRAS}")
    if extra:
        node = places.get(hub + extra) or places.get(hub, "$")
        return follow(document, node + below)[0]
    steps = split(path)
    for length in range(len(steps), 0, -1):
        node = join("$", steps[:length])
        if node in places:
            return follow(document, join(places[node], steps[length:]))[0]
        if node in homes:
            found = [follow(document, home) for home in homes[node]]
            return next((home for home, there in found if there), found[0][0])
    return follow(document, path)[0]
