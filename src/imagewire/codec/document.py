"""JSON bytes -> wire structs, with the fields that the structs do not name.

The common body has no key that its struct does not name: one strict typed decode, and nothing
else. Where that fails, a small body is decoded once more without the keys at its top that are not
named: a client newer than us has no other. Only where that fails, too, is the body decoded untyped
and walked along the struct types; the walk collects the unknown keys, takes the other spelling of a
key and the odd types that relays send (``"2"`` and ``2.0`` for an int), and gives the result to the
same structs.

Protobuf JSON (``ProtoWire``): every field may be camelCase or snake_case, both at once is an error,
null is absent, and an enum may be a number (protobuf.dev/programming-guides/json).

Only what carries pictures, words or a refusal can make a reply malformed. A field whose type says
that it is `BOOKKEEPING` counts as absent in a reply where it does not convert, and is reported.

A byte order mark before the JSON is passed over, as RFC 8259 section 8.1 allows: files made on
Windows have one.
"""

from __future__ import annotations

import math
from codecs import BOM_UTF8
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from functools import cached_property
from typing import Any, Generic, TypeVar

import msgspec

from imagewire.codec.limits import LIGHT, MAX_DEPTH, refuse_heavy, refuse_many
from imagewire.codec.walk import Shape, Unknown, Walk, shape_of
from imagewire.errors import NOT_JSON, MalformedError
from imagewire.messages import JSON_TYPE, Body, Payload
from imagewire.paths import Path, follow, split
from imagewire.patterns import pattern

T = TypeVar("T")

_ENCODER = msgspec.json.Encoder()
_OBJECT = msgspec.json.Decoder(dict[str, Any])
_SMALL = 1 << 14  # bytes of a body that may be decoded twice more
_MAX_SPOILED = 32  # entries of a reply: each costs one more conversion of it
_DIGITS = 4300  # what CPython makes an integer of: sys.int_info.default_max_str_digits
_MISSING = pattern(r"Object missing required field `(\w+)`")


class Document(msgspec.Struct, Generic[T], frozen=True, gc=False):
    """A decoded body: its struct, what that does not name, and the tree of one that was walked.

    ``invalid`` are the paths of bookkeeping that did not convert, ``spoiled`` those of entries of a
    list that did not, which are empty now.
    """

    value: T
    unknown: Unknown | None = None
    tree: Any = None
    invalid: tuple[Path, ...] = ()
    spoiled: tuple[tuple[Path, MalformedError], ...] = ()

    def spelled(self, path: str) -> str:
        """A path in the body's own spelling."""
        return path if self.tree is None else follow(self.tree, path)[0]


