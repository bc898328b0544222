"""What a Gemini request asks for beside its contents, as it is written."""

from __future__ import annotations

from typing import Any, ClassVar

import msgspec
import pytest

import hub
import imagewire
from imagewire import CATALOG, gemini
from imagewire.loss import SETTING, LossKind
from imagewire.model import ImageSettings

K = LossKind
FLASH, PRO, NANO = (
    "gemini-2.5-flash-image",
    "gemini-3-pro-image-preview",
    "gemini-3.1-flash-image-preview",
)
UNKNOWN = "gemini-9-image"
CHAT: dict[str, Any] = {"model": PRO, "messages": [{"role": "user", "content": "a fox"}]}


def from_chat(
    model: str = PRO, *, vertex: Any = False, **fields: Any
) -> imagewire.TranslatedRequest:
    return imagewire.translate_request(
        {**CHAT, "model": model, **fields},
        source="chat",
        target="gemini",
        options=imagewire.Options(vertex=vertex),
    )


def config(result: imagewire.TranslatedRequest) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.json.decode(bytes(result.body))["generationConfig"]
    return found


def shape(result: imagewire.TranslatedRequest) -> tuple[str | None, str | None]:
    image = config(result).get("imageConfig", {})
    return image.get("aspectRatio"), image.get("imageSize")


def losses(result: imagewire.TranslatedRequest) -> list[tuple[LossKind, str]]:
    return [(loss.kind, loss.path) for loss in result.losses]


def _exact() -> list[tuple[str, str, str, str | None]]:
    return [
        (model, str(size), ratio, tier)
        for model in (FLASH, PRO, NANO)
        if (row := CATALOG.find(model))
        for (ratio, tier), size in row.pixels.items()
        if ratio in row.ratios and (tier is None or tier in row.tiers)
    ]


class TestPixels:
    def test_every_size_of_a_model_s_own_table_is_exact(self) -> None:
        for model, size, ratio, tier in _exact():
            result = from_chat(model, size=size)

            assert ((ratio, tier), ()) == (shape(result), result.losses), f"{size} of {model}"

    @pytest.mark.parametrize(
        ("model", "size", "ratio", "tier"),
        [
            (FLASH, "1920x1080", "16:9", None),
            (FLASH, "4096x4096", "1:1", None),
            (PRO, "1920x1080", "16:9", "1K"),
            (PRO, "1536x1024", "3:2", "1K"),
            (PRO, "3000x2000", "3:2", "2K"),
            (PRO, "600x600", "1:1", "1K"),
            (PRO, "2000x500", "21:9", "1K"),
            (PRO, "500x4000", "9:16", "1K"),
            (NANO, "600x600", "1:1", "512"),
            (NANO, "2000x500", "4:1", "1K"),
            (NANO, "500x4000", "1:8", "1K"),
            (NANO, "1025x1024", "1:1", "1K"),
            (UNKNOWN, "1920x1080", "16:9", "1K"),
            (UNKNOWN, "300x300", "1:1", "1K"),
            ("painter", "8000x8000", "1:1", "4K"),
        ],
    )
    def test_any_other_size_becomes_the_nearest_ratio_and_tier(
        self, model: str, size: str, ratio: str, tier: str | None
    ) -> None:
        """Logarithmically; no tier for a model without tiers."""
        result = from_chat(model, size=size)

        assert (ratio, tier) == shape(result)
        assert [(K.APPROXIMATED, "$.size")] == losses(result)

    def test_the_loss_names_what_was_asked_and_what_became_of_it(self) -> None:
        detail = from_chat(size="1920x1080").losses[0].detail

        assert ("1920x1080" in detail, "16:9" in detail, "1K" in detail) == (True, True, True)

    def test_a_ratio_beside_pixels_is_written(self) -> None:
        """The writer takes the tier of the pixels."""
        request = hub.settings(
            size=hub.REQUESTS["ImageSettings.size"].image.size, aspect_ratio="1:1"
        )
        written = gemini.write_request(request)
        body = msgspec.json.decode(bytes(written.value.body))

        assert {"aspectRatio": "1:1", "imageSize": "1K"} == body["generationConfig"]["imageConfig"]
        assert ["$.image.size"] == [loss.path for loss in written.losses]


