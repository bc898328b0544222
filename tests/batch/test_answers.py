"""Lines of results are read wherever their ids stand, and however they say how it went."""

from __future__ import annotations

import json
from typing import Any

import pytest

from batch_lines import MODEL, answered, document, gemini, one, refused, requests, responses, text
from imagewire.batch import Batch

M = "resource exhausted, try again"


def status_of(line: dict[str, Any], **about: Any) -> tuple[Any, Any, Any]:
    """The id, the status and the error's words of a result as OpenAI Batch has it."""
    found = document(one(responses(to_shape="openai", **about), text(line)))
    body = found["response"]["body"]
    return (
        found["custom_id"],
        found["response"]["status_code"],
        body.get("error", {}).get("message"),
    )


class TestIds:
    @pytest.mark.parametrize(
        "line",
        [
            {"metadata": {"key": "k"}, "response": answered()},
            {"response": answered(), "metadata": {"key": "k"}},
            {"metadata": {"key": "k"}, "response": json.dumps(answered())},
            {"id": "k", "response": answered()},
            {"id": "k", "request": {}, "response": answered(), "status": ""},
            {"id": "k", "path": "/v1/x", "status": 200, "body": answered()},
            {"request": {"labels": {"imagewire_id": "k"}}, "response": answered(), "status": ""},
            {"request": {"labels": {"litellm_custom_id": "k"}}, "response": answered()},
        ],
    )
    def test_an_id_is_found_wherever_it_stands(self, line: dict[str, Any]) -> None:
        found = one(responses(), text(line))

        assert ("k", ()) == (found.id, found.losses)

    def test_an_inlined_request_has_one(self) -> None:
        contents = {"contents": [{"parts": [{"text": "a fox"}]}]}
        batch = Batch(source="gemini", target="chat", model=MODEL)

        found = one(batch, text({"request": contents, "metadata": {"key": "k"}}))

        assert ("k", ()) == (found.id, found.losses)

    def test_other_metadata_is_reported(self) -> None:
        line = {"metadata": {"key": "k", "who": "me"}, "response": answered()}

        found = one(responses(), text(line))

        assert ("k", ["$.metadata"]) == (found.id, [loss.path for loss in found.losses])

    @pytest.mark.parametrize("metadata", [{"who": "me"}, [], "k"])
    def test_metadata_without_a_key_has_none(self, metadata: Any) -> None:
        found = one(responses(), text({"metadata": metadata, "response": answered()}))

        assert (None, ["$.metadata"]) == (found.id, [loss.path for loss in found.losses])

    @pytest.mark.parametrize(
        "body",
        [
            {
                "model": MODEL,
                "messages": [{"role": "user", "content": "a"}],
                "metadata": {"key": "k"},
            },
            {"id": "r", "model": MODEL, "messages": [{"role": "user", "content": "a"}]},
        ],
    )
    def test_a_bare_body_with_metadata_of_its_own_is_bare(self, body: dict[str, Any]) -> None:
        found = one(requests(), text(body))

        assert (None, "bare") == (found.id, found.job and found.job.shape)


