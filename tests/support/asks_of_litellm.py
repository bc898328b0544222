"""LiteLLM as a client: its OpenAI, OpenRouter and Gemini providers."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import Any

import attrs
import pybase64

from asks import Ask, Outcome, chat
from proxied import CLIENT_KEY, Seen, of_uri
from sdks import PNG, PNG_URI
from staged import Stage

_USER = [{"role": "user", "content": "a fox"}]
_EDIT = [
    {"role": "system", "content": "Be terse."},
    {
        "role": "user",
        "content": [
            {"type": "text", "text": "add a hat"},
            {"type": "image_url", "image_url": {"url": PNG_URI}},
        ],
    },
]


_STREAM: dict[str, Any] = {"stream": True, "stream_options": {"include_usage": True}}
_DRAWN: dict[str, Any] = {"modalities": ["image", "text"]}

Call = Callable[[Stage, str], Seen]


@cache
def _litellm() -> Any:
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"  # it would fetch one
    module: Any = import_module("litellm")
    module.suppress_debug_info = True
    return module


@attrs.frozen
class _Provider:
    """The functions of LiteLLM, for models of a prefix, at a path of the stage."""

    prefix: str
    path: str

    def _call(self, stage: Stage, verb: str, model: str, **params: Any) -> Any:
        about = {"model": self.prefix + model, "api_base": stage.base + self.path}
        ask = getattr(_litellm(), verb)
        return ask(**about, **params, api_key=CLIENT_KEY, max_retries=0)

    def chat(self, messages: Any = _USER, **params: Any) -> Call:
        show = _in_stream if "stream" in params else _in_chat
        params = {"messages": messages, **params}
        return lambda stage, model: show(self._call(stage, "completion", model, **params))

    def conversation(self, **params: Any) -> Call:
        """A chat whose reply goes back with a next wish."""

        def call(stage: Stage, model: str) -> Seen:
            found = self._call(stage, "completion", model, messages=_USER, **params)
            said = found.choices[0].message
            messages = [*_USER, said, {"role": "user", "content": "make it night"}]
            return self.chat(messages, **params)(stage, model)

        return call

    def image(self) -> Call:
        params = {"prompt": "a fox"}
        return lambda stage, model: _in_images(
            self._call(stage, "image_generation", model, **params)
        )

    def edit(self) -> Call:
        params = {"prompt": "add a hat", "image": PNG}
        return lambda stage, model: _in_images(self._call(stage, "image_edit", model, **params))

    def respond(self, show: Callable[[Any], Seen], **params: Any) -> Call:
        def call(stage: Stage, model: str) -> Seen:
            tool = {"type": "image_generation", "model": model}
            asked = {"input": "a fox", "tools": [tool], **params}
            return show(self._call(stage, "responses", "gpt-6.1", **asked))

        return call


def _pictures(message: Any) -> list[bytes]:
    return [of_uri(image["image_url"]["url"]) for image in getattr(message, "images", None) or []]


def _counts(usage: Any) -> tuple[int, int, int] | None:
    return usage and (usage.prompt_tokens, usage.completion_tokens, usage.total_tokens)


def _in_chat(found: Any) -> Seen:
    [choice] = found.choices
    message = choice.message
    text = message.content or None
    return Seen(_pictures(message), text, choice.finish_reason, _counts(found.usage))


def _in_stream(chunks: Any) -> Seen:
    pictures, text, finish, usage = [], "", None, None
    for chunk in chunks:
        for choice in chunk.choices:
            pictures += _pictures(choice.delta)
            text += choice.delta.content or ""
            finish = choice.finish_reason or finish
        usage = _counts(getattr(chunk, "usage", None)) or usage
    return Seen(pictures, text or None, finish, usage)


def _in_images(found: Any) -> Seen:
    told = found.usage
    usage = told and (told.input_tokens, told.output_tokens, told.total_tokens)
    return Seen([pybase64.b64decode(item.b64_json) for item in found.data], None, None, usage)


def _in_response(found: Any) -> Seen:
    calls = [item for item in found.output if item.type == "image_generation_call"]
    pictures = [pybase64.b64decode(call.result) for call in calls if call.result]
    return Seen(pictures, found.output_text or None, found.status, None)


def _in_events(events: Any) -> Seen:
    *_, last = events
    return _in_response(last.response)


OPENAI = _Provider("openai/", "/v1")
OPENROUTER = _Provider("openrouter/google/", "/api/v1")
GEMINI = _Provider("gemini/", "/v1beta")
#: Both of OpenRouter's image functions ask for a chat.
_BY_CHAT: dict[str, Outcome] = {"parts": "words", "message": "picture", "markdown": "words"}


def _gemini(call: Call) -> Ask:
    """A chat of Gemini's own API, of which every whole reply has counts."""
    return Ask("gemini", call, "stop", raises_on="no counts")


ASKS: dict[str, Ask] = {
    "openai-chat": chat(OPENAI.chat(), "raises", "picture"),
    "openai-chat-with-picture": chat(OPENAI.chat(_EDIT), "raises", "picture"),
    "openai-chat-stream": chat(OPENAI.chat(**_STREAM), "picture", "picture", streams=True),
    "openai-chat-conversation": chat(OPENAI.conversation(), "raises", "picture"),
    "openrouter-chat": chat(OPENROUTER.chat(), "raises", "picture"),
    "openrouter-chat-with-modalities": chat(OPENROUTER.chat(**_DRAWN), "raises", "picture"),
    "openrouter-chat-stream": chat(OPENROUTER.chat(**_STREAM), "picture", "picture", streams=True),
    "gemini-chat": _gemini(GEMINI.chat(**_DRAWN)),
    "gemini-chat-with-picture": _gemini(GEMINI.chat(_EDIT, **_DRAWN)),
    "gemini-chat-conversation": _gemini(GEMINI.conversation(**_DRAWN)),
    "gemini-chat-stream": Ask(
        "gemini", GEMINI.chat(**_DRAWN, **_STREAM), "stop", streams=True, drafts=True
    ),
    "openai-image": Ask("images", OPENAI.image()),
    "openai-edit": Ask("images", OPENAI.edit()),
    "gemini-image": Ask("gemini", GEMINI.image(), gemini_alone=True),
    "gemini-edit": Ask("gemini", GEMINI.edit()),
    "openrouter-image": Ask("chat", OPENROUTER.image(), None, _BY_CHAT, counts=False),
    "openrouter-edit": Ask("chat", OPENROUTER.edit(), None, _BY_CHAT, counts=False),
    "responses": Ask("responses", OPENAI.respond(_in_response), "completed", counts=False),
    "responses-stream": Ask(
        "responses",
        OPENAI.respond(_in_events, stream=True),
        "completed",
        streams=True,
        counts=False,
    ),
}
