"""A body of each format and kind in which every field that its structs name says something."""

# The matrices over fields run on these: each key in its other spelling, each number as a string,
# each field null, an unknown field beside each. A field that is added to a struct has to be added
# here; `test_liberal_reading` says so.

from __future__ import annotations

import types
from collections.abc import Iterator
from typing import Annotated, Any, get_args, get_origin

import attrs
import msgspec

import full_documents as documents
import imagewire
from imagewire.codec.fields import BOOKKEEPING, Wire
from imagewire.formats.chat import wire as chat_wire
from imagewire.formats.gemini import wire as gemini_wire
from imagewire.formats.images import wire as images_wire
from imagewire.formats.responses import wire as responses_wire
from responses_documents import RESPONSES_REQUEST, RESPONSES_RESPONSE

Path = tuple[str | int, ...]


@attrs.frozen
class Full:
    """A full body, its struct, and how it is read."""

    format: str
    kind: str
    struct: type[Wire]
    body: dict[str, Any]

    def read(self, body: Any) -> Any:
        """The hub value of a body of this kind."""
        return self.outcome(body).value

    def outcome(self, body: Any) -> imagewire.Outcome[Any]:
        module = imagewire.FORMATS[self.format]
        read: Any = module.read_request if self.kind == "request" else module.read_response
        outcome: imagewire.Outcome[Any] = read(body)
        return outcome

    def forgives(self, field: Field) -> bool:
        """Whether a field of the wrong type is ignored: bookkeeping of a reply."""
        return self.kind == "response" and field.is_bookkeeping

    def __str__(self) -> str:
        return f"{self.format}-{self.kind}"


FULL = [
    Full("gemini", "request", gemini_wire.Request, documents.GEMINI_REQUEST),
    Full("gemini", "response", gemini_wire.Response, documents.GEMINI_RESPONSE),
    Full("chat", "request", chat_wire.Request, documents.CHAT_REQUEST),
    Full("chat", "response", chat_wire.Response, documents.CHAT_RESPONSE),
    Full("images", "request", images_wire.Request, documents.IMAGES_REQUEST),
    Full("images", "response", images_wire.Response, documents.IMAGES_RESPONSE),
    Full("responses", "request", responses_wire.Request, RESPONSES_REQUEST),
    Full("responses", "response", responses_wire.Response, RESPONSES_RESPONSE),
]


@attrs.frozen
class Field:
    """A field of a body: where it is, the struct and the field that name it, and its types."""

    path: Path
    struct: type[Wire]
    info: msgspec.structs.FieldInfo

    @property
    def types(self) -> set[Any]:
        return set(leaves(self.info.type))

    @property
    def is_bookkeeping(self) -> bool:
        return BOOKKEEPING in get_args(self.info.type)


def leaves(annotation: Any) -> Iterator[Any]:
    """The plain types in an annotation."""
    if get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    if isinstance(annotation, types.UnionType) or get_args(annotation):
        for argument in get_args(annotation):
            yield from leaves(argument)
    else:
        yield annotation


def fields_of(value: Any, struct: type[Wire], path: Path = ()) -> Iterator[Field]:
    """Every field of a body that its struct names, with its path, outside in."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from fields_of(item, struct, (*path, index))
    elif isinstance(value, dict):
        infos = {info.encode_name: info for info in msgspec.structs.fields(struct)}
        for key, item in value.items():
            if key in infos:
                field = Field((*path, key), struct, infos[key])
                yield field
                for below in field.types:
                    if isinstance(below, type) and issubclass(below, Wire):
                        yield from fields_of(item, below, field.path)


def objects_in(value: Any, path: Path = ()) -> Iterator[Path]:
    """The paths of every object of a body."""
    if isinstance(value, dict):
        yield path
        for key, item in value.items():
            yield from objects_in(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from objects_in(item, (*path, index))


def copy_at(body: Any, path: Path) -> tuple[Any, Any]:
    """A copy of a body, and what stands at a path in it."""
    copy = found = msgspec.json.decode(msgspec.json.encode(body))
    for step in path:
        found = found[step]
    return copy, found


def replaced(body: Any, path: Path, **fields: Any) -> Any:
    """A copy of a body that has other fields in the place of the one at a path."""
    copy, holder = copy_at(body, path[:-1])
    del holder[path[-1]]
    holder.update(fields)
    return copy


def added(body: Any, path: Path, **fields: Any) -> Any:
    """A copy of a body with more fields in the object at a path."""
    copy, holder = copy_at(body, path)
    holder.update(fields)
    return copy
