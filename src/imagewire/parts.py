"""What requests and replies are made of: pictures, words, settings, and what formats keep.

The classes are public in `imagewire.model`, which has the rest of the hub.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec
import pybase64

from imagewire.data_uris import STANDARD
from imagewire.patterns import pattern
from imagewire.placeholder import real_length
from imagewire.redaction import describe, excerpt
from imagewire.sniffing import PROLOG, sniff

#: What a format other than its owner does with an `Extra`: pass over it, report it as bookkeeping
#: or as a setting, or refuse. A ``mark`` is a note to its own format's writer, and never written.
#: One to ``echo`` waits in the `ReplyContext` for its own format's reply.
Policy = Literal["silent", "report", "setting", "refuse", "mark", "echo"]

#: The media type of unknown bytes.
UNKNOWN_TYPE = "application/octet-stream"

#: A media type, of the lengths of RFC 6838, 4.2: nothing else reaches a header or a data URI.
MEDIA_TYPE = pattern(r"[a-z0-9][a-z0-9.+-]{0,126}/[a-z0-9][a-z0-9.+-]{0,126}")
_USUAL_TYPES = {None, "image/png", "image/jpeg", "image/webp"}  # no need to look at them closely


class Value(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """What the classes of the hub have in common. No value refers to itself, so none needs GC."""

    def __repr__(self) -> str:
        return describe(self)


class Verbatim(Value, frozen=True):
    """A value that holds plain JSON data, which may be nested deeper than pickle and copy go."""

    def __reduce__(self) -> tuple[Any, ...]:
        return _decoded, (type(self), msgspec.json.encode(self))


def _decoded(kind: type[Verbatim], document: bytes) -> Verbatim:
    return msgspec.json.decode(document, type=kind)


class File(Value, frozen=True, kw_only=True):
    """A file of a form; ``data`` is base64, ``media_type`` the type as it was declared."""

    name: str
    data: str
    media_type: str | None = None


class Extra(Verbatim, frozen=True, kw_only=True):
    """A wire field with no name in the hub, kept so that its own format can write it back.

    ``path`` leads from the wire object of the hub value that holds the extra to the field;
    ``value`` is plain JSON data, or None where the field is a ``file``: no JSON is taken for one.
    One that is not ``kept`` is reported by its own format too.
    """

    format: str
    path: tuple[str | int, ...]
    value: Any
    policy: Policy = "report"
    file: File | None = None
    kept: bool = True

    def __hash__(self) -> int:
        return hash((self.format, self.path))  # the value may be a dict or a list


class Foreign(Verbatim, frozen=True, kw_only=True):
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
        data = self.data  # readers have checked all of it: this tells most other texts at once
        if data is not None and (not data or len(data) % 4 or data[0] not in STANDARD):
            msg = "data must be padded base64 of the standard alphabet"
            raise ValueError(msg)
        kind = self.media_type
        if kind not in _USUAL_TYPES and not MEDIA_TYPE.fullmatch(kind or ""):
            msg = "media_type must be a media type in lower case, without parameters"
            raise ValueError(msg)

    @classmethod
    def from_bytes(cls, raw: bytes) -> Image:
        """The picture of some bytes, which tell its media type, where it is a known one."""
        return cls(data=pybase64.b64encode_as_string(raw), media_type=sniff(raw[:PROLOG]))

    def to_bytes(self) -> bytes:
        """The bytes of a picture; raises `ValueError` if it is elsewhere, or no base64.

        Readers have checked all of ``data``. Of one made by hand, only its length and first letter
        are looked at before.
        """
        if self.data is None:
            msg = "the picture is elsewhere: it has a url or a file_id, and no data"
            raise ValueError(msg)
        return pybase64.b64decode(self.data, validate=True)

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
