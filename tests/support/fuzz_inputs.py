"""Inputs of fuzz targets: bytes that choose something, a content type, a zero and a body."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import imagewire
from cases import CASES, DIRECTIONS

T = TypeVar("T")

CONTROL = 6  # bytes before the body

CHOICES = [
    imagewire.Options(),
    imagewire.Options(
        history="all",
        keep_drafts=True,
        images_text="revised_prompt",
        responses_model="gpt-6.1",
    ),
    imagewire.Options(
        history="all",
        read_markdown=True,
        chat_images="markdown",
        remote_urls="file_uri",
        responses_model="x",
    ),
    imagewire.Options(
        chat_images="message", chat_extensions=False, vertex=True, model_ids="prefixed"
    ),
    imagewire.Options(edit_body="json", model_ids="bare", history="all", remote_urls="file_uri"),
    imagewire.Options(
        edit_body="multipart", boundary="x", read_markdown=True, responses_model="gpt-6.1"
    ),
]
MODELS = (None, "gemini-3-pro-image", "gpt-image-2", "unknown-1")
STATUSES = (200, 200, 200, 201, 302, 400, 401, 429, 500, 503, 599)
HEADERS: tuple[dict[str, str], ...] = (
    {},
    {"Retry-After": "7", "X-Request-Id": "req_1"},
    {"retry-after-ms": "nan", "x-request-id": "a b", "date": "x", "Retry-After": "Fri"},
    {"Content-Type": "text/html\r\nx: y"},
)


def content_type(body: bytes) -> str:
    """A form tells its boundary by its first line."""
    if not body.startswith(b"--"):
        return "application/json"
    return f"multipart/form-data; boundary={boundary(body)}"


def boundary(body: bytes) -> str:
    """The boundary by the first line of a form."""
    return body[2:].split(b"\r\n", 1)[0].decode("latin-1")


def packed(control: bytes, body: bytes, kind: str = "") -> bytes:
    """The input of a target; without a content type, it is what the body tells."""
    return control.ljust(CONTROL, b"\0") + kind.encode("latin-1") + b"\0" + body


def unpacked(data: bytes) -> tuple[bytes, str, bytes]:
    """What chooses, the content type and the body of an input."""
    kind, _, body = data[CONTROL:].partition(b"\0")
    return data[:CONTROL], kind.decode("latin-1") or content_type(body), body


SEEDS = tuple(dict.fromkeys(case.body for case in CASES))


def chosen(control: bytes, place: int, values: Sequence[T]) -> T:
    """What a byte chooses; the first value where there is none."""
    return values[control[place] % len(values) if place < len(control) else 0]


def direction(control: bytes) -> tuple[str, str]:
    """The source and the target that an input chooses."""
    source, target = chosen(control, 0, DIRECTIONS)
    return source, target
