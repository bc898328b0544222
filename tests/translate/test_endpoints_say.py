"""What a matched endpoint says of a request: the model of its path, an edit, a list of models."""

from __future__ import annotations

import json
from typing import Any

import pytest

import hub
import imagewire
from imagewire import Endpoint

WORDS = {"prompt": "a fox"}


def translated(body: dict[str, Any], source: Endpoint, target: str) -> imagewire.TranslatedRequest:
    return imagewire.translate_request(body, source=source, target=target)


class TestPathModel:
    @pytest.mark.parametrize("target", ["images", "gemini", "chat"])
    def test_it_wins_over_the_bodys_which_is_reported(self, target: str) -> None:
        """In what is read, in the context and in what is sent."""
        source = Endpoint("images", model="my-deployment")
        body = {"model": "other", **WORDS}
        result = translated(body, source, target)

        assert ["my-deployment"] * 3 == [
            result.model,
            result.context.model,
            imagewire.read_model(body, source=source),
        ]
        assert [("ignored_model", "$.model")] == [
            (loss.code, loss.path) for loss in result.losses if loss.path == "$.model"
        ]

    def test_it_wins_in_gemini_too(self) -> None:
        body = {"model": "models/other", "contents": [{"parts": [{"text": "a fox"}]}]}
        source = Endpoint("gemini", model=hub.MODEL)
        result = translated(body, source, "gemini")

        assert (hub.MODEL, None) == (result.model, json.loads(bytes(result.body)).get("model"))
        assert ["ignored_model"] == [loss.code for loss in result.losses]

    @pytest.mark.parametrize("body", [WORDS, {"model": "d", **WORDS}])
    def test_the_same_model_in_both_is_no_loss(self, body: dict[str, Any]) -> None:
        assert () == translated(body, Endpoint("images", model="d"), "images").losses


class TestOperations:
    @pytest.mark.parametrize("target", ["images", "gemini", "chat"])
    def test_an_edit_without_an_image_is_refused(self, target: str) -> None:
        """Never a generation in its place (lidge-jun/opencodex issue 2083)."""
        with pytest.raises(imagewire.InexpressibleError, match="needs an image") as caught:
            translated({"model": "m", **WORDS}, Endpoint("images", "edit"), target)

        assert (400, "image") == (caught.value.status, caught.value.param)

    def test_an_edit_with_an_image_is_translated(self) -> None:
        body = {"model": "m", **WORDS, "image": f"data:image/png;base64,{hub.PNG}"}

        assert "/v1/images/edits" == translated(body, Endpoint("images", "edit"), "images").path

    def test_a_list_of_models_is_no_request_for_images(self) -> None:
        with pytest.raises(imagewire.UnsupportedError, match="list of models"):
            translated({}, Endpoint("chat", "models"), "gemini")


class TestCheckRequest:
    @pytest.mark.parametrize("value", hub.REQUESTS.values(), ids=hub.REQUESTS)
    @pytest.mark.parametrize("target", imagewire.FORMATS)
    def test_it_gives_the_losses_of_the_translation_or_raises_the_same(
        self, value: Any, target: str
    ) -> None:
        body = bytes(imagewire.gemini.write_request(value).value.body) if _fits(value) else b"{}"

        assert _outcome(imagewire.translate_request, body, target) == _outcome(
            imagewire.check_request, body, target
        )


def _fits(value: Any) -> bool:
    try:
        imagewire.gemini.write_request(value)
    except imagewire.TranslationError:
        return False
    return True


def _outcome(call: Any, body: bytes, target: str) -> Any:
    try:
        result = call(body, source="gemini", target=target, model=hub.MODEL)
    except imagewire.TranslationError as error:
        return type(error), str(error)
    return getattr(result, "losses", result)
