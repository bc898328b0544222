"""Gemini streams: the reader and the writer of ``streamGenerateContent``.

Facts (google-genai 3.6, 2026-11-26). Each event is a whole GenerateContentResponse with a piece of
the answer: texts are to be joined, a picture is whole, the last usage counts. The events are
server-sent ones, or with no ``alt=sse`` the elements of one JSON array. There is no end marker. An
event with a candidate that has no parts makes the SDK's chat session forget the turn.

Rules of our own: how answers ended, and usage, are told at the very end, with an empty text for
each answer that has parts, as Gemini itself ends its streams.
"""

from __future__ import annotations

from collections.abc import Iterator

from imagewire.codec.document import encode
from imagewire.codec.reading import Reader, Reading
from imagewire.codec.writing import Writing
from imagewire.formats.gemini import wire
from imagewire.formats.gemini.content import write_parts
from imagewire.formats.gemini.failure import write_failure
from imagewire.formats.gemini.response import (
    CODEC,
    POLICIES,
    WIRE_PATHS,
    read_piece,
    write_block,
    write_time,
    write_usage,
)
from imagewire.formats.shared.stream import Ending, EventWriter, PieceReader
from imagewire.loss import Outcome
from imagewire.model import (
    FailureEvent,
    FinishEvent,
    PartEvent,
    StreamEvent,
    UsageEvent,
)
from imagewire.options import DEFAULTS, Options
from imagewire.rules.events import parts_of, start_of
from imagewire.sse import write_event

#: A blank line: google-genai dies of a comment.
KEEP_ALIVE = b"\r\n"

_END = b"\r\n"


def stream_reader(*, options: Options = DEFAULTS) -> PieceReader:
    """The reader of one stream."""
    return PieceReader(EVENT, options, has_markdown=True)


def _read(body: wire.Response, reading: Reading) -> tuple[StreamEvent, ...]:
    items = body.candidates or []
    numbers = [i if item.index is None else item.index for i, item in enumerate(items)]
    piece = read_piece(body, reading, numbers)
    events: list[StreamEvent] = []
    start = start_of(piece)
    if start is not None:
        events.append(start)
    spoiled = reading.spoiled or {}
    whole = [i for i in range(len(items)) if ("candidates", i) not in spoiled]
    for index, candidate in zip(whole, piece.candidates, strict=True):
        number, item = numbers[index], items[index]
        events += parts_of(candidate.parts, number)
        finish = candidate.finish if item.finish_reason else None
        if finish is not None or candidate.finish_message is not None or candidate.extras:
            events.append(
                FinishEvent(
                    candidate=number,
                    finish=finish,
                    finish_message=candidate.finish_message,
                    extras=candidate.extras,
                )
            )
    if piece.block is not None:
        events.append(FinishEvent(block=piece.block))
    if piece.usage is not None:
        events.append(UsageEvent(usage=piece.usage))
    return tuple(events)


class _StreamWriter(EventWriter):
    """Writes a stream; what ends it waits for its end."""

    format = "gemini"

    def prepare(self) -> None:
        self._is_array = self.context.stream == "array"
        self._begun = False

    def close(self) -> Outcome[bytes]:
        writing = Writing("gemini", self.options)
        written = b"" if self.failed else self._write_end(writing)
        if self._is_array:
            written += b"]" if self._begun else b"[]"
        return Outcome(written, tuple(writing.losses))

    def write_part(self, event: PartEvent, writing: Writing) -> bytes:
        hub_path = ("candidates", event.candidate, "parts")
        wire_path = ("candidates", 0, "content")
        parts = write_parts([(event.index, event.part)], writing, hub_path, wire_path)
        if not parts:
            return b""
        self.answer(event.candidate).said = True
        candidate = wire.Candidate(
            content=wire.Content(role="model", parts=parts), index=event.candidate or None
        )
        return self._event(wire.Response(candidates=[candidate]), writing)

    def write_failure(self, event: FailureEvent, _: Writing) -> bytes:
        self.failed = True
        return self._framed(bytes(write_failure(event.failure).body))

    write_text = write_image = write_draft = write_foreign = write_part

    def _write_end(self, writing: Writing) -> bytes:
        candidates = list(self._candidates(writing))
        body = wire.Response(
            candidates=candidates or None,
            prompt_feedback=write_block(self.block, writing),
            usage_metadata=None if self.usage is None else write_usage(self.usage, writing),
        )
        return self._event(body, writing) if body != wire.Response() else b""

    def _candidates(self, writing: Writing) -> Iterator[wire.Candidate]:
        for index, number in enumerate(sorted({*self.answers, *self.ends})):
            end = self.ends.get(number, Ending())
            writing.add(tuple(end.extras), ("candidates", number), ("candidates", index))
            yield wire.Candidate(
                content=wire.Content(role="model", parts=[wire.Part(text="")])
                if self.answer(number).said
                else None,
                finish_reason=end.finish,
                finish_message=end.message,
                index=number or None,
            )

    def _event(self, body: wire.Response, writing: Writing) -> bytes:
        """A piece, with what the reply tells of itself."""
        start = self.start
        body.response_id = start.id
        body.create_time = write_time(start.created, writing)
        body.model_version = start.model
        self.add_extras(writing)
        return self._framed(bytes(encode(writing.finish(body))))

    def _framed(self, document: bytes) -> bytes:
        if not self._is_array:
            return write_event(document, end=_END)
        first, self._begun = not self._begun, True
        return (b"[" if first else b",\r\n") + document


#: The writer of one stream: server-sent events, or a JSON array where the client wants that. A time
#: and an id are written only if the source has them.
stream_writer = _StreamWriter

EVENT = Reader("gemini", CODEC, _read, policies=POLICIES, wire_paths=WIRE_PATHS)
