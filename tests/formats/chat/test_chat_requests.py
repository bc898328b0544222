"""Chat requests as a whole: roles, what is refused, unknown fields."""

from __future__ import annotations

import json
from typing import Any

import pytest

import imagewire
from cases import case
from chat_bodies import (
    CALLS,
    IMAGE,
    SYSTEM,
    TEXT,
    URI,
    USER,
    Json,
    reported,
    request_of,
    sent,
    translate_request,
    user,
)
from hub import CALL, EXTRAS, HELLO, MODEL, PICTURE, request
from imagewire.errors import InexpressibleError, MalformedError, UnsupportedError
from imagewire.loss import LossKind, LossLevel
from imagewire.model import Foreign, Image, Part

URL = {"url": URI}

#: The fields that ask for what no image model offers.
UNSUPPORTED = (
    *("stream", "tools", "functions", "tool_choice", "function_call", "response_format"),
    *("reasoning", "reasoning_effort", "logprobs", "top_logprobs", "n"),
)


@pytest.mark.parametrize("target", ["chat", "gemini"])
class TestUnsupported:
    @pytest.mark.parametrize(
        "fields",
        [
            {"stream": True},
            {"tools": CALLS},
            {"functions": [{"name": "f"}]},
            {"tool_choice": "required"},
            {"tool_choice": {"type": "function"}},
            {"function_call": {"name": "f"}},
            {"response_format": {"type": "json_object"}},
            {"response_format": {"type": "json_schema", "json_schema": {}}},
            {"reasoning": {"effort": "high"}},
            {"reasoning_effort": "low"},
            {"logprobs": True},
            {"top_logprobs": 1},
            {"n": 0},
            {"n": 11},
            {"n": -1},
        ],
        ids=str,
    )
    def test_what_no_image_model_offers_is_refused(self, fields: Json, target: str) -> None:
        with pytest.raises(UnsupportedError) as caught:
            translate_request(request_of(**fields), target)

        assert (*fields, 400) == (caught.value.param, caught.value.status)

    @pytest.mark.parametrize(
        "fields",
        [
            dict.fromkeys(UNSUPPORTED),
            {"stream": False, "tools": [], "functions": [], "logprobs": False, "top_logprobs": 0},
            {"tool_choice": "none", "function_call": "none"},
            {"tool_choice": "auto", "function_call": "auto"},
            {"response_format": {"type": "text"}},
            {"response_format": {"type": "text", "strict": None}},
            {"reasoning_effort": "none"},
            {"n": 1},
        ],
        ids=str,
    )
    def test_neutral_values_pass_in_silence(self, fields: Json, target: str) -> None:
        """Chat keeps them as they are."""
        translated = translate_request(request_of(**fields), target)
        kept = {name: item for name, item in sent(translated).items() if name in fields}

        assert ((), fields if target == "chat" else {}) == (translated.losses, kept)


class TestRoles:
    def test_system_and_developer_messages_become_the_system_prompt_in_order(self) -> None:
        found = imagewire.chat.read_request(
            request_of(
                SYSTEM,
                USER,
                {"role": "developer", "content": [{"type": "text", "text": "Be kind."}, TEXT]},
            )
        ).value

        assert (Part(text="Be terse."), Part(text="Be kind."), HELLO) == found.system

    def test_each_part_of_the_system_prompt_is_a_message(self) -> None:
        wire = imagewire.chat.write_request(request(system=(Part(text="Be terse."), PICTURE)))

        assert [SYSTEM, {"role": "system", "content": [IMAGE]}, USER] == json.loads(
            bytes(wire.value.body)
        )["messages"]

    def test_a_foreign_part_of_the_system_prompt_is_dropped(self) -> None:
        part = Part(foreign=Foreign(format="gemini", kind="functionCall", value=CALL))

        wire = imagewire.chat.write_request(request(system=(part,)))

        assert [(LossKind.DROPPED, LossLevel.CONTENT, "$.system[0]")] == [
            (loss.kind, loss.level, loss.path) for loss in wire.losses
        ]
        assert [USER] == json.loads(bytes(wire.value.body))["messages"]

    @pytest.mark.parametrize(
        "message",
        [
            case("unknown", {"role": "narrator", "content": "a fox"}),
            case("empty", {"role": "", "content": "a fox"}),
            case("missing", {"content": "a fox"}),
            case("null", {"role": None, "content": "a fox"}),
        ],
    )
    def test_any_other_role_is_malformed(self, message: Json) -> None:
        with pytest.raises(MalformedError) as caught:
            translate_request(request_of(USER, message), "gemini")

        assert "messages[1].role" == caught.value.param

    @pytest.mark.parametrize("target", ["chat", "gemini"])
    @pytest.mark.parametrize(
        ("messages", "path"),
        [
            case("no-messages", [], "$.messages"),
            case("system-only", [{"role": "system", "content": "x"}], "$.messages"),
            case("no-user", [{"role": "assistant", "content": "x"}], "$.messages"),
            case("empty-text", [{"role": "user", "content": ""}], "$.messages[0]"),
            case("empty-last-turn", [USER, {"role": "user"}], "$.messages[1]"),
        ],
    )
    def test_without_a_prompt_there_is_nothing_to_ask(
        self, messages: list[Json], path: str, target: str
    ) -> None:
        with pytest.raises(InexpressibleError) as caught:
            translate_request({"model": MODEL, "messages": messages}, target)

        assert path == caught.value.path

    @pytest.mark.parametrize(
        "body",
        [
            case("missing", {"model": MODEL}),
            case("null", {"model": MODEL, "messages": None}),
            case("string", {"model": MODEL, "messages": "a fox"}),
        ],
    )
    def test_messages_are_required(self, body: Json) -> None:
        with pytest.raises(MalformedError) as caught:
            imagewire.chat.read_request(body)

        assert "$.messages" == caught.value.path


