"""Spans: where the middles of large payloads are in a body.

In a JSON document a payload is base64 of one alphabet that is a string, or the data of a data URI;
in a form it is the bytes of a file. Base64 may stand in lines, of which JSON escapes the ends. All
of it is checked: text with one other letter is no payload. The first and last letters of a payload
are not in its span.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import msgspec
import pybase64

from imagewire.data_uris import LETTERS, is_data_uri, parse_data_uri
from imagewire.digest import new_digest
from imagewire.messages import Segment
from imagewire.multipart import boundary_of, scan_form
from imagewire.placeholder import EDGE
from imagewire.sse import starts_events

GRID = 32 * 1024  #: bytes between two positions to look at: a longer payload has one of them
LEAST = (
    16 * 1024
)  #: bytes of a payload that is worth cutting: the codec is as fast with smaller ones

_BLOCK = 1024 * 1024  # letters checked at a time: smaller costs time, larger costs memory
_URL_SAFE = b"-_"
_SPACE = b" \t\r\n"
_GAPS = (rb"\r\n", rb"\n")  # between the lines of a payload, as JSON writes them
_LONGEST_LINE = 256  # letters
_FILE_EDGE = EDGE * 3 // 4  # bytes that a payload's first letters stand for
_FILE_TAIL = _FILE_EDGE - 2  # bytes that stay at a file's end, at the least
_MAX_URI_HEAD = 256  # bytes of a data URI before its data
_BACKSLASH, _PADDING = ord("\\"), ord("=")

LINE_END = rb"\n"  #: as JSON writes it

Form = bytes | bytearray  # what can be searched for a boundary
Buffer = Form | memoryview
Kind = Literal["standard", "url_safe", "wrapped", "file"]


class UnverifiedError(Exception):
    """It is not certain that a result is right: the whole body has to be translated instead."""


class Span(msgspec.Struct, frozen=True, eq=False):
    """The middle of a payload: base64 of one alphabet in a JSON body, or a file's bytes in a form.

    ``length`` is how many letters of base64 the whole payload has, or will have when it is padded.
    ``text`` are those of the span where the body has something between them.
    """

    body: Buffer
    start: int
    stop: int
    length: int
    kind: Kind
    text: memoryview | None = None

    @property
    def view(self) -> memoryview:
        """The span itself, uncopied."""
        return memoryview(self.body)[self.start : self.stop]

    @property
    def letters(self) -> memoryview:
        """The span's base64, without what JSON and lines put between its letters."""
        return self.view if self.text is None else self.text

    @property
    def ends(self) -> tuple[bytes, bytes]:
        """What the payload has on either side of it."""
        before = self.body[self.start - _FILE_TAIL : self.start]
        return bytes(before), bytes(self.body[self.stop : self.stop + _FILE_TAIL])

    def says(self, other: Span) -> bool:
        """Whether another span has the same bytes, which bytes tell without being copied."""
        body, start, stop = self.body, self.start, self.stop
        if isinstance(body, memoryview):  # comparing views takes longer than a copy
            body, start, stop = bytes(self.view), 0, stop - start
        return stop - start == other.stop - other.start and body.startswith(other.view, start, stop)

    def digest(self) -> bytes:
        """The digest of its bytes, to tell it from many other spans."""
        digest = new_digest(16)
        digest.update(self.view)
        return digest.digest()

    def base64(self, sign: bytes) -> Iterator[Segment]:
        """The span as base64; the ``sign`` before its placeholder tells whether as it was."""
        if self.kind == "wrapped" and sign == LINE_END:
            yield self.view
        elif self.kind == "file":
            yield pybase64.b64encode(self.view)
        elif self.kind == "url_safe" and sign == b"++":
            for start in range(self.start, self.stop, _BLOCK):
                block = memoryview(self.body)[start : min(start + _BLOCK, self.stop)]
                yield pybase64.b64encode(pybase64.b64decode(block, _URL_SAFE))
        else:
            yield self.letters

    def raw(self) -> Segment:
        """The span as a file's bytes."""
        if self.kind == "file":
            return self.view
        return pybase64.b64decode(self.letters, _URL_SAFE if self.kind == "url_safe" else None)


