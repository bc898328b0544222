"""Bodies in which every field that our structs name says something; `full_bodies` walks them."""

from __future__ import annotations

from typing import Any

from chat_bodies import CALLS, URI
from hub import GIF, MODEL, PNG, SIGNATURE

_WIDE = {"aspectRatio": "16:9", "imageSize": "2K"}
_COUNTS = [{"modality": "TEXT", "tokenCount": 5}, {"modality": "IMAGE", "tokenCount": 2}]
_MARK = {
    "google": {"thought": False, "thought_signature": SIGNATURE},
    "vertex": {"thought": False, "thought_signature": SIGNATURE},
}
_CONFIG = {"aspect_ratio": "16:9", "image_size": "2K"}
_THINKING = {"include_thoughts": True, "thinking_budget": 9, "thinking_level": "low"}
_GOOGLE = {
    "thinking_config": dict(_THINKING),
    "safety_settings": [
        {"category": "HARM_CATEGORY_HARASSMENT", "threshold": "OFF", "method": "SEVERITY"}
    ],
    "cached_content": "cachedContents/abc",
    "top_k": 40,
    "image_config": dict(_CONFIG),
    **_CONFIG,
    "generation_config": {
        "image_config": dict(_CONFIG),
        "thinking_config": dict(_THINKING),
        "top_k": 40,
    },
}

GEMINI_REQUEST: dict[str, Any] = {
    "model": f"models/{MODEL}",
    "systemInstruction": {"role": "user", "parts": [{"text": "Be terse."}]},
    "contents": [
        {"role": "user", "parts": [{"text": "a fox"}]},
        {
            "role": "model",
            "parts": [
                {"text": "hm", "thought": True, "thoughtSignature": SIGNATURE},
                {"inlineData": {"mimeType": "image/png", "data": PNG}},
            ],
        },
        {
            "role": "user",
            "parts": [
                {"fileData": {"mimeType": "image/webp", "fileUri": "gs://bucket/a.png"}},
                {"text": "make it night"},
            ],
        },
    ],
    "generationConfig": {
        "candidateCount": 1,
        "responseModalities": ["IMAGE"],
        "imageConfig": {
            **_WIDE,
            "imageOutputOptions": {"mimeType": "image/jpeg", "compressionQuality": 80},
        },
        "responseFormat": {"image": dict(_WIDE)},
        "temperature": 0.5,
        "topP": 0.9,
        "topK": 40,
        "seed": 7,
        "stopSequences": ["END"],
        "maxOutputTokens": 100,
        "presencePenalty": 0.25,
        "frequencyPenalty": -0.25,
        "thinkingConfig": {"includeThoughts": True, "thinkingBudget": 9, "thinkingLevel": "LOW"},
        "responseMimeType": "text/plain",
        "responseLogprobs": False,
    },
    "safetySettings": [
        {"category": "HARM_CATEGORY_HARASSMENT", "threshold": "OFF", "method": "SEVERITY"}
    ],
    "cachedContent": "cachedContents/abc",
}

GEMINI_RESPONSE: dict[str, Any] = {
    "candidates": [
        {
            "content": {
                "role": "model",
                "parts": [
                    {"text": "hm", "thought": True, "thoughtSignature": SIGNATURE},
                    {"inlineData": {"mimeType": "image/png", "data": PNG}},
                    {"fileData": {"mimeType": "image/webp", "fileUri": "gs://bucket/a.png"}},
                ],
            },
            "finishReason": "MAX_TOKENS",
            "finishMessage": "Enough.",
            "index": 0,
            "avgLogprobs": -0.5,
            "safetyRatings": [{"category": "A", "probability": "LOW"}],
        }
    ],
    "promptFeedback": {
        "blockReason": "OTHER",
        "blockReasonMessage": "Not this.",
        "safetyRatings": [{"category": "A", "probability": "LOW"}],
    },
    "usageMetadata": {
        "promptTokenCount": 7,
        "toolUsePromptTokenCount": 7,
        "cachedContentTokenCount": 7,
        "candidatesTokenCount": 7,
        "thoughtsTokenCount": 4,
        "totalTokenCount": 25,
        "promptTokensDetails": _COUNTS,
        "cacheTokensDetails": _COUNTS,
        "toolUsePromptTokensDetails": _COUNTS,
        "candidatesTokensDetails": _COUNTS,
        "trafficType": "ON_DEMAND",
        "serviceTier": "standard",
    },
    "modelVersion": MODEL,
    "responseId": "r1",
    "createTime": "2025-01-01T00:00:00Z",
    "error": None,
}

