"""The official clients at work: what they send is read whole, what we fail with they raise.

Which class, code and wait each failure has is the table of failures; that the openai client repeats
409, 429 and every 5xx by itself is the reason for ``x-should-retry``.
"""

from __future__ import annotations

from typing import Any

import msgspec
import openai
import pytest
from google.genai import errors, types

import imagewire
from cases import GEMINI_MODEL, sample
from hub import PNG as PNG_BASE64
from imagewire import Failure, FailureKind
from sdks import (
    CHAT,
    FULL_GEMINI_REQUEST,
    GEMINI,
    PNG_URI,
    SIGNED,
    Upstream,
    ask_google,
    ask_openai,
)

OPENAI_MESSAGES = [
    {"role": "system", "content": "Be terse."},
    {
        "role": "user",
        "content": [
            {"type": "text", "text": "Add a hat"},
            {"type": "image_url", "image_url": {"url": PNG_URI}},
        ],
    },
]
OPENAI_PARAMS: dict[str, Any] = {
    "n": 1,
    "temperature": 0.5,
    "top_p": 0.9,
    "seed": 7,
    "stop": "END",
    "max_completion_tokens": 4096,
    "presence_penalty": 0.5,
    "frequency_penalty": 0.25,
    "modalities": ["image", "text"],
    "extra_body": {
        "image_config": {"aspect_ratio": "16:9", "image_size": "2K"},
        "google": {"thinking_config": {"include_thoughts": True}, "top_k": 40},
    },
}
SAMPLING = {
    "temperature": 0.5,
    "top_p": 0.9,
    "top_k": 40,
    "seed": 7,
    "stop": ("END",),
    "max_tokens": 4096,
    "presence_penalty": 0.5,
    "frequency_penalty": 0.25,
}


class TestWhatTheClientsSend:
    def test_openai_s_request_reaches_gemini_whole(self) -> None:
        upstream = Upstream()
        ask_openai(upstream, model=GEMINI_MODEL, messages=OPENAI_MESSAGES, **OPENAI_PARAMS)
        assert CHAT == upstream.endpoint
        translated = imagewire.translate_request(
            upstream.asked.content, source=CHAT, target="native"
        )
        assert () == translated.losses
        assert {
            "systemInstruction": {"parts": [{"text": "Be terse."}]},
            "contents": [
                {
                    "role": "user",
                    "parts": [
                        {"text": "Add a hat"},
                        {"inlineData": {"mimeType": "image/png", "data": PNG_BASE64}},
                    ],
                }
            ],
            "generationConfig": {
                "responseModalities": ["TEXT", "IMAGE"],
                "imageConfig": {"aspectRatio": "16:9", "imageSize": "2K"},
                "temperature": 0.5,
                "topP": 0.9,
                "topK": 40,
                "seed": 7,
                "stopSequences": ["END"],
                "maxOutputTokens": 4096,
                "presencePenalty": 0.5,
                "frequencyPenalty": 0.25,
                "thinkingConfig": {"includeThoughts": True},
            },
        } == msgspec.json.decode(bytes(translated.body))

    def test_google_s_request_reaches_chat_whole(self) -> None:
        upstream = Upstream()
        document = FULL_GEMINI_REQUEST
        config = {**document["generationConfig"]}
        config |= {name: document[name] for name in ("safetySettings", "cachedContent")}
        ask_google(
            upstream,
            [types.Content.model_validate(content) for content in document["contents"]],
            types.GenerateContentConfig.model_validate(
                {**config, "systemInstruction": document["systemInstruction"]}
            ),
        )
        assert GEMINI == upstream.endpoint
        translated = imagewire.translate_request(
            upstream.asked.content, source=GEMINI, target="chat"
        )
        assert () == translated.losses
        found = imagewire.chat.read_request(bytes(translated.body)).value
        given = imagewire.gemini.read_request(FULL_GEMINI_REQUEST, model=GEMINI_MODEL).value
        assert given.image == found.image
        assert SAMPLING == {name: getattr(found.sampling, name) for name in SAMPLING}
        for name in ("count", "modalities", "thinking", "safety", "cached_content"):
            assert getattr(given, name) == getattr(found, name)
        assert ["Be terse.", "Use muted colours."] == [part.text for part in found.system]
        url_safe = SIGNED.translate(str.maketrans("+/", "-_"))  # the client's alphabet
        assert [None, url_safe, url_safe, None, None, None, None] == [
            part.signature for turn in found.turns for part in turn.parts
        ]

    @pytest.mark.parametrize(
        "ask", [ask_openai, ask_google], ids=["openai-bearer", "google-api-key"]
    )
    def test_their_keys_are_found(self, ask: Any) -> None:
        upstream = Upstream()
        ask(upstream)
        assert "key-1" == imagewire.read_credentials(upstream.asked.headers)


def failed(name: str, target: str) -> imagewire.TranslatedResponse:
    """The sample of an upstream's error, named by envelope and status, on another face."""
    envelope, _, status, *_ = name.split("_")
    return imagewire.translate_response(
        sample(name),
        source={"google": "gemini", "openai": "chat"}[envelope],
        target=target,
        status=int(status),
    )


