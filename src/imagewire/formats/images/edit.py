"""The body of an edit as a form: its fields as texts, its images as files.

Input images are read from every file whose name begins with ``image``, and from ``image``,
``images`` and their items as URLs; ``image[N]`` and ``images[N]`` stand in the order of N, after
those without a number. A file that no field of the API is for stays a file, and goes back into a
form alone.

A form has no place for ``moderation`` (openai-openapi: not in the multipart schema of edits),
the fields of an image's reference, and the types of unknown fields, which become texts. Each is
reported. A known object of which more is said than fields in brackets can say
(``image_config[aspect_ratio]``) goes as the text of its JSON, which keeps its types. An unknown
field of JSON whose name a form would take for another field (``model[]``) is left out, reported.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from operator import itemgetter
from typing import Any, cast

import msgspec
import pybase64

from imagewire.codec.document import untyped
from imagewire.codec.writing import Writing
from imagewire.errors import MalformedError
from imagewire.formats.images import wire
from imagewire.formats.images.form import (
    Part,
    claim,
    form_parts,
    json_part,
    quoted,
    read_form,
    read_name,
    write_form,
)
from imagewire.formats.images.prompt import Ask
from imagewire.loss import C, Report, lost
from imagewire.messages import Body, Payload
from imagewire.model import UNKNOWN_TYPE, Extra, File, Image, ImageRequest
from imagewire.paths import EXTRAS, Path, other_spellings, shown
from imagewire.rules.media import (
    declared_type,
    file_extension,
    no_remote_images,
    no_uploaded_file,
    standard_base64,
    type_of,
)

#: The names of fields that hold input images.
PICTURES = ("image", "images", "input_references", "reference_images", "image_urls")
#: The names of fields that hold one picture, which is no input image.
_SINGLE = ("mask", "markup")
# What fields of a form say that say nothing.
_NEUTRAL = {
    **dict.fromkeys(
        ("size", "quality", "background", "output_format", "input_fidelity"), ("auto",)
    ),
    "n": ("1",),
    "stream": ("false",),
    "partial_images": ("0",),
}
_NEUTRAL_MARK = "neutral"
# Fields that are objects; some clients write one as the text of its JSON.
_OBJECTS = ("image_config", "generation_config", "extra_body")
#: The known fields of a request, by their names on the wire.
FIELDS = frozenset(wire.Request.__struct_encode_fields__)


def read_edit_form(
    body: bytes | bytearray | memoryview | str, content_type: str
) -> tuple[dict[str, Any], tuple[Extra, ...]]:
    """The fields of a form as the JSON of the same request, and the files that no field is for."""
    tree: dict[str, Any] = {}
    pictures: list[tuple[int, str]] = []
    files: list[Extra] = []
    claimed: dict[str, bool] = {}
    for part in read_form(body, content_type):
        name = read_name(part.name)
        is_file = part.filename is not None
        if name.names(*PICTURES) or (is_file and name.base.startswith("image")):
            pictures.append((-1 if name.index is None else name.index, _reference_of(part)))
            continue
        single = next((field for field in _SINGLE if name.names(field)), None)
        name = read_name(single) if single else name
        if not claim(name, claimed):
            msg = f"the form has two fields `{shown(name.key)}`"
            raise MalformedError(msg, path=(name.key,))
        if single:
            tree[single] = _reference_of(part)
        elif is_file and name.base not in FIELDS:
            files.append(_read_file(part))
        elif name.is_list:
            tree.setdefault(name.key, []).append(part.text())
        else:
            tree[name.key] = _value_of(part, name.key)
    if pictures:
        pictures.sort(key=itemgetter(0))
        tree["image"] = [picture for _, picture in pictures]
    return tree, tuple(files)


def neutral_fields(fields: Body) -> tuple[Extra, ...]:
    """A note to the writer of a form of the fields of one that say nothing, which stay there."""
    found = {
        name: text
        for name, text in (fields.items() if isinstance(fields, Mapping) else ())
        if isinstance(text, str) and text in _NEUTRAL.get(name, ())
    }
    if not found:
        return ()
    return (Extra(format="images", path=(_NEUTRAL_MARK,), value=found, policy="mark"),)


def _reference_of(part: Part) -> str:
    if part.filename is None:
        return part.text()
    kind = declared_type(part.content_type) or ""
    return f"data:{kind};base64,{pybase64.b64encode_as_string(part.data)}"


def _value_of(part: Part, key: str) -> Any:
    text = part.text()
    if text.startswith("{") and other_spellings(key)[0] in _OBJECTS:
        return untyped(text)
    return text


def _read_file(part: Part) -> Extra:
    data = pybase64.b64encode_as_string(part.data)
    file = File(name=part.filename or "", data=data, media_type=part.content_type)
    return Extra(format="images", path=(part.name,), value=None, file=file)


def write_edit_form(
    body: wire.Request, ask: Ask, request: ImageRequest, writing: Writing
) -> tuple[dict[str, str], Payload]:
    """The headers and the form; raises for images that are not here, naming their URLs."""
    report = writing.report
    unknown = [extra for extra in request.extras if _is_own_file(extra)]
    writing.add(tuple(extra for extra in request.extras if not _is_own_file(extra)), ())
    _refuse_elsewhere([*ask.images, *masks(request)])
    if body.moderation is not None:
        detail = "moderation {}: an edit as a form has no such field"
        report(lost(C.NO_SUCH_SETTING, "$.image.moderation", detail, body.moderation))
    body.moderation = body.images = body.mask = body.markup = None
    document = writing.finish(body)
    fields = msgspec.to_builtins(document) if document is body else document
    for extra in request.extras:
        if extra.format == writing.format and extra.path == (_NEUTRAL_MARK,):
            fields = {**fields, **{k: v for k, v in extra.value.items() if k not in fields}}
    claimed: dict[str, bool] = {}
    texts = list(_write_fields(fields, claimed, report))
    key = "image" if len(ask.images) == 1 else "image[]"
    files = [_file(key, f"image-{i}", image) for i, (_, image) in enumerate(ask.images, 1)]
    for (name, *_), image in masks(request):
        files.append(_file(str(name), str(name), image))
    for extra in unknown:
        part = _write_file(extra)
        files += _claimed([part], part.name, claimed, report)
    content_type, payload = write_form([*texts, *files], writing.options.boundary)
    return {"content-type": content_type, "content-length": str(len(payload))}, payload


def masks(request: ImageRequest) -> list[tuple[Path, Image]]:
    """The mask and the markup of a request, each with its hub path."""
    pictures = (((name,), getattr(request, name)) for name in _SINGLE)
    return [(path, image) for path, image in pictures if image is not None]


def _is_own_file(extra: Extra) -> bool:
    return extra.format == "images" and extra.file is not None and extra.kept


def _write_file(extra: Extra) -> Part:
    first, *others = map(str, extra.path)
    file = cast("File", extra.file)
    data = standard_base64(file.data, (EXTRAS, *extra.path)) if file.data else ""
    name = first + "".join(f"[{step}]" for step in others)
    return Part(name, pybase64.b64decode(data), file.name, file.media_type or UNKNOWN_TYPE)


def _refuse_elsewhere(pictures: list[tuple[Path, Image]]) -> None:
    remote = [(path, image.url) for path, image in pictures if image.url is not None]
    uploaded = [path for path, image in pictures if image.file_id is not None]
    if not remote and not uploaded:
        return
    raise (no_remote_images(remote) if remote else no_uploaded_file(uploaded[0])).noted(
        "A form holds the images themselves: fetch `error.urls` and pass the images as `fetched`, "
        'or send JSON with `Options(edit_body="json")`.'
    )


def _write_fields(
    fields: Mapping[str, Any], claimed: dict[str, bool], report: Report
) -> Iterator[Part]:
    """The fields as a form takes them: no nulls, and an unknown number becomes its text."""
    for name, value in fields.items():
        if name in _SINGLE:  # it is a file itself: these are fields of its reference
            for key in value:
                path = (EXTRAS, name, key)
                detail = "a field of the {}: in a form the {} is a file without fields"
                report(lost(C.UNKNOWN_SETTING, path, detail, name, name))
        elif name in FIELDS:
            yield from _claimed(_known_parts(name, value), name, claimed, report)
        elif value not in (None, [], {}):
            parts = form_parts(name, value)
            free = _claimed(parts, name, claimed, report)
            if len(free) == len(parts) and not isinstance(value, str):
                detail = "`{}` became text, as fields of a form are"
                report(lost(C.FIELD_AS_TEXT, (EXTRAS, name), detail, shown(name)))
            yield from free


def _known_parts(name: str, value: Any) -> list[Part]:
    """The parts of a known field; an object that is no fields in brackets is its JSON."""
    parts = form_parts(name, value)
    return parts if all(part.name in FIELDS for part in parts) else [json_part(name, value)]


def _claimed(parts: list[Part], field: str, claimed: dict[str, bool], report: Report) -> list[Part]:
    """The parts of a field whose names are free: no other field has them, nor could be meant."""
    free: list[Part] = []
    items: set[str] = set()  # names that items of this field have already
    for part in parts:
        if part.name not in items:
            name = read_name(quoted(part.name))
            if (field not in FIELDS and name.base in FIELDS) or not claim(name, claimed):
                continue
            if name.is_list:
                items.add(part.name)
        free.append(part)
    if len(free) < len(parts):
        detail = "`{}`: in a form it would be taken for another field"
        report(lost(C.UNKNOWN_SETTING, (EXTRAS, field), detail, shown(field)))
    return free


def _file(key: str, stem: str, image: Image) -> Part:
    kind = type_of(image)
    return Part(key, image.to_bytes(), f"{stem}.{file_extension(kind)}", kind)
