"""Which turns are translated, and the two-turn edit with its thought signatures."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest

import imagewire
from bodies import document
from hub import GIF, MODEL, PNG, SIGNATURE
from imagewire.loss import CONTENT, LossKind

K = LossKind
INLINE = {"inlineData": {"mimeType": "image/png", "data": PNG}}
ALL = imagewire.Options(history="all")


def say(role: str, text: str, *images: str) -> dict[str, Any]:
    if not images:
        return {"role": role, "content": text}
    parts = [{"type": "image_url", "image_url": {"url": f"data:;base64,{data}"}} for data in images]
    return {"role": role, "content": [{"type": "text", "text": text}, *parts]}


def translated(
    messages: list[dict[str, Any]],
    target: str = "gemini",
    options: imagewire.Options = imagewire.Options(),
    model: str = "gemini-2.5-flash-image",
) -> imagewire.TranslatedRequest:
    body = {"model": f"google/{model}", "messages": messages}
    return imagewire.translate_request(body, source="chat", target=target, options=options)


HISTORY = [
    say("system", "Be terse."),
    say("user", "one"),
    say("assistant", "two", PNG, GIF),
    say("developer", "Be kind."),
    say("user", "three"),
    say("assistant", "four"),
    say("user", "five"),
    say("assistant", "six"),
]


class TestLastUser:
    RESULT = translated(HISTORY)

    def test_the_last_user_message_makes_the_request(self) -> None:
        assert [{"role": "user", "parts": [{"text": "five"}]}] == document(self.RESULT)["contents"]

    def test_system_messages_go_where_the_target_has_a_slot(self) -> None:
        """All of them, in order."""

        assert {"parts": [{"text": "Be terse."}, {"text": "Be kind."}]} == document(self.RESULT)[
            "systemInstruction"
        ]

    def test_each_run_of_messages_and_each_image_is_reported(self) -> None:
        """A range of turns is ``$.messages[0:3]``; the developer's message parts two runs."""

        assert {
            "$.messages[1:3]",
            "$.messages[2].content[1]",
            "$.messages[2].content[2]",
            "$.messages[4:6]",
            "$.messages[7]",
        } == {loss.path for loss in self.RESULT.losses}
        assert {(K.DROPPED, CONTENT)} == {(x.kind, x.level) for x in self.RESULT.losses}

    def test_a_loss_of_the_prompt_points_to_its_message(self) -> None:
        """Behind the turns that are dropped."""
        prompt = say("user", "five", PNG)
        prompt["content"][1]["image_url"]["detail"] = "high"
        paths = [loss.path for loss in translated([*HISTORY, prompt]).losses]

        assert "$.messages[8].content[1]" in paths[-1]

    def test_an_error_of_the_prompt_points_to_its_message(self) -> None:
        audio = {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}}
        with pytest.raises(imagewire.UnsupportedError) as caught:
            translated([*HISTORY, {"role": "user", "content": [audio]}])

        assert "$.messages[8].content[0]" == caught.value.path

    @pytest.mark.parametrize(
        ("messages", "path"),
        [
            ([say("assistant", "a"), say("assistant", "b")], "$.messages"),
            ([say("assistant", "a")], "$.messages"),
            ([say("user", "a"), {"role": "user", "content": []}], "$.messages[1]"),
            ([say("system", "a")], "$.messages"),
        ],
        ids=["no-user", "one-turn", "an-empty-prompt", "system-alone"],
    )
    @pytest.mark.parametrize("target", ["chat", "gemini"])
    def test_no_prompt_raises(self, messages: Any, path: str, target: str) -> None:
        with pytest.raises(imagewire.InexpressibleError) as caught:
            translated(messages, target)

        assert path == caught.value.path

    def test_chat_keeps_all_turns(self) -> None:
        result = translated(HISTORY, "chat")
        said = [message["role"] for message in document(result)["messages"] if message["role"]]

        assert ["user", "assistant", "user", "assistant", "user", "assistant"] == [
            role for role in said if role not in {"system", "developer"}
        ]
        assert () == result.losses


class TestAll:
    def test_the_whole_conversation_is_carried(self) -> None:
        result = translated(HISTORY, options=ALL)
        contents = document(result)["contents"]

        assert ["user", "model", "user", "model", "user", "model"] == [x["role"] for x in contents]
        assert {"text": "two"} == contents[1]["parts"][0]
        assert INLINE == contents[1]["parts"][1]
        assert () == result.losses

    def test_unsigned_images_are_reported_towards_gemini_3(self) -> None:
        result = translated(HISTORY, options=ALL, model=MODEL)

        assert [
            (K.APPROXIMATED, "$.messages[2].content[1]"),
            (K.APPROXIMATED, "$.messages[2].content[2]"),
        ] == [(loss.kind, loss.path) for loss in result.losses]

    def test_gemini_keeps_all_turns_towards_chat(self) -> None:
        contents = [
            {"role": "user", "parts": [{"text": "one"}]},
            {"role": "model", "parts": [{"text": "two"}]},
            {"role": "user", "parts": [{"text": "three"}]},
        ]
        result = imagewire.translate_request(
            {"contents": contents}, source="gemini", target="chat", model=MODEL
        )

        assert [say("user", "one"), say("assistant", "two"), say("user", "three")] == document(
            result
        )["messages"]


class TestTwoTurnEdit:
    REPLY: ClassVar[dict[str, Any]] = {
        "candidates": [
            {
                "content": {
                    "role": "model",
                    "parts": [
                        {"text": "Here it is.", "thoughtSignature": "Zmlyc3Q="},
                        {**INLINE, "thoughtSignature": SIGNATURE},
                    ],
                },
                "finishReason": "STOP",
            }
        ]
    }

    @pytest.mark.parametrize("style", ["parts", "message"])
    def test_the_signature_goes_back_on_the_same_image(self, style: Any) -> None:
        """Gemini's reply, shown as chat, comes back in the next chat request's history."""
        options = imagewire.Options(history="all", chat_images=style)
        reply = imagewire.translate_response(
            self.REPLY, source="gemini", target="chat", options=options
        )
        message = document(reply)["choices"][0]["message"]
        messages = [say("user", "a fox"), message, say("user", "make it night")]
        sent = translated(messages, options=options, model=MODEL)
        parts = document(sent)["contents"][1]["parts"]

        assert [{**INLINE, "thoughtSignature": SIGNATURE}] == [x for x in parts if "text" not in x]
        assert () == sent.losses

    def test_every_part_comes_back_as_it_was(self) -> None:
        reply = imagewire.translate_response(self.REPLY, source="gemini", target="chat")
        message = document(reply)["choices"][0]["message"]
        messages = [say("user", "a fox"), message, say("user", "make it night")]
        sent = translated(messages, options=ALL, model=MODEL)

        assert self.REPLY["candidates"][0]["content"] == document(sent)["contents"][1]


class TestTurnsOfNothing:
    def test_a_turn_whose_one_part_is_dropped_is_reported_once(self) -> None:
        tool = {"role": "tool", "tool_call_id": "1", "content": "y"}
        sent = translated([say("user", "x"), tool, say("user", "z")], options=ALL, model=MODEL)

        assert ["$.messages[1]"] == [loss.path for loss in sent.losses]
