"""What a chat request asks for beside its messages, read into the hub and written back."""

from __future__ import annotations

import json
from typing import Any

import pytest

import imagewire
from cases import case
from hub import HELLO, MODEL
from imagewire.errors import MalformedError
from imagewire.loss import Loss, LossKind, LossLevel
from imagewire.model import (
    ImageRequest,
    ImageSettings,
    SafetySetting,
    Sampling,
    Size,
    Thinking,
    Turn,
)

Json = dict[str, Any]


PLAIN_OPENAI = imagewire.Options(chat_extensions=False)
MESSAGES = [{"role": "user", "content": "a fox"}]
TURNS = (Turn(role="user", parts=(HELLO,)),)

SIZE = Size(width=1024, height=1536)
HARASSMENT = SafetySetting(category="HARM_CATEGORY_HARASSMENT", threshold="OFF")
VERTEX_SAFETY = SafetySetting(category="A", threshold="OFF", method="SEVERITY")


def body_of(fields: Json) -> bytes:
    return json.dumps({"model": MODEL, "messages": MESSAGES, **fields}).encode()


def hub_of(fields: Json) -> ImageRequest:
    return ImageRequest(model=MODEL, model_as_given=MODEL, turns=TURNS, **fields)


def read(fields: Json) -> tuple[ImageRequest, tuple[Loss, ...]]:
    outcome = imagewire.chat.read_request(body_of(fields))
    return outcome.value, outcome.losses


def write(
    fields: Json, options: imagewire.Options = imagewire.Options()
) -> tuple[Json, tuple[Loss, ...]]:
    outcome = imagewire.chat.write_request(hub_of(fields), options=options)
    body: Json = json.loads(bytes(outcome.value.body))
    assert (MODEL, MESSAGES) == (body.pop("model"), body.pop("messages"))
    return body, outcome.losses


def picture(**fields: Any) -> Json:
    return {"image": ImageSettings(**fields)}


def sampling(**fields: Any) -> Json:
    return {"sampling": Sampling(**fields)}


def google(**fields: Any) -> Json:
    return {"extra_body": {"google": fields}}


#: What is in OpenAI's schema.
STANDARD = [
    case("nothing", {}, {}),
    case("n", {"n": 2}, {"count": 2}),
    case("ten", {"n": 10}, {"count": 10}),
    case("temperature", {"temperature": 0.5}, sampling(temperature=0.5)),
    case("temperature-zero", {"temperature": 0.0}, sampling(temperature=0.0)),
    case("top_p", {"top_p": 0.9}, sampling(top_p=0.9)),
    case("seed", {"seed": 7}, sampling(seed=7)),
    case("seed-zero", {"seed": 0}, sampling(seed=0)),
    case("seed-beyond-int32", {"seed": 2**31}, sampling(seed=2**31)),
    case("stop", {"stop": ["END", "FIN"]}, sampling(stop=("END", "FIN"))),
    case("max-tokens", {"max_completion_tokens": 99}, sampling(max_tokens=99)),
    case("presence", {"presence_penalty": 0.5}, sampling(presence_penalty=0.5)),
    case("frequency", {"frequency_penalty": -0.5}, sampling(frequency_penalty=-0.5)),
    case("user", {"user": "u-1"}, {"user": "u-1"}),
    case("safety-identifier", {"safety_identifier": "s"}, {"safety_identifier": "s"}),
    case("text-only", {"modalities": ["text"]}, {"modalities": ("TEXT",)}),
]

#: What is not: each is an extension.
EXTENSIONS = [
    case("size", {"size": "1024x1536"}, picture(size=SIZE), ["image.size"]),
    case(
        "ratio",
        {"image_config": {"aspect_ratio": "16:9"}},
        picture(aspect_ratio="16:9"),
        ["image.aspect_ratio"],
    ),
    case("tier", {"image_config": {"image_size": "2K"}}, picture(tier="2K"), ["image.tier"]),
    case(
        "unknown-ratio-and-tier",
        {"image_config": {"aspect_ratio": "7:5", "image_size": "8K"}},
        picture(aspect_ratio="7:5", tier="8K"),
        ["image.aspect_ratio", "image.tier"],
    ),
    case("quality", {"quality": "high"}, picture(quality="high"), ["image.quality"]),
    case(
        "background", {"background": "opaque"}, picture(background="opaque"), ["image.background"]
    ),
    case("format", {"output_format": "webp"}, picture(format="webp"), ["image.format"]),
    case("compression", {"output_compression": 0}, picture(compression=0), ["image.compression"]),
    case(
        "input-fidelity",
        {"input_fidelity": "high"},
        picture(input_fidelity="high"),
        ["image.input_fidelity"],
    ),
    case("image-only", {"modalities": ["image"]}, {"modalities": ("IMAGE",)}, ["modalities"]),
    case(
        "thinking",
        google(thinking_config={"include_thoughts": True, "thinking_level": "high"}),
        {"thinking": Thinking(include_thoughts=True, level="HIGH")},
        ["thinking"],
    ),
    case(
        "thinking-budget",
        google(thinking_config={"thinking_budget": 0}),
        {"thinking": Thinking(budget=0)},
        ["thinking"],
    ),
    case(
        "safety",
        google(
            safety_settings=[
                {"category": "HARM_CATEGORY_HARASSMENT", "threshold": "OFF"},
                {"category": "A", "threshold": "OFF", "method": "SEVERITY"},
            ]
        ),
        {"safety": (HARASSMENT, VERTEX_SAFETY)},
        ["safety"],
    ),
    case(
        "cached-content",
        google(cached_content="cachedContents/a"),
        {"cached_content": "cachedContents/a"},
        ["cached_content"],
    ),
    case("top_k", google(top_k=40), sampling(top_k=40), ["sampling.top_k"]),
]

