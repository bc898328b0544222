"""A proxy: a client speaks the format it likes, and a model is asked in its own.

A client that asks for a stream gets events as they come, and keep-alives while a model thinks.

GEMINI_API_KEY=... OPENAI_API_KEY=... PROXY_KEYS="key-1 key-2" uvicorn --factory proxy:from_env
"""

import asyncio
import os
import time
from collections.abc import AsyncGenerator, AsyncIterator, Container, Mapping
from typing import Any

import attrs
import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.routing import Route

import imagewire
from imagewire import Failure, Options, Reply, TranslatedRequest, TranslatedResponse
from imagewire import FailureKind as K

Segments = tuple[bytes | memoryview, ...]

# Ids as OpenAI and Google themselves spell them; streams for those who ask.
OPTIONS = Options(model_ids="bare", stream="live")
NOWHERE = Failure(kind=K.NOT_FOUND, status=404, message="no such endpoint")
STRANGER = Failure(kind=K.AUTHENTICATION, status=401, message="unknown API key")
LATE = Failure(kind=K.TIMEOUT, status=504, message="the upstream timed out", retryable=True)
GONE = Failure(kind=K.UNAVAILABLE, status=503, message="no upstream answers", retryable=True)
BROKEN = Failure(kind=K.INTERNAL, status=502, message="the upstream's answer is of no use")
OUR_TROUBLE = {K.AUTHENTICATION, K.PERMISSION, K.PRECONDITION, K.BILLING, K.QUOTA}  # no client's


@attrs.define
class Call:
    """A client's request on its way, and the head of what it is answered with."""

    face: str
    request: TranslatedRequest
    begun: bool = False  # whether a 200 went out, with a keep-alive
    status: int | None = None
    headers: dict[str, str] | None = None
    translator: imagewire.StreamTranslator | None = None

    def error(self, failure: Failure) -> TranslatedResponse:
        context = self.request.context
        return imagewire.render_error(failure, target=self.face, context=context, begun=self.begun)

    def begin(self) -> None:
        self.begun = True
        self.status, self.headers = 200, self.error(GONE).headers  # those of any stream
        if self.translator is not None:
            self.translator.begun = True


