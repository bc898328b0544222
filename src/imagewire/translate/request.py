"""Requests from one format to another, and what can be asked of one before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from msgspec import structs

from imagewire.bypass import cut
from imagewire.bypass.cut import bypass, is_large
from imagewire.catalog import CATALOG, Catalog, bare_model
from imagewire.codec.identity import kept
from imagewire.endpoints import Endpoint
from imagewire.errors import InexpressibleError, TranslationError, UnsupportedError
from imagewire.loss import C, Loss, Outcome, Report, add, lost
from imagewire.messages import JSON_TYPE, Body, TranslatedRequest, WireRequest
from imagewire.model import Image, ImageRequest, Part, ReplyContext, StreamWish
from imagewire.multipart import is_form
from imagewire.options import DEFAULTS, Options
from imagewire.paths import Path
from imagewire.rules.media import read_fetched
from imagewire.rules.model_ids import body_model
from imagewire.rules.prompt import last_user_only
from imagewire.rules.streams import refuse_stream
from imagewire.rules.urls import refuse_odd_urls
from imagewire.translate.arguments import refuse_arguments
from imagewire.translate.formats import Source, Target, check_model, narrows, source_of, target_of
from imagewire.translate.provenance import locate_error, located

#: A fetched remote image: its bytes, or its declared media type and its bytes.
Fetched = bytes | tuple[str, bytes]


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
    try:
        # Most bodies are small bytes, which is seen here without the call.
        if fetched or (type(body) is bytes and len(body) < cut.LARGE) or not is_large(body):
            return translate_whole_request(
                body, source, target, model, content_type, options, fetched, catalog
            )
        about = source, target, model, content_type, options, fetched, catalog
        return bypass(lambda small: translate_whole_request(small, *about), body, content_type)
    except (AttributeError, TypeError):
        given = {"body": body, "model": model, "content_type": content_type, "fetched": fetched}
        refuse_arguments(**given, options=options, catalog=catalog)
        raise


def translate_whole_request(  # noqa: C901, PLR0913, PLR0917 - one road, and the contract's arguments
    body: Body,
    source: Source,
    target: Target,
    model: str | None = None,
    content_type: str = JSON_TYPE,
    options: Options = DEFAULTS,
    fetched: Mapping[str, Fetched] = {},
    catalog: Catalog = CATALOG,
) -> TranslatedRequest:
    """The same without the bypass: a large payload goes through the codec."""
    reader, named = source_of(source)
    endpoint = source if isinstance(source, Endpoint) else None
    if endpoint is not None:
        _refuse_operation(endpoint, options)
    read = reader.read_request(
        body, model=named or model, content_type=content_type, options=options
    )
    provenance = read.provenance
    losses = read.losses  # with paths in the body
    found: list[Loss] = []  # with hub paths
    given = request = read.value
    if endpoint is not None:
        given = request = _as_endpoint_says(request, endpoint, found.append)
    if model is not None and model != request.model_as_given:
        request = _for_model(request, model)
    writer = target_of(target, request, catalog)
    try:
        if model is None:
            check_model(request, writer, catalog)
        if len(request.turns) > 1 and narrows(reader, writer, options):
            request, first_turn = last_user_only(request, found.append)
            losses = _with_more(losses, located(found, provenance))
            found.clear()
            provenance = provenance and structs.replace(provenance, first_turn=first_turn)
        if fetched:
            request = _with_fetched(request, fetched, found.append)
        written = writer.write_request(request, options=options, catalog=catalog)
        pictured = _has_input_images(request)
        if reader is not writer and (pictured or request.mask or request.markup or request.system):
            refuse_odd_urls(request)
    except TranslationError as error:
        locate_error(error, provenance)
        raise
    if found or written.losses:
        losses = _with_more(losses, located((*found, *written.losses), provenance))
    wire = written.value
    if writer is reader and not fetched and not is_form(content_type):
        wire, losses = _as_it_was(wire, losses, read)
    return TranslatedRequest(  # each by its name: `asdict` takes a twentieth of a small request
        path=wire.path,
        headers=wire.headers,
        body=wire.body,
        model=wire.model,
        method=wire.method,
        repeat=wire.repeat,
        stream=wire.stream,
        target=writer.NAME,
        context=_context(given, source, pictured),
        losses=losses,
    )


def _context(given: ImageRequest, source: Source, had_input_images: bool) -> ReplyContext:  # noqa: FBT001
    """What a reply will need of the request, as the client gave it, and of what was sent."""
    context = ReplyContext(
        model=given.model_as_given or given.model,
        count=given.count,
        had_input_images=had_input_images,
        response_format=given.response_format,
    )
    if given.extras:
        echo = tuple([extra for extra in given.extras if extra.policy == "echo"])
        if echo:
            context = structs.replace(context, echo=echo)
    if given.stream is None:
        return context
    return _with_stream(context, given, given.stream, source)


def _as_it_was(
    wire: WireRequest, losses: tuple[Loss, ...], read: Outcome[ImageRequest]
) -> tuple[WireRequest, tuple[Loss, ...]]:
    """A request that goes back into its own format: what says nothing there stays, too."""
    found = None
    if wire.headers.get("content-type") == JSON_TYPE:
        found = kept(read.provenance, read.value, wire.body, losses)
    if found is None:
        return wire, losses
    body, losses = found
    headers = {"content-type": JSON_TYPE, "content-length": str(len(body))}
    return structs.replace(wire, headers=headers, body=body), losses


def _with_more(losses: tuple[Loss, ...], more: Iterable[Loss]) -> tuple[Loss, ...]:
    """Losses and more of them, as many as are listed."""
    listed = [*losses]
    add(listed, *more)
    return tuple(listed)


def _refuse_operation(endpoint: Endpoint, options: Options) -> None:
    """Raise for what an endpoint does beside generating and editing images."""
    if endpoint.operation == "models":
        raise UnsupportedError("a list of models is not a request for images", path="$")
    if endpoint.operation == "stream":
        refuse_stream(options)


def _as_endpoint_says(request: ImageRequest, endpoint: Endpoint, report: Report) -> ImageRequest:
    """The request of an endpoint: of the model that the path names; an edit has an image.

    A path that is for streams asks for one, framed as its query says.
    """
    if endpoint.operation == "stream":
        wish = StreamWish(framing="array" if endpoint.alt is None else endpoint.alt)
        request = structs.replace(request, stream=wish)
    if endpoint.operation == "edit" and not _has_input_images(request):
        msg = "an edit needs an image"
        raise InexpressibleError(msg, path="$.image")
    named = endpoint.model
    if named is None or request.model_as_given in {None, named}:
        return request
    report(lost(C.IGNORED_MODEL, "$.model", "the path of the request names the model"))
    return _for_model(request, named)


def _for_model(request: ImageRequest, model: str) -> ImageRequest:
    """The same request for another model."""
    return structs.replace(request, model=bare_model(body_model(model)), model_as_given=model)


def check_request(  # noqa: PLR0913 - the contract's signature
    body: Body,
    *,
    source: Source,
    target: Target,
    model: str | None = None,
    content_type: str = JSON_TYPE,
    options: Options = DEFAULTS,
    fetched: Mapping[str, Fetched] = {},
    catalog: Catalog = CATALOG,
) -> tuple[Loss, ...]:
    """What `translate_request` with these arguments would lose; raises what it would raise."""
    return translate_request(
        body,
        source=source,
        target=target,
        model=model,
        content_type=content_type,
        options=options,
        fetched=fetched,
        catalog=catalog,
    ).losses


def read_model(body: Body, *, source: Source, content_type: str = JSON_TYPE) -> str | None:
    """The model of a request as its client spells it, without reading the rest; None if unnamed."""
    refuse_arguments(body=body, content_type=content_type)
    reader, named = source_of(source)
    if named or not is_large(body):
        return named or reader.read_model(body, content_type=content_type)
    return bypass(
        lambda small: reader.read_model(small, content_type=content_type), body, content_type
    )


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
    refuse_arguments(body=body, content_type=content_type, options=options)
    reader, named = source_of(source)

    def urls(body: Body) -> tuple[str, ...]:
        request = reader.read_request(
            body, model=named, content_type=content_type, options=options
        ).value
        writer = target_of(target, request, CATALOG)
        try:
            if narrows(reader, writer, options):
                request, _ = last_user_only(request, lambda _: None)
            writer.write_request(request, options=options, catalog=CATALOG)
        except InexpressibleError as error:
            return error.urls
        except TranslationError:  # whatever else is wrong, translating says it
            pass
        return ()

    return bypass(urls, body, content_type) if is_large(body) else urls(body)


def _with_stream(
    context: ReplyContext, request: ImageRequest, wish: StreamWish, source: Source
) -> ReplyContext:
    """The same of a client that wants a stream, which tells more of the request than a reply."""
    edits = _has_input_images(request)
    if isinstance(source, Endpoint):
        edits = source.operation == "edit"
    return structs.replace(
        context,
        stream=wish.framing,
        include_usage=wish.include_usage,
        partial_images=wish.partial_images or 0,
        operation="edit" if edits else "generate",
        image=request.image,
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

    def filled(parts: Sequence[Part], *hub_path: str | int) -> tuple[Part, ...]:
        return tuple(
            structs.replace(part, image=_fetched(image, fetched[url], (*hub_path, index), report))
            if (image := part.image) is not None
            and (url := image.url) is not None
            and url in fetched
            else part
            for index, part in enumerate(parts)
        )

    def filled_one(image: Image | None, *hub_path: str) -> Image | None:
        url = None if image is None else image.url
        if image is None or url is None or url not in fetched:
            return image
        return _fetched(image, fetched[url], hub_path, report)

    return structs.replace(
        request,
        mask=filled_one(request.mask, "mask"),
        markup=filled_one(request.markup, "markup"),
        system=filled(request.system, "system"),
        turns=tuple(
            structs.replace(turn, parts=filled(turn.parts, "turns", index, "parts"))
            for index, turn in enumerate(request.turns)
        ),
    )


def _fetched(image: Image, given: Fetched, hub_path: Path, report: Report) -> Image:
    return structs.replace(read_fetched(given, hub_path, report), detail=image.detail)
