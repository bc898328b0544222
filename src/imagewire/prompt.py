"""Which turn asks for the picture.

On the chat face it is the last user message alone (the product page: "The last user message's text
content is used as the image prompt"); elsewhere the conversation is what it is.
"""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from imagewire.errors import InexpressibleError
from imagewire.loss import CONTENT, Report, dropped
from imagewire.model import ImageRequest, Part


def prompt_index(request: ImageRequest) -> int:
    """The index of the last user turn; raises `InexpressibleError` if it asks for nothing."""
    turns = request.turns
    for index in range(len(turns) - 1, -1, -1):
        if turns[index].role == "user":
            if not turns[index].parts:
                msg = "the last user turn has neither text nor image"
                raise InexpressibleError(msg, path=f"$.turns[{index}]")
            return index
    msg = "there is no user turn to take the prompt from"
    raise InexpressibleError(msg, path="$.turns")


def all_parts(request: ImageRequest) -> Iterator[tuple[str, Part]]:
    """Every part of a request with its hub path."""
    for index, part in enumerate(request.system):
        yield f"$.system[{index}]", part
    for index, turn in enumerate(request.turns):
        for place, part in enumerate(turn.parts):
            yield f"$.turns[{index}].parts[{place}]", part


def last_user_only(
    request: ImageRequest, report: Report, *, spare: tuple[int, int] | None = None
) -> tuple[ImageRequest, int]:
    """The request with its prompt turn alone, and which turn that was; the others are reported.

    ``spare`` is the turn and the part of an image that is not lost with its turn.
    """
    if len(request.turns) == 1:
        return request, 0
    kept = prompt_index(request)
    for index, turn in enumerate(request.turns):
        if index == kept:
            continue
        report(dropped(f"$.turns[{index}]", "only the last user message is the prompt", CONTENT))
        for place, part in enumerate(turn.parts):
            if part.image is not None and (index, place) != spare:
                path = f"$.turns[{index}].parts[{place}]"
                report(dropped(path, f"an image of an earlier turn, {part.image}", CONTENT))
    return attrs.evolve(request, turns=(request.turns[kept],)), kept
