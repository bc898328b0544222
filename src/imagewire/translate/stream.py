r"""Streams event by event, without I/O: bytes of an upstream in, segments for a client out.

```python
import imagewire

upstream = [
    b'data: {"candidates":[{"content":{"parts":[{"text":"A fox."}]}}]}\r\n\r\n',
    b'data: {"candidates":[{"finishReason":"STOP"}]}\r\n\r\n',
]
stream = imagewire.StreamTranslator(source="gemini", target="chat", created=0, response_id="1")
for data in upstream:
    for segment in stream.feed(data):
        print(bytes(segment).decode().count("data:"), "event(s)")
print(stream.status, len(stream.close()), "more segment(s)")
```

```text
2 event(s)
1 event(s)
200 1 more segment(s)
```

The slices may be cut anywhere. An error status, or a body that is no stream, makes an ordinary
reply when the stream is closed. What goes wrong is written, never raised: as an error reply while
nothing was sent, else as the client's error event; ``failure`` says what it was. An upstream whose
connection breaks is closed like one that ends.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator
from copy import copy
from typing import Any, cast

from imagewire.bypass.cut import LARGE
from imagewire.bypass.events import EventBypass, UnverifiedError
from imagewire.catalog import CATALOG, Catalog
from imagewire.errors import MalformedError, TranslationError
from imagewire.formats.contract import reads_streams, tells_markdown, writes_streams
from imagewire.loss import Loss, Outcome, add
from imagewire.messages import Headers, Segment, TranslatedResponse
from imagewire.model import (
    Failure,
    FailureEvent,
    FinishEvent,
    PartEvent,
    ReplyContext,
    StartEvent,
    StreamEvent,
    UsageEvent,
)
from imagewire.options import DEFAULTS, Options
from imagewire.paths import Provenance
from imagewire.rules.events import Progress
from imagewire.sse import MAX_EVENT, Event, EventReader, starts_events
from imagewire.translate.arguments import refuse_arguments
from imagewire.translate.formats import Source, Target, format_of, source_of
from imagewire.translate.pictures import StreamedPictures, Telling
from imagewire.translate.provenance import located, prefixed
from imagewire.translate.replay import CUT_OFF, nothing_told, read_event
from imagewire.translate.reply import (
    render_error,
    request_id,
    stream_headers,
    translate_response,
)

_HEAD = 64  # bytes that tell whether a body is a stream


class StreamTranslator:
    """Translates one upstream's reply as it comes; see the module.

    ``status`` and ``headers`` are None until the first segments. ``losses`` and ``failure`` are
    what is known so far. ``begun`` says that a 200 went out already: set it when a keep-alive went
    out before the first segment. An event longer than ``max_event`` bytes is a failure, and so is
    such a reply that is no stream.
    """

    def __init__(  # noqa: PLR0913 - the contract's signature
        self,
        *,
        source: Source,
        target: Target,
        status: int = 200,
        headers: Headers = (),
        context: ReplyContext = ReplyContext(),
        created: int | None = None,
        response_id: str | None = None,
        begun: bool = False,
        max_event: int = MAX_EVENT,
        options: Options = DEFAULTS,
        catalog: Catalog = CATALOG,
    ) -> None:
        refuse_arguments(status=status, context=context, created=created, response_id=response_id)
        refuse_arguments(options=options, catalog=catalog, max_event=max_event)
        self.status: int | None = None
        self.headers: dict[str, str] | None = None
        self.failure: Failure | None = None
        self._losses: list[Loss] = []
        self._source, _ = source_of(source)
        self._target = format_of(target)
        self._upstream_status = status
        self._upstream_headers = headers
        self._context = context
        self.begun = begun
        self._max_event = max_event
        self._about: dict[str, Any] = {
            "created": created,
            "response_id": response_id,
            "options": options,
            "catalog": catalog,
        }
        self._body = bytearray()  # of a reply that is no stream, or not known to be one
        self._over = False
        self._events: EventReader | None = None
        self._number = 0  # of the event that is read
        self._is_done = False
        self._progress = Progress()
        self._start: StreamEvent | None = None
        self._bypass = EventBypass()
        self._out: list[Segment] = []
        reads, writes = reads_streams(self._source), writes_streams(self._target)
        self._may_stream = 200 <= status < 300 and reads is not None and writes is not None
        if reads is not None and writes is not None:
            self._reader = reads.stream_reader(options=options)
            has_markdown = tells_markdown(self._reader)
            self._pictures = StreamedPictures(self._progress) if has_markdown else None
            self._writer = writes.stream_writer(
                context=context, created=created, response_id=response_id, options=options
            )

    @property
    def losses(self) -> tuple[Loss, ...]:
        """What was lost so far: ``$[3]`` is the fourth event of the upstream."""
        return tuple(self._losses)

    def feed(self, data: bytes | bytearray | memoryview) -> tuple[Segment, ...]:
        """The segments to send for some of the upstream's bytes, none perhaps."""
        if self._over:
            return ()
        if self._events is None:
            self._body += data
            if self._body.startswith((b"\r", b"\n")):  # blank lines keep a connection alive
                self._body = self._body.lstrip(b"\r\n")
            is_stream = self._may_stream and starts_events(bytes(self._body[:_HEAD]))
            if not is_stream:
                if len(self._body) > self._max_event:
                    msg = f"the upstream's reply is longer than {self._max_event} bytes"
                    self._fail(_of_upstream(MalformedError(msg)))
                return self._segments()
            self._events = EventReader(self._max_event)
            data, self._body = bytes(self._body), bytearray()
        self._take(self._events.feed(data))
        return self._segments()

    def close(self) -> tuple[Segment, ...]:
        """The segments to send when the upstream's bytes are at an end."""
        if not self._over:
            if self._events is None:
                self._translate_whole()
            else:
                self._take(self._events.close(), last=True)
        return self._segments()

    def _translate_whole(self) -> None:
        try:
            reply = translate_response(
                bytes(self._body),
                source=self._source,
                target=self._target,
                status=self._upstream_status,
                headers=self._upstream_headers,
                context=self._context,
                begun=self.begun,
                **self._about,
            )
        except TranslationError as error:
            reply = self._error(error, begun=self.begun)
        self._body = bytearray()
        self._losses += reply.losses
        self._answer(reply)

    def _take(self, events: Iterable[Event], *, last: bool = False) -> None:
        """Translate events, until there is no more to say; the last ones, and the end."""
        try:
            for event in events:
                if event.is_done:
                    self._is_done = True
                    self._finish()
                else:
                    self._tell(self._read(event))
                    self._number += 1
                if self._over:
                    return
            if last:
                self._finish()
        except TranslationError as error:
            self._let_go(broken=True)
            self._fail(_of_upstream(error))
        except UnverifiedError:
            problem = MalformedError("an event quotes what stands for a picture")
            begun = self.begun or self.status is not None
            self._answer(self._error(_of_upstream(problem), begun=begun))

    def _read(self, event: Event) -> Outcome[tuple[StreamEvent, ...]]:
        if len(event.data) >= LARGE and not (self._pictures and self._pictures.holds):
            trial = copy(self._reader)
            told = self._bypass.read_small(event, trial.read)
            if told is not None:
                self._reader = trial
                return told
        told = read_event(self._reader, event, self._source, self._upstream_headers)
        if self._bypass.holds:
            self._bypass.refuse_forged(told.value)
        return told

    def _tell(self, told: Outcome[tuple[StreamEvent, ...]]) -> None:
        """Write what was told, with the pictures of its texts."""
        holds = False
        if self._pictures is None:
            self._write_all(told)
        else:
            self._write_each(self._pictures.take(told, self._number))
            holds = self._pictures.holds
        if self._bypass.holds and not (holds or self._writer.holds):
            self._bypass.forget()

    def _write_all(self, told: Outcome[tuple[StreamEvent, ...]]) -> None:
        if told.losses:
            self._lose(told.losses)
        for event in told.value:
            kind = type(event)
            if kind is StartEvent:
                if event == self._start:
                    continue
                self._start = event
            elif kind is FailureEvent:
                self._fail(cast("FailureEvent", event).failure)
                return
            elif kind is not UsageEvent:
                self._progress.take(cast("PartEvent | FinishEvent", event))
            self._send(self._writer.write(event), told.provenance)

    def _write_each(self, tellings: Iterable[Telling]) -> None:
        """Write what is told of several events, each under its own number."""
        number = self._number
        try:
            for self._number, told in tellings:
                self._write_all(told)
                if self._over:
                    return
        finally:
            self._number = number

    def _let_go(self, *, broken: bool) -> None:
        """Write what was held back of texts until the stream ended, or was ``broken`` off."""
        if self._pictures is not None:
            self._write_each(self._pictures.close(broken=broken))

    def _send(self, written: Outcome[bytes], provenance: Provenance | None = None) -> None:
        if written.losses:
            self._lose(located(written.losses, provenance))
        if written.value:
            if self.status is None:
                self._begin()
            if self._bypass.holds:
                self._out += self._bypass.restored(written.value)
            else:
                self._out.append(written.value)

    def _lose(self, losses: Iterable[Loss]) -> None:
        add(self._losses, *prefixed(losses, f"$[{self._number}]"))

    def _begin(self) -> None:
        """Begin the stream."""
        self.status = 200
        self.headers = stream_headers(self._context) | request_id(self._upstream_headers)

    def _finish(self) -> None:
        """Write what is left when the upstream has said all."""
        self._tell(self._reader.close())
        told = self._progress
        self._let_go(broken=not (told.is_finished or self._is_done))
        if self._over:
            return
        if self._reader.unread is not None and not told.has_picture:
            self._fail(_of_upstream(self._reader.unread))
            return
        if not (told.is_finished or self._is_done):
            self._fail(CUT_OFF)
            return
        if not told.is_finished:
            if told.last is None:
                self._fail(nothing_told().failure)
                return
            if self._source is not self._target:  # to which an absent end is STOP
                stop = FinishEvent(candidate=told.last, finish="STOP")
                self._send(self._writer.write(stop))
        end = self._writer.close()
        if isinstance(end.value, Failure):
            self._lose(end.losses)
            self._fail(end.value)
        else:
            self._send(Outcome(end.value, end.losses))
            self._end()

    def _fail(self, failure: Failure) -> None:
        """End with a failure: an event, or an error reply if there is nothing else to send."""
        if self.status is None and not self._progress.has_image:
            self._answer(self._error(failure, begun=self.begun))
            return
        self.failure = failure
        self._send(self._writer.write(FailureEvent(failure=failure)))
        end = self._writer.close()
        written = b"" if isinstance(end.value, Failure) else end.value
        self._send(Outcome(written, end.losses))
        self._end()

    def _error(self, error: TranslationError | Failure, *, begun: bool) -> TranslatedResponse:
        return render_error(error, target=self._target, context=self._context, begun=begun)

    def _answer(self, reply: TranslatedResponse) -> None:
        """End with a whole reply."""
        self.status, self.headers, self.failure = reply.status, reply.headers, reply.failure
        self._out += reply.body
        self._end()

    def _end(self) -> None:
        self._over = True
        self._events = None
        self._body = bytearray()
        self._bypass.forget()

    def _segments(self) -> tuple[Segment, ...]:
        out, self._out = tuple(self._out), []
        return out


