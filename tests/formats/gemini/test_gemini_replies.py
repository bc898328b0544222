"""Gemini replies as they are read, and what is written back."""

from __future__ import annotations

import json
from typing import Any

import pytest

import imagewire
from bodies import document
from hub import BLOCKING, PICTURE, PNG, SIGNATURE
from imagewire import gemini
from imagewire.loss import METADATA, LossKind
from imagewire.model import Block, Candidate, ImageResponse, Part, Usage

K = LossKind
INLINE = {"inlineData": {"mimeType": "image/png", "data": PNG}}
FOX: dict[str, Any] = {
    "candidates": [{"content": {"role": "model", "parts": [INLINE]}, "finishReason": "STOP"}]
}


def read(**fields: Any) -> ImageResponse:
    return gemini.read_response({**FOX, **fields}).value


def candidate(**fields: Any) -> Candidate:
    return read(candidates=[fields]).candidates[0]


def translated(body: Any, target: str, source: str = "gemini", **fields: Any) -> Any:
    return imagewire.translate_response(body, source=source, target=target, **fields)


def losses(reply: imagewire.TranslatedResponse) -> list[tuple[LossKind, str]]:
    return [(loss.kind, loss.path) for loss in reply.losses]


class TestEnums:
    def test_a_block_reason_is_read_in_any_case(self) -> None:
        body = {"promptFeedback": {"blockReason": "safety"}}
        block = gemini.read_response(body).value.block

        assert block is not None
        assert "SAFETY" == block.reason


class TestContent:
    @pytest.mark.parametrize(
        "content",
        [
            {},
            {"content": None},
            {"content": {}},
            {"content": {"role": "model"}},
            {"content": {"parts": None}},
            {"content": {"role": "model", "parts": []}},
            {"content": {"parts": [{}, {"text": ""}]}},
        ],
        ids=["absent", "null", "empty", "role-only", "parts-null", "no-parts", "empty-parts"],
    )
    def test_an_empty_content_has_no_parts(self, content: dict[str, Any]) -> None:
        expected = Candidate(finish="IMAGE_OTHER")

        assert expected == candidate(**content, finishReason="IMAGE_OTHER")

    def test_order_signatures_and_thoughts_are_kept(self) -> None:
        """Text before, between and after images."""
        parts = [
            {"text": "hm", "thought": True},
            {"text": "One.", "thoughtSignature": SIGNATURE},
            INLINE,
            {"text": "Two."},
            {**INLINE, "thoughtSignature": SIGNATURE},
        ]
        expected = (
            Part(text="hm", thought=True),
            Part(text="One.", signature=SIGNATURE),
            PICTURE,
            Part(text="Two."),
            Part(image=PICTURE.image, signature=SIGNATURE),
        )

        assert expected == candidate(content={"parts": parts}).parts

    def test_relays_answer_in_snake_case(self) -> None:
        snake = {
            "candidates": [
                {
                    "content": {
                        "parts": [{"inline_data": {"mime_type": "image/png", "data": PNG}}]
                    },
                    "finish_reason": "MAX_TOKENS",
                    "finish_message": "Cut.",
                }
            ],
            "usage_metadata": {"prompt_token_count": 3},
            "model_version": "m",
            "response_id": "r",
            "create_time": "2026-01-01T00:00:00Z",
        }
        value = gemini.read_response(snake).value

        assert ("MAX_TOKENS", "Cut.") == (
            value.candidates[0].finish,
            value.candidates[0].finish_message,
        )
        assert ("m", "r", 1767225600) == (value.model, value.id, value.created)
        assert Usage(prompt=3, candidates=0, total=3) == value.usage

    @pytest.mark.parametrize(
        ("fields", "path"),
        [
            ({"candidates": "none"}, "$.candidates"),
            (
                {"candidates": [{"content": {"parts": [{"inline_data": {"data": "*"}}]}}]},
                "$.candidates[0].content.parts[0].inline_data.data",
            ),
            (
                {"candidates": [{"finishMessage": "Cut.", "finish_message": "Cut."}]},
                "$.candidates[0].finish_message",
            ),
        ],
        ids=["shape", "base64", "twice"],
    )
    def test_what_is_wrong_is_the_upstream_s_fault(self, fields: Any, path: str) -> None:
        with pytest.raises(imagewire.MalformedError) as caught:
            read(**fields)

        assert (502, path) == (caught.value.status, caught.value.path)


class TestNothing:
    @pytest.mark.parametrize(
        "body",
        [
            {},
            {"candidates": None},
            {"candidates": []},
            {"promptFeedback": {"safetyRatings": None}},
            {"promptFeedback": {"safetyRatings": [{"category": "A", "probability": "LOW"}]}},
            {"promptFeedback": {"blockReason": ""}},
            {"promptFeedback": {"blockReason": "BLOCK_REASON_UNSPECIFIED"}},
            {"promptFeedback": {"blockReason": "BLOCKED_REASON_UNSPECIFIED"}, "candidates": []},
        ],
    )
    def test_no_candidates_and_no_reason_is_malformed(self, body: Any) -> None:
        with pytest.raises(imagewire.MalformedError) as caught:
            translated(body, "chat")

        assert (502, "$.candidates") == (caught.value.status, caught.value.path)


