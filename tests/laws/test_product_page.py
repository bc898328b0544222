"""The product page, example by example: requests, replies, errors, and its client code."""

from __future__ import annotations

import base64
import re
from typing import Any

import msgspec
import pytest

import imagewire
from hub import PNG as PNG_BASE64
from product_page import (
    BEACH,
    BOTH,
    CAPTION,
    CHAT_LANDSCAPE,
    CHAT_OTTER,
    CHAT_PATH,
    CHAT_REPLY,
    GEMINI_CONFIG,
    GEMINI_EDIT,
    GEMINI_MODELS,
    GEMINI_OTTER,
    GEMINI_REPLY,
    GPT_MODELS,
    INLINE,
    LANDSCAPE,
    OTTER,
    PAINTING,
    answered,
    endpoint,
    error_of,
    forwarded,
    gemini_path,
    refused,
)


class TestChatRequests:
    def test_the_otter_goes_on_as_it_came(self) -> None:
        assert (CHAT_PATH, CHAT_OTTER) == forwarded(CHAT_OTTER, CHAT_PATH, "chat")

    def test_the_landscape_goes_to_gemini(self) -> None:
        document = {
            "contents": [{"role": "user", "parts": [{"text": PAINTING}]}],
            "generationConfig": BOTH,
        }
        path = gemini_path("gemini-3.1-flash-image-preview")
        assert (path, document) == forwarded(CHAT_LANDSCAPE, CHAT_PATH, "native")

    @pytest.mark.parametrize("model", GPT_MODELS + GEMINI_MODELS)
    def test_every_model_is_served(self, model: str) -> None:
        _, document = forwarded({**CHAT_OTTER, "model": model}, CHAT_PATH, "chat")
        assert model == document["model"]
        assert imagewire.serves(model, "chat")

    @pytest.mark.parametrize("model", GPT_MODELS)
    def test_a_gpt_model_is_no_model_of_gemini(self, model: str) -> None:
        body = msgspec.json.encode({**CHAT_OTTER, "model": model})
        assert {
            "message": "Invalid value for 'model'",
            "type": "invalid_request_error",
            "param": "model",
            "code": "invalid_model",
        } == error_of(refused(body, CHAT_PATH))

    @pytest.mark.parametrize(
        "content",
        [OTTER, [{"type": "text", "text": OTTER}]],
        ids=["string", "parts"],
    )
    def test_the_last_user_message_is_the_prompt(self, content: Any) -> None:
        body = {
            "model": "google/gemini-2.5-flash-image",
            "messages": [
                {"role": "user", "content": "A fox"},
                {"role": "assistant", "content": "Here is your fox."},
                {"role": "user", "content": content},
                {"role": "assistant", "content": "Here is your otter."},
            ],
        }
        translated = imagewire.translate_request(
            msgspec.json.encode(body), source=endpoint(CHAT_PATH), target="native"
        )
        document = msgspec.json.decode(bytes(translated.body))
        assert GEMINI_OTTER["contents"] == document["contents"]
        assert ["$.messages[0:2]", "$.messages[3]"] == [loss.path for loss in translated.losses]
        assert ["content", "content"] == [loss.level for loss in translated.losses]

    @pytest.mark.parametrize(("count", "written"), [(None, None), (1, 1), (3, 3)])
    def test_the_number_of_images_is_one_unless_asked(
        self, count: int | None, written: int | None
    ) -> None:
        body = CHAT_OTTER if count is None else {**CHAT_OTTER, "n": count}
        _, document = forwarded(body, CHAT_PATH, "chat")
        assert written == document.get("n")

    def test_gemini_models_are_called_once_an_image(self) -> None:
        body = msgspec.json.encode({**CHAT_LANDSCAPE, "n": 3})
        translated = imagewire.translate_request(body, source=endpoint(CHAT_PATH), target="native")
        assert (3, ()) == (translated.repeat, translated.losses)
        assert BOTH == msgspec.json.decode(bytes(translated.body))["generationConfig"]


