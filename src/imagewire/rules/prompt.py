"""The turn that is the prompt.

On the chat face it is the last user message alone (the product page: "The last user message's text
content is used as the image prompt"); in other formats the earlier turns count too.

Thoughts are the model's alone. One among a client's words is no part of the prompt: a target that
does not know its mark would draw what a moderation of the prompt has not seen. It goes back into
its own format, and no other.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import structs

from imagewire.codec.reading import Reading
from imagewire.codec.writing import Writing, is_marked
from imagewire.errors import InexpressibleError
from imagewire.loss import C, Report, lost
from imagewire.model import ImageRequest, Part
from imagewire.paths import Path, item_range

_THOUGHT = "thought"  # the mark of a thought in what a client says


def prompt_index(request: ImageRequest) -> int:
    """The index of the last user turn; raises `InexpressibleError` if it is empty."""
    index = len(request.turns) - 1
    while index >= 0 and request.turns[index].role != "user":
        index -= 1
    if index < 0:
        msg = "there is no user turn to take the prompt from"
        raise InexpressibleError(msg, path="$.turns")
    if not request.turns[index].parts:
        raise _empty(("turns", index))
    return index


def _empty(turn_path: Path) -> InexpressibleError:
    msg = "the last user turn has neither text nor image"
    return InexpressibleError(msg, path=turn_path)


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


def mark_thoughts(parts: tuple[Part, ...], reading: Reading) -> tuple[Part, ...]:
    """The parts of a client's words, each thought among them marked for its own format."""
    for part in parts:
        if part.thought:
            break
    else:
        return parts
    mark = reading.mark(_THOUGHT)
    return tuple(
        structs.replace(part, extras=part.extras + mark) if part.thought else part for part in parts
    )


def said(
    parts: tuple[Part, ...], hub_path: Path, writing: Writing, *, asked: bool = False
) -> Iterable[tuple[int, Part]]:
    """A client's words, each with its index: without the thoughts among them, which are reported.

    ``hub_path`` is that of the tuple. Raises if nothing else was ``asked``.
    """
    for part in parts:
        if part.thought:
            return _without_thoughts(parts, hub_path, writing, asked=asked)
    return enumerate(parts)


def _without_thoughts(
    parts: tuple[Part, ...], hub_path: Path, writing: Writing, *, asked: bool
) -> list[tuple[int, Part]]:
    words: list[tuple[int, Part]] = []
    for index, part in enumerate(parts):
        if part.thought and not is_marked(part.extras, writing.format, _THOUGHT):
            detail = "a thought among the client's words: no part of a prompt"
            writing.report(lost(C.THOUGHT_IN_PROMPT, (*hub_path, index), detail))
        else:
            words.append((index, part))
    if asked and not words:
        raise _empty(hub_path[:-1])
    return words
