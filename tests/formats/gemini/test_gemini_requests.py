"""Gemini requests as they are read: spellings, scalars, roles, settings, unknown fields."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

import imagewire
from bodies import document, snake, translated
from imagewire import gemini
from imagewire.model import DEFAULT_MODALITIES, ImageRequest, Thinking

MODEL = "gemini-3-pro-image-preview"
FOX: dict[str, Any] = {"contents": [{"role": "user", "parts": [{"text": "a fox"}]}]}
BOTH = {"responseModalities": ["TEXT", "IMAGE"]}


def read(**fields: Any) -> ImageRequest:
    return gemini.read_request({**FOX, **fields}, model=MODEL).value


def config(**fields: Any) -> ImageRequest:
    return read(generationConfig=fields)


def refusal(kind: type[imagewire.TranslationError], **fields: Any) -> imagewire.TranslationError:
    with pytest.raises(kind) as caught:
        gemini.read_request({**FOX, **fields}, model=MODEL)
    return caught.value


FULL: dict[str, Any] = {
    "systemInstruction": {"role": "user", "parts": [{"text": "Be terse."}]},
    "contents": [
        {"role": "user", "parts": [{"text": "a fox"}]},
        {"role": "model", "parts": [{"text": "Here.", "thoughtSignature": "c2ln"}]},
        {
            "role": "user",
            "parts": [
                {"inlineData": {"mimeType": "image/gif", "data": "R0lGODlhAQ=="}},
                {"fileData": {"mimeType": "image/png", "fileUri": "gs://b/a.png"}},
            ],
        },
    ],
    "generationConfig": {
        "responseModalities": ["IMAGE"],
        "imageConfig": {
            "aspectRatio": "16:9",
            "imageSize": "2K",
            "imageOutputOptions": {"mimeType": "image/jpeg", "compressionQuality": 80},
        },
        "topP": 0.5,
        "topK": 40,
        "stopSequences": ["END"],
        "maxOutputTokens": 100,
        "presencePenalty": 0.5,
        "frequencyPenalty": -0.5,
        "thinkingConfig": {"includeThoughts": True, "thinkingBudget": -1, "thinkingLevel": "HIGH"},
    },
    "safetySettings": [{"category": "HARM_CATEGORY_HARASSMENT", "threshold": "OFF"}],
    "cachedContent": "cachedContents/abc",
}
MIXED = {
    **{key: value for key, value in FULL.items() if key != "generationConfig"},
    "contents": snake(FULL["contents"]),
    "generation_config": {
        **FULL["generationConfig"],
        "imageConfig": snake(FULL["generationConfig"]["imageConfig"]),
    },
}


class TestSpellings:
    @pytest.mark.parametrize("body", [snake(FULL), MIXED], ids=["snake", "mixed"])
    def test_snake_case_says_what_camel_case_says(self, body: dict[str, Any]) -> None:
        """At every level, mixed too."""
        expected = gemini.read_request(FULL, model=MODEL)

        assert expected == gemini.read_request(body, model=MODEL)

    @pytest.mark.parametrize(
        ("fields", "path"),
        [
            pytest.param(
                {"generationConfig": {}, "generation_config": {}}, "generation_config", id="top"
            ),
            pytest.param(
                {"generationConfig": {"topP": 1, "top_p": 1}}, "generationConfig.top_p", id="config"
            ),
            pytest.param(
                {"generation_config": {"image_config": {"image_size": "1K", "imageSize": "1K"}}},
                "generation_config.image_config.imageSize",
                id="snake-first",
            ),
            pytest.param(
                {"contents": [{"parts": [{"inlineData": {"mimeType": "a", "mime_type": "a"}}]}]},
                "contents[0].parts[0].inlineData.mime_type",
                id="blob",
            ),
            pytest.param(
                {"contents": [{"parts": [{"text": "a"}], "newField": 1, "new_field": 1}]},
                "contents[0].new_field",
                id="a-field-nobody-knows",
            ),
        ],
    )
    def test_one_field_in_both_spellings_is_an_error(
        self, fields: dict[str, Any], path: str
    ) -> None:
        """Google answers 400 too; the path is the second one's, as it is spelled."""

        assert path == refusal(imagewire.MalformedError, **fields).param

    @pytest.mark.parametrize(
        "fields", [{"topP": None, "top_p": 0.5}, {"newField": None, "new_field": 1, "topP": 0.5}]
    )
    def test_null_is_no_second_spelling(self, fields: dict[str, Any]) -> None:
        """``null`` = absent."""

        assert 0.5 == config(**fields).sampling.top_p