TOOL = {"type": "function", "function": {"name": "draw", "parameters": {}}}


class TestChatErrors:
    @pytest.mark.parametrize("target", ["gemini", "chat"])
    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("stream", True),
            ("tools", [TOOL]),
            ("response_format", {"type": "json_object"}),
            ("reasoning", {"effort": "high"}),
            ("reasoning_effort", "high"),
            ("logprobs", True),
            ("top_logprobs", 3),
        ],
    )
    def test_what_images_do_not_have_is_refused_by_name(
        self, field: str, value: object, target: str
    ) -> None:
        body = msgspec.json.encode({**CHAT_LANDSCAPE, field: value})
        error = error_of(refused(body, CHAT_PATH, target))
        assert {"message", "type", "param", "code"} == error.keys()
        assert (field, "invalid_request_error", None) == (
            error["param"],
            error["type"],
            error["code"],
        )
        assert field in error["message"]

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("stream", False),
            ("tools", []),
            ("response_format", {"type": "text"}),
            ("reasoning", None),
            ("reasoning_effort", "none"),
            ("logprobs", False),
            ("top_logprobs", 0),
        ],
    )
    def test_asking_for_none_of_it_is_fine(self, field: str, value: object) -> None:
        bare = forwarded(CHAT_LANDSCAPE, CHAT_PATH, "native")
        assert bare == forwarded({**CHAT_LANDSCAPE, field: value}, CHAT_PATH, "native")

    def test_malformed_json_is_said_in_openai_s_shape(self) -> None:
        assert {
            "message": "body must be valid JSON",
            "type": "invalid_request_error",
            "param": None,
            "code": None,
        } == error_of(refused(b'{"model": ', CHAT_PATH))


def saved_by_the_page(document: Any) -> bytes:
    """The page's client code, with a document for its response object."""
    for part in document["choices"][0]["message"]["content"]:
        if part["type"] == "image_url":
            img_b64 = part["image_url"]["url"].replace("data:image/png;base64,", "")
            return base64.b64decode(img_b64, validate=True)
    raise AssertionError


def saved_by_curl(document: Any) -> bytes:
    """The page's ``jq | sed | base64 -d``."""
    url = document["choices"][0]["message"]["content"][0]["image_url"]["url"]
    return base64.b64decode(re.sub(r"^data:image/png;base64,", "", url), validate=True)


class TestChatReplies:
    def test_the_page_s_reply_passes_as_it_is(self) -> None:
        document = answered(CHAT_REPLY, "chat", "chat")
        assert document["choices"][0]["message"].pop("refusal", None) is None
        assert CHAT_REPLY == document

    def test_gemini_s_reply_has_the_page_s_shape(self) -> None:
        model = "google/gemini-2.5-flash-image"
        document = answered(GEMINI_REPLY, "gemini", "chat", model=model)
        assert document["choices"][0]["message"].pop("refusal") is None
        assert document.pop("id").startswith("chatcmpl-")
        [choice] = CHAT_REPLY["choices"]
        [image] = choice["message"]["content"]
        assert {
            "object": "chat.completion",
            "created": 1735689600,
            "model": model,
            "choices": [
                {
                    "index": 0,
                    "message": {
                        "role": "assistant",
                        "content": [image, {"type": "text", "text": CAPTION}],
                    },
                    "finish_reason": "stop",
                }
            ],
            "usage": CHAT_REPLY["usage"],
        } == document

    @pytest.mark.parametrize("save", [saved_by_the_page, saved_by_curl], ids=["python", "curl"])
    @pytest.mark.parametrize(
        ("body", "source"), [(GEMINI_REPLY, "gemini"), (CHAT_REPLY, "chat")], ids=["gemini", "chat"]
    )
    def test_the_page_s_client_code_saves_the_png(self, body: Any, source: str, save: Any) -> None:
        assert base64.b64decode(PNG_BASE64) == save(answered(body, source, "chat"))

    def test_the_page_s_client_code_finds_a_picture_after_a_text(self) -> None:
        content = {"role": "model", "parts": [{"text": CAPTION}, INLINE]}
        reply = {**GEMINI_REPLY, "candidates": [{"content": content, "finishReason": "STOP"}]}
        document = answered(reply, "gemini", "chat")
        assert "text" == document["choices"][0]["message"]["content"][0]["type"]
        assert base64.b64decode(PNG_BASE64) == saved_by_the_page(document)


