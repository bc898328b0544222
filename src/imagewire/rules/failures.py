"""The table of failures, and what both error envelopes share: bodies, retry hints, request ids.

Facts. Google's statuses: googleapis ``google/rpc/code.proto``. OpenAI's types and codes: the API's
error reference and SDK classes. The openai SDK retries 408, 409, 429 and every 5xx unless
``x-should-retry`` says otherwise, so every failure that is not retryable says so.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from imagewire.codec.document import untyped
from imagewire.errors import MalformedError
from imagewire.messages import Body
from imagewire.model import Failure, FailureKind
from imagewire.redaction import clean, clean_tree

K = FailureKind
MAX_DELAY = 86_400.0  # seconds

_REQUEST_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")
_DURATION = re.compile(r"(-?\d{1,12}(?:\.\d{1,9})?)(ms|s)")
_RETRY_WORDS = re.compile(r"\bretry in (\d{1,12}(?:\.\d{1,12})?)(ms|s)\b", re.IGNORECASE)


class Row(msgspec.Struct, frozen=True):
    """What a kind of failure is called in each API; the first of ``statuses`` is written."""

    statuses: tuple[int, ...]
    google: str
    type: str
    code: str | None
    retryable: bool


TABLE: dict[FailureKind, Row] = {
    K.INVALID_REQUEST: Row((400,), "INVALID_ARGUMENT", "invalid_request_error", None, False),
    K.CONTENT_BLOCKED: Row(
        (400,), "INVALID_ARGUMENT", "image_generation_user_error", "moderation_blocked", False
    ),
    K.NO_IMAGE: Row(
        (400,), "INVALID_ARGUMENT", "image_generation_user_error", "no_image_generated", False
    ),
    K.PRECONDITION: Row((400,), "FAILED_PRECONDITION", "invalid_request_error", None, False),
    K.AUTHENTICATION: Row(
        (401,), "UNAUTHENTICATED", "invalid_request_error", "invalid_api_key", False
    ),
    K.BILLING: Row(
        (400, 402),
        "FAILED_PRECONDITION",
        "billing_limit_user_error",
        "billing_hard_limit_reached",
        False,
    ),
    K.PERMISSION: Row((403,), "PERMISSION_DENIED", "permission_error", None, False),
    K.NOT_FOUND: Row((404,), "NOT_FOUND", "invalid_request_error", None, False),
    K.TIMEOUT: Row((504, 408), "DEADLINE_EXCEEDED", "server_error", "timeout", True),
    K.EXISTS: Row((409,), "ALREADY_EXISTS", "invalid_request_error", None, False),
    K.CONFLICT: Row((409,), "ABORTED", "server_error", None, True),
    K.RATE_LIMIT: Row(
        (429,), "RESOURCE_EXHAUSTED", "rate_limit_error", "rate_limit_exceeded", True
    ),
    K.QUOTA: Row((429,), "RESOURCE_EXHAUSTED", "insufficient_quota", "insufficient_quota", False),
    K.CANCELLED: Row((499,), "CANCELLED", "server_error", None, False),
    K.INTERNAL: Row((500,), "INTERNAL", "server_error", None, True),
    K.UNIMPLEMENTED: Row((501,), "UNIMPLEMENTED", "invalid_request_error", None, False),
    K.UNAVAILABLE: Row(
        (503,), "UNAVAILABLE", "service_unavailable_error", "server_is_overloaded", True
    ),
}

#: The kind that a bare HTTP status tells; several kinds share 400, 409 and 429.
_OF_STATUS = {
    400: K.INVALID_REQUEST,
    402: K.BILLING,
    409: K.CONFLICT,
    429: K.RATE_LIMIT,
    **{
        status: kind
        for kind, row in TABLE.items()
        for status in row.statuses
        if status not in {400, 402, 409, 429}
    },
}


#: The kinds of OpenAI's codes, in any envelope; the 429 codes are all about money.
KIND_OF_CODE = {
    "moderation_blocked": K.CONTENT_BLOCKED,
    "content_policy_violation": K.CONTENT_BLOCKED,
    "content_filter": K.CONTENT_BLOCKED,
    "no_image_generated": K.NO_IMAGE,
    "invalid_api_key": K.AUTHENTICATION,
    "billing_hard_limit_reached": K.BILLING,
    "insufficient_quota": K.QUOTA,
    "credit_balance_exhausted": K.QUOTA,
    "organization_spend_limit_exceeded": K.QUOTA,
    "project_spend_limit_exceeded": K.QUOTA,
    "organization_usage_limit_exceeded": K.QUOTA,
    "model_not_found": K.NOT_FOUND,
    "rate_limit_exceeded": K.RATE_LIMIT,
    "slow_down": K.RATE_LIMIT,
    "timeout": K.TIMEOUT,
    "server_is_overloaded": K.UNAVAILABLE,
}

#: What types mean; some are Anthropic's, which gateways use in OpenAI's envelope too.
KIND_OF_TYPE = {
    "insufficient_quota": K.QUOTA,
    "billing_limit_user_error": K.BILLING,
    "authentication_error": K.AUTHENTICATION,
    "permission_error": K.PERMISSION,
    "not_found_error": K.NOT_FOUND,
    "rate_limit_error": K.RATE_LIMIT,
    "overloaded_error": K.UNAVAILABLE,
    "service_unavailable_error": K.UNAVAILABLE,
}
#: Further types that are read where the HTTP status is a success.
KIND_UNDER_SUCCESS = {
    "invalid_request_error": K.INVALID_REQUEST,
    "image_generation_user_error": K.INVALID_REQUEST,
}


def kind_of_status(status: int) -> FailureKind:
    """The kind that a bare HTTP status tells: outside the table, its class decides."""
    return _OF_STATUS.get(status) or (K.INVALID_REQUEST if status < 500 else K.INTERNAL)


def written_status(failure: Failure) -> int:
    """The HTTP status of a failure by the table; a number outside the table is kept."""
    row = TABLE[failure.kind]
    if failure.status in row.statuses[: 1 if failure.kind is K.BILLING else None]:
        return failure.status
    return row.statuses[0] if failure.status in _OF_STATUS else failure.status


def error_object(body: Body) -> tuple[dict[str, Any] | None, str]:
    """The ``error`` object of a body, if it has one, and the plain words of any other body.

    Unwraps ``[{"error": ...}]`` and, twice at most, an error kept in its ``message``, as JSON text
    or as it is.
    """
    if isinstance(body, Mapping):
        try:
            document = msgspec.to_builtins(dict(body), str_keys=True)
        except (TypeError, ValueError, OverflowError, RecursionError):
            return None, ""
    elif (document := _json(body)) is None:
        return None, _plain(body)
    error = _error_in(document)
    for _ in range(2):
        message = error.get("message") if isinstance(error, dict) else None
        if isinstance(message, str) and "{" in message:
            message = _json(message)
        nested = _error_in(message) if isinstance(message, dict | list) else None
        if not isinstance(nested, dict) or "message" not in nested:
            break
        error = {**error, **{name: item for name, item in nested.items() if item is not None}}
    if isinstance(error, dict):
        try:
            return clean_tree(error), ""
        except RecursionError:  # an error is never as deep as that
            return clean_tree({k: v for k, v in error.items() if isinstance(v, str)}), ""
    return None, error if isinstance(error, str) else ""


def is_failure(body: Body) -> bool:
    """Whether a reply's body says at its top that it is an error; a list may be around it."""
    document = body if isinstance(body, Mapping) else _json(body)
    if isinstance(document, list) and len(document) == 1:
        document = document[0]
    return isinstance(document, Mapping) and bool(document.get("error"))


