"""The final parts of an answer, without drafts and thoughts.

Models that think send interim images and texts marked ``thought``. A format that has no place for
them leaves them out. If only drafts came, the last one is the image (seen in the wild:
Lixpi/lixpi pull 136); of a stream, when the answer ends.
"""

from __future__ import annotations

from typing import NamedTuple

from msgspec import structs

from imagewire.loss import C, Report, lost
from imagewire.model import DraftEvent, ImageEvent, Part
from imagewire.paths import Path

#: A part and its index among all parts of its candidate.
Indexed = tuple[int, Part]


class LeftOut(NamedTuple):
    """How many parts were left out, and the index of the first of them."""

    first: int = 0
    number: int = 0

    def and_one(self, index: int) -> LeftOut:
        """These and one more."""
        return LeftOut(self.first if self.number else index, self.number + 1)


_NONE = LeftOut()


def promote(parts: tuple[Part, ...], hub_path: Path, report: Report) -> tuple[Part, ...]:
    """The parts of an answer; if only drafts came, the last one is the image, APPROXIMATED."""
    images = [index for index, part in enumerate(parts) if part.image is not None]
    if not images or not all(parts[index].thought for index in images):
        return parts
    last = images[-1]
    _report_promoted((*hub_path, "parts", last), report)
    return (*parts[:last], structs.replace(parts[last], thought=False), *parts[last + 1 :])


def final_parts(parts: tuple[Part, ...], hub_path: Path, report: Report) -> list[Indexed]:
    """The parts of an answer without drafts and thoughts; what is left out is reported."""
    answer = [(index, part) for index, part in enumerate(parts) if not part.thought]
    if len(answer) == len(parts):
        return answer
    parts = promote(parts, hub_path, report)
    thoughts = [(index, part) for index, part in enumerate(parts) if part.thought]
    drafts = others = _NONE
    for index, part in thoughts:
        if part.image is None:
            others = others.and_one(index)
        else:
            drafts = drafts.and_one(index)
    _report_left_out(drafts, others, hub_path, report)
    return [(index, part) for index, part in enumerate(parts) if not part.thought]


class StreamedDrafts:
    """The drafts and thoughts of one answer whose parts come one by one."""

    def __init__(self) -> None:
        self.last: DraftEvent | None = None  #: the image, if no other comes
        self._drafts = self._thoughts = _NONE
        self._has_image = False

    def leave_out(self, index: int, draft: DraftEvent | None = None) -> None:
        """A thought text, or a draft, that is not written."""
        if draft is None:
            self._thoughts = self._thoughts.and_one(index)
        else:
            self._drafts = self._drafts.and_one(index)
            self.show(draft)

    def show(self, draft: DraftEvent) -> None:
        """A draft that is written as one."""
        if not self._has_image:
            self.last = draft

    def end(self) -> None:
        """A finished image came: no draft is needed any more."""
        self.last, self._has_image = None, True

    def close(self, hub_path: Path, report: Report) -> ImageEvent | None:
        """The draft that is the image, if no other came; reports what is left out."""
        promoted, self.last = self.last, None
        if promoted is not None:
            _report_promoted((*hub_path, "parts", promoted.index), report)
            if self._drafts.number:
                self._drafts = LeftOut(self._drafts.first, self._drafts.number - 1)
        _report_left_out(self._drafts, self._thoughts, hub_path, report)
        self._drafts = self._thoughts = _NONE
        if promoted is None:
            return None
        part = structs.replace(promoted.part, thought=False)
        return ImageEvent(
            candidate=promoted.candidate, index=promoted.index, part=part, image=promoted.image
        )


def _report_promoted(path: Path, report: Report) -> None:
    report(lost(C.DRAFT_AS_IMAGE, path, "only draft images came: the last one became the image"))


def _report_left_out(drafts: LeftOut, thoughts: LeftOut, hub_path: Path, report: Report) -> None:
    if drafts.number:
        path = (*hub_path, "parts", drafts.first)
        report(lost(C.DRAFT_IMAGE, path, f"{drafts.number} draft image(s) left out"))
    if thoughts.number:
        path = (*hub_path, "parts", thoughts.first)
        report(lost(C.THOUGHT_TEXT, path, f"{thoughts.number} thought text(s) left out"))
