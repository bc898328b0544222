"""Gemini contents as hub parts, and back.

A part with nothing but a signature is an empty text: Gemini closes an answer with one.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from imagewire.codec.reading import Reading
from imagewire.codec.writing import Writing, is_marked, report_foreign, verbatim
from imagewire.errors import MalformedError
from imagewire.formats.gemini import wire
from imagewire.loss import C, lost
from imagewire.model import Foreign, Image, Part
from imagewire.options import Options
from imagewire.paths import Path, other_spellings
from imagewire.rules.markdown import read_text
from imagewire.rules.media import (
    declared_type,
    no_remote_images,
    no_uploaded_file,
    read_inline,
    type_of,
    url_type,
)
from imagewire.rules.urls import checked, is_absolute, is_stored

# The members of the oneof that image generation has no use for.
_OTHER_DATA = {
    "functionCall",
    "functionResponse",
    "executableCode",
    "codeExecutionResult",
    "toolCall",
    "toolResponse",
}
_TWO = "a part holds one of text, inlineData, fileData, functionCall, ..., not two"


def read_parts(
    content: wire.Content | None, reading: Reading, hub_path: Path, wire_path: Path
) -> tuple[Part, ...]:
    """The parts of a content at a wire path, in order; ``hub_path`` is that of the hub's tuple."""
    if content is None or not content.parts:
        return ()
    parts: list[Part] = []
    pictures = reading.options.read_markdown
    for index, item in enumerate(content.parts):
        item_path = wire_path + ("parts", index)
        try:
            part = _read_part(item, reading, item_path)
        except MalformedError as error:
            reading.spoil(item_path, error)
            continue
        if part is None:
            continue
        if len(parts) != index:
            reading.nodes[(*hub_path, len(parts))] = item_path
        parts.append(part)
        if pictures and part.text:
            parts[-1:], start = read_text(part, reading, item_path), len(parts) - 1
            reading.nodes |= {(*hub_path, i): item_path for i in range(start, len(parts))}
    return tuple(parts)


def _read_part(item: wire.Part, reading: Reading, wire_path: Path) -> Part | None:
    extras = reading.take(wire_path) if reading.unknown is not None else ()
    thought, signature = bool(item.thought), item.thought_signature
    text, blob, file = item.text, item.inline_data, item.file_data
    keys = [other_spellings(str(extra.path[0]))[1] for extra in extras] if extras else []
    other = next((key for key in keys if key in _OTHER_DATA), None) if keys else None
    if (text is not None) + (blob is not None) + (file is not None) + (other is not None) > 1:
        raise MalformedError(_TWO, path=wire_path)
    if blob is not None:
        image = _read_blob(blob, reading, wire_path)
        kind = "inlineData"
    elif file is not None:
        image = _read_file(file, wire_path)
        kind = "fileData"
        if image is not None and not is_stored(file.file_uri):
            extras += reading.mark("fileData")
    elif other is None and (text or signature is not None):
        return Part(text=text or "", thought=thought, signature=signature, extras=extras)
    elif not extras:
        return None
    else:
        image = None
        kind = other or keys[0]
    if image is None:
        value = verbatim(item, extras, wire_path, reading.report)
        if not value:  # of fields that were dropped
            return None
        return Part(foreign=Foreign(format="gemini", kind=kind, value=value))
    return Part(image=image, thought=thought, signature=signature, extras=extras)


def _read_blob(blob: wire.Blob, reading: Reading, wire_path: Path) -> Image | None:
    blob_path = wire_path + ("inlineData",)
    data, declared = blob_path + ("data",), blob_path + ("mimeType",)
    return read_inline(blob.data, blob.mime_type, data, reading.report, declared)


def _read_file(file: wire.FileData, wire_path: Path) -> Image | None:
    declared = declared_type(file.mime_type)
    if not is_absolute(checked(file.file_uri, (*wire_path, "fileData", "fileUri"))):
        return None
    if declared is not None and not declared.startswith("image/"):
        return None
    told = declared is None or declared == url_type(file.file_uri)
    return Image(url=file.file_uri, media_type=None if told else declared)


def write_parts(
    parts: Iterable[tuple[int, Part]],
    writing: Writing,
    hub_path: Path,
    wire_path: Path,
    *,
    asked: bool = False,
) -> list[wire.Part]:
    """The wire parts of hub parts, each with its index; a foreign part of what was asked raises."""
    written: list[wire.Part] = []
    for index, part in parts:
        if part.foreign is not None:
            if part.foreign.format == "gemini":
                written.append(cast("wire.Part", part.foreign.value))
            else:
                report_foreign(part, hub_path + (index,), writing.report, asked=asked)
            continue
        if part.extras:
            writing.add(part.extras, hub_path + (index,), (*wire_path, "parts", len(written)))
        item = wire.Part(
            text=part.text, thought=part.thought or None, thought_signature=part.signature
        )
        if part.image is not None:
            _write_image(part, part.image, item, hub_path + (index,), writing)
        written.append(item)
    return written


def _write_image(part: Part, image: Image, item: wire.Part, path: Path, writing: Writing) -> None:
    if image.data is not None:
        item.inline_data = wire.Blob(mime_type=type_of(image), data=image.data)
    elif image.url is not None:
        mime_type = image.media_type or url_type(image.url)
        item.file_data = wire.FileData(mime_type=mime_type, file_uri=image.url)
        if not _is_reachable(part, image.url, writing.options):
            writing.remote.append((path, image.url))
    else:
        raise no_uploaded_file(path)
    if image.detail is not None:
        detail = "image detail {}: Gemini has no such setting"
        writing.report(lost(C.IMAGE_DETAIL, path, detail, image.detail))


def put_right(node: dict[str, Any], image: Image) -> None:
    """Set the picture of a part."""
    blob = node.get("inlineData")
    if isinstance(blob, dict) and image.data is not None:
        blob |= {"mimeType": image.media_type, "data": image.data}


def refuse_remote(writing: Writing) -> None:
    """Raise for remote images, which the caller has to fetch first: Gemini does not."""
    raise no_remote_images(writing.remote).noted(
        "Fetch `error.urls` and pass the images as `fetched`, "
        'or let Gemini try with `Options(remote_urls="file_uri")`.'
    )


def _is_reachable(part: Part, url: str, options: Options) -> bool:
    """Whether Gemini can read a remote image: it is in Google's storage or in the Files API.

    A URL that was ``fileData`` before counts too (a mark says so), and an https URL if the caller
    allows it.
    """
    if is_stored(url) or is_marked(part.extras, "gemini", "fileData"):
        return True
    return options.remote_urls == "file_uri" and url[:8].lower() == "https://"
