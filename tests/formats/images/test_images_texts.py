"""Words beside the pictures of an Images reply: ``revised_prompt``, or dropped."""

from __future__ import annotations

import json
from typing import ClassVar

import pytest

import imagewire
from cases import case
from hub import GIF, PICTURE, PNG, SIGNATURE
from images_bodies import GIF_PART, Json, facts, response
from images_bodies import (
    write_reply as write,
)
from imagewire import images
from imagewire.loss import LossLevel
from imagewire.model import (
    Part,
)


class TestRevisedPrompt:
    DATA: ClassVar[Json] = {"b64_json": PNG, "revised_prompt": "a red fox"}
    WORDS = imagewire.Options(images_text="revised_prompt")

    def test_it_is_kept_for_its_own_format(self) -> None:
        same = imagewire.translate_response(
            {"created": 1, "data": [self.DATA]}, source="images", target="images"
        )

        assert [self.DATA] == json.loads(bytes(same.body))["data"]
        assert () == same.losses

    def test_another_format_reports_it(self) -> None:
        chat = imagewire.translate_response(
            {"created": 1, "data": [self.DATA]},
            source="images",
            target="chat",
            context=imagewire.ReplyContext(model="m"),
        )

        assert [("DROPPED", "$.data[0].revised_prompt")] == facts(chat.losses)

    def test_it_is_text_where_text_goes_there(self) -> None:
        body = {"created": 1, "data": [self.DATA, {"b64_json": GIF}]}
        value = images.read_response(body, options=self.WORDS).value
        parts = (PICTURE, Part(text="a red fox"), GIF_PART)

        assert parts == value.candidates[0].parts

    def test_it_comes_back(self) -> None:
        body = {"created": 1, "data": [self.DATA], "output_format": "png"}
        result = imagewire.translate_response(
            body, source="images", target="images", options=self.WORDS
        )

        assert body == json.loads(bytes(result.body))
        assert () == result.losses


HELLO = Part(text="Here it is.")
MORE = Part(text="And more.")
BETWEEN = ("APPROXIMATED", "$.candidates[0]")


class TestText:
    @pytest.mark.parametrize(
        ("parts", "words", "losses"),
        [
            case("none", [PICTURE], None, []),
            case("before", [HELLO, PICTURE], "Here it is.", []),
            case("after", [PICTURE, HELLO], "Here it is.", []),
            case("between", [PICTURE, HELLO, PICTURE], "Here it is.", [BETWEEN]),
            case(
                "two",
                [HELLO, PICTURE, MORE],
                "Here it is.\nAnd more.",
                [("APPROXIMATED", "$.candidates")],
            ),
            case(
                "signed",
                [Part(text="Here it is.", signature=SIGNATURE), PICTURE],
                "Here it is.",
                [("DROPPED", "$.candidates[0].parts[0]")],
            ),
        ],
    )
    def test_it_may_become_the_revised_prompt(
        self, parts: list[Part], words: str | None, losses: list[tuple[str, str]]
    ) -> None:
        body, found = write(response(*parts), images_text="revised_prompt")

        assert (words, losses) == (body["data"][0].get("revised_prompt"), found)

    def test_else_each_is_dropped(self) -> None:
        outcome = images.write_response(response(HELLO, PICTURE, MORE))

        assert [
            ("DROPPED", LossLevel.CONTENT, "$.candidates[0].parts[0]"),
            ("DROPPED", LossLevel.CONTENT, "$.candidates[0].parts[2]"),
        ] == [(x.kind, x.level, x.path) for x in outcome.losses]
