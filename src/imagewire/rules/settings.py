"""Plain values that all readers read in the same way."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, TypeVar

from imagewire.errors import MalformedError, UnsupportedError
from imagewire.known_models import TIERS
from imagewire.model import DEFAULT_MODALITIES, ImageSettings, Size
from imagewire.paths import Path
from imagewire.rules.geometry import is_ratio, normal_tier, parse_size

T = TypeVar("T")

#: Qualities by how much work they ask for; ``standard`` and ``hd`` are those of DALL-E.
_WORK = {"low": 1, "medium": 2, "standard": 2, "high": 3, "hd": 3, "xhigh": 4, "max": 5}

MAX_COUNT = 10  # the Images API's bound of ``n``: image_generate_params.py

_MODALITY_ORDER = {
    name: index for index, name in enumerate((*DEFAULT_MODALITIES, "AUDIO", "VIDEO"))
}


def neutral(text: str | None) -> str | None:
    """A setting, or None for one that is absent, empty or ``auto``."""
    return None if not text or text.lower() == "auto" else text


def tier_name(text: str | None) -> str | None:
    """A tier in its one spelling, or None for one that is absent or ``auto``."""
    text = neutral(text)
    return None if text is None else normal_tier(text)


def media_format(text: str | None) -> str | None:
    """An output format in the API's spelling: ``jpeg``, never ``jpg``."""
    text = neutral(text)
    if text is None:
        return None
    text = text.lower().removeprefix("image/")
    return "jpeg" if text == "jpg" else text


def modalities(names: Iterable[str] | None) -> tuple[str, ...]:
    """Response modalities as the hub keeps them: upper case, each once, in one order."""
    found = {name.upper() for name in names} - {"MODALITY_UNSPECIFIED"} if names else None
    if not found:
        return DEFAULT_MODALITIES
    return tuple(sorted(found, key=lambda name: (_MODALITY_ORDER.get(name, 9), name)))


def read_count(count: int | None, path: str) -> int:
    """How many images are asked for: absent is one, outside 1..10 raises."""
    if count is None:
        return 1
    if not 1 <= count <= MAX_COUNT:
        msg = f"`{path.rpartition('.')[2]}` must be between 1 and {MAX_COUNT}"
        raise UnsupportedError(msg, path=path)
    return count


def one(*candidates: tuple[str, T | None]) -> T | None:
    """The one value of a field that may stand in several places; two that differ raise."""
    found: T | None = None
    for path, value in candidates:
        if value is None:
            continue
        if found is not None and value != found:
            msg = "the value contradicts another spelling of the same field"
            raise MalformedError(msg, path=path)
        found = value
    return found


#: What a request says of its picture's shape: pixels, a ratio, a tier.
Shape = tuple[Size | None, str | None, str | None]


def read_size(text: str | None, path: str | Path) -> Shape:
    """The pixels, the ratio or the tier of a ``size``; anything else raises."""
    text = neutral(text)
    if text is None:
        return None, None, None
    size = parse_size(text)
    if size is not None:
        return size, None, None
    if is_ratio(text):
        return None, text, None
    if normal_tier(text) in TIERS:
        return None, None, normal_tier(text)
    msg = "size must be WxH, W:H, a tier (512, 1K, 2K, 4K) or auto"
    raise MalformedError(msg, path=path)


class _Named(Protocol):
    """The image settings that chat and images spell alike."""

    quality: str | None
    background: str | None
    output_format: str | None
    output_compression: int | None
    input_fidelity: str | None

    @property
    def moderation(self) -> object:
        """A name, or in chat an object of OpenAI's own."""
        ...


def read_image_settings(
    body: _Named, *, size: Size | None, aspect_ratio: str | None, tier: str | None
) -> ImageSettings:
    """A shape, and the settings that chat and images spell alike."""
    return ImageSettings(
        size=size,
        aspect_ratio=aspect_ratio,
        tier=tier,
        quality=neutral(body.quality),
        background=neutral(body.background),
        format=media_format(body.output_format),
        compression=body.output_compression,
        moderation=neutral(body.moderation) if isinstance(body.moderation, str) else None,
        input_fidelity=neutral(body.input_fidelity),
    )


def nearest_quality(quality: str, qualities: Iterable[str]) -> str | None:
    """The quality that asks for the most similar work, or None if none can be compared."""
    wanted = _WORK.get(quality)
    known = [name for name in qualities if name in _WORK]
    if wanted is None or not known:
        return None
    return min(known, key=lambda name: abs(wanted - _WORK[name]))