@attrs.frozen
class Proxy:
    upstreams: Mapping[str, tuple[str, str]]  # by format: the base URL, and our key for it
    keys: Container[str | None]  # our clients'
    http: httpx.AsyncClient
    target: str = "native"  # the format of the upstream that serves the model
    options: Options = OPTIONS  # `responses_model` for an upstream of the Responses API
    patience: float = 15.0  # seconds of silence that a client bears

    async def handle(self, call: Request) -> StreamingResponse:
        face = imagewire.match_endpoint(call.method, f"{call.url.path}?{call.url.query}")
        if face is None:
            return whole(imagewire.render_error(NOWHERE, target="chat"))
        try:
            if imagewire.read_credentials(call.headers, call.url.query) not in self.keys:
                return whole(imagewire.render_error(STRANGER, target=face.format))
            request = imagewire.translate_request(
                await call.body(),
                source=face,
                target=self.target,
                content_type=call.headers.get("content-type", "application/json"),
                options=self.options,
            )
        except imagewire.TranslationError as error:
            return whole(imagewire.render_error(error, target=face.format))
        asked = Call(face.format, request)
        if request.context.stream is None:
            return whole(await self.answer(asked))
        pieces = self.kept_alive(asked)
        first = await anext(pieces)  # now the status is known, or that it will be a 200
        return StreamingResponse(chained(first, pieces), asked.status or 200, asked.headers)

    async def answer(self, call: Call) -> TranslatedResponse:
        request = call.request
        try:
            replies = await asyncio.gather(*(self.ask(request) for _ in range(request.repeat)))
            reply = imagewire.translate_responses(
                replies,
                source=request.target,
                target=call.face,
                context=request.context,
                created=int(time.time()),
                begun=call.begun,
                options=self.options,
            )
        except imagewire.TranslationError as error:
            return call.error(error.failure)
        return call.error(BROKEN) if is_ours(reply.failure) else reply

    async def ask(self, request: TranslatedRequest) -> Reply | Failure:
        try:
            got = await self.http.request(**self.told(request))
        except httpx.TimeoutException:
            return LATE
        except httpx.TransportError:
            return GONE
        except httpx.DecodingError:
            return BROKEN
        return Reply(got.content, got.status_code, got.headers)

    def told(self, request: TranslatedRequest) -> dict[str, Any]:
        base, key = self.upstreams[request.target]
        headers = request.headers | imagewire.credential_headers(request.target, key)
        url = base + request.path
        return {"method": "POST", "url": url, "headers": headers, "content": bytes(request.body)}

    async def events(self, call: Call) -> AsyncGenerator[Segments, None]:
        """What is sent, whole events at a time; the head is in the call before the first."""
        if call.request.stream:
            try:
                async with self.http.stream(**self.told(call.request)) as upstream:
                    async for segments in self.live(call, upstream):
                        yield segments
            except httpx.TimeoutException:
                reply = call.error(LATE)
            except httpx.TransportError:
                reply = call.error(GONE)
            else:
                return
        else:
            reply = await self.answer(call)
        call.status, call.headers = reply.status, reply.headers
        yield tuple(reply.body)

    async def live(self, call: Call, upstream: httpx.Response) -> AsyncIterator[Segments]:
        stream = call.translator = imagewire.StreamTranslator(
            source=call.request.target,
            target=call.face,
            status=upstream.status_code,
            headers=upstream.headers,
            context=call.request.context,
            created=int(time.time()),
            begun=call.begun,
            options=self.options,
        )
        sent = False
        try:
            async for data in upstream.aiter_bytes():
                if segments := stream.feed(data):
                    call.status, call.headers, sent = stream.status, stream.headers, True
                    yield segments
        except httpx.HTTPError:
            pass  # a stream that breaks says so when it is closed
        left = stream.close()
        call.status, call.headers = stream.status, stream.headers
        if is_ours(stream.failure) and not sent:
            reply = call.error(BROKEN)
            call.status, call.headers, left = reply.status, reply.headers, tuple(reply.body)
        yield left

    async def kept_alive(self, call: Call) -> AsyncIterator[bytes | memoryview]:
        """The events, and between them a keep-alive wherever the client's patience would end."""
        events = self.events(call)
        waiting = asyncio.ensure_future(anext(events, None))
        try:
            while True:
                await asyncio.wait([waiting], timeout=self.patience)
                if not waiting.done():
                    call.begin()
                    yield imagewire.keep_alive(call.face)
                elif (segments := waiting.result()) is None:
                    return
                else:
                    for segment in segments:
                        yield segment
                    waiting = asyncio.ensure_future(anext(events, None))
        finally:
            waiting.cancel()
            await asyncio.wait([waiting])
            await events.aclose()


def is_ours(failure: Failure | None) -> bool:
    return failure is not None and failure.kind in OUR_TROUBLE


def whole(reply: TranslatedResponse) -> StreamingResponse:
    headers = reply.headers | {"content-length": str(len(reply.body))}
    return StreamingResponse(reply.body, reply.status, headers)


async def chained(
    first: bytes | memoryview, pieces: AsyncIterator[bytes | memoryview]
) -> AsyncIterator[bytes | memoryview]:
    yield first
    async for piece in pieces:
        yield piece


def make_app(proxy: Proxy) -> Starlette:
    return Starlette(routes=[Route("/{path:path}", proxy.handle, methods=["GET", "POST"])])


def from_env() -> Starlette:
    env = os.environ
    google = env.get("GEMINI_URL", "https://generativelanguage.googleapis.com")
    openai = env.get("OPENAI_URL", "https://api.openai.com")
    upstreams = {
        "gemini": (google, env["GEMINI_API_KEY"]),
        "images": (openai, env["OPENAI_API_KEY"]),
    }
    return make_app(Proxy(upstreams, env["PROXY_KEYS"].split(), httpx.AsyncClient(timeout=600)))
