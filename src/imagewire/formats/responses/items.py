"""Items of ``input`` and ``output``: messages, calls of the image tool, and others, both ways.

The model's words are messages, each picture is an item of its own. From another format each of the
model's texts is a message. An item that is neither (a call of another tool, reasoning) is kept
whole. Ids that an item needs and nobody gave are derived from what it holds. An ``input_image``
needs its detail, which is ``auto`` if nobody asked for another.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast

import msgspec
from msgspec import UNSET, structs

from imagewire.codec.reading import Reading
from imagewire.codec.writing import (
    marked,
    report_foreign,
    report_signature,
    report_unknown_bytes,
    verbatim,
)
from imagewire.errors import MalformedError
from imagewire.formats.responses import wire
from imagewire.formats.responses.item_list import Items
from imagewire.formats.shared.openai_image import (
    FORMAT_NAMES,
    PROPERTY_FIELDS,
    type_of_format,
    write_reference,
)
from imagewire.formats.shared.reply_id import is_made_up, made_up_item_id
from imagewire.loss import C, lost
from imagewire.model import Extra, Foreign, Image, ImageSettings, Part
from imagewire.paths import EXTRAS, Path
from imagewire.rules.drafts import Indexed
from imagewire.rules.media import (
    no_remote_images,
    no_uploaded_file,
    read_inline,
    read_input,
    read_reference,
    reference,
)
from imagewire.rules.settings import neutral
from imagewire.rules.urls import is_absolute

# What chat completions call these is read, too: clients send it.
_TEXTS = {"input_text", "output_text", "text"}
_PICTURES = {"input_image", "image_url"}
_ITEM = "item"  # the mark of a part that is an item of its own: its value is that item
_NO_FIELD = "the Responses API has no field for it"

#: A part, and where it stands in its item.
Placed = tuple[Part, Path]


def keep_unlike(
    reading: Reading, given: Mapping[str, Any], ours: Mapping[str, Any]
) -> tuple[Extra, ...]:
    """Extras of the fields that were given and that we would write otherwise."""
    unlike = {
        name: value
        for name, value in given.items()
        if value is not UNSET and value != ours.get(name)
    }
    return reading.keep_named(**msgspec.to_builtins(unlike))


def note(
    found: Iterable[Placed], reading: Reading, wire_path: Path, hub_path: Path, first: int = 0
) -> tuple[Part, ...]:
    """The parts of an item, of which is noted where they come from; extras are the item's."""
    parts: list[Part] = []
    for part, item_path in found:
        node = (*hub_path, first + len(parts))
        reading.nodes[node] = wire_path + item_path
        if part.extras:
            reading.nodes[(*node, EXTRAS)] = wire_path
        parts.append(part)
    return tuple(parts)


def read_item(
    item: wire.Item, reading: Reading, wire_path: Path, told: ImageSettings | None = None
) -> list[Placed] | None:
    """The parts of an item; None for reasoning without words, which is only kept.

    ``told`` is what a reply says of its pictures, None in a request.
    """
    if item.role is not None or item.type == "message":
        return _read_message(item, reading, wire_path)
    if item.type == wire.CALL and item.result:
        return _read_call(item, reading, wire_path, told)
    if item.type != "reasoning":
        value = verbatim(item, reading.take(wire_path), wire_path, reading.report)
        foreign = Foreign(format=reading.reader.format, kind=item.type or _ITEM, value=value)
        return [(Part(foreign=foreign, extras=reading.mark(_ITEM, value=value)), ())]
    thought = "\n\n".join(piece.text for piece in item.summary or () if piece.text)
    if not thought:
        return None
    whole = reading.mark(_ITEM, value=msgspec.to_builtins(item))
    return [(Part(text=thought, thought=True, extras=whole + reading.take(wire_path)), ())]


def _read_message(item: wire.Item, reading: Reading, wire_path: Path) -> list[Placed]:
    """The parts of a message; what else it says goes with the first."""
    found: list[Placed] = []
    if isinstance(item.content, str):
        found += [(Part(text=item.content), ("content",))] if item.content else []
    else:
        for index, piece in enumerate(item.content or ()):
            item_path: Path = ("content", index)
            part = _read_piece(piece, reading, wire_path, item_path)
            found += [] if part is None else [(part, item_path)]
    extras = reading.take(wire_path) + reading.keep_named(b64_json=item.b64_json)
    if not found:
        reading.drop(extras, wire_path)
        return []
    if not is_made_up(item.id, found[0][0].text or "", "msg_"):
        extras += reading.keep_named(id=item.id)
    if extras:
        first, item_path = found[0]
        found[0] = structs.replace(first, extras=first.extras + extras), item_path
    return found


