"""Images requests: ``read_request`` and ``write_request``, field by field in the same order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from msgspec import structs

from imagewire.catalog import CATALOG, Catalog, Model, bare_model
from imagewire.codec.document import Codec, json_request
from imagewire.codec.reading import Reader, Reading
from imagewire.codec.walk import Unknown
from imagewire.codec.writing import (
    Writing,
    report_declared_type,
    report_response_format,
)
from imagewire.errors import InexpressibleError, MalformedError
from imagewire.formats.images import wire
from imagewire.formats.images.edit import PICTURES, read_edit_form, write_edit_form
from imagewire.formats.images.form import read_name
from imagewire.formats.images.paths import PATHS
from imagewire.formats.images.prompt import Ask, read_ask
from imagewire.formats.shared.openai_image import read_image, report_unknown, write_image
from imagewire.loss import Outcome
from imagewire.messages import JSON_TYPE, Body, Payload, WireRequest
from imagewire.model import (
    Extra,
    Image,
    ImageRequest,
    Part,
    Policy,
    StreamWish,
    Turn,
)
from imagewire.multipart import is_form
from imagewire.options import DEFAULTS, Options
from imagewire.paths import Path, join, split
from imagewire.rules.media import read_reference, reference
from imagewire.rules.model_ids import body_model
from imagewire.rules.settings import read_count
from imagewire.rules.streams import asks_stream, refuse_stream, report_partial_images
from imagewire.rules.urls import refuse_references

#: Formats of pictures that come whole: openai SDK, ``image_generate_params.py`` (2026-11-26).
_WHOLE_FORMATS = {"gif", "svg"}

#: The API has no bookkeeping fields.
POLICIES: Mapping[str, Policy] = {}

#: The form fields and JSON keys that hold input images, in the order they are read.
_IMAGE_KEYS = {
    "images": "images",
    "images[]": "images_list",
    "image": "image",
    "image[]": "image_list",
}
#: Where a setting may come from, for losses that writers find.
WIRE_PATHS: Mapping[str, tuple[str, ...]] = {
    "$.count": ("$.n",),
    "$.image.size": ("$.size",),
    "$.image.aspect_ratio": ("$.size",),
    "$.image.tier": ("$.size",),
    "$.image.quality": ("$.quality",),
    "$.image.background": ("$.background",),
    "$.image.format": ("$.output_format",),
    "$.image.compression": ("$.output_compression",),
    "$.image.moderation": ("$.moderation",),
    "$.image.input_fidelity": ("$.input_fidelity",),
    "$.stream.partial_images": ("$.partial_images",),
    "$.turns": ("$.prompt",),
}


def read_request(
    body: Body,
    *,
    model: str | None = None,
    content_type: str = JSON_TYPE,
    options: Options = DEFAULTS,
) -> Outcome[ImageRequest]:
    """The request of a generation or an edit, JSON or form; ``model`` stands in for a missing one.

    Raises `MalformedError`, and `UnsupportedError` for streaming.
    """
    fields, files = read_fields(body, content_type)
    outcome = REQUEST.read(fields, options, model)
    if not files:
        return outcome
    if options.unknown_fields == "drop":
        files = tuple(structs.replace(file, policy="drop") for file in files)
    request = outcome.value
    return structs.replace(outcome, value=structs.replace(request, extras=request.extras + files))


def read_fields(body: Body, content_type: str) -> tuple[Body, tuple[Extra, ...]]:
    """A body as JSON, which a form has the fields of, and the files that no field is for."""
    if not is_form(content_type) or isinstance(body, Mapping):
        return body, ()
    return read_edit_form(body, content_type)


def _read(body: wire.Request, reading: Reading) -> ImageRequest:
    stream = _read_stream(body, reading)
    given = body.model if body.model is not None else reading.model
    parts = _read_images(body, reading)
    if body.prompt:
        reading.nodes[("turns", 0, "parts", len(parts))] = ("prompt",)
        parts += (Part(text=body.prompt),)
    reading.nodes[("turns", 0)] = ("prompt",)
    mask, mask_extras = _read_mask(body, reading)
    image, marks = read_image(body, given, reading)
    drafts = reading.keep_named(partial_images=None if stream else body.partial_images or None)
    return ImageRequest(
        model=None if given is None else bare_model(body_model(given)),
        model_as_given=given,
        turns=(Turn(role="user", parts=parts),),
        mask=mask,
        count=read_count(body.n, "$.n"),
        image=image,
        user=body.user or None,
        safety_identifier=body.safety_identifier or None,
        response_format=body.response_format or None,
        stream=stream,
        extras=marks + mask_extras + drafts + reading.take(),
    )


def _read_stream(body: wire.Request, reading: Reading) -> StreamWish | None:
    for name in ("stream", "partial_images"):
        if getattr(body, name):
            refuse_stream(reading.options, name)
    return StreamWish(partial_images=body.partial_images) if body.stream else None


def _read_images(body: wire.Request, reading: Reading) -> tuple[Part, ...]:
    given = []
    for key, name in _IMAGE_KEYS.items():
        value = getattr(body, name)
        if value is not None:
            given.append(_Given(key, (key,), value))
    if reading.unknown is not None:
        given += _bracketed(reading.unknown, *PICTURES)
    parts: list[Part] = []
    for unknown_path, wire_path, item in _items(given) if given else ():
        image = _read_reference(item, reading, wire_path)
        reading.nodes[("turns", 0, "parts", len(parts))] = wire_path
        parts.append(Part(image=image, extras=reading.take(unknown_path)))
    return tuple(parts)


def _read_mask(body: wire.Request, reading: Reading) -> tuple[Image | None, tuple[Extra, ...]]:
    """The mask, and the unknown fields of one whose key goes on in brackets."""
    given = [] if body.mask is None else [_Given("mask", ("mask",), body.mask)]
    if reading.unknown is not None:
        given += _bracketed(reading.unknown, "mask")
    if not given:
        return None, ()
    masks = list(_items(given))
    unknown_path, wire_path, item = masks[0]
    if len(masks) > 1:
        msg = "a request has one mask"
        raise MalformedError(msg, path=masks[1][1])
    image = _read_reference(item, reading, wire_path)
    if body.mask is not None:
        return image, ()
    taken = reading.take(unknown_path)
    return image, tuple(structs.replace(extra, path=("mask", *extra.path)) for extra in taken)


class _Given(NamedTuple):
    """What a body gives under a key, and the path to show for it."""

    key: str
    wire_path: Path
    value: list[wire.Reference | str] | wire.Reference | str


def _items(given: Iterable[_Given]) -> Iterator[tuple[Path, Path, wire.Reference | str]]:
    """Each reference under a key, with the paths of its unknown fields and of itself."""
    for key, wire_path, value in given:
        if isinstance(value, list):
            for index, item in enumerate(value):
                yield (key, index), (*wire_path, index), item
        else:
            yield (key,), wire_path, value


def _bracketed(unknown: Unknown, *fields: str) -> Iterator[_Given]:
    """What unknown keys like ``images[3]`` give, in the order of their numbers."""
    names = [name for key in unknown.values if (name := read_name(key)).names(*fields)]
    for name in sorted(names, key=lambda name: name.index or 0):
        wire_path = (name.base,) if name.index is None else (name.base, name.index)
        try:
            document = _BRACKETED.decode({"image": unknown.values.pop(name.whole)})
        except MalformedError as error:
            error.path = join("$", (*wire_path, *split(error.path)[1:]))
            raise
        if document.unknown is not None:
            unknown.levels[name.whole] = document.unknown.levels["image"]
        if document.value.image not in (None, []):
            yield _Given(name.whole, wire_path, document.value.image)


def _read_reference(item: wire.Reference | str, reading: Reading, wire_path: Path) -> Image:
    if isinstance(item, str):
        text, item_path = item, wire_path
    elif item.image_url is not None and item.file_id is not None:
        msg = "an image has an `image_url` or a `file_id`, not both"
        raise MalformedError(msg, path=wire_path)
    elif item.image_url is None:
        if item.file_id is None:
            msg = "an image needs an `image_url` or a `file_id`"
            raise MalformedError(msg, path=wire_path)
        return Image(file_id=item.file_id)
    elif isinstance(item.image_url, str):
        text, item_path = item.image_url, wire_path + ("image_url",)
    else:
        text, item_path = item.image_url.url, (*wire_path, "image_url", "url")
    image = read_reference(text, item_path, reading.report)
    if image is None:
        msg = "the data URI of an input image holds no image"
        raise MalformedError(msg, path=item_path)
    return image


def write_request(
    request: ImageRequest, *, options: Options = DEFAULTS, catalog: Catalog = CATALOG
) -> Outcome[WireRequest]:
    """The generation, or the edit where there is an input image, as JSON or as a form.

    Raises `InexpressibleError` for an edit without words.
    """
    writing = Writing("images", options)
    report = writing.report
    given = request.model or ""
    name = body_model(catalog.spell(given, request.model_as_given or given, options.model_ids))
    model = catalog.get(name, family="openai")
    ask = read_ask(request, writing)
    body = wire.Request(
        model=name,
        prompt=ask.prompt,
        images=[_write_reference(image, path, writing) for path, image in ask.images] or None,
        mask=_write_mask(request, ask, writing),
        n=None if request.count == 1 else request.count,
        user=request.user,
        safety_identifier=request.safety_identifier,
        response_format=_write_response_format(request, model, name, writing),
    )
    write_image(request, model, body, writing, edits=bool(ask.images))
    report_unknown(request, "the Images API", report)
    stream = asks_stream(request, options) and body.output_format not in _WHOLE_FORMATS
    if stream and request.stream is not None:
        body.stream, body.partial_images = True, request.stream.partial_images
    else:
        report_partial_images(request, report)
    headers, payload = _write_body(body, request, ask, writing)
    return Outcome(
        WireRequest(
            path=PATHS["edit" if ask.images else "generate"],
            headers=headers,
            body=payload,
            model=name,
            stream=stream,
        ),
        tuple(writing.losses),
    )


def _write_mask(request: ImageRequest, ask: Ask, writing: Writing) -> wire.Reference | None:
    if request.mask is None:
        return None
    if not ask.images:
        msg = "a mask needs an input image that it applies to"
        raise InexpressibleError(msg, path="$.mask")
    return _write_reference(request.mask, ("mask",), writing)


def _write_reference(image: Image, path: Path, writing: Writing) -> wire.Reference:
    if image.file_id is not None:
        return wire.Reference(file_id=image.file_id)
    report_declared_type(image, path, writing.report)
    return wire.Reference(image_url=reference(image))


def _write_response_format(
    request: ImageRequest, model: Model, name: str, writing: Writing
) -> str | None:
    """The wish for URLs or base64, but for models that refuse the field."""
    if model.response_format:
        return request.response_format
    report_response_format(request, f"replies of {name}", writing.report)
    return None


def _write_body(
    body: wire.Request, request: ImageRequest, ask: Ask, writing: Writing
) -> tuple[dict[str, str], Payload]:
    pictures = list(ask.images)
    if request.mask is not None:
        pictures.append((("mask",), request.mask))
    style = writing.options.edit_body
    if style == "auto":  # every upstream takes a form; only JSON can refer to what is elsewhere
        here = all(image.data is not None for _, image in pictures)
        style = "multipart" if here else "json"
    if ask.images and style == "multipart":
        return write_edit_form(body, ask, request, writing)
    writing.add(request.extras, ())
    return json_request(writing.finish(body))


_BRACKETED = Codec(wire.Bracketed)
REQUEST = Reader(
    "images",
    Codec(wire.Request),
    _read,
    policies=POLICIES,
    wire_paths=WIRE_PATHS,
    refuse_references=refuse_references,
)
