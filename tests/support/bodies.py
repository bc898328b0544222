"""Bodies that many tests build and read: Gemini contents, chat messages, translated documents."""

from __future__ import annotations

import re
from typing import Any

import msgspec

import imagewire
from hub import MODEL
from imagewire.messages import WireResponse


def document(result: Any) -> Any:
    """The JSON of a result's body."""
    return msgspec.json.decode(bytes(result.body))


def contents(*parts: dict[str, Any]) -> dict[str, Any]:
    return {"contents": [{"role": "user", "parts": list(parts)}]}


def chat(*parts: dict[str, Any]) -> dict[str, Any]:
    return {"model": f"google/{MODEL}", "messages": [{"role": "user", "content": list(parts)}]}


def picture(url: str, **fields: Any) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": url, **fields}}


def translated(body: Any, target: str, source: str = "gemini", **options: Any) -> Any:
    """The translation of a request; a Gemini path names the model."""
    model = MODEL if source == "gemini" else None
    return imagewire.translate_request(
        body,
        source=imagewire.Endpoint(source, "generate", model),
        target=target,
        options=imagewire.Options(**options),
    )


def parts_of(result: imagewire.TranslatedRequest) -> Any:
    return document(result)["contents"][0]["parts"]


def snake(value: Any) -> Any:
    """The same document with snake_case keys."""
    if isinstance(value, dict):
        return {re.sub(r"([A-Z])", r"_\1", k).lower(): snake(v) for k, v in value.items()}
    return [snake(item) for item in value] if isinstance(value, list) else value


def error(written: WireResponse) -> dict[str, Any]:
    """The error object of a reply."""
    found: dict[str, Any] = document(written)["error"]
    return found


def details(written: WireResponse, name: str) -> list[dict[str, Any]]:
    """The google.rpc details of one type in an error reply."""
    kind = f"type.googleapis.com/google.rpc.{name}"
    return [item for item in error(written).get("details", []) if item["@type"] == kind]
