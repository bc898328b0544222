"""Batch files: lines in, lines out, one at a time (`lines`), and whole runs of them (`run`)."""

from __future__ import annotations

from imagewire.batch.lines import Batch, merge_replies, translate_line, translate_lines
from imagewire.batch.records import Contexts, Line, PendingReply, Reject, StoredContext

__all__ = [
    "Batch",
    "Contexts",
    "Line",
    "PendingReply",
    "Reject",
    "StoredContext",
    "merge_replies",
    "translate_line",
    "translate_lines",
]
