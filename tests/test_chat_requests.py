"""Chat requests as a whole: roles, history, what is refused, unknown fields, model ids."""

from __future__ import annotations

import json
from typing import Any

import pytest

import imagewire
from hub import AUDIO, CALL, EXTRAS, HELLO, MODEL, PICTURE, PNG, SIGNATURE, history, request
from imagewire.errors import (
    InexpressibleError,
    InvalidModelError,
    MalformedError,
    TranslationError,
    UnsupportedError,
)
from imagewire.loss import LossKind, LossLevel
from imagewire.model import Foreign, Image, Part

Json = dict[str, Any]


def case(name: str, *values: Any) -> Any:
    return pytest.param(*values, id=name)


ALL = imagewire.Options(history="all")
PLAIN_OPENAI = imagewire.Options(chat_extensions=False)

USER = {"role": "user", "content": "a fox"}
URL = {"url": f"data:image/png;base64,{PNG}"}
IMAGE = {"type": "image_url", "image_url": URL}
SYSTEM = {"role": "system", "content": "Be terse."}
TEXT = {"type": "text", "text": "a fox"}
FILE = {"type": "file", "file": {"file_id": "file-1"}}
CALLS = [{"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}]
ASKS = {"role": "assistant", "content": None, "tool_calls": CALLS}
RESULT = {"role": "tool", "content": "42", "tool_call_id": "c1"}


def prompt(*content: Json) -> Json:
    return {"role": "user", "content": list(content)}


def body_of(*messages: Json, **fields: Any) -> Json:
    return {"model": MODEL, "messages": list(messages or (USER,)), **fields}


def translate(
    body: Json, target: str, options: imagewire.Options = imagewire.Options()
) -> imagewire.TranslatedRequest:
    return imagewire.translate_request(body, source="chat", target=target, options=options)


def sent(translated: imagewire.TranslatedRequest) -> Json:
    body: Json = json.loads(bytes(translated.body))
    return body


def reported(translated: imagewire.TranslatedRequest) -> list[tuple[LossKind, LossLevel, str]]:
    return [(loss.kind, loss.level, loss.path) for loss in translated.losses]


def lost(level: LossLevel, *paths: str) -> list[tuple[LossKind, LossLevel, str]]:
    return [(LossKind.DROPPED, level, f"$.{path}") for path in paths]


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
            translate(body_of(**fields), target)

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
        translated = translate(body_of(**fields), target)

        assert ((), set()) == (translated.losses, fields.keys() & sent(translated).keys())


class TestRoles:
    def test_system_and_developer_messages_become_the_system_prompt_in_order(self) -> None:
        found = imagewire.chat.read_request(
            body_of(
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
            translate(body_of(USER, message), "gemini")

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
            translate({"model": MODEL, "messages": messages}, target)

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


class TestForeignParts:
    @pytest.mark.parametrize("part", [case("audio", AUDIO), case("file", FILE)])
    def test_in_the_prompt_it_is_refused_elsewhere(self, part: Json) -> None:
        with pytest.raises(UnsupportedError) as caught:
            translate(body_of(prompt(TEXT, part)), "gemini")

        assert "messages[0].content[1]" == caught.value.param

    @pytest.mark.parametrize(
        ("message", "path"),
        [
            case("audio", prompt(TEXT, AUDIO), "content[1]"),
            case("file", prompt(FILE, TEXT), "content[0]"),
            case("tool-calls", {**ASKS, "content": "a fox"}, "tool_calls"),
            case(
                "refusal",
                {"role": "assistant", "content": [TEXT, {"type": "refusal", "refusal": "No."}]},
                "content[1]",
            ),
        ],
    )
    def test_in_the_history_it_is_dropped(self, message: Json, path: str) -> None:
        translated = translate(body_of(message, USER), "gemini", ALL)

        assert lost(LossLevel.CONTENT, f"messages[0].{path}") == reported(translated)
        assert [{"text": "a fox"}] == sent(translated)["contents"][0]["parts"]

    def test_a_tools_result_is_dropped_by_another_format(self) -> None:
        translated = translate(body_of(USER, RESULT, USER), "gemini", ALL)

        assert (LossKind.DROPPED, LossLevel.CONTENT, "$.messages[1]") in [
            (kind, level, path.removesuffix(".content"))
            for kind, level, path in reported(translated)
        ]
        assert "42" not in str(sent(translated))

    def test_chat_keeps_all_of_it(self) -> None:
        body = body_of(prompt(AUDIO, FILE, TEXT), ASKS, RESULT, {**USER, "name": "ann"})

        assert (body, ()) == (sent(translate(body, "chat")), translate(body, "chat").losses)

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
        prompt(IMAGE, TEXT),
        {"role": "assistant", "content": "Here it is."},
        {"role": "user", "content": "at night"},
    )

    def test_by_default_the_last_user_message_is_the_prompt(self) -> None:
        translated = translate(body_of(*self.TALK), "gemini")

        assert [{"role": "user", "parts": [{"text": "at night"}]}] == sent(translated)["contents"]
        assert {LossLevel.CONTENT} == {loss.level for loss in translated.losses}
        assert {"$.messages[1:3]", "$.messages[1].content[0]"} == {
            loss.path for loss in translated.losses
        }

    def test_all_of_it_travels_if_asked(self) -> None:
        translated = translate(body_of(*self.TALK), "gemini", ALL)

        assert [2, 1, 1] == [len(content["parts"]) for content in sent(translated)["contents"]]
        assert () == translated.losses

    def test_chat_to_chat_keeps_all_turns(self) -> None:
        translated = translate(body_of(*self.TALK), "chat")

        assert (list(self.TALK), ()) == (sent(translated)["messages"], translated.losses)

    def test_a_signature_travels_with_its_part(self) -> None:
        mark = {"extra_content": {"google": {"thought_signature": SIGNATURE}}}
        reply = {"role": "assistant", "content": [{**IMAGE, **mark}]}

        translated = translate(body_of(USER, reply, USER), "gemini", ALL)

        assert SIGNATURE == sent(translated)["contents"][1]["parts"][0]["thoughtSignature"]

    def test_a_mark_is_dropped_where_extensions_are_not_wanted(self) -> None:
        value = history(Part(text="hm", thought=True, signature=SIGNATURE))

        wire = imagewire.chat.write_request(value, options=PLAIN_OPENAI)

        assert lost(LossLevel.CONTENT, "turns[1].parts[0]") == [
            (loss.kind, loss.level, loss.path) for loss in wire.losses
        ]
        assert "extra_content" not in str(bytes(wire.value.body))


DEEP = {"a": [1, {"b": None}]}

#: A request with an unknown field at some level, by where it stands.
UNKNOWN = {
    "metadata": body_of(metadata=DEEP),
    "moderation": body_of(moderation={"model": "m"}),
    "messages[0].name": body_of({**USER, "name": "ann"}),
    "messages[0].content[0].z": body_of(prompt({**TEXT, "z": DEEP})),
    "messages[0].content[1].z": body_of(prompt(TEXT, {**IMAGE, "z": 1})),
    "messages[0].content[0].image_url.z": body_of(prompt({**IMAGE, "image_url": {**URL, "z": 1}})),
    "messages[0].content[0].extra_content.other": body_of(
        prompt({**TEXT, "extra_content": {"other": {"z": 1}}})
    ),
    "extra_body.z": body_of(extra_body={"z": 1}),
    "extra_body.google.z": body_of(extra_body={"google": {"z": 1}}),
    "image_config.z": body_of(image_config={"aspect_ratio": "1:1", "z": 1}),
}
SYSTEM_PARTS = body_of({"role": "system", "content": [{**TEXT, "z": 1}], "name": "ann"}, USER)
TABLE = [
    *(pytest.param(body, path, id=path) for path, body in UNKNOWN.items()),
    case("system-message", body_of({**SYSTEM, "name": "ann"}, USER), "messages[0].name"),
    case("name-beside-a-system-part", SYSTEM_PARTS, "messages[0].name"),
    case("system-part", SYSTEM_PARTS, "messages[0].content[0].z"),
]


class TestUnknownFields:
    @pytest.mark.parametrize(("body", "path"), TABLE)
    def test_chat_gets_them_back(self, body: Json, path: str) -> None:
        """Unknown fields are kept as extras and written back by the same format."""
        translated = translate(body, "chat")

        assert (body, ()) == (sent(translated), translated.losses), path

    @pytest.mark.parametrize(("body", "path"), TABLE)
    def test_another_format_reports_them_where_they_stand(self, body: Json, path: str) -> None:
        found = reported(translate(body, "gemini"))

        assert (LossKind.DROPPED, LossLevel.METADATA, f"$.{path}") in found
        assert {LossLevel.METADATA} == {level for _, level, _ in found}

    @pytest.mark.parametrize("value", [None, False, "", [], {}], ids=repr)
    def test_what_says_nothing_vanishes_in_silence(self, value: Any) -> None:
        assert () == translate(body_of({**USER, "z": value}, z=value), "gemini").losses

    @pytest.mark.parametrize(
        "field", ["store", "stream_options", "parallel_tool_calls", "prompt_cache_key"]
    )
    def test_bookkeeping_vanishes_in_silence(self, field: str) -> None:
        assert () == translate(body_of(**{field: "x"}), "gemini").losses

    def test_a_refused_reply_of_the_history_keeps_its_words(self) -> None:
        reply = {"role": "assistant", "content": None, "refusal": "No.", "annotations": [{"a": 1}]}
        body = body_of(USER, reply, USER)

        assert body == sent(translate(body, "chat"))

    def test_another_formats_fields_are_reported(self) -> None:
        wire = imagewire.chat.write_request(request(extras=EXTRAS))

        assert {"team": "x"} == json.loads(bytes(wire.value.body))["labels"]
        assert ["$.extras.labels"] * 2 == [loss.path for loss in wire.losses]


class TestModels:
    @pytest.mark.parametrize(
        ("given", "spelling", "expected"),
        [
            (f"google/{MODEL}", "as_given", f"google/{MODEL}"),
            (MODEL, "as_given", MODEL),
            (f"models/{MODEL}", "as_given", f"models/{MODEL}"),
            (f"google/{MODEL}", "bare", MODEL),
            (f"publishers/google/models/{MODEL}", "bare", MODEL),
            (MODEL, "prefixed", f"google/{MODEL}"),
            ("gpt-image-2", "prefixed", "openai/gpt-image-2"),
            ("openai/gpt-image-2", "bare", "gpt-image-2"),
            ("my-model", "prefixed", "my-model"),
        ],
    )
    def test_the_model_is_spelled_as_asked(self, given: str, spelling: Any, expected: str) -> None:
        options = imagewire.Options(model_ids=spelling)

        translated = translate({**body_of(), "model": given}, "chat", options)

        assert (expected, given) == (sent(translated)["model"], translated.context.model)

    def test_a_known_model_of_a_gemini_path_gets_its_prefix(self) -> None:
        translated = imagewire.translate_request(
            {"contents": [{"parts": [{"text": "a fox"}]}]},
            source=imagewire.Endpoint("gemini", "generate", MODEL),
            target="chat",
        )

        assert f"google/{MODEL}" == sent(translated)["model"]

    @pytest.mark.parametrize("model", ["", "a\nb", "x" * 257], ids=["empty", "control", "long"])
    def test_what_is_no_model_id_is_refused(self, model: str) -> None:
        with pytest.raises(InvalidModelError) as caught:
            translate({**body_of(), "model": model}, "chat")

        assert "model" == caught.value.param

    def test_a_model_is_required(self) -> None:
        with pytest.raises(TranslationError) as caught:
            translate({"messages": [USER]}, "chat")

        assert ("model", 400) == (caught.value.param, caught.value.status)

    def test_the_callers_model_stands_in_where_the_body_names_none(self) -> None:
        found = imagewire.chat.read_request({"messages": [USER]}, model=f"google/{MODEL}").value

        assert (MODEL, f"google/{MODEL}") == (found.model, found.model_as_given)


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
