"""Sizes: pixels, ratios and tiers towards GPT Image, whose models take what they take."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import imagewire
from cases import case
from hub import HELLO
from imagewire import images
from imagewire.catalog import CATALOG, PIXELS, Limits, Model
from imagewire.model import ImageRequest, ImageSettings, Size, Turn
from imagewire.rules.geometry import same_ratio

Json = dict[str, Any]

THREE = {"1024x1024", "1536x1024", "1024x1536"}


def translate(
    fields: Json, model: str, source: str = "chat", **arguments: Any
) -> tuple[str | None, list[tuple[str, str]]]:
    """The written size, and the losses."""
    bodies: Json = {
        "chat": {"messages": [{"role": "user", "content": "a fox"}], "model": model},
        "gemini": {"contents": [{"parts": [{"text": "a fox"}]}]},
        "images": {"prompt": "a fox", "model": model},
    }
    known: Json = {"model": model} if source == "gemini" else {}
    result = imagewire.translate_request(
        {**bodies[source], **fields}, source=source, target="images", **{**known, **arguments}
    )
    losses = [(loss.kind.name, loss.path) for loss in result.losses]
    return json.loads(bytes(result.body)).get("size"), losses


def shape(ratio: str | None = None, tier: str | None = None) -> Json:
    config = {"aspect_ratio": ratio, "image_size": tier}
    return {"image_config": {key: value for key, value in config.items() if value is not None}}


SIZE = [("APPROXIMATED", "$.size")]
RATIO = [("APPROXIMATED", "$.image_config.aspect_ratio")]
TIER = [("APPROXIMATED", "$.image_config.image_size")]


class TestThreeSizes:
    """GPT Image 1 and 1.5: the nearest of three by the logarithm of the ratio."""

    @pytest.mark.parametrize("model", ["gpt-image-1", "openai/gpt-image-1.5", "gpt-image-1-mini"])
    @pytest.mark.parametrize(
        ("asked", "size", "losses"),
        [
            case("nothing", {}, None, []),
            case("auto", {"size": "auto"}, None, []),
            case("square", {"size": "1024x1024"}, "1024x1024", []),
            case("wide", {"size": "1536x1024"}, "1536x1024", []),
            case("tall", {"size": "1024x1536"}, "1024x1536", []),
            case("small-square", {"size": "512x512"}, "1024x1024", SIZE),
            case("small-wide", {"size": "1254x836"}, "1536x1024", SIZE),
            case("very-tall", {"size": "100x9999"}, "1024x1536", SIZE),
            case("a-bit-wide", {"size": "1200x1000"}, "1024x1024", SIZE),
            case("wide-enough", {"size": "1250x1000"}, "1536x1024", SIZE),
            case("tall-enough", {"size": "1000x1250"}, "1024x1536", SIZE),
            case("ratio-1:1", shape("1:1"), "1024x1024", []),
            case("ratio-3:2", shape("3:2"), "1536x1024", []),
            case("ratio-2:3", shape("2:3"), "1024x1536", []),
            case("ratio-and-tier", shape("2:3", "1K"), "1024x1536", []),
            case("ratio-16:9", shape("16:9"), "1536x1024", RATIO),
            case("ratio-9:16", shape("9:16"), "1024x1536", RATIO),
            case("another-tier", shape("1:1", "4K"), "1024x1024", RATIO),
            case("tier-alone", shape(None, "2K"), None, TIER),
        ],
    )
    def test_the_nearest_is_written(
        self, model: str, asked: Json, size: str | None, losses: list[tuple[str, str]]
    ) -> None:
        assert (size, losses) == translate(asked, model)

    @given(width=st.integers(1, 999_999), height=st.integers(1, 999_999))
    def test_it_is_always_one_of_the_three(self, width: int, height: int) -> None:
        size, losses = translate({"size": f"{width}x{height}"}, "gpt-image-1")

        assert size in THREE
        assert ([] if f"{width}x{height}" in THREE else SIZE) == losses


class TestFreeSizes:
    """GPT Image 2: any size within its limits."""

    @pytest.mark.parametrize(
        ("asked", "size", "losses"),
        [
            case("nothing", {}, None, []),
            case("auto", {"size": "auto"}, None, []),
            case("within", {"size": "1024x640"}, "1024x640", []),
            case("square", {"size": "2560x2560"}, "2560x2560", []),
            case("largest-square", {"size": "2880x2880"}, "2880x2880", []),
            case("4k", {"size": "3840x2160"}, "3840x2160", []),
            case("longest", {"size": "1280x3840"}, "1280x3840", []),
            case("not-of-16", {"size": "1000x1000"}, "1008x1008", SIZE),
            case("area-too-small", {"size": "512x512"}, "816x816", SIZE),
            case("area-too-large", {"size": "4096x4096"}, "2880x2880", SIZE),
            case("edge-too-long", {"size": "4096x2048"}, "3840x1920", SIZE),
            case("ratio-too-wide", {"size": "4096x256"}, "1776x592", SIZE),
            case("ratio-1:1", shape("1:1"), "1024x1024", []),
            case("ratio-16:9", shape("16:9"), "1376x768", []),
            case("ratio-9:16-at-2K", shape("9:16", "2K"), "1536x2752", []),
            case("ratio-2:3-at-1K", shape("2:3", "1K"), "848x1264", []),
            case("small-tier", shape("1:1", "512"), "816x816", RATIO),
            case("large-tier", shape("1:1", "4K"), "2880x2880", RATIO),
            case("large-wide", shape("16:9", "4K"), "3840x2144", None),
            case("unknown-ratio", shape("7:3"), "1568x672", []),
            case("unknown-ratio-at-2K", shape("7:3", "2k"), "3136x1344", []),
            case("too-wide", shape("8:1"), "1872x624", RATIO),
            case("unknown-and-too-wide", shape("5:1"), "1776x592", RATIO),
            case("unknown-tier", shape("1:1", "8K"), "1024x1024", None),
            case("tier-alone", shape(None, "2K"), None, TIER),
        ],
    )
    def test_the_nearest_within_the_limits(
        self, asked: Json, size: str | None, losses: list[tuple[str, str]] | None
    ) -> None:
        written, found = translate(asked, "gpt-image-2")

        assert (size, losses if losses is not None else found) == (written, found)

    @pytest.mark.parametrize(
        "model",
        [
            *("gpt-image-2.5-sunburst", "gpt-image-2.5-flare-2026-09-08", "gpt-image-2.6-flare"),
            *("gpt-image-9", "gpt-image-2-mini", "my-model", "gemini-9-image"),
        ],
    )
    @pytest.mark.parametrize(
        ("asked", "size", "losses"),
        [
            case("within", {"size": "2048x2048"}, "2048x2048", []),
            case("outside", {"size": "512x512"}, "816x816", SIZE),
            case("ratio-16:9-at-2K", shape("16:9", "2K"), "2752x1536", []),
        ],
    )
    def test_newer_and_unknown_models_have_the_same_limits(
        self, model: str, asked: Json, size: str, losses: list[tuple[str, str]]
    ) -> None:
        assert (size, losses) == translate(asked, model)

    def test_so_has_a_callers_row_that_tells_no_sizes(self) -> None:
        catalog = CATALOG.with_models(Model(id="fox-painter", family="openai"))

        assert ("2048x2048", []) == translate({"size": "2048x2048"}, "fox-painter", catalog=catalog)

    def test_a_ratio_of_nothing_is_dropped(self) -> None:
        assert (None, [("DROPPED", "$.image_config.aspect_ratio")]) == translate(
            shape("0:1"), "gpt-image-2"
        )

    @pytest.mark.parametrize("tier", ["512", "1K", "2K", "4K"])
    @pytest.mark.parametrize("ratio", sorted({ratio for ratio, _ in PIXELS}))
    def test_a_ratio_of_the_table_is_exact_wherever_the_limits_allow(
        self, ratio: str, tier: str
    ) -> None:
        written, losses = translate(shape(ratio, tier), "gpt-image-2")
        pixels = PIXELS.get((ratio, tier))
        fits = pixels is not None and is_within(pixels)

        assert is_within(parsed(written))
        assert not fits or (str(pixels), []) == (written, losses)

    @given(width=st.integers(1, 999_999), height=st.integers(1, 999_999))
    @example(width=1, height=999_999)
    @example(width=640, height=1008)
    @example(width=3841, height=2161)
    @example(width=3840, height=1279)
    @example(width=443, height=1479)
    def test_pixels_always_end_within_the_limits(self, width: int, height: int) -> None:
        """And are reported exactly if they changed; those within stay as they are."""
        asked = Size(width=width, height=height)
        written, losses = translate({"size": str(asked)}, "gpt-image-2")
        size = parsed(written)

        assert is_within(size)
        assert not is_within(asked) or asked == size
        assert ([] if asked == size else SIZE) == losses
        assert is_near(size, width / height, width * height)

    @given(
        wide=st.integers(1, 9999),
        high=st.integers(1, 9999),
        tier=st.sampled_from([None, "512", "1K", "2K", "4K"]),
    )
    def test_ratios_always_end_within_the_limits(
        self, wide: int, high: int, tier: str | None
    ) -> None:
        ratio = f"{wide}:{high}"
        written, losses = translate(shape(ratio, tier), "gpt-image-2")
        size = parsed(written)

        assert is_within(size)
        assert losses or same_ratio(size, ratio)
        edge = {"512": 512, None: 1024, "1K": 1024, "2K": 2048, "4K": 4096}[tier]
        assert (ratio, tier or "1K") in PIXELS or is_near(size, wide / high, edge * edge)


def parsed(text: str | None) -> Size:
    width, _, height = (text or "").partition("x")
    return Size(width=int(width), height=int(height))


def is_within(size: Size) -> bool:
    """Facts 3: multiples of 16, at most 3:1, at most 3840, 655 360 to 8 294 400 pixels."""
    long, short = max(size.width, size.height), min(size.width, size.height)
    return (
        (size.width % 16, size.height % 16) == (0, 0)
        and long <= 3840
        and long <= 3 * short
        and 655_360 <= size.width * size.height <= 8_294_400
    )


def is_near(size: Size, ratio: float, area: float) -> bool:
    """Whether both sides are at most two steps of 16 from what the clamps in their order give."""
    ratio = min(max(ratio, 1 / 3), 3)
    area = min(max(area, 655_360), 8_294_400)
    width, height = math.sqrt(area * ratio), math.sqrt(area / ratio)
    shrink = min(1.0, 3840 / max(width, height))
    return max(abs(size.width - width * shrink), abs(size.height - height * shrink)) <= 32


class TestOwnPixels:
    """The Images API's own pixels are nobody's to change."""

    @pytest.mark.parametrize("model", ["gpt-image-1", "gpt-image-2", "my-model"])
    @pytest.mark.parametrize("size", ["1000x1000", "64x64", "9999x1"])
    def test_images_to_images_passes_pixels_untouched(self, model: str, size: str) -> None:
        assert (size, []) == translate({"size": size}, model, "images")

    def test_so_do_the_two_verbs(self) -> None:
        request = images.read_request({"model": "gpt-image-1", "size": "7x7", "prompt": "a"}).value
        written = images.write_request(request)

        assert "7x7" == json.loads(bytes(written.value.body))["size"]
        assert () == written.losses

    def test_so_does_another_model(self) -> None:
        result = imagewire.translate_request(
            {"prompt": "a", "size": "7x7"}, source="images", target="images", model="gpt-image-1"
        )

        assert "7x7" == json.loads(bytes(result.body))["size"]
        assert () == result.losses

    @pytest.mark.parametrize(
        ("given_", "size", "losses"),
        [
            case("ratio", "16:9", "1376x768", []),
            case("far-ratio", "8:1", "1872x624", SIZE),
            case("tier", "2k", None, SIZE),
        ],
    )
    def test_a_ratio_or_a_tier_is_not_pixels(
        self, given_: str, size: str | None, losses: list[tuple[str, str]]
    ) -> None:
        assert (size, losses) == translate({"size": given_}, "gpt-image-2", "images")

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("1024x1536", ImageSettings(size=Size(width=1024, height=1536))),
            ("1024X1536", ImageSettings(size=Size(width=1024, height=1536))),
            ("16:9", ImageSettings(aspect_ratio="16:9")),
            ("1k", ImageSettings(tier="1K")),
            ("512px", ImageSettings(tier="512")),
            ("0.5K", ImageSettings(tier="512")),
            ("4K", ImageSettings(tier="4K")),
            ("AUTO", ImageSettings()),
        ],
    )
    def test_size_is_read_in_every_spelling(self, text: str, expected: ImageSettings) -> None:
        assert expected == images.read_request({"prompt": "a", "size": text}).value.image


class TestSources:
    @pytest.mark.parametrize(
        ("config", "size"),
        [
            case("ratio", {"aspectRatio": "3:2"}, "1264x848"),
            case("ratio-and-tier", {"aspectRatio": "3:2", "imageSize": "2K"}, "2528x1696"),
            case("tier", {"imageSize": "2K"}, None),
        ],
    )
    def test_gemini_asks_by_ratio_and_tier(self, config: Json, size: str | None) -> None:
        fields = {"generationConfig": {"imageConfig": config}}
        path = "$.generationConfig.imageConfig.imageSize"

        assert (size, [] if size else [("APPROXIMATED", path)]) == translate(
            fields, "gpt-image-2", "gemini"
        )

    def test_a_size_goes_to_gemini_as_a_ratio_and_a_tier(self) -> None:
        result = imagewire.translate_request(
            {"prompt": "a fox", "size": "2752x1536"},
            source="images",
            target="gemini",
            model="gemini-3-pro-image-preview",
        )
        config = json.loads(bytes(result.body))["generationConfig"]["imageConfig"]

        assert ({"aspectRatio": "16:9", "imageSize": "2K"}, ()) == (config, result.losses)

    def test_a_catalogue_of_the_callers_own_decides(self) -> None:
        limits = Limits(multiple=64, longest=512, min_area=1, max_area=512 * 512, max_ratio=2.0)
        catalog = CATALOG.with_models(Model(id="small", family="openai", limits=limits))

        assert ("512x512", SIZE) == translate({"size": "900x900"}, "small", catalog=catalog)

    def test_pixels_of_the_hub_are_fitted(self) -> None:
        """Only a request that was read from the Images API has pixels of its own."""
        request = ImageRequest(
            model="gpt-image-1",
            turns=(Turn(role="user", parts=(HELLO,)),),
            image=ImageSettings(size=Size(width=7, height=7)),
        )
        written = images.write_request(request)

        assert "1024x1024" == json.loads(bytes(written.value.body))["size"]
        assert ["$.image.size"] == [loss.path for loss in written.losses]
