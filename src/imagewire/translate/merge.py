"""Several replies to identical calls as one reply, where the target has no ``n``.

Pictures and words of all calls, in call order; id, time and model of the first that made a picture;
token counts of all. A call that failed or was refused is left out and reported; one that made no
picture is reported too, and so is what a later reply tells differently from the first. If every
reply is a refusal, the result is the first; if every call failed, the failure that is best retried.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from msgspec import structs

from imagewire.codec.writing import report_extra
from imagewire.loss import C, Report, lost
from imagewire.model import Failure, ImageResponse, Part, Usage
from imagewire.paths import Path, join, split
from imagewire.rules.drafts import promote
from imagewire.rules.finish import has_image, is_blocked
from imagewire.rules.usage import sum_usages


class Merged(msgspec.Struct, frozen=True):
    """One result of many calls, and where its parts came from."""

    result: ImageResponse | Failure
    first: int = 0  #: the call whose id, time and model it has
    calls: tuple[tuple[int, int], ...] = ()  #: (call, index) of each part, or of each candidate
    joined: bool = False  #: whether all candidates became one

    def origin(self, path: str) -> tuple[int, str]:
        """The call and the hub path in its reply that a hub path of the merged reply stands for."""
        steps = split(path)
        if steps and isinstance(steps[0], int):  # $[call]: what merging itself reported
            return steps[0], join("$", steps[1:])
        if self.calls and steps[:1] == ["candidates"] and len(steps) > 1:
            if not self.joined:
                call, index = self.calls[int(steps[1])]
                return call, join("$", ["candidates", index, *steps[2:]])
            if steps[2:3] == ["parts"]:
                call, index = self.calls[int(steps[3])]
                return call, join("$", ["candidates", 0, "parts", index, *steps[4:]])
        return self.first, path


def merge_responses(results: Sequence[ImageResponse | Failure], report: Report) -> Merged:
    """One result of many, reporting what is left out at ``$[call]``."""
    responses = [
        (call, result) for call, result in enumerate(results) if isinstance(result, ImageResponse)
    ]
    if not responses:
        return Merged(worst([result for result in results if isinstance(result, Failure)]))
    kept = [item for item in responses if not _is_refused(item[1])] or responses[:1]
    first, response = next((item for item in kept if _made_image(item[1])), kept[0])
    kept_calls = {call for call, _ in kept}
    for call, result in enumerate(results):
        made_image = isinstance(result, ImageResponse) and _made_image(result)
        if call != first and not (call in kept_calls and made_image):
            report(lost(C.MISSING_IMAGE, (call,), "call {}: {}", call + 1, _reason(result)))
    merged = structs.replace(response, usage=_sum_usages(responses, report))
    joined = all(len(item.candidates) == 1 for _, item in kept)
    for call, item in kept:
        if call != first:
            _report_differences(item, response, (call,), report, joined=joined)
    if not joined:
        places = [(call, i) for call, item in kept for i in range(len(item.candidates))]
        candidates = tuple(candidate for _, item in kept for candidate in item.candidates)
        merged = structs.replace(merged, candidates=candidates)
        return Merged(merged, first, tuple(places))
    parts: list[Part] = []
    places = []
    for call, item in kept:
        own = item.candidates[0].parts
        if len(kept) > 1:  # the drafts of one call are not those of another
            own = promote(own, (call, "candidates", 0), report)
        places += [(call, index) for index in range(len(own))]
        parts += own
    candidate = structs.replace(response.candidates[0], parts=tuple(parts))
    return Merged(
        structs.replace(merged, candidates=(candidate,)), first, tuple(places), joined=True
    )


def _report_differences(
    response: ImageResponse, base: ImageResponse, path: Path, report: Report, *, joined: bool
) -> None:
    """Report what a later reply tells beside its parts: the merged one has the first reply's."""
    said = structs.asdict(base.image)
    for name, value in structs.asdict(response.image).items():
        if value != said[name]:
            words = f"{name.replace('_', ' ')} {'unknown' if value is None else value}"
            detail = "{} of this call's images: the first call's is kept"
            report(lost(C.IMAGE_PROPERTY, (*path, "image", name), detail, words))
    for extra in response.extras:
        report_extra(extra, path, report)
    for extra in () if response.usage is None else response.usage.extras:
        report_extra(extra, (*path, "usage"), report)
    if joined:
        candidate = response.candidates[0]
        hub_path = (*path, "candidates", 0)
        for extra in candidate.extras:
            report_extra(extra, hub_path, report)
        if candidate.finish != "STOP" or candidate.finish_message is not None:
            words = f" ({candidate.finish_message})" if candidate.finish_message else ""
            detail = "finish reason {}{}: the first call's is kept"
            report(lost(C.FINISH_REASON, hub_path, detail, candidate.finish, words))


def worst(failures: Sequence[Failure]) -> Failure:
    """The failure of calls that all failed: retryable first, with the longest delay of any."""
    chosen = next((failure for failure in failures if failure.retryable), failures[0])
    delays = [failure.retry_after for failure in failures if failure.retry_after is not None]
    return structs.replace(chosen, retry_after=max(delays, default=None))


def _is_refused(response: ImageResponse) -> bool:
    return response.block is not None or all(map(is_blocked, response.candidates))


def _made_image(response: ImageResponse) -> bool:
    return any(map(has_image, response.candidates))


def _reason(result: ImageResponse | Failure) -> str:
    if isinstance(result, Failure):
        return result.message
    if result.block is not None:
        return f"the prompt was blocked: {result.block.message or result.block.reason}"
    answer = result.candidates[0]
    return f"no image was made: {answer.finish_message or answer.finish}"


def _sum_usages(responses: Sequence[tuple[int, ImageResponse]], report: Report) -> Usage | None:
    """The counts of all calls; one that states none is reported."""
    usages = [item.usage for _, item in responses if item.usage is not None]
    if not usages:
        return None
    for call, item in responses:
        if item.usage is None:
            detail = "call {} states no token counts: those of the others are summed"
            report(lost(C.PARTIAL_USAGE, (call, "usage"), detail, call + 1))
    return sum_usages(usages)
