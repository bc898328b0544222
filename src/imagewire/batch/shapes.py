"""Lines of batch files: a body in its envelope, four shapes, read and written.

Facts. OpenAI Batch (platform.openai.com/docs/guides/batch): ``custom_id``, ``method``, ``url``,
``body``; of a result, ``response`` with ``status_code``, ``request_id`` and ``body``, or an
``error`` for a request that never reached the API (``batch_expired``). Azure writes its ``url``
without ``/v1``. Gemini Batch (ai.google.dev/gemini-api/docs/batch-api): ``key`` and ``request``; of
a result, ``response``, or an ``error``, which is a google.rpc.Status: its code is that of gRPC
(google/rpc/code.proto). Vertex AI has no key; its results repeat the ``request`` and have a failure
as a text in ``status``. Logs have ``id`` and ``body``.
"""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Callable, Mapping
from functools import lru_cache
from operator import attrgetter
from typing import Any, Literal

import msgspec
from msgspec import UNSET, Raw, UnsetType

from imagewire.codec.document import untyped
from imagewire.endpoints import Endpoint, match_endpoint
from imagewire.errors import MalformedError
from imagewire.loss import C, Loss, lost
from imagewire.messages import Reply, Segment, TranslatedRequest, TranslatedResponse
from imagewire.paths import join
from imagewire.rules.error_bodies import is_failure

ShapeName = Literal["bare", "openai", "gemini", "id"]

#: HTTP statuses for the codes of requests that OpenAI never ran.
_NEVER_RAN = {"batch_expired": 504, "batch_cancelled": 499}
#: The names of gRPC's codes, by number.
_GRPC = (
    *("OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND"),
    *("ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION"),
    *("ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS"),
    "UNAUTHENTICATED",
)
_NULL = Raw(b"null")
_POST = Raw(b'"POST"')

_encode = msgspec.json.encode


