"""The official clients over a transport that answers from memory, and payloads for them."""

# Both packages bring ``httpx2``, the client that their own transports are made of.

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

import httpx2
import msgspec
import openai
from google import genai
from google.genai import types

import imagewire
from cases import GEMINI_MODEL
from hub import PNG as PNG_BASE64
from imagewire import Endpoint

PNG = base64.b64decode(PNG_BASE64)
PNG_URI = f"data:image/png;base64,{PNG_BASE64}"
SIGNATURE = b"\xfb\xff\xfe\x0a"
SIGNED = base64.b64encode(SIGNATURE).decode()

CHAT = Endpoint("chat")
GEMINI = Endpoint("gemini", "generate", GEMINI_MODEL)
OPENAI_URL = "https://example.com/v1"


class Upstream:
    """What answers every call with one reply, and remembers the calls."""

    def __init__(
        self, body: bytes = b"{}", status: int = 200, headers: Mapping[str, str] = {}
    ) -> None:
        self.reply = (status, dict(headers), body)
        self.calls: list[httpx2.Request] = []

    def __call__(self, call: httpx2.Request) -> httpx2.Response:
        self.calls.append(call)
        status, headers, body = self.reply
        return httpx2.Response(status, headers=headers, content=body)

    @classmethod
    def of(cls, reply: imagewire.TranslatedResponse) -> Upstream:
        return cls(bytes(reply.body), reply.status, reply.headers)

    @property
    def asked(self) -> httpx2.Request:
        """The first call."""
        return self.calls[0]

    @property
    def document(self) -> Any:
        """The body of the first call."""
        return msgspec.json.decode(self.asked.content)

    @property
    def endpoint(self) -> Endpoint | None:
        """Where the first call went."""
        return imagewire.match_endpoint(self.asked.method, self.asked.url.raw_path.decode())


def openai_client(upstream: Upstream, retries: int = 0) -> openai.OpenAI:
    """The openai client, in front of the upstream."""
    return openai.OpenAI(
        api_key="key-1",
        base_url=OPENAI_URL,
        max_retries=retries,
        http_client=httpx2.Client(transport=httpx2.MockTransport(upstream)),
    )


def ask_openai(upstream: Upstream, *, retries: int = 0, **params: Any) -> Any:
    """What ``client.chat.completions.create`` makes of the upstream's reply."""
    asked = {"model": "m", "messages": [{"role": "user", "content": "a fox"}], **params}
    return openai_client(upstream, retries).chat.completions.create(**asked)


def google_client(upstream: Upstream, *, vertex: bool = False) -> genai.Client:
    """The google-genai client, in front of the upstream."""
    http = httpx2.Client(transport=httpx2.MockTransport(upstream))
    options = types.HttpOptions(httpx_client=http)
    return genai.Client(api_key="key-1", vertexai=vertex, http_options=options)


def ask_google(
    upstream: Upstream, contents: Any = "a fox", config: Any = None, *, vertex: bool = False
) -> Any:
    """What ``client.models.generate_content`` makes of the upstream's reply."""
    client = google_client(upstream, vertex=vertex)
    return client.models.generate_content(model=GEMINI_MODEL, contents=contents, config=config)


_SAFETY = {"category": "HARM_CATEGORY_HARASSMENT", "threshold": "BLOCK_NONE"}
_RATING = {"category": "HARM_CATEGORY_HARASSMENT", "probability": "LOW"}
_MARK = {"google": {"thought_signature": SIGNED}}
_INLINE = {"inlineData": {"mimeType": "image/png", "data": PNG_BASE64}}
_IMAGE_URL = {"type": "image_url", "image_url": {"url": PNG_URI}}

FULL_CHAT_REQUEST: dict[str, Any] = {
    "model": f"google/{GEMINI_MODEL}",
    "messages": [
        {"role": "system", "content": "Be terse."},
        {"role": "developer", "content": [{"type": "text", "text": "Use muted colours."}]},
        {"role": "user", "content": "Draw a lighthouse."},
        {
            "role": "assistant",
            "content": [
                {"type": "text", "text": "Here it is.", "extra_content": _MARK},
                {**_IMAGE_URL, "extra_content": _MARK},
            ],
        },
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "Make it night, "},
                {"type": "image_url", "image_url": {"url": PNG_URI, "detail": "high"}},
                {"type": "text", "text": "as in this picture."},
            ],
        },
    ],
    "n": 2,
    "modalities": ["image"],
    "temperature": 0.5,
    "top_p": 0.9,
    "seed": 7,
    "stop": ["END"],
    "max_completion_tokens": 4096,
    "presence_penalty": 0.5,
    "frequency_penalty": 0.25,
    "user": "u-1",
    "safety_identifier": "s-1",
    "image_config": {"aspect_ratio": "16:9", "image_size": "2K"},
    "quality": "high",
    "background": "opaque",
    "output_format": "jpeg",
    "output_compression": 80,
    "moderation": "low",
    "extra_body": {
        "google": {
            "thinking_config": {"include_thoughts": True, "thinking_level": "high"},
            "safety_settings": [_SAFETY],
            "cached_content": "cachedContents/abc",
            "top_k": 40,
        }
    },
}

