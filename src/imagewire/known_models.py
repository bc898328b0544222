"""What a model can make, and the rows of the models that are known.

Facts, checked 2026-11-26. Names: the OpenAI SDK 3.57.0 (``types/image_model.py``,
``responses/tool_param.py``) and google-genai 3.6.1 (``_gaos/types/interactions/model.py``).
Dates and successors: developers.openai.com/api/docs/deprecations,
ai.google.dev/gemini-api/docs/deprecations and ``changelog``; ``gemini-2.5-flash-image`` answers
only those who used it before its date.

- OpenAI. Qualities, formats, backgrounds, fidelities and the number of references: docstrings of
  ``image_generate_params.py`` and ``image_edit_params.py``; ``input_fidelity: high`` to
  ``gpt-image-1-mini`` is a 400 (lobehub/lobehub 9920), and so is ``response_format`` to GPT Image
  (vercel/ai 6102). Bounds of pixels: MicrosoftDocs/azure-ai-docs pull 779, and runs against the API
  (openclaw/openclaw 118476). Whether 2.5 makes GIF and SVG is open ("supported models"): they pass.
  No page of OpenAI's tells sizes and qualities of 2.6: it has those of 2.5, as gateways tell.
- Google. Ratios, tiers and pixels: ai.google.dev/gemini-api/docs/image-generation and the model
  pages of Vertex; 21:9 at 512 is printed there as 792x168, which is no 21:9.
  ``gemini-nano-banana-2.1`` answers 512 with a 400 (tanstack/ai 1641);
  ``gemini-3.1-flash-lite-image`` makes 1K. Signatures: langchain-google 1431.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import attrs
from attrs.validators import (
    and_,
    deep_iterable,
    deep_mapping,
    ge,
    in_,
    instance_of,
    matches_re,
    min_len,
    optional,
)

from imagewire.model import Size

RATIOS = ("1:1", "2:3", "3:2", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9", "21:9")
#: Those, and the extreme ones that Google's models make since 3.1.
ALL_RATIOS = (*RATIOS, "1:4", "4:1", "1:8", "8:1")

#: Tiers by the length in pixels of a square's edge.
TIERS: Mapping[str, int] = {"512": 512, "1K": 1024, "2K": 2048, "4K": 4096}

# One row a ratio, one column a tier.
_FLASH_25 = """
    1:1 1024x1024   2:3 832x1248   3:2 1248x832   3:4 864x1184   4:3 1184x864
    4:5 896x1152    5:4 1152x896   9:16 768x1344  16:9 1344x768  21:9 1536x672
"""
_PIXELS = """
    ratio  512       1K         2K         4K
    1:1    512x512   1024x1024  2048x2048  4096x4096
    2:3    424x632   848x1264   1696x2528  3392x5056
    3:2    632x424   1264x848   2528x1696  5056x3392
    3:4    448x600   896x1200   1792x2400  3584x4800
    4:3    600x448   1200x896   2400x1792  4800x3584
    4:5    464x576   928x1152   1856x2304  3712x4608
    5:4    576x464   1152x928   2304x1856  4608x3712
    9:16   384x688   768x1376   1536x2752  3072x5504
    16:9   688x384   1376x768   2752x1536  5504x3072
    21:9   792x336   1584x672   3168x1344  6336x2688
    1:4    256x1024  512x2048   1024x4096  2048x8192
    4:1    1024x256  2048x512   4096x1024  8192x2048
    1:8    192x1536  384x3072   768x6144   1536x12288
    8:1    1536x192  3072x384   6144x768   12288x1536
