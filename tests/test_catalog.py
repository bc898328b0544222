from __future__ import annotations

from typing import Literal

import pytest

from imagewire.catalog import CATALOG, Catalog, Model, bare_model, family_of_name
from imagewire.model import Size

GEMINI = ("gemini-2.5-flash-image", "gemini-3-pro-image-preview", "gemini-3.1-flash-image-preview")
GPT = ("gpt-image-1", "gpt-image-1.5", "gpt-image-2")
TEN = {"1:1", "2:3", "3:2", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9", "21:9"}


def found(model: str) -> Model:
    known = CATALOG.find(model)
    assert known is not None
    return known


class TestModels:
    def test_the_six_models_of_the_page_are_known(self) -> None:
        """The catalogue holds them and nothing else."""

        assert {*GEMINI, *GPT} == {model.id for model in CATALOG.models}

    @pytest.mark.parametrize(
        ("model", "ratios", "tiers"),
        [
            ("gemini-2.5-flash-image", TEN, ()),
            ("gemini-3-pro-image-preview", TEN, ("1K", "2K", "4K")),
            (
                "gemini-3.1-flash-image-preview",
                TEN | {"1:4", "4:1", "1:8", "8:1"},
                ("512", "1K", "2K", "4K"),
            ),
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

    def test_the_misprinted_size_is_kept_out(self) -> None:
        """21:9 at 512 is printed as 792x168, which is no 21:9."""

        assert ("21:9", "512") not in found("gemini-3.1-flash-image").pixels

    @pytest.mark.parametrize("model", ["gpt-image-1", "gpt-image-1.5"])
    def test_older_gpt_models_have_three_sizes(self, model: str) -> None:
        """Anything else is a 400 there."""

        assert ["1024x1024", "1536x1024", "1024x1536"] == list(map(str, found(model).sizes))

    def test_gpt_image_2_has_limits(self) -> None:
        """Any size in steps of 16 within edges, areas and ratio."""
        limits = found("gpt-image-2").limits

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
        [(GEMINI[0], False), (GEMINI[1], True), (GEMINI[2], True), (GPT[2], False)],
    )
    def test_gemini_3_models_need_signatures(self, model: str, expected: bool) -> None:  # noqa: FBT001
        """2.5 does not require thought signatures."""

        assert expected == found(model).needs_signatures


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
            pytest.param("gemini-3-pro-image", "gemini-3-pro-image-preview", id="ga-name"),
            pytest.param("gemini-3.1-flash-image", GEMINI[2], id="another-ga-name"),
            pytest.param("gpt-image-2-2026-04-21", "gpt-image-2", id="dated-alias"),
            pytest.param("gpt-image-1.5-2026-01-01", "gpt-image-1.5", id="longest-at-a-hyphen"),
            pytest.param("gemini-2.5-flash-image-preview", GEMINI[0], id="suffix"),
            pytest.param("gemini-3-pro-image-preview-2k", GEMINI[1], id="suffix-of-a-preview"),
        ],
    )
    def test_exact_then_alias_then_longest_name(self, model: str, expected: str) -> None:
        """The order of the look-up."""

        assert expected == found(model).id

    @pytest.mark.parametrize(
        "model", ["gpt-image-10", "gpt-image-2.5-sunburst", "gpt-image", "painter", "", "-"]
    )
    def test_other_names_are_unknown(self, model: str) -> None:
        """A known name counts only up to a ``-`` boundary."""

        assert CATALOG.find(model) is None

    @pytest.mark.parametrize(
        ("model", "expected"),
        [
            ("gemini-9-image", "gemini"),
            ("google/gemini-9-image", "gemini"),
            ("gpt-image-9", "openai"),
            ("chatgpt-image-9", "openai"),
            ("dall-e-3", "openai"),
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

        assert painter == CATALOG.with_models(painter).find("painter-2k")

    def test_the_catalogue_itself_stays_as_it_is(self) -> None:
        """Extending makes a new one."""
        CATALOG.with_models(Model(id="painter", family="gemini"))

        assert CATALOG.find("painter") is None

    def test_one_of_the_same_id_replaces_the_old(self) -> None:
        """Its row is the caller's."""
        mine = Model(id="gpt-image-1", family="openai", sizes=(Size(width=1, height=1),))
        catalog = CATALOG.with_models(mine)

        assert (6, mine) == (len(catalog.models), catalog.find("gpt-image-1"))

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

    def test_geminis_row_has_the_common_ratios_and_tiers(self) -> None:
        """The ten common ratios; 1K, 2K and 4K."""
        row = CATALOG.get("gemini-9", family="gemini")

        assert (TEN, ("1K", "2K", "4K")) == (set(row.ratios), row.tiers)

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
            pytest.param(GPT[0], "openai/gpt-image-1", "bare", GPT[0], id="bare"),
            pytest.param(GEMINI[0], GEMINI[0], "prefixed", "google/" + GEMINI[0], id="prefixed"),
            pytest.param("dall-e-3", None, "prefixed", "openai/dall-e-3", id="prefixed-by-name"),
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