TWINS = [*STANDARD, *(pytest.param(*case.values[:2], id=case.id) for case in EXTENSIONS)]


class TestSettings:
    @pytest.mark.parametrize(("wire", "hub"), TWINS)
    def test_a_field_is_read(self, wire: Json, hub: Json) -> None:
        assert (hub_of(hub), ()) == read(wire)

    @pytest.mark.parametrize(("wire", "hub"), TWINS)
    def test_a_field_is_written(self, wire: Json, hub: Json) -> None:
        assert (wire, ()) == write(hub)

    @pytest.mark.parametrize(("wire", "hub"), STANDARD)
    def test_what_openai_knows_needs_no_extension(self, wire: Json, hub: Json) -> None:
        assert (wire, ()) == write(hub, PLAIN_OPENAI)

    @pytest.mark.parametrize(("wire", "hub", "paths"), EXTENSIONS)
    def test_an_extension_is_dropped_where_it_is_not_wanted(
        self, wire: Json, hub: Json, paths: list[str]
    ) -> None:
        """With ``chat_extensions=False`` the extension keys are DROPPED instead of written."""
        body, losses = write(hub, PLAIN_OPENAI)

        assert ({}, [(LossKind.DROPPED, LossLevel.SETTING, f"$.{path}") for path in paths]) == (
            body,
            [(loss.kind, loss.level, loss.path) for loss in losses],
        )

    @pytest.mark.parametrize(
        ("wire", "hub"),
        [
            case("flat-ratio", {"aspect_ratio": "16:9"}, picture(aspect_ratio="16:9")),
            case("flat-tier", {"image_size": "2k"}, picture(tier="2K")),
            case(
                "camel-ratio", {"image_config": {"aspectRatio": "1:1"}}, picture(aspect_ratio="1:1")
            ),
            case("half-k", {"image_config": {"imageSize": "0.5K"}}, picture(tier="512")),
            case("512px", {"image_size": "512px"}, picture(tier="512")),
            case("size-a-ratio", {"size": "16:9"}, picture(aspect_ratio="16:9")),
            case("size-a-tier", {"size": "4k"}, picture(tier="4K")),
            case("size-512", {"size": "512"}, picture(tier="512")),
            case("size-auto", {"size": "auto"}, {}),
            case("size-empty", {"size": ""}, {}),
            case("auto", {"quality": "auto", "background": "auto", "moderation": "auto"}, {}),
            case("auto-shape", {"aspect_ratio": "auto", "image_size": "auto"}, {}),
            case("jpg", {"output_format": "JPG"}, picture(format="jpeg")),
            case("stop-a-string", {"stop": "END"}, sampling(stop=("END",))),
            case("stop-empty", {"stop": []}, {}),
            case("max_tokens", {"max_tokens": 9}, sampling(max_tokens=9)),
            case(
                "max_tokens-twice",
                {"max_tokens": 5, "max_completion_tokens": 5},
                sampling(max_tokens=5),
            ),
            case("nulls", {"n": None, "user": "", "seed": None}, {}),
            case("odd-numbers", {"n": "2", "seed": 7.0}, {"count": 2, **sampling(seed=7)}),
            case("one", {"n": 1}, {}),
            case("both-modalities", {"modalities": ["image", "text"]}, {}),
            case("case", {"modalities": ["Image", "IMAGE"]}, {"modalities": ("IMAGE",)}),
            case("no-modalities", {"modalities": []}, {}),
            case("top-level-google", {"google": {"top_k": 40}}, sampling(top_k=40)),
            case("camel-google", {"google": {"topK": 40}}, sampling(top_k=40)),
            case(
                "image_config-of-google",
                google(imageConfig={"aspectRatio": "1:1", "image_size": "1k"}),
                picture(aspect_ratio="1:1", tier="1K"),
            ),
            case(
                "camel-thinking",
                google(thinkingConfig={"thinkingLevel": "low", "includeThoughts": False}),
                {"thinking": Thinking(level="LOW", include_thoughts=False)},
            ),
            case(
                "camel-safety",
                google(
                    safetySettings=[{"category": "HARM_CATEGORY_HARASSMENT", "threshold": "OFF"}]
                ),
                {"safety": (HARASSMENT,)},
            ),
            case(
                "camel-cached-content",
                google(cachedContent="cachedContents/a"),
                {"cached_content": "cachedContents/a"},
            ),
            case("empty-google", {"extra_body": {}, "google": {}}, {}),
            case("empty-fields", google(safety_settings=[], cached_content=""), {}),
        ],
    )
    def test_every_other_spelling_is_understood(self, wire: Json, hub: Json) -> None:
        assert (hub_of(hub), ()) == read(wire)


