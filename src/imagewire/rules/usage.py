"""Token counts: each is known or unknown, and nothing is counted that nobody stated.

A format whose usage requires counts that the source does not state gets no usage at all: half of
one would read as zeros, and a bill of zero is wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec import structs

from imagewire.loss import C, Report, lost
from imagewire.model import ModalityCount, Usage

_COUNTS = ("prompt", "tool_use", "cached", "candidates", "thoughts", "total")
_DETAILS = ("prompt_details", "cached_details", "tool_use_details", "candidates_details")


def total_of(usage: Usage) -> int | None:
    """The stated total, else the sum of what was counted, if all of it is known."""
    if usage.total is not None or usage.prompt is None or usage.candidates is None:
        return usage.total
    return usage.prompt + usage.tool_use + usage.candidates + usage.thoughts


def totals_of(usage: Usage, report: Report) -> tuple[int, int, int] | None:
    """Prompt, completion and total, as OpenAI's formats count, with all that belongs to each.

    None if one is unknown, which is reported with those that are not.
    """
    prompt, candidates, total = usage.prompt, usage.candidates, total_of(usage)
    if prompt is None or candidates is None or total is None:
        report_partial(usage, report)
        return None
    return prompt + usage.tool_use, candidates + usage.thoughts, total


def report_partial(usage: Usage, report: Report) -> None:
    """Report a usage that cannot be written, because not all of it is known."""
    known = [
        f"{name.replace('_', ' ')} {count}" for name in _COUNTS if (count := getattr(usage, name))
    ]
    for name in _DETAILS:
        known += [f"{count.modality} {count.tokens}" for count in getattr(usage, name)]
    if known:
        detail = "token counts ({}) without the others, which a usage needs"
        report(lost(C.TOKEN_COUNT, "$.usage", detail, ", ".join(known)))


def sum_usages(usages: Sequence[Usage]) -> Usage:
    """The counts of all, field by field, with what else the first one says."""
    counts: dict[str, Any] = {
        name: _sum_counts([getattr(usage, name) for usage in usages]) for name in _COUNTS
    }
    details: dict[str, Any] = {
        name: _sum_details([getattr(u, name) for u in usages]) for name in _DETAILS
    }
    return structs.replace(usages[0], **counts, **details)


def _sum_counts(counts: Sequence[int | None]) -> int | None:
    """The sum of counts, unknown if one of them is."""
    known = [count for count in counts if count is not None]
    return sum(known) if len(known) == len(counts) else None


def _sum_details(lists: Sequence[Sequence[ModalityCount]]) -> tuple[ModalityCount, ...]:
    totals: dict[str, int] = {}
    for counts in lists:
        for count in counts:
            totals[count.modality] = totals.get(count.modality, 0) + count.tokens
    return tuple(ModalityCount(modality=name, tokens=tokens) for name, tokens in totals.items())
