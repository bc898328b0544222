"""The Images API as the openai package knows it: its types made strict, its client, its forms."""

# Forms are parsed by the standard library's email parser, which shares nothing with ours.

from __future__ import annotations

import email.policy
from email.message import EmailMessage
from email.parser import BytesParser
from typing import Any

import attrs
import msgspec
import pybase64
from openai.types import ImagesResponse
from openai.types.image_edit_params import ImageEditParamsNonStreaming
from openai.types.image_generate_params import ImageGenerateParamsNonStreaming
from pydantic import ConfigDict, TypeAdapter, with_config

import imagewire
from cases import DATA
from imagewire import Endpoint, TranslatedRequest
from sdks import OPENAI_URL, PNG, PNG_URI, Upstream, openai_client

GENERATE = Endpoint("images")
EDIT = Endpoint("images", "edit")
GENERATIONS_PATH, EDITS_PATH = "/v1/images/generations", "/v1/images/edits"
GPT_IMAGES = ["gpt-image-1", "gpt-image-1.5", "gpt-image-2"]


def _picture(name: str) -> bytes:
    document = msgspec.json.decode((DATA / f"{name}.json").read_bytes())
    return pybase64.b64decode(document["data"][0]["b64_json"], validate=True)


JPEG = _picture("images_response_escaped_slash_php_style")
WEBP = _picture("images_response_gpt_image_full")


def uri(data: bytes, kind: str) -> str:
    return f"data:image/{kind};base64,{pybase64.b64encode_as_string(data)}"


FULL_GENERATION: dict[str, Any] = {
    "model": "gpt-image-2",
    "prompt": "A sticker of an otter, a “tiny” hat,\r\nin colours",
    "n": 3,
    "size": "1536x864",
    "quality": "high",
    "background": "transparent",
    "output_format": "webp",
    "output_compression": 80,
    "moderation": "low",
    "user": "u-1",
    "safety_identifier": "s-1",
}
FULL_EDIT: dict[str, Any] = {
    **FULL_GENERATION,
    "model": "gpt-image-1.5",
    "images": [
        {"image_url": PNG_URI},
        {"image_url": uri(JPEG, "jpeg")},
        {"image_url": uri(WEBP, "webp")},
    ],
    "mask": {"image_url": PNG_URI},
    "size": "1536x1024",
    "input_fidelity": "high",
}
#: What is no field of a form: the images are its files, and moderation is not in its schema.
NO_FIELDS = {"images", "mask", "moderation"}


@with_config(ConfigDict(extra="forbid"))
class _Generate(ImageGenerateParamsNonStreaming, total=False):
    """The SDK's generation, which takes no other key."""


@with_config(ConfigDict(extra="forbid", arbitrary_types_allowed=True))
class _Edit(ImageEditParamsNonStreaming, total=False):
    """The SDK's edit, which takes no other key."""


GENERATE_PARAMS: TypeAdapter[Any] = TypeAdapter(_Generate)
EDIT_PARAMS: TypeAdapter[Any] = TypeAdapter(_Edit)


@attrs.frozen
class File:
    """A file of a form."""

    name: str
    filename: str
    content_type: str
    data: bytes

    @property
    def param(self) -> tuple[str, bytes, str]:
        """The file as the SDK is given one."""
        return (self.filename, self.data, self.content_type)


@attrs.frozen
class Form:
    """The text fields and files of a form."""

    fields: dict[str, str]
    files: list[File]

    @property
    def images(self) -> list[File]:
        return [file for file in self.files if file.name != "mask"]

    @property
    def masks(self) -> list[File]:
        return [file for file in self.files if file.name == "mask"]

    @property
    def params(self) -> dict[str, Any]:
        """The form as arguments of the SDK, which writes numbers as texts."""
        images = [image.param for image in self.images]
        numbers = {"n", "output_compression"} & self.fields.keys()
        return {
            **self.fields,
            **{name: int(self.fields[name]) for name in numbers},
            "image": images[0] if self.images[0].name == "image" else images,
            **({"mask": self.masks[0].param} if self.masks else {}),
        }


def read_form(body: bytes, content_type: str) -> Form:
    """A form as the standard library reads it: nothing before, between or after its parts."""
    head = f"Content-Type: {content_type}\r\n\r\n".encode()
    message = BytesParser(EmailMessage, policy=email.policy.HTTP).parsebytes(head + body)
    assert [] == message.defects
    assert not message.preamble
    assert not message.epilogue
    form = Form({}, [])
    for part in message.iter_parts():
        assert [] == part.defects
        name = part.get_param("name", header="content-disposition")
        data: Any = part.get_payload(decode=True)
        assert isinstance(name, str)
        filename = part.get_filename()
        if filename is not None:
            form.files.append(File(name, filename, part.get_content_type(), data))
        else:
            assert name not in form.fields
            form.fields[name] = data.decode()
    return form


def form_of(translated: TranslatedRequest) -> Form:
    """The form that we wrote."""
    body = bytes(translated.body)
    assert str(len(body)) == translated.headers["content-length"]
    return read_form(body, translated.headers["content-type"])


def is_form(translated: TranslatedRequest) -> bool:
    return translated.headers["content-type"].startswith("multipart/form-data; ")


def json_of(translated: TranslatedRequest) -> Any:
    return msgspec.json.decode(bytes(translated.body))


def fields_of(translated: TranslatedRequest) -> dict[str, Any]:
    """What a request asks for, images aside."""
    if is_form(translated):
        return form_of(translated).params
    document: dict[str, Any] = json_of(translated)
    return document


def sent_form(upstream: Upstream) -> Form:
    """The form that a client sent."""
    return read_form(upstream.asked.content, upstream.asked.headers["content-type"])


def generate(upstream: Upstream, *, retries: int = 0, **params: Any) -> ImagesResponse:
    """What ``client.images.generate`` makes of the upstream's reply."""
    asked: dict[str, Any] = {"model": "gpt-image-2", "prompt": "a fox", **params}
    found: ImagesResponse = openai_client(upstream, retries).images.generate(**asked)
    return found


def edit(upstream: Upstream, **params: Any) -> ImagesResponse:
    """What ``client.images.edit`` makes of the upstream's reply."""
    asked: dict[str, Any] = {"model": "gpt-image-2", "prompt": "Add a hat", "image": PNG, **params}
    found: ImagesResponse = openai_client(upstream).images.edit(**asked)
    return found


def sent_on(upstream: Upstream, target: str, model: str | None = None) -> TranslatedRequest:
    """A client's request, translated."""
    assert upstream.endpoint is not None
    assert str(upstream.asked.url).startswith(OPENAI_URL)
    return imagewire.translate_request(
        upstream.asked.content,
        source=upstream.endpoint,
        target=target,
        model=model,
        content_type=upstream.asked.headers["content-type"],
    )


def is_reference(value: Any) -> bool:
    """Whether a value is what a JSON edit has for an image: one address, or one file id."""
    return len(value) == 1 and isinstance(value.get("image_url", value.get("file_id")), str)


def off_schema(found: ImagesResponse) -> set[str]:
    """Where a response holds what the package's classes do not name."""
    outer = {*(found.model_extra or {}), *((found.usage and found.usage.model_extra) or {})}
    return outer | {f"data.{name}" for item in found.data or () for name in item.model_extra or {}}
