"""Responses requests: ``read_request`` and ``write_request``, field by field in the same order.

The model that draws is the tool's (``tools[0].model``); the mainline model at the top calls it,
waits in the reply's context, and is repeated by the reply. Each item of ``input`` is a turn, or a
part of the system message. The first system text is ``instructions``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from imagewire.catalog import CATALOG, Catalog, bare_model
from imagewire.codec.document import Codec, json_request
from imagewire.codec.reading import Keeping, Reader, Reading
from imagewire.codec.writing import Writing, marked, report_empty, report_response_format
from imagewire.errors import InexpressibleError, MalformedError, UnsupportedError
from imagewire.formats.responses import wire
from imagewire.formats.responses.item_list import NOWHERE, Items
from imagewire.formats.responses.items import (
    Placed,
    keep_unlike,
    kept_item,
    note,
    put_right,
    read_item,
    read_picture,
    write_items,
    write_message,
)
from imagewire.formats.responses.paths import PATH
from imagewire.formats.shared.openai_image import (
    named_model,
    no_image_for,
    read_image,
    report_unknown,
    setting_paths,
    write_image,
    write_reference,
)
from imagewire.loss import C, Outcome
from imagewire.messages import JSON_TYPE, Body, WireRequest
from imagewire.model import Extra, ImageRequest, Part, Policy, StreamWish, Turn
from imagewire.options import DEFAULTS, Options
from imagewire.paths import Path
from imagewire.rules.bookkeeping import BOOKKEEPING
from imagewire.rules.media import reference, refuse_markup
from imagewire.rules.model_ids import body_model
from imagewire.rules.prompt import prompt_index, said
from imagewire.rules.settings import read_size
from imagewire.rules.streams import asks_stream, refuse_stream, report_partial_images
from imagewire.rules.urls import refuse_references

TOOL = "image_generation"
#: What makes a picture certain: openai SDK, ``tool_choice_types_param.py``.
TOOL_CHOICE = wire.ToolChoice(type=TOOL)

#: What the mainline model is asked for, and bookkeeping, which other formats report as that; of the
#: API's own bookkeeping they say nothing.
POLICIES: Mapping[str, Policy] = {
    **BOOKKEEPING,
    **dict.fromkeys(wire.Request.OFFICIAL, "report"),
    "model": "echo",
    **dict.fromkeys(
        (
            *("id", "phase", "annotations", "logprobs", "size", "quality", "background"),
            *("output_format", "revised_prompt", "svg_usage", "tool_choice"),
            *("parallel_tool_calls", "stream_options"),
        ),
        "silent",
    ),
}

#: Where a setting may come from, for losses that writers find.
WIRE_PATHS: Mapping[str, tuple[str, ...]] = {
    "$.model": ("$.tools[0].model",),
    **setting_paths("$.tools[0]"),
    "$.mask": ("$.tools[0].input_image_mask",),
    "$.stream": ("$.stream",),
    "$.stream.partial_images": ("$.tools[0].partial_images",),
    "$.turns": ("$.input",),
}

# What we write where nobody asked for anything else.
_OURS: Mapping[str, Any] = {"tool_choice": TOOL_CHOICE, "store": False}
# Why a reference to what an upstream holds is refused.
_STORED = "a stored {} cannot be looked up here: send the conversation itself"
# What an upstream would have to look up, or to finish later.
_REFUSED = {
    "previous_response_id": _STORED.format("response"),
    "conversation": _STORED.format("conversation"),
    "prompt": _STORED.format("prompt"),
    "background": "a reply cannot be fetched later: it comes at once",
}


def read_request(
    body: Body,
    *,
    model: str | None = None,
    content_type: str = JSON_TYPE,  # noqa: ARG001 - this API has JSON bodies only
    options: Options = DEFAULTS,
) -> Outcome[ImageRequest]:
    """The request of a response's body; ``model`` stands in where the tool names none.

    Raises `MalformedError`, and `UnsupportedError` for other tools, for streaming, and for what
    only the upstream can look up.
    """
    return REQUEST.read(body, options, model)


class _Tools(msgspec.Struct):
    """A body of which only the tool's model is read; the rest is skipped."""

    class Tool(msgspec.Struct):
        model: str | None = None

    tools: list[Tool] | None = None


_TOOLS = Codec(_Tools)


def read_model(body: Body, *, content_type: str = JSON_TYPE) -> str | None:  # noqa: ARG001
    """The model of the image tool, without reading the rest of the body."""
    tools = _TOOLS.decode(body).value.tools
    return tools[0].model if tools else None