BLOCKS = (
    *("SAFETY", "OTHER", "BLOCKLIST", "PROHIBITED_CONTENT", "IMAGE_SAFETY"),
    *("MODEL_ARMOR", "JAILBREAK", "A_REASON_OF_THE_FUTURE"),
)


class TestBlockedPrompt:
    @pytest.mark.parametrize("candidates", [{}, {"candidates": None}, {"candidates": []}])
    @pytest.mark.parametrize("reason", BLOCKS)
    def test_the_reason_is_the_block(self, reason: str, candidates: dict[str, Any]) -> None:
        body = {
            **candidates,
            "promptFeedback": {"blockReason": reason, "blockReasonMessage": "No."},
        }

        assert Block(reason=reason, message="No.") == gemini.read_response(body).value.block

    @pytest.mark.parametrize("reason", BLOCKS)
    def test_gemini_gets_it_back(self, reason: str) -> None:
        body = {
            "promptFeedback": {"blockReason": reason, "safetyRatings": [{"blocked": True}]},
            "usageMetadata": {"promptTokenCount": 3, "totalTokenCount": 3},
        }
        reply = translated(body, "gemini")

        assert (200, body, ()) == (reply.status, document(reply), reply.losses)

    @pytest.mark.parametrize("reason", BLOCKS)
    def test_chat_gets_a_choice_that_says_so(self, reason: str) -> None:
        """A 200 with ``refusal``; never ``choices: []``."""
        body = {"promptFeedback": {"blockReason": reason, "blockReasonMessage": "Not this."}}
        reply = translated(body, "chat", created=1)
        choice = document(reply)["choices"][0]

        assert (200, "content_filter") == (reply.status, choice["finish_reason"])
        assert (None, "Not this.") == (choice["message"]["content"], choice["message"]["refusal"])
        assert "input" == choice["moderation_details"]["moderation_stage"]

    @pytest.mark.parametrize("reason", BLOCKS[:-1])
    def test_chat_and_back_restores_it(self, reason: str) -> None:
        body = {"promptFeedback": {"blockReason": reason, "blockReasonMessage": "Not this."}}
        there = translated(body, "chat", created=1)
        back = document(translated(bytes(there.body), "gemini", source="chat"))

        assert body["promptFeedback"] == back["promptFeedback"]

    def test_feedback_beside_an_answer_is_bookkeeping(self) -> None:
        """Gateways send it with nothing but ratings."""
        body = {**FOX, "promptFeedback": {"safetyRatings": [{"category": "A"}]}, "responseId": "r"}
        to_chat = translated(body, "chat", created=1, context=imagewire.ReplyContext(model="m"))
        to_gemini = translated(body, "gemini")

        assert ((), ()) == (to_chat.losses, to_gemini.losses)
        assert body == document(to_gemini)

    def test_a_reason_beside_an_answer_is_reported_towards_chat(self) -> None:
        body = {
            **FOX,
            "promptFeedback": {"blockReason": "OTHER"},
            "createTime": "2026-01-01T00:00Z",
        }
        reply = translated(body, "chat", context=imagewire.ReplyContext(model="m"))

        assert [(K.DROPPED, "$.promptFeedback")] == losses(reply)
        assert {"blockReason": "OTHER"} == document(translated(body, "gemini"))["promptFeedback"]


NO_IMAGE = ("NO_IMAGE", "IMAGE_OTHER", "LANGUAGE", "OTHER", "CONTINUATION", "A_NAME_OF_THE_FUTURE")
FINISHES: dict[str | None, tuple[str, str]] = {
    **dict.fromkeys(("STOP", "FINISH_REASON_UNSPECIFIED", ""), ("stop", "stop")),
    None: ("stop", "stop"),
    "MAX_TOKENS": ("length", "length"),
    **dict.fromkeys(BLOCKING, ("content_filter", "content_filter")),
    **dict.fromkeys(NO_IMAGE, ("stop", "content_filter")),
}


