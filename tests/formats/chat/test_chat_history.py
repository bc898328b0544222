"""Earlier turns of a chat request, and the parts that only chat has a use for."""

from __future__ import annotations

import json

import pytest

import imagewire
from cases import case
from chat_bodies import (
    ALL,
    CALLS,
    IMAGE,
    SYSTEM,
    TEXT,
    USER,
    Json,
    lost,
    reported,
    request_of,
    sent,
    translate_request,
    user,
)
from hub import AUDIO, CALL, HELLO, SIGNATURE, history, request
from imagewire.errors import UnsupportedError
from imagewire.loss import LossKind, LossLevel
from imagewire.model import Foreign, Part

PLAIN_OPENAI = imagewire.Options(chat_extensions=False)

FILE = {"type": "file", "file": {"file_id": "file-1"}}
ASKS = {"role": "assistant", "content": None, "tool_calls": CALLS}
RESULT = {"role": "tool", "content": "42", "tool_call_id": "c1"}


class TestForeignParts:
    @pytest.mark.parametrize("part", [case("audio", AUDIO), case("file", FILE)])
    def test_in_the_prompt_it_is_refused_elsewhere(self, part: Json) -> None:
        with pytest.raises(UnsupportedError) as caught:
            translate_request(request_of(user(TEXT, part)), "gemini")

        assert "messages[0].content[1]" == caught.value.param

    @pytest.mark.parametrize(
        ("message", "path"),
        [
            case("audio", user(TEXT, AUDIO), "content[1]"),
            case("file", user(FILE, TEXT), "content[0]"),
            case("tool-calls", {**ASKS, "content": "a fox"}, "tool_calls"),
            case(
                "refusal",
                {"role": "assistant", "content": [TEXT, {"type": "refusal", "refusal": "No."}]},
                "content[1]",
            ),
        ],
    )
    def test_in_the_history_it_is_dropped(self, message: Json, path: str) -> None:
        translated = translate_request(request_of(message, USER), "gemini", ALL)

        assert lost(LossLevel.CONTENT, f"messages[0].{path}") == reported(translated)
        assert [{"text": "a fox"}] == sent(translated)["contents"][0]["parts"]

    def test_a_tools_result_is_dropped_by_another_format(self) -> None:
        translated = translate_request(request_of(USER, RESULT, USER), "gemini", ALL)

        assert (LossKind.DROPPED, LossLevel.CONTENT, "$.messages[1]") in [
            (kind, level, path.removesuffix(".content"))
            for kind, level, path in reported(translated)
        ]
        assert "42" not in str(sent(translated))

    @pytest.mark.parametrize(("target", "model"), [("gemini", None), ("images", "gpt-image-2")])
    def test_a_dropped_result_is_named_where_it_stands(
        self, target: str, model: str | None
    ) -> None:
        """And not as all messages."""
        translated = imagewire.translate_request(
            request_of(RESULT, USER), source="chat", target=target, model=model, options=ALL
        )

        assert {"$.messages[0]"} == {loss.path for loss in translated.losses}

    def test_chat_keeps_all_of_it(self) -> None:
        body = request_of(user(AUDIO, FILE, TEXT), ASKS, RESULT, {**USER, "name": "ann"})

        assert (body, ()) == (
            sent(translate_request(body, "chat")),
            translate_request(body, "chat").losses,
        )

    def test_a_foreign_part_of_another_format_is_dropped_or_refused(self) -> None:
        part = Part(foreign=Foreign(format="gemini", kind="functionCall", value=CALL))

        wire = imagewire.chat.write_request(history(part, HELLO))

        assert ["$.turns[1].parts[0]"] == [loss.path for loss in wire.losses]
        with pytest.raises(UnsupportedError) as caught:
            imagewire.chat.write_request(request(part, HELLO))
        assert "$.turns[0].parts[0]" == caught.value.path

    def test_a_whole_message_of_another_format_is_dropped(self) -> None:
        part = Part(foreign=Foreign(format="other", kind="message", value={}))

        wire = imagewire.chat.write_request(history(part))

        assert ["$.turns[1]"] == [loss.path for loss in wire.losses]
        assert 2 == len(json.loads(bytes(wire.value.body))["messages"])


class TestHistory:
    TALK = (
        SYSTEM,
        user(IMAGE, TEXT),
        {"role": "assistant", "content": "Here it is."},
        {"role": "user", "content": "at night"},
    )

    def test_by_default_the_last_user_message_is_the_prompt(self) -> None:
        translated = translate_request(request_of(*self.TALK), "gemini")

        assert [{"role": "user", "parts": [{"text": "at night"}]}] == sent(translated)["contents"]
        assert {LossLevel.CONTENT} == {loss.level for loss in translated.losses}
        assert {"$.messages[1:3]", "$.messages[1].content[0]"} == {
            loss.path for loss in translated.losses
        }

    def test_all_of_it_travels_if_asked(self) -> None:
        translated = translate_request(request_of(*self.TALK), "gemini", ALL)

        assert [2, 1, 1] == [len(content["parts"]) for content in sent(translated)["contents"]]
        assert () == translated.losses

    def test_chat_to_chat_keeps_all_turns(self) -> None:
        translated = translate_request(request_of(*self.TALK), "chat")

        assert (list(self.TALK), ()) == (sent(translated)["messages"], translated.losses)

    def test_a_signature_travels_with_its_part(self) -> None:
        mark = {"extra_content": {"google": {"thought_signature": SIGNATURE}}}
        reply = {"role": "assistant", "content": [{**IMAGE, **mark}]}

        translated = translate_request(request_of(USER, reply, USER), "gemini", ALL)

        assert SIGNATURE == sent(translated)["contents"][1]["parts"][0]["thoughtSignature"]

    def test_a_mark_is_dropped_where_extensions_are_not_wanted(self) -> None:
        value = history(Part(text="hm", thought=True, signature=SIGNATURE))

        wire = imagewire.chat.write_request(value, options=PLAIN_OPENAI)

        assert lost(LossLevel.CONTENT, "turns[1].parts[0]") == [
            (loss.kind, loss.level, loss.path) for loss in wire.losses
        ]
        assert "extra_content" not in str(bytes(wire.value.body))
