"""What OpenAI's image models are asked for: size, and the settings of the same names in the hub.

The Images API has these settings at the top of a request, the Responses API in its
``image_generation`` tool, in the same words.

Sizes. GPT Image 2 and later take any size within their limits; of another one, and of a ratio and a
tier, the nearest within them: first the ratio is clamped, then the area, then the longer edge, then
both sides are rounded to the multiple, towards the inside of the limits. GPT Image 1 and 1.5 have
three sizes. What an API itself was asked for goes back to it untouched.

A quality that the model is known to lack becomes the nearest that it has; a background, a format or
a fidelity is dropped. Both are reported. An API's own values pass, if the model is the one that
they were meant for: the API refuses them itself.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Protocol

from msgspec import structs

from imagewire.catalog import PIXELS, Catalog, Limits, Model
from imagewire.codec.reading import Reading
from imagewire.codec.writing import Writing, is_marked, report_declared_type
from imagewire.errors import InexpressibleError, UnsupportedError
from imagewire.known_models import FREE_SIZES, TIERS
from imagewire.loss import C, Report, lost
from imagewire.model import (
    ANY_IMAGE,
    Extra,
    Image,
    ImageRequest,
    ImageSettings,
    Size,
)
from imagewire.paths import Path
from imagewire.rules.geometry import log_ratio, nearest_tier, parse_size, same_ratio
from imagewire.rules.media import reference
from imagewire.rules.model_ids import body_model
from imagewire.rules.settings import (
    Shape,
    media_format,
    nearest_quality,
    neutral,
    read_image_settings,
)

# Marks: an API was asked for this size; for these values, and of the model that stands behind; for
# no model: the API has a default, and Azure a deployment.
_SIZE_MARK = ("size",)
_VALUES_MARK = ("values",)
_DEFAULT_MARK = ("default_model",)

#: `output_format` and the media types that it names: images_response.py.
TYPES = {
    "png": "image/png",
    "jpeg": "image/jpeg",
    "webp": "image/webp",
    "gif": "image/gif",
    "svg": "image/svg+xml",
}
FORMAT_NAMES = {kind: name for name, kind in TYPES.items()}

# The settings, and their fields in both APIs.
_FIELDS = {
    "size": "size",
    "aspect_ratio": "size",
    "tier": "size",
    "quality": "quality",
    "background": "background",
    "format": "output_format",
    "compression": "output_compression",
    "moderation": "moderation",
    "input_fidelity": "input_fidelity",
}
#: What a reply has fields for, of what is told of its pictures.
PROPERTIES = frozenset({"size", "quality", "background", "format"})
#: These fields.
PROPERTY_FIELDS = ("output_format", "size", "quality", "background")

#: What Gemini can be asked for, and OpenAI's image models cannot, in words.
_GEMINI_ONLY = {
    "thinking": "thinking",
    "safety": "safety settings",
    "cached_content": "cached content",
}


def type_of_format(name: str | None) -> str | None:
    """The media type that an ``output_format`` declares, or None."""
    kind = media_format(name)
    return None if kind is None else TYPES.get(kind, f"image/{kind}")


class Properties(Protocol):
    """What a reply tells of its pictures, as both APIs spell it."""

    size: str | None
    quality: str | None
    background: str | None
    output_format: str | None


def read_properties(body: Properties, *, inline: bool) -> ImageSettings:
    """What a reply tells of its pictures; ``inline`` ones tell their format themselves."""
    return ImageSettings(
        size=parse_size(body.size or ""),
        quality=neutral(body.quality),
        background=neutral(body.background),
        format=None if inline else media_format(body.output_format),
    )


def write_reference(image: Image, hub_path: Path, report: Report) -> dict[str, str]:
    """The field that says which image is meant, by a file's id, a URL or a data URI."""
    if image.file_id is not None:
        return {"file_id": image.file_id}
    report_declared_type(image, hub_path, report)
    return {"image_url": reference(image)}


def no_image_for(name: str) -> InexpressibleError:
    """The error for a mask or a markup without a picture."""
    msg = f"a {name} needs an input image that it applies to"
    return InexpressibleError(msg, path=f"$.{name}")


