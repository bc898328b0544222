"""OpenAI Chat Completions on the wire, as the API, its clients and the gateways really write it.

Facts. The schema: openai SDK ``types/chat/completion_create_params.py`` and ``chat_completion.py``.
Images in a message: content parts (the product page), ``message.images`` (OpenRouter, LiteLLM,
Vercel), ``message.image`` (LiteLLM before 1.77; a list of ``{"data": ...}``: KroMiose/nekro-agent
pull 177). Google's fields sit under ``extra_body.google``
and ``extra_content.google`` (Google's own OpenAI-compatible endpoint).
"""

from typing import Annotated, Any, ClassVar

from msgspec import UNSET, UnsetType

from imagewire.codec.fields import BOOKKEEPING, Count, Int64, Name, Number64, ProtoWire, Wire
from imagewire.formats.shared.google_settings import HarmBlockThreshold, HarmCategory
from imagewire.formats.shared.image_config import EITHER_CASE, ImageConfig
from imagewire.formats.shared.thought_fields import ExtraContent


class ImageURL(Wire):
    url: str
    detail: Name = None


class File(Wire):
    file_data: str | None = None
    file_id: str | None = None
    filename: str | None = None


class Part(Wire):
    """A content part, or an entry of ``images``, where some write ``url`` or ``data`` alone."""

    OFFICIAL: ClassVar[frozenset[str]] = frozenset({"input_audio", "prompt_cache_breakpoint"})

    type: str | None = None
    text: str | None = None
    image_url: ImageURL | str | None = None
    file: File | None = None
    refusal: str | None = None
    index: Annotated[int | None, BOOKKEEPING] = None
    url: str | None = None
    data: str | None = None
    b64_json: str | None = None
    detail: Name = None
    extra_content: ExtraContent | None = None


class ProviderFields(Wire):
    thought_signatures: list[str] | None = None


class Message(Wire):
    """A message; in a reply, ``content`` and ``refusal`` are written even when they are null."""

    OFFICIAL: ClassVar[frozenset[str]] = frozenset({"audio", "name", "tool_call_id"})

    role: Name = None
    content: str | list[Part] | UnsetType | None = UNSET
    refusal: str | UnsetType | None = UNSET
    images: list[Part | str] | Part | str | None = None
    image: list[Part | str] | Part | str | None = None
    annotations: Annotated[Any, BOOKKEEPING] = None
    tool_calls: Any = None
    function_call: Any = None
    reasoning: str | None = None
    extra_content: ExtraContent | None = None
    provider_specific_fields: Annotated[ProviderFields | None, BOOKKEEPING] = None


class ThinkingConfig(ProtoWire, rename=None):
    include_thoughts: bool | None = None
    thinking_budget: int | None = None
    thinking_level: str | None = None


class SafetySetting(ProtoWire, rename=None):
    category: HarmCategory
    threshold: HarmBlockThreshold
    method: str | None = None


class GenerationConfig(ProtoWire, rename=None):
    image_config: ImageConfig | None = None
    thinking_config: ThinkingConfig | None = None
    top_k: int | float | None = None


class Google(ProtoWire, rename=None):
    thinking_config: ThinkingConfig | None = None
    safety_settings: list[SafetySetting] | None = None
    cached_content: str | None = None
    top_k: int | float | None = None
    image_config: ImageConfig | None = None
    aspect_ratio: str | None = None
    image_size: str | None = None
    generation_config: GenerationConfig | None = None


class ExtraBody(Google):
    google: Google | None = None


