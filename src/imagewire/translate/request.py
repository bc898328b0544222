"""From one format to another: the only module that sees two.

Every translation is the same road: read with the source's module, adjust the hub value, write with
the target's module, and point each loss back into the source document.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import structs

from imagewire.bypass.cut import bypassed
from imagewire.catalog import CATALOG, Catalog, bare_model
from imagewire.endpoints import Endpoint
from imagewire.errors import (
    InexpressibleError,
    MalformedError,
    TranslationError,
    UnsupportedError,
)
from imagewire.formats import Format
from imagewire.loss import Loss, Outcome, Report
from imagewire.messages import JSON_TYPE, Body, Headers
from imagewire.model import Failure, Image, ImageRequest, ImageResponse, Part, ReplyContext, evolve
from imagewire.options import DEFAULTS, Options
from imagewire.paths import Path
from imagewire.result import Reply, TranslatedRequest, TranslatedResponse
from imagewire.rules.failures import is_failure
from imagewire.rules.finish import refusal_of
from imagewire.rules.media import read_fetched
from imagewire.rules.model_ids import body_model
from imagewire.rules.prompt import last_user_only
from imagewire.translate.formats import (
    Source,
    Target,
    check_model,
    format_of,
    source_of,
    target_of,
)
from imagewire.translate.merge import merge_responses
from imagewire.translate.provenance import Origin, losses_of_replies

#: A fetched remote image: its bytes, or its declared media type and its bytes.
Fetched = bytes | tuple[str, bytes]


@bypassed
def translate_request(  # noqa: PLR0913 - the contract's signature
    body: Body,
    *,
    source: Source,
    target: Target,
    model: str | None = None,
    content_type: str = JSON_TYPE,
    options: Options = DEFAULTS,
    fetched: Mapping[str, Fetched] = {},
    catalog: Catalog = CATALOG,
) -> TranslatedRequest:
    """Translate a request.

    ``model`` is the id to send upstream; with ``source="gemini"`` it stands for the path's model
    too. ``target="native"`` is the format of the upstream that serves the model. ``fetched`` holds
    the remote images that `remote_images` named. Raises `TranslationError`.
    """
    reader, named = source_of(source)
    if isinstance(source, Endpoint) and source.operation == "stream":
        msg = "streaming is not supported for image generation"
        raise UnsupportedError(msg, path="$.stream")
    read = reader.read_request(
        body, model=named or model, content_type=content_type, options=options
    )
    losses, request = read.losses, read.value
    given = request
    if model is not None and model != request.model_as_given:
        request = evolve(request, model=bare_model(body_model(model)), model_as_given=model)
    writer = target_of(target, request, catalog)
    origin = Origin(
        reader=reader, body=body, of="request", options=options, content_type=content_type
    )
    try:
        if model is None:
            check_model(request, writer, catalog)
        if _narrows(reader, writer, options):
            dropped: list[Loss] = []
            request, first_turn = last_user_only(request, dropped.append)
            losses += origin.losses(dropped)
            origin.first_turn = first_turn
        if fetched:
            corrected: list[Loss] = []
            request = _with_fetched(request, fetched, corrected.append)
            losses += origin.losses(corrected)
        written = writer.write_request(request, options=options, catalog=catalog)
    except TranslationError as error:
        error.path = origin.locate([error.path])[0]
        raise
    if written.losses:
        losses += origin.losses(written.losses)
    wire = written.value
    return TranslatedRequest(
        method=wire.method,
        path=wire.path,
        headers=wire.headers,
        body=wire.body,
        model=wire.model,
        target=writer.NAME,
        repeat=wire.repeat,
        losses=losses,
        context=_context(given, request),
    )


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
    return translate_responses(
        [Reply(body, status, headers)],
        source=source,
        target=target,
        context=context,
        created=created,
        response_id=response_id,
        options=options,
        catalog=catalog,
    )


@bypassed
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
    reader, _ = source_of(source)
    writer = format_of(target)
    if not replies:
        msg = "there are no replies to translate"
        raise ValueError(msg)
    single = len(replies) == 1
    losses: list[Loss] = []
    results: list[ImageResponse | Failure] = []
    origins: list[Origin] = []
    for call, reply in enumerate(replies):
        try:
            outcome = _read_reply(reply, reader, options)
        except TranslationError as error:
            if single:
                raise
            outcome = Outcome(error.failure)
        results.append(outcome.value)
        found = isinstance(outcome.value, ImageResponse)  # a failure has no places
        origin = Origin(
            reader=reader,
            body=reply.body if found and isinstance(reply, Reply) else None,
            of="response",
            options=options,
            prefix="$" if single else f"$[{call}]",
        )
        origins.append(origin)
        if outcome.losses:
            read = outcome.losses
            losses += [structs.replace(loss, path=origin.prefixed(loss.path)) for loss in read]
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
        losses += losses_of_replies((*notes, *written.losses), merged, origins)
    wire = written.value
    return TranslatedResponse(
        status=wire.status,
        headers=wire.headers,
        body=wire.body,
        losses=tuple(losses),
        failure=refusal_of(merged.result) if wire.status >= 400 else None,
    )


def render_error(error: TranslationError | Failure, *, target: Target) -> TranslatedResponse:
    """The reply that tells a client of an error, in its own dialect."""
    failure = error if isinstance(error, Failure) else error.failure
    return _failed(failure, format_of(target), ())


@bypassed
def read_model(body: Body, *, source: Source, content_type: str = JSON_TYPE) -> str | None:
    """The model of a request as its client spells it, without reading the rest; None if unnamed."""
    reader, named = source_of(source)
    return named or reader.read_model(body, content_type=content_type)


@bypassed
def remote_images(
    body: Body,
    *,
    source: Source,
    target: Target,
    content_type: str = JSON_TYPE,
    options: Options = DEFAULTS,
) -> tuple[str, ...]:
    """The URLs that the target cannot take, each once: fetch them, and pass them as ``fetched``.

    Addresses are not judged here: private networks, redirects and sizes are the caller's concern.
    """
    reader, named = source_of(source)
    request = reader.read_request(
        body, model=named, content_type=content_type, options=options
    ).value
    writer = target_of(target, request, CATALOG)
    try:
        if _narrows(reader, writer, options):
            request, _ = last_user_only(request, lambda _: None)
        writer.write_request(request, options=options)
    except InexpressibleError as error:
        return error.urls
    except TranslationError:  # whatever else is wrong, translating says it
        pass
    return ()


def _narrows(reader: Format, writer: Format, options: Options) -> bool:
    """Whether the source's last user turn alone is translated (the product page, for chat)."""
    last_user = reader.PROMPT == "last_user" and options.history == "last_user"
    return last_user and reader is not writer