FULL_GEMINI_REQUEST: dict[str, Any] = {
    "contents": [
        {"role": "user", "parts": [{"text": "Draw a lighthouse."}]},
        {
            "role": "model",
            "parts": [
                {"text": "Here it is.", "thoughtSignature": SIGNED},
                {**_INLINE, "thoughtSignature": SIGNED},
            ],
        },
        {
            "role": "user",
            "parts": [
                {"text": "Make it night, "},
                _INLINE,
                {"fileData": {"mimeType": "image/png", "fileUri": "gs://bucket/night.png"}},
                {"text": "as in these pictures."},
            ],
        },
    ],
    "systemInstruction": {"parts": [{"text": "Be terse."}, {"text": "Use muted colours."}]},
    "generationConfig": {
        "responseModalities": ["IMAGE"],
        "candidateCount": 2,
        "imageConfig": {"aspectRatio": "16:9", "imageSize": "2K"},
        "temperature": 0.5,
        "topP": 0.9,
        "topK": 40,
        "seed": 7,
        "stopSequences": ["END"],
        "maxOutputTokens": 4096,
        "presencePenalty": 0.5,
        "frequencyPenalty": 0.25,
        "thinkingConfig": {"includeThoughts": True, "thinkingLevel": "HIGH"},
    },
    "safetySettings": [_SAFETY],
    "cachedContent": "cachedContents/abc",
}

FULL_CHAT_RESPONSE: dict[str, Any] = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "created": 1735689600,
    "model": f"google/{GEMINI_MODEL}",
    "choices": [
        {
            "index": 0,
            "message": {
                "role": "assistant",
                "content": [
                    {"type": "text", "text": "Here it is.", "extra_content": _MARK},
                    {**_IMAGE_URL, "extra_content": _MARK},
                ],
                "refusal": None,
                "reasoning": "Composing the scene.",
            },
            "logprobs": None,
            "finish_reason": "stop",
        },
        {
            "index": 1,
            "message": {"role": "assistant", "content": None, "refusal": "I cannot draw that."},
            "finish_reason": "content_filter",
            "native_finish_reason": "IMAGE_SAFETY",
            "moderation_details": {"moderation_stage": "output"},
        },
    ],
    "usage": {
        "prompt_tokens": 9,
        "completion_tokens": 1381,
        "total_tokens": 1390,
        "prompt_tokens_details": {"cached_tokens": 4, "text_tokens": 9},
        "completion_tokens_details": {"reasoning_tokens": 255, "image_tokens": 1120},
    },
    "system_fingerprint": "fp-1",
    "service_tier": "default",
}

FULL_GEMINI_RESPONSE: dict[str, Any] = {
    "candidates": [
        {
            "content": {
                "role": "model",
                "parts": [
                    {"text": "Composing the scene.", "thought": True},
                    {"text": "Here it is."},
                    {**_INLINE, "thoughtSignature": SIGNED},
                ],
            },
            "finishReason": "STOP",
            "index": 0,
            "safetyRatings": [_RATING],
        },
        {"finishReason": "IMAGE_SAFETY", "finishMessage": "Unable to show it.", "index": 1},
    ],
    "promptFeedback": {"safetyRatings": [_RATING]},
    "usageMetadata": {
        "promptTokenCount": 9,
        "cachedContentTokenCount": 4,
        "candidatesTokenCount": 1126,
        "thoughtsTokenCount": 255,
        "totalTokenCount": 1390,
        "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 9}],
        "cacheTokensDetails": [{"modality": "TEXT", "tokenCount": 4}],
        "candidatesTokensDetails": [
            {"modality": "IMAGE", "tokenCount": 1120},
            {"modality": "TEXT", "tokenCount": 6},
        ],
    },
    "modelVersion": GEMINI_MODEL,
    "responseId": "r-1",
    "createTime": "2025-01-01T00:00:00Z",
}
