"""The reader of a Responses stream; the facts about its events are those of `stream`.

Rules of our own: an item is told by the first event that has it, ``output_item.done`` or that of
the whole response, and not again by the other. How an answer ended is told by the whole response,
or else when the stream ends.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import deepcopy
from functools import partial

import msgspec
from msgspec import structs

from imagewire.codec.limits import MAX_ITEMS
from imagewire.codec.reading import Reader, Reading, Spoiled, refuse_failure, settle_spoiled
from imagewire.codec.writing import verbatim
from imagewire.errors import MalformedError
from imagewire.formats.responses import wire
from imagewire.formats.responses.failure import read_failure
from imagewire.formats.responses.items import read_result
from imagewire.formats.responses.output import Output, Standing, read_items, standing
from imagewire.formats.responses.response import EVENT, read_body
from imagewire.formats.shared.openai_error import flat_error
from imagewire.formats.shared.openai_image import read_properties
from imagewire.formats.shared.reply_id import made_up_item_id
from imagewire.formats.shared.stream import PieceReader
from imagewire.loss import Loss, Outcome, Report, add
from imagewire.model import (
    DraftEvent,
    FailureEvent,
    ImageEvent,
    ImageResponse,
    Part,
    StreamEvent,
    TextEvent,
)
from imagewire.options import DEFAULTS, Options
from imagewire.paths import EXTRAS, Path, join
from imagewire.rules.events import events_of, parts_of

DONE = "response.output_item.done"
WORDS = "response.output_text.delta"
_FAILED = "response.failed"
_ENDS = {"response.completed", "response.incomplete"}
_ITEM: Path = ("item",)
_WHOLE: Path = ("response",)


class _Came(msgspec.Struct):
    """An item that came: what of it cannot be read, and whether the other side has it, too."""

    unread: Spoiled | None = None
    is_matched: bool = False


class _Side:
    """The items of one side of a stream: of its events, or of its whole response."""

    def __init__(self) -> None:
        self._places: set[tuple[int, str]] = set()
        self._names: dict[str, list[_Came]] = {}

    def add(self, place: int, names: tuple[str, ...]) -> _Came | None:
        """Remember an item by its names, the best one first; None if it was there before."""
        if (place, names[0]) in self._places:
            return None
        if len(self._places) == MAX_ITEMS:
            raise MalformedError(f"the stream has more than {MAX_ITEMS} items")
        self._places.add((place, names[0]))
        came = _Came()
        for name in names:
            self._names.setdefault(name, []).append(came)
        return came

    def match(self, names: tuple[str, ...]) -> _Came | None:
        """The last item of one of these names that was not matched before."""
        for name in names:
            waiting = self._names.get(name, [])
            while waiting:
                came = waiting.pop()
                if not came.is_matched:
                    came.is_matched = True
                    return came
        return None


class _Told:
    """What a stream told so far.

    An item of its events and one of its whole response are the same if their ids are, or if they
    say the same: relays leave items out of the one or the other, count those that are left alone,
    and give them other ids.
    """

    def __init__(self) -> None:
        self._so_far = Output()  # of which the ends are kept, not the parts
        self._unread: list[_Came] = []
        self._is_over = False  # whether a whole response said how it ended
        self._events, self._whole = _Side(), _Side()
        self._worded: set[int | str | None] = set()  # messages whose words were told, one by one

    def read(self, body: wire.Event, reading: Reading) -> tuple[StreamEvent, ...]:
        """What an event tells that was not told before; how an item ended waits."""
        kind = body.type or reading.model or ""
        refuse_failure(body.error)
        if kind == "error":
            return (FailureEvent(failure=read_failure(flat_error(body), status=200)),)
        if kind == _FAILED and body.response is not None:
            return self._read_failed(body.response, reading)
        events: tuple[StreamEvent, ...] = ()
        told = ImageResponse(image=read_properties(body, inline=True))
        if kind in _ENDS and body.response is not None:
            told = self._read_whole(body.response, reading)
        elif kind == DONE and body.item is not None:
            place = body.output_index or 0
            new = self._read_items([(_ITEM, place, body.item)], reading, self._events, self._whole)
            told = ImageResponse(image=new.image, extras=new.kept)
            events = tuple(parts_of(new.parts))
        else:
            reading.forgive()  # what only begins carries nothing
            if body.response is not None:
                begun = structs.replace(body.response, output=None)
                told = read_body(begun, ImageResponse(), reading, _WHOLE)
            events = self._read_piece(body, kind, reading)
        unknown = tuple(e for e in reading.take() if e.path[0] != "item")  # of one that only begins
        reading.nodes |= {(EXTRAS, *extra.path): extra.path for extra in unknown}
        return (*events_of(structs.replace(told, extras=told.extras + unknown)), *events)

    def close(self) -> Outcome[tuple[StreamEvent, ...]]:
        """How it ended, where no whole response said so.

        Raises `MalformedError` for an item that cannot be read, if no picture came.
        """
        losses: list[Loss] = []
        told = self._settled(Output(), partial(add, losses))
        waits = bool(self._so_far.ends)
        if self._so_far.has_picture:
            waits = not self._is_over
        return Outcome(tuple(events_of(told)) if waits else (), tuple(losses))

    def _read_failed(self, response: wire.Response, reading: Reading) -> tuple[StreamEvent, ...]:
        """The pictures of a response that failed, and its failure, whatever cannot be read."""
        document = verbatim(response, reading.take(_WHOLE), _WHOLE, reading.report)
        items = standing(response, _WHOLE)
        new = self._read_items(items, reading, self._whole, self._events)
        if self._so_far.has_picture:
            self._settled(new, reading.report, _WHOLE)
        pictures = [event for event in parts_of(new.parts) if isinstance(event, ImageEvent)]
        return (*pictures, FailureEvent(failure=read_failure(document, status=200)))

    def _read_whole(self, response: wire.Response, reading: Reading) -> ImageResponse:
        """What only the whole response tells, and how all ended that came."""
        items = standing(response, _WHOLE)
        new = self._read_items(items, reading, self._whole, self._events)
        told = self._settled(new, reading.report, _WHOLE)
        self._so_far.ends, self._unread, self._is_over = [], [], True
        return read_body(response, told, reading, _WHOLE)

    def _settled(self, new: Output, report: Report, wire_path: Path = ()) -> ImageResponse:
        """What is new, and how all ended that came so far."""
        unread = {
            (*wire_path, *path): told
            for came in self._unread
            if not came.is_matched
            for path, told in (came.unread or {}).items()
        }
        settle_spoiled(unread, report, has_picture=self._so_far.has_picture)
        told = structs.replace(self._so_far, image=new.image, parts=new.parts, kept=new.kept)
        return told.settled(report, wire_path)

    def _read_items(
        self, items: Iterable[Standing], reading: Reading, side: _Side, other: _Side
    ) -> Output:
        """What items of one side tell that was not told before."""
        new: list[Standing] = []
        items = list(items)
        came: list[_Came | None] = []
        for wire_path, place, item in items:
            is_none = reading.spoiled is not None and wire_path in reading.spoiled
            names = (f"{place}",) if is_none else _names(item)
            self._forget_words(item, place)
            here = side.add(place, names)
            there = None if here is None else other.match(names)
            if here is None or (there is not None and not there.unread):
                reading.take(wire_path)
                here = None
            else:
                new.append((wire_path, place, item))
                here.is_matched = there is not None and self._is_over  # it was told of the other
            came.append(here)
        told = read_items(new, reading)
        if reading.spoiled is not None:
            entries = zip(items, came, strict=True)
            places = {path: (place, here) for (path, place, _), here in entries}
            self._keep_unread(reading.spoiled, places)
            reading.spoiled = None
        so_far = self._so_far
        so_far.ends += told.ends
        so_far.has_picture = so_far.has_picture or told.has_picture
        so_far.is_said = so_far.is_said or told.is_said
        return told

    def _keep_unread(
        self, spoiled: Spoiled, entries: Mapping[Path, tuple[int, _Came | None]]
    ) -> None:
        """Let what cannot be read wait, by its path in the response, but for what came before."""
        steps = len(next(iter(entries), ()))
        for path, unread in spoiled.items():
            place, came = entries.get(path[:steps], (None, _Came()))
            if came is None:
                continue
            if came.unread is None:
                came.unread = {}
                self._unread.append(came)
            if place is None:
                came.unread[path[1:]] = unread
                continue
            came.unread["output", place, *path[steps:]] = unread
            error = unread[0]
            error.path = error.path.replace("$.item", join("$", ("output", place)), 1)

    def _forget_words(self, item: wire.Item, place: int) -> None:
        """Take out of a message the words that were told one by one."""
        if not self._worded.isdisjoint((place, item.id)):
            pieces = item.content if isinstance(item.content, list) else ()
            item.content = [structs.replace(piece, text=piece.text and "") for piece in pieces]

    def _read_piece(self, body: wire.Event, kind: str, reading: Reading) -> tuple[StreamEvent, ...]:
        """Some words, or a draft."""
        field = "delta" if body.delta else "partial_image_b64"
        reading.nodes["candidates", 0] = reading.nodes["candidates", 0, "parts", 0] = (field,)
        if kind == WORDS and body.delta:
            self._worded.add(body.item_id or body.output_index or 0)
            self._so_far.is_said = True
            return (TextEvent(part=Part(text=body.delta)),)
        if not body.partial_image_b64:
            return ()
        try:
            image = read_result(body.partial_image_b64, body.output_format, reading, (field,))
        except MalformedError as error:
            reading.spoil((field,), error)
            return ()
        return (DraftEvent(part=Part(image=image, thought=True), number=body.partial_image_index),)


def _names(item: wire.Item) -> tuple[str, ...]:
    """What two items are the same by: their id, and what they say."""
    error = item.error or wire.CallError()
    content = [wire.Part(text=item.content)] if isinstance(item.content, str) else item.content
    pieces = "".join([piece.text or piece.refusal or "" for piece in content or ()])
    said = made_up_item_id(item.result or error.message or pieces, f"{item.type} ")
    return (said,) if item.id is None else (item.id, said)


class _StreamReader(PieceReader):
    """Reads a stream by what it ``told`` before."""

    def __init__(self, *, options: Options = DEFAULTS, told: _Told | None = None) -> None:
        self._seen = told or _Told()
        super().__init__(Reader(read=self._seen.read, **EVENT), options)

    def __copy__(self) -> _StreamReader:
        """A reader that remembers by itself."""
        copied = _StreamReader(options=self._options, told=deepcopy(self._seen))
        copied.unread = self.unread
        return copied

    def close(self) -> Outcome[tuple[StreamEvent, ...]]:
        """How it ended, where the whole response did not come."""
        return self._seen.close()


#: The reader of one stream.
stream_reader = _StreamReader
