"""OpenAI's error envelope, which chat and images share: ``{"error": {message, type, ...}}``.

Facts. The four keys: openai-openapi ``Error``; ``moderation_details`` beside them: newer moderation
errors. ``authentication_error``, ``permission_error``, ``not_found_error`` and ``overloaded_error``
are Anthropic's names, which gateways use in this envelope too. Some relays (OpenRouter) put the
HTTP status into ``code``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from imagewire.codec.document import encode
from imagewire.messages import Body, Headers, WireResponse, read_headers
from imagewire.model import Extra, Failure, FailureKind, Stage
from imagewire.redaction import clean
from imagewire.rules.failures import (
    KIND_OF_CODE,
    KIND_OF_TYPE,
    KIND_UNDER_SUCCESS,
    TABLE,
    error_object,
    failure_headers,
    kind_of_status,
    message_text,
    read_request_id,
    read_retry_headers,
    read_retry_words,
    written_status,
)

_FORMAT = "openai"
_NAMED = ("message", "type", "param", "code")
_STAGES: Mapping[Any, Stage] = {"input": "input", "output": "output"}


def read_failure(body: Body, *, status: int, headers: Headers = ()) -> Failure:
    """The failure of an error reply with any body; under a 2xx the body tells the status."""
    error, words = error_object(body)
    error = error or {}
    found = read_headers(headers)
    type_, code = error.get("type"), error.get("code")
    kind = _kind(status, type_, code)
    if status < 400:
        kind = kind or KIND_UNDER_SUCCESS.get(type_ if isinstance(type_, str) else "")
        status = _status_in(code) or (TABLE[kind].statuses[0] if kind else 500)
    kind = kind or _kind_of_conflict(type_, status) or kind_of_status(status)
    message = message_text(error.get("message") or words, status)
    retry_after = read_retry_headers(found)
    moderation = error.get("moderation_details")
    stage = moderation.get("moderation_stage") if isinstance(moderation, dict) else None
    well_formed = bool(_text(type_)) and isinstance(code, str | None) and not _status_in(code)
    should_retry = found.get("x-should-retry", "").lower()
    return Failure(
        kind=kind,
        message=message,
        status=status,
        retryable=should_retry == "true" or (TABLE[kind].retryable and should_retry != "false"),
        retry_after=read_retry_words(message) if retry_after is None else retry_after,
        param=_text(error.get("param")),
        code=None if _status_in(code) else _text(code),
        type=_text(type_),
        envelope="openai" if well_formed else None,
        stage=_STAGES.get(stage) if isinstance(stage, str) else None,
        request_id=read_request_id(found.get("x-request-id")),
        details=tuple(
            Extra(format=_FORMAT, path=(name,), value=value)
            for name, value in error.items()
            if name not in _NAMED and value is not None
        ),
    )


def write_failure(failure: Failure) -> WireResponse:
    """The error reply: all four keys, and headers that tell the SDK when to try again."""
    row = TABLE[failure.kind]
    ours = failure.envelope == "openai"
    error: dict[str, Any] = {
        "message": clean(failure.message),
        "type": failure.type if ours else row.type,
        "param": failure.param,
        "code": failure.code if ours or failure.code is not None else _default_code(failure),
    }
    if failure.stage is not None:
        error["moderation_details"] = {"moderation_stage": failure.stage}
    for extra in failure.details:
        if extra.format == _FORMAT:
            error[str(extra.path[0])] = extra.value
    return WireResponse(
        status=failure.status if ours else written_status(failure),
        headers=failure_headers(failure),
        body=encode({"error": error}),
    )


def _kind(status: int, type_: object, code: object) -> FailureKind | None:
    by_code = KIND_OF_CODE.get(code) if isinstance(code, str) else None
    by_type = KIND_OF_TYPE.get(type_) if isinstance(type_, str) else None
    kind = by_code or by_type
    if FailureKind.QUOTA in (by_code, by_type) or (
        status == 429 and FailureKind.BILLING in (by_code, by_type)
    ):
        return FailureKind.QUOTA
    return kind


def _kind_of_conflict(type_: object, status: int) -> FailureKind | None:
    """409 is a conflict, which may pass, unless the request is at fault: then it exists."""
    exists = status == 409 and type_ == TABLE[FailureKind.EXISTS].type
    return FailureKind.EXISTS if exists else None


def _status_in(code: object) -> int | None:
    number = int(code) if isinstance(code, str) and code.isdecimal() and len(code) == 3 else code
    return number if isinstance(number, int) and 400 <= number <= 599 else None


def _default_code(failure: Failure) -> str | None:
    about_model = failure.param == "model" or "model" in failure.message.lower()
    if failure.kind is FailureKind.NOT_FOUND and about_model:
        return "model_not_found"
    return TABLE[failure.kind].code


def _text(value: object) -> str | None:
    """A text; an empty one is absent, which gateways write for null."""
    return value if isinstance(value, str) and value else None
