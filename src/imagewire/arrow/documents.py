"""The hub as a table: what requests ask for, and what replies say, whatever their format.

Pictures are the bytes of their files, with their size and digest; no pixel is decoded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from hashlib import sha256
from typing import Any

import pyarrow as pa
import pybase64

from imagewire.arrow.columns import ERROR, Row, kept_columns, made_of, over, rows_of
from imagewire.arrow.translation import (
    Batch,
    content_type_of,
    endpoint_of,
    error_row,
    reply_of,
    roles_of,
)
from imagewire.errors import MalformedError, TranslationError
from imagewire.messages import Reply
from imagewire.model import Candidate, Failure, Image, ImageRequest, ImageResponse, Part, Usage
from imagewire.options import Options
from imagewire.rules.drafts import final_parts
from imagewire.rules.pixels import pixel_size
from imagewire.translate import Source
from imagewire.translate.formats import source_of
from imagewire.translate.recognition import recognised_reply, recognised_request
from imagewire.translate.reply import read_reply

#: All images are wanted, also those that a text holds.
_OPTIONS = Options(read_markdown=True)

_TEXT, _COUNT = pa.string(), pa.int64()
_IMAGES = pa.list_(
    pa.struct(
        {
            "data": pa.large_binary(),
            "media_type": _TEXT,
            "width": pa.int32(),
            "height": pa.int32(),
            "sha256": _TEXT,
        }
    )
)

#: What a request asks for; ``size`` is in pixels, ``urls`` are those of its remote images.
REQUESTS = pa.schema(
    {
        "model": _TEXT,
        "prompt": _TEXT,
        "count": pa.int32(),
        "size": _TEXT,
        "aspect_ratio": _TEXT,
        "tier": _TEXT,
        "quality": _TEXT,
        "images": _IMAGES,
        "urls": pa.list_(_TEXT),
        "error": ERROR,
    }
)

#: What a reply says; ``finish`` is a finish or block reason in Gemini's words.
REPLIES = pa.schema(
    {
        "model": _TEXT,
        "images": _IMAGES,
        "urls": pa.list_(_TEXT),
        "text": _TEXT,
        "finish": _TEXT,
        "usage": pa.struct(
            dict.fromkeys(
                ["prompt", "tool_use", "cached", "candidates", "thoughts", "total"], _COUNT
            )
        ),
        "error": ERROR,
    }
)


def read_requests(  # noqa: PLR0913 - one argument for each thing that can be said
    batch: Batch,
    *,
    source: Source | None = None,
    body_column: str = "body",
    path_column: str | None = None,
    headers_column: str | None = None,
    options: Options = _OPTIONS,
) -> Batch:
    """A table of what requests ask for: the columns of `REQUESTS`, in place of those read.

    Without a ``source`` the format of each body is recognised. The prompt and the images are those
    of the last user turn, without thoughts. A row that cannot be read has its ``error`` alone.
    """
    read = roles_of(body_column, {"path_column": path_column, "headers_column": headers_column})
    row = partial(_request_row, source=source, options=options)
    found: Batch = over(partial(_documents, read=read, schema=REQUESTS, row=row), batch)
    return found


def read_replies(  # noqa: PLR0913 - likewise
    batch: Batch,
    *,
    source: Source | None = None,
    body_column: str = "body",
    status_column: str | None = None,
    headers_column: str | None = None,
    options: Options = _OPTIONS,
) -> Batch:
    """A table of what replies say: the columns of `REPLIES`, in place of those read.

    Without a ``source`` the format of each body is recognised. Images and texts are those of all
    candidates, without drafts and thoughts. A failure is a row with its ``error`` alone.
    """
    read = roles_of(body_column, {"status_column": status_column, "headers_column": headers_column})
    row = partial(_reply_row, source=source, options=options)
    found: Batch = over(partial(_documents, read=read, schema=REPLIES, row=row), batch)
    return found


def _documents(
    batch: pa.RecordBatch,
    read: dict[str, str],
    schema: pa.Schema,
    row: Callable[[memoryview, Row], Row],
) -> pa.RecordBatch:
    found = rows_of(batch, read)
    kept = kept_columns(batch, [*read.values()], schema)
    rows: list[Row] = []
    for body, about in found:
        try:
            rows.append(row(body, about))
        except TranslationError as error:
            rows.append({"error": error_row(error)})
    return made_of(kept, rows, schema, batch.schema.metadata)


def _request_row(body: memoryview, about: Row, *, source: Source | None, options: Options) -> Row:
    endpoint = endpoint_of(about, source)
    how: Any = {"content_type": content_type_of(about), "options": options}
    if endpoint is None:
        request = recognised_request(body, **how).value
    else:
        reader, model = source_of(endpoint)
        request = reader.read_request(body, model=model, **how).value
    parts = [part for part in _prompt(request) if not part.thought]
    images = [part.image for part in parts if part.image is not None]
    size = request.image.size
    return {
        "model": request.model,
        "prompt": _texts(parts),
        "count": request.count,
        "size": None if size is None else str(size),
        "aspect_ratio": request.image.aspect_ratio,
        "tier": request.image.tier,
        "quality": request.image.quality,
        **_pictures(images),
    }


def _prompt(request: ImageRequest) -> Iterable[Part]:
    """The parts of the last user turn."""
    turns = (turn for turn in reversed(request.turns) if turn.role == "user")
    turn = next(turns, None)
    return () if turn is None else turn.parts


def _reply_row(body: memoryview, about: Row, *, source: Source | None, options: Options) -> Row:
    found = _read_reply(reply_of(body, about), source, options)
    if isinstance(found, Failure):
        message = {"status": found.status, "path": "$", "message": found.message, "urls": ()}
        return {"error": message}
    parts = [part for candidate in found.candidates for part in _final(candidate)]
    text = _texts(parts)
    finish = found.candidates[0].finish if found.candidates else None
    if found.block is not None:
        text, finish = found.block.message, found.block.reason
    return {
        "model": found.model,
        **_pictures([part.image for part in parts if part.image is not None]),
        "text": text,
        "finish": finish,
        "usage": _usage(found.usage),
    }


def _read_reply(reply: Reply, source: Source | None, options: Options) -> ImageResponse | Failure:
    if source is not None:
        return read_reply(reply, source_of(source)[0], options).value
    try:
        return recognised_reply(reply, options=options).value
    except MalformedError as error:
        error.blame_upstream()
        raise


def _final(candidate: Candidate) -> list[Part]:
    return [part for _, part in final_parts(candidate.parts, ("candidates",), lambda _: None)]


def _texts(parts: Iterable[Part]) -> str | None:
    return "\n".join(part.text for part in parts if part.text) or None


def _pictures(images: Iterable[Image]) -> Row:
    """The pictures that have bytes, and the addresses of the others."""
    rows, urls = [], []
    for image in images:
        if image.data is None:
            urls.append(image.url or image.file_id)
            continue
        data = pybase64.b64decode(image.data, validate=True)
        size = pixel_size(data)
        rows.append(
            {
                "data": data,
                "media_type": image.media_type,
                "width": None if size is None else size.width,
                "height": None if size is None else size.height,
                "sha256": sha256(data).hexdigest(),
            }
        )
    return {"images": rows, "urls": urls}


def _usage(usage: Usage | None) -> Row | None:
    names = ("prompt", "tool_use", "cached", "candidates", "thoughts", "total")
    return None if usage is None else {name: getattr(usage, name) for name in names}
