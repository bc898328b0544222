"""Bodies of a format that is not known, where two formats have names in common."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from imagewire.errors import TranslationError
from imagewire.translate.recognition import recognised_request
from outcomes import keeps_itself

TOOL = {"type": "image_generation", "model": "gpt-image-2"}
RESPONSES: dict[str, Any] = {"model": "gpt-6.1", "input": "a fox", "tools": [TOOL]}
IMAGES: dict[str, Any] = {"model": "gpt-image-2", "prompt": "a fox"}


def recognised(body: Any) -> set[str]:
    """The formats that the marks of the request name."""
    return {extra.format for extra in recognised_request(body).value.extras}


class TestImagesAndResponses:
    @pytest.mark.parametrize(
        "fields",
        [{}, {"background": False}, {"moderation": {"a": 1}}, {"image": {"a": 1}}, {"prompt": ""}],
        ids=str,
    )
    def test_a_body_of_responses_is_never_one_of_images(self, fields: dict[str, Any]) -> None:
        assert {"responses"} == recognised({**RESPONSES, **fields})

    @pytest.mark.parametrize("fields", [{}, {"background": "opaque"}, {"store": False}], ids=str)
    def test_a_body_of_images_is_never_one_of_responses(self, fields: dict[str, Any]) -> None:
        assert {"responses"}.isdisjoint(recognised({**IMAGES, **fields}))

    @pytest.mark.parametrize(
        ("body", "path"),
        [
            ({**RESPONSES, "background": True}, "$.background"),
            ({**IMAGES, "size": "large"}, "$.size"),
            ({"model": "m", "messages": [{"role": "user", "content": 1}]}, "$.messages[0].content"),
        ],
        ids=["responses", "images", "chat"],
    )
    def test_what_is_wrong_is_said_by_the_format_that_it_is_of(self, body: Any, path: str) -> None:
        with pytest.raises(TranslationError) as caught:
            recognised_request(body)

        assert path == caught.value.path

    def test_an_error_that_is_gone_keeps_no_body(self) -> None:
        assert not keeps_itself(partial(recognised_request, {**IMAGES, "size": "large"}))
