"""Replies from one format to another: successes, errors, and several at once."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import structs

from imagewire.bypass.cut import bypass, is_large
from imagewire.catalog import CATALOG, Catalog
from imagewire.codec.identity import kept
from imagewire.errors import MalformedError, TranslationError
from imagewire.formats import Format
from imagewire.loss import Loss, Outcome, add
from imagewire.messages import Body, Headers, Reply, TranslatedResponse, read_headers
from imagewire.model import Failure, ImageResponse, ReplyContext
from imagewire.options import DEFAULTS, Options
from imagewire.paths import Provenance
from imagewire.rules.error_bodies import is_failure
from imagewire.rules.finish import refusal_of
from imagewire.rules.retry import request_id_of
from imagewire.translate.arguments import refuse_arguments, refuse_replies
from imagewire.translate.formats import Source, Target, format_of, source_of
from imagewire.translate.merge import merge_responses
from imagewire.translate.provenance import located_in_replies, prefixed


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
    options: Options = DEFAULTS,
    catalog: Catalog = CATALOG,
) -> TranslatedResponse:
    """Translate a reply, a success or an error.

    ``created`` is the time in seconds since 1970 that a reply gets whose source names none.
    Raises `MalformedError` with status 502 for what is neither a response nor an error.
    """
    replies = [Reply(body, status, headers)]
    about = source, target, context, created, response_id, options, catalog
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
    options: Options = DEFAULTS,
    catalog: Catalog = CATALOG,
) -> TranslatedResponse:
    """Translate the replies of ``repeat`` identical calls into one.

    A `Failure` among them is one that the caller made, of a time-out for example. A malformed reply
    among several counts as a failed call; if it is the only one, it raises.
    """
    about = source, target, context, created, response_id, options, catalog
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
    options: Options = DEFAULTS,
    catalog: Catalog = CATALOG,
) -> TranslatedResponse:
    """The same without the bypass: a large payload goes through the codec."""
    reader, _ = source_of(source)
    writer = format_of(target)
    if not replies:
        msg = "there are no replies to translate"
        raise ValueError(msg)
    single = len(replies) == 1
    losses: list[Loss] = []
    results: list[ImageResponse | Failure] = []
    sources: list[Provenance | None] = []
    for call, reply in enumerate(replies):
        try:
            outcome = _read_reply(reply, reader, options)
        except TranslationError as error:
            if single:
                raise
            outcome = Outcome(error.failure)
        results.append(outcome.value)
        sources.append(outcome.provenance)
        if outcome.losses:
            own = outcome.losses if single else prefixed(outcome.losses, f"$[{call}]")
            add(losses, *own)
    notes: list[Loss] = []
    merged = merge_responses(results, notes.append)
    if isinstance(merged.result, Failure):
        return _failed(merged.result, writer, tuple(losses))
    written = writer.write_response(
        merged.result,
        context=context,
        created=created,
        response_id=response_id,
        options=options,
        catalog=catalog,
    )
    if notes or written.losses:
        add(losses, *located_in_replies((*notes, *written.losses), merged, sources))
    wire = written.value
    if single and reader is writer and wire.status == 200:
        found = kept(sources[0], merged.result, wire.body, losses)
        if found is not None:
            wire, losses = structs.replace(wire, body=found[0]), list(found[1])
    fields = structs.asdict(wire)
    fields["headers"] = wire.headers | _request_id(replies[merged.first])
    return TranslatedResponse(
        **fields,
        losses=tuple(losses),
        failure=refusal_of(merged.result) if wire.status >= 400 else None,
    )


def _refuse_about(
    context: ReplyContext,
    created: int | None,
    response_id: str | None,
    options: Options,
    catalog: Catalog,
) -> None:
    refuse_arguments(context=context, created=created, response_id=response_id)
    refuse_arguments(options=options, catalog=catalog)


def render_error(error: TranslationError | Failure, *, target: Target) -> TranslatedResponse:
    """The reply that tells a client of an error, in its own dialect."""
    if not isinstance(error, TranslationError | Failure):
        msg = f"error must be a TranslationError or a Failure, not {type(error).__name__}"
        raise TypeError(msg)
    failure = error if isinstance(error, Failure) else error.failure
    return _failed(failure, format_of(target), ())


def _read_reply(
    reply: Reply | Failure, reader: Format, options: Options
) -> Outcome[ImageResponse] | Outcome[Failure]:
    if isinstance(reply, Failure):
        return Outcome(reply)
    if reply.status >= 400:
        return Outcome(reader.read_failure(reply.body, status=reply.status, headers=reply.headers))
    if not 200 <= reply.status < 300:
        error = MalformedError(f"HTTP status {reply.status} is neither a success nor an error")
        error.blame_upstream()
        raise error
    try:
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


def _request_id(reply: Reply | Failure) -> dict[str, str]:
    """The id by which an upstream knows a request: a success carries it like an error."""
    if isinstance(reply, Failure) or not reply.headers:
        return {}
    found = request_id_of(read_headers(reply.headers))
    return {} if found is None else {"x-request-id": found}


def _failed(failure: Failure, writer: Format, losses: tuple[Loss, ...]) -> TranslatedResponse:
    wire = writer.write_failure(failure)
    return TranslatedResponse(**structs.asdict(wire), losses=losses, failure=failure)
