"""Lines of batch files: a body in its envelope, five shapes, read and written.

Facts, checked 2026-11-26. OpenAI Batch (platform.openai.com/docs/guides/batch): ``custom_id``,
``method``, ``url``, ``body``; of a result, ``response`` with ``status_code``, ``request_id`` and
``body``, or an ``error`` for a request that never reached the API (``batch_expired``). Azure writes
its ``url`` without ``/v1``. A file has one url and one model, at most 50 000 lines and 200 MB (the
docstring of ``batches.create`` in openai 3.57). Gemini Batch
(ai.google.dev/gemini-api/docs/batch-api): ``key`` and ``request``, or ``metadata.key`` in inlined
jobs; of a result, ``response``, or an ``error`` or ``status``, which is a google.rpc.Status: its
code is that of gRPC (google/rpc/code.proto). A file has at most 2 GB, a job one model, which its
lines do not name. Rows of Vertex AI have no key; its results repeat the ``request`` and have a
failure as a text in ``status``; in BigQuery the same columns hold JSON as text.

Logs have ``id``, ``path``, ``status`` and ``body``, or what LiteLLM writes
(``StandardLoggingPayload``): ``id``, a ``status`` in words, ``response``, ``error_str``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from operator import attrgetter
from typing import Literal

import msgspec
from msgspec import UNSET, Raw

from imagewire.batch.answers import ReplyLine, read_answer, status_unless_run
from imagewire.batch.envelopes import (
    NULL,
    Envelope,
    body_in,
    count_in,
    decoded,
    id_in,
    is_key_alone,
    metadata_key,
    missing,
    needed,
    others_of,
    text_in,
    unwrapped,
)
from imagewire.batch.labels import read_label_id, with_label_id
from imagewire.endpoints import Endpoint, match_endpoint
from imagewire.errors import MalformedError
from imagewire.loss import Loss
from imagewire.messages import Reply, Segment, TranslatedRequest, TranslatedResponse

ShapeName = Literal["bare", "openai", "gemini", "vertex", "id"]

_encode = msgspec.json.encode


class _Response(msgspec.Struct):
    """What OpenAI Batch has in ``response``."""

    body: Raw
    status_code: int = 200
    request_id: str | None = None


class RequestLine(msgspec.Struct, frozen=True):
    """A request out of its envelope: its body, the path of that in the line, and its endpoint.

    ``repeat`` is how often the line says that it is to be sent.
    """

    body: bytes
    path: str
    endpoint: Endpoint | None = None
    repeat: int = 1


class Limits(msgspec.Struct, frozen=True):
    """What a batch API takes in one file."""

    lines: int
    bytes: int


class Shape(msgspec.Struct, frozen=True):
    """A shape of lines: how to read and to write it; ``known`` has all of its keys.

    ``limits`` are those of a file of such lines. Lines that ``mix`` say themselves where each goes,
    and how often, so a file may have any of them.
    """

    read_id: Callable[[Envelope], str | None]
    known: frozenset[str]
    read_request: Callable[[Envelope, bytes], RequestLine]
    write_request: Callable[[str, TranslatedRequest], tuple[Segment, ...]]
    read_response: Callable[[Envelope, bytes], ReplyLine]
    write_response: Callable[[str, TranslatedResponse, int], tuple[Segment, ...]]
    limits: Limits | None = None
    mixes: bool = False


_decode_response = msgspec.json.Decoder(_Response).decode


def recognise(envelope: Envelope) -> ShapeName:
    """The shape of a line, by the keys that it has."""
    if envelope.custom_id is not UNSET:
        return "openai"
    if envelope.key is not UNSET:
        return "gemini"
    bodies = envelope.body, envelope.request, envelope.response
    if envelope.id is not UNSET:
        # What else has an id and a status in words is a reply of the Responses API.
        answered = bodies != (UNSET, UNSET, UNSET) or bytes(envelope.status)[:1].isdigit()
        return "id" if answered else "bare"
    if metadata_key(envelope) is not UNSET and (
        bodies[1:] != (UNSET, UNSET) or envelope.error != NULL or envelope.status != NULL
    ):
        return "gemini"
    if envelope.request is not UNSET:
        return "vertex"
    return "bare" if envelope.response is UNSET else "gemini"


def unknown_fields(line: bytes, envelope: Envelope, shape: Shape) -> tuple[Loss, ...]:
    """The losses for fields of a line that its shape does not have."""
    if not shape.known:
        return ()
    others = _OTHERS[shape.known]
    if type(envelope) is Envelope and others(envelope) == others(_EMPTY):
        return ()
    in_metadata = shape is SHAPES["gemini"] and envelope.key is UNSET
    known = shape.known | {"metadata"} if in_metadata else shape.known
    return others_of(line, known, lambda key, value: key == "metadata" and not is_key_alone(value))


def _read_no_id(_: Envelope) -> None:
    return None


def _read_bare_request(_: Envelope, line: bytes) -> RequestLine:
    return RequestLine(line, "$")


def _write_bare_request(_: str, request: TranslatedRequest) -> tuple[Segment, ...]:
    return (*request.body, b"\n")


def _read_bare_response(_: Envelope, line: bytes) -> ReplyLine:
    return ReplyLine(Reply(line), "$")


def _write_bare_response(_: str, reply: TranslatedResponse, __: int) -> tuple[Segment, ...]:
    return (*reply.body, b"\n")


def _read_openai_id(envelope: Envelope) -> str | None:
    return id_in(envelope.custom_id, "$.custom_id")


def _read_openai_request(envelope: Envelope, _: bytes) -> RequestLine:
    endpoint = _endpoint(bytes(envelope.method), bytes(envelope.url), "$.url")
    return RequestLine(needed(envelope.body, "$.body"), "$.body", endpoint)


def _write_openai_request(id_: str, request: TranslatedRequest) -> tuple[Segment, ...]:
    fields = b'"method":"POST","url":%b' % _encode(request.path)
    return (b'{"custom_id":%b,%b,"body":' % (_encode(id_), fields), *request.body, b"}\n")


def _read_openai_response(envelope: Envelope, _: bytes) -> ReplyLine:
    document = body_in(envelope.response, "$.response")
    if not document:
        if envelope.error == NULL:
            raise missing("$.response")
        error = bytes(envelope.error)
        return ReplyLine(Reply(b'{"error":%b}' % error, status_unless_run(error)), "$")
    response = decoded(_decode_response, document, "not a result of OpenAI Batch", "$.response")
    headers = {"x-request-id": response.request_id or ""}
    body = unwrapped(response.body, "$.response.body")
    return ReplyLine(Reply(body, response.status_code, headers), "$.response.body")


def _write_openai_response(id_: str, reply: TranslatedResponse, number: int) -> tuple[Segment, ...]:
    head = b'{"id":"batch_req_%d","custom_id":%b,"response":{"status_code":%d,"request_id":%b' % (
        number,
        _encode(id_),
        reply.status,
        _encode(reply.headers.get("x-request-id", "")),
    )
    return (head + b',"body":', *reply.body, b'},"error":null}\n')


def _read_gemini_id(envelope: Envelope) -> str | None:
    """The key, wherever it is: inlined jobs have it in their metadata, Vertex AI in labels."""
    if envelope.key is not UNSET:
        return id_in(envelope.key, "$.key")
    key = metadata_key(envelope)
    if key is not UNSET or envelope.request is UNSET:
        return id_in(key, "$.metadata.key")
    return read_label_id(body_in(envelope.request, "$.request"))


def _read_gemini_request(envelope: Envelope, _: bytes) -> RequestLine:
    return RequestLine(needed(envelope.request, "$.request"), "$.request")


def _write_gemini_request(id_: str, request: TranslatedRequest) -> tuple[Segment, ...]:
    return (b'{"key":%b,"request":' % _encode(id_), *request.body, b"}\n")


def _read_gemini_response(envelope: Envelope, _: bytes) -> ReplyLine:
    return read_answer(envelope, envelope.response, "$.response")


def _write_gemini_response(id_: str, reply: TranslatedResponse, _: int) -> tuple[Segment, ...]:
    head = b'{"key":%b,' % _encode(id_)
    if reply.status < 400:
        return (head + b'"response":', *reply.body, b"}\n")
    return (head, bytes(reply.body)[1:], b"\n")  # an error's body has that one key


def _write_vertex_request(id_: str, request: TranslatedRequest) -> tuple[Segment, ...]:
    return (b'{"request":', with_label_id(bytes(request.body), id_), b"}\n")


def _write_vertex_response(id_: str, reply: TranslatedResponse, _: int) -> tuple[Segment, ...]:
    head = b'{"request":%b,"status":' % with_label_id(b"{}", id_)
    if reply.status < 400:
        return (head + b'"","response":', *reply.body, b"}\n")
    return (head, _encode(bytes(reply.body).decode()), b',"response":{}}\n')


def _read_id(envelope: Envelope) -> str | None:
    return id_in(envelope.id, "$.id")


def _read_id_request(envelope: Envelope, _: bytes) -> RequestLine:
    named = (envelope.body, "$.body"), (envelope.request, "$.request")
    raw, path = named[envelope.body is UNSET is not envelope.request]
    endpoint = _endpoint(bytes(envelope.method), bytes(envelope.path), "$.path")
    return RequestLine(needed(raw, path), path, endpoint, count_in(envelope.repeat, "$.repeat"))


def _write_id_request(id_: str, request: TranslatedRequest) -> tuple[Segment, ...]:
    repeat = b'"repeat":%d,' % request.repeat if request.repeat > 1 else b""
    head = b'{"id":%b,"path":%b,%b"body":' % (_encode(id_), _encode(request.path), repeat)
    return (head, *request.body, b"}\n")


def _read_id_response(envelope: Envelope, _: bytes) -> ReplyLine:
    if body_in(envelope.response, "$.response"):
        return read_answer(envelope, envelope.response, "$.response")
    return read_answer(envelope, envelope.body, "$.body")


def _write_id_response(id_: str, reply: TranslatedResponse, _: int) -> tuple[Segment, ...]:
    return (b'{"id":%b,"status":%d,"body":' % (_encode(id_), reply.status), *reply.body, b"}\n")


@lru_cache(maxsize=64)
def _endpoint(method: bytes, url: bytes, where: str) -> Endpoint | None:
    """The endpoint that a method and a url name; None without a url."""
    verb, path = text_in(Raw(method), "$.method"), text_in(Raw(url), where)
    if not path:
        return None
    endpoint = match_endpoint(verb, path) or match_endpoint(verb, f"/v1{path}")
    if endpoint is None:
        raise MalformedError(f"{verb} {path} is not an endpoint for images", path=where)
    return endpoint


_GEMINI = frozenset({"key", "request", "response", "error", "status", "processed_time"})
_LOGGED = frozenset({"error_str", "error_information"})

#: The shapes by name.
SHAPES: Mapping[ShapeName, Shape] = {
    "bare": Shape(
        _read_no_id,
        frozenset(),
        _read_bare_request,
        _write_bare_request,
        _read_bare_response,
        _write_bare_response,
    ),
    "openai": Shape(
        _read_openai_id,
        frozenset({"id", "custom_id", "method", "url", "body", "response", "error"}),
        _read_openai_request,
        _write_openai_request,
        _read_openai_response,
        _write_openai_response,
        Limits(lines=50_000, bytes=200_000_000),
    ),
    "gemini": Shape(
        _read_gemini_id,
        _GEMINI,
        _read_gemini_request,
        _write_gemini_request,
        _read_gemini_response,
        _write_gemini_response,
        Limits(lines=2**62, bytes=2_000_000_000),
    ),
    "vertex": Shape(
        _read_gemini_id,
        _GEMINI - {"key"},
        _read_gemini_request,
        _write_vertex_request,
        _read_gemini_response,
        _write_vertex_response,
    ),
    "id": Shape(
        _read_id,
        frozenset({"id", "path", "repeat", "body", "request", "response", "error", "status"})
        | {"method"}
        | _LOGGED,
        _read_id_request,
        _write_id_request,
        _read_id_response,
        _write_id_response,
        mixes=True,
    ),
}

#: For each shape, by its keys, what gets the fields of an envelope that it does not have.
_OTHERS = {
    shape.known: attrgetter(*(set(Envelope.__struct_fields__) - shape.known))
    for shape in SHAPES.values()
}
_EMPTY = Envelope()
