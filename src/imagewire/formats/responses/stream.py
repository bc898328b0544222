"""Responses streams: the writer of events.

Facts (openai SDK 3.57, ``response_*_event.py``, 2026-11-26). A stream begins with
``response.created`` and ``response.in_progress``, and ends with ``response.completed``,
``response.incomplete`` or ``response.failed``, which have the whole response. A picture is in
``response.output_item.done`` and in the whole response, never in
``response.image_generation_call.completed``; relays drop one or the other of the two, and some send
drafts alone (dotnet/extensions 7758). An error is a flat ``error`` event. There is no ``[DONE]``.

Rules of our own: the whole response that is written has the very items that were written before,
so that all pictures wait for it. The id of a message is derived from its first words, that of a
call from its first draft or its picture. `events` has the reader.
"""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import structs

from imagewire.codec.document import encode
from imagewire.codec.writing import Writing, report_joined, report_picture
from imagewire.formats.responses import wire
from imagewire.formats.responses.events import DONE, WORDS
from imagewire.formats.responses.failure import write_block, write_end
from imagewire.formats.responses.item_list import Items
from imagewire.formats.responses.items import whole_item, write_items
from imagewire.formats.responses.response import write_head, write_status
from imagewire.formats.shared.openai_error import write_error
from imagewire.formats.shared.openai_image import PROPERTIES, PROPERTY_FIELDS
from imagewire.formats.shared.reply_id import made_up_item_id
from imagewire.formats.shared.stream import PICTURE, WORD, Ending, EventWriter
from imagewire.loss import Outcome
from imagewire.model import (
    Candidate,
    DraftEvent,
    Extra,
    FailureEvent,
    ImageEvent,
    ImageSettings,
    PartEvent,
    StartEvent,
    StreamEvent,
)
from imagewire.paths import Path
from imagewire.sse import write_event

_MOST_STEPS = 1000  # items that are told step by step
_OTHER_PROPERTIES = frozenset(ImageSettings.__struct_fields__) - PROPERTIES


#: An item that was begun: its place among all, and the item.
_Open = tuple[int, dict[str, Any]]