SAFETY = [{"category": "HARM_CATEGORY_HARASSMENT", "threshold": "BLOCK_NONE"}]
CACHED = "projects/my-project/cachedContents/abc123"
TERSE = {"parts": [{"text": "Be terse."}]}


class TestGeminiRequests:
    @pytest.mark.parametrize("model", GEMINI_MODELS)
    @pytest.mark.parametrize("prefix", ["", "google/"], ids=["bare", "prefixed"])
    def test_the_prefix_is_optional_in_the_url(self, model: str, prefix: str) -> None:
        bare = model.removeprefix("google/")
        path = gemini_path(prefix + bare)
        found = endpoint(path)
        assert ("gemini", "generate", prefix + bare) == (
            found.format,
            found.operation,
            found.model,
        )
        assert (gemini_path(bare), GEMINI_OTTER) == forwarded(GEMINI_OTTER, path, "native")

    @pytest.mark.parametrize(
        "headers",
        [{"Authorization": "Bearer rh_your_api_key"}, {"x-goog-api-key": "rh_your_api_key"}],
        ids=["bearer", "google"],
    )
    def test_both_kinds_of_key_are_read(self, headers: dict[str, str]) -> None:
        assert "rh_your_api_key" == imagewire.read_credentials(headers)

    @pytest.mark.parametrize("config", [{}, {"generationConfig": {}}], ids=["absent", "empty"])
    def test_text_and_image_are_the_default(self, config: Any) -> None:
        """What was absent stays absent, and is written where another format asks."""
        path = gemini_path("gemini-2.5-flash-image")
        _, document = forwarded({**GEMINI_OTTER, **config}, path, "gemini")
        assert {**GEMINI_OTTER, **config} == document
        _, document = forwarded({**GEMINI_OTTER, **config}, path, "chat")
        assert "modalities" not in document

    @pytest.mark.parametrize("prefix", ["", "google/"], ids=["bare", "prefixed"])
    @pytest.mark.parametrize(
        ("body", "model", "written"),
        [
            (GEMINI_OTTER, "gemini-2.5-flash-image", {"content": OTTER}),
            (
                GEMINI_EDIT,
                "gemini-3-pro-image-preview",
                {
                    "content": [
                        *CHAT_REPLY["choices"][0]["message"]["content"],
                        {"type": "text", "text": BEACH},
                    ]
                },
            ),
        ],
        ids=["text-to-image", "editing"],
    )
    def test_an_example_goes_to_chat(
        self, body: Any, model: str, written: Any, prefix: str
    ) -> None:
        assert (
            CHAT_PATH,
            {"model": f"google/{model}", "messages": [{"role": "user", **written}]},
        ) == forwarded(body, gemini_path(prefix + model), "chat")

    @pytest.mark.parametrize(
        ("body", "model"),
        [
            (GEMINI_CONFIG, "gemini-3.1-flash-image-preview"),
            ({**GEMINI_EDIT, "generationConfig": BOTH}, "gemini-3-pro-image-preview"),
            (
                {
                    **GEMINI_CONFIG,
                    "safetySettings": SAFETY,
                    "systemInstruction": TERSE,
                    "cachedContent": CACHED,
                },
                "gemini-2.5-flash-image",
            ),
        ],
        ids=["config", "editing", "every-field"],
    )
    def test_a_request_goes_on_as_it_came(self, body: Any, model: str) -> None:
        path = gemini_path(model)
        assert (path, body) == forwarded(body, path, "native")

    def test_every_field_goes_to_chat(self) -> None:
        body = {
            **GEMINI_CONFIG,
            "safetySettings": SAFETY,
            "systemInstruction": TERSE,
            "cachedContent": CACHED,
        }
        _, document = forwarded(body, gemini_path("gemini-2.5-flash-image"), "chat")
        assert {
            "model": "google/gemini-2.5-flash-image",
            "messages": [
                {"role": "system", "content": "Be terse."},
                {"role": "user", "content": LANDSCAPE},
            ],
            "temperature": 1.0,
            "extra_body": {"google": {"safety_settings": SAFETY, "cached_content": CACHED}},
        } == document


