"""Rows translated: one by one, or several replies to one request as one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Literal, TypeVar

import msgspec
import pyarrow as pa
from msgspec import structs

from imagewire.arrow.columns import (
    SCHEMA,
    Row,
    as_table,
    kept_columns,
    made_of,
    over,
    pairs_of,
    rows_of,
)
from imagewire.catalog import CATALOG, Catalog
from imagewire.endpoints import match_endpoint
from imagewire.errors import (
    InexpressibleError,
    MalformedError,
    TranslationError,
    UnsupportedError,
)
from imagewire.messages import (
    JSON_TYPE,
    Reply,
    TranslatedRequest,
    TranslatedResponse,
    read_headers,
)
from imagewire.model import Failure, ReplyContext
from imagewire.options import Options
from imagewire.translate import (
    Fetched,
    Source,
    Target,
    translate_request,
    translate_response,
    translate_responses,
)

Batch = TypeVar("Batch")

#: The default here: JSON is whole without its headers, a form is not.
AS_JSON = Options(edit_body="json")

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

    Anything else with ``__arrow_c_stream__``, such as a data frame, gives a table. Columns named
    here are replaced by those of `SCHEMA`, and so are those of a former step; all others pass
    through. Bodies are binary or text of any Arrow type, and null reads like empty. ``path_column``
    has the paths that requests were sent to, which name the format and Gemini's model, null for
    ``source``; ``status_column`` the HTTP statuses of replies, null for 200; ``headers_column``
    maps or lists of pairs; ``context_column`` what ``context`` was in the result for the requests.
    The rest is as in `translate_request` and `translate_response`.

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
    about: Any = {"source": source, "target": target, "options": options, "catalog": catalog}
    if kind == "request":
        translate = partial(_request, model=model, fetched=fetched, **about)
    else:
        translate = partial(_response, created=created, **about)
    read = roles_of(body_column, columns)
    found: Batch = over(partial(_translated, read=read, translate=translate), batch)
    return found


def merge_batch(  # noqa: PLR0913 - one argument for each thing that can be said
    batch: Batch,
    *,
    by: str,
    source: Source,
    target: Target,
    body_column: str = "body",
    status_column: str | None = None,
    headers_column: str | None = None,
    context_column: str | None = None,
    created: int | None = None,
    options: Options = AS_JSON,
    catalog: Catalog = CATALOG,
) -> Batch:
    """A table with one row for all replies to a request: those with one value in column ``by``.

    The replies of a request that was sent ``repeat`` times stand in as many rows, in the order of
    the calls; `translate_responses` makes one of them. Rows come in the order of their first
    replies, whose other columns they have; a null is nobody's value, and such a reply stands alone.
    A record batch gives a record batch; a reader is read to its end, and gives a table. The rest is
    as in `translate_batch`.
    """
    columns = {
        "status_column": status_column,
        "headers_column": headers_column,
        "context_column": context_column,
    }
    translate = partial(
        _merged, created=created, source=source, target=target, options=options, catalog=catalog
    )
    read = roles_of(body_column, columns)
    whole: Any = batch
    if not isinstance(batch, pa.RecordBatch):
        table = as_table(batch)
        table = table.read_all() if isinstance(table, pa.RecordBatchReader) else table
        whole = _one_batch(table)
    result: Any = _merged_rows(whole, by, read, translate)
    found: Batch = result if isinstance(batch, pa.RecordBatch) else pa.Table.from_batches([result])
    return found


def roles_of(body_column: str, columns: Mapping[str, str | None]) -> dict[str, str]:
    """The names of the columns that are read, by what they are for."""
    named = {name.removesuffix("_column"): it for name, it in columns.items() if it is not None}
    return {"body": body_column, **named}


def _one_batch(table: pa.Table) -> pa.RecordBatch:
    batches = table.combine_chunks().to_batches()
    return batches[0] if batches else pa.RecordBatch.from_pylist([], schema=table.schema)


def _translated(
    batch: pa.RecordBatch, read: dict[str, str], translate: Callable[[memoryview, Row], Row]
) -> pa.RecordBatch:
    """A batch in which the columns that were read give way to what was made of them."""
    found = rows_of(batch, read)
    kept = kept_columns(batch, [*read.values()], SCHEMA)
    rows = [_row(partial(translate, body, about)) for body, about in found]
    return made_of(kept, rows, SCHEMA, batch.schema.metadata)


def _merged_rows(
    batch: pa.RecordBatch,
    by: str,
    read: dict[str, str],
    translate: Callable[[Sequence[tuple[memoryview, Row]]], Row],
) -> pa.RecordBatch:
    """A batch with one row for each value of a column."""
    found = rows_of(batch, {**read, "by": by})
    groups: dict[Any, list[int]] = {}
    for number, (_, about) in enumerate(found):
        key = about.pop("by")
        # A list or a struct is no key of a dict; its JSON is.
        name = ("row", number) if key is None else msgspec.json.encode(key)
        groups.setdefault(name, []).append(number)
    firsts = [group[0] for group in groups.values()]
    kept = [
        (field, _at(column, firsts))
        for field, column in kept_columns(batch, [*read.values()], SCHEMA)
    ]
    rows = [_row(partial(translate, [found[it] for it in group])) for group in groups.values()]
    return made_of(kept, rows, SCHEMA, batch.schema.metadata)


def _at(column: pa.Array, numbers: Sequence[int]) -> pa.Array:
    """The values of a column in some rows; `take` does not know all types."""
    return pa.concat_arrays([column.slice(0, 0), *(column.slice(it, 1) for it in numbers)])


def _row(translate: Callable[[], Row]) -> Row:
    """The values of a row by column; those that are missing are null."""
    try:
        return translate()
    except TranslationError as error:
        return {"error": error_row(error)}


def error_row(error: TranslationError) -> Row:
    """The ``error`` of a row that was refused."""
    return {
        "status": error.status,
        "path": error.path,
        "message": error.message,
        "urls": error.urls if isinstance(error, InexpressibleError) else (),
    }


def endpoint_of(about: Row, source: Any) -> Any:
    """What a row's path asks for; the ``source`` where it has none."""
    path = about.get("path")
    endpoint = source if path is None else match_endpoint("POST", path)
    if path is not None and endpoint is None:
        raise UnsupportedError("the path is no endpoint's")
    return endpoint