INVALID, RATE = "invalid_request_error", "rate_limit_error"

#: Which exception, status, type, code and param of the openai package a sample becomes.
OPENAI_ERRORS: dict[str, tuple[type[openai.APIStatusError], int, str, str | None, str | None]] = {
    "google_error_400_api_key_invalid": (
        openai.AuthenticationError, 401, INVALID, "invalid_api_key", None,
    ),
    "google_error_400_field_violation": (
        openai.BadRequestError, 400, INVALID, None, "generation_config.image_config.aspect_ratio",
    ),
    "google_error_400_seed": (openai.BadRequestError, 400, INVALID, None, None),
    "google_error_400_thought_signature_missing": (
        openai.BadRequestError, 400, INVALID, None, None,
    ),
    "google_error_400_wrapped_in_list": (openai.BadRequestError, 400, INVALID, None, None),
    "google_error_403_permission_denied": (
        openai.PermissionDeniedError, 403, "permission_error", None, None,
    ),
    "google_error_404_not_found": (openai.NotFoundError, 404, INVALID, "model_not_found", None),
    "google_error_429_quota_retryinfo": (
        openai.RateLimitError, 429, RATE, "rate_limit_exceeded", None,
    ),
    "google_error_503_unavailable": (
        openai.InternalServerError, 503, "service_unavailable_error", "server_is_overloaded", None,
    ),
    "openai_error_400_invalid_model_seed": (
        openai.BadRequestError, 400, INVALID, "invalid_model", "model",
    ),
    "openai_error_400_moderation_blocked": (
        openai.BadRequestError, 400, "image_generation_user_error", "moderation_blocked", None,
    ),
    "openai_error_400_unknown_parameter": (
        openai.BadRequestError, 400, INVALID, "unknown_parameter", "response_format",
    ),
    "openai_error_401_invalid_api_key": (
        openai.AuthenticationError, 401, INVALID, "invalid_api_key", None,
    ),
    "openai_error_429_insufficient_quota": (
        openai.RateLimitError, 429, "insufficient_quota", "credit_balance_exhausted", None,
    ),
    "openai_error_429_rate_limit": (
        openai.RateLimitError, 429, RATE, "rate_limit_exceeded", None,
    ),
    "openai_error_500_server_error": (
        openai.InternalServerError, 500, "server_error", None, None,
    ),
}  # fmt: skip
MAY_PASS = {
    "google_error_429_quota_retryinfo",
    "google_error_503_unavailable",
    "openai_error_429_rate_limit",
    "openai_error_500_server_error",
}


class TestOpenAIErrors:
    @pytest.mark.parametrize("name", OPENAI_ERRORS)
    def test_the_client_raises_its_class(self, name: str) -> None:
        kind, *rest = OPENAI_ERRORS[name]
        with pytest.raises(openai.APIStatusError) as caught:
            ask_openai(Upstream.of(failed(name, "chat")))
        error = caught.value
        assert kind is type(error)
        assert rest == [error.status_code, error.type, error.code, error.param]
        assert isinstance(error.body, dict)  # the client shows what is in `error`
        assert {"message", "type", "param", "code"} <= error.body.keys()

    @pytest.mark.parametrize("name", sorted(OPENAI_ERRORS.keys() - MAY_PASS))
    def test_the_client_does_not_repeat_what_would_fail_again(self, name: str) -> None:
        upstream = Upstream.of(failed(name, "chat"))
        with pytest.raises(openai.APIStatusError) as caught:
            ask_openai(upstream, retries=2)
        assert 1 == len(upstream.calls)
        assert "false" == caught.value.response.headers["x-should-retry"]

    @pytest.mark.parametrize("name", sorted(MAY_PASS))
    def test_the_client_may_repeat_what_may_pass(self, name: str) -> None:
        assert "x-should-retry" not in failed(name, "chat").headers

    def test_the_wait_stands_in_the_headers(self) -> None:
        with pytest.raises(openai.RateLimitError) as caught:
            ask_openai(Upstream.of(failed("google_error_429_quota_retryinfo", "chat")))
        headers = caught.value.response.headers
        assert ("35", "34075") == (headers["retry-after"], headers["retry-after-ms"])

    def test_a_request_id_is_shown(self) -> None:
        failure = Failure(kind=FailureKind.INTERNAL, message="m", status=500, request_id="req-1")
        with pytest.raises(openai.InternalServerError) as caught:
            ask_openai(Upstream.of(imagewire.render_error(failure, target="chat")))
        assert "req-1" == caught.value.request_id

    def test_moderation_details_are_shown(self) -> None:
        with pytest.raises(openai.BadRequestError) as caught:
            ask_openai(Upstream.of(failed("openai_error_400_moderation_blocked", "chat")))
        details = {"moderation_stage": "output", "categories": ["violence"]}
        assert isinstance(caught.value.body, dict)
        assert details == caught.value.body["moderation_details"]

    def test_a_malformed_reply_is_not_bought_again(self) -> None:
        with pytest.raises(imagewire.MalformedError) as caught:
            imagewire.translate_response(b"<html>", source="gemini", target="chat")
        upstream = Upstream.of(imagewire.render_error(caught.value, target="chat"))
        with pytest.raises(openai.InternalServerError) as raised:
            ask_openai(upstream, retries=2)
        assert (502, 1) == (raised.value.status_code, len(upstream.calls))

    def test_our_own_error_names_its_field(self) -> None:
        body = b'{"model":"m","messages":[{"role":"user","content":7}]}'
        with pytest.raises(imagewire.MalformedError) as caught:
            imagewire.translate_request(body, source="chat", target="gemini")
        with pytest.raises(openai.BadRequestError) as raised:
            ask_openai(Upstream.of(imagewire.render_error(caught.value, target="chat")))
        assert ("messages[0].content", INVALID) == (raised.value.param, raised.value.type)


