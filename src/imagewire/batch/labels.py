"""Ids in labels: rows of Vertex AI have no id, but a result repeats the labels of its request.

Facts (2026-11-26). A label is at most 63 of ``[a-z0-9_-]``, and results come in any order
(github.com/googleapis/python-aiplatform/issues/1166, /2621). An id that fits is the label
``imagewire_id``; of any other one the base32 (RFC 4648, in lower case, without padding) goes into
``imagewire_id_0``, ``imagewire_id_1``, ... LiteLLM has a label of its own, ``litellm_custom_id``
(github.com/BerriAI/litellm/pull/25627), which is read as well.
"""

from __future__ import annotations

import re
from base64 import b32decode, b32encode
from itertools import count, takewhile

import msgspec
from msgspec import Raw

from imagewire.batch.envelopes import NULL, decoded

_NAME, _OTHER_NAME = "imagewire_id", "litellm_custom_id"
_FITS = re.compile(r"[a-z0-9_-]{1,63}")
_LONGEST = 63

_encode = msgspec.json.encode
_decode_keys = msgspec.json.Decoder(dict[str, Raw]).decode
_decode_labels = msgspec.json.Decoder(dict[str, Raw] | None).decode


class _Labelled(msgspec.Struct):
    """The part of a request that has its labels."""

    labels: dict[str, str] = {}


_decode = msgspec.json.Decoder(_Labelled).decode


def read_label_id(request: bytes) -> str | None:
    """The id in the labels of a request; None if they have none."""
    try:
        labels = _decode(request).labels
    except ValueError:
        return None
    if _NAME in labels:
        return labels[_NAME]
    names = takewhile(labels.__contains__, (f"{_NAME}_{index}" for index in count()))
    pieces = [labels[name].upper() for name in names]
    if not pieces:
        return labels.get(_OTHER_NAME)
    letters = "".join(pieces).encode()
    msg = f"the labels {_NAME}_0, ... are not an id in base32"
    return decoded(_decode_letters, letters, msg, "$.request.labels")


def _decode_letters(letters: bytes) -> str:
    return b32decode(letters + b"=" * (-len(letters) % 8)).decode()


def with_label_id(request: bytes, id_: str) -> bytes:
    """A request whose labels have an id, and no other of ours; raises if its labels are none."""
    document = _decode_keys(request)
    labels = decoded(_decode_labels, document.get("labels", NULL), "Expected `object`", "$.labels")
    ours = re.compile(rf"{_NAME}(_\d+)?")
    kept = {name: item for name, item in (labels or {}).items() if not ours.fullmatch(name)}
    return _encode({**document, "labels": {**kept, **_labels(id_)}})


def _labels(id_: str) -> dict[str, str]:
    if _FITS.fullmatch(id_):
        return {_NAME: id_}
    letters = b32encode(id_.encode()).decode().rstrip("=").lower()
    pieces = range(0, len(letters) or 1, _LONGEST)
    return {
        f"{_NAME}_{index}": letters[start : start + _LONGEST] for index, start in enumerate(pieces)
    }
