"""The prompt and the input images of a conversation, as the Images API takes them.

The prompt is the last run of user turns; earlier turns and system messages are dropped and
reported. Where it has no image, the last picture of the model turns before it is the input image
("make it night" edits the picture), APPROXIMATED. Images stand before the prompt here, so text
between images is APPROXIMATED; text all before or all after them is not.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from imagewire.codec.writing import Writing, report_foreign, report_signature
from imagewire.errors import InexpressibleError
from imagewire.loss import C, lost
from imagewire.model import Image, ImageRequest, Part
from imagewire.paths import Path
from imagewire.rules.drafts import Indexed
from imagewire.rules.prompt import prompt_run, report_others, said


class Ask(msgspec.Struct, frozen=True):
    """A prompt and the input images, in order, each with its hub path."""

    prompt: str
    images: tuple[tuple[Path, Image], ...]


def read_ask(request: ImageRequest, writing: Writing) -> Ask:
    """The prompt turn as the Images API has it; raises for an edit without words."""
    report = writing.report
    for index, part in enumerate(request.system):
        path: Path = ("system", index)
        report(lost(C.SYSTEM_MESSAGE, path, "a system message: the Images API has none"))
        writing.add(part.extras, path)
    run = prompt_run(request)
    words = _words_of(request, run, writing)
    before = _picture_before(request, run.start)
    borrowed = before if all(part.image is None for _, part in words) else None
    report_others(request, run, report, spare=borrowed)
    images: list[tuple[Path, Image]] = []
    for path, part in words:
        _report_marks(part, path, writing, len(images))
        if part.image is not None:
            images.append((path, part.image))
    if borrowed is not None:
        path = ("turns", borrowed[0], "parts", borrowed[1])
        detail = "the last image of the model became the input image of the edit"
        report(lost(C.PREVIOUS_IMAGE, path, detail))
        part = request.turns[borrowed[0]].parts[borrowed[1]]
        _report_marks(part, path, writing, 0)
        images += [(path, part.image)] if part.image is not None else []
    texts = [(index, part.text) for index, (_, part) in enumerate(words) if part.text]
    if not texts:
        msg = "the request has no text to use as the prompt"
        raise InexpressibleError(msg, path="$.prompt")
    hub_path = ("turns", run[-1])
    if len(texts) > 1:
        report(lost(C.JOINED_TEXTS, hub_path, "{} texts became one prompt", len(texts)))
    elif texts[0][0] in texts_between([(i, part) for i, (_, part) in enumerate(words)]):
        report(lost(C.MOVED_TEXT, hub_path, "text between the images is written after them"))
    return Ask("\n".join(text for _, text in texts), tuple(images))


def _words_of(request: ImageRequest, run: range, writing: Writing) -> list[tuple[Path, Part]]:
    """The parts of a run of user turns, each with its hub path: without thoughts among them."""
    words: list[tuple[Path, Part]] = []
    for number in run:
        turn, hub_path = request.turns[number], ("turns", number, "parts")
        asked = number == run[-1] and not words
        if turn.parts:
            own = said(turn.parts, hub_path, writing, asked=asked)
            words += [((*hub_path, index), part) for index, part in own]
        writing.add(turn.extras, hub_path[:2])
    return words


def _picture_before(request: ImageRequest, first: int) -> tuple[int, int] | None:
    """The turn and part of the last picture, no draft, of the run of model turns before a turn."""
    for index in range(first - 1, -1, -1):
        turn = request.turns[index]
        if turn.role != "model":
            return None
        for place in range(len(turn.parts) - 1, -1, -1):
            if turn.parts[place].image is not None and not turn.parts[place].thought:
                return index, place
    return None


def texts_between(parts: Sequence[Indexed]) -> list[int]:
    """The indexes of the texts that have an image before them and one after."""
    images = [index for index, part in parts if part.image is not None]
    if not images:
        return []
    texts = (index for index, part in parts if part.text is not None)
    return [index for index in texts if images[0] < index < images[-1]]


def _report_marks(part: Part, path: Path, writing: Writing, place: int) -> None:
    """Report what a part of the prompt turn has beside its text or image."""
    report_foreign(part, path, writing.report, asked=True)
    writing.add(part.extras, path, ("images", place))
    if part.signature is not None:
        report_signature(part, path, "a prompt has no field for it", writing.report)
    if part.image is not None and part.image.detail is not None:
        detail = "image detail {}: the Images API has no such setting"
        writing.report(lost(C.IMAGE_DETAIL, path, detail, part.image.detail))
