"""Gemini generateContent on the wire, as Google, its SDKs and the relays really write it.

Facts. The schema: googleapis ``google/ai/generativelanguage/v1beta`` and google-genai
``types.py``. Keys are protobuf JSON: camelCase or snake_case, mixed (google-genai itself sends
``inlineData`` with ``mime_type``). A part is a oneof: exactly one of its data members. An enum may
be a number, which is how proto-plus dumps replies: the Gemini API's, from which Vertex AI's differ
in some reasons above 5.
"""

from typing import Annotated, Any

from imagewire.codec.document import EnumNames, ProtoWire
from imagewire.formats.shared.google_settings import HarmBlockThreshold, HarmCategory
from imagewire.rules.finish import BLOCK_REASONS, FINISH_REASONS

ResponseModality = Annotated[str, EnumNames(("MODALITY_UNSPECIFIED", "TEXT", "IMAGE", "AUDIO"))]
Modality = Annotated[
    str, EnumNames(("MODALITY_UNSPECIFIED", "TEXT", "IMAGE", "VIDEO", "AUDIO", "DOCUMENT"))
]
FinishReason = Annotated[str, EnumNames(FINISH_REASONS)]
BlockReason = Annotated[str, EnumNames(BLOCK_REASONS)]


class Blob(ProtoWire):
    mime_type: str | None = None
    data: str = ""


class FileData(ProtoWire):
    mime_type: str | None = None
    file_uri: str = ""


class Part(ProtoWire):
    text: str | None = None
    inline_data: Blob | None = None
    file_data: FileData | None = None
    thought: bool | None = None
    thought_signature: str | None = None


class Content(ProtoWire):
    role: str | None = None
    parts: list[Part] | None = None


class ImageOutputOptions(ProtoWire):
    mime_type: str | None = None
    compression_quality: int | None = None


class ImageConfig(ProtoWire):
    aspect_ratio: str | None = None
    image_size: str | None = None
    image_output_options: ImageOutputOptions | None = None


class FormatImage(ProtoWire):
    aspect_ratio: str | None = None
    image_size: str | None = None


class ResponseFormat(ProtoWire):
    image: FormatImage | None = None


class ThinkingConfig(ProtoWire):
    include_thoughts: bool | None = None
    thinking_budget: int | None = None
    thinking_level: str | None = None


class GenerationConfig(ProtoWire):
    candidate_count: int | None = None
    response_modalities: list[ResponseModality] | None = None
    image_config: ImageConfig | None = None
    response_format: ResponseFormat | list[ResponseFormat] | None = None
    temperature: float | None = None
    top_p: float | None = None
    top_k: int | float | None = None
    seed: int | None = None
    stop_sequences: list[str] | None = None
    max_output_tokens: int | None = None
    presence_penalty: float | None = None
    frequency_penalty: float | None = None
    thinking_config: ThinkingConfig | None = None
    # The fields below are read only to be refused.
    response_mime_type: str | None = None
    response_logprobs: bool | None = None


class SafetySetting(ProtoWire):
    category: HarmCategory
    threshold: HarmBlockThreshold
    method: str | None = None


class Request(ProtoWire, kw_only=True):
    model: str | None = None
    system_instruction: Content | None = None
    contents: list[Content]
    generation_config: GenerationConfig | None = None
    safety_settings: list[SafetySetting] | None = None
    cached_content: str | None = None


class Candidate(ProtoWire):
    content: Content | None = None
    finish_reason: FinishReason | None = None
    finish_message: str | None = None
    index: int | None = None
    avg_logprobs: Any = None
    safety_ratings: Any = None


class PromptFeedback(ProtoWire):
    block_reason: BlockReason | None = None
    block_reason_message: str | None = None
    safety_ratings: Any = None


class ModalityTokenCount(ProtoWire):
    modality: Modality | None = None
    token_count: int | None = None


class UsageMetadata(ProtoWire):
    prompt_token_count: int | None = None
    tool_use_prompt_token_count: int | None = None
    cached_content_token_count: int | None = None
    candidates_token_count: int | None = None
    thoughts_token_count: int | None = None
    total_token_count: int | None = None
    prompt_tokens_details: list[ModalityTokenCount] | None = None
    cache_tokens_details: list[ModalityTokenCount] | None = None
    tool_use_prompt_tokens_details: list[ModalityTokenCount] | None = None
    candidates_tokens_details: list[ModalityTokenCount] | None = None
    # Named only because every reply has one: Vertex's, and the Gemini API's.
    traffic_type: Any = None
    service_tier: Any = None


class Response(ProtoWire):
    candidates: list[Candidate] | None = None
    prompt_feedback: PromptFeedback | None = None
    usage_metadata: UsageMetadata | None = None
    model_version: str | None = None
    response_id: str | None = None
    create_time: str | None = None
    error: Any = None
