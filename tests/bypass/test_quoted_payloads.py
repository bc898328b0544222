"""Payloads where words or settings belong: what is told of them does not show the bypass."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

import imagewire
from bypass import assert_bypass_is_unseen, base64_of, picture, reply, url_safe, wrapped
from imagewire.redaction import clean

SHAPES: dict[str, Callable[[str], str]] = {
    "plain": str,
    "url-safe": url_safe,
    "uri": "data:image/png;base64,{}".format,
    **{f"lines of {width}": partial(wrapped, width=width) for width in (8, 33, 60, 64, 76, 200)},
    "lines of Windows": partial(wrapped, end="\r\n"),
    "uri in lines": lambda text: f"data:image/png;base64,{wrapped(text)}",
}


class TestQuotedPayloads:
    @pytest.mark.parametrize("size", [400, 100_000])
    @pytest.mark.parametrize("shape", SHAPES)
    @pytest.mark.parametrize("field", ["quality", "output_format", "image_size", "moderation"])
    def test_a_loss_does_not_show_the_bypass(self, field: str, shape: str, size: int) -> None:
        body = {"model": "m", "prompt": "a fox", field: SHAPES[shape](base64_of(size))}
        about: dict[str, Any] = {"source": "images", "target": "gemini"}
        about |= {"model": "gemini-3-pro-image"}

        found = assert_bypass_is_unseen(
            partial(imagewire.translate_request, json.dumps(body).encode(), **about)
        )

        assert f"$.{field}" in [loss.path for loss in found.losses]

    @pytest.mark.parametrize("shape", SHAPES)
    def test_the_sentence_around_it_is_whole(self, shape: str) -> None:
        """However long it is, though a text is cut."""
        text = SHAPES[shape](base64_of(300_000))

        assert "quality <data>: no such setting" == clean(f"quality {text}: no such setting")


@pytest.mark.parametrize(
    "words", ["a fox, a hat " * 30, "projects/p/models/" + "m" * 60 + " x" * 80]
)
def test_words_are_none(words: str) -> None:
    assert words == clean(words)


@pytest.mark.parametrize("target", imagewire.FORMATS)
@pytest.mark.parametrize("missing", [0, 1, 2])
def test_a_made_up_id_is_the_same_of_a_text_without_padding(missing: int, target: str) -> None:
    """Which ends a little earlier where its middle is cut out."""
    body = reply(picture(base64_of(300)), {"text": base64_of(300 - missing).rstrip("=")})

    found = assert_bypass_is_unseen(
        partial(imagewire.translate_response, body, source="gemini", target=target)
    )

    assert 200 == found.status
