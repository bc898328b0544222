"""Streams with something in place of a picture that cannot be read."""

from __future__ import annotations

from copy import copy
from typing import Any, NamedTuple

import msgspec
import pytest

import hub
import imagewire
from events import sent
from imagewire import ReplyContext, StreamTranslator
from imagewire.formats.contract import reads_streams
from imagewire.sse import Event
from streamed import PNG_PART, chunk, piece

FACES = list(imagewire.FORMATS)
BAD_PART = {"inlineData": {"mimeType": "image/png", "data": "@@@"}}
DONE = "response.output_item.done"
WHY = "invalid base64"


def shown(data: str) -> dict[str, Any]:
    url = f"data:image/png;base64,{data}"
    return {"images": [{"type": "image_url", "image_url": {"url": url}}]}


def call(data: str) -> dict[str, Any]:
    return {"type": "image_generation_call", "id": f"ig_{data[:3]}", "result": data}


class Row(NamedTuple):
    source: str
    bad: Any  # an event with something that cannot be read
    good: Any  # one with a picture
    end: Any
    path: str  # of what cannot be read, in its event


STREAMS: dict[str, Row] = {
    "a part of Gemini": Row(
        "gemini", piece(BAD_PART), piece(PNG_PART), piece(finishReason="STOP"),
        "candidates[0].content.parts[0]",
    ),
    "a draft of Gemini": Row(
        "gemini", piece({**BAD_PART, "thought": True}), piece(PNG_PART),
        piece(finishReason="STOP"), "candidates[0].content.parts[0]",
    ),
    "a candidate of Gemini": Row(
        "gemini", {"candidates": [{"content": 5}]}, piece(PNG_PART), piece(finishReason="STOP"),
        "candidates[0]",
    ),
    "a picture of a chat": Row(
        "chat", chunk(shown("@@@")), chunk(shown(hub.PNG)), chunk({}, finish_reason="stop"),
        "choices[0].delta.images[0]",
    ),
    "an entry of a chat": Row(
        "chat", chunk({"images": [5]}), chunk(shown(hub.PNG)), chunk({}, finish_reason="stop"),
        "choices[0].delta.images[0]",
    ),
    "a draft of Images": Row(
        "images", {"type": "image_generation.partial_image", "b64_json": "@@@"},
        {"type": "image_generation.partial_succeeded", "b64_json": hub.PNG},
        {"type": "image_generation.completed"}, "",
    ),
    "a picture of Images": Row(
        "images", {"type": "image_generation.partial_succeeded", "b64_json": "@@@"},
        {"type": "image_generation.partial_succeeded", "b64_json": hub.PNG},
        {"type": "image_generation.completed"}, "",
    ),
    "a draft of Responses": Row(
        "responses",
        {"type": "response.image_generation_call.partial_image", "partial_image_b64": "@@@"},
        {"type": DONE, "output_index": 0, "item": call(hub.PNG)},
        {"type": "response.completed", "response": {"output": [call(hub.PNG)]}},
        "partial_image_b64",
    ),
}  # fmt: skip
EACH = pytest.mark.parametrize("row", STREAMS.values(), ids=STREAMS)


def live(body: bytes, source: str, target: str) -> tuple[StreamTranslator, bytes]:
    context = ReplyContext(stream="sse")
    stream = StreamTranslator(source=source, target=target, created=1, context=context)
    return stream, b"".join(map(bytes, (*stream.feed(body), *stream.close())))


def missing(losses: Any) -> list[tuple[str, str]]:
    return [(loss.path, loss.detail) for loss in losses if loss.code == "missing_image"]


@pytest.mark.parametrize("target", FACES)
@EACH
class TestBesideAPicture:
    def test_it_is_reported(self, row: Row, target: str) -> None:
        source, bad, good, end, path = row
        for place, body in enumerate([sent(bad, good, end), sent(good, bad, end)]):
            reply = imagewire.translate_response(body, source=source, target=target, created=1)
            stream, out = live(body, source, target)

            where = f"$[{place}].{path}".rstrip(".")
            [(at, detail)] = missing(reply.losses)
            assert [(at, detail)] == missing(stream.losses)
            assert (where, False) == (at, "upstream" in detail)
            assert detail.startswith("no picture here: ")
            assert hub.PNG.encode() in bytes(reply.body)
            assert hub.PNG.encode() in out
            assert (None, None) == (reply.failure, stream.failure)


@pytest.mark.parametrize("target", FACES)
@EACH
class TestAlone:
    def test_it_is_the_error(self, row: Row, target: str) -> None:
        source, bad, _, end, path = row
        if source == "responses":
            end = {"type": "response.completed", "response": {"output": []}}
        body = sent(bad, end)

        with pytest.raises(imagewire.MalformedError) as caught:
            imagewire.translate_response(body, source=source, target=target)
        stream, _ = live(body, source, target)

        assert 502 == caught.value.status
        assert caught.value.path.startswith(f"$[0].{path}".rstrip("."))
        assert (502, caught.value.message) == (
            stream.failure and stream.failure.status,
            stream.failure and stream.failure.message.partition(" - at ")[0],
        )


class TestReaders:
    def test_what_else_the_event_tells_is_told(self) -> None:
        reader = imagewire.gemini.stream_reader()
        event = piece({"text": "a"}, BAD_PART, finishReason="STOP")

        told = reader.read(Event(msgspec.json.encode(event)))

        kinds = [type(item).__name__ for item in told.value]
        assert ["StartEvent", "TextEvent", "FinishEvent"] == kinds
        assert reader.unread is not None
        assert WHY in reader.unread.message

    @pytest.mark.parametrize("source", FACES)
    def test_a_copy_remembers(self, source: str) -> None:
        bad = next(row.bad for row in STREAMS.values() if row.source == source)
        streams = reads_streams(imagewire.FORMATS[source])
        assert streams is not None
        reader = streams.stream_reader()
        before = copy(reader)
        reader.read(Event(msgspec.json.encode(bad)))

        assert before.unread is None
        assert reader.unread is copy(reader).unread

    def test_a_draft_is_the_picture_where_the_finished_one_cannot_be_read(self) -> None:
        draft = {"type": "image_generation.partial_image", "b64_json": hub.PNG}
        body = sent(draft, {"type": "image_generation.completed", "b64_json": "@@@"})

        reply = imagewire.translate_response(body, source="images", target="chat", created=1)

        assert ["missing_image", "draft_as_image"] == [
            loss.code for loss in reply.losses if loss.level == "content"
        ]
