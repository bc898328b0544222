"""Where a chat reply carries its answer: content parts, ``message.images`` or markdown.

Text without any image is a plain string, with each of the three.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import structs

from imagewire.codec.writing import Writing, report_foreign, report_signature
from imagewire.formats.chat import wire
from imagewire.formats.chat.content import (
    write_field,
    write_image,
    write_mark,
    write_part,
)
from imagewire.loss import C, lost
from imagewire.model import Candidate, Image
from imagewire.paths import Path
from imagewire.rules.drafts import Indexed, final_parts
from imagewire.rules.markdown import markdown


def write_message(
    candidate: Candidate, hub_path: Path, writing: Writing, wire_path: Path
) -> wire.Message:
    """The assistant's message of a candidate, without its refusal."""
    message = wire.Message(role="assistant", content=None, refusal=None)
    parts: list[Indexed] = []
    images = own = False
    for index, part in _answer(candidate, message, hub_path, writing, wire_path):
        if part.foreign is not None:
            if write_field(part.foreign, message):
                continue
            own = own or part.foreign.format == "chat"
        images = images or part.image is not None
        parts.append((index, part))
    if own or (images and writing.options.chat_images == "parts"):
        _write_parts(parts, message, hub_path, writing, wire_path)
    elif images and writing.options.chat_images == "markdown":
        _write_markdown(parts, message, hub_path, writing, wire_path)
    else:
        _write_apart(parts, message, hub_path, writing, wire_path)
    return message


def _write_parts(
    parts: Sequence[Indexed],
    message: wire.Message,
    hub_path: Path,
    writing: Writing,
    wire_path: Path,
) -> None:
    content: list[wire.Part] = []
    for index, part in parts:
        item_path = wire_path + ("content", len(content))
        written = write_part(part, writing, hub_path + ("parts", index), item_path)
        if written is not None:
            content.append(written)
    message.content = content


def _answer(
    candidate: Candidate, message: wire.Message, hub_path: Path, writing: Writing, wire_path: Path
) -> list[Indexed]:
    """The parts that are the answer; with ``keep_drafts`` drafts too, thoughts as ``reasoning``.

    Without its mark, which is an extension key, a draft would look like the picture.
    """
    if not (writing.options.keep_drafts and writing.options.chat_extensions):
        return final_parts(candidate.parts, hub_path, writing.report)
    parts = list(enumerate(candidate.parts))
    thoughts = [(index, part) for index, part in parts if part.thought and part.text is not None]
    if not thoughts:
        return parts
    message.reasoning = "\n\n".join(part.text or "" for _, part in thoughts)
    if len(thoughts) > 1 or thoughts[0][0] != 0:
        detail = "the thought texts are written together, before the answer"
        writing.report(lost(C.MOVED_THOUGHT, hub_path, detail))
    for index, part in thoughts:
        path = (*hub_path, "parts", index)
        writing.add(part.extras, path, wire_path + ("reasoning",))
        if part.signature is not None:
            report_signature(part, path, "`reasoning` has no field for it", writing.report)
    return [(index, part) for index, part in parts if not part.thought or part.text is None]


def _write_markdown(
    parts: Sequence[Indexed],
    message: wire.Message,
    hub_path: Path,
    writing: Writing,
    wire_path: Path,
) -> None:
    pieces: list[str | Image] = []
    for index, part in parts:
        path = (*hub_path, "parts", index)
        report_foreign(part, path, writing.report, asked=False)
        writing.add(part.extras, path, wire_path + ("content",))
        if part.signature is not None or part.thought:
            report_signature(part, path, "markdown has no place for it", writing.report)
        if part.image is not None:
            written = write_image(part.image, writing, path)
            if written.detail is not None:
                detail = "image detail {}: markdown has no place for it"
                writing.report(lost(C.IMAGE_DETAIL, path, detail, written.detail))
            pieces.append(part.image)
        elif part.text:
            pieces.append(part.text)
    message.content = markdown(pieces)


def _write_apart(
    parts: Sequence[Indexed],
    message: wire.Message,
    hub_path: Path,
    writing: Writing,
    wire_path: Path,
) -> None:
    """Text as a plain string, images in ``message.images`` with their real indexes."""
    texts = [(index, part) for index, part in parts if part.text is not None]
    images = [(index, part) for index, part in parts if part.image is not None]
    for index, part in parts:
        report_foreign(part, (*hub_path, "parts", index), writing.report, asked=False)
    for index, part in texts:
        path = (*hub_path, "parts", index)
        writing.add(part.extras, path, wire_path + ("content",))
        if len(texts) == 1 and not images:
            message.extra_content = write_mark(part, writing, path)
        elif part.signature is not None:
            report_signature(part, path, "a string has no field for it", writing.report)
    if texts:
        message.content = "".join(part.text or "" for _, part in texts)
    texts = [(index, part) for index, part in texts if part.text]
    if len(texts) > 1:
        writing.report(lost(C.JOINED_TEXTS, hub_path, "{} texts became one", len(texts)))
    if texts and images and texts[-1][0] > images[0][0]:
        writing.report(lost(C.MOVED_TEXT, hub_path, "text after an image is written before it"))
    entries: list[wire.Part | str] = []
    for index, part in images:
        item_path = (*wire_path, "images", len(entries))
        entry = write_part(part, writing, (*hub_path, "parts", index), item_path)
        entries += [structs.replace(entry, index=len(entries))] if entry is not None else []
    message.images = entries or None
