"""multipart/form-data, which is what the OpenAI SDKs send for edits: its fields, read and written.

`imagewire.multipart` finds the parts; here is what their names mean. A name may go on in brackets,
as the SDKs, PHP and Rails write lists and objects: ``image[]``, ``image[0]``, ``svg[model]``,
``tags[][name]``. One function, `read_name`, takes it apart, for the reader and for the writer that
must not write what the reader would take for something else.

A path in a loss or an error names a field of a form as the form does: ``$.svg[model]``; of a list,
``tags[]``, by the name before the brackets: ``$.tags``.

Rules of our own:

- Unless the caller gives a boundary, it is a digest of each part's name, beginning and end, so that
  the same request is the same bytes. If it occurs in the form, it is a digest of the whole form.
- In a JSON value that becomes fields, objects and lists deeper than 8 levels become one field that
  holds their JSON, and so do those behind a long name, once such names would take 8 KiB: a name
  repeats all names above it, so that without a bound a form could be as long as its JSON is
  squared.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from imagewire.codec.document import as_bytes
from imagewire.digest import new_digest
from imagewire.errors import InexpressibleError, MalformedError
from imagewire.messages import Payload, Segment
from imagewire.model import UNKNOWN_TYPE
from imagewire.multipart import digest_boundary, form_of, occurs, scan_form
from imagewire.paths import EXTRAS
from imagewire.patterns import pattern
from imagewire.rules.media import declared_type

# html.spec.whatwg.org, multipart/form-data encoding algorithm, for quotes and line ends. The other
# control characters, and the backslash, which parsers take for an escape, go the same way.
_STEERING = (*range(32), *b'"\\', 127, *range(128, 160))
_QUOTED = {code: f"%{chr(code).encode().hex('%').upper()}" for code in _STEERING}
_ENDS = 46  # bytes at either end of a part that tell it from others
_MAX_HEAD = 4096  # bytes of headers that parsers take for a part (python-multipart: 4224)
_MAX_DEPTH = 8  # levels of objects and lists that become names in brackets
_LONG = 64  # letters of a name that more names are added to
_MAX_REPEATED = 8192  # letters of long names that a value may repeat
_STEPS = pattern(r"(?:\[[^\[\]]*+\])++")  # possessive: a name may be all of a large body
_STEP = pattern(r"([^\[\]]*)\]")
_INDEX = pattern(r"[0-9]{1,9}")


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
        raise MalformedError(msg, path=(self.name,))


class Name(msgspec.Struct, frozen=True):
    """A field's name, taken apart: ``tags`` and the steps ``""``, ``name`` of ``tags[][name]``."""

    whole: str
    base: str
    steps: tuple[str, ...] = ()

    @property
    def is_list(self) -> bool:
        """Whether fields of this name are items of a list."""
        return "" in self.steps

    @property
    def index(self) -> int | None:
        """The number of ``images[3]``."""
        is_item = len(self.steps) == 1 and _INDEX.fullmatch(self.steps[0])
        return int(self.steps[0]) if is_item else None

    @property
    def key(self) -> str:
        """The key of the same field in JSON: ``tags`` of ``tags[]``, else the whole name."""
        return self.whole.removesuffix("[]") if self.steps == ("",) else self.whole

    def names(self, *fields: str) -> bool:
        """Whether it is the name of one of some fields, or of an item of its list."""
        is_item = self.index is not None or self.steps == ("",)
        return self.base in fields and (is_item or self.whole == self.base)


def read_name(name: str) -> Name:
    """A field's name, taken apart at its brackets; some parsers pass over spaces around it."""
    base, bracket, rest = name.strip().partition("[")
    is_whole = _STEPS.fullmatch(bracket + rest)
    return Name(name, base, tuple(_STEP.findall(rest)) if is_whole else ())


