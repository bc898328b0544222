"""Streams: an upstream's events, fed in slices as a network hands them out."""

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
    return Body(sent(body.data), said)


def many_events(number: int) -> Body:
    """A stream of so many events of 100 bytes, each with some words, and one with a picture."""
    last = one_event(Shape("1 KiB", 1024, 1))
    said = last.said or Said((), ())
    words = "w" * (_EVENT - len(_event("")))
    text = words * number + "".join(said.texts)
    return Body(_event(words) * number + last.data, attrs.evolve(said, texts=(text,)))


def small_event(source: str) -> Body:
    """An event of some words, as a chat or a Gemini upstream sends it."""
    words = "fox runs in the snow "
    if source == "gemini":
        return Body(_event(words), Said((words,), ()))
    choice = {"index": 0, "delta": {"content": words}}
    chunk = {"id": "c1", "created": 5, "model": "m", "choices": [choice]}
    return Body(sent(encoded(chunk)), Said((words,), ()))


def _event(words: str) -> bytes:
    part = {"content": {"role": "model", "parts": [{"text": words}]}}
    return sent(encoded({"candidates": [part]}))


def sent(document: bytes) -> bytes:
    """A server-sent event, as Google frames it."""
    return b"data: " + document + b"\r\n\r\n"


def translator(source: str, target: str) -> imagewire.StreamTranslator:
    """A stream of an upstream that nothing was fed to yet."""
    return imagewire.StreamTranslator(
        source=source, target=target, created=_NOW, response_id="chatcmpl-1"
    )


def sliced(data: bytes) -> list[bytes]:
    """A stream as a network hands it out."""
    return [data[at : at + SLICE] for at in range(0, len(data), SLICE)]


def fed(stream: imagewire.StreamTranslator, slices: list[bytes]) -> list[bytes | memoryview]:
    """What a stream makes of what comes next."""
    return [segment for piece in slices for segment in stream.feed(piece)]


def translated(slices: list[bytes], source: str, target: str) -> Payload:
    """All that imagewire makes of a stream; raises for one that fails."""
    stream = translator(source, target)
    out = [*fed(stream, slices), *stream.close()]
    if stream.failure is not None:
        raise SystemExit(f"{source} -> {target}: {stream.failure.message}")
    return Payload(*out)


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
