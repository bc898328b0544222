"""Batch files: lines in, lines out, one at a time (`lines`), and whole runs of them (`run`)."""

from __future__ import annotations

from imagewire.batch.lines import Batch, merge_parts, translate_line, translate_lines
from imagewire.batch.records import Contexts, Kept, Line, Part, Reject

__all__ = [
    "Batch",
    "Contexts",
    "Kept",
    "Line",
    "Part",
    "Reject",
    "merge_parts",
    "translate_line",
    "translate_lines",
]
