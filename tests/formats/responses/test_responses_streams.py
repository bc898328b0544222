"""Responses streams that are read: what relays drop, what comes twice, and what is held back."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

import imagewire
from bodies import document
from events import data_of, named
from hub import GIF, PNG
from imagewire import ReplyContext
from streamed import CALL, DRAWN, SAID, item, response

DONE = item("output_item.done", 0, item=DRAWN)
DRAFT = item("image_generation_call.partial_image", 0, partial_image_index=0, partial_image_b64=GIF)
FAILED = {**CALL, "status": "failed", "result": None}
NO = {"type": "image_generation_user_error", "code": "moderation_blocked", "message": "No."}
REFUSED = {**FAILED, "id": "ig_2", "error": NO}
UNREADABLE = {**DRAWN, "id": "ig_3", "result": "!"}


def whole(status: str, *output: Any, **more: Any) -> dict[str, Any]:
    return {
        "type": f"response.{status}",
        "sequence_number": 9,
        "response": response(status, *output, **more),
    }


def told(*events: Any, target: str = "images") -> imagewire.TranslatedResponse:
    return imagewire.translate_response(
        named(*events), source="responses", target=target, created=1
    )


def ways(items: Any, target: str) -> list[tuple[Any, ...]]:
    """What items tell in a whole reply, and in a stream: folded, and live.

    Of a stream the whole response has them again, or nothing, or does not come, or comes first.
    What is told is the status, the texts with a picture, and what is lost of content.
    """
    done = [item("output_item.done", place, item=found) for place, found in enumerate(items)]
    streams = [named(*done, whole("completed", *items)), named(*done, whole("completed"))]
    streams += [named(*done), named(whole("completed", *items), *done)]
    found: list[tuple[Any, ...]] = []
    for body in (msgspec.json.encode(response("completed", *items)), *streams):
        reply = imagewire.translate_response(body, source="responses", target=target, created=1)
        found.append(_told(reply.status, bytes(reply.body), reply.losses))
    for body in streams:
        stream = imagewire.StreamTranslator(source="responses", target=target, created=1)
        out = b"".join((*stream.feed(body), *stream.close()))
        found.append(_told(stream.status, out, stream.losses))
    return found


def _told(status: int | None, body: bytes, losses: Any) -> tuple[Any, ...]:
    text = body.decode()
    content = [
        (str(loss.code), loss.detail.replace(" | null", ""))
        for loss in losses
        if loss.level == "content"
    ]
    return status, [word for word in (PNG, "No.", "Here it is.") if word in text], sorted(content)


class TestRead:
    @pytest.mark.parametrize(
        "events", [[DONE], [whole("completed", DRAWN)], [DONE, DONE, whole("completed", DRAWN)]]
    )
    def test_a_picture_is_told_once_by_whichever_event_has_it(self, events: Any) -> None:
        assert [PNG] == [entry["b64_json"] for entry in document(told(*events))["data"]]

    @pytest.mark.parametrize(
        ("done", "again"),
        [
            pytest.param(DONE, [{"id": "rs_1", "type": "reasoning"}, DRAWN], id="other numbers"),
            pytest.param(
                {**DONE, "item": {**DRAWN, "id": None}}, [DRAWN], id="without an id at first"
            ),
            pytest.param(DONE, [{**DRAWN, "id": None}], id="without an id at last"),
        ],
    )
    def test_a_picture_is_told_once_whatever_relays_leave_out(self, done: Any, again: Any) -> None:
        found = told(done, whole("completed", *again))

        assert [PNG] == [entry["b64_json"] for entry in document(found)["data"]]

    @pytest.mark.parametrize("order", [1, -1], ids=["at last", "at first"])
    @pytest.mark.parametrize("ids", [("ig_1", "ig_2"), ("ig_8", "ig_9"), (None, None)])
    @pytest.mark.parametrize("count", [1, 2])
    @pytest.mark.parametrize("target", ["images", "chat"])
    def test_each_picture_is_told_once_whichever_ids_and_order_the_events_have(
        self, target: str, count: int, ids: Any, order: int
    ) -> None:
        ours = [{**DRAWN, "id": f"ig_{place + 1}"} for place in range(count)]
        theirs = [{**found, "id": id_} for found, id_ in zip(ours, ids, strict=False)]
        events = [item("output_item.done", place, item=found) for place, found in enumerate(ours)]
        end = whole("completed", *theirs)
        body = named(*[*events, end][::order])
        stream = imagewire.StreamTranslator(source="responses", target=target, created=1)

        out = b"".join((*stream.feed(body), *stream.close()))
        reply = imagewire.translate_response(body, source="responses", target=target, created=1)

        assert [count, count] == [out.count(PNG.encode()), bytes(reply.body).count(PNG.encode())]

    def test_equal_pictures_of_events_without_a_place_are_two(self) -> None:
        events = [item("output_item.done", 0, item={**DRAWN, "id": id_}) for id_ in ("a", "b")]
        for event in events:
            del event["output_index"]

        assert [PNG, PNG] == [entry["b64_json"] for entry in document(told(*events))["data"]]

    def test_equal_pictures_are_as_many_as_there_are(self) -> None:
        both = [DONE, item("output_item.done", 1, item=DRAWN)]

        for events in (both, both[:1], []):
            found = told(*events, whole("completed", DRAWN, DRAWN))
            assert [PNG, PNG] == [entry["b64_json"] for entry in document(found)["data"]]

    def test_a_picture_in_an_event_with_much_that_is_not_read_is_told(self) -> None:
        """Such an event is read a second time, by a reader that does not remember the first."""
        body = named({**DONE, "obfuscation": "AAAA" * 20_000})
        stream = imagewire.StreamTranslator(source="responses", target="images", created=1)

        out = data_of(b"".join((*stream.feed(body), *stream.close())))

        assert [PNG] == [event["b64_json"] for event in out]

    def test_of_drafts_alone_the_last_is_the_picture(self) -> None:
        found = told(DRAFT, whole("completed"))

        assert GIF == document(found)["data"][0]["b64_json"]
        assert "draft_as_image" in [loss.code for loss in found.losses]

    @pytest.mark.parametrize("end", [[], [whole("completed", {**FAILED, "error": NO})]])
    def test_a_refusal_is_told_once(self, end: Any) -> None:
        found = told(item("output_item.done", 0, item={**FAILED, "error": NO}), *end)

        assert (400, "No.") == (found.status, document(found)["error"]["message"])

    def test_a_refusal_in_words(self) -> None:
        content = [{"type": "refusal", "refusal": "I cannot."}]
        message = {**SAID, "content": content}
        found = told(item("output_item.done", 0, item=message), target="chat")

        assert "I cannot." == document(found)["choices"][0]["message"]["refusal"]

    @pytest.mark.parametrize("target", imagewire.FORMATS)
    @pytest.mark.parametrize("order", [1, -1], ids=["after", "before"])
    @pytest.mark.parametrize("bad", [REFUSED, UNREADABLE, 5, {**SAID, "content": [5]}], ids=repr)
    def test_what_made_no_picture_beside_one_is_told_as_in_a_whole_reply(
        self, bad: Any, order: int, target: str
    ) -> None:
        items = [DRAWN, bad][::order]

        expected, *others = ways(items, target)

        assert expected[0] == 200
        assert expected[2] == [loss for loss in expected[2] if loss[0] == "missing_image"] != []
        assert [expected] * 8 == others

    @pytest.mark.parametrize("target", imagewire.FORMATS)
    def test_words_of_a_refusal_beside_a_picture_are_told_as_in_a_whole_reply(
        self, target: str
    ) -> None:
        words = {**SAID, "id": "msg_9", "content": [{"type": "refusal", "refusal": "No."}]}

        expected, *others = ways([words, DRAWN], target)

        assert "No." in expected[1] or "No." in str(expected[2])
        assert [expected] * 8 == others

    @pytest.mark.parametrize("bad", [5, UNREADABLE], ids=repr)
    def test_each_of_several_that_cannot_be_read_is_told_once(self, bad: Any) -> None:
        nothing = {"type": "function_call"}

        expected, *others = ways(
            [DRAWN, bad, nothing, {**DRAWN, "id": "ig_9", "result": "?"}], "chat"
        )

        assert 2 == [code for code, _ in expected[2]].count("missing_image")
        assert [expected] * 8 == others

    @pytest.mark.parametrize("target", imagewire.FORMATS)
    @pytest.mark.parametrize("stage", ["input", "output", None])
    @pytest.mark.parametrize("items", [[], [SAID]], ids=["alone", "after words"])
    def test_a_refused_call_without_a_picture_is_a_refusal(
        self, items: Any, stage: Any, target: str
    ) -> None:
        error = {**NO, "moderation_details": {"moderation_stage": stage, "categories": []}}

        expected, *others = ways([*items, {**FAILED, "id": "ig_2", "error": error}], target)

        assert "No." in expected[1]
        assert [expected] * 8 == others

    @pytest.mark.parametrize("bad", [UNREADABLE, 5], ids=repr)
    def test_what_cannot_be_read_without_a_picture_is_the_upstream_s_fault(self, bad: Any) -> None:
        done = named(item("output_item.done", 0, item=bad))
        stream = imagewire.StreamTranslator(source="responses", target="chat")
        b"".join((*stream.feed(done), *stream.close()))

        assert 502 == stream.status
        with pytest.raises(imagewire.MalformedError, match=r"invalid base64|Expected") as caught:
            imagewire.translate_response(done, source="responses", target="chat")
        assert (502, True) == (caught.value.status, caught.value.path.startswith("$[1].output[0]"))

    def test_an_item_that_cannot_be_read_is_told_by_the_event_that_has_it_whole(self) -> None:
        bad = {**UNREADABLE, "id": DRAWN["id"]}
        half = {**DRAWN, "content": [5]}
        for done, again in ((bad, DRAWN), (DRAWN, bad), (DRAWN, half)):
            for events in (
                [item("output_item.done", 0, item=done), whole("completed", again)],
                [whole("completed", DRAWN, again), item("output_item.done", 1, item=done)],
            ):
                found = told(*events)
                assert {PNG} == {entry["b64_json"] for entry in document(found)["data"]}

    def test_what_failed_after_the_whole_response_is_told(self) -> None:
        late = item("output_item.done", 1, item={**FAILED, "id": "ig_2", "error": NO})

        losses = told(whole("completed", DRAWN), late, target="responses").losses
        assert ["missing_image"] == [loss.code for loss in losses]
        refused = told(whole("completed"), late)
        assert (400, "No.") == (refused.status, document(refused)["error"]["message"])

    @pytest.mark.parametrize("odd", [5, "r", {"output": 5}, {"output": [5]}], ids=repr)
    def test_an_odd_response_that_only_begins_is_bookkeeping(self, odd: Any) -> None:
        begun = {"type": "response.created", "sequence_number": 0, "response": odd}
        found = told(begun, whole("completed", DRAWN), target="responses")

        assert PNG == document(found)["output"][0]["result"]
        assert ["invalid_field"] == [loss.code for loss in found.losses]

    @pytest.mark.parametrize("odd", [5, {"output": 5}], ids=repr)
    def test_an_odd_whole_response_does_not_cost_a_picture(self, odd: Any) -> None:
        end = {"type": "response.completed", "sequence_number": 9, "response": odd}
        found = told(DONE, end)

        assert [PNG] == [entry["b64_json"] for entry in document(found)["data"]]
        assert ["$[1].response"] == [loss.path for loss in found.losses]
        with pytest.raises(imagewire.MalformedError):
            told(end)

    @pytest.mark.parametrize("output", [[], [5], [{**DRAWN, "result": "!"}]])
    def test_a_failed_response_is_a_failure(self, output: Any) -> None:
        error = {"code": "invalid_prompt", "message": "Bad."}
        found = told(whole("failed", *output, error=error))

        assert (400, "Bad.") == (found.status, document(found)["error"]["message"])

    @pytest.mark.parametrize("events", [[], [DONE]])
    def test_a_picture_of_a_response_that_failed_is_told_once(self, events: Any) -> None:
        error = {"code": "server_error", "message": "Oh no."}
        found = told(*events, whole("failed", DRAWN, error=error))

        assert [PNG] == [entry["b64_json"] for entry in document(found)["data"]]
        assert any("Oh no." in loss.detail for loss in found.losses)

    def test_a_blocked_prompt_and_an_early_end(self) -> None:
        details = {"reason": "max_output_tokens"}
        found = told(DONE, whole("incomplete", DRAWN, incomplete_details=details), target="chat")

        assert "length" == document(found)["choices"][0]["finish_reason"]

    def test_what_is_no_json_is_the_upstream_s_fault(self) -> None:
        with pytest.raises(imagewire.MalformedError) as caught:
            imagewire.translate_response(b"data: {\n\n", source="responses", target="chat")

        assert 502 == caught.value.status

    def test_an_unknown_field_of_an_event_is_reported(self) -> None:
        found = told({**DONE, "strange": 1}, whole("completed", DRAWN))

        assert "strange" in str([loss.path for loss in found.losses])

    def test_words_without_deltas_come_with_their_item(self) -> None:
        found = told(item("output_item.done", 0, item=SAID), whole("completed"), target="chat")

        assert "Here it is." == document(found)["choices"][0]["message"]["content"]

    @pytest.mark.parametrize("content", [SAID["content"], "Here it is."])
    def test_words_that_came_one_by_one_are_told_once(self, content: Any) -> None:
        delta = item("output_text.delta", 0, item_id="msg_1", content_index=0, delta="Here it is.")
        found = told(delta, whole("completed", {**SAID, "content": content}), target="chat")

        assert "Here it is." == document(found)["choices"][0]["message"]["content"]

    def test_an_identity_keeps_what_other_formats_pass_over(self) -> None:
        reasoning = {"id": "rs_1", "type": "reasoning", "summary": []}
        thought = {**reasoning, "summary": [{"type": "summary_text", "text": "hm"}]}
        other = {"id": "x", "type": "function_call", "name": "f"}
        events = [
            item("output_item.done", place, item=found)
            for place, found in enumerate((reasoning, thought, DRAWN, other))
        ]
        body = named(*events, whole("completed", reasoning, thought, DRAWN, other))
        stream = imagewire.StreamTranslator(
            source="responses", target="responses", context=ReplyContext(stream="sse")
        )

        out = data_of(b"".join(stream.feed(body) + stream.close()))

        assert [reasoning, thought, DRAWN, other] == out[-1]["response"]["output"]
