"""Batch files: lines in, lines out, one at a time.

A line is a body in an envelope (`imagewire.batch.shapes`): the shape is recognised or given, and the lines written are of the target's own shape, OpenAI Batch or Gemini Batch; what came as bare bodies
or as ``{id, body}`` stays so. Ids travel; a line without one that needs one gets its number. Paths
of losses and errors lead into the line: ``$.body.messages[0]``.

What does not fit one line: a request to be sent ``n`` times becomes ``n`` lines ``id#1`` ...
``id#n``, whose replies are one again where it is known what was `Kept` of it. Edits towards the
Images API are JSON. A Gemini Batch job has one model, which no line names: all must ask for it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from inspect import unwrap
from typing import Literal, NamedTuple, get_args

import attrs
from msgspec import structs

from imagewire.batch.records import Contexts, Kept, Line, Part, Reject
from imagewire.batch.shapes import (
    SHAPES,
    Envelope,
    Shape,
    ShapeName,
    left_over,
    open_line,
    read_id,
    recognise,
)
from imagewire.batch.templates import Found, Translate, templated
from imagewire.bypass.cut import bypassed
from imagewire.catalog import CATALOG, Catalog
from imagewire.errors import InvalidModelError, LossyError, MalformedError, TranslationError
from imagewire.formats import FORMATS
from imagewire.formats.contract import BatchShape
from imagewire.loss import METADATA, Loss, defaulted
from imagewire.messages import Payload
from imagewire.model import Failure, FailureKind
from imagewire.options import DEFAULTS, Options
from imagewire.result import Reply, TranslatedRequest, TranslatedResponse
from imagewire.translate.request import translate_request, translate_responses

# A line is cut as a whole: what is within it need not be looked through again.
_translate_request: Callable[..., TranslatedRequest] = unwrap(translate_request)
_translate_responses: Callable[..., TranslatedResponse] = unwrap(translate_responses)

__all__ = [
    "Batch",
    "Contexts",
    "Kept",
    "Line",
    "Part",
    "Reject",
    "merge_parts",
    "translate_line",
    "translate_lines",
]

Kind = Literal["request", "response"]

_BATCH_APIS = frozenset(get_args(BatchShape))
_PART = re.compile(r"(.*)#([1-9]\d{0,2})", re.ASCII | re.DOTALL)


def _json_edits(options: Options) -> Options:
    return attrs.evolve(options, edit_body="json")  # no form fits a line


@attrs.frozen(kw_only=True)
class Batch:
    """How to translate lines: the arguments of `translate_request` and its twins, and these.

    ``shape`` is that of the lines read, recognised if None, ``to_shape`` that of the lines written.
    ``job_model`` is the model of a Gemini Batch job: a line that asks for another raises.
    ``strict`` raises `LossyError` for a line that loses content or settings.
    """

    source: str
    target: str
    kind: Kind = "request"
    shape: ShapeName | None = None
    to_shape: ShapeName | None = None
    model: str | None = None
    job_model: str | None = None
    created: int | None = None
    strict: bool = False
    options: Options = attrs.field(default=DEFAULTS, converter=_json_edits)
    catalog: Catalog = attrs.field(default=CATALOG, repr=False)


class _Place(NamedTuple):
    """Where an answer belongs, and the shape of its line."""

    number: int
    id: str | None
    name: ShapeName


class _Call(NamedTuple):
    """One of several replies, with its path in its line and what that said beside it."""

    reply: Reply | Failure
    path: str = "$"
    losses: tuple[Loss, ...] = ()
    name: ShapeName | None = None


def translate_lines(
    lines: Iterable[bytes], batch: Batch, *, contexts: Contexts | None = None, first: int = 1
) -> Iterator[Line | Reject]:
    """Translate lines one by one; blank ones are passed over, a bad one is a `Reject`.

    ``contexts`` has what was kept of requests, by id. Replies that belong together become one line,
    where the last of them was; those of which some never came, at the end. ``first`` is the number
    of the first line.
    """
    waiting: dict[str, dict[int, Part]] = {}
    merged: set[str] = set()
    translate = line_translator(batch, contexts)
    for number, line in enumerate(lines, first):
        found = translate(line, number)
        if isinstance(found, Part):
            id_ = found.kept.id
            if id_ in merged or found.call in waiting.setdefault(id_, {}):
                yield found.doubled()
                continue
            waiting[id_][found.call] = found
            if len(waiting[id_]) == found.kept.repeat:
                merged.add(id_)
                yield from merge_parts([*waiting.pop(id_).values()], batch)
        elif found is not None:
            yield found
    for parts in waiting.values():
        yield from merge_parts([*parts.values()], batch)


def line_translator(batch: Batch, contexts: Contexts | None = None) -> Translate:
    """`translate_line` for many lines: from request to request it remembers what they share."""

    def translate(line: bytes, number: int) -> Found:
        return translate_line(line, batch, number=number, contexts=contexts)

    return templated(translate) if batch.kind == "request" else translate


def translate_line(
    line: bytes, batch: Batch, *, number: int = 1, contexts: Contexts | None = None
) -> Line | Reject | Part | None:
    """Translate one line; None for a blank one, a `Part` for one of several replies."""
    if not line or line.isspace():
        return None
    try:
        if batch.kind == "request":
            return _checked(_request(line, batch, number), batch)
        found = _response(line, batch, number, contexts)
        if isinstance(found, Part):
            return structs.replace(found, line=line)
        return _checked(found, batch)
    except TranslationError as error:
        return Reject(number=number, id=_id_of(line, batch), error=error)


def merge_parts(parts: Sequence[Part], batch: Batch) -> Iterator[Line | Reject]:
    """Translate the replies to one request as one; where that fails, each is a `Reject`."""
    kept = parts[0].kept
    lines = {part.call: part.line for part in parts}
    replies = [
        Reply(lines[call]) if call in lines else _missing(f"{kept.id}#{call}")
        for call in range(1, kept.repeat + 1)
    ]
    number = max(part.number for part in parts)
    try:
        yield _checked(_merged(replies, batch, number, kept), batch)
    except TranslationError as error:
        for part in sorted(parts, key=lambda part: part.number):
            yield Reject(number=part.number, id=part.id, error=error)


@bypassed
def _request(line: bytes, batch: Batch, number: int) -> Line:
    name, shape, envelope = _opened(line, batch)
    id_ = read_id(envelope, shape)
    asked = shape.read_request(envelope, line)
    if asked.endpoint is not None and asked.endpoint.format != batch.source:
        raise MalformedError(f"this is no {batch.source} request", path="$.url")
    try:
        result = _translate_request(
            asked.body,
            source=asked.endpoint or batch.source,
            target=batch.target,
            model=batch.model,
            options=batch.options,
            catalog=batch.catalog,
        )
    except TranslationError as error:
        error.path = asked.path + error.path[1:]
        raise
    to_shape = _to_shape(batch, name, result.target)
    if batch.job_model is not None and to_shape == "gemini" and batch.job_model != result.model:
        msg = f"the model of this batch job is {batch.job_model}"
        raise InvalidModelError(msg, path=f"{asked.path}.model")
    named = str(number) if id_ is None else id_
    write = SHAPES[to_shape].write_request
    segments = write(named, result)
    if result.repeat > 1:
        ids = [f"{named}#{call}" for call in range(1, result.repeat + 1)]
        segments = tuple(segment for each in ids for segment in write(each, result))
    return Line(
        number=number,
        id=id_,
        body=Payload(*segments),
        losses=left_over(line, envelope, shape) + _moved(result.losses, asked.path),
        kept=Kept(named, result.repeat, result.context),
        model=result.model,
    )


@bypassed
def _response(line: bytes, batch: Batch, number: int, contexts: Contexts | None) -> Line | Part:
    name, shape, envelope = _opened(line, batch)
    id_ = read_id(envelope, shape)
    losses = left_over(line, envelope, shape)
    kept = None if id_ is None or contexts is None else contexts.get(id_)
    if kept is None and contexts is not None:
        match = _PART.fullmatch(id_ or "")
        whole = contexts.get(match[1]) if match else None
        if match and whole is not None and int(match[2]) <= whole.repeat > 1:
            return Part(number=number, call=int(match[2]), kept=whole)
        losses = (*losses, defaulted("$", "nothing was kept of its request"))
    answered = shape.read_response(envelope, line)
    try:
        result = _translated([answered.reply], batch, kept or Kept(""))
    except TranslationError as error:
        error.path = answered.path + error.path[1:]
        raise
    losses += _moved(result.losses, answered.path)
    return _answer(result, batch, _Place(number, id_, name), losses)


@bypassed
def _merged(replies: Sequence[Reply | Failure], batch: Batch, number: int, kept: Kept) -> Line:
    """The answer of several replies, whose bodies are still whole lines."""
    opened = [_unpacked(reply, batch) for reply in replies]
    result = _translated([call.reply for call in opened], batch, kept)
    losses = [
        loss for index, call in enumerate(opened) for loss in _moved(call.losses, f"$[{index}]")
    ]
    for loss in result.losses:
        index, _, path = loss.path.removeprefix("$[").partition("]")
        path = opened[int(index)].path[1:] + path
        losses.append(structs.replace(loss, path=f"$[{index}]{path}"))
    names: list[ShapeName] = [call.name for call in opened if call.name is not None]
    return _answer(result, batch, _Place(number, kept.id, names[0]), tuple(losses))


def _unpacked(reply: Reply | Failure, batch: Batch) -> _Call:
    """A reply out of its line; what is no result of any kind is a call that failed."""
    if isinstance(reply, Failure):
        return _Call(reply)
    line = bytes(reply.body)  # type: ignore[arg-type]
    name, shape, envelope = _opened(line, batch)
    losses = left_over(line, envelope, shape)
    try:
        answered = shape.read_response(envelope, line)
    except MalformedError as error:
        error.blame_upstream()
        return _Call(error.failure, losses=losses, name=name)
    return _Call(answered.reply, answered.path, losses, name)


def _translated(replies: Sequence[Reply | Failure], batch: Batch, kept: Kept) -> TranslatedResponse:
    return _translate_responses(
        replies,
        source=batch.source,
        target=batch.target,
        context=kept.context,
        created=batch.created,
        options=batch.options,
        catalog=batch.catalog,
    )


def _answer(
    result: TranslatedResponse, batch: Batch, place: _Place, losses: tuple[Loss, ...]
) -> Line:
    named = str(place.number) if place.id is None else place.id
    write = SHAPES[_to_shape(batch, place.name, batch.target)].write_response
    return Line(
        number=place.number,
        id=place.id,
        body=Payload(*write(named, result, place.number)),
        losses=losses,
        failure=result.failure,
    )


def _opened(line: bytes, batch: Batch) -> tuple[ShapeName, Shape, Envelope]:
    envelope = open_line(line)
    name = recognise(envelope) if batch.shape is None else batch.shape
    return name, SHAPES[name], envelope


def _to_shape(batch: Batch, name: ShapeName, target: str) -> ShapeName:
    """The shape to write: lines of a batch API become those of the target's."""
    if batch.to_shape is not None:
        return batch.to_shape
    return FORMATS[target].BATCH_SHAPE if name in _BATCH_APIS else name


def _id_of(line: bytes, batch: Batch) -> str | None:
    """The id of a line that is not well; None if it cannot be read."""
    try:
        _, shape, envelope = _opened(line, batch)
        return read_id(envelope, shape)
    except TranslationError:
        return None


def _checked(line: Line, batch: Batch) -> Line:
    lost = [loss for loss in line.losses if loss.level is not METADATA] if batch.strict else []
    if lost:
        raise LossyError(lost)
    return line


def _moved(losses: Sequence[Loss], path: str) -> tuple[Loss, ...]:
    """Losses in a body as losses in its line."""
    if not losses:
        return ()
    return tuple(structs.replace(loss, path=path + loss.path[1:]) for loss in losses)


def _missing(id_: str) -> Failure:
    message = f"there is no result {id_}"
    return Failure(kind=FailureKind.UNAVAILABLE, message=message, status=503, retryable=True)