class TestStatuses:
    @pytest.mark.parametrize(
        ("line", "expected"),
        [
            ({"key": "k", "status": {"code": 8, "message": M}}, ("k", 429, M)),
            ({"metadata": {"key": "k"}, "error": {"code": 8, "message": M}}, ("k", 429, M)),
            ({"metadata": {"key": "k"}, "status": {"code": 8, "message": M}}, ("k", 429, M)),
            ({"id": "k", "status": 502, "body": {"message": M}}, ("k", 502, M)),
            ({"id": "k", "status": 502, "body": M}, ("k", 502, M)),
            ({"id": "k", "status": "502", "body": {"message": M}}, ("k", 502, M)),
            ({"id": "k", "status": 429, "response": {"error": {"message": M}}}, ("k", 429, M)),
            ({"id": "k", "status": "failure", "response": {}, "error_str": M}, ("k", 500, M)),
            (
                {
                    "id": "k",
                    "status": "failure",
                    "response": None,
                    "error_str": M,
                    "error_information": {"error_code": "429"},
                },
                ("k", 429, M),
            ),
            (
                {
                    "request": {"labels": {"imagewire_id": "k"}},
                    "response": {},
                    "status": f'Error: {{"error": {{"code": 429, "message": "{M}"}}}}',
                },
                ("k", 429, M),
            ),
            ({"key": "k", "status": "success", "response": answered()}, ("k", 200, None)),
            ({"id": "k", "status": "success", "response": answered()}, ("k", 200, None)),
            ({"id": "k", "status": 200, "body": answered()}, ("k", 200, None)),
            ({"id": "k", "body": None, "response": answered()}, ("k", 200, None)),
        ],
    )
    def test_a_response_that_is_there_wins_else_the_status_says_what_failed(
        self, line: dict[str, Any], expected: tuple[Any, Any, Any]
    ) -> None:
        assert expected == status_of(line)

    def test_a_status_without_words_is_the_failure(self) -> None:
        assert ("k", 504) == status_of({"id": "k", "status": 504})[:2]

    @pytest.mark.parametrize(
        ("line", "path"),
        [
            ({"id": "k", "status": 200}, "$.body"),
            ({"id": "k", "status": "success", "response": None}, "$.body"),
            ({"key": "k", "status": True}, "$.status"),
            ({"key": "k", "status": 7}, "$.status"),
            ({"key": "k", "response": "{}"}, "$.response"),
            ({"metadata": {"key": {}}, "response": {}}, "$.metadata.key"),
            ({"id": "k", "status": "failure", "error_str": 5, "body": {}}, "$.error_str"),
        ],
    )
    def test_what_says_nothing_is_refused(self, line: dict[str, Any], path: str) -> None:
        assert path == refused(responses(), text(line)).error.path

    def test_json_as_text_is_the_json(self) -> None:
        """As columns of BigQuery hold it, in a body of any shape."""
        line = {
            "custom_id": "k",
            "response": {"status_code": 200, "body": json.dumps(answered())},
        }
        as_text = one(responses(shape="openai"), text(line))

        assert bytes(one(responses(to_shape="openai"), gemini("k")).body) == bytes(as_text.body)


class TestTheGeneralShape:
    def test_a_request_names_its_path(self) -> None:
        found = document(one(requests(), text({"id": "1", "body": {**ASKED, "n": 3}})))

        expected = f"/v1beta/models/{MODEL}:generateContent"
        assert ("1", expected, 3) == (found["id"], found["path"], found["repeat"])

    def test_the_path_of_a_request_is_read(self) -> None:
        contents = {"contents": [{"parts": [{"text": "a fox"}]}]}
        path = f"/v1beta/models/{MODEL}:generateContent"
        line = text({"id": "1", "path": path, "repeat": 2, "body": contents})

        found = one(Batch(source="gemini", target="chat", to_shape="id"), line)

        assert "google/" + MODEL == document(found)["body"]["model"]
        assert (2, ("1#1", "1#2")) == (document(found)["repeat"], found.call_ids)

    def test_its_body_may_be_called_a_request(self) -> None:
        found = document(one(requests(), text({"id": "1", "request": ASKED})))

        assert ("1", "a fox") == (found["id"], found["body"]["contents"][0]["parts"][0]["text"])

    @pytest.mark.parametrize("repeat", [0, 11, -1, "2", 1.5])
    def test_a_request_is_sent_so_often_as_one_may_ask_for_pictures(self, repeat: Any) -> None:
        found = refused(requests(), text({"id": "1", "repeat": repeat, "body": ASKED}))

        assert "$.repeat" == found.error.path

    @pytest.mark.parametrize(
        ("path", "words"),
        [("/v1/embeddings", "not an endpoint"), ("/v1/images/edits", "not a url for chat")],
    )
    def test_another_path_is_refused(self, path: str, words: str) -> None:
        found = refused(requests(), text({"id": "1", "path": path, "body": ASKED}))

        assert ("$.path", True) == (found.error.path, words in found.error.message)

    @pytest.mark.parametrize("status", [200, 429])
    def test_a_result_has_its_status(self, status: int) -> None:
        body = answered() if status == 200 else {"error": {"code": status, "message": M}}
        line = one(responses(to_shape="id"), text({"id": "1", "status": status, "body": body}))
        again = one(responses(source="chat", target="gemini"), bytes(line.body))

        assert (status, status) == (document(line)["status"], document(again)["status"])


ASKED = {"model": MODEL, "messages": [{"role": "user", "content": "a fox"}]}
