"""Bodies of a wanted shape in each format, and what each of them says.

Nothing here is random: the same shape is the same bytes in every run.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from functools import lru_cache
from random import Random
from typing import Any, Literal

import attrs

Kind = Literal["request", "response", "failure", "stream"]

GEMINI_MODEL = "gemini-2.5-flash-image"
GPT_MODEL = "gpt-image-2"
BOUNDARY = "cb13c2c3fc38c4580028ac7fd2355ace"
FORM_TYPE = f"multipart/form-data; boundary={BOUNDARY}"

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_LEAST_PICTURE = 24
_TOKENS = (12, 1290, 1302)
_SENTENCE = "Draw a small red fox that sits under an old oak, in watercolours; keep it calm. "


@attrs.frozen
class Shape:
    """How large a body is, and of what: pictures fill it, or else its words do."""

    name: str
    size: int
    pictures: int = 0
    turns: int = 1
    are_equal: bool = False  # the pictures


@attrs.frozen
class Said:
    """What a body says, in whatever format: words and pictures, each in order, and tokens used.

    The tokens are those read, written, and both; none where a body tells of none.
    """

    texts: tuple[str, ...]
    pictures: tuple[bytes, ...] = attrs.field(repr=False)
    tokens: tuple[int, ...] = ()


@attrs.frozen
class Body:
    """A body as it is sent; ``said`` is None where it says nothing that could be translated."""

    data: bytes = attrs.field(repr=False)
    said: Said | None
    content_type: str = "application/json"


def prose(size: int) -> str:
    """So many letters of plain words, with no space at their end."""
    return (_SENTENCE * (size // len(_SENTENCE) + 1))[: size - 1] + "."


@lru_cache(maxsize=4)
def picture(size: int, number: int) -> bytes:
    """A picture of so many bytes, unlike those of other numbers."""
    return _SIGNATURE + Random(number).randbytes(max(size, _LEAST_PICTURE) - len(_SIGNATURE))  # noqa: S311 - no secret


@lru_cache(maxsize=2)
def body_of(kind: Kind, source: str, shape: Shape) -> Body:
    """The body of a shape, as near to its size as whole pictures allow."""
    form = (kind, source) == ("request", "images") and shape.pictures > 0
    write = _FORM if form else _WRITERS[kind, source]
    numbers = [0 if shape.are_equal else number for number in range(shape.pictures)]
    pictures = [picture(0, number) for number in numbers]
    texts = [f"{turn}: {prose(64)}" for turn in range(shape.turns)]
    missing = shape.size - len(write(texts, pictures))
    if pictures and missing > 0:
        each = missing // len(pictures)
        size = _LEAST_PICTURE + (each if form else each // 4 * 3)
        pictures = [picture(size, number) for number in numbers]
    elif missing > 0:
        texts[-1] = f"{shape.turns - 1}: {prose(64 + missing)}"
    words = () if (kind, source) == ("response", "images") else tuple(texts)
    tokens = _TOKENS if kind == "response" and source != "images" else ()
    said = Said(words, tuple(pictures), tokens)
    return Body(write(texts, pictures), said, *([FORM_TYPE] if form else []))


Writer = Callable[[list[str], list[bytes]], bytes]


def encoded(document: Any) -> bytes:
    """JSON as most senders write it."""
    return json.dumps(document, separators=(",", ":")).encode()


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _uri(data: bytes) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{_base64(data)}"}}


def _inline(data: bytes) -> dict[str, Any]:
    return {"inlineData": {"mimeType": "image/png", "data": _base64(data)}}


def _chat_request(texts: list[str], pictures: list[bytes]) -> bytes:
    messages: list[dict[str, Any]] = [
        {"role": ("user", "assistant")[turn % 2], "content": text}
        for turn, text in enumerate(texts)
    ]
    if pictures:
        content = [{"type": "text", "text": texts[-1]}, *map(_uri, pictures)]
        messages[-1] = {"role": "user", "content": content}
    return encoded({"model": GEMINI_MODEL, "messages": messages})


def _gemini_request(texts: list[str], pictures: list[bytes]) -> bytes:
    contents: list[dict[str, Any]] = [
        {"role": ("user", "model")[turn % 2], "parts": [{"text": text}]}
        for turn, text in enumerate(texts)
    ]
    contents[-1]["parts"] += map(_inline, pictures)
    settings = {"responseModalities": ["TEXT", "IMAGE"]}
    return encoded({"contents": contents, "generationConfig": settings})


def _images_request(texts: list[str], _: list[bytes]) -> bytes:
    return encoded({"model": GPT_MODEL, "prompt": texts[-1]})


def _form_request(texts: list[str], pictures: list[bytes]) -> bytes:
    def part(name: str, data: bytes) -> bytes:
        return (
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"'.encode()
            + b"\r\n\r\n"
            + data
            + b"\r\n"
        )

    file = 'image[]"; filename="a.png'
    fields = [part("model", GPT_MODEL.encode()), part("prompt", texts[-1].encode())]
    files = [part(file, data) for data in pictures]
    return b"".join([*fields, *files, f"--{BOUNDARY}--\r\n".encode()])


def _chat_response(texts: list[str], pictures: list[bytes]) -> bytes:
    content = [{"type": "text", "text": texts[-1]}, *map(_uri, pictures)]
    message = {"role": "assistant", "content": content if pictures else texts[-1]}
    names = ("prompt_tokens", "completion_tokens", "total_tokens")
    usage = dict(zip(names, _TOKENS, strict=True))
    return encoded(
        {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "created": 1735689600,
            "model": GEMINI_MODEL,
            "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
            "usage": usage,
        }
    )


def _gemini_response(texts: list[str], pictures: list[bytes]) -> bytes:
    parts: list[dict[str, Any]] = [{"text": texts[-1]}, *map(_inline, pictures)]
    names = ("promptTokenCount", "candidatesTokenCount", "totalTokenCount")
    usage = dict(zip(names, _TOKENS, strict=True))
    candidate = {"content": {"role": "model", "parts": parts}, "finishReason": "STOP"}
    return encoded(
        {"candidates": [candidate], "usageMetadata": usage, "modelVersion": GEMINI_MODEL}
    )


def _images_response(_: list[str], pictures: list[bytes]) -> bytes:
    data = [{"b64_json": _base64(data)} for data in pictures]
    return encoded({"created": 1735689600, "data": data, "output_format": "png"})


def _call(data: bytes) -> dict[str, Any]:
    about = {"id": "ig_1", "type": "image_generation_call", "status": "completed"}
    return {**about, "result": _base64(data), "output_format": "png"}


def _responses_request(texts: list[str], pictures: list[bytes]) -> bytes:
    items: list[dict[str, Any]] = [
        {"role": ("user", "assistant")[turn % 2], "content": text}
        for turn, text in enumerate(texts)
    ]
    if pictures:
        given = [
            {"type": "input_image", "image_url": _uri(data)["image_url"]["url"], "detail": "auto"}
            for data in pictures
        ]
        content = [{"type": "input_text", "text": texts[-1]}, *given]
        items[-1] = {"role": "user", "content": content}
    tool = {"type": "image_generation", "model": GPT_MODEL}
    return encoded({"model": "gpt-6.1", "input": items, "tools": [tool]})


def _responses_response(texts: list[str], pictures: list[bytes]) -> bytes:
    content = [{"type": "output_text", "text": texts[-1], "annotations": []}]
    about = {"id": "msg_1", "type": "message", "status": "completed", "role": "assistant"}
    message = {**about, "content": content}
    details = {"image_tokens": 0, "text_tokens": 12}
    usage = {"input_tokens": 12, "input_tokens_details": details, "output_tokens": 1290}
    usage |= {"total_tokens": 1302}
    return encoded(
        {
            "id": "resp_1",
            "object": "response",
            "created_at": 1735689600,
            "status": "completed",
            "error": None,
            "incomplete_details": None,
            "model": "gpt-6.1",
            "output": [message, *map(_call, pictures)],
            "parallel_tool_calls": True,
            "tool_choice": {"type": "image_generation"},
            "tools": [{"type": "image_generation", "model": GPT_MODEL}],
            "tool_usage": {"image_gen": usage},
        }
    )


def _openai_failure(texts: list[str], _: list[bytes]) -> bytes:
    error = {"message": texts[-1], "type": "invalid_request_error", "param": None, "code": None}
    return encoded({"error": error})


def _google_failure(texts: list[str], _: list[bytes]) -> bytes:
    error = {"code": 400, "message": texts[-1], "status": "INVALID_ARGUMENT"}
    return encoded({"error": error})


_FORM: Writer = _form_request
_WRITERS: dict[tuple[Kind, str], Writer] = {
    ("request", "chat"): _chat_request,
    ("request", "gemini"): _gemini_request,
    ("request", "images"): _images_request,
    ("request", "responses"): _responses_request,
    ("response", "chat"): _chat_response,
    ("response", "gemini"): _gemini_response,
    ("response", "images"): _images_response,
    ("response", "responses"): _responses_response,
    ("failure", "chat"): _openai_failure,
    ("failure", "gemini"): _google_failure,
    ("failure", "images"): _openai_failure,
    ("failure", "responses"): _openai_failure,
}
