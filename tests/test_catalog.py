from __future__ import annotations

import copy
import pickle
from datetime import date
from typing import Any, Literal

import attrs
import pytest

from imagewire.catalog import CATALOG, Catalog, Limits, Model, bare_model, family_of_name
from imagewire.known_models import MISPRINTS
from imagewire.model import Size

GEMINI = ("gemini-2.5-flash-image", "gemini-3-pro-image", "gemini-3.1-flash-image")
NEWEST = "gemini-nano-banana-2.1"
GPT = ("gpt-image-1", "gpt-image-1.5", "gpt-image-2")
TEN = {"1:1", "2:3", "3:2", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9", "21:9"}
FOURTEEN = TEN | {"1:4", "4:1", "1:8", "8:1"}
THREE_TIERS = ("1K", "2K", "4K")
#: The ids of the product page.
PAGE = (*GPT, GEMINI[0], f"{GEMINI[1]}-preview", f"{GEMINI[2]}-preview")
#: Something that is wrong in a row, and how it is refused.
WRONG: list[Any] = [
    pytest.param({"id": ""}, ValueError, id="no-id"),
    pytest.param({"family": None}, TypeError, id="no-family"),
    pytest.param({"aliases": "painter"}, TypeError, id="a-text-for-a-tuple"),
    pytest.param({"qualities": (1,)}, TypeError, id="a-number-for-a-name"),
    pytest.param({"ratios": ("16x9",)}, ValueError, id="no-ratio"),
    pytest.param({"tiers": ("8K",)}, ValueError, id="no-tier"),
    pytest.param({"pixels": {"1:1": Size(width=1, height=1)}}, TypeError, id="no-cell"),
    pytest.param({"sizes": ("1024x1024",)}, TypeError, id="a-text-for-a-size"),
    pytest.param({"references": -1}, ValueError, id="less-than-none"),
    pytest.param({"retires": "2026-12-01"}, TypeError, id="a-text-for-a-day"),
    pytest.param({"known": 1}, TypeError, id="a-number-for-a-switch"),
]


def found(model: str) -> Model:
    known = CATALOG.find(model)
    assert known is not None
    return known


class TestModels:
    @pytest.mark.parametrize("model", PAGE)
    def test_the_six_models_of_the_page_are_known(self, model: str) -> None:
        """By these ids, of which two are previews of what has another id now."""

        assert model.removesuffix("-preview") == found(model).id

    @pytest.mark.parametrize(
        ("model", "ratios", "tiers"),
        [
            ("gemini-2.5-flash-image", TEN, ()),
            ("gemini-3-pro-image", TEN, THREE_TIERS),
            ("nano-banana-pro-preview", TEN, THREE_TIERS),
            ("gemini-3.1-flash-image", FOURTEEN, ("512", *THREE_TIERS)),
            ("gemini-3.1-flash-lite-image", FOURTEEN, ("1K",)),
            (NEWEST, FOURTEEN, THREE_TIERS),
        ],
    )
    def test_gemini_models_have_ratios_and_tiers(
        self, model: str, ratios: set[str], tiers: tuple[str, ...]
    ) -> None:
        """As Google's image-generation page has them."""
        known = found(model)

        assert (ratios, tiers) == (set(known.ratios), known.tiers)

    @pytest.mark.parametrize(
        ("model", "ratio", "tier", "expected"),
        [
            ("gemini-2.5-flash-image", "1:1", None, "1024x1024"),
            ("gemini-2.5-flash-image", "21:9", None, "1536x672"),
            ("gemini-3-pro-image-preview", "16:9", "1K", "1376x768"),
            ("gemini-3-pro-image-preview", "16:9", "4K", "5504x3072"),
            ("gemini-3.1-flash-image-preview", "1:8", "512", "192x1536"),
            ("gemini-3.1-flash-image-preview", "8:1", "4K", "12288x1536"),
        ],
    )
    def test_pixel_tables_are_googles(
        self, model: str, ratio: str, tier: str | None, expected: str
    ) -> None:
        """(ratio, tier) gives the exact size."""

        assert expected == str(found(model).pixels[ratio, tier])

    def test_the_misprinted_size_means_what_it_should_be(self) -> None:
        """21:9 at 512 is printed as 792x168, which is no 21:9."""
        meant = found("gemini-3.1-flash-image").pixels["21:9", "512"]

        assert ("792x336", meant) == (str(meant), MISPRINTS[Size(width=792, height=168)])

    @pytest.mark.parametrize("model", ["gpt-image-1", "gpt-image-1-mini", "chatgpt-image-latest"])
    def test_older_gpt_models_have_three_sizes(self, model: str) -> None:
        """Anything else is a 400 there."""

        assert ["1024x1024", "1536x1024", "1024x1536"] == list(map(str, found(model).sizes))

    @pytest.mark.parametrize(
        "model", ["gpt-image-2", "gpt-image-2.5-flare", "gpt-image-2.6-sunburst"]
    )
    def test_gpt_image_2_has_limits(self, model: str) -> None:
        """Any size in steps of 16 within edges, areas and ratio; so has what came after it."""
        limits = found(model).limits

        assert limits is not None
        assert (16, 3840, 655_360, 8_294_400, 3.0) == (
            limits.multiple,
            limits.longest,
            limits.min_area,
            limits.max_area,
            limits.max_ratio,
        )

    @pytest.mark.parametrize(
        ("model", "expected"),
        [
            *((GEMINI[0], False), (GEMINI[1], True), (GEMINI[2], True), (GPT[2], False)),
            *(("gemini-3.1-flash-lite-image", True), (NEWEST, True)),
        ],
    )
    def test_gemini_3_models_need_signatures(self, model: str, expected: bool) -> None:  # noqa: FBT001
        """2.5 does not require thought signatures."""

        assert expected == found(model).needs_signatures

    @pytest.mark.parametrize(
        ("model", "fact", "expected"),
        [
            ("gpt-image-1", "fidelities", ("high", "low")),
            ("gpt-image-1-mini", "fidelities", ("low",)),
            ("gpt-image-2", "fidelities", ()),
            ("gpt-image-2", "qualities", ("low", "medium", "high")),
            ("gpt-image-2.5-flare", "qualities", ("low", "medium", "high", "xhigh", "max")),
            ("gpt-image-2", "formats", ("png", "webp", "jpeg")),
            ("gpt-image-2.6-flare", "formats", ("png", "webp", "jpeg", "gif", "svg")),
            ("gpt-image-2.5-sunburst", "backgrounds", ("transparent", "opaque")),
            ("gpt-image-2", "references", 16),
            ("dall-e-2", "references", 1),
            ("gpt-image-2", "response_format", False),
            ("dall-e-3", "response_format", True),
            ("dall-e-3", "retires", date(2026, 5, 12)),
            ("gpt-image-1", "retires", date(2026, 10, 23)),
            ("gpt-image-1-mini", "retires", date(2026, 12, 1)),
            ("chatgpt-image-latest", "successor", "gpt-image-2.6-sunburst"),
            ("gpt-image-2", "retires", None),
            ("gemini-2.5-flash-image", "references", 3),
            ("gemini-2.5-flash-image", "deprecated", date(2026, 9, 18)),
            ("gemini-3.1-flash-image-preview", "successor", NEWEST),
        ],
    )
    def test_other_facts_are_data_too(self, model: str, fact: str, expected: object) -> None:
        assert expected == getattr(found(model), fact)

    @pytest.mark.parametrize(("wrong", "error"), WRONG)
    def test_a_wrong_row_is_refused(self, wrong: dict[str, Any], error: type[Exception]) -> None:
        fields: dict[str, Any] = {"id": "painter", "family": "openai", **wrong}

        with pytest.raises(error):
            Model(**fields)

    @pytest.mark.parametrize("field", ["multiple", "longest", "min_area", "max_area", "max_ratio"])
    def test_a_wrong_limit_is_refused(self, field: str) -> None:
        fields: dict[str, Any] = dict.fromkeys(map(str, attrs.fields_dict(Limits)), 1)

        with pytest.raises(ValueError, match=field):
            Limits(**{**fields, field: 0})

    def test_a_row_and_a_catalogue_are_short_to_read(self) -> None:
        expected = "Model(id='gpt-image-2', family='openai')", "Catalog(15 models)"

        assert expected == (repr(found("gpt-image-2")), repr(CATALOG))

    def test_both_survive_pickle_and_copy_and_a_row_can_be_a_key(self) -> None:
        stored = pickle.dumps(CATALOG)

        assert CATALOG == pickle.loads(stored) == copy.deepcopy(CATALOG)  # noqa: S301 - our own
        assert len(CATALOG.models) == len(set(CATALOG.models))


class TestNames:
    @pytest.mark.parametrize(
        "prefix",
        [
            "",
            "google/",
            "models/",
            "models/google/",
            "publishers/google/models/",
            "projects/p/locations/l/publishers/google/models/",
            "projects/p/locations/l/models/",
        ],
    )
    def test_prefixes_are_understood(self, prefix: str) -> None:
        """The hub holds the bare id."""

        assert GEMINI[0] == bare_model(prefix + GEMINI[0])

    @pytest.mark.parametrize(
        ("model", "expected"),
        [("openai/gpt-image-2", "gpt-image-2"), ("acme/painter", "acme/painter")],
    )
    def test_other_prefixes_belong_to_the_id(self, model: str, expected: str) -> None:
        """Only the known ones are taken off."""

        assert expected == bare_model(model)

    @pytest.mark.parametrize(
        ("model", "expected"),
        [
            pytest.param("gpt-image-1", "gpt-image-1", id="exact"),
            pytest.param("openai/gpt-image-2", "gpt-image-2", id="prefixed"),
            pytest.param("gemini-3-pro-image-preview", GEMINI[1], id="preview"),
            pytest.param("google/gemini-3.1-flash-image-preview", GEMINI[2], id="another-preview"),
            pytest.param("nano-banana-pro-preview", GEMINI[1], id="another-name"),
            pytest.param("gpt-image-2-2026-04-21", "gpt-image-2", id="dated-alias"),
            pytest.param("gpt-image-1.5-2026-01-01", "gpt-image-1.5", id="longest-with-a-date"),
            pytest.param("gpt-image-1-mini-20270101", "gpt-image-1-mini", id="longest-of-two"),
            pytest.param("gemini-2.5-flash-image-preview", GEMINI[0], id="a-preview-of-its-own"),
            pytest.param("gemini-3-pro-image-001", GEMINI[1], id="number"),
            pytest.param("gemini-3-pro-image-latest", GEMINI[1], id="latest"),
            pytest.param("gemini-3-pro-image-exp-0827", GEMINI[1], id="exp-and-date"),
            pytest.param("gemini-3-pro-image-preview-11-2025", GEMINI[1], id="preview-and-date"),
        ],
    )
    def test_exact_then_alias_then_longest_name(self, model: str, expected: str) -> None:
        """The order of the look-up."""

        assert expected == found(model).id

    @pytest.mark.parametrize(
        "model",
        [
            *("gpt-image-10", "gpt-image-2.5", "gpt-image", "painter", "", "-", "-2", "2026-04-21"),
            *("gpt-image-2-mini", "gpt-image-2-mini-2026-04-21", "gpt-image-2-", "gpt-image-2-2k"),
            *("gemini-3-pro-image-lite", "gemini-3-pro-image-previews", "gemini-3-pro-image-2.1"),
        ],
    )
    def test_other_names_are_unknown(self, model: str) -> None:
        """What goes on with anything but a date, a number or a state is a newer model."""

        assert CATALOG.find(model) is None

    @pytest.mark.parametrize(
        ("model", "expected"),
        [
            ("gemini-9-image", "gemini"),
            ("google/gemini-9-image", "gemini"),
            ("gpt-image-9", "openai"),
            ("chatgpt-image-9", "openai"),
            ("dall-e-4", "openai"),
            ("nano-banana-3", "gemini"),
            ("imagen-4.0-generate-001", "gemini"),
            ("painter", None),
        ],
    )
    def test_the_first_letters_tell_a_family(self, model: str, expected: str | None) -> None:
        """Which is all that an unknown name tells."""

        assert expected == family_of_name(model)


class TestWithModels:
    def test_a_new_model_is_found(self) -> None:
        """The caller can extend the catalogue."""
        painter = Model(id="painter", family="gemini")

        assert painter == CATALOG.with_models(painter).find("painter-2")

    def test_it_may_have_the_name_of_a_preview(self) -> None:
        """An id comes before an alias."""
        mine = Model(id=PAGE[-1], family="gemini")

        assert mine == CATALOG.with_models(mine).find(f"google/{PAGE[-1]}")

    def test_what_is_no_model_is_refused(self) -> None:
        row: Any = {"id": "painter", "family": "gemini"}

        with pytest.raises(TypeError, match="Model"):
            CATALOG.with_models(row)

    def test_a_catalogue_may_be_made_of_a_list(self) -> None:
        models: Any = [found("gpt-image-2")]

        assert (found("gpt-image-2"),) == Catalog(models).models

    def test_the_catalogue_itself_stays_as_it_is(self) -> None:
        """Extending makes a new one."""
        CATALOG.with_models(Model(id="painter", family="gemini"))

        assert CATALOG.find("painter") is None

    def test_one_of_the_same_id_replaces_the_old(self) -> None:
        """Its row is the caller's."""
        mine = Model(id="gpt-image-1", family="openai", sizes=(Size(width=1, height=1),))
        catalog = CATALOG.with_models(mine)

        assert (15, mine) == (len(catalog.models), catalog.find("gpt-image-1"))

    def test_an_exact_id_comes_before_an_alias(self) -> None:
        """Look-up: exact, then alias, whatever the order of the models."""
        first = Model(id="painter", family="openai")
        second = Model(id="painter-pro", family="openai", aliases=("painter",))

        assert first == Catalog((first, second)).find("painter")


class TestFallbacks:
    @pytest.mark.parametrize(
        ("model", "family", "expected"),
        [
            pytest.param("gemini-9", None, "gemini", id="by-name"),
            pytest.param("gemini-9", "openai", "openai", id="by-upstream-of-another-family"),
            pytest.param("gpt-image-9", "gemini", "gemini", id="by-gemini-upstream-still"),
            pytest.param("painter", "gemini", "gemini", id="by-gemini-upstream"),
            pytest.param("painter", "openai", "openai", id="by-openai-upstream"),
            pytest.param("painter", None, "openai", id="by-upstream-of-all"),
            pytest.param("gemini-9", "acme", "acme", id="by-upstream-of-a-new-family"),
        ],
    )
    def test_an_unknown_model_gets_its_familys_row(
        self, model: str, family: str | None, expected: str
    ) -> None:
        """By its name, unless the upstream serves another family; the row says it is a guess."""
        row = CATALOG.get(model, family=family)

        assert (expected, False) == (row.family, row.known)

    @pytest.mark.parametrize("model", ["gemini-9", "painter"])
    def test_geminis_row_is_that_of_its_newest_generation(self, model: str) -> None:
        """Fourteen ratios; 1K, 2K and 4K; signatures."""
        row = CATALOG.get(model, family="gemini")

        assert (FOURTEEN, THREE_TIERS, True) == (set(row.ratios), row.tiers, row.needs_signatures)

    @pytest.mark.parametrize("model", ["gpt-image-9", "chatgpt-image-9", "dall-e-4", "painter"])
    def test_openais_row_is_that_of_its_newest_generation(self, model: str) -> None:
        """Free sizes, the newest's qualities; a GPT Image model alone refuses response_format."""
        row, newest = CATALOG.get(model, family="openai"), found("gpt-image-2.6-sunburst")

        assert (newest.limits, newest.qualities, ()) == (row.limits, row.qualities, row.sizes)
        assert ("gpt-image" not in model) == row.response_format

    def test_a_known_model_needs_none(self) -> None:
        """Its own row is taken."""

        assert found("gpt-image-2") == CATALOG.get("gpt-image-2", family="openai")


class TestSpelling:
    @pytest.mark.parametrize(
        ("model", "given", "style", "expected"),
        [
            pytest.param(GPT[0], "openai/gpt-image-1", "as_given", "openai/gpt-image-1", id="own"),
            pytest.param(GPT[0], GPT[0], "as_given", GPT[0], id="own-bare"),
            pytest.param(GEMINI[0], None, "as_given", "google/" + GEMINI[0], id="gemini-path"),
            pytest.param("painter", None, "as_given", "painter", id="unknown"),
            pytest.param(GPT[2], None, "as_given", GPT[2], id="gemini-path-of-another"),
            pytest.param(GPT[0], "openai/gpt-image-1", "bare", GPT[0], id="bare"),
            pytest.param(GEMINI[0], GEMINI[0], "prefixed", "google/" + GEMINI[0], id="prefixed"),
            pytest.param("dall-e-4", None, "prefixed", "openai/dall-e-4", id="prefixed-by-name"),
            pytest.param("painter", None, "prefixed", "painter", id="no-vendor"),
        ],
    )
    def test_options_decide_the_spelling_in_a_body(
        self,
        model: str,
        given: str | None,
        style: Literal["as_given", "bare", "prefixed"],
        expected: str,
    ) -> None:
        """As given, bare or prefixed; a known model of a Gemini path gets ``google/``."""

        assert expected == CATALOG.spell(model, given, style)
