"""Responses requests: ``read_request`` and ``write_request``, field by field in the same order.

The model that draws is the tool's (``tools[0].model``); the mainline model at the top calls it,
waits in the reply's context, and is repeated by the reply.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from imagewire.catalog import CATALOG, Catalog, bare_model
from imagewire.codec.document import Codec, json_request
from imagewire.codec.reading import Keeping, Reader, Reading
from imagewire.codec.writing import Writing, is_marked, report_response_format
from imagewire.errors import InexpressibleError, UnsupportedError
from imagewire.formats.responses import wire
from imagewire.formats.responses.content import (
    keep_unlike,
    put_right,
    read_picture,
    write_picture,
)
from imagewire.formats.responses.conversation import (
    STORED,
    read_input,
    write_input,
    write_system,
)
from imagewire.formats.responses.items import (
    open_items,
)
from imagewire.formats.responses.paths import PATH
from imagewire.formats.shared.openai_image import read_image, report_unknown, write_image
from imagewire.loss import C, Outcome
from imagewire.messages import JSON_TYPE, Body, WireRequest
from imagewire.model import Extra, Image, ImageRequest, Policy, StreamWish, Turn
from imagewire.options import DEFAULTS, Options
from imagewire.rules.bookkeeping import BOOKKEEPING
from imagewire.rules.media import reference, refuse_markup
from imagewire.rules.model_ids import body_model
from imagewire.rules.settings import neutral, read_size
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
            *("id", "status", "role", "type", "phase", "annotations", "logprobs", "size"),
            *("quality", "background", "output_format", "revised_prompt", "svg_usage"),
            *("tool_choice", "parallel_tool_calls", "stream_options"),
        ),
        "silent",
    ),
}

#: Where a setting may come from, for losses that writers find.
WIRE_PATHS: Mapping[str, tuple[str, ...]] = {
    "$.model": ("$.tools[0].model",),
    "$.image.size": ("$.tools[0].size",),
    "$.image.aspect_ratio": ("$.tools[0].size",),
    "$.image.tier": ("$.tools[0].size",),
    "$.image.quality": ("$.tools[0].quality",),
    "$.image.background": ("$.tools[0].background",),
    "$.image.format": ("$.tools[0].output_format",),
    "$.image.compression": ("$.tools[0].output_compression",),
    "$.image.moderation": ("$.tools[0].moderation",),
    "$.image.input_fidelity": ("$.tools[0].input_fidelity",),
    "$.mask": ("$.tools[0].input_image_mask",),
    "$.stream": ("$.stream",),
    "$.stream.partial_images": ("$.tools[0].partial_images",),
    "$.turns": ("$.input",),
}

#: What we write where nobody asked for anything else.
_OURS: Mapping[str, Any] = {"tool_choice": TOOL_CHOICE, "store": False}

# What an upstream would have to look up, or to finish later.
_REFUSED = {
    "previous_response_id": STORED.format("response"),
    "conversation": STORED.format("conversation"),
    "prompt": STORED.format("prompt"),
    "background": "a reply cannot be fetched later: it comes at once",
}
_NEUTRAL = ("size", "quality", "background", "output_format", "moderation", "input_fidelity")
# Marks: the tool names no model; a field of our own was not there.
_NO_MODEL, _ABSENT = "no_model", "absent"


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
    for name, message in _REFUSED.items():
        if getattr(body, name):
            raise UnsupportedError(message, path=(name,))
    falsy = keep_unlike(reading, {name: getattr(body, name) for name in _REFUSED}, {})
    tool = _read_tool(body)
    stream = _read_stream(body, tool, reading)
    given = tool.model if tool.model is not None else reading.model or None
    system, turns, extras = read_input(body, reading)
    image, marks = read_image(tool, read_size(tool.size, ("tools", 0, "size")), given, reading)
    mainline = keep_unlike(
        reading, {"model": body.model}, {"model": reading.options.responses_model}
    )
    for name, value, ours in (
        ("tool_choice", body.tool_choice, TOOL_CHOICE),
        ("store", body.store, False),
    ):
        if value is None:
            extras += reading.mark(_ABSENT, name)
        elif value != ours:
            extras += (reading.keep((name,), msgspec.to_builtins(value)),)
    _respell_tool(tool, reading)
    return ImageRequest(
        model=None if given is None else bare_model(body_model(given)),
        model_as_given=given,
        system=system,
        turns=turns,
        mask=_read_mask(tool, reading),
        image=image,
        user=body.user or None,
        safety_identifier=body.safety_identifier or None,
        stream=stream,
        extras=mainline
        + (() if tool.model is not None else reading.mark(_NO_MODEL))
        + marks
        + falsy
        + (reading.keep_named(stream=False) if body.stream is False else ())
        + extras
        + _tool_extras(body, tool, turns, reading)
        + reading.take(),
    )


def _read_tool(body: wire.Request) -> wire.Tool:
    """The one tool of a request; raises for others, which would be left out in silence."""
    if body.tools is None:
        msg = f"Object missing required field `tools`: a request for images has one, `{TOOL}`"
        raise UnsupportedError(msg, path="$.tools")
    tools = body.tools
    others = [tool.type for tool in tools if tool.type != TOOL]
    if others or len(tools) != 1:
        msg = f"a request for images has one tool, `{TOOL}`, and no other"
        raise UnsupportedError(msg, path="$.tools")
    if body.tool_choice == "none":
        msg = f"a request for images has to let the model use `{TOOL}`"
        raise UnsupportedError(msg, path="$.tool_choice")
    return tools[0]


def _read_stream(body: wire.Request, tool: wire.Tool, reading: Reading) -> StreamWish | None:
    if body.stream:
        refuse_stream(reading.options)
        reading.respell(("stream",))
        reading.respell(("tools",))
        return StreamWish(partial_images=tool.partial_images)
    if tool.partial_images:
        refuse_stream(reading.options, "tools[0].partial_images")
    return None


def _respell_tool(tool: wire.Tool, reading: Reading) -> None:
    """Note that the writer spells the tool, where its model is another one or in other words."""
    if reading.model not in {None, tool.model} or reading.options.model_ids != "as_given":
        reading.respell(("tools",))


def _read_mask(tool: wire.Tool, reading: Reading) -> Image | None:
    mask = tool.input_image_mask
    if mask is None:
        return None
    wire_path = ("tools", 0, "input_image_mask")
    image = read_picture(mask, reading, wire_path)
    if image.data is not None:
        reading.put((*wire_path, "image_url"), reference(image))
    return image


def _tool_extras(
    body: wire.Request, tool: wire.Tool, turns: tuple[Turn, ...], reading: Reading
) -> tuple[Extra, ...]:
    """What says nothing: neutral values, and an action that is what the pictures say."""
    extras: tuple[Extra, ...] = ()
    for name in _NEUTRAL:
        value = getattr(tool, name)
        if value is not None and neutral(value) is None:
            extras += (reading.keep(("tools", 0, name), value, "silent"),)
    if tool.partial_images is not None and not body.stream:
        extras += (reading.keep(("tools", 0, "partial_images"), tool.partial_images),)
    if tool.action is None:
        return extras
    pictures = any(part.image is not None for turn in turns for part in turn.parts)
    told = tool.action in {"auto", "edit" if pictures else "generate"}
    kept = reading.keep(("tools", 0, "action"), tool.action, "silent" if told else None)
    return (*extras, kept)


def write_request(
    request: ImageRequest, *, options: Options = DEFAULTS, catalog: Catalog = CATALOG
) -> Outcome[WireRequest]:
    """The request for a response, ``repeat`` times, because one call makes one picture.

    Raises `InexpressibleError` without a mainline model, and for a mask without a picture.
    """
    writing = Writing("responses", options)
    report = writing.report
    refuse_markup(request)
    items, extras = open_items("input", request.extras, writing)
    mainline, extras = _mainline_model(extras, writing)
    given, name = request.model, None
    if given is not None or not is_marked(request.extras, writing.format, _NO_MODEL):
        as_given = request.model_as_given or given or ""
        name = body_model(catalog.spell(given or "", as_given, options.model_ids))
    pictures = any(part.image is not None for turn in request.turns for part in turn.parts)
    instructions = write_system(request, items)
    tool = wire.Tool(type=TOOL, model=name)
    write_image(request, catalog.get(name or "", family="openai"), tool, writing, edits=pictures)
    if request.mask is not None:
        if not pictures:
            msg = "a mask needs an input image that it applies to"
            raise InexpressibleError(msg, path="$.mask")
        tool.input_image_mask = write_picture(request.mask, writing, ("mask",))
    wish = request.stream
    stream = wish is not None and asks_stream(options) and request.count == 1
    if wish is not None and stream:
        tool.partial_images = wish.partial_images
    elif wish is not None:
        report_partial_images(wish, report)
    body = wire.Request(
        model=mainline,
        instructions=instructions,
        input=write_input(request, items),
        tools=[tool],
        **{
            name: None if is_marked(request.extras, writing.format, _ABSENT, name) else ours
            for name, ours in _OURS.items()
        },
        user=request.user,
        safety_identifier=request.safety_identifier,
        stream=stream or None,
    )
    report_unknown(request, "the Responses API", report)
    report_response_format(request, "replies of the Responses API", report)
    writing.add(extras, ())
    headers, payload = json_request(writing.finish(body))
    wire_request = WireRequest(
        path=PATH,
        headers=headers,
        body=payload,
        model=name or "",
        repeat=request.count,
        stream=stream,
    )
    return Outcome(wire_request, tuple(writing.losses))


def _mainline_model(extras: tuple[Extra, ...], writing: Writing) -> tuple[str, tuple[Extra, ...]]:
    """The model that calls the tool, the option's or the one that was read, and other extras."""
    own = [e for e in extras if e.policy == "echo" and e.format == writing.format]
    others = tuple(extra for extra in extras if extra not in own)
    mainline = writing.options.responses_model or next((extra.value for extra in own), None)
    if mainline is None:
        msg = "the request names no model that could call the image tool"
        raise InexpressibleError(msg, path="$.model").noted(
            "Name a mainline model: `Options(responses_model=...)`."
        )
    return body_model(mainline), others


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
