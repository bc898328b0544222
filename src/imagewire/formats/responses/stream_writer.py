"""Responses streams: the writer of events; the reader and the facts are in `stream_reader`.

Rules of our own: the whole response at the end has the very items that were written before, so that
all pictures wait for it. The id of a message is derived from its first words, that of a call from
its first draft or its picture. Words of a refusal wait for the end.
"""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import structs

from imagewire.codec.document import encode
from imagewire.codec.writing import Writing, is_marked, report_picture
from imagewire.formats.responses import wire
from imagewire.formats.responses.items import CALL, Items, whole_item, write_items
from imagewire.formats.responses.refusal import REASONS, write_block, write_last_words
from imagewire.formats.responses.response import (
    SETTINGS,
    TOLD,
    Head,
    write_end,
)
from imagewire.formats.shared.openai_error import write_failure
from imagewire.formats.shared.reply_id import made_up_item_id
from imagewire.formats.shared.stream import EventWriter
from imagewire.loss import C, Outcome, lost
from imagewire.model import (
    ANY_IMAGE,
    Block,
    Candidate,
    DraftEvent,
    Extra,
    FailureEvent,
    FinishEvent,
    ForeignEvent,
    Image,
    ImageEvent,
    ImageSettings,
    Part,
    PartEvent,
    ReplyContext,
    StartEvent,
    StreamEvent,
    TextEvent,
)
from imagewire.options import DEFAULTS, Options
from imagewire.paths import Path
from imagewire.sse import write_event

#: A comment, which says nothing.
KEEP_ALIVE = b": keep-alive\n\n"

_ADDED, _DONE = "response.output_item.added", "response.output_item.done"
_WORDS = "response.output_text.delta"
# What stands for a picture, and for words, that are already written.
_PICTURE, _WORD = Part(image=Image(url="about:blank")), Part(text="...")


_OTHER_PROPERTIES = frozenset(ImageSettings.__struct_fields__) - SETTINGS


class _Open(msgspec.Struct, frozen=True):
    """An item that was begun, and its place among all."""

    place: int
    item: dict[str, Any]


