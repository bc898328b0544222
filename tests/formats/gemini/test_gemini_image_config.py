"""``imageConfig`` and ``responseFormat.image``: two places of one setting, in two vocabularies."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

import imagewire
from imagewire import gemini
from imagewire.loss import LossKind

MODEL = "gemini-3-pro-image-preview"
FOX: dict[str, Any] = {"contents": [{"parts": [{"text": "a fox"}]}]}
WIDE = {"aspectRatio": "16:9", "imageSize": "2K"}
ENUMS = {"aspectRatio": "ASPECT_RATIO_16_9", "imageSize": "IMAGE_SIZE_2K"}


def body(**config: Any) -> dict[str, Any]:
    return {**FOX, "generationConfig": config}


class TestPlaces:
    @pytest.mark.parametrize(
        ("config", "ratio", "tier"),
        [
            pytest.param({}, None, None, id="absent"),
            pytest.param({"imageConfig": {}}, None, None, id="empty"),
            pytest.param({"imageConfig": None, "responseFormat": None}, None, None, id="null"),
            pytest.param({"imageConfig": WIDE}, "16:9", "2K", id="image-config"),
            pytest.param({"responseFormat": {"image": WIDE}}, "16:9", "2K", id="response-format"),
            pytest.param({"responseFormat": {"image": ENUMS}}, "16:9", "2K", id="enum-names"),
            pytest.param({"responseFormat": [{"image": ENUMS}]}, "16:9", "2K", id="a-list"),
            pytest.param({"responseFormat": []}, None, None, id="an-empty-list"),
            pytest.param({"responseFormat": [{"image": None}, {}]}, None, None, id="no-image"),
            pytest.param(
                {"response_format": [{"image": {"aspect_ratio": "ASPECT_RATIO_21_9"}}]},
                "21:9",
                None,
                id="snake",
            ),
            pytest.param(
                {"imageConfig": WIDE, "responseFormat": {"image": ENUMS}}, "16:9", "2K", id="agree"
            ),
            pytest.param(
                {
                    "imageConfig": {"aspectRatio": "16:9"},
                    "responseFormat": {"image": {"imageSize": "IMAGE_SIZE_2K"}},
                },
                "16:9",
                "2K",
                id="one-each",
            ),
            pytest.param(
                {
                    "responseFormat": {
                        "image": {
                            "aspectRatio": "ASPECT_RATIO_UNSPECIFIED",
                            "imageSize": "IMAGE_SIZE_UNSPECIFIED",
                        }
                    }
                },
                None,
                None,
                id="unspecified",
            ),
            pytest.param(
                {"imageConfig": {"aspectRatio": "auto", "imageSize": "auto"}}, None, None, id="auto"
            ),
            pytest.param({"imageConfig": {"aspectRatio": "7:3"}}, "7:3", None, id="unknown-ratio"),
            pytest.param({"imageConfig": {"imageSize": "4k"}}, None, "4K", id="small-k"),
            pytest.param({"imageConfig": {"imageSize": "512px"}}, None, "512", id="512px"),
            pytest.param({"imageConfig": {"imageSize": "0.5K"}}, None, "512", id="half-k"),
            pytest.param({"imageConfig": {"imageSize": "8K"}}, None, "8K", id="unknown-tier"),
            pytest.param(
                {"responseFormat": {"image": {"imageSize": "IMAGE_SIZE_512"}}},
                None,
                "512",
                id="512-enum",
            ),
        ],
    )
    def test_ratio_and_tier_are_read(
        self, config: dict[str, Any], ratio: str | None, tier: str | None
    ) -> None:
        image = gemini.read_request(body(**config), model=MODEL).value.image

        assert (ratio, tier) == (image.aspect_ratio, image.tier)

    def test_an_object_is_written_as_image_config(self) -> None:
        """The one that servers accept; no SDK's type has the other."""
        written = imagewire.translate_request(
            body(responseFormat={"image": ENUMS}), source="gemini", target="gemini", model=MODEL
        )
        expected = {"responseModalities": ["TEXT", "IMAGE"], "imageConfig": WIDE}

        assert expected == msgspec.json.decode(bytes(written.body))["generationConfig"]
        assert () == written.losses

    def test_a_list_of_them_stays(self) -> None:
        """google-genai has a type for it, so it is what the API was asked."""
        sdk = {"image": {"aspectRatio": "ASPECT_RATIO_SIXTEEN_BY_NINE", "delivery": "INLINE"}}
        given = body(responseFormat=[sdk, {"text": {"mimeType": "text/plain"}}])
        written = imagewire.translate_request(given, source="gemini", target="gemini", model=MODEL)

        assert given == msgspec.json.decode(bytes(written.body))
        assert () == written.losses

    def test_what_else_a_response_format_says_is_kept_or_reported(self) -> None:
        other = {"text": {"mimeType": "a/b"}}
        kept = imagewire.translate_request(
            body(responseFormat=other), source="gemini", target="gemini", model=MODEL
        )
        lost = imagewire.translate_request(
            body(responseFormat=[other]), source="gemini", target="chat", model="gpt-image-2"
        )

        assert other == msgspec.json.decode(bytes(kept.body))["generationConfig"]["responseFormat"]
        assert ["$.generationConfig.responseFormat[0].text"] == [x.path for x in lost.losses]


class TestContradictions:
    @pytest.mark.parametrize(
        ("config", "path"),
        [
            pytest.param(
                {"imageConfig": WIDE, "responseFormat": {"image": {"aspectRatio": "1:1"}}},
                "$.generationConfig.responseFormat.image.aspectRatio",
                id="ratio",
            ),
            pytest.param(
                {"imageConfig": WIDE, "response_format": {"image": {"image_size": "4K"}}},
                "$.generationConfig.response_format.image.image_size",
                id="tier-in-snake-case",
            ),
            pytest.param(
                {"imageConfig": WIDE, "responseFormat": [{"image": {"aspectRatio": "1:1"}}]},
                "$.generationConfig.responseFormat[0].image.aspectRatio",
                id="in-a-list",
            ),
            pytest.param(
                {"responseFormat": [{"image": WIDE}, {"image": {"imageSize": "1K"}}]},
                "$.generationConfig.responseFormat[1].image.imageSize",
                id="two-of-a-list",
            ),
        ],
    )
    def test_two_places_that_disagree_raise(self, config: dict[str, Any], path: str) -> None:
        with pytest.raises(imagewire.MalformedError) as caught:
            gemini.read_request(body(**config), model=MODEL)

        assert path == caught.value.path


class TestLossPaths:
    @pytest.mark.parametrize(
        ("config", "path"),
        [
            ({"imageConfig": {"aspectRatio": "7:3"}}, "imageConfig.aspectRatio"),
            ({"image_config": {"image_size": "8K"}}, "image_config.image_size"),
            (
                {"responseFormat": {"image": {"aspectRatio": "7:3"}}},
                "responseFormat.image.aspectRatio",
            ),
            (
                {"responseFormat": [{"image": {"imageSize": "IMAGE_SIZE_8K"}}]},
                "responseFormat[0].image.imageSize",
            ),
        ],
        ids=["ratio", "snake-tier", "response-format", "a-list"],
    )
    def test_a_loss_points_to_where_the_setting_stood(
        self, config: dict[str, Any], path: str
    ) -> None:
        result = imagewire.translate_request(
            body(**config), source="gemini", target="gemini", model=MODEL
        )

        assert [(LossKind.APPROXIMATED, f"$.generationConfig.{path}")] == [
            (loss.kind, loss.path) for loss in result.losses
        ]
