"""JSON bytes -> wire structs, with the fields that the structs do not name.

The common body has no key that its struct does not name: one strict typed decode, and nothing
else. Only where that fails is the body decoded untyped and walked along the struct types; the walk
collects the unknown keys, takes the other spelling of a key and the odd types that relays send
(``"2"`` and ``2.0`` for an int), and gives the result to the same structs.

Protobuf JSON (``ProtoWire``): every field may be camelCase or snake_case, both at once is an error,
null is absent, and an enum may be a number (protobuf.dev/programming-guides/json).

A byte order mark before the JSON is passed over, as RFC 8259 section 8.1 allows: files made on
Windows have one.
"""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any, Generic, TypeVar, get_args, get_origin

import msgspec

from imagewire.errors import NOT_JSON, MalformedError
from imagewire.messages import JSON_TYPE, Body, Payload
from imagewire.paths import Path, follow, other_spellings, shown

T = TypeVar("T")

_TWICE = "`{}` is given in two spellings"
_ENCODER = msgspec.json.Encoder()
_NON_FINITE = {"nan", "inf", "infinity"}
_MISSING = re.compile(r"Object missing required field `(\w+)`")


class Wire(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True, gc=False):
    """A wire object: absent and null read alike, and what is at its default is not written."""


class ProtoWire(Wire, rename="camel"):
    """A wire object in protobuf's JSON."""


class EnumNames(tuple[str, ...]):
    """The names of a protobuf enum, by number, in the annotation of a field.

    proto-plus writes enums by number unless told otherwise. A number that has no name yet stays
    what it is, as its digits, like a name of the future.
    """

    __slots__ = ()

    def read(self, value: Any) -> Any:
        """The name of a number, or of each in a list; a name as it is."""
        if isinstance(value, list):
            return [self.read(item) for item in value]
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if type(value) is not int:  # a bool is none
            return value
        return self[value] if value in range(len(self)) else str(value)


class Unknown(msgspec.Struct):
    """The unknown fields of a body: values by key, and deeper levels."""

    values: dict[str, Any] = {}
    levels: dict[str | int, Unknown] = {}

    def __bool__(self) -> bool:
        return bool(self.values or self.levels)

    def take(self, prefix: Path = ()) -> list[tuple[tuple[str | int, ...], Any]]:
        """Remove and return everything at and below a wire path, with paths from there."""
        node = self
        for step in prefix[:-1]:
            if step not in node.levels:
                return []
            node = node.levels[step]
        if prefix:
            below = node.levels.pop(prefix[-1], None)
            return below.take() if below else []
        found: list[tuple[tuple[str | int, ...], Any]] = [
            ((key,), value) for key, value in self.values.items()
        ]
        for key, level in self.levels.items():
            found += [((key, *rest), value) for rest, value in level.take()]
        return found


class _Field(msgspec.Struct, frozen=True):
    name: str
    child: _Shape | None
    several: bool
    integer: bool
    number: bool
    names: EnumNames | None


class _Shape(msgspec.Struct, frozen=True):
    fields: dict[str, _Field]
    proto: bool


class Document(msgspec.Struct, Generic[T], frozen=True, gc=False):
    """A decoded body: its struct, what that does not name, and the tree of one that was walked."""

    value: T
    unknown: Unknown | None = None
    tree: Any = None

    def spelled(self, path: str) -> str:
        """A path in the body's own spelling."""
        return path if self.tree is None else follow(self.tree, path)[0]


class Codec(Generic[T]):
    """Reads one kind of body into its struct."""

    def __init__(self, kind: type[T]) -> None:
        self._kind = kind
        self._decode = msgspec.json.Decoder(kind).decode

    @cached_property
    def _shape(self) -> _Shape:
        """The shape that a walk goes by; the common body needs none."""
        return _shape_of(self._kind, {})

    def decode(self, body: Body) -> Document[T]:
        """The document of a body; raises `MalformedError`."""
        if not isinstance(body, bytes):
            body = contiguous(body)
        try:
            return Document(self._decode(body))
        except (ValueError, RecursionError):
            pass  # it may quote a key, and must not become the context of the error below
        tree = untyped(body)
        unknown = Unknown()
        walked = _walk(tree, self._shape, unknown, ())
        try:
            value = msgspec.convert(walked, self._kind, strict=False)
        except msgspec.ValidationError as error:
            reason, path = _explain(error)
            raise MalformedError(reason, path=follow(tree, path)[0]) from None
        return Document(value, unknown or None, tree)


