"""Responses streams: the reader of events; the writer is in `stream_writer`.

Facts (openai SDK 3.57, ``response_*_event.py``, 2026-11-26). A stream begins with
``response.created`` and ``response.in_progress``, and ends with ``response.completed``,
``response.incomplete`` or ``response.failed``, which have the whole response. A picture is in
``response.output_item.done`` and in the whole response, never in
``response.image_generation_call.completed``; relays drop one or the other of the two, and some send
drafts alone (dotnet/extensions 7758). An error is a flat ``error`` event. There is no ``[DONE]``.

Rules of our own: what ``output_item.done`` told is not told again by the whole response. How an
answer was refused is told by that, or else at the end.
"""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import structs

from imagewire.codec.document import Codec
from imagewire.codec.reading import Reader, Reading, refuse_failure
from imagewire.formats.responses import wire
from imagewire.formats.responses.content import read_result
from imagewire.formats.responses.failure import read_failure
from imagewire.formats.responses.items import CALL
from imagewire.formats.responses.response import (
    POLICIES,
    SNAPSHOT,
    WIRE_PATHS,
    Output,
    read_image,
)
from imagewire.formats.shared.openai_image import type_of_format
from imagewire.loss import Outcome
from imagewire.model import (
    ANY_IMAGE,
    DraftEvent,
    FailureEvent,
    FinishEvent,
    ImageEvent,
    ImageResponse,
    Part,
    StreamEvent,
    TextEvent,
    UsageEvent,
)
from imagewire.options import DEFAULTS, Options
from imagewire.paths import Provenance
from imagewire.rules.events import parts_of, start_of
from imagewire.sse import Event

_ENDS = {"response.completed", "response.incomplete"}
_BEGINS = {"response.created", "response.in_progress", "response.queued"}
_DONE = "response.output_item.done"
_WORDS = "response.output_text.delta"
#: What a response in the making tells, and a finished one tells better.
_PASSING = {"status", "output", "usage", "tool_usage", "completed_at"}


class _Head(msgspec.Struct):
    """What an event is, and the response in it, not decoded."""

    type: str | None = None
    response: msgspec.Raw = msgspec.Raw(b"null")


_head = msgspec.json.Decoder(_Head).decode


