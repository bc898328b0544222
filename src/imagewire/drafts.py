"""Which parts of an answer are the answer: drafts and thoughts are not.

Models that think send interim images and texts marked ``thought``. A face that has no place for
them leaves them out. If only drafts came, the last one is the image (seen in the wild:
Lixpi/lixpi pull 136).
"""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from imagewire.loss import CONTENT, METADATA, Report, approximated, dropped
from imagewire.model import Part

#: A part and its index among all parts of its candidate.
Indexed = tuple[int, Part]


def final_parts(parts: Sequence[Part], hub_path: str, report: Report) -> list[Indexed]:
    """The parts of an answer without drafts and thoughts; what is left out is reported."""
    indexed = list(enumerate(parts))
    if not any(part.thought for part in parts):
        return indexed
    drafts = [index for index, part in indexed if part.thought and part.image is not None]
    promoted = -1
    if drafts and not any(part.image is not None and not part.thought for part in parts):
        promoted = drafts.pop()
        path = f"{hub_path}.parts[{promoted}]"
        report(approximated(path, "only draft images came, and the last one is the image", CONTENT))
    if drafts:
        report(dropped(f"{hub_path}.parts[{drafts[0]}]", f"{len(drafts)} draft image(s)", CONTENT))
    thoughts = [index for index, part in indexed if part.thought and part.image is None]
    if thoughts:
        path = f"{hub_path}.parts[{thoughts[0]}]"
        report(dropped(path, f"{len(thoughts)} thought text(s)", METADATA))
    return [
        (index, attrs.evolve(part, thought=False))
        for index, part in indexed
        if not part.thought or index == promoted
    ]