class _StreamWriter(EventWriter):
    """Writes a stream; the whole response at its end has all items once more."""

    properties = SETTINGS

    def __init__(
        self, context: ReplyContext, created: int | None, response_id: str | None, options: Options
    ) -> None:
        super().__init__("responses", options)
        self._context = context
        self._created = created
        self._response_id = response_id
        self._shows_drafts = context.partial_images != 0
        self._number = 0
        self._body: wire.Response | None = None
        self._items: list[Any] = []  # those that are open are None
        self._fields: dict[Path, Extra] = {}  # of the response, none of them twice
        self._kept: dict[int, Any] = {}  # items that stand again where they stood
        self._is_told = False  # whether these say how the answer ended
        self._message: _Open | None = None
        self._words: list[str] = []  # of the open message
        self._call: _Open | None = None  # the one whose drafts are shown
        self._ends: dict[int, Candidate] = {}
        self._block: Block | None = None

    @property
    def holds(self) -> bool:
        """Whether the whole response will have a picture."""
        return super().holds or any(item and item.get("result") for item in self._items)

    def write(self, event: StreamEvent) -> Outcome[bytes]:
        """The bytes of an event, each of which has a number of its own."""
        self._frame = None
        return super().write(event)

    def write_start(self, event: StartEvent, writing: Writing) -> bytes:
        """Remember what a reply tells of itself; its kept items are written where they stood."""
        super().write_start(event, writing)
        self._is_told = self._is_told or is_marked(event.extras, "responses", TOLD)
        for extra in self.extras:
            if extra.path[0] == "output" and len(extra.path) == 2:
                self._kept[int(extra.path[1])] = extra.value
            else:
                self._fields[extra.path] = extra
        self.extras = ()
        return b""

    def write_text(self, event: TextEvent, writing: Writing) -> bytes:
        """Words; those that follow one another without a field between are one message."""
        part = event.part
        if whole_item(part, "responses") is not None:
            return self._write_whole(event, writing)
        answer = self.answer(event.candidate)
        if part.thought:
            answer.drafts.leave_out()
            return b""
        answer.said = True
        written = b""
        if self._message is None or part.extras or part.signature is not None:
            written = self._close_message() + self._open_message(event, writing)
        assert self._message is not None  # noqa: S101 - it was opened
        self._words.append(part.text or "")
        about = {"content_index": 0, "logprobs": [], "delta": part.text}
        return written + self._event_of(self._message, _WORDS, **about)

    def write_draft(self, event: DraftEvent, writing: Writing) -> bytes:
        """A draft, in the call whose picture it is one of."""
        answer, image = self.answer(event.candidate), event.part.image
        if not self._shows_drafts or image is None or image.data is None:
            answer.drafts.leave_out(event)
            return b""
        answer.drafts.show(event)
        written = self._close_message()
        if self._call is None:
            written += self._open_call(made_up_item_id(image.data, "ig_"), writing)
        assert self._call is not None  # noqa: S101 - it was opened
        told = self._make(event, structs.replace(event.part, thought=False), writing)
        about = {name: told[name] for name in ("size", "quality", "background") if name in told}
        return written + self._event_of(
            self._call,
            f"response.{CALL}.partial_image",
            partial_image_index=event.number or 0,
            partial_image_b64=image.data,
            output_format=told.get("output_format"),
            **about,
        )

    def write_image(self, event: ImageEvent, writing: Writing) -> bytes:
        """A picture: the call that made it, from its beginning to its end."""
        answer = self.answer(event.candidate)
        answer.drafts.end()
        answer.images += 1
        written = self._close_message()
        item = self._make(event, event.part, writing)
        if self._call is None:
            written += self._open_call(item["id"], writing)
        assert self._call is not None  # noqa: S101 - it was opened
        call, self._call = self._call, None
        written += self._event_of(call, f"response.{CALL}.completed")
        return written + self._finish(call, {**item, "id": call.item["id"]})

    def write_foreign(self, event: ForeignEvent, writing: Writing) -> bytes:
        """An item of this API's own; others are reported."""
        return self._write_whole(event, writing)

    def write_finish(self, event: FinishEvent, writing: Writing) -> bytes:
        """Remember how an answer ended: the whole response says it."""
        if event.block is not None:
            self._block = event.block
            return b""
        before = self._ends.get(event.candidate, Candidate())
        self._ends[event.candidate] = Candidate(finish=event.finish or before.finish)
        self.answer(event.candidate).messages.append(event.finish_message or "")
        writing.add(event.extras, ("candidates", event.candidate), ("output", "candidate"))
        return b""

    def write_failure(self, event: FailureEvent, _: Writing) -> bytes:
        """The flat event of an error, which the SDK gives to its caller."""
        self.failed = True
        error = msgspec.json.decode(bytes(write_failure(event.failure).body))["error"]
        about = {name: error.get(name) for name in ("code", "message", "param")}
        return self._event("error", **about)

    def close(self) -> Outcome[bytes]:
        """The end: what was held back, how it ended, and the whole response."""
        if self.failed:
            return Outcome(b"")
        writing = Writing("responses", self.options)
        if (count := len({*self.answers, *self._ends})) > 1:
            detail = "{} candidates became one list of items"
            writing.report(lost(C.JOINED_CANDIDATES, "$.candidates", detail, count))
        pieces = [self._close_message()]
        pieces += [self.write_promoted(number, writing) for number in self.answers]
        if not any(answer.images for answer in self.answers.values()):
            report_picture(self.start.image, writing.report, but=_OTHER_PROPERTIES)
        ended, last = self._last_items(writing)
        pieces.append(self._next("", writing))
        items = [msgspec.to_builtins(item) for item in last]
        items += [self._kept.pop(place) for place in sorted(self._kept)]
        pieces += [self._write_item(item, writing) for item in items]
        assert self._body is not None  # noqa: S101 - it has begun
        write_end(self._body, ended, self.usage, self._context, writing)
        finished = [item for item in self._items if item is not None]
        response = self._snapshot(writing, output=finished)
        pieces.append(self._event(f"response.{response['status']}", response=response))
        return Outcome(b"".join(pieces), tuple(writing.losses))

    def _last_items(self, writing: Writing) -> tuple[Candidate | None, list[Any]]:
        """The first answer that ended early, and the items that say how all ended."""
        items = Items("output", writing, ANY_IMAGE)
        ended: Candidate | None = None
        numbers = sorted({*self.answers, *self._ends}) or ([] if self._block else [0])
        for number in numbers:
            answer = self.answer(number)
            parts: tuple[Part, ...] = ()
            if answer.images or answer.said:
                parts = (_PICTURE if answer.images else _WORD,)
            words = "".join(answer.messages) or None
            ended_so = self._ends.get(number, Candidate())
            candidate = structs.replace(ended_so, parts=parts, finish_message=words)
            ended = ended or (candidate if candidate.finish in REASONS else None)
            if not self._is_told:
                write_last_words(candidate, items, ("candidates", number))
        if self._block is not None:
            write_block(self._block, items, beside=bool(numbers), told=self._is_told)
        return ended, items.written

    def _next(self, said: str, writing: Writing) -> bytes:
        """The beginning of the stream, if this is it, and the kept items that stand here."""
        pieces: list[bytes] = []
        if self._body is None:
            id_ = self._response_id or made_up_item_id(said, "resp_")
            head = Head(self.start, self._context, self._created, id_)
            self._body, extras = head.write(tuple(self._fields.values()), writing)
            self._fields = {extra.path: extra for extra in extras}
            for kind in ("created", "in_progress"):
                response = self._snapshot(writing, status="in_progress")
                pieces.append(self._event(f"response.{kind}", response=response))
        while (item := self._kept.pop(len(self._items), None)) is not None:
            pieces.append(self._write_item(item, writing))
        return b"".join(pieces)

    def _snapshot(self, writing: Writing, **fields: Any) -> Any:
        """The response as it is now, as plain data."""
        assert self._body is not None  # noqa: S101 - it has begun
        writing.add(tuple(self._fields.values()), ())
        tree = msgspec.to_builtins(writing.finish(structs.replace(self._body, **fields)))
        writing.placements.clear()
        return tree

    def _make(self, event: PartEvent, part: Part, writing: Writing) -> dict[str, Any]:
        """The item of a part, as plain data; empty if it has none."""
        items = Items("output", writing, self.start.image)
        path = ("candidates", event.candidate, "parts")
        write_items([(event.index, part)], items, path, "assistant")
        tree = msgspec.to_builtins(writing.finish(wire.Response(output=items.written)))
        writing.placements.clear()
        return dict(*tree["output"])

    def _write_whole(self, event: PartEvent, writing: Writing) -> bytes:
        item = self._make(event, event.part, writing)
        if not item:
            return b""
        self.answer(event.candidate).said = True
        return self._close_message() + self._write_item(item, writing)

    def _write_item(self, item: dict[str, Any], writing: Writing) -> bytes:
        """An item that comes whole."""
        written = self._next(str(item.get("id")), writing)
        opened, added = self._open(item)
        return written + added + self._finish(opened, item)

    def _open(self, item: dict[str, Any]) -> tuple[_Open, bytes]:
        """An item that begins, at the place that it will have."""
        opened = _Open(len(self._items), item)
        self._items.append(None)
        return opened, self._event(_ADDED, output_index=opened.place, item=item)

    def _finish(self, opened: _Open, item: dict[str, Any]) -> bytes:
        self._items[opened.place] = item
        return self._event(_DONE, output_index=opened.place, item=item)

    def _open_call(self, id_: str, writing: Writing) -> bytes:
        written = self._next(id_, writing)
        item = {"id": id_, "type": CALL, "status": "in_progress", "result": None}
        self._call, added = self._open(item)
        written += added
        for kind in ("in_progress", "generating"):
            written += self._event_of(self._call, f"response.{CALL}.{kind}")
        return written

    def _open_message(self, event: TextEvent, writing: Writing) -> bytes:
        item = self._make(event, event.part, writing)
        written = self._next(item["id"], writing)
        opened, added = self._open({**item, "status": "in_progress", "content": []})
        self._message, self._words = _Open(opened.place, item), []
        part = {**item["content"][0], "text": ""}
        written += added
        return written + self._event_of(
            opened, "response.content_part.added", content_index=0, part=part
        )

    def _close_message(self) -> bytes:
        opened, self._message = self._message, None
        if opened is None:
            return b""
        part, text = opened.item["content"][0], "".join(self._words)
        part["text"] = text
        about = {"content_index": 0, "text": text, "logprobs": []}
        written = self._event_of(opened, "response.output_text.done", **about)
        about = {"content_index": 0, "part": part}
        written += self._event_of(opened, "response.content_part.done", **about)
        return written + self._finish(opened, opened.item)

    def _event_of(self, opened: _Open, kind: str, **fields: Any) -> bytes:
        """An event of an item."""
        known = {name: value for name, value in fields.items() if value is not None}
        about = {"item_id": opened.item["id"], "output_index": opened.place}
        return self._event(kind, **about, **known)

    def _event(self, kind: str, **fields: Any) -> bytes:
        """An event, with its number."""
        data = {"type": kind, **fields, "sequence_number": self._number}
        self._number += 1
        return write_event(bytes(encode(data)), kind)


def stream_writer(
    *,
    context: ReplyContext = ReplyContext(),
    created: int | None = None,
    response_id: str | None = None,
    options: Options = DEFAULTS,
) -> _StreamWriter:
    """The writer of one stream."""
    return _StreamWriter(context, created, response_id, options)
