"""Streams: a Gemini upstream's events, fed in slices as a network hands them out."""

from __future__ import annotations

import json
from typing import Any

import attrs

import imagewire
from imagewire.messages import Payload
from payloads import Body, Said, Shape, body_of, encoded

SLICE = 64 * 1024  # bytes
_EVENT = 100  # bytes, as a model's words come
_NOW = 1735689600


def one_event(shape: Shape) -> Body:
    """A stream that is one event, with a picture; who asks for no usage gets none."""
    body = body_of("response", "gemini", shape)
    said = body.said and attrs.evolve(body.said, tokens=())
    return Body(b"data: " + body.data + b"\r\n\r\n", said)


def many_events(number: int) -> Body:
    """A stream of so many events of 100 bytes, each with some words, and one with a picture."""
    last = one_event(Shape("1 KiB", 1024, 1))
    said = last.said or Said((), ())
    words = "w" * (_EVENT - len(_event("")))
    text = words * number + "".join(said.texts)
    return Body(_event(words) * number + last.data, attrs.evolve(said, texts=(text,)))


def _event(words: str) -> bytes:
    part = {"content": {"role": "model", "parts": [{"text": words}]}}
    return b"data: " + encoded({"candidates": [part]}) + b"\r\n\r\n"


def translated(data: bytes, source: str, target: str) -> Payload:
    """All that imagewire makes of a stream."""
    stream = imagewire.StreamTranslator(
        source=source, target=target, created=_NOW, response_id="chatcmpl-1"
    )
    view = memoryview(data)
    found: list[Any] = []
    for at in range(0, len(view), SLICE):
        found += stream.feed(view[at : at + SLICE])
    return Payload(*found, *stream.close())


def folded(answer: bytes) -> dict[str, Any]:
    """The message that the chunks of a chat stream say together."""
    texts: list[str] = []
    images: list[Any] = []
    for event in answer.split(b"\n\n"):
        data = event.removeprefix(b"data: ")
        if data in {b"", b"[DONE]"}:
            continue
        for choice in json.loads(data)["choices"]:
            texts.append(choice["delta"].get("content") or "")
            images += choice["delta"].get("images") or ()
    return {"choices": [{"message": {"content": "".join(texts), "images": images}}]}
