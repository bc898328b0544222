"""Images streams: the reader and the writer of events.

Facts (openai SDK 3.57 ``image_gen_*_event.py`` and ``image_edit_*_event.py``, openrouter 1.3.84,
public clients of Volcengine's Seedream; 2026-11-26). ``*.partial_image`` is a draft,
``*.completed`` a finished picture, one event each, with the usage of the request on it; nothing
follows the last. The openai SDK raises an error only if the event has an ``error`` object.
OpenRouter writes ``created`` for ``created_at``, and ``text_chunk`` events. Seedream's
``partial_succeeded`` is a finished picture, ``partial_failed`` one of several that failed, and its
``completed`` has no picture. Relays put ``url`` where a picture belongs, and the names of
generations on the edits route.

Rules of our own: the last picture waits for the end, because usage belongs on it alone. Drafts are
written unless the request is known to have asked for none. Nothing is written before a picture or
a draft, so that a reply without one is an error in the model's own words.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import structs

from imagewire.catalog import bare_model
from imagewire.codec.document import Codec, encode
from imagewire.codec.reading import Reader, Reading, refuse_failure
from imagewire.codec.writing import Placement, Writing, report_foreign, report_joined
from imagewire.formats.images import wire
from imagewire.formats.images.response import (
    POLICIES,
    WIRE_PATHS,
    output_format,
    read_entry,
    read_settings,
    report_block,
    report_end,
    report_named,
    report_refused,
    write_datum,
    write_text,
)
from imagewire.formats.shared.image_usage import read_usage, write_usage
from imagewire.formats.shared.openai_api import write_time
from imagewire.formats.shared.openai_error import flat_error, read_failure, write_failure
from imagewire.formats.shared.openai_image import PROPERTIES
from imagewire.formats.shared.stream import PICTURE, EventWriter, PieceReader, part_path
from imagewire.loss import C, Loss, Outcome, add, lost
from imagewire.model import (
    Candidate,
    DraftEvent,
    Failure,
    FailureEvent,
    FinishEvent,
    ForeignEvent,
    ImageEvent,
    Part,
    PartEvent,
    StartEvent,
    StreamEvent,
    TextEvent,
    Usage,
    UsageEvent,
)
from imagewire.options import DEFAULTS, Options
from imagewire.paths import Path
from imagewire.rules.events import Fold, parts_of
from imagewire.rules.finish import refusal_of
from imagewire.rules.usage import sum_usages
from imagewire.sse import Event, write_event

_FINISHED = {"completed", "partial_succeeded"}
_NOWHERE = -1
_MAX_WORDS = 65_536  # letters that are kept for an error, of an answer without a picture


class _StreamReader(PieceReader):
    """Reads a stream: it adds up the usage, and knows whether the last picture came."""

    def __init__(self, options: Options) -> None:
        super().__init__(EVENT, options)
        self._usage: Usage | None = None
        self._has_image = self._is_complete = False
        self._failure: FailureEvent | None = None  # of a picture

    def read(self, event: Event) -> Outcome[tuple[StreamEvent, ...]]:
        outcome = super().read(event)
        told: list[StreamEvent] = []
        for item in outcome.value:
            if isinstance(item, UsageEvent):
                before = [] if self._usage is None else [self._usage]
                self._usage = sum_usages([*before, item.usage])
                told.append(UsageEvent(usage=self._usage))
            elif isinstance(item, FinishEvent):
                self._is_complete = True
            elif isinstance(item, FailureEvent) and item.index:
                self._failure = item
            else:
                self._has_image = self._has_image or isinstance(item, ImageEvent)
                told.append(item)
        return structs.replace(outcome, value=tuple(told))

    def close(self) -> Outcome[tuple[StreamEvent, ...]]:
        if self._has_image or self.unread is not None:
            return Outcome((FinishEvent(finish="STOP"),) if self._is_complete else ())
        return Outcome(() if self._failure is None else (self._failure,))


def stream_reader(*, options: Options = DEFAULTS) -> _StreamReader:
    """The reader of one stream."""
    return _StreamReader(options)


def _read(body: wire.Event, reading: Reading) -> tuple[StreamEvent, ...]:
    """What an event tells; the failure of one picture has an index, that of the stream has none."""
    name = body.type or reading.model or ""  # an event without a type has it in its SSE name
    kind = name.rpartition(".")[2]
    if kind == "partial_failed":
        failure = read_failure({"error": body.error}, status=200)
        reading.report(lost(C.MISSING_IMAGE, "$.error", "a picture failed: {}", failure.message))
        return (FailureEvent(failure=failure, index=1),)
    refuse_failure(body.error)
    if kind == "error":
        return (FailureEvent(failure=read_failure(flat_error(body), status=200)),)
    pictures = list(_read_pictures(body, kind, reading))
    events: list[StreamEvent] = [*pictures]
    if body.text:
        part = Part(text=body.text, thought=body.phase not in {None, "content"})
        events.append(TextEvent(part=part))
    if body.usage is not None and (usage := read_usage(body.usage, reading)) is not None:
        events.append(UsageEvent(usage=usage))
    if kind == "completed" or body.data:
        events.append(FinishEvent(finish="STOP"))
    time = body.created_at or body.created
    image, odd_size = read_settings(body, [event.part for event in pictures], reading)
    start = StartEvent(
        created=int(time) if time else None,
        model=bare_model(body.model) if body.model else None,
        model_as_given=body.model or None,
        image=image,
        extras=odd_size + reading.take(),
    )
    return (start, *events)


def _read_pictures(body: wire.Event, kind: str, reading: Reading) -> Iterator[PartEvent]:
    declared = body.output_format or (body.media_type or "").removeprefix("image/") or None
    parts: list[Part] = []
    entries: list[tuple[wire.Datum | wire.Event, Path]] = [
        (item, ("data", index)) for index, item in enumerate(body.data or ())
    ]
    if body.b64_json or body.url:
        entries.append((body, ()))
    for entry, path in entries:
        for part in read_entry(entry, declared, reading, path):
            reading.nodes[("candidates", 0, "parts", len(parts))] = path
            parts.append(part)
    is_draft = kind not in _FINISHED and not body.data
    for event in parts_of(parts):
        if isinstance(event, ImageEvent) and is_draft:
            yield DraftEvent(
                index=event.index,
                part=structs.replace(event.part, thought=True),
                number=body.partial_image_index,
            )
        else:
            yield event


class _StreamWriter(EventWriter):
    """Writes a stream; the last picture waits for its end."""

    format = "images"
    properties = PROPERTIES

    def prepare(self) -> None:
        context = self.context
        edits = context.operation == "edit"
        if context.operation is None:
            edits = bool(context.had_input_images)
        self._api = "image_edit" if edits else "image_generation"
        self._shows_drafts = context.partial_images != 0
        self._time: int | None = None
        self._waiting: list[StreamEvent] = []  # what came before a picture or a draft
        self._words = 0
        self._texts: list[list[str]] = []  # each in the pieces that it came in
        self._follows = False  # whether a text goes on where the last one ended
        self._held: tuple[wire.Event, list[Placement]] | None = None
        self._loose: list[Placement] = []  # fields of what is no event, for the next one
        self._drafts = 0

    @property
    def holds(self) -> bool:
        return super().holds or self._held is not None

    def write(self, event: StreamEvent) -> Outcome[bytes]:
        if isinstance(event, StartEvent | FailureEvent) or self.answers:
            return super().write(event)
        if not isinstance(event, DraftEvent | ImageEvent):
            self._wait(event)
            return Outcome(b"")
        waiting, self._waiting = self._waiting, []
        pieces: list[bytes] = []
        losses: list[Loss] = []
        for item in (*map(_without_place, waiting), event):
            outcome = super().write(item)
            pieces.append(outcome.value)
            add(losses, *outcome.losses)
        return Outcome(b"".join(pieces), tuple(losses))

    def close(self) -> Outcome[bytes] | Outcome[Failure]:
        writing = Writing("images", self.options)
        if self.failed:
            return Outcome(b"")
        if not self.answers:
            return self._refuse(writing)
        report_joined(len(self.answers), "images", writing.report)
        pieces = [self.write_promoted(number, writing) for number in self.answers]
        pieces.append(self._release(writing, last=True))
        return Outcome(b"".join(pieces), tuple(writing.losses))

    def _wait(self, event: StreamEvent) -> None:
        """Keep what may come before a picture, of texts as much as an error can quote."""
        if isinstance(event, TextEvent):
            self._words += len(event.part.text or "")
            if self._words > _MAX_WORDS:
                return
        self._waiting.append(event)

    def _refuse(self, writing: Writing) -> Outcome[bytes] | Outcome[Failure]:
        """The failure that a reply without a picture is."""
        fold = Fold()
        for event in self._waiting:
            fold.add(event)
        response = structs.replace(fold.response(), extras=self.extras)
        refusal = refusal_of(response)
        assert refusal is not None  # noqa: S101 - there is no picture
        report_refused(response, refusal, writing.report)
        return Outcome(refusal, tuple(writing.losses))

    def write_start(self, event: StartEvent, writing: Writing) -> bytes:
        if (event.id, event.model) != (self.start.id, self.start.model):
            report_named(event, writing.report)
        return super().write_start(event, writing)

    def write_failure(self, event: FailureEvent, writing: Writing) -> bytes:
        """The error as an event: the SDK raises it for the object alone, not for its fields."""
        self.failed = True
        body = bytes(write_failure(event.failure).body)
        error = write_event(b'{"type":"error",' + body.removeprefix(b"{"), "error")
        return self._release(writing) + error

    def write_foreign(self, event: ForeignEvent, writing: Writing) -> bytes:
        report_foreign(event.part, _path(event), writing.report, asked=False)
        return b""

    def write_text(self, event: TextEvent, writing: Writing) -> bytes:
        """Texts that follow one another are one; where they have no place, the first is told."""
        answer, part = self.answer(event.candidate), event.part
        path = _path(event)
        if part.thought:
            answer.drafts.leave_out()
        elif self._follows and self._texts and part.signature is None and not part.extras:
            self._texts[-1].append(part.text or "")
        elif self.options.images_text == "revised_prompt" or not answer.said:
            texts: list[str] = []
            write_text(part, path, writing, texts)
            self._texts += [[text] for text in texts]
            answer.said = True
            self._follows = part.signature is None
        else:
            writing.add(part.extras, path)
        self._loose += writing.taken()
        return b""

    def write_image(self, event: ImageEvent, writing: Writing) -> bytes:
        written = self._release(writing)
        self._follows = False
        answer = self.answer(event.candidate)
        answer.drafts.end()
        answer.images += 1
        body = self._body(event, event.part, "completed", writing)
        writing.add(self.extras, ())  # others may have come when it is written
        self._held = body, writing.taken()
        return written

    def write_draft(self, event: DraftEvent, writing: Writing) -> bytes:
        answer = self.answer(event.candidate)
        if not self._shows_drafts:
            answer.drafts.leave_out(event)
            return b""
        written = self._release(writing)
        answer.drafts.show(event)
        part = structs.replace(event.part, thought=False)
        body = self._body(event, part, "partial_image", writing)
        body.partial_image_index = self._drafts if event.number is None else event.number
        self._drafts += 1
        return written + self._event(body, writing.taken())

    def _body(
        self,
        event: PartEvent,
        part: Part,
        kind: str,
        writing: Writing,
    ) -> wire.Event:
        """A picture's event; what it has to say of it comes from its source, or what was asked."""
        assert part.image is not None  # noqa: S101 - a draft or a picture
        hub_path = _path(event)
        entry = write_datum(part, part.image, hub_path, writing)
        if self._time is None:
            self._time = write_time(self.start, self.created, writing.report)
        image, asked = self.start.image, self.context.image
        own = output_format([(hub_path, part.image)], writing.report)
        return wire.Event(
            type=f"{self._api}.{kind}",
            b64_json=entry.b64_json,
            url=entry.url,
            extra_content=entry.extra_content,
            created_at=self._time,
            size=str(image.size or asked.size or "auto"),
            quality=image.quality or asked.quality or "auto",
            background=image.background or asked.background or "auto",
            output_format=own or image.format or asked.format or "auto",
        )

    def _release(self, writing: Writing, *, last: bool = False) -> bytes:
        """The picture that was held back; the last one has the usage."""
        held, self._held = self._held, None
        if held is None:
            return b""
        body, placements = held
        if self._texts:
            body.revised_prompt = "\n".join(map("".join, self._texts))
            if len(self._texts) > 1:
                detail = "{} texts became one `revised_prompt`"
                writing.report(lost(C.JOINED_TEXTS, "$.candidates", detail, len(self._texts)))
            self._texts = []
        if last and self.usage is not None:
            body.usage = write_usage(self.usage, self.context, writing)
        return self._event(body, placements + writing.taken())

    def _event(self, body: wire.Event, placements: list[Placement]) -> bytes:
        placements, self._loose = self._loose + placements, []
        writing = Writing("images", self.options, placements=placements)
        self.add_extras(writing)
        return write_event(bytes(encode(writing.finish(body))), body.type)

    def write_finish(self, event: FinishEvent, writing: Writing) -> bytes:
        if event.block is not None:
            report_block(event.block, writing.report)
            return b""
        answer = self.answer(event.candidate)
        candidate = Candidate(
            parts=(PICTURE,) if answer.images or answer.drafts.last is not None else (),
            finish=event.finish or "STOP",
            finish_message=event.finish_message,
            extras=event.extras,
        )
        report_end(candidate, ("candidates", event.candidate), writing)
        self._loose += writing.taken()
        return b""


#: The writer of one stream; these replies have no id.
stream_writer = _StreamWriter


def _without_place(event: StreamEvent) -> StreamEvent:
    """An event that is written with a later one, where its part does not stand."""
    return structs.replace(event, index=_NOWHERE)


def _path(event: PartEvent) -> Path:
    """Where a loss of a part is reported."""
    return ("candidates", event.candidate) if event.index == _NOWHERE else part_path(event)


EVENT = Reader(
    "images", Codec(wire.Event, reply=True), _read, policies=POLICIES, wire_paths=WIRE_PATHS
)
