"""An HTTP transport through which the OpenAI SDK asks Gemini: streams too, and no server at all.

http = httpx.Client(transport=Gemini(key))
client = openai.OpenAI(api_key="not used", http_client=http)
"""

import time
from collections.abc import Iterator
from typing import Any

import attrs
import httpx2 as httpx  # what the SDK speaks HTTP with

import imagewire
from imagewire import Reply, StreamTranslator, TranslatedRequest

GOOGLE = "https://generativelanguage.googleapis.com"
OPTIONS = imagewire.Options(model_ids="bare", stream="live")


@attrs.frozen
class Gemini(httpx.BaseTransport):
    key: str
    http: httpx.Client = attrs.field(factory=lambda: httpx.Client(timeout=600))

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        endpoint = imagewire.match_endpoint(request.method, request.url.path)
        if endpoint is None:
            raise httpx.UnsupportedProtocol(f"{request.url.path} makes no images", request=request)
        try:
            asked = imagewire.translate_request(
                request.read(),
                source=endpoint,
                target="gemini",
                content_type=request.headers["content-type"],
                options=OPTIONS,
            )
            about: dict[str, Any] = {
                "source": "gemini",
                "target": endpoint.format,
                "options": OPTIONS,
            }
            about |= {"context": asked.context, "created": int(time.time())}
            if asked.stream:
                return self.stream(asked, about)
            replies = [self.ask(asked) for _ in range(asked.repeat)]
            told = imagewire.translate_responses(
                [Reply(reply.read(), reply.status_code, reply.headers) for reply in replies],
                **about,
            )
        except imagewire.TranslationError as error:
            told = imagewire.render_error(error, target=endpoint.format)
        return httpx.Response(told.status, headers=told.headers, content=bytes(told.body))

    def stream(self, asked: TranslatedRequest, about: dict[str, Any]) -> httpx.Response:
        reply = self.ask(asked)
        about |= {"status": reply.status_code, "headers": reply.headers}
        stream = StreamTranslator(**about)
        pieces = self.pieces(stream, reply)
        first = next(pieces)  # the status is known now
        return httpx.Response(
            stream.status or 200, headers=stream.headers, stream=Pieces(first, pieces, reply)
        )

    def pieces(self, stream: StreamTranslator, reply: httpx.Response) -> Iterator[bytes]:
        for data in reply.iter_bytes():
            yield from map(bytes, stream.feed(data))
        yield from map(bytes, stream.close())

    def ask(self, asked: TranslatedRequest) -> httpx.Response:
        headers = asked.headers | imagewire.credential_headers("gemini", self.key)
        request = self.http.build_request(
            "POST", GOOGLE + asked.path, headers=headers, content=bytes(asked.body)
        )
        return self.http.send(request, stream=True)


@attrs.frozen
class Pieces(httpx.SyncByteStream):
    first: bytes
    rest: Iterator[bytes]
    reply: httpx.Response

    def __iter__(self) -> Iterator[bytes]:
        yield self.first
        yield from self.rest

    def close(self) -> None:
        self.reply.close()
