"""Images bodies and hub values that several tests of the format build and read."""

from __future__ import annotations

import json
from typing import Any

import imagewire
from hub import GIF, HELLO, PNG, SIGNATURE
from imagewire import images
from imagewire.loss import Loss
from imagewire.model import (
    Candidate,
    Image,
    ImageRequest,
    ImageResponse,
    ImageSettings,
    Part,
    Size,
    Turn,
)

Json = dict[str, Any]

MODEL = "gpt-image-1.5"
FOX = (Turn(role="user", parts=(HELLO,)),)
LANDSCAPE = ImageSettings(size=Size(width=1536, height=1024))


CREATED = 1735689600
URL = "https://example.com/1.png"
PNG_IMAGE = Image(data=PNG, media_type="image/png")
GIF_IMAGE = Image(data=GIF, media_type="image/gif")
GIF_PART = Part(image=GIF_IMAGE)
GOOGLE = {"google": {"thought_signature": SIGNATURE}}


def facts(losses: tuple[Loss, ...]) -> list[tuple[str, str]]:
    return [(loss.kind.name, loss.path) for loss in losses]


def body_of(**fields: Any) -> Json:
    return {"model": MODEL, "prompt": "a fox", **fields}


def hub_of(**fields: Any) -> ImageRequest:
    known: Json = {"model": MODEL, "model_as_given": MODEL, "turns": FOX}
    return ImageRequest(**{**known, **fields})


def write_request(request: ImageRequest, **options: Any) -> tuple[Json, list[tuple[str, str]]]:
    outcome = images.write_request(request, options=imagewire.Options(**options))
    return json.loads(bytes(outcome.value.body)), facts(outcome.losses)


def translate(body: Json, source: str, **options: Any) -> tuple[Json, list[tuple[str, str]]]:
    given = "openai/gpt-image-2" if source == "gemini" else None
    result = imagewire.translate_request(
        body, source=source, target="images", model=given, options=imagewire.Options(**options)
    )
    return json.loads(bytes(result.body)), facts(result.losses)


def response(*parts: Part, **fields: Any) -> ImageResponse:
    candidates = fields.pop("candidates", (Candidate(parts=parts),))
    return ImageResponse(**{"created": CREATED, "candidates": candidates, **fields})


def write_reply(
    value: ImageResponse, created: int | None = None, **options: Any
) -> tuple[Json, list[tuple[str, str]]]:
    outcome = images.write_response(value, created=created, options=imagewire.Options(**options))
    assert (200, {"content-type": "application/json"}) == (
        outcome.value.status,
        outcome.value.headers,
    )
    return json.loads(bytes(outcome.value.body)), facts(outcome.losses)


def read_reply(*data: Json, **fields: Any) -> tuple[ImageResponse, list[tuple[str, str]]]:
    outcome = images.read_response({"created": CREATED, "data": list(data), **fields})
    return outcome.value, facts(outcome.losses)


def inline(data: str, **marks: Any) -> Json:
    kind = "image/png" if data == PNG else "image/gif"
    return {"inlineData": {"mimeType": kind, "data": data}, **marks}