def _read(body: wire.Request, reading: Reading) -> ImageRequest:
    tool = _read_tool(body)
    for name, message in _REFUSED.items():
        if getattr(body, name):
            raise UnsupportedError(message, path=(name,))
    if reading.model not in {None, tool.model} or reading.options.model_ids != "as_given":
        reading.respell(("tools",))  # the model in it is another one, or in other words
    given = tool.model if tool.model is not None else reading.model or None
    system, turns, kept = _read_input(body, reading)
    image, marks = read_image(tool, read_size(tool.size, ("tools", 0, "size")), given, reading)
    mask = None
    if tool.input_image_mask is not None:
        mask_path = ("tools", 0, "input_image_mask")
        mask = read_picture(tool.input_image_mask, reading, mask_path)
        if mask.data is not None:
            reading.put((*mask_path, "image_url"), reference(mask))
    mainline = {"model": body.model, "tool_choice": body.tool_choice, "store": body.store}
    ours = {"model": reading.options.responses_model, **_OURS}
    stream, extras = _read_stream(body, tool, reading)
    if tool.action not in {None, "auto", "edit" if _has_pictures(turns) else "generate"}:
        extras += (reading.keep(("tools", 0, "action"), tool.action),)
    return ImageRequest(
        model=None if given is None else bare_model(body_model(given)),
        model_as_given=given,
        system=system,
        turns=turns,
        mask=mask,
        image=image,
        user=body.user or None,
        safety_identifier=body.safety_identifier or None,
        stream=stream,
        extras=marks + kept + keep_unlike(reading, mainline, ours) + extras + reading.take(),
    )


def _read_tool(body: wire.Request) -> wire.Tool:
    """The one tool of a request; raises for others, which would be left out in silence."""
    if body.tools is None:
        msg = f"Object missing required field `tools`: a request for images has one, `{TOOL}`"
        raise UnsupportedError(msg, path="$.tools")
    if [tool.type for tool in body.tools] != [TOOL]:
        msg = f"a request for images has one tool, `{TOOL}`, and no other"
        raise UnsupportedError(msg, path="$.tools")
    choice = body.tool_choice
    kind = choice.type if isinstance(choice, wire.ToolChoice) else None
    if choice == "none" or kind not in {None, TOOL, "allowed_tools"}:
        msg = f"a request for images has to let the model use `{TOOL}`"
        raise UnsupportedError(msg, path="$.tool_choice")
    return body.tools[0]


def _read_input(
    body: wire.Request, reading: Reading
) -> tuple[tuple[Part, ...], tuple[Turn, ...], tuple[Extra, ...]]:
    """The system parts, the turns, and the items that are only kept."""
    system: list[Part] = []
    turns: list[Turn] = []
    kept: list[Extra] = []
    if body.instructions:
        instructions: Placed = Part(text=body.instructions), ()
        system += note([instructions], reading, ("instructions",), ("system",))
    items = body.input or ()
    if isinstance(items, str):
        items = [wire.Item(role="user", content=items)]
    for index, item in enumerate(items):
        wire_path: Path = ("input", index)
        hub_path: Path = ("turns", len(turns))
        _refuse_item(item, wire_path)
        found = read_item(item, reading, wire_path)
        role = item.role or ("user" if item.type == "message" else None)
        if found is None:
            kept += kept_item(item, reading, wire_path, wire_path)
        elif role in {"system", "developer"}:
            system += note(found, reading, wire_path, ("system",), len(system))
        elif found or role == "user":
            parts = note(found, reading, wire_path, (*hub_path, "parts"))
            reading.nodes[hub_path] = wire_path
            turns.append(Turn(role="user" if role == "user" else "model", parts=parts))
    if isinstance(body.input, str):
        reading.nodes[("turns", 0)] = reading.nodes[("turns", 0, "parts", 0)] = ("input",)
    return tuple(system), tuple(turns), tuple(kept)


def _refuse_item(item: wire.Item, wire_path: Path) -> None:
    """Raise for an item of a strange role, and for one that only the upstream can look up."""
    if item.role not in {None, "user", "assistant", "system", "developer"}:
        msg = "role must be user, assistant, system or developer"
        raise MalformedError(msg, path=(*wire_path, "role"))
    stored = item.role is None and item.type in {wire.CALL, "item_reference", None}
    if stored and not item.result and item.status != "failed":
        raise UnsupportedError(_STORED.format("item"), path=wire_path)


