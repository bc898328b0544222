"""What a body costs at the least: one check of its pictures' base64, one search for their ends.

With and without a copy of the body, these are what a bound is held against, as one call each:
noise meets a long call where short ones slip through, so the times of several calls are no sum.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from typing import Any

import pybase64

from payloads import Body

READ = "one check and search"
READ_AND_COPIED = "one check, search and copy"

_BLOCK = 1024 * 1024  # letters, as many as imagewire checks at a time
_LEAST = 1 << 20  # bytes of pictures, which then take most of the time


def parts_of(body: Body) -> dict[str, Callable[[], Any]]:
    """The parts of a body with large pictures, if these are in plain base64."""
    if body.said is None or sum(map(len, body.said.pictures)) < _LEAST:
        return {}
    spans: list[tuple[int, int]] = []
    for picture in body.said.pictures:
        text = b64encode(picture)
        start = body.data.find(text, spans[-1][1] if spans else 0)
        if start < 0:
            return {}  # a form, or another spelling
        spans.append((start, start + len(text)))
    view = memoryview(body.data)
    blocks = [
        view[at : min(at + _BLOCK, stop)]
        for start, stop in spans
        for at in range(start, stop, _BLOCK)
    ]
    starts = [start for start, _ in spans]

    def read() -> None:
        for start in starts:
            body.data.index(b'"', start)
        for block in blocks:
            pybase64.b64decode(block, validate=True)

    def read_and_copied() -> bytearray:
        read()
        return bytearray(body.data)

    return {READ: read, READ_AND_COPIED: read_and_copied}
