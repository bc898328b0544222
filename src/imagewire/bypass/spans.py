"""Spans: where the middles of large payloads are in a body.

In a JSON document a payload is base64 of one alphabet that is a string, or the data of a data URI;
in a form it is the bytes of a file. All of it is checked: text with one other letter is no payload.
The first and last letters of a payload are not in its span.
"""

from __future__ import annotations

from collections.abc import Iterator
from string import ascii_letters, digits
from typing import Literal

import msgspec
import pybase64

from imagewire.data_uris import is_data_uri, parse_data_uri
from imagewire.digest import new_digest
from imagewire.messages import Segment
from imagewire.multipart import boundary_of, scan_form
from imagewire.placeholder import EDGE
from imagewire.sse import starts_events

GRID = 32 * 1024  #: bytes between two positions to look at: a longer payload has one of them
LEAST = 4 * 1024  #: bytes of a payload that is worth cutting

_BLOCK = 512 * 1024  # letters checked at a time: smaller costs time, larger costs memory
_URL_SAFE = b"-_"
_LETTERS = ascii_letters.encode() + digits.encode() + b"+/-_="
_SPACE = b" \t\r\n"
_FILE_EDGE = EDGE * 3 // 4  # bytes that a payload's first letters stand for
_FILE_TAIL = _FILE_EDGE - 2  # bytes that stay at a file's end, at the least
_MAX_URI_HEAD = 256  # bytes of a data URI before its data
_BACKSLASH = ord("\\")

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

    def raw(self) -> Segment:
        """The span as a file's bytes."""
        if self.kind == "file":
            return self.view
        return pybase64.b64decode(self.view, _URL_SAFE if self.kind == "url_safe" else None)


def json_spans(body: Buffer) -> Iterator[Span]:
    """The large payloads of JSON or of events of JSON, each found at a position of the grid."""
    head = bytes(body[:EDGE])
    if head.lstrip(_SPACE)[:1] not in {b"{", b"["} and not starts_events(head):
        return  # no format has any other body, and scanning it takes longer than refusing it
    done, at = 0, GRID
    while at < len(body):
        quote = _rfind(body, b'"', done, at)
        stop = _find(body, b'"', at, len(body))
        if stop < 0:
            return
        inner = quote > 0 and body[quote - 1] == _BACKSLASH  # not where a string begins
        span = None if quote < 0 or inner else _span(body, quote + 1, stop)
        if span is not None:
            yield span
        done, at = stop, (stop // GRID + 1) * GRID


def _span(body: Buffer, start: int, stop: int) -> Span | None:
    """The span of the text between two quotes, if that is a payload."""
    head = bytes(body[start : min(stop, start + _MAX_URI_HEAD)]).decode("latin-1")
    if is_data_uri(head):
        uri = parse_data_uri(head)
        if uri is None or not uri.is_base64 or _is_escaped(head[: uri.start]):
            return None
        start += uri.start
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


def _is_escaped(text: str) -> bool:
    """Whether JSON may stand for another text than it shows."""
    return "\\" in text or not text.isascii()


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


def file_spans(body: Form, content_type: str) -> Iterator[Span]:
    """The large files of a form, of the parts that its reader finds; raises if it is none."""
    delimiter = b"\r\n--" + boundary_of(content_type)
    for part in scan_form(body, content_type):
        size = part.stop - part.start
        if part.filename is None or size < LEAST:
            continue
        if body.find(delimiter, part.start, part.stop) >= 0:
            continue  # not of a part, but another parser could take it for one
        tail = _FILE_TAIL + (size - _FILE_EDGE - _FILE_TAIL) % 3  # the span has whole groups of 3
        length = (size + 2) // 3 * 4
        yield Span(body, part.start + _FILE_EDGE, part.stop - tail, length, "file")
