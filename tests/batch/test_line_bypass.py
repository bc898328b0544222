"""Lines with large payloads: translated as if nothing had gone around the codec."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from batch_lines import (
    MODEL,
    TWICE,
    answered,
    asked,
    contexts,
    gemini,
    one,
    openai,
    requests,
    responses,
    text,
    translated,
)
from bypass import SMALL, assert_bypass_is_unseen, base64_of, limits, picture, url_safe
from imagewire.batch import Reject, translate_line
from imagewire.batch.records import StoredContext

LONG = base64_of(900)
LARGE = {
    "a picture": gemini("a", answered(size=900)),
    "a picture in the other alphabet": gemini(
        "a", {"candidates": [{"content": {"parts": [picture(url_safe(LONG))]}}]}
    ),
    "two pictures, one of them twice": gemini(
        "a", {"candidates": [{"content": {"parts": [picture(LONG), picture(LONG)]}}]}
    ),
    "an id of base64 letters": gemini(LONG),
    "an id of a part that is long": gemini(LONG + "#1"),
    "a field of base64 letters": gemini("a", metadata=LONG),
    "an error of base64 letters": text({"key": "a", "error": {"code": 3, "message": LONG}}),
    "a status of base64 letters": text({"key": "a", "status": LONG}),
    "not base64": gemini("a", {"candidates": [{"content": {"parts": [picture(LONG + "!")]}}]}),
    "a part": gemini("a#1", answered(size=900)),
}


class TestBypass:
    """Pictures of a line go around the codec as those of a body do, with the same result."""

    @pytest.mark.parametrize("line", LARGE.values(), ids=LARGE)
    @pytest.mark.parametrize("target", ["chat", "gemini", "images"])
    def test_results(self, line: bytes, target: str) -> None:
        known = contexts(TWICE, StoredContext(LONG, 2))
        batch = responses(target=target)

        def call() -> Any:
            found = translate_line(line, batch, contexts=known)
            return found.record() if isinstance(found, Reject) else found

        assert_bypass_is_unseen(call)

    @pytest.mark.parametrize("target", ["chat", "images"])
    def test_merged_results(self, target: str) -> None:
        lines = [
            gemini("a#1", answered(size=900)),
            gemini("a#2", answered(size=900, seed=1), metadata="x"),
        ]
        call = partial(translated, responses(target=target), *lines, contexts=contexts(TWICE))

        assert_bypass_is_unseen(call)

    @pytest.mark.parametrize("target", ["chat", "gemini", "images"])
    def test_requests(self, target: str) -> None:
        content = [
            {"type": "text", "text": "a hat"},
            {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{LONG}"}},
        ]
        model = {"images": "gpt-image-2"}.get(target, MODEL)
        body = asked(messages=[{"role": "user", "content": content}], n=2, model=model)
        call = partial(one, requests(target=target), openai("a", body))

        assert LONG.encode() in bytes(assert_bypass_is_unseen(call).body)

    def test_the_bytes_of_a_picture_are_views_of_the_line(self) -> None:
        line = gemini("a", answered(size=900))

        with limits(**SMALL):
            found = one(responses(), line)

        views = [segment for segment in found.body if isinstance(segment, memoryview)]
        assert [line] == [view.obj for view in views]
