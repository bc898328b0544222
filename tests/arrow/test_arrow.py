"""Tables of bodies: each row is what a call makes of its body, and no row fails another."""

from __future__ import annotations

import importlib
import pickle
import sys
import tracemalloc
from functools import partial
from random import Random
from typing import Any, Literal

import msgspec
import pyarrow as pa
import pytest

import imagewire
from arrow_rows import A_FOX, NOTHING, batch_of, headers_of, only, replies, requests, row_of
from bypass import base64_of, form, picture, reply
from cases import CASES, DIRECTIONS, GEMINI_MODEL
from imagewire import arrow
from imagewire.arrow import AS_JSON, SCHEMA, SPARK_SCHEMA, translate_batch
from mutation import mutated
from outcomes import outcome

BY_DIRECTION = pytest.mark.parametrize(("source", "target"), DIRECTIONS)
MIB = 2**20


def samples(kind: Literal["request", "response"], format_: str) -> list[bytes]:
    """Bodies as they are, and broken ones of each."""
    whole = [case.body for case in CASES if (case.kind, case.format) == (kind, format_)]
    random = Random(7)
    return whole + [mutated(body, random, tuple(whole)) for body in whole for _ in range(8)]


def spark_type(type_: pa.DataType) -> str:
    """A type in the words of Spark's DDL."""
    if pa.types.is_list(type_):
        return f"array<{spark_type(type_.value_type)}>"
    if pa.types.is_struct(type_):
        return f"struct<{', '.join(f'{it.name}: {spark_type(it.type)}' for it in type_.fields)}>"
    return {"int32": "int", "large_binary": "binary"}.get(str(type_), str(type_))


class TestRows:
    @BY_DIRECTION
    def test_a_request_is_what_a_call_makes_of_it(self, source: str, target: str) -> None:
        bodies = samples("request", source)
        call = partial(
            imagewire.translate_request,
            source=source,
            target=target,
            model=GEMINI_MODEL,
            options=AS_JSON,
        )

        table = requests(batch_of(bodies), source, target, model=GEMINI_MODEL)

        assert [row_of(outcome(call, body)) for body in bodies] == table.to_pylist()

    @BY_DIRECTION
    def test_a_reply_is_what_a_call_makes_of_it(self, source: str, target: str) -> None:
        bodies = samples("response", source)
        call = partial(
            imagewire.translate_response, source=source, target=target, created=5, options=AS_JSON
        )

        table = replies(batch_of(bodies), source, target, created=5)

        assert [row_of(outcome(call, body)) for body in bodies] == table.to_pylist()

    def test_a_row_has_a_body_or_an_error(self) -> None:
        table = replies(batch_of(samples("response", "gemini"))).to_pylist()

        assert {(True, False), (False, True)} == {
            (row["body"] is None, row["error"] is None) for row in table
        }

    def test_a_broken_row_has_nothing_but_its_error(self) -> None:
        row = only(requests(batch_of([b'{"model": "gpt-image-2", "messages": 1}'])))

        error = {
            "status": 400,
            "path": "$.messages",
            "message": "Expected `array`, got `int`",
            "urls": [],
        }
        assert {**NOTHING, "error": error} == row

    def test_a_broken_reply_is_the_upstreams_fault(self) -> None:
        assert 502 == only(replies(batch_of([b"{"])))["error"]["status"]

    @pytest.mark.parametrize("translate", [requests, replies])
    def test_no_body_reads_like_an_empty_one(self, translate: Any) -> None:
        """Whatever bytes a null has below it."""
        column = pa.array([A_FOX, None, b""], pa.binary())
        hidden = pa.Array.from_buffers(
            pa.binary(), 2, [pa.py_buffer(b"\x02"), *pa.array([A_FOX, A_FOX]).buffers()[1:]]
        )

        _, null, empty = translate(batch_of(column)).to_pylist()

        expected = "the upstream's reply is not valid JSON"
        if translate is requests:
            expected = "body must be valid JSON"
        assert expected == null["error"]["message"]
        assert empty == null == translate(batch_of(hidden)).to_pylist()[0]

    def test_remote_images_are_named_and_can_be_given(self) -> None:
        url = "https://example.com/fox.gif"
        content = [{"type": "image_url", "image_url": {"url": url}}]
        body = msgspec.json.encode(
            {"model": GEMINI_MODEL, "messages": [{"role": "user", "content": content}]}
        )

        refused = only(requests(batch_of([body])))
        taken = only(requests(batch_of([body]), fetched={url: b"GIF89a"}))

        assert [url] == refused["error"]["urls"]
        assert b"R0lGODlh" in taken["body"]

    def test_an_edit_is_json_unless_told_otherwise(self) -> None:
        body = form(("prompt", b"a hat"), ("image", b"GIF89a"), ("model", b"gpt-image-2"))
        forms = [[("Content-Type", "multipart/form-data; boundary=xyz")]]
        column = pa.array(forms, pa.map_(pa.string(), pa.string()))
        edit = partial(requests, batch_of([body], h=column), "images", "images", headers_column="h")

        as_json, as_form = only(edit()), only(edit(options=imagewire.Options()))

        assert "application/json" == headers_of(as_json)["content-type"]
        assert headers_of(as_form)["content-type"].startswith("multipart/form-data; boundary=")


