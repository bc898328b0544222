"""What libraries send, in `tests/data/sent`: ``pytest -m frameworks --record`` records it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

import imagewire

SENT = Path(__file__).parents[1] / "data" / "sent"


class Request(msgspec.Struct, frozen=True):
    """A request: a JSON body as a value, a form as text of one character a byte."""

    path: str
    content_type: str
    body: Any

    @property
    def endpoint(self) -> imagewire.Endpoint:
        """What the path asks for."""
        found = imagewire.match_endpoint("POST", self.path)
        assert found is not None, self.path
        return found

    @property
    def raw(self) -> bytes:
        """The body as it was sent."""
        if isinstance(self.body, str):
            return self.body.encode("latin-1")
        return msgspec.json.encode(self.body)


class Recording(msgspec.Struct, frozen=True):
    """What a library sent for each of its asks, and the versions of its packages."""

    versions: dict[str, str]
    requests: dict[str, Request]


def _file(name: str) -> Path:
    return SENT / f"{name}.json"


def read(name: str) -> Recording:
    """What was recorded of a library."""
    return msgspec.json.decode(_file(name).read_bytes(), type=Recording)


def write(name: str, recording: Recording) -> None:
    """Record what a library sends."""
    text = msgspec.json.format(msgspec.json.encode(recording), indent=2)
    _file(name).write_bytes(text + b"\n")


RECORDINGS = {path.stem: read(path.stem) for path in sorted(SENT.iterdir())}
