"""Model ids of chat requests: how they are spelled, and what is none."""

from __future__ import annotations

from typing import Any

import pytest

import imagewire
from chat_bodies import USER, request_of, sent, translate_request
from hub import MODEL
from imagewire.errors import InvalidModelError, TranslationError


class TestModels:
    @pytest.mark.parametrize(
        ("given", "spelling", "expected"),
        [
            (f"google/{MODEL}", "as_given", f"google/{MODEL}"),
            (MODEL, "as_given", MODEL),
            (f"models/{MODEL}", "as_given", f"models/{MODEL}"),
            (f"google/{MODEL}", "bare", MODEL),
            (f"publishers/google/models/{MODEL}", "bare", MODEL),
            (MODEL, "prefixed", f"google/{MODEL}"),
            ("gpt-image-2", "prefixed", "openai/gpt-image-2"),
            ("openai/gpt-image-2", "bare", "gpt-image-2"),
            ("my-model", "prefixed", "my-model"),
        ],
    )
    def test_the_model_is_spelled_as_asked(self, given: str, spelling: Any, expected: str) -> None:
        options = imagewire.Options(model_ids=spelling)

        translated = translate_request({**request_of(), "model": given}, "chat", options)

        assert (expected, given) == (sent(translated)["model"], translated.context.model)

    def test_a_known_model_of_a_gemini_path_gets_its_prefix(self) -> None:
        translated = imagewire.translate_request(
            {"contents": [{"parts": [{"text": "a fox"}]}]},
            source=imagewire.Endpoint("gemini", "generate", MODEL),
            target="chat",
        )

        assert f"google/{MODEL}" == sent(translated)["model"]

    @pytest.mark.parametrize("model", ["", "a\nb", "x" * 257], ids=["empty", "control", "long"])
    def test_what_is_no_model_id_is_refused(self, model: str) -> None:
        with pytest.raises(InvalidModelError) as caught:
            translate_request({**request_of(), "model": model}, "chat")

        assert "model" == caught.value.param

    def test_a_model_is_required(self) -> None:
        with pytest.raises(TranslationError) as caught:
            translate_request({"messages": [USER]}, "chat")

        assert ("model", 400) == (caught.value.param, caught.value.status)

    def test_the_callers_model_stands_in_where_the_body_names_none(self) -> None:
        found = imagewire.chat.read_request({"messages": [USER]}, model=f"google/{MODEL}").value

        assert (MODEL, f"google/{MODEL}") == (found.model, found.model_as_given)