CHAT_REQUEST: dict[str, Any] = {
    "model": f"google/{MODEL}",
    "messages": [
        {"role": "system", "content": "Be terse."},
        {"role": "user", "content": "a fox"},
        {
            "role": "assistant",
            "content": [
                {"type": "text", "text": "Here.", "extra_content": _MARK},
                {"type": "refusal", "refusal": "No."},
            ],
            "refusal": "No.",
            "images": [{"url": URI, "detail": "low", "index": 0}, {"b64_json": PNG}],
            "image": {"data": GIF},
            "annotations": [{"type": "url_citation"}],
            "tool_calls": CALLS,
            "function_call": {"name": "f", "arguments": "{}"},
            "reasoning": "hm",
            "provider_specific_fields": {"thought_signatures": []},
        },
        {"role": "assistant", "content": "And?", "extra_content": _MARK},
        {
            "role": "user",
            "content": [
                {"type": "image_url", "image_url": {"url": URI, "detail": "high"}},
                {"type": "file", "file": {"file_data": URI, "file_id": "f", "filename": "a.png"}},
                {"type": "text", "text": "make it night"},
            ],
        },
    ],
    "n": 2,
    "size": "1376x768",
    "image_config": dict(_CONFIG),
    **_CONFIG,
    "generation_config": _GOOGLE["generation_config"],
    "quality": "high",
    "background": "opaque",
    "output_format": "jpeg",
    "output_compression": 80,
    "moderation": "low",
    "input_fidelity": "high",
    "modalities": ["image"],
    "temperature": 0.5,
    "top_p": 0.9,
    "seed": 7,
    "stop": ["END"],
    "max_completion_tokens": 100,
    "max_tokens": 90,
    "presence_penalty": 0.25,
    "frequency_penalty": -0.25,
    "user": "u-1",
    "safety_identifier": "s-1",
    "extra_body": {"google": _GOOGLE, **_GOOGLE},
    "google": _GOOGLE,
    "stream": False,
    "tools": [],
    "functions": [],
    "tool_choice": "none",
    "function_call": "none",
    "response_format": {"type": "text"},
    "reasoning": {},
    "reasoning_effort": "none",
    "logprobs": False,
    "top_logprobs": 0,
}

CHAT_RESPONSE: dict[str, Any] = {
    "id": "r1",
    "object": "chat.completion",
    "created": 1735689600,
    "model": f"google/{MODEL}",
    "choices": [
        {
            "index": 0,
            "message": {
                "role": "assistant",
                "content": [{"type": "image_url", "image_url": {"url": URI, "detail": "low"}}],
                "images": [{"type": "image_url", "image_url": {"url": URI}, "index": 0}],
                "refusal": "No.",
                "reasoning": "hm",
                "annotations": [{"type": "url_citation"}],
            },
            "finish_reason": "length",
            "native_finish_reason": "MAX_TOKENS",
            "moderation_details": {"moderation_stage": "output"},
            "logprobs": {"content": []},
            "error": None,
        }
    ],
    "usage": {
        "prompt_tokens": 14,
        "completion_tokens": 11,
        "total_tokens": 26,
        "input_tokens": 14,
        "output_tokens": 11,
        "input_tokens_details": {"text_tokens": 8},
        "output_tokens_details": {"text_tokens": 1},
        "prompt_tokens_details": {
            "cached_tokens": 2,
            "text_tokens": 8,
            "image_tokens": 5,
            "audio_tokens": 1,
            "cache_write_tokens": 3,
        },
        "completion_tokens_details": {
            "reasoning_tokens": 4,
            "text_tokens": 1,
            "image_tokens": 6,
            "audio_tokens": 2,
            "accepted_prediction_tokens": 1,
            "rejected_prediction_tokens": 1,
        },
    },
    "system_fingerprint": "fp",
    "service_tier": "default",
    "error": None,
}

_SHAPE = {"aspect_ratio": "3:2", "image_size": "1K"}
_SHAPED = {
    **_SHAPE,
    "image_config": dict(_SHAPE),
    "generation_config": {"image_config": dict(_SHAPE)},
}

IMAGES_REQUEST: dict[str, Any] = {
    "model": "gpt-image-1.5",
    "prompt": "a fox",
    "images": [{"image_url": {"url": URI}}, {"file_id": "f"}],
    "images[]": [URI],
    "image": URI,
    "image[]": [{"image_url": URI}],
    "input_references": [{"type": "image_url", "url": URI}],
    "reference_images": [{"b64_json": PNG}, {"base64": PNG}],
    "image_urls": [URI],
    "mask": {"image_url": URI},
    "markup": {"image_url": URI},
    "n": 2,
    "size": "1536x1024",
    **_SHAPE,
    "resolution": "1K",
    "image_config": dict(_SHAPE),
    "image_config[aspect_ratio]": "3:2",
    "image_config[image_size]": "1K",
    "generation_config": {"image_config": dict(_SHAPE)},
    "extra_body": {"google": _SHAPED, **_SHAPED},
    "quality": "high",
    "background": "opaque",
    "output_format": "jpeg",
    "output_compression": 80,
    "moderation": "low",
    "input_fidelity": "high",
    "user": "u-1",
    "safety_identifier": "s-1",
    "response_format": "url",
    "stream": False,
    "partial_images": 0,
}

IMAGES_RESPONSE: dict[str, Any] = {
    "created": 1735689600,
    "data": [
        {"b64_json": PNG, "revised_prompt": "a red fox", "extra_content": _MARK},
        {"url": "https://example.com/a.png", "error": {"message": "late"}},
    ],
    "size": "1024x1024",
    "quality": "high",
    "background": "opaque",
    "output_format": "png",
    "model": "gpt-image-2",
    "usage": {
        "input_tokens": 5,
        "input_tokens_details": {
            "image_tokens": 2,
            "text_tokens": 3,
            "audio_tokens": 1,
            "cached_tokens": 2,
        },
        "output_tokens": 7,
        "output_tokens_details": {
            "image_tokens": 6,
            "text_tokens": 1,
            "reasoning_tokens": 1,
        },
        "prompt_tokens": 5,
        "prompt_tokens_details": {"image_tokens": 2},
        "completion_tokens": 7,
        "completion_tokens_details": {"image_tokens": 6},
        "total_tokens": 12,
        "cached_tokens": 2,
    },
    "error": None,
}
