"""The bypass of large bodies, switched off or made to work on small ones; and bodies for it."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from random import Random
from typing import Any

import imagewire
from imagewire.bypass import cut, spans
from outcomes import assert_same, outcome

#: Small enough for tests: every string of 192 letters and more is met and cut.
SMALL = {"LARGE": 64, "GRID": 64, "LEAST": 192, "_BLOCK": 200}
OFF = {"LARGE": 1 << 60}

_PAYLOAD = re.compile(rb"[A-Za-z0-9+/_-]{40,}={0,2}")


@contextmanager
def limits(**values: int) -> Iterator[None]:
    """The bypass with other limits."""
    modules = {name: cut if hasattr(cut, name) else spans for name in values}
    before = {name: getattr(module, name) for name, module in modules.items()}
    for name, value in values.items():
        setattr(modules[name], name, value)
    try:
        yield
    finally:
        for name, value in before.items():
            setattr(modules[name], name, value)


def assert_bypass_is_unseen(call: Callable[[], Any]) -> Any:
    """Hold that a call gives the same with the bypass and without; what it gives."""
    with limits(**OFF):
        expected = outcome(call)
    with limits(**SMALL):
        found = outcome(call)
    assert_same(expected, found)
    return found


def payload(size: int, seed: int = 0, head: bytes = b"\x89PNG\r\n\x1a\n") -> bytes:
    """The bytes of a picture."""
    return head + Random(seed).randbytes(size - len(head))


def base64_of(size: int, seed: int = 0) -> str:
    """The base64 of a picture of so many bytes."""
    return base64.b64encode(payload(size, seed)).decode()


def url_safe(text: str) -> str:
    return text.replace("+", "-").replace("/", "_")


def wrapped(text: str, width: int = 76, end: str = "\n") -> str:
    """A text in lines of a width."""
    return end.join(text[start : start + width] for start in range(0, len(text), width))


def enlarged(body: bytes, random: Random) -> bytes:
    """A body whose payloads are long enough for the bypass, each in one of its alphabets."""

    def longer(found: re.Match[bytes]) -> bytes:
        text = found[0].decode().replace("-", "+").replace("_", "/").rstrip("=")
        raw = base64.b64decode(text[: len(text) // 4 * 4])
        size = random.choice((0, 40, 150, 151, 152, 400))
        grown = base64.b64encode(raw + random.randbytes(size)).decode()
        return random.choice(
            (grown, grown, url_safe(grown), grown.rstrip("="), wrapped(grown, end="\\n"))
        ).encode()

    return _PAYLOAD.sub(longer, body)


def reply(*parts: Any, **fields: Any) -> bytes:
    candidate = {"content": {"role": "model", "parts": list(parts)}, "finishReason": "STOP"}
    return json.dumps({"candidates": [candidate], **fields}).encode()


def picture(data: str, **fields: Any) -> dict[str, Any]:
    return {"inlineData": {"mimeType": "image/png", "data": data}, **fields}


def answer(body: Any, target: str, **about: Any) -> imagewire.TranslatedResponse:
    return imagewire.translate_response(body, source="gemini", target=target, **about)


def form(*parts: tuple[str, bytes], boundary: str = "xyz") -> bytes:
    lines = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"'.encode()
        + (b'; filename="a.png"' if name.startswith(("image", "mask")) else b"")
        + b"\r\n\r\n"
        + data
        + b"\r\n"
        for name, data in parts
    ]
    return b"".join(lines) + f"--{boundary}--\r\n".encode()


def edit(body: Any, target: str, **about: Any) -> imagewire.TranslatedRequest:
    return imagewire.translate_request(
        body,
        source="images",
        target=target,
        model={"images": None}.get(target, "gemini-2.5-flash-image"),
        content_type="multipart/form-data; boundary=xyz",
        **about,
    )
