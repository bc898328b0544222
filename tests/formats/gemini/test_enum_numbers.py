"""Enums by number, which protobuf's JSON allows: the Gemini API's published numbers.

Known failures: https://github.com/langchain-ai/langchain-google/pull/1479 (modalities came as 1 and
2), https://github.com/google-gemini/deprecated-generative-ai-python/issues/371 (a finish reason of
4). proto-plus dumps enums by number unless ``use_integers_for_enums=False``.
"""

from __future__ import annotations

from typing import Any

import pytest

from bodies import chat, contents, document, translated
from hub import MODEL, PNG
from imagewire import chat as chat_format
from imagewire import gemini
from imagewire.errors import MalformedError

#: google/ai/generativelanguage/v1beta/generative_service.proto
FINISH_REASONS = {
    1: "STOP",
    2: "MAX_TOKENS",
    3: "SAFETY",
    4: "RECITATION",
    5: "OTHER",
    6: "LANGUAGE",
    7: "BLOCKLIST",
    8: "PROHIBITED_CONTENT",
    9: "SPII",
    10: "MALFORMED_FUNCTION_CALL",
    11: "IMAGE_SAFETY",
    12: "UNEXPECTED_TOOL_CALL",
    13: "TOO_MANY_TOOL_CALLS",
    14: "IMAGE_PROHIBITED_CONTENT",
    15: "IMAGE_OTHER",
    16: "NO_IMAGE",
    17: "IMAGE_RECITATION",
}
BLOCK_REASONS = {
    1: "SAFETY",
    2: "OTHER",
    3: "BLOCKLIST",
    4: "PROHIBITED_CONTENT",
    5: "IMAGE_SAFETY",
}
MODALITIES = {1: "TEXT", 2: "IMAGE", 3: "VIDEO", 4: "AUDIO", 5: "DOCUMENT"}
#: google/ai/generativelanguage/v1beta/safety.proto
CATEGORIES = {
    1: "HARM_CATEGORY_DEROGATORY",
    2: "HARM_CATEGORY_TOXICITY",
    3: "HARM_CATEGORY_VIOLENCE",
    4: "HARM_CATEGORY_SEXUAL",
    5: "HARM_CATEGORY_MEDICAL",
    6: "HARM_CATEGORY_DANGEROUS",
    7: "HARM_CATEGORY_HARASSMENT",
    8: "HARM_CATEGORY_HATE_SPEECH",
    9: "HARM_CATEGORY_SEXUALLY_EXPLICIT",
    10: "HARM_CATEGORY_DANGEROUS_CONTENT",
    11: "HARM_CATEGORY_CIVIC_INTEGRITY",
}
THRESHOLDS = {
    1: "BLOCK_LOW_AND_ABOVE",
    2: "BLOCK_MEDIUM_AND_ABOVE",
    3: "BLOCK_ONLY_HIGH",
    4: "BLOCK_NONE",
    5: "OFF",
}


def reply(finish: Any, **fields: Any) -> Any:
    part = {"inlineData": {"mimeType": "image/png", "data": PNG}}
    candidate = {"content": {"parts": [part]}, "finishReason": finish}
    return gemini.read_response({"candidates": [candidate], **fields}).value


def request(**config: Any) -> Any:
    body = {**contents({"text": "a fox"}), "generationConfig": config}
    return gemini.read_request(body, model=MODEL).value