class TestGeminiReplies:
    def test_the_page_s_reply_passes_as_it_is(self) -> None:
        assert GEMINI_REPLY == answered(GEMINI_REPLY, "gemini", "gemini")

    def test_a_chat_reply_has_the_page_s_shape(self) -> None:
        assert {
            "candidates": [
                {"content": {"role": "model", "parts": [INLINE]}, "finishReason": "STOP"}
            ],
            "modelVersion": "gpt-image-2",
            "usageMetadata": GEMINI_REPLY["usageMetadata"],
            "responseId": "chatcmpl-abc123",
            "createTime": "2025-01-01T00:00:00Z",
        } == answered(CHAT_REPLY, "chat", "gemini")

    def test_a_blocked_prompt_is_a_refusal_on_the_chat_face(self) -> None:
        ratings = [{"category": "HARM_CATEGORY_HARASSMENT", "probability": "HIGH"}]
        reply = {"promptFeedback": {"blockReason": "SAFETY", "safetyRatings": ratings}}
        assert reply == answered(reply, "gemini", "gemini")
        model = GEMINI_MODELS[0]
        [choice] = answered(reply, "gemini", "chat", model=model)["choices"]
        assert "content_filter" == choice["finish_reason"]
        assert choice["message"]["content"] is None
        assert choice["message"]["refusal"]


class TestGeminiErrors:
    MALFORMED = (
        b'{"error":{"code":400,"message":"body must be valid JSON","status":"INVALID_ARGUMENT"}}'
    )

    @pytest.mark.parametrize(
        "body", [b"", b"{", b"otter", b'{"contents": [}'], ids=["empty", "open", "word", "broken"]
    )
    def test_malformed_json_is_said_in_the_page_s_words(self, body: bytes) -> None:
        reply = refused(body, gemini_path("gemini-2.5-flash-image"))
        assert (400, self.MALFORMED) == (reply.status, bytes(reply.body))
        assert "application/json" == reply.headers["content-type"]

    def test_the_page_s_error_passes_between_the_faces(self) -> None:
        there, back = (
            imagewire.translate_response(self.MALFORMED, source="gemini", target=face, status=400)
            for face in ("chat", "gemini")
        )
        assert {
            "message": "body must be valid JSON",
            "type": "invalid_request_error",
            "param": None,
            "code": None,
        } == error_of(there)
        assert self.MALFORMED == bytes(back.body)

    def test_streaming_is_refused(self) -> None:
        path = "/v1beta/models/gemini-2.5-flash-image:streamGenerateContent?alt=sse"
        assert "stream" == endpoint(path).operation
        error = error_of(refused(msgspec.json.encode(GEMINI_OTTER), path))
        assert (400, "INVALID_ARGUMENT") == (error["code"], error["status"])
        assert "stream" in str(error["details"])

    @pytest.mark.parametrize("model", GPT_MODELS)
    def test_a_gpt_model_is_no_model_of_this_endpoint(self, model: str) -> None:
        path = gemini_path(model.removeprefix("openai/"))
        error = error_of(refused(msgspec.json.encode(GEMINI_OTTER), path))
        name = model.removeprefix("openai/")
        assert (f"{name} is not served by the gemini API", "INVALID_ARGUMENT") == (
            error["message"],
            error["status"],
        )
