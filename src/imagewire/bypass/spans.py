"""Spans: where the middles of large payloads are in a body.

In a JSON document a payload is base64 of one alphabet between two quotes, bare or in a data URI; in
a form it is the bytes of a file. All of it is checked: text with one other letter is not a payload.
The first and last letters of a payload are not in its span.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from string import ascii_letters, digits
from typing import Literal, cast

import msgspec
import pybase64

from imagewire.digest import new_digest
from imagewire.messages import Segment
from imagewire.placeholder import EDGE

GRID = 32 * 1024  #: bytes between two positions to look at: a longer payload has one of them
LEAST = 4 * 1024  #: bytes of a payload that is worth cutting

_BLOCK = 512 * 1024  # letters checked at a time: smaller costs time, larger costs memory
_URL_SAFE = b"-_"
_LETTERS = ascii_letters.encode() + digits.encode() + b"+/-_="
_SPACE = b" \t\r\n"
_FILE_EDGE = EDGE * 3 // 4  # bytes that a payload's first letters stand for
_FILE_TAIL = _FILE_EDGE - 2  # bytes that stay at a file's end, at the least
_MAX_HEAD = 4300  # bytes of headers that a part of a form may have
_FILE_HEAD = re.compile(rb"\r\ncontent-disposition:[^\r\n]*;\s*filename\*?=", re.IGNORECASE)

Form = bytes | bytearray  # what can be searched for a boundary
Buffer = Form | memoryview


class UnverifiedError(Exception):
    """It is not certain that a result is right: the whole body has to be translated instead."""


class Span(msgspec.Struct, frozen=True, eq=False):
    """The middle of a payload: base64 of one alphabet in a JSON body, or a file's bytes in a form.

    ``length`` is how many letters of base64 the whole payload has.
    """

    body: Buffer
    start: int
    stop: int
    length: int
    kind: Literal["standard", "url_safe", "file"]

    @property
    def view(self) -> memoryview:
        """The span itself, uncopied."""
        return memoryview(self.body)[self.start : self.stop]

    @property
    def ends(self) -> tuple[bytes, bytes]:
        """What the payload has on either side of it."""
        before = self.body[self.start - _FILE_TAIL : self.start]
        return bytes(before), bytes(self.body[self.stop : self.stop + _FILE_TAIL])

    def digest(self) -> bytes:
        """The digest of its bytes, to tell it from other spans."""
        digest = new_digest(16)
        digest.update(self.view)
        return digest.digest()

    def base64(self, sign: bytes) -> Iterator[Segment]:
        """The span as base64; ``sign`` is how its placeholder begins, which tells the alphabet."""
        if self.kind == "file":
            yield pybase64.b64encode(self.view)
        elif self.kind == "url_safe" and sign == b"++":
            for start in range(self.start, self.stop, _BLOCK):
                block = memoryview(self.body)[start : min(start + _BLOCK, self.stop)]
                yield pybase64.b64encode(pybase64.b64decode(block, _URL_SAFE))
        else:
            yield self.view

    def raw(self, boundary: bytes) -> Segment:
        """The span as a file's bytes; raises if the form's boundary occurs in it or at its ends."""
        if self.kind == "file":
            edges = self.start - _FILE_EDGE, self.stop + _FILE_EDGE
            if cast("Form", self.body).find(boundary, *edges) >= 0:
                raise UnverifiedError
            return self.view
        around = memoryview(self.body)[self.start - EDGE : self.stop + EDGE]
        decoded = pybase64.b64decode(around, _URL_SAFE if self.kind == "url_safe" else None)
        if boundary in decoded:
            raise UnverifiedError
        size = (self.stop - self.start) * 3 // 4
        return memoryview(decoded)[_FILE_EDGE : _FILE_EDGE + size]


def json_spans(body: Buffer) -> Iterator[Span]:
    """The large payloads of a JSON object, each found at a position of the grid."""
    if bytes(body[:EDGE]).lstrip(_SPACE)[:1] != b"{":
        return  # no format has any other body, and scanning it takes longer than refusing it
    done, at = 0, GRID
    while at < len(body):
        quote = _rfind(body, b'"', done, at)
        stop = _find(body, b'"', at, len(body))
        if stop < 0:
            return
        span = None if quote < 0 else _span(body, quote + 1, stop)
        if span is not None:
            yield span
        done, at = stop, (stop // GRID + 1) * GRID


def _span(body: Buffer, start: int, stop: int) -> Span | None:
    """The span of the text between two quotes, if that is a payload."""
    head = bytes(body[start : start + 256])
    if head[:5].lower() == b"data:":
        comma = head.find(b";base64,")
        start = stop if comma < 0 else start + comma + 8
    length = stop - start
    first = bytes(body[start : start + EDGE])
    if length < LEAST or length % 4 or first.translate(None, _LETTERS) or first.isdigit():
        return None  # readers may take digits for a number
    if _is_key(body, stop):
        return None
    view = memoryview(body)[start:stop]
    if _is_base64(view, None):
        return Span(body, start + EDGE, stop - EDGE, length, "standard")
    mixed = _find(body, b"+", start, stop) >= 0 or _find(body, b"/", start, stop) >= 0
    if not mixed and _is_base64(view, _URL_SAFE):
        return Span(body, start + EDGE, stop - EDGE, length, "url_safe")
    return None


def _find(body: Buffer, letter: bytes, start: int, stop: int) -> int:
    """The first position of a letter, or -1; a view, which has no `find`, in small copies."""
    if not isinstance(body, memoryview):
        return body.find(letter, start, stop)
    for at in range(start, stop, GRID):
        found = bytes(body[at : min(at + GRID, stop)]).find(letter)
        if found >= 0:
            return at + found
    return -1


def _rfind(body: Buffer, letter: bytes, start: int, stop: int) -> int:
    """The last position of a letter, or -1, in a range not longer than the grid."""
    if not isinstance(body, memoryview):
        return body.rfind(letter, start, stop)
    found = bytes(body[start:stop]).rfind(letter)
    return found if found < 0 else start + found


def _is_key(body: Buffer, stop: int) -> bool:
    """Whether the string that ends at a quote is a key, or may be one."""
    return bytes(body[stop + 1 : stop + 64]).lstrip(_SPACE)[:1] in {b":", b""}


def _is_base64(view: memoryview, letters: bytes | None) -> bool:
    """Whether a text is padded base64 of one alphabet, with padding only at its end."""
    for start in range(0, len(view), _BLOCK):
        block = view[start : start + _BLOCK]
        if start + _BLOCK < len(view) and block[-1] == ord("="):
            return False
        try:
            pybase64.b64decode(block, letters, validate=True)
        except ValueError:
            return False
    return True


def file_spans(body: Form, boundary: bytes) -> Iterator[Span]:
    """The large files of a form."""
    delimiter = b"--" + boundary
    at = body.find(delimiter)
    while at >= 0:
        following = body.find(b"\r\n" + delimiter, at)
        if following < 0:
            return
        head = body.find(b"\r\n\r\n", at, min(following, at + _MAX_HEAD)) + 4
        size = following - head
        if head >= 4 and size >= LEAST and _is_file(body[at:head]):
            tail = (
                _FILE_TAIL + (size - _FILE_EDGE - _FILE_TAIL) % 3
            )  # the span has whole groups of 3
            length = (size + 2) // 3 * 4
            yield Span(body, head + _FILE_EDGE, following - tail, length, "file")
        at = following + 2


def _is_file(head: Form) -> bool:
    """Whether the headers of a part say that it is a file, and is not encoded."""
    return bool(_FILE_HEAD.search(head)) and b"transfer-encoding" not in head.lower()