class Settings(Protocol):
    """The settings, and the model that they are for, as both APIs spell them."""

    model: str | None
    size: str | None
    quality: str | None
    background: str | None
    output_format: str | None
    output_compression: int | None
    moderation: str | None
    input_fidelity: str | None


def setting_paths(holder: str) -> dict[str, tuple[str, ...]]:
    """Where a setting may come from, for losses that writers find, if an object holds them all."""
    return {f"$.image.{name}": (f"{holder}.{field}",) for name, field in _FIELDS.items()}


def named_model(request: ImageRequest, writing: Writing, catalog: Catalog) -> str | None:
    """The model's name, as it is to be spelled; None where the format was asked for none."""
    given = request.model or ""
    if not given and is_marked(request.extras, writing.format, *_DEFAULT_MARK):
        return None
    spelling = writing.options.model_ids
    return body_model(catalog.spell(given, request.model_as_given or given, spelling))


def read_image(
    body: Settings, shape: Shape, model: str | None, reading: Reading
) -> tuple[ImageSettings, tuple[Extra, ...]]:
    """The settings with this shape, and the marks that say what they were meant for."""
    size, ratio, tier = shape
    image = read_image_settings(body, size=size, aspect_ratio=ratio, tier=tier)
    marks = () if model else reading.mark(*_DEFAULT_MARK)
    if image == ANY_IMAGE:
        return ANY_IMAGE, marks  # writers ask for this very object
    if image.size is not None:
        marks += reading.mark(*_SIZE_MARK)
    values = (image.quality, image.background, image.format, image.input_fidelity)
    if any(value is not None for value in values):
        marks += reading.mark(*_VALUES_MARK, model or "")
    return image, marks


def write_image(
    request: ImageRequest, model: Model, body: Settings, writing: Writing, *, edits: bool
) -> None:
    """The settings of a request, for a body's model; only one that ``edits`` has a fidelity."""
    image, report = request.image, writing.report
    if image is ANY_IMAGE:
        return
    own_size = is_marked(request.extras, writing.format, *_SIZE_MARK)
    body.size = str(image.size) if own_size and image.size else _write_size(image, model, report)
    if image.input_fidelity is not None and not edits:
        detail = "input fidelity {}: a generation does not have this setting"
        report(lost(C.NO_SUCH_SETTING, "$.image.input_fidelity", detail, image.input_fidelity))
        image = structs.replace(image, input_fidelity=None)
    given = request.model_as_given or ""
    if not is_marked(request.extras, writing.format, *_VALUES_MARK, given):
        image = _of_model(image, model, body.model or model.id, report)
    body.quality = image.quality
    body.background = image.background
    body.output_format = image.format
    body.output_compression = image.compression
    body.moderation = image.moderation
    body.input_fidelity = image.input_fidelity


def _of_model(image: ImageSettings, model: Model, name: str, report: Report) -> ImageSettings:
    """The settings as the model of a name has them; a value that it lacks is reported."""
    changes: dict[str, str | None] = {}
    for field, words, values in (
        ("quality", "quality", model.qualities),
        ("background", "background", model.backgrounds),
        ("format", "output format", model.formats),
        ("input_fidelity", "input fidelity", model.fidelities),
    ):
        value = getattr(image, field)
        if value is None or not model.lacks(value, values):
            continue
        nearest = nearest_quality(value, values or ()) if field == "quality" else None
        changes[field] = nearest
        if nearest is not None:
            detail = "{} {} became {}, the nearest that {} has"
            report(lost(C.NEAREST_QUALITY, f"$.image.{field}", detail, words, value, nearest, name))
        else:
            missing = "value" if values else "setting"
            detail = "{} {}: {} does not have this {}"
            report(
                lost(C.MODEL_LACKS_SETTING, f"$.image.{field}", detail, words, value, name, missing)
            )
    return structs.replace(image, **changes) if changes else image


