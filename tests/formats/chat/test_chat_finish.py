"""How a chat reply ended: finish reasons, refused prompts and refused pictures."""

from __future__ import annotations

import pytest

from chat_bodies import (
    IMAGE,
    IMAGE_BLOCKED,
    Json,
    candidate_of,
    choice_of,
    read_reply,
    refused,
    reply_of,
    translate_reply,
    write_reply,
)
from hub import BLOCKING, HELLO, MODEL, PICTURE, response
from imagewire.model import Block
from imagewire.options import Options

PROMPT_BLOCKED = "The prompt was blocked by the provider's safety system."

IMAGELESS = ["NO_IMAGE", "IMAGE_OTHER", "LANGUAGE", "OTHER", "ESCALATION", "NAME_OF_THE_FUTURE"]
#: The rules' table: a finish reason, chat's with an image, chat's without.
FINISH = [
    ("STOP", "stop", "stop"),
    ("MAX_TOKENS", "length", "length"),
    *((name, "content_filter", "content_filter") for name in BLOCKING),
    *((name, "stop", "content_filter") for name in IMAGELESS),
]


class TestFinish:
    @pytest.mark.parametrize(("name", "with_image", "without"), FINISH)
    def test_geminis_names_become_chats(self, name: str, with_image: str, without: str) -> None:
        """The rules' table; the native name is written where it would not be restored."""
        for part, expected in ((PICTURE, with_image), (HELLO, without)):
            value = response(candidates=(candidate_of(part, finish=name),))
            (choice,) = write_reply(value)[0]["choices"]

            back = {"stop": "STOP", "length": "MAX_TOKENS", "content_filter": "SAFETY"}[expected]
            native = None if back == name else name
            assert (expected, native) == (
                choice["finish_reason"],
                choice.get("native_finish_reason"),
            )

    @pytest.mark.parametrize(
        ("fields", "expected"),
        [
            ({"finish_reason": "stop"}, "STOP"),
            ({"finish_reason": None}, "STOP"),
            ({"finish_reason": "length"}, "MAX_TOKENS"),
            ({"finish_reason": "content_filter"}, "SAFETY"),
            ({"finish_reason": "tool_calls"}, "OTHER"),
            ({"finish_reason": "function_call"}, "OTHER"),
            ({"finish_reason": "of_the_future"}, "OTHER"),
            ({"finish_reason": "stop", "native_finish_reason": "IMAGE_OTHER"}, "IMAGE_OTHER"),
            ({"finish_reason": "stop", "native_finish_reason": "completed"}, "STOP"),
        ],
        ids=str,
    )
    def test_chats_names_become_geminis(self, fields: Json, expected: str) -> None:
        body = reply_of(choice_of(IMAGE, **fields))

        assert expected == read_reply(body).candidates[0].finish

    @pytest.mark.parametrize("reason", ["tool_calls", "of_the_future"])
    def test_chat_gets_its_own_name_back(self, reason: str) -> None:
        body = reply_of(choice_of(IMAGE, finish_reason=reason))

        assert reason == translate_reply(body, "chat", "chat")[0]["choices"][0]["finish_reason"]

    @pytest.mark.parametrize("name", ["IMAGE_OTHER", "NAME_OF_THE_FUTURE"])
    def test_without_extensions_the_name_is_approximated(self, name: str) -> None:
        value = response(candidates=(candidate_of(PICTURE, finish=name),))
        body, losses = write_reply(value, Options(chat_extensions=False))

        assert [("APPROXIMATED", "METADATA", "$.candidates[0]")] == losses
        assert "native_finish_reason" not in body["choices"][0]

    def test_words_beside_an_image_are_reported(self) -> None:
        value = response(candidates=(candidate_of(PICTURE, finish_message="Careful."),))

        assert ("DROPPED", "CONTENT", "$.candidates[0]") in write_reply(value)[1]


class TestBlocks:
    @pytest.mark.parametrize(
        ("block", "choice"),
        [
            (Block(reason="SAFETY"), refused(PROMPT_BLOCKED, stage="input")),
            (Block(reason="SAFETY", message="No."), refused("No.", stage="input")),
            (
                Block(reason="PROHIBITED_CONTENT"),
                refused(PROMPT_BLOCKED, stage="input", native_finish_reason="PROHIBITED_CONTENT"),
            ),
            (
                Block(reason="OTHER", message="No."),
                refused("No.", stage="input", native_finish_reason="OTHER"),
            ),
        ],
        ids=["safety", "words", "native-name", "other"],
    )
    def test_a_blocked_prompt_is_a_refusing_choice(self, block: Block, choice: Json) -> None:
        value = response(candidates=(), block=block)

        assert ([choice], []) == (write_reply(value)[0]["choices"], write_reply(value)[1])
        assert (block, ()) == (
            read_reply(reply_of(choice)).block,
            read_reply(reply_of(choice)).candidates,
        )

    def test_without_extensions_a_refused_prompt_looks_like_a_refused_picture(self) -> None:
        value = response(candidates=(), block=Block(reason="SAFETY"))
        body, losses = write_reply(value, Options(chat_extensions=False))

        assert [refused(PROMPT_BLOCKED)] == body["choices"]
        assert [("DROPPED", "METADATA", "$.block")] == losses

    def test_an_answer_wins_over_a_block(self) -> None:
        body, losses = write_reply(response(PICTURE, block=Block(reason="SAFETY")))

        assert ([choice_of(IMAGE)], ["$.block"]) == (body["choices"], [path for *_, path in losses])

    def test_a_blocked_picture_keeps_its_text(self) -> None:
        value = response(candidates=(candidate_of(HELLO, finish="SAFETY"),))
        message = write_reply(value)[0]["choices"][0]["message"]

        assert ("a fox", IMAGE_BLOCKED) == (message["content"], message["refusal"])

    @pytest.mark.parametrize("stage", ["input", "output", "review"])
    def test_moderation_details_come_back_to_chat(self, stage: str) -> None:
        details = {"moderation_stage": stage, "categories": ["violence"]}
        body = reply_of(refused("No.", moderation_details=details))

        assert (body, []) == translate_reply(body, "chat", "chat")

    def test_an_answer_does_not_get_another_choices_moderation_details(self) -> None:
        details = {"moderation_stage": "input", "categories": ["violence"]}
        body = reply_of(refused("No.", moderation_details=details), choice_of(IMAGE))

        assert [choice_of(IMAGE)] == translate_reply(body, "chat", "chat")[0]["choices"]

    def test_without_extensions_a_refused_picture_has_openais_fields_only(self) -> None:
        value = response(candidates=(candidate_of(finish="SAFETY"),))

        assert [refused(IMAGE_BLOCKED)] == write_reply(value, Options(chat_extensions=False))[0][
            "choices"
        ]

    def test_gemini_says_blocked_in_its_own_way_both_ways(self) -> None:
        native = {"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}, "modelVersion": MODEL}
        chat, _ = translate_reply(native, "gemini", "chat")
        back, _ = translate_reply(chat, "chat", "gemini")

        assert "input" == chat["choices"][0]["moderation_details"]["moderation_stage"]
        assert native["promptFeedback"] == back["promptFeedback"]
