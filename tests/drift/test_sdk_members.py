"""Drift: every name that the official SDKs list for a field is known here, with what becomes of it.

A new release of an SDK that adds a finish reason, a category or a quality turns a test red by name.
"""

from __future__ import annotations

from typing import Any

import pytest
from google.genai import types

import imagewire
from bodies import contents, document
from bodies import translated as translate_request
from cases import GEMINI_MODEL
from hub import PNG
from imagewire.formats.gemini import wire as gemini
from imagewire.formats.images import wire as images_wire
from imagewire.formats.shared import openai_image
from imagewire.rules import finish
from sdk_members import (
    FINISH,
    KEPT,
    NEUTRAL,
    OPEN,
    READ,
    REFUSED,
    Key,
    Names,
)
from sdk_places import PLACES, Place, look, translated
from sdk_types import FIELDS, Field, members

TEXT = {"text": "a fox"}
IMAGE = {"inlineData": {"mimeType": "image/png", "data": PNG}}
ENDS = [pytest.param(name, *group, id=name) for group, names in FINISH.items() for name in names]


def key(field: Field) -> Key:
    return (field.struct, field.name)


#: The fields that list more than one name.
LISTING = [
    field
    for field in FIELDS
    if field.ours is not None and len(members(field.annotation)) > 1 and key(field) not in OPEN
]
ALL = {
    key(field): {name for f in LISTING if key(f) == key(field) for name in members(f.annotation)}
    for field in LISTING
}


def cases(names: Names) -> list[tuple[Place, str]]:
    """A place and a name for each of a table's."""
    return [(place, name) for place in PLACES for name in names.get(key(place.field), ())]


def put(place: Place, name: str) -> Any:
    is_list = isinstance(look(place.filled, place.steps), list)
    return place.put([name] if is_list else name)


def reply(**candidate: Any) -> Any:
    return {"candidates": [candidate], "modelVersion": GEMINI_MODEL}


def answer(body: Any, source: str, target: str) -> imagewire.TranslatedResponse:
    return imagewire.translate_response(body, source=source, target=target, created=5)


class TestListed:
    def test_every_name_of_the_sdks_is_in_one_table(self) -> None:
        tables = (KEPT, NEUTRAL, REFUSED, {k: tuple(v) for k, v in READ.items()})
        new = {
            f"{field}: {name}"
            for field in LISTING
            for name in members(field.annotation)
            if sum(name in table.get(key(field), ()) for table in tables) != 1
        }

        assert set() == new

    @pytest.mark.parametrize("table", [KEPT, NEUTRAL, REFUSED, READ], ids=[*"krnr"])
    def test_every_name_of_a_table_is_still_the_sdk_s(self, table: Any) -> None:
        assert {} == {
            f"{struct.__name__}.{field}": gone
            for (struct, field), names in table.items()
            if (gone := set(names) - ALL.get((struct, field), set()))
        }


