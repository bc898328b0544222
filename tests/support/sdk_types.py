"""The SDKs' own types beside our wire structs: which stands for which, and what it names."""

# A walk starts from the types of whole bodies and follows fields: what stands in a field of the
# SDK's type is compared with what stands in the same field of our struct, and with nothing else.
# Where the struct holds a field as plain data, the field is carried whole, and the walk ends.

from __future__ import annotations

import enum
from collections.abc import Iterator
from typing import Any, Literal, get_args, get_origin

import attrs
import msgspec
import pydantic
import typing_extensions
from google.genai import types
from openai.types import ImageInputReferenceParam, ImagesResponse
from openai.types.chat import ChatCompletion
from openai.types.chat.completion_create_params import CompletionCreateParamsNonStreaming
from openai.types.image_edit_params import ImageEditParamsNonStreaming
from openai.types.image_generate_params import ImageGenerateParamsNonStreaming

from imagewire.codec.fields import Wire
from imagewire.formats.chat import wire as chat
from imagewire.formats.gemini import wire as gemini
from imagewire.formats.images import wire as images

#: What an SDK's type says, and our struct for it.
Pair = tuple[Any, type[Wire]]

#: Where Google's client sends a field of its config: beside or below ``generationConfig``, some
#: under another name. None: it is the client's own, and never sent.
SENT: dict[Any, dict[str, str | None]] = {
    types.GenerateContentConfig: {
        **dict.fromkeys(
            (
                "httpOptions",
                "shouldReturnHttpResponse",
                "automaticFunctionCalling",
                "automaticContinuation",
            )
        ),
        **{
            name: name
            for name in (
                "systemInstruction",
                "safetySettings",
                "tools",
                "toolConfig",
                "labels",
                "cachedContent",
                "modelArmorConfig",
                "serviceTier",
                "continuationToken",
                "store",
            )
        },
        "generationOutputConfig": "outputConfig",
        "modelSelectionConfig": "generationConfig.modelConfig",
    },
    types.GenerationConfig: {"modelSelectionConfig": "modelConfig"},
    types.ImageConfig: {
        "outputMimeType": "imageOutputOptions.mimeType",
        "outputCompressionQuality": "imageOutputOptions.compressionQuality",
    },
}


#: What is sent where Google's client takes shorthands.
SHORT = {(types.GenerateContentConfig, "systemInstruction"): types.Content}


@attrs.frozen
class Root:
    """A kind of body: its format, and which types stand where in it."""

    format: str
    kind: Literal["request", "response"]
    pairs: tuple[tuple[str, Pair], ...]

    def __str__(self) -> str:
        return f"{self.format}-{self.kind}"


#: A form's fields; JSON edits have them too.
EDIT: Pair = (ImageEditParamsNonStreaming, images.Request)
ROOTS = (
    Root(
        "chat",
        "request",
        (
            ("$", (CompletionCreateParamsNonStreaming, chat.Request)),
            ("$.extra_body.google.thinking_config", (types.ThinkingConfig, chat.ThinkingConfig)),
            ("$.extra_body.google.safety_settings", (types.SafetySetting, chat.SafetySetting)),
        ),
    ),
    Root("chat", "response", (("$", (ChatCompletion, chat.Response)),)),
    Root(
        "gemini",
        "request",
        (
            ("$", (types.GenerateContentConfig, gemini.Request)),
            ("$.generationConfig", (types.GenerationConfig, gemini.GenerationConfig)),
            ("$.contents", (types.Content, gemini.Content)),
        ),
    ),
    Root("gemini", "response", (("$", (types.GenerateContentResponse, gemini.Response)),)),
    Root(
        "images",
        "request",
        (
            ("$", (ImageGenerateParamsNonStreaming, images.Request)),
            ("$", EDIT),
            ("$.images", (ImageInputReferenceParam, images.Reference)),
        ),
    ),
    Root("images", "response", (("$", (ImagesResponse, images.Response)),)),
)


@attrs.frozen
class Field:
    """A field of an SDK's type, and the struct of ours that would name it."""

    owner: Any
    path: str  #: from the owner's object, as it is sent
    annotation: Any
    struct: type[Wire]
    ours: Any  #: our field's annotation, or None if the struct names no such field

    @property
    def name(self) -> str:
        """The field's name in our struct."""
        return self.path.rpartition(".")[2]

    @property
    def pairs(self) -> list[Pair]:
        """The objects that the field holds, each with our struct for them."""
        structs = [leaf for leaf in leaves(self.ours) if is_wire(leaf)]
        found = [leaf for leaf in leaves(self.annotation) if is_object(leaf)]
        return [(leaf, structs[0]) for leaf in found] if structs else []

    def __str__(self) -> str:
        return f"{self.owner.__name__}.{self.path}"


def is_wire(leaf: Any) -> bool:
    return isinstance(leaf, type) and issubclass(leaf, Wire)


def is_object(leaf: Any) -> bool:
    """Whether an SDK's type is that of a JSON object with named fields."""
    is_model = isinstance(leaf, type) and issubclass(leaf, pydantic.BaseModel)
    return is_model or typing_extensions.is_typeddict(leaf)


def leaves(annotation: Any) -> list[Any]:
    """The types that an annotation is made of; the members of a literal are none."""
    if get_origin(annotation) is Literal:
        return []
    arguments = get_args(annotation)
    return [leaf for item in arguments for leaf in leaves(item)] if arguments else [annotation]


def members(annotation: Any) -> list[str]:
    """The names that an annotation lists: those of its literals and enums."""
    if get_origin(annotation) is Literal:
        return [item for item in get_args(annotation) if isinstance(item, str)]
    if isinstance(annotation, type) and issubclass(annotation, enum.Enum):
        return [item.value for item in annotation]
    return [name for item in get_args(annotation) for name in members(item)]


def names_of(struct: type[Wire]) -> dict[str, Any]:
    """The fields of a struct as they stand on the wire."""
    return {info.encode_name: info.type for info in msgspec.structs.fields(struct)}


def fields(pair: Pair) -> Iterator[Field]:
    """The fields of an SDK's type that are sent, beside our struct."""
    owner, struct = pair
    for spelled, annotation in hints(owner, snake=struct.__module__ == chat.__name__):
        config = "generationConfig." if owner is types.GenerateContentConfig else ""
        path = SENT.get(owner, {}).get(spelled, config + spelled)
        if path is None:
            continue
        *steps, name = path.split(".")
        holder = struct
        for step in steps:
            (holder,) = (leaf for leaf in leaves(names_of(holder)[step]) if is_wire(leaf))
        yield Field(owner, path, annotation, holder, names_of(holder).get(name))


def hints(owner: Any, *, snake: bool) -> Iterator[tuple[str, Any]]:
    """The fields of an SDK's type by their names on the wire."""
    if typing_extensions.is_typeddict(owner):
        yield from typing_extensions.get_type_hints(owner).items()
        return
    for name, info in owner.model_fields.items():
        spelled = name if snake else info.alias or name
        yield spelled, SHORT.get((owner, spelled), info.annotation)


def walk(pair: Pair, seen: dict[Pair, None]) -> dict[Pair, None]:
    """Every pair that is reached from one by its fields."""
    if pair not in seen:
        seen[pair] = None
        for field in fields(pair):
            for below in field.pairs:
                walk(below, seen)
    return seen


def all_pairs() -> list[Pair]:
    seen: dict[Pair, None] = {}
    for root in ROOTS:
        for _, pair in root.pairs:
            walk(pair, seen)
    return list(seen)


PAIRS = all_pairs()
FIELDS = [field for pair in PAIRS for field in fields(pair)]
