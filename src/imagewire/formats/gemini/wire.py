"""Gemini generateContent on the wire, as Google, its SDKs and the relays really write it.

Facts. The schema: googleapis ``google/ai/generativelanguage/v1beta`` and google-genai
``types.py``. Keys are protobuf JSON: camelCase or snake_case, mixed (google-genai itself sends
``inlineData`` with ``mime_type``). A part is a oneof: exactly one of its data members. An enum may
be a number, which is how proto-plus dumps replies: the Gemini API's, from which Vertex AI's differ
in some reasons above 5.
"""

from typing import Annotated, Any, ClassVar

from imagewire.codec.fields import BOOKKEEPING, Count, EnumNames, Name, ProtoWire
from imagewire.formats.shared.google_settings import HarmBlockThreshold, HarmCategory
from imagewire.rules.finish import BLOCK_REASONS, FINISH_REASONS

ResponseModality = Annotated[str, EnumNames(("MODALITY_UNSPECIFIED", "TEXT", "IMAGE", "AUDIO"))]
Modality = Annotated[
    str, EnumNames(("MODALITY_UNSPECIFIED", "TEXT", "IMAGE", "VIDEO", "AUDIO", "DOCUMENT"))
]
FinishReason = Annotated[str, EnumNames(FINISH_REASONS)]
BlockReason = Annotated[str, EnumNames(BLOCK_REASONS)]


class Blob(ProtoWire):
    OFFICIAL: ClassVar[frozenset[str]] = frozenset({"displayName"})

    mime_type: Name = None
    data: str = ""


class FileData(ProtoWire):
    OFFICIAL: ClassVar[frozenset[str]] = frozenset({"displayName"})

    mime_type: Name = None
    file_uri: str = ""


class Part(ProtoWire):
    OFFICIAL: ClassVar[frozenset[str]] = frozenset(
        {
            "audioMetadata",
            "audioTranscription",
            "codeExecutionResult",
            "documentMetadata",
            "executableCode",
            "functionCall",
            "functionResponse",
            "mediaProcessing",
            "mediaResolution",
            "partMetadata",
            "speechMetadata",
            "spreadsheetMetadata",
            "toolCall",
            "toolResponse",
            "videoMetadata",
        }
    )

    text: str | None = None
    inline_data: Blob | None = None
    file_data: FileData | None = None
    thought: bool | None = None
    thought_signature: Name = None


class Content(ProtoWire):
    role: Name = None
    parts: list[Part] | None = None


class ImageOutputOptions(ProtoWire):
    mime_type: str | None = None
    compression_quality: int | None = None


class ImageConfig(ProtoWire):
    OFFICIAL: ClassVar[frozenset[str]] = frozenset({"personGeneration", "prominentPeople"})

    aspect_ratio: str | None = None
    image_size: str | None = None
    image_output_options: ImageOutputOptions | None = None


class FormatImage(ProtoWire):
    OFFICIAL: ClassVar[frozenset[str]] = frozenset({"delivery", "mimeType"})

    aspect_ratio: str | None = None
    image_size: str | None = None


class ResponseFormat(ProtoWire):
    OFFICIAL: ClassVar[frozenset[str]] = frozenset({"audio", "text", "video"})

    image: FormatImage | None = None


class ThinkingConfig(ProtoWire):
    include_thoughts: bool | None = None
    thinking_budget: int | None = None
    thinking_level: str | None = None


class GenerationConfig(ProtoWire):
    OFFICIAL: ClassVar[frozenset[str]] = frozenset(
        {
            "audioTimestamp",
            "audioTranscriptionConfig",
            "enableAffectiveDialog",
            "enableEnhancedCivicAnswers",
            "logprobs",
            "mediaResolution",
            "modelConfig",
            "responseJsonSchema",
            "responseSchema",
            "routingConfig",
            "speechConfig",
            "translationConfig",
        }
    )

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
    OFFICIAL: ClassVar[frozenset[str]] = frozenset(
        {
            "continuationToken",
            "labels",
            "modelArmorConfig",
            "outputConfig",
            "serviceTier",
            "store",
            "toolConfig",
            "tools",
        }
    )

    model: str | None = None
    system_instruction: Content | None = None
    contents: list[Content]
    generation_config: GenerationConfig | None = None
    safety_settings: list[SafetySetting] | None = None
    cached_content: str | None = None


class Candidate(ProtoWire):
    OFFICIAL: ClassVar[frozenset[str]] = frozenset(
        {
            "citationMetadata",
            "continuationToken",
            "groundingMetadata",
            "logprobsResult",
            "tokenCount",
            "urlContextMetadata",
        }
    )

    content: Content | None = None
    finish_reason: Annotated[FinishReason | None, BOOKKEEPING] = None
    finish_message: str | None = None
    index: Count = None
    avg_logprobs: Annotated[Any, BOOKKEEPING] = None
    safety_ratings: Annotated[Any, BOOKKEEPING] = None


class PromptFeedback(ProtoWire):
    block_reason: BlockReason | None = None
    block_reason_message: str | None = None
    safety_ratings: Annotated[Any, BOOKKEEPING] = None


class ModalityTokenCount(ProtoWire):
    modality: Annotated[Modality | None, BOOKKEEPING] = None
    token_count: Count = None


TokenDetails = Annotated[list[ModalityTokenCount] | None, BOOKKEEPING]


class UsageMetadata(ProtoWire):
    prompt_token_count: Count = None
    tool_use_prompt_token_count: Count = None
    cached_content_token_count: Count = None
    candidates_token_count: Count = None
    thoughts_token_count: Count = None
    total_token_count: Count = None
    prompt_tokens_details: TokenDetails = None
    cache_tokens_details: TokenDetails = None
    tool_use_prompt_tokens_details: TokenDetails = None
    candidates_tokens_details: TokenDetails = None
    # Named only because every reply has one: Vertex's, and the Gemini API's.
    traffic_type: Annotated[Any, BOOKKEEPING] = None
    service_tier: Annotated[Any, BOOKKEEPING] = None


class Response(ProtoWire):
    OFFICIAL: ClassVar[frozenset[str]] = frozenset({"modelStatus"})

    candidates: list[Candidate] | None = None
    prompt_feedback: PromptFeedback | None = None
    usage_metadata: Annotated[UsageMetadata | None, BOOKKEEPING] = None
    model_version: Name = None
    response_id: Name = None
    create_time: Name = None
    error: Any = None
