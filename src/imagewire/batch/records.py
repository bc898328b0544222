"""What becomes of a line of a batch: another line, a reject, or a part of one to come."""

from __future__ import annotations

from typing import Protocol

import msgspec
from msgspec import structs

from imagewire.errors import InexpressibleError, MalformedError, TranslationError
from imagewire.loss import Loss
from imagewire.messages import Message, Payload
from imagewire.model import Failure, ReplyContext

_encode = msgspec.json.encode
_UNKNOWN = ReplyContext()


class StoredContext(msgspec.Struct, frozen=True):
    """What the results of a request will need: its context, and in how many lines it went.

    JSON round trip by msgspec: a line of a context file.
    """

    id: str
    repeat: int = 1
    context: ReplyContext = _UNKNOWN


class Contexts(Protocol):
    """What was stored, by id: a mapping, or what looks like one."""

    def get(self, id_: str, /) -> StoredContext | None:
        """What was kept of a request, or None."""
        ...


class Line(Message, frozen=True, kw_only=True):
    """A line translated: ``body`` is the line to write, or several, each with its end of line.

    ``stored_context`` belongs into the context file, ``model`` is the one that a request asks for,
    ``failure`` is what an error reply says.
    """

    number: int
    id: str | None
    body: Payload
    losses: tuple[Loss, ...] = ()
    stored_context: StoredContext | None = None
    model: str | None = None
    failure: Failure | None = None

    def loss_records(self) -> bytes:
        """The losses as lines of JSON."""
        place = {"line": self.number, "id": self.id}
        return b"".join(_encode({**place, **structs.asdict(loss)}) + b"\n" for loss in self.losses)


class Reject(msgspec.Struct, frozen=True, kw_only=True):
    """A line that cannot be translated, and why."""

    number: int
    id: str | None
    error: TranslationError

    def record(self) -> bytes:
        """The reject as a line of JSON."""
        error = self.error
        about: dict[str, object] = {
            "kind": type(error).__name__,
            "message": error.message,
            "path": error.path,
        }
        if isinstance(error, InexpressibleError) and error.urls:
            about["urls"] = error.urls
        return _encode({"line": self.number, "id": self.id, "error": about}) + b"\n"


class PendingReply(Message, frozen=True, kw_only=True):
    """One of the replies to a request that went in several lines: the ``call``-th, from 1."""

    number: int
    call: int
    stored_context: StoredContext
    line: bytes = b""

    @property
    def id(self) -> str:
        """The id of its line."""
        return f"{self.stored_context.id}#{self.call}"

    def without_output(self) -> PendingReply:
        """It has none."""
        return self

    def doubled(self) -> Reject:
        """It came before."""
        error = MalformedError("a second result with this id")
        return Reject(number=self.number, id=self.id, error=error)
