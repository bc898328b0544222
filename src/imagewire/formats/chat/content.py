"""Chat messages as hub parts: content, ``images``, ``image``, ``reasoning``, marks.

An empty text is no part, unless it carries a signature. The signature of a message whose content is
a string sits on the message, in ``extra_content.google``. Markdown images stand two line ends away
from the text around them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import cast

from msgspec import structs

from imagewire.codec.reading import Reading
from imagewire.codec.writing import Writing, report_declared_type, report_foreign, verbatim
from imagewire.data_uris import is_data_uri
from imagewire.errors import MalformedError
from imagewire.formats.chat.wire import File, ImageURL, Message
from imagewire.formats.chat.wire import Part as WirePart
from imagewire.formats.shared.thought_fields import ExtraContent, mark_of, write_extra
from imagewire.loss import C, Report, lost
from imagewire.model import Foreign, Image, Part
from imagewire.paths import Path, join
from imagewire.rules.media import (
    no_uploaded_file,
    read_image,
    read_reference,
    reference,
    sniff_base64,
    split_data_uri,
)
from imagewire.rules.settings import neutral
from imagewire.rules.urls import is_absolute, is_refused

_TEXT_TYPES = {"text", "input_text", "output_text"}

#: Calls of tools, which stand on the message: foreign parts, written back there.
MESSAGE_FIELDS = ("tool_calls", "function_call")

#: What stands between markdown images and the text around them.
GAP = "\n\n"


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
        _sign(parts, message, reading.report, wire_path)
    return tuple(parts)


def _pieces(
    message: Message, reading: Reading, wire_path: Path, *, reasons: bool
) -> list[tuple[Part | None, Path]]:
    """The parts of a message, each with the step that leads to it."""
    pieces: list[tuple[Part | None, Path]] = []
    if message.reasoning and reasons:
        pieces.append((Part(text=message.reasoning, thought=True), ("reasoning",)))
    content = message.content
    if isinstance(content, str):
        if reading.options.read_markdown and "](" in content:
            parts = _read_markdown(content, wire_path + ("content",), reading.report)
            pieces += [(part, ("content",)) for part in parts]
        elif content or mark_of(message.extra_content).thought_signature is not None:
            pieces.append((Part(text=content), ("content",)))
    elif content:
        for index, item in enumerate(content):
            item_path: Path = ("content", index)
            pieces.append((_read_part(item, reading, (*wire_path, *item_path)), item_path))
    if message.images is not None or message.image is not None:
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
    extras = reading.take(wire_path)
    mark = mark_of(item.extra_content)
    thought, signature = bool(mark.thought), mark.thought_signature
    if item.text is not None and item.image_url is not None:
        raise MalformedError("a part holds a text or an image, not both", path=wire_path)
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
    """An entry of ``images``: a part, a bare URL, or LiteLLM's ``{"url": ...}``."""
    if isinstance(entry, str):
        entry = WirePart(type="image_url", image_url=entry)
    elif entry.image_url is None and (url := entry.url or entry.data):
        image_url = ImageURL(url=url, detail=entry.detail)
        entry = WirePart(type="image_url", image_url=image_url, extra_content=entry.extra_content)
    return _read_part(entry, reading, wire_path)


def _read_image_url(item: WirePart, reading: Reading, wire_path: Path) -> Image | None:
    if item.image_url is None:
        return None
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


def _read_markdown(text: str, wire_path: Path, report: Report) -> Iterator[Part]:
    """The texts and images of ``...![alt](data:image/png;base64,...)...``.

    What is no valid image stays text (QuantumNous/new-api ``markdown_image.go`` writes this form).
    """
    tail, *pieces = text.split("](")
    pending: list[str] = []
    started = False
    for piece in pieces:
        url, closed, after = piece.partition(")")
        head, opening, _alt = tail.rpartition("![")
        image = _markdown_image(url.strip(), wire_path, report) if closed and opening else None
        if image is None:
            pending += (tail, "](")
            tail = piece
            continue
        yield from _text_between("".join((*pending, head)), after_image=started, before_image=True)
        yield Part(image=image)
        pending, tail, started = [], after, True
    yield from _text_between("".join((*pending, tail)), after_image=started, before_image=False)


def _text_between(text: str, *, after_image: bool, before_image: bool) -> Iterator[Part]:
    if after_image:
        text = text.removeprefix(GAP)
    if before_image:
        text = text.removesuffix(GAP)
    if text:
        yield Part(text=text)


def markdown(pieces: Iterable[str | Image]) -> str:
    """Texts and images as one markdown string."""
    return GAP.join(
        piece if isinstance(piece, str) else f"![image]({reference(piece)})" for piece in pieces
    )


def _markdown_image(url: str, wire_path: Path, report: Report) -> Image | None:
    if not is_data_uri(url):
        return Image(url=url) if is_absolute(url) and not is_refused(url) else None
    try:
        declared, data = split_data_uri(url, wire_path)
        return read_image(data, declared, wire_path, report)
    except MalformedError:
        return None


def _sign(parts: list[Part], message: Message, report: Report, wire_path: Path) -> None:
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
    detail = f"{len(signatures)} thought signature(s) that do not match the parts of the message"
    report(lost(C.THOUGHT_SIGNATURE, f"{join('$', wire_path)}.{place}", detail))


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


def write_mark(part: Part, writing: Writing, hub_path: Path) -> ExtraContent | None:
    """Google's mark on a part: its thought flag and its signature."""
    if not part.thought and part.signature is None:
        return None
    if not writing.options.chat_extensions:
        detail = "the thought mark or signature: OpenAI's schema has no field for it"
        writing.report(lost(C.THOUGHT_SIGNATURE, hub_path, detail))
        return None
    return write_extra(part.signature, thought=part.thought)
