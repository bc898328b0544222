"""The openai client through the recipes' transport: Gemini answers, and no server is between."""

from __future__ import annotations

from typing import Any

import httpx2
import openai
import pytest

from cases import DATA, GEMINI_MODEL
from sdk_transport import Gemini
from sdks import PNG
from streamed import BROKEN, STREAMS, USAGE, Shown, shown_in_chat, shown_in_images

MESSAGES: Any = [{"role": "user", "content": "a fox"}]
KEY = "google-key"


class Google(httpx2.BaseTransport):
    """Google, who remembers what it was asked."""

    def __init__(self, body: bytes, status: int = 200) -> None:
        self.body, self.status = body, status
        self.asked: list[httpx2.Request] = []

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append(request)
        return httpx2.Response(self.status, content=self.body)


def client(google: Google) -> openai.OpenAI:
    transport = Gemini(KEY, httpx2.Client(transport=google))
    http = httpx2.Client(transport=transport)
    return openai.OpenAI(api_key="not used", max_retries=0, http_client=http)


def payload(name: str) -> bytes:
    return (DATA / f"{name}.json").read_bytes()


class TestTransport:
    def test_a_picture(self) -> None:
        google = Google(payload("gemini_response_ok_seed"))

        found = client(google).images.generate(model=GEMINI_MODEL, prompt="a fox", n=2)

        assert found.data is not None
        assert 2 == len(found.data) == len(google.asked)
        assert {KEY} == {call.headers["x-goog-api-key"] for call in google.asked}

    def test_a_stream_of_a_chat(self) -> None:
        google = Google(STREAMS["gemini"])
        usage: Any = {"include_usage": True}

        with client(google).chat.completions.create(
            model=GEMINI_MODEL, messages=MESSAGES, stream=True, stream_options=usage
        ) as stream:
            told = shown_in_chat(stream)

        assert Shown([PNG], 0, "Here it is.", "stop", USAGE) == told
        [asked] = google.asked
        assert asked.url.path.endswith(":streamGenerateContent")

    @pytest.mark.parametrize("kind", ["generate", "edit"])
    def test_a_stream_of_pictures(self, kind: str) -> None:
        images = client(Google(STREAMS["gemini"])).images
        asked: Any = {"model": GEMINI_MODEL, "prompt": "a fox", "stream": True}
        asked["partial_images"] = 2

        if kind == "edit":
            asked["image"] = PNG
        stream: Any = getattr(images, kind)(**asked)

        assert Shown([PNG], 1, "", None, USAGE) == shown_in_images(stream)

    def test_an_error_has_its_status(self) -> None:
        google = Google(payload("google_error_503_unavailable"), 503)

        with pytest.raises(openai.InternalServerError) as caught:
            client(google).chat.completions.create(
                model=GEMINI_MODEL, messages=MESSAGES, stream=True
            )

        assert 503 == caught.value.status_code

    def test_a_stream_that_fails_is_raised(self) -> None:
        stream = client(Google(BROKEN["gemini"])).chat.completions.create(
            model=GEMINI_MODEL, messages=MESSAGES, stream=True
        )

        with pytest.raises(openai.APIError, match="overloaded"):
            list(stream)

    def test_a_wrong_question_is_answered_here(self) -> None:
        google = Google(b"")

        with pytest.raises(openai.BadRequestError) as caught:
            client(google).images.generate(model=GEMINI_MODEL, prompt="a fox", n=11)

        assert ("n", []) == (caught.value.param, google.asked)

    def test_what_makes_no_images_is_refused(self) -> None:
        with pytest.raises(openai.APIConnectionError):
            client(Google(b"")).embeddings.create(model="m", input="a")