def content_type_of(about: Row) -> str:
    """The content type that a row's headers name; else that of JSON."""
    return read_headers(pairs_of(about.get("headers"))).get("content-type", JSON_TYPE)


def _request(body: memoryview, about: Row, *, source: Source, **how: Any) -> Row:
    result = translate_request(
        body, source=endpoint_of(about, source), content_type=content_type_of(about), **how
    )
    context = msgspec.json.encode(result.context).decode()
    return {"path": result.path, "repeat": result.repeat, "context": context, **_said(result)}


def _response(body: memoryview, about: Row, **how: Any) -> Row:
    reply = reply_of(body, about)
    result = translate_response(
        reply.body,
        status=reply.status,
        headers=reply.headers,
        context=_context(about),
        **how,
    )
    return {"status": result.status, **_said(result)}


def _merged(rows: Sequence[tuple[memoryview, Row]], **how: Any) -> Row:
    replies: list[Reply | Failure] = []
    for body, about in rows:
        try:
            replies.append(reply_of(body, about))
        except MalformedError as error:
            if len(rows) == 1:
                raise
            replies.append(error.failure)
    contexts = (about for _, about in rows if about.get("context"))
    result = translate_responses(replies, context=_context(next(contexts, {})), **how)
    return {"status": result.status, **_said(result)}


def reply_of(body: memoryview, about: Row) -> Reply:
    """The reply of a row."""
    status = 200 if about.get("status") is None else about["status"]
    if status > 999:  # RFC 9110 section 15: three digits
        error = MalformedError(f"HTTP status {status} has more than three digits")
        error.blame_upstream()
        raise error
    return Reply(body, status, pairs_of(about.get("headers")))


def _said(result: TranslatedRequest | TranslatedResponse) -> Row:
    """What requests and replies both have."""
    return {
        "body": result.body,
        "headers": [{"name": name, "value": value} for name, value in result.headers.items()],
        "losses": [structs.asdict(loss) for loss in result.losses],
    }


def _context(about: Row) -> ReplyContext:
    try:
        return msgspec.json.decode(about.get("context") or "{}", type=ReplyContext)
    except msgspec.DecodeError as error:
        raise MalformedError(f"the context of the request cannot be read: {error}") from None