class TestScalars:
    @pytest.mark.parametrize(
        ("name", "value", "expected"),
        [
            ("temperature", None, None),
            ("temperature", "0.5", 0.5),
            ("temperature", 1, 1.0),
            ("topP", "0.9", 0.9),
            ("topK", "40", 40),
            ("topK", 40.0, 40),
            ("seed", "7", 7),
            ("seed", 7.0, 7),
            ("maxOutputTokens", 2.0, 2),
            ("maxOutputTokens", "2", 2),
            ("presencePenalty", "-0.5", -0.5),
        ],
    )
    def test_numbers_are_read_as_protobuf_reads_them(
        self, name: str, value: Any, expected: float | None
    ) -> None:
        """``null`` = absent; any number as a string; ``2.0`` for an int."""
        hub = {
            "topP": "top_p",
            "topK": "top_k",
            "maxOutputTokens": "max_tokens",
            "presencePenalty": "presence_penalty",
        }.get(name, name)

        assert expected == getattr(config(**{name: value}).sampling, hub)

    @pytest.mark.parametrize(
        ("value", "expected"),
        [(None, 1), (0, 1), ("0", 1), (1, 1), ("2", 2), (2.0, 2), (10, 10)],
    )
    def test_the_count_is_the_candidate_count(self, value: Any, expected: int) -> None:
        """A missing count is one picture; proto3 reads 0 as missing."""

        assert expected == config(candidateCount=value).count

    @pytest.mark.parametrize(
        ("names", "expected"),
        [
            pytest.param(None, DEFAULT_MODALITIES, id="null"),
            pytest.param([], DEFAULT_MODALITIES, id="empty"),
            pytest.param(["Text", "Image"], DEFAULT_MODALITIES, id="any-case"),
            pytest.param(["image"], ("IMAGE",), id="image-alone"),
        ],
    )
    def test_modalities_are_enums_in_any_case(self, names: Any, expected: tuple[str, ...]) -> None:
        """Absent ones are TEXT and IMAGE."""

        assert expected == config(responseModalities=names).modalities

    def test_every_null_is_absent(self) -> None:
        """A document of nulls asks for nothing more than one without them."""
        nulls = dict.fromkeys(FULL["generationConfig"])
        top = dict.fromkeys(["systemInstruction", "safetySettings", "cachedContent"])
        content = {"role": None, "parts": [{"text": "a fox", "thought": None, "inlineData": None}]}

        assert read() == read(**top, contents=[content], generationConfig=nulls)

    def test_the_thinking_level_is_an_enum_in_any_case(self) -> None:
        """The hub has it in capitals."""

        assert Thinking(level="HIGH") == config(thinkingConfig={"thinkingLevel": "High"}).thinking

    @pytest.mark.parametrize(
        ("fields", "path"),
        [
            ({"temperature": "warm"}, "temperature"),
            ({"temperature": "NaN"}, "temperature"),
            ({"top_p": "-Infinity"}, "top_p"),
            ({"candidateCount": 1.5}, "candidateCount"),
            ({"max_output_tokens": [1]}, "max_output_tokens"),
            ({"imageConfig": {"aspectRatio": 1}}, "imageConfig.aspectRatio"),
            ({"stopSequences": 1}, "stopSequences"),
        ],
    )
    def test_a_wrong_type_is_an_error_with_its_path(
        self, fields: dict[str, Any], path: str
    ) -> None:
        """In the source's own spelling."""
        error = refusal(imagewire.MalformedError, generationConfig=fields)

        assert (f"generationConfig.{path}", 400) == (error.param, error.status)

    @pytest.mark.parametrize("value", [11, -1, "40"])
    def test_a_count_outside_its_range_is_unsupported(self, value: Any) -> None:
        """1 to 10."""
        error = refusal(imagewire.UnsupportedError, generationConfig={"candidateCount": value})

        assert "generationConfig.candidateCount" == error.param


