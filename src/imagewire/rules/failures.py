"""The table of failures: what each kind is called in each API, and what types and codes mean.

Facts. Google's statuses: googleapis ``google/rpc/code.proto``. OpenAI's types and codes: the API's
error reference and SDK classes. The openai SDK retries 408, 409, 429 and every 5xx unless
``x-should-retry`` says otherwise, so every failure that is not retryable says so.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from imagewire.model import Failure, FailureKind
from imagewire.rules.retry import read_request_id, retry_headers

K = FailureKind


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
_KIND_OF_CODE = {
    **dict.fromkeys(
        # OpenAI and Azure, newer OpenAI models, Alibaba, new-api, and Google's image models
        (
            "moderation_blocked",
            "content_policy_violation",
            "image_content_policy_violation",
            "content_filter",
            "contentFilter",
            "ResponsibleAIPolicyViolation",
            "bio_policy",
            "misalignment_policy_violation",
            "DataInspectionFailed",
            "sensitive_words_detected",
            "prompt_blocked",
            "PUBLIC_ERROR_UNSAFE_GENERATION",
        ),
        K.CONTENT_BLOCKED,
    ),
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

# What types mean; some are Anthropic's, which gateways use in OpenAI's envelope too.
_KIND_OF_TYPE = {
    "content_filter": K.CONTENT_BLOCKED,
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


def kind_of_code(code: object) -> FailureKind | None:
    """The kind that a code tells, in any envelope; None for a code that is not listed."""
    if not isinstance(code, str):
        return None
    if code.endswith("SensitiveContentDetected"):  # Volcengine: InputImage..., OutputText...
        return K.CONTENT_BLOCKED
    return _KIND_OF_CODE.get(code)


def kind_of_type(type_: object) -> FailureKind | None:
    """The kind that an OpenAI-like type tells."""
    return _KIND_OF_TYPE.get(type_) if isinstance(type_, str) else None


def kind_of_status(status: int) -> FailureKind:
    """The kind that a bare HTTP status tells: outside the table, its class decides."""
    return _OF_STATUS.get(status) or (K.INVALID_REQUEST if status < 500 else K.INTERNAL)


def written_status(failure: Failure) -> int:
    """The HTTP status of a failure by the table; a number outside the table is kept."""
    row = TABLE[failure.kind]
    if failure.status in row.statuses[: 1 if failure.kind is K.BILLING else None]:
        return failure.status
    return row.statuses[0] if failure.status in _OF_STATUS else failure.status


def failure_headers(failure: Failure) -> dict[str, str]:
    """Content type, request id and retry hints of an OpenAI-style error reply."""
    return dict(_failure_headers(failure))


def _failure_headers(failure: Failure) -> Iterator[tuple[str, str]]:
    yield "content-type", "application/json"
    if read_request_id(failure.request_id):  # a failure may be the caller's own
        yield "x-request-id", str(failure.request_id)
    if failure.retry_after is not None:
        yield from retry_headers(failure.retry_after)
    if not failure.retryable:
        yield "x-should-retry", "false"
