"""Thoughts among a client's words: no part of a prompt, whatever moderation has looked at."""

from __future__ import annotations

from typing import Any

import pytest

import imagewire
from bodies import document
from hub import MODEL, PNG, PNG_URI
from imagewire import LossCode, LossKind, LossLevel

MARK = {"extra_content": {"google": {"thought": True}}}
HIDDEN = "something that no moderation saw"
THOUGHT = {"type": "text", "text": HIDDEN, **MARK}
FOX = {"type": "text", "text": "a fox"}
DRAFT = {"type": "image_url", "image_url": {"url": PNG_URI}, **MARK}
TARGETS = pytest.mark.parametrize("target", ["chat", "gemini", "images"])


def chat(*messages: dict[str, Any]) -> dict[str, Any]:
    return {"model": MODEL, "messages": list(messages)}


def user(*parts: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"role": "user", "content": list(parts), **fields}


def gemini(*parts: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"contents": [{"role": "user", "parts": list(parts)}], **fields}


def translated(body: Any, source: str, target: str, **options: Any) -> imagewire.TranslatedRequest:
    return imagewire.translate_request(
        body,
        source=imagewire.Endpoint(source, "generate", None if source == "chat" else MODEL),
        target=target,
        model="gpt-image-2" if target == "images" else MODEL,
        options=imagewire.Options(**options),
    )


def dropped(result: imagewire.TranslatedRequest) -> list[str]:
    assert all(
        (LossKind.DROPPED, LossLevel.CONTENT) == (loss.kind, loss.level)
        for loss in result.losses
        if loss.code is LossCode.THOUGHT_IN_PROMPT
    )
    return [loss.path for loss in result.losses if loss.code is LossCode.THOUGHT_IN_PROMPT]


class TestReasoning:
    @TARGETS
    @pytest.mark.parametrize("role", ["user", "system", "developer"])
    def test_only_the_models_messages_have_any(self, role: str, target: str) -> None:
        body = chat(
            {"role": role, "content": "draw a cat", "reasoning": HIDDEN},
            {"role": "user", "content": "now"},
        )
        result = translated(body, "chat", target, history="all")
        paths = [loss.path for loss in result.losses]

        if target == "chat":
            assert HIDDEN == document(result)["messages"][0]["reasoning"]
            assert [] == paths
        else:
            assert HIDDEN not in bytes(result.body).decode()
            assert "$.messages[0].reasoning" in paths or "$.messages[0]" in paths

    @pytest.mark.parametrize("target", ["gemini", "images"])
    def test_the_prompts_own_is_reported(self, target: str) -> None:
        result = translated(
            chat({"role": "user", "content": "a cat", "reasoning": HIDDEN}), "chat", target
        )

        assert HIDDEN not in bytes(result.body).decode()
        assert ["$.messages[0].reasoning"] == [loss.path for loss in result.losses]

    def test_it_is_dropped_like_any_field_that_is_not_known(self) -> None:
        body = chat({"role": "user", "content": "a cat", "reasoning": HIDDEN})
        result = translated(body, "chat", "chat", unknown_fields="drop")

        assert [{"role": "user", "content": "a cat"}] == document(result)["messages"]
        assert ["$.messages[0].reasoning"] == [loss.path for loss in result.losses]

    def test_the_models_goes_to_gemini_as_a_thought(self) -> None:
        body = chat({"role": "assistant", "content": "ok", "reasoning": "hm"}, user(FOX))
        result = translated(body, "chat", "gemini", history="all")

        assert {"text": "hm", "thought": True} == document(result)["contents"][0]["parts"][0]
        assert () == result.losses


class TestMarkedParts:
    @pytest.mark.parametrize("part", [THOUGHT, DRAFT], ids=["words", "draft"])
    @pytest.mark.parametrize("target", ["gemini", "images"])
    def test_of_chat_go_nowhere_else(self, part: dict[str, Any], target: str) -> None:
        result = translated(chat(user(part, FOX)), "chat", target)

        assert HIDDEN not in bytes(result.body).decode()
        assert PNG not in bytes(result.body).decode()
        assert ["$.messages[0].content[0]"] == dropped(result)

    @pytest.mark.parametrize("target", ["chat", "images"])
    def test_of_gemini_go_nowhere_else(self, target: str) -> None:
        body = gemini({"text": "a fox"}, {"text": HIDDEN, "thought": True})
        result = translated(body, "gemini", target)

        assert HIDDEN not in bytes(result.body).decode()
        assert ["$.contents[0].parts[1]"] == dropped(result)

    @pytest.mark.parametrize("target", ["chat", "gemini"])
    def test_of_a_system_message_go_nowhere_else(self, target: str) -> None:
        source = "gemini" if target == "chat" else "chat"
        bodies = {
            "gemini": gemini(
                {"text": "a fox"},
                systemInstruction={"parts": [{"text": HIDDEN, "thought": True}, {"text": "Hi."}]},
            ),
            "chat": chat({"role": "system", "content": [THOUGHT, FOX]}, user(FOX)),
        }
        result = translated(bodies[source], source, target)

        assert HIDDEN not in bytes(result.body).decode()
        assert 1 == len(dropped(result))

    @pytest.mark.parametrize("source", ["chat", "gemini"])
    def test_go_back_into_their_own_format(self, source: str) -> None:
        """They are what the client wrote, in the words that this API has for it."""
        bodies = {
            "gemini": gemini({"text": "a fox"}, {"text": HIDDEN, "thought": True}),
            "chat": chat(
                {"role": "system", "content": [{**THOUGHT, "x": 1}]}, user(FOX, {**THOUGHT, "x": 1})
            ),
        }
        result = translated(bodies[source], source, source)
        written = document(result)

        key = "contents" if source == "gemini" else "messages"
        assert bodies[source][key] == written[key]
        assert () == result.losses

    @TARGETS
    @pytest.mark.parametrize("source", ["chat", "gemini"])
    def test_a_prompt_of_nothing_else_is_none(self, source: str, target: str) -> None:
        if source == target:
            return
        body = (
            gemini({"text": HIDDEN, "thought": True}) if source == "gemini" else chat(user(THOUGHT))
        )
        with pytest.raises(imagewire.InexpressibleError, match="neither text nor image") as caught:
            translated(body, source, target)

        assert ("$.contents[0]" if source == "gemini" else "$.messages[0]") == caught.value.path

    @pytest.mark.parametrize("source", ["chat", "gemini"])
    def test_an_earlier_turn_of_nothing_else_is_left_out(self, source: str) -> None:
        if source == "chat":
            body = chat(user(THOUGHT), user(FOX))
        else:
            body = gemini({"text": "a fox"})
            body["contents"].insert(0, gemini({"text": HIDDEN, "thought": True})["contents"][0])
        target = "gemini" if source == "chat" else "chat"
        result = translated(body, source, target, history="all")
        turns = document(result)["contents" if target == "gemini" else "messages"]

        assert 1 == len(turns)
        assert 1 == len(dropped(result))

    def test_the_picture_before_a_prompt_whose_own_is_a_draft_is_edited(self) -> None:
        picture = {"inlineData": {"mimeType": "image/png", "data": PNG}}
        body = gemini({**picture, "thought": True}, {"text": "make it night"})
        body["contents"].insert(0, {"role": "model", "parts": [picture]})
        result = translated(body, "gemini", "images", edit_body="json")

        assert 1 == len(document(result)["images"])
        assert LossCode.PREVIOUS_IMAGE in [loss.code for loss in result.losses]
