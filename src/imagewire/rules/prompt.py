"""The turn that is the prompt.

On the chat face it is the last user message alone (the product page: "The last user message's text
content is used as the image prompt"); in other formats the earlier turns count too, and a run of
turns of one role is one turn: google-genai's chat session stores every event of a stream as a turn
of its own, often ending in an empty text.

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

_ONE = range(1)
_THOUGHT = "thought"  # the mark of a thought in what a client says


def prompt_run(request: ImageRequest) -> range:
    """The turns of the last run of user turns; raises `InexpressibleError` if they are empty."""
    end = len(request.turns)
    if end == 1 and request.turns[0].role == "user" and request.turns[0].parts:
        return _ONE  # as most requests have it
    while end and request.turns[end - 1].role != "user":
        end -= 1
    start = end
    while start and request.turns[start - 1].role == "user":
        start -= 1
    if start == end:
        msg = "there is no user turn to take the prompt from"
        raise InexpressibleError(msg, path="$.turns")
    for index in range(start, end):
        if request.turns[index].parts:
            return range(start, end)
    raise _empty(("turns", end - 1))


def prompt_index(request: ImageRequest) -> int:
    """The last user turn; raises `InexpressibleError` if it is empty."""
    last = prompt_run(request)[-1]
    if not request.turns[last].parts:
        raise _empty(("turns", last))
    return last


def _empty(turn_path: Path) -> InexpressibleError:
    msg = "the last user turn has neither text nor image"
    return InexpressibleError(msg, path=turn_path)


def last_user_only(request: ImageRequest, report: Report) -> tuple[ImageRequest, int]:
    """The request with its last user turn alone, and which turn that was."""
    if len(request.turns) == 1:
        return request, 0
    last = prompt_index(request)
    report_others(request, range(last, last + 1), report)
    return structs.replace(request, turns=(request.turns[last],)), last


def report_others(
    request: ImageRequest, kept: range, report: Report, *, spare: tuple[int, int] | None = None
) -> None:
    """Report the turns beside those that are kept.

    ``spare`` is the turn and the part of an image that is not lost with its turn.
    """
    for first, end in ((0, kept.start), (kept.stop, len(request.turns))):
        if first < end:
            turns = item_range("$.turns", first, end)
            report(lost(C.EARLIER_TURN, turns, "only the last user message is the prompt"))
        for index in range(first, end):
            for place, part in enumerate(request.turns[index].parts):
                if part.image is not None and (index, place) != spare:
                    item_path = ("turns", index, "parts", place)
                    detail = "an image of an earlier turn, {}"
                    report(lost(C.EARLIER_IMAGE, item_path, detail, part.image))


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
