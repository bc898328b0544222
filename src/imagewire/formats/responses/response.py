"""Responses replies: ``read_response`` and ``write_response``, field by field in the same order.

All items of ``output`` are one candidate's parts. A picture that was refused is an item with an
``error``, under HTTP 200: it is a refusal, never an empty success. Two bills are never added up:
the hub's usage is that of the tool, the mainline model's stays in this format.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from msgspec import structs

from imagewire.catalog import CATALOG, Catalog, bare_model
from imagewire.codec.document import Codec, encode
from imagewire.codec.reading import Keeping, Reader, Reading, refuse_failure
from imagewire.codec.writing import Writing, is_marked, report_picture
from imagewire.errors import MalformedError
from imagewire.formats.responses import wire
from imagewire.formats.responses.content import keep_unlike, put_right
from imagewire.formats.responses.items import (
    CALL,
    Items,
    kept_item,
    open_items,
    read_call,
    read_message,
    read_other,
    whole_item,
    write_items,
)
from imagewire.formats.responses.refusal import (
    ENDS,
    REASONS,
    Refusal,
    read_refusal,
    refusing_message,
    refusing_words,
    write_block,
    write_last_words,
    write_refusal,
)
from imagewire.formats.responses.request import TOOL, TOOL_CHOICE
from imagewire.formats.shared.image_usage import read_usage, write_usage
from imagewire.formats.shared.openai_api import write_time
from imagewire.formats.shared.reply_id import made_up_id
from imagewire.loss import C, Outcome, lost
from imagewire.messages import JSON_TYPE, Body, WireResponse
from imagewire.model import (
    ANY_IMAGE,
    Block,
    Candidate,
    Extra,
    ImageResponse,
    ImageSettings,
    Part,
    Policy,
    ReplyContext,
    StartEvent,
    Usage,
)
from imagewire.options import DEFAULTS, Options
from imagewire.paths import EXTRAS, Path
from imagewire.rules.drafts import Indexed, final_parts
from imagewire.rules.finish import has_image
from imagewire.rules.geometry import parse_size
from imagewire.rules.settings import media_format, neutral
from imagewire.rules.urls import is_absolute

#: Bookkeeping of the API: other formats pass over it in silence. Most repeats the request.
POLICIES: Mapping[str, Policy] = dict.fromkeys(
    (
        *(wire.Response.OFFICIAL - {"usage", "moderation", "metadata"}),
        *("id", "object", "status", "role", "type", "phase", "annotations", "logprobs", "model"),
        *("action", "output_format", "parallel_tool_calls"),
        *("tool_choice", "tools", "web_search", "reason", "created_at", "error"),
        *("incomplete_details", "input_image_mask", "partial_images", "moderation_details"),
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
# A mark: the items that are kept tell how the answer ended.
TOLD = "told"
# A message as we write it; its id is derived from what it says.
_MESSAGE = {"id": "", "type": "message", "status": "completed", "role": "assistant"}
_USAGE: Path = ("tool_usage", "image_gen")
_NO_SEARCHES = wire.WebSearch(num_requests=0)
SETTINGS = frozenset({"size", "quality", "background", "format"})


def read_response(body: Body, *, options: Options = DEFAULTS) -> Outcome[ImageResponse]:
    """The response of a reply's body; a failed one without a picture is none.

    Raises `MalformedError` (502).
    """
    return RESPONSE.read(body, options)


def _read(body: wire.Response, reading: Reading) -> ImageResponse:
    if not any(item.result for item in body.output or ()):
        refuse_failure(body.error)
    if not body.output and not body.incomplete_details:
        raise MalformedError("`output` has no items", path="$.output")
    return _read_snapshot(body, reading)


def _read_snapshot(body: wire.Response, reading: Reading) -> ImageResponse:
    """A response, which may still be in the making."""
    output = body.output or []
    pictures = [item for item in output if item.type == CALL and item.result]
    reason = body.incomplete_details.reason if body.incomplete_details else None
    image = read_image(pictures)
    found = Output(reading, image, bool(pictures))
    for index, item in enumerate(output):
        found.read(item, ("output", index))
    (candidate, block), kept = found.answer(), tuple(found.kept)
    if not pictures and (kept or (reason and CALL not in {item.type for item in output})):
        kept += reading.mark(TOLD)
    if reason is not None:
        candidate = structs.replace(candidate, finish=ENDS.get(reason, "OTHER"))
        kept += keep_unlike(
            reading, {"incomplete_details": body.incomplete_details}, _ends(candidate)
        )
    tools = body.tools or []
    model = tools[0].model or None if len(tools) == 1 else None
    usage = body.tool_usage or wire.ToolUsage()
    ours = {**_constants(model), **_ends(candidate), "created_at": int(body.created_at or 0)}
    ours["model"] = reading.options.responses_model  # which a writer with these options has, too
    given = {name: getattr(body, name) for name in ours if name != "incomplete_details"}
    if given["tools"] == ours["tools"]:
        reading.respell(("tools",))  # the writer knows the client's name of the model
    search = keep_unlike(reading, {"web_search": usage.web_search}, {"web_search": _NO_SEARCHES})
    return ImageResponse(
        id=body.id or None,
        created=int(body.created_at) if body.created_at else None,
        model=bare_model(model) if model else None,
        model_as_given=model,
        candidates=() if block else (candidate,),
        block=block,
        usage=None if usage.image_gen is None else read_usage(usage.image_gen, reading, _USAGE),
        image=image,
        extras=kept
        + keep_unlike(reading, {**given, "error": body.error}, ours)
        + tuple(structs.replace(extra, path=("tool_usage", *extra.path)) for extra in search)
        + reading.take(),
    )


def _constants(model: str | None) -> dict[str, Any]:
    """What the SDK's type of a reply wants, and hardly anybody asks for: the tool, and its use."""
    return {
        "object": "response",
        "parallel_tool_calls": True,
        "tool_choice": TOOL_CHOICE,
        "tools": [wire.Tool(type=TOOL, model=model)],
    }


