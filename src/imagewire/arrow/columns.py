"""Columns: how they are read, where they lie, and how they are made."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate, chain, pairwise
from typing import Any

import pyarrow as pa

from imagewire.loss import Loss

Row = dict[str, Any]

_TEXT, _NUMBER = pa.string(), pa.int32()
_LOSS = pa.struct(dict.fromkeys(Loss.__struct_fields__, _TEXT))
#: Of a row that cannot be read or translated; ``urls`` are the remote images to fetch first.
ERROR = pa.struct(
    {"status": _NUMBER, "path": _TEXT, "message": _TEXT, "urls": pa.list_(_TEXT)},
)

#: The columns of a result, in order.
SCHEMA = pa.schema(
    {
        "body": pa.large_binary(),
        "status": _NUMBER,  # of a reply
        "path": _TEXT,  # of a request
        "headers": pa.list_(pa.struct({"name": _TEXT, "value": _TEXT})),
        "repeat": _NUMBER,  # how often to send a request
        "context": _TEXT,  # what the reply to a request will need, as JSON
        "losses": pa.list_(_LOSS),
        "error": ERROR,
    }
)

#: The same as ``mapInArrow`` and ``applyInArrow`` of Spark want to hear it.
SPARK_SCHEMA = (
    "body binary, status int, path string, headers array<struct<name: string, value: string>>,"
    " repeat int, context string,"
    " losses array<struct<kind: string, level: string, code: string, path: string, detail: string>>"
    ", error struct<status: int, path: string, message: string, urls: array<string>>"
)

_TEXTS = {pa.string(), pa.large_string(), pa.string_view()}
_BINARIES = {pa.binary(), pa.large_binary(), pa.binary_view()}


def _is_headers(type_: pa.DataType) -> bool:
    """A map, or a list of pairs; engines have both, Hugging Face datasets the second alone."""
    if pa.types.is_map(type_):
        return {type_.key_type, type_.item_type} <= _TEXTS
    if not _is_list(type_):
        return False
    pair = type_.value_type
    if pa.types.is_struct(pair):
        return pair.num_fields == 2 and {field.type for field in pair.fields} <= _TEXTS
    return bool(_is_list(pair) and pair.value_type in _TEXTS)


def _is_list(type_: pa.DataType) -> bool:
    kinds = "is_list", "is_large_list", "is_fixed_size_list", "is_list_view", "is_large_list_view"
    return any(getattr(pa.types, kind)(type_) for kind in kinds)


#: The types of the columns that are read, in words and as a test.
_TYPES: dict[str, tuple[str, Callable[[pa.DataType], bool]]] = {
    "body": ("binary or text", (_TEXTS | _BINARIES).__contains__),
    "path": ("text", _TEXTS.__contains__),
    "status": ("integers", pa.types.is_integer),
    "headers": ("pairs of texts, or maps from text to text", _is_headers),
    "context": ("text", _TEXTS.__contains__),
    "by": ("anything", lambda _: True),
}
#: How the columns of a former result are known, whatever an engine made of their types.
_FORMER: dict[str, Callable[[pa.DataType], bool]] = {
    **{name: _TYPES[name][1] for name in ("body", "path", "headers", "context")},
    "status": _NUMBER.__eq__,
    "repeat": _NUMBER.__eq__,
    "losses": _is_list,
    "error": pa.types.is_struct,
}


def kept_columns(
    batch: pa.RecordBatch, read: Sequence[str], made: pa.Schema
) -> list[tuple[pa.Field, pa.Array]]:
    """The columns that pass through: neither read, nor of a former step, whose place is taken.

    Raises `ValueError` for another column with a name of one that is made.
    """
    kept = [
        (field, column)
        for field, column in zip(batch.schema, batch.columns, strict=True)
        if field.name not in read and not (field.name in made.names and _is_former(field))
    ]
    taken = [field.name for field, _ in kept if field.name in made.names]
    if taken:
        raise ValueError(f"rename these columns, the result has its own: {', '.join(taken)}")
    return kept


def _is_former(field: pa.Field) -> bool:
    fits = _FORMER.get(field.name)
    return fits is not None and (pa.types.is_null(field.type) or fits(field.type))


def column_of(batch: pa.RecordBatch, name: str, role: str) -> pa.Array:
    """A column to read, without its encoding; raises unless it is there once, of a fit type."""
    count = batch.schema.names.count(name)
    if count != 1:
        raise ValueError(f"there are {count} columns named {name!r}, not one")
    column = batch.column(name)
    if isinstance(column, pa.DictionaryArray):
        column = column.dictionary_decode()
    if isinstance(column, pa.ExtensionArray):  # JSON has a type of its own, which is text inside
        column = column.storage
    wanted, fits = _TYPES[role]
    if not (fits(column.type) or pa.types.is_null(column.type)):
        raise TypeError(f"column {name!r} must be of {wanted}, not {column.type}")
    return column


def rows_of(batch: pa.RecordBatch, read: dict[str, str]) -> list[tuple[memoryview, Row]]:
    """The body of each row, where it lies, and what other columns say of it, by their role."""
    columns = {role: column_of(batch, name, role) for role, name in read.items()}
    bodies = _views(columns.pop("body"))
    values = {role: column.to_pylist() for role, column in columns.items()}
    return [
        (body, {role: found[number] for role, found in values.items()})
        for number, body in enumerate(bodies)
    ]


def pairs_of(headers: Any) -> list[tuple[str, str]]:
    """The headers of a row as pairs: an entry of a map, a struct of two, a list of two."""
    pairs = (tuple(it.values()) if isinstance(it, dict) else tuple(it) for it in headers or ())
    return [pair for pair in pairs if len(pair) == 2 and None not in pair]


def _views(column: pa.Array) -> Iterator[memoryview]:
    """The bodies of a column where they lie."""
    # The cast shares the bytes; only those of views, which lie scattered, it brings together.
    whole = column.cast(pa.large_binary())
    _, offsets, data = whole.buffers()
    buffers = [None, offsets]
    ends = pa.Array.from_buffers(pa.int64(), len(whole) + 1, buffers, offset=whole.offset)
    spans = zip(whole.is_valid().to_pylist(), pairwise(ends.to_pylist()), strict=True)
    view = memoryview(data or b"").cast("B")
    for valid, (start, stop) in spans:
        yield view[start:stop] if valid else view[:0]


def made_of(
    kept: Sequence[tuple[pa.Field, pa.Array]],
    rows: Sequence[Row],
    schema: pa.Schema,
    metadata: dict[bytes, bytes] | None,
) -> pa.RecordBatch:
    """A batch of columns that pass through, and those of a schema, made of rows."""
    made = [(field, _made([row.get(field.name) for row in rows], field.type)) for field in schema]
    whole = pa.schema([field for field, _ in [*kept, *made]], metadata)
    return pa.RecordBatch.from_arrays([column for _, column in [*kept, *made]], schema=whole)


def _made(values: Sequence[Any], type_: pa.DataType) -> pa.Array:
    """A column; if of bodies, their segments one after another in one buffer, each copied once."""
    if type_ != pa.large_binary():
        return pa.array(values, type_)
    sizes = [0 if body is None else len(body) for body in values]
    offsets = pa.array(accumulate(sizes, initial=0), pa.int64())
    data = pa.allocate_buffer(sum(sizes))
    done = 0
    with memoryview(data).cast("B") as room:
        for segment in chain.from_iterable(filter(None, values)):
            room[done : done + len(segment)] = segment
            done += len(segment)
    valid = pa.array([body is not None for body in values], pa.bool_())
    return pa.Array.from_buffers(
        type_, len(values), [valid.buffers()[1], offsets.buffers()[1], data]
    )


def over(whole: Callable[[pa.RecordBatch], pa.RecordBatch], batch: Any) -> Any:
    """What a function makes of each record batch: of a batch, a table, a reader, or a stream.

    Anything with ``__arrow_c_stream__``, such as a data frame, is a table.
    """
    if isinstance(batch, pa.RecordBatch):
        return whole(batch)
    batch = as_table(batch)
    # Where there are no batches there is a schema.
    schema = whole(pa.RecordBatch.from_pylist([], schema=batch.schema)).schema
    if isinstance(batch, pa.Table):
        return pa.Table.from_batches(map(whole, batch.to_batches()), schema)
    return pa.RecordBatchReader.from_batches(schema, map(whole, batch))


def as_table(batch: Any) -> Any:
    """A table or a reader as it is, and another stream as a table; raises `TypeError`."""
    if isinstance(batch, pa.Table | pa.RecordBatchReader):
        return batch
    if not hasattr(batch, "__arrow_c_stream__"):
        raise TypeError(f"there is no column to translate in a {type(batch).__name__}")
    return pa.table(batch)
