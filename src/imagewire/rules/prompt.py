"""The turn that is the prompt.

On the chat face it is the last user message alone (the product page: "The last user message's text
content is used as the image prompt"); in other formats the earlier turns count too.
"""

from __future__ import annotations

from msgspec import structs

from imagewire.errors import InexpressibleError
from imagewire.loss import C, Report, lost
from imagewire.model import ImageRequest
from imagewire.paths import item_range


def prompt_index(request: ImageRequest) -> int:
    """The index of the last user turn; raises `InexpressibleError` if it is empty."""
    index = len(request.turns) - 1
    while index >= 0 and request.turns[index].role != "user":
        index -= 1
    if index < 0:
        msg = "there is no user turn to take the prompt from"
        raise InexpressibleError(msg, path="$.turns")
    if not request.turns[index].parts:
        msg = "the last user turn has neither text nor image"
        raise InexpressibleError(msg, path=("turns", index))
    return index


def last_user_only(
    request: ImageRequest, report: Report, *, spare: tuple[int, int] | None = None
) -> tuple[ImageRequest, int]:
    """The request with its prompt turn alone, and which turn that was; the others are reported.

    ``spare`` is the turn and the part of an image that is not lost with its turn.
    """
    if len(request.turns) == 1:
        return request, 0
    kept = prompt_index(request)
    for first, end in ((0, kept), (kept + 1, len(request.turns))):
        if first < end:
            turns = item_range("$.turns", first, end)
            report(lost(C.EARLIER_TURN, turns, "only the last user message is the prompt"))
        for index in range(first, end):
            for place, part in enumerate(request.turns[index].parts):
                if part.image is not None and (index, place) != spare:
                    item_path = ("turns", index, "parts", place)
                    report(
                        lost(
                            C.EARLIER_IMAGE, item_path, f"an image of an earlier turn, {part.image}"
                        )
                    )
    return structs.replace(request, turns=(request.turns[kept],)), kept
