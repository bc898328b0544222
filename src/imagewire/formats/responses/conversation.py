"""The conversation of a request: ``instructions`` and ``input``, and turns of the hub, both ways.

Each item is a turn, or a part of the system message. A system text that stood nowhere is
``instructions``; what stood among the items stands there again.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from imagewire.codec.reading import Reading
from imagewire.codec.writing import is_marked, report_empty
from imagewire.errors import MalformedError, UnsupportedError
from imagewire.formats.responses import wire
from imagewire.formats.responses.content import (
    keep_unlike,
    read_content,
    report_signature,
    write_content,
)
from imagewire.formats.responses.items import (
    CALL,
    LIST,
    Items,
    read_call,
    read_message,
    read_other,
    write_items,
)
from imagewire.model import Extra, ImageRequest, Part, Turn
from imagewire.paths import EXTRAS, Path
from imagewire.rules.drafts import Indexed
from imagewire.rules.prompt import prompt_index, said

#: Why a reference to what an upstream holds is refused.
STORED = "a stored {} cannot be looked up here: send the conversation itself"

_STRING = "string"  # the mark of an input that was a string


def read_input(
    body: wire.Request, reading: Reading
) -> tuple[tuple[Part, ...], tuple[Turn, ...], tuple[Extra, ...]]:
    """The system parts, the turns, and the items that are only kept."""
    system: list[Part] = [Part(text=body.instructions)] if body.instructions else []
    reading.nodes[("system", 0)] = ("instructions",)
    turns: list[Turn] = []
    kept: list[Extra] = []
    if isinstance(body.input, str):
        reading.nodes[("turns", 0)] = reading.nodes[("turns", 0, "parts", 0)] = ("input",)
        parts = (Part(text=body.input),) if body.input else ()
        return tuple(system), (Turn(role="user", parts=parts, extras=reading.mark(_STRING)),), ()
    for index, item in enumerate(body.input or ()):
        wire_path: Path = ("input", index)
        if item.role in {"system", "developer"}:
            ours = {"role": "system"}
            for part, item_path in read_message(item, reading, wire_path, ours):
                hub_path: Path = ("system", len(system))
                reading.nodes[hub_path] = wire_path + item_path
                reading.nodes[(*hub_path, EXTRAS)] = wire_path
                extras = part.extras + reading.mark("input", index)
                system.append(
                    Part(text=part.text, image=part.image, foreign=part.foreign, extras=extras)
                )
        elif item.role == "user":
            turns.append(_read_user(item, reading, wire_path, len(turns)))
        else:
            found = _read_model(item, reading, wire_path, ("turns", len(turns)))
            kept += (extra for extra in found if isinstance(extra, Extra))
            answer = tuple(part for part in found if isinstance(part, Part))
            if answer:
                reading.nodes[("turns", len(turns))] = wire_path
                turns.append(Turn(role="model", parts=answer))
    return tuple(system), tuple(turns), tuple(kept)


def _read_user(item: wire.Item, reading: Reading, wire_path: Path, number: int) -> Turn:
    reading.nodes[("turns", number)] = wire_path
    parts: list[Part] = []
    for part, item_path in read_content(item.content, reading, wire_path, "input_text"):
        reading.nodes[("turns", number, "parts", len(parts))] = wire_path + item_path
        parts.append(part)
    given = {"id": item.id, "type": item.type, "status": item.status}
    extras = keep_unlike(reading, given, {}) + reading.take(wire_path)
    if isinstance(item.content, list):
        extras += reading.mark(LIST)
    return Turn(role="user", parts=tuple(parts), extras=extras)


def _read_model(
    item: wire.Item, reading: Reading, wire_path: Path, hub_path: Path
) -> tuple[Part | Extra, ...]:
    """The parts of an item that is the model's, or what only keeps it."""
    if item.role == "assistant":
        found = read_message(item, reading, wire_path, {"role": "assistant"})
        for index, (_, item_path) in enumerate(found):
            reading.nodes[(*hub_path, "parts", index)] = wire_path + item_path
            reading.nodes[(*hub_path, "parts", index, EXTRAS)] = wire_path
        return tuple(part for part, _ in found)
    if item.role is not None:
        msg = "role must be user, assistant, system or developer"
        raise MalformedError(msg, path=(*wire_path, "role"))
    reading.nodes[(*hub_path, "parts", 0)] = wire_path
    if item.type == CALL and item.result:
        return (read_call(item, reading, wire_path, None),)
    if item.type in {CALL, "item_reference", None} and item.status != "failed":
        raise UnsupportedError(STORED.format("item"), path=wire_path)
    other = read_other(item, reading, wire_path)
    return other if isinstance(other, tuple) else (other,)


def write_system(request: ImageRequest, items: Items) -> str | None:
    """The first system text as ``instructions``; others are messages, some where they stood."""
    writing = items.writing
    messages: dict[int, list[Indexed]] = {}  # by where they stood; negative if nowhere
    for index, part in said(request.system, ("system",), writing) if request.system else ():
        messages.setdefault(_place_of(part, ~index), []).append((index, part))
    instructions = None
    for number, (place, parts) in enumerate(messages.items()):
        index, first = parts[0]
        own = any(extra.format == writing.format for extra in first.extras)
        write = partial(write_items, parts, items, ("system",), "system")
        if place >= 0:
            items.kept[place] = write
        elif number or first.text is None or own:
            write()
        else:
            instructions = first.text
            report_signature(first, writing, ("system", index))
            writing.add(first.extras, ("system", index))
    return instructions


def _place_of(part: Part, nowhere: int) -> int:
    """The index of the system message that a part stood in."""
    marks = (e.path for e in part.extras if e.policy == "mark" and e.path[0] == "input")
    return int(next(marks, ("input", nowhere))[1])


def write_input(request: ImageRequest, items: Items) -> str | list[Any]:
    """The items of all turns, or the string that the input was."""
    writing = items.writing
    asked = prompt_index(request)
    for number, turn in enumerate(request.turns):
        hub_path: Path = ("turns", number)
        if turn.role == "model":
            write_items(enumerate(turn.parts), items, (*hub_path, "parts"), "assistant")
            writing.add(turn.extras, hub_path, ("input", "turn"))  # no object here is a turn
            continue
        words = list(said(turn.parts, (*hub_path, "parts"), writing, asked=number == asked))
        if is_marked(turn.extras, writing.format, _STRING) and len(request.turns) == 1:
            return words[0][1].text or ""
        _write_user(turn, words, items, hub_path, asked=number == asked)
    return items.finish()


def _write_user(
    turn: Turn, words: Sequence[Indexed], items: Items, hub_path: Path, *, asked: bool
) -> None:
    writing = items.writing
    wire_path = items.place()
    content: list[wire.Part] = []
    for index, part in words:
        path = (*hub_path, "parts", index)
        written = write_content(part, writing, path, "input_text", asked=asked)
        if written is not None:
            writing.add(part.extras, path, (*wire_path, "content", len(content)))
            content.append(written)
    if not content:
        report_empty(turn, hub_path, writing.report)
        return
    writing.add(turn.extras, hub_path, wire_path)
    first = words[0][1]
    deep = any(extra.format == writing.format for extra in first.extras)
    is_list = deep or len(content) > 1 or is_marked(turn.extras, writing.format, LIST)
    text = None if is_list else first.text
    items.written.append(wire.Item(role="user", content=content if text is None else text))
