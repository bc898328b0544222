"""Time the translation of a table of large bodies against one copy of its column.

Every answer is checked before it is timed. The peak is what one translation asks of Python and of
Arrow at once, its result included, against the column it reads. ``--smoke`` times nothing.
"""

from __future__ import annotations

import argparse
from functools import partial
from itertools import product
from typing import Any

import pyarrow as pa

import imagewire
from answers import check_answer
from imagewire.arrow import translate_batch
from measure import keep_memory, peak_memory, race
from payloads import GEMINI_MODEL, GPT_MODEL, Body, Kind, Shape, body_of

ROWS = 64
SHAPE = Shape("2 MiB", 2 << 20, 1)
KINDS: tuple[Kind, ...] = ("request", "response")
HEAD = f"{'median':>10} {'copy':>10} {'MB/s':>7} {'copies':>7} {'peak':>6}  table of {ROWS}"


def table_of(body: Body, rows: int) -> pa.RecordBatch:
    """So many of one body, with the header that forms need."""
    headers = [[("content-type", body.content_type)]] * rows
    return pa.record_batch(
        {
            "body": pa.array([body.data] * rows, pa.binary()),
            "sent": pa.array(headers, pa.map_(pa.string(), pa.string())),
        }
    )


def job_of(kind: Kind, source: str, target: str) -> dict[str, Any]:
    """What to say of a table: its kind, its direction, and the model where a path names it."""
    job: dict[str, Any] = {"kind": kind, "source": source, "target": target}
    job |= {"headers_column": "sent"}
    if kind == "response":
        return {**job, "created": 1735689600}
    job["model"] = GEMINI_MODEL if "gemini" in (source, target) else GPT_MODEL
    options = imagewire.Options(history="all", edit_body="json", responses_model="gpt-6.1")
    return {**job, "options": options}


def check(kind: Kind, target: str, body: Body, table: pa.RecordBatch) -> None:
    """Raise unless every row says what the body said."""
    for row in table.to_pylist():
        if row["error"] is not None or body.said is None:
            raise ValueError(f"{kind} to {target}: {row['error']}")
        check_answer(kind, target, row["body"], body.said)


def copied(table: pa.RecordBatch) -> pa.Buffer:
    """One copy of a column's bytes, in Arrow's memory."""
    data = table.column("body").buffers()[2]
    room = pa.allocate_buffer(data.size)
    memoryview(room)[:] = memoryview(data)
    return room


def line(kind: Kind, source: str, target: str, seconds: float) -> str:
    """What one direction takes."""
    body = body_of(kind, source, SHAPE)
    table, job = table_of(body, ROWS), job_of(kind, source, target)
    translate = partial(translate_batch, table, **job)
    times = race({"table": translate, "copy": partial(copied, table)}, seconds)
    before, kept = pa.total_allocated_bytes(), translate()
    peak = peak_memory(translate) + pa.total_allocated_bytes() - before
    del kept
    size, median, copy = table.column("body").nbytes, times["table"].median, times["copy"].median
    return (
        f"{median * 1e3:7.1f} ms {copy * 1e3:7.1f} ms {size / median / 1e6:7.0f}"
        f" {median / copy:7.1f} {peak / size:6.2f}  {kind} {source} -> {target}, {SHAPE.name}"
    )


def main() -> None:
    """Check every direction, and time it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--smoke", action="store_true", help="check the answers, time nothing")
    parser.add_argument("--seconds", type=float, default=2.0, help="for each direction")
    args = parser.parse_args()
    keep_memory()
    print("every answer is checked" if args.smoke else HEAD)
    for kind, source, target in product(KINDS, imagewire.FORMATS, imagewire.FORMATS):
        body = body_of(kind, source, SHAPE)
        found = translate_batch(table_of(body, 2), **job_of(kind, source, target))
        check(kind, target, body, found)
        if not args.smoke:
            print(line(kind, source, target, args.seconds), flush=True)


if __name__ == "__main__":
    main()
