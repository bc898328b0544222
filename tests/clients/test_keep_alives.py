"""Keep-alives of the recipes' proxy: a client that has to wait hears something."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import httpx2
import openai
import pybase64
import pytest
from google.genai import errors
from starlette.applications import Starlette

from proxied import CLIENT_KEY, UPSTREAMS, Clients, sample
from proxy import Proxy, make_app
from sdks import PNG
from streamed import BROKEN, EVENTS, STREAMS, USAGE, Shown, chat, content, generate

FACES: dict[str, Callable[[Clients], Shown]] = {
    "chat": chat,
    "generate": generate,
    "content": content,
}


class Slow(Clients):
    """Clients of a proxy without patience, whose upstream lets the others run first."""

    @property
    def app(self) -> Starlette:
        http = httpx.AsyncClient(transport=httpx.MockTransport(self.answer))
        return make_app(Proxy(UPSTREAMS, {CLIENT_KEY}, http, self.target, patience=0.0))

    async def answer(self, call: httpx.Request) -> httpx.Response:
        await pause()
        status, headers, body = self.upstream(call)
        return httpx.Response(status, headers=headers, content=slowly(body))


async def slowly(body: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(body), 200):
        await pause()
        yield body[start : start + 200]


async def pause() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


def slow(target: str, status: int, headers: dict[str, str], body: bytes) -> Slow:
    return Slow(lambda _: (status, headers, body), target=target)


@pytest.mark.parametrize("face", FACES)
@pytest.mark.parametrize("upstream", ["chat", "gemini", "images"])
class TestKeepAlives:
    def test_a_client_passes_over_them(self, upstream: str, face: str) -> None:
        told = FACES[face](slow(upstream, 200, EVENTS, STREAMS[upstream]))

        assert ([PNG], USAGE) == (told.pictures, told.usage)

    def test_they_never_come_between_the_pieces_of_a_picture(
        self, upstream: str, face: str
    ) -> None:
        """A large picture leaves in several segments."""
        large = PNG + bytes(100_000)
        data = pybase64.b64encode(large)
        body = STREAMS[upstream].replace(pybase64.b64encode(PNG), data)

        assert [large] == FACES[face](slow(upstream, 200, EVENTS, body)).pictures

    def test_a_failure_within_the_stream_is_raised(self, upstream: str, face: str) -> None:
        with pytest.raises((openai.APIError, errors.APIError)) as caught:
            FACES[face](slow(upstream, 200, EVENTS, BROKEN[upstream]))

        assert "overloaded" in str(caught.value)

    def test_an_error_status_that_comes_too_late_is_an_event(
        self, upstream: str, face: str
    ) -> None:
        name = (
            "google_error_503_unavailable"
            if upstream == "gemini"
            else ("openai_error_500_server_error")
        )
        answer: Any = sample(name)

        with pytest.raises((openai.APIError, errors.APIError)) as caught:
            FACES[face](slow(upstream, *answer))

        assert not isinstance(caught.value, openai.APIStatusError)

    def test_a_whole_reply_follows_them(self, upstream: str, face: str) -> None:
        names = {
            "chat": "chat_response_openrouter_images",
            "gemini": "gemini_response_ok_seed",
            "images": "images_response_seed_minimal",
        }
        answer: Any = sample(names[upstream])

        assert [PNG] == FACES[face](slow(upstream, *answer)).pictures


@pytest.mark.parametrize(("face", "first"), [("chat", b": keep-alive\n\n"), ("gemini", b"\r\n")])
def test_they_go_out_before_anything_else(face: str, first: bytes) -> None:
    clients = slow("gemini", 200, EVENTS, STREAMS["gemini"])
    gemini = "/v1beta/models/gemini-2.5-flash-image:streamGenerateContent?alt=sse"
    paths = {"chat": "/v1/chat/completions", "gemini": gemini}
    asked: dict[str, Any] = {
        "chat": {"model": "m", "stream": True, "messages": [{"role": "user", "content": "a"}]},
        "gemini": {"contents": [{"parts": [{"text": "a"}]}]},
    }

    async def ask() -> bytes:
        transport = httpx2.ASGITransport(clients.app)
        async with httpx2.AsyncClient(transport=transport, base_url="https://p") as http:
            key = {"authorization": f"Bearer {CLIENT_KEY}"}
            return (await http.post(paths[face], json=asked[face], headers=key)).content

    assert asyncio.run(ask()).startswith(first)
