"""Server-sent events, without I/O: a reader that takes any slices of a stream, and the writer.

The reader keeps one event at a time and looks at each byte once. The data of an event of one line,
as all of ours are, are the buffer that its slices were gathered in, uncopied.

Facts (2026-11-26). The framing: WHATWG HTML, 9.2.6 (three line ends, a byte order mark at the very
start, comments, ``data`` lines joined by a line feed; what no blank line ends is no event, which
upstreams forget, so the reader gives it all the same). ``[DONE]`` ends a stream of the OpenAI API,
and relays put it after the streams of other APIs; the openai SDK takes whatever begins so.
google-genai dies of comments, of ``event:`` and of ``data:`` without its space; Google writes an
error within a stream as JSON without ``data:``, too.
"""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Iterator

import msgspec

from imagewire.errors import MalformedError

EVENTS_TYPE = "text/event-stream"
#: The headers of a stream, in all formats.
EVENTS_HEADERS = {"content-type": EVENTS_TYPE, "cache-control": "no-cache"}
#: The longest event that is read, in bytes, unless the caller sets another bound.
MAX_EVENT = 268_435_456
#: The end of a stream of the OpenAI API.
DONE = b"[DONE]"

_BLOCK = 128 * 1024  # bytes that are looked at while they are at hand
_FIELDS = (b"data:", b"event:", b"id:", b"retry:", b":")
_FIELD = len("event: ")  # letters before the data of a line, at the most
_BLANK = b"\r\n"


class Event(msgspec.Struct, frozen=True, gc=False):
    """One event: its data, and its name if it has one."""

    data: bytes | bytearray
    name: str = ""

    @property
    def is_done(self) -> bool:
        """Whether it says that nothing follows."""
        return self.data.startswith(DONE)


def starts_events(head: bytes | bytearray) -> bool | None:
    """Whether a body that begins so is a stream of events; None if more of it has to be seen."""
    head = head.lstrip(_BLANK)  # which keep a connection alive
    if len(head) < len(BOM_UTF8) and BOM_UTF8.startswith(head):
        return None
    first = head.removeprefix(BOM_UTF8).lstrip(_BLANK)[: len("event:")]
    if first.startswith(_FIELDS):
        return True
    return None if any(field.startswith(first) for field in _FIELDS) else False


class EventReader:
    """Finds the events in a stream that comes in slices."""

    def __init__(self, max_event: int = MAX_EVENT) -> None:
        self._max_event = max_event
        self._line = bytearray()  # the rest of the last line, without an end
        self._data: bytes | bytearray | None = None
        self._name = ""
        self._is_raw = False  # whether the data have no field before them
        self._after_cr = False
        self._at_start = True

    def feed(self, data: bytes | bytearray | memoryview) -> Iterator[Event]:
        """The events that end in a slice; raises `MalformedError` for one that is too long."""
        for at in range(0, len(data), _BLOCK):
            block = bytes(data[at : at + _BLOCK])
            if self._at_start:
                block = self._without_mark(block)
            yield from self._block(block)

    def close(self) -> Iterator[Event]:
        """The last event, if no blank line ended it."""
        self._field(self._line)
        if self._data is not None:
            yield Event(self._data, self._name)
        self._line, self._data = bytearray(), None

    def _without_mark(self, block: bytes) -> bytes:
        """The beginning of a stream without the mark; what may be a part of it waits."""
        block = (bytes(self._line) + block).lstrip(_BLANK)
        self._line = bytearray()
        if len(block) < len(BOM_UTF8) and BOM_UTF8.startswith(block):
            self._line += block
            return b""
        self._at_start = False
        return block.removeprefix(BOM_UTF8)

    def _block(self, block: bytes) -> Iterator[Event]:
        if b"\r" in block or self._after_cr:
            if self._after_cr:
                block = block.removeprefix(b"\n")
            self._after_cr = block.endswith(b"\r")
            block = block.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        if b"\n" not in block:  # splitting takes longer than looking
            self._line += block
            self._measure(self._line, _FIELD)
            return
        first, *lines = block.split(b"\n")
        rest = lines.pop()
        if self._line:
            self._line += first
            lines.insert(0, self._line)  # type: ignore[arg-type]
            self._line = bytearray()
        else:
            lines.insert(0, first)
        for line in lines:
            is_long = len(line) > self._max_event
            if is_long:
                self._measure(line, _FIELD)
            if self._data is None and type(line) is bytes and line.startswith(b"data: "):
                self._data = line[6:]  # as most lines are
            elif line or self._data is None:
                self._field(line)
            else:
                yield Event(self._data, self._name)
                self._data, self._name, self._is_raw = None, "", False
            if is_long and self._data is not None:
                self._measure(self._data)
        self._line += rest

    def _field(self, line: bytes | bytearray) -> None:
        """Take a line: a field of the event, a comment, or nothing."""
        if self._is_raw or (self._data is None and line.startswith(b"{")):
            self._is_raw = True
            self._add(line)
        elif line.startswith(b"data:"):
            self._add(_value(line, 5))
        elif line.startswith(b"event:"):
            self._name = _value(line, 6).decode("utf-8", "replace")
        elif line == b"data":
            self._add(b"")
        elif not line:
            self._name = ""

    def _add(self, data: bytes | bytearray) -> None:
        """More data of an event: a line of it."""
        if self._data is None:
            self._data = data
        else:
            if isinstance(self._data, bytes):
                self._data = bytearray(self._data)
            self._data += b"\n"
            self._data += data
        self._measure(self._data)

    def _measure(self, data: bytes | bytearray, more: int = 0) -> None:
        if len(data) > self._max_event + more:
            msg = f"an event of the stream is longer than {self._max_event} bytes"
            raise MalformedError(msg)


def _value(line: bytes | bytearray, start: int) -> bytes | bytearray:
    """What follows the colon of a field, without one space; a buffer is cut, not copied."""
    if line[start : start + 1] == b" ":
        start += 1
    if isinstance(line, bytes):
        return line[start:]
    del line[:start]
    return line


def write_event(data: bytes, name: str | None = None, *, end: bytes = b"\n") -> bytes:
    """An event of one line of data, and the blank line that ends it."""
    head = b"" if name is None else b"event: " + name.encode() + end
    return b"".join((head, b"data: ", data, end, end))
