"""The final parts of an answer, without drafts and thoughts.

Models that think send interim images and texts marked ``thought``. A format that has no place for
them leaves them out. If only drafts came, the last one is the image (seen in the wild:
Lixpi/lixpi pull 136).
"""

from __future__ import annotations

from msgspec import structs

from imagewire.loss import C, Report, lost
from imagewire.model import Part
from imagewire.paths import Path

#: A part and its index among all parts of its candidate.
Indexed = tuple[int, Part]


def promote(parts: tuple[Part, ...], hub_path: Path, report: Report) -> tuple[Part, ...]:
    """The parts of an answer; if only drafts came, the last one is the image, APPROXIMATED."""
    images = [index for index, part in enumerate(parts) if part.image is not None]
    if not images or not all(parts[index].thought for index in images):
        return parts
    last = images[-1]
    path = (*hub_path, "parts", last)
    report(lost(C.DRAFT_AS_IMAGE, path, "only draft images came: the last one became the image"))
    return (*parts[:last], structs.replace(parts[last], thought=False), *parts[last + 1 :])


def final_parts(parts: tuple[Part, ...], hub_path: Path, report: Report) -> list[Indexed]:
    """The parts of an answer without drafts and thoughts; what is left out is reported."""
    answer = [(index, part) for index, part in enumerate(parts) if not part.thought]
    if len(answer) == len(parts):
        return answer
    parts = promote(parts, hub_path, report)
    thoughts = [(index, part) for index, part in enumerate(parts) if part.thought]
    drafts = [index for index, part in thoughts if part.image is not None]
    if drafts:
        path = (*hub_path, "parts", drafts[0])
        report(lost(C.DRAFT_IMAGE, path, f"{len(drafts)} draft image(s) left out"))
    others = [index for index, part in thoughts if part.image is None]
    if others:
        path = (*hub_path, "parts", others[0])
        report(lost(C.THOUGHT_TEXT, path, f"{len(others)} thought text(s) left out"))
    return [(index, part) for index, part in enumerate(parts) if not part.thought]
