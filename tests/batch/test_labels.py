"""Rows of Vertex AI: their ids are in labels, which results repeat: no state file is needed."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batch_lines import (
    MODEL,
    answered,
    asked,
    document,
    documents,
    one,
    openai,
    refused,
    requests,
    responses,
    text,
    translated,
)
from imagewire import Options
from imagewire.batch import Batch, Line

VERTEX = Options(vertex=True)
IDS = [
    "a",
    "a-b_c9",
    "A",
    "with a blank",
    "狐",
    "x" * 63,
    "x" * 64,
    "y" * 900,
    "",
    "#1",
    "imagewire",
]


def labels(line: Line) -> dict[str, str]:
    found: dict[str, str] = document(line)["request"]["labels"]
    return found


class TestLabels:
    @pytest.mark.parametrize("id_", IDS)
    def test_an_id_goes_there_and_comes_back(self, id_: str) -> None:
        """Without a state file: Vertex AI repeats the request in the result."""
        sent = one(requests(options=VERTEX), openai(id_, asked()))
        row = {**document(sent), "status": "", "response": answered(), "processed_time": "now"}

        back = one(responses(), text(row))

        assert {"request"} == document(sent).keys()
        assert (id_, id_, ()) == (back.id, document(back)["custom_id"], back.losses)

    @given(st.text())
    def test_a_label_has_few_letters(self, id_: str) -> None:
        for name, value in labels(one(requests(to_shape="vertex"), openai(id_, asked()))).items():
            assert re.fullmatch(r"imagewire_id(_\d+)?", name)
            assert re.fullmatch(r"[a-z0-9_-]{0,63}", value)

    def test_one_that_fits_can_be_read(self) -> None:
        assert {"imagewire_id": "fox-1"} == labels(
            one(requests(options=VERTEX), openai("fox-1", asked()))
        )

    def test_other_labels_stay_and_older_ids_go(self) -> None:
        mine = {"team": "red", "imagewire_id": "old", "imagewire_id_1": "older"}
        body = {"contents": [{"parts": [{"text": "a"}]}], "labels": mine}
        batch = Batch(source="gemini", target="gemini", model=MODEL, options=VERTEX)

        found = one(batch, text({"key": "new", "request": body}))

        assert {"team": "red", "imagewire_id": "new"} == labels(found)

    def test_lines_that_share_all_but_their_ids_have_their_own(self) -> None:
        """Some are labels as they are, others are not."""
        lines = [openai(id_, asked(f"a fox {id_}")) for id_ in IDS]

        together = translated(requests(options=VERTEX), *lines)

        alone = [one(requests(options=VERTEX), line) for line in lines]
        assert [bytes(line.body) for line in alone] == [
            bytes(line.body) for line in together if isinstance(line, Line)
        ]

    def test_each_call_of_several_has_its_own(self) -> None:
        found = one(requests(options=VERTEX), openai("a", asked(n=2)))

        rows = [row["request"] for row in documents(bytes(found.body))]
        ids = [one(responses(), text({"request": row, "response": answered()})).id for row in rows]
        assert ["a#1", "a#2"] == ids

    def test_a_label_of_no_id_is_refused(self) -> None:
        row = {"request": {"labels": {"imagewire_id_0": "0189"}}, "response": answered()}

        assert "$.request.labels" == refused(responses(), text(row)).error.path

    @pytest.mark.parametrize("own", [{}, {"labels": {}}, {"labels": 5}, {"labels": {"a": 5}}, []])
    def test_a_row_without_an_id_has_its_number(self, own: Any) -> None:
        found = one(responses(), text({"request": own, "response": answered()}), first=7)

        assert (None, "7") == (found.id, document(found)["custom_id"])

    def test_a_large_picture_goes_through(self) -> None:
        url = "data:image/png;base64," + "iVBORw0K" * 10_000
        content = [
            {"type": "text", "text": "a hat"},
            {"type": "image_url", "image_url": {"url": url}},
        ]

        found = document(one(requests(options=VERTEX), openai("a", asked(content))))

        parts = found["request"]["contents"][0]["parts"]
        assert {"imagewire_id": "a"} == found["request"]["labels"]
        assert "iVBORw0K" * 10_000 == parts[1]["inlineData"]["data"]


class TestRows:
    def test_a_result_of_another_api_becomes_a_row(self) -> None:
        line = bytes(one(responses(), text({"key": "A b", "response": answered()})).body)
        batch = responses(source="chat", target="gemini", options=VERTEX)

        found = one(batch, line)

        again = one(responses(), bytes(found.body))
        assert ["request", "status", "response"] == [*document(found)]
        assert ("", "A b") == (document(found)["status"], again.id)

    def test_so_does_a_failure(self) -> None:
        batch = responses(source="gemini", target="gemini", options=VERTEX)

        found = one(batch, text({"key": "a", "error": {"code": 8, "message": "later"}}))

        back = document(one(responses(), bytes(found.body)))["response"]
        assert {} == document(found)["response"]
        assert (429, "later") == (back["status_code"], back["body"]["error"]["message"])

    def test_rows_of_bigquery_hold_json_as_text(self) -> None:
        request = {"contents": [], "labels": {"imagewire_id": "a"}}
        plain = {"request": request, "response": answered(), "status": ""}
        row = {**plain, "request": json.dumps(request), "response": json.dumps(answered())}

        assert one(responses(), text(plain)) == one(responses(), text(row))

    def test_so_do_their_requests(self) -> None:
        request = {"contents": [{"parts": [{"text": "a"}]}], "labels": {"imagewire_id": "a"}}
        batch = Batch(source="gemini", target="images", model="gpt-image-2")

        plain, row = (one(batch, text({"request": it})) for it in (request, json.dumps(request)))

        assert ("a", bytes(plain.body)) == (row.id, bytes(row.body))

    def test_text_that_is_no_json_is_refused(self) -> None:
        batch = Batch(source="gemini", target="images", model="gpt-image-2")

        assert "$.request" == refused(batch, text({"request": "{"})).error.path
