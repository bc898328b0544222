"""The shape of a picture in OpenAI's formats: ``size``, and what gateways have beside it.

OpenAI has pixels alone. Gateways take Gemini's ratio and tier: ``image_config`` (OpenRouter), the
same keys without it (nexara), and Google's own names below ``extra_body``, ``extra_body.google`` or
``google``, in either case, with and without ``generationConfig`` (new-api, LiteLLM). Where several
are given, equal values pass and different ones raise; ratio and tier win over pixels of another
shape, APPROXIMATED.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from imagewire.codec.fields import ProtoWire
from imagewire.known_models import TIERS
from imagewire.loss import C, Report, lost
from imagewire.model import Size
from imagewire.rules.geometry import is_ratio, nearest_tier, parse_size, same_ratio
from imagewire.rules.settings import Shape, neutral, one, read_size, tier_name


class ImageConfig(ProtoWire, rename=None):
    """A ratio and a tier."""

    aspect_ratio: str | None = None
    image_size: str | None = None


class GenerationConfig(ProtoWire, rename=None):
    """Google's settings, as far as they are of a picture's shape."""

    image_config: ImageConfig | None = None


class _Config(Protocol):
    @property
    def aspect_ratio(self) -> str | None: ...
    @property
    def image_size(self) -> str | None: ...


class _GenerationConfig(Protocol):
    @property
    def image_config(self) -> ImageConfig | None: ...


class Place(_Config, Protocol):
    """An object that may hold a ratio and a tier, itself and in two objects below."""

    @property
    def image_config(self) -> ImageConfig | None:
        """OpenRouter's object, and Google's."""
        ...

    @property
    def generation_config(self) -> _GenerationConfig | None:
        """Google's settings, which hold one more."""
        ...


class Google(ProtoWire, rename=None):
    """Google's fields, as far as they are of a picture's shape."""

    aspect_ratio: str | None = None
    image_size: str | None = None
    image_config: ImageConfig | None = None
    generation_config: GenerationConfig | None = None


class ExtraBody(Google):
    """What clients meant to send beside the fields of the API."""

    google: Google | None = None


#: Names that gateways take in either case, also where the API's own names have one.
EITHER_CASE = frozenset({"aspect_ratio", "image_size", "image_config", "generation_config"})

#: The objects that hold a shape, by what leads to them.
_PLACES = ("", "extra_body.", "extra_body.google.", "google.")
_CONFIGS = ("image_config.", "", "generation_config.image_config.")


def wire_paths(name: str) -> tuple[str, ...]:
    """All paths of a setting, ``aspect_ratio`` or ``image_size``, the one that we write first."""
    return tuple(f"$.{place}{config}{name}" for place in _PLACES for config in _CONFIGS)


def read_shape(
    size: str | None,
    places: Sequence[tuple[str, Place]],
    report: Report,
    *,
    tier: str | None = None,
) -> Shape:
    """The shape of a request from its ``size`` and its places for a ratio and a tier.

    ``tier`` is the Images API's ``resolution``, as some gateways have it.
    """
    sizes: list[tuple[str, Size | None]] = []
    ratios: list[tuple[str, str | None]] = []
    tiers: list[tuple[str, str | None]] = []
    configs = [(path, config) for place in places for path, config in _configs(*place)]
    texts = [("$.size", read_size(size, "$.size"))]
    texts += [(f"{path}.image_size", _read_tier(config.image_size)) for path, config in configs]
    texts.append(("$.resolution", _read_tier(tier)))
    for path, (pixels, ratio, named) in texts:
        sizes.append((path, pixels))
        ratios.append((path, ratio))
        tiers.append((path, named))
    ratios += [(f"{path}.aspect_ratio", neutral(config.aspect_ratio)) for path, config in configs]
    pixels, ratio, named = one(*sizes), one(*ratios), one(*tiers)
    if pixels is not None and not _agree(pixels, ratio, named):
        detail = "size {} contradicts the aspect ratio or the tier, which are used instead"
        report(lost(C.CONTRADICTING_SETTING, "$.size", detail, pixels))
        pixels = None
    return pixels, ratio, named


def _configs(path: str, place: Place) -> Iterator[tuple[str, _Config]]:
    """The objects in one place that have a ratio and a tier, each with its path."""
    yield path, place
    if place.image_config is not None:
        yield f"{path}.image_config", place.image_config
    outer = place.generation_config
    if outer is not None and outer.image_config is not None:
        yield f"{path}.generation_config.image_config", outer.image_config


def _read_tier(text: str | None) -> Shape:
    """A tier; some write pixels or a ratio in its place."""
    if text is not None and (parse_size(text) or is_ratio(text)):
        return read_size(text, "$.size")
    return None, None, tier_name(text)


def _agree(size: Size, ratio: str | None, tier: str | None) -> bool:
    if ratio is not None and not same_ratio(size, ratio):
        return False
    return tier is None or tier not in TIERS or nearest_tier(size, TIERS) == tier
