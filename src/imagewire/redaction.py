"""Upstream texts made fit to show: no control characters, no keys, no payloads, no novels."""

from __future__ import annotations

import re
from typing import Any

_SENTENCE = 300  # characters
LIMIT = 4096  # bytes of UTF-8 that a message may have

_BREAKS = re.compile(r"[\t\n\r]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_KEY = re.compile(
    r"\b(?:sk|rk|pk|rh)[-_][A-Za-z0-9_-]{12,}"  # OpenAI's and the gateways' keys
    r"|\bAIza[A-Za-z0-9_-]{20,}"  # Google API keys
    r"|\bya29\.[A-Za-z0-9._-]{12,}"  # Google OAuth tokens
    r"|(?<=[?&]key=)[^&\s\"']+"
    r"|(?i:\bbearer\s+)[A-Za-z0-9._~+/=-]{12,}"
)
_PAYLOAD = re.compile(r"data:[A-Za-z0-9.+/-]*;base64,[A-Za-z0-9+/_=-]*|[A-Za-z0-9+/_-]{64,}={0,2}")


def clean(text: str) -> str:
    """A message on one line, without control characters, keys and base64 runs, cut at 4 KiB."""
    text = text[: 16 * LIMIT]  # more than enough, and a bound on the work below
    text = _CONTROL.sub("", _BREAKS.sub(" ", text))
    text = _KEY.sub("<key>", text)
    text = _PAYLOAD.sub("<data>", text)
    return text.encode("utf-8", "replace")[:LIMIT].decode("utf-8", "ignore")


def excerpt(text: str) -> str:
    """A sentence of our own that quotes a value: cleaned, and cut so that it stays a sentence."""
    text = clean(text)
    return text if len(text) <= _SENTENCE else f"{text[:_SENTENCE]}..."


def clean_tree(value: Any) -> Any:
    """Plain JSON data with every text in it cleaned."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list):
        return [clean_tree(item) for item in value]
    if isinstance(value, dict):
        return {clean(key): clean_tree(item) for key, item in value.items()}
    return value