class Codec(Generic[T]):
    """Reads one kind of body into its struct; in a ``reply``, invalid bookkeeping is no error.

    ``entries`` are fields at its top that are entries, though they stand in no list.
    """

    def __init__(
        self, kind: type[T], *, reply: bool = False, entries: AbstractSet[str] = frozenset()
    ) -> None:
        self._kind = kind
        self.reply = reply
        self._entries = entries
        self._decode: Callable[[Any], T] = self._decode_first

    def _decode_first(self, body: Any) -> T:
        """Make the decoder with the first body: an import would read the types of all formats."""
        self._decode = msgspec.json.Decoder(self._kind).decode
        return self._decode(body)

    @cached_property
    def shape(self) -> Shape:
        """The shape that a walk goes by; the common body needs none."""
        return shape_of(self._kind, {})

    def decode(self, body: Body) -> Document[T]:
        """The document of a body; raises `MalformedError`."""
        if not isinstance(body, bytes):
            body = contiguous(body)
        if len(body) > LIGHT:
            refuse_heavy(body if isinstance(body, bytes) else as_bytes(body))
        try:
            return Document(self._decode(body))
        except (ValueError, RecursionError):
            pass  # it may quote a key, and must not become the context of the error below
        if len(body) <= _SMALL and (document := self._decode_known(body)) is not None:
            return document
        tree, endless = _plain_data(body, endless=self.reply)
        walk = Walk(lenient=self.reply, endless=endless)
        walked = walk.object(tree, self.shape, walk.unknown, ())
        value = self._convert(walked)
        if self.reply and (walk.endless or isinstance(value, MalformedError)):
            walk.mend(walked, self.shape, ())
            value = self._convert(walked)
        spoiled: list[tuple[Path, MalformedError]] = []
        while isinstance(value, MalformedError):
            place = None
            if self.reply and len(spoiled) < _MAX_SPOILED:
                place = _emptied(walked, value.path, self._entries)
            value.path = follow(tree, value.path)[0]
            if place is None:
                raise value
            walk.unknown.take(place)
            spoiled.append((place, value))
            value = self._convert(walked)
        return Document(value, walk.unknown or None, tree, tuple(walk.invalid), tuple(spoiled))

    def _decode_known(self, body: bytes | bytearray | memoryview | str) -> Document[T] | None:
        """The document of a body whose unknown fields all stand at its top, or None."""
        shape = self.shape
        try:
            fields = _OBJECT.decode(body)  # all of it: a value that another of its key hides, too
            keys = [key for key in fields if key not in shape.fields]
            if not keys or (shape.proto and len(keys) > 1):  # which may be one in two spellings
                return None
            values = {key: fields.pop(key) for key in keys}
            value = msgspec.convert(fields, self._kind)
        except (ValueError, RecursionError):
            return None
        if shape.proto:
            values = {key: item for key, item in values.items() if item is not None}
        official = frozenset([key for key in values if shape.unknown_name(key) in shape.official])
        return Document(value, Unknown(values=values, official=official) if values else None)

    def _convert(self, walked: Any) -> T | MalformedError:
        """The struct of a walked tree, or the error, raised where no other is being handled."""
        try:
            return msgspec.convert(walked, self._kind, strict=False)
        except msgspec.ValidationError as error:
            reason, path = _explain(error)
        return MalformedError(reason, path=path)


def _emptied(tree: Any, path: str, entries: AbstractSet[str]) -> Path | None:
    """Empty the innermost entry that a path leads into, and say where; None if there is none."""
    steps = split(path)
    place: Path = ()
    holder: Any = None
    for depth, step in enumerate(steps):
        if not _holds(tree, step):
            break
        if isinstance(step, int) or (depth == 0 and step in entries):
            holder, place = tree, tuple(steps[: depth + 1])
        tree = tree[step]
    if not place or holder[place[-1]] == {}:
        return None
    holder[place[-1]] = {}
    return place


def _holds(tree: Any, step: str | int) -> bool:
    """Whether there is anything at a step of a path."""
    if isinstance(tree, list):
        return isinstance(step, int) and step < len(tree)
    return isinstance(tree, dict) and step in tree


def _explain(error: msgspec.ValidationError) -> tuple[str, str]:
    """The reason and the path of an error; a missing field is named by its own path."""
    reason, _, path = str(error).partition(" - at `")
    path = path.rstrip("`") or "$"
    missing = _MISSING.fullmatch(reason)
    return reason, f"{path}.{missing[1]}" if missing else path


def untyped(body: Body) -> Any:
    """A body as plain JSON data."""
    return _plain_data(body, endless=False)[0]


def _plain_data(body: Body, *, endless: bool) -> tuple[Any, bool]:
    """A body as plain JSON data, and whether numbers that are out of range became infinite.

    Without ``endless`` these raise.
    """
    body = contiguous(body)
    if len(body) > LIGHT:
        refuse_many(as_bytes(body))
    try:
        return msgspec.json.decode(_unmarked(body)), False
    except msgspec.ValidationError as error:  # JSON, but with a number out of range
        reason, path = _explain(error)  # in which keys are dots
        problem = MalformedError(reason, path=path.partition("[...]")[0])
    except (ValueError, RecursionError) as error:
        endless = False
        problem = _no_json(error)
    if endless:
        return _with_infinities(as_bytes(body)), True
    try:
        raise problem
    finally:
        del problem  # this frame would keep it, and with it all that it keeps


def _with_infinities(body: bytes | bytearray) -> Any:
    """A body as plain JSON data, in which a number that is out of range is infinite."""
    import json  # noqa: PLC0415 - such bodies are rare

    try:
        tree = json.loads(
            bytes(body).decode("utf-8-sig"),
            parse_int=lambda digits: int(digits) if len(digits) <= _DIGITS else math.inf,
            parse_constant=_refuse_constant,
        )
        _ENCODER.encode(tree)  # the texts: half a surrogate pair is none
    except (ValueError, RecursionError) as error:
        problem = _no_json(error)
    else:
        return tree
    try:
        raise problem
    finally:
        del problem  # this frame would keep it, and with it all that it keeps


