"""Which pictures a chat reply shows, and where: drafts, and the places of images."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import structs

from chat_bodies import IMAGE, URI, Json, write_reply
from hub import CALL, HELLO, PICTURE, PNG, SIGNATURE, response
from imagewire.model import Foreign, Image, Part
from imagewire.options import Options

SIGNED = {"extra_content": {"google": {"thought_signature": SIGNATURE}}}
DRAFT = structs.replace(PICTURE, thought=True)
THOUGHT = Part(text="hm", thought=True)
SIGNED_TEXT = structs.replace(HELLO, signature=SIGNATURE)
SIGNED_IMAGE = structs.replace(PICTURE, signature=SIGNATURE)
FOREIGN = Part(foreign=Foreign(format="gemini", kind="functionCall", value=CALL))
KEEP = Options(keep_drafts=True)
ASIDE = Options(chat_images="message")
MARKDOWN = Options(chat_images="markdown")
SHOWN = f"![image]({URI})"


def message_of(*parts: Part, options: Options = Options()) -> tuple[Json, list[Any]]:
    """What a message says beside its role and refusal, and the losses."""
    body, losses = write_reply(response(*parts), options)
    (choice,) = body["choices"]
    fields = {key: value for key, value in choice["message"].items() if key != "role"}
    assert fields.pop("refusal") is None
    return fields, losses


class TestDrafts:
    @pytest.mark.parametrize(
        ("parts", "content", "losses"),
        [
            ((DRAFT, PICTURE), [IMAGE], [("DROPPED", "CONTENT", "$.candidates[0].parts[0]")]),
            ((THOUGHT, PICTURE), [IMAGE], [("DROPPED", "METADATA", "$.candidates[0].parts[0]")]),
            ((DRAFT,), [IMAGE], [("APPROXIMATED", "CONTENT", "$.candidates[0].parts[0]")]),
        ],
        ids=["draft", "thought", "drafts-only"],
    )
    def test_drafts_and_thoughts_are_left_out(
        self, parts: tuple[Part, ...], content: list[Json], losses: list[Any]
    ) -> None:
        """If only drafts came, the last one is the image."""
        assert ({"content": content}, losses) == message_of(*parts)

    @pytest.mark.parametrize(
        ("parts", "message", "losses"),
        [
            (
                (DRAFT, PICTURE),
                {"content": [{**IMAGE, "extra_content": {"google": {"thought": True}}}, IMAGE]},
                [],
            ),
            ((THOUGHT, PICTURE), {"reasoning": "hm", "content": [IMAGE]}, []),
            (
                (PICTURE, THOUGHT),
                {"reasoning": "hm", "content": [IMAGE]},
                [("APPROXIMATED", "METADATA", "$.candidates[0]")],
            ),
            (
                (structs.replace(THOUGHT, signature=SIGNATURE), PICTURE),
                {"reasoning": "hm", "content": [IMAGE]},
                [("DROPPED", "CONTENT", "$.candidates[0].parts[0]")],
            ),
        ],
        ids=["draft", "thought", "thought-afterwards", "signed-thought"],
    )
    def test_they_are_kept_if_asked_for(
        self, parts: tuple[Part, ...], message: Json, losses: list[Any]
    ) -> None:
        assert (message, losses) == message_of(*parts, options=KEEP)

    def test_without_extensions_a_draft_would_look_like_the_picture(self) -> None:
        options = Options(keep_drafts=True, chat_extensions=False)

        assert {"content": [IMAGE]} == message_of(DRAFT, PICTURE, options=options)[0]


class TestPlacesOfImages:
    @pytest.mark.parametrize(
        ("parts", "options", "message", "losses"),
        [
            ((PICTURE,), ASIDE, {"content": None, "images": [{**IMAGE, "index": 0}]}, []),
            (
                (HELLO, PICTURE, SIGNED_IMAGE),
                ASIDE,
                {
                    "content": "a fox",
                    "images": [{**IMAGE, "index": 0}, {**IMAGE, "index": 1, **SIGNED}],
                },
                [],
            ),
            ((HELLO,), ASIDE, {"content": "a fox"}, []),
            (
                (HELLO, PICTURE, HELLO),
                ASIDE,
                {"content": "a foxa fox", "images": [{**IMAGE, "index": 0}]},
                [("APPROXIMATED", "CONTENT", "$.candidates[0]")] * 2,
            ),
            (
                (SIGNED_TEXT, PICTURE),
                ASIDE,
                {"content": "a fox", "images": [{**IMAGE, "index": 0}]},
                [("DROPPED", "CONTENT", "$.candidates[0].parts[0]")],
            ),
            (
                (FOREIGN, PICTURE),
                ASIDE,
                {"content": None, "images": [{**IMAGE, "index": 0}]},
                [("DROPPED", "CONTENT", "$.candidates[0].parts[0]")],
            ),
            ((HELLO, PICTURE), MARKDOWN, {"content": f"a fox\n\n{SHOWN}"}, []),
            ((PICTURE, PICTURE), MARKDOWN, {"content": f"{SHOWN}\n\n{SHOWN}"}, []),
            ((HELLO,), MARKDOWN, {"content": "a fox"}, []),
            (
                (SIGNED_IMAGE,),
                MARKDOWN,
                {"content": SHOWN},
                [("DROPPED", "CONTENT", "$.candidates[0].parts[0]")],
            ),
            (
                (FOREIGN, PICTURE),
                MARKDOWN,
                {"content": SHOWN},
                [("DROPPED", "CONTENT", "$.candidates[0].parts[0]")],
            ),
            (
                (Part(image=Image(data=PNG, media_type="image/png", detail="low")),),
                MARKDOWN,
                {"content": SHOWN},
                [("DROPPED", "SETTING", "$.candidates[0].parts[0]")],
            ),
            (
                (HELLO, HELLO),
                Options(),
                {"content": "a foxa fox"},
                [("APPROXIMATED", "CONTENT", "$.candidates[0]")],
            ),
            (
                (PICTURE, FOREIGN),
                Options(),
                {"content": [IMAGE]},
                [("DROPPED", "CONTENT", "$.candidates[0].parts[1]")],
            ),
            (
                (SIGNED_IMAGE,),
                Options(chat_extensions=False),
                {"content": [IMAGE]},
                [("DROPPED", "CONTENT", "$.candidates[0].parts[0]")],
            ),
        ],
        ids=[
            *("message-image", "message-order", "message-text", "message-text-after"),
            *("message-signed-text", "message-foreign", "markdown-text", "markdown-two"),
            *("markdown-text-only", "markdown-signed", "markdown-foreign", "markdown-detail"),
            *("two-texts", "foreign", "signed-without-extensions"),
        ],
    )
    def test_images_stand_where_the_client_looks_for_them(
        self, parts: tuple[Part, ...], options: Options, message: Json, losses: list[Any]
    ) -> None:
        assert (message, losses) == message_of(*parts, options=options)
