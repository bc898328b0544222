"""Responses replies: ``read_response`` and ``write_response``, field by field in the same order.

All items of ``output`` are one candidate's parts. A picture that was refused is an item with an
``error``, under HTTP 200: it is a refusal, never an empty success. Two bills are never added up:
the hub's usage is that of the tool, the mainline model's stays in this format.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import structs

from imagewire.catalog import CATALOG, Catalog, bare_model
from imagewire.codec.document import Codec, encode
from imagewire.codec.reading import Keeping, Reader, Reading, refuse_failure
from imagewire.codec.writing import Writing, marked, report_joined, report_picture
from imagewire.errors import MalformedError
from imagewire.formats.responses import wire
from imagewire.formats.responses.failure import REASONS, write_block, write_end
from imagewire.formats.responses.item_list import Items
from imagewire.formats.responses.items import keep_unlike, put_right, whole_item, write_items
from imagewire.formats.responses.output import read_items, standing
from imagewire.formats.responses.request import TOOL, TOOL_CHOICE
from imagewire.formats.shared.image_usage import read_usage, write_usage
from imagewire.formats.shared.openai_api import write_time
from imagewire.formats.shared.openai_image import PROPERTIES
from imagewire.formats.shared.reply_id import made_up_id
from imagewire.loss import C, Outcome, lost
from imagewire.messages import JSON_TYPE, Body, WireResponse
from imagewire.model import (
    Candidate,
    ImageResponse,
    Policy,
    ReplyContext,
    StartEvent,
    Usage,
)
from imagewire.options import DEFAULTS, Options
from imagewire.paths import EXTRAS, Path
from imagewire.rules.drafts import final_parts
from imagewire.rules.error_bodies import words_in
from imagewire.rules.finish import has_image

#: Bookkeeping of the API: other formats pass over it in silence. Most repeats the request.
POLICIES: Mapping[str, Policy] = dict.fromkeys(
    (
        *(wire.Response.OFFICIAL - {"usage", "moderation", "metadata"}),
        *("id", "object", "phase", "annotations", "logprobs", "action", "output_format"),
        *("parallel_tool_calls", "tool_choice", "tools", "error"),
    ),
    "silent",
)

#: Where a field may come from, for losses that writers find.
WIRE_PATHS: Mapping[str, tuple[str, ...]] = {
    "$.candidates": ("$.output",),
    "$.created": ("$.created_at",),
    "$.model": ("$.tools[0].model",),
    "$.usage": ("$.tool_usage.image_gen",),
    "$.usage.prompt_details": ("$.tool_usage.image_gen.input_tokens_details",),
    "$.usage.candidates_details": ("$.tool_usage.image_gen.output_tokens_details",),
}
_USAGE: Path = ("tool_usage", "image_gen")


def read_response(body: Body, *, options: Options = DEFAULTS) -> Outcome[ImageResponse]:
    """The response of a reply's body; a failed one without a picture is none.

    Raises `MalformedError` (502).
    """
    return RESPONSE.read(body, options)


def _read(body: wire.Response, reading: Reading) -> ImageResponse:
    if not any(item.result for item in body.output or ()):
        refuse_failure(body.error)
    elif body.error:
        detail = "the response failed: {}"
        reading.report(lost(C.TEXT_BESIDE_IMAGE, "$.error", detail, words_in(body.error)))
    if not body.output and not body.incomplete_details:
        raise MalformedError("`output` has no items", path="$.output")
    told = read_items([*standing(body)], reading).settled(reading.report)
    return read_body(body, told, reading)


def read_body(
    body: wire.Response, told: ImageResponse, reading: Reading, wire_path: Path = ()
) -> ImageResponse:
    """A response at a wire path, by what its items told."""
    candidates = told.candidates
    reason = body.incomplete_details.reason if body.incomplete_details else None
    if reason is not None:
        ends = {name: finish for finish, name in REASONS.items()}
        finish = ends.get(reason, "OTHER")
        candidates = tuple(structs.replace(answer, finish=finish) for answer in candidates)
    tools = body.tools or []
    model = tools[0].model or None if len(tools) == 1 else None
    ours = _constants(model)
    if body.tools == ours["tools"]:
        reading.respell(("tools",))  # the writer knows the client's name of the model
    counts = None if body.tool_usage is None else body.tool_usage.image_gen
    reading.nodes[(EXTRAS,)] = wire_path
    is_ours = body.model == reading.options.responses_model  # which a writer knows, too
    return ImageResponse(
        id=body.id or None,
        created=int(body.created_at) if body.created_at else None,
        model=bare_model(model) if model else None,
        model_as_given=model,
        candidates=candidates,
        block=told.block,
        usage=None if counts is None else read_usage(counts, reading, (*wire_path, *_USAGE)),
        image=told.image,
        extras=(() if is_ours else reading.mark("model", value=body.model))
        + keep_unlike(reading, {name: getattr(body, name) for name in ours}, ours)
        + reading.take(wire_path)
        + told.extras,
    )


def _constants(model: str | None) -> dict[str, Any]:
    """What the SDK's type of a reply wants, and hardly anybody asks for: the tool, and its use."""
    return {
        "object": "response",
        "error": None,
        "parallel_tool_calls": True,
        "tool_choice": TOOL_CHOICE,
        "tools": [wire.Tool(type=TOOL, model=model)],
    }


