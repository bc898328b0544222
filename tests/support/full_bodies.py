"""A body of each format and kind in which every field that its structs name says something."""

# The matrices over fields run on these: each key in its other spelling, each number as a string,
# each field null, an unknown field beside each. A field that is added to a struct has to be added
# here; `test_liberal_reading` says so.

from __future__ import annotations

import types
from collections.abc import Iterator
from typing import Annotated, Any, get_args, get_origin

import attrs
import msgspec

import imagewire
from chat_bodies import CALLS, URI
from hub import GIF, MODEL, PNG, SIGNATURE
from imagewire.codec.fields import BOOKKEEPING, Wire
from imagewire.formats.chat import wire as chat_wire
from imagewire.formats.gemini import wire as gemini_wire
from imagewire.formats.images import wire as images_wire
from imagewire.formats.responses import wire as responses_wire

Path = tuple[str | int, ...]

_WIDE = {"aspectRatio": "16:9", "imageSize": "2K"}
_COUNTS = [{"modality": "TEXT", "tokenCount": 5}, {"modality": "IMAGE", "tokenCount": 2}]
_MARK = {
    "google": {"thought": False, "thought_signature": SIGNATURE},
    "vertex": {"thought": False, "thought_signature": SIGNATURE},
}
_GOOGLE = {
    "thinking_config": {"include_thoughts": True, "thinking_budget": 9, "thinking_level": "low"},
    "safety_settings": [
        {"category": "HARM_CATEGORY_HARASSMENT", "threshold": "OFF", "method": "SEVERITY"}
    ],
    "cached_content": "cachedContents/abc",
    "top_k": 40,
    "image_config": {"aspect_ratio": "16:9", "image_size": "2K"},
}

