"""Failures: OpenAI's error envelope, and responses that failed under HTTP 200.

Facts (openai SDK 3.57, ``response_error.py``, 2026-11-26): a failed response has ``error`` with a
``code`` and a ``message``, no type. Its codes about the prompt and the pictures are the client's
fault. To another format it is a failure; in this one it stays what it is.
"""

from __future__ import annotations

from typing import Any, cast

from msgspec import structs

from imagewire.codec.document import encode, untyped
from imagewire.formats.shared import openai_error
from imagewire.messages import Body, Headers, WireResponse
from imagewire.model import Extra, Failure, FailureKind
from imagewire.rules.failures import failure_headers

_WHOLE = ("response",)  # the path of a failed response in a failure's details


def read_failure(body: Body, *, status: int, headers: Headers = ()) -> Failure:
    """The failure of an error reply with any body, or of a response that failed."""
    failure = openai_error.read_failure(body, status=status, headers=headers)
    if status >= 400:
        return failure
    blames = failure.code is not None and "image" in failure.code
    if failure.kind is FailureKind.INTERNAL and (blames or failure.code == "invalid_prompt"):
        kind = FailureKind.INVALID_REQUEST
        failure = structs.replace(failure, kind=kind, status=400, retryable=False)
    document: Any = untyped(body)
    if not isinstance(document, dict) or document.get("object") != "response":
        return failure
    whole = Extra(format="responses", path=_WHOLE, value=document, policy="silent")
    return structs.replace(failure, details=(*failure.details, whole))


def write_failure(failure: Failure) -> WireResponse:
    """The error reply, or the response that failed, if it was read from one."""
    for extra in failure.details:
        if extra.format == "responses" and extra.path == _WHOLE:
            body = encode(cast("dict[str, Any]", extra.value))
            return WireResponse(status=200, headers=failure_headers(failure), body=body)
    return openai_error.write_failure(failure)
