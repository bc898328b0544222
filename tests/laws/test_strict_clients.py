"""Strict mode passes what real clients always send: none of it is what their users asked for."""

from __future__ import annotations

import pytest

import imagewire
from cases import UPSTREAM_MODELS, case, options_for
from client_requests import REQUESTS
from recorded import RECORDINGS, Request

SENT = [case(name, name, request) for name, request in REQUESTS.items()] + [
    case(f"{library}-{name}", f"{library}-{name}", request)
    for library, recording in RECORDINGS.items()
    for name, request in recording.requests.items()
]
OPTIONS = imagewire.Options(stream="live", history="all")

#: What only an API's own conversations have, and the Images API has none of.
EARLIER, MARKS = {"earlier_turn"}, {"thought_signature"}
EDITED = EARLIER | {"previous_image"}
#: Of what was asked, because the API of the target lacks it.
LOST: dict[str, dict[str, set[str]]] = {
    "ai_sdk-google-conversation": {
        "images": EDITED | MARKS | {"earlier_image"},
        "responses": MARKS | {"thought_part"},
    },
    "ai_sdk-openai-responses-conversation": {"images": EARLIER},
    "ai_sdk-openrouter-chat-conversation": {"images": EARLIER},
    # LangChain and LiteLLM send drafts back without their mark, LiteLLM no picture's signature.
    "langchain-google-conversation": {
        "gemini": {"missing_signature"},
        "images": EDITED | MARKS | {"earlier_image"},
        "responses": MARKS | {"thought_part"},
    },
    "langchain-openai-chat-conversation": {"images": EDITED | MARKS, "responses": MARKS},
    "langchain-openai-responses-conversation": {
        "gemini": {"missing_signature"},
        "images": EDITED,
    },
    "litellm-gemini-chat-conversation": {
        "gemini": {"missing_signature"},
        "images": EDITED | {"earlier_image"},
        "responses": MARKS | {"thought_part"},
    },
    "litellm-openai-chat-conversation": {"images": EDITED | MARKS, "responses": MARKS},
}


@pytest.mark.parametrize(("name", "request_"), SENT)
@pytest.mark.parametrize("target", imagewire.FORMATS)
def test_strict_mode_passes_what_clients_always_send(
    name: str, request_: Request, target: str
) -> None:
    source, body, content_type = request_.endpoint, request_.raw, request_.content_type
    model = source.model or imagewire.read_model(body, source=source, content_type=content_type)
    assert model is not None
    result = imagewire.translate_request(
        body,
        source=source,
        target=target,
        model=None if imagewire.serves(model, target) else UPSTREAM_MODELS[target],
        content_type=content_type,
        options=options_for(target, OPTIONS),
    )

    expected = LOST.get(name, {}).get(target, set())
    if target == "images" and b"Be terse." in body:
        expected = {"system_message"}
    assert expected == {loss.code for loss in result.losses if loss.level != "metadata"}
