"""Which parts of an answer are the answer: drafts and thoughts are not.

Models that think send interim images and texts marked ``thought``. A face that has no place for
them leaves them out. If only drafts came, the last one is the image (seen in the wild:
Lixpi/lixpi pull 136).
"""

from __future__ import annotations

from msgspec import structs

from imagewire.loss import CONTENT, METADATA, Report, approximated, dropped
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
    report(approximated(path, "only draft images came, and the last one is the image", CONTENT))
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
        report(
            dropped(
                (*hub_path, "parts", drafts[0]), f"{len(drafts)} draft image(s) left out", CONTENT
            )
        )
    others = [index for index, part in thoughts if part.image is None]
    if others:
        path = (*hub_path, "parts", others[0])
        report(dropped(path, f"{len(others)} thought text(s) left out", METADATA))
    return [(index, part) for index, part in enumerate(parts) if not part.thought]