class TestReplies:
    @pytest.mark.parametrize(("number", "name"), FINISH_REASONS.items())
    def test_a_finish_reason(self, number: int, name: str) -> None:
        assert (name, reply(name)) == (reply(number).candidates[0].finish, reply(number))

    @pytest.mark.parametrize("number", [0, 0.0])
    def test_an_unspecified_one_is_a_plain_end(self, number: float) -> None:
        assert "STOP" == reply(number).candidates[0].finish

    def test_one_that_nobody_has_published_keeps_its_digits(self) -> None:
        """Like a name of the future: no reason to lose a picture that was paid for."""
        assert "99" == reply(99).candidates[0].finish

    @pytest.mark.parametrize(("number", "name"), BLOCK_REASONS.items())
    def test_a_block_reason(self, number: int, name: str) -> None:
        block = gemini.read_response({"promptFeedback": {"blockReason": number}}).value.block

        assert block is not None
        assert name == block.reason

    @pytest.mark.parametrize(("number", "name"), MODALITIES.items())
    def test_the_modality_of_a_count(self, number: int, name: str) -> None:
        usage = {"prompt_tokens_details": [{"modality": number, "token_count": 5}]}
        (count,) = reply("STOP", usage_metadata=usage).usage.prompt_details

        assert (name, 5) == (count.modality, count.tokens)

    def test_a_traffic_type_is_kept_as_it_came(self) -> None:
        """Nobody but Vertex reads it, so it may be anything."""
        body = {"promptFeedback": {"blockReason": 1}, "usageMetadata": {"trafficType": 1}}
        (extra,) = gemini.read_response(body).value.usage.extras  # type: ignore[union-attr]

        assert 1 == extra.value


class TestRequests:
    @pytest.mark.parametrize(
        ("given", "expected"),
        [
            pytest.param([1, 2], ("TEXT", "IMAGE"), id="numbers"),
            pytest.param([2], ("IMAGE",), id="image-alone"),
            pytest.param([2.0], ("IMAGE",), id="with-a-point"),
            pytest.param(["TEXT", 3], ("TEXT", "AUDIO"), id="mixed"),
            pytest.param([0], ("TEXT", "IMAGE"), id="unspecified"),
            pytest.param(["MODALITY_UNSPECIFIED", 2], ("IMAGE",), id="unspecified-by-name"),
        ],
    )
    def test_response_modalities(self, given: Any, expected: tuple[str, ...]) -> None:
        assert expected == request(responseModalities=given).modalities

    @pytest.mark.parametrize(("number", "name"), CATEGORIES.items())
    def test_a_harm_category(self, number: int, name: str) -> None:
        settings = [{"category": number, "threshold": "OFF"}]
        body = {**contents({"text": "a fox"}), "safetySettings": settings}

        assert name == gemini.read_request(body, model=MODEL).value.safety[0].category

    @pytest.mark.parametrize("unknown", [{}, {"novelty": 1}], ids=["decoded", "walked"])
    def test_a_name_in_any_case(self, unknown: dict[str, Any]) -> None:
        """However the body is read: a field that is not known makes no other setting of it."""
        settings = [{"category": "harm_category_harassment", "threshold": "Off", **unknown}]
        body = {**contents({"text": "a fox"}), "safetySettings": settings}

        (found,) = gemini.read_request(body, model=MODEL).value.safety

        assert ("HARM_CATEGORY_HARASSMENT", "OFF") == (found.category, found.threshold)

    @pytest.mark.parametrize(("number", "name"), THRESHOLDS.items())
    def test_a_threshold_on_the_chat_face_too(self, number: int, name: str) -> None:
        settings = [{"category": 7, "threshold": number}]
        body = {**chat({"type": "text", "text": "a"}), "google": {"safetySettings": settings}}
        (setting,) = chat_format.read_request(body).value.safety

        assert ("HARM_CATEGORY_HARASSMENT", name) == (setting.category, setting.threshold)

    def test_names_are_written(self) -> None:
        """Whatever came: one documented spelling goes out."""
        body = {
            **contents({"text": "a fox"}),
            "generationConfig": {"responseModalities": [2]},
            "safetySettings": [{"category": 7, "threshold": 5}],
        }
        written = document(translated(body, "gemini"))

        assert ["IMAGE"] == written["generationConfig"]["responseModalities"]
        assert [{"category": "HARM_CATEGORY_HARASSMENT", "threshold": "OFF"}] == written[
            "safetySettings"
        ]

    @pytest.mark.parametrize("value", [True, 1.5, {}, [1]], ids=repr)
    def test_what_is_no_name_and_no_number_is_refused(self, value: Any) -> None:
        settings = [{"category": value, "threshold": "OFF"}]
        body = {**contents({"text": "a fox"}), "safetySettings": settings}
        with pytest.raises(MalformedError) as caught:
            gemini.read_request(body, model=MODEL)

        assert "$.safetySettings[0].category" == caught.value.path