def _read_piece(item: wire.Part, reading: Reading, wire_path: Path, item_path: Path) -> Part | None:
    path = wire_path + item_path
    unknown = reading.take(path)
    told = {"annotations": item.annotations, "logprobs": item.logprobs}
    own = unknown + keep_unlike(reading, told, {"annotations": []})
    extras = tuple(structs.replace(extra, path=item_path + extra.path) for extra in own)
    if item.type in _TEXTS and item.text is not None:
        if item.text:
            return Part(text=item.text, extras=extras)
        reading.drop(unknown, path)
        return None
    if item.type in _PICTURES:
        return Part(image=read_picture(item, reading, path, neutral(item.detail)), extras=extras)
    if not item.type:
        raise MalformedError("a content part needs a type", path=(*path, "type"))
    value = verbatim(item, unknown, path, reading.report)
    return Part(foreign=Foreign(format=reading.reader.format, kind=item.type, value=value))


def read_picture(
    item: wire.Part | wire.Mask, reading: Reading, wire_path: Path, detail: str | None = None
) -> Image:
    """The image of an ``input_image``, or of a mask: a URL, a data URI or a file's id."""
    link: str | wire.Link | None = item.image_url
    link_path = (*wire_path, "image_url")
    if isinstance(link, wire.Link):
        detail = detail or neutral(link.detail)
        link, link_path = link.url, (*link_path, "url")
    if (link is None) == (item.file_id is None):
        msg = "an image has either an `image_url` or a `file_id`"
        raise MalformedError(msg, path=wire_path)
    if link is None:
        return Image(file_id=item.file_id, detail=detail)
    return read_input(link, link_path, reading.report, detail)


def _read_call(
    item: wire.Item, reading: Reading, wire_path: Path, told: ImageSettings | None
) -> list[Placed]:
    """The picture of a call, and the prompt that a model wrote for it, where that is the text."""
    image = read_result(item.result or "", item.output_format, reading, (*wire_path, "result"))
    given = {name: getattr(item, name) for name in ("action", *PROPERTY_FIELDS)}
    given["b64_json"] = None if item.b64_json == item.result else item.b64_json
    if not is_made_up(item.id, image.data or image.url or "", "ig_"):
        given["id"] = item.id
    extras = keep_unlike(reading, given, _told(image, told))
    words = item.revised_prompt or None
    if told is None or reading.options.images_text != "revised_prompt":
        extras += reading.keep_named(revised_prompt=words)
        words = None
    found: list[Placed] = [(Part(image=image, extras=extras + reading.take(wire_path)), ())]
    return found if words is None else [*found, (Part(text=words), ("revised_prompt",))]


def read_result(text: str, format_: str | None, reading: Reading, wire_path: Path) -> Image:
    """The picture of a call or a draft: base64, or what relays write there, a URL."""
    if is_absolute(text):
        image = read_reference(text, wire_path, reading.report)
    else:
        image = read_inline(text, type_of_format(format_), wire_path, reading.report)
    if image is None:
        raise MalformedError("`result` holds no image", path=wire_path)
    return image


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


def kept_item(item: wire.Item, reading: Reading, wire_path: Path, place: Path) -> tuple[Extra, ...]:
    """The mark of an item that its own format writes back where it stood, and its other fields.

    The mark has these, too; they are for other formats.
    """
    others = reading.take(wire_path)
    value = verbatim(item, tuple(e for e in others if e.kept), wire_path, reading.report)
    if item.type == wire.CALL:
        value.setdefault("result", None)  # which the SDK's types of items want
        value.get("error", {}).setdefault("param", None)
        others += reading.keep_named(revised_prompt=item.revised_prompt)
    details = item.error and item.error.moderation_details
    if details and details.categories:
        path = ("error", "moderation_details", "categories")
        others += (reading.keep(path, details.categories),)
    mark = reading.mark(*place, value=value)
    return mark + tuple(structs.replace(extra, path=place + extra.path) for extra in others)


