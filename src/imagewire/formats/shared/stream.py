"""What the readers and the writers of streams have in common.

A format's ``stream`` module has a `Reader` of its events (`imagewire.codec.reading`), whose hub
value is what one event tells, and a subclass of `EventWriter` with a method for each kind of event.
"""

from __future__ import annotations

from typing import Any

import msgspec

from imagewire.codec.reading import Reader
from imagewire.codec.writing import Writing
from imagewire.loss import Outcome
from imagewire.model import (
    DraftEvent,
    Extra,
    FailureEvent,
    FinishEvent,
    ForeignEvent,
    ImageEvent,
    PartEvent,
    StartEvent,
    StreamEvent,
    TextEvent,
    Usage,
    UsageEvent,
)
from imagewire.options import Options
from imagewire.paths import Path
from imagewire.rules.drafts import StreamedDrafts
from imagewire.rules.events import later
from imagewire.sse import Event

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


class PieceReader:
    """Reads a stream of which each event tells all that it takes to read it."""

    def __init__(self, reader: Reader[Any, tuple[StreamEvent, ...]], options: Options) -> None:
        self._reader = reader
        self._options = options

    def read(self, event: Event) -> Outcome[tuple[StreamEvent, ...]]:
        """What an event tells."""
        return self._reader.read(event.data, self._options, event.name)

    def close(self) -> Outcome[tuple[StreamEvent, ...]]:
        """Nothing: the end tells no more."""
        return Outcome(())


class Answer(msgspec.Struct):
    """What was written of one answer: how many pictures, and whether anything else.

    ``message`` is what the model said of its end so far.
    """

    drafts: StreamedDrafts
    images: int = 0
    said: bool = False
    after_image: bool = False  # whether the last part was a picture
    message: str | None = None


class EventWriter:
    """Writes a stream by the method for each kind of event, which takes the losses in a `Writing`.

    It remembers what a reply tells of itself, with the fields that are its format's own, the last
    usage, and whether the stream has failed.
    """

    def __init__(self, format: str, options: Options) -> None:  # noqa: A002 - the standard term
        self.format = format
        self.options = options
        self.start = StartEvent()
        self.extras: tuple[Extra, ...] = ()
        self.usage: Usage | None = None
        self.answers: dict[int, Answer] = {}
        self.failed = False

    @property
    def holds(self) -> bool:
        """Whether there is a draft that is the picture if no other comes."""
        return any(answer.drafts.last is not None for answer in self.answers.values())

    def write(self, event: StreamEvent) -> Outcome[bytes]:
        """The bytes of an event, and what they do not carry."""
        writing = Writing(self.format, self.options)
        written: bytes = getattr(self, _METHODS[type(event)])(event, writing)
        return Outcome(written, tuple(writing.losses))

    def write_start(self, event: StartEvent, writing: Writing) -> bytes:
        """Remember what a reply tells of itself: other events have it."""
        if event != self.start:
            self.start = later(self.start, event)
            self.extras = writing.own(event.extras)
        return b""

    def write_usage(self, event: UsageEvent, _: Writing) -> bytes:
        """Remember the usage: the end of the stream has it."""
        self.usage = event.usage
        return b""

    def write_image(self, event: ImageEvent, writing: Writing) -> bytes:
        """The picture, as the format has it."""
        raise NotImplementedError

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
