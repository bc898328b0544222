"""What people really send, asked and told in a few words."""

from __future__ import annotations

import json
from typing import Any

import imagewire
from hub import PNG
from imagewire import Endpoint, Options

URL = "https://example.com/a.png"
MODEL = "gemini-nano-banana-2.1"
MARKDOWN = Options(read_markdown=True)
MODERATED = {"code": "OutputImageSensitiveContentDetected", "message": "Not this one."}
PICTURE = {"inlineData": {"mimeType": "image/png", "data": PNG}}


def ask(body: Any, source: str | Endpoint, target: str, **about: Any) -> Any:
    models = {"gemini": MODEL, "images": "gpt-image-2"}
    about = {"model": models.get(target), **about}
    return imagewire.translate_request(body, source=source, target=target, **about)


def tell(body: Any, source: str, target: str, **about: Any) -> Any:
    about = {"created": 1, **about}
    raw = json.dumps(body).encode()
    return imagewire.translate_response(raw, source=source, target=target, **about)


def document(result: Any) -> Any:
    return json.loads(bytes(result.body))


def levels(result: Any) -> set[tuple[str, str]]:
    """The levels and paths of what is lost, bookkeeping aside."""
    return {(x.level.value, x.path) for x in result.losses if x.level != "metadata"}


def prompt(**fields: Any) -> dict[str, Any]:
    return {"model": "gpt-image-2", "prompt": "a fox", **fields}


def said(**fields: Any) -> dict[str, Any]:
    return {"model": MODEL, "messages": [{"role": "user", "content": "a fox"}], **fields}


def form(*fields: tuple[str, bytes, str | None]) -> bytes:
    """A form of fields and files."""
    parts = []
    for name, data, filename in fields:
        file = f'; filename="{filename}"' if filename else ""
        head = f'--x\r\nContent-Disposition: form-data; name="{name}"{file}\r\n\r\n'
        parts.append(head.encode() + data + b"\r\n")
    return b"".join([*parts, b"--x--\r\n"])


def from_form(*fields: tuple[str, bytes, str | None], target: str = "gemini") -> Any:
    return ask(
        form(("prompt", b"a fox", None), *fields),
        "images",
        target,
        content_type="multipart/form-data; boundary=x",
    )
