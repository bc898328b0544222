"""multipart/form-data, which is what the OpenAI SDKs send for edits: read and written.

The parser is python-multipart's, loaded when first needed: it hands out offsets into the body, so
that a file is not copied on the way, and it is there already in every proxy on Starlette. A form
that has no end is refused here, because the parser does not check it.

A rule of our own: unless the caller gives a boundary, it is a digest of each part's name, length,
beginning and end, so that the same request is the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msgspec
import pybase64

from imagewire.codec.document import harmless
from imagewire.digest import new_digest
from imagewire.errors import InexpressibleError, MalformedError
from imagewire.messages import Payload, Segment
from imagewire.model import UNKNOWN_TYPE
from imagewire.rules.media import declared_type

FORM_TYPE = "multipart/form-data"

# html.spec.whatwg.org, multipart/form-data encoding algorithm, for quotes and line ends. The other
# control characters, and the backslash, which parsers take for an escape, go the same way.
_STEERING = (*range(32), *b'"\\', 127, *range(128, 160))
_QUOTED = {code: "".join(f"%{byte:02X}" for byte in chr(code).encode()) for code in _STEERING}
#: The keys of the plain data that stand for a file.
FILE_KEYS = {"filename", "content_type", "base64"}
_BAD_FORM = "body must be a valid multipart form"
_ENDS = 46  # bytes at either end of a part that tell it from others
_MAX_HEAD = 4096  # bytes of headers that parsers take for a part (python-multipart: 4224)


class Part(msgspec.Struct, frozen=True):
    """A part of a form: a text field, or a file with a name and a declared type."""

    name: str
    data: Segment
    filename: str | None = None
    content_type: str | None = None

    def text(self) -> str:
        """The value of a text field."""
        try:
            return bytes(self.data).decode()
        except UnicodeDecodeError:
            msg = "a form field must be UTF-8"
            raise MalformedError(msg, path=(self.name,)) from None


def is_form(content_type: str) -> bool:
    """Whether a content type is that of a form."""
    return content_type.partition(";")[0].strip().lower() == FORM_TYPE


def read_form(body: bytes | bytearray | memoryview | str, content_type: str) -> list[Part]:
    """The parts of a form, in order; their data are views of the body."""
    from python_multipart.exceptions import FormParserError  # noqa: PLC0415 - only edits need it
    from python_multipart.multipart import MultipartParser, parse_options_header  # noqa: PLC0415

    raw = body.encode("utf-8", "replace") if isinstance(body, str) else bytes(body)
    reader = _FormReader(parse_options_header)
    try:
        boundary = parse_options_header(content_type)[1].get(b"boundary", b"")
        parser = MultipartParser(boundary, reader.callbacks())
        parser.logger = _SILENCE  # type: ignore[assignment] # what is wrong is raised, not logged
        parser.write(raw)
        parser.finalize()
    except (FormParserError, UnicodeError) as error:
        raise MalformedError(_BAD_FORM) from harmless(error)
    if not reader.ended:
        raise MalformedError(_BAD_FORM)
    return reader.parts


class _Silence:
    """A logger that discards everything: this library does not log."""

    def __getattr__(self, _name: str) -> Callable[..., None]:
        return lambda *_, **__: None


_SILENCE = _Silence()


class _FormReader:
    """Collects the parts of a form from the parser's events."""

    def __init__(self, parse_header: Any) -> None:
        self.parts: list[Part] = []
        self.ended = False
        self._parse_header = parse_header
        self._headers: dict[bytes, bytes] = {}
        self._field = self._value = b""
        self._pieces: list[memoryview] = []

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
        self._headers, self._pieces = {}, []

    def _add_field(self, data: bytes, start: int, end: int) -> None:
        self._field += data[start:end]

    def _add_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _end_header(self) -> None:
        self._headers[self._field.lower()] = self._value
        self._field = self._value = b""

    def _add_data(self, data: bytes, start: int, end: int) -> None:
        self._pieces.append(memoryview(data)[start:end])

    def _end(self) -> None:
        disposition = self._headers.get(b"content-disposition", b"")
        options = self._parse_header(disposition)[1]
        if b"name" not in options:
            msg = "a part of a form needs a name"
            raise MalformedError(msg)
        filename, kind = options.get(b"filename"), self._headers.get(b"content-type")
        data = self._pieces[0] if len(self._pieces) == 1 else b"".join(self._pieces)
        self.parts.append(
            Part(
                name=options[b"name"].decode("utf-8", "replace"),
                data=data,
                filename=None if filename is None else filename.decode("utf-8", "replace"),
                content_type=None if kind is None else kind.decode("latin-1"),
            )
        )

    def _finish(self) -> None:
        self.ended = True


