"""The AI SDK as a client: its providers for OpenAI, whatever is like it, Gemini and OpenRouter."""

from __future__ import annotations

from collections.abc import Callable

import pybase64

import hub
from asks import Ask, FailedError, Outcome, chat
from proxied import Seen
from staged import Stage


def _asking(name: str) -> Callable[[Stage, str], Seen]:
    """An ask of the script, by its name there."""

    def call(stage: Stage, model: str) -> Seen:
        found = stage.run_node(name, model, hub.PNG)
        if "failed" in found:
            raise FailedError(*found["failed"])
        usage = found["usage"]
        return Seen(
            [pybase64.b64decode(picture, validate=True) for picture in found["pictures"]],
            found["text"] or None,
            found["finish"],
            usage and tuple(usage),
        )

    return call


def _chats(provider: str, parts: Outcome, message: Outcome, in_stream: Outcome) -> dict[str, Ask]:
    """The asks of a provider's chat model."""
    name = f"{provider}-chat"
    return {
        name: chat(_asking(name), parts, message),
        f"{name}-with-picture": chat(_asking(f"{name}-with-picture"), parts, message),
        f"{name}-stream": chat(_asking(f"{name}-stream"), in_stream, in_stream, streams=True),
    }


def _responses(name: str, *, streams: bool = False) -> Ask:
    return Ask("responses", _asking(name), "stop", streams=streams, counts=False)


ASKS: dict[str, Ask] = {
    **_chats("openai", "raises", "words", "words"),
    **_chats("compatible", "words", "words", "words"),
    **_chats("openrouter", "raises", "picture", "picture"),
    "openrouter-chat-conversation": chat(
        _asking("openrouter-chat-conversation"), "raises", "picture"
    ),
    "openai-image": Ask("images", _asking("openai-image")),
    "openai-edit": Ask("images", _asking("openai-edit")),
    "compatible-image": Ask("images", _asking("compatible-image"), counts=False),
    "compatible-edit": Ask("images", _asking("compatible-edit"), counts=False),
    # It wants OpenRouter's own names of the counts, `prompt_tokens` and `completion_tokens`.
    "openrouter-image": Ask("images", _asking("openrouter-image"), raises_on="counts"),
    "openrouter-edit": Ask("images", _asking("openrouter-edit"), raises_on="counts"),
    "openai-responses": _responses("openai-responses"),
    "openai-responses-conversation": _responses("openai-responses-conversation"),
    "openai-responses-stream": _responses("openai-responses-stream", streams=True),
    "google": Ask("gemini", _asking("google"), "stop"),
    "google-with-picture": Ask("gemini", _asking("google-with-picture"), "stop"),
    "google-conversation": Ask("gemini", _asking("google-conversation"), "stop"),
    "google-stream": Ask("gemini", _asking("google-stream"), "stop", streams=True, drafts=True),
    "google-image": Ask("gemini", _asking("google-image"), gemini_alone=True),
    "google-edit": Ask("gemini", _asking("google-edit"), gemini_alone=True),
}