def _read_stream(
    body: wire.Request, tool: wire.Tool, reading: Reading
) -> tuple[StreamWish | None, tuple[Extra, ...]]:
    """The wish for a stream, and one for drafts without it."""
    if body.stream:
        refuse_stream(reading.options)
        reading.respell(("stream",))
        reading.respell(("tools",))
        return StreamWish(partial_images=tool.partial_images), ()
    if not tool.partial_images:
        return None, ()
    refuse_stream(reading.options, "tools[0].partial_images")
    return None, (reading.keep(("tools", 0, "partial_images"), tool.partial_images),)


def _has_pictures(turns: tuple[Turn, ...]) -> bool:
    return any(part.image is not None for turn in turns for part in turn.parts)


def write_request(
    request: ImageRequest, *, options: Options = DEFAULTS, catalog: Catalog = CATALOG
) -> Outcome[WireRequest]:
    """The request for a response, ``repeat`` times, because one call makes one picture.

    Raises `InexpressibleError` without a mainline model, and for a mask without a picture.
    """
    writing = Writing("responses", options)
    report = writing.report
    refuse_markup(request)
    items = Items("input", writing, request.extras)
    mainline = _mainline_model(request, options)
    name = named_model(request, writing, catalog)
    pictures = _has_pictures(request.turns)
    instructions = _write_system(request, items)
    tool = wire.Tool(type=TOOL, model=name)
    write_image(request, catalog.get(name or "", family="openai"), tool, writing, edits=pictures)
    if request.mask is not None:
        if not pictures:
            raise no_image_for("mask")
        tool.input_image_mask = wire.Mask(**write_reference(request.mask, ("mask",), report))
    wish = request.stream
    stream = wish is not None and asks_stream(options) and request.count == 1
    if wish is not None and stream:
        tool.partial_images = wish.partial_images
    elif wish is not None:
        report_partial_images(wish, report)
    body = wire.Request(
        model=mainline,
        instructions=instructions,
        input=_write_input(request, items),
        tools=[tool],
        **_OURS,
        user=request.user,
        safety_identifier=request.safety_identifier,
        stream=stream or None,
    )
    report_unknown(request, "the Responses API", report)
    report_response_format(request, "replies of the Responses API", report)
    writing.add(items.others(request.extras), ())
    headers, payload = json_request(writing.finish(body))
    return Outcome(
        WireRequest(
            path=PATH,
            headers=headers,
            body=payload,
            model=name or "",
            repeat=request.count,
            stream=stream,
        ),
        tuple(writing.losses),
    )


def _mainline_model(request: ImageRequest, options: Options) -> str:
    """The model that calls the tool: the option's, or the one that was read."""
    mainline = options.responses_model or marked(request.extras, "responses", "model")
    if mainline is None:
        msg = "the request names no model that could call the image tool"
        raise InexpressibleError(msg, path="$.model").noted(
            "Name a mainline model: `Options(responses_model=...)`."
        )
    return body_model(mainline)


def _write_system(request: ImageRequest, items: Items) -> str | None:
    """The first system text as ``instructions``; others, and one with fields, are messages."""
    writing, instructions = items.writing, None
    for index, part in said(request.system, ("system",), writing) if request.system else ():
        own = any(extra.format == writing.format for extra in part.extras)
        if index or part.text is None or own or part.signature is not None:
            write_message([(index, part)], items, ("system",), "system")
        else:
            instructions = part.text
            writing.add(part.extras, ("system", index))
    return instructions


def _write_input(request: ImageRequest, items: Items) -> list[Any]:
    """The items of all turns."""
    writing, asked = items.writing, prompt_index(request)
    for number, turn in enumerate(request.turns):
        hub_path: Path = ("turns", number)
        parts_path = (*hub_path, "parts")
        if turn.role == "model":
            write_items(enumerate(turn.parts), items, parts_path)
        else:
            words = said(turn.parts, parts_path, writing, asked=number == asked)
            if not write_message(words, items, parts_path, "user", asked=number == asked):
                report_empty(turn, hub_path, writing.report)
                continue
        writing.add(turn.extras, hub_path, NOWHERE)
    return items.finish()


_KEEPING = Keeping(put_right, kept=frozenset({C.EMPTY_TURN}), decided=frozenset({"model"}))
REQUEST = Reader(
    "responses",
    Codec(wire.Request),
    _read,
    policies=POLICIES,
    wire_paths=WIRE_PATHS,
    keeping=_KEEPING,
    refuse_references=refuse_references,
)