"""


def _size(text: str) -> Size:
    width, _, height = text.partition("x")
    return Size(width=int(width), height=int(height))


def _sizes(*texts: str) -> tuple[Size, ...]:
    return tuple(_size(text) for text in texts)


def _table() -> dict[tuple[str, str | None], Size]:
    head, *rows = (line.split() for line in _PIXELS.strip().splitlines())
    return {
        (row[0], tier): _size(cell)
        for row in rows
        for tier, cell in zip(head[1:], row[1:], strict=True)
    }


def _flat_table() -> dict[tuple[str, str | None], Size]:
    cells = _FLASH_25.split()
    return {(ratio, None): _size(size) for ratio, size in zip(cells[::2], cells[1::2], strict=True)}


#: (ratio, tier) -> pixels, for every ratio and tier that a table of Google's names.
PIXELS: Mapping[tuple[str, str | None], Size] = _table()

#: What Google's table prints -> what is meant: 792x168 is no 21:9.
MISPRINTS: Mapping[Size, Size] = {_size("792x168"): PIXELS["21:9", "512"]}


def _several(values: Iterable[Any] | None) -> tuple[Any, ...] | None:
    """Values as a tuple; one text is not the list of its letters."""
    if isinstance(values, str):
        msg = f"several values belong in a tuple: {values!r} is one text"
        raise TypeError(msg)
    return None if values is None else tuple(values)


_TEXT: Any = instance_of(str)
_TEXTS: Any = deep_iterable(_TEXT)
_NUMBER: Any = and_(instance_of(int), ge(1))
_RATIO: Any = and_(instance_of((int, float)), ge(1))
_DAY: Any = optional(instance_of(date))


def _names(each: Any = _TEXT) -> Any:
    return attrs.field(default=(), repr=False, converter=_several, validator=deep_iterable(each))


def _values() -> Any:
    return attrs.field(default=None, repr=False, converter=_several, validator=optional(_TEXTS))


def _switch(*, default: bool) -> Any:
    return attrs.field(default=default, repr=False, validator=instance_of(bool))


@attrs.frozen(kw_only=True)
class Limits:
    """The bounds of freely chosen pixels: edges, areas, and the ratio of the longer edge."""

    multiple: int = attrs.field(validator=_NUMBER)
    longest: int = attrs.field(validator=_NUMBER)
    min_area: int = attrs.field(validator=_NUMBER)
    max_area: int = attrs.field(validator=_NUMBER)
    max_ratio: float = attrs.field(validator=_RATIO)


#: GPT Image 2, and all that came after it.
FREE_SIZES = Limits(multiple=16, longest=3840, min_area=655_360, max_area=8_294_400, max_ratio=3.0)


@attrs.frozen(kw_only=True)
class Model:
    """What a model can make; what a row leaves out is not known, and passes.

    - ``id`` is the stable name; ``aliases`` are previews, dated names and the like.
    - ``ratios`` and ``tiers`` are those it can be asked for; without tiers it has one resolution.
      ``pixels`` gives the exact size of a (ratio, tier); the tier is None where it has none.
    - ``sizes`` are the only sizes of a model that has a list, ``limits`` the bounds of one that
      takes any.
    - ``qualities``, ``formats``, ``backgrounds`` and ``fidelities`` are the values of a setting:
      None is "not known", empty is "it has no such setting".
    - ``references`` is how many pictures a request may bring.
    - ``response_format``: whether the Images API takes that field for it. ``needs_signatures``:
      whether its own pictures have to come back with their thought signatures.
    - ``deprecated`` is since when new work shall not begin with it, ``retires`` when it is shut
      down, ``successor`` what its maker recommends in its place.
    - ``known`` is False for the row of a model that has none of its own: all values pass.
    """

    id: str = attrs.field(validator=and_(_TEXT, min_len(1)))
    family: str = attrs.field(validator=and_(_TEXT, min_len(1)))
    description: str = attrs.field(default="", repr=False, validator=_TEXT)
    aliases: tuple[str, ...] = _names()
    ratios: tuple[str, ...] = _names(matches_re(r"[1-9]\d{0,3}:[1-9]\d{0,3}"))
    tiers: tuple[str, ...] = _names(in_(tuple(TIERS)))
    pixels: Mapping[tuple[str, str | None], Size] = attrs.field(
        factory=dict,
        repr=False,
        hash=False,
        validator=deep_mapping(instance_of(tuple), instance_of(Size)),
    )
    sizes: tuple[Size, ...] = _names(instance_of(Size))
    limits: Limits | None = attrs.field(
        default=None, repr=False, validator=optional(instance_of(Limits))
    )
    qualities: tuple[str, ...] | None = _values()
    formats: tuple[str, ...] | None = _values()
    backgrounds: tuple[str, ...] | None = _values()
    fidelities: tuple[str, ...] | None = _values()
    references: int | None = attrs.field(
        default=None, repr=False, validator=optional([instance_of(int), ge(0)])
    )
    response_format: bool = _switch(default=True)
    needs_signatures: bool = _switch(default=False)
    deprecated: date | None = attrs.field(default=None, repr=False, validator=_DAY)
    retires: date | None = attrs.field(default=None, repr=False, validator=_DAY)
    successor: str | None = attrs.field(default=None, repr=False, validator=optional(_TEXT))
    known: bool = _switch(default=True)

    def lacks(self, value: str, values: tuple[str, ...] | None) -> bool:
        """Whether a value is none of those that this model is known to have."""
        return self.known and values is not None and value not in values


_GPT_1 = Model(
    id="gpt-image-1",
    family="openai",
    description="OpenAI GPT Image 1",
    sizes=_sizes("1024x1024", "1536x1024", "1024x1536"),
    qualities=("low", "medium", "high"),
    formats=("png", "webp", "jpeg"),
    backgrounds=("transparent", "opaque"),
    fidelities=("high", "low"),
    references=16,
    response_format=False,
    retires=date(2026, 10, 23),
    successor="gpt-image-2.6-sunburst",
)
_GPT_2 = attrs.evolve(
    _GPT_1,
    id="gpt-image-2",
    description="OpenAI GPT Image 2",
    aliases=("gpt-image-2-2026-04-21",),
    sizes=(),
    limits=FREE_SIZES,
    fidelities=(),  # 400 invalid_input_fidelity_model
    retires=None,
    successor=None,
)
_GPT_25 = attrs.evolve(
    _GPT_2,
    id="gpt-image-2.5-sunburst",
    description="OpenAI GPT Image 2.5 Sunburst",
    aliases=("gpt-image-2.5-sunburst-2026-09-08",),
    qualities=("low", "medium", "high", "xhigh", "max"),
    formats=("png", "webp", "jpeg", "gif", "svg"),
)
_GPT_26 = attrs.evolve(
    _GPT_25, id="gpt-image-2.6-sunburst", description="OpenAI GPT Image 2.6 Sunburst", aliases=()
)
_DALL_E_3 = Model(
    id="dall-e-3",
    family="openai",
    description="OpenAI DALL-E 3",
    sizes=_sizes("1024x1024", "1792x1024", "1024x1792"),
    qualities=("standard", "hd"),
    formats=(),
    backgrounds=(),
    fidelities=(),
    references=0,
    retires=date(2026, 5, 12),
    successor="gpt-image-2.6-sunburst",
)
_GEMINI_3_PRO = Model(
    id="gemini-3-pro-image",
    family="gemini",
    description="Gemini 3 Pro Image",
    aliases=("gemini-3-pro-image-preview", "nano-banana-pro-preview"),
    ratios=RATIOS,
    tiers=("1K", "2K", "4K"),
    pixels=PIXELS,
    references=14,
    needs_signatures=True,
)
_NANO_BANANA_21 = attrs.evolve(
    _GEMINI_3_PRO,
    id="gemini-nano-banana-2.1",
    description="Gemini Nano Banana 2.1",
    aliases=(),
    ratios=ALL_RATIOS,
)

#: The newest of each family last.
MODELS = (
    attrs.evolve(
        _DALL_E_3,
        id="dall-e-2",
        description="OpenAI DALL-E 2",
        sizes=_sizes("256x256", "512x512", "1024x1024"),
        qualities=("standard",),
        references=1,
    ),
    _DALL_E_3,
    _GPT_1,
    attrs.evolve(
        _GPT_1,
        id="gpt-image-1-mini",
        description="OpenAI GPT Image 1 Mini",
        fidelities=("low",),
        retires=date(2026, 12, 1),
    ),
    attrs.evolve(
        _GPT_1,
        id="gpt-image-1.5",
        description="OpenAI GPT Image 1.5",
        aliases=("gpt-image-1.5-2025-12-16", "chatgpt-image-latest"),
        retires=date(2026, 12, 1),
    ),
    _GPT_2,
    attrs.evolve(
        _GPT_25,
        id="gpt-image-2.5-flare",
        description="OpenAI GPT Image 2.5 Flare",
        aliases=("gpt-image-2.5-flare-2026-09-08",),
    ),
    _GPT_25,
    attrs.evolve(_GPT_26, id="gpt-image-2.6-flare", description="OpenAI GPT Image 2.6 Flare"),
    _GPT_26,
    Model(
        id="gemini-2.5-flash-image",
        family="gemini",
        description="Gemini 2.5 Flash Image",
        ratios=RATIOS,
        pixels=_flat_table(),
        references=3,
        deprecated=date(2026, 9, 18),
        successor="gemini-nano-banana-2.1",
    ),
    _GEMINI_3_PRO,
    attrs.evolve(
        _GEMINI_3_PRO,
        id="gemini-3.1-flash-image",
        description="Gemini 3.1 Flash Image",
        aliases=("gemini-3.1-flash-image-preview",),
        ratios=ALL_RATIOS,
        tiers=tuple(TIERS),
        deprecated=date(2026, 10, 6),
        successor="gemini-nano-banana-2.1",
    ),
    attrs.evolve(
        _NANO_BANANA_21,
        id="gemini-3.1-flash-lite-image",
        description="Gemini 3.1 Flash Lite Image",
        tiers=("1K",),
        references=None,
    ),
    _NANO_BANANA_21,
)

_GEMINI = attrs.evolve(_NANO_BANANA_21, id="gemini", description="", known=False)
_GPT_IMAGE = attrs.evolve(_GPT_26, id="gpt-image", description="", known=False)
#: Many models of others are asked through the Images API, and take `response_format`.
_IMAGES_API = attrs.evolve(_GPT_IMAGE, id="openai", response_format=True)

#: The row of a model that has none of its own, by how its name begins: it is newer, not older.
BY_NAME: Mapping[str, Model] = {
    "gemini": _GEMINI,
    "imagen": _GEMINI,
    "nano-banana": _GEMINI,
    "gpt-image": _GPT_IMAGE,
    "chatgpt-image": _GPT_IMAGE,
    "dall-e": _IMAGES_API,
}
#: The same for a name that tells nothing, by the family of the upstream that is asked.
BY_FAMILY: Mapping[str, Model] = {"gemini": _GEMINI, "openai": _IMAGES_API}
