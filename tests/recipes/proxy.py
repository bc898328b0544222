"""A proxy: a client speaks the format it likes, and a model is asked in its own.

GEMINI_API_KEY=... OPENAI_API_KEY=... PROXY_KEYS="key-1 key-2" uvicorn --factory proxy:from_env
"""

import asyncio
import os
import time
from collections.abc import Container, Mapping

import attrs
import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.routing import Route

import imagewire
from imagewire import Failure, Options, Reply, TranslatedRequest, TranslatedResponse
from imagewire import FailureKind as K

OPTIONS = Options(model_ids="bare")  # as OpenAI and Google themselves spell them
NOWHERE = Failure(kind=K.NOT_FOUND, status=404, message="no such endpoint")
STRANGER = Failure(kind=K.AUTHENTICATION, status=401, message="unknown API key")
LATE = Failure(kind=K.TIMEOUT, status=504, message="the upstream timed out", retryable=True)
GONE = Failure(kind=K.UNAVAILABLE, status=503, message="no upstream answers", retryable=True)
BROKEN = Failure(kind=K.INTERNAL, status=502, message="the upstream's answer is of no use")
OUR_TROUBLE = {K.AUTHENTICATION, K.PERMISSION, K.PRECONDITION, K.BILLING, K.QUOTA}  # no client's


@attrs.frozen
class Proxy:
    upstreams: Mapping[str, tuple[str, str]]  # by format: the base URL, and our key for it
    keys: Container[str | None]  # our clients'
    http: httpx.AsyncClient
    target: str = "native"  # the format of the upstream that serves the model
    options: Options = OPTIONS  # `responses_model` for an upstream of the Responses API

    async def handle(self, call: Request) -> StreamingResponse:
        reply = await self.answer(call)
        headers = reply.headers | {"content-length": str(len(reply.body))}
        return StreamingResponse(reply.body, reply.status, headers)

    async def answer(self, call: Request) -> TranslatedResponse:
        face = imagewire.match_endpoint(call.method, call.url.path)
        if face is None:
            return imagewire.render_error(NOWHERE, target="chat")
        try:
            if imagewire.read_credentials(call.headers, call.url.query) not in self.keys:
                return imagewire.render_error(STRANGER, target=face.format)
            request = imagewire.translate_request(
                await call.body(),
                source=face,
                target=self.target,
                content_type=call.headers.get("content-type", "application/json"),
                options=self.options,
            )
            reply = imagewire.translate_responses(
                await asyncio.gather(*(self.ask(request) for _ in range(request.repeat))),
                source=request.target,
                target=face.format,
                context=request.context,
                created=int(time.time()),
                options=self.options,
            )
        except imagewire.TranslationError as error:
            return imagewire.render_error(error, target=face.format)
        if reply.failure and reply.failure.kind in OUR_TROUBLE:
            return imagewire.render_error(BROKEN, target=face.format)
        return reply

    async def ask(self, request: TranslatedRequest) -> Reply | Failure:
        base, key = self.upstreams[request.target]
        url = base + request.path
        headers = request.headers | imagewire.credential_headers(request.target, key)
        try:
            got = await self.http.post(url, headers=headers, content=bytes(request.body))
        except httpx.TimeoutException:
            return LATE
        except httpx.TransportError:
            return GONE
        except httpx.DecodingError:
            return BROKEN
        return Reply(got.content, got.status_code, got.headers)


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