DEEP = {"a": [1, {"b": None}]}

#: A request with an unknown field at some level, by where it stands.
UNKNOWN = {
    "metadata": request_of(metadata=DEEP),
    "moderation": request_of(moderation={"model": "m"}),
    "messages[0].name": request_of({**USER, "name": "ann"}),
    "messages[0].content[0].z": request_of(user({**TEXT, "z": DEEP})),
    "messages[0].content[1].z": request_of(user(TEXT, {**IMAGE, "z": 1})),
    "messages[0].content[0].image_url.z": request_of(user({**IMAGE, "image_url": {**URL, "z": 1}})),
    "messages[0].content[0].extra_content.other": request_of(
        user({**TEXT, "extra_content": {"other": {"z": 1}}})
    ),
    "extra_body.z": request_of(extra_body={"z": 1}),
    "extra_body.google.z": request_of(extra_body={"google": {"z": 1}}),
    "image_config.z": request_of(image_config={"aspect_ratio": "1:1", "z": 1}),
}
SYSTEM_PARTS = request_of({"role": "system", "content": [{**TEXT, "z": 1}], "name": "ann"}, USER)
TABLE = [
    *(pytest.param(body, path, id=path) for path, body in UNKNOWN.items()),
    case("system-message", request_of({**SYSTEM, "name": "ann"}, USER), "messages[0].name"),
    case("name-beside-a-system-part", SYSTEM_PARTS, "messages[0].name"),
    case("system-part", SYSTEM_PARTS, "messages[0].content[0].z"),
]


class TestUnknownFields:
    @pytest.mark.parametrize(("body", "path"), TABLE)
    def test_chat_gets_them_back(self, body: Json, path: str) -> None:
        """Unknown fields are kept as extras and written back by the same format."""
        translated = translate_request(body, "chat")

        assert (body, ()) == (sent(translated), translated.losses), path

    @pytest.mark.parametrize(("body", "path"), TABLE)
    def test_another_format_reports_them_where_they_stand(self, body: Json, path: str) -> None:
        found = reported(translate_request(body, "gemini"))

        level = LossLevel.METADATA if path == "metadata" else LossLevel.SETTING
        assert (LossKind.DROPPED, level, f"$.{path}") in found
        assert {level} == {level for _, level, _ in found}

    @pytest.mark.parametrize("value", [None, False, "", [], {}], ids=repr)
    def test_what_says_nothing_vanishes_in_silence(self, value: Any) -> None:
        assert () == translate_request(request_of({**USER, "z": value}, z=value), "gemini").losses

    @pytest.mark.parametrize("field", ["stream_options", "parallel_tool_calls", "audio"])
    def test_what_says_nothing_without_its_subject_vanishes(self, field: str) -> None:
        assert () == translate_request(request_of(**{field: "x"}), "gemini").losses

    def test_how_a_voice_sounds_is_a_setting_where_one_was_asked_for(self) -> None:
        body = request_of(audio={"voice": "ash"}, modalities=["image", "audio"])

        assert [(LossKind.DROPPED, LossLevel.SETTING, "$.audio")] == reported(
            translate_request(body, "gemini")
        )

    def test_a_refused_reply_of_the_history_keeps_its_words(self) -> None:
        reply = {"role": "assistant", "content": None, "refusal": "No.", "annotations": [{"a": 1}]}
        body = request_of(USER, reply, USER)

        assert body == sent(translate_request(body, "chat"))

    def test_another_formats_fields_are_reported(self) -> None:
        wire = imagewire.chat.write_request(request(extras=EXTRAS))

        assert {"team": "x"} == json.loads(bytes(wire.value.body))["labels"]
        assert ["$.extras.labels"] * 3 == [loss.path for loss in wire.losses]


class TestInexpressible:
    @pytest.mark.parametrize(
        ("value", "path"),
        [
            case("mask", request(PICTURE, HELLO, mask=PICTURE.image), "$.mask"),
            case(
                "uploaded-file",
                request(Part(image=Image(file_id="file-1")), HELLO),
                "$.turns[0].parts[0]",
            ),
        ],
    )
    def test_what_a_message_cannot_say_raises(self, value: Any, path: str) -> None:
        with pytest.raises(InexpressibleError) as caught:
            imagewire.chat.write_request(value)

        assert path == caught.value.path

    @pytest.mark.parametrize(
        ("value", "losses"),
        [
            case("url", request(response_format="url"), ["$.response_format"]),
            case("b64_json", request(response_format="b64_json"), []),
            case(
                "type-of-a-remote-image",
                request(Part(image=Image(url="https://e.com/a", media_type="image/gif")), HELLO),
                ["$.turns[0].parts[0]"],
            ),
        ],
    )
    def test_what_chat_has_no_field_for_is_dropped(self, value: Any, losses: list[str]) -> None:
        assert losses == [loss.path for loss in imagewire.chat.write_request(value).losses]


class TestPathsOfSystemMessages:
    def test_an_unknown_field_of_the_second_part_is_reported_there(self) -> None:
        """Though each part is written as a message of its own."""
        part = {"type": "text", "text": "Be terse."}
        body = {
            "messages": [
                {"role": "system", "content": [part, {**part, "u": 1}], "w": 2},
                {"role": "user", "content": "a fox"},
            ]
        }
        result = imagewire.translate_request(
            body, source="chat", target="gemini", model="gemini-3-pro-image-preview"
        )

        assert {"$.messages[0].content[1].u", "$.messages[0].w"} == {
            loss.path for loss in result.losses
        }