def put_right(node: dict[str, Any], image: Image) -> None:
    """Set the picture of a content part or of a call; a URL has no white space around it."""
    if image.file_id is not None:
        return
    if node.get("type") == wire.CALL:
        if not node.get("result"):
            node.pop("b64_json", None)
        node["result"] = image.data or image.url
    elif isinstance(node.get("image_url"), dict):
        node["image_url"]["url"] = reference(image)
    else:
        node["image_url"] = reference(image)


def whole_item(part: Part, own: str) -> Any:
    """The item that a part is in its own format, or None."""
    return marked(part.extras, own, _ITEM)


def write_items(parts: Iterable[Indexed], items: Items, hub_path: Path) -> None:
    """The items of the model: its messages and its calls."""
    writing = items.writing
    for index, part in parts:
        path = (*hub_path, index)
        item = whole_item(part, writing.format)
        if item is None and part.image is not None and not part.thought:
            item = _write_call(part, part.image, items, path)
        if item is not None:
            writing.add(part.extras, path)
            items.add(item)
        elif part.thought:
            detail = "a thought: the Responses API has no field that marks it as one"
            writing.report(lost(C.THOUGHT_PART, path, detail))
        else:
            write_message([(index, part)], items, hub_path, "assistant")


def write_message(
    parts: Iterable[Indexed], items: Items, hub_path: Path, role: str, *, asked: bool = False
) -> bool:
    """The message of some parts; tells whether there was anything to write."""
    writing = items.writing
    content: list[wire.Part] = []
    texts: list[str | None] = []
    bare = items.told is None
    for index, part in parts:
        path = (*hub_path, index)
        written = _write_piece(part, items, path, asked=asked)
        if written is None:
            continue
        for extra in part.extras:
            inside = extra.format == writing.format and extra.path[0] == "content"
            bare = bare and not inside
            place: Path = ("content", len(content)) if inside else ()
            writing.add((extra,), path, place, steps=len(place))
        content.append(written)
        texts.append(part.text)
    if not content:
        return False
    if items.told is not None:
        id_ = made_up_item_id(texts[0] or "", "msg_")
        item = wire.Item(id=id_, type="message", status="completed", role=role, content=content)
    else:
        text = texts[0] if bare and len(texts) == 1 else None
        item = wire.Item(role=role, content=content if text is None else text)
    items.add(item)
    return True


def _write_piece(part: Part, items: Items, hub_path: Path, *, asked: bool) -> wire.Part | None:
    """A content part, or None for one that this API has no place for."""
    writing = items.writing
    if part.foreign is not None:
        if part.foreign.format == writing.format:
            return cast("wire.Part", part.foreign.value)
        report_foreign(part, hub_path, writing.report, asked=asked)
        return None
    if part.signature is not None:
        report_signature(part, hub_path, _NO_FIELD, writing.report)
    if part.image is not None:
        at = write_reference(part.image, hub_path, writing.report)
        return wire.Part(type="input_image", detail=part.image.detail or "auto", **at)
    if items.told is None:
        return wire.Part(type="input_text", text=part.text)
    return wire.Part(type="output_text", text=part.text, annotations=[])


def _write_call(part: Part, image: Image, items: Items, hub_path: Path) -> wire.Item:
    report, about = items.writing.report, _told(image, items.told)
    if part.signature is not None:
        report_signature(part, hub_path, _NO_FIELD, report)
    if image.detail is not None:
        detail = "image detail {}: the model's own images have none"
        report(lost(C.IMAGE_DETAIL, hub_path, detail, image.detail))
    if items.told is None and image.file_id is not None:
        raise no_uploaded_file(hub_path)
    if items.told is None and image.url is not None:
        raise no_remote_images([(hub_path, image.url)]).noted(
            "Fetch `error.urls` and pass the images as `fetched`."
        )
    if not about.get("output_format"):
        report_unknown_bytes(image, hub_path, report)
    if image.file_id is not None:
        report(lost(C.UPLOADED_FILE, hub_path, "an uploaded file: a reply holds images, not ids"))
    result = image.data or image.url
    id_ = made_up_item_id(result or "", "ig_")
    return wire.Item(id=id_, type=wire.CALL, status="completed", result=result, **about)
