"""Replies without a picture: an error on the Images face, never an empty list; and back."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

import imagewire
from hub import BLOCKING, GIF, PNG
from images_bodies import inline
from imagewire import Reply
from imagewire.model import FailureKind

Json = dict[str, Any]

WITHOUT = ("STOP", "MAX_TOKENS", "NO_IMAGE", "IMAGE_OTHER", "LANGUAGE", "OTHER", "A_FUTURE_ONE")
BLOCK_REASONS = (
    "SAFETY",
    "OTHER",
    "BLOCKLIST",
    "PROHIBITED_CONTENT",
    "IMAGE_SAFETY",
    "MODEL_ARMOR",
    "JAILBREAK",
)
CODES = {"content_blocked": "moderation_blocked", "no_image": "no_image_generated"}


def gemini(finish: str | None, *parts: Json, **fields: Any) -> Json:
    candidate = {"content": {"role": "model", "parts": list(parts)}, "finishReason": finish}
    return {"candidates": [{**candidate, **fields}]}


def chat(finish: str, content: Any = None, **message: Any) -> Json:
    choice = {"message": {"content": content, **message}, "finish_reason": finish, "index": 0}
    return {"id": "c", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]}


def to_images(body: Json, source: str) -> imagewire.TranslatedResponse:
    result = imagewire.translate_response(body, source=source, target="images")
    assert 400 == result.status
    assert "false" == result.headers["x-should-retry"]
    assert {"error"} == set(json.loads(bytes(result.body)))
    return result


def error_of(result: imagewire.TranslatedResponse) -> Json:
    error: Json = json.loads(bytes(result.body))["error"]
    return error


def check(result: imagewire.TranslatedResponse, kind: str, words: str, stage: str | None) -> None:
    expected: Json = {
        "message": words,
        "type": "image_generation_user_error",
        "param": None,
        "code": CODES[kind],
    }
    if stage is not None:
        expected["moderation_details"] = {"moderation_stage": stage}
    assert expected == error_of(result)
    assert result.failure is not None
    assert (kind, words, 400, stage, False) == (
        result.failure.kind,
        result.failure.message,
        result.failure.status,
        result.failure.stage,
        result.failure.retryable,
    )


class TestFromGemini:
    @pytest.mark.parametrize("finish", BLOCKING)
    def test_a_blocked_picture(self, finish: str) -> None:
        body = gemini(finish, finishMessage="Not this one.")

        check(to_images(body, "gemini"), "content_blocked", "Not this one.", "output")

    @pytest.mark.parametrize("finish", WITHOUT)
    def test_no_picture(self, finish: str) -> None:
        body = gemini(finish, {"text": "I would rather "}, {"text": "talk."})

        check(to_images(body, "gemini"), "no_image", "I would rather talk.", None)

    @pytest.mark.parametrize("finish", [None, "FINISH_REASON_UNSPECIFIED"])
    def test_an_unspecified_end_is_no_picture(self, finish: str | None) -> None:
        check(to_images(gemini(finish, {"text": "no"}), "gemini"), "no_image", "no", None)

    @pytest.mark.parametrize("reason", BLOCK_REASONS)
    def test_a_blocked_prompt(self, reason: str) -> None:
        feedback = {"blockReason": reason, "blockReasonMessage": "Not this."}

        check(
            to_images({"promptFeedback": feedback}, "gemini"),
            "content_blocked",
            "Not this.",
            "input",
        )

    @pytest.mark.parametrize(
        "body",
        [
            {"promptFeedback": {"blockReason": "SAFETY"}},
            gemini("IMAGE_SAFETY"),
            gemini("NO_IMAGE"),
            {"candidates": [{"finishReason": "IMAGE_SAFETY"}]},
        ],
        ids=["prompt", "picture", "none", "no-content"],
    )
    def test_where_the_model_has_no_words_there_is_a_sentence(self, body: Json) -> None:
        message = error_of(to_images(body, "gemini"))["message"]

        assert message.endswith(".")

    def test_words_of_a_thought_are_not_the_models_answer(self) -> None:
        body = gemini("NO_IMAGE", {"text": "hmm", "thought": True}, {"text": "Sorry."})

        assert "Sorry." == error_of(to_images(body, "gemini"))["message"]

    def test_the_usage_of_a_refusal_is_a_loss_of_metadata(self) -> None:
        counts = {"promptTokenCount": 5, "totalTokenCount": 5}
        result = to_images({**gemini("IMAGE_SAFETY"), "usageMetadata": counts}, "gemini")

        assert [("DROPPED", "metadata", "$.usageMetadata")] == [
            (loss.kind.name, loss.level.value, loss.path) for loss in result.losses
        ]

    def test_what_a_refusal_cannot_hold_is_reported(self) -> None:
        """The model's words are its message; calls, thoughts and other answers' words are lost."""
        call = {"functionCall": {"name": "draw"}}
        thought = {"text": "hmm", "thought": True}
        first = gemini("NO_IMAGE", call, thought, {"text": "Sorry."})["candidates"]
        second = gemini("NO_IMAGE", {"text": "Sorry."}, {"text": "Ask again."})["candidates"]
        result = to_images({"candidates": first + second}, "gemini")

        assert [
            ("content", "$.candidates[0].content.parts[0]"),
            ("metadata", "$.candidates[0].content.parts[1]"),
            ("content", "$.candidates[1].content.parts[1]"),
        ] == [(loss.level.value, loss.path) for loss in result.losses]

    @pytest.mark.parametrize("body", [{}, {"candidates": []}, {"candidates": None}])
    def test_nothing_at_all_is_malformed(self, body: Json) -> None:
        with pytest.raises(imagewire.MalformedError) as caught:
            imagewire.translate_response(body, source="gemini", target="images")

        assert 502 == caught.value.status

    def test_a_blocked_candidate_beside_a_picture_is_reported(self) -> None:
        fine = gemini("STOP", inline(PNG))["candidates"]
        blocked = gemini("IMAGE_SAFETY", finishMessage="No.")["candidates"]
        result = imagewire.translate_response(
            {"candidates": fine + blocked}, source="gemini", target="images", created=1
        )

        assert [{"b64_json": PNG}] == json.loads(bytes(result.body))["data"]
        assert None is result.failure
        assert "$.candidates[1]" in [loss.path for loss in result.losses]


class TestFromChat:
    @pytest.mark.parametrize(
        ("body", "kind", "words", "stage"),
        [
            (chat("content_filter", refusal="No."), "content_blocked", "No.", "output"),
            (chat("content_filter", "No."), "content_blocked", "No.", "output"),
            (chat("stop", "Just words."), "no_image", "Just words.", None),
            (chat("length", "Cut"), "no_image", "Cut", None),
        ],
        ids=["refusal", "text", "stop", "length"],
    )
    def test_a_choice_without_a_picture(
        self, body: Json, kind: str, words: str, stage: str | None
    ) -> None:
        check(to_images(body, "chat"), kind, words, stage)

    @pytest.mark.parametrize("stage", ["input", "output"])
    def test_the_stage_is_told(self, stage: str) -> None:
        body = chat("content_filter", refusal="No.")
        body["choices"][0]["moderation_details"] = {"moderation_stage": stage}

        check(to_images(body, "chat"), "content_blocked", "No.", stage)

    @pytest.mark.parametrize("finish", BLOCKING)
    def test_a_native_reason_decides(self, finish: str) -> None:
        body = chat("content_filter", refusal="No.")
        body["choices"][0]["native_finish_reason"] = finish

        assert "moderation_blocked" == error_of(to_images(body, "chat"))["code"]

    def test_a_native_no_image_is_no_image(self) -> None:
        body = chat("stop", "Words.")
        body["choices"][0]["native_finish_reason"] = "NO_IMAGE"

        check(to_images(body, "chat"), "no_image", "Words.", None)


def openai_error(code: str, stage: str | None = None) -> Json:
    error: Json = {
        "message": "Not this.",
        "type": "image_generation_user_error",
        "param": None,
        "code": code,
    }
    if stage is not None:
        error["moderation_details"] = {"moderation_stage": stage}
    return {"error": error}


class TestBack:
    """An Images error goes to Gemini as the 200 that it would have sent."""

    @pytest.mark.parametrize("stage", ["input", None])
    def test_a_blocked_prompt(self, stage: str | None) -> None:
        result = imagewire.translate_response(
            openai_error("moderation_blocked", stage), source="images", target="gemini", status=400
        )
        body = json.loads(bytes(result.body))

        assert (200, "SAFETY") == (result.status, body["promptFeedback"]["blockReason"])
        assert "Not this." == body["promptFeedback"]["blockReasonMessage"]
        assert result.failure is not None
        assert FailureKind.CONTENT_BLOCKED == result.failure.kind

    def test_a_blocked_picture(self) -> None:
        result = imagewire.translate_response(
            openai_error("moderation_blocked", "output"),
            source="images",
            target="gemini",
            status=400,
        )
        (candidate,) = json.loads(bytes(result.body))["candidates"]

        assert (200, "IMAGE_SAFETY", "Not this.") == (
            result.status,
            candidate["finishReason"],
            candidate["finishMessage"],
        )

    def test_no_picture(self) -> None:
        result = imagewire.translate_response(
            openai_error("no_image_generated"), source="images", target="gemini", status=400
        )
        (candidate,) = json.loads(bytes(result.body))["candidates"]

        assert (200, "NO_IMAGE") == (result.status, candidate["finishReason"])
        assert [{"text": "Not this."}] == candidate["content"]["parts"]

    @pytest.mark.parametrize("code", ["moderation_blocked", "no_image_generated"])
    @pytest.mark.parametrize("target", ["chat", "images"])
    def test_the_other_openai_face_keeps_the_error(self, target: str, code: str) -> None:
        body = openai_error(code, "input" if code == "moderation_blocked" else None)
        result = imagewire.translate_response(body, source="images", target=target, status=400)

        assert (400, body) == (result.status, json.loads(bytes(result.body)))

    @pytest.mark.parametrize("status", [200, 400])
    def test_there_and_back_again(self, status: int) -> None:
        body = openai_error("moderation_blocked", "output")
        there = imagewire.translate_response(body, source="images", target="gemini", status=status)
        back = imagewire.translate_response(
            bytes(there.body), source="gemini", target="images", status=there.status
        )

        assert body == json.loads(bytes(back.body))


class TestSeveralCalls:
    """``n`` towards Gemini is n calls, whose replies become one list."""

    def test_pictures_come_in_call_order(self) -> None:
        replies = [Reply(gemini("STOP", inline(data))) for data in (PNG, GIF, PNG)]
        result = imagewire.translate_responses(replies, source="gemini", target="images", created=1)
        body = json.loads(bytes(result.body))

        assert [PNG, GIF, PNG] == [item["b64_json"] for item in body["data"]]
        assert ("output_format" in body, ()) == (False, result.losses)

    def test_failed_and_refused_calls_are_reported(self) -> None:
        too_many = {"error": {"code": 429, "message": "slow", "status": "RESOURCE_EXHAUSTED"}}
        replies = [
            Reply(too_many, 429),
            Reply(gemini("IMAGE_SAFETY", finishMessage="No.")),
            Reply(gemini("STOP", inline(PNG))),
            Reply(b"<html>", 200),
        ]
        result = imagewire.translate_responses(replies, source="gemini", target="images", created=1)

        assert (200, None) == (result.status, result.failure)
        assert [{"b64_json": PNG}] == json.loads(bytes(result.body))["data"]
        assert ["$[0]", "$[1]", "$[3]"] == [loss.path for loss in result.losses]

    def test_all_refused_is_one_error(self) -> None:
        replies = [Reply(gemini("IMAGE_SAFETY", finishMessage=words)) for words in ("A.", "B.")]
        result = imagewire.translate_responses(replies, source="gemini", target="images")

        check(result, "content_blocked", "A.", "output")

    def test_all_failed_is_the_one_to_retry(self) -> None:
        replies = [
            Reply({"error": {"code": 400, "message": "bad", "status": "INVALID_ARGUMENT"}}, 400),
            Reply({"error": {"code": 503, "message": "busy", "status": "UNAVAILABLE"}}, 503),
        ]
        result = imagewire.translate_responses(replies, source="gemini", target="images")

        assert (503, "busy") == (result.status, error_of(result)["message"])

    def test_drafts_of_a_call_are_its_own(self) -> None:
        replies = [
            Reply(gemini("STOP", inline(PNG, thought=True), inline(GIF))),
            Reply(gemini("STOP", inline(PNG, thought=True))),
        ]
        result = imagewire.translate_responses(replies, source="gemini", target="images", created=1)
        data = json.loads(bytes(result.body))["data"]

        assert [GIF, PNG] == [item["b64_json"] for item in data]
        assert {("DROPPED", "$[0].candidates[0].content.parts[0]")} < {
            (loss.kind.name, loss.path) for loss in result.losses
        }

    def test_signatures_stay_with_their_pictures(self) -> None:
        mark = base64.b64encode(b"sign").decode()
        replies = [
            Reply(gemini("STOP", inline(PNG))),
            Reply(gemini("STOP", inline(GIF, thoughtSignature=mark))),
        ]
        result = imagewire.translate_responses(replies, source="gemini", target="images", created=1)
        data = json.loads(bytes(result.body))["data"]

        assert [None, {"google": {"thought_signature": mark}}] == [
            item.get("extra_content") for item in data
        ]
