"""Batch files: lines in, lines out, one at a time.

A line is a body in an envelope (`imagewire.batch.shapes`). The shape of a line is recognised or
given; it is written in the shape of the target's own batch API, OpenAI Batch or Gemini Batch, but
bare bodies and ``{id, body}`` keep their shape. Ids are kept; if a line needs one and has none, its
number becomes its id. Paths of losses and errors are those in the line: ``$.body.messages[0]``.

A request to be sent ``n`` times becomes ``n`` lines ``id#1`` ... ``id#n``, or one with ``repeat``
in the shape ``id``; their replies, ``id#1`` ... ``id#n``, become one line again if the
`StoredContext` of the request is given. Edits towards the Images API are JSON. A batch job has one
API, one endpoint and one model (`Job`), which bare lines and those of Gemini Batch do not name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, NamedTuple, get_args

import attrs
from msgspec import structs

from imagewire.batch.envelopes import Envelope, open_line
from imagewire.batch.records import Contexts, Job, Line, PendingReply, Reject, StoredContext
from imagewire.batch.shapes import SHAPES, Shape, ShapeName, recognise, unknown_fields
from imagewire.batch.templates import LineResult, LineTranslator, templated
from imagewire.bypass.cut import bypassed
from imagewire.catalog import CATALOG, Catalog
from imagewire.errors import (
    InvalidModelError,
    MalformedError,
    TranslationError,
    UnsupportedError,
)
from imagewire.formats import FORMATS
from imagewire.formats.contract import BatchShape
from imagewire.loss import C, Loss, add, lost
from imagewire.messages import (
    Payload,
    Reply,
    Segment,
    TranslatedRequest,
    TranslatedResponse,
)
from imagewire.model import Failure, FailureKind
from imagewire.options import DEFAULTS, Options
from imagewire.translate.reply import translate_whole_replies
from imagewire.translate.request import translate_whole_request

Kind = Literal["request", "response"]

#: Rows of Vertex AI are those of Gemini Batch in another place.
_BATCH_APIS = frozenset(get_args(BatchShape)) | {"vertex"}
_CALL_ID = re.compile(r"(.*)#([1-9]\d{0,2})", re.ASCII | re.DOTALL)


def _of_lines(options: Options) -> Options:
    """The options of lines: no form fits one, and no stream."""
    stream = "whole" if options.stream == "live" else options.stream
    return attrs.evolve(options, edit_body="json", stream=stream)


@attrs.frozen(kw_only=True)
class Batch:
    """How to translate lines: arguments of `translate_request` and `translate_response`, and more.

    ``shape`` is that of the lines read (None: it is recognised), ``to_shape`` that of the lines
    written (None: the target's own). ``job`` is that of all requests: a line of another one is a
    `Reject`. With ``strict``, so is a line that loses content or settings.
    """

    source: str
    target: str
    kind: Kind = "request"
    shape: ShapeName | None = None
    to_shape: ShapeName | None = None
    model: str | None = None
    job: Job | None = None
    created: int | None = None
    strict: bool = False
    options: Options = attrs.field(default=DEFAULTS, converter=_of_lines)
    catalog: Catalog = attrs.field(default=CATALOG, repr=False)


class _LineOrigin(NamedTuple):
    """The line that a reply was in: its number, its id, its shape."""

    number: int
    id: str | None
    shape_name: ShapeName


class _OpenedReply(NamedTuple):
    """One of several replies, with its path in its line, and the losses of the line around it."""

    reply: Reply | Failure
    path: str = "$"
    losses: tuple[Loss, ...] = ()
    shape_name: ShapeName | None = None


def translate_lines(
    lines: Iterable[bytes], batch: Batch, *, contexts: Contexts | None = None, first: int = 1
) -> Iterator[Line | Reject]:
    """Translate lines one by one; blank ones are left out, a bad one is a `Reject`.

    So is a line with an id of an earlier one; the ids of all lines are kept in memory. ``contexts``
    has the stored contexts of requests, by id. Replies to one request become one line, in the place
    of the last of them; if some are missing, at the end. ``first`` is the number of the first line.
    """
    waiting: dict[str, list[PendingReply]] = {}
    seen: set[str] = set()
    translate = line_translator(batch, contexts)
    for number, line in enumerate(lines, first):
        result = translate(line, number)
        if result is None:
            continue
        found = unless_doubled(result, seen)
        if type(found) is PendingReply:
            id_ = found.stored_context.id
            replies = waiting.setdefault(id_, [])
            replies.append(found)
            if len(replies) == found.stored_context.repeat:
                yield from merge_replies(waiting.pop(id_), batch)
        else:
            yield found
    for replies in waiting.values():
        yield from merge_replies(replies, batch)


def line_translator(batch: Batch, contexts: Contexts | None = None) -> LineTranslator:
    """`translate_line` for many lines: it remembers what requests share, and is faster."""

    def translate(line: bytes, number: int) -> LineResult:
        return translate_line(line, batch, number=number, contexts=contexts)

    # A label holds an id in one way or another, by its letters: no template can know which.
    has_labels = batch.options.vertex or batch.to_shape == "vertex"
    return translate if batch.kind == "response" or has_labels else templated(translate)


def translate_line(
    line: bytes, batch: Batch, *, number: int = 1, contexts: Contexts | None = None
) -> Line | Reject | PendingReply | None:
    """Translate one line; None for a blank one, a `PendingReply` for one of several replies."""
    if not line or line.isspace():
        return None
    try:
        if batch.kind == "request":
            return _checked(_request(line, batch, number), batch)
        found = _response(line, batch, number, contexts)
        if isinstance(found, PendingReply):
            return structs.replace(found, line=line)
        return _checked(found, batch)
    except TranslationError as error:
        return Reject(number=number, id=_id_of(line, batch), error=error)


def unless_doubled(
    found: Line | Reject | PendingReply, seen: set[str]
) -> Line | Reject | PendingReply:
    """What was found, whose ids are then among those that were seen; a `Reject` if one was."""
    # Each line of a batch comes here: most have one id, and `isinstance` costs more than the rest.
    if type(found) is Reject:
        return found
    key, calls = found.key, found.call_ids
    if key in seen or (calls and not seen.isdisjoint(calls)):
        return found.doubled()
    seen.add(key)
    if calls:
        seen.update(calls)
    return found


def merge_replies(pending: Sequence[PendingReply], batch: Batch) -> Iterator[Line | Reject]:
    """Translate the replies to one request as one; if that fails, each is a `Reject`."""
    stored = pending[0].stored_context
    lines = {reply.call: reply.line for reply in pending}
    replies = [
        Reply(lines[call]) if call in lines else _missing(id_)
        for call, id_ in enumerate(stored.line_ids, 1)
    ]
    number = max(reply.number for reply in pending)
    try:
        yield _checked(_merged(replies, batch, number, stored), batch)
    except TranslationError as error:
        for reply in sorted(pending, key=lambda reply: reply.number):
            yield Reject(number=reply.number, id=reply.id, error=error)


# A line is cut as a whole: a body within it is not searched again.
@bypassed
def _request(line: bytes, batch: Batch, number: int) -> Line:
    shape_name, shape, envelope = _opened(line, batch)
    id_ = shape.read_id(envelope)
    request_line = shape.read_request(envelope, line)
    if request_line.endpoint is not None and request_line.endpoint.format != batch.source:
        where = "$.path" if shape.mixes else "$.url"
        raise MalformedError(f"not a url for {batch.source} requests", path=where)
    try:
        result = translate_whole_request(
            request_line.body,
            source=request_line.endpoint or batch.source,
            target=batch.target,
            model=batch.model,
            options=batch.options,
            catalog=batch.catalog,
        )
    except TranslationError as error:
        error.path = request_line.path + error.path[1:]
        raise
    to_shape = _to_shape(batch, shape_name, result.target)
    job = Job(to_shape, result.path, result.model)
    if batch.job is not None and not batch.job.takes(job):
        raise _of_another_job(job, batch.job, request_line.path)
    if request_line.repeat > 1:
        result = structs.replace(result, repeat=result.repeat * request_line.repeat)
    line_id = str(number) if id_ is None else id_
    stored = StoredContext(line_id, result.repeat, result.context)
    try:
        body = Payload(*_written(SHAPES[to_shape], stored, result))
    except TranslationError as error:
        error.path = request_line.path + error.path[1:]
        raise
    losses = unknown_fields(line, envelope, shape)
    return Line(
        number=number,
        id=id_,
        key=line_id,
        body=body,
        call_ids=stored.call_ids,
        losses=_with_more(losses, _moved(result.losses, request_line.path)),
        stored_context=stored,
        job=job,
    )


def _written(shape: Shape, stored: StoredContext, result: TranslatedRequest) -> Iterator[Segment]:
    """The lines of a request: one for each call, unless one line says how often to send it."""
    for id_ in (stored.id,) if shape.mixes else stored.line_ids:
        yield from shape.write_request(id_, result)


def _of_another_job(job: Job, wanted: Job, path: str) -> TranslationError:
    """The error for a line that does not belong into the file of a job."""
    if job.model != wanted.model:
        msg = f"all requests of this batch job have to ask for the model {wanted.model}"
        return InvalidModelError(msg, path=f"{path}.model")
    if job.path != wanted.path:
        msg = f"all requests of this batch job have to be for {wanted.path}, not {job.path}"
    else:
        msg = f"all lines of this file have to be of the shape {wanted.shape}, not {job.shape}"
    return UnsupportedError(msg, path=path)


@bypassed
def _response(
    line: bytes, batch: Batch, number: int, contexts: Contexts | None
) -> Line | PendingReply:
    shape_name, shape, envelope = _opened(line, batch)
    id_ = shape.read_id(envelope)
    losses = unknown_fields(line, envelope, shape)
    stored = None if id_ is None or contexts is None else contexts.get(id_)
    if stored is None and contexts is not None:
        numbered = _CALL_ID.fullmatch(id_ or "")
        request = contexts.get(numbered[1]) if numbered else None
        if numbered and request is not None and int(numbered[2]) <= request.repeat > 1:
            return PendingReply(number=number, call=int(numbered[2]), stored_context=request)
        losses = (*losses, lost(C.MISSING_CONTEXT, "$", "no context was stored for its request"))
    reply_line = shape.read_response(envelope, line)
    try:
        result = _translated([reply_line.reply], batch, stored or StoredContext(""))
    except TranslationError as error:
        error.path = reply_line.path + error.path[1:]
        raise
    losses = _with_more(losses, _moved(result.losses, reply_line.path))
    written = _write_reply(result, batch, _LineOrigin(number, id_, shape_name), losses)
    return structs.replace(written, call_ids=stored.call_ids) if stored else written


@bypassed
def _merged(
    replies: Sequence[Reply | Failure], batch: Batch, number: int, stored: StoredContext
) -> Line:
    """One line for several replies, whose bodies are still whole lines."""
    opened = [_unpacked(reply, batch) for reply in replies]
    result = _translated([call.reply for call in opened], batch, stored)
    losses: list[Loss] = []
    for index, call in enumerate(opened):
        add(losses, *_moved(call.losses, f"$[{index}]"))
    for loss in result.losses:
        call_, bracket, path = loss.path.removeprefix("$[").partition("]")
        if bracket:
            path = f"$[{call_}]{opened[int(call_)].path[1:]}{path}"
        # One that counts others is of no call.
        add(losses, structs.replace(loss, path=path) if bracket else loss)
    shape_names: list[ShapeName] = [
        call.shape_name for call in opened if call.shape_name is not None
    ]
    return _write_reply(
        result, batch, _LineOrigin(number, stored.id, shape_names[0]), tuple(losses)
    )


def _unpacked(reply: Reply | Failure, batch: Batch) -> _OpenedReply:
    """A reply out of its line; a line without a result is a call that failed."""
    if isinstance(reply, Failure):
        return _OpenedReply(reply)
    line = bytes(reply.body)  # type: ignore[arg-type]
    shape_name, shape, envelope = _opened(line, batch)
    losses = unknown_fields(line, envelope, shape)
    try:
        reply_line = shape.read_response(envelope, line)
    except MalformedError as error:
        error.blame_upstream()
        return _OpenedReply(error.failure, losses=losses, shape_name=shape_name)
    return _OpenedReply(reply_line.reply, reply_line.path, losses, shape_name)


def _translated(
    replies: Sequence[Reply | Failure], batch: Batch, stored: StoredContext
) -> TranslatedResponse:
    return translate_whole_replies(
        replies,
        source=batch.source,
        target=batch.target,
        context=structs.replace(stored.context, stream=None),
        created=batch.created,
        options=batch.options,
        catalog=batch.catalog,
    )


def _write_reply(
    result: TranslatedResponse, batch: Batch, origin: _LineOrigin, losses: tuple[Loss, ...]
) -> Line:
    line_id = str(origin.number) if origin.id is None else origin.id
    write = SHAPES[_to_shape(batch, origin.shape_name, batch.target)].write_response
    return Line(
        number=origin.number,
        id=origin.id,
        key=line_id,
        body=Payload(*write(line_id, result, origin.number)),
        losses=losses,
        failure=result.failure,
    )


def _opened(line: bytes, batch: Batch) -> tuple[ShapeName, Shape, Envelope]:
    envelope = open_line(line)
    shape_name = recognise(envelope) if batch.shape is None else batch.shape
    return shape_name, SHAPES[shape_name], envelope


def _to_shape(batch: Batch, shape_name: ShapeName, target: str) -> ShapeName:
    """The shape to write: for lines of a batch API, that of the target's batch API."""
    if batch.to_shape is not None:
        return batch.to_shape
    if shape_name not in _BATCH_APIS:
        return shape_name
    own = FORMATS[target].BATCH_SHAPE
    return "vertex" if own == "gemini" and batch.options.vertex else own


def _id_of(line: bytes, batch: Batch) -> str | None:
    """The id of a line that was rejected; None if it cannot be read."""
    try:
        _, shape, envelope = _opened(line, batch)
        return shape.read_id(envelope)
    except TranslationError:
        return None


def _checked(line: Line, batch: Batch) -> Line:
    return line.require_lossless() if batch.strict else line


def _moved(losses: Sequence[Loss], path: str) -> tuple[Loss, ...]:
    """Losses with paths in a body as losses with paths in its line."""
    if not losses:
        return ()
    return tuple(structs.replace(loss, path=path + loss.path[1:]) for loss in losses)


def _with_more(losses: tuple[Loss, ...], more: tuple[Loss, ...]) -> tuple[Loss, ...]:
    """The losses of a line and those of its body, as many as are listed."""
    if not losses:
        return more
    listed = [*losses]
    add(listed, *more)
    return tuple(listed)


def _missing(id_: str) -> Failure:
    message = f"there is no result {id_}"
    return Failure(kind=FailureKind.UNAVAILABLE, message=message, status=503, retryable=True)
