"""Responses streams: the reader and the writer of events.

Facts (openai SDK 3.57, ``response_*_event.py``, 2026-11-26). A stream begins with
``response.created`` and ``response.in_progress``, and ends with ``response.completed``,
``response.incomplete`` or ``response.failed``, which have the whole response. A picture is in
``response.output_item.done`` and in the whole response, never in
``response.image_generation_call.completed``; relays drop one or the other of the two, and some send
drafts alone (dotnet/extensions 7758). An error is a flat ``error`` event. There is no ``[DONE]``.

Rules of our own: what ``output_item.done`` told is not told again by the whole response. How an
answer was refused is told by that, or else at the end. The whole response that is written has the
very items that were written before, so that all pictures wait for it. The id of a message is
derived from its first words, that of a call from its first draft or its picture.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import structs

from imagewire.codec.document import encode
from imagewire.codec.writing import Writing, report_joined, report_picture
from imagewire.formats.responses import wire
from imagewire.formats.responses.items import CALL, Items, whole_item, write_items
from imagewire.formats.responses.refusal import write_block, write_last_words
from imagewire.formats.responses.response import DONE, ENDS, EVENT, WORDS, write_end, write_head
from imagewire.formats.shared.openai_error import write_error
from imagewire.formats.shared.openai_image import PROPERTIES
from imagewire.formats.shared.reply_id import made_up_item_id
from imagewire.formats.shared.stream import (
    PICTURE,
    WORD,
    Ending,
    EventWriter,
    PieceReader,
)
from imagewire.loss import Outcome
from imagewire.model import (
    ANY_IMAGE,
    Candidate,
    DraftEvent,
    Extra,
    FailureEvent,
    FinishEvent,
    ImageEvent,
    ImageSettings,
    Part,
    PartEvent,
    StartEvent,
    StreamEvent,
    TextEvent,
)
from imagewire.options import DEFAULTS, Options
from imagewire.paths import Path
from imagewire.sse import Event, write_event

_TOLD = ("output_format", "size", "quality", "background")  # by a draft
_OTHER_PROPERTIES = frozenset(ImageSettings.__struct_fields__) - PROPERTIES


class _StreamReader(PieceReader):
    """Reads a stream: it knows which items were told, by their ids, or else by their numbers.

    Relays leave items out of a stream, or of the whole response, and count the others alone.
    """

    def __init__(self, options: Options) -> None:
        super().__init__(EVENT, options)
        self._whole: dict[int, str | None] = {}  # the ids of the items that came whole
        self._names: Counter[int | str | None] = Counter()  # and how often each came
        self._worded: set[int | str] = set()  # messages whose words were told, one by one
        self._end: list[StreamEvent] = []  # how it ends, if no whole response says so

    def __copy__(self) -> _StreamReader:
        """A reader that remembers by itself."""
        copied = _StreamReader(self._options)
        copied._whole, copied._names = {**self._whole}, self._names.copy()
        copied._worded, copied._end = {*self._worded}, [*self._end]
        return copied

    def read(self, event: Event) -> Outcome[tuple[StreamEvent, ...]]:
        """What an event tells, but for what is told already; how an item ended waits."""
        outcome = super().read(event)
        assert outcome.provenance is not None  # noqa: S101 - a reader's outcome has one
        body, nodes = outcome.provenance.value, outcome.provenance.nodes
        kind, place = body.type or event.name, body.output_index or 0
        if kind == WORDS:
            self._worded.add(body.item_id or place)
        if body.response is not None:
            items = body.response.output or []
            ids: dict[int, str | None] = {at: item.id for at, item in enumerate(items)}
            whole = {*self._again(ids)}
        elif kind == DONE:
            ids = {place: None if body.item is None else body.item.id}
            whole = ids.keys() & self._whole
        else:
            return outcome
        worded = {at for at, id_ in ids.items() if not self._worded.isdisjoint((at, id_))}
        told: list[StreamEvent] = []
        for item in outcome.value:
            if isinstance(item, PartEvent):
                at = place if kind == DONE else nodes["candidates", 0, "parts", item.index][2]
                again = at in whole or (isinstance(item, TextEvent) and at in worded)
                told += [] if again else [item]
            elif isinstance(item, StartEvent) and kind != DONE:
                told.append(_rest(item, whole))
            else:
                told.append(item)
        if kind == DONE:
            pictured = any(isinstance(item, ImageEvent) for item in told)
            ends = [item for item in told if isinstance(item, FinishEvent)]
            self._end += [end for end in ends if pictured or end != _STOP]
            self._names.update([ids[place] or place] if place not in self._whole else ())
            self._whole |= ids
            told = [item for item in told if item not in ends]
        elif kind in ENDS:
            self._end = []
        return structs.replace(outcome, value=tuple(told))

    def _again(self, ids: dict[int, str | None]) -> Iterator[int]:
        """The places of a whole response's items that came before; equal items have equal ids."""
        used: Counter[int | str | None] = Counter()
        for place, id_ in ids.items():
            for name in (id_ or self._whole.get(place), place):
                if used[name] < self._names[name]:
                    used[name] += 1
                    yield place
                    break

    def close(self) -> Outcome[tuple[StreamEvent, ...]]:
        """How it ended, where the whole response did not come."""
        return Outcome(tuple(self._end))


