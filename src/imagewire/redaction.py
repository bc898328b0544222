"""What may be said: no control characters, no keys, no payloads, no novels.

Whatever lands in a log or in front of a stranger goes through here: upstream texts that pass, our
own sentences, and the reprs of values. A key or a base64 run shows as ``<key>`` or ``<data>``; our
own sentences and the reprs quote at most 300 characters.
"""

from __future__ import annotations

import re
from typing import Any

import attrs

_SENTENCE = 300  # characters
LIMIT = 4096  # bytes of UTF-8 that a message may have

_BREAKS = re.compile(r"[\t\n\r]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")

# What tells a secret from a word after "Bearer", "Basic" or a label: a digit, a hump or padding.
_TELLING = r"(?=[A-Za-z._~+/-]*(?:\d|(?-i:[a-z][A-Z])|=|[._~+/]\w)|[^\s\"'&,;]{24})"
_KEY = re.compile(
    r"\b(?:sk|rk|pk|rh)[-_][A-Za-z0-9_-]{12,}"  # OpenAI's, Anthropic's and the gateways' keys
    r"|\b(?:gsk_|xai-|hf_)[A-Za-z0-9]{20,}"  # Groq, xAI, Hugging Face: OpenAI-style upstreams
    r"|\bAIza[A-Za-z0-9_-]{20,}"  # Google API keys
    r"|\bAQ\.[A-Za-z0-9_-]{20,}"  # Google API keys bound to a service account (Vertex express)
    r"|\bya29\.[A-Za-z0-9._-]{12,}"  # Google OAuth tokens
    r"|\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?"  # JSON web tokens
    r"|-----BEGIN [A-Z ]{0,32}PRIVATE KEY-----[^-]*(?:-----END [A-Z ]{0,32}PRIVATE KEY-----)?"
    r"|(?<=[?&]key=)[^&\s\"']+"
    r"|\b(?:bearer|basic)\s+" + _TELLING + r"[A-Za-z0-9._~+/=-]{12,}",
    re.IGNORECASE,  # readers fold the case of names
)
# A key whose shape says nothing, behind its name: a header, a query, a form, JSON.
_LABELLED = re.compile(
    r"(\b(?:x-goog-api-key|(?:x-)?api[-_ ]?key(?: provided)?|(?:access|auth)[-_]token|client_secret"
    r"|x-amz-signature|x-goog-signature|sig)[\\\"']{0,2}\s{0,3}[:=]\s{0,3}[\\\"']{0,2})"
    + _TELLING
    + r"[^\s\"'&,;<>\\]{8,}",
    re.IGNORECASE,
)
_DATA_URI = re.compile(
    r"\bdata:(?:[\w.+-]{1,127}/[\w.+-]{1,127})?(?:;[^\s,;\"']{1,127}){0,4}?"
    r"(?:;base64,[\w+/=%\\-]*|,[^\s\"<>]*)",
    re.IGNORECASE,
)
# As it is, in a query (%2B), and in the JSON of PHP (\/) and Google (\u003d).
_BASE64 = re.compile(
    r"(?:[A-Za-z0-9+/_-]|%(?:2[BFbf]|3[Dd])|\\(?:/|u00(?:2[bfBF]|3[dD]))){64,}={0,2}"
)
# A resource name, which Google's messages quote: projects/P/locations/L/publishers/google/models/M.
_RESOURCE = re.compile(r"(?:[a-z0-9_-]{0,63}/)+[a-z0-9_-]{0,63}")


def clean(text: str) -> str:
    """A message on one line, without control characters, keys and base64 runs, cut at 4 KiB."""
    text = text[: 16 * LIMIT]  # more than enough, and a bound on the work below
    text = _CONTROL.sub("", _BREAKS.sub(" ", text))
    text = _DATA_URI.sub("<data>", text)
    text = _KEY.sub("<key>", text)
    text = _LABELLED.sub(r"\1<key>", text)
    text = _BASE64.sub(_masked, text)
    return text.encode("utf-8", "replace")[:LIMIT].decode("utf-8", "ignore")


def _masked(run: re.Match[str]) -> str:
    """A long run of base64's letters is data, unless it is a path of small words."""
    return run[0] if _RESOURCE.fullmatch(run[0]) else "<data>"


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


def show(value: object) -> str:
    """The repr of a field of a value: texts and plain data as excerpts, values as they show."""
    if isinstance(value, str):
        return repr(excerpt(value))
    if isinstance(value, tuple):
        return f"({', '.join(map(show, value))})"
    return repr(value) if attrs.has(type(value)) else excerpt(repr(value))


def discreet(_kind: type, fields: list[attrs.Attribute[Any]]) -> list[attrs.Attribute[Any]]:
    """A ``field_transformer``: the class's repr may land in a log, so its fields are shown."""
    return [field.evolve(repr=show) if field.repr is True else field for field in fields]