def claim(name: Name, claimed: dict[str, bool]) -> bool:
    """Add a name to those of a form; False if another field has it, but for items of one list."""
    if name.key in claimed:
        return name.is_list and claimed[name.key]
    claimed[name.key] = name.is_list
    return True


def read_form(body: bytes | bytearray | memoryview | str, content_type: str) -> list[Part]:
    """The parts of a form, in order; their data are views of the body."""
    raw = as_bytes(body)
    view = memoryview(raw)
    return [
        Part(part.name, view[part.start : part.stop], part.filename, part.content_type)
        for part in scan_form(raw, content_type)
    ]


def form_parts(name: str, value: Any) -> list[Part]:
    """The parts of a form that hold a JSON value.

    Fields of an object and items of a list have names in brackets, as the SDK writes them:
    ``svg[model]``, ``tags[]``, ``tags[][name]``.
    """
    parts: list[Part] = []
    waiting = [(name, value, 0)]
    repeated = 0
    while waiting:
        name, value, depth = waiting.pop()
        if depth < _MAX_DEPTH and isinstance(value, list | dict):
            letters = len(name) * len(value) if len(name) > _LONG else 0
            if repeated + letters <= _MAX_REPEATED:
                repeated += letters
                waiting += [(*item, depth + 1) for item in _below(name, value)]
                continue
        parts.append(json_part(name, value))
    return parts


def json_part(name: str, value: Any) -> Part:
    """One part that holds a text, or the JSON of anything else."""
    return Part(name, _text_of(value, name).encode("utf-8", "replace"))


def _below(name: str, value: list[Any] | dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """The fields of an object or the items of a list, with their names, the last one first."""
    if isinstance(value, list):
        below = name if read_name(name).is_list else f"{name}[]"
        return ((below, item) for item in reversed(value))
    return ((f"{name}[{key}]", item) for key, item in reversed(value.items()))


def _text_of(value: Any, name: str) -> str:
    """A text as it is, anything else as JSON."""
    if isinstance(value, str):
        return value
    try:
        return msgspec.json.encode(value).decode()
    except RecursionError:
        msg = "the value is nested too deep"
    raise InexpressibleError(msg, path=(EXTRAS, name))


def write_form(parts: Sequence[Part], boundary: str | None) -> tuple[str, Payload]:
    """The content type and the body of a form; files go through uncopied.

    Raises `InexpressibleError` for a boundary that occurs in what it has to separate, and for a
    name that parsers would refuse.
    """
    pieces = [(_head(part), part.data, b"\r\n") for part in parts]
    if boundary is None:
        boundary = _derive(parts)
        if occurs(boundary, pieces):
            boundary = digest_boundary(pieces)
    elif occurs(boundary, pieces):
        msg = "a field of the form holds the form's own boundary"
        raise InexpressibleError(msg).noted(
            "Without `Options.boundary`, a boundary that fits is derived."
        )
    return form_of(pieces, boundary)


def _derive(parts: Sequence[Part]) -> str:
    """A boundary of what is left of each part while its middle is cut out."""
    digest = new_digest(16)
    for part in parts:
        digest.update(f"{quoted(part.name)} ".encode())
        digest.update(bytes(part.data[:_ENDS]) + bytes(part.data[-_ENDS:]))
    return digest.hexdigest()


def quoted(name: str) -> str:
    """A name as a form has it: quoted as HTML says, so that no name ends its header."""
    return name.translate(_QUOTED)


def _head(part: Part) -> bytes:
    """The headers of a part."""
    head = f'Content-Disposition: form-data; name="{quoted(part.name)}"'
    if part.filename is not None:
        kind = declared_type(part.content_type) or UNKNOWN_TYPE
        head += f'; filename="{quoted(part.filename)}"\r\nContent-Type: {kind}'
    raw = f"{head}\r\n\r\n".encode("utf-8", "replace")
    if len(raw) > _MAX_HEAD:
        msg = "the name of a field or a file is too long for a form"
        raise InexpressibleError(msg)
    return raw