class _StreamReader:
    """Reads a stream: it knows which items were told, by their numbers."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._told: set[int] = set()
        self._worded: set[int] = set()  # messages whose words were told, one by one
        self._waiting: list[StreamEvent] = []  # how it ends, if no whole response says so
        self._is_finished = False

    def __copy__(self) -> _StreamReader:
        """A reader that remembers by itself."""
        copied = _StreamReader(self._options)
        copied._told, copied._worded = {*self._told}, {*self._worded}
        copied._waiting, copied._is_finished = [*self._waiting], self._is_finished
        return copied

    def read(self, event: Event) -> Outcome[tuple[StreamEvent, ...]]:
        """What an event tells."""
        try:
            head = _head(event.data)
        except (ValueError, RecursionError):
            head = _Head()  # the reader of events says what is wrong
        kind = head.type or event.name or ""
        if kind in _BEGINS | _ENDS:
            return self._read_response(bytes(head.response), kind)
        if kind == "response.failed":
            failure = read_failure(bytes(head.response), status=200)
            return Outcome((FailureEvent(failure=failure),))
        outcome = EVENT.read(event.data, self._options, kind)
        body = None if outcome.provenance is None else outcome.provenance.value
        return structs.replace(outcome, value=self._not_told(outcome.value, kind, body))

    def close(self) -> Outcome[tuple[StreamEvent, ...]]:
        """How it ended, where the whole response did not come."""
        return Outcome(() if self._is_finished else tuple(self._waiting))

    def _not_told(
        self, events: tuple[StreamEvent, ...], kind: str, body: Any
    ) -> tuple[StreamEvent, ...]:
        """The events of an item that were not told before, without those that wait."""
        index = -1 if body is None or body.output_index is None else body.output_index
        if kind == _WORDS:
            self._worded.add(index)
        if kind != _DONE:
            return events
        waits = tuple(event for event in events if isinstance(event, FinishEvent))
        if index in self._told or waits:
            self._waiting += waits
            return ()
        self._told.add(index)
        if any(isinstance(event, ImageEvent) for event in events):
            self._waiting = self._waiting or [FinishEvent(finish="STOP")]
        worded = index in self._worded
        return tuple(e for e in events if not (worded and isinstance(e, TextEvent)))

    def _read_response(self, body: bytes, kind: str) -> Outcome[tuple[StreamEvent, ...]]:
        outcome = SNAPSHOT.read(body, self._options)
        response, begins = outcome.value, kind in _BEGINS
        extras = tuple(
            extra
            for extra in response.extras
            if not (begins and extra.path[0] in _PASSING)
            and not (extra.path[0] == "output" and extra.path[1] in self._told)
            and not (begins and extra.policy == "mark")
        )
        image = ANY_IMAGE if self._told else response.image  # else it is told already
        start = start_of(structs.replace(response, image=image, extras=extras))
        events: list[StreamEvent] = [] if start is None else [start]
        nodes = {} if outcome.provenance is None else outcome.provenance.nodes
        if not begins:
            self._is_finished = True
            for candidate in response.candidates:
                for event in parts_of(candidate.parts):
                    place = nodes[("candidates", 0, "parts", event.index)][1]
                    words = isinstance(event, TextEvent) and place in self._worded
                    if place not in self._told and not words:
                        events.append(event)
                finish, words_ = candidate.finish, candidate.finish_message
                events.append(FinishEvent(finish=finish, finish_message=words_))
            if response.block is not None:
                events.append(FinishEvent(block=response.block))
            if response.usage is not None:
                events.append(UsageEvent(usage=response.usage))
        under = {hub: ("response", *path) for hub, path in nodes.items()}
        losses = tuple(
            structs.replace(loss, path="$.response" + loss.path[1:]) for loss in outcome.losses
        )
        return Outcome(tuple(events), losses, Provenance(under, _UNDER))


_UNDER = {hub: [f"$.response{path[1:]}" for path in paths] for hub, paths in WIRE_PATHS.items()}


def stream_reader(*, options: Options = DEFAULTS) -> _StreamReader:
    """The reader of one stream."""
    return _StreamReader(options)


def _read(body: wire.Event, reading: Reading) -> tuple[StreamEvent, ...]:
    """What an event tells that has no whole response."""
    kind = body.type or reading.model or ""
    refuse_failure(body.error)
    if kind == "error":
        flat = {"message": body.message, "code": body.code, "param": body.param}
        return (FailureEvent(failure=read_failure({"error": flat}, status=200)),)
    events: tuple[StreamEvent, ...] = ()
    field = "item" if body.item is not None else "delta" if body.delta else "partial_image_b64"
    reading.nodes[("candidates", 0)] = reading.nodes[("candidates", 0, "parts", 0)] = (field,)
    if kind == _DONE and body.item is not None:
        events = _read_item(body.item, body.output_index or 0, reading)
    elif kind == _WORDS and body.delta:
        events = (TextEvent(part=Part(text=body.delta)),)
    elif body.partial_image_b64:
        events = (_read_draft(body, reading),)
    about = wire.Item(size=body.size, quality=body.quality, background=body.background)
    start = start_of(ImageResponse(image=read_image([about]), extras=reading.take()))
    return events if start is None else (start, *events)


def _read_item(item: wire.Item, place: int, reading: Reading) -> tuple[StreamEvent, ...]:
    pictures = [item] if item.type == CALL and item.result else []
    image = read_image(pictures)
    found = Output(reading, image, pictures=False)
    found.read(item, ("item",))
    candidate, block = found.answer()
    events: list[StreamEvent] = list(parts_of(candidate.parts))
    kept = (structs.replace(e, path=("output", place, *e.path[1:])) for e in found.kept)
    start = start_of(ImageResponse(image=image, extras=tuple(kept)))
    events = events if start is None else [start, *events]
    if block is not None:
        events.append(FinishEvent(block=block))
    elif found.refusals or found.words:
        finish, words = candidate.finish, candidate.finish_message
        events.append(FinishEvent(finish=finish, finish_message=words))
    return tuple(events)


def _read_draft(body: wire.Event, reading: Reading) -> DraftEvent:
    declared = type_of_format(body.output_format)
    text = body.partial_image_b64 or ""
    image = read_result(text, declared, reading, ("partial_image_b64",))
    return DraftEvent(part=Part(image=image, thought=True), number=body.partial_image_index)


EVENT = Reader(
    "responses", Codec(wire.Event, reply=True), _read, policies=POLICIES, wire_paths=WIRE_PATHS
)
