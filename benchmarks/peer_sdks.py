"""The official SDKs' own types: validate with one, build the other's, dump."""

from __future__ import annotations

import base64
import json
from typing import Any

from google.genai import types
from openai.types import CompletionUsage, Image, ImagesResponse
from openai.types.chat import ChatCompletion
from openai.types.chat.completion_create_params import CompletionCreateParamsNonStreaming
from openai.types.images_response import Usage, UsageInputTokensDetails
from pydantic import TypeAdapter

from contenders import Translators

_ASKED: TypeAdapter[Any] = TypeAdapter(CompletionCreateParamsNonStreaming)


def translators() -> Translators:
    """The three directions that these types have."""
    return {
        ("request", "chat", "gemini"): _gemini_request,
        ("response", "gemini", "chat"): _chat_response,
        ("response", "gemini", "images"): _images_response,
    }


def dump_gemini(contents: list[types.Content]) -> bytes:
    """A request as the SDK sends it."""
    config = types.GenerationConfig(response_modalities=[types.Modality.TEXT, types.Modality.IMAGE])
    document = {
        "contents": [_dumped(content) for content in contents],
        "generationConfig": _dumped(config),
    }
    return json.dumps(document).encode()


def _dumped(value: Any) -> Any:
    return value.model_dump(mode="json", by_alias=True, exclude_none=True)


def _gemini_request(body: bytes) -> bytes:
    asked = _ASKED.validate_python(json.loads(body))  # of JSON, it takes a string for a list
    contents = []
    for message in asked["messages"]:
        content = message["content"]
        texts = [{"type": "text", "text": content}] if isinstance(content, str) else content
        role = "model" if message["role"] == "assistant" else "user"
        contents.append(types.Content(role=role, parts=[_part(part) for part in texts]))
    return dump_gemini(contents)


def _part(part: Any) -> types.Part:
    if part["type"] == "text":
        return types.Part(text=part["text"])
    head, _, data = part["image_url"]["url"].partition(";base64,")
    mime_type = head.removeprefix("data:")
    return types.Part(inline_data=types.Blob(mime_type=mime_type, data=base64.b64decode(data)))


def _chat_response(body: bytes) -> bytes:
    reply = types.GenerateContentResponse.model_validate_json(body)
    read, written, both = _tokens(reply)
    choices = [
        {"index": index, "message": _message(candidate), "finish_reason": "stop"}
        for index, candidate in enumerate(reply.candidates or ())
    ]
    completion = ChatCompletion.model_validate(
        {
            "id": reply.response_id or "",
            "object": "chat.completion",
            "created": 0,
            "model": reply.model_version or "",
            "choices": choices,
            "usage": CompletionUsage(
                prompt_tokens=read, completion_tokens=written, total_tokens=both
            ),
        }
    )
    return completion.model_dump_json(exclude_none=True).encode()


def _tokens(reply: types.GenerateContentResponse) -> tuple[int, int, int]:
    """What was read, written, and both."""
    usage = reply.usage_metadata or types.GenerateContentResponseUsageMetadata()
    return (
        usage.prompt_token_count or 0,
        usage.candidates_token_count or 0,
        usage.total_token_count or 0,
    )


def _message(candidate: types.Candidate) -> dict[str, Any]:
    """A message with its pictures in ``images``: the SDK's content is a string."""
    parts = (candidate.content and candidate.content.parts) or []
    images = [
        {"type": "image_url", "image_url": {"url": f"data:{kind};base64,{data}"}}
        for kind, data in map(_picture, parts)
        if data
    ]
    text = "".join(part.text for part in parts if part.text)
    return {"role": "assistant", "content": text, "images": images}


def _picture(part: types.Part) -> tuple[str | None, str]:
    blob = part.inline_data
    if blob is None or blob.data is None:
        return None, ""
    return blob.mime_type, base64.b64encode(blob.data).decode()


def _images_response(body: bytes) -> bytes:
    reply = types.GenerateContentResponse.model_validate_json(body)
    data = [
        Image(b64_json=data)
        for candidate in reply.candidates or ()
        for _, data in map(_picture, (candidate.content and candidate.content.parts) or [])
        if data
    ]
    read, written, both = _tokens(reply)
    usage = Usage(
        input_tokens=read,
        input_tokens_details=UsageInputTokensDetails(image_tokens=0, text_tokens=read),
        output_tokens=written,
        total_tokens=both,
    )
    written_reply = ImagesResponse(created=0, data=data, output_format="png", usage=usage)
    return written_reply.model_dump_json(exclude_none=True).encode()
