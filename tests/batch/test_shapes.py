"""The shapes of lines: what is read, what is written, and what is said of the rest."""

from __future__ import annotations

import json
from typing import Any

import pytest

from batch_lines import (
    MODEL,
    answered,
    asked,
    document,
    gemini,
    one,
    openai,
    refused,
    requests,
    responses,
    text,
)
from imagewire.batch import Batch
from imagewire.batch.shapes import SHAPES

PATH = f"/v1beta/models/{MODEL}:generateContent"
GEMINI_BODY = {
    "contents": [{"role": "user", "parts": [{"text": "a fox"}]}],
    "generationConfig": {"responseModalities": ["TEXT", "IMAGE"]},
}


class TestRequests:
    @pytest.mark.parametrize(
        ("line", "expected"),
        [
            (openai("a", asked()), {"key": "a", "request": GEMINI_BODY}),
            (text({"custom_id": "a", "body": asked()}), {"key": "a", "request": GEMINI_BODY}),
            (
                openai("a", asked(), url="/chat/completions", method="post"),
                {"key": "a", "request": GEMINI_BODY},
            ),
            (text({"custom_id": None, "body": asked()}), {"key": "1", "request": GEMINI_BODY}),
            (text({"custom_id": 17, "body": asked()}), {"key": "17", "request": GEMINI_BODY}),
            (text({"id": "a", "body": asked()}), {"id": "a", "path": PATH, "body": GEMINI_BODY}),
            (text({"id": 17, "body": asked()}), {"id": "17", "path": PATH, "body": GEMINI_BODY}),
            (text(asked()), GEMINI_BODY),
            (b"\xef\xbb\xbf" + openai("a", asked()), {"key": "a", "request": GEMINI_BODY}),
        ],
        ids=[
            "openai",
            "openai, body and id alone",
            "openai as Azure writes it",
            "without an id, by its number",
            "a number as id",
            "id and body",
            "a number as the id of logs",
            "bare",
            "a byte order mark",
        ],
    )
    def test_a_line_becomes_one_of_the_targets_own_shape(self, line: bytes, expected: Any) -> None:
        assert expected == document(one(requests(), line))

    @pytest.mark.parametrize(
        "line",
        [
            text({"key": "a", "request": GEMINI_BODY}),
            text(
                {
                    "key": "a",
                    "request": {
                        "contents": [{"parts": [{"text": "a fox"}]}],
                        "generation_config": {"response_modalities": ["TEXT", "IMAGE"]},
                    },
                }
            ),
        ],
        ids=["camelCase", "snake_case"],
    )
    def test_a_gemini_line_becomes_one_of_openai(self, line: bytes) -> None:
        batch = Batch(source="gemini", target="chat", model=MODEL)
        expected = {
            "custom_id": "a",
            "method": "POST",
            "url": "/v1/chat/completions",
            "body": asked(),
        }

        assert expected == document(one(batch, line))

    def test_an_edit_is_json_with_any_options(self) -> None:
        content = [
            {"type": "text", "text": "a hat"},
            {"type": "image_url", "image_url": {"url": "data:image/gif;base64,R0lGODlhLi4u"}},
        ]
        body = asked(messages=[{"role": "user", "content": content}], model="gpt-image-2")

        found = document(one(requests(target="images"), openai("a", body)))

        assert "/v1/images/edits" == found["url"]
        assert [{"image_url": "data:image/gif;base64,R0lGODlhLi4u"}] == found["body"]["images"]

    @pytest.mark.parametrize("shape", list(SHAPES))
    def test_every_shape_reads_what_it_writes(self, shape: Any) -> None:
        batch = requests(target="chat", to_shape=shape, shape="bare")
        line = bytes(one(batch, text(asked())).body)

        assert line == bytes(one(requests(target="chat", shape=shape, to_shape=shape), line).body)

    def test_native_lines_are_of_the_shape_of_their_upstream(self) -> None:
        batch = requests(target="native")

        assert "key" in document(one(batch, openai("a", asked())))
        assert "custom_id" in document(one(batch, openai("a", asked(model="gpt-image-2"))))

    @pytest.mark.parametrize(
        ("line", "path", "words"),
        [
            (b"{", "$", "JSON"),
            (b"[]", "$", "JSON object"),
            (b"\xff\n", "$", "JSON"),
            (b'{"a":' * 3000, "$", "JSON"),
            (text({"custom_id": "a"}), "$.body", "missing"),
            (text({"custom_id": "a", "body": None}), "$.body", "missing"),
            (text({"key": "a"}), "$.request", "missing"),
            (text({"custom_id": {}, "body": asked()}), "$.custom_id", "a string"),
            (b'{"id":' + b"9" * 5000 + b',"body":{}}', "$.id", "a string"),
            (openai("a", asked(), url=5), "$.url", "str"),
            (openai("a", asked(), url="/v1/embeddings"), "$.url", "not an endpoint for images"),
            (openai("a", asked(), method="GET"), "$.url", "not an endpoint for images"),
            (openai("a", asked(), url="/v1/images/edits"), "$.url", "not a url for chat requests"),
            (openai("a", asked(messages=5)), "$.body.messages", "Expected"),
            (text({"id": "a", "body": asked(n=77)}), "$.body.n", "n"),
        ],
    )
    def test_a_bad_line_is_refused_with_its_place(self, line: bytes, path: str, words: str) -> None:
        found = refused(requests(), line)

        assert path == found.error.path
        assert words in found.error.message

    def test_fields_beside_the_body_are_reported(self) -> None:
        line = openai("a", asked(), metadata={"who": "me"}, key="b", note=None)

        losses = one(requests(), line).losses

        assert [("$.metadata", "metadata"), ("$.key", "metadata")] == [
            (loss.path, loss.level) for loss in losses
        ]

    def test_losses_have_their_place_in_the_line(self) -> None:
        (loss,) = one(requests(), openai("a", asked(size="1536x1024"))).losses

        assert "$.body.size" == loss.path


