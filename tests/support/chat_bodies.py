"""Chat bodies that several tests build on: messages, choices, whole requests and replies."""

from __future__ import annotations

import json
from typing import Any

from msgspec import structs

import imagewire
from hub import MODEL, PICTURE, PNG_URI, SIGNATURE
from imagewire.loss import Loss, LossKind, LossLevel
from imagewire.model import Candidate, ImageResponse, Part, Turn
from imagewire.options import Options

Json = dict[str, Any]
#: A body, and its losses: kind, level, path.
Written = tuple[Json, list[tuple[str, str, str]]]

URI = PNG_URI
IMAGE = {"type": "image_url", "image_url": {"url": URI}}
TEXT = {"type": "text", "text": "a fox"}
USER = {"role": "user", "content": "a fox"}
SYSTEM = {"role": "system", "content": "Be terse."}
CALLS = [{"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}]
SIGNED_PICTURE = structs.replace(PICTURE, signature=SIGNATURE)
COUNTS = {"prompt_tokens": 5, "completion_tokens": 7, "total_tokens": 12}
IMAGE_BLOCKED = "The generated image was blocked by the provider's safety system."

ALL = Options(history="all")


def text(words: str, **more: Any) -> Json:
    return {"type": "text", "text": words, **more}


def image(url: str = URI, **more: Any) -> Json:
    return {"type": "image_url", "image_url": {"url": url}, **more}


def user(*content: Any, **more: Any) -> Json:
    return {"role": "user", "content": list(content), **more}


def assistant(*content: Any, **more: Any) -> Json:
    return {"role": "assistant", "content": list(content), **more}


def google(**mark: Any) -> Json:
    return {"extra_content": {"google": mark}}


def said(*parts: Part) -> Turn:
    return Turn(role="model", parts=parts)


def request_of(*messages: Json, **fields: Any) -> Json:
    return {"model": MODEL, "messages": list(messages or (USER,)), **fields}


def read_message(message: Json, options: Options = Options()) -> tuple[Turn, tuple[Loss, ...]]:
    """The turn of a message, and its losses."""
    body = json.dumps(request_of(message)).encode()
    outcome = imagewire.chat.read_request(body, options=options)
    (turn,) = outcome.value.turns
    return turn, outcome.losses


def translate_request(
    body: Json, target: str, options: Options = Options()
) -> imagewire.TranslatedRequest:
    return imagewire.translate_request(body, source="chat", target=target, options=options)


def sent(translated: imagewire.TranslatedRequest) -> Json:
    body: Json = json.loads(bytes(translated.body))
    return body


def reported(translated: imagewire.TranslatedRequest) -> list[tuple[LossKind, LossLevel, str]]:
    return [(loss.kind, loss.level, loss.path) for loss in translated.losses]


def lost(level: LossLevel, *paths: str) -> list[tuple[LossKind, LossLevel, str]]:
    return [(LossKind.DROPPED, level, f"$.{path}") for path in paths]


def choice_of(*content: Json, **more: Any) -> Json:
    message = {"role": "assistant", "content": list(content) or None, "refusal": None}
    return {"index": 0, "message": message, "finish_reason": "stop", **more}


def reply_of(*choices: Json, **more: Any) -> Json:
    return {
        "id": "r1",
        "object": "chat.completion",
        "created": 1735689600,
        "model": MODEL,
        "choices": list(choices or (choice_of(IMAGE),)),
        **more,
    }


def spoken(message: Json, **more: Any) -> Json:
    return {
        "index": 0,
        "message": {"role": "assistant", **message},
        "finish_reason": "stop",
        **more,
    }


def refused(
    words: str, finish: str = "content_filter", stage: str | None = None, **more: Any
) -> Json:
    details = {"moderation_details": {"moderation_stage": stage}} if stage else {}
    message = {"content": None, "refusal": words}
    return {**spoken(message, finish_reason=finish), **details, **more}


def read_reply(body: Json, options: Options = Options()) -> ImageResponse:
    return imagewire.chat.read_response(json.dumps(body).encode(), options=options).value


def write_reply(value: ImageResponse, options: Options = Options(), **more: Any) -> Written:
    """The body of a response, and its losses."""
    outcome = imagewire.chat.write_response(value, options=options, **more)
    losses = [(loss.kind.name, loss.level.name, loss.path) for loss in outcome.losses]
    return json.loads(bytes(outcome.value.body)), losses


def translate_reply(body: Json, source: str, target: str, **more: Any) -> Written:
    outcome = imagewire.translate_response(body, source=source, target=target, **more)
    losses = [(loss.kind.name, loss.level.name, loss.path) for loss in outcome.losses]
    return json.loads(bytes(outcome.body)), losses


def candidate_of(*parts: Part, **more: Any) -> Candidate:
    return Candidate(parts=parts, **more)
