"""Chat requests: ``read_request`` and ``write_request``, field by field in the same order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast

from msgspec import structs

from imagewire.catalog import CATALOG, Catalog, bare_model
from imagewire.codec.document import Codec, json_request
from imagewire.codec.reading import Keeping, Reader, Reading
from imagewire.codec.writing import (
    Writing,
    report_empty,
    report_foreign,
    report_response_format,
    verbatim,
)
from imagewire.errors import MalformedError
from imagewire.formats.chat import settings, wire
from imagewire.formats.chat.content import (
    plain_text,
    put_right,
    read_message,
    write_field,
    write_part,
)
from imagewire.formats.chat.paths import PATHS
from imagewire.loss import C, Outcome
from imagewire.messages import JSON_TYPE, Body, WireRequest
from imagewire.model import Extra, Foreign, ImageRequest, Part, Policy, StreamWish, Turn
from imagewire.options import DEFAULTS, Options
from imagewire.paths import EXTRAS, Path
from imagewire.rules.bookkeeping import BOOKKEEPING
from imagewire.rules.media import refuse_masks
from imagewire.rules.model_ids import body_model
from imagewire.rules.prompt import mark_thoughts, prompt_index, said
from imagewire.rules.streams import asks_stream, refuse_stream, report_partial_images
from imagewire.rules.urls import refuse_references

#: Bookkeeping of the API; what another setting, which is refused, would give a meaning is silent.
POLICIES: Mapping[str, Policy] = {
    **BOOKKEEPING,
    **dict.fromkeys(("parallel_tool_calls", "stream_options"), "silent"),
    "annotations": "report",  # of the model's own words, which a client sends back
}

_STREAM_OPTIONS = "stream_options"
_MESSAGE = "message"  # the kind of a foreign part that is a whole message: a tool's result


def read_request(
    body: Body,
    *,
    model: str | None = None,
    content_type: str = JSON_TYPE,  # noqa: ARG001 - chat has JSON bodies only
    options: Options = DEFAULTS,
) -> Outcome[ImageRequest]:
    """The request of a chat completion body; ``model`` stands in where the body names none.

    Raises `MalformedError`, and `UnsupportedError` for what no image model offers.
    """
    return REQUEST.read(body, options, model)


def _read(body: wire.Request, reading: Reading) -> ImageRequest:
    stream = _read_stream(reading) if body.stream else None
    said = settings.read_settings(body, reading.report)
    given = body.model if body.model is not None else reading.model
    system, turns = _read_messages(body.messages, reading)
    extras = _read_extras(said, reading) if reading.unknown is not None else ()
    if said and isinstance(body.moderation, dict):  # OpenAI's own object, no setting of an image
        extras = reading.keep_named(moderation=body.moderation) + extras
    request = ImageRequest(
        model=None if given is None else bare_model(body_model(given)),
        model_as_given=given,
        system=system,
        turns=turns,
        stream=stream,
        extras=extras,
    )
    return structs.replace(request, **said) if said else request


def _read_extras(said: Mapping[str, Any], reading: Reading) -> tuple[Extra, ...]:
    """The unknown fields at the top; ``audio``, how a voice shall sound, is silent without one."""
    values = {} if reading.unknown is None else reading.unknown.values
    if "audio" not in values or "AUDIO" in said.get("modalities", ()):
        return reading.take()
    return reading.keep(("audio",), values.pop("audio"), "silent"), *reading.take()


def _read_stream(reading: Reading) -> StreamWish:
    """The wish for a stream, with its options, which another upstream's stream does not have.

    OpenRouter's clients ask for counts by ``usage: {"include": true}`` alone: its provider of the
    AI SDK (2.10.0) shows none otherwise (2026-11-27).
    """
    refuse_stream(reading.options)
    reading.respell(("stream",))
    reading.respell((_STREAM_OPTIONS,))
    values = {} if reading.unknown is None else reading.unknown.values
    told = values.pop(_STREAM_OPTIONS, None)
    usage = _has_on(told, "include_usage") or _has_on(values.get("usage"), "include")
    return StreamWish(include_usage=usage)


def _has_on(switches: Any, name: str) -> bool:
    return isinstance(switches, dict) and switches.get(name) is True


def write_request(
    request: ImageRequest, *, options: Options = DEFAULTS, catalog: Catalog = CATALOG
) -> Outcome[WireRequest]:
    """The chat completion request; raises for a mask and for a file id."""
    writing = Writing("chat", options)
    report = writing.report
    extend = options.chat_extensions
    refuse_masks(request)
    model = body_model(
        catalog.spell(request.model or "", request.model_as_given, options.model_ids)
    )
    body = wire.Request(
        model=model,
        messages=_write_messages(request, writing),
        n=None if request.count == 1 else request.count,
        user=request.user,
        safety_identifier=request.safety_identifier,
    )
    settings.write_modalities(request.modalities, body, report, extend=extend)
    settings.write_image(request.image, body, report, extend=extend)
    settings.write_sampling(request.sampling, body)
    settings.write_google(request, body, report, extend=extend)
    stream = request.stream is not None and asks_stream(options)
    if stream:
        body.stream = True
        usage = {"include_usage": True}  # another face may need it
        writing.add((Extra(format="chat", path=(_STREAM_OPTIONS,), value=usage),), ())
    if request.stream is not None:
        report_partial_images(request.stream, report)
    report_response_format(request, "chat replies", report)
    writing.add(request.extras, ())
    headers, payload = json_request(writing.finish(body))
    return Outcome(
        WireRequest(
            path=PATHS["generate"],
            headers=headers,
            body=payload,
            model=model,
            stream=stream,
        ),
        tuple(writing.losses),
    )


def _read_messages(
    messages: list[wire.Message], reading: Reading
) -> tuple[tuple[Part, ...], tuple[Turn, ...]]:
    system: list[Part] = []
    turns: list[Turn] = []
    for index, message in enumerate(messages):
        wire_path = ("messages", index)
        role = message.role
        if role in {"user", "assistant"}:
            hub_path = ("turns", len(turns), "parts")
            reasons = role == "assistant"
            parts = read_message(message, reading, hub_path, wire_path, reasons=reasons)
            extras = reading.take(wire_path) if reading.unknown is not None else ()
            if message.refusal or message.annotations or message.reasoning:
                extras = _message_extras(message, reading) + extras
            if not reasons:
                parts = mark_thoughts(parts, reading)
            if len(turns) != index:
                reading.nodes[("turns", len(turns))] = wire_path
            turns.append(
                Turn(role="user" if role == "user" else "model", parts=parts, extras=extras)
            )
        elif role in {"system", "developer"}:
            system += _read_system(message, reading, len(system), wire_path)
        elif role in {"tool", "function"}:
            reading.nodes[("turns", len(turns))] = wire_path
            reading.nodes[("turns", len(turns), "parts", 0)] = wire_path
            value = verbatim(message, reading.take(wire_path), wire_path, reading.report)
            foreign = Foreign(format="chat", kind=_MESSAGE, value=value)
            turns.append(Turn(role="model", parts=(Part(foreign=foreign),)))
        else:
            msg = "role must be system, developer, user, assistant, tool or function"
            raise MalformedError(msg, path=wire_path + ("role",))
    return tuple(system), tuple(turns)


def _message_extras(message: wire.Message, reading: Reading) -> tuple[Any, ...]:
    extras = reading.keep_named(
        refusal=message.refusal or None, annotations=message.annotations or None
    )
    if message.reasoning and message.role != "assistant":  # a field that only the model's have
        extras += (reading.keep(("reasoning",), message.reasoning, kept=reading.passes_unknown),)
    return extras


def _read_system(
    message: wire.Message, reading: Reading, start: int, wire_path: Path
) -> list[Part]:
    """The parts of a system message; each is written back as a message of its own.

    Extras of a content part are kept below ``content[0]``, where it will stand then.
    """
    read = read_message(message, reading, ("system",), wire_path, start=start, reasons=False)
    parts: list[Part] = []
    for index, part in enumerate(read, start):
        node: Path = ("system", index)
        reading.nodes[(*node, EXTRAS)] = wire_path
        if part.extras:
            reading.nodes[(*node, EXTRAS, "content", 0)] = reading.nodes[node]
            extras = tuple(
                structs.replace(extra, path=("content", 0, *extra.path)) for extra in part.extras
            )
            part = structs.replace(part, extras=extras)  # noqa: PLW2901 - the same part
        parts.append(part)
    parts = list(mark_thoughts(tuple(parts), reading))
    extras = _message_extras(message, reading) + reading.take(wire_path)
    if not parts:
        reading.drop(extras, wire_path)
    elif extras:
        parts[0] = structs.replace(parts[0], extras=parts[0].extras + extras)
    return parts


def _write_messages(request: ImageRequest, writing: Writing) -> list[wire.Message]:
    messages: list[wire.Message] = []
    for index, part in said(request.system, ("system",), writing) if request.system else ():
        message = _write_system(part, writing, ("system", index), len(messages))
        if message is not None:
            messages.append(message)
    asked = prompt_index(request)
    for index, turn in enumerate(request.turns):
        message = _write_turn(turn, writing, ("turns", index), len(messages), asked=index == asked)
        if message is not None:
            messages.append(message)
    return messages


def _write_system(part: Part, writing: Writing, hub_path: Path, index: int) -> wire.Message | None:
    deep = any(extra.format == "chat" and extra.path[0] == "content" for extra in part.extras)
    writing.add(part.extras, hub_path, ("messages", index))
    part = structs.replace(part, extras=()) if part.extras else part
    text = None if deep else plain_text((part,))
    if text is not None:
        return wire.Message(role="system", content=text)
    written = write_part(part, writing, hub_path, ("messages", index, "content", 0))
    return None if written is None else wire.Message(role="system", content=[written])


def _write_turn(
    turn: Turn, writing: Writing, hub_path: Path, index: int, *, asked: bool
) -> wire.Message | None:
    wire_path: Path = ("messages", index)
    role = "user" if turn.role == "user" else "assistant"
    if len(turn.parts) == 1 and (whole := turn.parts[0].foreign) and whole.kind == _MESSAGE:
        if whole.format == "chat":
            return cast("wire.Message", whole.value)
        report_foreign(turn.parts[0], hub_path, writing.report, asked=asked)
        return None
    text = plain_text(turn.parts)
    if text is not None:
        writing.add(turn.extras, hub_path, wire_path)
        writing.add(turn.parts[0].extras, (*hub_path, "parts", 0))
        return wire.Message(role=role, content=text)
    parts: Iterable[tuple[int, Part]] = enumerate(turn.parts)
    if turn.role == "user" and turn.parts:
        parts = said(turn.parts, (*hub_path, "parts"), writing, asked=asked)
    message = wire.Message(role=role)
    content: list[wire.Part] = []
    for place, part in parts:
        if part.foreign is not None and write_field(part.foreign, message):
            continue
        item_path = (*wire_path, "content", len(content))
        written = write_part(part, writing, (*hub_path, "parts", place), item_path, asked=asked)
        if written is not None:
            content.append(written)
    message.content = content or None
    if message == wire.Message(role=role, content=None) and not _says_more(turn):
        report_empty(turn, hub_path, writing.report)
        return None
    writing.add(turn.extras, hub_path, wire_path)
    return message


def _says_more(turn: Turn) -> bool:
    """Whether a turn without content is one here: a refusal, say."""
    return any(extra.format == "chat" and extra.kept for extra in turn.extras)


_KEEPING = Keeping(
    put_right,
    kept=frozenset({C.EMPTY_TURN, C.NO_SUCH_SETTING}),  # `moderation`, which others took
    spelled=frozenset({"size", "output_format"}),
    unless=lambda options: not options.chat_extensions,
    decided=frozenset(
        {
            *("model", "image_config", "aspect_ratio", "image_size", "generation_config"),
            *("extra_body", "google"),
        }
    ),
)
REQUEST = Reader(
    "chat",
    Codec(wire.Request),
    _read,
    policies=POLICIES,
    wire_paths=settings.WIRE_PATHS,
    keeping=_KEEPING,
    refuse_references=refuse_references,
)