class TestSchema:
    @pytest.mark.parametrize("bodies", [[], [None], [b"{"], [A_FOX]], ids=len)
    def test_it_is_the_same_whatever_became_of_the_rows(self, bodies: list[Any]) -> None:
        batch = batch_of(pa.array(bodies, pa.binary()))

        assert requests(batch).schema.equals(SCHEMA)
        assert replies(batch).schema.equals(SCHEMA)

    def test_losses_have_the_fields_of_a_loss(self) -> None:
        assert ["kind", "level", "code", "path", "detail"] == [
            field.name for field in SCHEMA.field("losses").type.value_type
        ]

    def test_spark_hears_of_the_same(self) -> None:
        assert SPARK_SCHEMA == ", ".join(
            f"{field.name} {spark_type(field.type)}" for field in SCHEMA
        )


class TestTables:
    chunks = pa.chunked_array([[A_FOX], [], [b"{", A_FOX], [None]], pa.binary())
    table = pa.table({"n": pa.chunked_array([[1, 2, 3], [4]]), "body": chunks})

    def test_a_table_gives_a_table(self) -> None:
        expected = requests(self.table.combine_chunks().to_batches()[0]).to_pylist()

        assert expected == requests(self.table).to_pylist()
        assert isinstance(requests(self.table), pa.Table)

    @pytest.mark.parametrize(
        "table", [table.slice(0, 0), table.schema.empty_table(), table.slice(4)]
    )
    def test_an_empty_table_gives_an_empty_table_of_the_schema(self, table: pa.Table) -> None:
        assert pa.schema([table.schema.field("n"), *SCHEMA]) == requests(table).schema
        assert 0 == requests(table).num_rows

    def test_a_reader_gives_a_reader_that_reads_as_it_is_read(self) -> None:
        batches = self.table.to_batches()
        read = []
        source = pa.RecordBatchReader.from_batches(
            self.table.schema,
            (read.append(batch) or batch for batch in batches),  # type: ignore[func-returns-value]
        )

        reader = requests(source)
        first = reader.read_next_batch()

        assert (1, len(batches)) == (len(read), len(batches))
        assert requests(self.table) == pa.Table.from_batches([first, *reader])


class TestWrongArguments:
    @pytest.mark.parametrize(
        ("about", "message"),
        [
            ({"kind": "reply"}, "kind must be request or response, not 'reply'"),
            ({"kind": "request", "created": 1}, "created is not about a request"),
            ({"kind": "request", "status_column": "s"}, "status_column is not about a request"),
            ({"kind": "request", "context_column": "s"}, "context_column is not about a request"),
            ({"kind": "response", "model": "m"}, "model is not about a response"),
            ({"kind": "response", "fetched": {"u": b""}}, "fetched is not about a response"),
            ({"kind": "response", "path_column": "s"}, "path_column is not about a response"),
            ({"kind": "request", "body_column": "x"}, "there are 0 columns named 'x', not one"),
            ({"kind": "request", "body_column": "twin"}, "there are 2 columns named 'twin'"),
            ({"kind": "request", "source": "soap"}, "unknown format 'soap'"),
            ({"kind": "response", "target": "native"}, "unknown format 'native'"),
        ],
        ids=lambda value: value if isinstance(value, str) else "",
    )
    def test_they_raise(self, about: dict[str, Any], message: str) -> None:
        batch = pa.RecordBatch.from_arrays(
            [pa.array([b"{}"]), pa.array([1]), pa.array([2])], ["body", "twin", "twin"]
        )

        with pytest.raises(ValueError, match=message):
            translate_batch(batch, **{"source": "chat", "target": "gemini", **about})

    @pytest.mark.parametrize(
        ("kind", "role", "wanted"),
        [
            ("request", "body", "binary or text"),
            ("request", "path", "text"),
            ("response", "status", "integers"),
            ("response", "headers", "pairs of texts, or maps from text to text"),
            ("response", "context", "text"),
        ],
    )
    def test_a_column_of_a_wrong_type_is_named(self, kind: Any, role: str, wanted: str) -> None:
        batch = pa.record_batch({"body": [A_FOX], "wrong": [1.5]})
        about: dict[str, Any] = {"kind": kind, f"{role}_column": "wrong"}

        with pytest.raises(TypeError, match=f"column 'wrong' must be of {wanted}, not double"):
            translate_batch(batch, source="chat", target="chat", **about)

    @pytest.mark.parametrize("batch", [{"body": [A_FOX]}, [A_FOX], None], ids=repr)
    def test_what_is_no_table_is_refused(self, batch: Any) -> None:
        with pytest.raises(TypeError, match="there is no column to translate in a "):
            requests(batch)


class TestBuffers:
    def test_the_bytes_of_pictures_are_copied_once_into_arrows_memory(self) -> None:
        batch = batch_of([reply(picture(base64_of(MIB, seed))) for seed in range(8)])
        replies(batch)  # whatever is made once is made now
        before = pa.total_allocated_bytes()

        tracemalloc.start()
        try:
            table = replies(batch)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

        size = table.column("body").nbytes
        assert size > 8 * MIB
        assert peak < MIB
        assert pa.total_allocated_bytes() - before < size + MIB

    @pytest.mark.parametrize(
        "value",
        [AS_JSON, imagewire.CATALOG, imagewire.Endpoint("chat"), translate_batch],
        ids=["options", "catalog", "endpoint", "function"],
    )
    def test_what_a_job_is_made_of_can_be_sent_to_workers(self, value: Any) -> None:
        assert value == pickle.loads(pickle.dumps(value))  # noqa: S301 - our own


class TestImport:
    def test_without_pyarrow_it_says_what_to_install(self, monkeypatch: Any) -> None:
        monkeypatch.setitem(sys.modules, "pyarrow", None)

        with pytest.raises(
            ModuleNotFoundError, match=r"pip install 'imagewire\[arrow\]'"
        ) as raised:
            importlib.reload(arrow)

        assert "pyarrow" == raised.value.name
