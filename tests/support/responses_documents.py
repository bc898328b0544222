"""Bodies of the Responses API in which every field that its structs name says something."""

from __future__ import annotations

from typing import Any

from chat_bodies import URI
from hub import PNG

RESPONSES_REQUEST: dict[str, Any] = {
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
                {"type": "image_url", "image_url": {"url": URI, "detail": "low"}},
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

RESPONSES_RESPONSE: dict[str, Any] = {
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
            "b64_json": PNG,
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