class Request(Wire, kw_only=True):
    EITHER_CASE: ClassVar[frozenset[str]] = EITHER_CASE
    OFFICIAL: ClassVar[frozenset[str]] = frozenset(
        {
            "audio",
            "logit_bias",
            "metadata",
            "parallel_tool_calls",
            "prediction",
            "prompt_cache_key",
            "prompt_cache_options",
            "prompt_cache_retention",
            "service_tier",
            "store",
            "stream_options",
            "verbosity",
            "web_search_options",
        }
    )

    model: str | None = None
    messages: list[Message]
    n: int | None = None
    size: str | None = None
    image_config: ImageConfig | None = None
    aspect_ratio: str | None = None
    image_size: str | None = None
    generation_config: GenerationConfig | None = None
    quality: str | None = None
    background: str | None = None
    output_format: str | None = None
    output_compression: int | None = None
    moderation: str | dict[str, Any] | None = None
    input_fidelity: str | None = None
    modalities: list[str] | None = None
    temperature: float | None = None
    top_p: float | None = None
    seed: int | None = None
    stop: str | list[str] | None = None
    max_completion_tokens: int | None = None
    max_tokens: int | None = None
    presence_penalty: float | None = None
    frequency_penalty: float | None = None
    user: str | None = None
    safety_identifier: str | None = None
    extra_body: ExtraBody | None = None
    google: Google | None = None
    stream: bool | None = None
    # The fields below are read only to be refused.
    tools: Any = None
    functions: Any = None
    tool_choice: Any = None
    function_call: Any = None
    response_format: Any = None
    reasoning: Any = None
    reasoning_effort: str | None = None
    logprobs: bool | None = None
    top_logprobs: int | None = None


class ModerationDetails(Wire):
    moderation_stage: str | None = None


class Choice(Wire):
    index: Count = None
    message: Message | None = None
    finish_reason: Name = None
    native_finish_reason: Name = None
    moderation_details: Annotated[ModerationDetails | None, BOOKKEEPING] = None
    logprobs: Annotated[Any, BOOKKEEPING] = None
    error: Any = None


class ChunkChoice(Wire):
    """A choice in a chunk of a stream, where ``finish_reason`` is written even when it is null."""

    index: Count = None
    delta: Message | None = None
    finish_reason: Annotated[str | UnsetType | None, BOOKKEEPING] = UNSET
    native_finish_reason: Name = None
    moderation_details: Annotated[ModerationDetails | None, BOOKKEEPING] = None
    logprobs: Annotated[Any, BOOKKEEPING] = None


class PromptDetails(Wire):
    cached_tokens: Count = None
    text_tokens: Count = None
    image_tokens: Count = None
    audio_tokens: Count = None
    cache_write_tokens: Count = None


class CompletionDetails(Wire):
    reasoning_tokens: Count = None
    text_tokens: Count = None
    image_tokens: Count = None
    audio_tokens: Count = None
    accepted_prediction_tokens: Count = None
    rejected_prediction_tokens: Count = None


class Usage(Wire):
    prompt_tokens: Count = None
    completion_tokens: Count = None
    input_tokens: Count = None
    output_tokens: Count = None
    total_tokens: Count = None
    prompt_tokens_details: Annotated[PromptDetails | None, BOOKKEEPING] = None
    completion_tokens_details: Annotated[CompletionDetails | None, BOOKKEEPING] = None
    input_tokens_details: Annotated[PromptDetails | None, BOOKKEEPING] = None
    output_tokens_details: Annotated[CompletionDetails | None, BOOKKEEPING] = None


class Response(Wire):
    OFFICIAL: ClassVar[frozenset[str]] = frozenset({"metadata", "moderation"})

    id: Annotated[str | Int64 | None, BOOKKEEPING] = None
    object: Name = None
    created: Annotated[Number64 | None, BOOKKEEPING] = None
    model: Name = None
    choices: list[Choice] | None = None
    usage: Annotated[Usage | None, BOOKKEEPING] = None
    system_fingerprint: Name = None
    service_tier: Name = None
    error: Any = None


class Chunk(Wire):
    """A piece of a reply; ``obfuscation`` is padding that means nothing."""

    OFFICIAL: ClassVar[frozenset[str]] = frozenset({"moderation"})

    id: Annotated[str | Int64 | None, BOOKKEEPING] = None
    object: Name = None
    created: Annotated[Number64 | None, BOOKKEEPING] = None
    model: Name = None
    choices: list[ChunkChoice] | None = None
    usage: Annotated[Usage | None, BOOKKEEPING] = None
    system_fingerprint: Name = None
    service_tier: Name = None
    error: Any = None
    obfuscation: Annotated[Any, BOOKKEEPING] = None
