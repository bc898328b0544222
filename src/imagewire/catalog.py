"""The models as data: families, ratios, tiers, exact pixels, limits. Extendable by the caller.

Facts. Pixel tables: ai.google.dev/gemini-api/docs/image-generation and the Vertex model pages
``gemini/3-pro-image`` and ``gemini/3-1-flash-image``; 21:9 at 512 is printed there as 792x168,
which is no 21:9 and kept out. Sizes of GPT Image: the OpenAI SDK's ``image_generate_params.py``;
the pixel bounds of GPT Image 2: MicrosoftDocs/azure-ai-docs pull 779.

A name that starts like a family's names belongs to it, known or not. An unknown model is asked for
by the fallback row of its family; by that of the upstream's, where that serves another family.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import attrs

from imagewire.model import Size

#: The family of a model whose name tells none.
DEFAULT_FAMILY = "openai"

_VENDOR: Mapping[str, str] = {"gemini": "google/", "openai": "openai/"}
_NAMES: Mapping[str, str] = {
    "gemini": "gemini",
    "gpt-image": "openai",
    "chatgpt-image": "openai",
    "dall-e": "openai",
}

_USUAL = {"", "google", "openai", "models"}  # what comes before most ids
_PREFIXES = ("models/", "openai/", "google/", "publishers/google/models/")

RATIOS = ("1:1", "2:3", "3:2", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9", "21:9")
_EXTREME_RATIOS = ("1:4", "4:1", "1:8", "8:1")

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
    21:9   -         1584x672   3168x1344  6336x2688
    1:4    256x1024  512x2048   1024x4096  2048x8192
    4:1    1024x256  2048x512   4096x1024  8192x2048
    1:8    192x1536  384x3072   768x6144   1536x12288
    8:1    1536x192  3072x384   6144x768   12288x1536
"""


def _size(text: str) -> Size:
    width, _, height = text.partition("x")
    return Size(width=int(width), height=int(height))


def _table() -> dict[tuple[str, str | None], Size]:
    head, *rows = (line.split() for line in _PIXELS.strip().splitlines())
    return {
        (row[0], tier): _size(cell)
        for row in rows
        for tier, cell in zip(head[1:], row[1:], strict=True)
        if cell != "-"
    }


def _flat_table() -> dict[tuple[str, str | None], Size]:
    cells = _FLASH_25.split()
    return {(ratio, None): _size(size) for ratio, size in zip(cells[::2], cells[1::2], strict=True)}


#: (ratio, tier) -> pixels, for every ratio and tier that a table of Google's names.
PIXELS: Mapping[tuple[str, str | None], Size] = _table()


@attrs.frozen(kw_only=True)
class Limits:
    """The bounds of freely chosen pixels: edges, areas, and the ratio of the longer edge."""

    multiple: int
    longest: int
    min_area: int
    max_area: int
    max_ratio: float


@attrs.frozen(kw_only=True)
class Model:
    """What a model can make.

    ``pixels`` gives the exact size of a (ratio, tier); the tier is None where a model has none.
    ``sizes`` are the only sizes of a model that has a list, ``limits`` the bounds of one that takes
    any. ``known`` is False for a fallback row: its ratios are likely, not sure.
    """

    id: str
    family: str
    description: str = ""
    aliases: tuple[str, ...] = ()
    ratios: tuple[str, ...] = ()
    tiers: tuple[str, ...] = ()
    pixels: Mapping[tuple[str, str | None], Size] = attrs.field(factory=dict, repr=False)
    sizes: tuple[Size, ...] = ()
    limits: Limits | None = None
    needs_signatures: bool = False
    input_fidelity: bool = False
    known: bool = True


_SQUARE, _WIDE, _TALL = _size("1024x1024"), _size("1536x1024"), _size("1024x1536")
_GPT_SIZES = (_SQUARE, _WIDE, _TALL)
_THREE_TIERS = ("1K", "2K", "4K")

