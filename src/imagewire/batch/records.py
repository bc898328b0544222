"""What a line of a batch becomes: another line, a reject, or a reply that waits for others."""

from __future__ import annotations

from typing import Protocol, final

import msgspec
from msgspec import structs

from imagewire.batch.shapes import ShapeName
from imagewire.errors import InexpressibleError, MalformedError, TranslationError
from imagewire.loss import Loss
from imagewire.messages import Lossless, Message, Payload
from imagewire.model import Failure, ReplyContext

_encode = msgspec.json.encode
_UNKNOWN = ReplyContext()


class StoredContext(msgspec.Struct, frozen=True):
    """What the results of a request will need: its context, and how many lines it became.

    As JSON it is a line of a context file; msgspec reads and writes it.
    """

    id: str
    repeat: int = 1
    context: ReplyContext = _UNKNOWN

    @property
    def line_ids(self) -> tuple[str, ...]:
        """The ids of the lines that it became."""
        return self.call_ids or (self.id,)

    @property
    def call_ids(self) -> tuple[str, ...]:
        """The same if it became several lines."""
        if self.repeat == 1:
            return ()
        return tuple([f"{self.id}#{call}" for call in range(1, self.repeat + 1)])


class Job(msgspec.Struct, frozen=True):
    """What all lines of a file for a batch API have in common: shape, path and model."""

    shape: ShapeName
    path: str
    model: str

    def takes(self, other: Job) -> bool:
        """Whether lines of another job may stand in the same file: those that name their paths."""
        return self == other or self.shape == other.shape == "id"

    def __str__(self) -> str:
        return f"{self.path}, model {self.model}" if self.model else self.path


class Contexts(Protocol):
    """Stored contexts by id: a mapping, or an object with its `get`."""

    def get(self, id_: str, /) -> StoredContext | None:
        """The stored context of a request, or None."""
        ...


@final
class Line(Message, Lossless, frozen=True, kw_only=True):
    """A translated line: ``body`` is one line to write, or several, each with its end of line.

    ``key`` is its id, or its number if it has none, and ``call_ids`` are those of the lines that
    its request became, if it became several: no two lines have one of these in common.
    ``stored_context`` belongs in the context file; ``job`` is that of a request, and ``failure``
    that of an error reply.
    """

    number: int
    id: str | None
    key: str
    body: Payload
    call_ids: tuple[str, ...] = ()
    losses: tuple[Loss, ...] = ()
    stored_context: StoredContext | None = None
    job: Job | None = None
    failure: Failure | None = None

    @property
    def count(self) -> int:
        """How many lines ``body`` has."""
        mixes = self.job is None or self.job.shape == "id"
        return 1 if mixes or not self.call_ids else len(self.call_ids)

    def doubled(self) -> Reject:
        """The reject for a line with an id of an earlier one."""
        calls = self.call_ids
        those = f"{self.key}, or one of {calls[0]} to {calls[-1]}" if calls else self.key
        error = MalformedError(f"an earlier line has the id {those}")
        return Reject(number=self.number, id=self.id, error=error)

    def loss_records(self) -> bytes:
        """The losses as lines of JSON."""
        line = {"line": self.number, "id": self.id}
        return b"".join(_encode({**line, **structs.asdict(loss)}) + b"\n" for loss in self.losses)


@final
class Reject(msgspec.Struct, frozen=True, kw_only=True):
    """A line that cannot be translated, and why; one without a ``number`` is missing."""

    number: int | None
    id: str | None
    error: TranslationError

    def record(self) -> bytes:
        """The reject as a line of JSON."""
        error = self.error
        fields: dict[str, object] = {
            "kind": type(error).__name__,
            "message": error.message,
            "path": error.path,
        }
        if isinstance(error, InexpressibleError) and error.urls:
            fields["urls"] = error.urls
        return _encode({"line": self.number, "id": self.id, "error": fields}) + b"\n"


@final
class PendingReply(Message, frozen=True, kw_only=True):
    """One of the replies to a request that became several lines: number ``call``, from 1."""

    number: int
    call: int
    stored_context: StoredContext
    line: bytes = b""

    @property
    def id(self) -> str:
        """The id of its line."""
        return f"{self.stored_context.id}#{self.call}"

    @property
    def key(self) -> str:
        """The same; no two lines have it in common."""
        return self.id

    @property
    def call_ids(self) -> tuple[str, ...]:
        """No other ids."""
        return ()

    def without_output(self) -> PendingReply:
        """Itself: it has no output."""
        return self

    def doubled(self) -> Reject:
        """The reject for a reply to a call that an earlier line answered."""
        error = MalformedError(f"an earlier line has the id {self.id}, or answers its request")
        return Reject(number=self.number, id=self.id, error=error)