class TestNames:
    def test_every_name_that_is_kept_comes_back(self) -> None:
        for place, name in cases(KEPT):
            body = put(place, name)
            result = translated(place.root, body, place.root.format)
            expected, found = look(body, place.steps), look(document(result), place.steps)

            assert str(expected).lower() == str(found).lower(), str(place)
            assert place.path not in [loss.path for loss in result.losses], name

    def test_every_neutral_name_stays_what_it_is(self) -> None:
        for place, name in cases(NEUTRAL):
            body = put(place, name)
            result = translated(place.root, body, place.root.format)

            found = look(document(result), place.steps)
            if place.steps == ("response_format",):  # GPT Image refuses the field
                assert (None, ()) == (found, result.losses)
                continue
            assert (look(body, place.steps), ()) == (found, result.losses), str(place)

    def test_what_is_refused_names_its_field(self) -> None:
        for place, name in cases(REFUSED):
            with pytest.raises(imagewire.UnsupportedError) as caught:
                translated(place.root, put(place, name), place.root.format)

            assert place.path == caught.value.path, name

    @pytest.mark.parametrize(
        ("field", "name", "value"),
        [
            pytest.param(field, name, value, id=name)
            for field, ours in (("aspectRatio", "aspectRatio"), ("imageSize", "imageSize"))
            for name, value in READ[gemini.FormatImage, field].items()
        ],
    )
    def test_a_response_format_s_shape_is_an_image_config_s(
        self, field: str, name: str, value: str | None
    ) -> None:
        config = {"responseFormat": {"image": {field: name}}}
        result = translate_request({**contents(TEXT), "generationConfig": config}, "gemini")

        assert value == look(document(result), ("generationConfig", "imageConfig", field))

    def test_the_images_api_s_url_is_not_asked_of_gpt_image(self) -> None:
        body = {"model": "gpt-image-2", "prompt": "a fox", "response_format": "url"}
        result = imagewire.translate_request(body, source="images", target="images")

        assert ["$.response_format"] == [loss.path for loss in result.losses]

    def test_output_formats_are_known_by_name(self) -> None:
        assert set(openai_image.TYPES) == ALL[images_wire.Response, "output_format"]

    @pytest.mark.parametrize("modality", types.Modality)
    def test_a_modality_reaches_chat_and_comes_back(self, modality: types.Modality) -> None:
        config = {"responseModalities": [modality.value, "IMAGE"]}
        there = translate_request({**contents(TEXT), "generationConfig": config}, "chat")
        back = translate_request(document(there), "gemini", "chat")

        assert {modality.value, "IMAGE"} - {"MODALITY_UNSPECIFIED"} == set(
            look(document(back), ("generationConfig", "responseModalities"))
        )


class TestFinish:
    def test_every_finish_reason_is_known(self) -> None:
        official = {reason.value for reason in types.FinishReason}
        blocked = {reason.value for reason in types.BlockedReason} - {"BLOCKED_REASON_UNSPECIFIED"}

        assert official == {name for names in FINISH.values() for name in names}
        assert official | blocked == finish.KNOWN
        assert blocked == finish.PROMPT_REASONS

    @pytest.mark.parametrize(("name", "pictured", "bare", "kind"), ENDS)
    def test_with_a_picture(self, name: str, pictured: str, bare: str, kind: str) -> None:
        body = reply(content={"role": "model", "parts": [IMAGE]}, finishReason=name)
        there = answer(body, "gemini", "chat")
        back = document(answer(document(there), "chat", "gemini"))

        assert pictured == document(there)["choices"][0]["finish_reason"]
        assert finish.finish_name(name) == back["candidates"][0]["finishReason"]
        assert 200 == answer(body, "gemini", "images").status

    @pytest.mark.parametrize(("name", "pictured", "bare", "kind"), ENDS)
    def test_without_a_picture(self, name: str, pictured: str, bare: str, kind: str) -> None:
        body = reply(content={"role": "model", "parts": [TEXT]}, finishReason=name)
        there = answer(body, "gemini", "chat")
        back = document(answer(document(there), "chat", "gemini"))
        refused = answer(body, "gemini", "images")

        assert bare == document(there)["choices"][0]["finish_reason"]
        assert finish.finish_name(name) == back["candidates"][0]["finishReason"]
        assert refused.failure is not None
        assert (400, kind) == (refused.status, refused.failure.kind)

    @pytest.mark.parametrize("reason", sorted(finish.PROMPT_REASONS))
    def test_a_blocked_prompt(self, reason: str) -> None:
        body = {"promptFeedback": {"blockReason": reason}}
        there = answer(body, "gemini", "chat")
        (choice,) = document(there)["choices"]
        refused = answer(body, "gemini", "images")

        assert "content_filter" == choice["finish_reason"]
        assert {"moderation_stage": "input"} == choice["moderation_details"]
        assert (
            body["promptFeedback"]
            == document(answer(document(there), "chat", "gemini"))["promptFeedback"]
        )
        assert refused.failure is not None
        assert (400, "content_blocked") == (refused.status, refused.failure.kind)

    def test_an_unspecified_block_is_none(self) -> None:
        body = {"promptFeedback": {"blockReason": "BLOCKED_REASON_UNSPECIFIED"}}
        with pytest.raises(imagewire.MalformedError):
            answer(body, "gemini", "chat")
