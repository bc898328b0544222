"""What a Gemini content says, as hub parts, and back.

A part with nothing but a signature is an empty text: Gemini closes an answer with one.
"""

from __future__ import annotations

from typing import cast

from imagewire.errors import InexpressibleError, MalformedError
from imagewire.formats.gemini import wire
from imagewire.loss import dropped
from imagewire.media import declared_type, is_absolute, read_inline, url_type
from imagewire.model import Foreign, Image, Part
from imagewire.paths import join, other_spellings
from imagewire.spoke import Path, Reading, Writing, is_marked, report_foreign, verbatim

# The members of the oneof that say nothing to image generation.
_OTHER_DATA = {
    "functionCall",
    "functionResponse",
    "executableCode",
    "codeExecutionResult",
    "toolCall",
    "toolResponse",
}
_TWO = "a part holds one of text, inlineData, fileData, functionCall, ..., not two"
# Where the Gemini Files API keeps what was uploaded.
_FILES_API = "https://generativelanguage.googleapis.com/"


def read_parts(
    content: wire.Content | None, reading: Reading, hub: Path, *node: str | int
) -> tuple[Part, ...]:
    """The parts of a content at a wire path, in order; ``hub`` is the path of the hub's tuple."""
    if content is None or not content.parts:
        return ()
    parts: list[Part] = []
    for index, item in enumerate(content.parts):
        where = (*node, "parts", index)
        part = _read_part(item, reading, *where)
        if part is not None:
            reading.place((*hub, len(parts)), where)
            parts.append(part)
    return tuple(parts)


def _read_part(item: wire.Part, reading: Reading, *node: str | int) -> Part | None:
    extras = reading.take(*node)
    thought, signature = bool(item.thought), item.thought_signature
    keys = [other_spellings(str(extra.path[0]))[1] for extra in extras]
    other = next((key for key in keys if key in _OTHER_DATA), None)
    data = (item.text is not None, item.inline_data is not None, item.file_data is not None)
    if sum(data) + (other is not None) > 1:
        raise MalformedError(_TWO, path=join("$", node))
    if item.inline_data is not None:
        image = _read_blob(item.inline_data, reading, *node, "inlineData")
        kind = "inlineData"
    elif item.file_data is not None:
        image = _read_file(item.file_data)
        kind = "fileData"
        if image is not None and not is_stored(item.file_data.file_uri):
            extras += reading.mark("fileData")
    elif other is None and (item.text or signature is not None):
        return Part(text=item.text or "", thought=thought, signature=signature, extras=extras)
    elif not extras:
        return None
    else:
        image = None
        kind = other or keys[0]
    if image is None:
        return Part(foreign=Foreign(format="gemini", kind=kind, value=verbatim(item, extras)))
    return Part(image=image, thought=thought, signature=signature, extras=extras)


def _read_blob(blob: wire.Blob, reading: Reading, *node: str | int) -> Image | None:
    path = join("$", node)
    return read_inline(
        blob.data, blob.mime_type, f"{path}.data", reading.report, f"{path}.mimeType"
    )


def _read_file(file: wire.FileData) -> Image | None:
    declared = declared_type(file.mime_type)
    if not is_absolute(file.file_uri):
        return None
    if declared is not None and not declared.startswith("image/"):
        return None
    told = declared is None or declared == url_type(file.file_uri)
    return Image(url=file.file_uri, media_type=None if told else declared)


def write_parts(
    parts: tuple[Part, ...], writing: Writing, hub: str, *node: str | int, asked: bool = False
) -> list[wire.Part]:
    """The wire parts of hub parts; a foreign part of what was asked raises."""
    written: list[wire.Part] = []
    for index, part in enumerate(parts):
        path = f"{hub}[{index}]"
        if part.foreign is not None:
            if part.foreign.format == "gemini":
                written.append(cast("wire.Part", part.foreign.value))
            else:
                report_foreign(part, path, writing.report, asked=asked)
            continue
        writing.add(part.extras, path, *node, "parts", len(written))
        item = wire.Part(
            text=part.text, thought=part.thought or None, thought_signature=part.signature
        )
        if part.image is not None:
            _write_image(part.image, item, path, writing)
        written.append(item)
    return written


def _write_image(image: Image, item: wire.Part, path: str, writing: Writing) -> None:
    if image.data is not None:
        item.inline_data = wire.Blob(mime_type=image.media_type, data=image.data)
    elif image.url is not None:
        mime_type = image.media_type or url_type(image.url)
        item.file_data = wire.FileData(mime_type=mime_type, file_uri=image.url)
    else:
        msg = "an uploaded file of OpenAI's means nothing to Gemini"
        raise InexpressibleError(msg, path=path)
    if image.detail is not None:
        writing.report(dropped(path, f"detail {image.detail}: Gemini cannot be asked for it"))


def is_stored(url: str) -> bool:
    """Whether a remote image is where Gemini reads files: Google's storage or its Files API."""
    return url[: len(_FILES_API)].lower() == _FILES_API or url[:5].lower() == "gs://"


def is_reachable(part: Part, *, file_uri: bool) -> bool:
    """Whether Gemini can be sent a part: a remote image only from where it reads files.

    Any https URL goes too where the caller says so, and what was Gemini's ``fileData`` stays it:
    a mark says that.
    """
    url = None if part.image is None else part.image.url
    if url is None or is_stored(url):
        return True
    was_file = is_marked(part.extras, "gemini", "fileData")
    return was_file or (file_uri and url[:8].lower() == "https://")
