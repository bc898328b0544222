"""The official SDKs on a port, to record what they send; `tests/clients` has what they show."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import openai
from google import genai
from google.genai import types

from asks import Ask
from proxied import (
    CLIENT_KEY,
    Seen,
    seen_in_chat,
    seen_in_google,
    seen_in_images,
    seen_in_responses,
)
from sdks import PNG, PNG_URI
from staged import Stage

_PICTURE = {"type": "image_url", "image_url": {"url": PNG_URI}}
_EDIT = [
    {"role": "system", "content": "Be terse."},
    {"role": "user", "content": [{"type": "text", "text": "add a hat"}, _PICTURE]},
]


def _openai(ask: Callable[[openai.OpenAI, str], Seen]) -> Callable[[Stage, str], Seen]:
    def call(stage: Stage, model: str) -> Seen:
        base = f"{stage.base}/v1"
        with openai.OpenAI(api_key=CLIENT_KEY, base_url=base, max_retries=0) as client:
            return ask(client, model)

    return call


def _google(contents: Any, **config: Any) -> Callable[[Stage, str], Seen]:
    def call(stage: Stage, model: str) -> Seen:
        options = types.HttpOptions(base_url=stage.base)
        with genai.Client(api_key=CLIENT_KEY, http_options=options) as client:
            asked = types.GenerateContentConfig(**config)
            return seen_in_google(
                client.models.generate_content(model=model, contents=contents, config=asked)
            )

    return call


def _chat(messages: Any) -> Callable[[Stage, str], Seen]:
    return _openai(
        lambda client, model: seen_in_chat(
            client.chat.completions.create(model=model, messages=messages)
        )
    )


def _respond(client: openai.OpenAI, model: str) -> Seen:
    tool: Any = {"type": "image_generation", "model": model}
    return seen_in_responses(client.responses.create(model="gpt-6.1", input="a fox", tools=[tool]))


_DRAWN = {"response_modalities": ["TEXT", "IMAGE"]}

ASKS: dict[str, Ask] = {
    "openai-chat": Ask("chat", _chat([{"role": "user", "content": "a fox"}]), "stop"),
    "openai-chat-with-picture": Ask("chat", _chat(_EDIT), "stop"),
    "openai-image": Ask(
        "images",
        _openai(
            lambda client, model: seen_in_images(
                client.images.generate(model=model, prompt="a fox")
            )
        ),
    ),
    "openai-edit": Ask(
        "images",
        _openai(
            lambda client, model: seen_in_images(
                client.images.edit(model=model, prompt="add a hat", image=PNG)
            )
        ),
    ),
    "openai-responses": Ask("responses", _openai(_respond), "completed"),
    "google": Ask("gemini", _google("a fox"), "STOP"),
    "google-with-picture": Ask(
        "gemini",
        _google(
            ["add a hat", types.Part.from_bytes(data=PNG, mime_type="image/png")],
            system_instruction="Be terse.",
            **_DRAWN,
        ),
        "STOP",
    ),
}
