"""The body of an edit as a form: its fields as texts, its images as files.

A form has no place for ``moderation`` (openai-openapi: not in the multipart schema of edits),
the fields of an image's reference, and the types of unknown fields, which become texts. Each is
reported.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
import pybase64

from imagewire.codec.writing import Writing
from imagewire.formats.images import wire
from imagewire.formats.images.form import FILE_KEYS, Part, form_parts, write_form
from imagewire.formats.images.prompt import Ask
from imagewire.loss import C, Report, lost
from imagewire.messages import Payload
from imagewire.model import UNKNOWN_TYPE, Image
from imagewire.paths import EXTRAS, Path, shown
from imagewire.rules.media import EXTENSIONS, no_remote_images, no_uploaded_file

#: The known fields of a request, by their names on the wire.
FIELDS = {info.encode_name for info in msgspec.structs.fields(wire.Request)}


def write_edit_form(
    body: wire.Request, ask: Ask, mask: Image | None, writing: Writing
) -> tuple[dict[str, str], Payload]:
    """The headers and the form; raises for images that are not here, naming their URLs."""
    report = writing.report
    pictures = [*ask.images, *([(("mask",), mask)] if mask is not None else [])]
    _refuse_elsewhere(pictures)
    if body.moderation is not None:
        detail = f"moderation {body.moderation}: an edit as a form has no such field"
        report(lost(C.NO_SUCH_SETTING, "$.image.moderation", detail))
    body.moderation = body.images = body.mask = None
    fields = msgspec.to_builtins(writing.finish(body))
    named = [
        part
        for name, value in _form_fields(fields, report).items()
        for part in form_parts(name, value)
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
    remote = [(path, image.url) for path, image in pictures if image.url is not None]
    uploaded = [path for path, image in pictures if image.file_id is not None]
    if not remote and not uploaded:
        return
    error = no_remote_images(remote) if remote else no_uploaded_file(uploaded[0])
    error.add_note(
        "A form holds the images themselves: fetch `error.urls` and pass the images as `fetched`, "
        'or send JSON with `Options(edit_body="json")`.'
    )
    raise error


def _form_fields(fields: Mapping[str, Any], report: Report) -> dict[str, Any]:
    """The fields as a form takes them: no nulls, and an unknown number becomes its text."""
    kept: dict[str, Any] = {}
    for name, value in fields.items():
        if name == "mask":  # the mask itself is a file: these are fields of its reference
            for key in value:
                path = (EXTRAS, "mask", key)
                detail = "a field of the mask: in a form the mask is a file without fields"
                report(lost(C.UNPLACED_FIELD, path, detail))
            continue
        is_file = isinstance(value, dict) and value.keys() == FILE_KEYS
        if name not in FIELDS and not isinstance(value, str) and not is_file:
            detail = f"`{shown(name)}` became text, as fields of a form are"
            report(lost(C.FIELD_AS_TEXT, (EXTRAS, name), detail))
        if value is not None:
            kept[name] = value
    return kept


def _file(key: str, stem: str, image: Image) -> Part:
    kind = image.media_type or UNKNOWN_TYPE
    extension = EXTENSIONS.get(kind, ("bin",))[0]
    return Part(key, pybase64.b64decode(image.data or ""), f"{stem}.{extension}", kind)
