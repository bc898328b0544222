from __future__ import annotations

import pytest

from imagewire.errors import MalformedError, UnsupportedError
from imagewire.rules import settings as values


class TestNeutral:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [("high", "high"), ("auto", None), ("AUTO", None), ("", None), (None, None)],
    )
    def test_auto_and_empty_are_absent(self, text: str | None, expected: str | None) -> None:
        """``auto`` and neutral values = absent."""

        assert expected == values.neutral(text)

    @pytest.mark.parametrize(
        ("text", "expected"),
        [("4k", "4K"), ("512px", "512"), ("auto", None), (None, None)],
    )
    def test_tiers_have_one_spelling(self, text: str | None, expected: str | None) -> None:
        """Or are absent."""

        assert expected == values.tier_name(text)

    @pytest.mark.parametrize(
        ("text", "expected"),
        [("jpg", "jpeg"), ("JPEG", "jpeg"), ("png", "png"), ("auto", None), (None, None)],
    )
    def test_formats_are_the_apis(self, text: str | None, expected: str | None) -> None:
        """``jpeg``, never ``jpg``."""

        assert expected == values.media_format(text)


class TestModalities:
    @pytest.mark.parametrize(
        ("names", "expected"),
        [
            pytest.param(None, ("TEXT", "IMAGE"), id="absent"),
            pytest.param([], ("TEXT", "IMAGE"), id="empty"),
            pytest.param(["image", "text"], ("TEXT", "IMAGE"), id="one-order"),
            pytest.param(["Image"], ("IMAGE",), id="any-case"),
            pytest.param(["IMAGE", "image"], ("IMAGE",), id="each-once"),
            pytest.param(["smell", "video", "audio"], ("AUDIO", "VIDEO", "SMELL"), id="unknown"),
        ],
    )
    def test_modalities_are_normalised(
        self, names: list[str] | None, expected: tuple[str, ...]
    ) -> None:
        """Upper case, each once, in one order; absent is TEXT and IMAGE."""

        assert expected == values.modalities(names)


class TestCount:
    @pytest.mark.parametrize(("count", "expected"), [(None, 1), (1, 1), (10, 10)])
    def test_one_to_ten(self, count: int | None, expected: int) -> None:
        """Absent is one."""

        assert expected == values.read_count(count, "$.n")

    @pytest.mark.parametrize("count", [0, -1, 11])
    def test_anything_else_raises(self, count: int) -> None:
        """``n`` outside 1..10 raises with ``param: n``."""
        with pytest.raises(UnsupportedError) as caught:
            values.read_count(count, "$.n")

        assert ("n", 400) == (caught.value.param, caught.value.status)


class TestOne:
    @pytest.mark.parametrize(
        ("candidates", "expected"),
        [
            pytest.param([], None, id="none"),
            pytest.param([("$.a", None), ("$.b", "x")], "x", id="one"),
            pytest.param([("$.a", "x"), ("$.b", None), ("$.c", "x")], "x", id="equal"),
        ],
    )
    def test_equal_values_pass(
        self, candidates: list[tuple[str, str | None]], expected: str | None
    ) -> None:
        """One field, several spellings."""

        assert expected == values.one(*candidates)

    def test_different_ones_raise(self) -> None:
        """With the path of the contradiction."""
        with pytest.raises(MalformedError) as caught:
            values.one(("$.aspect_ratio", "1:1"), ("$.image_config.aspect_ratio", "16:9"))

        assert "image_config.aspect_ratio" == caught.value.param
