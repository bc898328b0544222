"""Large payloads of the events of a stream: cut out of one event, put back where they are written.

What is cut is checked before anything is written: each payload is among the values that were read
from its event, in full and nowhere else, or was reported. A writer may hold a picture back, so cuts
are kept until it holds none; a later event that has a placeholder of theirs is none of a model's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from imagewire.bypass.cut import Cut, cut_of
from imagewire.bypass.spans import UnverifiedError
from imagewire.errors import MalformedError, TranslationError
from imagewire.loss import Outcome
from imagewire.messages import Segment
from imagewire.model import FailureEvent, StreamEvent
from imagewire.sse import Event

Told = Outcome[tuple[StreamEvent, ...]]


class EventBypass:
    """The payloads of one stream that are not written yet."""

    def __init__(self) -> None:
        self.holds = False  #: whether there are any
        self._cuts: list[Cut] = []

    def read_small(self, event: Event, read: Callable[[Event], Told]) -> Told | None:
        """What an event tells without its payloads; None if it has none, or has to be read whole.

        ``read`` must not remember what it reads: it may have to be read again.
        """
        cut = cut_of(event.data)
        if cut is None:
            return None
        try:
            told = read(Event(_small(cut), event.name))
        except TranslationError:
            return None
        if any(isinstance(item, FailureEvent) for item in told.value):
            return None
        if not cut.is_in(told.value, told.losses):
            return None
        if self._cuts:
            self.refuse_forged(told.value)
        self._cuts.append(cut)
        self.holds = True
        return told

    def refuse_forged(self, events: Sequence[StreamEvent]) -> None:
        """Raise for an event that has a placeholder of an earlier one."""
        if any(cut.is_mentioned(events) for cut in self._cuts):
            msg = "an event quotes what stands for a picture of an earlier one"
            raise MalformedError(msg)

    def restored(self, written: bytes) -> Iterator[Segment]:
        """What was written, with the payloads put back."""
        segments: list[Segment] = [written]
        for cut in self._cuts:
            whole: list[Segment] = []
            for segment in segments:
                whole += cut.segments(segment) if isinstance(segment, bytes) else (segment,)
            segments = whole
        yield from filter(len, segments)

    def forget(self) -> None:
        """Let go of all payloads: none is written any more."""
        self._cuts.clear()
        self.holds = False


def _small(cut: Cut) -> bytes:
    [body] = cut.bodies
    return bytes(body)


__all__ = ["EventBypass", "UnverifiedError"]