class TestThinkingInTwoPlaces:
    def test_levels_of_different_case_agree(self) -> None:
        low, high = ({"thinking_config": {"thinking_level": level}} for level in ("high", "HIGH"))
        value, losses = read({"google": low, "extra_body": {"google": high}})

        assert (Thinking(level="HIGH"), ()) == (value.thinking, losses)


class TestMaxTokens:
    def test_max_completion_tokens_wins_and_the_other_is_reported(self) -> None:
        """The one exception to the rule that different spellings raise."""
        value, losses = read({"max_tokens": 9, "max_completion_tokens": 5})

        assert hub_of(sampling(max_tokens=5)) == value
        assert ["$.max_tokens"] == [loss.path for loss in losses]


class TestAgreement:
    @pytest.mark.parametrize(
        ("wire", "hub"),
        [
            case(
                "ratio",
                {"aspect_ratio": "16:9", "image_config": {"aspect_ratio": "16:9"}, "size": "16:9"},
                picture(aspect_ratio="16:9"),
            ),
            case(
                "tier-in-two-cases",
                {"image_size": "2k", "image_config": {"image_size": "2K"}, "size": "2K"},
                picture(tier="2K"),
            ),
            case(
                "auto-says-nothing",
                {"aspect_ratio": "auto", "image_config": {"aspect_ratio": "1:1"}},
                picture(aspect_ratio="1:1"),
            ),
            case("top_k", {**google(top_k=40), "google": {"topK": 40.0}}, sampling(top_k=40)),
            case(
                "pixels-that-agree",
                {"size": "1024x1024", "aspect_ratio": "1:1", "image_size": "1K"},
                picture(size=Size(width=1024, height=1024), aspect_ratio="1:1", tier="1K"),
            ),
            case(
                "a-tier-of-no-known-pixels",
                {"size": "1024x1024", "image_size": "8K"},
                picture(size=Size(width=1024, height=1024), tier="8K"),
            ),
        ],
    )
    def test_equal_values_pass(self, wire: Json, hub: Json) -> None:
        """One field in several spellings: equal values pass."""
        assert (hub_of(hub), ()) == read(wire)

    @pytest.mark.parametrize(
        ("wire", "path"),
        [
            case(
                "ratio",
                {"aspect_ratio": "1:1", "image_config": {"aspect_ratio": "16:9"}},
                "image_config.aspect_ratio",
            ),
            case("ratio-as-size", {"size": "16:9", "aspect_ratio": "1:1"}, "aspect_ratio"),
            case("tier-as-size", {"size": "2K", "image_size": "1K"}, "image_size"),
            case(
                "tier-of-google",
                {"image_size": "1K", **google(image_config={"imageSize": "4K"})},
                "extra_body.google.image_config.imageSize",
            ),
            case("top_k", {**google(top_k=1), "google": {"top_k": 2}}, "google.top_k"),
            case(
                "thinking",
                {
                    **google(thinking_config={"thinking_budget": 0}),
                    "google": {"thinking_config": {"thinking_budget": 9}},
                },
                "google.thinking_config",
            ),
            case(
                "cached-content",
                {**google(cached_content="a"), "google": {"cached_content": "b"}},
                "google.cached_content",
            ),
            case(
                "safety",
                {
                    **google(safety_settings=[{"category": "A", "threshold": "OFF"}]),
                    "google": {"safety_settings": [{"category": "B", "threshold": "OFF"}]},
                },
                "google.safety_settings",
            ),
            case("twice-in-one", google(top_k=1, topK=1), "extra_body.google.topK"),
        ],
    )
    def test_different_values_raise(self, wire: Json, path: str) -> None:
        with pytest.raises(MalformedError) as caught:
            read(wire)

        assert f"$.{path}" == caught.value.path

    @pytest.mark.parametrize(
        ("wire", "hub"),
        [
            case("ratio", {"aspect_ratio": "16:9"}, picture(aspect_ratio="16:9")),
            case("tier", {"image_size": "4K"}, picture(tier="4K")),
            case(
                "one-of-both",
                {"aspect_ratio": "1:1", "image_size": "4K"},
                picture(aspect_ratio="1:1", tier="4K"),
            ),
        ],
    )
    def test_ratio_and_tier_win_over_contradicting_pixels(self, wire: Json, hub: Json) -> None:
        """Ratio or tier beside a contradicting pixel size: they win, APPROXIMATED."""
        request, losses = read({"size": "1024x1024", **wire})

        assert hub_of(hub) == request
        assert [(LossKind.APPROXIMATED, "$.size")] == [(loss.kind, loss.path) for loss in losses]

    @pytest.mark.parametrize("size", ["big", "1024", "0x0", "1024x", "1024*1024", "8K"])
    def test_a_size_that_is_none_raises(self, size: str) -> None:
        with pytest.raises(MalformedError) as caught:
            read({"size": size})

        assert "$.size" == caught.value.path
