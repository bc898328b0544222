"""Records what the installed libraries send to the recipe's proxy."""

from __future__ import annotations

import re
from typing import Any

import attrs
import msgspec

from libraries import Library
from proxied import MODELS, OPTIONS, Clients, Upstream, sample
from recorded import Recording, Request
from staged import Sent, Stage

#: What an ask of a face is answered with: an upstream, and its reply.
ANSWERED = {
    "chat": ("gemini", "gemini_response_thought_images"),
    "gemini": ("gemini", "gemini_response_thought_images"),
    "images": ("images", "images_response_seed_minimal"),
    "responses": ("responses", "responses_response_whole"),
}
_BOUNDARY = re.compile("boundary=(.*)")


def record(stage: Stage, library: Library) -> Recording:
    """What a library sends for each of its asks; in a conversation it has seen a picture."""
    requests = {}
    for name, ask in library.asks.items():
        upstream, answer = ANSWERED[ask.face]
        images: Any = next((each for each in ask.shows if ask.shows[each] == "picture"), "message")
        options = attrs.evolve(OPTIONS, chat_images=images)
        stage.app = Clients(Upstream(sample(answer)), upstream, options=options).app
        stage.sent.clear()
        ask(stage, MODELS[upstream])
        *_, sent = stage.sent
        requests[name] = _request(sent)
    return Recording({name: str(found) for name, found in library.versions.items()}, requests)


def _request(sent: Sent) -> Request:
    if sent.content_type.startswith("application/json"):
        return Request(sent.path, sent.content_type, msgspec.json.decode(sent.body))
    content_type, body = sent.content_type, sent.body.decode("latin-1")
    for boundary in _BOUNDARY.findall(content_type):  # another one each time
        content_type = content_type.replace(boundary, "boundary")
        body = body.replace(boundary, "boundary")
    return Request(sent.path, content_type, body)
