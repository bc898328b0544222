"""The prompt and the input images of a conversation, as the Images API takes them.

The prompt is the last user turn; earlier turns and system messages are dropped and reported. Where
that turn has no image, the last picture of the model turn before it is the input image ("make it
night" edits the picture), APPROXIMATED. Images stand before the prompt here, so text between images
is APPROXIMATED; text all before or all after them is not.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from imagewire.codec.writing import Writing, report_foreign
from imagewire.errors import InexpressibleError
from imagewire.loss import C, lost
from imagewire.model import Image, ImageRequest, Part
from imagewire.paths import Path
from imagewire.rules.drafts import Indexed
from imagewire.rules.prompt import last_user_only, prompt_index, said


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
    asked = prompt_index(request)
    turn = request.turns[asked]
    hub_path = ("turns", asked)
    words = list(said(turn.parts, (*hub_path, "parts"), writing, asked=True))
    before = _picture_before(request, asked)
    borrowed = before if all(part.image is None for _, part in words) else None
    last_user_only(request, report, spare=borrowed)
    writing.add(turn.extras, hub_path)
    images: list[tuple[Path, Image]] = []
    for index, part in words:
        path = (*hub_path, "parts", index)
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
    texts = [(index, part.text) for index, part in words if part.text]
    if not texts:
        msg = "the request has no text to use as the prompt"
        raise InexpressibleError(msg, path="$.prompt")
    if len(texts) > 1:
        report(lost(C.JOINED_TEXTS, hub_path, f"{len(texts)} texts became one prompt"))
    elif texts[0][0] in texts_between(words):
        report(lost(C.MOVED_TEXT, hub_path, "text between the images is written after them"))
    return Ask("\n".join(text for _, text in texts), tuple(images))


def _picture_before(request: ImageRequest, asked: int) -> tuple[int, int] | None:
    """The turn and part of the last picture of the model turn before the prompt, no draft."""
    for index in range(asked - 1, -1, -1):
        turn = request.turns[index]
        if turn.role == "model":
            places = [
                place
                for place, part in enumerate(turn.parts)
                if part.image is not None and not part.thought
            ]
            return (index, places[-1]) if places else None
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
        detail = "the thought signature: a prompt has no field for it"
        writing.report(lost(C.THOUGHT_SIGNATURE, path, detail))
    if part.image is not None and part.image.detail is not None:
        detail = f"image detail {part.image.detail}: the Images API has no such setting"
        writing.report(lost(C.IMAGE_DETAIL, path, detail))
