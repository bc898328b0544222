"""Upstream texts made fit to show: no control characters, no keys, no payloads, no novels."""

from __future__ import annotations

import re

LIMIT = 4096  # bytes of UTF-8 that a message may have

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_KEY = re.compile(
    r"\b(?:sk|rk|pk|rh)[-_][A-Za-z0-9_-]{12,}"  # OpenAI's and the gateways' keys
    r"|\bAIza[A-Za-z0-9_-]{20,}"  # Google API keys
    r"|\bya29\.[A-Za-z0-9._-]{12,}"  # Google OAuth tokens
    r"|(?<=[?&]key=)[^&\s\"']+"
    r"|(?i:\bbearer\s+)[A-Za-z0-9._~+/=-]{12,}"
)
_PAYLOAD = re.compile(r"(?:data:[A-Za-z0-9.+/-]*;base64,)?[A-Za-z0-9+/_-]{128,}={0,2}")


def clean(text: str) -> str:
    """A message without control characters, keys and base64 runs, cut at 4 KiB."""
    text = text[: 16 * LIMIT]  # more than enough, and a bound on the work below
    text = _CONTROL.sub("", text)
    text = _KEY.sub("<key>", text)
    text = _PAYLOAD.sub("<data>", text)
    raw = text.encode("utf-8", "replace")
    return raw[:LIMIT].decode("utf-8", "ignore") if len(raw) > LIMIT else text