class _StreamWriter(EventWriter, Items):
    """Writes a stream: the items of its response, each told by its events.

    What the methods write waits in a list, which `write` and `close` empty. Items are ``written``
    as JSON, which takes a tenth of their data; those that are open are None.
    """

    format = "responses"
    properties = PROPERTIES

    def prepare(self) -> None:
        Items.__init__(self, "output", Writing(self.format, self.options))
        self._out: list[bytes] = []
        self._number = 0
        self._fields: dict[Path, Extra] = {}  # of the response
        self._body: wire.Response | None = None  # not begun
        self._message: _Open | None = None
        self._words: list[str] = []  # of the open message
        self._call: _Open | None = None  # the one whose drafts are shown
        self._has_picture = False

    @property
    def holds(self) -> bool:
        """Whether the whole response will have a picture."""
        return super().holds or self._has_picture

    def write(self, event: StreamEvent) -> Outcome[bytes]:
        """The bytes of an event, each of which has a number of its own."""
        return structs.replace(super().write(event), value=self._flushed())

    def write_start(self, event: StartEvent, writing: Writing) -> bytes:
        """Remember what a reply tells of itself, and the items that stand where they stood."""
        super().write_start(event, writing)
        own = [extra for extra in event.extras if extra.format == self.format and extra.kept]
        self._fields |= {extra.path: extra for extra in self.others(own)}
        self.keep(own)
        self.extras = ()
        return b""

    def write_part(self, event: PartEvent, writing: Writing) -> bytes:
        """A part: an item, or more words of a message, if nothing stands between."""
        self.writing, self.told = writing, self.start.image
        hub_path: Path = ("candidates", event.candidate, "parts")
        answer, part = self.answer(event.candidate), event.part
        if isinstance(event, ImageEvent):
            answer.drafts.end()
            answer.images += 1
        goes_on = part.text is not None and part.signature is None and not part.extras
        if part.thought and whole_item(part, self.format) is None:
            answer.drafts.leave_out()
        elif goes_on and self._message is not None:
            self._say(self._message, part.text or "")
        else:
            before = len(self.written)
            write_items([(event.index, part)], self, hub_path)
            answer.said = answer.said or len(self.written) > before
        return b""

    write_text = write_image = write_foreign = write_part

    def write_draft(self, event: DraftEvent, writing: Writing) -> bytes:
        """A draft, in the call whose picture it is one of."""
        answer, image = self.answer(event.candidate), event.part.image
        if self.context.partial_images == 0 or image is None or image.data is None:
            answer.drafts.leave_out(event)
            return b""
        answer.drafts.show(event)
        self.writing = writing
        picture = Items("output", writing, told=self.start.image)
        part = structs.replace(event.part, thought=False)
        write_items([(event.index, part)], picture, ("candidates", event.candidate, "parts"))
        drawn = msgspec.to_builtins(picture.written[0])
        self.place()
        self._close_message()
        self._call = self._call or self._open_call(self.distinct(drawn["id"]))
        self._event(
            f"response.{wire.CALL}.partial_image",
            self._call,
            partial_image_index=event.number or 0,
            partial_image_b64=image.data,
            **{name: drawn[name] for name in PROPERTY_FIELDS if name in drawn},
        )
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
        self.writing = writing = Writing(self.format, self.options)
        report_joined(len({*self.answers, *self.ends}), "items", writing.report)
        for number in self.answers:
            self.write_promoted(number, writing)
        if not any(answer.images for answer in self.answers.values()):
            report_picture(self.start.image, writing.report, but=_OTHER_PROPERTIES)
        numbers = sorted({*self.answers, *self.ends}) or ([] if self.block else [0])
        ends = [self._write_end(number) for number in numbers]
        if self.block is not None:
            write_block(self.block, self, beside=bool(ends))
        self.finish()
        self._close_message()
        body = self._body or self._begin("")
        write_status(body, ends, self.usage, self.context, writing)
        response = self._snapshot(body, output=[])
        response["output"] = [item for item in self.written if item is not None]
        self._event(f"response.{response['status']}", response=response)
        return Outcome(self._flushed(), tuple(writing.losses))

    def _write_end(self, number: int) -> Candidate:
        """How an answer ended, with something in place of what it said."""
        answer, end = self.answer(number), self.ends.get(number, Ending())
        candidate = Candidate(
            parts=(PICTURE,) if answer.images else (WORD,) if answer.said else (),
            finish=end.finish or "STOP",
            finish_message=end.message or None,
            extras=tuple(end.extras),
        )
        write_end(candidate, self, ("candidates", number))
        return candidate

    def _begin(self, said: str) -> wire.Response:
        """The beginning of the stream, whose id is derived from what is said first."""
        id_ = self.response_id or made_up_item_id(said, "resp_")
        start = structs.replace(self.start, extras=tuple(self._fields.values()))
        self._body = body = write_head(start, self.context, self.created, id_, self.writing)
        for kind in ("created", "in_progress"):
            self._event(f"response.{kind}", response=self._snapshot(body, status="in_progress"))
        return body

    def _snapshot(self, body: wire.Response, **fields: Any) -> Any:
        """The response as it is now, as plain data."""
        self.writing.add(tuple(self._fields.values()), ())
        tree = msgspec.to_builtins(self.writing.finish(structs.replace(body, **fields)))
        self.writing.placements.clear()
        return tree

    def tell(self, item: Any) -> None:
        """The events of an item; a message goes on until something else follows."""
        item = msgspec.to_builtins(item)
        self._close_message()
        if item.get("type") == wire.CALL and item.get("result"):
            call, self._call = self._call or self._open_call(item["id"]), None
            self._step(call, "completed")
            self._finish(call[0], {**item, "id": call[1]["id"]})
        elif item.get("role") and item["content"][0].get("type") == "output_text":
            place = self._open({**item, "status": "in_progress", "content": []})
            part = item["content"][0]
            self._message, self._words = (place, item), []
            kind = "response.content_part.added"
            self._event(kind, self._message, content_index=0, part={**part, "text": ""})
            self._say(self._message, part["text"])
        else:
            self._finish(self._open(item), item)

    def _say(self, message: _Open, words: str) -> None:
        """More words of the open message."""
        self._words.append(words)
        self._event(WORDS, message, content_index=0, logprobs=[], delta=words)

    def _close_message(self) -> None:
        message, self._message = self._message, None
        if message is None:
            return
        place, item = message
        part = item["content"][0]
        part["text"] = text = "".join(self._words)
        self._event("response.output_text.done", message, content_index=0, text=text, logprobs=[])
        self._event("response.content_part.done", message, content_index=0, part=part)
        self._finish(place, item)

    def _open_call(self, id_: str) -> _Open:
        item = {"id": id_, "type": wire.CALL, "status": "in_progress", "result": None}
        call = self._open(item), item
        for kind in ("in_progress", "generating"):
            self._step(call, kind)
        return call

    def _step(self, call: _Open, kind: str) -> None:
        """How far a call is: of thousands, that would be ten times what small pictures are."""
        if call[0] < _MOST_STEPS:
            self._event(f"response.{wire.CALL}.{kind}", call)

    def _open(self, item: dict[str, Any]) -> int:
        """Begin an item, and tell the place that it will have."""
        if self._body is None:
            self._begin(str(item.get("id")))
        self.written.append(None)
        place = len(self.written) - 1
        self._event("response.output_item.added", output_index=place, item=item)
        return place

    def _finish(self, place: int, item: dict[str, Any]) -> None:
        self._has_picture = self._has_picture or bool(item.get("result"))
        self.written[place] = told = msgspec.Raw(bytes(encode(item)))
        self._event(DONE, output_index=place, item=told)

    def _event(self, kind: str, opened: _Open | None = None, **fields: Any) -> None:
        """An event, with its number, and with the open item that it is of."""
        if opened is not None:
            place, item = opened
            fields = {"item_id": item["id"], "output_index": place, **fields}
        data = {"type": kind, **fields, "sequence_number": self._number}
        self._number += 1
        self._out.append(write_event(bytes(encode(data)), kind))

    def _flushed(self) -> bytes:
        written, self._out = b"".join(self._out), []
        return written


#: The writer of one stream.
stream_writer = _StreamWriter
