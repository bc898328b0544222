"""The recipes' proxy under uvicorn, on sockets: blocking clients before, an upstream behind it."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import openai
import pybase64
import pytest
import uvicorn
from google import genai
from google.genai import types
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

import proxy
from cases import DATA, GEMINI_MODEL
from image_sdks import read_form
from proxied import Seen, seen_in_chat, seen_in_google, seen_in_images
from sdks import PNG
from streamed import STREAMS, USAGE, Shown, shown_in_chat, shown_in_google, shown_in_images

#: Larger than any buffer on its way, so that it travels in pieces.
LARGE = PNG + bytes(3_000_000)

REPLIES = {
    "/v1/images/": msgspec.json.encode(
        {"created": 1735689600, "data": [{"b64_json": pybase64.b64encode_as_string(LARGE)}]}
    ),
    "/v1beta/models/": (DATA / "gemini_response_ok_seed.json").read_bytes(),
}

Call = tuple[str, dict[str, str], bytes]
Start = Callable[[str], str]


@contextlib.contextmanager
def bound() -> Iterator[tuple[socket.socket, str]]:
    """A socket at a port of its own, where nobody listens, and its address."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        yield found, f"http://127.0.0.1:{found.getsockname()[1]}"


@contextlib.contextmanager
def served(app: Starlette) -> Iterator[str]:
    """The address at which uvicorn serves an app, in a thread of its own."""
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", ws="none", lifespan="off"))
    with bound() as (found, address):
        found.listen()  # calls wait for the server to begin
        thread = threading.Thread(target=server.run, args=([found],))
        thread.start()
        try:
            yield address
        finally:
            server.should_exit = True
            thread.join()


@pytest.fixture
def calls() -> list[Call]:
    """What the upstream was asked: path, headers and body."""
    return []


@pytest.fixture
def upstream(calls: list[Call]) -> Iterator[str]:
    """Google and OpenAI at one address."""

    async def answer(call: Request) -> Response:
        path = call.url.path
        calls.append((path, dict(call.headers), await call.body()))
        [body] = [body for start, body in REPLIES.items() if path.startswith(start)]
        body = STREAMS["gemini"] if path.endswith(":streamGenerateContent") else body
        # Without a connection to keep, the proxy has none to close.
        return Response(body, headers={"connection": "close"}, media_type="application/json")

    with served(Starlette(routes=[Route("/{path:path}", answer, methods=["POST"])])) as address:
        yield address


@pytest.fixture
def start(monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """What ``uvicorn --factory proxy:from_env`` does, in front of an upstream."""
    with contextlib.ExitStack() as stack:

        def run(upstream: str) -> str:
            for name in ("GEMINI", "OPENAI"):
                monkeypatch.setenv(f"{name}_URL", upstream)
                monkeypatch.setenv(f"{name}_API_KEY", f"{name.lower()}-key")
            monkeypatch.setenv("PROXY_KEYS", "key-1 key-2")
            monkeypatch.setenv("NO_PROXY", "127.0.0.1")  # whatever proxy the machine has
            return stack.enter_context(served(proxy.from_env()))

        yield run


def openai_client(address: str, key: str = "key-2") -> openai.OpenAI:
    return openai.OpenAI(api_key=key, base_url=f"{address}/v1", max_retries=0)


class TestServed:
    def test_the_openai_client_has_a_picture_of_gemini(
        self, start: Start, upstream: str, calls: list[Call]
    ) -> None:
        with openai_client(start(upstream)) as client:
            found: Any = client.chat.completions.create(
                model=GEMINI_MODEL, messages=[{"role": "user", "content": "a fox"}]
            )
        text = "Here is your otter wearing a top hat!"
        assert Seen([PNG], text, "stop", (12, 1290, 1302)) == seen_in_chat(found)
        [(path, headers, _)] = calls
        assert f"/v1beta/models/{GEMINI_MODEL}:generateContent" == path
        assert "gemini-key" == headers["x-goog-api-key"]

    def test_large_pictures_go_both_ways(
        self, start: Start, upstream: str, calls: list[Call]
    ) -> None:
        with openai_client(start(upstream)) as client:
            found = client.images.edit(model="gpt-image-2", prompt="add a hat", image=LARGE)
        assert Seen([LARGE], None, None, None) == seen_in_images(found)
        [(path, headers, body)] = calls
        assert ("/v1/images/edits", "Bearer openai-key") == (path, headers["authorization"])
        assert [LARGE] == [file.data for file in read_form(body, headers["content-type"]).images]

    def test_google_s_client_has_a_picture_of_openai(
        self, start: Start, upstream: str, calls: list[Call]
    ) -> None:
        options = types.HttpOptions(base_url=start(upstream))
        with genai.Client(api_key="key-1", http_options=options) as client:
            found = client.models.generate_content(model="gpt-image-2", contents="a fox")
        assert Seen([LARGE], None, "STOP", None) == seen_in_google(found)
        assert ["/v1/images/generations"] == [path for path, _, _ in calls]

    def test_the_openai_client_streams_a_chat(
        self, start: Start, upstream: str, calls: list[Call]
    ) -> None:
        with openai_client(start(upstream)) as client:
            chunks = client.chat.completions.create(
                model=GEMINI_MODEL,
                messages=[{"role": "user", "content": "a fox"}],
                stream=True,
                stream_options={"include_usage": True},
            )
            told = shown_in_chat(chunks)
        assert Shown([PNG], 0, "Here it is.", "stop", USAGE) == told
        assert [f"/v1beta/models/{GEMINI_MODEL}:streamGenerateContent"] == [c[0] for c in calls]

    def test_the_openai_client_streams_a_picture_of_an_upstream_that_does_not(
        self, start: Start, upstream: str
    ) -> None:
        with openai_client(start(upstream)) as client:
            events = client.images.generate(model="gpt-image-2", prompt="a fox", stream=True)
            told = shown_in_images(events)
        assert Shown([LARGE], 0, "", None, None) == told

    def test_google_s_client_streams(self, start: Start, upstream: str) -> None:
        options = types.HttpOptions(base_url=start(upstream))
        with genai.Client(api_key="key-1", http_options=options) as client:
            pieces = client.models.generate_content_stream(model=GEMINI_MODEL, contents="a fox")
            told = shown_in_google(pieces)
        assert Shown([PNG], 1, "Here it is.", "STOP", USAGE) == told

    def test_a_stranger_is_turned_away(
        self, start: Start, upstream: str, calls: list[Call]
    ) -> None:
        client = openai_client(start(upstream), "key-3")
        with client, pytest.raises(openai.AuthenticationError):
            client.images.generate(model="gpt-image-2", prompt="a fox")
        assert [] == calls

    def test_where_nobody_listens_no_upstream_answers(self, start: Start) -> None:
        with bound() as (_, nobody):
            client = openai_client(start(nobody))
            with client, pytest.raises(openai.InternalServerError) as caught:
                client.images.generate(model="gpt-image-2", prompt="a fox")
        assert (503, "server_is_overloaded") == (caught.value.status_code, caught.value.code)
