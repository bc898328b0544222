"""Unknown fields of requests: settings, known bookkeeping, pictures, or nothing at all."""

from __future__ import annotations

from typing import Any

import pytest

import imagewire
from hub import PNG
from imagewire.rules.bookkeeping import BOOKKEEPING

MODEL = "gemini-nano-banana-2.1"
URI = f"data:image/png;base64,{PNG}"
BODIES: dict[str, dict[str, Any]] = {
    "chat": {"model": MODEL, "messages": [{"role": "user", "content": "a fox"}]},
    "gemini": {"contents": [{"role": "user", "parts": [{"text": "a fox"}]}]},
    "images": {"model": "gpt-image-2", "prompt": "a fox"},
}
OTHERS = {"chat": "gemini", "gemini": "images", "images": "chat"}
#: Fields of the hub in some formats, with losses of their own.
KNOWN = {"user", "safety_identifier"}


def levels(source: str, **fields: Any) -> list[tuple[str, str]]:
    """The losses of a request with some fields more, to another format."""
    model = "gpt-image-2" if OTHERS[source] != "gemini" else None
    result = imagewire.translate_request(
        BODIES[source] | fields, source=source, target=OTHERS[source], model=model
    )
    return [(loss.level, loss.path) for loss in result.losses]


@pytest.mark.parametrize("source", BODIES)
class TestUnknownFieldsOfRequests:
    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("negative_prompt", "blur"),
            ("frame_count", 4),
            ("new_seed", 0),
            ("web_search_options", {}),
            ("styles", ["oil"]),
        ],
    )
    def test_what_we_do_not_know_is_what_the_caller_asked_for(
        self, source: str, name: str, value: Any
    ) -> None:
        assert [("setting", f"$.{name}")] == levels(source, **{name: value})

    @pytest.mark.parametrize("name", sorted({*BOOKKEEPING, "litellm_trace_id"} - {"litellm_*"}))
    def test_known_bookkeeping_is_metadata(self, source: str, name: str) -> None:
        if name not in KNOWN:
            assert [("metadata", f"$.{name}")] == levels(source, **{name: {"a": "b"}})

    @pytest.mark.parametrize("value", [None, False, "", [], {}], ids=repr)
    def test_what_says_nothing_is_silent(self, source: str, value: Any) -> None:
        assert [] == levels(source, shiny=value, metadata=value)

    @pytest.mark.parametrize(
        "value",
        [URI, PNG, [{"image": URI}], {"a": {"b": PNG}}],
        ids=["uri", "base64", "list", "deep"],
    )
    @pytest.mark.parametrize("name", ["sketch", "metadata"])
    def test_a_picture_is_content(self, source: str, name: str, value: Any) -> None:
        """Whatever its name is."""
        assert [("content", f"$.{name}")] == levels(source, **{name: value})


class TestCacheControl:
    def test_it_is_bookkeeping_anywhere(self) -> None:
        part = {"type": "text", "text": "a fox", "cache_control": {"type": "ephemeral"}}
        messages = [{"role": "user", "content": [part], "cache_control": {"type": "ephemeral"}}]
        losses = levels("chat", messages=messages, cache_control={"type": "ephemeral"})

        assert {"metadata"} == {level for level, _ in losses}
        assert 3 == len(losses)


class TestUnknownFieldsOfReplies:
    def test_they_are_metadata_unless_they_hold_a_picture(self) -> None:
        body = {"data": [{"b64_json": PNG, "shiny": 1, "thumb": URI}]}
        reply = imagewire.translate_response(body, source="images", target="gemini")
        found = {loss.path: loss.level for loss in reply.losses}

        assert {"$.data[0].shiny": "metadata", "$.data[0].thumb": "content"} == found
