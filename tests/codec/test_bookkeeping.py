"""Bookkeeping of a reply never makes it malformed: invalid, it is ignored and reported.

Known failures: a counter that a gateway writes as text, or beyond every integer, must not cost a
picture that was paid for.
"""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

import hub
import imagewire
from bodies import document
from full_bodies import FULL, Field, Full, added, copy_at, fields_of, replaced
from imagewire import LossCode
from imagewire.codec.fields import ProtoWire
from imagewire.errors import MalformedError
from imagewire.paths import join, other_spellings

REPLIES = pytest.mark.parametrize("full", [f for f in FULL if f.kind == "response"], ids=str)
#: What carries pictures, words or the refusal, and what says which of the parts are thoughts.
CARRYING = {
    "gemini": {
        *("candidates", "content", "parts", "text", "inlineData", "data", "fileData", "fileUri"),
        *("thought", "finishMessage", "promptFeedback", "blockReason", "blockReasonMessage"),
        "error",
    },
    "chat": {
        *("choices", "message", "content", "refusal", "images", "image", "type", "text"),
        *("image_url", "url", "data", "file", "file_data", "file_id", "filename", "reasoning"),
        *("tool_calls", "function_call", "extra_content", "google", "vertex", "thought"),
        *("moderation_stage", "thought_signatures", "error"),
    },
    "responses": {
        *("output", "type", "content", "text", "result", "error", "message", "code", "refusal"),
        *("image_url", "file_id", "revised_prompt", "summary", "b64_json"),
    },
    "images": {
        *("data", "b64_json", "url", "revised_prompt", "extra_content", "google", "vertex"),
        *("thought", "error"),
    },
}


def forgiven(full: Full) -> list[Field]:
    """The bookkeeping of a body that has a type to be wrong."""
    fields = fields_of(full.body, full.struct)
    return [field for field in fields if full.forgives(field) and Any not in field.types]


def ignored(outcome: imagewire.Outcome[Any]) -> list[str]:
    return [loss.path for loss in outcome.losses if loss.code is LossCode.INVALID_FIELD]


def chat(**fields: Any) -> dict[str, Any]:
    url = f"data:image/png;base64,{hub.PNG}"
    return {"choices": [{"message": {"images": [{"image_url": {"url": url}}]}}], **fields}


class TestFields:
    @REPLIES
    def test_every_field_is_bookkeeping_or_carries_something(self, full: Full) -> None:
        """A new field of a struct is decided by name."""
        strict = {
            str(field.path[-1])
            for field in fields_of(full.body, full.struct)
            if not full.forgives(field)
        }

        assert set() == strict - CARRYING[full.format]

    @REPLIES
    @pytest.mark.parametrize("wrong", [{"a": [1]}, "\u00e9", [[1]], True, -1.5, 2**63], ids=repr)
    def test_one_of_a_wrong_type_counts_as_absent(self, full: Full, wrong: Any) -> None:
        for field in forgiven(full):
            body = replaced(full.body, field.path, **{str(field.path[-1]): wrong})
            outcome = full.outcome(msgspec.json.encode(body))
            found = ignored(outcome)

            assert found in ([], [join("$", field.path)], [join("$", (*field.path, "a"))]), body
            if found:
                assert full.read(replaced(full.body, field.path)) == outcome.value, field.path

    @REPLIES
    def test_two_spellings_at_once_are_reported_at_the_second(self, full: Full) -> None:
        for field in forgiven(full):
            spellings = set(other_spellings(field.info.name)) - {field.path[-1]}
            if issubclass(field.struct, ProtoWire) and spellings:
                (key,) = spellings
                value = copy_at(full.body, field.path)[1]
                body = added(full.body, field.path[:-1], **{key: value})
                outcome = full.outcome(body)

                assert [join("$", (*field.path[:-1], key))] == ignored(outcome)
                assert full.read(full.body) == outcome.value


class TestNumbers:
    @pytest.mark.parametrize("digits", ["9" * 4300, "9" * 5000, "1e999", "-1e999", "1e300"])
    @pytest.mark.parametrize("target", imagewire.FORMATS)
    def test_counts_beyond_all_numbers_keep_the_picture(self, digits: str, target: str) -> None:
        """Their sum would have more digits than CPython writes."""
        usage = {"prompt_tokens": "count", "completion_tokens": "count"}
        raw = msgspec.json.encode(chat(usage=usage)).replace(b'"count"', digits.encode())
        reply = imagewire.translate_response(raw, source="chat", target=target)

        assert hub.PNG in bytes(reply.body).decode()
        assert ["$.usage.prompt_tokens", "$.usage.completion_tokens"] == [
            loss.path for loss in reply.losses if loss.code is LossCode.INVALID_FIELD
        ]

    @pytest.mark.parametrize("source", imagewire.FORMATS)
    def test_a_number_out_of_range_in_an_unknown_field_is_reported(self, source: str) -> None:
        """As JSON it would come back as another number, or as null."""
        full = next(full for full in FULL if (full.format, full.kind) == (source, "response"))
        raw = msgspec.json.encode(added(full.body, (), strange={"a": ["here"]}))
        reply = imagewire.translate_response(
            raw.replace(b'"here"', b"1e999"),
            source=source,
            target=source,
            options=imagewire.Options(keep_drafts=True),
        )

        assert "strange" not in document(reply)
        assert ["$.strange"] == [
            loss.path for loss in reply.losses if loss.code is LossCode.INVALID_FIELD
        ]

    def test_one_in_ratings_is_reported_too(self) -> None:
        raw = b'{"candidates":[{"content":{"parts":[{"text":"a"}]},"safetyRatings":[1e999]}]}'
        outcome = imagewire.gemini.read_response(raw)

        assert ["$.candidates[0].safetyRatings"] == ignored(outcome)

    @pytest.mark.parametrize(
        ("field", "path"),
        [
            (b'"message":{"tool_calls":[1e999]}', "$.choices[0].message.tool_calls"),
            (b'"message":{"content":1e999}', "$.choices[0].message.content"),
        ],
    )
    def test_one_in_what_carries_the_answer_is_malformed(self, field: bytes, path: str) -> None:
        with pytest.raises(MalformedError, match="a number must be finite") as caught:
            imagewire.chat.read_response(b'{"choices":[{%s}]}' % field)

        assert (502, path) == (caught.value.status, caught.value.path)

    @pytest.mark.parametrize("rest", [b"NaN", b'"\\ud800"', b"[" * 2000, b"\xff"])
    def test_what_is_no_json_behind_it_is_malformed(self, rest: bytes) -> None:
        with pytest.raises(MalformedError, match="not valid JSON"):
            imagewire.chat.read_response(b'{"usage":1e999,"a":%s}' % rest)

    def test_in_a_request_it_is_the_clients_fault(self) -> None:
        with pytest.raises(MalformedError, match="out of range") as caught:
            imagewire.chat.read_request(b'{"messages":[{"role":"user","content":"a"}],"n":1e999}')

        assert 400 == caught.value.status
