"""Items of ``input`` and ``output``: messages, calls of the image tool, and others, both ways.

The model's words are messages, each picture is an item of its own. From another format each text
is a message; texts that stood in one message stand in one again. An item that is neither (a call of
another tool, reasoning) is kept whole. Ids that an item needs and nobody gave are derived from what
it holds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import msgspec
from msgspec import structs

from imagewire.codec.reading import Reading
from imagewire.codec.writing import Writing, is_marked, report_foreign, verbatim
from imagewire.formats.responses import wire
from imagewire.formats.responses.content import (
    keep_unlike,
    read_content,
    read_result,
    report_signature,
    write_content,
)
from imagewire.formats.shared.openai_image import FORMAT_NAMES, type_of_format
from imagewire.formats.shared.reply_id import made_up_item_id
from imagewire.loss import C, lost
from imagewire.model import Extra, Foreign, Image, ImageSettings, Part
from imagewire.paths import Path
from imagewire.rules.drafts import Indexed
from imagewire.rules.media import no_remote_images, no_uploaded_file
from imagewire.sniffing import sniff_base64

CALL = "image_generation_call"

# Marks of parts: it stands in the same message as the part before; the content of its message was a
# list; it is an item of its own.
_SAME, LIST, _ITEM = "same", "list", "item"


class Items(msgspec.Struct):
    """The items of a document in the making; ``kept`` writes those that have an index of old.

    ``told`` is what a reply says of its pictures, None in a request.
    """

    field: str
    writing: Writing
    told: ImageSettings | None = None
    kept: dict[int, Callable[[], None]] = {}
    written: list[Any] = []

    def place(self) -> Path:
        """The path of the next item, after those that stood there."""
        while (write := self.kept.pop(len(self.written), None)) is not None:
            write()
        return (self.field, len(self.written))

    def finish(self) -> list[Any]:
        """All items; those whose index was beyond the last come last."""
        for index in sorted(self.kept):
            self.kept.pop(index)()
        return self.written


def open_items(
    field: str, extras: tuple[Extra, ...], writing: Writing, told: ImageSettings | None = None
) -> tuple[Items, tuple[Extra, ...]]:
    """The items that a document's extras keep, and its other extras."""
    items, others = Items(field, writing, told), []
    for extra in extras:
        own = extra.format == writing.format and extra.path[0] == field
        if own and len(extra.path) == 2:
            items.kept[int(extra.path[1])] = partial(items.written.append, extra.value)
        else:
            others.append(extra)
    return items, tuple(others)


def read_call(
    item: wire.Item, reading: Reading, wire_path: Path, told: ImageSettings | None
) -> Part:
    """The picture of a call; ``told`` is what a reply says of its pictures, None in a request."""
    declared = type_of_format(item.output_format)
    image = read_result(item.result or "", declared, reading, (*wire_path, "result"))
    ours: dict[str, Any] = {"status": "completed", **_told(image, told)}
    if item.id is not None:
        ours["id"] = made_up_item_id(image.data or image.url or "", "ig_")
    names = ("id", "status", "action", "background", "output_format", "quality", "size")
    extras = keep_unlike(reading, {name: getattr(item, name) for name in names}, ours)
    if told is None or reading.options.images_text != "revised_prompt":
        extras += reading.keep_named(revised_prompt=item.revised_prompt)
    if item.output_format is None:
        extras += reading.mark("output_format")
    return Part(image=image, extras=extras + reading.take(wire_path))


def _told(image: Image, told: ImageSettings | None) -> dict[str, Any]:
    """What a call of a reply says of its picture; one of a request says nothing."""
    if told is None:
        return {}
    return {
        "background": told.background,
        "output_format": FORMAT_NAMES.get(image.media_type or "") or told.format,
        "quality": told.quality,
        "size": None if told.size is None else str(told.size),
    }


def read_message(
    item: wire.Item, reading: Reading, wire_path: Path, ours: dict[str, Any]
) -> list[tuple[Part, Path]]:
    """The parts of a message that is no user's, and where each stands; extras are the item's."""
    replies = "id" in ours
    text_type = "output_text" if replies else "input_text"
    parts: list[tuple[Part, Path]] = []
    for part, item_path in read_content(item.content, reading, wire_path, text_type):
        extras = tuple(structs.replace(extra, path=item_path + extra.path) for extra in part.extras)
        if parts:
            extras += reading.mark(_SAME)
        elif isinstance(item.content, list) and not replies:
            extras += reading.mark(LIST)
        parts.append((structs.replace(part, extras=extras), item_path))
    if replies and item.id is not None and parts:
        ours = {**ours, "id": made_up_item_id(parts[0][0].text or "", "msg_")}
    given = {name: getattr(item, name) for name in ("id", "type", "status", "role")}
    extras = keep_unlike(reading, given, ours) + reading.take(wire_path)
    if not parts:
        reading.drop(extras, wire_path)
    elif extras:
        first, item_path = parts[0]
        parts[0] = structs.replace(first, extras=first.extras + extras), item_path
    return parts


