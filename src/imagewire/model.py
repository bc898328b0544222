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

from enum import StrEnum
from typing import Any, Literal

from imagewire.parts import (
    ANY_IMAGE,
    ANY_SAMPLING,
    MEDIA_TYPE,
    UNKNOWN_TYPE,
    Extra,
    File,
    Foreign,
    Image,
    ImageSettings,
    Part,
    Policy,
    SafetySetting,
    Sampling,
    Size,
    Thinking,
    Value,
)
from imagewire.schema import schema_of

__all__ = [
    "ANY_IMAGE",
    "ANY_SAMPLING",
    "DEFAULT_MODALITIES",
    "DOCUMENTS",
    "MEDIA_TYPE",
    "SCHEMA_VERSION",
    "UNKNOWN_TYPE",
    "Block",
    "Candidate",
    "DraftEvent",
    "Extra",
    "Failure",
    "FailureEvent",
    "FailureKind",
    "File",
    "FinishEvent",
    "Foreign",
    "ForeignEvent",
    "Image",
    "ImageEvent",
    "ImageRequest",
    "ImageResponse",
    "ImageSettings",
    "ModalityCount",
    "Part",
    "PartEvent",
    "Policy",
    "ReplyContext",
    "Role",
    "SafetySetting",
    "Sampling",
    "Size",
    "Stage",
    "StartEvent",
    "StreamEvent",
    "StreamWish",
    "TextEvent",
    "Thinking",
    "Turn",
    "Usage",
    "UsageEvent",
    "Value",
    "json_schema",
]

Role = Literal["user", "model"]
Stage = Literal["input", "output"]

#: The modalities of a request that names none, in the order the hub keeps them.
DEFAULT_MODALITIES: tuple[str, ...] = ("TEXT", "IMAGE")


class Turn(Value, frozen=True, kw_only=True):
    """What one side said: the parts of a user or a model turn, in order."""

    role: Role
    parts: tuple[Part, ...]
    extras: tuple[Extra, ...] = ()


class StreamWish(Value, frozen=True, kw_only=True):
    """The client's wish for a stream: server-sent events, or one JSON ``array`` as Gemini has it.

    ``partial_images`` is how many drafts of each picture it wants to see.
    """

    framing: Literal["sse", "array"] = "sse"
    include_usage: bool = False
    partial_images: int | None = None


class ImageRequest(Value, frozen=True, kw_only=True):
    """A request for images.

    ``model`` is the bare id; ``model_as_given`` the client's own spelling where it differs by a
    prefix. ``system`` holds the parts of all system messages, in order. ``mask`` says where the
    first input image is to be changed, ``markup`` is that image with its user's marks on it.
    ``response_format`` is the Images API's ``url`` or ``b64_json``.
    """

    model: str | None = None
    model_as_given: str | None = None
    system: tuple[Part, ...] = ()
    turns: tuple[Turn, ...] = ()
    mask: Image | None = None
    markup: Image | None = None
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
    stream: StreamWish | None = None
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
    """Billed tokens, with details only where the source stated them; None is not known.

    ``cached`` is part of ``prompt``; ``tool_use`` and ``thoughts`` are beside ``prompt`` and
    ``candidates``.
    """

    prompt: int | None = None
    tool_use: int = 0
    cached: int = 0
    candidates: int | None = None
    thoughts: int = 0
    total: int | None = None
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


class StreamEvent(Value, frozen=True, kw_only=True):
    """One thing that a stream tells: what the classes of events have in common.

    ``candidate`` is the number of the answer that it belongs to. ``index`` is the place of a part
    in the reply or the piece of one that it was read from: losses are reported there.
    """

    candidate: int = 0
    index: int = 0


class StartEvent(StreamEvent, frozen=True, kw_only=True):
    """What a reply tells of itself, and of its pictures; a later one stands for an earlier one."""

    id: str | None = None
    created: int | None = None
    model: str | None = None
    model_as_given: str | None = None
    image: ImageSettings = ANY_IMAGE
    extras: tuple[Extra, ...] = ()


class PartEvent(StreamEvent, frozen=True, kw_only=True):
    """A part of an answer, or more of one."""

    part: Part


class DraftEvent(PartEvent, frozen=True, kw_only=True):
    """A draft of a picture, whole: a part that is a ``thought``; ``number`` counts from 0."""

    number: int | None = None


class TextEvent(PartEvent, frozen=True, kw_only=True):
    """More words, which follow those before without a space between; thoughts too."""


class ImageEvent(PartEvent, frozen=True, kw_only=True):
    """A finished picture."""


class ForeignEvent(PartEvent, frozen=True, kw_only=True):
    """A part of no use to image generation."""


class FinishEvent(StreamEvent, frozen=True, kw_only=True):
    """How an answer ended, or a ``block`` of the prompt.

    Without either it only tells more of an answer that goes on; a ``finish_message`` follows the
    one before without a space between.
    """

    finish: str | None = None
    finish_message: str | None = None
    block: Block | None = None
    extras: tuple[Extra, ...] = ()


class UsageEvent(StreamEvent, frozen=True, kw_only=True):
    """The tokens of the whole reply so far; a later one stands for an earlier one."""

    usage: Usage


class FailureEvent(StreamEvent, frozen=True, kw_only=True):
    """The reply failed, and ends here."""

    failure: Failure


class ReplyContext(
    Value, frozen=True, kw_only=True, forbid_unknown_fields=False, omit_defaults=True
):
    """What a reply needs to know of its request; each default means "not known".

    ``model`` is the client's own spelling, ``count`` the number of images it asked for,
    ``response_format`` the Images API's ``url`` or ``b64_json``. JSON round trip by msgspec, so
    that it can wait in a queue or a file.

    ``stream`` says that the client wants a stream, and framed how; ``include_usage`` whether it
    asked for token counts in it, ``partial_images`` for how many drafts; ``operation`` is what its
    endpoint does, ``image`` what the picture was asked to be. ``echo`` is what the reply repeats of
    the request (of a Responses request its mainline model).
    """

    model: str | None = None
    count: int | None = None
    had_input_images: bool | None = None
    response_format: str | None = None
    stream: Literal["sse", "array"] | None = None
    include_usage: bool | None = None
    partial_images: int | None = None
    operation: Literal["generate", "edit"] | None = None
    image: ImageSettings = ANY_IMAGE
    echo: tuple[Extra, ...] = ()


#: Changes when a field of the canonical document is removed, renamed or means something else.
SCHEMA_VERSION = 1

#: What is stored by itself; everything else is a part of these.
DOCUMENTS = (ImageRequest, ImageResponse, Failure, ReplyContext)


def json_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of a stored request, response, failure or reply context."""
    return schema_of(DOCUMENTS, SCHEMA_VERSION)
