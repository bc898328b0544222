"""The hub: what every format is read into and written from.

Each class is an immutable value that names what image-generation traffic says, not how one API
spells it. A hub value round-trips through ``msgspec.json``: that JSON is the canonical document, so
it can be stored, queued and read back equal. There are no class unions: a `Part` is one class with
exactly one of ``text``, ``image`` and ``foreign`` set.

A repr may land in a log: it shows texts as excerpts without keys, and pictures by type and size.

Nothing here knows a wire format. Where a name or a vocabulary had to be chosen, the richest one
was: finish and block reasons, modalities and thinking levels use Gemini's names.
"""

from __future__ import annotations

import re
from enum import StrEnum
from inspect import cleandoc
from typing import Any, Literal

import msgspec

from imagewire.placeholder import real_length
from imagewire.redaction import describe, excerpt

Role = Literal["user", "model"]
Stage = Literal["input", "output"]

#: What a format other than its owner does with an `Extra`: pass over it, report it, or refuse. One
#: to ``drop`` is reported by its own format too. A ``mark`` is a note to its own format's writer,
#: and never written. One to ``echo`` waits in the `ReplyContext` for its own format's reply.
Policy = Literal["silent", "report", "refuse", "drop", "mark", "echo"]

#: The modalities of a request that names none, in the order the hub keeps them.
DEFAULT_MODALITIES: tuple[str, ...] = ("TEXT", "IMAGE")

#: The media type of unknown bytes.
UNKNOWN_TYPE = "application/octet-stream"

#: A media type, of the lengths of RFC 6838, 4.2: nothing else reaches a header or a data URI.
MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9.+-]{0,126}/[a-z0-9][a-z0-9.+-]{0,126}")
_USUAL_TYPES = {None, "image/png", "image/jpeg", "image/webp"}  # no need to look at them closely