def write_response(  # noqa: PLR0913 - the contract's signature
    response: ImageResponse,
    *,
    context: ReplyContext = ReplyContext(),
    created: int | None = None,
    response_id: str | None = None,
    options: Options = DEFAULTS,
    catalog: Catalog = CATALOG,
) -> Outcome[WireResponse]:
    """The response: always a 200, with at least one item that tells how it ended."""
    writing = Writing("responses", options)
    items = Items("output", writing, response.extras, response.image)
    id_ = response_id or made_up_id(response, "resp_")
    body = write_head(response, context, created, id_, writing, catalog)
    _write_output(response, items)
    body.output = items.finish()
    write_status(body, response.candidates, response.usage, context, writing)
    pictures = any(map(has_image, response.candidates))
    report_picture(response.image, writing.report, but=PROPERTIES if pictures else ())
    writing.add(items.others(response.extras), ())
    payload = encode(writing.finish(body))
    return Outcome(
        WireResponse(status=200, headers={"content-type": JSON_TYPE}, body=payload),
        tuple(writing.losses),
    )


def write_head(  # noqa: PLR0913, PLR0917 - what is known of a reply
    reply: ImageResponse | StartEvent,
    context: ReplyContext,
    created: int | None,
    id_: str,
    writing: Writing,
    catalog: Catalog = CATALOG,
) -> wire.Response:
    """A response without output, by what it tells of itself, and what a caller knows of it."""
    model = context.model
    if model is None and reply.model is not None:
        model = catalog.spell(reply.model, reply.model_as_given, writing.options.model_ids)
    return wire.Response(
        id=reply.id or id_,
        created_at=write_time(reply, created, writing.report),
        incomplete_details=None,
        model=_mainline_model(reply, context, writing),
        output=[],
        **_constants(model),
    )


def _mainline_model(
    reply: ImageResponse | StartEvent, context: ReplyContext, writing: Writing
) -> str:
    """The model that called the tool: the client's, else the option's, else the source's."""
    asked = marked(context.echo, writing.format, "model") or writing.options.responses_model
    found = asked or marked(reply.extras, writing.format, "model") or ""
    if not found:
        detail = "no mainline model was named: `model` is empty"
        writing.report(lost(C.MISSING_MODEL, "$.model", detail))
    return str(found)


def write_status(
    body: wire.Response,
    candidates: Iterable[Candidate],
    usage: Usage | None,
    context: ReplyContext,
    writing: Writing,
) -> None:
    """How a reply ended, by the first answer that ended early, and what the tool used."""
    body.status = "completed"
    for candidate in candidates:
        if candidate.finish in REASONS:
            body.status = "incomplete"
            body.incomplete_details = wire.IncompleteDetails(reason=REASONS[candidate.finish])
            break
    counts = None if usage is None else write_usage(usage, context, writing, _USAGE)
    if counts is not None:
        searches = wire.WebSearch(num_requests=0)
        body.tool_usage = wire.ToolUsage(image_gen=counts, web_search=searches)


def _write_output(response: ImageResponse, items: Items) -> None:
    """The items of all candidates."""
    writing = items.writing
    report_joined(len(response.candidates), "items", writing.report)
    for number, candidate in enumerate(response.candidates):
        hub_path: Path = ("candidates", number)
        parts = tuple(
            structs.replace(part, thought=False)  # reasoning of this API's own
            if part.thought and whole_item(part, writing.format) is not None
            else part
            for part in candidate.parts
        )
        answer, before = final_parts(parts, hub_path, writing.report), len(items.written)
        write_items(answer, items, (*hub_path, "parts"))
        left = candidate.parts if len(items.written) > before else ()
        write_end(structs.replace(candidate, parts=left), items, hub_path)
    if response.block is not None:
        write_block(response.block, items, beside=bool(response.candidates))


#: What the SDK's type of a reply requires is added.
_KEEPING = Keeping(
    put_right,
    kept=frozenset({C.TOKEN_COUNT, C.NEAREST_FINISH_REASON, C.TEXT_BESIDE_IMAGE}),
    decided=frozenset({"model"}),
    filled=frozenset({"id", "created_at", "status", "incomplete_details", *_constants(None)}),
)
RESPONSE = Reader(
    "responses",
    Codec(wire.Response, reply=True),
    _read,
    policies=POLICIES,
    wire_paths=WIRE_PATHS,
    keeping=_KEEPING,
)
#: What a reader of events is told of them: their fields are a reply's.
EVENT: Mapping[str, Any] = {
    "format": "responses",
    "codec": Codec(wire.Event, reply=True, entries={"item", "response"}),
    "policies": POLICIES,
    "wire_paths": {
        hub: [f"$.response{path[1:]}" for path in paths] for hub, paths in WIRE_PATHS.items()
    },
}
