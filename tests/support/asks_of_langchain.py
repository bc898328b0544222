"""LangChain as a client: its chat models for OpenAI and Gemini."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from importlib import import_module
from operator import add
from typing import Any

import pybase64

from asks import Ask, chat
from proxied import CLIENT_KEY, Seen, of_uri
from sdks import PNG_URI
from staged import Stage

_PICTURE = {"type": "image_url", "image_url": {"url": PNG_URI}}
_EDIT = [
    {"role": "system", "content": "Be terse."},
    {"role": "user", "content": [{"type": "text", "text": "add a hat"}, _PICTURE]},
]


def _openai(stage: Stage, model: str, **more: Any) -> Any:
    return import_module("langchain_openai").ChatOpenAI(
        model=model, base_url=f"{stage.base}/v1", api_key=CLIENT_KEY, max_retries=0, **more
    )


def _drawing(stage: Stage, model: str) -> Any:
    chat = _openai(stage, "gpt-6.1", store=False)  # else a picture goes back as an id alone
    return chat.bind_tools([{"type": "image_generation", "model": model}])


def _google(stage: Stage, model: str) -> Any:
    module = import_module("langchain_google_genai")
    return module.ChatGoogleGenerativeAI(
        model=model,
        base_url=stage.base,
        api_key=CLIENT_KEY,
        max_retries=0,
        response_modalities=[module.Modality.TEXT, module.Modality.IMAGE],
    )


def _seen(message: Any) -> Seen:
    content = message.content
    parts = content if isinstance(content, list) else [content]
    urls = [part["image_url"]["url"] for part in parts if "image_url" in part]
    results = [part["result"] for part in parts if "result" in part]
    words = [part if isinstance(part, str) else part.get("text", "") for part in parts]
    told, about = message.usage_metadata, message.response_metadata
    return Seen(
        [*map(of_uri, urls), *map(pybase64.b64decode, results)],
        "".join(words) or None,
        about.get("finish_reason") or about.get("status"),
        told and (told["input_tokens"], told["output_tokens"], told["total_tokens"]),
    )


def _asking(
    client: Callable[[Stage, str], Any], messages: Any = "a fox", *, streams: bool = False
) -> Callable[[Stage, str], Seen]:
    """A call of a chat model."""

    def call(stage: Stage, model: str) -> Seen:
        asked = client(stage, model)
        if streams:
            return _seen(reduce(add, asked.stream(messages, **_USAGE.get(client, {}))))
        return _seen(asked.invoke(messages))

    return call


def _conversing(client: Callable[[Stage, str], Any]) -> Callable[[Stage, str], Seen]:
    """A call of a chat model, whose reply goes back with a next wish."""

    def call(stage: Stage, model: str) -> Seen:
        asked = client(stage, model)
        first, second = ({"role": "user", "content": text} for text in ("a fox", "make it night"))
        return _seen(asked.invoke([first, asked.invoke([first]), second]))

    return call


_USAGE: dict[Any, dict[str, Any]] = {_openai: {"stream_usage": True}}

ASKS: dict[str, Ask] = {
    "openai-chat": chat(_asking(_openai), "picture", "words"),
    "openai-chat-with-picture": chat(_asking(_openai, _EDIT), "picture", "words"),
    "openai-chat-conversation": chat(_conversing(_openai), "picture", "words"),
    "openai-chat-stream": chat(_asking(_openai, streams=True), "words", "words", streams=True),
    "google": Ask("gemini", _asking(_google), "STOP"),
    "google-with-picture": Ask("gemini", _asking(_google, _EDIT), "STOP"),
    "google-conversation": Ask("gemini", _conversing(_google), "STOP"),
    "google-stream": Ask(
        "gemini", _asking(_google, streams=True), "STOP", streams=True, drafts=True
    ),
    "openai-responses": Ask("responses", _asking(_drawing), "completed", counts=False),
    "openai-responses-conversation": Ask(
        "responses", _conversing(_drawing), "completed", counts=False
    ),
    "openai-responses-stream": Ask(
        "responses", _asking(_drawing, streams=True), "completed", streams=True, counts=False
    ),
}
