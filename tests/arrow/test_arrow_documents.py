"""The hub as a table: what requests ask for and what replies say, whatever their format."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

import duckdb
import polars as pl
import pyarrow as pa
import pytest

from bypass import base64_of, form, payload, picture, reply
from cases import CASES
from imagewire.arrow import REPLIES, REQUESTS, read_replies, read_requests

GIF = b"GIF89a\x00\x04\x00\x03"
GIF_URI = "data:image/gif;base64,R0lGODlhAAQAAw=="
A_GIF = {
    "data": GIF,
    "media_type": "image/gif",
    "width": 1024,
    "height": 768,
    "sha256": sha256(GIF).hexdigest(),
}
CHAT = {
    "model": "gemini-2.5-flash-image",
    "n": 2,
    "size": "1024x768",
    "messages": [
        {"role": "user", "content": "first"},
        {"role": "assistant", "content": "done"},
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "a hat"},
                {"type": "image_url", "image_url": {"url": GIF_URI}},
                {"type": "image_url", "image_url": {"url": "https://example.com/x.png"}},
                {"type": "text", "text": "in red"},
            ],
        },
    ],
}
NOTHING = dict.fromkeys(REQUESTS.names)


def table(*bodies: Any, **columns: Any) -> pa.Table:
    texts = [body if isinstance(body, bytes) else json.dumps(body).encode() for body in bodies]
    return pa.table({"id": [*range(len(texts))], "body": texts, **columns})


class TestRequests:
    def test_a_row_says_what_is_asked_for(self) -> None:
        (found,) = read_requests(table(CHAT)).to_pylist()

        assert {
            **NOTHING,
            "id": 0,
            "model": "gemini-2.5-flash-image",
            "prompt": "a hat\nin red",
            "count": 2,
            "size": "1024x768",
            "images": [A_GIF],
            "urls": ["https://example.com/x.png"],
        } == found

    def test_each_format_is_recognised(self) -> None:
        gemini = {
            "contents": [{"parts": [{"text": "a fox"}]}],
            "generationConfig": {"imageConfig": {"aspectRatio": "16:9", "imageSize": "2K"}},
        }
        images = {"model": "gpt-image-2", "prompt": "an owl", "quality": "high"}

        first, second = read_requests(table(gemini, images)).to_pylist()

        assert (None, "a fox", "16:9", "2K") == tuple(
            first[name] for name in ("model", "prompt", "aspect_ratio", "tier")
        )
        assert ("gpt-image-2", "an owl", "high", []) == tuple(
            second[name] for name in ("model", "prompt", "quality", "images")
        )

    def test_or_named(self) -> None:
        gemini = {"contents": [{"parts": [{"text": "a fox"}]}]}
        paths = ["/v1beta/models/gemini-9:generateContent", None, "/v1/embeddings"]

        found = read_requests(
            table(gemini, gemini, gemini, path=paths), source="gemini", path_column="path"
        ).to_pylist()

        assert ["gemini-9", None, None] == [row["model"] for row in found]
        assert "the path is no endpoint's" == found[2]["error"]["message"]

    def test_a_form_is_read_with_its_headers(self) -> None:
        body = form(("prompt", b"a hat"), ("image", GIF), ("model", b"gpt-image-2"))
        headers = [[{"name": "Content-Type", "value": "multipart/form-data; boundary=xyz"}]]

        (found,) = read_requests(
            table(body, h=headers), source="images", headers_column="h"
        ).to_pylist()

        assert ("a hat", [A_GIF]) == (found["prompt"], found["images"])

    def test_a_thought_is_no_part_of_a_prompt(self) -> None:
        parts = [{"text": "hidden", "thought": True}, {"text": "a fox"}]

        (found,) = read_requests(
            table({"contents": [{"role": "user", "parts": parts}]})
        ).to_pylist()

        assert "a fox" == found["prompt"]

    def test_without_a_turn_of_a_user_there_is_no_prompt(self) -> None:
        chat = {"model": "m", "messages": [{"role": "assistant", "content": "done"}]}

        (found,) = read_requests(table(chat)).to_pylist()

        assert (None, []) == (found["prompt"], found["images"])

    @pytest.mark.parametrize(
        ("body", "path"),
        [
            (b"{", "$"),
            (b"{}", "$"),
            ({"messages": [{"role": "user", "content": 5}]}, "$.messages[0].content"),
            ({"prompt": 5}, "$.prompt"),
        ],
    )
    def test_a_broken_row_has_nothing_but_its_error(self, body: Any, path: str) -> None:
        (found,) = read_requests(table(body)).to_pylist()

        assert path == found.pop("error")["path"]
        assert {"id": 0, **{name: None for name in NOTHING if name != "error"}} == found

    def test_every_sample_is_read_as_its_format_reads_it(self) -> None:
        for format_ in ("chat", "gemini", "images"):
            bodies = [
                case.body
                for case in CASES
                if (case.kind, case.format) == ("request", format_) and case.file.endswith("json")
            ]
            named = read_requests(table(*bodies), source=format_)

            assert named.to_pylist() == read_requests(table(*bodies)).to_pylist()


class TestReplies:
    def test_a_row_says_what_came(self) -> None:
        body = reply({"text": "a fox"}, picture(base64_of(90)), modelVersion="gemini-9")
        usage = {"promptTokenCount": 9, "candidatesTokenCount": 90, "totalTokenCount": 99}
        document = {**json.loads(body), "usageMetadata": usage}

        (found,) = read_replies(table(document)).to_pylist()

        data = payload(90)
        image = {**A_GIF, "data": data, "media_type": "image/png", "width": None, "height": None}
        usage = found.pop("usage")
        assert {
            "id": 0,
            "model": "gemini-9",
            "images": [{**image, "sha256": sha256(data).hexdigest()}],
            "urls": [],
            "text": "a fox",
            "finish": "STOP",
            "error": None,
        } == found
        assert (9, 90, 99) == (usage["prompt"], usage["candidates"], usage["total"])

    def test_each_format_is_recognised(self) -> None:
        images = {"data": [{"b64_json": "R0lGODlhAAQAAw=="}, {"url": "https://x.example/y"}]}
        message = {"role": "assistant", "content": f"![a]({GIF_URI})"}
        chat = {"choices": [{"message": message, "finish_reason": "length"}]}

        first, second = read_replies(table(images, chat)).to_pylist()

        assert ([A_GIF], ["https://x.example/y"]) == (first["images"], first["urls"])
        assert ([A_GIF], "MAX_TOKENS") == (second["images"], second["finish"])

    def test_a_refusal_has_its_reason_and_its_words(self) -> None:
        blocked = {"promptFeedback": {"blockReason": "SAFETY", "blockReasonMessage": "no cats"}}

        (found,) = read_replies(table(blocked)).to_pylist()

        assert ([], "SAFETY", "no cats", None) == tuple(
            found[name] for name in ("images", "finish", "text", "error")
        )

    def test_a_failure_is_an_error(self) -> None:
        body = {"error": {"code": 429, "message": "slow", "status": "RESOURCE_EXHAUSTED"}}

        found = read_replies(table(body, b"gone", s=[None, 503]), status_column="s").to_pylist()

        assert [(429, "slow"), (503, "gone")] == [
            (row["error"]["status"], row["error"]["message"]) for row in found
        ]
        assert [None, None] == [row["images"] for row in found]

    @pytest.mark.parametrize("source", [None, "gemini"])
    def test_what_is_no_reply_is_the_upstreams_fault(self, source: Any) -> None:
        (found,) = read_replies(table({"data": 5}), source=source).to_pylist()

        assert 502 == found["error"]["status"]

    def test_every_sample_is_read_as_its_format_reads_it(self) -> None:
        for format_ in ("chat", "gemini", "images"):
            bodies = [
                case.body for case in CASES if (case.kind, case.format) == ("response", format_)
            ]
            named = read_replies(table(*bodies), source=format_).to_pylist()
            found = read_replies(table(*bodies)).to_pylist()

            assert [row for row in named if row["error"] is None] == [
                row for row, other in zip(found, named, strict=True) if other["error"] is None
            ]


class TestTables:
    def test_the_schema_is_the_same_whatever_became_of_the_rows(self) -> None:
        for bodies in ([], [b"{"], [CHAT]):
            empty = pa.table({"body": pa.array([], pa.binary())})
            given = table(*bodies).drop_columns("id") if bodies else empty

            assert read_requests(given).schema == REQUESTS
            assert read_replies(given).schema == REPLIES

    def test_a_reader_gives_a_reader_and_a_data_frame_a_table(self) -> None:
        given = table(CHAT, CHAT)
        reader = pa.RecordBatchReader.from_batches(given.schema, given.to_batches())

        wanted = read_requests(given)
        assert wanted == read_requests(reader).read_all()
        frames: list[Any] = [pl.DataFrame(given), duckdb.connect().from_arrow(given)]
        for frame in frames:
            assert wanted.to_pylist() == read_requests(frame).to_pylist()

    def test_a_column_of_the_same_name_is_not_lost(self) -> None:
        with pytest.raises(ValueError, match="rename these columns"):
            read_requests(table(CHAT, prompt=["mine"]))
