"""Pictures in the texts of a stream, which may come in pieces of any size.

Words that follow one another in an answer are one text, and are read as a whole reply's are. What
may yet become a picture waits for more of its text: until another part, the end of the answer, or
the end of the stream, whole or not. Thoughts are no answer's words.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from imagewire.errors import MalformedError
from imagewire.loss import Loss, Outcome
from imagewire.model import (
    FailureEvent,
    FinishEvent,
    ImageEvent,
    Part,
    PartEvent,
    StreamEvent,
    TextEvent,
)
from imagewire.paths import Path, Provenance
from imagewire.rules.events import Progress, has_words_alone, own_path
from imagewire.rules.markdown import MarkdownReader, split_text
from imagewire.translate.provenance import locate_error, located, located_path

#: What was told, and the number of the event that its losses are reported in.
Telling = tuple[int, Outcome[tuple[StreamEvent, ...]]]


class _Text(msgspec.Struct):
    """A text in the making, and where in the stream the last piece came that is held back."""

    reader: MarkdownReader
    number: int = 0
    index: int = 0
    wire_path: Path = ()


class StreamedPictures:
    """Reads the pictures in the texts of one stream."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._texts: dict[int, _Text] = {}
        self._unfinished: set[int] = set()  # answers whose text holds the beginning of a picture

    @property
    def holds(self) -> bool:
        """Whether the beginning of what may be a picture is held back."""
        return bool(self._unfinished)

    def take(self, told: Outcome[tuple[StreamEvent, ...]], number: int) -> Iterator[Telling]:
        """What an event of the stream tells, and what it ends, in order."""
        if told.losses:
            yield number, Outcome((), told.losses)
        for event in told.value:
            if has_words_alone(event):
                yield number, self._read(event, told.provenance, number)
                continue
            yield from self._ended_by(event)
            events: tuple[StreamEvent, ...] = (event,)
            losses: list[Loss] = []
            if type(event) is TextEvent:
                parts = split_text(event.part, own_path(event), losses.append)
                events = _events(parts, event.candidate, event.index)
            found = tuple(located(losses, told.provenance))
            yield number, Outcome(events, found, told.provenance)

    def close(self, *, broken: bool = False) -> Iterator[Telling]:
        """What is held back when the stream ends, or is ``broken`` off."""
        for candidate in tuple(self._texts):
            yield from self._end(candidate, broken=broken)

    def _read(
        self, event: TextEvent, provenance: Provenance | None, number: int
    ) -> Outcome[tuple[StreamEvent, ...]]:
        """What is known of a text with one more piece of it."""
        candidate, path = event.candidate, own_path(event)
        text = self._texts.get(candidate)
        if text is None:
            self._progress.take(event)
            text = self._texts[candidate] = _Text(MarkdownReader())
        losses: list[Loss] = []
        try:
            parts = text.reader.read(event.part.text or "", path, losses.append)
        except MalformedError as error:
            locate_error(error, provenance)
            raise
        if text.reader.holds:
            text.number, text.index = number, event.index
            text.wire_path = located_path(path, provenance)
        unfinished = self._unfinished
        (unfinished.add if text.reader.holds_picture else unfinished.discard)(candidate)
        events = _events(parts, candidate, event.index)
        return Outcome(events, tuple(located(losses, provenance)), provenance)

    def _ended_by(self, event: StreamEvent) -> Iterator[Telling]:
        """What is held back of the texts that an event ends."""
        if isinstance(event, FailureEvent):
            yield from self.close(broken=True)
        elif isinstance(event, FinishEvent) and event.block is not None:
            yield from self.close()
        elif isinstance(event, PartEvent) or (
            isinstance(event, FinishEvent) and event.finish is not None
        ):
            yield from self._end(event.candidate)

    def _end(self, candidate: int, *, broken: bool = False) -> Iterator[Telling]:
        text = self._texts.pop(candidate, None)
        self._unfinished.discard(candidate)
        if text is None or not text.reader.holds:
            return
        losses: list[Loss] = []
        path: Path = ("candidates", candidate, "parts", text.index)
        parts = text.reader.close(path, losses.append, broken=broken)
        provenance = Provenance({path: text.wire_path}, {})
        events = _events(parts, candidate, text.index)
        yield text.number, Outcome(events, tuple(located(losses, provenance)), provenance)


def _events(parts: list[Part], candidate: int, index: int) -> tuple[StreamEvent, ...]:
    """The events of the texts and the images of one part."""
    return tuple(
        (TextEvent if part.image is None else ImageEvent)(
            candidate=candidate, index=index, part=part
        )
        for part in parts
    )
