"""OpenAI's error envelope, which chat and images share: ``{"error": {message, type, ...}}``.

Facts. The four keys: openai-openapi ``Error``; ``moderation_details`` beside them: newer moderation
errors. ``authentication_error``, ``permission_error``, ``not_found_error`` and ``overloaded_error``
are Anthropic's names, which gateways use in this envelope too. Some relays (OpenRouter) put the
HTTP status into ``code``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from imagewire.codec.document import encode
from imagewire.messages import Body, Headers, WireResponse, read_headers
from imagewire.model import Extra, Failure, FailureKind, Stage
from imagewire.redaction import clean
from imagewire.rules.error_bodies import ErrorBody, read_error
from imagewire.rules.failures import (
    KIND_UNDER_SUCCESS,
    TABLE,
    failure_headers,
    kind_of_code,
    kind_of_status,
    kind_of_type,
    written_status,
)
from imagewire.rules.retry import read_retry_headers, read_retry_words, request_id_of

_FORMAT = "openai"
_NAMED = ("message", "type", "param", "code")
_STAGES: Mapping[Any, Stage] = {"input": "input", "output": "output"}


def read_failure(body: Body, *, status: int, headers: Headers = ()) -> Failure:
    """The failure of an error reply with any body; under a 2xx the body tells the status."""
    said = read_error(body, status)
    error, message = said.error, said.message
    found = read_headers(headers)
    type_, code = error.get("type"), error.get("code")
    kind = _kind(status, said)
    if status < 400:
        kind = kind or KIND_UNDER_SUCCESS.get(type_ if isinstance(type_, str) else "")
        status = _status_in(code) or (TABLE[kind].statuses[0] if kind else 500)
    kind = kind or _kind_of_conflict(type_, status) or kind_of_status(status)
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
        request_id=request_id_of(found),
        details=tuple(
            Extra(format=_FORMAT, path=(name,), value=value)
            for name, value in error.items()
            if name not in _NAMED and value is not None
        ),
    )


class FlatError(Protocol):
    """The fields of an error that is an event of a stream: openai SDK, ``ResponseErrorEvent``."""

    message: Any
    code: Any
    param: Any


def flat_error(event: FlatError) -> dict[str, Any]:
    """The body that says the same as an event whose fields are those of an error."""
    return {"error": {"message": event.message, "code": event.code, "param": event.param}}


def write_failure(failure: Failure) -> WireResponse:
    """The error reply, with headers that tell the SDK when to try again."""
    ours = failure.envelope == "openai"
    return WireResponse(
        status=failure.status if ours else written_status(failure),
        headers=failure_headers(failure),
        body=encode({"error": write_error(failure)}),
    )


def write_error(failure: Failure) -> dict[str, Any]:
    """The error object, with all four keys."""
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
    return error


def _kind(status: int, said: ErrorBody) -> FailureKind | None:
    metadata = said.error.get("metadata")
    if status == 403 and isinstance(metadata, dict) and metadata.get("reasons"):
        return FailureKind.CONTENT_BLOCKED  # OpenRouter: openrouter.ai/docs, errors
    by_code = next(filter(None, map(kind_of_code, said.codes)), None)
    by_type = kind_of_type(said.error.get("type"))
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
