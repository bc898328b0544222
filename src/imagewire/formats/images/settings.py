"""What only an Images request has of settings: other fields for the shape, and its stream.

Those that the Responses API has too are in `formats.shared.openai_image`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from imagewire.codec.reading import Reading
from imagewire.formats.images import wire
from imagewire.formats.shared import image_config
from imagewire.formats.shared.image_config import Google, ImageConfig, Place, wire_paths
from imagewire.formats.shared.openai_image import setting_paths
from imagewire.loss import Report
from imagewire.model import StreamWish
from imagewire.rules.settings import Shape, read_size
from imagewire.rules.streams import refuse_stream

_TIERS = (*wire_paths("image_size"), "$.image_config[image_size]", "$.resolution")

#: Where a setting may come from, for losses that writers find.
WIRE_PATHS: Mapping[str, tuple[str, ...]] = {
    **setting_paths("$"),
    "$.count": ("$.n",),
    "$.image.size": ("$.size", *_TIERS),
    "$.image.aspect_ratio": (
        *wire_paths("aspect_ratio"),
        "$.image_config[aspect_ratio]",
        "$.size",
        *_TIERS,
    ),
    "$.image.tier": (*_TIERS, "$.size"),
    "$.stream.partial_images": ("$.partial_images",),
    "$.turns": ("$.prompt",),
}

#: Formats of pictures that come whole: openai SDK, ``image_generate_params.py`` (2026-11-26).
WHOLE_FORMATS = {"gif", "svg"}

#: Fields for a shape that OpenAI's Images API does not have, by their names on the wire.
SHAPE_FIELDS = {
    name: field
    for name, field in zip(
        wire.Request.__struct_encode_fields__, wire.Request.__struct_fields__, strict=True
    )
    if name.startswith("image_config")
    or name in {"aspect_ratio", "image_size", "resolution", "generation_config", "extra_body"}
}


def shape_fields(body: wire.Request) -> dict[str, Any]:
    """What a request says of its picture's shape beside the ``size``, as plain data."""
    return {
        name: msgspec.to_builtins(value)
        for name, field in SHAPE_FIELDS.items()
        if (value := getattr(body, field)) is not None
    }


def read_shape(body: wire.Request, report: Report, *, shaped: bool) -> Shape:
    """The shape of the picture; one that is ``shaped`` has fields for it beside the size."""
    if not shaped:
        return read_size(body.size, "$.size")
    places: list[tuple[str, Place]] = [("$", body)]
    form = ImageConfig(aspect_ratio=body.config_ratio, image_size=body.config_tier)
    places.append(("$.image_config", Google(image_config=form)))
    if body.extra_body is not None:
        places.append(("$.extra_body", body.extra_body))
        if body.extra_body.google is not None:
            places.append(("$.extra_body.google", body.extra_body.google))
    return image_config.read_shape(body.size, places, report, tier=body.resolution)


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
