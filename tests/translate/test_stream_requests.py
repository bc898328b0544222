"""What an upstream is asked for when a client wishes a stream, and what the reply needs to know."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

import hub
import imagewire
from cases import GEMINI_MODEL
from imagewire import Endpoint, Options, ReplyContext
from imagewire.model import ImageSettings, Size

LIVE, WHOLE = Options(stream="live"), Options(stream="whole")
CHAT = {
    "model": GEMINI_MODEL,
    "messages": [{"role": "user", "content": "a fox"}],
    "stream": True,
    "stream_options": {"include_usage": True, "include_obfuscation": False},
}
IMAGES: dict[str, Any] = {
    "model": "gpt-image-2", "prompt": "a fox", "stream": True, "partial_images": 2,
}  # fmt: skip
GEMINI = {"contents": [{"role": "user", "parts": [{"text": "a fox"}]}]}
PATH = f"/v1beta/models/{GEMINI_MODEL}"
ASKED: dict[str, tuple[Any, Any]] = {
    "chat": (CHAT, "chat"),
    "images": (IMAGES, "images"),
    "gemini": (GEMINI, Endpoint("gemini", "stream", GEMINI_MODEL, alt="sse")),
}
MODELS = {"chat": GEMINI_MODEL, "gemini": GEMINI_MODEL, "images": "gpt-image-2"}


def asked(source: str, target: str, options: Options, **more: Any) -> Any:
    body, endpoint = ASKED[source]
    return imagewire.translate_request(
        body | more, source=endpoint, target=target, model=MODELS[target], options=options
    )


def document(request: Any) -> Any:
    return msgspec.json.decode(bytes(request.body))


@pytest.mark.parametrize("source", ASKED)
class TestWishes:
    @pytest.mark.parametrize("target", MODELS)
    def test_by_default_they_are_refused(self, source: str, target: str) -> None:
        with pytest.raises(imagewire.UnsupportedError) as caught:
            asked(source, target, Options())

        assert "stream" == caught.value.param

    @pytest.mark.parametrize("target", MODELS)
    def test_whole_asks_an_upstream_for_a_whole_reply(self, source: str, target: str) -> None:
        request = asked(source, target, WHOLE)

        assert (False, "sse") == (request.stream, request.context.stream)
        assert not {"stream", "stream_options", "partial_images"} & set(document(request))
        assert "stream" not in request.path

    def test_live_asks_gemini_at_its_path(self, source: str) -> None:
        request = asked(source, "gemini", LIVE)

        assert (True, f"{PATH}:streamGenerateContent?alt=sse") == (request.stream, request.path)

    def test_live_asks_a_chat_for_usage_too(self, source: str) -> None:
        request = asked(source, "chat", LIVE)

        told = document(request)
        assert (True, {"include_usage": True}) == (told["stream"], told["stream_options"])
        assert request.stream

    def test_live_asks_the_images_api_for_as_many_drafts(self, source: str) -> None:
        request = asked(source, "images", LIVE)

        told = document(request)
        assert (True, 2 if source == "images" else None) == (
            told["stream"], told.get("partial_images"),
        )  # fmt: skip

    def test_a_writer_refuses_them_by_default(self, source: str) -> None:
        value = hub.REQUESTS["ImageRequest.stream"]
        with pytest.raises(imagewire.UnsupportedError):
            imagewire.FORMATS[source].write_request(value)


class TestWhatCannotStream:
    @pytest.mark.parametrize("kind", ["gif", "svg"])
    def test_the_images_api_gives_these_formats_whole(self, kind: str) -> None:
        request = asked("images", "images", LIVE, output_format=kind)

        assert (False, "sse") == (request.stream, request.context.stream)
        assert ["partial_images"] == [loss.code for loss in request.losses]

    def test_several_calls_are_whole(self) -> None:
        request = asked("images", "gemini", LIVE, n=2)

        assert (2, False) == (request.repeat, request.stream)
        assert request.path.endswith(":generateContent")

    @pytest.mark.parametrize("target", ["chat", "gemini"])
    def test_others_make_no_drafts(self, target: str) -> None:
        losses = asked("images", target, LIVE).losses

        assert [("partial_images", "$.partial_images", "metadata")] == [
            (loss.code, loss.path, loss.level) for loss in losses
        ]

    def test_drafts_without_a_stream_go_back_to_their_own_api(self) -> None:
        request = asked("images", "images", LIVE, stream=False)

        assert 2 == document(request)["partial_images"]

    def test_a_form_says_it_in_words(self) -> None:
        uri = f"data:image/png;base64,{hub.PNG}"
        request = asked("images", "images", LIVE, image=uri)

        assert b'name="stream"\r\n\r\ntrue' in bytes(request.body)


class TestContexts:
    def test_a_chat_asks_for_usage(self) -> None:
        context = asked("chat", "gemini", LIVE).context

        assert ("sse", True, 0, "generate") == (
            context.stream, context.include_usage, context.partial_images, context.operation,
        )  # fmt: skip

    def test_a_chat_without_options_does_not(self) -> None:
        assert False is asked("chat", "gemini", LIVE, stream_options=None).context.include_usage

    @pytest.mark.parametrize("wish", [{"include": True}, {"include": False}, {}, True])
    def test_openrouter_s_clients_ask_for_counts_in_their_own_way(self, wish: Any) -> None:
        request = asked("chat", "gemini", LIVE, stream_options=None, usage=wish)

        assert (wish == {"include": True}) is request.context.include_usage

    def test_images_say_what_the_picture_shall_be(self) -> None:
        context = asked("images", "gemini", LIVE, size="1024x1536", quality="high").context

        asked_for = ImageSettings(size=Size(width=1024, height=1536), quality="high")
        assert (2, asked_for) == (context.partial_images, context.image)

    @pytest.mark.parametrize(
        ("path", "operation"),
        [("/v1/images/generations", "generate"), ("/v1/images/edits", "edit")],
    )
    def test_an_endpoint_says_the_operation(self, path: str, operation: str) -> None:
        uri = f"data:image/png;base64,{hub.PNG}"
        endpoint = imagewire.match_endpoint("POST", path)
        assert endpoint is not None
        context = imagewire.translate_request(
            IMAGES | {"image": uri}, source=endpoint, target="images", options=LIVE
        ).context

        assert operation == context.operation

    @pytest.mark.parametrize(("query", "stream"), [("?alt=sse", "sse"), ("", "array")])
    def test_a_gemini_path_says_how_the_stream_is_framed(self, query: str, stream: str) -> None:
        endpoint = imagewire.match_endpoint("POST", f"{PATH}:streamGenerateContent{query}")
        assert endpoint is not None
        request = imagewire.translate_request(
            GEMINI, source=endpoint, target="gemini", options=WHOLE
        )

        assert stream == request.context.stream

    def test_one_waits_as_json(self) -> None:
        context = asked("images", "gemini", LIVE).context
        stored = msgspec.json.encode(context)

        assert context == msgspec.json.decode(stored, type=ReplyContext)
