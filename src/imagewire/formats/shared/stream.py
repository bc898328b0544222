"""What the readers and the writers of streams have in common.

A format's ``stream`` module has a `Reader` of its events (`imagewire.codec.reading`), whose hub
value is what one event tells, and a subclass of `EventWriter` with a method for each kind of event.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import attrs
import msgspec

from imagewire.codec.reading import Reader
from imagewire.codec.writing import Writing, report_picture
from imagewire.errors import MalformedError
from imagewire.loss import Outcome
from imagewire.model import (
    Block,
    DraftEvent,
    Extra,
    FailureEvent,
    FinishEvent,
    ForeignEvent,
    Image,
    ImageEvent,
    Part,
    PartEvent,
    ReplyContext,
    StartEvent,
    StreamEvent,
    TextEvent,
    Usage,
    UsageEvent,
)
from imagewire.options import DEFAULTS, Options
from imagewire.paths import Path
from imagewire.rules.drafts import StreamedDrafts
from imagewire.rules.events import has_words_alone, later
from imagewire.sse import Event

#: What stands for a picture, and for words, that are already written.
PICTURE, WORD = Part(image=Image(url="about:blank")), Part(text="...")

_ENCODE = msgspec.json.Encoder().encode
_DECODE = msgspec.json.Decoder(str).decode
_LONGEST = 8 * 1024  # bytes of an event whose words are not most of the work
_MOST_REPEATED = 32  # fields of a reply that each event has: as many as events, they are its square

_METHODS = {
    StartEvent: "write_start",
    TextEvent: "write_text",
    DraftEvent: "write_draft",
    ImageEvent: "write_image",
    ForeignEvent: "write_foreign",
    FinishEvent: "write_finish",
    UsageEvent: "write_usage",
    FailureEvent: "write_failure",
}


class _Frame(msgspec.Struct, frozen=True):
    """What stands before and after the words of an event."""

    before: bytes
    after: bytes


def _frame(data: bytes | bytearray, words: str) -> _Frame | None:
    """The frame of an event with these words, if they can be nothing else in it.

    Without any escape, a text is what it looks like, and one in quotes stands in no other.
    """
    before, quoted, after = data.partition(_ENCODE(words))
    if not quoted or b"\\" in data or _ENCODE(words) in after:
        return None
    return _Frame(bytes(before), bytes(after))


class PieceReader:
    """Reads a stream of which each event tells all that it takes to read it.

    Most events are a few words, and differ from the one before in these words alone: then what was
    read of that one holds, and only the words are read.

    Where it ``has_markdown``, pictures in words are left to who has all of them.
    """

    def __init__(
        self,
        reader: Reader[Any, tuple[StreamEvent, ...]],
        options: Options,
        *,
        has_markdown: bool = False,
    ) -> None:
        self.tells_markdown = has_markdown and options.read_markdown
        if self.tells_markdown:
            options = attrs.evolve(options, read_markdown=False)
        self.unread: MalformedError | None = None
        self._reader = reader
        self._options = options
        self._frame: _Frame | None = None
        self._told: Outcome[tuple[StreamEvent, ...]] = Outcome(())

    def read(self, event: Event) -> Outcome[tuple[StreamEvent, ...]]:
        """What an event tells."""
        frame, data = self._frame, event.data
        if frame is not None and data.startswith(frame.before) and data.endswith(frame.after):
            try:
                words = _DECODE(data[len(frame.before) : len(data) - len(frame.after)])
            except ValueError:
                words = ""
            if words:
                *others, last = self._told.value
                part = Part(text=words)
                text = TextEvent(candidate=last.candidate, index=last.index, part=part)
                return Outcome((*others, text), (), self._told.provenance)
        unread: list[MalformedError] = []
        told = self._reader.read(data, self._options, event.name, unread)
        self.unread = self.unread or next(iter(unread), None)
        self._frame = self._frame_of(data, told)
        self._told = told
        return told

    def _frame_of(
        self, data: bytes | bytearray, told: Outcome[tuple[StreamEvent, ...]]
    ) -> _Frame | None:
        """The frame of an event that tells a few words, and of the reply what it tells anyway."""
        if not told.value or told.losses or len(data) > _LONGEST:
            return None
        *others, last = told.value
        if not has_words_alone(last) or any(type(each) is not StartEvent for each in others):
            return None
        return _frame(data, last.part.text or "")

    def close(self) -> Outcome[tuple[StreamEvent, ...]]:
        """Nothing: the end tells no more."""
        return Outcome(())


class Answer(msgspec.Struct):
    """What was written of one answer: how many pictures, and whether anything else."""

    drafts: StreamedDrafts
    images: int = 0
    said: bool = False
    after_image: bool = False  # whether the last part was a picture


class Ending(msgspec.Struct, gc=False):
    """How an answer ends, as far as it is known; its words come in pieces."""

    finish: str | None = None
    messages: list[str] = []
    extras: list[Extra] = []

    @property
    def message(self) -> str | None:
        """What the model said of its end."""
        return "".join(self.messages) if self.messages else None


class EventWriter:
    """Writes a stream by the method for each kind of event, which takes the losses in a `Writing`.

    It remembers what a reply tells of itself, with the fields that are its format's own, how each
    answer ended, the last usage, and whether the stream has failed. Where the source names no time
    and no id, ``created`` and ``response_id`` stand in.
    """

    format: ClassVar[str]
    #: What of its pictures the format tells.
    properties: ClassVar[frozenset[str]] = frozenset()
    write_image: Callable[..., bytes]

    def __init__(
        self,
        *,
        context: ReplyContext = ReplyContext(),
        created: int | None = None,
        response_id: str | None = None,
        options: Options = DEFAULTS,
    ) -> None:
        self.context = context
        self.created = created
        self.response_id = response_id
        self.options = options
        self.start = StartEvent()
        self.extras: tuple[Extra, ...] = ()
        self.usage: Usage | None = None
        self.ends: dict[int, Ending] = {}
        self.block: Block | None = None
        self.answers: dict[int, Answer] = {}
        self.failed = False
        self._candidate: int | None = None  # whose words alone were written last
        self._frame: _Frame | None = None
        self.prepare()

    def prepare(self) -> None:
        """Set up what only one format needs."""

    @property
    def holds(self) -> bool:
        """Whether there is a draft that is the picture if no other comes."""
        return any(answer.drafts.last is not None for answer in self.answers.values())

    def write(self, event: StreamEvent) -> Outcome[bytes]:
        """The bytes of an event, and what they do not carry.

        Words after words of the same answer are written as those before, in the same frame.
        """
        words = None
        if has_words_alone(event):
            words = event.part.text
            if self._frame is not None and event.candidate == self._candidate:
                return Outcome(self._frame.before + _ENCODE(words) + self._frame.after)
        writing = Writing(self.format, self.options)
        extras = self.extras
        written: bytes = getattr(self, _METHODS[type(event)])(event, writing)
        if self.extras is not extras:  # the next event has others
            words = None
        follows = words is not None and event.candidate == self._candidate
        self._frame = _frame(written, words or "") if follows and not writing.losses else None
        self._candidate = None if words is None else event.candidate
        return Outcome(written, tuple(writing.losses))

    def write_start(self, event: StartEvent, writing: Writing) -> bytes:
        """Remember what a reply tells of itself: other events have it."""
        if event != self.start:
            if event.image != self.start.image:
                report_picture(event.image, writing.report, but=self.properties)
            self.start = later(self.start, event)
            self.extras = writing.own(event.extras)
        return b""

    def add_extras(self, writing: Writing) -> None:
        """Place the reply's own fields in an event: each has them, but many stand in one alone."""
        if self.extras:
            writing.add(self.extras, ())
            if len(self.extras) > _MOST_REPEATED:
                self.extras = ()

    def write_finish(self, event: FinishEvent, writing: Writing) -> bytes:  # noqa: ARG002
        """Remember how an answer ended: what tells its end has it."""
        if event.block is not None:
            self.block = event.block
            return b""
        end = self.ends.setdefault(event.candidate, Ending())
        end.finish = event.finish or end.finish
        if event.finish_message is not None:
            end.messages.append(event.finish_message)
        end.extras += event.extras
        return b""

    def write_usage(self, event: UsageEvent, _: Writing) -> bytes:
        """Remember the usage: the end of the stream has it."""
        self.usage = event.usage
        return b""

    def answer(self, candidate: int) -> Answer:
        """What was written of the answer with a number."""
        answer = self.answers.get(candidate)
        if answer is None:
            answer = self.answers[candidate] = Answer(StreamedDrafts())
        return answer

    def write_promoted(self, candidate: int, writing: Writing) -> bytes:
        """The draft that is the picture, where no other came; other drafts are reported."""
        promoted = self.answer(candidate).drafts.close(("candidates", candidate), writing.report)
        return b"" if promoted is None else self.write_image(promoted, writing)


def part_path(event: PartEvent) -> Path:
    """The hub path of an event's part."""
    return "candidates", event.candidate, "parts", event.index