def _rest(start: StartEvent, whole: set[int]) -> StartEvent:
    """What a response tells of itself, without what its items told."""
    if not whole:
        return start
    extras = tuple(e for e in start.extras if e.path[:1] != ("output",) or e.path[1] not in whole)
    return structs.replace(start, image=ANY_IMAGE, extras=extras)


def stream_reader(*, options: Options = DEFAULTS) -> _StreamReader:
    """The reader of one stream."""
    return _StreamReader(options)


#: An item that was begun: its place among all, and the item.
_Open = tuple[int, dict[str, Any]]


class _StreamWriter(EventWriter):
    """Writes a stream; the whole response at its end has all items once more.

    What the methods write waits in a list, which `write` and `close` empty.
    """

    format = "responses"
    properties = PROPERTIES

    def prepare(self) -> None:
        self._written: list[bytes] = []
        self._told: dict[Path, Extra] = {}  # marks of the response
        self._fields: dict[Path, Extra] = {}  # none of them twice
        self._number = 0
        self._body = wire.Response()  # without an id: it has not begun
        self._items: list[Any] = []  # those that are open are None
        self._kept: dict[int, Any] = {}  # items that stand again where they stood
        self._is_told = False  # whether these say how the answer ended
        self._message: _Open | None = None
        self._words: list[str] = []  # of the open message
        self._call: _Open | None = None  # the one whose drafts are shown

    @property
    def holds(self) -> bool:
        """Whether the whole response will have a picture."""
        return super().holds or any(item and item.get("result") for item in self._items)

    def write(self, event: StreamEvent) -> Outcome[bytes]:
        """The bytes of an event, each of which has a number of its own."""
        return structs.replace(super().write(event), value=self._flushed())

    def write_start(self, event: StartEvent, writing: Writing) -> bytes:
        """Remember what a reply tells of itself; its kept items are written where they stood."""
        super().write_start(event, writing)
        self._told |= {extra.path: extra for extra in event.extras if extra.policy == "mark"}
        self._fields |= {extra.path: extra for extra in self.extras}
        self.extras = ()
        items = Items("output", writing, event.extras)
        self._kept |= items.kept
        self._is_told = self._is_told or items.is_told
        return b""

    def write_text(self, event: TextEvent, writing: Writing) -> bytes:
        """Words; those that follow one another without a field between are one message."""
        part, message = event.part, self._message
        if whole_item(part, "responses") is not None:
            return self.write_foreign(event, writing)
        answer = self.answer(event.candidate)
        if part.thought:
            answer.drafts.leave_out()
            return b""
        answer.said = True
        if message is None or part.extras or part.signature is not None:
            message = self._open_message(event, writing)
        self._words.append(part.text or "")
        self._event_of(message, WORDS, content_index=0, logprobs=[], delta=part.text)
        return b""

    def write_draft(self, event: DraftEvent, writing: Writing) -> bytes:
        """A draft, in the call whose picture it is one of."""
        answer, image = self.answer(event.candidate), event.part.image
        if self.context.partial_images == 0 or image is None or image.data is None:
            answer.drafts.leave_out(event)
            return b""
        answer.drafts.show(event)
        self._close_message()
        call = self._call or self._open_call(made_up_item_id(image.data, "ig_"), writing)
        told = self._make(event, structs.replace(event.part, thought=False), writing)
        self._event_of(
            call,
            f"response.{CALL}.partial_image",
            partial_image_index=event.number or 0,
            partial_image_b64=image.data,
            **{name: told[name] for name in _TOLD if name in told},
        )
        return b""

    def write_image(self, event: ImageEvent, writing: Writing) -> bytes:
        """A picture: the call that made it, from its beginning to its end."""
        answer = self.answer(event.candidate)
        answer.drafts.end()
        answer.images += 1
        item = self._make(event, event.part, writing)
        self._close_message()
        call = self._call or self._open_call(item["id"], writing)
        self._call = None
        self._event_of(call, f"response.{CALL}.completed")
        self._finish(call, {**item, "id": call[1]["id"]})
        return b""

    def write_foreign(self, event: PartEvent, writing: Writing) -> bytes:
        """An item of this API's own; others are reported."""
        item = self._make(event, event.part, writing)
        if item:
            self.answer(event.candidate).said = True
            self._write_item(item, writing)
        return b""

    def write_failure(self, event: FailureEvent, _: Writing) -> bytes:
        """The flat event of an error, which the SDK gives to its caller."""
        self.failed = True
        error = write_error(event.failure)
        self._event("error", **{name: error[name] for name in ("code", "message", "param")})
        return b""

    def close(self) -> Outcome[bytes]:
        """The end: what was held back, how it ended, and the whole response."""
        if self.failed:
            return Outcome(b"")
        writing = Writing("responses", self.options)
        report_joined(len({*self.answers, *self.ends}), "items", writing.report)
        for number in self.answers:
            self.write_promoted(number, writing)
        if not any(answer.images for answer in self.answers.values()):
            report_picture(self.start.image, writing.report, but=_OTHER_PROPERTIES)
        numbers = sorted({*self.answers, *self.ends}) or ([] if self.block else [0])
        ends = {number: self._ended(number, writing) for number in numbers}
        last = Items("output", writing)
        for number, candidate in ends.items():
            if not self._is_told:
                write_last_words(candidate, last, ("candidates", number))
        if self.block is not None:
            write_block(self.block, last, beside=bool(ends), told=self._is_told)
        self._next("", writing)
        items = msgspec.to_builtins(last.written)
        items += [self._kept.pop(place) for place in sorted(self._kept)]
        for item in items:
            self._write_item(item, writing)
        write_end(self._body, ends.values(), self.usage, self.context, writing)
        finished = [item for item in self._items if item is not None]
        response = self._snapshot(writing, output=finished)
        self._event(f"response.{response['status']}", response=response)
        return Outcome(self._flushed(), tuple(writing.losses))

    def _ended(self, number: int, writing: Writing) -> Candidate:
        """How an answer ended, with something in place of what it said."""
        answer, end = self.answer(number), self.ends.get(number, Ending())
        writing.add(tuple(end.extras), ("candidates", number), ("output", "candidate"))
        said = (PICTURE,) if answer.images else (WORD,) if answer.said else ()
        return Candidate(
            parts=said, finish=end.finish or "STOP", finish_message=end.message or None
        )

    def _next(self, said: str, writing: Writing) -> None:
        """Begin the stream, if this is its beginning, and write the kept items that stand here."""
        self._close_message()
        if self._body.id is None:
            id_ = self.response_id or made_up_item_id(said, "resp_")
            start = structs.replace(self.start, extras=tuple(self._told.values()))
            self._body = write_head(start, self.context, self.created, id_, writing)
            for kind in ("created", "in_progress"):
                response = self._snapshot(writing, status="in_progress")
                self._event(f"response.{kind}", response=response)
        while (item := self._kept.pop(len(self._items), None)) is not None:
            self._finish(self._open(item), item)

    def _snapshot(self, writing: Writing, **fields: Any) -> Any:
        """The response as it is now, as plain data."""
        writing.add(tuple(self._fields.values()), ())
        return _finished(structs.replace(self._body, **fields), writing)

    def _make(self, event: PartEvent, part: Part, writing: Writing) -> dict[str, Any]:
        """The item of a part, as plain data; empty if it has none."""
        items = Items("output", writing, told=self.start.image)
        write_items([(event.index, part)], items, ("candidates", event.candidate, "parts"))
        tree = _finished(wire.Response(output=items.written), writing)
        return dict(*tree["output"])

    def _write_item(self, item: dict[str, Any], writing: Writing) -> None:
        """An item that comes whole."""
        self._next(str(item.get("id")), writing)
        self._finish(self._open(item), item)

    def _open(self, item: dict[str, Any]) -> _Open:
        """Begin an item, at the place that it will have."""
        place = len(self._items)
        self._items.append(None)
        self._event("response.output_item.added", output_index=place, item=item)
        return place, item

    def _finish(self, opened: _Open, item: dict[str, Any]) -> None:
        place, _ = opened
        self._items[place] = item
        self._event(DONE, output_index=place, item=item)

    def _open_call(self, id_: str, writing: Writing) -> _Open:
        self._next(id_, writing)
        call = {"id": id_, "type": CALL, "status": "in_progress", "result": None}
        self._call = opened = self._open(call)
        for kind in ("in_progress", "generating"):
            self._event_of(opened, f"response.{CALL}.{kind}")
        return opened

    def _open_message(self, event: TextEvent, writing: Writing) -> _Open:
        item = self._make(event, event.part, writing)
        self._next(item["id"], writing)
        place, _ = self._open({**item, "status": "in_progress", "content": []})
        self._message, self._words = opened, _ = (place, item), []
        part = {**item["content"][0], "text": ""}
        self._event_of(opened, "response.content_part.added", content_index=0, part=part)
        return opened

    def _close_message(self) -> None:
        opened, self._message = self._message, None
        if opened is None:
            return
        _, item = opened
        part, text = item["content"][0], "".join(self._words)
        part["text"] = text
        kind = "response.output_text.done"
        self._event_of(opened, kind, content_index=0, text=text, logprobs=[])
        self._event_of(opened, "response.content_part.done", content_index=0, part=part)
        self._finish(opened, item)

    def _event_of(self, opened: _Open, kind: str, **fields: Any) -> None:
        """An event of an item."""
        place, item = opened
        self._event(kind, item_id=item["id"], output_index=place, **fields)

    def _event(self, kind: str, **fields: Any) -> None:
        """An event, with its number."""
        data = {"type": kind, **fields, "sequence_number": self._number}
        self._number += 1
        self._written.append(write_event(bytes(encode(data)), kind))

    def _flushed(self) -> bytes:
        written, self._written = b"".join(self._written), []
        return written


def _finished(document: wire.Response, writing: Writing) -> Any:
    """A document as plain data, with everything placed."""
    tree = msgspec.to_builtins(writing.finish(document))
    writing.placements.clear()
    return tree


#: The writer of one stream.
stream_writer = _StreamWriter

_STOP = FinishEvent(finish="STOP")
