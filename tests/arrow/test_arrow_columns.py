"""Columns: of which types and in which roles they are read, and what becomes of the others."""

from __future__ import annotations

from typing import Any

import duckdb
import msgspec
import polars as pl
import pyarrow as pa
import pytest

from arrow_rows import A_FOX, batch_of, headers_of, only, replies, requests
from bypass import base64_of, picture, reply
from cases import CASES, GEMINI_MODEL
from imagewire.arrow import SCHEMA


class TestColumnsRead:
    @pytest.mark.parametrize(
        "type_",
        [
            pa.binary(),
            pa.large_binary(),
            pa.binary_view(),
            pa.string(),
            pa.large_string(),
            pa.string_view(),
            pa.json_(),
            pa.dictionary(pa.int8(), pa.string()),
            pa.dictionary(pa.uint32(), pa.large_binary()),
        ],
        ids=str,
    )
    @pytest.mark.parametrize("shift", [0, 3])
    def test_bodies_are_binary_or_text_of_any_type(self, type_: pa.DataType, shift: int) -> None:
        bodies = [case.body for case in CASES if (case.kind, case.format) == ("request", "chat")]
        column = pa.array([*bodies, None]).cast(pa.string())
        column = (
            column.cast(type_.value_type).dictionary_encode().cast(type_)
            if pa.types.is_dictionary(type_)
            else column.cast(type_)
        )
        expected = requests(batch_of([*bodies, None])).slice(shift)

        assert expected == requests(batch_of(column.slice(shift)))
        assert expected == requests(batch_of(column).slice(shift))

    def test_a_column_of_nulls_has_no_type_to_be_wrong(self) -> None:
        nulls = pa.nulls(2)
        table = replies(
            batch_of(nulls, s=nulls, h=nulls, c=nulls),
            status_column="s",
            headers_column="h",
            context_column="c",
        )

        assert [502, 502] == [row["error"]["status"] for row in table.to_pylist()]

    def test_the_status_of_a_reply_is_read(self) -> None:
        statuses = pa.array([429, 500, None], pa.int16())
        bodies = [b'{"error":{"code":429,"message":"later"}}', None, reply({"text": "a"})]

        table = replies(batch_of(bodies, code=statuses), status_column="code")

        assert [429, 500, 200] == table["status"].to_pylist()
        assert [*SCHEMA.names] == table.schema.names

    @pytest.mark.parametrize("status", [2**63, 1000, 302, 0, -1])
    def test_what_is_no_status_of_a_reply_is_refused(self, status: int) -> None:
        statuses = pa.array([status], pa.uint64() if status > 0 else pa.int64())

        row = only(replies(batch_of([b"{}"], code=statuses), status_column="code"))

        assert (502, None) == (row["error"]["status"], row["status"])

    def test_the_headers_of_a_reply_are_read(self) -> None:
        headers = [("X-Request-Id", "req_1"), ("Retry-After", "7"), ("Date", None)]
        columns = {
            "code": [503, 503],
            "h": pa.array([headers, None], pa.map_(pa.large_string(), pa.string())),
        }

        first, second = replies(
            batch_of([None, None], **columns), status_column="code", headers_column="h"
        ).to_pylist()

        found = headers_of(first)
        assert ("req_1", "7") == (found["x-request-id"], found["retry-after"])
        assert "retry-after" not in headers_of(second)

    @pytest.mark.parametrize(
        "type_",
        [
            pa.map_(pa.string(), pa.large_string()),
            pa.list_(pa.struct({"name": pa.string(), "value": pa.string()})),
            pa.large_list(pa.struct({"key": pa.string_view(), "value": pa.string_view()})),
            pa.list_(pa.list_(pa.string())),
            pa.list_(pa.list_(pa.string(), 2)),
        ],
        ids=str,
    )
    def test_headers_are_maps_or_lists_of_pairs(self, type_: pa.DataType) -> None:
        pairs: list[Any] = [("Retry-After", "7"), ("X-Request-Id", "req_1")]
        if not pa.types.is_map(type_) and pa.types.is_struct(type_.value_type):
            names = [field.name for field in type_.value_type.fields]
            pairs = [dict(zip(names, pair, strict=True)) for pair in pairs]
        columns = {"code": [503, 503], "h": pa.array([pairs, None], type_)}

        table = replies(batch_of([None, None], **columns), status_column="code", headers_column="h")

        first, second = map(headers_of, table.to_pylist())
        assert ("7", "req_1") == (first["retry-after"], first["x-request-id"])
        assert "retry-after" not in second

    def test_those_that_are_written_are_read(self) -> None:
        body = b'{"error": {"message": "slow", "type": "x"}}'
        once = replies(batch_of([body], s=[429]), "images", "gemini", status_column="s")

        again = replies(once, "gemini", "chat", status_column="status", headers_column="headers")

        assert [429] == again["status"].to_pylist()

    def test_the_path_of_a_request_names_format_and_model(self) -> None:
        gemini = b'{"contents": [{"role": "user", "parts": [{"text": "a fox"}]}]}'
        paths = [
            "/v1beta/models/gemini-3-pro-image:generateContent?key=k",
            "/v1/chat/completions",
            None,
            "/v1/images/variations",
            f"/v1beta/models/{GEMINI_MODEL}:streamGenerateContent",
        ]
        bodies = [gemini, A_FOX, A_FOX, gemini, gemini]

        table = requests(batch_of(bodies, url=paths), "chat", "chat", path_column="url")

        bodies = table["body"].to_pylist()
        models = [msgspec.json.decode(body)["model"] for body in bodies[:3]]
        errors = [row and row["message"] for row in table["error"].to_pylist()]
        assert ["google/gemini-3-pro-image", *["gemini-2.5-flash-image"] * 2] == models
        assert [
            "the path is no endpoint's",
            "`stream` is not supported for image generation",
        ] == errors[3:]

    def test_a_context_goes_out_with_the_request_and_comes_back_with_the_reply(self) -> None:
        """The client's own spelling of the model, which the upstream does not know."""
        body = A_FOX.replace(b"gemini-2.5", b"google/gemini-2.5")
        sent = requests(batch_of([body], id=["a"]))
        answers = batch_of([reply(picture(base64_of(99)))], context=sent["context"])

        row = only(replies(answers, context_column="context"))

        assert "google/gemini-2.5-flash-image" == msgspec.json.decode(row["body"])["model"]

    @pytest.mark.parametrize("context", ["{", "[]", "null", '{"count": "x"}', "\x00"])
    def test_a_context_that_cannot_be_read_fails_its_row_alone(self, context: str) -> None:
        body = reply(picture(base64_of(99)))

        bad, good = replies(
            batch_of([body, body], context=[context, None]), context_column="context"
        ).to_pylist()

        assert bad["error"]["message"].startswith("the context of the request cannot be read: ")
        assert good["error"] is None


