"""Size, and the settings that bear the same names here and in the hub.

Sizes. GPT Image 2 and later take any size within their limits; of another one, and of a ratio and a
tier, the nearest within them: first the ratio is clamped, then the area, then the longer edge, then
both sides are rounded to the multiple, towards the inside of the limits. GPT Image 1 and 1.5 have
three sizes. What the Images API itself was asked for goes back to it untouched.

A quality that the model is known to lack becomes the nearest that it has; a background, a format or
a fidelity is dropped. Both are reported. The Images API's own values pass, if the model is the one
that they were meant for: the API refuses them itself.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from msgspec import structs

from imagewire.catalog import PIXELS, Limits, Model
from imagewire.codec.reading import Reading
from imagewire.errors import UnsupportedError
from imagewire.formats.images import wire
from imagewire.formats.shared.image_config import (
    Google,
    ImageConfig,
    Place,
    read_shape,
    wire_paths,
)
from imagewire.known_models import FREE_SIZES, TIERS
from imagewire.loss import C, Report, lost
from imagewire.model import ANY_IMAGE, ImageRequest, ImageSettings, Size, StreamWish
from imagewire.rules.geometry import log_ratio, nearest_tier, same_ratio
from imagewire.rules.settings import nearest_quality, read_image_settings, read_size
from imagewire.rules.streams import refuse_stream

_TIERS = (*wire_paths("image_size"), "$.image_config[image_size]", "$.resolution")

#: Where a setting may come from, for losses that writers find.
WIRE_PATHS: Mapping[str, tuple[str, ...]] = {
    "$.count": ("$.n",),
    "$.image.size": ("$.size", *_TIERS),
    "$.image.aspect_ratio": (
        *wire_paths("aspect_ratio"),
        "$.image_config[aspect_ratio]",
        "$.size",
        *_TIERS,
    ),
    "$.image.tier": (*_TIERS, "$.size"),
    "$.image.quality": ("$.quality",),
    "$.image.background": ("$.background",),
    "$.image.format": ("$.output_format",),
    "$.image.compression": ("$.output_compression",),
    "$.image.moderation": ("$.moderation",),
    "$.image.input_fidelity": ("$.input_fidelity",),
    "$.stream.partial_images": ("$.partial_images",),
    "$.turns": ("$.prompt",),
}

#: Formats of pictures that come whole: openai SDK, ``image_generate_params.py`` (2026-11-26).
WHOLE_FORMATS = {"gif", "svg"}

#: What Gemini can be asked for, and the Images API cannot, in words.
_GEMINI_ONLY = {
    "thinking": "thinking",
    "safety": "safety settings",
    "cached_content": "cached content",
}


#: Fields for a shape that OpenAI's Images API does not have, by their names on the wire.
SHAPE_FIELDS = {
    name: info.name
    for info in msgspec.structs.fields(wire.Request)
    if (name := info.encode_name).startswith("image_config")
    or name in {"aspect_ratio", "image_size", "resolution", "generation_config", "extra_body"}
}


def shape_fields(body: wire.Request) -> dict[str, Any]:
    """What a request says of its picture's shape beside the ``size``, as plain data."""
    return {
        name: msgspec.to_builtins(value)
        for name, field in SHAPE_FIELDS.items()
        if (value := getattr(body, field)) is not None
    }


def read_image(body: wire.Request, report: Report, *, shaped: bool) -> ImageSettings:
    """The settings of a request; one that is ``shaped`` has fields for that beside the size."""
    if shaped:
        places: list[tuple[str, Place]] = [("$", body)]
        form = ImageConfig(aspect_ratio=body.config_ratio, image_size=body.config_tier)
        places.append(("$.image_config", Google(image_config=form)))
        if body.extra_body is not None:
            places.append(("$.extra_body", body.extra_body))
            if body.extra_body.google is not None:
                places.append(("$.extra_body.google", body.extra_body.google))
        size, ratio, tier = read_shape(body.size, places, report, tier=body.resolution)
    else:
        size, ratio, tier = read_size(body.size, "$.size")
    found = read_image_settings(body, size=size, aspect_ratio=ratio, tier=tier)
    return ANY_IMAGE if found == ANY_IMAGE else found  # writers ask for this very object


def write_image(  # noqa: PLR0913 - two things that an Images request decides itself
    image: ImageSettings,
    model: Model,
    body: wire.Request,
    report: Report,
    *,
    own_size: bool,
    own_values: bool,
) -> None:
    """The settings of a request; its ``own`` came from an Images request, for the same model."""
    body.size = str(image.size) if own_size and image.size else _write_size(image, model, report)
    if image.input_fidelity is not None and body.images is None:
        detail = "input fidelity {}: a generation does not have this setting"
        report(lost(C.NO_SUCH_SETTING, "$.image.input_fidelity", detail, image.input_fidelity))
        image = structs.replace(image, input_fidelity=None)
    if not own_values:
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


def report_unknown(request: ImageRequest, report: Report) -> None:
    """Report the settings of a request that the Images API does not have."""
    if "IMAGE" not in request.modalities:
        msg = "no image is asked for: the Images API makes nothing else"
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
            detail = "{} {}: the Images API has no such setting"
            report(lost(C.NO_SUCH_SETTING, f"$.sampling.{name}", detail, name, told))
    for name, words in _GEMINI_ONLY.items():
        if getattr(request, name):
            detail = "{}: the Images API has no such setting"
            report(lost(C.NO_SUCH_SETTING, f"$.{name}", detail, words))


def read_stream(body: wire.Request, reading: Reading) -> StreamWish | None:
    """The wish for a stream; for drafts without one, it is the API that has to say no."""
    for name in ("stream", "partial_images"):
        if getattr(body, name):
            refuse_stream(reading.options, name)
    if not body.stream:
        return None
    reading.respell(("stream",))
    reading.respell(("partial_images",))
    return StreamWish(partial_images=body.partial_images)
