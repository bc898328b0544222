"""What the rules call the same: values that differ in this alone are equal, and it is no loss."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import groupby
from typing import Any

import msgspec
from msgspec import structs

from imagewire.catalog import CATALOG, PIXELS
from imagewire.known_models import TIERS
from imagewire.model import (
    DEFAULT_MODALITIES,
    Extra,
    ImageRequest,
    ImageResponse,
    ModalityCount,
    Part,
    Size,
    Turn,
)
from imagewire.rules.geometry import log_ratio, nearest_ratio, nearest_tier


def _without_prefix(value: Any) -> Any:
    return structs.replace(value, model_as_given=None)


def _without_made_up_id(value: Any) -> Any:
    made_up = isinstance(value, ImageResponse) and str(value.id).startswith(("chatcmpl-", "resp_"))
    return structs.replace(value, id=None) if made_up else value


def _totals(value: Any) -> Any:
    if not isinstance(value, ImageResponse) or value.usage is None:
        return value
    usage = value.usage
    if usage.prompt is None:
        return value
    merged = structs.replace(usage, prompt=usage.prompt + usage.tool_use, tool_use=0)
    return structs.replace(value, usage=merged)


def _without_thoughts(value: Any) -> Any:
    if not isinstance(value, ImageResponse) or value.usage is None:
        return value
    usage = value.usage
    if usage.candidates is None:
        return value
    merged = structs.replace(usage, candidates=usage.candidates + usage.thoughts, thoughts=0)
    return structs.replace(value, usage=merged)


def _input_of_text(value: Any) -> Any:
    """Input tokens without details, which the SDK's type requires, are counted as text."""
    if not isinstance(value, ImageResponse) or value.usage is None or value.usage.prompt_details:
        return value
    tokens = (value.usage.prompt or 0) + value.usage.tool_use
    details = (ModalityCount(modality="TEXT", tokens=tokens),) if tokens else ()
    return structs.replace(value, usage=structs.replace(value.usage, prompt_details=details))


def _any_modalities(value: Any) -> Any:
    """Whatever else may come, an image is asked for."""
    if not isinstance(value, ImageRequest) or "IMAGE" not in value.modalities:
        return value
    return structs.replace(value, modalities=DEFAULT_MODALITIES)


def _exact_pixels(value: Any) -> Any:
    """The pixels that a model makes of a ratio and a tier are these."""
    if not isinstance(value, ImageRequest) or value.image.size is None:
        return value
    model = CATALOG.find(value.model or "")
    for (ratio, tier), size in (model.pixels if model else {}).items():
        if size == value.image.size:
            image = structs.replace(value.image, size=None, aspect_ratio=ratio, tier=tier)
            return structs.replace(value, image=image)
    return value


def _without_neutral_extras(value: Any) -> Any:
    """Null, false and empty extras vanish in silence."""
    return without_extras(value, _is_neutral)


def without_extras(value: Any, dropped: Callable[[Extra], bool]) -> Any:
    """A hub value without some of its extras, at every level."""
    if isinstance(value, tuple):
        items = (item for item in value if not (isinstance(item, Extra) and dropped(item)))
        return tuple(without_extras(item, dropped) for item in items)
    if isinstance(value, msgspec.Struct):
        fields = structs.asdict(value)
        changed = {name: without_extras(item, dropped) for name, item in fields.items()}
        return structs.replace(value, **changed)
    return value


def _is_neutral(extra: Extra) -> bool:
    says_nothing = extra.value is False or extra.value in (None, "", [], {})
    return says_nothing and extra.file is None


def _one_turn_a_run(value: Any) -> Any:
    """A run of turns of one role is one turn."""
    if not isinstance(value, ImageRequest):
        return value
    runs = [list(run) for _, run in groupby(value.turns, key=lambda turn: turn.role)]
    turns = tuple(
        Turn(
            role=run[0].role,
            parts=tuple(part for turn in run for part in turn.parts),
            extras=tuple(extra for turn in run for extra in turn.extras),
        )
        for run in runs
    )
    return structs.replace(value, turns=turns)


def _text_last(value: Any) -> Any:
    """On the Images face, text before all images = text after them."""
    if isinstance(value, ImageRequest):
        turns = tuple(
            structs.replace(turn, parts=_images_first(turn.parts)) for turn in value.turns
        )
        return structs.replace(value, turns=turns)
    candidates = tuple(
        structs.replace(candidate, parts=_images_first(candidate.parts))
        for candidate in value.candidates
    )
    return structs.replace(value, candidates=candidates)


def _images_first(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    return tuple(sorted(parts, key=lambda part: part.image is None))


def _shape(value: Any) -> Any:
    """A size within 3 % of a ratio, at its tier, is that ratio and tier."""
    if not isinstance(value, ImageRequest):
        return value
    image = value.image
    ratio, tier = image.aspect_ratio, image.tier or "1K"
    if image.size is not None:
        ratio = nearest_ratio(image.size, dict.fromkeys(ratio for ratio, _ in PIXELS))
        tier = nearest_tier(image.size, TIERS)
    elif ratio is None:
        tier = ""
    elif log_ratio(ratio) is not None:
        square = math.exp((log_ratio(ratio) or 0.0) / 2)
        near = Size(width=round(1e4 * square), height=round(1e4 / square))
        ratio = nearest_ratio(near, dict.fromkeys(ratio for ratio, _ in PIXELS))
    shape = structs.replace(image, size=None, aspect_ratio=ratio, tier=tier)
    return structs.replace(value, image=shape)


#: What is silent by the rules: each makes two values that the rules call the same equal.
NORMALISATIONS: dict[str, Callable[[Any], Any]] = {
    "model id prefixes": _without_prefix,
    "a made-up reply id": _without_made_up_id,
    "tool use inside prompt totals": _totals,
    "extras that say nothing": _without_neutral_extras,
    "a size that is exactly a model's own": _exact_pixels,
}

#: What is silent on the Images face alone.
IMAGES_NORMALISATIONS: dict[str, Callable[[Any], Any]] = {
    "thoughts inside completion totals": _without_thoughts,
    "text before all images": _text_last,
    "a size that is a ratio at a tier": _shape,
    "input tokens without details": _input_of_text,
    "modalities beside the image": _any_modalities,
}


#: What is silent on the Responses face alone.
RESPONSES_NORMALISATIONS: dict[str, Callable[[Any], Any]] = {
    "thoughts inside completion totals": _without_thoughts,
    "each item is a turn": _one_turn_a_run,
    "input tokens without details": _input_of_text,
    "a size that is a ratio at a tier": _shape,
    "modalities beside the image": _any_modalities,
}

_OWN = {"images": IMAGES_NORMALISATIONS, "responses": RESPONSES_NORMALISATIONS}


def normal(value: Any, format_: str, *, shapes: bool = True) -> Any:
    """A hub value up to the normalisations of a face, without or with those of shapes."""
    silent = {**NORMALISATIONS, **_OWN.get(format_, {})}
    for normalise in silent.values():
        if shapes or normalise is not _shape:
            value = normalise(value)
    return value