def _context(given: ImageRequest, sent: ImageRequest) -> ReplyContext:
    """What a reply will need of the request, as the client gave it and as it was sent."""
    return ReplyContext(
        model=given.model_as_given or given.model,
        count=given.count,
        had_input_images=_has_input_images(sent),
        response_format=given.response_format,
    )


def _has_input_images(request: ImageRequest) -> bool:
    for turn in request.turns:
        for part in turn.parts:
            if part.image is not None:
                return True
    return False


def _with_fetched(
    request: ImageRequest, fetched: Mapping[str, Fetched], report: Report
) -> ImageRequest:
    """The request with its remote images replaced by what the caller fetched."""

    def filled(parts: Sequence[Part], *hub: str | int) -> tuple[Part, ...]:
        return tuple(
            evolve(part, image=_fetched(image, fetched[url], (*hub, index), report))
            if (image := part.image) is not None
            and (url := image.url) is not None
            and url in fetched
            else part
            for index, part in enumerate(parts)
        )

    return evolve(
        request,
        system=filled(request.system, "system"),
        turns=tuple(
            evolve(turn, parts=filled(turn.parts, "turns", index, "parts"))
            for index, turn in enumerate(request.turns)
        ),
    )


def _fetched(image: Image, given: Fetched, node: Path, report: Report) -> Image:
    return evolve(read_fetched(given, node, report), detail=image.detail)


def _read_reply(
    reply: Reply | Failure, reader: Format, options: Options
) -> Outcome[ImageResponse] | Outcome[Failure]:
    if isinstance(reply, Failure):
        return Outcome(reply)
    if reply.status >= 400:
        return Outcome(reader.read_failure(reply.body, status=reply.status, headers=reply.headers))
    if not 200 <= reply.status < 300:
        error = MalformedError(f"the upstream answered with HTTP status {reply.status}")
        error.blame_upstream()
        raise error
    try:
        return reader.read_response(reply.body, options=options)
    except MalformedError:
        if not is_failure(reply.body):
            raise
    return Outcome(reader.read_failure(reply.body, status=reply.status, headers=reply.headers))


def _failed(failure: Failure, writer: Format, losses: tuple[Loss, ...]) -> TranslatedResponse:
    wire = writer.write_failure(failure)
    return TranslatedResponse(
        status=wire.status,
        headers=wire.headers,
        body=wire.body,
        losses=losses,
        failure=failure,
    )
