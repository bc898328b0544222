"""Odd lines: each is a line or a reject, and costs what it weighs."""

from __future__ import annotations

from typing import Any

import pytest

from batch_lines import (
    TWICE,
    answered,
    asked,
    contexts,
    document,
    gemini,
    one,
    openai,
    refused,
    requests,
    responses,
    text,
    translated,
)
from imagewire import LossCode, Options
from imagewire.batch import Batch, Line, Reject

BODY = text(asked()).strip()
#: Lines that cannot be read, each with bytes that are no UTF-8 in another place.
BROKEN = [
    (requests(), b'{"custom_id":"\xff","body":%b}' % BODY),
    (requests(), b'{"custom_id":"a","body":"\xff"}'),
    (requests(), b'{"custom_id":"a","body":{"model":"\xff"}}'),
    (requests(), b'{"custom_id":"a","body":%b,"\xff":1}' % BODY),
    (requests(), b'{"custom_id":"a","method":"\xff","url":"/","body":%b}' % BODY),
    (requests(), b'{"id":"a","path":"\xff","body":%b}' % BODY),
    (requests(), b'{"id":"a","repeat":"\xff","body":%b}' % BODY),
    (responses(), b'{"custom_id":"a","response":"\xff"}'),
    (responses(), b'{"custom_id":"a","response":{"body":"\xff"}}'),
    (responses(), b'{"custom_id":"a","response":{"request_id":"\xff","body":{}}}'),
    (responses(), b'{"id":"a","status":"no","error_str":"\xff"}'),
    (responses(), b'{"key":"a","error":{"message":"\xff"}}'),
    (responses(), b'{"request":{"labels":{"imagewire_id_0":"7y"}},"response":{}}'),
]


def many(count: int) -> dict[str, int]:
    return {f"unknown_{number}": number for number in range(count)}


class TestRejects:
    @pytest.mark.parametrize(("batch", "line"), BROKEN)
    def test_what_cannot_be_read_is_one_and_is_not_kept(self, batch: Batch, line: bytes) -> None:
        """An error of Python's shows in its repr all that it could not decode."""
        [found] = translated(batch, line)

        assert isinstance(found, Reject)
        assert (None, None) == (found.error.__cause__, found.error.__context__)

    @pytest.mark.parametrize("labels", [5, "a", [], ["a"]])
    def test_labels_that_are_none_have_no_room_for_an_id(self, labels: Any) -> None:
        request = {"contents": [{"parts": [{"text": "a fox"}]}], "labels": labels}
        batch = Batch(source="gemini", target="gemini", model="m", options=Options(vertex=True))

        assert "$.request.labels" == refused(batch, text({"request": request})).error.path

    def test_a_line_has_no_more_values_than_a_body(self) -> None:
        line = openai("a", asked(), **many(200_000))

        assert "the JSON has more than 200000 values" == refused(requests(), line).error.message


class TestLosses:
    def test_those_of_a_line_are_as_many_as_those_of_a_body(self) -> None:
        line = one(requests(), openai("a", asked(**many(600)), **many(600)))

        assert (1001, "200 more loss(es)") == (len(line.losses), line.losses[-1].detail)

    def test_one_that_counts_others_is_of_no_call(self) -> None:
        lines = [gemini(f"a#{call}", answered() | many(700)) for call in (1, 2)]

        [line] = translated(responses(), *lines, contexts=contexts(TWICE))

        assert isinstance(line, Line)
        assert ("$", LossCode.MORE_METADATA) == (line.losses[-1].path, line.losses[-1].code)
        assert 1001 == len(line.losses)


def test_labels_that_are_null_are_absent() -> None:
    request = {"contents": [{"parts": [{"text": "a fox"}]}], "labels": None}
    batch = Batch(source="gemini", target="gemini", model="m", options=Options(vertex=True))

    found = document(one(batch, text({"request": request})))

    assert {"imagewire_id": "1"} == found["request"]["labels"]


def test_a_number_that_is_no_status_is_none() -> None:
    """Python makes no integer of so many digits."""
    about = {"error_str": "no", "error_information": {"error_code": "9" * 5000}}

    found = document(one(responses(), text({"id": "a", "response": None, "status": "x", **about})))

    assert 500 == found["status"]
