"""What chat and Gemini can be asked for and the Images API cannot: dropped, one by one."""

from __future__ import annotations

import json
from typing import Any, ClassVar

import pytest

import imagewire
from imagewire.loss import LossLevel

Json = dict[str, Any]

MODEL = "gpt-image-2"
CHAT: Json = {"model": MODEL, "messages": [{"role": "user", "content": "a fox"}]}
GEMINI: Json = {"contents": [{"parts": [{"text": "a fox"}]}]}
HARASSMENT = {"category": "HARM_CATEGORY_HARASSMENT", "threshold": "OFF"}


def case(path: str, fields: Json) -> Any:
    return pytest.param(fields, path, id=path.removeprefix("$."))


def google(**fields: Any) -> Json:
    return {"extra_body": {"google": fields}}


def config(**fields: Any) -> Json:
    return {"generationConfig": fields}


def translate(body: Json, source: str) -> imagewire.TranslatedRequest:
    given = MODEL if source == "gemini" else None
    return imagewire.translate_request(body, source=source, target="images", model=given)


def check(result: imagewire.TranslatedRequest, path: str) -> None:
    assert {"model": MODEL, "prompt": "a fox"} == json.loads(bytes(result.body))
    assert [("DROPPED", LossLevel.SETTING, path)] == [
        (loss.kind.name, loss.level, loss.path) for loss in result.losses
    ]


class TestDropped:
    @pytest.mark.parametrize(
        ("fields", "path"),
        [
            case("$.temperature", {"temperature": 0}),
            case("$.top_p", {"top_p": 0.9}),
            case("$.seed", {"seed": 7}),
            case("$.stop", {"stop": ["END"]}),
            case("$.max_tokens", {"max_tokens": 10}),
            case("$.max_completion_tokens", {"max_completion_tokens": 10}),
            case("$.presence_penalty", {"presence_penalty": 0.5}),
            case("$.frequency_penalty", {"frequency_penalty": 0.5}),
            case("$.extra_body.google.top_k", google(top_k=40)),
            case(
                "$.extra_body.google.thinking_config",
                google(thinking_config={"thinking_budget": 1}),
            ),
            case("$.extra_body.google.safety_settings", google(safety_settings=[HARASSMENT])),
            case("$.extra_body.google.cached_content", google(cached_content="cachedContents/a")),
        ],
    )
    def test_a_setting_of_chat(self, fields: Json, path: str) -> None:
        check(translate({**CHAT, **fields}, "chat"), path)

    @pytest.mark.parametrize(
        ("fields", "path"),
        [
            case("$.generationConfig.temperature", config(temperature=0.0)),
            case("$.generationConfig.topP", config(topP=0.9)),
            case("$.generationConfig.topK", config(topK=40)),
            case("$.generationConfig.seed", config(seed=0)),
            case("$.generationConfig.stopSequences", config(stopSequences=["END"])),
            case("$.generationConfig.maxOutputTokens", config(maxOutputTokens=10)),
            case("$.generationConfig.presencePenalty", config(presencePenalty=0.5)),
            case("$.generationConfig.frequencyPenalty", config(frequencyPenalty=0.5)),
            case("$.generationConfig.thinkingConfig", config(thinkingConfig={"thinkingBudget": 1})),
            case("$.safetySettings", {"safetySettings": [HARASSMENT]}),
            case("$.cachedContent", {"cachedContent": "cachedContents/a"}),
        ],
    )
    def test_a_setting_of_gemini(self, fields: Json, path: str) -> None:
        check(translate({**GEMINI, **fields}, "gemini"), path)

    def test_each_is_a_loss_of_its_own(self) -> None:
        fields = {"temperature": 1, "top_p": 0.5, "seed": 7, "stop": "END", "max_tokens": 9}
        result = translate({**CHAT, **fields}, "chat")

        assert sorted(f"$.{name}" for name in fields) == sorted(x.path for x in result.losses)