class Envelope(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """The fields of all shapes of lines, not decoded."""

    custom_id: Raw | UnsetType = UNSET
    key: Raw | UnsetType = UNSET
    id: Raw | UnsetType = UNSET
    method: Raw = _POST
    url: Raw = _NULL
    body: Raw | UnsetType = UNSET
    request: Raw | UnsetType = UNSET
    response: Raw | UnsetType = UNSET
    error: Raw = _NULL
    status: Raw = _NULL
    processed_time: Raw = _NULL


class _LooseEnvelope(Envelope, forbid_unknown_fields=False):
    """The same, but other keys are ignored."""


class _Response(msgspec.Struct):
    """What OpenAI Batch has in ``response``."""

    body: Raw
    status_code: int = 200
    request_id: str | None = None


class RequestLine(msgspec.Struct, frozen=True):
    """A request out of its envelope: its body, the path of that in the line, and its endpoint."""

    body: bytes
    path: str
    endpoint: Endpoint | None = None


class ReplyLine(msgspec.Struct, frozen=True):
    """A reply out of its envelope, and the path of its body in the line."""

    reply: Reply
    path: str


class Shape(msgspec.Struct, frozen=True):
    """A shape of lines: how to read and to write it; ``known`` has all of its keys."""

    id_key: str
    known: frozenset[str]
    read_request: Callable[[Envelope, bytes], RequestLine]
    write_request: Callable[[str, TranslatedRequest], tuple[Segment, ...]]
    read_response: Callable[[Envelope, bytes], ReplyLine]
    write_response: Callable[[str, TranslatedResponse, int], tuple[Segment, ...]]


_decode = msgspec.json.Decoder(Envelope).decode
_decode_loosely = msgspec.json.Decoder(_LooseEnvelope).decode
_decode_keys = msgspec.json.Decoder(dict[str, Raw]).decode
_decode_id = msgspec.json.Decoder(str | int | None).decode
_decode_text = msgspec.json.Decoder(str | None).decode
_decode_response = msgspec.json.Decoder(_Response).decode


def open_line(line: bytes) -> Envelope:
    """The envelope of a line; raises `MalformedError` if it is not a JSON object."""
    try:
        return _decode(line)
    except (ValueError, RecursionError):
        pass  # it may have other keys, as bare bodies do
    try:
        return _decode_loosely(line.removeprefix(BOM_UTF8))
    except (ValueError, RecursionError):
        raise MalformedError("a line must be a JSON object") from None


def recognise(envelope: Envelope) -> ShapeName:
    """The shape of a line, by the keys that it has."""
    if envelope.custom_id is not UNSET:
        return "openai"
    if not UNSET is envelope.key is envelope.request is envelope.response:
        return "gemini"
    return "bare" if envelope.id is UNSET or envelope.body is UNSET else "id"


def read_id(envelope: Envelope, shape: Shape) -> str | None:
    """The id of a line, a number as its digits; None if it has none."""
    raw = getattr(envelope, shape.id_key, UNSET)
    if raw is UNSET:
        return None
    try:
        id_ = _decode_id(raw)
        return None if id_ is None else str(id_)
    except ValueError:
        raise MalformedError("an id must be a string", path=f"$.{shape.id_key}") from None


def unknown_fields(line: bytes, envelope: Envelope, shape: Shape) -> tuple[Loss, ...]:
    """The losses for fields of a line that its shape does not have."""
    if not shape.known:
        return ()
    others = _OTHERS[shape.id_key]
    if type(envelope) is Envelope and others(envelope) == others(_EMPTY):
        return ()
    return tuple(
        lost(C.UNKNOWN_FIELD, join("$", [key]), "a field of the line outside its body")
        for key, value in _decode_keys(line.removeprefix(BOM_UTF8)).items()
        if key not in shape.known and value != _NULL
    )


def _needed(raw: Raw | UnsetType, path: str) -> bytes:
    if raw is UNSET or raw == _NULL:
        name = path.rpartition(".")[2]
        raise MalformedError(f"Object missing required field `{name}`", path=path)
    return bytes(raw)


def _text(raw: Raw, path: str) -> str:
    try:
        return _decode_text(raw) or ""
    except ValueError:
        raise MalformedError("Expected `str`", path=path) from None


def _read_bare_request(_: Envelope, line: bytes) -> RequestLine:
    return RequestLine(line, "$")


def _write_bare_request(_: str, request: TranslatedRequest) -> tuple[Segment, ...]:
    return (*request.body, b"\n")


def _read_bare_response(_: Envelope, line: bytes) -> ReplyLine:
    return ReplyLine(Reply(line), "$")


def _write_bare_response(_: str, reply: TranslatedResponse, __: int) -> tuple[Segment, ...]:
    return (*reply.body, b"\n")


def _read_openai_request(envelope: Envelope, _: bytes) -> RequestLine:
    endpoint = _endpoint(bytes(envelope.method), bytes(envelope.url))
    return RequestLine(_needed(envelope.body, "$.body"), "$.body", endpoint)


def _write_openai_request(id_: str, request: TranslatedRequest) -> tuple[Segment, ...]:
    fields = b'"method":"POST","url":%b' % _encode(request.path)
    return (b'{"custom_id":%b,%b,"body":' % (_encode(id_), fields), *request.body, b"}\n")


def _read_openai_response(envelope: Envelope, _: bytes) -> ReplyLine:
    if envelope.response is UNSET or envelope.response == _NULL:
        error = _needed(envelope.error, "$.response")
        return ReplyLine(Reply(b'{"error":%b}' % error, _never_ran(error)), "$")
    try:
        response = _decode_response(envelope.response)
    except ValueError:
        raise MalformedError("not a result of OpenAI Batch", path="$.response") from None
    headers = {"x-request-id": response.request_id or ""}
    return ReplyLine(Reply(bytes(response.body), response.status_code, headers), "$.response.body")


def _write_openai_response(id_: str, reply: TranslatedResponse, number: int) -> tuple[Segment, ...]:
    head = b'{"id":"batch_req_%d","custom_id":%b,"response":{"status_code":%d,"request_id":%b' % (
        number,
        _encode(id_),
        reply.status,
        _encode(reply.headers.get("x-request-id", "")),
    )
    return (head + b',"body":', *reply.body, b'},"error":null}\n')


def _read_gemini_request(envelope: Envelope, _: bytes) -> RequestLine:
    return RequestLine(_needed(envelope.request, "$.request"), "$.request")


def _write_gemini_request(id_: str, request: TranslatedRequest) -> tuple[Segment, ...]:
    return (b'{"key":%b,"request":' % _encode(id_), *request.body, b"}\n")


def _read_gemini_response(envelope: Envelope, _: bytes) -> ReplyLine:
    if envelope.error != _NULL:
        return ReplyLine(Reply(b'{"error":%b}' % _with_status_name(bytes(envelope.error))), "$")
    words = _text(envelope.status, "$.status")
    if words:
        document = words[words.find("{") :]
        is_error = is_failure(document)
        return ReplyLine(Reply(document) if is_error else Reply(words, 500), "$.status")
    return ReplyLine(Reply(_needed(envelope.response, "$.response")), "$.response")


def _write_gemini_response(id_: str, reply: TranslatedResponse, _: int) -> tuple[Segment, ...]:
    head = b'{"key":%b,' % _encode(id_)
    if reply.status < 400:
        return (head + b'"response":', *reply.body, b"}\n")
    return (head, bytes(reply.body)[1:], b"\n")  # an error's body has that one key


def _read_id_request(envelope: Envelope, _: bytes) -> RequestLine:
    return RequestLine(_needed(envelope.body, "$.body"), "$.body")


def _write_id_request(id_: str, request: TranslatedRequest) -> tuple[Segment, ...]:
    return (b'{"id":%b,"body":' % _encode(id_), *request.body, b"}\n")


def _read_id_response(envelope: Envelope, _: bytes) -> ReplyLine:
    return ReplyLine(Reply(_needed(envelope.body, "$.body")), "$.body")


def _write_id_response(id_: str, reply: TranslatedResponse, _: int) -> tuple[Segment, ...]:
    return (b'{"id":%b,"body":' % _encode(id_), *reply.body, b"}\n")


@lru_cache(maxsize=64)
def _endpoint(method: bytes, url: bytes) -> Endpoint | None:
    """The endpoint that a method and a url name; None without a url."""
    verb, path = _text(Raw(method), "$.method"), _text(Raw(url), "$.url")
    if not path:
        return None
    endpoint = match_endpoint(verb, path) or match_endpoint(verb, f"/v1{path}")
    if endpoint is None:
        raise MalformedError(f"{verb} {path} is not an endpoint for images", path="$.url")
    return endpoint


def _never_ran(error: bytes) -> int:
    """The status of a request that never reached the API; 200 if the error does not say it."""
    code = _object(error).get("code")
    return _NEVER_RAN.get(code, 200) if isinstance(code, str) else 200


def _with_status_name(error: bytes) -> bytes:
    """Google's error with the name of its status, if it has only the number that gRPC uses."""
    document = _object(error)
    code = document.get("code")
    if type(code) is int and 0 < code < len(_GRPC):
        return _encode({"status": _GRPC[code], **document, "code": None})
    return error


def _object(error: bytes) -> dict[str, Any]:
    """An error as plain data; empty if it is not an object."""
    document = untyped(error)
    return document if isinstance(document, dict) else {}


#: The shapes by name.
SHAPES: Mapping[ShapeName, Shape] = {
    "bare": Shape(
        "",
        frozenset(),
        _read_bare_request,
        _write_bare_request,
        _read_bare_response,
        _write_bare_response,
    ),
    "openai": Shape(
        "custom_id",
        frozenset({"id", "custom_id", "method", "url", "body", "response", "error"}),
        _read_openai_request,
        _write_openai_request,
        _read_openai_response,
        _write_openai_response,
    ),
    "gemini": Shape(
        "key",
        frozenset({"key", "request", "response", "error", "status", "processed_time"}),
        _read_gemini_request,
        _write_gemini_request,
        _read_gemini_response,
        _write_gemini_response,
    ),
    "id": Shape(
        "id",
        frozenset({"id", "body"}),
        _read_id_request,
        _write_id_request,
        _read_id_response,
        _write_id_response,
    ),
}

#: For each shape, by its id key, what gets the fields of an envelope that it does not have.
_OTHERS = {
    shape.id_key: attrgetter(*(set(Envelope.__struct_fields__) - shape.known))
    for shape in SHAPES.values()
}
_EMPTY = Envelope()
