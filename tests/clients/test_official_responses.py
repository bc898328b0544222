"""The official openai client asks for responses: what upstreams are asked, and what it parses."""

from __future__ import annotations

from typing import Any

import httpx2
import msgspec
import openai
import pytest
from openai.types.responses import Response, ResponseStreamEvent
from openai.types.responses.response_create_params import ResponseCreateParamsNonStreaming
from pydantic import TypeAdapter

import imagewire
from cases import CASES, GEMINI_MODEL, REQUESTS, Case, options_for
from events import data_of
from hub import PNG as PNG_BASE64
from hub import PNG_URI
from imagewire import Options, ReplyContext
from proxied import Clients, Upstream, sample, seen_in_responses
from sdks import PNG
from streamed import STREAMS, shown_in_responses, streaming

EVENT: TypeAdapter[Any] = TypeAdapter(ResponseStreamEvent)
PARAMS: TypeAdapter[Any] = TypeAdapter(ResponseCreateParamsNonStreaming)
ANSWERS = {
    "chat": "chat_response_openrouter_images",
    "gemini": "gemini_response_ok_seed",
    "images": "images_response_seed_minimal",
    "responses": "responses_response_whole",
}
BY_UPSTREAM = pytest.mark.parametrize("upstream", ANSWERS)
PICTURE = {"type": "input_image", "image_url": PNG_URI, "detail": "auto"}
CONVERSATION: list[Any] = [
    {"role": "user", "content": "a fox"},
    {"type": "image_generation_call", "id": "ig_1", "status": "completed", "result": PNG_BASE64},
    {"role": "user", "content": [{"type": "input_text", "text": "make it night"}]},
]


def asked(upstream: str, input_: Any, **tool: Any) -> tuple[Any, Upstream]:
    """What the client shows, and what the upstream was asked."""
    found = Upstream(sample(ANSWERS[upstream]))
    return Clients(found, upstream).respond(input_, **tool), found


def user(*content: Any) -> list[Any]:
    return [{"role": "user", "content": [*content]}]


class TestRequests:
    @BY_UPSTREAM
    def test_a_picture_reaches_every_upstream(self, upstream: str) -> None:
        shown, found = asked(upstream, user({"type": "input_text", "text": "a hat"}, PICTURE))

        assert [PNG] == seen_in_responses(shown).pictures
        sent = found.asked.content
        assert PNG_BASE64.encode() in sent or PNG in sent

    @BY_UPSTREAM
    def test_an_earlier_picture_of_the_model_reaches_every_upstream(self, upstream: str) -> None:
        _, found = asked(upstream, CONVERSATION)

        sent = found.asked.content
        assert PNG_BASE64.encode() in sent or PNG in sent
        assert b"make it night" in sent

    @pytest.mark.parametrize("upstream", ["images", "responses"])
    def test_a_mask_reaches_the_upstreams_that_have_one(self, upstream: str) -> None:
        words = {"type": "input_text", "text": "a hat"}
        _, found = asked(upstream, user(words, PICTURE), input_image_mask={"image_url": PNG_URI})

        assert b"mask" in found.asked.content

    @pytest.mark.parametrize("upstream", ["chat", "gemini"])
    def test_a_mask_is_refused_by_the_others(self, upstream: str) -> None:
        words = {"type": "input_text", "text": "a hat"}
        with pytest.raises(openai.BadRequestError) as caught:
            asked(upstream, user(words, PICTURE), input_image_mask={"image_url": PNG_URI})

        assert "tools[0].input_image_mask" == caught.value.param

    @BY_UPSTREAM
    def test_the_reply_repeats_the_client_s_models(self, upstream: str) -> None:
        shown, _ = asked(upstream, "a fox")

        model = "gpt-image-2" if upstream in {"images", "responses"} else GEMINI_MODEL
        assert ("gpt-6.1", model) == (shown.model, shown.tools[0].model)

    def test_other_tools_are_refused_by_name(self) -> None:
        clients = Clients(Upstream(sample(ANSWERS["gemini"])), "gemini")
        with pytest.raises(openai.BadRequestError) as caught:
            clients.openai(
                lambda client: client.responses.create(
                    model="gpt-6.1", input="a fox", tools=[{"type": "web_search"}]
                )
            )

        assert "tools" == caught.value.param


