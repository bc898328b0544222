"""Where in the bodies of `sdk_bodies` each field of the SDKs' types stands, or may be put."""

# A body with one field more, of the SDK's own type, shows what becomes of that field.

from __future__ import annotations

import collections.abc
import datetime as dt
import enum
from collections.abc import Iterable, Iterator
from typing import Any, Literal, get_args, get_origin

import attrs
import msgspec
import pydantic

import imagewire
from cases import UPSTREAM_MODELS, translate
from hub import PNG_URI
from imagewire.codec.fields import Wire
from imagewire.formats.chat import wire as chat
from imagewire.formats.gemini import wire as gemini
from imagewire.formats.images import wire as images
from sdk_bodies import BODIES, Json
from sdk_fields import FOREIGN, listed
from sdk_types import ROOTS, Field, Pair, Root, fields, hints, is_object

Translated = imagewire.TranslatedRequest | imagewire.TranslatedResponse

_OPTIONS = imagewire.Options(history="all", edit_body="json")


#: Values that say something, where one of the type alone does not.
VALUES: dict[tuple[type[Wire], str], Any] = {
    (chat.Request, "function_call"): {"name": "f"},
    (chat.Request, "response_format"): {"type": "json_object"},
    (chat.Request, "stream"): True,
    (gemini.GenerationConfig, "responseFormat"): [{"image": {"imageSize": "IMAGE_SIZE_TWO_K"}}],
    (images.Request, "stream"): True,
    (images.Request, "image"): PNG_URI,
    (images.Request, "mask"): {"image_url": PNG_URI},
    (images.Request, "markup"): {"image_url": PNG_URI},
}
#: Members of a oneof: what holds one holds nothing else.
ALONE = {
    *((gemini.Part, name) for name in listed(FOREIGN, gemini.Part)),
    (images.Reference, "file_id"),
}


@attrs.frozen
class Place:
    """Where in a body an object of an SDK's type stands, and a field of it."""

    root: Root
    field: Field
    steps: tuple[str | int, ...]  #: to the field, which need not be there

    @property
    def path(self) -> str:
        return path_of(self.steps)

    @property
    def filled(self) -> Json:
        """The body with a value of the field's type in this place."""
        value = VALUES.get((self.field.struct, self.field.name))
        return self.put(value or sample(self.field.annotation))

    def put(self, value: Any) -> Json:
        """The body with a value in this place; a member of a oneof stands alone."""
        body: Json = msgspec.json.decode(msgspec.json.encode(BODIES[str(self.root)]))
        *above, last = self.steps
        node = look(body, tuple(above))
        if (self.field.struct, self.field.name) in ALONE:
            node.clear()
        node[last] = value
        return body

    def __str__(self) -> str:
        return f"{self.root}-{self.path.removeprefix('$.')}"


def translated(root: Root, body: Json, target: str) -> Translated:
    """A body, read and written."""
    model = None if target == root.format else UPSTREAM_MODELS.get(target, "m")
    result: Translated = translate(root, body, target, model, _OPTIONS)
    return result


def path_of(steps: Iterable[str | int]) -> str:
    return "$" + "".join(f"[{s}]" if isinstance(s, int) else f".{s}" for s in steps)


def look(document: Any, steps: tuple[str | int, ...]) -> Any:
    """What stands at a path, or None."""
    for step in steps:
        try:
            document = document[step]
        except (KeyError, IndexError):
            return None
    return document


def _places(root: Root, pair: Pair, steps: tuple[str | int, ...]) -> Iterator[Place]:
    """The fields of an object of a body, and those of the objects in it."""
    found = look(BODIES[str(root)], steps)
    items = list(enumerate(found)) if isinstance(found, list) else [(None, found)]
    for index, item in items:
        if not isinstance(item, dict) or not _is(item, pair):
            continue
        node = steps if index is None else (*steps, index)
        for field in fields(pair):
            place = (*node, *field.path.split("."))
            picture = "inlineData" in item and (field.struct, field.name) in ALONE
            if isinstance(look(BODIES[str(root)], place[:-1]), dict) and not picture:
                yield Place(root, field, place)
            for below in field.pairs:
                yield from _places(root, below, place)


def _is(item: Json, pair: Pair) -> bool:
    """Whether an object may be one of a type: its role, or the like, is the type's."""
    marks = [
        (field.path, get_args(field.annotation))
        for field in fields(pair)
        if get_origin(field.annotation) is Literal
    ]
    return all(item.get(name) in names for name, names in marks)


PLACES = [
    place
    for root in ROOTS
    for path, pair in root.pairs
    for place in _places(root, pair, tuple(path.split(".")[1:]))
]


_LISTS = (list, collections.abc.Iterable, collections.abc.Sequence)
_SCALARS: dict[Any, Any] = {
    str: "x",
    bool: True,
    int: 3,
    float: 0.5,
    bytes: "AAAA",
    dt.datetime: "2025-01-01T00:00:00Z",
    object: {"a": 1},
    type: {"a": 1},
    pydantic.BaseModel: {"a": 1},
}


def sample(annotation: Any, depth: int = 0) -> Any:
    """A value of a type, which is not the type's nothing."""
    if get_origin(annotation) is Literal:
        return next(item for item in reversed(get_args(annotation)) if item != "auto")
    if isinstance(annotation, type) and issubclass(annotation, enum.Enum):
        return list(annotation)[-1].value
    if annotation in _SCALARS:
        return _SCALARS[annotation]
    if is_object(annotation):
        return _object(annotation, depth)
    arms = [arm for arm in get_args(annotation) if arm is not type(None)] or [str]
    if get_origin(annotation) is dict:
        return {"a": sample(arms[-1], depth)}
    names = [arm for arm in arms if str(arm).startswith("typing.Literal")]
    arm = (names or arms)[0]  # a name says more than any text
    is_list = (get_origin(annotation) or annotation) in _LISTS
    return [sample(arm, depth)] if is_list else sample(arm, depth)


def _object(kind: Any, depth: int) -> Json:
    """An object of a type: what it requires, or, where that is nothing, its first fields."""
    kinds = dict(hints(kind, snake=False))
    required = {name for name in kinds if name in getattr(kind, "__required_keys__", ())} or set(
        list(kinds)[: 3 if depth < 2 else 0]
    )
    return {name: sample(kinds[name], depth + 1) for name in kinds if name in required}
