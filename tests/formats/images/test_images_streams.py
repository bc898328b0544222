"""Images streams: events of OpenAI, of OpenRouter and of Seedream read, and OpenAI's written."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

import hub
from cases import sample
from events import data_of, named, sent
from imagewire import Options, ReplyContext, StreamTranslator, images, translate_response
from imagewire.model import DraftEvent, ImageEvent, ImageSettings, Size
from imagewire.sse import Event
from streamed import IMAGES_USAGE, PNG_PART, STREAMS, picture, piece

PNG = hub.PNG


def live(
    body: bytes, source: str = "gemini", *, options: Options = Options(), **context: Any
) -> tuple[list[Any], StreamTranslator]:
    stream = StreamTranslator(
        source=source,
        target="images",
        context=ReplyContext(stream="sse", **context),
        created=1,
        options=options,
    )
    out = b"".join((*stream.feed(body), *stream.close()))
    return (data_of(out) if stream.status == 200 else [msgspec.json.decode(out)]), stream


def read(*documents: dict[str, Any]) -> list[Any]:
    reader = images.stream_reader()
    told = [
        item for each in documents for item in reader.read(Event(msgspec.json.encode(each))).value
    ]
    return [*told, *reader.close().value]


def kinds(events: list[Any]) -> list[str]:
    return [type(event).__name__ for event in events]


class TestReading:
    def test_the_official_events(self) -> None:
        events = read(*msgspec.json.decode(sample("images_stream_events")))

        assert kinds(events) == [
            "StartEvent", "DraftEvent", "StartEvent", "ImageEvent", "UsageEvent", "FinishEvent",
        ]  # fmt: skip
        assert 0 == events[1].number

    def test_an_event_without_a_type_has_it_in_its_name(self) -> None:
        told = {"b64_json": PNG, "partial_image_index": 1}
        data = msgspec.json.encode(told)
        [_, event] = images.stream_reader().read(Event(data, "image_edit.partial_image")).value

        assert (DraftEvent, 1) == (type(event), event.number)  # type: ignore[attr-defined]

    def test_openrouter_s(self) -> None:
        events = read(
            {"type": "image_generation.text_chunk", "phase": "reasoning", "text": "hm"},
            {"type": "image_generation.text_chunk", "phase": "content", "text": "<svg>"},
            {"type": "image_generation.completed", "b64_json": PNG, "created": 5,
             "media_type": "image/png"},
        )  # fmt: skip

        texts = [(e.part.text, e.part.thought) for e in events if type(e).__name__ == "TextEvent"]
        assert [("hm", True), ("<svg>", False)] == texts
        assert 5 == [e.created for e in events if type(e).__name__ == "StartEvent"][-1]

    def test_seedream_s_pictures_are_finished_and_one_may_fail(self) -> None:
        body = sent(
            {"type": "image_generation.partial_succeeded", "b64_json": PNG, "image_index": 0},
            {"type": "image_generation.partial_failed", "image_index": 1,
             "error": {"code": "x", "message": "Too dark."}},
            {"type": "image_generation.completed", "usage": {"output_tokens": 7}},
            b"[DONE]",
        )  # fmt: skip

        reply = translate_response(body, source="images", target="images", created=1)

        assert 1 == len(msgspec.json.decode(bytes(reply.body))["data"])
        assert [("missing_image", "$[1].error")] == [
            (loss.code, loss.path) for loss in reply.losses if loss.level == "content"
        ]

    def test_where_all_of_them_failed_so_did_the_request(self) -> None:
        error = {"code": "InputTextSensitiveContentDetected", "message": "Not that."}
        body = sent({"type": "image_generation.partial_failed", "error": error}, b"[DONE]")

        reply = translate_response(body, source="images", target="images")

        assert (400, "content_blocked") == (reply.status, reply.failure and reply.failure.kind)

    def test_pictures_without_the_last_event_are_cut_off(self) -> None:
        body = sent({"type": "image_generation.partial_succeeded", "b64_json": PNG})

        losses = translate_response(body, source="images", target="images").losses

        assert "broken_stream" in {loss.code for loss in losses}

    def test_a_stream_of_nothing_is_cut_off(self) -> None:
        assert ["StartEvent"] == kinds(read({"type": "image_generation.queued"}))

    @pytest.mark.parametrize(
        "error",
        [
            {"type": "error", "code": "server_is_overloaded", "message": "busy"},
            {"type": "error", "error": {"code": "server_is_overloaded", "message": "busy"}},
        ],
        ids=["flat", "nested"],
    )
    def test_an_error_in_either_shape(self, error: dict[str, Any]) -> None:
        reply = translate_response(named(error), source="images", target="chat")

        assert (503, "busy") == (reply.status, reply.failure and reply.failure.message)

    def test_usage_is_summed_over_the_pictures(self) -> None:
        events = read(
            picture("completed", usage=IMAGES_USAGE), picture("completed", usage=IMAGES_USAGE)
        )

        totals = [e.usage.total for e in events if type(e).__name__ == "UsageEvent"]
        assert [1070, 2140] == totals

    def test_a_url_in_place_of_a_picture(self) -> None:
        url = "https://example.com/a.png"
        [_, event, _] = read({"type": "image_generation.completed", "url": url})

        assert url == event.part.image.url

    def test_a_whole_reply_in_one_event(self) -> None:
        events = read({"created": 1, "data": [{"b64_json": PNG}, {"b64_json": PNG}]})

        assert 2 == sum(isinstance(event, ImageEvent) for event in events)

    def test_its_revised_prompt(self) -> None:
        told = {**picture("completed"), "revised_prompt": "a red fox"}
        options = Options(images_text="revised_prompt")
        reply = translate_response(
            named(told), source="images", target="images", created=1, options=options
        )

        assert "a red fox" == msgspec.json.decode(bytes(reply.body))["data"][0]["revised_prompt"]


class TestWriting:
    def test_drafts_and_the_picture_with_its_usage(self) -> None:
        events, _ = live(STREAMS["gemini"], partial_images=2)

        assert ["image_generation.partial_image", "image_generation.completed"] == [
            event["type"] for event in events
        ]
        assert (0, 1070) == (events[0]["partial_image_index"], events[1]["usage"]["total_tokens"])

    def test_usage_is_on_the_last_picture_alone(self) -> None:
        body = named(
            picture("completed", usage=IMAGES_USAGE), picture("completed", usage=IMAGES_USAGE)
        )

        events, _ = live(body, "images")

        assert [None, 2140] == [event.get("usage", {}).get("total_tokens") for event in events]

    @pytest.mark.parametrize(
        ("context", "kind"),
        [
            ({"operation": "edit"}, "image_edit"),
            ({"had_input_images": True}, "image_edit"),
            ({"operation": "generate", "had_input_images": True}, "image_generation"),
            ({}, "image_generation"),
        ],
    )
    def test_the_name_is_that_of_the_operation(self, context: dict[str, Any], kind: str) -> None:
        events, _ = live(STREAMS["gemini"], **context)

        assert {kind} == {event["type"].partition(".")[0] for event in events}

    def test_what_a_picture_is_comes_from_its_source(self) -> None:
        events, _ = live(STREAMS["images"], "images", partial_images=0)

        assert ("1024x1024", "high", "opaque", "png") == settings(events[0])

    def test_else_from_what_was_asked(self) -> None:
        image = ImageSettings(size=Size(width=8, height=8), quality="low", background="opaque")

        events, _ = live(STREAMS["gemini"], partial_images=0, image=image)

        assert ("8x8", "low", "opaque", "png") == settings(events[0])

    def test_else_it_is_auto(self) -> None:
        file = {"fileData": {"fileUri": "gs://a/b"}}
        events, _ = live(sent(piece(file, finishReason="STOP")))

        assert ("auto",) * 4 == settings(events[0])

    def test_words_are_reported_once(self) -> None:
        _, stream = live(STREAMS["gemini"], partial_images=0)

        assert ["text_beside_image"] == [
            loss.code
            for loss in stream.losses
            if loss.level == "content" and "draft" not in loss.code
        ]

    def test_words_go_to_revised_prompt_where_that_is_wanted(self) -> None:
        options = Options(images_text="revised_prompt")
        body = sent(
            piece({"text": "A "}, {"text": "fox."}, PNG_PART),
            piece({"text": "B", "thoughtSignature": "c2ln"}, PNG_PART),
            piece({"text": "C", "thoughtSignature": "c2ln"}, {"text": "D"}, finishReason="STOP"),
        )

        events, stream = live(body, options=options)

        assert ["A fox.\nB", "C\nD"] == [event["revised_prompt"] for event in events]
        assert 2 == sum(loss.code == "joined_texts" for loss in stream.losses)

    def test_one_text_is_joined_with_none(self) -> None:
        options = Options(images_text="revised_prompt")

        [event], stream = live(sent(piece({"text": "A"}, PNG_PART, finishReason="STOP")),
                               options=options)  # fmt: skip

        assert "A" == event["revised_prompt"]
        assert "joined_texts" not in {loss.code for loss in stream.losses}

    def test_the_last_draft_is_the_picture_if_none_came(self) -> None:
        body = sent(piece({**PNG_PART, "thought": True}), piece(finishReason="STOP"))

        shown, stream = live(body, partial_images=1)
        left_out, _ = live(body, partial_images=0)

        assert 2 == len(shown)
        assert 1 == len(left_out)
        assert "draft_as_image" in {loss.code for loss in stream.losses}

    def test_pictures_of_several_candidates_are_one_list(self) -> None:
        one = {"content": {"parts": [PNG_PART]}, "finishReason": "STOP"}
        body = sent({"candidates": [one, {**one, "index": 1}]})

        events, stream = live(body)

        assert 2 == len(events)
        assert "joined_candidates" in {loss.code for loss in stream.losses}

    def test_a_thought_and_a_foreign_part_are_left_out(self) -> None:
        body = sent(
            piece(PNG_PART, {"text": "hm", "thought": True}, {"functionCall": {"name": "f"}}),
            piece(finishReason="STOP"),
        )

        _, stream = live(body)

        codes = {loss.code for loss in stream.losses}
        assert {"thought_text", "foreign_part"} <= codes

    def test_a_block_beside_a_picture_is_reported(self) -> None:
        body = sent(piece(PNG_PART), {"promptFeedback": {"blockReason": "SAFETY"}})

        _, stream = live(body)

        assert "finish_reason" in {loss.code for loss in stream.losses}

    def test_words_of_a_refusal_are_kept_in_bounds(self) -> None:
        body = sent(
            *[piece({"text": "no " * 1000}) for _ in range(100)], piece(finishReason="STOP")
        )

        [reply], stream = live(body)

        assert (400, "no_image_generated") == (stream.status, reply["error"]["code"])

    def test_unknown_fields_stay_in_their_own_api(self) -> None:
        events, _ = live(named({**picture("completed"), "svg_usage": 1, "x": [2]}), "images")

        assert (1, [2]) == (events[0]["svg_usage"], events[0]["x"])


def settings(event: dict[str, Any]) -> tuple[str, ...]:
    return tuple(event[name] for name in ("size", "quality", "background", "output_format"))
