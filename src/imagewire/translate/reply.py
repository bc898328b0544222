"""Replies from one format to another: successes, errors, and several at once."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import structs

from imagewire.bypass.cut import bypass, is_large
from imagewire.catalog import CATALOG, Catalog
from imagewire.codec.identity import kept
from imagewire.errors import MalformedError, TranslationError
from imagewire.formats import Format
from imagewire.formats.contract import reads_streams, writes_streams
from imagewire.loss import Loss, Outcome, add
from imagewire.messages import (
    JSON_TYPE,
    Body,
    Headers,
    Payload,
    Reply,
    TranslatedResponse,
    WireResponse,
    read_headers,
)
from imagewire.model import Failure, FailureEvent, ImageResponse, ReplyContext
from imagewire.options import DEFAULTS, Options
from imagewire.paths import Provenance
from imagewire.rules.error_bodies import is_failure
from imagewire.rules.events import events_of
from imagewire.rules.finish import refusal_of
from imagewire.rules.retry import request_id_of
from imagewire.sse import EVENTS_HEADERS
from imagewire.translate.arguments import (
    MAYBE_NUMBER,
    MAYBE_TEXT,
    refuse_arguments,
    refuse_replies,
)
from imagewire.translate.formats import Source, Target, format_of, source_of
from imagewire.translate.merge import Merged, merge_responses
from imagewire.translate.provenance import located_in_replies, prefixed
from imagewire.translate.replay import events_in, fold_events, write_all


def translate_response(  # noqa: PLR0913 - the contract's signature
    body: Body,
    *,
    source: Source,
    target: Target,
    status: int = 200,
    headers: Headers = (),
    context: ReplyContext = ReplyContext(),
    created: int | None = None,
    response_id: str | None = None,
    begun: bool = False,
    options: Options = DEFAULTS,
    catalog: Catalog = CATALOG,
) -> TranslatedResponse:
    """Translate a reply, a success or an error, or a stream of events as one reply.

    ``created`` is the time in seconds since 1970 that a reply gets whose source names none. Where
    the ``context`` wants a stream, a success is written as one; ``begun`` says that a 200 went out
    already, with a keep-alive say: then a failure is an event, too.
    Raises `MalformedError` with status 502 for what is neither a response nor an error.
    """
    replies = [Reply(body, status, headers)]
    about = source, target, context, created, response_id, begun, options, catalog
    try:
        if not is_large(body):
            return translate_whole_replies(replies, *about)
        return bypass(lambda small: translate_whole_replies(small, *about), replies)
    except (AttributeError, TypeError):
        refuse_arguments(body=body, status=status)
        _refuse_about(context, created, response_id, options, catalog)
        raise


def translate_responses(  # noqa: PLR0913 - the contract's signature
    replies: Sequence[Reply | Failure],
    *,
    source: Source,
    target: Target,
    context: ReplyContext = ReplyContext(),
    created: int | None = None,
    response_id: str | None = None,
    begun: bool = False,
    options: Options = DEFAULTS,
    catalog: Catalog = CATALOG,
) -> TranslatedResponse:
    """Translate the replies of ``repeat`` identical calls into one.

    A `Failure` among them is one that the caller made, of a time-out for example. A malformed reply
    among several counts as a failed call; if it is the only one, it raises.
    """
    about = source, target, context, created, response_id, begun, options, catalog
    try:
        if not is_large(replies):
            return translate_whole_replies(replies, *about)
        return bypass(lambda small: translate_whole_replies(small, *about), replies)
    except (AttributeError, TypeError):
        refuse_replies(replies)
        _refuse_about(context, created, response_id, options, catalog)
        raise


def translate_whole_replies(  # noqa: PLR0913, PLR0917 - the contract's arguments
    replies: Sequence[Reply | Failure],
    source: Source,
    target: Target,
    context: ReplyContext = ReplyContext(),
    created: int | None = None,
    response_id: str | None = None,
    begun: bool = False,  # noqa: FBT001, FBT002 - as the contract has it
    options: Options = DEFAULTS,
    catalog: Catalog = CATALOG,
) -> TranslatedResponse:
    """The same without the bypass: a large payload goes through the codec."""
    reader, _ = source_of(source)
    writer = format_of(target)
    if not replies:
        msg = "there are no replies to translate"
        raise ValueError(msg)
    if not (type(created) in MAYBE_NUMBER and type(response_id) in MAYBE_TEXT):  # almost never
        refuse_arguments(created=created, response_id=response_id)  # else they would be written
    losses: list[Loss] = []
    notes: list[Loss] = []
    if len(replies) == 1:
        only = read_reply(replies[0], reader, options)
        losses += only.losses
        merged, sources = Merged(only.value), [only.provenance]
    else:
        results, sources = _read_several(replies, reader, options, losses)
        merged = merge_responses(results, notes.append)
    if isinstance(merged.result, Failure):
        return _failed(merged.result, writer, tuple(losses), context if begun else None)
    failure: Failure | None = None
    streams = writes_streams(writer) if context.stream is not None else None
    if streams is None:
        written = writer.write_response(
            merged.result,
            context=context,
            created=created,
            response_id=response_id,
            options=options,
            catalog=catalog,
        )
    else:
        stream = streams.stream_writer(
            context=context, created=created, response_id=response_id, options=options
        )
        told = write_all(events_of(merged.result), stream)
        failure = told.value if isinstance(told.value, Failure) else None
        written = _streamed(told, writer, context, context if begun else None)
    if notes or written.losses:
        add(losses, *located_in_replies((*notes, *written.losses), merged, sources))
    wire = written.value
    if reader is writer and streams is None and len(replies) == 1 and wire.status == 200:
        found = kept(sources[0], merged.result, wire.body, losses)
        if found is not None:
            wire, losses = structs.replace(wire, body=found[0]), list(found[1])
    headers = wire.headers
    first = replies[merged.first]
    if isinstance(first, Reply) and first.headers:
        headers = headers | request_id(first.headers)
    return TranslatedResponse(
        status=wire.status,
        headers=headers,
        body=wire.body,
        losses=tuple(losses),
        failure=failure or (refusal_of(merged.result) if wire.status >= 400 else None),
    )


def _read_several(
    replies: Sequence[Reply | Failure], reader: Format, options: Options, losses: list[Loss]
) -> tuple[list[ImageResponse | Failure], list[Provenance | None]]:
    """What each reply says, and where it came from; what is lost of them joins the losses."""
    results: list[ImageResponse | Failure] = []
    sources: list[Provenance | None] = []
    for call, reply in enumerate(replies):
        try:
            outcome = read_reply(reply, reader, options)
        except TranslationError as error:
            outcome = Outcome(error.failure)
        results.append(outcome.value)
        sources.append(outcome.provenance)
        if outcome.losses:
            add(losses, *prefixed(outcome.losses, f"$[{call}]"))
    return results, sources


def _streamed(
    written: Outcome[Payload] | Outcome[Failure],
    writer: Format,
    context: ReplyContext,
    begun: ReplyContext | None,
) -> Outcome[WireResponse]:
    """The reply that a stream of events is, or the failure that became of it."""
    if isinstance(written.value, Failure):
        return Outcome(_write_failure(written.value, writer, begun), written.losses)
    headers = stream_headers(context)
    wire = WireResponse(status=200, headers=headers, body=written.value)
    return Outcome(wire, written.losses)


def stream_headers(context: ReplyContext) -> dict[str, str]:
    """The headers of the stream that a client wants."""
    return {"content-type": JSON_TYPE} if context.stream == "array" else dict(EVENTS_HEADERS)


def _refuse_about(
    context: ReplyContext,
    created: int | None,
    response_id: str | None,
    options: Options,
    catalog: Catalog,
) -> None:
    refuse_arguments(context=context, created=created, response_id=response_id)
    refuse_arguments(options=options, catalog=catalog)


def render_error(
    error: TranslationError | Failure,
    *,
    target: Target,
    context: ReplyContext = ReplyContext(),
    begun: bool = False,
) -> TranslatedResponse:
    """The reply that tells a client of an error, in its own dialect.

    Where a stream has ``begun``, it is the event that does: ``context`` is the request's.
    """
    if not isinstance(error, TranslationError | Failure):
        msg = f"error must be a TranslationError or a Failure, not {type(error).__name__}"
        raise TypeError(msg)
    failure = error if isinstance(error, Failure) else error.failure
    return _failed(failure, format_of(target), (), context if begun else None)


def read_reply(
    reply: Reply | Failure, reader: Format, options: Options
) -> Outcome[ImageResponse] | Outcome[Failure]:
    """The response of a reply, or its failure; raises for what is neither."""
    if isinstance(reply, Failure):
        return Outcome(reply)
    if reply.status >= 400:
        return Outcome(reader.read_failure(reply.body, status=reply.status, headers=reply.headers))
    if not 200 <= reply.status < 300:
        error = MalformedError(f"HTTP status {reply.status} is neither a success nor an error")
        error.blame_upstream()
        raise error
    try:
        events = events_in(reply.body)
        if events is not None and reads_streams(reader) is not None:
            return fold_events(events, reader, options, reply.headers)
        return reader.read_response(reply.body, options=options)
    except MalformedError:
        if not is_failure(reply.body):
            raise
    return Outcome(reader.read_failure(reply.body, status=reply.status, headers=reply.headers))


def render_models(target: Target, *, catalog: Catalog = CATALOG) -> TranslatedResponse:
    """The models that a face serves, as a reply to ``GET /v1/models``; what retires comes last."""
    writer = format_of(target)
    served = [model for model in catalog.models if model.family in writer.FAMILIES]
    lasting = sorted(served, key=lambda model: model.retires is not None)
    return TranslatedResponse(**structs.asdict(writer.write_models(lasting)))


def request_id(headers: Headers) -> dict[str, str]:
    """The id by which an upstream knows a request: a success carries it like an error."""
    if not headers:
        return {}
    found = request_id_of(read_headers(headers))
    return {} if found is None else {"x-request-id": found}


def _failed(
    failure: Failure,
    writer: Format,
    losses: tuple[Loss, ...],
    begun: ReplyContext | None,
) -> TranslatedResponse:
    wire = _write_failure(failure, writer, begun)
    return TranslatedResponse(
        status=wire.status, headers=wire.headers, body=wire.body, losses=losses, failure=failure
    )


def _write_failure(failure: Failure, writer: Format, begun: ReplyContext | None) -> WireResponse:
    """The error reply, or, in a stream that has begun, the error event and the end."""
    streams = None if begun is None else writes_streams(writer)
    if begun is None or streams is None:
        return writer.write_failure(failure)
    stream = streams.stream_writer(context=begun)
    written = write_all([FailureEvent(failure=failure)], stream).value
    body = Payload(b"") if isinstance(written, Failure) else written
    return WireResponse(status=200, headers=stream_headers(begun), body=body)
