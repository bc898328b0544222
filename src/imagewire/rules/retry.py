"""Hints of an upstream's reply for whoever asks again: when, and under which request id.

Facts (2026-11-26). A Duration is protobuf's JSON; Google writes "Please retry in 45.8s.", OpenAI
"Please try again in 20ms.", "in 6m0s", gateways "retry after 38 seconds". The openai SDK reads
``retry-after-ms``, then ``Retry-After``. Azure's gateway has ``apim-request-id``.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping

from imagewire.patterns import pattern

MAX_DELAY = 86_400.0  # seconds

_REQUEST_ID = pattern(r"[A-Za-z0-9._:-]{1,128}")
_ID_HEADERS = ("x-request-id", "request-id", "apim-request-id")
_NUMBER = r"\d{1,12}(?:\.\d{1,12})?"
_DURATION = pattern(rf"(-?{_NUMBER})(ms|s)")
_UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
_UNIT = r"(?:ms|milliseconds?|s|secs?|seconds?|m|mins?|minutes?|h|hours?)"
_RETRY_WORDS = pattern(
    rf"\b(?:retry|try again)\s(?:in|after)\s((?:{_NUMBER}\s?{_UNIT}\b\s?|{_NUMBER}[hm](?=\d))+)",
    re.IGNORECASE,
)
_PIECE = pattern(rf"({_NUMBER})\s?(ms|mil|[hms])", re.IGNORECASE)


def clamp(seconds: float) -> float:
    """A delay between now and a day."""
    return min(max(seconds, 0.0), MAX_DELAY)


def read_duration(text: object) -> float | None:
    """Seconds of a Duration: ``39s``, ``1.5s``, ``373.8ms``."""
    match = _DURATION.fullmatch(text.strip()) if isinstance(text, str) else None
    if not match:
        return None
    return clamp(float(match[1]) / (1000 if match[2] == "ms" else 1))


def read_retry_words(message: str) -> float | None:
    """Seconds of a message's "Please retry in 45.8s.", "try again in 1m2.5s"."""
    match = _RETRY_WORDS.search(message) if "try" in message.lower() else None
    if match is None:
        return None
    seconds = 0.0
    for number, unit in _PIECE.findall(match[1]):
        seconds += float(number) * _UNITS["ms" if unit.lower() == "mil" else unit.lower()]
    return clamp(seconds)


def read_retry_headers(headers: dict[str, str]) -> float | None:
    """Seconds of ``retry-after-ms``, else of ``Retry-After``; a date counts from ``Date``."""
    for name, unit in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        text = headers.get(name, "").strip()
        if not text:
            continue
        try:
            seconds = float(text) / unit
        except ValueError:
            seconds = _between(headers.get("date", ""), text)
        if math.isfinite(seconds):
            return clamp(seconds)
    return None


def _between(start: str, end: str) -> float:
    from email.utils import parsedate_to_datetime  # noqa: PLC0415 - slow, and dates are rare

    try:
        return (parsedate_to_datetime(end) - parsedate_to_datetime(start)).total_seconds()
    except (ValueError, TypeError, OverflowError):
        return math.nan


def retry_headers(seconds: float) -> Iterator[tuple[str, str]]:
    """A delay as the headers that the openai SDK reads: whole seconds, and milliseconds."""
    exact = round(clamp(seconds) * 1000, 6)  # without the noise of floats
    milliseconds = math.ceil(exact)
    yield "retry-after", str(math.ceil(milliseconds / 1000))
    yield "retry-after-ms", str(milliseconds)


def read_request_id(text: object) -> str | None:
    """A request id that is safe in a header, or None."""
    return text if isinstance(text, str) and _REQUEST_ID.fullmatch(text) else None


def request_id_of(headers: Mapping[str, str]) -> str | None:
    """The request id that an upstream's reply names in its headers, in lower case, or None."""
    found = (read_request_id(headers.get(name)) for name in _ID_HEADERS)
    return next(filter(None, found), None)
