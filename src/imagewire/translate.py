"""From one format to another: the only module that sees two.

Every translation is the same road: read with the source's module, adjust the hub value, write with
the target's module, and point each loss back into the source document.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import attrs

from imagewire.catalog import CATALOG, Catalog, bare_model
from imagewire.endpoints import Endpoint, body_model
from imagewire.errors import (
    FailureBodyError,
    InexpressibleError,
    InvalidModelError,
    MalformedError,
    TranslationError,
    UnsupportedError,
)
from imagewire.formats import FORMATS, Format
from imagewire.loss import Loss, Outcome
from imagewire.media import read_fetched
from imagewire.merge import merge_responses
from imagewire.message import JSON_TYPE, Body, Headers
from imagewire.model import Failure, ImageRequest, ImageResponse, Part, ReplyContext
from imagewire.options import DEFAULTS, Options
from imagewire.paths import merge_ranges
from imagewire.prompt import last_user_only
from imagewire.result import Reply, TranslatedRequest, TranslatedResponse

#: A fetched remote image: its bytes, or its declared media type and its bytes.
Fetched = bytes | tuple[str, bytes]
Source = str | Format | Endpoint
Target = str | Format


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
    reader, endpoint = _source(source)
    if endpoint.operation == "stream":
        msg = "streaming is not supported for image generation"
        raise UnsupportedError(msg, path="$.stream")
    read = reader.read_request(
        body, model=endpoint.model or model, content_type=content_type, options=options
    )
    request = read.value
    context = _context(request)
    if model is not None:
        body_model(model)
        request = attrs.evolve(request, model=bare_model(model), model_as_given=model)
    writer = _target(target, request, catalog)
    losses = list(read.losses)
    dropped: list[Loss] = []
    origin = _Origin(reader, body, "request", content_type, options)
    try:
        if model is None:
            _check_model(request, writer.NAME, catalog)
        if reader.PROMPT == "last_user" and reader is not writer and options.history != "all":
            request, first_turn = last_user_only(request, dropped.append)
            losses += origin.losses(dropped)
            origin.first_turn = first_turn
        if fetched:
            request = _with_fetched(request, fetched)
        context = attrs.evolve(context, had_input_images=_has_input_images(request))
        written = writer.write_request(request, options=options, catalog=catalog)
    except TranslationError as error:
        error.path = origin.locate([error.path])[0]
        raise
    wire = written.value
    return TranslatedRequest(
        method=wire.method,
        path=wire.path,
        headers=wire.headers,
        body=wire.body,
        model=wire.model,
        target=writer.NAME,
        repeat=wire.repeat,
        losses=(*losses, *origin.losses(written.losses)),
        context=context,
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
    reader, _ = _source(source)
    writer = _format(target)
    if not replies:
        msg = "there are no replies to translate"
        raise ValueError(msg)
    single = len(replies) == 1
    losses: list[Loss] = []
    results: list[ImageResponse | Failure] = []
    for index, reply in enumerate(replies):
        prefix = "$" if single else f"$[{index}]"
        try:
            outcome = _read_reply(reply, reader, options)
        except TranslationError as error:
            if single:
                raise
            outcome = Outcome(error.failure)
        results.append(outcome.value)
        losses += _prefixed(outcome.losses, prefix)
    merged = merge_responses(results, losses.append)
    if isinstance(merged, Failure):
        return _failed(merged, writer, tuple(losses))
    written = writer.write_response(
        merged,
        context=context,
        created=created,
        response_id=response_id,
        options=options,
        catalog=catalog,
    )
    found: Sequence[Loss] = written.losses
    if single and isinstance(replies[0], Reply):
        found = _Origin(reader, replies[0].body, "response", JSON_TYPE, options).losses(found)
    wire = written.value
    return TranslatedResponse(
        status=wire.status, headers=wire.headers, body=wire.body, losses=(*losses, *found)
    )


def render_error(error: TranslationError | Failure, *, target: Target) -> TranslatedResponse:
    """The reply that tells a client of an error, in its own dialect."""
    failure = error if isinstance(error, Failure) else error.failure
    return _failed(failure, _format(target), ())


def read_model(body: Body, *, source: Source, content_type: str = JSON_TYPE) -> str | None:
    """The model of a request as its client spells it, without reading the rest; None if unnamed."""
    reader, endpoint = _source(source)
    return endpoint.model or reader.read_model(body, content_type=content_type)


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
    try:
        translate_request(
            body, source=source, target=target, content_type=content_type, options=options
        )
    except InexpressibleError as error:
        if error.urls:
            return error.urls
        raise
    return ()


def _format(name: Target) -> Format:
    if not isinstance(name, str):
        return name
    try:
        return FORMATS[name]
    except KeyError:
        msg = f"unknown format {name!r}; known are {', '.join(FORMATS)}"
        raise ValueError(msg) from None


def _source(source: Source) -> tuple[Format, Endpoint]:
    if isinstance(source, Endpoint):
        return _format(source.format), source
    reader = _format(source)
    return reader, Endpoint(reader.NAME)


def _target(target: Target, request: ImageRequest, catalog: Catalog) -> Format:
    if target != "native":
        return _format(target)
    name = catalog.native_format(request.model or "")
    if name not in FORMATS:
        msg = f"no format here reaches the upstream of this model, {name}"
        raise InvalidModelError(msg, path="$.model")
    return FORMATS[name]


def _check_model(request: ImageRequest, target: str, catalog: Catalog) -> None:
    model = request.model or ""
    if catalog.find(model) is not None and not catalog.serves(model, target):
        msg = "Invalid value for 'model'"  # the product page's words
        raise InvalidModelError(msg, path="$.model")


def _context(request: ImageRequest) -> ReplyContext:
    return ReplyContext(
        model=request.model_as_given or request.model,
        count=request.count,
        response_format=request.response_format,
    )


def _has_input_images(request: ImageRequest) -> bool:
    return any(part.image is not None for turn in request.turns for part in turn.parts)


def _with_fetched(request: ImageRequest, fetched: Mapping[str, Fetched]) -> ImageRequest:
    """The request with its remote images replaced by what the caller fetched."""

    def image(part: Part, path: str) -> Part:
        if part.image is None or part.image.url is None or part.image.url not in fetched:
            return part
        data = read_fetched(fetched[part.image.url], path)
        return attrs.evolve(part, image=attrs.evolve(data, detail=part.image.detail))

    return attrs.evolve(
        request,
        turns=tuple(
            attrs.evolve(
                turn,
                parts=tuple(
                    image(part, f"$.turns[{index}].parts[{place}]")
                    for place, part in enumerate(turn.parts)
                ),
            )
            for index, turn in enumerate(request.turns)
        ),
    )


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
    except FailureBodyError:
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


def _prefixed(losses: Sequence[Loss], prefix: str) -> list[Loss]:
    if prefix == "$":
        return list(losses)
    return [attrs.evolve(loss, path=prefix + loss.path.removeprefix("$")) for loss in losses]


@attrs.define
class _Origin:
    """The source document, to point losses and errors of a writer back into it."""

    reader: Format
    body: Body
    of: Literal["request", "response"]
    content_type: str
    options: Options
    first_turn: int = 0  #: which turn of the document is the writer's turn 0

    def locate(self, paths: Sequence[str]) -> list[str]:
        """Where in the source document hub paths come from."""
        return self.reader.locate(
            self.body,
            [self._unshifted(path) for path in paths],
            of=self.of,
            content_type=self.content_type,
            options=self.options,
        )

    def losses(self, losses: Sequence[Loss]) -> tuple[Loss, ...]:
        """Losses with paths in the source document; runs of turns become ranges."""
        if not losses:
            return ()
        paths = self.locate([loss.path for loss in losses])
        return merge_ranges(
            [attrs.evolve(loss, path=path) for loss, path in zip(losses, paths, strict=True)]
        )

    def _unshifted(self, path: str) -> str:
        if self.first_turn and path.startswith("$.turns[0]"):
            return f"$.turns[{self.first_turn}]" + path.removeprefix("$.turns[0]")
        return path
