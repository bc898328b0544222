"""Bodies in which every object of the SDKs' types stands with every field that our structs name."""

# Each is in the form that its own format writes, so that it comes back as it is.

from __future__ import annotations

from typing import Any

from cases import GEMINI_MODEL
from hub import PNG, PNG_URI, SIGNATURE
from sdk_types import ROOTS

Json = dict[str, Any]

PDF_URI = "data:application/pdf;base64,JVBERi0xLjc="
GPT = "openai/gpt-image-1.5"

_TEXT = {"type": "text", "text": "Add a hat."}
_IMAGE = {"type": "image_url", "image_url": {"url": PNG_URI, "detail": "high"}}
_PLAIN_IMAGE = {"type": "image_url", "image_url": {"url": PNG_URI}}
_AUDIO = {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}}
_FILE = {
    "type": "file",
    "file": {"file_data": PDF_URI, "filename": "a.pdf", "file_id": "file-1"},
}
_REFUSAL = {"type": "refusal", "refusal": "Not that."}
_CALL = {"id": "c-1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
_FUNCTION = {"name": "f", "arguments": "{}"}
_SAFETY = {"category": "HARM_CATEGORY_HARASSMENT", "threshold": "OFF", "method": "SEVERITY"}
_RATING = {"category": "HARM_CATEGORY_HARASSMENT", "probability": "LOW"}
_SIGNED = {"thoughtSignature": SIGNATURE}
_BLOB = {"inlineData": {"mimeType": "image/png", "data": PNG}}
_STORED = {"fileData": {"mimeType": "image/webp", "fileUri": "gs://bucket/a.webp"}}


def _counts(**tokens: int) -> list[Json]:
    return [{"modality": name, "tokenCount": count} for name, count in tokens.items()]


CHAT_REQUEST: Json = {
    "model": f"google/{GEMINI_MODEL}",
    "messages": [
        {"role": "system", "content": "Be terse."},
        {"role": "user", "content": [_TEXT, _IMAGE, _AUDIO, _FILE]},
        {
            "role": "assistant",
            "content": [_TEXT, _REFUSAL],
            "refusal": "Not that.",
            "tool_calls": [_CALL],
            "function_call": _FUNCTION,
        },
        {"role": "tool", "tool_call_id": "c-1", "content": "3"},
        {"role": "function", "name": "f", "content": "3"},
        {"role": "user", "content": [_TEXT, _PLAIN_IMAGE]},
    ],
    "modalities": ["image"],
    "n": 2,
    "temperature": 0.5,
    "top_p": 0.9,
    "seed": 7,
    "stop": ["END"],
    "max_completion_tokens": 4096,
    "presence_penalty": 0.5,
    "frequency_penalty": 0.25,
    "moderation": {"model": "omni-moderation-latest"},
    "user": "u-1",
    "safety_identifier": "s-1",
    "extra_body": {
        "google": {
            "thinking_config": {
                "include_thoughts": True,
                "thinking_budget": 128,
                "thinking_level": "high",
            },
            "safety_settings": [_SAFETY],
        }
    },
}
CHAT_RESPONSE: Json = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "created": 1735689600,
    "model": f"google/{GEMINI_MODEL}",
    "choices": [
        {
            "index": 0,
            "message": {
                "role": "assistant",
                "content": [_TEXT, _PLAIN_IMAGE],
                "refusal": None,
                "annotations": [{"type": "url_citation"}],
                "tool_calls": [_CALL],
                "function_call": _FUNCTION,
            },
            "finish_reason": "stop",
            "logprobs": {"content": []},
        }
    ],
    "usage": {
        "prompt_tokens": 9,
        "completion_tokens": 1381,
        "total_tokens": 1390,
        "prompt_tokens_details": {
            "audio_tokens": 1,
            "cache_write_tokens": 2,
            "cached_tokens": 4,
            "image_tokens": 3,
            "text_tokens": 5,
        },
        "completion_tokens_details": {
            "accepted_prediction_tokens": 1,
            "audio_tokens": 2,
            "reasoning_tokens": 255,
            "rejected_prediction_tokens": 3,
            "text_tokens": 4,
        },
    },
    "system_fingerprint": "fp-1",
    "service_tier": "default",
}
GEMINI_REQUEST: Json = {
    "systemInstruction": {"parts": [{"text": "Be terse."}]},
    "contents": [
        {"role": "user", "parts": [{"text": "Draw a lighthouse."}]},
        {"role": "model", "parts": [{"text": "Hm.", "thought": True}, {**_BLOB, **_SIGNED}]},
        {"role": "user", "parts": [{"text": "Make it night."}, _BLOB, _STORED]},
    ],
    "generationConfig": {
        "responseModalities": ["IMAGE"],
        "imageConfig": {
            "aspectRatio": "16:9",
            "imageSize": "2K",
            "imageOutputOptions": {"mimeType": "image/jpeg", "compressionQuality": 80},
        },
        "responseFormat": [
            {
                "image": {
                    "aspectRatio": "ASPECT_RATIO_SIXTEEN_BY_NINE",
                    "imageSize": "IMAGE_SIZE_TWO_K",
                }
            }
        ],
        "temperature": 0.5,
        "topP": 0.9,
        "topK": 40,
        "seed": 7,
        "stopSequences": ["END"],
        "maxOutputTokens": 4096,
        "presencePenalty": 0.5,
        "frequencyPenalty": 0.25,
        "thinkingConfig": {
            "includeThoughts": True,
            "thinkingBudget": 128,
            "thinkingLevel": "HIGH",
        },
    },
    "safetySettings": [_SAFETY],
    "cachedContent": "cachedContents/abc",
}
GEMINI_RESPONSE: Json = {
    "candidates": [
        {
            "content": {
                "role": "model",
                "parts": [{"text": "Hm.", "thought": True}, {**_BLOB, **_SIGNED}],
            },
            "finishReason": "STOP",
            "avgLogprobs": -0.5,
            "safetyRatings": [_RATING],
        },
        {"finishReason": "IMAGE_SAFETY", "finishMessage": "Unable to show it.", "index": 1},
    ],
    "promptFeedback": {
        "blockReason": "SAFETY",
        "blockReasonMessage": "No.",
        "safetyRatings": [_RATING],
    },
    "usageMetadata": {
        "promptTokenCount": 9,
        "toolUsePromptTokenCount": 2,
        "cachedContentTokenCount": 4,
        "candidatesTokenCount": 1126,
        "thoughtsTokenCount": 255,
        "totalTokenCount": 1392,
        "promptTokensDetails": _counts(TEXT=9),
        "cacheTokensDetails": _counts(TEXT=4),
        "toolUsePromptTokensDetails": _counts(TEXT=2),
        "candidatesTokensDetails": _counts(IMAGE=1120, TEXT=6),
        "trafficType": "ON_DEMAND",
        "serviceTier": "standard",
    },
    "modelVersion": GEMINI_MODEL,
    "responseId": "r-1",
    "createTime": "2025-01-01T00:00:00Z",
}
IMAGES_REQUEST: Json = {
    "model": GPT,
    "prompt": "Add a hat.",
    "images": [{"image_url": PNG_URI}],
    "n": 2,
    "size": "1536x1024",
    "quality": "high",
    "background": "opaque",
    "output_format": "jpeg",
    "output_compression": 80,
    "moderation": "low",
    "input_fidelity": "high",
    "user": "u-1",
    "safety_identifier": "s-1",
}
IMAGES_RESPONSE: Json = {
    "created": 1735689600,
    "data": [
        {
            "b64_json": PNG,
            "url": "https://example.com/1.png",
            "revised_prompt": "a fox in a hat",
        }
    ],
    "size": "1024x1024",
    "quality": "high",
    "background": "opaque",
    "output_format": "png",
    "usage": {
        "input_tokens": 9,
        "input_tokens_details": {"image_tokens": 4, "text_tokens": 5},
        "output_tokens": 12,
        "output_tokens_details": {"image_tokens": 7, "text_tokens": 5},
        "total_tokens": 21,
    },
}
BODIES = dict(
    zip(
        map(str, ROOTS),
        (
            CHAT_REQUEST,
            CHAT_RESPONSE,
            GEMINI_REQUEST,
            GEMINI_RESPONSE,
            IMAGES_REQUEST,
            IMAGES_RESPONSE,
        ),
        strict=True,
    )
)