class TestStructure:
    @pytest.mark.parametrize(
        ("fields", "path"),
        [
            ({"contents": None}, "$.contents"),
            ({"contents": ["a fox"]}, "$.contents[0]"),
            ({"contents": {"parts": {"text": 1}}}, "$.contents.parts.text"),
            ({"contents": [{"parts": ["a fox"]}]}, "$.contents[0].parts[0]"),
            ({"contents": [{"role": "assistant", "parts": []}]}, "$.contents[0].role"),
            ({"contents": [{"role": 1, "parts": []}]}, "$.contents[0].role"),
            ({"safetySettings": [{"category": "A"}]}, "$.safetySettings[0].threshold"),
            ({"system_instruction": "Be terse."}, "$.system_instruction"),
        ],
    )
    def test_a_wrong_shape_is_an_error_with_its_path(
        self, fields: dict[str, Any], path: str
    ) -> None:
        assert path == refusal(imagewire.MalformedError, **fields).path

    @pytest.mark.parametrize(
        "body",
        [b"", b"{", b"a fox", b"\xff", "[" * 5000],
        ids=["none", "open", "text", "x", "deep"],
    )
    def test_what_is_no_json_says_so_in_google_s_words(self, body: bytes | str) -> None:
        with pytest.raises(imagewire.MalformedError) as caught:
            translated(body, "chat")
        rendered = imagewire.render_error(caught.value, target="gemini")

        assert {
            "error": {
                "code": 400,
                "message": "body must be valid JSON",
                "status": "INVALID_ARGUMENT",
            }
        } == msgspec.json.decode(bytes(rendered.body))

    @pytest.mark.parametrize("role", [{}, {"role": None}, {"role": ""}, {"role": "user"}])
    def test_a_content_without_a_role_is_the_user_s(self, role: dict[str, Any]) -> None:
        assert read() == read(contents=[{**role, "parts": [{"text": "a fox"}]}])

    @pytest.mark.parametrize("target", ["chat", "gemini"])
    @pytest.mark.parametrize(
        "contents",
        [[], [{"parts": []}], [{"role": "model", "parts": [{"text": "a"}]}]],
        ids=["nothing", "an-empty-turn", "no-user"],
    )
    def test_a_request_without_a_prompt_raises(self, contents: Any, target: str) -> None:
        with pytest.raises(imagewire.InexpressibleError):
            translated({"contents": contents}, target)


class TestUnsupported:
    @pytest.mark.parametrize(
        ("fields", "param"),
        [
            (
                {"generationConfig": {"responseMimeType": "application/json"}},
                "generationConfig.responseMimeType",
            ),
            (
                {"generation_config": {"response_mime_type": "image/png"}},
                "generation_config.response_mime_type",
            ),
            (
                {"generationConfig": {"responseLogprobs": True}},
                "generationConfig.responseLogprobs",
            ),
        ],
        ids=["mime-type", "snake", "logprobs"],
    )
    def test_what_no_image_model_offers_is_refused(
        self, fields: dict[str, Any], param: str
    ) -> None:
        error = refusal(imagewire.UnsupportedError, **fields)

        assert (param, 400) == (error.param, error.status)

    @pytest.mark.parametrize("target", ["chat", "gemini"])
    def test_neutral_values_pass_in_silence(self, target: str) -> None:
        neutral = {"responseMimeType": "text/plain", "responseLogprobs": False}
        body = {**FOX, "generationConfig": neutral, "tools": [], "labels": {}, "newField": None}
        plain = translated(FOX, target)
        result = translated(body, target)

        assert () == result.losses
        assert document(plain) == {
            key: value for key, value in document(result).items() if key in document(plain)
        }

    def test_tools_pass_to_gemini(self) -> None:
        """Grounding is real there."""
        body = {**FOX, "generationConfig": BOTH, "tools": [{"googleSearch": {}}]}
        result = translated(body, "gemini")

        assert (body, ()) == (document(result), result.losses)

    def test_tools_are_refused_towards_chat(self) -> None:
        with pytest.raises(imagewire.UnsupportedError) as caught:
            translated({**FOX, "tools": [{"googleSearch": {}}]}, "chat")

        assert "tools" == caught.value.param
