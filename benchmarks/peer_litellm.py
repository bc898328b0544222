"""LiteLLM's transformations, called as its handlers call them, without their network."""

from __future__ import annotations

import json
import os
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import httpx

from contenders import Translators
from payloads import GEMINI_MODEL

# Else it asks the network for its table of prices when it is imported.
os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"

_vertex: Any = import_module("litellm.llms.vertex_ai.gemini.transformation")
_replies: Any = import_module(
    "litellm.llms.vertex_ai.gemini.vertex_and_google_ai_studio_gemini"
).VertexGeminiConfig()
_pictures: Any = import_module(
    "litellm.llms.gemini.image_generation.transformation"
).GoogleImageGenConfig()
_types: Any = import_module("litellm.types.utils")
#: What it asks of its logger, which logs nothing here (litellm 1.110.2, 2026-11-27).
_LOGGING = SimpleNamespace(optional_params={}, litellm_params={}, post_call=lambda **_: None)


def translators() -> Translators:
    """The three directions that it has."""
    return {
        ("request", "chat", "gemini"): _gemini_request,
        ("response", "gemini", "chat"): _chat_response,
        ("response", "gemini", "images"): _images_response,
    }


def _gemini_request(body: bytes) -> bytes:
    asked = json.loads(body)
    document = _vertex._transform_request_body(
        messages=asked["messages"],
        model=asked["model"],
        optional_params={"responseModalities": ["TEXT", "IMAGE"]},
        custom_llm_provider="gemini",
        litellm_params={},
        cached_content=None,
    )
    return json.dumps(document).encode()


def _about(body: bytes, model_response: Any) -> dict[str, Any]:
    return {
        "model": GEMINI_MODEL,
        "raw_response": httpx.Response(200, content=body),
        "model_response": model_response,
        "logging_obj": _LOGGING,
        "request_data": {},
        "optional_params": {},
        "litellm_params": {},
        "encoding": None,
    }


def _chat_response(body: bytes) -> bytes:
    about = _about(body, _types.ModelResponse())
    written: str = _replies.transform_response(**about, messages=[]).model_dump_json()
    return written.encode()


def _images_response(body: bytes) -> bytes:
    about = _about(body, _types.ImageResponse())
    written: str = _pictures.transform_image_generation_response(**about).model_dump_json()
    return written.encode()
