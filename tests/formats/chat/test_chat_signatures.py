"""Thought signatures in chat messages, wherever gateways put them."""

from __future__ import annotations

import pytest
from msgspec import structs

import imagewire
from bodies import document
from cases import case
from chat_bodies import (
    SIGNED_PICTURE,
    URI,
    Json,
    assistant,
    google,
    image,
    read_message,
    said,
    text,
)
from hub import HELLO, PICTURE, SIGNATURE
from imagewire import LossCode
from imagewire.loss import LossKind, LossLevel
from imagewire.model import Part, Turn


class TestSignatures:
    @pytest.mark.parametrize(
        ("message", "turn"),
        [
            case(
                "vertex",
                assistant(image(extra_content={"vertex": {"thought_signature": SIGNATURE}})),
                said(SIGNED_PICTURE),
            ),
            case(
                "vertex-beside-an-empty-google",
                assistant(
                    image(extra_content={"google": {}, "vertex": {"thought_signature": SIGNATURE}})
                ),
                said(SIGNED_PICTURE),
            ),
            case(
                "camel",
                assistant(image(**google(thoughtSignature=SIGNATURE))),
                said(SIGNED_PICTURE),
            ),
            case("an-empty-mark", assistant(image(extra_content={})), said(PICTURE)),
            case(
                "images-entry",
                {"role": "assistant", "images": [image(**google(thought_signature=SIGNATURE))]},
                said(SIGNED_PICTURE),
            ),
            case(
                "images-entry-with-url",
                {
                    "role": "assistant",
                    "images": [{"url": URI, **google(thought_signature=SIGNATURE)}],
                },
                said(SIGNED_PICTURE),
            ),
            case(
                "message",
                {"role": "assistant", "content": "a fox", **google(thought_signature=SIGNATURE)},
                said(structs.replace(HELLO, signature=SIGNATURE)),
            ),
            case(
                "message-of-an-empty-text",
                {"role": "assistant", "content": "", **google(thought_signature=SIGNATURE)},
                said(Part(text="", signature=SIGNATURE)),
            ),
            case(
                "part-of-an-empty-text",
                assistant(text("", **google(thought_signature=SIGNATURE))),
                said(Part(text="", signature=SIGNATURE)),
            ),
            case(
                "litellm-one-a-part",
                assistant(
                    text("a fox"),
                    image(),
                    provider_specific_fields={"thought_signatures": ["AAAA", SIGNATURE]},
                ),
                said(structs.replace(HELLO, signature="AAAA"), SIGNED_PICTURE),
            ),
            case(
                "litellm-one-an-image",
                {
                    "role": "assistant",
                    "content": "a fox",
                    "images": [image()],
                    "provider_specific_fields": {"thought_signatures": [SIGNATURE]},
                },
                said(HELLO, SIGNED_PICTURE),
            ),
            case(
                "litellm-none",
                assistant(image(), provider_specific_fields={"thought_signatures": []}),
                said(PICTURE),
            ),
            case("litellm-absent", assistant(image(), provider_specific_fields={}), said(PICTURE)),
        ],
    )
    def test_a_signature_is_read_wherever_it_stands(self, message: Json, turn: Turn) -> None:
        assert (turn, ()) == read_message(message)

    def test_signatures_of_nobody_knows_whom_are_dropped(self) -> None:
        """LiteLLM's list is read if counts match."""
        fields = {"thought_signatures": [SIGNATURE] * 3}
        turn, losses = read_message(
            assistant(text("a fox"), image(), provider_specific_fields=fields)
        )

        assert said(HELLO, PICTURE) == turn
        assert [(LossKind.DROPPED, LossLevel.CONTENT)] == [
            (loss.kind, loss.level) for loss in losses
        ]
        assert "$.messages[0].provider_specific_fields.thought_signatures" == losses[0].path


class TestBesideCalls:
    def test_a_signed_text_beside_calls_of_tools_keeps_its_signature(self) -> None:
        """On a second pass too, whose message carries it."""
        mark = {"google": {"thought_signature": SIGNATURE}}
        message = {"content": "a fox", "tool_calls": [{"id": "1"}], "extra_content": mark}
        first = imagewire.translate_response(
            {"choices": [{"message": message}]}, source="chat", target="chat"
        )
        second = imagewire.translate_response(bytes(first.body), source="chat", target="chat")

        assert mark == document(first)["choices"][0]["message"]["extra_content"]
        assert bytes(first.body) == bytes(second.body)
        assert LossCode.THOUGHT_SIGNATURE not in {loss.code for loss in second.losses}