MODELS = (
    Model(
        id="gpt-image-1",
        family="openai",
        description="OpenAI GPT Image 1",
        aliases=("gpt-image-1-mini",),
        sizes=_GPT_SIZES,
        input_fidelity=True,
    ),
    Model(
        id="gpt-image-1.5",
        family="openai",
        description="OpenAI GPT Image 1.5",
        aliases=("chatgpt-image-latest",),
        sizes=_GPT_SIZES,
        input_fidelity=True,
    ),
    Model(
        id="gpt-image-2",
        family="openai",
        description="OpenAI GPT Image 2",
        aliases=("gpt-image-2-2026-04-21",),
        limits=Limits(
            multiple=16, longest=3840, min_area=655_360, max_area=8_294_400, max_ratio=3.0
        ),
    ),
    Model(
        id="gemini-2.5-flash-image",
        family="gemini",
        description="Gemini 2.5 Flash with image generation",
        ratios=RATIOS,
        pixels=_flat_table(),
    ),
    Model(
        id="gemini-3-pro-image-preview",
        family="gemini",
        description="Gemini 3 Pro image generation preview",
        aliases=("gemini-3-pro-image",),
        ratios=RATIOS,
        tiers=_THREE_TIERS,
        pixels=PIXELS,
        needs_signatures=True,
    ),
    Model(
        id="gemini-3.1-flash-image-preview",
        family="gemini",
        description="Gemini 3.1 Flash image generation preview",
        aliases=("gemini-3.1-flash-image",),
        ratios=RATIOS + _EXTREME_RATIOS,
        tiers=("512", *_THREE_TIERS),
        pixels=PIXELS,
        needs_signatures=True,
    ),
)

_FALLBACKS: Mapping[str, Model] = {
    "gemini": Model(
        id="gemini", family="gemini", ratios=RATIOS, tiers=_THREE_TIERS, pixels=PIXELS, known=False
    ),
    "openai": Model(id="gpt-image", family="openai", sizes=_GPT_SIZES, known=False),
}


def bare_model(model: str) -> str:
    """A model id without the prefixes that the APIs put before it."""
    before, _, name = model.rpartition("/")
    if before in _USUAL:
        return name
    if model.startswith("projects/"):  # Vertex: projects/P/locations/L/publishers/google/models/M
        model = model.rpartition("models/")[2]
    for prefix in _PREFIXES:  # models/google/ID is what google-genai makes of google/ID
        model = model.removeprefix(prefix)
    return model


@attrs.frozen
class Catalog:
    """A set of models and how to find one."""

    models: tuple[Model, ...]
    _index: Mapping[str, Model] = attrs.field(init=False, repr=False, eq=False)

    def __attrs_post_init__(self) -> None:
        aliases = {alias: model for model in self.models for alias in model.aliases}
        exact = {model.id: model for model in self.models}
        object.__setattr__(self, "_index", {**aliases, **exact})

    def with_models(self, *models: Model) -> Catalog:
        """A catalogue that knows these models too; one of the same id replaces the old one."""
        ids = {model.id for model in models}
        return Catalog((*(model for model in self.models if model.id not in ids), *models))

    def find(self, model: str) -> Model | None:
        """The known model of an id: exact, an alias, or the longest known name at a ``-``."""
        found = self._index.get(model)
        name = "" if found is not None else bare_model(model)
        while name and found is None:
            found = self._index.get(name)
            name = name.rpartition("-")[0]
        return found

    def get(self, model: str, *, family: str | None = None) -> Model:
        """The row by which an upstream can be asked: the model's own, or a fallback row.

        An upstream of one family knows nothing of the sizes of another's models; without ``family``
        it serves all.
        """
        found = self.find(model)
        if found is not None and family in {None, found.family}:
            return found
        family = family or self.family(model) or DEFAULT_FAMILY
        return _FALLBACKS.get(family) or Model(id=family, family=family, known=False)

    def family(self, model: str) -> str | None:
        """The family of a model: a known one's own, else what the name tells, or None."""
        found = self.find(model)
        return found.family if found else family_of_name(model)

    def spell(
        self, model: str, as_given: str | None, style: Literal["as_given", "bare", "prefixed"]
    ) -> str:
        """A bare id as a body shall spell it; if none was given, with its vendor's prefix."""
        if style == "bare":
            return model
        if style == "as_given" and (as_given is not None or self.find(model) is None):
            return as_given or model
        return self.prefixed(model)

    def prefixed(self, model: str) -> str:
        """The bare id of a model of known family with its vendor's prefix."""
        return _VENDOR.get(self.family(model) or "", "") + bare_model(model)


def family_of_name(model: str) -> str | None:
    """The family that an id's first letters tell, or None."""
    name = bare_model(model)
    return next((family for start, family in _NAMES.items() if name.startswith(start)), None)


#: The six models of the product.
CATALOG = Catalog(MODELS)
