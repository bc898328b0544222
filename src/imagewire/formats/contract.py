"""What a format is: a module that states these facts and has these verbs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol, cast

import msgspec

from imagewire.catalog import CATALOG, Catalog, Model
from imagewire.errors import MalformedError
from imagewire.loss import Outcome
from imagewire.messages import JSON_TYPE, Body, Headers, WireRequest, WireResponse
from imagewire.model import Failure, ImageRequest, ImageResponse, ReplyContext, StreamEvent
from imagewire.options import DEFAULTS, Options
from imagewire.sse import Event

#: Which of its turns a format's requests mean: the last user turn alone, or the conversation.
Prompt = Literal["last_user", "conversation"]

#: What a path asks for.
Operation = Literal["generate", "edit", "stream", "models"]

#: A batch API, whose lines have a shape of its own.
BatchShape = Literal["openai", "gemini"]


class Credential(msgspec.Struct, frozen=True):
    """Where a key travels: in a header, behind a scheme if it has one, or in a query parameter.

    ``also`` are headers where it is read, too, without a scheme. Names are in lower case.
    """

    header: str
    scheme: str = ""
    parameter: str | None = None
    also: tuple[str, ...] = ()


class Format(Protocol):
    """A wire format. Readers raise `TranslationError` and nothing else, for any body."""

    @property
    def NAME(self) -> str:  # noqa: N802 - a module's constant
        """The format's name in `imagewire.FORMATS`."""
        ...

    @property
    def PROMPT(self) -> Prompt:  # noqa: N802 - a module's constant
        """Which of its turns the format's requests mean."""
        ...

    @property
    def FAMILIES(self) -> frozenset[str]:  # noqa: N802 - a module's constant
        """The families of models for which the format is served."""
        ...

    @property
    def NATIVE(self) -> str | None:  # noqa: N802 - a module's constant
        """The family whose own upstream speaks the format, if one does."""
        ...

    @property
    def CREDENTIAL(self) -> Credential:  # noqa: N802 - a module's constant
        """Where the format's upstream wants its key; clients send theirs there, too."""
        ...

    @property
    def CLIENT_HEADERS(self) -> frozenset[str]:  # noqa: N802 - a module's constant
        """Headers that only the format's own clients send, in lower case."""
        ...

    @property
    def BATCH_SHAPE(self) -> BatchShape:  # noqa: N802 - a module's constant
        """The batch API that takes the format's bodies."""
        ...

    def read_path(self, path: str, /) -> tuple[Operation, str | None] | None:
        """The operation that a path asks for, and the model that it names; None if it is another's.

        The path is percent-decoded and has no query.
        """
        ...

    def is_own_path(self, path: str, /) -> bool:
        """Whether a path that is no endpoint looks like one of the format's API."""
        ...

    def write_path(
        self, operation: Operation, model: str | None, /, *, version: str, vertex: bool
    ) -> str | None:
        """The path of an operation, or None if the format has no such operation."""
        ...

    def read_request(
        self,
        body: Body,
        *,
        model: str | None = None,
        content_type: str = JSON_TYPE,
        options: Options = DEFAULTS,
    ) -> Outcome[ImageRequest]:
        """The request of a body; ``model`` is the one that the path names."""
        ...

    def write_request(
        self, request: ImageRequest, *, options: Options = DEFAULTS, catalog: Catalog = CATALOG
    ) -> Outcome[WireRequest]:
        """The wire request: path, headers, body, and how often to send it."""
        ...

    def read_response(self, body: Body, *, options: Options = DEFAULTS) -> Outcome[ImageResponse]:
        """The response of a successful reply's body; what is wrong with it is the upstream's."""
        ...

    def write_response(
        self,
        response: ImageResponse,
        *,
        context: ReplyContext = ...,
        created: int | None = None,
        response_id: str | None = None,
        options: Options = DEFAULTS,
        catalog: Catalog = CATALOG,
    ) -> Outcome[WireResponse]:
        """The reply: status, headers, body. ``created`` is in seconds since 1970."""
        ...

    def read_failure(self, body: Body, *, status: int, headers: Headers = ...) -> Failure:
        """The failure of an error reply, JSON or not."""
        ...

    def write_failure(self, failure: Failure) -> WireResponse:
        """The error reply of a failure."""
        ...

    def write_models(self, models: Sequence[Model], /) -> WireResponse:
        """The reply to a client that asks for a list of models."""
        ...

    def read_model(self, body: Body, *, content_type: str = JSON_TYPE) -> str | None:
        """The model that a body names, without reading the rest of it."""
        ...


class StreamReader(Protocol):
    """Reads one stream, event by event; raises `TranslationError` and nothing else.

    Paths of losses lead into the event. The reader remembers what later events need of earlier
    ones; a shallow copy (`copy.copy`) of it remembers by itself. An event whose JSON has an
    ``error`` at its top may raise: the caller knows it for a failure, as it knows a reply's body.

    What is in place of a picture, and cannot be read, is a loss if the stream has another; the
    first one is ``unread``, which the caller raises if there is none.
    """

    unread: MalformedError | None

    def read(self, event: Event, /) -> Outcome[tuple[StreamEvent, ...]]:
        """What an event tells, in order."""
        ...

    def close(self) -> Outcome[tuple[StreamEvent, ...]]:
        """What the end of the stream tells, where its API has no word for it."""
        ...


class StreamWriter(Protocol):
    """Writes one stream, event by event: bytes to send, framed as the API frames them.

    Losses have hub paths, a part's by its event's ``candidate`` and ``index``. What another event
    has to decide (usage that belongs on the last picture) may be held back, and so may a draft that
    is the picture if none comes: while the writer ``holds`` something, its payload is kept.
    """

    @property
    def holds(self) -> bool:
        """Whether a picture was given that may still be written."""
        ...

    def write(self, event: StreamEvent, /) -> Outcome[bytes]:
        """The bytes of an event, none if it has no place or is held back."""
        ...

    def close(self) -> Outcome[bytes] | Outcome[Failure]:
        """The bytes of what was held back, and of the end; a failure where no reply came of it.

        The caller writes that failure: as an error reply if nothing was sent yet, else as an event.
        """
        ...


class ReadsStreams(Protocol):
    """What a format has whose streams can be read; without it, replies are read whole."""

    def stream_reader(self, *, options: Options = DEFAULTS) -> StreamReader:
        """The reader of one stream."""
        ...


class WritesStreams(Protocol):
    """What a format has whose streams can be written; without it, replies are written whole."""

    @property
    def KEEP_ALIVE(self) -> bytes:  # noqa: N802 - a module's constant
        """What may be sent between events at any time, and says nothing."""
        ...

    def stream_writer(
        self,
        *,
        context: ReplyContext = ...,
        created: int | None = None,
        response_id: str | None = None,
        options: Options = DEFAULTS,
    ) -> StreamWriter:
        """The writer of one stream; ``created`` is in seconds since 1970."""
        ...


def tells_markdown(reader: StreamReader) -> bool:
    """Whether the words that a reader tells may hold pictures as markdown, in pieces of any size.

    With ``Options.read_markdown`` it tells them as they came: one event may not hold all of a
    picture.
    """
    return getattr(reader, "tells_markdown", False)


def reads_streams(format_: Format) -> ReadsStreams | None:
    """The format, if its streams can be read."""
    return cast("ReadsStreams", format_) if hasattr(format_, "stream_reader") else None


def writes_streams(format_: Format) -> WritesStreams | None:
    """The format, if its streams can be written."""
    return cast("WritesStreams", format_) if hasattr(format_, "stream_writer") else None