class TestColumnsKept:
    def test_other_columns_pass_through(self) -> None:
        schema = pa.schema(
            [
                pa.field("id", pa.dictionary(pa.int8(), pa.string()), metadata={"a": "b"}),
                pa.field("body", pa.string()),
                pa.field("tags", pa.list_(pa.int8()), nullable=False),
            ],
            metadata={"made": "today"},
        )
        batch = pa.RecordBatch.from_pylist([{"id": "x", "body": "{", "tags": [1, 2]}], schema)

        table = requests(batch)

        assert ["id", "tags", *SCHEMA.names] == table.schema.names
        assert table.schema.metadata == schema.metadata
        for name in ("id", "tags"):
            assert table.schema.field(name).equals(schema.field(name), check_metadata=True)
            assert batch.column(name) == table.column(name)

    def test_twins_among_them_stay_twins(self) -> None:
        columns = [pa.array([b"{"]), pa.array([1]), pa.array([2])]

        table = requests(pa.RecordBatch.from_arrays(columns, ["body", "x", "x"]))

        assert [1, 2] == [column.to_pylist()[0] for column in table.columns[:2]]

    @pytest.mark.parametrize(
        "engine",
        [
            lambda table: table,
            lambda table: pl.DataFrame(table).to_arrow(),
            lambda calls: duckdb.connect().from_arrow(calls).to_arrow_table(),
        ],
        ids=["arrow", "polars", "duckdb"],
    )
    def test_those_of_a_former_step_give_way(self, engine: Any) -> None:
        """Whatever an engine made of their types: the table of calls gets a column of replies."""
        calls = requests(pa.table({"id": ["a", "b"], "body": [A_FOX, b"{"]}))
        answers = pa.array([reply(picture(base64_of(99)))] * 2, pa.binary())
        table = engine(calls.append_column("reply", answers))

        found = replies(table, body_column="reply", context_column="context")

        assert ["id", *SCHEMA.names] == found.schema.names
        assert [200, 200] == found["status"].to_pylist()

    @pytest.mark.parametrize("name", SCHEMA.names)
    def test_one_that_a_result_has_too_is_refused(self, name: str) -> None:
        batch = pa.record_batch({"sent": [A_FOX], name: [1]})

        with pytest.raises(ValueError, match=f"rename these columns, .*: {name}"):
            requests(batch, body_column="sent")