def kept_item(
    item: wire.Item, unknown: tuple[Extra, ...], reading: Reading, wire_path: Path
) -> tuple[Extra, ...]:
    """An item that its own format writes back where it stood, and what its struct does not name."""
    value = msgspec.to_builtins(item)
    if item.type == CALL:
        value.setdefault("result", None)  # which the SDK's types of items want
        value.get("error", {}).setdefault("param", None)
    others = (structs.replace(extra, path=wire_path + extra.path) for extra in unknown)
    return (reading.keep(wire_path, value, "silent"), *others)


def read_other(item: wire.Item, reading: Reading, wire_path: Path) -> Part | tuple[Extra, ...]:
    """An item of no use to image generation, whole; reasoning without words is only kept."""
    if item.type != "reasoning":
        value = verbatim(item, reading.take(wire_path), wire_path, reading.report)
        foreign = Foreign(format=reading.reader.format, kind=item.type or "item", value=value)
        return Part(foreign=foreign, extras=reading.mark(_ITEM))
    thought = "\n\n".join(piece.text for piece in item.summary or () if piece.text)
    if not thought:
        return kept_item(item, reading.take(wire_path), reading, wire_path)
    whole = reading.keep((_ITEM,), msgspec.to_builtins(item), "silent")
    return Part(text=thought, thought=True, extras=(whole, *reading.take(wire_path)))


def whole_item(part: Part, own: str) -> Any:
    """The item that a part is in its own format, or None."""
    if part.foreign is not None and is_marked(part.extras, own, _ITEM):
        return part.foreign.value
    kept = (extra.value for extra in part.extras if extra.format == own and extra.path == (_ITEM,))
    return next(kept, None)


def write_items(parts: Iterable[Indexed], items: Items, hub_path: Path, role: str) -> None:
    """The items of a turn that is no user's, or of a reply: its messages and its calls."""
    writing = items.writing
    message: wire.Item | None = None
    for index, part in parts:
        path = (*hub_path, index)
        item = whole_item(part, writing.format)
        if item is not None:
            others = tuple(extra for extra in part.extras if extra.path != (_ITEM,))
            writing.add(others, path, items.place())
            items.written.append(item)
        elif part.thought:
            detail = "a thought: the Responses API has no field that marks it as one"
            writing.report(lost(C.THOUGHT_PART, path, detail))
        elif part.image is not None and role == "assistant":
            wire_path = items.place()
            call = _write_call(part, part.image, items, path)
            writing.add(part.extras, path, wire_path)
            items.written.append(call)
        elif part.foreign is not None and part.foreign.format != writing.format:
            report_foreign(part, path, writing.report, asked=False)
        elif message is not None and is_marked(part.extras, writing.format, _SAME):
            writing.add(part.extras, path, (items.field, len(items.written) - 1))
            _add_content(message, part, items, path)
        else:
            wire_path = items.place()
            writing.add(part.extras, path, wire_path)
            message = _open_message(part, items, role)
            _add_content(message, part, items, path)
            items.written.append(message)


def _open_message(part: Part, items: Items, role: str) -> wire.Item:
    own = items.writing.format
    if items.told is not None:
        id_ = made_up_item_id(part.text or "", "msg_")
        return wire.Item(id=id_, type="message", status="completed", role=role, content=[])
    deep = any(extra.format == own and extra.path[0] == "content" for extra in part.extras)
    is_list = deep or part.text is None or is_marked(part.extras, own, LIST)
    return wire.Item(role=role, content=[] if is_list else None)


def _add_content(message: wire.Item, part: Part, items: Items, hub_path: Path) -> None:
    text_type = "input_text" if items.told is None else "output_text"
    written = write_content(part, items.writing, hub_path, text_type)
    if isinstance(message.content, list):
        message.content += [written] if written is not None else []
    else:
        message.content = part.text


def _write_call(part: Part, image: Image, items: Items, hub_path: Path) -> wire.Item:
    writing, told = items.writing, items.told
    report_signature(part, writing, hub_path)
    if image.detail is not None:
        detail = "image detail {}: the model's own images have none"
        writing.report(lost(C.IMAGE_DETAIL, hub_path, detail, image.detail))
    if told is None:
        _refuse_elsewhere(image, hub_path)
    about = _told(image, told)
    if is_marked(part.extras, writing.format, "output_format"):
        about["output_format"] = None
    if image.data is not None and not about.get("output_format") and not sniff_base64(image.data):
        detail = "type {} of an image whose bytes do not tell it"
        writing.report(lost(C.MEDIA_TYPE, hub_path, detail, image.media_type))
    result = image.data or image.url
    if result is None:
        detail = "an uploaded file: a reply holds images, not ids"
        writing.report(lost(C.UPLOADED_FILE, hub_path, detail))
    id_ = made_up_item_id(result or "", "ig_")
    return wire.Item(id=id_, type=CALL, status="completed", result=result, **about)


def _refuse_elsewhere(image: Image, hub_path: Path) -> None:
    """Raise for an earlier picture that is not here: a call of the tool holds its bytes."""
    if image.file_id is not None:
        raise no_uploaded_file(hub_path)
    if image.url is not None:
        raise no_remote_images([(hub_path, image.url)]).noted(
            "Fetch `error.urls` and pass the images as `fetched`."
        )
