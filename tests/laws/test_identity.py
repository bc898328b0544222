"""A body that goes back into its own format stays what it is, and a second pass changes nothing.

Equal as a JSON value, but for pictures that are put right, what a loss names, and spellings that no
official type has.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

import image_sdks
import imagewire
import sdks
from cases import REQUESTS, RESPONSES, Case, translate
from full_bodies import FULL, Full
from hub import PNG, PNG_URI
from sdk_bodies import BODIES

JSON_CASES = [case for case in (*REQUESTS, *RESPONSES) if case.file.endswith(".json")]
#: Samples that do not come back as they are, and why.
OTHERS = {
    "request-chat-everything": "`jpg`, `4k`, and a `max_tokens` that is contradicted",
    "request-gemini-edit_as_sent_by_python_sdk": "google-genai mixes the cases of keys",
    "request-gemini-edit_curl_snake_case": "snake_case",
    "request-gemini-everything": "two candidates are two calls; `Image` is no official name",
    "request-images-edit_images": "an edit whose pictures are all there becomes a form",
    "response-chat-openrouter_images": "pictures beside the content come into it",
    "response-gemini-ok_escaped_google_style": "the declared type is wrong",
}
OPTIONS = imagewire.Options(edit_body="json")


class Spoken:
    """A request or a reply of a format."""

    def __init__(self, name: str) -> None:
        self.format, self.kind = name.split("-")

    def pass_through(self, body: Any) -> Any:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        return translate(self, raw, self.format, None, OPTIONS)


def passed(case: Case, body: bytes) -> bytes:
    """What a sample's body comes out as; no option replaces the mainline model of a reply."""
    if case.kind == "request":
        return bytes(case.translate(body, case.format, imagewire.Options()).body)
    result = imagewire.translate_response(
        body, source=case.format, target=case.format, status=case.status
    )
    return bytes(result.body)


class TestSamples:
    @pytest.mark.parametrize("case", JSON_CASES, ids=str)
    def test_each_comes_back_as_it_is(self, case: Case) -> None:
        try:
            same = json.loads(case.body) == json.loads(passed(case, case.body))
        except ValueError:  # a form
            same = False

        assert same is (str(case) not in OTHERS)

    @pytest.mark.parametrize(
        "case", [c for c in JSON_CASES if str(c) != "request-images-edit_images"], ids=str
    )
    def test_a_second_pass_gives_the_same_bytes(self, case: Case) -> None:
        first = passed(case, case.body)

        assert first == passed(case, first)


class TestOfficialBodies:
    @pytest.mark.parametrize("name", [name for name in BODIES if name != "images-request"])
    def test_a_null_in_place_of_any_field_stays(self, name: str) -> None:
        """But for what a body cannot be without, and what is no field of the SDK's."""
        for field in BODIES[name].keys() - {"model", "messages", "contents", "choices", "data"}:
            if field != "extra_body":
                body = BODIES[name] | {field: None}
                result = Spoken(name).pass_through(body)

                assert (body, ()) == (json.loads(bytes(result.body)), result.losses), field

    @pytest.mark.parametrize(
        ("name", "body"),
        [
            ("chat-request", sdks.FULL_CHAT_REQUEST),
            ("images-request", image_sdks.FULL_GENERATION),
            ("gemini-response", sdks.FULL_GEMINI_RESPONSE),
        ],
    )
    def test_what_an_sdk_s_types_build_comes_back(self, name: str, body: Any) -> None:
        assert body == json.loads(bytes(Spoken(name).pass_through(body).body))

    @pytest.mark.parametrize(
        "fields",
        [
            {"n": 1, "stream": False, "stop": "END", "tools": [], "tool_choice": "none"},
            {"modalities": ["image", "text"], "max_tokens": 9, "response_format": {"type": "text"}},
            {"temperature": None, "logprobs": False, "reasoning_effort": "none", "store": None},
            {"messages": [{"role": "user", "content": "a"}, {"role": "developer", "content": "b"}]},
            {"messages": [{"role": "user", "content": [{"type": "text", "text": "a"}]}]},
            {
                "messages": [
                    {"role": "assistant", "content": None},
                    {"role": "user", "content": "a"},
                ]
            },
        ],
        ids=str,
    )
    def test_what_says_nothing_and_what_can_be_said_twice_stay_in_chat(self, fields: Any) -> None:
        body = {"model": "m", "messages": [{"role": "user", "content": "a"}], **fields}
        result = Spoken("chat-request").pass_through(body)

        assert (body, ()) == (json.loads(bytes(result.body)), result.losses)

    @pytest.mark.parametrize(
        "fields",
        [
            {},
            {"generationConfig": {"candidateCount": 1, "stopSequences": [], "topK": None}},
            {"systemInstruction": {"role": "user", "parts": []}, "safetySettings": []},
            {"generationConfig": {"responseModalities": ["IMAGE", "TEXT"], "imageConfig": {}}},
        ],
        ids=str,
    )
    def test_nothing_is_added_to_a_request_of_gemini(self, fields: Any) -> None:
        body = {"contents": [{"parts": [{"text": "a"}]}], **fields}

        assert body == json.loads(bytes(Spoken("gemini-request").pass_through(body).body))

    @pytest.mark.parametrize(
        "fields", [{"n": 1, "size": "auto", "quality": "auto", "stream": False, "user": None}, {}]
    )
    def test_a_generation_without_a_model_goes_on_to_who_has_a_default(self, fields: Any) -> None:
        body = {"prompt": "a fox", **fields}

        assert body == json.loads(bytes(Spoken("images-request").pass_through(body).body))

    def test_null_in_one_spelling_is_not_what_stands_in_the_other(self) -> None:
        """Protobuf's JSON takes it for absent, wherever it stands."""
        picture = {"mimeType": "image/png", "data": PNG}
        snake: dict[str, Any] = {
            "contents": [{"parts": [{"inline_data": picture, "inlineData": None}]}]
        }
        snake |= {"generation_config": {"top_k": 1, "topK": None}, "generationConfig": None}

        found = json.loads(bytes(Spoken("gemini-request").pass_through(snake).body))

        assert {
            "contents": [{"parts": [{"inlineData": picture}]}],
            "generationConfig": {"topK": 1},
        } == found

    def test_the_neutral_fields_of_an_sdk_s_form_stay(self) -> None:
        upstream = sdks.Upstream()
        image_sdks.edit(upstream, model="gpt-image-2", n=1, size="auto", stream=False)
        form = image_sdks.form_of(image_sdks.sent_on(upstream, "images"))

        assert image_sdks.sent_form(upstream).fields == form.fields


