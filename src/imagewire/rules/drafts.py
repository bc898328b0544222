"""The final parts of an answer, without drafts and thoughts.

Models that think send interim images and texts marked ``thought``. A format that has no place for
them leaves them out. If only drafts came, the last one is the image (seen in the wild:
Lixpi/lixpi pull 136); of a stream, when the answer ends.
"""

from __future__ import annotations

from msgspec import structs

from imagewire.loss import C, Report, lost
from imagewire.model import DraftEvent, ImageEvent, Part
from imagewire.paths import Path

#: A part and its index among all parts of its candidate.
Indexed = tuple[int, Part]


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
    for part in parts:
        if part.thought:
            break
    else:
        return list(enumerate(parts))
    parts = promote(parts, hub_path, report)
    thoughts = [(index, part) for index, part in enumerate(parts) if part.thought]
    drafts = [index for index, part in thoughts if part.image is not None]
    if drafts:
        _report_drafts(len(drafts), (*hub_path, "parts", drafts[0]), report)
    others = [index for index, part in thoughts if part.image is None]
    if others:
        _report_thoughts(len(others), (*hub_path, "parts", others[0]), report)
    return [(index, part) for index, part in enumerate(parts) if not part.thought]


class StreamedDrafts:
    """The drafts and thoughts of one answer whose parts come one by one.

    What is left out is reported when the answer ends, as the answer's: its parts are in events that
    are long past.
    """

    def __init__(self) -> None:
        self.last: DraftEvent | None = None  #: the image, if no other comes
        self._drafts = self._thoughts = 0
        self._has_image = False

    def leave_out(self, draft: DraftEvent | None = None) -> None:
        """A thought text, or a draft, that is not written."""
        if draft is None:
            self._thoughts += 1
        else:
            self._drafts += 1
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
            _report_promoted(hub_path, report)
            self._drafts = max(self._drafts - 1, 0)
        if self._drafts:
            _report_drafts(self._drafts, hub_path, report)
        if self._thoughts:
            _report_thoughts(self._thoughts, hub_path, report)
        self._drafts = self._thoughts = 0
        if promoted is None:
            return None
        part = structs.replace(promoted.part, thought=False)
        return ImageEvent(candidate=promoted.candidate, index=promoted.index, part=part)


def _report_promoted(path: Path, report: Report) -> None:
    report(lost(C.DRAFT_AS_IMAGE, path, "only draft images came: the last one became the image"))


def _report_drafts(count: int, path: Path, report: Report) -> None:
    report(lost(C.DRAFT_IMAGE, path, "{} draft image(s) left out", count))


def _report_thoughts(count: int, path: Path, report: Report) -> None:
    report(lost(C.THOUGHT_TEXT, path, "{} thought text(s) left out", count))
