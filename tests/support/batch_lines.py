"""Lines of batch files, as tests write and read them."""

from __future__ import annotations

import json
from typing import Any

from bypass import base64_of, picture, reply
from imagewire import ReplyContext
from imagewire.batch import Batch, Line, Reject, StoredContext, translate_lines

MODEL = "gemini-2.5-flash-image"


def text(document: Any) -> bytes:
    return json.dumps(document).encode() + b"\n"


def asked(prompt: Any = "a fox", **fields: Any) -> dict[str, Any]:
    """The body of a chat request."""
    return {"model": MODEL, "messages": [{"role": "user", "content": prompt}], **fields}


def openai(id_: Any, body: Any, **fields: Any) -> bytes:
    about = {"custom_id": id_, "method": "POST", "url": "/v1/chat/completions"}
    return text({**about, "body": body, **fields})


def answered(*, words: str = "done", size: int = 60, seed: int = 0) -> dict[str, Any]:
    """The body of a Gemini response with one picture."""
    body = reply({"text": words}, picture(base64_of(size, seed)), modelVersion=MODEL)
    document: dict[str, Any] = json.loads(body)
    return document


def gemini(id_: Any, body: Any = None, **fields: Any) -> bytes:
    return text({"key": id_, "response": answered() if body is None else body, **fields})


def requests(**about: Any) -> Batch:
    return Batch(**{"source": "chat", "target": "gemini", **about})


def responses(**about: Any) -> Batch:
    defaults = {"source": "gemini", "target": "chat", "kind": "response", "created": 1}
    return Batch(**{**defaults, **about})


def translated(batch: Batch, *lines: bytes, **about: Any) -> list[Line | Reject]:
    return [*translate_lines(lines, batch, **about)]


def one(batch: Batch, line: bytes, **about: Any) -> Line:
    """The line that a line becomes."""
    (found,) = translated(batch, line, **about)
    assert isinstance(found, Line), found.record()
    return found


def refused(batch: Batch, line: bytes, **about: Any) -> Reject:
    (found,) = translated(batch, line, **about)
    assert isinstance(found, Reject), bytes(found.body)
    return found


def documents(data: bytes) -> list[Any]:
    """The lines of a file."""
    assert data == b"" or data.endswith(b"\n")
    return [json.loads(line) for line in data.splitlines()]


def document(line: Line) -> Any:
    (found,) = documents(bytes(line.body))
    return found


def contexts(*stored: StoredContext) -> dict[str, StoredContext]:
    return {each.id: each for each in stored}


TWICE = StoredContext("a", 2, ReplyContext(model="google/" + MODEL, count=2))


def pictures(line: Line) -> int:
    body = document(line)["response"]["body"]
    return sum(part["type"] == "image_url" for part in body["choices"][0]["message"]["content"])
