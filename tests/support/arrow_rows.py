"""Rows of translated tables, and what each has to be: the outcome of a call on its body alone."""

from __future__ import annotations

from typing import Any

import msgspec
import pyarrow as pa
from msgspec import structs

import imagewire
from imagewire.arrow import SCHEMA, translate_batch

NOTHING = dict.fromkeys(SCHEMA.names)
A_FOX = b'{"model":"gemini-2.5-flash-image","messages":[{"role":"user","content":"a fox"}]}'


def row_of(outcome: Any) -> dict[str, Any]:
    """The columns that a result, or an error, makes."""
    if isinstance(outcome, imagewire.TranslationError):
        error = {
            "status": outcome.status,
            "path": outcome.path,
            "message": outcome.message,
            "urls": list(getattr(outcome, "urls", [])),
        }
        return {**NOTHING, "error": error}
    row = {
        **NOTHING,
        "body": bytes(outcome.body),
        "headers": [{"name": name, "value": it} for name, it in outcome.headers.items()],
        "losses": [structs.asdict(loss) for loss in outcome.losses],
    }
    if isinstance(outcome, imagewire.TranslatedResponse):
        return {**row, "status": outcome.status}
    context = msgspec.json.encode(outcome.context).decode()
    return {**row, "path": outcome.path, "repeat": outcome.repeat, "context": context}


def batch_of(bodies: Any, **columns: Any) -> pa.RecordBatch:
    return pa.record_batch({"body": bodies, **columns})


def requests(batch: Any, source: Any = "chat", target: Any = "gemini", **about: Any) -> Any:
    return translate_batch(batch, source=source, target=target, kind="request", **about)


def replies(batch: Any, source: Any = "gemini", target: Any = "chat", **about: Any) -> Any:
    return translate_batch(batch, source=source, target=target, kind="response", **about)


def only(batch: Any) -> dict[str, Any]:
    """The one row that there is."""
    (row,) = batch.to_pylist()
    found: dict[str, Any] = row
    return found


def headers_of(row: dict[str, Any]) -> dict[str, str]:
    return {pair["name"]: pair["value"] for pair in row["headers"]}
