"""Responses replies: pictures, words, refusals, failures and counts."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

import imagewire
from bodies import document
from events import data_of, named
from hub import GIF, HELLO, PICTURE, PNG, response
from imagewire import FailureKind, Options, ReplyContext, responses
from imagewire.errors import MalformedError
from imagewire.model import Block, Candidate, Image, Part, Usage

CALL = {"id": "ig_1", "type": "image_generation_call", "status": "completed", "result": PNG}
HEAD = {"id": "r", "object": "response", "created_at": 1.5, "status": "completed", "model": "m"}
END = {"parallel_tool_calls": False, "tool_choice": "auto", "tools": []}


def reply(*output: Any, **fields: Any) -> dict[str, Any]:
    return {**HEAD, "error": None, "incomplete_details": None, "output": [*output], **END, **fields}


def refused(code: str, **error: Any) -> dict[str, Any]:
    failed = {"type": "image_generation_user_error", "code": code, "message": "No.", **error}
    return {**CALL, "status": "failed", "result": None, "error": failed}


def told(body: Any, target: str, **options: Any) -> imagewire.TranslatedResponse:
    return imagewire.translate_response(
        body, source="responses", target=target, created=1, options=Options(**options)
    )


class TestPictures:
    def test_a_url_is_read_where_relays_write_it(self) -> None:
        url = "https://example.com/a.png"

        assert url == document(told(reply({**CALL, "result": url}), "images"))["data"][0]["url"]

    @pytest.mark.parametrize("result", [{"result": None}, {"result": ""}, {}])
    def test_one_in_the_field_of_images_is_read_where_there_is_no_result(self, result: Any) -> None:
        """Some relays write it there."""
        call = {name: value for name, value in CALL.items() if name != "result"}
        body = reply({**call, **result, "b64_json": PNG.rstrip("=")})

        assert PNG == document(told(body, "images"))["data"][0]["b64_json"]
        assert [CALL] == document(told(body, "responses"))["output"]

    @pytest.mark.parametrize(("other", "codes"), [(PNG, []), (GIF, ["unknown_picture"])])
    def test_another_beside_the_result_is_reported(self, other: str, codes: list[str]) -> None:
        body = reply({**CALL, "b64_json": other})
        paths = {"$.output[0].b64_json"}

        assert codes == [e.code for e in told(body, "images").losses if e.path in paths]
        assert body["output"] == document(told(body, "responses"))["output"]

    def test_a_picture_of_several_that_was_refused_is_reported_with_its_words(self) -> None:
        found = told(reply(CALL, refused("moderation_blocked")), "images")

        assert 1 == len(document(found)["data"])
        assert ("missing_image", "$.output[1]") in [(e.code, e.path) for e in found.losses]
        assert any("No." in loss.detail for loss in found.losses)

    def test_one_of_several_that_is_no_picture_is_reported_and_the_others_are_kept(self) -> None:
        body = reply(CALL, {**CALL, "result": "!", "extra": 1})

        for target in imagewire.FORMATS:
            found = told(body, target)
            assert ("missing_image", "$.output[1]") in [(e.code, e.path) for e in found.losses]
            assert "!" not in str(document(found))

    @pytest.mark.parametrize("other", [5, None, "x"])
    def test_what_is_no_item_is_reported_once(self, other: Any) -> None:
        found = told(reply(CALL, other), "chat")

        assert ["missing_image"] == [e.code for e in found.losses if e.path == "$.output[1]"]

    def test_what_is_no_picture_is_refused_where_it_is_all_that_there_is(self) -> None:
        with pytest.raises(MalformedError, match="invalid base64"):
            told(reply({**CALL, "result": "!"}), "images")

    def test_its_revised_prompt_is_the_text_if_the_caller_says_so(self) -> None:
        body = reply({**CALL, "revised_prompt": "a red fox"})
        found = told(body, "chat", images_text="revised_prompt")

        assert "a red fox" == document(found)["choices"][0]["message"]["content"][1]["text"]

    def test_what_differs_between_pictures_stays_with_each(self) -> None:
        body = reply(
            {**CALL, "quality": "low"}, {**CALL, "id": "b", "result": GIF, "quality": "max"}
        )

        assert body["output"] == document(told(body, "responses"))["output"]
        assert "quality" not in document(told(body, "images"))

    def test_equal_ones_have_ids_of_their_own_by_which_they_come_back_equal(self) -> None:
        """LangChain glues items of one id together: langchain-core ``merge_lists``."""
        value = response(PICTURE, HELLO, PICTURE, HELLO, PICTURE)
        body = bytes(responses.write_response(value, created=1, response_id="r").value.body)

        assert 5 == len({item["id"] for item in msgspec.json.decode(body)["output"]})
        assert value.candidates == responses.read_response(body).value.candidates

    def test_a_file_s_id_is_no_picture(self) -> None:
        value = response(Part(image=Image(file_id="f")))

        assert "uploaded_file" in [loss.code for loss in responses.write_response(value).losses]

    def test_several_answers_are_one_list(self) -> None:
        value = response(candidates=(Candidate(parts=(Part(text="a"),)),) * 2)

        assert "joined_candidates" in [loss.code for loss in responses.write_response(value).losses]

    def test_nothing_at_all_is_malformed(self) -> None:
        with pytest.raises(MalformedError, match="has no items"):
            told(reply(), "chat")


class TestRefusals:
    @pytest.mark.parametrize(
        ("code", "finish"), [("no_image_generated", "NO_IMAGE"), ("server_error", "IMAGE_OTHER")]
    )
    def test_one_that_is_no_moderation(self, code: str, finish: str) -> None:
        [candidate] = document(told(reply(refused(code)), "gemini"))["candidates"]

        assert (finish, "No.") == (candidate["finishReason"], candidate["finishMessage"])

    def test_an_unknown_stage_is_that_of_the_prompt(self) -> None:
        assert "promptFeedback" in document(told(reply(refused("moderation_blocked")), "gemini"))

    def test_beside_words_it_is_the_answer_s(self) -> None:
        words = {"type": "output_text", "text": "Hm.", "annotations": []}
        message = {"id": "m", "type": "message", "role": "assistant", "content": [words]}
        found = told(reply(message, refused("moderation_blocked")), "gemini")

        assert "IMAGE_SAFETY" == document(found)["candidates"][0]["finishReason"]

    @pytest.mark.parametrize("reason", ["max_output_tokens", "content_filter", "steered"])
    def test_an_early_end_without_items_stays_what_it_is(self, reason: str) -> None:
        body = reply(status="incomplete", incomplete_details={"reason": reason})
        found = document(told(body, "responses"))

        assert [body[name] for name in ("status", "incomplete_details", "output")] == [
            found[name] for name in ("status", "incomplete_details", "output")
        ]

    @pytest.mark.parametrize("finish", ["RECITATION", "OTHER", "STOP"])
    def test_what_this_api_does_not_know_becomes_the_nearest(self, finish: str) -> None:
        written = responses.write_response(response(candidates=(Candidate(finish=finish),)))

        assert "nearest_finish_reason" in [loss.code for loss in written.losses]
        assert "failed" == document(written.value)["output"][0]["status"]

    def test_a_block_beside_an_answer_is_reported(self) -> None:
        written = responses.write_response(response(block=Block(reason="OTHER")))

        assert "finish_reason" in [loss.code for loss in written.losses]

    @pytest.mark.parametrize("part", [{"text": "hm", "thought": True}, {"functionCall": {}}])
    def test_an_answer_of_which_nothing_is_left_made_no_image(self, part: Any) -> None:
        """A reply without an item says nothing, and none of ours would be read again."""
        body = {"candidates": [{"content": {"parts": [part]}, "finishReason": "STOP"}]}

        written = imagewire.translate_response(body, source="gemini", target="responses")

        assert ["failed"] == [item["status"] for item in document(written)["output"]]

    @pytest.mark.parametrize("beside", [[], [{**CALL, "id": "ig_2"}]], ids=["alone", "beside"])
    @pytest.mark.parametrize("target", ["chat", "gemini", "images"])
    def test_what_else_it_says_is_reported(self, target: str, beside: Any) -> None:
        details = {"moderation_stage": "output", "categories": ["violence"]}
        call = refused("moderation_blocked", moderation_details=details)
        body = reply({**call, "revised_prompt": "a red fox", "strange": 1}, *beside)

        fields = ["error.moderation_details.categories", "revised_prompt", "strange"]
        lost = [loss.path for loss in told(body, target).losses]
        assert fields == sorted(
            path.partition("output[0].")[2] for path in lost if "output[0]." in path
        )

    def test_what_else_it_says_goes_back(self) -> None:
        details = {"moderation_stage": "output", "categories": ["violence"]}
        call = refused("moderation_blocked", moderation_details=details, param=None)
        body = reply({**call, "revised_prompt": "a red fox", "strange": 1})
        stream = imagewire.StreamTranslator(
            source="responses", target="responses", context=ReplyContext(stream="sse")
        )
        out = stream.feed(named({"type": "response.completed", "response": body}))

        end = data_of(b"".join((*out, *stream.close())))[-1]
        assert body["output"] == document(told(body, "responses"))["output"]
        assert body["output"] == end["response"]["output"]
        assert () == stream.losses == told(body, "responses").losses

    @pytest.mark.parametrize("target", imagewire.FORMATS)
    def test_odd_bookkeeping_of_an_item_does_not_cost_it(self, target: str) -> None:
        said = {"type": "message", "content": [{"type": "output_text", "text": "Here."}]}
        body = reply({**CALL, "id": 5}, {**said, "id": [1], "role": {"a": 1}})

        found = told(body, target, images_text="revised_prompt")

        assert PNG in bytes(found.body).decode()
        assert "Here." in bytes(found.body).decode()
        assert ["$.output[0].id", "$.output[1].id", "$.output[1].role"] == sorted(
            loss.path for loss in found.losses if loss.code is imagewire.LossCode.INVALID_FIELD
        )


class TestFailures:
    def test_the_words_of_a_response_that_failed_after_a_picture_are_reported(self) -> None:
        body = reply(CALL, status="failed", error={"code": "server_error", "message": "Oh no."})

        for target in imagewire.FORMATS:
            found = told(body, target)
            words = [loss.detail for loss in found.losses if loss.path == "$.error"]
            assert 200 == found.status
            assert ([] if target == "responses" else ["the response failed: Oh no."]) == words

    @pytest.mark.parametrize(
        ("code", "kind", "status"),
        [
            ("invalid_prompt", FailureKind.INVALID_REQUEST, 400),
            ("invalid_image_url", FailureKind.INVALID_REQUEST, 400),
            ("image_content_policy_violation", FailureKind.CONTENT_BLOCKED, 400),
            ("rate_limit_exceeded", FailureKind.RATE_LIMIT, 429),
            ("server_error", FailureKind.INTERNAL, 500),
        ],
    )
    def test_a_failed_response_is_a_failure_on_other_faces(
        self, code: str, kind: FailureKind, status: int
    ) -> None:
        body = reply(status="failed", error={"code": code, "message": "Bad."})
        found = told(body, "chat")

        assert found.failure is not None
        assert (kind, status) == (found.failure.kind, found.status)
        assert "Bad." == document(found)["error"]["message"]
        assert (200, body) == (told(body, "responses").status, document(told(body, "responses")))

    def test_an_error_under_a_success_is_an_error_reply(self) -> None:
        found = told({"error": {"message": "Bad.", "code": "invalid_prompt"}}, "responses")

        assert (400, "Bad.") == (found.status, document(found)["error"]["message"])

    def test_an_error_status_is_one(self) -> None:
        error = {"error": {"message": "Bad.", "type": "server_error", "code": None, "param": None}}
        found = imagewire.translate_response(
            error, source="responses", target="responses", status=500
        )

        assert (500, error) == (found.status, document(found))


class TestModels:
    def test_without_any_the_mainline_model_is_empty_and_reported(self) -> None:
        written = responses.write_response(response())

        assert "" == document(written.value)["model"]
        assert "missing_model" in [loss.code for loss in written.losses]

    def test_the_client_s_own_are_repeated(self) -> None:
        body = {"model": "gpt-6.1", "input": "a fox", "tools": [{"type": "image_generation"}]}
        context = imagewire.translate_request(
            body, source="responses", target="images", model="gpt-image-2"
        ).context
        found = imagewire.translate_response(
            reply(CALL), source="responses", target="responses", context=context
        )

        assert "gpt-6.1" == document(found)["model"]
        assert None is ReplyContext().model

    def test_two_bills_are_never_added_up(self) -> None:
        bill = {"input_tokens": 1, "output_tokens": 2, "total_tokens": 3}
        found = told(reply(CALL, usage=bill), "chat")

        assert "usage" not in document(found)
        assert "$.usage" in [loss.path for loss in found.losses]

    def test_counts_of_which_some_are_unknown_go_back_into_their_own_format_alone(
        self,
    ) -> None:
        body = reply(CALL, tool_usage={"image_gen": {"input_tokens": 5}})
        written = responses.write_response(response(usage=Usage(prompt=5)), created=1)

        assert body["tool_usage"] == document(told(body, "responses"))["tool_usage"]
        assert "tool_usage" not in document(written.value)
        assert ["token_count"] == [e.code for e in written.losses if e.path == "$.usage"]
