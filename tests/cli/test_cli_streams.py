"""The command line writes the events of a reply, and reads events."""

from __future__ import annotations

import json

import pytest

import imagewire
from cases import DATA
from commands import run
from events import data_of
from streamed import STREAMS

WHOLE = DATA / "gemini_response_ok_seed.json"


@pytest.mark.parametrize("target", imagewire.FORMATS)
def test_a_reply_becomes_events(target: str) -> None:
    result = run("response", "--stream", "--from", "gemini", "--to", target, WHOLE)

    assert 0 == result.exit_code
    assert len(data_of(result.stdout_bytes)) >= 1
    assert "content-type: text/event-stream" in result.stderr


@pytest.mark.parametrize("source", imagewire.FORMATS)
def test_events_become_a_reply(source: str) -> None:
    result = run("response", "--from", source, "--to", "images", body=STREAMS[source])

    assert 1 == len(json.loads(result.stdout)["data"])


def test_the_wish_of_a_request_is_an_option() -> None:
    asked = b'{"model":"gemini-x","stream":true,"messages":[{"role":"user","content":"a fox"}]}'
    arguments = ("request", "--from", "chat", "--to", "gemini")

    refused = run(*arguments, body=asked)
    live = run(*arguments, "-O", "stream=live", body=asked)

    assert 1 == refused.exit_code
    assert "streamGenerateContent?alt=sse" in live.stderr
