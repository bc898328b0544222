"""Responses streams that are written: items, drafts, and the end."""

from __future__ import annotations

from typing import Any

import pytest

from events import data_of
from hub import GIF, HELLO, PICTURE, USAGE
from imagewire import Options, ReplyContext, responses
from imagewire.model import (
    DraftEvent,
    Extra,
    FinishEvent,
    Foreign,
    ForeignEvent,
    Image,
    ImageEvent,
    Part,
    StartEvent,
    TextEvent,
    UsageEvent,
)


class TestWritten:
    def written(self, *events: Any, **context: Any) -> list[Any]:
        writer = responses.stream_writer(
            context=ReplyContext(stream="sse", **context),
            created=1,
            response_id="resp_1",
            options=Options(),
        )
        body = b"".join(writer.write(event).value for event in events)
        end = writer.close().value
        assert isinstance(end, bytes)
        return data_of(body + end)

    def test_a_draft_that_no_picture_follows_is_no_item(self) -> None:
        draft = Part(image=Image(data=GIF, media_type="image/gif"), thought=True)
        events = self.written(
            ImageEvent(part=PICTURE), DraftEvent(part=draft), FinishEvent(finish="STOP")
        )

        assert 1 == len(events[-1]["response"]["output"])

    def test_items_that_are_kept_beyond_the_last_come_last(self) -> None:
        kept = Extra(format="responses", path=("output", 7), value={"id": "x", "type": "reasoning"})
        events = self.written(StartEvent(extras=(kept,)), ImageEvent(part=PICTURE))

        assert "x" == events[-1]["response"]["output"][-1]["id"]

    def test_two_drafts_are_of_one_call(self) -> None:
        draft = DraftEvent(part=Part(image=PICTURE.image, thought=True))
        events = self.written(draft, draft, ImageEvent(part=PICTURE))

        assert 1 == len({e["item_id"] for e in events if "item_id" in e})

    def test_equal_pictures_and_their_drafts_are_of_calls_of_their_own(self) -> None:
        draft = DraftEvent(part=Part(image=PICTURE.image, thought=True))
        picture = ImageEvent(part=PICTURE)
        events = self.written(draft, picture, draft, picture, picture)

        assert 3 == len({item["id"] for item in events[-1]["response"]["output"]})

    def test_thousands_of_pictures_are_not_told_step_by_step(self) -> None:
        events = self.written(*[ImageEvent(part=PICTURE)] * 1001)
        kinds = [event["type"].removeprefix("response.") for event in events]

        assert 1001 == kinds.count("output_item.done") == len(events[-1]["response"]["output"])
        assert 1000 == kinds.count("image_generation_call.completed")

    @pytest.mark.parametrize(
        ("event", "context"),
        [
            (DraftEvent(part=Part(image=PICTURE.image, thought=True)), {"partial_images": 0}),
            (DraftEvent(part=Part(image=Image(url="https://a/b.png"), thought=True)), {}),
            (TextEvent(part=Part(text="hm", thought=True)), {}),
            (
                ForeignEvent(part=Part(foreign=Foreign(format="chat", kind="audio", value={}))),
                {},
            ),
        ],
    )
    def test_what_has_no_place_is_no_event(self, event: Any, context: Any) -> None:
        kinds = [e["type"] for e in self.written(event, ImageEvent(part=PICTURE), **context)]

        assert 8 == len(kinds)

    def test_the_end_has_usage_and_how_the_first_answer_ended(self) -> None:
        events = self.written(
            StartEvent(id="r", model="m"),
            TextEvent(part=HELLO),
            TextEvent(part=HELLO, candidate=1),
            FinishEvent(finish="MAX_TOKENS"),
            UsageEvent(usage=USAGE),
        )

        assert ("response.incomplete", 12) == (
            events[-1]["type"],
            events[-1]["response"]["tool_usage"]["image_gen"]["total_tokens"],
        )

    def test_words_of_an_end_that_come_in_pieces_are_one(self) -> None:
        events = self.written(
            FinishEvent(finish_message="I "),
            FinishEvent(finish="IMAGE_SAFETY", finish_message="cannot."),
        )

        [call] = events[-1]["response"]["output"]
        assert "I cannot." == call["error"]["message"]
