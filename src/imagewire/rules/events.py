"""Events of a stream and whole replies: a reply as events, and events as one reply.

Folding the events of a reply gives that reply again. Neighbouring texts without a signature are one
text; of what is told twice (ids, usage, a field of the same name) the last counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeGuard, cast

from imagewire.codec.limits import MAX_ANSWERS, MAX_ITEMS
from imagewire.errors import MalformedError
from imagewire.model import (
    ANY_IMAGE,
    Block,
    Candidate,
    DraftEvent,
    Extra,
    Failure,
    FailureEvent,
    FinishEvent,
    ForeignEvent,
    ImageEvent,
    ImageResponse,
    Part,
    PartEvent,
    StartEvent,
    StreamEvent,
    TextEvent,
    Usage,
    UsageEvent,
)
from imagewire.paths import Path

_NO_START = StartEvent()
_Key = tuple[str, tuple[str | int, ...]]


def events_of(response: ImageResponse) -> Iterator[StreamEvent]:
    """A reply as the events that tell it, each part with its index in the reply."""
    start = start_of(response)
    if start is not None:
        yield start
    for number, candidate in enumerate(response.candidates):
        yield from parts_of(candidate.parts, number)
        yield FinishEvent(
            candidate=number,
            finish=candidate.finish,
            finish_message=candidate.finish_message,
            extras=candidate.extras,
        )
    if response.block is not None:
        yield FinishEvent(block=response.block)
    if response.usage is not None:
        yield UsageEvent(usage=response.usage)


def start_of(response: ImageResponse) -> StartEvent | None:
    """What a reply, or a piece of one, tells of itself; None if that is nothing."""
    start = StartEvent(
        id=response.id,
        created=response.created,
        model=response.model,
        model_as_given=response.model_as_given,
        image=response.image,
        extras=response.extras,
    )
    return None if start == _NO_START else start


def parts_of(parts: Iterable[Part], candidate: int = 0) -> Iterator[PartEvent]:
    """The events of the parts of one answer, in order."""
    for index, part in enumerate(parts):
        if part.text is not None:
            yield TextEvent(candidate=candidate, index=index, part=part)
        elif part.image is None:
            yield ForeignEvent(candidate=candidate, index=index, part=part)
        elif part.thought:
            yield DraftEvent(candidate=candidate, index=index, part=part)
        else:
            yield ImageEvent(candidate=candidate, index=index, part=part)


def has_words_alone(event: StreamEvent) -> TypeGuard[TextEvent]:
    """Whether an event is of words of an answer, and of nothing else."""
    if type(event) is not TextEvent:
        return False
    part = event.part
    return not (part.thought or part.extras) and part.signature is None


def later(start: StartEvent, event: StartEvent) -> StartEvent:
    """What a reply tells of itself after one more event that tells it."""
    return StartEvent(
        id=event.id or start.id,
        created=event.created or start.created,
        model=event.model or start.model,
        model_as_given=event.model_as_given or start.model_as_given,
        image=start.image if event.image is ANY_IMAGE else event.image,
        extras=event.extras,
    )


class Progress:
    """How far a stream has come: what it told of its answers, and how much of it."""

    def __init__(self) -> None:
        self.last: int | None = None  #: the answer that the last part was of
        self.has_image = False  #: whether a finished picture came
        self.has_picture = False  #: the same, or a draft that is the picture if no other comes
        self.is_finished = False  #: whether an answer came to its end, or the prompt was refused
        self._answers: set[int] = set()
        self._images = 0

    def take(self, event: PartEvent | FinishEvent) -> None:
        """Note an event; raises `MalformedError`, once, for more than any API makes."""
        candidate, kind = event.candidate, type(event)
        if candidate != self.last and candidate not in self._answers:
            self._answers.add(candidate)
            if len(self._answers) == MAX_ANSWERS + 1:
                raise MalformedError(f"the stream has more than {MAX_ANSWERS} answers")
        if kind is FinishEvent:
            event = cast("FinishEvent", event)
            ends = event.finish is not None or event.block is not None
            self.is_finished = self.is_finished or ends
            return
        self.last = candidate
        if kind is DraftEvent:
            self.has_picture = True
        elif kind is ImageEvent:
            self.has_image = self.has_picture = True
            self._images += 1
            if self._images == MAX_ITEMS + 1:
                raise MalformedError(f"the stream has more than {MAX_ITEMS} pictures")


class _Answer:
    """One answer in the making."""

    def __init__(self) -> None:
        self.parts: list[Part] = []
        self.text: list[str] = []  # neighbouring texts, not yet a part
        self.thought = False  # whether these are thoughts
        self.finish: str | None = None
        self.messages: list[str] = []
        self.extras: dict[_Key, Extra] = {}

    def add(self, part: Part) -> int:
        """Take a part, and tell the index that it has now."""
        if part.text is not None and part.signature is None and not part.extras:
            if self.text and self.thought is not part.thought:
                self.join()
            self.text.append(part.text)
            self.thought = part.thought
            return len(self.parts)
        self.join()
        self.parts.append(part)
        return len(self.parts) - 1

    def join(self) -> None:
        """Make a part of the texts that stand beside each other."""
        if self.text:
            self.parts.append(Part(text="".join(self.text), thought=self.thought))
            self.text = []


class Fold:
    """One reply of the events of a stream, as they come."""

    def __init__(self) -> None:
        self.failure: Failure | None = None  #: what the stream ended with, if with a failure
        self._answers: dict[int, _Answer] = {}
        self._start = _NO_START
        self._extras: dict[_Key, Extra] = {}
        self._block: Block | None = None
        self._usage: Usage | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing was told of any answer, nor of the prompt."""
        return not self._answers and self._block is None

    def add(self, event: StreamEvent) -> Path | None:
        """Take an event, and tell the hub path that its part has now, if it has one."""
        if isinstance(event, PartEvent):
            index = self._answer(event.candidate).add(event.part)
            return "candidates", event.candidate, "parts", index
        if isinstance(event, FinishEvent):
            self._finish(event)
        elif isinstance(event, StartEvent):
            self._start = later(self._start, event)
            self._extras |= _keyed(event.extras)
        elif isinstance(event, UsageEvent):
            self._usage = event.usage
        elif isinstance(event, FailureEvent):
            self.failure = event.failure
        return None

    def response(self) -> ImageResponse:
        """The reply that the events tell so far."""
        for answer in self._answers.values():
            answer.join()
        start = self._start
        return ImageResponse(
            id=start.id,
            created=start.created,
            model=start.model,
            model_as_given=start.model_as_given,
            candidates=tuple(
                Candidate(
                    parts=tuple(answer.parts),
                    finish=answer.finish or "STOP",
                    finish_message="".join(answer.messages) if answer.messages else None,
                    extras=tuple(answer.extras.values()),
                )
                for _, answer in sorted(self._answers.items())
            ),
            block=self._block,
            usage=self._usage,
            image=start.image,
            extras=tuple(self._extras.values()),
        )

    def _answer(self, candidate: int) -> _Answer:
        return self._answers.setdefault(candidate, _Answer())

    def _finish(self, event: FinishEvent) -> None:
        if event.block is not None:
            self._block = event.block
            return
        answer = self._answer(event.candidate)
        answer.finish = event.finish or answer.finish
        if event.finish_message is not None:
            answer.messages.append(event.finish_message)
        answer.extras |= _keyed(event.extras)


def _keyed(extras: tuple[Extra, ...]) -> dict[_Key, Extra]:
    return {(extra.format, extra.path): extra for extra in extras}


def own_path(event: StreamEvent) -> Path:
    """The hub path of what an event tells, in the reply or the piece that it was read from."""
    if isinstance(event, FinishEvent):
        return ("block",) if event.block is not None else ("candidates", event.candidate)
    if isinstance(event, UsageEvent):
        return ("usage",)
    if isinstance(event, StartEvent | FailureEvent):
        return ()
    return "candidates", event.candidate, "parts", event.index