class TestSync:
    """The synchronous client, in front of the functions themselves."""

    def client(self, upstream: str, body: bytes, **options: Any) -> openai.OpenAI:
        def answer(call: httpx2.Request) -> httpx2.Response:
            face = imagewire.match_endpoint("POST", call.url.path)
            assert face is not None
            about: dict[str, Any] = {"options": Options(responses_model="gpt-6.1", **options)}
            request = imagewire.translate_request(
                call.read(), source=face, target=upstream, model=_model(upstream), **about
            )
            reply = imagewire.translate_response(
                body, source=upstream, target=face, context=request.context, **about
            )
            return httpx2.Response(reply.status, headers=reply.headers, content=bytes(reply.body))

        transport = httpx2.MockTransport(answer)
        http = httpx2.Client(transport=transport)
        return openai.OpenAI(api_key="k", base_url="https://x.example/v1", http_client=http)

    @BY_UPSTREAM
    def test_plain(self, upstream: str) -> None:
        client = self.client(upstream, _body(upstream))
        found = client.responses.create(**_asked())

        assert [PNG] == seen_in_responses(found).pictures

    @BY_UPSTREAM
    def test_streaming(self, upstream: str) -> None:
        client = self.client(upstream, _body(upstream), stream="whole")
        shown = shown_in_responses(client.responses.create(**_asked(), stream=True))

        assert [PNG] == shown.pictures

    @BY_UPSTREAM
    def test_of_a_streamed_answer_one_reply_is_made(self, upstream: str) -> None:
        found = self.client(upstream, STREAMS[upstream]).responses.create(**_asked())

        assert [PNG] == seen_in_responses(found).pictures


def _model(upstream: str) -> str:
    return GEMINI_MODEL if upstream == "gemini" else "gpt-image-2"


def _body(upstream: str) -> bytes:
    answer = sample(ANSWERS[upstream])
    assert not isinstance(answer, Exception)
    return answer[2]


def _asked() -> dict[str, Any]:
    tool = {"type": "image_generation", "model": "gpt-image-2"}
    return {"model": "gpt-6.1", "input": "a fox", "tools": [tool]}


class TestTypes:
    """What we write parses with the SDK's own types, strictly."""

    @pytest.mark.parametrize("case", [c for c in CASES if c.kind == "response"], ids=str)
    def test_a_reply(self, case: Case) -> None:
        reply = case.translate(case.body, "responses", Options())
        document = msgspec.json.decode(bytes(reply.body))

        found = Response.model_validate(document)

        assert found.output
        assert document["output"] == [
            item.model_dump(exclude_unset=True) for item in found.output
        ] or "result" in str(document)

    @pytest.mark.parametrize("case", [c for c in CASES if c.kind == "response"], ids=str)
    def test_the_events_of_a_reply(self, case: Case) -> None:
        reply = imagewire.translate_response(
            case.body,
            source=case.format,
            target="responses",
            context=ReplyContext(stream="sse"),
            options=options_for("responses"),
        )

        events = data_of(bytes(reply.body))

        assert {"response.completed", "response.incomplete"} >= {events[-1]["type"]}
        for event in events:
            assert event["type"] == EVENT.validate_python(event).type

    @pytest.mark.parametrize("case", REQUESTS, ids=str)
    def test_a_request(self, case: Case) -> None:
        request = case.translate(case.body, "responses", Options(history="all"))
        document = msgspec.json.decode(bytes(request.body))

        assert PARAMS.validate_python(document)["tools"]


class TestOtherFaces:
    """Clients of the other faces reach an upstream that speaks Responses alone."""

    def test_the_upstream_is_asked_for_one_picture_a_call(self) -> None:
        upstream = Upstream(sample(ANSWERS["responses"]))
        found = Clients(upstream, "responses").generate(n=2)

        assert [2, 2] == [len(found.data), len(upstream.calls)]
        body = msgspec.json.decode(upstream.calls[0].content)
        assert ("/v1/responses", "gpt-6.1", {"type": "image_generation"}) == (
            upstream.calls[0].url.path,
            body["model"],
            body["tool_choice"],
        )
        assert "Bearer responses-key" == upstream.calls[0].headers["authorization"]

    def test_a_stream_is_asked_for_where_the_client_wants_one(self) -> None:
        upstream = Upstream(streaming(STREAMS["responses"]))
        clients = Clients(upstream, "responses")
        clients.openai(lambda client: _drain(client, clients.model))

        assert upstream.document["stream"] is True
        assert 2 == upstream.document["tools"][0]["partial_images"]

    def test_a_refused_picture_is_a_refusal_on_every_face(self) -> None:
        clients = Clients(Upstream(sample("responses_response_blocked_picture")), "responses")
        words = "Your request was rejected by the safety system."

        [choice] = clients.chat().choices
        assert ("content_filter", words) == (choice.finish_reason, choice.message.refusal)
        [candidate] = clients.content().candidates
        assert "IMAGE_SAFETY" == candidate.finish_reason.name
        with pytest.raises(openai.BadRequestError) as caught:
            clients.generate()
        assert "moderation_blocked" == caught.value.code
        [call] = clients.respond().output
        assert ("failed", words) == (call.status, call.error.message)
        assert "output" == call.error.moderation_details.moderation_stage


async def _drain(client: openai.AsyncOpenAI, model: str) -> None:
    asked: Any = {"model": model, "prompt": "a fox", "stream": True, "partial_images": 2}
    async for _ in await client.images.generate(**asked):
        pass
