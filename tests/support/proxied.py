"""The official clients in front of the recipe's proxy, which asks an upstream that remembers."""

# Everything is real but the wires: both packages speak to the proxy as an ASGI app, and the proxy's
# own client to an upstream that answers from memory.

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import attrs
import httpx
import httpx2
import msgspec
import openai
import pybase64
from google import genai
from google.genai import types
from starlette.applications import Starlette

from cases import DATA, GEMINI_MODEL
from image_sdks import Form, read_form
from imagewire import Options
from proxy import OPTIONS as PROXY_OPTIONS
from proxy import Proxy, make_app

T = TypeVar("T")

CLIENT_KEY = "client-key"
UPSTREAMS = {
    name: (f"https://{name}.example", f"{name}-key")
    for name in ("chat", "gemini", "images", "responses")
}
#: What the recipe's proxy asks for, with a mainline model for an upstream of the Responses API.
OPTIONS = attrs.evolve(PROXY_OPTIONS, responses_model="gpt-6.1")

#: The model that an upstream of each format is asked for.
MODELS = {
    "chat": GEMINI_MODEL,
    "gemini": GEMINI_MODEL,
    "images": "gpt-image-2",
    "responses": "gpt-image-2",
}

#: What an upstream does with a call: status, headers and body, or the error of its connection.
Answer = tuple[int, dict[str, str], bytes] | Exception


def sample(name: str, **headers: str) -> Answer:
    """A payload of the data; an error's name tells its status."""
    status = name.split("_")[2] if "_error_" in name else "200"
    body = (DATA / f"{name}.json").read_bytes()
    return int(status), {"content-type": "application/json", **headers}, body