#: Which exception, code and status of google-genai a sample becomes.
GOOGLE_ERRORS: dict[str, tuple[type[errors.APIError], int, str]] = {
    "google_error_400_api_key_invalid": (errors.ClientError, 400, "INVALID_ARGUMENT"),
    "google_error_400_field_violation": (errors.ClientError, 400, "INVALID_ARGUMENT"),
    "google_error_400_seed": (errors.ClientError, 400, "INVALID_ARGUMENT"),
    "google_error_400_thought_signature_missing": (errors.ClientError, 400, "INVALID_ARGUMENT"),
    "google_error_403_permission_denied": (errors.ClientError, 403, "PERMISSION_DENIED"),
    "google_error_404_not_found": (errors.ClientError, 404, "NOT_FOUND"),
    "google_error_429_quota_retryinfo": (errors.ClientError, 429, "RESOURCE_EXHAUSTED"),
    "google_error_503_unavailable": (errors.ServerError, 503, "UNAVAILABLE"),
    "openai_error_400_invalid_model_seed": (errors.ClientError, 400, "INVALID_ARGUMENT"),
    "openai_error_400_unknown_parameter": (errors.ClientError, 400, "INVALID_ARGUMENT"),
    "openai_error_401_invalid_api_key": (errors.ClientError, 401, "UNAUTHENTICATED"),
    "openai_error_429_insufficient_quota": (errors.ClientError, 429, "RESOURCE_EXHAUSTED"),
    "openai_error_429_rate_limit": (errors.ClientError, 429, "RESOURCE_EXHAUSTED"),
    "openai_error_500_server_error": (errors.ServerError, 500, "INTERNAL"),
}


def document_of(error: errors.APIError) -> Any:
    """The whole body, which the client calls details."""
    return error.details


class TestGoogleErrors:
    @pytest.mark.parametrize("name", GOOGLE_ERRORS)
    def test_the_client_raises_its_class(self, name: str) -> None:
        kind, *rest = GOOGLE_ERRORS[name]
        with pytest.raises(errors.APIError) as caught:
            ask_google(Upstream.of(failed(name, "gemini")))
        error = caught.value
        assert kind is type(error)
        assert rest == [error.code, error.status]
        assert msgspec.json.decode(sample(name))["error"]["message"] == error.message
        assert error.code == document_of(error)["error"]["code"]

    @pytest.mark.parametrize("name", [name for name in GOOGLE_ERRORS if name[0] == "g"])
    def test_google_s_own_details_are_kept(self, name: str) -> None:
        with pytest.raises(errors.APIError) as caught:
            ask_google(Upstream.of(failed(name, "gemini")))
        assert msgspec.json.decode(sample(name)) == caught.value.details

    def test_openai_s_code_and_param_stand_in_the_details(self) -> None:
        with pytest.raises(errors.ClientError) as caught:
            ask_google(Upstream.of(failed("openai_error_400_unknown_parameter", "gemini")))
        found = document_of(caught.value)["error"]["details"]
        details = {item["@type"].rpartition(".")[2]: item for item in found}
        assert ("unknown_parameter", "openai") == (
            details["ErrorInfo"]["reason"],
            details["ErrorInfo"]["domain"],
        )
        assert "response_format" == details["BadRequest"]["fieldViolations"][0]["field"]

    def test_a_refused_picture_is_an_answer(self) -> None:
        found = ask_google(Upstream.of(failed("openai_error_400_moderation_blocked", "gemini")))
        assert types.FinishReason.IMAGE_SAFETY == found.candidates[0].finish_reason

    def test_a_refused_prompt_is_an_answer(self) -> None:
        failure = Failure(kind=FailureKind.CONTENT_BLOCKED, message="no", status=400)
        found = ask_google(Upstream.of(imagewire.render_error(failure, target="gemini")))
        assert types.BlockedReason.SAFETY == found.prompt_feedback.block_reason

    def test_no_picture_is_an_answer(self) -> None:
        failure = Failure(kind=FailureKind.NO_IMAGE, message="I drew nothing.", status=400)
        found = ask_google(Upstream.of(imagewire.render_error(failure, target="gemini")))
        assert types.FinishReason.NO_IMAGE == found.candidates[0].finish_reason
        assert "I drew nothing." == found.text
