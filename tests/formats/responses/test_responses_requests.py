"""Responses requests: what is read, what is refused by name, and what is written."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

import imagewire
from bodies import document
from hub import GIF, HELLO, MODEL, PICTURE, PNG, PNG_URI, history, request
from imagewire import Options, responses
from imagewire.errors import (
    InexpressibleError,
    InvalidModelError,
    MalformedError,
    TranslationError,
    UnsupportedError,
)
from imagewire.model import Foreign, Image, ImageSettings, Part, Turn

TOOL = {"type": "image_generation", "model": "gpt-image-2"}
MAINLINE = Options(responses_model="gpt-6.1")
FOX: dict[str, Any] = {"model": "gpt-6.1", "input": "a fox", "tools": [TOOL]}


def said(*content: Any, **fields: Any) -> dict[str, Any]:
    return {**FOX, "input": [{"role": "user", "content": [*content], **fields}]}


def back(body: Any, **options: Any) -> imagewire.TranslatedRequest:
    return imagewire.translate_request(
        body, source="responses", target="responses", options=Options(**options)
    )


class TestIdentity:
    @pytest.mark.parametrize(
        "fields",
        [
            {"stream": False, "background": False, "previous_response_id": ""},
            {"tools": [{**TOOL, "size": "auto", "quality": "auto", "partial_images": 0}]},
            {"tools": [{**TOOL, "action": "generate"}], "tool_choice": "auto"},
            {"tools": [{"type": "image_generation"}]},
            {"input": [{"role": "user", "content": "a fox"}], "store": True},
            {
                "input": [
                    {"role": "system", "content": "Be terse."},
                    {"role": "user", "content": "a"},
                ]
            },
        ],
        ids=str,
    )
    def test_what_says_nothing_stays(self, fields: dict[str, Any]) -> None:
        assert {**FOX, **fields} == document(back({**FOX, **fields}))

    @pytest.mark.parametrize("kind", ["input_image", "image_url"])
    @pytest.mark.parametrize("detail", ["low", None])
    def test_a_picture_as_chat_completions_say_it(self, kind: str, detail: str | None) -> None:
        link = {"url": PNG_URI} | ({"detail": detail} if detail else {})
        body = said({"type": "text", "text": "a fox"}, {"type": kind, "image_url": link})
        [turn] = responses.read_request(body).value.turns

        assert Image(data=PNG, media_type="image/png", detail=detail) == turn.parts[1].image
        assert body == document(back(body))

    def test_a_message_without_a_role_is_the_user_s(self) -> None:
        body = {**FOX, "input": [{"type": "message", "content": "a fox"}]}

        [turn] = responses.read_request(body).value.turns
        assert ("user", (Part(text="a fox"),)) == (turn.role, turn.parts)
        assert body == document(back(body))

    def test_items_stand_where_they_stood(self) -> None:
        items: list[Any] = [
            {"type": "reasoning", "id": "rs_1", "summary": []},
            {"role": "user", "content": "a fox"},
            {
                "type": "reasoning",
                "id": "rs_2",
                "summary": [{"type": "summary_text", "text": "hm"}],
            },
            {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"},
            {"role": "assistant", "content": [{"type": "refusal", "refusal": "No."}]},
            {"role": "user", "content": "again"},
            {"type": "reasoning", "id": "rs_3", "summary": []},
        ]

        assert items == document(back({**FOX, "input": items}))["input"]

    def test_the_option_s_mainline_model_replaces_the_client_s(self) -> None:
        found = back(FOX, responses_model="gpt-7")

        assert "gpt-7" == document(found)["model"]
        assert ["gpt-6.1"] == [extra.value for extra in found.context.echo]

    def test_a_stream_is_asked_for_with_its_drafts(self) -> None:
        body = {**FOX, "stream": True, "tools": [{**TOOL, "partial_images": 2}]}

        assert body == document(back(body, stream="live"))
        assert "stream" not in document(back(body, stream="whole"))

    def test_nulls_and_neutral_values_stay(self) -> None:
        tool = {**TOOL, "size": None, "quality": "auto", "partial_images": 0}
        body = {**FOX, "instructions": None, "store": None, "stream": False, "tools": [tool]}

        assert body == document(back(body))

    def test_a_message_without_content_stays_and_is_reported_to_another_format(self) -> None:
        body = {**FOX, "input": [{"role": "user", "content": []}, {"role": "user", "content": "a"}]}
        gemini = imagewire.translate_request(
            body, source="responses", target="gemini", model="gemini-2.5-flash-image"
        )

        assert body == document(back(body))
        assert [("empty_turn", "$.input[0]")] == [(e.code, e.path) for e in gemini.losses]

    def test_a_mask_is_put_right_and_the_tool_stays(self) -> None:
        tool = {**TOOL, "size": None, "input_image_mask": {"image_url": PNG_URI.rstrip("=")}}
        picture = {"type": "input_image", "image_url": PNG_URI, "detail": "auto"}
        body = {**said(picture, {"type": "input_text", "text": "a"}), "tools": [tool]}

        assert {**tool, "input_image_mask": {"image_url": PNG_URI}} == document(back(body))[
            "tools"
        ][0]

    @pytest.mark.parametrize("mask", [{"file_id": "f"}, {"image_url": "https://example.com/a.png"}])
    def test_a_mask_that_is_elsewhere_stays(self, mask: dict[str, str]) -> None:
        picture = {"type": "input_image", "image_url": PNG_URI, "detail": "auto"}
        body = said(picture, {"type": "input_text", "text": "a"})
        body["tools"] = [{**TOOL, "input_image_mask": mask}]

        assert body == document(back(body))

    def test_a_call_without_an_id_stays_without_one(self) -> None:
        call = {"type": "image_generation_call", "status": "completed", "result": GIF}
        words = [{"role": "user", "content": text} for text in ("a", "b")]
        body = {**FOX, "input": [words[0], call, words[1]]}

        assert body == document(back(body))

    def test_a_body_without_tools_is_no_request_for_images(self) -> None:
        with pytest.raises(UnsupportedError, match="missing required field `tools`"):
            back({"model": "gpt-6.1", "input": "a fox"})

    def test_another_model_is_the_tool_s(self) -> None:
        found = imagewire.translate_request(
            FOX, source="responses", target="responses", model="gpt-image-1.5"
        )

        assert [{**TOOL, "model": "gpt-image-1.5"}] == document(found)["tools"]

    def test_an_empty_message_stays_and_says_nothing_to_another_format(self) -> None:
        items = [{"role": "system", "content": ""}, {"role": "user", "content": "a"}]
        body = {**FOX, "input": items}
        chat = imagewire.translate_request(body, source="responses", target="chat")

        assert body == document(back(body))
        assert ["user"] == [message["role"] for message in document(chat)["messages"]]

    def test_an_empty_answer_stays_and_is_no_turn(self) -> None:
        items = [{"role": "assistant", "content": []}, {"role": "user", "content": "a"}]
        body = {**FOX, "input": items}

        assert body == document(back(body))
        assert ["user"] == [turn.role for turn in responses.read_request(body).value.turns]

    def test_drafts_without_a_stream_stay_and_are_reported_to_another_format(self) -> None:
        body = {**FOX, "tools": [{**TOOL, "partial_images": 2}]}
        options = Options(stream="whole")
        found = imagewire.translate_request(
            body, source="responses", target="images", options=options
        )

        assert body == document(back(body, stream="whole"))
        assert ["$.tools[0].partial_images"] == [loss.path for loss in found.losses]

    def test_drafts_without_a_stream_stay_where_the_model_is_another_one(self) -> None:
        body = {**FOX, "tools": [{**TOOL, "partial_images": 2}]}
        about: dict[str, Any] = {"model": "gpt-image-1.5", "options": Options(stream="whole")}
        ours, theirs = (
            imagewire.translate_request(body, source="responses", target=target, **about)
            for target in ("responses", "images")
        )

        assert 2 == document(ours)["tools"][0]["partial_images"]
        assert ["$.tools[0].partial_images"] == [loss.path for loss in theirs.losses]

    def test_an_empty_text_stays_and_says_nothing_to_another_format(self) -> None:
        body = said({"type": "input_text", "text": ""}, {"type": "input_text", "text": "a"})
        chat = imagewire.translate_request(body, source="responses", target="chat")

        assert body == document(back(body))
        assert "a" == document(chat)["messages"][0]["content"]


class TestRefused:
    @pytest.mark.parametrize("kind", ["function", "web_search", "mcp"])
    def test_a_choice_of_another_tool_raises(self, kind: str) -> None:
        with pytest.raises(UnsupportedError, match="image_generation") as caught:
            responses.read_request({**FOX, "tool_choice": {"type": kind, "name": "f"}})

        assert "$.tool_choice" == caught.value.path

    @pytest.mark.parametrize(
        ("fields", "path"),
        [
            ({"previous_response_id": "resp_1"}, "$.previous_response_id"),
            ({"conversation": {"id": "conv_1"}}, "$.conversation"),
            ({"prompt": {"id": "pmpt_1"}}, "$.prompt"),
            ({"background": True}, "$.background"),
            ({"stream": True}, "$.stream"),
            ({"tools": [{**TOOL, "partial_images": 1}]}, "$.tools[0].partial_images"),
            ({"tools": []}, "$.tools"),
            ({"tools": [TOOL, TOOL]}, "$.tools"),
            ({"tools": [TOOL, {"type": "web_search"}]}, "$.tools"),
            ({"tool_choice": "none"}, "$.tool_choice"),
            ({"input": [{"type": "image_generation_call", "id": "ig_1"}]}, "$.input[0]"),
            ({"input": [{"type": "item_reference", "id": "msg_1"}]}, "$.input[0]"),
        ],
        ids=str,
    )
    def test_what_cannot_be_looked_up_or_done(self, fields: dict[str, Any], path: str) -> None:
        with pytest.raises(UnsupportedError) as caught:
            responses.read_request({**FOX, **fields})

        assert path == caught.value.path

    @pytest.mark.parametrize(
        ("input_", "path"),
        [
            ([{"role": "tool", "content": "a"}], "$.input[0].role"),
            ([{"role": "user", "content": [{"text": "a"}]}], "$.input[0].content[0].type"),
            (said({"type": "input_image"})["input"], "$.input[0].content[0]"),
            (
                said({"type": "input_image", "image_url": "data:text/plain;base64,AAAA"})["input"],
                "$.input[0].content[0].image_url",
            ),
            (
                [{"type": "image_generation_call", "id": "a", "result": "data:text/plain,a"}],
                "$.input[0].result",
            ),
        ],
        ids=str,
    )
    def test_what_is_malformed(self, input_: Any, path: str) -> None:
        with pytest.raises(MalformedError) as caught:
            responses.read_request({**FOX, "input": input_})

        assert path == caught.value.path

    def test_a_request_without_the_tool_s_model_stays_in_its_own_format(self) -> None:
        body = {**FOX, "tools": [{"type": "image_generation"}]}
        with pytest.raises(InvalidModelError):
            imagewire.translate_request(body, source="responses", target="images")
        found = imagewire.translate_request(
            body, source="responses", target="images", model="gpt-image-2"
        )

        assert None is imagewire.read_model(body, source="responses")
        assert "gpt-image-2" == document(found)["model"]

    def test_an_action_that_contradicts_the_pictures_is_reported(self) -> None:
        body = {**FOX, "tools": [{**TOOL, "action": "edit"}]}
        found = imagewire.translate_request(body, source="responses", target="images")

        assert ["$.tools[0].action"] == [loss.path for loss in found.losses]

    def test_an_empty_input_is_named_by_its_path(self) -> None:
        with pytest.raises(InexpressibleError) as caught:
            imagewire.translate_request({**FOX, "input": ""}, source="responses", target="images")

        assert "$.input" == caught.value.path


class TestWritten:
    def test_without_a_mainline_model_it_raises_and_a_note_names_the_option(self) -> None:
        with pytest.raises(InexpressibleError) as caught:
            responses.write_request(request())

        assert "responses_model" in caught.value.__notes__[0]

    def test_an_images_request_without_a_model_raises(self) -> None:
        with pytest.raises(InvalidModelError):
            imagewire.translate_request(
                {"prompt": "a fox"}, source="images", target="responses", options=MAINLINE
            )

    @pytest.mark.parametrize(
        "value",
        [
            request(HELLO, mask=PICTURE.image),
            history(Part(image=Image(url="https://example.com/a.png"))),
            history(Part(image=Image(file_id="file-1"))),
            request(Part(foreign=Foreign(format="chat", kind="input_audio", value={})), HELLO),
        ],
        ids=["mask", "remote", "uploaded", "foreign"],
    )
    def test_what_cannot_be_said_raises(self, value: Any) -> None:
        with pytest.raises(TranslationError):
            responses.write_request(value, options=MAINLINE)

    def test_a_foreign_part_of_an_earlier_turn_is_reported(self) -> None:
        audio = Part(foreign=Foreign(format="chat", kind="input_audio", value={}))
        turns = (Turn(role="user", parts=(HELLO, audio)), Turn(role="user", parts=(HELLO,)))
        written = responses.write_request(request(turns=turns), options=MAINLINE)

        assert ["foreign_part"] == [loss.code for loss in written.losses]

    def test_unknown_bytes_of_an_earlier_picture_are_reported(self) -> None:
        picture = Part(image=Image(data="AAAA", media_type="image/x-unknown"))
        written = responses.write_request(history(picture), options=MAINLINE)

        assert ["media_type"] == [loss.code for loss in written.losses]

    def test_pictures_of_a_system_message_stand_in_it(self) -> None:
        written = responses.write_request(request(system=(PICTURE, HELLO)), options=MAINLINE)
        body = msgspec.json.decode(bytes(written.value.body))

        assert "input_image" == body["input"][0]["content"][0]["type"]
        assert {"role": "system", "content": "a fox"} == body["input"][1]

    def test_a_known_model_s_settings_are_those_of_images(self) -> None:
        value = request(image=ImageSettings(aspect_ratio="16:9", quality="max"))
        about: dict[str, Any] = {"options": MAINLINE}
        own = imagewire.images.write_request(value)
        ours = responses.write_request(value, **about)
        tool = msgspec.json.decode(bytes(ours.value.body))["tools"][0]
        settings = msgspec.json.decode(bytes(own.value.body))

        assert {name: settings.get(name) for name in ("size", "quality")} == {
            name: tool.get(name) for name in ("size", "quality")
        }
        assert MODEL == tool["model"]


class TestPaths:
    @pytest.mark.parametrize(
        "path",
        [
            *("/v1/responses", "/openai/v1/responses", "/responses", "/api/v1/responses/"),
            "/openai/responses",
        ],
    )
    def test_its_path_is_matched(self, path: str) -> None:
        assert imagewire.Endpoint("responses") == imagewire.match_endpoint("POST", path)

    def test_a_deployment_would_name_the_mainline_model(self) -> None:
        path = "/openai/deployments/x/responses"

        assert None is imagewire.match_endpoint("POST", path)

    def test_its_path_and_its_key_are_written(self) -> None:
        assert "/v1/responses" == imagewire.endpoint_path("responses")
        assert {"authorization": "Bearer k"} == imagewire.credential_headers("responses", "k")
        with pytest.raises(ValueError, match="no operation 'edit'"):
            imagewire.endpoint_path("responses", operation="edit")

    def test_it_serves_openai_s_models_and_is_native_to_none(self) -> None:
        assert imagewire.serves("gpt-image-2", "responses")
        assert not imagewire.serves(MODEL, "responses")
        assert "images" == imagewire.native_format("gpt-image-2")

    def test_lines_of_a_batch_name_its_path(self) -> None:
        from imagewire.batch import Batch, Line, translate_lines  # noqa: PLC0415

        line = {"custom_id": "a", "method": "POST", "url": "/v1/responses", "body": FOX}
        batch = Batch(source="responses", target="images")
        [sent] = translate_lines([msgspec.json.encode(line)], batch)

        assert isinstance(sent, Line)
        assert "/v1/images/generations" == document(sent)["url"]
