"""Gemini's streams: pieces read, and written as events or as one array."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

import hub
from events import data_of, sent
from imagewire import ReplyContext, StreamTranslator, gemini, translate_response
from imagewire.model import FinishEvent, TextEvent
from imagewire.sse import Event
from streamed import PNG_PART, STREAMS, chunk, piece


def read(document: dict[str, Any]) -> list[Any]:
    reader = gemini.stream_reader()
    return [*reader.read(Event(msgspec.json.encode(document))).value, *reader.close().value]


def live(body: bytes, source: str = "gemini", **context: Any) -> bytes:
    wish = ReplyContext(stream="sse", **context)
    stream = StreamTranslator(source=source, target="gemini", context=wish, created=1)
    return b"".join((*stream.feed(body), *stream.close()))


class TestReading:
    def test_candidates_go_by_their_index(self) -> None:
        parts = {"content": {"parts": [{"text": "b"}]}, "index": 1}

        events = read({"candidates": [parts]})

        assert [(1, "b")] == [(e.candidate, e.part.text) for e in events]

    def test_a_piece_without_a_finish_reason_goes_on(self) -> None:
        assert [TextEvent] == [
            type(event) for event in read({"candidates": [{"content": {"parts": [{"text": "a"}]}}]})
        ]

    def test_ratings_of_a_piece_are_kept(self) -> None:
        [event] = read({"candidates": [{"safetyRatings": [{"blocked": False}]}]})

        assert isinstance(event, FinishEvent)
        assert (None, ("safetyRatings",)) == (event.finish, event.extras[0].path)

    def test_a_refused_prompt(self) -> None:
        [event] = read({"promptFeedback": {"blockReason": "SAFETY"}})

        assert "SAFETY" == event.block.reason

    def test_a_piece_of_usage_alone(self) -> None:
        [event] = read({"usageMetadata": {"promptTokenCount": 3}})

        assert 3 == event.usage.prompt


class TestWriting:
    def test_events_are_data_alone_with_an_end_that_has_parts(self) -> None:
        out = live(STREAMS["gemini"])

        assert {b"data", b""} == {line.partition(b":")[0] for line in out.split(b"\r\n")}
        last = data_of(out)[-1]["candidates"][0]
        assert ([{"text": ""}], "STOP") == (last["content"]["parts"], last["finishReason"])

    def test_each_event_names_the_reply(self) -> None:
        assert {"r1"} == {event["responseId"] for event in data_of(live(STREAMS["gemini"]))}

    def test_an_array_has_the_same_elements(self) -> None:
        about: dict[str, Any] = {"source": "gemini", "target": "gemini"}
        array = translate_response(STREAMS["gemini"], **about, context=ReplyContext(stream="array"))
        events = translate_response(STREAMS["gemini"], **about, context=ReplyContext(stream="sse"))

        assert "application/json" == array.headers["content-type"]
        assert msgspec.json.decode(bytes(array.body)) == data_of(bytes(events.body))

    def test_a_refused_picture_has_no_parts(self) -> None:
        body = sent(piece(finishReason="IMAGE_SAFETY", finishMessage="No."))

        [event] = data_of(live(body))

        [candidate] = event["candidates"]
        assert ("IMAGE_SAFETY", "No.") == (candidate["finishReason"], candidate["finishMessage"])
        assert "content" not in candidate

    def test_a_refused_prompt_stays_one(self) -> None:
        body = sent({"promptFeedback": {"blockReason": "OTHER", "blockReasonMessage": "No."}})

        [event] = data_of(live(body))

        assert "OTHER" == event["promptFeedback"]["blockReason"]

    def test_unknown_fields_of_a_reply_are_on_each_event(self) -> None:
        body = sent(
            {**piece({"text": "a"}), "modelStatus": {"stage": "x"}}, piece(finishReason="STOP")
        )

        assert {"stage": "x"} == data_of(live(body))[0]["modelStatus"]

    def test_a_tool_call_passes_and_another_format_s_part_is_reported(self) -> None:
        call = {"functionCall": {"name": "f"}}
        body = sent(piece(call), piece(finishReason="STOP"))
        assert [call] == data_of(live(body))[0]["candidates"][0]["content"]["parts"]
        stream = StreamTranslator(source="gemini", target="chat", created=1)
        stream.feed(body)
        assert ["foreign_part"] == [loss.code for loss in stream.losses if loss.level == "content"]

    def test_a_tool_call_of_a_chat_has_no_place(self) -> None:
        body = sent(chunk({"tool_calls": [{"index": 0}]}), chunk({}, finish_reason="stop"))

        [event] = data_of(live(body, "chat"))

        assert [{"finishReason": "STOP"}] == event["candidates"]

    @pytest.mark.parametrize("source", ["chat", "images"])
    def test_a_draft_of_another_api_is_a_thought(self, source: str) -> None:
        events = data_of(live(STREAMS[source], source))
        thoughts = [
            part.get("thought", False)
            for event in events
            for candidate in event.get("candidates", [])
            for part in candidate["content"]["parts"]
            if "inlineData" in part
        ]

        assert ([True, False] if source == "images" else [False]) == thoughts

    def test_signatures_stay_with_their_pictures(self) -> None:
        parts = [
            part
            for event in data_of(live(STREAMS["gemini"]))
            for part in event["candidates"][0]["content"]["parts"]
        ]

        assert {**PNG_PART, "thoughtSignature": hub.SIGNATURE} in parts
