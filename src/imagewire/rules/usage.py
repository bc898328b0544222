"""Token counts of several replies, or of several pictures, as those of one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec import structs

from imagewire.model import ModalityCount, Usage

_COUNTS = ("prompt", "tool_use", "cached", "candidates", "thoughts", "total")
_DETAILS = ("prompt_details", "cached_details", "tool_use_details", "candidates_details")


def sum_usages(usages: Sequence[Usage]) -> Usage:
    """The counts of all, field by field, with what else the first one says."""
    counts: dict[str, Any] = {
        name: sum(getattr(usage, name) for usage in usages) for name in _COUNTS
    }
    details: dict[str, Any] = {
        name: _sum_details([getattr(u, name) for u in usages]) for name in _DETAILS
    }
    return structs.replace(usages[0], **counts, **details)


def _sum_details(lists: Sequence[Sequence[ModalityCount]]) -> tuple[ModalityCount, ...]:
    totals: dict[str, int] = {}
    for counts in lists:
        for count in counts:
            totals[count.modality] = totals.get(count.modality, 0) + count.tokens
    return tuple(ModalityCount(modality=name, tokens=tokens) for name, tokens in totals.items())
