"""any-llm's conversions between the OpenAI and the Google SDK's types, without its client."""

from __future__ import annotations

import json
from importlib import import_module
from typing import Any

from google.genai import types

from contenders import Translators
from payloads import GEMINI_MODEL
from peer_sdks import dump_gemini

_conversions: Any = import_module("any_llm.providers.gemini.utils")
_provider: Any = import_module("any_llm.providers.gemini.base").GoogleProvider


def translators() -> Translators:
    """The two directions that it has: it makes no reply of the Images API of a Gemini one."""
    return {
        ("request", "chat", "gemini"): _gemini_request,
        ("response", "gemini", "chat"): _chat_response,
    }


def _gemini_request(body: bytes) -> bytes:
    asked = json.loads(body)
    contents, _ = _conversions._convert_messages(asked["messages"], model=asked["model"])
    return dump_gemini(contents)


def _chat_response(body: bytes) -> bytes:
    reply = types.GenerateContentResponse.model_validate_json(body)
    document = _conversions._convert_response_to_response_dict(reply)
    completion = _provider._convert_completion_response((document, GEMINI_MODEL))
    written: str = completion.model_dump_json()
    return written.encode()