def _of_upstream(error: TranslationError) -> Failure:
    error.blame_upstream()
    return error.failure


class _Stream(Iterator[Segment]):
    """The segments of a translated stream; ``translator`` knows the rest."""

    def __init__(self, chunks: Iterable[bytes], translator: StreamTranslator) -> None:
        self.translator = translator
        self._segments = _segments(chunks, translator)

    def __next__(self) -> Segment:
        return next(self._segments)


def _segments(chunks: Iterable[bytes], translator: StreamTranslator) -> Iterator[Segment]:
    for chunk in chunks:
        yield from translator.feed(chunk)
    yield from translator.close()


class _AsyncStream(AsyncIterator[Segment]):
    """The same of an asynchronous upstream."""

    def __init__(self, chunks: AsyncIterable[bytes], translator: StreamTranslator) -> None:
        self.translator = translator
        self._segments = _segments_async(chunks, translator)

    async def __anext__(self) -> Segment:
        return await anext(self._segments)


async def _segments_async(
    chunks: AsyncIterable[bytes], translator: StreamTranslator
) -> AsyncIterator[Segment]:
    async for chunk in chunks:
        for segment in translator.feed(chunk):
            yield segment
    for segment in translator.close():
        yield segment


def translate_stream(chunks: Iterable[bytes], **about: Any) -> _Stream:
    """The segments to send for an upstream's chunks; keywords are those of `StreamTranslator`.

    ``.translator`` of what is returned is that object: its status is known after the first segment.
    """
    return _Stream(chunks, StreamTranslator(**about))


def translate_stream_async(chunks: AsyncIterable[bytes], **about: Any) -> _AsyncStream:
    """The same for an asynchronous upstream."""
    return _AsyncStream(chunks, StreamTranslator(**about))


def keep_alive(target: Target) -> bytes:
    """What may be sent to a client between events at any time, and says nothing."""
    streams = writes_streams(format_of(target))
    return b"" if streams is None else streams.KEEP_ALIVE