class TestRatioAndTier:
    @pytest.mark.parametrize(
        ("model", "ratio", "tier", "written", "lost"),
        [
            pytest.param(PRO, "16:9", "2K", "2K", [], id="known"),
            pytest.param(PRO, None, "4k", "4K", [], id="small-k"),
            pytest.param(NANO, None, "512px", "512", [], id="512px"),
            pytest.param(NANO, None, "0.5K", "512", [], id="half-k"),
            pytest.param(NANO, "8:1", None, None, [], id="extreme-ratio"),
            pytest.param(PRO, "8:1", None, None, ["aspect_ratio"], id="not-of-this-model"),
            pytest.param(PRO, "7:3", None, None, ["aspect_ratio"], id="unknown-ratio"),
            pytest.param(PRO, None, "8K", "8K", ["image_size"], id="unknown-tier"),
            pytest.param(PRO, None, "512", "512", ["image_size"], id="not-this-model-s-tier"),
            pytest.param(FLASH, "16:9", "2K", "2K", ["image_size"], id="a-model-without-tiers"),
            pytest.param(UNKNOWN, "7:3", "8K", "8K", [], id="unknown-model"),
            pytest.param("painter", "7:3", "8K", "8K", [], id="unknown-family"),
        ],
    )
    def test_they_pass_as_they_came(
        self, model: str, ratio: str | None, tier: str | None, written: str | None, lost: list[str]
    ) -> None:
        """What the catalogue says the model lacks is passed, APPROXIMATED."""
        result = from_chat(model, image_config={"aspect_ratio": ratio, "image_size": tier})

        assert (ratio, written) == shape(result)
        assert [(K.APPROXIMATED, f"$.image_config.{name}") for name in lost] == losses(result)

    def test_nothing_asked_is_nothing_written(self) -> None:
        assert {"responseModalities": ["TEXT", "IMAGE"]} == config(from_chat(size="auto"))


class TestVertex:
    OUTPUT: ClassVar[dict[str, Any]] = {"output_format": "jpeg", "output_compression": 80}

    def test_format_and_compression_are_dropped_without_it(self) -> None:
        result = from_chat(**self.OUTPUT)

        assert "imageConfig" not in config(result)
        assert [(K.DROPPED, "$.output_format"), (K.DROPPED, "$.output_compression")] == losses(
            result
        )

    def test_format_and_compression_are_output_options_with_it(self) -> None:
        result = from_chat(vertex=True, **self.OUTPUT)

        assert {"mimeType": "image/jpeg", "compressionQuality": 80} == config(result)[
            "imageConfig"
        ]["imageOutputOptions"]
        assert () == result.losses

    def test_it_adds_nothing_that_nobody_asked_for(self) -> None:
        result = from_chat(vertex=True, image_config={"aspect_ratio": "1:1"})

        assert {"aspectRatio": "1:1"} == config(result)["imageConfig"]

    def test_the_path_names_the_publisher(self) -> None:
        assert from_chat(vertex=True).path.endswith(
            f"/publishers/google/models/{PRO}:generateContent"
        )

    @pytest.mark.parametrize("vertex", [False, True])
    def test_vertex_fields_survive_gemini_to_gemini(self, vertex: bool) -> None:  # noqa: FBT001
        """Always, also without the option."""
        body = {
            "contents": [{"role": "user", "parts": [{"text": "a fox"}]}],
            "generationConfig": {
                "responseModalities": ["TEXT", "IMAGE"],
                "imageConfig": {
                    "personGeneration": "ALLOW_ALL",
                    "prominentPeople": "BLOCK_PROMINENT_PEOPLE",
                    "imageOutputOptions": {"mimeType": "image/webp", "compressionQuality": 100},
                },
                "routingConfig": {"autoMode": {}},
                "audioTimestamp": True,
            },
            "safetySettings": [{"category": "A", "threshold": "OFF", "method": "SEVERITY"}],
            "labels": {"team": "x"},
            "modelArmorConfig": {"promptTemplateName": "p"},
        }
        result = imagewire.translate_request(
            body,
            source="gemini",
            target="gemini",
            model=PRO,
            options=imagewire.Options(vertex=vertex),
        )

        assert (body, ()) == (msgspec.json.decode(bytes(result.body)), result.losses)

    def test_empty_output_options_are_silent_towards_chat(self) -> None:
        body = {
            "contents": [{"parts": [{"text": "a fox"}]}],
            "generationConfig": {"imageConfig": {"imageOutputOptions": {"mimeType": "image/png"}}},
        }
        result = imagewire.translate_request(body, source="gemini", target="chat", model=PRO)

        assert "png" == msgspec.json.decode(bytes(result.body))["output_format"]
        assert () == result.losses


