"""Lines of a batch never stream, whatever their requests wish."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

import hub
from imagewire import Options, ReplyContext
from imagewire.batch import Batch, Line, Reject, StoredContext, translate_lines

ASKED = {
    "custom_id": "a",
    "body": {
        "model": hub.MODEL,
        "stream": True,
        "messages": [{"role": "user", "content": "a fox"}],
    },
}
MADE = {"candidates": [{"content": {"parts": [{"inlineData": {"data": hub.PNG}}]}}]}


def one(document: Any, contexts: Any = None, **about: Any) -> Line | Reject:
    batch = Batch(**about)
    [found] = translate_lines([msgspec.json.encode(document)], batch, contexts=contexts)
    return found


def test_a_wish_is_refused_by_default() -> None:
    assert isinstance(one(ASKED, source="chat", target="gemini"), Reject)


@pytest.mark.parametrize("stream", ["whole", "live"])
def test_else_it_is_passed_over(stream: Any) -> None:
    line = one(ASKED, source="chat", target="chat", options=Options(stream=stream))

    assert isinstance(line, Line)
    assert "stream" not in msgspec.json.decode(bytes(line.body))["body"]


def test_a_reply_is_whole() -> None:
    stored = StoredContext("a", 1, ReplyContext(model="m", stream="sse"))

    line = one(
        {"key": "a", "response": MADE},
        {"a": stored},
        source="gemini",
        target="chat",
        kind="response",
    )

    assert isinstance(line, Line)
    assert "chat.completion" == msgspec.json.decode(bytes(line.body))["response"]["body"]["object"]
