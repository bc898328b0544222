"""Texts without control characters, keys and payloads, cut to a length.

All texts that may end in a log or at a client go through here: messages of an upstream, sentences
of this library, and the reprs of values. A key or a base64 run shows as ``<key>`` or ``<data>``;
sentences and reprs quote at most 300 characters of a text and 64 of a field's name, and show
pictures by type and size. An upstream's error text passes up to 4 KiB, masked alike.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec
from msgspec import structs

from imagewire.patterns import pattern

_SENTENCE = 300  # characters
LIMIT = 4096  # bytes of UTF-8 that a message may have
_RUN = 64  # characters: base64 of that length is data, not a name

#: Characters of what is masked, if it has neither ":" nor "=".
SHORTEST = 12

_BREAKS = pattern(r"[\t\n\r]+")
_CONTROL = pattern(r"[\x00-\x1f\x7f-\x9f]")

# A secret, not a word, after "Bearer", "Basic" or a label: it has a digit, a hump or padding.
_TELLING = r"(?=[a-z._~+/-]*(?:\d|(?-i:[a-z][A-Z])|=|[._~+/]\w)|[^\s\"'&,;]{24})"
_TOKEN = _TELLING + r"[a-z0-9._~+/=-]{12,}"
# Between a label and its key, in a header, a query, a form or JSON; and the key.
_LABELLED = r"[\\\"']{0,2}\s{0,3}[:=]\s{0,3}[\\\"']{0,2})" + _TELLING + r"[^\s\"'&,;<>\\]{8,}"
# A key of hex letters alone: a request's or a trace's id of that shape is behind another word.
_HEX = r"(?: provided| is)?[\s:=\\\"']{1,8})[0-9a-f]{32,}(?![\w-])"

# By a sign that all keys of a group have: a small text without which there is no such key, and
# the key's shape, of which a group stays. Case does not matter: readers fold the case of names.
_SHAPES = {
    "-": (
        # OpenAI, Anthropic, the gateways; Groq, xAI, Perplexity: they speak OpenAI's formats too
        ("k-", r"\b[srp]k-[\w-]{12,}"),
        ("rh-", r"\brh-[\w-]{12,}"),
        ("xai-", r"\bxai-[a-z0-9]{20,}"),
        ("pplx-", r"\bpplx-[\w-]{12,}"),
        # What else lies about: GitLab, Slack, the keys of service accounts
        ("glpat-", r"\bglpat-[\w-]{12,}"),
        ("xox", r"\bxox[a-z]-[\w-]{10,}"),
        ("private key", r"-{5}begin [a-z ]{0,32}private key-{5}[^-]*(?:-{5}end [a-z ]{0,50}-{5})?"),
    ),
    "_": (
        # Hugging Face, Replicate; GitHub
        ("k_", r"\bg?[srp]k_[\w-]{12,}"),
        ("rh_", r"\brh_[\w-]{12,}"),
        ("hf_", r"\bhf_[a-z0-9]{20,}"),
        ("r8_", r"\br8_\w{12,}"),
        ("gh", r"\bgh[opsur]_\w{12,}"),
        ("github_pat_", r"\bgithub_pat_\w{12,}"),
    ),
    ".": (
        # Google: keys bound to a service account (Vertex express), OAuth tokens; RFC 7519
        ("aq.", r"\baq\.[\w-]{20,}"),
        ("ya29.", r"\bya29\.[\w.-]{12,}"),
        ("eyj", r"\beyj[\w-]{8,512}\.[\w-]{8,}(?:\.[\w-]*)?"),
    ),
    "": (
        ("akia", r"\bakia[a-z0-9]{16}\b"),  # AWS
        ("aiza", r"\baiza[\w-]{20,}"),  # Google's API keys
        # Keys without a shape of their own, after their labels
        ("bearer", r"\bbearer\s+" + _TOKEN),
        ("basic", r"\bbasic\s+" + _TOKEN),
        ("key=", r"([?&]key=)[^&\s\"']+"),
        ("key", r"(\b(?:x-goog-|x-)?api[-_ ]?key(?: provided)?" + _LABELLED + r"|(key" + _HEX),
        ("token", r"(\b(?:access|auth|refresh)[-_]token" + _LABELLED + r"|(token" + _HEX),
        ("secret", r"(\bclient[-_]secret" + _LABELLED + r"|(secret" + _HEX),
        ("://", r"(://)[^\s/?#@\"'<>\\]{1,256}(?=@)"),  # RFC 3986, 3.2.1: a user and a password
        ("sig", r"(\b(?:sig|x-(?:amz|goog)-signature)" + _LABELLED),
    ),
}
_KEYS = {
    sign: [(mark, pattern(shape, re.IGNORECASE)) for mark, shape in shapes]
    for sign, shapes in _SHAPES.items()
}
_DATA_URI = pattern(
    r"\bdata:(?:[\w.+-]{1,127}/[\w.+-]{1,127})?(?:;[^\s,;\"']{1,127}){0,4}?"
    r"(?:;base64,[\w+/=%\\-]*|,[^\s\"<>]*)",
    re.IGNORECASE,
)
# Words of less than 64 letters: there is no long run of base64 to look for closely.
_SHORT_WORDS = pattern(r"(?:[^ ]{0,63}+ )*+[^ ]{0,63}")
# As it is, in a query (%2B), and in the JSON of PHP (\/) and Google (\u003d).
_BASE64 = pattern(r"(?:[A-Za-z0-9+/_-]|%(?:2[BFbf]|3[Dd])|\\(?:/|u00(?:2[bfBF]|3[dD]))){64,}={0,2}")
# A payload, in lines or in one. What stands for its middle while that is cut out (`bypass`) is
# base64, too: both have to look alike here, wherever the text is cut afterwards.
_PAYLOAD = pattern(
    r"(?<![\w+/=-])(?:data:[^\s,:]*+,)?"
    r"(?:[\w+/=-]{64,}+(?:\r?\n[\w+/=-]++)*+|[\w+/=-]++(?:\r?\n[\w+/=-]++){3,}+)"
    r"(?![%\\])",
    re.ASCII | re.IGNORECASE,
)
_CUT = 188  # characters of a payload without its middle, at the least
# A resource name, which Google's messages quote: projects/P/locations/L/publishers/google/models/M.
_RESOURCE = pattern(r"(?:[a-z0-9_-]{0,63}/)+[a-z0-9_-]{0,63}")


def clean(text: str) -> str:
    """A message on one line, without control characters, keys and base64 runs, cut at 4 KiB."""
    if len(text) < SHORTEST and text.isprintable() and ":" not in text and "=" not in text:
        return text
    text = text if len(text) < _CUT else _beginning(text)
    if not text.isprintable():
        text = _CONTROL.sub("", _BREAKS.sub(" ", text))
    folded = text.lower()
    if "data:" in folded:
        text = _DATA_URI.sub("<data>", text)
    for sign, keys in _KEYS.items():
        if sign in folded:
            for mark, key in keys:
                if mark in folded:
                    text = key.sub(_masked_key, text)
    if len(text) >= _RUN and not _SHORT_WORDS.fullmatch(text):
        text = _BASE64.sub(_masked_run, text)
    if text.isascii() and len(text) <= LIMIT:  # as most are
        return text
    return text.encode("utf-8", "replace")[:LIMIT].decode("utf-8", "ignore")


def _beginning(text: str) -> str:
    """A text up to a bound, which is more than enough; its payloads are masked to their ends."""
    pieces: list[str] = []
    at, left = 0, 16 * LIMIT
    while found := _PAYLOAD.search(text, at, at + max(left, 0)):
        whole = _PAYLOAD.match(text, found.start()) or found
        pieces += text[at : found.start()], _masked_run(whole)
        left -= len(pieces[-1]) + found.start() - at
        at = whole.end()
    return "".join(pieces) + text[at : at + max(left, 0)]


def _masked_key(key: re.Match[str]) -> str:
    """A key, behind its label if it has one."""
    return (key[key.lastindex] if key.lastindex else "") + "<key>"


def _masked_run(run: re.Match[str]) -> str:
    """A long run of base64's letters is data, unless it is a path of small words."""
    is_path = run.end() - run.start() <= LIMIT and _RESOURCE.fullmatch(run[0])
    return run[0] if is_path else "<data>"


def excerpt(text: str) -> str:
    """A sentence of this library that quotes a value: cleaned, and cut at 300 characters."""
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
    """The repr of a field of a value: texts and plain data as excerpts."""
    if isinstance(value, str):
        return repr(excerpt(value))
    if isinstance(value, tuple):
        return f"({', '.join(map(show, value))})"
    try:
        return repr(value) if isinstance(value, msgspec.Struct) else excerpt(repr(value))
    except (ValueError, RecursionError):  # too many digits, or too deep
        return f"<{type(value).__name__}>"


def describe(value: msgspec.Struct) -> str:
    """The repr of a value that may land in a log: the fields that are not at their defaults."""
    fields = (
        f"{info.name}={show(said)}"
        for info in structs.fields(value)
        if (said := getattr(value, info.name)) != info.default
    )
    return f"{type(value).__name__}({', '.join(fields)})"