def json_spans(body: Buffer) -> Iterator[Span]:
    """The large payloads of JSON or of events of JSON, each found at a position of the grid."""
    head = bytes(body[:EDGE])
    if head.lstrip(_SPACE)[:1] not in {b"{", b"["} and not starts_events(head):
        return  # no format has any other body, and scanning it takes longer than refusing it
    done, at = 0, GRID
    while at < len(body):
        quote = _rfind(body, b'"', done, at)
        inner = quote > 0 and body[quote - 1] == _BACKSLASH  # not where a string begins
        begin = None if quote < 0 or inner else _data_start(body, quote + 1)
        stop, checked = _end(body, begin, at)
        if stop < 0:
            return
        span = None if begin is None else _span(body, begin, stop, checked)
        if span is None:
            at = (stop // GRID + 1) * GRID
        else:  # where there is one payload, there may be another behind it
            yield span
            at = stop + LEAST
        done = stop


def _data_start(body: Buffer, start: int) -> int | None:
    """Where the base64 of a text begins: at once, or behind the head of a data URI."""
    head = bytes(body[start : start + _MAX_URI_HEAD]).decode("latin-1").partition('"')[0]
    begin = start
    if is_data_uri(head):
        uri = parse_data_uri(head)
        if uri is None or not uri.is_base64 or _is_escaped(head[: uri.start]):
            return None
        begin += uri.start
    if bytes(body[begin : begin + EDGE]).isdigit():
        return None  # readers may take digits for a number
    return begin


def _end(body: Buffer, begin: int | None, at: int) -> tuple[int, int | None]:
    """Where the text ends, or -1, and how far it is base64 of one line; None if it begins as none.

    What is base64 has no quote in it: what was checked need not be looked through.
    """
    head = b"" if begin is None else bytes(body[begin : begin + _LONGEST_LINE + 1])
    if begin is None or head.translate(None, LETTERS):
        return _find(body, b'"', at, len(body)), None
    sound = begin + _sound(memoryview(body)[begin:], None)
    stop = _find(body, b'"', max(sound, at), len(body))
    return stop, sound if stop <= sound + _BLOCK else begin


def _span(body: Buffer, begin: int, stop: int, checked: int | None) -> Span | None:
    """The span of a text, if that is a payload."""
    if stop - begin < LEAST or _is_key(body, stop):
        return None
    if checked is None:
        return _wrapped_span(body, begin, stop)
    return _plain_span(body, begin, stop, checked)


def _plain_span(body: Buffer, start: int, stop: int, checked: int) -> Span | None:
    """The span of base64 of one line, which is checked so far; its padding may be missing."""
    rest = (stop - start) % 4  # of letters without padding
    last = bytes(body[stop - rest - 1 : stop])
    if rest and (rest == 1 or last.translate(None, LETTERS) or b"=" in last):
        return None
    padding = -rest % 4
    length, end = stop - start + padding, stop - EDGE + padding
    view = memoryview(body)
    if _is_base64(view[checked : stop - rest], None):
        return Span(body, start + EDGE, end, length, "standard")
    mixed = _find(body, b"+", start, stop) >= 0 or _find(body, b"/", start, stop) >= 0
    if not mixed and _is_base64(view[start : stop - rest], _URL_SAFE):
        return Span(body, start + EDGE, end, length, "url_safe")
    return None


def _wrapped_span(body: Buffer, start: int, stop: int) -> Span | None:
    """The span of base64 in lines of one length, as MIME has them (RFC 2045, section 6.8)."""
    head = bytes(body[start : start + _LONGEST_LINE + len(_GAPS[0])])
    width = head.find(b"\\")
    gap = next((gap for gap in _GAPS if head.startswith(gap, max(width, 0))), None)
    if gap is None or not width:
        return None
    text = bytearray(body[start:stop]).removesuffix(gap)
    for stride, letter in zip(range(width + len(gap), width, -1), gap, strict=True):
        if text[width::stride].strip(bytes([letter])):
            return None
        del text[width::stride]
    if len(text) % 4 or not _is_base64(memoryview(text), None):
        return None

    def place(letter: int) -> int:
        return start + letter + letter // width * len(gap)

    letters = memoryview(text)[EDGE:-EDGE]
    return Span(body, place(EDGE), place(len(text) - EDGE), len(text), "wrapped", letters)


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
    return _sound(view, letters) == len(view)


def _sound(view: memoryview, letters: bytes | None) -> int:
    """How many letters of a text, in whole blocks but for the last, are base64 of one alphabet."""
    for start in range(0, len(view), _BLOCK):
        block = view[start : start + _BLOCK]
        if start + _BLOCK < len(view) and block[-1] == _PADDING:
            return start
        try:
            pybase64.b64decode(block, letters, validate=True)
        except ValueError:
            return start
    return len(view)


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