def _refuse_constant(name: str) -> None:
    raise ValueError(name)


def _no_json(error: Exception) -> MalformedError:
    """The error for what is no JSON, to be raised where no other one is being handled.

    A `UnicodeError`, which shows the whole body in its repr, becomes neither cause nor context.
    """
    problem = MalformedError(NOT_JSON)
    problem.__cause__ = harmless(error)
    return problem


def harmless(error: Exception) -> Exception | None:
    """An error as the cause of ours, or None: a `UnicodeError` shows the whole body in its repr."""
    return None if isinstance(error, UnicodeError) else error


def as_bytes(body: bytes | bytearray | memoryview | str) -> bytes | bytearray:
    """A body as bytes; half a surrogate pair, which no JSON has, becomes a question mark."""
    if isinstance(body, str):
        return body.encode("utf-8", "replace")
    return bytes(body) if isinstance(body, memoryview) else body


def _unmarked(body: bytes | bytearray | memoryview | str) -> bytes | bytearray | memoryview | str:
    if isinstance(body, str):
        return body.removeprefix("\ufeff")
    return body[len(BOM_UTF8) :] if body[: len(BOM_UTF8)] == BOM_UTF8 else body


def contiguous(body: Body) -> bytes | bytearray | memoryview | str:
    """A body as decoders take it: a mapping as its JSON, a view with gaps as bytes."""
    if isinstance(body, bytes | str):  # asking for mappings first would be slow
        return body
    if isinstance(body, Mapping):
        return encoded(body)
    if isinstance(body, memoryview) and not body.c_contiguous:
        return bytes(body)
    return body


def encode(document: Any) -> Payload:
    """JSON bytes of a struct or of plain data."""
    return Payload(_ENCODER.encode(document))


class _ModelOnly(msgspec.Struct):
    """A body of which only the model is read; the rest is skipped."""

    model: str | None = None


def read_model(body: Body, *, content_type: str = JSON_TYPE) -> str | None:  # noqa: ARG001
    """The model that a JSON body names, without reading the rest of it."""
    return _MODEL_ONLY.decode(body).value.model


def json_request(document: Any) -> tuple[dict[str, str], Payload]:
    """The headers and the body of a JSON request."""
    body = _ENCODER.encode(document)
    return {"content-type": JSON_TYPE, "content-length": str(len(body))}, Payload(body)


def encoded(body: Mapping[str, Any]) -> bytes:
    """The JSON of a mapping that a caller holds; raises `MalformedError` if it is none."""
    _refuse_other_data(body)
    try:
        return msgspec.json.encode(dict(body))
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        problem = MalformedError("the mapping is not JSON data")
        problem.__cause__ = harmless(error)
    try:
        raise problem
    finally:
        del problem  # this frame would keep it, and with it all that it keeps


def _refuse_other_data(body: Mapping[str, Any]) -> None:
    """Raise for what an encoder would make JSON of, though it is none: bytes, sets and NaN.

    A mapping that holds itself is deeper than any.
    """
    pending: list[tuple[Path, Any]] = [((), body)]
    while pending:
        path, item = pending.pop()
        if len(path) > MAX_DEPTH:
            raise MalformedError(NOT_JSON)
        if isinstance(item, Mapping):
            other = next((key for key in item if not isinstance(key, str)), "")
            if other != "":
                msg = f"the mapping has a key of {type(other).__name__}, which JSON does not have"
                raise MalformedError(msg, path=path)
            pending += [((*path, key), below) for key, below in item.items()]
        elif isinstance(item, list | tuple):
            pending += [((*path, index), below) for index, below in enumerate(item)]
        elif isinstance(item, float) and not math.isfinite(item):
            msg = "the mapping holds a number that JSON does not have"
            raise MalformedError(msg, path=path)
        elif not isinstance(item, str | int | float | None):
            msg = f"the mapping holds {type(item).__name__}, which JSON does not have"
            raise MalformedError(msg, path=path)


_MODEL_ONLY = Codec(_ModelOnly)
