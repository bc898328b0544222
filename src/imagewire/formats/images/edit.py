"""The body of an edit as a form: its fields as texts, its images as files.

What a form cannot say: ``moderation`` (openai-openapi: not in the multipart schema of edits),
fields of an image's reference, and the types of unknown fields, which become texts. Each is
reported.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
import pybase64

from imagewire.codec.writing import Writing
from imagewire.errors import InexpressibleError
from imagewire.formats.images import wire
from imagewire.formats.images.form import FILE_KEYS, Part, form_parts, write_form
from imagewire.formats.images.prompt import Ask
from imagewire.loss import METADATA, Report, approximated, dropped
from imagewire.messages import Payload
from imagewire.model import UNKNOWN_TYPE, Image
from imagewire.paths import EXTRAS, Path
from imagewire.rules.media import EXTENSIONS, is_http

#: The fields of a request that we know, by their names on the wire.
FIELDS = {info.encode_name for info in msgspec.structs.fields(wire.Request)}


def write_edit_form(
    body: wire.Request, ask: Ask, mask: Image | None, writing: Writing
) -> tuple[dict[str, str], Payload]:
    """The headers and the form; raises for images that are not here, naming their URLs."""
    report = writing.report
    pictures = [*ask.images, *([(("mask",), mask)] if mask is not None else [])]
    _refuse_elsewhere(pictures)
    if body.moderation is not None:
        report(dropped("$.image.moderation", f"{body.moderation}, which a form cannot ask for"))
    body.moderation = body.images = body.mask = None
    fields = msgspec.to_builtins(writing.finish(body))
    named = [
        part for name, value in _sayable(fields, report).items() for part in form_parts(name, value)
    ]
    key = "image" if len(ask.images) == 1 else "image[]"
    files = [_file(key, f"image-{i}", image) for i, (_, image) in enumerate(ask.images, 1)]
    if mask is not None:
        files.append(_file("mask", "mask", mask))
    texts = [part for part in named if part.filename is None]
    unknown = [part for part in named if part.filename is not None]
    content_type, payload = write_form([*texts, *files, *unknown], writing.options.boundary)
    return {"content-type": content_type, "content-length": str(len(payload))}, payload


def _refuse_elsewhere(pictures: list[tuple[Path, Image]]) -> None:
    elsewhere = [(path, image.url or "") for path, image in pictures if image.data is None]
    if elsewhere:
        msg = "a form holds images themselves: fetch this one, or let edit_body be json"
        urls = dict.fromkeys(url for _, url in elsewhere if is_http(url))
        raise InexpressibleError(msg, path=elsewhere[0][0], urls=tuple(urls))


def _sayable(fields: Mapping[str, Any], report: Report) -> dict[str, Any]:
    """The fields that a form can say; null is absent, and an unknown number becomes its text."""
    sayable: dict[str, Any] = {}
    for name, value in fields.items():
        if name == "mask":  # the mask itself is a file: these are fields of its reference
            for key in value:
                path = (EXTRAS, "mask", key)
                report(dropped(path, "a field of a reference, in a form", METADATA))
            continue
        is_file = isinstance(value, dict) and value.keys() == FILE_KEYS
        if name not in FIELDS and not isinstance(value, str) and not is_file:
            report(approximated((EXTRAS, name), "a form says it as text", METADATA))
        if value is not None:
            sayable[name] = value
    return sayable


def _file(key: str, stem: str, image: Image) -> Part:
    kind = image.media_type or UNKNOWN_TYPE
    extension = EXTENSIONS.get(kind, ("bin",))[0]
    return Part(key, pybase64.b64decode(image.data or ""), f"{stem}.{extension}", kind)