def _ends(candidate: Candidate | None) -> dict[str, Any]:
    """How a reply says that an answer ended."""
    reason = None if candidate is None else REASONS.get(candidate.finish)
    if reason is None:
        return {"status": "completed", "incomplete_details": None}
    return {"status": "incomplete", "incomplete_details": wire.IncompleteDetails(reason=reason)}


def read_image(pictures: Sequence[wire.Item]) -> ImageSettings:
    """What a reply says of all of its pictures alike; what differs stays with each."""
    if not pictures:
        return ANY_IMAGE
    alike = {
        name: said.pop() if len(said := {getattr(item, name) for item in pictures}) == 1 else None
        for name in ("size", "quality", "background", "output_format")
    }
    remote = all(is_absolute(item.result or "") for item in pictures)
    return ImageSettings(
        size=parse_size(alike["size"] or ""),
        quality=neutral(alike["quality"]),
        background=neutral(alike["background"]),
        format=media_format(alike["output_format"]) if remote else None,
    )


class Output(msgspec.Struct):
    """What the items of a reply say, one by one; ``pictures`` says whether one of them is one."""

    reading: Reading
    image: ImageSettings
    pictures: bool
    parts: list[Part] = []
    kept: list[Extra] = []
    words: list[str] = []
    refusals: list[Refusal] = []

    def read(self, item: wire.Item, wire_path: Path) -> None:
        """Read an item: parts of the answer, a refusal, or what is only kept."""
        found: list[tuple[Part, Path]] = []
        if item.type == CALL and item.result:
            try:
                found.append((read_call(item, self.reading, wire_path, self.image), ()))
            except MalformedError as error:
                self.reading.spoil(wire_path, error)
                self.reading.take(wire_path)
                return
            if item.revised_prompt and self.reading.options.images_text == "revised_prompt":
                found.append((Part(text=item.revised_prompt), ("revised_prompt",)))
        elif item.type == CALL:
            self._refuse(item, read_refusal(item), wire_path)
        elif (words := refusing_words(item)) is not None:
            self.words.append(words)
            self._keep_unlike(refusing_message(words), item, wire_path)
        elif item.role is not None:
            found = read_message(item, self.reading, wire_path, _MESSAGE)
        else:
            other = read_other(item, self.reading, wire_path)
            self.kept += other if isinstance(other, tuple) else ()
            found += [] if isinstance(other, tuple) else [(other, ())]
        for part, item_path in found:
            hub_path: Path = ("candidates", 0, "parts", len(self.parts))
            self.reading.nodes[hub_path] = wire_path + item_path
            self.reading.nodes[(*hub_path, EXTRAS)] = wire_path
            self.parts.append(part)

    def _refuse(self, item: wire.Item, refusal: Refusal, wire_path: Path) -> None:
        if self.pictures:  # the others are worth having
            detail = "a call made no image: {}"
            self.reading.report(
                lost(C.MISSING_IMAGE, wire_path, detail, refusal.words or item.status)
            )
        else:
            self.refusals.append(refusal)
            self._keep_unlike(write_refusal(refusal), item, wire_path)

    def _keep_unlike(self, ours: wire.Item, item: wire.Item, wire_path: Path) -> None:
        """Keep an item that tells of a refusal, unless it is the one that we would write."""
        unknown = self.reading.take(wire_path)
        if unknown or item != ours:
            self.kept += kept_item(item, unknown, self.reading, wire_path)

    def answer(self) -> tuple[Candidate, Block | None]:
        """The answer, or the block of its prompt."""
        parts, said = tuple(self.parts), "\n".join(self.words) or None
        refusals = sorted(self.refusals, key=lambda refusal: refusal.blocked is None)
        if not refusals:
            return Candidate(parts=parts, finish_message=said), None
        first = refusals[0]
        said = first.words or said
        if first.blocked == "input" and not parts:
            return Candidate(), Block(reason="SAFETY", message=said)
        finish = "NO_IMAGE" if first.named else "IMAGE_OTHER"
        finish = "IMAGE_SAFETY" if first.blocked else finish
        return Candidate(parts=parts, finish=finish, finish_message=said), None


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
    items, extras = open_items("output", response.extras, writing, response.image)
    head = Head(response, context, created, response_id or made_up_id(response, "resp_"), catalog)
    body, extras = head.write(extras, writing)
    ended = _write_output(response, items)
    body.output = items.finish()
    write_end(body, ended, response.usage, context, writing)
    pictures = any(map(has_image, response.candidates))
    report_picture(response.image, writing.report, but=SETTINGS if pictures else ())
    writing.add(extras, ())
    payload = encode(writing.finish(body))
    return Outcome(
        WireResponse(status=200, headers={"content-type": JSON_TYPE}, body=payload),
        tuple(writing.losses),
    )


