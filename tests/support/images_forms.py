"""Forms and JSON bodies of edits that tests of the Images format build, and what they become."""

from __future__ import annotations

import base64
from typing import Any

import imagewire
from hub import GIF, PNG
from imagewire import images
from imagewire.formats.images.form import read_form
from imagewire.model import Image, ImageRequest

PNG_RAW, GIF_RAW = base64.b64decode(PNG), base64.b64decode(GIF)
FORM = "multipart/form-data; boundary=b"
ASKED: dict[str, Any] = {"model": "gpt-image-2", "prompt": "a hat"}


def form(*parts: tuple[str, bytes] | tuple[str, bytes, str]) -> bytes:
    """A form of fields, and of files where a file's name is given."""
    body = b""
    for name, data, *filename in parts:
        file = f'; filename="{filename[0]}"' if filename else ""
        body += f'--b\r\nContent-Disposition: form-data; name="{name}"{file}\r\n\r\n'.encode()
        body += data + b"\r\n"
    return body + b"--b--\r\n"


HAT = (("model", b"gpt-image-2"), ("prompt", b"a hat"))


def read(*parts: tuple[str, bytes] | tuple[str, bytes, str]) -> ImageRequest:
    return images.read_request(form(*HAT, *parts), content_type=FORM).value


def pictures(request: ImageRequest) -> list[Image | None]:
    return [part.image for part in request.turns[0].parts if part.image is not None]


def edit(**fields: Any) -> imagewire.TranslatedRequest:
    """An edit in JSON as the form that it becomes."""
    return imagewire.translate_request(
        {**ASKED, "image": GIF, **fields}, source="images", target="images"
    )


def fields_of(result: imagewire.TranslatedRequest) -> list[tuple[str, bytes]]:
    parts = read_form(bytes(result.body), result.headers["content-type"])
    return [(part.name, bytes(part.data)) for part in parts]