class Value(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """What the classes of the hub have in common. No value refers to itself, so none needs GC."""

    def __repr__(self) -> str:
        return describe(self)


class File(Value, frozen=True, kw_only=True):
    """A file of a form; ``data`` is base64, ``media_type`` the type as it was declared."""

    name: str
    data: str
    media_type: str | None = None


class Extra(Value, frozen=True, kw_only=True):
    """A wire field with no name in the hub, kept so that its own format can write it back.

    ``path`` leads from the wire object of the hub value that holds the extra to the field;
    ``value`` is plain JSON data, or None where the field is a ``file``: no JSON is taken for one.
    """

    format: str
    path: tuple[str | int, ...]
    value: Any
    policy: Policy = "report"
    file: File | None = None

    def __hash__(self) -> int:
        return hash((self.format, self.path))  # the value may be a dict or a list


class Foreign(Value, frozen=True, kw_only=True):
    """A whole part of no use to image generation (audio, a file, a tool call), kept verbatim."""

    format: str
    kind: str
    value: dict[str, Any]

    def __hash__(self) -> int:
        return hash((self.format, self.kind))


class Image(Value, frozen=True, kw_only=True):
    """A picture: exactly one of base64 ``data``, a ``url`` or a ``file_id``.

    ``data`` is padded base64 of the standard alphabet. ``media_type`` is that of the bytes, in
    lower case and without parameters; for a URL it is set only when it is not what the URL's own
    extension says. ``detail`` is how closely a model should look at an input image (``low``,
    ``high``, ...).
    """

    data: str | None = None
    url: str | None = None
    file_id: str | None = None
    media_type: str | None = None
    detail: str | None = None

    def __post_init__(self) -> None:
        if (self.data is None) + (self.url is None) + (self.file_id is None) != 2:
            msg = "an Image has exactly one of data, url and file_id"
            raise ValueError(msg)
        kind = self.media_type
        if kind not in _USUAL_TYPES and not MEDIA_TYPE.fullmatch(kind or ""):
            msg = "media_type must be a media type in lower case, without parameters"
            raise ValueError(msg)

    def __repr__(self) -> str:
        """As people may see it: ``<image/png, 1.4 MB>``, never its payload or its address."""
        if self.data is None:
            return "<remote image>" if self.file_id is None else "<uploaded file>"
        kind = excerpt(self.media_type or UNKNOWN_TYPE)
        return f"<{kind}, {real_length(self.data) * 3 / 4 / 1e6:.1f} MB>"


class Part(Value, frozen=True, kw_only=True):
    """One piece of a turn or of an answer: exactly one of ``text``, ``image`` and ``foreign``.

    ``thought`` marks a draft image or a thought text. ``signature`` is the model's opaque thought
    signature, to be sent back untouched with the same part.
    """

    text: str | None = None
    image: Image | None = None
    foreign: Foreign | None = None
    thought: bool = False
    signature: str | None = None
    extras: tuple[Extra, ...] = ()

    def __post_init__(self) -> None:
        if (self.text is None) + (self.image is None) + (self.foreign is None) != 2:
            msg = "a Part has exactly one of text, image and foreign"
            raise ValueError(msg)


class Turn(Value, frozen=True, kw_only=True):
    """What one side said: the parts of a user or a model turn, in order."""

    role: Role
    parts: tuple[Part, ...]
    extras: tuple[Extra, ...] = ()


class Size(Value, frozen=True, kw_only=True):
    """A size in pixels, of at least one each way."""

    width: int
    height: int

    def __post_init__(self) -> None:
        if self.width < 1 or self.height < 1:
            msg = "a Size is at least 1x1"
            raise ValueError(msg)

    def __str__(self) -> str:
        return f"{self.width}x{self.height}"


class ImageSettings(Value, frozen=True, kw_only=True):
    """What the picture shall be, or, in a response, what it is.

    Pixels (``size``), proportions (``aspect_ratio``, ``"16:9"``) and resolution ``tier`` (``512``,
    ``1K``, ``2K``, ``4K``) are three separate things: no API has all of them.
    ``compression`` runs from 0 to 100.
    """

    size: Size | None = None
    aspect_ratio: str | None = None
    tier: str | None = None
    quality: str | None = None
    background: str | None = None
    format: str | None = None
    compression: int | None = None
    moderation: str | None = None
    input_fidelity: str | None = None


class Sampling(Value, frozen=True, kw_only=True):
    """How the model shall draw its tokens."""

    temperature: float | None = None
    top_p: float | None = None
    top_k: int | float | None = None
    seed: int | None = None
    stop: tuple[str, ...] = ()
    max_tokens: int | None = None
    presence_penalty: float | None = None
    frequency_penalty: float | None = None


class Thinking(Value, frozen=True, kw_only=True):
    """How much the model shall think: ``budget`` in tokens (0 off, -1 automatic)."""

    include_thoughts: bool | None = None
    budget: int | None = None
    level: str | None = None


class SafetySetting(Value, frozen=True, kw_only=True):
    """The threshold of one harm category; ``method`` exists on Vertex only."""

    category: str
    threshold: str
    method: str | None = None


#: Settings with nothing set; readers return these objects, so writers may test with ``is``.
ANY_IMAGE, ANY_SAMPLING = ImageSettings(), Sampling()


class ImageRequest(Value, frozen=True, kw_only=True):
    """A request for images.

    ``model`` is the bare id; ``model_as_given`` the client's own spelling where it differs by a
    prefix. ``system`` holds the parts of all system messages, in order.
    ``response_format`` is the Images API's ``url`` or ``b64_json``.
    """

    model: str | None = None
    model_as_given: str | None = None
    system: tuple[Part, ...] = ()
    turns: tuple[Turn, ...] = ()
    mask: Image | None = None
    count: int = 1
    modalities: tuple[str, ...] = DEFAULT_MODALITIES
    image: ImageSettings = ANY_IMAGE
    sampling: Sampling = ANY_SAMPLING
    thinking: Thinking | None = None
    safety: tuple[SafetySetting, ...] = ()
    cached_content: str | None = None
    user: str | None = None
    safety_identifier: str | None = None
    response_format: str | None = None
    extras: tuple[Extra, ...] = ()

    def __post_init__(self) -> None:
        if self.count < 1:
            msg = "the count of an ImageRequest is at least 1"
            raise ValueError(msg)


class Candidate(Value, frozen=True, kw_only=True):
    """One answer of the model. ``finish`` is a Gemini finish reason, known or not."""

    parts: tuple[Part, ...] = ()
    finish: str = "STOP"
    finish_message: str | None = None
    extras: tuple[Extra, ...] = ()


class Block(Value, frozen=True, kw_only=True):
    """The prompt was refused: Gemini's block reason and the model's words, if it gave any."""

    reason: str
    message: str | None = None
    extras: tuple[Extra, ...] = ()


class ModalityCount(Value, frozen=True, kw_only=True):
    """How many tokens were of one modality (``TEXT``, ``IMAGE``, ...)."""

    modality: str
    tokens: int


class Usage(Value, frozen=True, kw_only=True):
    """Billed tokens, with details only where the source stated them.

    ``cached`` is part of ``prompt``; ``tool_use`` and ``thoughts`` are beside ``prompt`` and
    ``candidates``.
    """

    prompt: int = 0
    tool_use: int = 0
    cached: int = 0
    candidates: int = 0
    thoughts: int = 0
    total: int = 0
    prompt_details: tuple[ModalityCount, ...] = ()
    cached_details: tuple[ModalityCount, ...] = ()
    tool_use_details: tuple[ModalityCount, ...] = ()
    candidates_details: tuple[ModalityCount, ...] = ()
    extras: tuple[Extra, ...] = ()


class ImageResponse(Value, frozen=True, kw_only=True):
    """A model's answer, or its refusal (``block``, or a candidate with a blocking reason).

    ``created`` is in seconds since 1970. ``image`` is what the Images API says about its pictures.
    """

    id: str | None = None
    created: int | None = None
    model: str | None = None
    model_as_given: str | None = None
    candidates: tuple[Candidate, ...] = ()
    block: Block | None = None
    usage: Usage | None = None
    image: ImageSettings = ANY_IMAGE
    extras: tuple[Extra, ...] = ()


class FailureKind(StrEnum):
    """What went wrong; `imagewire.rules.failures` has its names in each API."""

    INVALID_REQUEST = "invalid_request"
    CONTENT_BLOCKED = "content_blocked"
    NO_IMAGE = "no_image"
    PRECONDITION = "precondition"
    AUTHENTICATION = "authentication"
    BILLING = "billing"
    PERMISSION = "permission"
    NOT_FOUND = "not_found"
    TIMEOUT = "timeout"
    EXISTS = "exists"
    CONFLICT = "conflict"
    RATE_LIMIT = "rate_limit"
    QUOTA = "quota"
    CANCELLED = "cancelled"
    INTERNAL = "internal"
    UNIMPLEMENTED = "unimplemented"
    UNAVAILABLE = "unavailable"


class Failure(Value, frozen=True, kw_only=True):
    """An error reply as a value: what a proxy decides on (retry, another key, circuit breaking).

    ``retry_after`` is in seconds. ``envelope`` names the error envelope it was read from, if that
    was well formed: ``status``, ``code``, ``type`` and ``native_status`` (Google's name) then go
    back into the same envelope unchanged. ``stage`` says what was refused, the prompt or the
    picture. ``details`` are the rest of the source's error object.
    """

    kind: FailureKind
    message: str
    status: int
    retryable: bool = False
    retry_after: float | None = None
    param: str | None = None
    code: str | None = None
    type: str | None = None
    native_status: str | None = None
    envelope: Literal["openai", "google"] | None = None
    stage: Stage | None = None
    request_id: str | None = None
    details: tuple[Extra, ...] = ()


class ReplyContext(Value, frozen=True, kw_only=True, forbid_unknown_fields=False):
    """What a reply needs to know of its request; each default means "not known".

    ``model`` is the client's own spelling, ``count`` the number of images it asked for,
    ``response_format`` the Images API's ``url`` or ``b64_json``, ``echo`` what the reply repeats of
    the request (of a Responses request its mainline model). JSON round trip by msgspec, so that it
    can wait in a queue or a file.
    """

    model: str | None = None
    count: int | None = None
    had_input_images: bool | None = None
    response_format: str | None = None
    echo: tuple[Extra, ...] = ()


#: Changes when a field of the canonical document is removed, renamed or means something else.
SCHEMA_VERSION = 1

#: What is stored by itself; everything else is a part of these.
DOCUMENTS = (ImageRequest, ImageResponse, Failure, ReplyContext)


def json_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of a stored request, response, failure or reply context."""
    documents, parts = msgspec.json.schema_components(DOCUMENTS)
    for part in parts.values():  # equal on all that it is made by:
        # CPython 3.13 takes the indentation off docstrings, others do not
        part["description"] = cleandoc(part["description"])
        for field in part.get("properties", {}).values():  # msgspec 0.21 has null before a struct
            field.get("anyOf", []).sort(key=lambda arm: arm == {"type": "null"})
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:imagewire:document:{SCHEMA_VERSION}",
        "title": "imagewire canonical document",
        "anyOf": list(documents),
        "$defs": parts,
    }
