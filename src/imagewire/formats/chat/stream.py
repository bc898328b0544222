"""Chat streams: the reader and the writer of chunks.

Facts (openai SDK 3.57 ``chat_completion_chunk.py``, 2026-11-26). The order: the role, deltas, a
chunk with the finish reason, one with ``choices: []`` and the usage if the request asked for it,
``[DONE]``. No official field holds pictures. In ``delta.images``, one a chunk and each with an
index of its own, they survive the SDK's accumulator, which loses a list in ``delta.content`` that
comes after text. OpenRouter, LiteLLM and others send them there; new-api as markdown.

Rules of our own: nothing is written before there is something to tell, so that a failure before
that is an error reply. A failure ends with ``[DONE]`` too.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import UNSET, structs

from imagewire.catalog import bare_model
from imagewire.codec.document import Codec, encode
from imagewire.codec.reading import Reader, Reading, refuse_failure
from imagewire.codec.writing import Writing, report_block_beside
from imagewire.formats.chat import wire
from imagewire.formats.chat.choice import (
    is_refusal,
    message_extras,
    read_finish,
    read_refusal,
    write_block,
    write_end,
)
from imagewire.formats.chat.content import (
    read_message,
    write_field,
    write_mark,
    write_part,
)
from imagewire.formats.chat.response import (
    POLICIES,
    WIRE_PATHS,
    write_model,
)
from imagewire.formats.chat.usage import read_usage, write_usage
from imagewire.formats.shared.openai_api import write_time
from imagewire.formats.shared.openai_error import write_failure
from imagewire.formats.shared.reply_id import made_up_id
from imagewire.formats.shared.stream import PICTURE, EventWriter, PieceReader, part_path
from imagewire.loss import C, Outcome, lost
from imagewire.model import (
    Block,
    Candidate,
    DraftEvent,
    Extra,
    FailureEvent,
    FinishEvent,
    ForeignEvent,
    ImageEvent,
    ImageResponse,
    StartEvent,
    StreamEvent,
    TextEvent,
    UsageEvent,
)
from imagewire.options import DEFAULTS, Options
from imagewire.paths import Path
from imagewire.rules.events import parts_of
from imagewire.rules.markdown import GAP, markdown
from imagewire.sse import DONE, write_event

_Head = tuple[str, int, str]  # id, time and model
_OBJECT = "chat.completion.chunk"


def stream_reader(*, options: Options = DEFAULTS) -> PieceReader:
    """The reader of one stream."""
    return PieceReader(CHUNK, options, has_markdown=True)


def _read(body: wire.Chunk, reading: Reading) -> tuple[StreamEvent, ...]:
    refuse_failure(body.error)
    events: list[StreamEvent] = []
    for index, choice in enumerate(body.choices or ()):
        events += _read_choice(choice, index, reading)
    if body.usage is not None and (usage := read_usage(body.usage, reading)) is not None:
        events.append(UsageEvent(usage=usage))
    start = StartEvent(
        id=str(body.id) if body.id else None,
        created=int(body.created) if body.created else None,
        model=bare_model(body.model) if body.model else None,
        model_as_given=body.model or None,
        extras=reading.keep_named(
            system_fingerprint=body.system_fingerprint, service_tier=body.service_tier
        )
        + reading.take(),
    )
    return (start, *events)


def _read_choice(choice: wire.ChunkChoice, index: int, reading: Reading) -> list[StreamEvent]:
    number = index if choice.index is None else choice.index
    wire_path: Path = ("choices", index)
    message = choice.delta or _NO_DELTA
    hub_path = ("candidates", number, "parts")
    parts = read_message(message, reading, hub_path, wire_path + ("delta",))
    events: list[StreamEvent] = [
        event for event in parts_of(parts, number) if not is_refusal(event.part)
    ]
    words = read_refusal(message)
    moderation = choice.moderation_details
    stage = None if moderation is None else moderation.moderation_stage
    finish = None
    extras: tuple[Extra, ...] = ()
    if choice.finish_reason:
        finish, extras = read_finish(choice, reading, wire_path)
    if choice.logprobs is not None or message.annotations:
        extras += reading.keep_named(logprobs=choice.logprobs)
        extras += message_extras(message, reading)
    extras += reading.take(wire_path)
    if stage == "input" and finish is not None:
        block = Block(reason=finish, message=words, extras=extras)
        events.append(FinishEvent(candidate=number, block=block))
    elif finish is not None or words is not None or extras:
        events.append(
            FinishEvent(candidate=number, finish=finish, finish_message=words, extras=extras)
        )
    return events


class _StreamWriter(EventWriter):
    """Writes a stream; the usage waits for its end."""

    format = "chat"

    def prepare(self) -> None:
        self._keeps_drafts = self.options.keep_drafts and self.options.chat_extensions
        self._head: _Head | None = None
        self._roles: set[int] = set()
        self._made_up_id = made_up_id(ImageResponse(), "chatcmpl-")

    def close(self) -> Outcome[bytes]:
        writing = Writing("chat", self.options)
        pieces: list[bytes] = []
        if not self.failed:
            pieces += [self.write_promoted(number, writing) for number in self.answers]
        if self.usage is not None and self.context.include_usage and not self.failed:
            pieces.append(self._chunk([], writing, usage=write_usage(self.usage, writing)))
        return Outcome(b"".join((*pieces, write_event(DONE))), tuple(writing.losses))

    def write(self, event: StreamEvent) -> Outcome[bytes]:
        if self._head is None and isinstance(event, TextEvent | ImageEvent):
            answer = Candidate(parts=(event.part,))
            self._made_up_id = made_up_id(ImageResponse(candidates=(answer,)), "chatcmpl-")
        return super().write(event)

    def write_failure(self, event: FailureEvent, _: Writing) -> bytes:
        self.failed = True
        return write_event(bytes(write_failure(event.failure).body))

    def write_text(self, event: TextEvent, writing: Writing) -> bytes:
        answer, part = self.answer(event.candidate), event.part
        hub_path = part_path(event)
        if part.thought and not self._keeps_drafts:
            answer.drafts.leave_out()
            return b""
        text = part.text or ""
        if part.thought:
            delta = wire.Message(reasoning=text)
            if part.signature is not None:
                detail = "the thought signature of a thought text: `reasoning` has no field for it"
                writing.report(lost(C.THOUGHT_SIGNATURE, hub_path, detail))
        else:
            if answer.after_image and self.options.chat_images == "markdown":
                text = GAP + text
            delta = wire.Message(content=text)
            answer.said, answer.after_image = True, False
            if part.signature is not None:
                delta.extra_content = write_mark(part, writing, hub_path)
        if part.extras:
            writing.add(part.extras, hub_path, (*_DELTA, "content"))
        return self._delta(event, delta, writing)

    def write_image(self, event: ImageEvent, writing: Writing) -> bytes:
        self.answer(event.candidate).drafts.end()
        return self._write_image(event, writing)

    def _write_image(self, event: ImageEvent | DraftEvent, writing: Writing) -> bytes:
        answer, part = self.answer(event.candidate), event.part
        hub_path = part_path(event)
        written = write_part(part, writing, hub_path, (*_DELTA, "images", 0))
        assert written is not None  # noqa: S101 - where drafts are kept, they can be marked
        if self.options.chat_images == "markdown" and part.image is not None:
            text = (GAP if answer.said or answer.images > 0 else "") + markdown([part.image])
            delta = wire.Message(content=text)
            if written.extra_content is not None:
                detail = "the thought mark or signature: markdown has no place for it"
                writing.report(lost(C.THOUGHT_SIGNATURE, hub_path, detail))
        else:
            delta = wire.Message(images=[structs.replace(written, index=answer.images)])
        answer.images += 1
        answer.after_image = True
        return self._delta(event, delta, writing)

    def write_draft(self, event: DraftEvent, writing: Writing) -> bytes:
        answer = self.answer(event.candidate)
        if not self._keeps_drafts:
            answer.drafts.leave_out(event)
            return b""
        return self._write_image(event, writing)

    def write_foreign(self, event: ForeignEvent, writing: Writing) -> bytes:
        hub_path = part_path(event)
        delta = wire.Message()
        foreign = event.part.foreign
        if foreign is None or not write_field(foreign, delta):
            written = write_part(event.part, writing, hub_path, (*_DELTA, "content", 0))
            if written is None:
                return b""
            delta.content = [written]
        self.answer(event.candidate).said = True
        return self._delta(event, delta, writing)

    def write_finish(self, event: FinishEvent, writing: Writing) -> bytes:
        if event.block is not None:
            return self._write_block(event.block, writing)
        super().write_finish(event, writing)
        answer = self.answer(event.candidate)
        hub_path: Path = ("candidates", event.candidate)
        if event.finish is None:
            if not event.extras:
                return b""
            writing.add(event.extras, hub_path, ("choices", 0))
            return self._delta(event, wire.Message(), writing) if writing.placements else b""
        written = self.write_promoted(event.candidate, writing)
        end = self.ends.pop(event.candidate)
        candidate = Candidate(
            parts=(PICTURE,) if answer.images else (),
            finish=event.finish,
            finish_message=end.message,
        )
        choice = write_end(
            candidate,
            wire.Message(),
            hub_path,
            writing,
            event.candidate,
            empty=not (answer.said or answer.images),
        )
        written += self._first(event.candidate, writing)
        if event.extras:
            writing.add(event.extras, hub_path, ("choices", 0))
        return written + self._chunk([_chunk_choice(choice)], writing)

    def _write_block(self, block: Block, writing: Writing) -> bytes:
        if any(answer.said or answer.images for answer in self.answers.values()):
            report_block_beside(block, writing.report)
            return b""
        return self._chunk([_chunk_choice(write_block(block, writing))], writing)

    def _delta(self, event: StreamEvent, delta: wire.Message, writing: Writing) -> bytes:
        first = self._first(event.candidate, writing)
        choice = wire.ChunkChoice(index=event.candidate, delta=delta, finish_reason=None)
        return first + self._chunk([choice], writing)

    def _first(self, candidate: int, writing: Writing) -> bytes:
        """The chunk with the role, once for each answer."""
        if candidate in self._roles:
            return b""
        if self._head is None:
            self._begin(writing)
        self._roles.add(candidate)
        role = wire.Message(role="assistant", content="")
        choice = wire.ChunkChoice(index=candidate, delta=role, finish_reason=None)
        return self._chunk([choice], Writing("chat", self.options))

    def _chunk(
        self,
        choices: Sequence[wire.ChunkChoice],
        writing: Writing,
        usage: wire.Usage | None = None,
    ) -> bytes:
        id_, created, model = self._head or self._begin(writing)
        body = wire.Chunk(
            id=id_, object=_OBJECT, created=created, model=model, choices=list(choices), usage=usage
        )
        self.add_extras(writing)
        return write_event(bytes(encode(writing.finish(body))))

    def _begin(self, writing: Writing) -> _Head:
        """What all chunks have, by the first that is written."""
        start = self.start
        self._head = (
            start.id or self.response_id or self._made_up_id,
            write_time(start, self.created, writing.report),
            write_model(start, self.context, writing),
        )
        return self._head


#: The writer of one stream.
stream_writer = _StreamWriter


def _chunk_choice(choice: wire.Choice) -> wire.ChunkChoice:
    """A choice of a whole reply as one of a chunk, whose delta says no more than it has to."""
    if choice.message is not None and choice.message.refusal is None:
        choice.message.refusal = UNSET
    return wire.ChunkChoice(
        index=choice.index,
        delta=choice.message,
        finish_reason=choice.finish_reason,
        native_finish_reason=choice.native_finish_reason,
        moderation_details=choice.moderation_details,
    )


_DELTA: Path = ("choices", 0, "delta")
_NO_DELTA = wire.Message()

CHUNK = Reader(
    "chat", Codec(wire.Chunk, reply=True), _read, policies=POLICIES, wire_paths=WIRE_PATHS
)