class TestResponses:
    def test_a_gemini_result_becomes_one_of_openai(self) -> None:
        found = document(one(responses(), gemini("a"), first=7))

        body = found["response"].pop("body")
        expected = {
            "id": "batch_req_7",
            "custom_id": "a",
            "response": {"status_code": 200, "request_id": ""},
            "error": None,
        }
        assert expected == found
        assert "chat.completion" == body["object"]

    def test_an_openai_result_becomes_one_of_gemini(self) -> None:
        line = bytes(one(responses(), gemini("a")).body)
        batch = responses(source="chat", target="gemini")

        found = document(one(batch, line))

        assert "a" == found["key"]
        parts = found["response"]["candidates"][0]["content"]["parts"]
        assert answered()["candidates"][0]["content"]["parts"] == parts

    @pytest.mark.parametrize("shape", list(SHAPES))
    def test_every_shape_reads_what_it_writes(self, shape: Any) -> None:
        batch = responses(target="gemini", to_shape=shape, shape="bare")
        line = bytes(one(batch, text(answered())).body)

        again = responses(target="gemini", shape=shape, to_shape=shape)
        assert line == bytes(one(again, line).body)

    @pytest.mark.parametrize(
        ("fields", "status", "message"),
        [
            ({"error": {"code": 409, "message": "slow", "status": "ABORTED"}}, 409, "slow"),
            ({"error": {"code": 3, "message": "bad"}}, 400, "bad"),
            ({"error": {"code": 14, "message": "gone"}}, 503, "gone"),
            ({"error": {"code": 99, "message": "odd"}}, 500, "odd"),
            ({"error": "odd"}, 500, "odd"),
            ({"status": 'Bad Request: {"error": {"code": 400, "message": "no"}}'}, 400, "no"),
            ({"status": "Internal {x}"}, 500, "Internal {x}"),
        ],
    )  # fmt: skip
    def test_an_error_of_gemini_becomes_an_error_reply(
        self, fields: Any, status: int, message: str
    ) -> None:
        line = one(responses(), text({"key": "a", "response": {}, **fields}))

        response = document(line)["response"]
        assert (status, message) == (response["status_code"], response["body"]["error"]["message"])
        assert line.failure is not None

    @pytest.mark.parametrize(
        ("code", "status", "name"),
        [
            ("batch_expired", 504, "DEADLINE_EXCEEDED"),
            ("batch_cancelled", 499, "CANCELLED"),
            ("rate_limit_exceeded", 429, "RESOURCE_EXHAUSTED"),
            (None, 500, "INTERNAL"),
        ],
    )
    def test_a_request_that_never_ran_is_an_error_of_the_target(
        self, code: Any, status: int, name: str
    ) -> None:
        error = {"code": code, "message": "no time left"}
        line = text({"id": "x", "custom_id": "a", "response": None, "error": error})

        found = document(one(responses(source="chat", target="gemini"), line))

        assert ["key", "error"] == list(found)
        assert (status, name) == (found["error"]["code"], found["error"]["status"])

    def test_a_refused_request_keeps_its_status_and_request_id(self) -> None:
        body = {"error": {"message": "no", "type": "x", "param": None, "code": None}}
        response = {"status_code": 422, "request_id": "req-1", "body": body}
        line = text({"id": "x", "custom_id": "a", "response": response, "error": None})

        found = document(one(responses(source="chat", target="images"), line))

        assert response == found["response"]

    @pytest.mark.parametrize(
        ("line", "path"),
        [
            (text({"custom_id": "a"}), "$.response"),
            (text({"custom_id": "a", "response": 5}), "$.response"),
            (text({"custom_id": "a", "response": {"status_code": 200}}), "$.response"),
            (text({"custom_id": "a", "response": {"body": {}}}), "$.response.body.candidates"),
            (text({"key": "a"}), "$.response"),
            (b'{"key": "a", "error": "\xff"}', "$"),
            (text({"key": "a", "status": 5}), "$.status"),
            (text({"id": "a", "body": {"candidates": 5}}), "$.body.candidates"),
        ],
    )
    def test_what_is_no_result_is_refused_with_its_place(self, line: bytes, path: str) -> None:
        assert path == refused(responses(), line).error.path

    def test_what_vertex_repeats_of_the_request_is_no_loss(self) -> None:
        line = gemini("a", request=GEMINI_BODY, processed_time="2026-01-01T00:00:00Z", status="")

        assert () == one(responses(), line).losses

    def test_its_metadata_is_one(self) -> None:
        line = gemini("a", metadata={"who": "me"})

        assert ["$.metadata"] == [loss.path for loss in one(responses(), line).losses]


def test_the_raw_text_of_a_line_ends_where_the_line_does() -> None:
    pretty = json.dumps({"custom_id": "a", "body": asked()}, indent=1).replace("\n", " ").encode()

    assert b"\n" == bytes(one(requests(), pretty).body)[-1:]
    assert 1 == bytes(one(requests(), pretty).body).count(b"\n")