class TestReplies:
    @pytest.mark.parametrize("finish", ["error", "tool_calls", "eos", None])
    def test_a_finish_reason_of_chat_stays_whatever_the_word(self, finish: str | None) -> None:
        message = {"role": "assistant", "content": "a"}
        choice = {"index": 0, "finish_reason": finish, "message": message}
        body = {"id": "1", "object": "chat.completion", "created": 1, "model": "m"}
        body |= {"choices": [choice]}

        assert body == json.loads(bytes(Spoken("chat-response").pass_through(body).body))

    def test_an_empty_finish_reason_is_null(self) -> None:
        body = {"id": "1", "object": "chat.completion", "created": 1, "model": "m"}
        body["choices"] = [{"finish_reason": "", "message": {"role": "assistant", "content": "a"}}]
        found = json.loads(bytes(Spoken("chat-response").pass_through(body).body))

        assert [None] == [choice["finish_reason"] for choice in found["choices"]]

    def test_an_absent_finish_reason_stays_absent(self) -> None:
        body = {"candidates": [{"content": {"role": "model", "parts": [{"text": "a"}]}}]}

        assert body == json.loads(bytes(Spoken("gemini-response").pass_through(body).body))


class TestWhatIsPutRight:
    def test_pictures_are_put_right_in_their_places(self) -> None:
        odd = PNG.rstrip("=").replace("+", "-").replace("/", "_")
        parts = [{"inlineData": {"mimeType": "image/jpeg", "data": odd}, "thought": None}]
        body = {"contents": {"role": "USER", "parts": [*parts, {"text": "a"}]}, "labels": None}
        result = Spoken("gemini-request").pass_through(body)
        [content] = json.loads(bytes(result.body))["contents"]

        assert ["wrong_media_type"] == [loss.code for loss in result.losses]
        assert "user" == content["role"]
        assert {"mimeType": "image/png", "data": PNG} == content["parts"][0]["inlineData"]
        assert None is content["parts"][0]["thought"]

    def test_a_data_uri_in_a_field_for_a_url_becomes_base64(self) -> None:
        body = {"created": 1, "data": [{"url": PNG_URI, "revised_prompt": None}], "usage": None}
        result = Spoken("images-response").pass_through(body)

        assert {**body, "data": [{"b64_json": PNG, "revised_prompt": None}]} == json.loads(
            bytes(result.body)
        )

    def test_a_bad_entry_is_gone_and_the_rest_stays(self) -> None:
        body = {"created": 1, "data": [{"b64_json": ""}, {"b64_json": PNG}], "quality": None}
        result = Spoken("images-response").pass_through(body)

        assert {**body, "data": [{"b64_json": PNG}]} == json.loads(bytes(result.body))
        assert ["$.data[0]"] == [loss.path for loss in result.losses]

    @pytest.mark.parametrize("role", [{"role": "user"}, {}])
    def test_an_empty_turn_of_gemini_is_gone_with_its_unknown_fields(self, role: Any) -> None:
        words = {**role, "parts": [{"text": "a fox"}]}
        several = [{}, words, {"shiny": 1}, {"parts": [], "shiny": 1, "dull": [2]}, {}, words]
        body = {"contents": [{**role, **turn} for turn in several]}

        result = Spoken("gemini-request").pass_through(body | {"model": "m"})

        assert {"contents": [words, words]} == json.loads(bytes(result.body))

    def test_a_picture_under_a_key_in_brackets_is_written_anew(self) -> None:
        url = "https://example.com/a.png"
        body = {"model": "m", "prompt": "a", "n": 1, "images[0]": url}
        result = Spoken("images-request").pass_through(body)

        assert {"model": "m", "prompt": "a", "n": 1, "images": [{"image_url": url}]} == (
            json.loads(bytes(result.body))
        )

    def test_the_caller_s_model_is_written(self) -> None:
        body = {"model": "a", "n": 1, "messages": [{"role": "user", "content": "b"}]}
        result = imagewire.translate_request(body, source="chat", target="chat", model="c")

        assert {**body, "model": "c"} == json.loads(bytes(result.body))

    @pytest.mark.parametrize("full", FULL, ids=str)
    def test_a_second_pass_of_odd_spellings_gives_the_same_bytes(self, full: Full) -> None:
        spoken = Spoken(str(full))
        first = bytes(spoken.pass_through(full.body).body)

        assert first == bytes(spoken.pass_through(first).body)