class TestDropped:
    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("quality", "high"),
            ("background", "transparent"),
            ("moderation", "low"),
            ("output_format", "webp"),
            ("seed", 2**31),
            ("seed", -(2**31) - 1),
        ],
    )
    def test_what_gemini_cannot_be_asked_for_is_dropped(self, name: str, value: Any) -> None:
        result = from_chat(**{name: value})

        assert [(K.DROPPED, SETTING, f"$.{name}")] == [
            (loss.kind, loss.level, loss.path) for loss in result.losses
        ]
        assert {"responseModalities": ["TEXT", "IMAGE"]} == config(result)

    @pytest.mark.parametrize("name", ["user", "safety_identifier"])
    def test_the_end_user_s_ids_are_dropped(self, name: str) -> None:
        assert [(K.DROPPED, f"$.{name}")] == losses(from_chat(**{name: "u-1"}))

    def test_compression_of_a_lossy_format_is_dropped(self) -> None:
        result = from_chat(output_format="jpeg", output_compression=100)

        assert ["$.output_format", "$.output_compression"] == [x.path for x in result.losses]

    @pytest.mark.parametrize(
        ("value", "lost"),
        [("url", ["$.response_format"]), ("b64_json", []), (None, [])],
        ids=["url", "base64", "none"],
    )
    def test_an_images_response_format_is_dropped_if_it_asks_for_urls(
        self, value: str | None, lost: list[str]
    ) -> None:
        outcome = gemini.write_request(hub.request(response_format=value))

        assert lost == [loss.path for loss in outcome.losses]

    def test_input_fidelity_is_dropped(self) -> None:
        outcome = gemini.write_request(hub.request(image=ImageSettings(input_fidelity="high")))

        assert ["$.image.input_fidelity"] == [loss.path for loss in outcome.losses]

    @pytest.mark.parametrize(
        "fields",
        [
            {"n": 1, "stream": False, "size": "auto", "quality": "auto", "background": "auto"},
            dict.fromkeys(["n", "stream", "size", "quality", "seed", "user", "temperature"]),
            {"output_compression": 100, "output_format": None},
            {"response_format": {"type": "text"}, "tools": [], "stop": []},
            {"modalities": ["text", "image"], "moderation": "auto"},
        ],
        ids=["neutral", "null", "compression", "empty", "defaults"],
    )
    def test_neutral_values_are_no_loss(self, fields: dict[str, Any]) -> None:
        result = from_chat(**fields)

        assert ({"responseModalities": ["TEXT", "IMAGE"]}, ()) == (config(result), result.losses)

    def test_full_quality_of_a_png_asks_for_nothing(self) -> None:
        """The format itself is DROPPED, its compression is silent."""
        result = from_chat(output_format="png", output_compression=100)

        assert [(K.DROPPED, "$.output_format")] == losses(result)


class TestSampling:
    def test_everything_has_its_name(self) -> None:
        google = {
            "top_k": 40,
            "thinking_config": {
                "include_thoughts": True,
                "thinking_budget": 5,
                "thinking_level": "low",
            },
            "safety_settings": [{"category": "A", "threshold": "OFF"}],
            "cached_content": "cachedContents/abc",
        }
        result = from_chat(
            temperature=0.5,
            top_p=0.9,
            seed=-(2**31),
            stop="END",
            max_tokens=100,
            presence_penalty=0.5,
            frequency_penalty=-0.5,
            modalities=["image"],
            extra_body={"google": google},
        )
        document = msgspec.json.decode(bytes(result.body))

        assert {
            "responseModalities": ["IMAGE"],
            "temperature": 0.5,
            "topP": 0.9,
            "topK": 40,
            "seed": -(2**31),
            "stopSequences": ["END"],
            "maxOutputTokens": 100,
            "presencePenalty": 0.5,
            "frequencyPenalty": -0.5,
            "thinkingConfig": {
                "includeThoughts": True,
                "thinkingBudget": 5,
                "thinkingLevel": "LOW",
            },
        } == document["generationConfig"]
        assert [{"category": "A", "threshold": "OFF"}] == document["safetySettings"]
        assert "cachedContents/abc" == document["cachedContent"]
        assert () == result.losses

    @pytest.mark.parametrize("seed", [2**31 - 1, 0])
    def test_a_seed_within_int32_is_written(self, seed: int) -> None:
        result = from_chat(seed=seed)

        assert (seed, ()) == (config(result)["seed"], result.losses)


class TestCount:
    def test_several_images_are_several_calls(self) -> None:
        """The body asks for one: image models refuse ``candidateCount``."""
        result = from_chat(n=3)

        assert (3, (), 3) == (result.repeat, result.losses, result.context.count)
        assert "candidateCount" not in config(result)

    def test_several_candidates_are_several_calls(self) -> None:
        body = {**CHAT, "contents": [{"parts": [{"text": "a"}]}]}
        del body["messages"], body["model"]
        body["generation_config"] = {"candidate_count": "4"}
        result = imagewire.translate_request(body, source="gemini", target="gemini", model=PRO)

        assert (4, ()) == (result.repeat, result.losses)
        assert "candidateCount" not in config(result)

    def test_one_seed_for_several_calls_is_approximated(self) -> None:
        result = from_chat(n=2, seed=7)

        assert [(K.APPROXIMATED, "$.seed")] == losses(result)
        assert 7 == config(result)["seed"]