_GEMINI_REQUEST: dict[str, Any] = {
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

_GEMINI_RESPONSE: dict[str, Any] = {
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

_CHAT_REQUEST: dict[str, Any] = {
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
            "images": [{"url": URI, "detail": "low", "index": 0}],
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
    "image_config": {"aspect_ratio": "16:9", "image_size": "2K"},
    "aspect_ratio": "16:9",
    "image_size": "2K",
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
    "extra_body": {"google": _GOOGLE},
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

_CHAT_RESPONSE: dict[str, Any] = {
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
        }
    ],
    "usage": {
        "prompt_tokens": 14,
        "completion_tokens": 11,
        "total_tokens": 26,
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

_IMAGES_REQUEST: dict[str, Any] = {
    "model": "gpt-image-1.5",
    "prompt": "a fox",
    "images": [{"image_url": {"url": URI}}, {"file_id": "f"}],
    "images[]": [URI],
    "image": URI,
    "image[]": [{"image_url": URI}],
    "mask": {"image_url": URI},
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
    "response_format": "url",
    "stream": False,
    "partial_images": 0,
}

_IMAGES_RESPONSE: dict[str, Any] = {
    "created": 1735689600,
    "data": [
        {"b64_json": PNG, "revised_prompt": "a red fox", "extra_content": _MARK},
        {"url": "https://example.com/a.png"},
    ],
    "size": "1024x1024",
    "quality": "high",
    "background": "opaque",
    "output_format": "png",
    "usage": {
        "input_tokens": 5,
        "input_tokens_details": {"image_tokens": 2, "text_tokens": 3},
        "output_tokens": 7,
        "output_tokens_details": {"image_tokens": 6, "text_tokens": 1},
        "total_tokens": 12,
    },
    "error": None,
}


_RESPONSES_REQUEST: dict[str, Any] = {
    "model": "gpt-6.1",
    "instructions": "Be terse.",
    "input": [
        {
            "role": "user",
            "content": "a fox",
            "type": "message",
            "id": "msg_0",
            "status": "completed",
        },
        {
            "type": "image_generation_call",
            "id": "ig_1",
            "status": "completed",
            "result": PNG,
            "action": "generate",
            "background": "opaque",
            "output_format": "png",
            "quality": "high",
            "revised_prompt": "a red fox",
            "size": "1024x1024",
        },
        {
            "type": "image_generation_call",
            "id": "ig_2",
            "status": "failed",
            "error": {
                "type": "image_generation_user_error",
                "code": "moderation_blocked",
                "message": "No.",
                "param": "input",
                "moderation_details": {"categories": ["violence"], "moderation_stage": "output"},
            },
        },
        {"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "hm"}]},
        {
            "role": "assistant",
            "content": [
                {"type": "output_text", "text": "Here.", "annotations": [], "logprobs": []},
                {"type": "refusal", "refusal": "No."},
            ],
        },
        {
            "role": "user",
            "content": [
                {"type": "input_image", "image_url": URI, "detail": "high"},
                {"type": "input_image", "file_id": "f", "detail": "auto"},
                {"type": "input_text", "text": "make it night"},
            ],
        },
    ],
    "tools": [
        {
            "type": "image_generation",
            "model": "gpt-image-1.5",
            "action": "edit",
            "size": "1536x1024",
            "quality": "high",
            "background": "opaque",
            "output_format": "jpeg",
            "output_compression": 80,
            "moderation": "low",
            "input_fidelity": "high",
            "input_image_mask": {"image_url": URI},
            "partial_images": 0,
        }
    ],
    "tool_choice": "required",
    "store": True,
    "user": "u-1",
    "safety_identifier": "s-1",
    "stream": False,
    "background": False,
    "conversation": "",
    "previous_response_id": "",
    "prompt": "",
}

_RESPONSES_RESPONSE: dict[str, Any] = {
    "id": "r1",
    "object": "response",
    "created_at": 1735689600,
    "status": "incomplete",
    "error": None,
    "incomplete_details": {"reason": "max_output_tokens"},
    "model": "gpt-6.1",
    "output": [
        {
            "id": "ig_1",
            "type": "image_generation_call",
            "status": "completed",
            "result": PNG,
            "action": "generate",
            "background": "opaque",
            "output_format": "png",
            "quality": "high",
            "revised_prompt": "a red fox",
            "size": "1024x1024",
        },
        {
            "id": "msg_1",
            "type": "message",
            "status": "completed",
            "role": "assistant",
            "content": [
                {"type": "output_text", "text": "Here.", "annotations": [], "logprobs": []}
            ],
        },
    ],
    "parallel_tool_calls": True,
    "tool_choice": {"type": "image_generation"},
    "tools": [
        {
            "type": "image_generation",
            "model": "gpt-image-2",
            "input_image_mask": {"file_id": "f"},
        }
    ],
    "tool_usage": {
        "image_gen": {
            "input_tokens": 5,
            "input_tokens_details": {"image_tokens": 2, "text_tokens": 3},
            "output_tokens": 7,
            "output_tokens_details": {"image_tokens": 6, "text_tokens": 1},
            "total_tokens": 12,
        },
        "web_search": {"num_requests": 0},
    },
}


@attrs.frozen
class Full:
    """A full body, its struct, and how it is read."""

    format: str
    kind: str
    struct: type[Wire]
    body: dict[str, Any]

    def read(self, body: Any) -> Any:
        """The hub value of a body of this kind."""
        return self.outcome(body).value

    def outcome(self, body: Any) -> imagewire.Outcome[Any]:
        module = imagewire.FORMATS[self.format]
        read: Any = module.read_request if self.kind == "request" else module.read_response
        outcome: imagewire.Outcome[Any] = read(body)
        return outcome

    def forgives(self, field: Field) -> bool:
        """Whether a field of the wrong type is ignored: bookkeeping of a reply."""
        return self.kind == "response" and field.is_bookkeeping

    def __str__(self) -> str:
        return f"{self.format}-{self.kind}"


FULL = [
    Full("gemini", "request", gemini_wire.Request, _GEMINI_REQUEST),
    Full("gemini", "response", gemini_wire.Response, _GEMINI_RESPONSE),
    Full("chat", "request", chat_wire.Request, _CHAT_REQUEST),
    Full("chat", "response", chat_wire.Response, _CHAT_RESPONSE),
    Full("images", "request", images_wire.Request, _IMAGES_REQUEST),
    Full("images", "response", images_wire.Response, _IMAGES_RESPONSE),
    Full("responses", "request", responses_wire.Request, _RESPONSES_REQUEST),
    Full("responses", "response", responses_wire.Response, _RESPONSES_RESPONSE),
]


@attrs.frozen
class Field:
    """A field of a body: where it is, the struct and the field that name it, and its types."""

    path: Path
    struct: type[Wire]
    info: msgspec.structs.FieldInfo

    @property
    def types(self) -> set[Any]:
        return set(leaves(self.info.type))

    @property
    def is_bookkeeping(self) -> bool:
        return BOOKKEEPING in get_args(self.info.type)


def leaves(annotation: Any) -> Iterator[Any]:
    """The plain types in an annotation."""
    if get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    if isinstance(annotation, types.UnionType) or get_args(annotation):
        for argument in get_args(annotation):
            yield from leaves(argument)
    else:
        yield annotation


def fields_of(value: Any, struct: type[Wire], path: Path = ()) -> Iterator[Field]:
    """Every field of a body that its struct names, with its path, outside in."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from fields_of(item, struct, (*path, index))
    elif isinstance(value, dict):
        infos = {info.encode_name: info for info in msgspec.structs.fields(struct)}
        for key, item in value.items():
            if key in infos:
                field = Field((*path, key), struct, infos[key])
                yield field
                for below in field.types:
                    if isinstance(below, type) and issubclass(below, Wire):
                        yield from fields_of(item, below, field.path)


def objects_in(value: Any, path: Path = ()) -> Iterator[Path]:
    """The paths of every object of a body."""
    if isinstance(value, dict):
        yield path
        for key, item in value.items():
            yield from objects_in(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from objects_in(item, (*path, index))


def copy_at(body: Any, path: Path) -> tuple[Any, Any]:
    """A copy of a body, and what stands at a path in it."""
    copy = found = msgspec.json.decode(msgspec.json.encode(body))
    for step in path:
        found = found[step]
    return copy, found


def replaced(body: Any, path: Path, **fields: Any) -> Any:
    """A copy of a body that has other fields in the place of the one at a path."""
    copy, holder = copy_at(body, path[:-1])
    del holder[path[-1]]
    holder.update(fields)
    return copy


def added(body: Any, path: Path, **fields: Any) -> Any:
    """A copy of a body with more fields in the object at a path."""
    copy, holder = copy_at(body, path)
    holder.update(fields)
    return copy
