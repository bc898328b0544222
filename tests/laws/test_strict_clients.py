"""Strict mode passes what real clients always send: none of it is what their users asked for."""

from __future__ import annotations

import pytest

import imagewire
from cases import UPSTREAM_MODELS, case, options_for
from client_requests import REQUESTS
from recorded import RECORDINGS, Request

SENT = [case(name, request) for name, request in REQUESTS.items()] + [
    case(f"{library}-{name}", request)
    for library, recording in RECORDINGS.items()
    for name, request in recording.requests.items()
]
LIVE = imagewire.Options(stream="live")


@pytest.mark.parametrize("request_", SENT)
@pytest.mark.parametrize("target", imagewire.FORMATS)
def test_strict_mode_passes_what_clients_always_send(request_: Request, target: str) -> None:
    source, body, content_type = request_.endpoint, request_.raw, request_.content_type
    model = source.model or imagewire.read_model(body, source=source, content_type=content_type)
    assert model is not None
    served = imagewire.serves(model, target)
    result = imagewire.translate_request(
        body,
        source=source,
        target=target,
        model=None if served else UPSTREAM_MODELS[target],
        content_type=content_type,
        options=options_for(target, LIVE),
    )

    # The Images API has no system messages, which some of them were asked to send.
    lost = {loss.code for loss in result.losses if loss.level != "metadata"}
    asked = {"system_message"} if target == "images" and b"Be terse." in body else set()
    assert asked == lost
