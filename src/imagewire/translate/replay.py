"""Whole replies as streams, and streams as whole replies.

A reply is written as events where the client wants a stream; an upstream's events are folded into
one reply. A stream that breaks off after an image keeps that image, and the break is reported;
without one it is a failure.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from imagewire.codec.document import as_bytes, contiguous
from imagewire.codec.limits import MAX_VALUES, refuse_many
from imagewire.errors import MalformedError, TranslationError
from imagewire.formats import Format
from imagewire.formats.contract import (
    StreamReader,
    StreamWriter,
    reads_streams,
    tells_markdown,
)
from imagewire.loss import C, Loss, Outcome, add, lost
from imagewire.messages import Body, Headers, Payload
from imagewire.model import (
    Failure,
    FailureEvent,
    FailureKind,
    FinishEvent,
    ImageResponse,
    PartEvent,
    StreamEvent,
)
from imagewire.options import Options
from imagewire.paths import Path, Provenance
from imagewire.rules.error_bodies import is_failure
from imagewire.rules.events import Fold, Progress, own_path
from imagewire.sse import Event, EventReader, starts_events
from imagewire.translate.pictures import StreamedPictures, Telling
from imagewire.translate.provenance import located_path, prefixed

#: What a stream is that ends before its time.
CUT_OFF = Failure(
    kind=FailureKind.UNAVAILABLE,
    message="the upstream's stream ended before its answer was complete",
    status=503,
    retryable=True,
)


def nothing_told() -> MalformedError:
    """The error for a stream that says that it is done, and nothing else."""
    error = MalformedError("the stream has no answer, and no word of why")
    error.blame_upstream()
    return error


def read_event(
    reader: StreamReader, event: Event, source: Format, headers: Headers
) -> Outcome[tuple[StreamEvent, ...]]:
    """What an event tells, or the failure that one is which cannot be read as anything else."""
    try:
        return reader.read(event)
    except TranslationError:
        if not is_failure(event.data):
            raise
    failure = source.read_failure(event.data, status=200, headers=headers)
    return Outcome((FailureEvent(failure=failure),))


def events_in(body: Body) -> Iterable[Event] | None:
    """The events of a reply's body, server-sent ones or the elements of an array, or None.

    An array of one error, or of none, is what it always was.
    """
    if type(body) is bytes and body[:1] == b"{":  # as most replies do
        return None
    if isinstance(body, Mapping) or body[:1] in (b"{", "{"):
        return None
    document = contiguous(body)
    if isinstance(document, str):
        document = document.encode("utf-8", "replace")
    head = bytes(document[:64])
    if not head.strip():
        head = bytes(document).lstrip()[:64]
    if starts_events(head):
        return _sent(document)
    if head.lstrip()[:1] != b"[" or is_failure(document):
        return None
    try:
        refuse_many(as_bytes(document))
        elements = msgspec.json.decode(document, type=list[msgspec.Raw])
    except (ValueError, RecursionError, MalformedError):
        return None
    return [Event(bytes(element)) for element in elements] or None


def _sent(body: bytes | bytearray | memoryview) -> Iterator[Event]:
    reader = EventReader()
    yield from reader.feed(body)
    yield from reader.close()


def fold_events(
    events: Iterable[Event], source: Format, options: Options, headers: Headers
) -> Outcome[ImageResponse] | Outcome[Failure]:
    """One reply of the events of a stream; raises for one that is malformed before an image."""
    folding = _Folding(source, options, headers)
    problem: TranslationError | None = None
    try:
        for event in events:
            if not folding.take(event):
                break
        else:
            folding.close()
    except TranslationError as error:
        error.blame_upstream()
        problem = error
        folding.let_go(broken=True)
    fold, progress = folding.fold, folding.progress
    if problem is None and fold.failure is None:
        problem = folding.unread()
        if problem is None and folding.is_done and fold.is_empty:
            problem = nothing_told()
    place = f"$[{folding.number}]"
    broken = fold.failure or (CUT_OFF if problem is None else problem.failure)
    if problem is None and fold.failure is None and (progress.is_finished or folding.is_done):
        pass
    elif not progress.has_image:
        if problem is not None:
            problem.path = place + problem.path[1:]
            try:
                raise problem
            finally:
                problem = None  # else it would be kept by this frame, which it keeps
        return Outcome(broken, tuple(folding.losses))
    else:
        add(folding.losses, lost(C.BROKEN_STREAM, place, "{}", broken.message))
    return Outcome(fold.response(), tuple(folding.losses), folding.provenance)


class _Folding:
    """The events of one stream, folded, and where its parts came from."""

    def __init__(self, source: Format, options: Options, headers: Headers) -> None:
        streams = reads_streams(source)
        assert streams is not None  # noqa: S101 - the caller has asked
        self._reader = streams.stream_reader(options=options)
        self._source = source
        self._headers = headers
        self._nodes: dict[Path, Path] = {}
        self.fold = Fold()
        self.progress = Progress()
        has_markdown = tells_markdown(self._reader)
        self._pictures = StreamedPictures(self.progress) if has_markdown else None
        self.losses: list[Loss] = []
        self.number = 0
        self._readable = 0  # events, before the first of which something cannot be read
        self.is_done = False

    def take(self, event: Event) -> bool:
        """Take an event, and tell whether others may follow."""
        if event.is_done:
            self.is_done = True
            self.close()
            return False
        if self.number >= MAX_VALUES:
            raise MalformedError(f"the stream has more than {MAX_VALUES} events")
        self._take(read_event(self._reader, event, self._source, self._headers))
        if self._reader.unread is None:
            self._readable = self.number + 1
        if self.fold.failure is not None:
            return False
        self.number += 1
        return True

    def close(self) -> None:
        """Take what the end of the stream tells."""
        self._take(self._reader.close())
        self.let_go(broken=not (self.progress.is_finished or self.is_done))

    def let_go(self, *, broken: bool) -> None:
        """Take what was held back of texts until the stream ended, or was ``broken`` off."""
        if self._pictures is not None:
            self._add_all(self._pictures.close(broken=broken))

    def unread(self) -> MalformedError | None:
        """The error that something is which cannot be read, if no picture came."""
        error, self._reader.unread = self._reader.unread, None
        if error is None or self.progress.has_picture:
            return None
        self.number = self._readable
        return error

    @property
    def provenance(self) -> Provenance:
        """Where the parts of the reply came from: ``$[3]`` is the fourth event."""
        return Provenance(self._nodes, {})

    def _take(self, outcome: Outcome[tuple[StreamEvent, ...]]) -> None:
        if self._pictures is None:
            self._add(self.number, outcome)
        else:
            self._add_all(self._pictures.take(outcome, self.number))

    def _add_all(self, tellings: Iterable[Telling]) -> None:
        for number, outcome in tellings:
            self._add(number, outcome)

    def _add(self, number: int, outcome: Outcome[tuple[StreamEvent, ...]]) -> None:
        if outcome.losses:
            add(self.losses, *prefixed(outcome.losses, f"$[{number}]"))
        for event in outcome.value:
            if isinstance(event, PartEvent | FinishEvent):
                self.progress.take(event)
            part = self.fold.add(event)
            if part is None or part not in self._nodes:
                own = own_path(event)
                wire_path = located_path(own, outcome.provenance)
                self._nodes[part or own] = (number, *wire_path)


def write_all(
    events: Iterable[StreamEvent], writer: StreamWriter
) -> Outcome[Payload] | Outcome[Failure]:
    """A whole stream of events, each of them a segment, or the failure that it is."""
    losses: list[Loss] = []
    pieces: list[bytes] = []
    for event in events:
        written = writer.write(event)
        pieces.append(written.value)
        add(losses, *written.losses)
    end = writer.close()
    add(losses, *end.losses)
    if isinstance(end.value, Failure):
        return Outcome(end.value, tuple(losses))
    return Outcome(Payload(*filter(None, pieces), end.value), tuple(losses))