def _explain(error: msgspec.ValidationError) -> tuple[str, str]:
    """The reason and the path of an error; a missing field is named by its own path."""
    reason, _, path = str(error).partition(" - at `")
    path = path.rstrip("`") or "$"
    missing = _MISSING.fullmatch(reason)
    return reason, f"{path}.{missing[1]}" if missing else path


def untyped(body: Body) -> Any:
    """A body as plain JSON data."""
    try:
        return msgspec.json.decode(_unmarked(contiguous(body)))
    except msgspec.ValidationError as error:  # JSON, but with a number out of range
        reason, path = _explain(error)
        raise MalformedError(reason, path=follow(None, path)[0]) from None
    except (ValueError, RecursionError) as error:
        raise MalformedError(NOT_JSON) from harmless(error)


def harmless(error: Exception) -> Exception | None:
    """An error as the cause of ours, or None: a `UnicodeError` shows the whole body in its repr."""
    return None if isinstance(error, UnicodeError) else error


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
    try:
        return msgspec.json.encode(dict(body))
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        msg = "the mapping is not JSON data"
        raise MalformedError(msg) from harmless(error)


def _shape_of(kind: Any, known: dict[Any, _Shape]) -> _Shape:
    if kind not in known:
        proto = issubclass(kind, ProtoWire)
        shape = known[kind] = _Shape({}, proto)
        for info in msgspec.structs.fields(kind):
            leaves = list(_leaves(info.type))
            structs = [leaf for leaf in leaves if isinstance(leaf, type) and issubclass(leaf, Wire)]
            field = _Field(
                name=info.encode_name,
                child=_shape_of(structs[0], known) if structs else None,
                integer=int in leaves,
                number=not {int, float}.isdisjoint(leaves) and str not in leaves,
                several=list in leaves,
                names=next((leaf for leaf in leaves if isinstance(leaf, EnumNames)), None),
            )
            names = {info.encode_name, *(other_spellings(info.name) if proto else ())}
            shape.fields.update(dict.fromkeys(names, field))
    return known[kind]


def _leaves(annotation: Any) -> Iterator[Any]:
    """The types in an annotation, and what `Annotated` adds to them."""
    arguments = get_args(annotation)
    if get_origin(annotation) is list:
        yield list
    if not arguments:
        yield annotation
    for argument in arguments:
        yield from _leaves(argument)


def _walk(value: Any, shape: _Shape, unknown: Unknown, path: tuple[str | int, ...]) -> Any:
    if isinstance(value, list):
        walked = []
        for index, item in enumerate(value):
            below = Unknown()
            walked.append(_walk_object(item, shape, below, (*path, index)))
            if below:
                unknown.levels[index] = below
        return walked
    return _walk_object(value, shape, unknown, path)


def _walk_object(value: Any, shape: _Shape, unknown: Unknown, path: tuple[str | int, ...]) -> Any:
    if not isinstance(value, dict):
        return value
    tree: dict[str, Any] = {}
    strange: set[str] = set()
    for key, item in value.items():
        field = shape.fields.get(key)
        if field is None and item is None and shape.proto:
            continue
        if field is None:
            name = other_spellings(key)[1] if shape.proto else key
            if name in strange:
                raise MalformedError(_TWICE.format(shown(name)), path=(*path, key))
            strange.add(name)
            unknown.values[key] = item
        elif item is not None or not shape.proto:
            if field.name in tree:
                raise MalformedError(_TWICE.format(field.name), path=(*path, key))
            tree[field.name] = _walk_field(item, field, unknown, (*path, key))
    return tree


def _walk_field(item: Any, field: _Field, unknown: Unknown, path: tuple[str | int, ...]) -> Any:
    if field.child is not None and not field.several and item == []:
        item = None  # PHP writes an empty object so
    elif field.child is not None:
        below = Unknown()
        item = _walk(item, field.child, below, path)
        if below:
            unknown.levels[field.name] = below
    elif field.names is not None:
        item = field.names.read(item)
    elif field.integer and isinstance(item, float) and item.is_integer():
        item = int(item)
    elif (
        field.number and isinstance(item, str) and item.strip().lower().lstrip("+-") in _NON_FINITE
    ):
        raise MalformedError("a number must be finite", path=path)
    return item


_MODEL_ONLY = Codec(_ModelOnly)
