"""Several replies to one request: one row."""

from __future__ import annotations

from typing import Any

import msgspec
import polars as pl
import pyarrow as pa
import pytest

import imagewire
from arrow_rows import batch_of, headers_of, requests, row_of
from batch_lines import answered, asked
from imagewire import Failure, Reply, ReplyContext
from imagewire.arrow import AS_JSON, SCHEMA, merge_batch

BODIES = [msgspec.json.encode(answered(words=f"w{seed}", seed=seed)) for seed in range(6)]
IDS = ["b", "a", "b", "c", "a", "b"]


def merged(batch: Any, by: str = "id", **about: Any) -> Any:
    return merge_batch(batch, by=by, source="gemini", target="chat", created=5, **about)


def expected(*replies: Reply | Failure, context: ReplyContext = ReplyContext()) -> dict[str, Any]:
    found = imagewire.translate_responses(
        replies, source="gemini", target="chat", created=5, options=AS_JSON, context=context
    )
    return row_of(found)


class TestMerging:
    def test_replies_with_one_id_become_one_row(self) -> None:
        """In the order of the first of them; within it, in their own order."""
        found = merged(batch_of(BODIES, id=IDS)).to_pylist()

        assert [
            {"id": "b", **expected(*map(Reply, (BODIES[0], BODIES[2], BODIES[5])))},
            {"id": "a", **expected(*map(Reply, (BODIES[1], BODIES[4])))},
            {"id": "c", **expected(Reply(BODIES[3]))},
        ] == found

    def test_a_request_for_three_pictures_comes_back_as_one_reply(self) -> None:
        """There and back, with a table of calls in the middle."""
        asks = [msgspec.json.encode(asked(n=3)), msgspec.json.encode(asked("an owl"))]
        calls = requests(pa.table({"id": ["fox", "owl"], "body": asks}))
        sent = [row for row in calls.to_pylist() for _ in range(row["repeat"])]
        answers = pa.table(
            {
                "id": [row["id"] for row in sent],
                "context": [row["context"] for row in sent],
                "body": BODIES[:4],
            }
        )

        found = merged(answers, context_column="context").to_pylist()

        bodies = [msgspec.json.decode(row["body"]) for row in found]
        pictures = [
            sum(part["type"] == "image_url" for part in body["choices"][0]["message"]["content"])
            for body in bodies
        ]
        assert (["fox", "owl"], [3, 1]) == ([row["id"] for row in found], pictures)

    def test_other_columns_are_those_of_the_first_reply(self) -> None:
        found = merged(batch_of(BODIES, id=IDS, n=[*range(6)]))

        assert ["id", "n", *SCHEMA.names] == found.schema.names
        assert [0, 1, 3] == found["n"].to_pylist()

    def test_a_null_is_the_id_of_nothing(self) -> None:
        found = merged(batch_of(BODIES[:3], id=pa.nulls(3, pa.string())))

        assert 3 == found.num_rows

    @pytest.mark.parametrize(
        "ids",
        [
            pa.array([7, 8, 7, 9, 8, 7]),
            pa.array(IDS).dictionary_encode(),
            pa.array([{"a": id_} for id_ in IDS]),
            pa.array([[id_] for id_ in IDS]),
        ],
        ids=lambda ids: str(ids.type).partition("<")[0],
    )
    def test_an_id_may_be_of_any_type(self, ids: pa.Array) -> None:
        found = merged(batch_of(BODIES, id=ids))

        assert [ids[0].as_py(), ids[1].as_py(), ids[3].as_py()] == found["id"].to_pylist()

    def test_failed_calls_are_reported(self) -> None:
        statuses = [200, 503, 200]
        batch = batch_of([BODIES[0], None, BODIES[1]], id=["a"] * 3, s=statuses)

        (found,) = merged(batch, status_column="s").to_pylist()

        replies = [Reply(BODIES[0]), Reply(b"", 503), Reply(BODIES[1])]
        assert {"id": "a", **expected(*replies)} == found

    def test_a_status_that_is_none_is_a_failed_call(self) -> None:
        batch = batch_of(BODIES[:2], id=["a", "a"], s=[2000, 200])

        (found,) = merged(batch, status_column="s").to_pylist()

        assert (200, None) == (found["status"], found["error"])
        assert ["missing_image"] == [
            loss["code"] for loss in found["losses"] if loss["level"] == "content"
        ]

    def test_alone_it_is_an_error(self) -> None:
        (found,) = merged(batch_of(BODIES[:1], id=["a"], s=[2000]), status_column="s").to_pylist()

        assert (502, None) == (found["error"]["status"], found["body"])

    def test_of_failures_alone_one_is_written(self) -> None:
        bodies = [b'{"error": {"code": 429, "message": "slow"}}'] * 2
        headers = pa.array([[("Retry-After", "9")]] * 2, pa.map_(pa.string(), pa.string()))
        batch = batch_of(bodies, id=["a"] * 2, s=[429] * 2, h=headers)

        (found,) = merged(batch, status_column="s", headers_column="h").to_pylist()

        assert (429, "9") == (found["status"], headers_of(found)["retry-after"])

    def test_the_context_is_that_of_any_of_them(self) -> None:
        context = msgspec.json.encode(ReplyContext(model="google/mine")).decode()
        batch = batch_of(BODIES[:2], id=["a", "a"], c=[None, context])

        (found,) = merged(batch, context_column="c").to_pylist()

        assert "google/mine" == msgspec.json.decode(found["body"])["model"]


class TestTables:
    table = pa.table(
        {
            "id": pa.chunked_array([IDS[:2], IDS[2:]]),
            "body": pa.chunked_array([BODIES[:2], BODIES[2:]], pa.binary()),
        }
    )

    def test_a_record_batch_gives_one_and_all_else_a_table(self) -> None:
        batch = merged(self.table.combine_chunks().to_batches()[0])
        reader = pa.RecordBatchReader.from_batches(self.table.schema, self.table.to_batches())

        wanted = pa.Table.from_batches([batch])
        assert isinstance(batch, pa.RecordBatch)
        assert wanted == merged(self.table) == merged(reader)
        frame: Any = pl.DataFrame(self.table)
        assert wanted.to_pylist() == merged(frame).to_pylist()

    def test_an_empty_one_gives_an_empty_one(self) -> None:
        found = merged(self.table.slice(0, 0))

        assert (0, ["id", *SCHEMA.names]) == (found.num_rows, found.schema.names)

    def test_wrong_columns_are_named(self) -> None:
        with pytest.raises(ValueError, match="there are 0 columns named 'other'"):
            merged(self.table, by="other")