def _error_in(document: Any) -> Any:
    """The ``error`` of a document, or the document itself where it is the error."""
    if isinstance(document, list) and document:
        document = document[0]
    return document.get("error", document) if isinstance(document, dict) else None


def _json(body: bytes | bytearray | memoryview | str) -> Any:
    try:
        return untyped(body)
    except MalformedError:
        return None


def _plain(body: bytes | bytearray | memoryview | str) -> str:
    """The words of a body that is no JSON: of HTML, its title."""
    text = body if isinstance(body, str) else bytes(body).decode("utf-8", "replace")
    text = text[:65_536]
    title = re.search(r"<title[^>]{0,200}>([^<]{1,500})</title>", text, re.IGNORECASE)
    if title:
        return title[1].strip()
    return "" if text.lstrip().startswith("<") else text.strip()


def message_text(message: object, status: int) -> str:
    """An upstream's message, cleaned; without one, a sentence that names the status."""
    words = clean(message).strip() if isinstance(message, str) else ""
    return (
        words.strip("\ufffd") and words
    ) or f"the upstream answered with HTTP status {status} and no message"


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
    """Seconds of a message's "Please retry in 45.8s."."""
    match = _RETRY_WORDS.search(message)
    return read_duration(match[1] + match[2].lower()) if match else None


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


def read_request_id(text: object) -> str | None:
    """A request id that is safe in a header, or None."""
    return text if isinstance(text, str) and _REQUEST_ID.fullmatch(text) else None


def failure_headers(failure: Failure) -> dict[str, str]:
    """Content type, request id and retry hints of an OpenAI-style error reply."""
    return dict(_failure_headers(failure))


def _failure_headers(failure: Failure) -> Iterator[tuple[str, str]]:
    yield "content-type", "application/json"
    if read_request_id(failure.request_id):  # a failure may be the caller's own
        yield "x-request-id", str(failure.request_id)
    if failure.retry_after is not None:
        exact = round(clamp(failure.retry_after) * 1000, 6)  # without the noise of floats
        milliseconds = math.ceil(exact)
        yield "retry-after", str(math.ceil(milliseconds / 1000))
        yield "retry-after-ms", str(milliseconds)
    if not failure.retryable:
        yield "x-should-retry", "false"