class Head(msgspec.Struct, frozen=True):
    """What a reply tells of itself, and what a caller knows of it."""

    reply: ImageResponse | StartEvent
    context: ReplyContext
    created: int | None
    id: str  #: where the reply has none
    catalog: Catalog = CATALOG

    def write(
        self, extras: tuple[Extra, ...], writing: Writing
    ) -> tuple[wire.Response, tuple[Extra, ...]]:
        """A response without output, and the extras of the reply that still have to be placed."""
        reply, model = self.reply, self.context.model
        if model is None and reply.model is not None:
            spelling = writing.options.model_ids
            model = self.catalog.spell(reply.model, reply.model_as_given, spelling)
        mainline, extras = _mainline_model(self.context, extras, writing)
        body = wire.Response(
            id=reply.id or self.id,
            created_at=write_time(reply, self.created, writing.report),
            error=None,
            incomplete_details=None,
            model=mainline,
            output=[],
            **_constants(model),
        )
        return body, extras


def write_end(
    body: wire.Response,
    ended: Candidate | None,
    usage: Usage | None,
    context: ReplyContext,
    writing: Writing,
) -> None:
    """How a reply ended, by an answer that ended early, and what the tool used."""
    for name, value in _ends(ended).items():
        setattr(body, name, value)
    if usage is not None:
        counts = write_usage(usage, context, writing, _USAGE)
        if counts is not None:
            body.tool_usage = wire.ToolUsage(image_gen=counts, web_search=_NO_SEARCHES)


def _mainline_model(
    context: ReplyContext, extras: tuple[Extra, ...], writing: Writing
) -> tuple[str, tuple[Extra, ...]]:
    """The model that called the tool: the client's, else the option's, else the source's."""
    own = [e for e in extras if e.format == writing.format and e.path == ("model",)]
    found = [extra.value for extra in context.echo if extra.format == writing.format]
    found += [writing.options.responses_model] if writing.options.responses_model else []
    found += [extra.value for extra in own]
    if not found:
        detail = "no mainline model was named: `model` is empty"
        writing.report(lost(C.MISSING_MODEL, "$.model", detail))
    return (found or [""])[0], tuple(extra for extra in extras if extra not in own)


def _write_output(response: ImageResponse, items: Items) -> Candidate | None:
    """The items of all candidates; returns the first that ended early."""
    writing, report = items.writing, items.writing.report
    told = is_marked(response.extras, writing.format, TOLD)
    if len(response.candidates) > 1:
        detail = "{} candidates became one list of items"
        report(lost(C.JOINED_CANDIDATES, "$.candidates", detail, len(response.candidates)))
    ended = None
    for number, candidate in enumerate(response.candidates):
        hub_path: Path = ("candidates", number)
        parts, before = _answer(candidate, hub_path, writing), len(items.written)
        write_items(parts, items, (*hub_path, "parts"), "assistant")
        writing.add(candidate.extras, hub_path, ("output", "candidate"))  # no object here is one
        ended = ended or (candidate if candidate.finish in REASONS else None)
        if not told:
            left = candidate.parts if len(items.written) > before else ()
            write_last_words(structs.replace(candidate, parts=left), items, hub_path)
    if response.block is not None:
        write_block(response.block, items, beside=bool(response.candidates), told=told)
    return ended


def _answer(candidate: Candidate, hub_path: Path, writing: Writing) -> list[Indexed]:
    """The parts without drafts and thoughts, but for reasoning of this API's own."""
    parts = tuple(
        structs.replace(part, thought=False)
        if part.thought and whole_item(part, writing.format) is not None
        else part
        for part in candidate.parts
    )
    return final_parts(parts, hub_path, writing.report)


_CODEC = Codec(wire.Response, reply=True)
#: What the SDK's type of a reply requires is added.
_KEEPING = Keeping(
    put_right,
    kept=frozenset({C.TOKEN_COUNT}),
    decided=frozenset({"model"}),
    filled=frozenset(
        {"id", "created_at", "status", "error", "incomplete_details", *_constants(None)}
    ),
)
RESPONSE = Reader(
    "responses", _CODEC, _read, policies=POLICIES, wire_paths=WIRE_PATHS, keeping=_KEEPING
)
SNAPSHOT = Reader("responses", _CODEC, _read_snapshot, policies=POLICIES, wire_paths=WIRE_PATHS)
