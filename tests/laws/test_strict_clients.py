"""Strict mode passes what real clients always send: none of it is what their users asked for."""

from __future__ import annotations

import pytest

import imagewire
from client_requests import REQUESTS

MODELS = {"gemini": "gemini-nano-banana-2.1", "images": "gpt-image-2", "chat": None}
#: System messages, temperatures and safety settings, which the Images API does not have.
ASKED = {("google-genai-with-an-image", "images"), ("langchain-history", "images")}


@pytest.mark.parametrize("client", REQUESTS)
@pytest.mark.parametrize("target", MODELS)
def test_strict_mode_passes_what_clients_always_send(client: str, target: str) -> None:
    format_, body = REQUESTS[client]
    path_model = MODELS["gemini"] if format_ == "gemini" else None
    result = imagewire.translate_request(
        body,
        source=imagewire.Endpoint(format_, "generate", path_model),
        target=target,
        model=MODELS[target] if format_ != target else None,
    )
    lost = [loss for loss in result.losses if loss.level != "metadata"]

    assert ((client, target) in ASKED) is bool(lost), lost
