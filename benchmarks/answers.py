"""What an answer says, read by the standard library alone: only what is right is timed.

What one contender may leave out, all may: the answer of each has the words, the pictures and the
tokens that were used, as far as the target has places for them.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

from live_streams import folded
from payloads import Kind, Said

#: An error's message may be cut, but not before this.
_KEPT = 1000


class WrongAnswerError(Exception):
    """An answer does not say what the body said."""


def check_answer(kind: Kind, target: str, answer: bytes, expected: Said) -> None:
    """Raise `WrongAnswerError` unless words and pictures stand where the target has them."""
    try:
        found = _said_in(kind, target, answer)
    except (KeyError, TypeError, ValueError, LookupError) as error:
        raise WrongAnswerError(f"the answer is no {target} {kind}: {error!r:.200}") from None
    if found.pictures != _pictures(kind, expected):
        count = len(found.pictures)
        raise WrongAnswerError(f"{count} pictures came instead of {len(expected.pictures)}")
    if found.texts != _texts(kind, target, expected):
        raise WrongAnswerError(f"{len(found.texts)} texts came, not {len(expected.texts)} as given")
    if found.tokens != expected.tokens and expected.tokens:
        raise WrongAnswerError(f"tokens came as {found.tokens}, not {expected.tokens}")


def _pictures(kind: Kind, expected: Said) -> tuple[bytes, ...]:
    return () if kind == "failure" else expected.pictures


def _texts(kind: Kind, target: str, expected: Said) -> tuple[str, ...]:
    """The words that a target has a place for."""
    if kind == "failure":
        return tuple(text[:_KEPT] for text in expected.texts)
    if target != "images":
        return expected.texts
    return expected.texts[-1:] if kind == "request" else ()


def _said_in(kind: Kind, target: str, answer: bytes) -> Said:
    if answer[:2] == b"--":
        return _said_in_form(answer)
    document = folded(answer) if kind == "stream" else json.loads(answer)
    if kind == "failure":
        return Said((document["error"]["message"][:_KEPT],), ())
    if target == "images":
        return _said_in_images(kind, document)
    parts = list(_PARTS[kind, target](document))
    texts = tuple(part["text"] for part in parts if "text" in part)
    pictures = tuple(_picture(part) for part in parts if "text" not in part)
    return Said(texts, pictures, _tokens(document))


def _said_in_form(body: bytes) -> Said:
    """The prompt and files of a form."""
    boundary = body[: body.index(b"\r\n")]
    texts: list[str] = []
    pictures: list[bytes] = []
    for part in body.split(boundary)[1:-1]:
        head, _, data = part.removesuffix(b"\r\n").partition(b"\r\n\r\n")
        if b"filename=" in head:
            pictures.append(data)
        elif b'name="prompt"' in head:
            texts.append(data.decode())
    return Said(tuple(texts), tuple(pictures))


def _said_in_images(kind: Kind, document: Any) -> Said:
    if kind == "response":
        pictures = tuple(_decoded(item["b64_json"]) for item in document["data"])
        return Said((), pictures, _tokens(document))
    images = document.get("images", ())
    pictures = tuple(_decoded(image["image_url"].partition(",")[2]) for image in images)
    return Said((document["prompt"],), pictures)


def _chat_parts(message: Any) -> Iterator[Any]:
    content = message["content"]
    yield from [{"text": content}] if isinstance(content, str) else content
    yield from message.get("images") or ()


def _requested_of_chat(document: Any) -> Iterator[Any]:
    for message in document["messages"]:
        yield from _chat_parts(message)


def _replied_by_chat(document: Any) -> Iterator[Any]:
    for choice in document["choices"]:
        yield from _chat_parts(choice["message"])


def _requested_of_gemini(document: Any) -> Iterator[Any]:
    for content in document["contents"]:
        yield from content["parts"]


def _replied_by_gemini(document: Any) -> Iterator[Any]:
    for candidate in document["candidates"]:
        yield from candidate["content"]["parts"]


def _requested_of_responses(document: Any) -> Iterator[Any]:
    for item in document["input"]:
        for part in _chat_parts(item):
            url = part.get("image_url")
            yield part if url is None else {"image_url": {"url": url}}


def _replied_by_responses(document: Any) -> Iterator[Any]:
    for item in document["output"]:
        if "result" in item:
            yield {"inlineData": {"data": item["result"]}}
        yield from item.get("content") or ()


_PARTS = {
    ("request", "responses"): _requested_of_responses,
    ("response", "responses"): _replied_by_responses,
    ("request", "chat"): _requested_of_chat,
    ("response", "chat"): _replied_by_chat,
    ("stream", "chat"): _replied_by_chat,
    ("request", "gemini"): _requested_of_gemini,
    ("response", "gemini"): _replied_by_gemini,
}


def _picture(part: Any) -> bytes:
    if "image_url" in part:
        return _decoded(part["image_url"]["url"].partition(";base64,")[2])
    inline = part.get("inlineData") or part["inline_data"]  # upstreams read both, and both are sent
    return _decoded(inline["data"])


#: The names of the counts in a reply of each format.
_COUNTS = (
    ("promptTokenCount", "candidatesTokenCount", "totalTokenCount"),
    ("input_tokens", "output_tokens", "total_tokens"),
    ("prompt_tokens", "completion_tokens", "total_tokens"),
)


def _tokens(document: Any) -> tuple[int, ...]:
    """What a reply says was used."""
    tool = (document.get("tool_usage") or {}).get("image_gen")  # the bill for the picture
    usage = document.get("usageMetadata") or tool or document.get("usage") or {}
    for names in _COUNTS:
        if names[0] in usage:
            return tuple(usage[name] for name in names)
    return ()


def _decoded(text: str) -> bytes:
    """Base64 of either alphabet: Google's SDK writes the URL-safe one."""
    return base64.b64decode(text.translate({ord("-"): "+", ord("_"): "/"}), validate=True)
