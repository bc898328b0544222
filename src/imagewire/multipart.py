"""multipart/form-data: its boundary, where its parts are, and bodies of parts with a boundary.

What is read here is read once, for the format that takes the fields and for the bypass that cuts
the files out: a form in which two readers found different parts could say one thing to a policy and
another to an upstream.

The parser is python-multipart's, loaded when first needed: it hands out offsets into the body, so
that a file is not copied on the way, and it is there already in every proxy on Starlette. A content
type is read as it reads one, but for a second boundary, which it would let win, and a form that has
no end, which it does not check: both are refused.

Facts: RFC 7578, RFC 2046 section 5.1.1; python-multipart 0.0.34, `parse_options_header`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from typing import Any

import msgspec

from imagewire.digest import new_digest
from imagewire.errors import MalformedError
from imagewire.messages import Payload, Segment

FORM_TYPE = "multipart/form-data"
#: Parts of a form, and delimiters in its files, which the parser looks at byte after byte.
MAX_PARTS = 200_000

_BAD_FORM = "body must be a valid multipart form"
_BLOCK = 512 * 1024  # bytes of a view that are searched at a time


class FormPart(msgspec.Struct, frozen=True):
    """A part of a form: a text field, or a file; and where its bytes are in the body."""

    name: str
    filename: str | None
    content_type: str | None
    start: int
    stop: int


def is_form(content_type: str) -> bool:
    """Whether a content type is that of a form."""
    return content_type.partition(";")[0].strip().lower() == FORM_TYPE


def boundary_of(content_type: str) -> bytes:
    """The boundary that a content type names; raises unless it names exactly one."""
    found = []
    for parameter in _parameters(content_type):
        name, _, value = parameter.partition("=")
        name, star, _ = name.strip(" \t").lower().partition("*")
        if name == "boundary":  # with a star it is RFC 2231's, which forms do not have
            found.append("" if star else value.strip(" \t"))
    if len(found) != 1 or found[0] in {"", '""'} or not found[0].isascii():
        msg = "the content type of a form must name one boundary"
        raise MalformedError(msg)
    (value,) = found
    if len(value) > 1 and value[0] == value[-1] == '"':
        value = value[1:-1].replace("\\\\", "\\").replace('\\"', '"')
    return value.encode()


def _parameters(content_type: str) -> Iterator[str]:
    """The parameters of a content type; a semicolon between quotes parts none."""
    pieces: list[str] = []
    quotes = 0
    for piece in content_type.split(";")[1:]:
        pieces.append(piece)
        quotes += piece.count('"') - piece.count('\\"')
        if quotes % 2 == 0:
            yield ";".join(pieces)
            pieces.clear()
    yield ";".join(pieces)


def scan_form(body: bytes | bytearray, content_type: str) -> list[FormPart]:
    """The parts of a form, in order; raises `MalformedError`."""
    from python_multipart.exceptions import FormParserError  # noqa: PLC0415 - only edits need it
    from python_multipart.multipart import MultipartParser, parse_options_header  # noqa: PLC0415

    boundary = boundary_of(content_type)
    if body.count(b"\r\n--" + boundary) > MAX_PARTS:
        msg = f"a form may have {MAX_PARTS} parts"
        raise MalformedError(msg)
    scan = _Scan(parse_options_header)
    try:
        parser = MultipartParser(boundary, scan.callbacks())
        parser.logger = _SILENCE  # type: ignore[assignment] # what is wrong is raised, not logged
        parser.write(bytes(body))
    except FormParserError:  # its words quote the body
        scan.ended = False
    if not scan.ended:
        raise MalformedError(_BAD_FORM)
    return scan.parts


class _Silence:
    """A logger that discards everything: this library does not log."""

    def __getattr__(self, _name: str) -> Callable[..., None]:
        return lambda *_, **__: None


_SILENCE = _Silence()


class _Scan:
    """Collects the parts of a form from the parser's events."""

    def __init__(self, parse_header: Any) -> None:
        self.parts: list[FormPart] = []
        self.ended = False
        self._parse_header = parse_header
        self._headers: dict[bytes, bytes] = {}
        self._field = self._value = b""
        self._start = self._stop = 0

    def callbacks(self) -> Any:
        """The parser's callbacks, by event."""
        return {
            "on_part_begin": self._begin,
            "on_header_field": self._add_field,
            "on_header_value": self._add_value,
            "on_header_end": self._end_header,
            "on_part_data": self._add_data,
            "on_part_end": self._end,
            "on_end": self._finish,
        }

    def _begin(self) -> None:
        self._headers = {}
        self._start = self._stop = 0

    def _add_field(self, data: bytes, start: int, end: int) -> None:
        self._field = data[start:end]

    def _add_value(self, data: bytes, start: int, end: int) -> None:
        self._value = data[start:end]

    def _end_header(self) -> None:
        self._headers[self._field.lower()] = self._value
        self._field = self._value = b""

    def _add_data(self, _data: bytes, start: int, end: int) -> None:
        self._start, self._stop = start, end  # once a part, because the body is written at once

    def _end(self) -> None:
        disposition = self._headers.get(b"content-disposition", b"")
        options = self._parse_header(disposition)[1]
        if b"name" not in options:
            msg = "a part of a form needs a name"
            raise MalformedError(msg)
        filename, kind = options.get(b"filename"), self._headers.get(b"content-type")
        self.parts.append(
            FormPart(
                name=options[b"name"].decode("utf-8", "replace"),
                filename=None if filename is None else filename.decode("utf-8", "replace"),
                content_type=None if kind is None else kind.decode("latin-1"),
                start=self._start,
                stop=self._stop,
            )
        )

    def _finish(self) -> None:
        self.ended = True


def form_of(pieces: Sequence[Sequence[Segment]], boundary: str) -> tuple[str, Payload]:
    """The content type and the body of a form; each piece is a part from its headers to its end."""
    delimiter = f"--{boundary}\r\n".encode()
    segments: list[Segment] = []
    for piece in pieces:
        segments += (delimiter, *piece)
    segments.append(f"--{boundary}--\r\n".encode())
    return f"{FORM_TYPE}; boundary={boundary}", Payload(*segments)


def pieces_of(body: bytes, content_type: str) -> tuple[str, list[bytes]]:
    """The boundary and the pieces of a form that `form_of` made."""
    boundary = boundary_of(content_type)
    delimiter = b"--%b\r\n" % boundary
    return boundary.decode(), body[len(delimiter) : -len(delimiter) - 2].split(delimiter)


def occurs(boundary: str, pieces: Iterable[Sequence[Segment]]) -> bool:
    """Whether a boundary occurs in a piece, across its segments too."""
    needle, window = boundary.encode(), bytearray()
    for segment in chain.from_iterable(pieces):
        for start in range(0, len(segment), _BLOCK):
            window += segment[start : start + _BLOCK]
            if len(window) >= _BLOCK:
                if needle in window:
                    return True
                del window[: max(0, len(window) - len(needle) + 1)]
    return needle in window


def digest_boundary(pieces: Iterable[Sequence[Segment]]) -> str:
    """A boundary that is a digest of all pieces, however these are cut into segments.

    It occurs in none of them: that one would have to hold its own digest.
    """
    digest = new_digest(16)
    for piece in pieces:
        for segment in piece:
            digest.update(segment)
    return digest.hexdigest()