class TestNeutral:
    @pytest.mark.parametrize(
        ("source", "fields"),
        [
            ("chat", {"modalities": ["text", "image"]}),
            ("chat", {"stop": None, "seed": None, "temperature": None, "n": 1, "stream": False}),
            ("chat", {"stop": [], "tools": [], "response_format": {"type": "text"}}),
            ("gemini", config(responseModalities=["TEXT", "IMAGE"])),
            ("gemini", config(candidateCount=1, stopSequences=[])),
            ("gemini", {"safetySettings": [], "cachedContent": ""}),
        ],
        ids=[
            "modalities",
            "nulls",
            "empties",
            "gemini-modalities",
            "gemini-count",
            "gemini-empties",
        ],
    )
    def test_what_says_nothing_is_silent(self, source: str, fields: Json) -> None:
        result = translate({**(CHAT if source == "chat" else GEMINI), **fields}, source)

        assert {"model": MODEL, "prompt": "a fox"} == json.loads(bytes(result.body))
        assert () == result.losses


class TestShared:
    """What the Images API and the chat extensions both have, in both directions."""

    FIELDS: ClassVar[Json] = {
        "n": 2,
        "size": "1024x1024",
        "quality": "high",
        "background": "opaque",
        "output_format": "webp",
        "output_compression": 80,
        "user": "u",
        "safety_identifier": "s",
    }

    def test_moderation_is_dropped_towards_chat(self) -> None:
        """There, an object of OpenAI's own has this name."""
        body = {"model": MODEL, "prompt": "a fox", "moderation": "low"}
        chat = imagewire.translate_request(body, source="images", target="chat")

        assert b"moderation" not in bytes(chat.body)
        assert [("setting", "$.moderation")] == [(x.level, x.path) for x in chat.losses]

    @pytest.mark.parametrize("name", FIELDS)
    def test_a_setting_goes_to_chat_and_back(self, name: str) -> None:
        body = {"model": MODEL, "prompt": "a fox", name: self.FIELDS[name]}
        chat = imagewire.translate_request(body, source="images", target="chat")
        back = imagewire.translate_request(bytes(chat.body), source="chat", target="images")

        assert (body, (), ()) == (json.loads(bytes(back.body)), chat.losses, back.losses)

    @pytest.mark.parametrize(
        "name",
        [
            "quality",
            "background",
            "output_format",
            "output_compression",
            "moderation",
            "user",
            "safety_identifier",
        ],
    )
    def test_a_setting_is_dropped_towards_gemini(self, name: str) -> None:
        result = imagewire.translate_request(
            {"prompt": "a fox", name: {**self.FIELDS, "moderation": "low"}[name]},
            source="images",
            target="gemini",
            model="gemini-3-pro-image-preview",
        )

        assert [("DROPPED", f"$.{name}")] == [(x.kind.name, x.path) for x in result.losses]

    def test_a_count_is_repeated_towards_gemini_and_carried_from_it(self) -> None:
        there = imagewire.translate_request(
            {"prompt": "a fox", "n": 3}, source="images", target="gemini", model="gemini-9-image"
        )
        back = translate({**GEMINI, **config(candidateCount=3)}, "gemini")

        assert (3, 3, ()) == (there.repeat, there.context.count, there.losses)
        assert (3, 1, ()) == (json.loads(bytes(back.body))["n"], back.repeat, back.losses)

    @pytest.mark.parametrize("compression", [100, None])
    def test_full_compression_of_a_png_is_neutral(self, compression: int | None) -> None:
        result = imagewire.translate_request(
            {"prompt": "a fox", "output_format": "png", "output_compression": compression},
            source="images",
            target="gemini",
            model="gemini-3-pro-image-preview",
        )

        assert "$.output_compression" not in [loss.path for loss in result.losses]

    def test_input_fidelity_is_carried_to_chat_and_dropped_towards_gemini(self) -> None:
        body = {"model": MODEL, "prompt": "a fox", "input_fidelity": "high"}
        chat = imagewire.translate_request(body, source="images", target="chat")
        gemini = imagewire.translate_request(
            body, source="images", target="gemini", model="gemini-3-pro-image-preview"
        )

        assert ("high", ()) == (json.loads(bytes(chat.body))["input_fidelity"], chat.losses)
        assert [("DROPPED", "$.input_fidelity")] == [(x.kind.name, x.path) for x in gemini.losses]
