from __future__ import annotations

import math

import pytest

from imagewire.known_models import RATIOS, TIERS
from imagewire.model import Size
from imagewire.rules import geometry


def size(text: str) -> Size:
    width, height = text.split("x")
    return Size(width=int(width), height=int(height))


class TestParsing:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            pytest.param("1024x1536", size("1024x1536"), id="lower-case"),
            pytest.param("1024X1536", size("1024x1536"), id="upper-case"),
            pytest.param(" 1024x1536 ", size("1024x1536"), id="white-space"),
            pytest.param("0x1536", None, id="zero"),
            pytest.param("-1x5", None, id="negative"),
            pytest.param("1024", None, id="one-number"),
            pytest.param("1024x", None, id="half"),
            pytest.param("auto", None, id="auto"),
            pytest.param("16:9", None, id="ratio"),
            pytest.param("9999999x1", None, id="absurd"),
        ],
    )
    def test_pixels_are_width_x_height(self, text: str, expected: Size | None) -> None:
        """``WxH``, and nothing else."""

        assert expected == geometry.parse_size(text)

    @pytest.mark.parametrize(
        ("text", "expected"),
        [("16:9", True), ("1.91:1", True), ("16x9", False), ("16:", False), ("a:b", False)],
    )
    def test_ratios_are_width_colon_height(self, text: str, expected: bool) -> None:  # noqa: FBT001
        """``W:H``, decimals allowed."""

        assert expected == geometry.is_ratio(text)

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("512", "512"),
            ("1k", "1K"),
            ("2K", "2K"),
            ("4k", "4K"),
            ("512px", "512"),
            ("512PX", "512"),
            ("0.5K", "512"),
            ("0.5k", "512"),
            (" 2k ", "2K"),
            ("8K", "8K"),
            ("huge", "huge"),
        ],
    )
    def test_tiers_have_one_spelling(self, text: str, expected: str) -> None:
        """Any case, ``512px`` and ``0.5K`` are normalised; an unknown tier passes untouched."""

        assert expected == geometry.normal_tier(text)


class TestRatios:
    @pytest.mark.parametrize(
        ("shape", "expected"),
        [
            pytest.param(size("200x100"), math.log(2), id="size"),
            pytest.param("2:1", math.log(2), id="text"),
            pytest.param("1:2", -math.log(2), id="upright"),
            pytest.param("0:1", None, id="no-width"),
            pytest.param("1:0", None, id="no-height"),
            pytest.param("wide", None, id="no-ratio"),
        ],
    )
    def test_the_logarithm_makes_upright_and_wide_equal(
        self, shape: Size | str, expected: float | None
    ) -> None:
        """2:1 is as far from 1:1 as 1:2 is."""

        assert expected == geometry.log_ratio(shape)

    @pytest.mark.parametrize(
        ("one", "other", "expected"),
        [
            pytest.param(size("1376x768"), "16:9", True, id="google's-16:9"),
            pytest.param(size("1584x672"), "21:9", True, id="google's-21:9"),
            pytest.param(size("1030x1000"), "1:1", True, id="exactly-3-percent"),
            pytest.param(size("1031x1000"), "1:1", False, id="more-than-3-percent"),
            pytest.param("4:3", size("1536x1024"), False, id="another-ratio"),
            pytest.param("wide", "1:1", False, id="no-ratio"),
            pytest.param("1:1", "wide", False, id="no-other-ratio"),
        ],
    )
    def test_three_percent_are_the_same_ratio(
        self,
        one: Size | str,
        other: Size | str,
        expected: bool,  # noqa: FBT001
    ) -> None:
        """A size is of a ratio if it is within 3 % of it."""

        assert expected == geometry.same_ratio(one, other)

    @pytest.mark.parametrize(
        ("pixels", "expected"),
        [
            ("1024x1024", "1:1"),
            ("1024x1536", "2:3"),
            ("1536x1024", "3:2"),
            ("1792x1024", "16:9"),
            ("1024x1792", "9:16"),
            ("1920x1080", "16:9"),
            ("1000x800", "5:4"),
            ("4000x1000", "21:9"),
            ("100x1000", "9:16"),
        ],
    )
    def test_nearest_is_by_logarithm(self, pixels: str, expected: str) -> None:
        """The least |log(w/h) - log(rw/rh)| decides."""

        assert expected == geometry.nearest_ratio(size(pixels), RATIOS)

    @pytest.mark.parametrize(
        ("ratios", "expected"), [(("2:1", "1:2"), "2:1"), (("1:2", "2:1"), "1:2")]
    )
    def test_of_two_equally_near_the_first_is_taken(
        self, ratios: tuple[str, ...], expected: str
    ) -> None:
        """The order of the model's ratios breaks a tie."""

        assert expected == geometry.nearest_ratio(size("100x100"), ratios)


class TestTiers:
    @pytest.mark.parametrize(
        ("pixels", "expected"),
        [
            ("256x256", "512"),
            ("512x512", "512"),
            ("1024x1024", "1K"),
            ("1448x1448", "1K"),
            ("1449x1449", "2K"),
            ("2560x1440", "2K"),
            ("3840x2160", "2K"),
            ("2897x2897", "4K"),
            ("9000x9000", "4K"),
        ],
    )
    def test_nearest_is_by_log_area(self, pixels: str, expected: str) -> None:
        """The tier whose square has the nearest area; 1448 is the middle of 1024 and 2048."""

        assert expected == geometry.nearest_tier(size(pixels), TIERS)
