"""Pixels, ratios and tiers: three separate things, and the nearest of each.

Nearest is meant logarithmically: 2:1 is as far from 1:1 as 1:2 is. A size is of a ratio if it is
within 3 % of it, because the sizes that models really make are not exact (1376x768 for 16:9).
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from imagewire.known_models import TIERS
from imagewire.model import Size
from imagewire.patterns import pattern

_TIER_SPELLINGS = {"512PX": "512", "0.5K": "512", **{tier: tier for tier in TIERS}}

_TOLERANCE = math.log(1.03)
#: The ratios that models make, told at once: the nearest is looked for among all of them.
_LOGS = {
    f"{width}:{height}": math.log(width / height)
    for wide, narrow in ((1, 1), (3, 2), (4, 3), (5, 4), (16, 9), (21, 9), (4, 1), (8, 1))
    for width, height in ((wide, narrow), (narrow, wide))
}
_SIZE = pattern(r"([1-9]\d{0,5})[xX]([1-9]\d{0,5})")
_RATIO = pattern(r"(\d{1,4}(?:\.\d{1,4})?):(\d{1,4}(?:\.\d{1,4})?)")


def parse_size(text: str) -> Size | None:
    """``WxH`` in pixels, or None."""
    match = _SIZE.fullmatch(text.strip())
    return Size(width=int(match[1]), height=int(match[2])) if match else None


def is_ratio(text: str) -> bool:
    """Whether a text has the form ``W:H``."""
    return _RATIO.fullmatch(text) is not None


def normal_tier(text: str) -> str:
    """A tier in its one spelling (``4k`` -> ``4K``, ``512px`` -> ``512``); others untouched."""
    return _TIER_SPELLINGS.get(text.strip().upper(), text)


def log_ratio(shape: Size | str) -> float | None:
    """log(width / height) of a size or of a ``W:H`` text; None if that is no ratio."""
    if isinstance(shape, Size):
        return math.log(shape.width / shape.height)
    known = _LOGS.get(shape)
    if known is not None:
        return known
    match = _RATIO.fullmatch(shape)
    if not match or not float(match[1]) or not float(match[2]):
        return None
    return math.log(float(match[1]) / float(match[2]))


def same_ratio(one: Size | str, other: Size | str) -> bool:
    """Whether two shapes have the same proportions, within 3 %."""
    a, b = log_ratio(one), log_ratio(other)
    return a is not None and b is not None and abs(a - b) <= _TOLERANCE


def nearest_ratio(size: Size, ratios: Iterable[str]) -> str:
    """The ratio with the least difference of logarithms; of two equal ones, the first."""
    wanted = math.log(size.width / size.height)
    return min(ratios, key=lambda ratio: abs(wanted - (log_ratio(ratio) or 0.0)))


def nearest_tier(size: Size, tiers: Iterable[str]) -> str:
    """The tier whose square has the nearest area, by logarithm."""
    wanted = math.log(size.width * size.height)
    return min(tiers, key=lambda tier: abs(wanted - 2 * math.log(TIERS[tier])))
