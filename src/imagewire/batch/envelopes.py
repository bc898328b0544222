"""The envelopes of lines: the fields around a body, not decoded, and how each of them is read.

A field that holds JSON may hold it as text, as the columns of BigQuery do. An id stands under the
key of its shape; Gemini's inlined requests have theirs in ``metadata.key``
(github.com/maximhq/bifrost/issues/3951, 2026-11), rows of Vertex AI in labels (`labels`).
"""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Callable
from typing import Any, TypeVar

import msgspec
from msgspec import UNSET, Raw, UnsetType

from imagewire.codec.document import untyped
from imagewire.codec.limits import refuse_many
from imagewire.errors import MalformedError
from imagewire.loss import C, Loss, add, lost

T = TypeVar("T")

NULL = Raw(b"null")
POST = Raw(b'"POST"')

_NO_OBJECT = "a line must be a JSON object"

#: What stands where nothing is said: Vertex AI has an empty response beside an error.
_NOTHING = {b"", b"null", b"{}"}


class Envelope(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """The fields of all shapes of lines, not decoded."""

    custom_id: Raw | UnsetType = UNSET
    key: Raw | UnsetType = UNSET
    id: Raw | UnsetType = UNSET
    method: Raw = POST
    url: Raw = NULL
    path: Raw = NULL
    repeat: Raw = NULL
    body: Raw | UnsetType = UNSET
    request: Raw | UnsetType = UNSET
    response: Raw | UnsetType = UNSET
    error: Raw = NULL
    status: Raw = NULL
    processed_time: Raw = NULL
    metadata: Raw = NULL
    error_str: Raw = NULL
    error_information: Raw = NULL


class _LooseEnvelope(Envelope, forbid_unknown_fields=False):
    """The same, but other keys are ignored."""


class _Metadata(msgspec.Struct):
    """The part of ``metadata`` that is an id."""

    key: Raw | UnsetType = UNSET


_decode = msgspec.json.Decoder(Envelope).decode
_decode_loosely = msgspec.json.Decoder(_LooseEnvelope).decode
_decode_keys = msgspec.json.Decoder(dict[str, Raw]).decode
_decode_id = msgspec.json.Decoder(str | int | None).decode
_decode_text = msgspec.json.Decoder(str | None).decode
_decode_count = msgspec.json.Decoder(int | None).decode
_decode_metadata = msgspec.json.Decoder(_Metadata).decode


def open_line(line: bytes) -> Envelope:
    """The envelope of a line; raises `MalformedError` if it is not a JSON object."""
    try:
        return _decode(line)
    except (ValueError, RecursionError):
        pass  # it may have other keys, as bare bodies do
    return decoded(_decode_loosely, line.removeprefix(BOM_UTF8), _NO_OBJECT, "$")


def decoded(decode: Callable[[Raw | bytes], T], raw: Raw | bytes, message: str, path: str) -> T:
    """What a field holds; raises where no error is being handled that may show all of it."""
    try:
        return decode(raw)
    except (ValueError, RecursionError):
        pass
    raise MalformedError(message, path=path)


def others_of(
    line: bytes, known: frozenset[str], losses: Callable[[str, Raw], bool]
) -> tuple[Loss, ...]:
    """The losses for fields of a line that are not known, or for which ``losses`` says so."""
    refuse_many(line)
    found: list[Loss] = []
    fields = decoded(_decode_keys, line.removeprefix(BOM_UTF8), _NO_OBJECT, "$")
    for key, value in fields.items():
        if value != NULL and (key not in known or losses(key, value)):
            add(found, lost(C.UNKNOWN_FIELD, (key,), "a field of the line outside its body"))
    return tuple(found)


def id_in(raw: Raw | UnsetType, path: str) -> str | None:
    """An id, a number as its digits; None if it is missing or null."""
    if raw is UNSET:
        return None
    id_ = decoded(_decode_id, raw, "an id must be a string", path)
    return None if id_ is None else str(id_)


def metadata_key(envelope: Envelope) -> Raw | UnsetType:
    """The id in the metadata of a line, if that has one."""
    if envelope.metadata == NULL:
        return UNSET
    try:
        return _decode_metadata(envelope.metadata).key
    except ValueError:
        return UNSET


def is_key_alone(metadata: Raw) -> bool:
    """Whether metadata has nothing beside an id."""
    try:
        return {*_decode_keys(metadata)} == {"key"}
    except ValueError:
        return False


def text_in(raw: Raw, path: str) -> str:
    """A text; empty if it is null."""
    return decoded(_decode_text, raw, "Expected `str`", path) or ""


def count_in(raw: Raw, path: str) -> int:
    """How often a request is to be sent: 1 to 10, as often as one may ask for a picture."""
    try:
        count = _decode_count(raw)
    except ValueError:
        count = 0
    if count is not None and not 1 <= count <= 10:
        raise MalformedError("a request is sent 1 to 10 times", path=path)
    return count or 1


def unwrapped(raw: Raw, path: str) -> bytes:
    """What a field holds, or what the text in it says."""
    found = bytes(raw)
    return text_in(raw, path).encode() if found.startswith(b'"') else found


def body_in(raw: Raw | UnsetType, path: str) -> bytes:
    """The body in a field; empty if nothing is there."""
    body = b"" if raw is UNSET else unwrapped(raw, path)
    return b"" if len(body) < 5 and body in _NOTHING else body


def needed(raw: Raw | UnsetType, path: str) -> bytes:
    """The body of a request, which may be an empty object."""
    if raw is UNSET or raw == NULL:
        raise missing(path)
    return unwrapped(raw, path)


def missing(path: str) -> MalformedError:
    """The error for a field that has to be there."""
    name = path.rpartition(".")[2]
    return MalformedError(f"Object missing required field `{name}`", path=path)


def status_in(envelope: Envelope) -> Any:
    """The status of a line as plain data, None if it says nothing."""
    if envelope.status == NULL:
        return None
    return untyped(bytes(envelope.status)) or None


def object_in(raw: Raw | bytes) -> dict[str, Any]:
    """An error as plain data; empty if it is not an object."""
    document = untyped(bytes(raw))
    return document if isinstance(document, dict) else {}