def _write_size(image: ImageSettings, model: Model, report: Report) -> str | None:
    shape = image.size or image.aspect_ratio
    if shape is None:
        if image.tier is not None:
            detail = "tier {} without an aspect ratio: the model chooses the size"
            report(lost(C.NEAREST_SIZE, "$.image.tier", detail, image.tier))
        return None
    if log_ratio(shape) is None:
        detail = "aspect ratio {}: not a ratio of two numbers"
        report(lost(C.UNSUPPORTED_VALUE, "$.image.aspect_ratio", detail, shape))
        if image.tier is not None:
            detail = "tier {} without a valid ratio"
            report(lost(C.UNSUPPORTED_VALUE, "$.image.tier", detail, image.tier))
        return None
    size = _nearest(shape, model.sizes) if model.sizes else _fit(image, model.limits or FREE_SIZES)
    if not _is_met(image, size):
        field = "aspect_ratio" if image.size is None else "size"
        tier = f" at tier {image.tier}" if image.tier else ""
        detail = "{} {}{} became size {}"
        report(
            lost(
                C.NEAREST_SIZE,
                f"$.image.{field}",
                detail,
                field.replace("_", " "),
                shape,
                tier,
                size,
            )
        )
    return str(size)


def _is_met(image: ImageSettings, size: Size) -> bool:
    """Whether a size is what was asked for: these pixels, or this ratio at this tier."""
    if image.size is not None:
        return size == image.size
    same = same_ratio(size, image.aspect_ratio or "")
    return same and (image.tier or "1K") == nearest_tier(size, TIERS)


def _nearest(shape: Size | str, sizes: Iterable[Size]) -> Size:
    """The size with the least difference of log ratios; of equals, the first."""
    wanted = log_ratio(shape) or 0.0
    return min(sizes, key=lambda size: abs(wanted - (log_ratio(size) or 0.0)))


def _fit(image: ImageSettings, limits: Limits) -> Size:
    """The pixels of a request within a model's limits."""
    if image.size is not None:
        start = image.size
        if _allows(limits, start.width, start.height):
            return start
        log, area = math.log(start.width / start.height), float(start.width * start.height)
    else:
        tier = image.tier if image.tier is not None and image.tier in TIERS else "1K"
        table = PIXELS.get((image.aspect_ratio or "", tier))
        edge = TIERS[tier]
        log = log_ratio(table or image.aspect_ratio or "") or 0.0
        area = float(table.width * table.height) if table else float(edge * edge)
    bound = math.log(limits.max_ratio)
    ratio = math.exp(min(max(log, -bound), bound))
    area = min(max(area, limits.min_area), limits.max_area)
    width, height = math.sqrt(area * ratio), math.sqrt(area / ratio)
    shrink = min(1.0, limits.longest / max(width, height))
    return _round(width * shrink, height * shrink, limits)


def _round(width: float, height: float, limits: Limits) -> Size:
    """The nearest pair of multiples within the limits."""

    def around(side: float) -> list[int]:
        lower = int(side // limits.multiple)
        return [limits.multiple * step for step in range(max(1, lower - 1), lower + 3)]

    allowed = [
        (abs(math.log(w / width)) + abs(math.log(h / height)), w, h)
        for w in around(width)
        for h in around(height)
        if _allows(limits, w, h)
    ]
    _, best_width, best_height = min(allowed)
    return Size(width=best_width, height=best_height)


def _allows(limits: Limits, width: int, height: int) -> bool:
    return (
        width % limits.multiple == 0
        and height % limits.multiple == 0
        and max(width, height) <= limits.longest
        and limits.min_area <= width * height <= limits.max_area
        and max(width, height) <= limits.max_ratio * min(width, height)
    )


def report_unknown(request: ImageRequest, api: str, report: Report) -> None:
    """Report the settings of a request that an API, which is named, does not have for images.

    Raises `UnsupportedError` where no image is asked for.
    """
    if "IMAGE" not in request.modalities:
        msg = f"no image is asked for: {api} makes nothing else"
        raise UnsupportedError(msg, path="$.modalities")
    sampling = request.sampling
    for name in (
        "temperature",
        "top_p",
        "top_k",
        "seed",
        "stop",
        "max_tokens",
        "presence_penalty",
        "frequency_penalty",
    ):
        value = getattr(sampling, name)
        if value not in {None, ()}:
            told = ", ".join(value) if isinstance(value, tuple) else value
            detail = "{} {}: {} has no such setting"
            report(lost(C.NO_SUCH_SETTING, f"$.sampling.{name}", detail, name, told, api))
    for name, words in _GEMINI_ONLY.items():
        if getattr(request, name):
            detail = "{}: {} has no such setting"
            report(lost(C.NO_SUCH_SETTING, f"$.{name}", detail, words, api))
