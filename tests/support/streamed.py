"""Streams of upstreams, and what the official clients show of the streams they get."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from typing import Any

import attrs
import pybase64
from openai import AsyncOpenAI

import hub
from cases import GEMINI_MODEL
from events import named, sent
from imagewire import ReplyContext
from proxied import Answer, Clients, of_uri, seen_in_responses
from sdks import PNG

EVENTS = {"content-type": "text/event-stream"}
CUT_OFF = "the upstream's stream ended before its answer was complete"
#: Of a client that wants a stream and its usage, and no drafts.
CONTEXT = ReplyContext(model="m", stream="sse", include_usage=True, partial_images=0)
CREATED = 1735689600
USAGE = (14, 1056, 1070)


def piece(*parts: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A piece of a Gemini reply; what is more is the candidate's, but for the usage."""
    usage = more.pop("usageMetadata", None)
    candidate = {"content": {"role": "model", "parts": list(parts)}, **more}
    told = {"candidates": [candidate], "modelVersion": GEMINI_MODEL, "responseId": "r1"}
    return told if usage is None else {**told, "usageMetadata": usage}


def chunk(delta: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A chunk of a chat with one choice."""
    choice = {"index": 0, "delta": delta, "finish_reason": None, **more}
    head = {"id": "r1", "object": "chat.completion.chunk", "created": CREATED}
    return {**head, "model": GEMINI_MODEL, "choices": [choice]}


def picture(kind: str, **more: Any) -> dict[str, Any]:
    """An event of the Images API."""
    told = {"b64_json": hub.PNG, "created_at": CREATED, "size": "1024x1024", "quality": "high"}
    return {"type": f"image_generation.{kind}", **told, "background": "opaque",
            "output_format": "png", **more}  # fmt: skip


PNG_PART = {"inlineData": {"mimeType": "image/png", "data": hub.PNG}}
IMAGE = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{hub.PNG}"}}
GEMINI_USAGE = {"promptTokenCount": 14, "candidatesTokenCount": 1056, "totalTokenCount": 1070}
CHAT_USAGE = {"prompt_tokens": 14, "completion_tokens": 1056, "total_tokens": 1070}
DETAILS = {"image_tokens": 0, "text_tokens": 14}
IMAGES_USAGE = {"input_tokens": 14, "input_tokens_details": DETAILS, "output_tokens": 1056,
                "total_tokens": 1070}  # fmt: skip


def response(status: str, *output: Any, **more: Any) -> dict[str, Any]:
    """A response of the Responses API, whole or in the making."""
    told = {"id": "r1", "object": "response", "created_at": CREATED, "status": status}
    tool = {"type": "image_generation", "model": GEMINI_MODEL}
    asked = {"parallel_tool_calls": True, "tool_choice": "auto", "tools": [tool]}
    head = {"error": None, "incomplete_details": None, "model": "gpt-6.1", **asked}
    return {**told, **head, "output": [*output], **more}


def item(kind: str, place: int, **more: Any) -> dict[str, Any]:
    """An event of an item of a response."""
    about = {"sequence_number": 0, "output_index": place}
    return {"type": f"response.{kind}", **about, **more}


CALL = {"id": "ig_1", "type": "image_generation_call"}
DRAWN = {**CALL, "status": "completed", "result": hub.PNG, "size": "1024x1024", "quality": "high",
         "background": "opaque", "output_format": "png"}  # fmt: skip
SAID = {"id": "msg_1", "type": "message", "role": "assistant", "status": "completed",
        "content": [{"type": "output_text", "text": "Here it is.", "annotations": []}]}  # fmt: skip
TOOL_USAGE = {"image_gen": IMAGES_USAGE, "web_search": {"num_requests": 0}}
_BEGUN: list[dict[str, Any]] = [
    {"type": "response.created", "sequence_number": 0, "response": response("in_progress")},
    item("output_item.added", 0, item={**SAID, "status": "in_progress", "content": []}),
    item("output_text.delta", 0, item_id="msg_1", content_index=0, delta="Here ", logprobs=[]),
]

#: The same answer of each upstream: a draft where there are any, words, a picture.
STREAMS: dict[str, bytes] = {
    "gemini": sent(
        piece({**PNG_PART, "thought": True}),
        piece({"text": "Here "}),
        piece({"text": "it is."}),
        piece({**PNG_PART, "thoughtSignature": hub.SIGNATURE}),
        piece({"text": ""}, finishReason="STOP", usageMetadata=GEMINI_USAGE),
        end=b"\r\n",
    ),
    "chat": sent(
        chunk({"role": "assistant", "content": ""}),
        chunk({"content": "Here "}),
        chunk({"content": "it is."}),
        chunk({"images": [{**IMAGE, "index": 0}]}),
        chunk({}, finish_reason="stop"),
        {**chunk({}), "choices": [], "usage": CHAT_USAGE},
        b"[DONE]",
    ),
    "images": named(
        picture("partial_image", partial_image_index=0),
        picture("completed", usage=IMAGES_USAGE),
    ),
    "responses": named(
        *_BEGUN,
        item("output_text.delta", 0, item_id="msg_1", content_index=0, delta="it is.", logprobs=[]),
        item("output_item.done", 0, item=SAID),
        item("output_item.added", 1, item={**CALL, "status": "in_progress", "result": None}),
        item("image_generation_call.generating", 1, item_id="ig_1"),
        item(
            "image_generation_call.partial_image",
            1,
            item_id="ig_1",
            partial_image_index=0,
            partial_image_b64=hub.PNG,
        ),
        item("image_generation_call.completed", 1, item_id="ig_1"),
        item("output_item.done", 1, item=DRAWN),
        {
            "type": "response.completed",
            "sequence_number": 9,
            "response": response("completed", SAID, DRAWN, tool_usage=TOOL_USAGE),
        },
    ),
}

#: A failure after the first event, which is words, or a draft.
BROKEN: dict[str, bytes] = {
    "gemini": sent(
        piece({"text": "Here "}),
        {"error": {"code": 503, "message": "overloaded", "status": "UNAVAILABLE"}},
    ),
    "chat": sent(
        chunk({"content": "Here "}),
        {"error": {"message": "overloaded", "type": "service_unavailable_error", "code": None}},
        b"[DONE]",
    ),
    "images": named(
        picture("partial_image", partial_image_index=0),
        {"type": "error", "error": {"message": "overloaded", "code": "server_is_overloaded"}},
    ),
    "responses": named(
        *_BEGUN,
        {"type": "error", "code": "server_is_overloaded", "message": "overloaded", "param": None},
    ),
}


def streaming(body: bytes) -> Answer:
    """An upstream that answers with a stream."""
    return 200, EVENTS, body


@attrs.frozen
class Shown:
    """What a client shows of a stream: pictures, drafts, words, end, counts of tokens."""

    pictures: list[bytes]
    drafts: int
    text: str
    finish: str | None
    usage: tuple[int, int, int] | None


def shown_in_chat(chunks: Iterable[Any]) -> Shown:
    pictures, words, finish, usage = [], "", None, None
    for found in chunks:
        for choice in found.choices:
            words += choice.delta.content or ""
            images = getattr(choice.delta, "images", None) or []
            pictures += [of_uri(image["image_url"]["url"]) for image in images]
            finish = choice.finish_reason or finish
        if found.usage:
            told = found.usage
            usage = (told.prompt_tokens, told.completion_tokens, told.total_tokens)
    return Shown(pictures, 0, words, finish, usage)


def shown_in_images(events: Iterable[Any]) -> Shown:
    pictures, drafts, usage = [], 0, None
    for event in events:
        data = pybase64.b64decode(event.b64_json, validate=True)
        assert [event.size, event.quality, event.background, event.output_format] != [None] * 4
        if event.type.endswith(".partial_image"):
            drafts += 1
        else:
            pictures.append(data)
        told = getattr(event, "usage", None)
        if told:
            usage = (told.input_tokens, told.output_tokens, told.total_tokens)
    return Shown(pictures, drafts, "", None, usage)


def shown_in_google(pieces: Iterable[Any]) -> Shown:
    pictures, drafts, words, finish, usage = [], 0, "", None, None
    for found in pieces:
        told = found.usage_metadata
        if told and told.total_token_count:
            usage = (
                told.prompt_token_count,
                told.candidates_token_count or 0,
                told.total_token_count,
            )
        for candidate in found.candidates or []:
            finish = candidate.finish_reason.name if candidate.finish_reason else finish
            for part in (candidate.content and candidate.content.parts) or []:
                drafts += bool(part.thought)
                if part.inline_data and not part.thought:
                    pictures.append(part.inline_data.data)
                words += part.text or ""
    return Shown(pictures, drafts, words, finish, usage)


async def gathered(stream: AsyncIterator[Any]) -> list[Any]:
    return [item async for item in stream]


MESSAGES: Any = [{"role": "user", "content": "a fox"}]


def chat(clients: Clients, *, usage: bool = True) -> Shown:
    async def ask(client: AsyncOpenAI) -> list[Any]:
        wish: Any = {"stream_options": {"include_usage": True}} if usage else {}
        model = clients.model
        return await gathered(
            await client.chat.completions.create(
                model=model, messages=MESSAGES, stream=True, **wish
            )
        )

    return shown_in_chat(clients.openai(ask))


def generate(clients: Clients, **params: Any) -> Shown:
    async def ask(client: AsyncOpenAI) -> list[Any]:
        asked: Any = {"model": clients.model, "prompt": "a fox", "stream": True, **params}
        return await gathered(await client.images.generate(**asked))

    return shown_in_images(clients.openai(ask))


def shown_in_responses(events: Iterable[Any]) -> Shown:
    events = list(events)
    assert ["response.created", "response.in_progress"] == [event.type for event in events[:2]]
    assert list(range(len(events))) == [event.sequence_number for event in events]
    drafts = [e for e in events if e.type == "response.image_generation_call.partial_image"]
    words = [e.delta for e in events if e.type == "response.output_text.delta"]
    items = [e.item for e in events if e.type == "response.output_item.done"]
    whole = events[-1].response
    assert whole.output == items or len(drafts) > 0  # a call has its place from its first draft on
    seen = seen_in_responses(whole)
    return Shown(seen.pictures, len(drafts), "".join(words), seen.finish, seen.usage)


def respond(clients: Clients, **tool: Any) -> Shown:
    async def ask(client: AsyncOpenAI) -> list[Any]:
        asked = clients.asked_of_responses("a fox", **tool)
        return await gathered(await client.responses.create(**asked, stream=True))

    return shown_in_responses(clients.openai(ask))


def edit(clients: Clients) -> Shown:
    async def ask(client: AsyncOpenAI) -> list[Any]:
        asked: Any = {"model": clients.model, "prompt": "a hat", "image": PNG, "stream": True}
        events = await gathered(await client.images.edit(**asked))
        assert {"image_edit"} == {event.type.partition(".")[0] for event in events}
        return events

    return shown_in_images(clients.openai(ask))


def content(clients: Clients) -> Shown:
    return shown_in_google(clients.google(lambda client: streamed_content(client, clients.model)))


async def streamed_content(client: Any, model: str) -> list[Any]:
    return await gathered(
        await client.models.generate_content_stream(model=model, contents="a fox")
    )
