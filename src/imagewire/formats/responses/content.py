"""Content parts of messages and parts of the hub, both ways.

What the hub does not tell of a part (``output_text`` or ``input_text``, annotations) is kept with
it, so that it comes back as it was. An ``input_image`` needs its detail, which is ``auto`` if
nobody asked for another.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

import msgspec
from msgspec import UNSET

from imagewire.codec.reading import Reading
from imagewire.codec.writing import Writing, report_declared_type, report_foreign, verbatim
from imagewire.errors import MalformedError
from imagewire.formats.responses import wire
from imagewire.loss import C, lost
from imagewire.model import Extra, Foreign, Image, Part
from imagewire.paths import Path
from imagewire.rules.media import read_inline, read_reference, reference
from imagewire.rules.settings import neutral
from imagewire.rules.urls import is_absolute

_TEXTS = {"input_text", "output_text", "text"}


def keep_unlike(reading: Reading, given: dict[str, Any], ours: dict[str, Any]) -> tuple[Extra, ...]:
    """Extras of the fields that were given and that we would write otherwise."""
    return tuple(
        reading.keep((name,), msgspec.to_builtins(value))
        for name, value in given.items()
        if value is not None and value is not UNSET and value != ours.get(name)
    )


def read_content(
    content: str | list[wire.Part] | None, reading: Reading, wire_path: Path, text_type: str
) -> Iterator[tuple[Part, Path]]:
    """The parts of a message at a wire path, and where in it each stands.

    ``text_type`` is the type that we would give to a text.
    """
    if isinstance(content, str):
        if content:
            yield Part(text=content), ("content",)
        return
    for index, item in enumerate(content or ()):
        item_path: Path = ("content", index)
        part = _read_part(item, reading, (*wire_path, *item_path), text_type)
        if part is not None:
            yield part, item_path


def _read_part(item: wire.Part, reading: Reading, wire_path: Path, text_type: str) -> Part | None:
    extras = reading.take(wire_path)
    if item.type in _TEXTS and item.text is not None:
        given = {"type": item.type, "annotations": item.annotations, "logprobs": item.logprobs}
        ours: dict[str, Any] = {"type": text_type}
        if text_type == "output_text":
            ours["annotations"] = []
        extras += keep_unlike(reading, given, ours)
        if item.text:
            return Part(text=item.text, extras=extras)
        reading.drop(extras, wire_path)
        return None
    if item.type == "input_image":
        return Part(image=_read_picture(item, reading, wire_path), extras=extras)
    if not item.type:
        raise MalformedError("a content part needs a type", path=(*wire_path, "type"))
    value = verbatim(item, extras, wire_path, reading.report)
    return Part(foreign=Foreign(format="responses", kind=item.type, value=value))


def _read_picture(item: wire.Part, reading: Reading, wire_path: Path) -> Image:
    picture = wire.Mask(image_url=item.image_url, file_id=item.file_id)
    return read_picture(picture, reading, wire_path, neutral(item.detail))


def read_picture(
    item: wire.Mask, reading: Reading, wire_path: Path, detail: str | None = None
) -> Image:
    """The image of an ``input_image``, or of a mask: a URL, a data URI or a file's id."""
    if (item.image_url is None) == (item.file_id is None):
        msg = "an image has either an `image_url` or a `file_id`"
        raise MalformedError(msg, path=wire_path)
    if item.image_url is None:
        return Image(file_id=item.file_id, detail=detail)
    item_path = (*wire_path, "image_url")
    image = read_reference(item.image_url, item_path, reading.report, detail)
    if image is None:
        msg = "the data URI of an input image holds no image"
        raise MalformedError(msg, path=item_path)
    return image


def read_result(text: str, declared: str | None, reading: Reading, wire_path: Path) -> Image:
    """The picture of a call's ``result``: base64, or what relays write there, a URL."""
    if is_absolute(text):
        image = read_reference(text, wire_path, reading.report)
    else:
        image = read_inline(text, declared, wire_path, reading.report)
    if image is None:
        raise MalformedError("`result` holds no image", path=wire_path)
    return image


def put_right(node: dict[str, Any], image: Image) -> None:
    """Set the picture of a content part or of a call."""
    if image.data is None:
        return
    if "result" in node:
        node["result"] = image.data
    else:
        node["image_url"] = reference(image)


def write_content(
    part: Part, writing: Writing, hub_path: Path, text_type: str, *, asked: bool = False
) -> wire.Part | None:
    """A content part, or None for one that this API has no place for; extras are the caller's."""
    if part.foreign is not None:
        if part.foreign.format == writing.format:
            return cast("wire.Part", part.foreign.value)
        report_foreign(part, hub_path, writing.report, asked=asked)
        return None
    report_signature(part, writing, hub_path)
    if part.image is None:
        annotations: Any = [] if text_type == "output_text" else UNSET
        return wire.Part(type=text_type, text=part.text, annotations=annotations)
    picture = write_picture(part.image, writing, hub_path)
    return wire.Part(
        type="input_image",
        image_url=picture.image_url,
        file_id=picture.file_id,
        detail=part.image.detail or "auto",
    )


def write_picture(image: Image, writing: Writing, hub_path: Path) -> wire.Mask:
    """Where an input image or a mask is: a URL, a data URI or a file's id."""
    if image.file_id is not None:
        return wire.Mask(file_id=image.file_id)
    report_declared_type(image, hub_path, writing.report)
    return wire.Mask(image_url=reference(image))


def report_signature(part: Part, writing: Writing, hub_path: Path) -> None:
    """Say that a thought signature is not written: only Gemini's own models want it back."""
    if part.signature is not None:
        detail = "the thought signature: the Responses API has no field for it"
        writing.report(lost(C.THOUGHT_SIGNATURE, hub_path, detail))
