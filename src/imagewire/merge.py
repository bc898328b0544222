"""Several replies to identical calls as one reply, where the target has no ``n``.

Pictures and words of all calls, in call order; a call that failed or was refused is reported, and
fails the whole only if no call made a picture.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import attrs

from imagewire.finish import has_image
from imagewire.loss import CONTENT, Report, dropped
from imagewire.model import Candidate, Failure, ImageResponse, ModalityCount, Usage

_COUNTS = ("prompt", "tool_use", "cached", "candidates", "thoughts", "total")
_DETAILS = ("prompt_details", "cached_details", "tool_use_details", "candidates_details")


def merge_responses(
    results: Sequence[ImageResponse | Failure], report: Report
) -> ImageResponse | Failure:
    """One result of many; a single one is returned as it is."""
    if len(results) == 1:
        return results[0]
    responses = [
        (index, result) for index, result in enumerate(results) if isinstance(result, ImageResponse)
    ]
    if not responses:
        return worst([result for result in results if isinstance(result, Failure)])
    kept = [item for item in responses if _made_image(item[1])] or responses[:1]
    kept_indexes = {index for index, _ in kept}
    for index, result in enumerate(results):
        if index not in kept_indexes:
            report(dropped(f"$[{index}]", f"call {index + 1}: {_reason(result)}", CONTENT))
    first = kept[0][1]
    usages = [response.usage for _, response in responses if response.usage is not None]
    return attrs.evolve(
        first,
        candidates=_merge_candidates([response for _, response in kept]),
        usage=_sum(usages) if usages else None,
    )


def worst(failures: Sequence[Failure]) -> Failure:
    """The failure of calls that all failed: retryable first, with the longest delay of any."""
    chosen = next((failure for failure in failures if failure.retryable), failures[0])
    delays = [failure.retry_after for failure in failures if failure.retry_after is not None]
    return attrs.evolve(chosen, retry_after=max(delays, default=None))


def _made_image(response: ImageResponse) -> bool:
    return any(map(has_image, response.candidates))


def _reason(result: ImageResponse | Failure) -> str:
    if isinstance(result, Failure):
        return result.message
    if result.block is not None:
        return f"the prompt was blocked: {result.block.message or result.block.reason}"
    finish = result.candidates[0]
    return f"no image: {finish.finish_message or finish.finish}"


def _merge_candidates(responses: Sequence[ImageResponse]) -> tuple[Candidate, ...]:
    """Replies of one candidate each become one candidate; others stand side by side."""
    if all(len(response.candidates) == 1 for response in responses):
        candidates = [response.candidates[0] for response in responses]
        parts = tuple(part for candidate in candidates for part in candidate.parts)
        return (attrs.evolve(candidates[0], parts=parts),)
    return tuple(candidate for response in responses for candidate in response.candidates)


def _sum(usages: Sequence[Usage]) -> Usage:
    counts: dict[str, Any] = {
        name: sum(getattr(usage, name) for usage in usages) for name in _COUNTS
    }
    details: dict[str, Any] = {
        name: _sum_details([getattr(u, name) for u in usages]) for name in _DETAILS
    }
    return attrs.evolve(usages[0], **counts, **details)


def _sum_details(lists: Sequence[Sequence[ModalityCount]]) -> tuple[ModalityCount, ...]:
    totals: dict[str, int] = {}
    for counts in lists:
        for count in counts:
            totals[count.modality] = totals.get(count.modality, 0) + count.tokens
    return tuple(ModalityCount(modality=name, tokens=tokens) for name, tokens in totals.items())