class Upstream:
    """What gives its answers in turn, the last one for ever, and remembers the calls."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = answers
        self.calls: list[httpx.Request] = []

    def __call__(self, call: httpx.Request) -> httpx.Response:
        self.calls.append(call)
        answer = self.answers[min(len(self.calls), len(self.answers)) - 1]
        if isinstance(answer, Exception):
            raise answer
        status, headers, body = answer
        return httpx.Response(status, headers=headers, content=body)

    @property
    def asked(self) -> httpx.Request:
        """The one call."""
        [call] = self.calls
        return call

    @property
    def document(self) -> Any:
        """The body of the one call, where it is JSON."""
        return msgspec.json.decode(self.asked.content)

    @property
    def form(self) -> Form:
        """The body of the one call, where it is a form."""
        return read_form(self.asked.content, self.asked.headers["content-type"])


@attrs.frozen
class Clients:
    """Both clients, in front of a proxy that has this upstream for every format."""

    upstream: Callable[[httpx.Request], Any]
    target: str = "native"
    retries: int = 0
    key: str = CLIENT_KEY
    vertex: bool = False
    options: Options = OPTIONS

    @property
    def app(self) -> Starlette:
        http = httpx.AsyncClient(transport=httpx.MockTransport(self.upstream))
        return make_app(Proxy(UPSTREAMS, {CLIENT_KEY}, http, self.target, self.options))

    def openai(self, ask: Callable[[openai.AsyncOpenAI], Awaitable[T]]) -> T:
        """What the openai client makes of it."""

        async def run() -> T:
            async with httpx2.AsyncClient(transport=httpx2.ASGITransport(self.app)) as http:
                return await ask(
                    openai.AsyncOpenAI(
                        api_key=self.key,
                        base_url="https://proxy.example/v1",
                        max_retries=self.retries,
                        http_client=http,
                    )
                )

        return asyncio.run(run())

    def google(self, ask: Callable[[genai.client.AsyncClient], Awaitable[T]]) -> T:
        """What google-genai makes of it."""

        async def run() -> T:
            async with httpx2.AsyncClient(transport=httpx2.ASGITransport(self.app)) as http:
                options = types.HttpOptions(
                    base_url="https://proxy.example",
                    httpx_client=httpx2.Client(transport=httpx2.MockTransport(_unused)),
                    httpx_async_client=http,
                )
                client = genai.Client(api_key=self.key, vertexai=self.vertex, http_options=options)
                return await ask(client.aio)

        return asyncio.run(run())

    def chat(self, content: Any = "a fox", **params: Any) -> Any:
        """What ``chat.completions.create`` returns."""
        asked = {"model": self.model, "messages": [{"role": "user", "content": content}], **params}
        return self.openai(lambda client: client.chat.completions.create(**asked))

    def respond(self, input: Any = "a fox", **tool: Any) -> Any:  # noqa: A002 - the API's name
        """What ``responses.create`` returns."""
        asked = self.asked_of_responses(input, **tool)
        return self.openai(lambda client: client.responses.create(**asked))

    def asked_of_responses(self, input: Any, **tool: Any) -> Any:  # noqa: A002 - the API's name
        """The arguments of ``responses.create``: a mainline model, and the image tool."""
        drawing = {"type": "image_generation", "model": self.model, **tool}
        return {"model": "gpt-6.1", "input": input, "tools": [drawing]}

    def generate(self, **params: Any) -> Any:
        """What ``images.generate`` returns."""
        asked = {"model": self.model, "prompt": "a fox", **params}
        return self.openai(lambda client: client.images.generate(**asked))

    def edit(self, image: Any, **params: Any) -> Any:
        """What ``images.edit`` returns."""
        asked = {"model": self.model, "prompt": "add a hat", "image": image, **params}
        return self.openai(lambda client: client.images.edit(**asked))

    def content(self, contents: Any = "a fox", **config: Any) -> Any:
        """What ``models.generate_content`` returns."""
        asked = types.GenerateContentConfig(**config) if config else None
        return self.google(
            lambda client: client.models.generate_content(
                model=self.model, contents=contents, config=asked
            )
        )

    @property
    def model(self) -> str:
        return MODELS.get(self.target, GEMINI_MODEL)


def _unused(call: httpx2.Request) -> httpx2.Response:
    msg = f"nobody asks {call.url} in blocking fashion"
    raise AssertionError(msg)


@attrs.frozen
class Seen:
    """What a client shows of a reply: its pictures, words, end and counts of tokens."""

    pictures: list[bytes]
    text: str | None
    finish: str | None
    usage: tuple[int, int, int] | None


def of_uri(url: str) -> bytes:
    return pybase64.b64decode(url.partition(";base64,")[2], validate=True)


def seen_in_chat(found: Any) -> Seen:
    [choice] = found.choices
    content = choice.message.content
    parts = content if isinstance(content, list) else [{"type": "text", "text": content}]
    usage = found.usage
    return Seen(
        [of_uri(part["image_url"]["url"]) for part in parts if part["type"] == "image_url"],
        "".join(part["text"] for part in parts if part["type"] == "text" and part["text"]) or None,
        choice.finish_reason,
        usage and (usage.prompt_tokens, usage.completion_tokens, usage.total_tokens),
    )


def seen_in_images(found: Any) -> Seen:
    usage = found.usage
    return Seen(
        [pybase64.b64decode(item.b64_json, validate=True) for item in found.data],
        None,
        None,
        usage and (usage.input_tokens, usage.output_tokens, usage.total_tokens),
    )


def seen_in_responses(found: Any) -> Seen:
    usage = found.tool_usage and found.tool_usage.image_gen
    calls = [item for item in found.output if item.type == "image_generation_call"]
    return Seen(
        [pybase64.b64decode(call.result, validate=True) for call in calls if call.result],
        found.output_text or None,
        found.status,
        usage and (usage.input_tokens, usage.output_tokens, usage.total_tokens),
    )


def seen_in_google(found: Any) -> Seen:
    """Drafts are left out, as the client's own ``text`` leaves out thoughts."""
    usage = found.usage_metadata
    [candidate] = found.candidates
    parts = [part for part in candidate.content.parts if not part.thought]
    return Seen(
        [part.inline_data.data for part in parts if part.inline_data],
        "".join(part.text for part in parts if part.text) or None,
        candidate.finish_reason.name,
        usage
        and (
            usage.prompt_token_count,
            usage.candidates_token_count + (usage.thoughts_token_count or 0),
            usage.total_token_count,
        ),
    )
