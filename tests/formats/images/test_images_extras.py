"""Fields of an Images request that nobody knows: kept in their place, or reported."""

from __future__ import annotations

import json
from typing import Any, ClassVar

import pytest

import imagewire
from chat_bodies import ALL
from hub import HELLO, PNG, PNG_URI
from images_bodies import MODEL, Json, body_of, facts, hub_of, translate
from images_bodies import (
    write_request as write,
)
from imagewire.loss import LossLevel
from imagewire.model import (
    Extra,
    Turn,
)


class TestExtras:
    """Unknown fields go back to where they stood; another format reports them."""

    DEEP: ClassVar[Json] = {
        "model": MODEL,
        "prompt": "a fox",
        "style": "vivid",
        "svg": {"model": "m"},
        "images": [{"image_url": PNG_URI, "note": 1}],
    }

    def test_images_keeps_them_in_json(self) -> None:
        assert (self.DEEP, []) == translate(self.DEEP, "images", edit_body="json")

    def test_one_of_an_image_never_becomes_one_of_the_request(self) -> None:
        """An image's `prompt` would be another prompt than the caller's."""
        body = {**self.DEEP, "images": [{"image_url": PNG_URI, "prompt": "a cat", "n": 9}]}

        assert (body, []) == translate(body, "images", edit_body="json")

    def test_a_form_keeps_the_top_ones_and_reports_the_others(self) -> None:
        result = imagewire.translate_request(self.DEEP, source="images", target="images")

        assert b'name="style"\r\n\r\nvivid\r\n' in bytes(result.body)
        assert b'name="svg[model]"\r\n\r\nm\r\n' in bytes(result.body)
        found = facts(result.losses)
        assert [("DROPPED", "$.images[0].note"), ("APPROXIMATED", "$.svg")] == found

    def test_one_of_a_mask_makes_no_second_mask_in_a_form(self) -> None:
        body = {**self.DEEP, "mask": {"image_url": PNG_URI, "note": 1}}
        result = imagewire.translate_request(body, source="images", target="images")

        assert 1 == bytes(result.body).count(b'name="mask"')
        assert ("DROPPED", "$.mask.note") in facts(result.losses)

    def test_another_format_reports_each(self) -> None:
        result = imagewire.translate_request(
            self.DEEP, source="images", target="chat", model="gpt-image-2"
        )

        assert ["$.images[0].note", "$.style", "$.svg"] == sorted(x.path for x in result.losses)
        assert {LossLevel.SETTING} == {x.level for x in result.losses}

    @pytest.mark.parametrize("value", [None, False, "", [], {}])
    def test_one_that_says_nothing_vanishes(self, value: Any) -> None:
        result = imagewire.translate_request(
            body_of(style=value), source="images", target="chat", model="gpt-image-2"
        )

        assert () == result.losses

    def test_those_of_a_turn_and_of_other_formats_are_reported(self) -> None:
        extras = (Extra(format="gemini", path=("labels",), value=1),)
        turns = (Turn(role="user", parts=(HELLO,), extras=extras),)

        assert [("DROPPED", "$.turns[0].extras.labels"), ("DROPPED", "$.extras.labels")] == write(
            hub_of(turns=turns, extras=extras)
        )[1]

    def test_those_of_a_system_message_are_reported_beside_it(self) -> None:
        system = {"role": "system", "content": "Be terse.", "name": "house"}
        body = {"messages": [system, {"role": "user", "content": "a fox"}]}
        result = imagewire.translate_request(
            body, source="chat", target="images", model=MODEL, options=ALL
        )

        assert ["$.messages[0].content", "$.messages[0].name"] == sorted(
            loss.path for loss in result.losses
        )


class TestTwoOfOne:
    """An image that is given twice, in two ways, is refused or reported: never lost in silence."""

    @pytest.mark.parametrize(
        "reference",
        [
            pytest.param({"image_url": PNG_URI, "file_id": "f"}, id="image"),
            pytest.param({"image_url": "https://example.com/a.png", "file_id": "f"}, id="url"),
        ],
    )
    def test_a_reference_with_an_image_and_a_file_id(self, reference: Json) -> None:
        body = {"model": MODEL, "prompt": "a fox", "images": [reference]}
        try:
            losses = translate(body, "images", edit_body="json")[1]
        except imagewire.MalformedError as error:
            losses = [("RAISED", error.path)]

        assert [] != losses

    def test_an_entry_with_bytes_and_a_url(self) -> None:
        body = {"created": 1, "data": [{"b64_json": PNG, "url": "https://example.com/a.png"}]}
        result = imagewire.translate_response(body, source="images", target="images")

        assert () == result.losses
        assert "https://example.com/a.png" == json.loads(bytes(result.body))["data"][0]["url"]
