"""Gemini requests: ``read_request`` and ``write_request``, field by field in the same order."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from msgspec import UNSET

from imagewire.catalog import CATALOG, Catalog, Model, bare_model
from imagewire.codec.document import Codec, json_request
from imagewire.codec.reading import Keeping, Reader, Reading
from imagewire.codec.writing import Writing, report_empty, report_response_format
from imagewire.errors import MalformedError
from imagewire.formats.gemini import settings, wire
from imagewire.formats.gemini.content import put_right, read_parts, refuse_remote, write_parts
from imagewire.formats.gemini.paths import GENERATE, STREAM, action_path
from imagewire.formats.shared.google_settings import read_safety, read_thinking, safety_fields
from imagewire.loss import C, Outcome, lost
from imagewire.messages import JSON_TYPE, Body, WireRequest
from imagewire.model import Extra, ImageRequest, Policy, Role, Turn
from imagewire.options import DEFAULTS, Options
from imagewire.paths import Path
from imagewire.rules.bookkeeping import BOOKKEEPING
from imagewire.rules.media import refuse_masks
from imagewire.rules.model_ids import body_model, path_model
from imagewire.rules.prompt import mark_thoughts, prompt_run, said
from imagewire.rules.settings import modalities, read_count
from imagewire.rules.streams import asks_stream, report_partial_images
from imagewire.rules.urls import refuse_references

#: Tools change what is asked for, so no other format may leave them out.
POLICIES: Mapping[str, Policy] = {**BOOKKEEPING, "tools": "refuse"}

_ROLES: Mapping[str | None, Role] = {None: "user", "user": "user", "model": "model"}
_NO_CONFIG = wire.GenerationConfig()


def read_request(
    body: Body,
    *,
    model: str | None = None,
    content_type: str = JSON_TYPE,  # noqa: ARG001 - Gemini has JSON bodies only
    options: Options = DEFAULTS,
) -> Outcome[ImageRequest]:
    """The request of a generateContent body; ``model`` is the one that the path names.

    Raises `MalformedError`, and `UnsupportedError` for what no image model offers.
    """
    return REQUEST.read(body, options, model)


def _read(body: wire.Request, reading: Reading) -> ImageRequest:
    config = body.generation_config or _NO_CONFIG
    settings.refuse_unsupported(config)
    given = reading.model or body.model or None
    if body.model and bare_model(body.model) != bare_model(given or ""):
        detail = "the path of the request names the model"
        reading.report(lost(C.IGNORED_MODEL, "$.model", detail))
    if (config.candidate_count or 0) > 1:  # each of several calls asks for one
        reading.put(("generationConfig", "candidateCount"), UNSET)
    formats: tuple[Extra, ...] = ()
    if config.response_format:
        formats = _read_formats(config.response_format, reading)
    system = body.system_instruction
    return ImageRequest(
        model=None if given is None else bare_model(body_model(given)),
        model_as_given=given if given and given.startswith(("google/", "openai/")) else None,
        system=mark_thoughts(
            read_parts(system, reading, ("system",), ("systemInstruction",)), reading
        ),
        turns=tuple(_read_turn(content, reading, i) for i, content in enumerate(body.contents)),
        count=read_count(config.candidate_count or None, "$.generationConfig.candidateCount"),
        modalities=modalities(config.response_modalities),
        image=settings.read_image(config),
        sampling=settings.read_sampling(config),
        thinking=read_thinking(config.thinking_config),
        safety=read_safety(body.safety_settings),
        cached_content=body.cached_content or None,
        extras=_mark_of_vertex(config, reading) + formats + reading.take(),
    )


def write_request(
    request: ImageRequest, *, options: Options = DEFAULTS, catalog: Catalog = CATALOG
) -> Outcome[WireRequest]:
    """The generateContent request; ``repeat`` calls, because it makes one candidate a call.

    Raises `InexpressibleError` for a mask, an uploaded file, and remote images not yet fetched.
    """
    writing = Writing("gemini", options)
    report = writing.report
    refuse_masks(request)
    name = path_model(request.model)
    model = catalog.get(name, family="gemini")
    body = wire.Request(
        generation_config=settings.write_config(request, model, writing),
        system_instruction=_write_system(request, writing) if request.system else None,
        contents=_write_contents(request, model, writing),
        safety_settings=[wire.SafetySetting(**safety_fields(s)) for s in request.safety]
        if request.safety
        else None,
        cached_content=request.cached_content,
    )
    if writing.remote:
        refuse_remote(writing)
    if request.user is not None:
        report(lost(C.USER_ID, "$.user", "Gemini has no field for the end user's id"))
    if request.safety_identifier is not None:
        detail = "Gemini has no field for the end user's safety identifier"
        report(lost(C.USER_ID, "$.safety_identifier", detail))
    if request.response_format is not None:
        report_response_format(request, "Gemini's replies", report)
    stream = False
    if request.stream is not None:
        stream = asks_stream(options) and request.count == 1
        report_partial_images(request.stream, report)
    if request.extras:
        writing.add(request.extras, ())
    headers, payload = json_request(writing.finish(body) if writing.placements else body)
    # Vertex has no v1beta (cloud.google.com/vertex-ai/docs/reference/rest).
    version = "v1beta1" if options.vertex else "v1beta"
    path = action_path(name, version, STREAM if stream else GENERATE, vertex=options.vertex)
    wire_request = WireRequest(
        path=f"{path}?alt=sse" if stream else path,
        headers=headers,
        body=payload,
        model=name,
        repeat=request.count,
        stream=stream,
    )
    return Outcome(wire_request, tuple(writing.losses))


def _mark_of_vertex(config: wire.GenerationConfig, reading: Reading) -> tuple[Extra, ...]:
    """The mark of a request in Vertex's dialect, so that it is written in that dialect again."""
    image = config.image_config
    if reading.options.vertex or image is None or image.image_output_options is None:
        return ()
    return reading.mark(*settings.OUTPUT_OPTIONS)


