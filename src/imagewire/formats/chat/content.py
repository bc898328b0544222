"""Chat messages as hub parts: content, ``images``, ``image``, ``reasoning``, marks.

An empty text is no part, unless it carries a signature. The signature of a message whose content is
a string sits on the message, in ``extra_content.google``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from msgspec import structs

from imagewire.codec.reading import Reading
from imagewire.codec.writing import (
    Writing,
    report_declared_type,
    report_foreign,
    report_signature,
    verbatim,
)
from imagewire.data_uris import is_data_uri
from imagewire.errors import MalformedError
from imagewire.formats.chat.wire import File, ImageURL, Message
from imagewire.formats.chat.wire import Part as WirePart
from imagewire.formats.shared.thought_fields import ExtraContent, mark_of, write_extra
from imagewire.loss import C, lost
from imagewire.model import Foreign, Image, Part
from imagewire.paths import Path, join
from imagewire.rules.markdown import read_text
from imagewire.rules.media import (
    no_uploaded_file,
    read_image,
    read_reference,
    reference,
    split_data_uri,
)
from imagewire.rules.settings import neutral
from imagewire.sniffing import sniff_base64

_TEXT_TYPES = {"text", "input_text", "output_text"}
#: The types of the parts that we write, and of those that stay what they are.
_OUR_TYPES = {"text", "image_url", "file", "refusal", "input_audio"}
#: Fields that hold an image without an ``image_url`` around it: LiteLLM, nekro-agent, the Images
#: API's entries.
_BARE = ("url", "data", "b64_json")

#: Calls of tools, which stand on the message: foreign parts, written back there.
MESSAGE_FIELDS = ("tool_calls", "function_call")


def read_message(  # noqa: PLR0913 - a message, and where it stands
    message: Message,
    reading: Reading,
    hub_path: Path,
    wire_path: Path,
    *,
    start: int = 0,
    reasons: bool = True,
) -> tuple[Part, ...]:
    """The parts of a message at a wire path, in order: reasoning, content, then ``images``.

    ``hub_path`` is the path of the hub's tuple of parts, ``start`` how many it has already. Only
    one that ``reasons``, the model's, has reasoning.
    """
    parts: list[Part] = []
    for part, item_path in _pieces(message, reading, wire_path, reasons=reasons):
        if part is None:
            continue
        reading.nodes[hub_path + (start + len(parts),)] = wire_path + item_path
        parts.append(part)
    if message.extra_content is not None or message.provider_specific_fields is not None:
        _sign(parts, message, reading, wire_path)
    if reading.options.read_markdown:
        return _with_pictures(parts, reading, hub_path, start)
    return tuple(parts)


def _with_pictures(
    parts: list[Part], reading: Reading, hub_path: Path, start: int
) -> tuple[Part, ...]:
    """The parts of a message, and the pictures of their texts."""
    wire_paths = [reading.nodes[hub_path + (start + index,)] for index in range(len(parts))]
    found: list[Part] = []
    for part, wire_path in zip(parts, wire_paths, strict=True):
        for piece in read_text(part, reading, wire_path):
            reading.nodes[hub_path + (start + len(found),)] = wire_path
            found.append(piece)
    return tuple(found)


def _pieces(
    message: Message, reading: Reading, wire_path: Path, *, reasons: bool
) -> list[tuple[Part | None, Path]]:
    """The parts of a message, each with the step that leads to it."""
    pieces: list[tuple[Part | None, Path]] = []
    if message.reasoning and reasons:
        reading.respell(wire_path)
        pieces.append((Part(text=message.reasoning, thought=True), ("reasoning",)))
    content = message.content
    if isinstance(content, str):
        if content or mark_of(message.extra_content).thought_signature is not None:
            pieces.append((Part(text=content), ("content",)))
    elif content:
        for index, item in enumerate(content):
            item_path: Path = ("content", index)
            pieces.append((_read_part(item, reading, (*wire_path, *item_path)), item_path))
    if message.images is not None or message.image is not None:
        reading.respell(wire_path)
        pieces += _pictures(message, reading, wire_path)
    if message.tool_calls or message.function_call:
        pieces += _calls(message)
    return pieces


def _calls(message: Message) -> Iterator[tuple[Part, Path]]:
    for name in MESSAGE_FIELDS:
        value = getattr(message, name)
        if value:
            yield Part(foreign=Foreign(format="chat", kind=name, value={name: value})), (name,)


def _pictures(
    message: Message, reading: Reading, wire_path: Path
) -> Iterator[tuple[Part | None, Path]]:
    """The images beside the content: ``images``, and ``image`` of older gateways."""
    for key, value in (("images", message.images), ("image", message.image)):
        if isinstance(value, list):
            for index, entry in enumerate(value):
                item_path: Path = (key, index)
                yield _read_entry(entry, reading, (*wire_path, *item_path)), item_path
        elif value is not None:
            yield _read_entry(value, reading, wire_path + (key,)), (key,)


def _read_part(item: WirePart, reading: Reading, wire_path: Path) -> Part | None:
    try:
        return _read_whole_part(item, reading, wire_path)
    except MalformedError as error:
        reading.spoil(wire_path, error)
        return None


def _read_whole_part(item: WirePart, reading: Reading, wire_path: Path) -> Part | None:
    extras = reading.take(wire_path)
    mark = mark_of(item.extra_content)
    thought, signature = bool(mark.thought), mark.thought_signature
    if item.text is not None and item.image_url is not None:
        raise MalformedError("a part holds a text or an image, not both", path=wire_path)
    if item.type not in _OUR_TYPES or isinstance(item.image_url, str):
        reading.respell(wire_path)
    words = item.text is not None if not item.type else item.type in _TEXT_TYPES
    if words and item.image_url is None:
        if not item.text and signature is None:
            reading.drop(extras, wire_path)
            return None
        return Part(text=item.text or "", thought=thought, signature=signature, extras=extras)
    image = _read_image_url(item, reading, wire_path) or _read_file(item.file, reading, wire_path)
    if image is not None:
        return Part(image=image, thought=thought, signature=signature, extras=extras)
    if not item.type:
        msg = "a content part needs a type"
        raise MalformedError(msg, path=wire_path + ("type",))
    if item.image_url is None and item.type in {"image_url", "input_image"}:
        msg = f"a part of type `{item.type}` needs an `image_url`"
        raise MalformedError(msg, path=wire_path + ("image_url",))
    value = verbatim(item, extras, wire_path, reading.report)
    return Part(foreign=Foreign(format="chat", kind=item.type, value=value))


def _read_entry(entry: WirePart | str, reading: Reading, wire_path: Path) -> Part | None:
    """An entry of ``images``: a part, or a bare URL."""
    if isinstance(entry, str):
        entry = WirePart(type="image_url", image_url=entry)
    return _read_part(entry, reading, wire_path)


def _read_image_url(item: WirePart, reading: Reading, wire_path: Path) -> Image | None:
    """The image of ``image_url``, or of a field that some write in its place."""
    if item.image_url is None:
        named = [(key, text) for key in _BARE if (text := getattr(item, key))]
        if not named:
            return None
        reading.respell(wire_path)
        key, text = named[0]
        if any(other != text for _, other in named):
            msg = "an image is given in two spellings, which differ"
            raise MalformedError(msg, path=(*wire_path, named[1][0]))
        return read_reference(text, (*wire_path, key), reading.report, neutral(item.detail))
    if isinstance(item.image_url, str):  # the Responses API's input_image has its detail beside it
        item_path = wire_path + ("image_url",)
        return read_reference(item.image_url, item_path, reading.report, neutral(item.detail))
    item_path = (*wire_path, "image_url", "url")
    detail = neutral(item.image_url.detail)
    return read_reference(item.image_url.url, item_path, reading.report, detail)


def _read_file(file: File | None, reading: Reading, wire_path: Path) -> Image | None:
    """The image of a file part whose data are one; other files stay what they are."""
    if file is None or file.file_data is None:
        return None
    item_path = (*wire_path, "file", "file_data")
    data = file.file_data
    if is_data_uri(data):
        declared, data = split_data_uri(data, item_path)
        if declared is not None and not declared.startswith("image/") and not sniff_base64(data):
            return None
        return read_image(data, declared, item_path, reading.report)
    return None if sniff_base64(data) is None else read_image(data, None, item_path, reading.report)


def _sign(parts: list[Part], message: Message, reading: Reading, wire_path: Path) -> None:
    """Give parts the signatures that stand on their message, where their numbers match.

    Google's stands for the one part of the message; LiteLLM lists one a part, or one an image.
    """
    mark, fields = mark_of(message.extra_content), message.provider_specific_fields
    signatures = (fields.thought_signatures if fields is not None else None) or []
    place = "provider_specific_fields.thought_signatures"
    if mark.thought_signature is not None:
        signatures, place = [mark.thought_signature], "extra_content"
    if not signatures:
        return
    reading.respell(wire_path)
    answers = [
        index
        for index, part in enumerate(parts)
        if not part.thought and (part.foreign is None or part.foreign.kind not in MESSAGE_FIELDS)
    ]
    images = [index for index, part in enumerate(parts) if part.image is not None]
    for owners in (answers, images):
        if len(owners) == len(signatures):
            for index, signature in zip(owners, signatures, strict=True):
                parts[index] = structs.replace(parts[index], signature=signature)
            return
    detail = "{} thought signature(s) that do not match the parts of the message"
    reading.report(
        lost(C.THOUGHT_SIGNATURE, f"{join('$', wire_path)}.{place}", detail, len(signatures))
    )


def plain_text(parts: tuple[Part, ...]) -> str | None:
    """The text of a message that is nothing but one text, or None."""
    if len(parts) != 1:
        return None
    part = parts[0]
    own = any(extra.format == "chat" for extra in part.extras)
    return None if part.thought or part.signature is not None or own else part.text


def write_field(foreign: Foreign, message: Message) -> bool:
    """Write a foreign part that stands on its message, and say whether it was one."""
    if foreign.format != "chat" or foreign.kind not in MESSAGE_FIELDS:
        return False
    setattr(message, foreign.kind, foreign.value[foreign.kind])
    return True


def write_part(
    part: Part, writing: Writing, hub_path: Path, wire_path: Path, *, asked: bool = False
) -> WirePart | None:
    """A content part for a wire path, or None for one that chat has no place for."""
    if part.foreign is not None:
        if part.foreign.format == "chat":
            return cast("WirePart", part.foreign.value)
        report_foreign(part, hub_path, writing.report, asked=asked)
        return None
    if part.thought and not writing.options.chat_extensions:  # unmarked, it would be an answer
        detail = "a thought: OpenAI's schema has no field that marks it as one"
        writing.report(lost(C.THOUGHT_PART, hub_path, detail))
        return None
    if part.extras:
        writing.add(part.extras, hub_path, wire_path)
    mark = write_mark(part, writing, hub_path)
    if part.image is None:
        return WirePart(type="text", text=part.text, extra_content=mark)
    return WirePart(
        type="image_url", image_url=write_image(part.image, writing, hub_path), extra_content=mark
    )


def write_image(image: Image, writing: Writing, hub_path: Path) -> ImageURL:
    """The ``image_url`` object of an image; file ids belong to the Images API only."""
    if image.file_id is not None:
        raise no_uploaded_file(hub_path)
    report_declared_type(image, hub_path, writing.report)
    return ImageURL(url=reference(image), detail=image.detail)


def put_right(node: dict[str, Any], image: Image) -> None:
    """Set the picture of a content part; a URL is here without white space around it."""
    holder = node.get("image_url")
    if isinstance(holder, dict):
        holder["url"] = reference(image)


def write_mark(part: Part, writing: Writing, hub_path: Path) -> ExtraContent | None:
    """Google's mark on a part: its thought flag and its signature."""
    if not part.thought and part.signature is None:
        return None
    if not writing.options.chat_extensions:
        report_signature(part, hub_path, "OpenAI's schema has no field for it", writing.report)
        return None
    return write_extra(part.signature, thought=part.thought)
