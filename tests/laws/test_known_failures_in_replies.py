"""What other gateways are known to have got wrong with replies, each with its public thread.

A case is a body as it was sent, and what has to become of it here.
"""

from __future__ import annotations

from typing import Any

import pytest

import imagewire
from chat_bodies import URI, image, text
from hub import GIF, PNG, SIGNATURE
from imagewire.errors import MalformedError
from imagewire.options import Options
from known_failures import (
    CANDIDATE,
    ISSUES,
    JPEG,
    SHOWN,
    SIGNED,
    WORDS,
    Case,
    answer,
    at,
    inline,
    said,
)

REPLIES = [
    Case(
        "modalities-came-as-numbers",
        f"{ISSUES}langchain-ai/langchain-google/pull/1479",
        "gemini",
        "chat",
        {
            **answer(inline(PNG)),
            "usageMetadata": {
                "candidatesTokenCount": 7,
                "candidatesTokensDetails": [{"modality": 2, "tokenCount": 7}],
            },
        },
        "usage.completion_tokens_details",
        {"reasoning_tokens": 0, "image_tokens": 7},
    ),
    Case(
        "a-finish-reason-came-as-a-number",
        f"{ISSUES}google-gemini/deprecated-generative-ai-python/issues/371",
        "gemini",
        "chat",
        answer(finishReason=4),
        "choices[0].finish_reason",
        "content_filter",
    ),
    Case(
        "the-image-was-dropped-on-the-chat-face",
        f"{ISSUES}maximhq/bifrost/issues/7032",
        "gemini",
        "chat",
        answer({"text": "Here."}, inline(PNG)),
        SHOWN,
        [text("Here."), image()],
    ),
    Case(
        "a-jpeg-was-called-a-png",
        f"{ISSUES}LibreChat-AI/agents/pull/41",
        "gemini",
        "chat",
        answer(inline(JPEG)),
        f"{SHOWN}[0].image_url.url",
        f"data:image/jpeg;base64,{JPEG}",
    ),
    Case(
        "drafts-were-handed-out-as-results",
        f"{ISSUES}BerriAI/litellm/pull/24864",
        "gemini",
        "chat",
        answer(inline(GIF, "image/gif", thought=True), inline(PNG)),
        SHOWN,
        [image()],
    ),
    Case(
        "drafts-come-though-nobody-wants-them",
        f"{ISSUES}googleapis/python-genai/issues/2239",
        "gemini",
        "images",
        answer({"text": "hm", "thought": True}, inline(GIF, thought=True), inline(PNG)),
        "data",
        [{"b64_json": PNG}],
    ),
    Case(
        "nobody-could-tell-a-draft-from-a-result",
        f"{ISSUES}BerriAI/litellm/issues/30355",
        "gemini",
        "chat",
        answer(inline(PNG, thought=True), inline(PNG)),
        SHOWN,
        [image(extra_content={"google": {"thought": True}}), image()],
        Options(keep_drafts=True),
    ),
    Case(
        "the-only-image-was-a-draft",
        f"{ISSUES}Lixpi/lixpi/pull/136",
        "gemini",
        "images",
        answer(inline(GIF, "image/gif", thought=True), inline(PNG, thought=True)),
        "data",
        [{"b64_json": PNG}],
    ),
    Case(
        "the-signature-of-the-image-got-lost",
        f"{ISSUES}suurt8ll/open_webui_functions/issues/225",
        "gemini",
        "chat",
        answer(inline(PNG, thoughtSignature=SIGNATURE)),
        f"{SHOWN}[0]",
        image(**SIGNED),
    ),
    Case(
        "no-image-was-a-success-without-data",
        f"{ISSUES}maximhq/bifrost/pull/1326",
        "gemini",
        "images",
        answer(finishReason="NO_IMAGE"),
        "error.code",
        "no_image_generated",
    ),
    Case(
        "the-model-s-words-were-swallowed",
        f"{ISSUES}Comfy-Org/ComfyUI/pull/13167",
        "gemini",
        "images",
        answer({"text": "I would rather not."}),
        "error.message",
        "I would rather not.",
    ),
    Case(
        "the-reason-was-sought-in-the-content",
        f"{ISSUES}OpenSenseNova/SenseNova-Skills/pull/139",
        "gemini",
        "images",
        {"candidates": [{"finishReason": "IMAGE_SAFETY", "finishMessage": WORDS}]},
        "error.message",
        WORDS,
    ),
    Case(
        "an-image-was-a-list-of-data",
        f"{ISSUES}KroMiose/nekro-agent/pull/177",
        "chat",
        "gemini",
        said({"image": [{"data": PNG}]}),
        f"{CANDIDATE}[0].inlineData.data",
        PNG,
    ),
    Case(
        "an-image-stood-alone",
        "https://docs.litellm.ai/docs/extras/gemini_img_migration.md",
        "chat",
        "gemini",
        said({"content": "Here.", "image": {"url": URI, "detail": "auto"}}),
        f"{CANDIDATE}[1].inlineData.data",
        PNG,
    ),
    Case(
        "images-all-had-one-index",
        "https://docs.litellm.ai/docs/completion/image_generation_chat.md",
        "chat",
        "images",
        said({"images": [image(index=0), image(f"data:image/gif;base64,{GIF}", index=0)]}),
        "data",
        [{"b64_json": PNG}, {"b64_json": GIF}],
    ),
    Case(
        "images-stood-beside-the-content",
        "https://openrouter.ai/docs/guides/overview/multimodal/image-generation.md",
        "chat",
        "gemini",
        said({"content": "", "images": [image()]}),
        f"{CANDIDATE}[0].inlineData.data",
        PNG,
    ),
    Case(
        "an-image-was-markdown",
        "https://apifox.newapi.ai/389846313e0",
        "chat",
        "gemini",
        said({"content": f"![image]({URI})"}),
        f"{CANDIDATE}[0].inlineData.data",
        PNG,
        Options(read_markdown=True),
    ),
    Case(
        "a-reply-did-not-say-what-it-is",
        f"{ISSUES}64bit/async-openai/pull/403",
        "chat",
        "images",
        {"choices": [{"message": {"content": [image()]}}]},
        "data[0].b64_json",
        PNG,
    ),
    Case(
        "base64-came-with-a-prefix",
        f"{ISSUES}ThinkInAIXYZ/deepchat/pull/647",
        "images",
        "images",
        {"created": 1, "data": [{"b64_json": URI}]},
        "data[0].b64_json",
        PNG,
    ),
    Case(
        "a-code-was-a-number",
        f"{ISSUES}envoyproxy/ai-gateway/pull/2203",
        "chat",
        "images",
        {"error": {"message": "no", "type": "BadRequestError", "param": "", "code": 400}},
        "error",
        {"message": "no", "type": "invalid_request_error", "param": None, "code": None},
        status=400,
    ),
    Case(
        "an-error-was-a-string",
        f"{ISSUES}charmbracelet/fantasy/pull/365",
        "chat",
        "images",
        {"error": "The server is busy."},
        "error.message",
        "The server is busy.",
        status=503,
    ),
    Case(
        "an-error-was-a-list",
        f"{ISSUES}google-gemini/gemini-cli/issues/10925",
        "gemini",
        "chat",
        '[{"error":{"code":429,"message":"Slow down.","status":"RESOURCE_EXHAUSTED"}}]',
        "error.code",
        "rate_limit_exceeded",
        status=429,
    ),
    Case(
        "an-error-was-in-the-message-of-another",
        f"{ISSUES}archestra-ai/archestra/issues/2548",
        "chat",
        "gemini",
        {
            "error": {
                "message": {"error": {"message": {"error": {"code": 400, "message": "deep"}}}},
                "type": "api_validation_error",
            }
        },
        "error.message",
        "deep",
        status=400,
    ),
]


class TestReplies:
    @pytest.mark.parametrize("case", REPLIES, ids=str)
    def test_says_what_was_answered(self, case: Case) -> None:
        result = imagewire.translate_response(
            case.body,
            source=case.source,
            target=case.target,
            status=case.status,
            options=case.options,
        )

        assert case.expected == at(result, case.path)

    @pytest.mark.parametrize(
        ("body", "source"),
        [
            # https://github.com/genkit-ai/genkit/issues/2924
            pytest.param({"usageMetadata": {}}, "gemini", id="no-candidates"),
            # https://github.com/langchain-ai/langchain/pull/35236
            pytest.param({"id": "r", "choices": None}, "chat", id="choices-null"),
        ],
    )
    def test_an_empty_success_is_the_upstream_s_fault(self, body: Any, source: str) -> None:
        """Other clients panicked, or showed an empty answer."""
        with pytest.raises(MalformedError) as caught:
            imagewire.translate_response(body, source=source, target="images")

        assert 502 == caught.value.status


class TestCitations:
    def test_every_case_names_its_thread(self) -> None:
        assert len(REPLIES) == len({case.name for case in REPLIES})
        assert {True} == {case.thread.startswith("https://") for case in REPLIES}