def file_data(part: Part) -> dict[str, str | None]:
    """A file that has no name in the hub, as plain data; `form_parts` makes a file of it again."""
    data = pybase64.b64encode_as_string(part.data)
    return {"filename": part.filename, "content_type": part.content_type, "base64": data}


def form_parts(name: str, value: Any) -> Iterator[Part]:
    """The parts of a form that hold a JSON value.

    Fields of an object and items of a list have names in brackets, as the SDK writes them:
    ``svg[model]``, ``tags[]``, ``tags[][name]``.
    """
    if isinstance(value, list):
        for item in value:
            yield from form_parts(name if "[]" in name else f"{name}[]", item)
    elif not isinstance(value, dict):
        text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
        yield Part(name, text.encode("utf-8", "replace"))
    elif value.keys() == FILE_KEYS:
        data = pybase64.b64decode(value["base64"], validate=True)
        yield Part(name, data, value["filename"], value["content_type"] or UNKNOWN_TYPE)
    else:
        for key, item in value.items():
            yield from form_parts(f"{name}[{key}]", item)


def write_form(parts: Sequence[Part], boundary: str | None) -> tuple[str, Payload]:
    """The content type and the body of a form; files go through uncopied.

    Raises `InexpressibleError` for a boundary that occurs in what it has to separate, and for a
    name that parsers would refuse.
    """
    if boundary is None:
        boundary = _derive(parts)
    elif _occurs(boundary, parts):
        msg = "a field of the form holds the form's own boundary"
        error = InexpressibleError(msg)
        error.add_note("Without `Options.boundary`, a boundary that fits is derived.")
        raise error
    segments: list[Segment] = []
    for part in parts:
        segments += (f"--{boundary}\r\n".encode() + _head(part), part.data, b"\r\n")
    segments.append(f"--{boundary}--\r\n".encode())
    return f"{FORM_TYPE}; boundary={boundary}", Payload(*segments)


def _head(part: Part) -> bytes:
    """The headers of a part; names are quoted as HTML says, so that no name ends its header."""
    head = f'Content-Disposition: form-data; name="{part.name.translate(_QUOTED)}"'
    if part.filename is not None:
        kind = declared_type(part.content_type) or UNKNOWN_TYPE
        head += f'; filename="{part.filename.translate(_QUOTED)}"\r\nContent-Type: {kind}'
    raw = f"{head}\r\n\r\n".encode("utf-8", "replace")
    if len(raw) > _MAX_HEAD:
        msg = "the name of a field or a file is too long for a form"
        raise InexpressibleError(msg)
    return raw


def _derive(parts: Sequence[Part]) -> str:
    digest = new_digest(16)
    for part in parts:
        digest.update(f"{part.name} ".encode())
        digest.update(bytes(part.data[:_ENDS]) + bytes(part.data[-_ENDS:]))
    while _occurs(boundary := digest.hexdigest(), parts):
        digest.update(b"again")  # a file of the form was written with this boundary
    return boundary


def _occurs(boundary: str, parts: Sequence[Part]) -> bool:
    needle = boundary.encode()
    return any(needle in _head(part) or needle in bytes(part.data) for part in parts)
