"""Arrow tables: a column of bodies translated, one request or reply a row.

```python
import pyarrow as pa

from imagewire.arrow import translate_batch

body = '{"model": "gemini-nano-banana-2.1", "messages": [{"role": "user", "content": "a fox"}]}'
requests = pa.table({"id": ["a", "b"], "body": [body, '{"messages": "a fox"}']})

calls = translate_batch(requests, source="chat", target="gemini", kind="request")

for call in calls.to_pylist():
    print(call["id"], call["path"], call["error"] and call["error"]["path"])
```

```text
a /v1beta/models/gemini-nano-banana-2.1:generateContent None
b None $.messages
```

The columns of a result:

- ``body`` is the translated body, ``status`` that of a reply, ``path`` that of a request.
- ``headers`` is a map: a form's boundary, when to retry.
- ``repeat`` and ``context`` are a request's: how often to send it, and what its reply will need.
- ``losses`` are structs, one for each loss.
- ``error`` is a struct of ``status``, ``path``, ``message`` and ``urls``, the remote images to
  fetch.

Columns that are read (``body_column``, and if you name them ``path_column``, ``status_column``,
``headers_column`` and ``context_column``) make room for these; all others pass through. A record
batch gives a record batch, a table a table, and a reader a reader that translates as it is read. An
edit is written as JSON unless ``options`` say otherwise.

Bodies come in and go out as Arrow buffers. A body is read where it lies, a view of its column's
buffer, and the segments of all translations are copied once, into the one buffer of a new column.

A row that cannot be translated fails no other: of ``body`` and ``error``, each row has exactly one.
Every batch gets the columns of `SCHEMA`, whatever became of its rows, because engines hold the
schemas of all batches against each other; so bodies are always ``large_binary``, which has no limit
of 2 GiB a batch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import accumulate, chain, pairwise
from typing import Any, Literal, TypeVar

import msgspec
from msgspec import structs

from imagewire.catalog import CATALOG, Catalog
from imagewire.endpoints import match_endpoint
from imagewire.errors import (
    InexpressibleError,
    MalformedError,
    TranslationError,
    UnsupportedError,
)
from imagewire.loss import Loss
from imagewire.messages import (
    JSON_TYPE,
    Headers,
    TranslatedRequest,
    TranslatedResponse,
    read_headers,
)
from imagewire.model import ReplyContext
from imagewire.options import Options
from imagewire.translate import (
    Fetched,
    Source,
    Target,
    translate_request,
    translate_response,
)

try:
    import pyarrow as pa
except ModuleNotFoundError as error:
    message = f"{error}: pip install 'imagewire[arrow]'"
    raise ModuleNotFoundError(message, name=error.name) from None

Batch = TypeVar("Batch", pa.RecordBatch, pa.Table, pa.RecordBatchReader)
Row = dict[str, Any]

_TEXT, _NUMBER = pa.string(), pa.int32()
_LOSS = pa.struct(dict.fromkeys(Loss.__struct_fields__, _TEXT))
_ERROR = pa.struct(
    {
        "status": _NUMBER,
        "path": _TEXT,
        "message": _TEXT,
        "urls": pa.list_(_TEXT),  # the remote images to fetch first
    }
)

#: The columns of a result, in order.
SCHEMA = pa.schema(
    {
        "body": pa.large_binary(),
        "status": _NUMBER,  # of a reply
        "path": _TEXT,  # of a request
        "headers": pa.map_(_TEXT, _TEXT),
        "repeat": _NUMBER,  # how often to send a request
        "context": _TEXT,  # what the reply to a request will need, as JSON
        "losses": pa.list_(_LOSS),
        "error": _ERROR,
    }
)

#: The same as ``mapInArrow`` of Spark wants to hear it.
SPARK_SCHEMA = (
    "body binary, status int, path string, headers map<string, string>, repeat int, context string,"
    " losses array<struct<kind: string, level: string, code: string, path: string, detail: string>>"
    ", error struct<status: int, path: string, message: string, urls: array<string>>"
)

#: The default here: JSON is whole without its headers, a form is not.
AS_JSON = Options(edit_body="json")

_TEXTS = {pa.string(), pa.large_string(), pa.string_view()}
_BINARIES = {pa.binary(), pa.large_binary(), pa.binary_view()}
#: The types of the columns that are read, in words and as a test.
_TYPES: dict[str, tuple[str, Callable[[pa.DataType], bool]]] = {
    "body": ("binary or text", (_TEXTS | _BINARIES).__contains__),
    "path": ("text", _TEXTS.__contains__),
    "status": ("integers", pa.types.is_integer),
    "headers": (
        "maps from text to text",
        lambda it: pa.types.is_map(it) and {it.key_type, it.item_type} <= _TEXTS,
    ),
    "context": ("text", _TEXTS.__contains__),
}

#: What can be said of a request and of a reply beside its body.
_ABOUT = {
    "request": {"path_column", "headers_column", "model", "fetched"},
    "response": {"status_column", "headers_column", "context_column", "created"},
}


def translate_batch(  # noqa: PLR0913 - one argument for each thing that can be said
    batch: Batch,
    *,
    source: Source,
    target: Target,
    kind: Literal["request", "response"],
    body_column: str = "body",
    path_column: str | None = None,
    status_column: str | None = None,
    headers_column: str | None = None,
    context_column: str | None = None,
    model: str | None = None,
    fetched: Mapping[str, Fetched] = {},
    created: int | None = None,
    options: Options = AS_JSON,
    catalog: Catalog = CATALOG,
) -> Batch:
    """A record batch with the bodies of one column translated; likewise a table, or a reader.

    Columns named here are replaced by those of `SCHEMA`; all others pass through. Bodies are binary
    or text of any Arrow type, and null reads like empty. ``path_column`` has the paths that
    requests were sent to, which name the format and Gemini's model, null for ``source``;
    ``status_column`` the HTTP statuses of replies, null for 200; ``headers_column`` maps of
    headers; ``context_column`` what ``context`` was in the result for the requests. The rest is as
    in `translate_request` and `translate_response`.

    A row that is refused has its ``error`` and no other value. Raises `ValueError` or `TypeError`
    for wrong arguments, the types of columns included, and nothing for what stands in a row.
    """
    if kind not in _ABOUT:
        raise ValueError(f"kind must be request or response, not {kind!r}")
    columns = {
        "path_column": path_column,
        "status_column": status_column,
        "headers_column": headers_column,
        "context_column": context_column,
    }
    others = {"model": model, "fetched": fetched or None, "created": created}
    for name, value in (columns | others).items():
        if value is not None and name not in _ABOUT[kind]:
            raise ValueError(f"{name} is not about a {kind}")
    read = {"body": body_column}
    read |= {name.removesuffix("_column"): it for name, it in columns.items() if it is not None}
    about: Any = {"source": source, "target": target, "options": options, "catalog": catalog}
    if kind == "request":
        translate = partial(_request, model=model, fetched=fetched, **about)
    else:
        translate = partial(_response, created=created, **about)
    whole = partial(_translated, read=read, translate=translate)
    if isinstance(batch, pa.RecordBatch):
        return whole(batch)
    if not isinstance(batch, pa.Table | pa.RecordBatchReader):
        raise TypeError(f"there is no column to translate in a {type(batch).__name__}")
    # Where there are no batches there is a schema.
    schema = whole(pa.RecordBatch.from_pylist([], schema=batch.schema)).schema
    if isinstance(batch, pa.Table):
        return pa.Table.from_batches(map(whole, batch.to_batches()), schema)
    return pa.RecordBatchReader.from_batches(schema, map(whole, batch))


def _translated(
    batch: pa.RecordBatch, read: Mapping[str, str], translate: Callable[[memoryview, Row], Row]
) -> pa.RecordBatch:
    """A batch in which the columns that were read give way to what was made of them."""
    columns = {role: _column(batch, name, role) for role, name in read.items()}
    kept = [
        (field, column)
        for field, column in zip(batch.schema, batch.columns, strict=True)
        if field.name not in read.values()
    ]
    taken = [field.name for field, _ in kept if field.name in SCHEMA.names]
    if taken:
        raise ValueError(f"rename these columns, the result has its own: {', '.join(taken)}")
    bodies = _views(columns.pop("body"))
    values = {role: column.to_pylist() for role, column in columns.items()}
    rows = [
        _row(body, {role: found[number] for role, found in values.items()}, translate)
        for number, body in enumerate(bodies)
    ]
    made = [(field, _made([row.get(field.name) for row in rows], field.type)) for field in SCHEMA]
    schema = pa.schema([field for field, _ in kept + made], batch.schema.metadata)
    return pa.RecordBatch.from_arrays([column for _, column in kept + made], schema=schema)


def _row(body: memoryview, about: Row, translate: Callable[[memoryview, Row], Row]) -> Row:
    """The values of a row by column; those that are missing are null."""
    try:
        return translate(body, about)
    except TranslationError as error:
        return {
            "error": {
                "status": error.status,
                "path": error.path,
                "message": error.message,
                "urls": error.urls if isinstance(error, InexpressibleError) else (),
            }
        }


def _request(body: memoryview, about: Row, *, source: Source, **how: Any) -> Row:
    path = about.get("path")
    endpoint = source if path is None else match_endpoint("POST", path)
    if endpoint is None:
        raise UnsupportedError("the path is no endpoint's")
    content_type = read_headers(_headers(about)).get("content-type", JSON_TYPE)
    result = translate_request(body, source=endpoint, content_type=content_type, **how)
    context = msgspec.json.encode(result.context).decode()
    return {"path": result.path, "repeat": result.repeat, "context": context, **_said(result)}


def _response(body: memoryview, about: Row, **how: Any) -> Row:
    status = 200 if about.get("status") is None else about["status"]
    if status > 999:  # RFC 9110 section 15: three digits
        error = MalformedError(f"HTTP status {status} has more than three digits")
        error.blame_upstream()
        raise error
    result = translate_response(
        body,
        status=status,
        headers=_headers(about),
        context=_context(about),
        **how,
    )
    return {"status": result.status, **_said(result)}


def _said(result: TranslatedRequest | TranslatedResponse) -> Row:
    """What requests and replies both have."""
    return {
        "body": result.body,
        "headers": list(result.headers.items()),
        "losses": [structs.asdict(loss) for loss in result.losses],
    }


def _headers(about: Row) -> Headers:
    return [(name, value) for name, value in about.get("headers") or () if value is not None]


def _context(about: Row) -> ReplyContext:
    try:
        return msgspec.json.decode(about.get("context") or "{}", type=ReplyContext)
    except msgspec.DecodeError as error:
        raise MalformedError(f"the context of the request cannot be read: {error}") from None


def _column(batch: pa.RecordBatch, name: str, role: str) -> pa.Array:
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
