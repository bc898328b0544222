"""The product page's payloads and tables, and the road that its requests and replies take."""

# The page cuts its pictures short (``iVBORw0KGgo...``); here they are whole.

from __future__ import annotations

from typing import Any

import msgspec
import pytest

import imagewire
from hub import PNG as PNG_BASE64
from imagewire import Endpoint, TranslatedResponse

OTTER = "A cute baby otter wearing a tiny top hat, watercolor style"
LANDSCAPE = "A serene mountain landscape at sunset"
PAINTING = "A serene mountain landscape at sunset, oil painting style"
BEACH = "Remove the background and replace it with a beach scene"
CAPTION = "Here is your otter wearing a top hat!"

GPT_MODELS = ["openai/gpt-image-1", "openai/gpt-image-1.5", "openai/gpt-image-2"]
GEMINI_MODELS = [
    "google/gemini-2.5-flash-image",
    "google/gemini-3-pro-image-preview",
    "google/gemini-3.1-flash-image-preview",
]

CHAT_OTTER: dict[str, Any] = {
    "model": "openai/gpt-image-2",
    "messages": [{"role": "user", "content": OTTER}],
}
CHAT_LANDSCAPE: dict[str, Any] = {
    "model": "google/gemini-3.1-flash-image-preview",
    "messages": [{"role": "user", "content": PAINTING}],
}
CHAT_REPLY: dict[str, Any] = {
    "id": "chatcmpl-abc123",
    "object": "chat.completion",
    "created": 1735689600,
    "model": "openai/gpt-image-2",
    "choices": [
        {
            "index": 0,
            "message": {
                "role": "assistant",
                "content": [
                    {
                        "type": "image_url",
                        "image_url": {"url": f"data:image/png;base64,{PNG_BASE64}"},
                    }
                ],
            },
            "finish_reason": "stop",
        }
    ],
    "usage": {"prompt_tokens": 12, "completion_tokens": 1290, "total_tokens": 1302},
}
INLINE = {"inlineData": {"mimeType": "image/png", "data": PNG_BASE64}}
GEMINI_OTTER: dict[str, Any] = {"contents": [{"role": "user", "parts": [{"text": OTTER}]}]}
GEMINI_EDIT: dict[str, Any] = {"contents": [{"role": "user", "parts": [INLINE, {"text": BEACH}]}]}
GEMINI_CONFIG: dict[str, Any] = {
    "contents": [{"role": "user", "parts": [{"text": LANDSCAPE}]}],
    "generationConfig": {"temperature": 1.0, "responseModalities": ["TEXT", "IMAGE"]},
}
GEMINI_REPLY: dict[str, Any] = {
    "candidates": [
        {
            "content": {"role": "model", "parts": [INLINE, {"text": CAPTION}]},
            "finishReason": "STOP",
        }
    ],
    "modelVersion": "gemini-2.5-flash-image",
    "usageMetadata": {
        "promptTokenCount": 12,
        "candidatesTokenCount": 1290,
        "totalTokenCount": 1302,
    },
}
IMAGES_OTTER: dict[str, Any] = {
    "model": "openai/gpt-image-2",
    "prompt": OTTER,
    "size": "1024x1024",
    "quality": "medium",
    "output_compression": 100,
    "output_format": "png",
    "n": 1,
}
IMAGES_REPLY: dict[str, Any] = {"created": 1735689600, "data": [{"b64_json": PNG_BASE64}]}
INVALID_MODEL = {
    "message": "Invalid value for 'model'",
    "type": "invalid_request_error",
    "param": "model",
    "code": "invalid_model",
}
BOTH = {"responseModalities": ["TEXT", "IMAGE"]}
CHAT_PATH = "/v1/chat/completions"
IMAGES_PATH = "/v1/images/generations"


def gemini_path(model: str) -> str:
    return f"/v1beta/models/{model}:generateContent"


def endpoint(path: str) -> Endpoint:
    found = imagewire.match_endpoint("POST", path)
    assert found is not None
    return found


def forwarded(body: Any, path: str, target: str) -> tuple[str, Any]:
    """Path and document of a client's request, sent on to an upstream without a loss."""
    translated = imagewire.translate_request(
        msgspec.json.encode(body), source=endpoint(path), target=target
    )
    assert translated.losses == ()
    return translated.path, msgspec.json.decode(bytes(translated.body))


def answered(body: Any, source: str, target: str, **context: Any) -> Any:
    """The document a client gets for an upstream's reply, made without a loss."""
    translated = imagewire.translate_response(
        msgspec.json.encode(body),
        source=source,
        target=target,
        context=imagewire.ReplyContext(**context),
        created=1735689600,
    )
    assert translated.losses == ()
    assert translated.status == 200
    return msgspec.json.decode(bytes(translated.body))


def refused(body: bytes, path: str, target: str = "gemini") -> TranslatedResponse:
    """What a client gets whose request cannot be sent on."""
    source = endpoint(path)
    with pytest.raises(imagewire.TranslationError) as caught:
        imagewire.translate_request(body, source=source, target=target)
    return imagewire.render_error(caught.value, target=source.format)


def error_of(reply: TranslatedResponse) -> Any:
    assert reply.status == 400
    return msgspec.json.decode(bytes(reply.body))["error"]
