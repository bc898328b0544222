"""What known failures of other gateways are told with: a case, and bodies as they were sent."""

from __future__ import annotations

import base64
from typing import Any

import attrs

from bodies import document
from full_bodies import copy_at
from hub import MODEL, SIGNATURE
from imagewire.options import DEFAULTS, Options
from imagewire.paths import split

ISSUES = "https://github.com/"

#: Bytes whose base64 has both letters in which the alphabets differ, and padding.
RAW = b"\x89PNG\r\n\x1a\n\xfb\xff\xbf\xff"
STANDARD = base64.b64encode(RAW).decode()
URLSAFE = base64.urlsafe_b64encode(RAW).decode()
JPEG = base64.b64encode(b"\xff\xd8\xff\xe0\x00\x10JFIF").decode()
REMOTE = "https://example.com/a.png"
SIGNED: dict[str, Any] = {"extra_content": {"google": {"thought_signature": SIGNATURE}}}
CANDIDATE = "candidates[0].content.parts"
WORDS = "Unable to show the generated image."


@attrs.frozen
class Case:
    """A body of a format, where it goes, and what is found at a path there."""

    name: str
    thread: str
    source: str
    target: str
    body: Any
    path: str
    expected: Any
    options: Options = DEFAULTS
    status: int = 200

    def __str__(self) -> str:
        return self.name


def chat(*content: Any, **fields: Any) -> dict[str, Any]:
    return {"model": MODEL, "messages": [{"role": "user", "content": [*content]}], **fields}


def gemini(*parts: Any, **fields: Any) -> dict[str, Any]:
    return {"contents": [{"role": "user", "parts": [*parts]}], **fields}


def inline(data: str, kind: str = "image/png", **fields: Any) -> dict[str, Any]:
    return {"inlineData": {"mimeType": kind, "data": data}, **fields}


def answer(*parts: Any, **fields: Any) -> dict[str, Any]:
    return {"candidates": [{"content": {"parts": [*parts]}, "finishReason": "STOP", **fields}]}


def said(message: dict[str, Any], **fields: Any) -> dict[str, Any]:
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    return {"id": "r", "object": "chat.completion", "created": 1, "choices": [choice], **fields}


def history(*content: Any) -> dict[str, Any]:
    turns = [{"role": "user", "content": "a fox"}, {"role": "assistant", "content": [*content]}]
    return {"model": MODEL, "messages": [*turns, {"role": "user", "content": "make it night"}]}


ALL = Options(history="all")
PARTS = "contents[0].parts"
CONFIG = "generationConfig"
CONTENT = "messages[0].content"
SHOWN = "choices[0].message.content"


def at(result: Any, path: str) -> Any:
    return copy_at(document(result), tuple(split(f".{path}")))[1]
