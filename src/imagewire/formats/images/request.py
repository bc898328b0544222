"""Images requests: ``read_request`` and ``write_request``, field by field in the same order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from msgspec import UNSET, structs

from imagewire.catalog import CATALOG, Catalog, Model, bare_model
from imagewire.codec.document import Codec, json_request
from imagewire.codec.limits import MAX_ITEMS
from imagewire.codec.reading import Keeping, Reader, Reading
from imagewire.codec.walk import Unknown
from imagewire.codec.writing import Writing, report_response_format
from imagewire.errors import MalformedError
from imagewire.formats.images import settings, wire
from imagewire.formats.images.edit import (
    PICTURES,
    masks,
    neutral_fields,
    read_edit_form,
    write_edit_form,
)
from imagewire.formats.images.form import read_name
from imagewire.formats.images.paths import PATHS
from imagewire.formats.images.prompt import Ask, read_ask
from imagewire.formats.shared.openai_image import (
    named_model,
    no_image_for,
    read_image,
    report_unknown,
    write_image,
    write_reference,
)
from imagewire.loss import Outcome
from imagewire.messages import JSON_TYPE, Body, Payload, WireRequest
from imagewire.model import (
    ANY_IMAGE,
    Extra,
    Image,
    ImageRequest,
    Part,
    Turn,
)
from imagewire.multipart import is_form
from imagewire.options import DEFAULTS, Options
from imagewire.paths import Path, join, split
from imagewire.rules.bookkeeping import BOOKKEEPING
from imagewire.rules.media import read_input
from imagewire.rules.model_ids import body_model
from imagewire.rules.settings import read_count
from imagewire.rules.streams import asks_stream, report_partial_images
from imagewire.rules.urls import refuse_references

#: The form fields and JSON keys that hold input images, in the order they are read.
_IMAGE_KEYS = {
    "images": "images",
    "images[]": "images_list",
    "image": "image",
    "image[]": "image_list",
    "input_references": "input_references",
    "reference_images": "reference_images",
    "image_urls": "image_urls",
}
# A mark: this API was asked for this shape, in fields that gateways have.
_SHAPE_MARK = "shape"

#: A key of a body, the path to show for it, and what it gives.
_Given = tuple[str, Path, list[wire.Reference | str] | wire.Reference | str]


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
    if fields is body:
        return outcome
    if options.unknown_fields == "drop":
        files = tuple(structs.replace(file, kept=False) for file in files)
    request, extras = outcome.value, files + neutral_fields(fields)
    return structs.replace(outcome, value=structs.replace(request, extras=request.extras + extras))


def read_fields(body: Body, content_type: str) -> tuple[Body, tuple[Extra, ...]]:
    """A body as JSON, which a form has the fields of, and the files that no field is for."""
    if not is_form(content_type) or isinstance(body, Mapping):
        return body, ()
    return read_edit_form(body, content_type)


def _read(body: wire.Request, reading: Reading) -> ImageRequest:
    stream = None
    if body.stream or body.partial_images:
        stream = settings.read_stream(body, reading)
    given = body.model if body.model is not None else reading.model
    if (
        given
        and body.prompt
        and reading.unknown is None
        and body == wire.Request(model=body.model, prompt=body.prompt)
    ):
        return _read_prompt(given, body.prompt, reading)
    parts = _read_images(body, reading)
    if body.prompt:
        reading.nodes[("turns", 0, "parts", len(parts))] = ("prompt",)
        parts += (Part(text=body.prompt),)
    reading.nodes[("turns", 0)] = ("prompt",)
    mask, mask_extras = _read_one("mask", body.mask, reading)
    markup, markup_extras = _read_one("markup", body.markup, reading)
    given_shape = settings.shape_fields(body)
    shape = settings.read_shape(body, reading.report, shaped=bool(given_shape))
    image, marks = read_image(body, shape, given, reading)
    drafts = () if stream else reading.keep_named(partial_images=body.partial_images or None)
    if given_shape:
        marks += reading.mark(_SHAPE_MARK, value=given_shape)
    return ImageRequest(
        model=None if given is None else bare_model(body_model(given)),
        model_as_given=given,
        turns=(Turn(role="user", parts=parts),),
        mask=mask,
        markup=markup,
        count=read_count(body.n, "$.n"),
        image=image,
        user=body.user or None,
        safety_identifier=body.safety_identifier or None,
        response_format=body.response_format or None,
        stream=stream,
        extras=marks + mask_extras + markup_extras + drafts + reading.take(),
    )


def _read_prompt(given: str, prompt: str, reading: Reading) -> ImageRequest:
    """The request that asks for nothing else, as most do."""
    reading.nodes[("turns", 0)] = reading.nodes[("turns", 0, "parts", 0)] = ("prompt",)
    return ImageRequest(
        model=bare_model(body_model(given)),
        model_as_given=given,
        turns=(Turn(role="user", parts=(Part(text=prompt),)),),
    )


def _read_images(body: wire.Request, reading: Reading) -> tuple[Part, ...]:
    given: list[_Given] = []
    for key, name in _IMAGE_KEYS.items():
        value = getattr(body, name)
        if value is not None:
            given.append((key, (key,), value))
    if reading.unknown is not None:
        given += _bracketed(reading.unknown, reading, *PICTURES)
    parts: list[Part] = []
    for unknown_path, wire_path, item in _items(given) if given else ():
        if len(parts) == MAX_ITEMS:
            raise MalformedError(f"the request has more than {MAX_ITEMS} pictures", path=wire_path)
        image = _read_reference(item, reading, wire_path)
        reading.nodes[("turns", 0, "parts", len(parts))] = wire_path
        parts.append(Part(image=image, extras=reading.take(unknown_path)))
    return tuple(parts)


def _read_one(
    name: str, value: wire.Reference | str | None, reading: Reading
) -> tuple[Image | None, tuple[Extra, ...]]:
    """The mask or the markup, and the unknown fields of one whose key goes on in brackets."""
    given: list[_Given] = [] if value is None else [(name, (name,), value)]
    if reading.unknown is not None:
        given += _bracketed(reading.unknown, reading, name)
    if not given:
        return None, ()
    items = list(_items(given))
    unknown_path, wire_path, item = items[0]
    if len(items) > 1:
        msg = f"a request has one {name}"
        raise MalformedError(msg, path=items[1][1])
    image = _read_reference(item, reading, wire_path)
    if value is not None:
        return image, ()
    taken = reading.take(unknown_path)
    return image, tuple(structs.replace(extra, path=(name, *extra.path)) for extra in taken)


def _items(given: Iterable[_Given]) -> Iterator[tuple[Path, Path, wire.Reference | str]]:
    """Each reference under a key, with the paths of its unknown fields and of itself."""
    for key, wire_path, value in given:
        if isinstance(value, list):
            for index, item in enumerate(value):
                yield (key, index), (*wire_path, index), item
        else:
            yield (key,), wire_path, value


def _bracketed(unknown: Unknown, reading: Reading, *fields: str) -> Iterator[_Given]:
    """What unknown keys like ``images[3]`` give, in the order of their numbers."""
    names = [name for key in unknown.values if (name := read_name(key)).names(*fields)]
    for name in sorted(names, key=lambda name: name.index or 0):
        wire_path = (name.base,) if name.index is None else (name.base, name.index)
        reading.put((name.whole,), UNSET)  # it is written as `images`
        try:
            document = _BRACKETED.decode({"image": unknown.values.pop(name.whole)})
        except MalformedError as error:
            error.path = join("$", (*wire_path, *split(error.path)[1:]))
            raise
        if document.unknown is not None:
            unknown.levels[name.whole] = document.unknown.levels["image"]
        if document.value.image not in (None, []):
            yield name.whole, wire_path, document.value.image


def _read_reference(item: wire.Reference | str, reading: Reading, wire_path: Path) -> Image:
    if isinstance(item, str):
        text, item_path = item, wire_path
    else:
        found = dict(_spellings(item))
        if len(set(found.values())) > 1 or (found and item.file_id is not None):
            msg = "an image has an `image_url` or a `file_id`, not both, and one of each"
            raise MalformedError(msg, path=wire_path)
        if item.file_id is not None:
            return Image(file_id=item.file_id)
        if not found:
            msg = "an image needs an `image_url` or a `file_id`"
            raise MalformedError(msg, path=wire_path)
        path, text = next(iter(found.items()))
        item_path = (*wire_path, *path)
    return read_input(text, item_path, reading.report)


def _spellings(item: wire.Reference) -> Iterator[tuple[Path, str]]:
    """What a reference says, by where it stands in it."""
    if isinstance(item.image_url, str):
        yield ("image_url",), item.image_url
    elif item.image_url is not None:
        yield ("image_url", "url"), item.image_url.url
    for name in ("url", "b64_json", "base64"):
        text = getattr(item, name)
        if text is not None:
            yield (name,), text


def write_request(
    request: ImageRequest, *, options: Options = DEFAULTS, catalog: Catalog = CATALOG
) -> Outcome[WireRequest]:
    """The generation, or the edit where there is an input image, as JSON or as a form.

    Raises `InexpressibleError` for an edit without words.
    """
    writing = Writing("images", options)
    report = writing.report
    name = named_model(request, writing, catalog)
    given = name or ""
    model = catalog.get(given, family="openai")
    ask = read_ask(request, writing)
    body = wire.Request(
        model=name,
        prompt=ask.prompt,
        images=[_write_reference(image, path, writing) for path, image in ask.images] or None,
        mask=_write_one("mask", request.mask, ask, writing),
        markup=_write_one("markup", request.markup, ask, writing),
        n=None if request.count == 1 else request.count,
        user=request.user,
        safety_identifier=request.safety_identifier,
        response_format=_write_response_format(request, model, given, writing),
    )
    kept = _keep_shape(request, writing)
    write_image(kept, model, body, writing, edits=bool(ask.images))
    report_unknown(request, "the Images API", report)
    wish = request.stream
    stream = wish is not None and asks_stream(options)
    if wish is not None and stream and body.output_format not in settings.WHOLE_FORMATS:
        body.stream, body.partial_images = True, wish.partial_images
    elif wish is not None:
        stream = False
        report_partial_images(wish, report)
    headers, payload = _write_body(body, request, ask, writing)
    return Outcome(
        WireRequest(
            path=PATHS["edit" if ask.images else "generate"],
            headers=headers,
            body=payload,
            model=given,
            stream=stream,
        ),
        tuple(writing.losses),
    )


def _keep_shape(request: ImageRequest, writing: Writing) -> ImageRequest:
    """The request without a shape that goes back in the fields it came in.

    They are no fields of OpenAI's, but a gateway has them (QuantumNous/new-api issue 7340).
    """
    for extra in request.extras:
        if extra.format == writing.format and extra.path == (_SHAPE_MARK,):
            for name, value in extra.value.items():
                writing.placements.append(((name,), structs.replace(extra, value=value), (name,)))
            image = structs.replace(request.image, aspect_ratio=None, tier=None)
            return structs.replace(request, image=ANY_IMAGE if image == ANY_IMAGE else image)
    return request


def _write_one(name: str, image: Image | None, ask: Ask, writing: Writing) -> wire.Reference | None:
    if image is None:
        return None
    if not ask.images:
        raise no_image_for(name)
    return _write_reference(image, (name,), writing)


def _write_reference(image: Image, path: Path, writing: Writing) -> wire.Reference:
    return wire.Reference(**write_reference(image, path, writing.report))


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
    pictures = [*ask.images, *masks(request)]
    style = writing.options.edit_body
    if style == "auto":  # every upstream takes a form; only JSON can refer to what is elsewhere
        here = all(image.data is not None for _, image in pictures)
        style = "multipart" if here else "json"
    if ask.images and style == "multipart":
        return write_edit_form(body, ask, request, writing)
    writing.add(request.extras, ())
    return json_request(writing.finish(body))


_BRACKETED = Codec(wire.Bracketed)


_KEEPING = Keeping(
    decided=frozenset(
        {"model", "response_format", *_IMAGE_KEYS, "mask", "markup", *settings.SHAPE_FIELDS}
    ),
    filled=frozenset({"size"}),
    spelled=frozenset({"size", "output_format"}),
    of_model=frozenset({"quality", "background", "output_format", "input_fidelity"}),
)
REQUEST = Reader(
    "images",
    Codec(wire.Request),
    _read,
    policies=BOOKKEEPING,
    wire_paths=settings.WIRE_PATHS,
    keeping=_KEEPING,
    refuse_references=refuse_references,
)
