"""OpenAI Images on the wire: generations and edits, as JSON and, in edits, as form fields.

Facts. The schema: openai SDK ``types/image_generate_params.py``, ``image_edit_params.py``,
``images_response.py``; JSON edits: openai-openapi ``EditImageBodyJsonParam``. The Python SDK sends
``image`` for one file and ``image[]`` for several. Gateways name input images, their entries and
the picture's shape otherwise (2026-11-26): xAI ``{"url", "type"}``, OpenRouter
``input_references``, others ``reference_images`` and ``image_urls``, ``aspect_ratio``,
``resolution``.
"""

from typing import Annotated, Any, ClassVar

from msgspec import field

from imagewire.codec.fields import BOOKKEEPING, Count, Name, Number64, Wire
from imagewire.formats.shared.image_config import (
    EITHER_CASE,
    ExtraBody,
    GenerationConfig,
    ImageConfig,
)
from imagewire.formats.shared.image_usage import Usage
from imagewire.formats.shared.thought_fields import ExtraContent


class ImageURL(Wire):
    url: str


class Reference(Wire):
    """An input image; only ``image_url`` and ``file_id`` are OpenAI's own."""

    type: str | None = None
    image_url: ImageURL | str | None = None
    file_id: str | None = None
    url: str | None = None
    b64_json: str | None = None
    base64: str | None = None


class Bracketed(Wire):
    """What stands under a key in brackets, like ``images[3]`` and ``mask[]``."""

    image: list[Reference | str] | Reference | str | None = None


class Request(Wire):
    OFFICIAL: ClassVar[frozenset[str]] = frozenset(
        {"complexity", "frame_count", "frame_duration_ms", "style", "svg"}
    )
    EITHER_CASE: ClassVar[frozenset[str]] = EITHER_CASE

    model: str | None = None
    prompt: str | None = None
    images: list[Reference | str] | Reference | str | None = None
    images_list: list[Reference | str] | str | None = field(default=None, name="images[]")
    image: list[Reference | str] | Reference | str | None = None
    image_list: list[Reference | str] | str | None = field(default=None, name="image[]")
    input_references: list[Reference | str] | Reference | str | None = None
    reference_images: list[Reference | str] | Reference | str | None = None
    image_urls: list[Reference | str] | Reference | str | None = None
    mask: Reference | str | None = None
    markup: Reference | str | None = None
    n: int | None = None
    size: str | None = None
    aspect_ratio: str | None = None
    image_size: str | None = None
    resolution: str | None = None
    image_config: ImageConfig | None = None
    config_ratio: str | None = field(default=None, name="image_config[aspect_ratio]")
    config_tier: str | None = field(default=None, name="image_config[image_size]")
    generation_config: GenerationConfig | None = None
    extra_body: ExtraBody | None = None
    quality: str | None = None
    background: str | None = None
    output_format: str | None = None
    output_compression: int | None = None
    moderation: str | None = None
    input_fidelity: str | None = None
    user: str | None = None
    safety_identifier: str | None = None
    response_format: str | None = None
    stream: bool | None = None
    partial_images: int | None = None


class Datum(Wire):
    """A picture, or the error of one that was not made (Volcengine)."""

    b64_json: str | None = None
    url: str | None = None
    revised_prompt: str | None = None
    extra_content: ExtraContent | None = None
    error: Any = None


class Event(Wire):
    """An event of a stream: a picture or a draft of one, as an entry of ``data``, and what it is.

    ``text`` is a piece of one in a ``phase``; ``data`` are the entries of a reply in one event.
    """

    OFFICIAL: ClassVar[frozenset[str]] = frozenset({"safety_identifier"})

    type: str | None = None
    b64_json: str | None = None
    url: str | None = None
    revised_prompt: str | None = None
    extra_content: ExtraContent | None = None
    partial_image_index: Count = None
    created_at: Annotated[Number64 | None, BOOKKEEPING] = None
    size: Name = None
    quality: Name = None
    background: Name = None
    output_format: Name = None
    usage: Annotated[Usage | None, BOOKKEEPING] = None
    # Other names, which are read alone.
    created: Annotated[Number64 | None, BOOKKEEPING] = None
    model: Name = None
    image_index: Count = None
    media_type: Name = None
    data: list[Datum] | None = None
    text: str | None = None
    phase: Name = None
    error: Any = None
    message: Any = None
    code: Any = None
    param: Any = None


class Response(Wire):
    OFFICIAL: ClassVar[frozenset[str]] = frozenset({"safety_identifier", "svg_usage"})

    created: Annotated[Number64 | None, BOOKKEEPING] = None
    data: list[Datum] | None = None
    size: Name = None
    quality: Name = None
    background: Name = None
    output_format: Name = None
    model: Name = None
    usage: Annotated[Usage | None, BOOKKEEPING] = None
    error: Any = None