def _read_formats(
    formats: wire.ResponseFormat | list[wire.ResponseFormat], reading: Reading
) -> tuple[Extra, ...]:
    """The list of response formats, which stays in a body of this API with all that is in it.

    google-genai 3.6.1 types a list of them (2026-11-27); an object is spelled as imageConfig.
    """
    if isinstance(formats, wire.ResponseFormat):
        reading.respell(("generationConfig",))
        return ()
    path = ("generationConfig", "responseFormat")
    return (reading.keep(path, msgspec.to_builtins(formats), "silent"),)


def _read_turn(content: wire.Content, reading: Reading, index: int) -> Turn:
    role = _ROLES.get(content.role or None)
    if role is None and content.role:  # Google's server takes any case
        role = _ROLES.get(content.role.lower())
        reading.put(("contents", index, "role"), role)
    if role is None:
        msg = "role must be user or model"
        raise MalformedError(msg, path=("contents", index, "role"))
    hub_path, wire_path = ("turns", index), ("contents", index)
    parts = read_parts(content, reading, hub_path + ("parts",), wire_path)
    if role == "user":
        parts = mark_thoughts(parts, reading)
    return Turn(role=role, parts=parts, extras=reading.take(wire_path))


def _write_system(request: ImageRequest, writing: Writing) -> wire.Content | None:
    words = said(request.system, ("system",), writing)
    parts = write_parts(words, writing, ("system",), ("systemInstruction",))
    return wire.Content(parts=parts) if parts else None


def _write_contents(request: ImageRequest, model: Model, writing: Writing) -> list[wire.Content]:
    contents: list[wire.Content] = []
    asked = prompt_run(request)[-1]
    for index, turn in enumerate(request.turns):
        hub_path, wire_path = ("turns", index), ("contents", len(contents))
        parts_path, is_asked = ("turns", index, "parts"), index == asked
        words = (
            said(turn.parts, parts_path, writing, asked=is_asked)
            if turn.role == "user"
            else enumerate(turn.parts)
        )
        parts = write_parts(words, writing, parts_path, wire_path, asked=is_asked)
        if not parts:  # Gemini refuses a content without parts
            report_empty(turn, hub_path, writing.report)
            continue
        contents.append(wire.Content(role=turn.role, parts=parts))
        if turn.extras:
            writing.add(turn.extras, hub_path, wire_path)
        if turn.role == "model" and model.needs_signatures:
            _report_unsigned(turn, hub_path, writing)
    return contents


def _report_unsigned(turn: Turn, hub_path: Path, writing: Writing) -> None:
    """Gemini 3 answers 400 "Image part is missing a thought_signature" (langchain-google 1431).

    Images that are part of its thoughts have none, says Google's guide to image generation (seen
    2026-11-27).
    """
    for index, part in enumerate(turn.parts):
        if part.image is not None and part.signature is None and not part.thought:
            detail = "the model's own image without its thought signature: Gemini may refuse it"
            writing.report(lost(C.MISSING_SIGNATURE, (*hub_path, "parts", index), detail))


_KEEPING = Keeping(put_right, decided=frozenset({"model"}))
REQUEST = Reader(
    "gemini",
    Codec(wire.Request),
    _read,
    policies=POLICIES,
    wire_paths=settings.WIRE_PATHS,
    keeping=_KEEPING,
    refuse_references=refuse_references,
)
