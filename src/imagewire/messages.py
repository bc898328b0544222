"""HTTP messages as values: bodies in segments, requests and replies to send, translated ones."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from typing import Any, Self, cast

import msgspec

from imagewire.errors import LossyError
from imagewire.loss import SETTING, Loss, LossLevel
from imagewire.model import Failure, ReplyContext
from imagewire.redaction import describe

#: A body as callers hold it: raw, decoded, or parsed JSON.
Body = bytes | bytearray | memoryview | str | Mapping[str, Any]

#: Headers as callers hold them: a mapping, or an iterable of pairs; ASGI has them as bytes.
Headers = (
    Mapping[str, str]
    | Mapping[bytes, bytes]
    | Iterable[tuple[str, str]]
    | Iterable[tuple[bytes, bytes]]
)

Segment = bytes | memoryview

JSON_TYPE = "application/json"


class Payload:
    """A body in segments; ``bytes(payload)`` joins them, iterating hands them out uncopied.

    Views among the segments alias the caller's input, which must not change while they live. The
    length is that of the body, in bytes, so ``list(payload)`` reserves far too much: iterate.
    """

    __slots__ = ("_segments",)

    def __init__(self, *segments: Segment) -> None:
        self._segments = segments

    def __bytes__(self) -> bytes:
        return b"".join(self._segments)

    def __len__(self) -> int:
        return sum(map(len, self._segments))

    def __iter__(self) -> Iterator[Segment]:
        return iter(self._segments)

    async def __aiter__(self) -> AsyncIterator[Segment]:
        for segment in self._segments:
            yield segment

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Payload) and bytes(self) == bytes(other)

    def __hash__(self) -> int:
        return hash(bytes(self))

    def __reduce__(self) -> tuple[Any, ...]:  # views cannot be pickled
        return Payload, (bytes(self),)

    def __repr__(self) -> str:  # a body may hold pictures and secrets: never show it
        return f"<Payload of {len(self)} bytes>"


class Message(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A message, whose repr may land in a log: its fields show as excerpts."""

    def __repr__(self) -> str:
        return describe(self)


class WireRequest(Message, frozen=True, kw_only=True):
    """A request ready to send: ``repeat`` identical calls where the target has no ``n``.

    ``stream`` says that the upstream is asked for a stream.
    """

    path: str
    headers: dict[str, str]
    body: Payload
    model: str
    method: str = "POST"
    repeat: int = 1
    stream: bool = False


class WireResponse(Message, frozen=True, kw_only=True):
    """A reply ready to send."""

    status: int
    headers: dict[str, str]
    body: Payload


class Lossless:
    """What results of translations can do: be held to lose nothing."""

    __slots__ = ()
    losses: tuple[Loss, ...]

    def require_lossless(self, level: LossLevel | str = SETTING) -> Self:
        """Return self, or raise `LossyError` if a loss of this level or above was reported."""
        limit = LossLevel(level).rank
        found = [loss for loss in self.losses if loss.level.rank <= limit]
        if found:
            raise LossyError(found)
        return self


class TranslatedRequest(WireRequest, Lossless, frozen=True, kw_only=True):
    """A request ready to send, ``repeat`` times, and what its reply will need (``context``)."""

    target: str
    context: ReplyContext
    losses: tuple[Loss, ...] = ()


class TranslatedResponse(WireResponse, Lossless, frozen=True, kw_only=True):
    """A reply ready to send; ``failure`` says what went wrong, if something did."""

    losses: tuple[Loss, ...] = ()
    failure: Failure | None = None


class Reply(msgspec.Struct, frozen=True):
    """An upstream's reply to one of several calls."""

    body: Body
    status: int = 200
    headers: Headers = {}

    def __reduce__(self) -> tuple[Any, ...]:  # views cannot be pickled
        body = bytes(self.body) if isinstance(self.body, memoryview) else self.body
        return Reply, (body, self.status, self.headers)

    def __repr__(self) -> str:
        return f"Reply(status={self.status})"


def header_pairs(headers: Headers) -> Iterator[tuple[str, str]]:
    """Headers as pairs with lower-case names."""
    pairs = headers.items() if isinstance(headers, Mapping) else headers
    for name, value in cast("Iterable[tuple[str | bytes, str | bytes]]", pairs):
        yield _header_text(name).lower(), _header_text(value)


def _header_text(text: str | bytes) -> str:
    """A header's name or value as text: RFC 9110, 5.5, takes other bytes for opaque."""
    return text.decode("latin-1") if isinstance(text, bytes) else text


def read_headers(headers: Headers) -> dict[str, str]:
    """Headers by lower-case name; of a repeated one, the first."""
    found: dict[str, str] = {}
    for name, value in header_pairs(headers):
        found.setdefault(name, value)
    return found
