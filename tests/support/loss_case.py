"""A translation that loses something, and the bodies that such translations are made of."""

from __future__ import annotations

from typing import Any

import attrs

import hub
import imagewire
from imagewire import LossCode
from imagewire.loss import Loss

C = LossCode

GPT, GEMINI = "gpt-image-1.5", "gemini-3-pro-image-preview"
URI = f"data:image/png;base64,{hub.PNG}"
PNG = {"inlineData": {"mimeType": "image/png", "data": hub.PNG}}
DRAFT, VIDEO = {**PNG, "thought": True}, [{"modality": "VIDEO", "tokenCount": 5}]
HM = {"text": "hm", "thought": True}
FOX = {"role": "user", "content": "a fox"}
OTTER = {"role": "assistant", "content": "an otter"}


@attrs.frozen
class Case:
    """A translation, one of whose losses has this code and this detail."""

    code: LossCode
    detail: str
    reply: bool
    body: Any
    source: str
    target: str
    model: str | None
    options: imagewire.Options

    def losses(self) -> tuple[Loss, ...]:
        about: dict[str, Any] = {"target": self.target, "options": self.options}
        if self.reply:
            return imagewire.translate_response(self.body, source=self.source, **about).losses
        about["model"] = self.model
        return imagewire.translate_request(self.body, source=self.source, **about).losses


def asks(
    code: LossCode,
    detail: str,
    body: Any,
    *,
    source: str = "chat",
    target: str = "gemini",
    model: str | None = None,
    **options: Any,
) -> Case:
    model = model or (GPT if target == "images" else GEMINI)
    return Case(code, detail, False, body, source, target, model, imagewire.Options(**options))


def tells(
    code: LossCode,
    detail: str,
    body: Any,
    *,
    source: str = "gemini",
    target: str = "images",
    **options: Any,
) -> Case:
    return Case(code, detail, True, body, source, target, None, imagewire.Options(**options))


def chat(*content: Any, **fields: Any) -> dict[str, Any]:
    """A chat request of one message, with parts or with a string."""
    said = content[0] if len(content) == 1 and isinstance(content[0], str) else list(content)
    return {"messages": [{"role": "user", "content": said}], **fields}


def picture(url: str = URI, **fields: Any) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": url, **fields}}


def text(words: str) -> dict[str, Any]:
    return {"type": "text", "text": words}


def contents(*parts: Any, **fields: Any) -> dict[str, Any]:
    return {"contents": [{"role": "user", "parts": list(parts)}], **fields}


def answer(*parts: Any, **fields: Any) -> dict[str, Any]:
    """A Gemini reply with one candidate."""
    return {"candidates": [{"content": {"parts": list(parts)}, **fields}]}


def data(**fields: Any) -> dict[str, Any]:
    """An Images reply with one picture."""
    return {"data": [{"b64_json": hub.PNG}], "created": 1735689600, **fields}
