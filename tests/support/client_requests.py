"""What real clients always send, whatever their users ask for.

Bodies as openai 3.54 and google-genai 3.4 send them (`tests/clients` drives both), and as these
build them: LangChain, LiteLLM (its OpenRouter provider adds ``usage`` to each
call, its proxy bookkeeping), the AI SDK's providers, Open WebUI (2026-11-26).
"""

from __future__ import annotations

from typing import Any

from hub import PNG, PNG_URI

MODEL = "google/gemini-nano-banana-2.1"
_USER = {"role": "user", "content": "a fox"}
_PARTS: list[dict[str, Any]] = [
    {"type": "text", "text": "add a hat"},
    {"type": "image_url", "image_url": {"url": PNG_URI}},
]
_SAFETY = [{"category": "HARM_CATEGORY_HARASSMENT", "threshold": "BLOCK_NONE"}]

#: Client -> source format -> body.
REQUESTS: dict[str, tuple[str, dict[str, Any]]] = {
    "openai": ("chat", {"messages": [_USER], "model": MODEL}),
    "openai-with-parts": (
        "chat",
        {"messages": [{"role": "user", "content": _PARTS}], "model": MODEL},
    ),
    "openai-images": ("images", {"prompt": "a fox", "model": "gpt-image-2"}),
    "openai-js": (
        "chat",
        {"model": MODEL, "messages": [{"role": "user", "content": _PARTS}], "stream": False},
    ),
    "google-genai": (
        "gemini",
        {
            "contents": [{"parts": [{"text": "a fox"}], "role": "user"}],
            "generationConfig": {"responseModalities": ["TEXT", "IMAGE"]},
        },
    ),
    "google-genai-with-an-image": (
        "gemini",
        {
            "contents": [
                {
                    "parts": [
                        {"text": "add a hat"},
                        {"inlineData": {"data": PNG, "mime_type": "image/png"}},
                    ],
                    "role": "user",
                }
            ],
            "systemInstruction": {"parts": [{"text": "Be terse."}], "role": "user"},
            "safetySettings": _SAFETY,
        },
    ),
    "langchain": (
        "chat",
        {
            "messages": [{"content": "a fox", "role": "user"}],
            "model": MODEL,
            "stream": False,
        },
    ),
    "langchain-history": (
        "chat",
        {
            "messages": [
                {"content": "Be terse.", "role": "system"},
                {"content": _PARTS, "role": "user"},
            ],
            "model": MODEL,
            "n": 1,
            "temperature": 1.0,
        },
    ),
    "litellm-openrouter": (
        "chat",
        {"model": MODEL, "messages": [_USER], "usage": {"include": True}},
    ),
    "litellm-proxy": (
        "chat",
        {
            "model": MODEL,
            "messages": [_USER],
            "metadata": {"user_api_key": "hashed"},
            "litellm_trace_id": "t-1",
            "drop_params": True,
            "num_retries": 2,
            "timeout": 600,
            "cache": {"no-cache": True},
            "fallbacks": ["m"],
            "tags": ["a"],
        },
    ),
    "ai-sdk-openai-compatible": (
        "chat",
        {"model": MODEL, "messages": [{"role": "user", "content": _PARTS}], "user": None},
    ),
    "ai-sdk-openai-images": (
        "images",
        {"model": "gpt-image-2", "prompt": "a fox", "n": 1, "size": "1024x1024"},
    ),
    "ai-sdk-google": (
        "gemini",
        {
            "generationConfig": {"responseModalities": ["TEXT", "IMAGE"]},
            "contents": [{"role": "user", "parts": [{"text": "a fox"}]}],
        },
    ),
    "ai-sdk-openrouter": (
        "chat",
        {
            "model": MODEL,
            "messages": [{"role": "user", "content": [{**_PARTS[0], "cache_control": None}]}],
            "include_reasoning": False,
            "usage": {"include": True},
            "modalities": ["image", "text"],
            "models": None,
            "provider": {"order": ["google"]},
        },
    ),
    "open-webui": (
        "chat",
        {
            "model": MODEL,
            "messages": [_USER],
            "stream": False,
            "chat_id": "c-1",
            "session_id": "s-1",
            "user_id": "u-1",
            "client_metadata": {"v": 1},
        },
    ),
}
