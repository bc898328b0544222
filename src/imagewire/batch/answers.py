"""Answers: how a line of results says what became of its request."""

from __future__ import annotations

import re

import msgspec
from msgspec import Raw, UnsetType

from imagewire.batch.envelopes import (
    NULL,
    Envelope,
    body_in,
    missing,
    object_in,
    status_in,
    text_in,
)
from imagewire.errors import MalformedError
from imagewire.messages import Reply
from imagewire.rules.error_bodies import is_failure

#: HTTP statuses for the codes of requests that OpenAI never ran.
_NEVER_RAN = {"batch_expired": 504, "batch_cancelled": 499}
#: The names of gRPC's codes, by number.
_GRPC = (
    *("OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND"),
    *("ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION"),
    *("ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS"),
    "UNAUTHENTICATED",
)

_HTTP_STATUS = re.compile(r"[1-5][0-9]{2}")
_HTTP_ERROR = re.compile(r"[45][0-9]{2}")

_encode = msgspec.json.encode


class ReplyLine(msgspec.Struct, frozen=True):
    """A reply out of its envelope, and the path of its body in the line."""

    reply: Reply
    path: str


def read_answer(envelope: Envelope, raw: Raw | UnsetType, path: str) -> ReplyLine:
    """The reply of a line: an error, else the response that is there, else what the status says.

    A status is that of HTTP, maybe as a text, a google.rpc.Status, or words, maybe with an error as
    JSON in them.
    """
    body, status = body_in(raw, path), status_in(envelope)
    if isinstance(status, str) and _HTTP_STATUS.fullmatch(status):
        status = int(status)
    http = status if type(status) is int and 100 <= status <= 599 else None
    if envelope.error != NULL:
        error = _with_status_name(bytes(envelope.error))
        return ReplyLine(Reply(b'{"error":%b}' % error, http or 200), "$")
    if body:
        return ReplyLine(Reply(body, http or 200), path)
    if isinstance(status, dict):
        error = _with_status_name(bytes(envelope.status))
        return ReplyLine(Reply(b'{"error":%b}' % error), "$.status")
    if isinstance(status, str) and status != "success":
        return _in_words(envelope, status)
    if http is not None and http >= 400:
        return ReplyLine(Reply(b"", http), path)
    if status is None or status == "success" or http is not None:
        raise missing(path)
    raise MalformedError("neither a status of HTTP, nor an error, nor its words", path="$.status")


def _in_words(envelope: Envelope, status: str) -> ReplyLine:
    """The failure that a status in words tells of, where LiteLLM has more words beside it."""
    document = status[status.find("{") :]
    if is_failure(document):
        return ReplyLine(Reply(document), "$.status")
    words = text_in(envelope.error_str, "$.error_str") or status
    code = str(object_in(envelope.error_information).get("error_code"))
    http = int(code) if _HTTP_ERROR.fullmatch(code) else 500
    return ReplyLine(Reply(words, http), "$.status")


def status_unless_run(error: bytes) -> int:
    """The status of a request that never reached the API; 200 if the error does not say it."""
    code = object_in(error).get("code")
    return _NEVER_RAN.get(code, 200) if isinstance(code, str) else 200


def _with_status_name(error: bytes) -> bytes:
    """Google's error with the name of its status, if it has only the number that gRPC uses."""
    document = object_in(error)
    code = document.get("code")
    if type(code) is int and 0 < code < len(_GRPC):
        return _encode({"status": _GRPC[code], **document, "code": None})
    return error
