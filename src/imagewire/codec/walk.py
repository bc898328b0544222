"""A walk of plain data along the types of wire structs, for what a strict decode does not take.

It collects the fields that the structs do not name, takes the other spelling of a key and the odd
types that relays send, and takes invalid bookkeeping out of a reply. In protobuf's JSON one value
where a list belongs is a list of one.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Annotated, Any, get_args, get_origin

import msgspec

from imagewire.codec.fields import BOOKKEEPING, EnumNames, ProtoWire, Wire
from imagewire.errors import MalformedError
from imagewire.paths import Path, other_spellings, shown

_TWICE = "`{}` is given in two spellings"
_NON_FINITE = {"nan", "inf", "infinity"}
_INFINITE = "a number must be finite"


class Field(msgspec.Struct, frozen=True):
    """What a walk has to know of a field; a ``texted`` one takes a text as it is."""

    name: str
    kind: Any
    child: Shape | None
    several: bool
    listed: bool
    integer: bool
    number: bool
    texted: bool
    bookkeeping: bool
    names: EnumNames | None


class Shape(msgspec.Struct, frozen=True):
    """The fields of a struct by all their names."""

    fields: dict[str, Field]
    proto: bool
    official: frozenset[str]

    def unknown_name(self, key: str) -> str:
        """The name of an unknown key in all its spellings."""
        return other_spellings(key)[1] if self.proto else key


#: A field that no struct names: its path, its value, and whether the API has it all the same.
Found = tuple[tuple[str | int, ...], Any, bool]


class Unknown(msgspec.Struct):
    """The unknown fields of a body: values by key, and deeper levels.

    ``official`` are the keys that the API's types have, though no struct names them.
    """

    values: dict[str, Any] = {}
    levels: dict[str | int, Unknown] = {}
    official: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.values or self.levels)

    def take(self, prefix: Path = ()) -> list[Found]:
        """Remove and return everything at and below a wire path, with paths from there."""
        if prefix:
            node = self
            for step in prefix[:-1]:
                if step not in node.levels:
                    return []
                node = node.levels[step]
            below = node.levels.pop(prefix[-1], None)
            return below.take() if below else []
        found: list[Found] = []
        for name, value in self.values.items():
            found.append(((name,), value, name in self.official))
        for key, level in self.levels.items():
            found += [((key, *path), value, known) for path, value, known in level.take()]
        return found


def shape_of(kind: Any, known: dict[Any, Shape]) -> Shape:
    """The shape of a struct; ``known`` are those that were made before."""
    if kind not in known:
        proto = issubclass(kind, ProtoWire)
        either_case = getattr(kind, "EITHER_CASE", ())
        shape = known[kind] = Shape({}, proto, getattr(kind, "OFFICIAL", frozenset()))
        for info in msgspec.structs.fields(kind):
            leaves = list(_leaves(info.type))
            structs = [leaf for leaf in leaves if isinstance(leaf, type) and issubclass(leaf, Wire)]
            names = next((leaf for leaf in leaves if isinstance(leaf, EnumNames)), None)
            number = not {int, float}.isdisjoint(leaves) and str not in leaves
            listed = proto and _is_list(info.type)
            field = Field(
                name=info.encode_name,
                kind=info.type,
                child=shape_of(structs[0], known) if structs else None,
                integer=int in leaves,
                number=number,
                texted=not (number or listed or names),
                several=list in leaves,
                listed=listed,
                bookkeeping=BOOKKEEPING in leaves,
                names=names,
            )
            either = proto or info.name in either_case
            spellings = {info.encode_name, *(other_spellings(info.name) if either else ())}
            shape.fields.update(dict.fromkeys(spellings, field))
    return known[kind]


def _is_list(annotation: Any) -> bool:
    """Whether a type is a list and nothing else, but for null."""
    if get_origin(annotation) is list:
        return True
    if get_origin(annotation) is Annotated:
        return _is_list(get_args(annotation)[0])
    kinds = [kind for kind in get_args(annotation) if kind is not type(None)]
    return len(kinds) == 1 and _is_list(kinds[0])


def _leaves(annotation: Any) -> Iterator[Any]:
    """The types in an annotation, and what `Annotated` adds to them."""
    arguments = get_args(annotation)
    if get_origin(annotation) is list:
        yield list
    if not arguments:
        yield annotation
    for argument in arguments:
        yield from _leaves(argument)


def plain(value: Any, shape: Shape, *, keep_nulls: bool) -> Any:
    """A document of plain data in the spelling of its structs, with all that they do not name.

    Unknown nulls, which say nothing, are left out unless they are to be kept.
    """
    if isinstance(value, list):
        return [plain(item, shape, keep_nulls=keep_nulls) for item in value]
    if not isinstance(value, dict):
        return value
    tree: dict[str, Any] = {}
    for key, item in value.items():
        field = shape.fields.get(key)
        if field is not None:
            if item is not None or field.name not in tree:  # as null in another spelling is absent
                tree[field.name] = _plain_field(item, field, keep_nulls=keep_nulls)
        elif item is not None or keep_nulls or key in shape.official:
            tree[key] = item
    return tree


def _plain_field(item: Any, field: Field, *, keep_nulls: bool) -> Any:
    if item is None:
        return None
    if field.listed and not isinstance(item, list):
        item = [item]
    if field.child is not None:
        return plain(item, field.child, keep_nulls=keep_nulls)
    if field.names is not None:
        return field.names.read(item)
    if field.number and isinstance(item, str):
        return _number(item, field.kind)
    return int(item) if field.integer and isinstance(item, float) and item.is_integer() else item


def _number(text: str, kind: Any) -> Any:
    """The number that a text is; a text that is none, in bookkeeping, stays."""
    try:
        return msgspec.convert(text, kind, strict=False)
    except msgspec.ValidationError:
        return text


class Walk(msgspec.Struct):
    """One walk along the struct types: what they do not name, and invalid bookkeeping.

    A ``lenient`` walk takes that out; ``endless`` says that the tree may hold infinite numbers.
    """

    lenient: bool = False
    endless: bool = False
    unknown: Unknown = msgspec.field(default_factory=Unknown)
    invalid: list[Path] = []

    def value(self, value: Any, shape: Shape, unknown: Unknown, path: Path) -> Any:
        """An object, or a list of objects, by the names of its struct."""
        if isinstance(value, list):
            walked = []
            for index, item in enumerate(value):
                below = Unknown()
                walked.append(self.object(item, shape, below, (*path, index)))
                if below.values or below.levels:
                    unknown.levels[index] = below
            return walked
        return self.object(value, shape, unknown, path)

    def object(  # noqa: C901 - one pass over the keys, each of one of six kinds
        self, value: Any, shape: Shape, unknown: Unknown, path: Path
    ) -> Any:
        """An object by the names of its struct; the others are collected."""
        if not isinstance(value, dict):
            return value
        tree: dict[str, Any] = {}
        strange: set[str] = set()
        fields = shape.fields
        for key, item in value.items():
            field = fields.get(key)
            if field is not None and type(item) is str and field.texted and field.name not in tree:
                tree[field.name] = item  # there is nothing below a text
                continue
            if field is None and item is None and shape.proto:
                continue
            if field is None:
                name = shape.unknown_name(key)
                if name in strange or (self.endless and not _is_finite(item)):
                    what = _TWICE.format(shown(name)) if name in strange else _INFINITE
                    self._refuse(what, (*path, key), bookkeeping=True)
                    continue
                strange.add(name)
                unknown.values[key] = item
                if name in shape.official:
                    unknown.official |= {key}
            elif item is not None or not shape.proto:
                item_path = (*path, key)
                if field.name in tree:
                    what = _TWICE.format(field.name)
                    self._refuse(what, item_path, bookkeeping=field.bookkeeping)
                elif field.number and isinstance(item, str) and _is_infinite(item):
                    self._refuse(_INFINITE, item_path, bookkeeping=field.bookkeeping)
                else:
                    tree[field.name] = self._field(item, field, unknown, item_path)
        return tree

    def _field(self, item: Any, field: Field, unknown: Unknown, path: Path) -> Any:
        if field.listed and not isinstance(item, list):
            item = [item]  # Google's server takes it, and Google's tutorials send it: new-api 1566
        if field.child is not None and not field.several and item == []:
            return None  # PHP writes an empty object so
        if field.child is not None:
            below = Unknown()
            item = self.value(item, field.child, below, path)
            if below.values or below.levels:
                unknown.levels[field.name] = below
        elif field.names is not None:
            item = field.names.read(item)
        elif field.integer and isinstance(item, float) and item.is_integer():
            item = int(item)
        return item

    def mend(self, walked: Any, shape: Shape, path: Path) -> None:
        """Take bookkeeping that does not convert out of a walked tree."""
        if isinstance(walked, list):
            for index, item in enumerate(walked):
                self.mend(item, shape, (*path, index))
        elif isinstance(walked, dict):
            for field in shape.fields.values():
                if field.name in walked:
                    self._mend_field(walked, field, (*path, field.name))

    def _mend_field(self, walked: dict[str, Any], field: Field, path: Path) -> None:
        if field.child is not None:
            self.mend(walked[field.name], field.child, path)
        if self.endless and not _is_finite(walked[field.name]):
            reason = _INFINITE
        elif field.bookkeeping and not _converts(walked[field.name], field.kind):
            reason = ""
        else:
            return
        self._refuse(reason, path, bookkeeping=field.bookkeeping)
        self.unknown.take(path)  # it is lost with what holds it
        del walked[field.name]

    def _refuse(self, reason: str, path: Path, *, bookkeeping: bool) -> None:
        """Raise, but for bookkeeping of a reply, which is taken out."""
        if not (self.lenient and bookkeeping):
            raise MalformedError(reason, path=path)
        self.invalid.append(path)


def _is_finite(value: Any) -> bool:
    """Whether plain data have no infinite number."""
    pending = [value]
    while pending:
        item = pending.pop()
        if isinstance(item, list):
            pending += item
        elif isinstance(item, dict):
            pending += item.values()
        elif isinstance(item, float) and not math.isfinite(item):
            return False
    return True


def _is_infinite(number: str) -> bool:
    return number.strip().lower().lstrip("+-") in _NON_FINITE


def _converts(value: Any, kind: Any) -> bool:
    try:
        msgspec.convert(value, kind, strict=False)
    except msgspec.ValidationError:
        return False
    return True
