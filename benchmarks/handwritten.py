"""The same work as people write it: from dict to dict, with a JSON library on either side."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from contenders import Direction, Translate

_ERRORS = {400: "invalid_request_error", 401: "authentication_error", 429: "rate_limit_error"}
_FINISH = {"STOP": "stop", "MAX_TOKENS": "length", "SAFETY": "content_filter"}


def by_hand(
    loads: Callable[[bytes], Any], dumps: Callable[[Any], bytes]
) -> dict[Direction, Translate]:
    """The translators over one JSON library."""

    def over(translate: Callable[[Any], Any]) -> Translate:
        return lambda body: dumps(translate(loads(body)))

    return {
        ("request", "chat", "gemini"): over(_gemini_request),
        ("response", "gemini", "chat"): over(_chat_response),
        ("response", "gemini", "images"): over(_images_response),
        ("failure", "gemini", "chat"): over(_openai_failure),
        ("stream", "gemini", "chat"): _chat_stream(over(_chat_chunk)),
    }


def _gemini_request(asked: dict[str, Any]) -> dict[str, Any]:
    contents = []
    system: list[dict[str, Any]] = []
    for message in asked["messages"]:
        content = message["content"]
        parts = [{"text": content}] if isinstance(content, str) else [*map(_gemini_part, content)]
        if message["role"] in {"system", "developer"}:
            system += parts
        else:
            role = "model" if message["role"] == "assistant" else "user"
            contents.append({"role": role, "parts": parts})
    settings: dict[str, Any] = {
        "responseModalities": [name.upper() for name in asked.get("modalities", ("text", "image"))]
    }
    for name, field in (("temperature", "temperature"), ("top_p", "topP"), ("seed", "seed")):
        if asked.get(name) is not None:
            settings[field] = asked[name]
    request: dict[str, Any] = {"contents": contents, "generationConfig": settings}
    if system:
        request["systemInstruction"] = {"parts": system}
    return request


def _gemini_part(part: dict[str, Any]) -> dict[str, Any]:
    if part["type"] == "text":
        return {"text": part["text"]}
    head, _, data = part["image_url"]["url"].partition(";base64,")
    return {"inlineData": {"mimeType": head.removeprefix("data:"), "data": data}}


def _chat_response(reply: dict[str, Any]) -> dict[str, Any]:
    choices = [
        {
            "index": index,
            "message": {
                "role": "assistant",
                "content": [_chat_part(part) for part in candidate["content"]["parts"]],
            },
            "finish_reason": _FINISH.get(candidate["finishReason"], "stop"),
        }
        for index, candidate in enumerate(reply["candidates"])
    ]
    usage = reply.get("usageMetadata", {})
    return {
        "id": reply.get("responseId", ""),
        "object": "chat.completion",
        "created": 0,
        "model": reply.get("modelVersion", ""),
        "choices": choices,
        "usage": {
            "prompt_tokens": usage.get("promptTokenCount", 0),
            "completion_tokens": usage.get("candidatesTokenCount", 0),
            "total_tokens": usage.get("totalTokenCount", 0),
        },
    }


def _chat_part(part: dict[str, Any]) -> dict[str, Any]:
    if "text" in part:
        return {"type": "text", "text": part["text"]}
    inline = part["inlineData"]
    url = f"data:{inline['mimeType']};base64,{inline['data']}"
    return {"type": "image_url", "image_url": {"url": url}}


def _images_response(reply: dict[str, Any]) -> dict[str, Any]:
    usage = reply.get("usageMetadata", {})
    data = [
        {"b64_json": part["inlineData"]["data"]}
        for candidate in reply["candidates"]
        for part in candidate["content"]["parts"]
        if "inlineData" in part
    ]
    return {
        "created": 0,
        "data": data,
        "output_format": "png",
        "usage": {
            "input_tokens": usage.get("promptTokenCount", 0),
            "output_tokens": usage.get("candidatesTokenCount", 0),
            "total_tokens": usage.get("totalTokenCount", 0),
        },
    }


def _openai_failure(reply: dict[str, Any]) -> dict[str, Any]:
    error = reply["error"]
    kind = _ERRORS.get(error["code"], "server_error")
    return {"error": {"message": error["message"], "type": kind, "param": None, "code": None}}


def _chat_stream(translate: Translate) -> Translate:
    """The translator of a whole stream, event by event."""

    def translate_all(body: bytes) -> bytes:
        chunks = [
            b"data: " + translate(event.removeprefix(b"data: ")) + b"\n\n"
            for event in body.split(b"\r\n\r\n")
            if event
        ]
        return b"".join([*chunks, b"data: [DONE]\n\n"])

    return translate_all


def _chat_chunk(reply: dict[str, Any]) -> dict[str, Any]:
    choices = []
    for index, candidate in enumerate(reply["candidates"]):
        parts = candidate["content"]["parts"]
        delta: dict[str, Any] = {"content": "".join(part.get("text", "") for part in parts)}
        images = [_chat_part(part) | {"index": 0} for part in parts if "inlineData" in part]
        if images:
            delta["images"] = images
        finish = _FINISH.get(candidate.get("finishReason", ""))
        choices.append({"index": index, "delta": delta, "finish_reason": finish})
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 0,
        "model": reply.get("modelVersion", ""),
        "choices": choices,
    }
