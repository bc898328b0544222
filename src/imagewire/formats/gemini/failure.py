"""Gemini failures: Google's error envelope, both ways.

Facts. The envelope: ``{"error": {code, message, status, details}}``, where ``code`` is the HTTP
status; details: googleapis ``google/rpc/error_details.proto``. An invalid key is a 400 with the
reason API_KEY_INVALID (ai.google.dev/gemini-api/docs/troubleshooting). A refusal is no error of
this API: it is a 200 with a block reason or a finish reason.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import structs

from imagewire.codec.document import encode
from imagewire.formats.gemini import wire
from imagewire.messages import JSON_TYPE, Body, Headers, WireResponse, read_headers
from imagewire.model import Extra, Failure, FailureKind
from imagewire.redaction import clean
from imagewire.rules.error_bodies import read_error
from imagewire.rules.failures import TABLE, kind_of_code, kind_of_status
from imagewire.rules.retry import (
    clamp,
    read_duration,
    read_request_id,
    read_retry_headers,
    read_retry_words,
    request_id_of,
)

_FORMAT = "gemini"
_TYPE = "type.googleapis.com/google.rpc."
_OPENAI = "openai"  # the domain of an ErrorInfo that carries an OpenAI code

#: Names that are read, but never written.
_ALSO_READ = {
    "OUT_OF_RANGE": FailureKind.INVALID_REQUEST,
    "UNKNOWN": FailureKind.INTERNAL,
    "DATA_LOSS": FailureKind.INTERNAL,
}
_SHARED = (
    FailureKind.CONTENT_BLOCKED,
    FailureKind.NO_IMAGE,
    FailureKind.BILLING,
    FailureKind.QUOTA,
)
_OF_STATUS = {
    **{row.google: kind for kind, row in TABLE.items() if kind not in _SHARED},
    **_ALSO_READ,
}


def read_failure(body: Body, *, status: int, headers: Headers = ()) -> Failure:
    """The failure of an error reply with any body; under a 2xx the body tells the status."""
    said = read_error(body, status)
    error, message = said.error, said.message
    found = read_headers(headers)
    details = [item for item in _list(error.get("details")) if isinstance(item, dict)]
    code, native = error.get("code"), error.get("status")
    native = native if isinstance(native, str) else None
    if status < 400:
        told = code if isinstance(code, int) and 400 <= code <= 599 else None
        status = told or (_http(native) if native in _OF_STATUS else 500)
    reason = _openai_reason(details)
    kind = _kind(status, native, details, reason)
    return Failure(
        kind=kind,
        message=message,
        status=status,
        retryable=TABLE[kind].retryable and native != "DATA_LOSS",
        retry_after=_retry_after(details, found, message),
        param=_field(details),
        code=reason,
        native_status=native,
        envelope="google" if native in _OF_STATUS and code == status == _http(native) else None,
        request_id=_request_id(details, found),
        details=(Extra(format=_FORMAT, path=("details",), value=details),) if details else (),
    )


def write_failure(failure: Failure) -> WireResponse:
    """The error reply; a refusal is a 200 with a block reason or a candidate without an image."""
    failure = structs.replace(failure, message=clean(failure.message))
    if failure.kind is FailureKind.CONTENT_BLOCKED:
        return _reply(200, _blocked(failure))
    if failure.kind is FailureKind.NO_IMAGE:
        content = wire.Content(role="model", parts=[wire.Part(text=failure.message)])
        candidate = wire.Candidate(content=content, finish_reason="NO_IMAGE")
        return _reply(200, wire.Response(candidates=[candidate]))
    ours = failure.envelope == "google" and failure.native_status is not None
    native = failure.native_status if ours else None
    name = native or TABLE[failure.kind].google
    status = _http(name)
    error: dict[str, Any] = {"code": status, "message": failure.message, "status": name}
    kept = [extra.value for extra in failure.details if extra.format == _FORMAT]
    details = list(kept[0]) if ours and kept else []
    there = [item.get("@type") for item in details]
    details += [item for item in _write_details(failure) if item["@type"] not in there]
    if details:
        error["details"] = details
    return _reply(status, {"error": error})


def _blocked(failure: Failure) -> wire.Response:
    if failure.stage == "output":
        candidate = wire.Candidate(finish_reason="IMAGE_SAFETY", finish_message=failure.message)
        return wire.Response(candidates=[candidate])
    feedback = wire.PromptFeedback(block_reason="SAFETY", block_reason_message=failure.message)
    return wire.Response(prompt_feedback=feedback)


def _reply(status: int, document: object) -> WireResponse:
    return WireResponse(status=status, headers={"content-type": JSON_TYPE}, body=encode(document))


def _http(native: str) -> int:
    """The HTTP status of a Google status name: google/rpc/code.proto."""
    return TABLE[_OF_STATUS[native]].statuses[0]


def _kind(
    status: int, native: str | None, details: list[dict[str, Any]], reason: str | None
) -> FailureKind:
    if any(item.get("reason") == "API_KEY_INVALID" for item in details):
        return FailureKind.AUTHENTICATION
    reasons = [reason, *(item.get("reason") for item in details)]
    told = next(filter(None, map(kind_of_code, reasons)), None)
    if told is FailureKind.BILLING and status == 429:
        return FailureKind.QUOTA
    if told is not None:
        return told
    kind = _OF_STATUS.get(native or "") or kind_of_status(status)
    if kind is FailureKind.RATE_LIMIT and any(map(_is_daily, _violations(details))):
        return FailureKind.QUOTA
    return kind


def _openai_reason(details: list[dict[str, Any]]) -> str | None:
    reasons = (item.get("reason") for item in details if item.get("domain") == _OPENAI)
    return next((reason for reason in reasons if isinstance(reason, str)), None)


def _violations(details: list[dict[str, Any]]) -> Iterator[Any]:
    for item in details:
        yield from _list(item.get("violations"))


def _is_daily(violation: object) -> bool:
    return isinstance(violation, dict) and "PerDay" in str(violation.get("quotaId"))


def _field(details: list[dict[str, Any]]) -> str | None:
    for item in details:
        for violation in _list(item.get("fieldViolations")):
            field = violation.get("field") if isinstance(violation, dict) else None
            if isinstance(field, str) and field:
                return field
    return None


def _retry_after(
    details: list[dict[str, Any]], headers: dict[str, str], message: str
) -> float | None:
    delays = (read_duration(item.get("retryDelay")) for item in details)
    delay = next((delay for delay in delays if delay is not None), None)
    if delay is None:
        delay = read_retry_headers(headers)
    return read_retry_words(message) if delay is None else delay


def _request_id(details: list[dict[str, Any]], headers: dict[str, str]) -> str | None:
    ids = (read_request_id(item.get("requestId")) for item in details)
    return next(filter(None, ids), None) or request_id_of(headers)


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _write_details(failure: Failure) -> Iterator[dict[str, Any]]:
    if failure.param is not None:
        violation = {"field": failure.param, "description": failure.message}
        yield {"@type": f"{_TYPE}BadRequest", "fieldViolations": [violation]}
    row = TABLE[failure.kind]
    code = failure.code or (row.code if failure.kind in _SHARED else None)
    if code is not None and (code != row.code or failure.kind in _SHARED):
        yield {"@type": f"{_TYPE}ErrorInfo", "reason": code, "domain": _OPENAI}
    if failure.retry_after is not None:
        yield {"@type": f"{_TYPE}RetryInfo", "retryDelay": _duration(failure.retry_after)}
    if failure.request_id is not None:
        yield {"@type": f"{_TYPE}RequestInfo", "requestId": failure.request_id}


def _duration(seconds: float) -> str:
    """A Duration as protobuf's JSON has it: 0, 3, 6 or 9 decimals."""
    nanos = round(clamp(seconds) * 1e9)
    whole, rest = divmod(nanos, 1_000_000_000)
    digits = next(digits for digits in (0, 3, 6, 9) if rest % 10 ** (9 - digits) == 0)
    fraction = f".{rest // 10 ** (9 - digits):0{digits}d}" if digits else ""
    return f"{whole}{fraction}s"