class TestFinish:
    @pytest.mark.parametrize(
        ("name", "parts", "expected"),
        [
            pytest.param(name, parts, reasons[column], id=f"{name}-{'text' if column else 'image'}")
            for name, reasons in FINISHES.items()
            for column, parts in enumerate(([INLINE], [{"text": "No."}]))
        ],
    )
    def test_chat_says_it_in_openai_s_words(
        self, name: str | None, parts: list[Any], expected: str
    ) -> None:
        body = {"candidates": [{"content": {"parts": parts}, "finishReason": name}]}
        choice = document(translated(body, "chat"))["choices"][0]

        assert expected == choice["finish_reason"]

    @pytest.mark.parametrize("parts", [[INLINE], [{"text": "No."}], []])
    @pytest.mark.parametrize("name", ["STOP", "MAX_TOKENS", *BLOCKING, *NO_IMAGE[:-1]])
    def test_chat_and_back_restores_it(self, name: str, parts: list[Any]) -> None:
        body = {"candidates": [{"content": {"parts": parts}, "finishReason": name}]}
        there = translated(body, "chat")
        back = document(translated(bytes(there.body), "gemini", source="chat"))

        assert name == back["candidates"][0]["finishReason"]

    @pytest.mark.parametrize("name", BLOCKING)
    def test_a_refused_picture_is_a_choice_that_says_so(self, name: str) -> None:
        body = {"candidates": [{"finishReason": name, "finishMessage": "Unable to show it."}]}
        reply = translated(body, "chat")
        choice = document(reply)["choices"][0]

        assert (200, "content_filter") == (reply.status, choice["finish_reason"])
        assert (None, "Unable to show it.") == (
            choice["message"]["content"],
            choice["message"]["refusal"],
        )
        assert "output" == choice["moderation_details"]["moderation_stage"]

    @pytest.mark.parametrize("name", ["IMAGE_SAFETY", "NO_IMAGE", "A_NAME_OF_THE_FUTURE"])
    def test_gemini_gets_it_back(self, name: str) -> None:
        body = {"candidates": [{"finishReason": name, "finishMessage": "Unable to show it."}]}
        reply = translated(body, "gemini")

        assert (body, ()) == (document(reply), reply.losses)

    def test_some_blocked_candidates_leave_the_others(self) -> None:
        """Keep the images, report the blocked ones."""
        body = {**FOX, "candidates": [{"finishReason": "IMAGE_SAFETY"}, *FOX["candidates"]]}
        choices = document(translated(body, "chat"))["choices"]

        assert ["content_filter", "stop"] == [choice["finish_reason"] for choice in choices]


class TestBookkeeping:
    @pytest.mark.parametrize(
        ("text", "created"),
        [
            ("2026-07-11T15:14:35Z", 1783782875),
            ("2026-07-11T15:14:35.409613Z", 1783782875),
            ("2026-07-11T15:14:35.409613999Z", 1783782875),
            ("2026-07-11T17:14:35+02:00", 1783782875),
            ("2026-07-11T15:14:35", 1783782875),
            (None, None),
            ("", None),
        ],
    )
    def test_the_time_keeps_whole_seconds(self, text: str | None, created: int | None) -> None:
        """Without a zone it is UTC."""
        outcome = gemini.read_response({**FOX, "createTime": text})

        assert (created, ()) == (outcome.value.created, outcome.losses)

    @pytest.mark.parametrize("text", ["yesterday", "2026-13-01T00:00:00Z", "10000-01-01T00:00:00Z"])
    def test_an_odd_time_is_no_reason_to_lose_a_picture(self, text: str) -> None:
        reply = translated({**FOX, "create_time": text, "responseId": "r"}, "gemini")

        assert ({**FOX, "responseId": "r"}, [(K.CORRECTED, "$.create_time")]) == (
            document(reply),
            losses(reply),
        )

    def test_a_time_is_written_in_utc(self) -> None:
        read = gemini.read_response({**FOX, "createTime": "2026-07-11T17:14:35.5+02:00"}).value
        written = gemini.write_response(read).value

        assert "2026-07-11T15:14:35Z" == json.loads(bytes(written.body))["createTime"]

    @pytest.mark.parametrize("created", [10**15, -(10**15)])
    def test_a_number_that_is_no_time_is_dropped(self, created: int) -> None:
        body = {"choices": [{"message": {"content": "No."}}], "created": created}
        reply = translated(body, "gemini", source="chat")

        assert "createTime" not in document(reply)
        assert [(K.DROPPED, METADATA, "$.created")] == [
            (loss.kind, loss.level, loss.path) for loss in reply.losses
        ]

    def test_nothing_is_made_up(self) -> None:
        """An id and a time only if the source had them."""
        reply = translated(FOX, "gemini", created=1, response_id="r")

        assert (FOX, ()) == (document(reply), reply.losses)

    @pytest.mark.parametrize(
        ("version", "model"),
        [
            ("gemini-3-pro-image-preview", "gemini-3-pro-image-preview"),
            ("models/gemini-3-pro-image-preview", "gemini-3-pro-image-preview"),
            ("", None),
        ],
    )
    def test_the_model_is_its_bare_id(self, version: str, model: str | None) -> None:
        assert model == read(modelVersion=version).model

    def test_an_index_of_zero_is_not_written(self) -> None:
        """As Google does; another is the candidate's place."""
        body = {"candidates": [{**FOX["candidates"][0], "index": i} for i in range(3)]}
        read = imagewire.gemini.read_response(body).value
        written = imagewire.gemini.write_response(read).value
        found = json.loads(bytes(written.body))["candidates"]

        assert [None, 1, 2] == [item.get("index") for item in found]
