"""Chat streams: chunks read as the gateways write them, and written as clients can take them."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

import hub
from events import data_of, sent
from imagewire import Options, ReplyContext, StreamTranslator, chat
from imagewire.model import DraftEvent, FinishEvent, ForeignEvent, ImageEvent, Part, TextEvent
from imagewire.sse import Event
from streamed import IMAGE, PNG_PART, STREAMS, chunk, piece

URI = f"data:image/png;base64,{hub.PNG}"


def read(document: dict[str, Any], **options: Any) -> list[Any]:
    reader = chat.stream_reader(options=Options(**options))
    return list(reader.read(Event(msgspec.json.encode(document))).value[1:])


def live(body: bytes, source: str = "gemini", usage: bool = True, **options: Any) -> Any:  # noqa: FBT001, FBT002
    context = ReplyContext(model="m", stream="sse", include_usage=usage)
    stream = StreamTranslator(
        source=source, target="chat", context=context, created=1, options=Options(**options)
    )
    out = b"".join((*stream.feed(body), *stream.close()))
    return data_of(out), stream


def deltas(events: list[Any]) -> list[Any]:
    return [event["choices"][0]["delta"] for event in events[:-1] if event.get("choices")]


class TestReading:
    @pytest.mark.parametrize(
        "delta",
        [
            {"images": [{**IMAGE, "index": 0}]},
            {"content": [IMAGE]},
            {"images": [{"url": URI}]},
        ],
        ids=["images", "parts", "entry"],
    )
    def test_a_picture_wherever_it_is(self, delta: dict[str, Any]) -> None:
        [event] = read(chunk(delta))

        assert isinstance(event, ImageEvent)
        assert hub.PNG == event.part.image.data  # type: ignore[union-attr]

    def test_words_are_told_as_they_came_even_those_that_pictures_are_read_from(self) -> None:
        [event] = read(chunk({"content": f"![image]({URI})"}), read_markdown=True)

        assert (TextEvent, f"![image]({URI})") == (type(event), event.part.text)

    def test_thoughts_are_thoughts(self) -> None:
        [event] = read(chunk({"reasoning": "hm"}))

        assert (TextEvent, True) == (type(event), event.part.thought)

    def test_a_role_alone_tells_nothing(self) -> None:
        assert [] == read(chunk({"role": "assistant", "content": None}))

    def test_choices_go_by_their_index(self) -> None:
        [event] = read(chunk({"content": "a"}, index=1))

        assert 1 == event.candidate

    def test_words_of_a_refusal_come_in_pieces(self) -> None:
        [first] = read(chunk({"refusal": "I will "}))
        [last] = read(chunk({"refusal": "not."}, finish_reason="content_filter"))

        assert (None, "I will ") == (first.finish, first.finish_message)
        assert ("SAFETY", "not.") == (last.finish, last.finish_message)

    def test_a_refused_prompt(self) -> None:
        stage = {"moderation_stage": "input"}
        [event] = read(
            chunk({"refusal": "No."}, finish_reason="content_filter", moderation_details=stage)
        )

        assert ("SAFETY", "No.") == (event.block.reason, event.block.message)

    def test_what_a_choice_tells_beside_is_kept(self) -> None:
        [_, event] = read(chunk({"content": "a", "annotations": [{}]}, logprobs={"a": 1}, x=1))

        paths = [extra.path for extra in event.extras]
        assert (FinishEvent, [("logprobs",), ("message", "annotations"), ("x",)]) == (
            type(event), paths,
        )  # fmt: skip

    def test_a_tool_call_is_a_foreign_part(self) -> None:
        [event] = read(chunk({"tool_calls": [{"index": 0}]}))

        assert isinstance(event, ForeignEvent)


class TestWriting:
    def test_pictures_have_running_indexes_in_delta_images(self) -> None:
        events, _ = live(sent(piece(PNG_PART, PNG_PART), piece(finishReason="STOP")))

        indexes = [d["images"][0]["index"] for d in deltas(events) if "images" in d]
        assert [0, 1] == indexes

    def test_usage_comes_in_a_chunk_without_choices_before_the_end(self) -> None:
        events, _ = live(STREAMS["gemini"])

        assert ([], 1070, "[DONE]") == (
            events[-2]["choices"], events[-2]["usage"]["total_tokens"], events[-1],
        )  # fmt: skip

    def test_usage_that_was_not_asked_for_is_left_out(self) -> None:
        events, stream = live(STREAMS["gemini"], usage=False)

        assert not [event for event in events[:-1] if "usage" in event]
        assert "token_count" not in {loss.code for loss in stream.losses}

    def test_all_chunks_share_their_head(self) -> None:
        events, _ = live(STREAMS["gemini"])

        assert {("r1", 1, "m")} == {(e["id"], e["created"], e["model"]) for e in events[:-1]}

    def test_markdown_where_that_is_wanted(self) -> None:
        body = sent(
            piece({"text": "a"}, {**PNG_PART, "thoughtSignature": "c2ln"}, {"text": "b"}),
            piece(finishReason="STOP"),
        )

        events, stream = live(body, chat_images="markdown")

        text = "".join(delta.get("content", "") for delta in deltas(events))
        assert f"a\n\n![image]({URI})\n\nb" == text
        assert ["thought_signature"] == [loss.code for loss in stream.losses]

    def test_a_signed_text_has_its_signature_beside_it(self) -> None:
        signed = {"text": "a", "thoughtSignature": "c2ln", "partMetadata": {"x": 1}}

        events, stream = live(sent(piece(signed, finishReason="STOP")))

        google = deltas(events)[1]["extra_content"]["google"]
        assert {"thought_signature": "c2ln"} == google
        assert ["unknown_field"] == [loss.code for loss in stream.losses]

    def test_a_thought_text_without_a_signature(self) -> None:
        body = sent(piece({"text": "hm", "thought": True}, PNG_PART, finishReason="STOP"))

        events, stream = live(body, keep_drafts=True)

        assert ("hm", ()) == (deltas(events)[1]["reasoning"], stream.losses)

    def test_a_picture_in_markdown_without_words(self) -> None:
        events, _ = live(sent(piece(PNG_PART, finishReason="STOP")), chat_images="markdown")

        assert f"![image]({URI})" == "".join(delta.get("content", "") for delta in deltas(events))

    def test_words_of_a_refusal_are_told_at_the_end(self) -> None:
        body = sent(
            chunk({"refusal": "I will "}),
            chunk({"refusal": "not."}),
            chunk({}, finish_reason="content_filter"),
            b"[DONE]",
        )

        events, _ = live(body, "chat")

        assert "I will not." == deltas(events)[-1]["refusal"]

    def test_an_answer_that_ends_twice_does_not_repeat_its_words(self) -> None:
        """Clients join the pieces of a refusal."""
        ends = [chunk({"refusal": word}, finish_reason="content_filter") for word in ("No.", "So.")]
        events, *_ = live(sent(*ends, b"[DONE]"), source="chat")

        assert ["No.", "So."] == [
            delta["refusal"] for delta in deltas(events) if "refusal" in delta
        ]

    def test_thoughts_and_drafts_are_left_out_with_a_count(self) -> None:
        body = sent(
            piece({"text": "hm", "thought": True}),
            piece({**PNG_PART, "thought": True}),
            piece(PNG_PART, finishReason="STOP"),
        )

        events, stream = live(body)

        assert 1 == sum("images" in delta for delta in deltas(events))
        assert ["1 draft image(s) left out", "1 thought text(s) left out"] == [
            loss.detail for loss in stream.losses
        ]

    def test_they_are_kept_where_that_is_wanted(self) -> None:
        body = sent(
            piece({"text": "hm", "thought": True, "thoughtSignature": "c2ln"}),
            piece({**PNG_PART, "thought": True}),
            piece(PNG_PART, finishReason="STOP"),
        )

        events, stream = live(body, keep_drafts=True)

        [_, thought, draft, picture, _] = deltas(events)
        assert "hm" == thought["reasoning"]
        assert draft["images"][0]["extra_content"]["google"]["thought"]
        assert "extra_content" not in picture["images"][0]
        assert ["thought_signature"] == [loss.code for loss in stream.losses]

    def test_the_last_draft_is_the_picture_if_none_came(self) -> None:
        body = sent(piece({**PNG_PART, "thought": True}), piece(finishReason="STOP"))

        events, stream = live(body)

        assert 1 == sum("images" in delta for delta in deltas(events))
        assert "draft_as_image" in {loss.code for loss in stream.losses}

    def test_the_same_where_nothing_says_that_it_ended(self) -> None:
        stream = chat.stream_writer()
        draft = Part(image=hub.PICTURE.image, thought=True)

        assert b"" == stream.write(DraftEvent(part=draft)).value
        assert stream.holds
        assert b"images" in bytes(stream.close().value)

    def test_a_blocked_prompt_is_a_choice(self) -> None:
        events, _ = live(sent({"promptFeedback": {"blockReason": "SAFETY"}}))

        [choice] = events[0]["choices"]
        assert "content_filter" == choice["finish_reason"]
        assert choice["delta"]["refusal"]

    def test_a_prompt_that_was_blocked_after_a_thought_is_a_choice(self) -> None:
        blocked = {"promptFeedback": {"blockReason": "SAFETY"}}
        events, _ = live(sent(piece({"text": "hm", "thought": True}), blocked))

        assert "content_filter" == events[0]["choices"][0]["finish_reason"]

    def test_a_block_beside_an_answer_is_reported(self) -> None:
        events, stream = live(
            sent(piece({"text": "a"}), {"promptFeedback": {"blockReason": "SAFETY"}})
        )

        assert "a" == deltas(events)[1]["content"]
        assert "finish_reason" in {loss.code for loss in stream.losses}

    def test_an_answer_of_nothing_says_so(self) -> None:
        events, _ = live(sent(piece(finishReason="NO_IMAGE")))

        assert "The model returned no image." == deltas(events)[-1]["refusal"]

    def test_tool_calls_stay_in_a_chat(self) -> None:
        call = [{"index": 0, "id": "c"}]
        body = sent(chunk({"tool_calls": call}), chunk({}, finish_reason="stop"), b"[DONE]")

        events, _ = live(body, "chat")

        assert call == deltas(events)[1]["tool_calls"]

    def test_another_part_of_a_chat_stays_too(self) -> None:
        part = {"type": "file", "file": {"file_id": "f"}}
        body = sent(chunk({"content": [part]}), chunk({}, finish_reason="stop"), b"[DONE]")

        events, _ = live(body, "chat")

        assert [part] == deltas(events)[1]["content"]

    def test_what_a_choice_tells_while_it_goes_on_stays_in_a_chat(self) -> None:
        body = sent(
            chunk({"content": "a"}, content_filter_results={"hate": 1}),
            chunk({}, finish_reason="stop", x=1),
            b"[DONE]",
        )

        events, _ = live(body, "chat")

        kept = [event["choices"][0] for event in events[:-1]]
        assert [{"hate": 1}] == [
            choice["content_filter_results"]
            for choice in kept
            if "content_filter_results" in choice
        ]
        assert 1 == kept[-1]["x"]

    def test_ratings_that_a_chat_has_no_place_for_make_no_chunk(self) -> None:
        body = sent(piece({"text": "a"}, safetyRatings=[{"x": 1}]), piece(finishReason="STOP"))

        events, _ = live(body)

        assert 3 == len(deltas(events))

    def test_fingerprints_are_on_every_chunk(self) -> None:
        body = sent({**chunk({"content": "a"}), "system_fingerprint": "fp"}, b"[DONE]")

        events, _ = live(body, "chat")

        assert {"fp"} == {event["system_fingerprint"] for event in events[:-1]}

    def test_without_extensions_a_thought_has_no_place(self) -> None:
        body = sent(piece({**PNG_PART, "thought": True}), piece(PNG_PART, finishReason="STOP"))

        _, stream = live(body, keep_drafts=True, chat_extensions=False)

        assert ["draft_image"] == [loss.code for loss in stream.losses]


class TestWordsAfterWords:
    """Most events differ from the one before in their words alone."""

    @pytest.mark.parametrize(
        "words",
        ["b", "a", "caf\u00e9", 'a "quoted" text\n', "\\", "x" * 20_000, "0"],
        ids=["one", "same", "accent", "quotes", "backslash", "long", "digit"],
    )
    def test_any_words_come_out(self, words: str) -> None:
        said = ["a", "b", words, "c", words]

        events, _ = live(sent(*[chunk({"content": text}) for text in said], b"[DONE]"), "chat")

        assert said == [delta["content"] for delta in deltas(events)[1:]]

    def test_what_differs_in_more_is_read_as_it_is(self) -> None:
        body = sent(
            chunk({"content": "r1"}),
            chunk({"content": "a"}),
            chunk({"content": "b"}),
            chunk({"content": "b", "x": 1}),
            chunk({"content": ""}),
            chunk({"content": "c"}, index=1),
            chunk({"content": "d", "reasoning": "e"}),
            chunk({}, finish_reason="stop"),
            b"[DONE]",
        )

        events, _ = live(body, "chat")

        told = [
            (event["choices"][0]["index"], event["choices"][0]["delta"].get("content"))
            for event in events[:-1]
        ]
        words = [item for item in told if item[1]]
        assert [(0, "r1"), (0, "a"), (0, "b"), (0, "b"), (1, "c"), (0, "d")] == words

    def test_an_escape_in_the_words_is_read(self) -> None:
        body = sent(chunk({"content": "a"}), chunk({"content": "b"}))
        body += sent(msgspec.json.encode(chunk({"content": "X"})).replace(b"X", b"\\u00e9\\/"))
        body += sent(msgspec.json.encode(chunk({"content": "X"})).replace(b"X", b"\\q"))

        events, stream = live(body, "chat")

        assert "\u00e9/" == deltas(events)[-1]["content"]
        assert stream.failure is not None
