"""The Responses API on the wire, as far as its ``image_generation`` tool makes pictures.

Facts. The schema: openai SDK 3.57 ``types/responses`` (2026-11-26): ``response_create_params.py``,
``tool_param.py``, ``response_input_item_param.py``, ``response.py``, ``response_output_item.py``.
An ``input_image`` needs its ``detail``, an earlier ``image_generation_call`` its ``id``, ``status``
and ``result``. ``tool_usage`` needs ``web_search`` beside ``image_gen``.
"""

from typing import Annotated, Any, ClassVar

from msgspec import UNSET, UnsetType

from imagewire.codec.fields import BOOKKEEPING, Count, Name, Number64, Wire
from imagewire.formats.shared.image_usage import Usage

#: The type of an item that is a picture, or the failure to make one.
CALL = "image_generation_call"


class Link(Wire):
    """Where a picture is, as chat completions say it."""

    url: str
    detail: Name = None


class Part(Wire):
    """A piece of a message's content."""

    OFFICIAL: ClassVar[frozenset[str]] = frozenset(
        {"file_data", "file_url", "filename", "input_audio", "prompt_cache_breakpoint"}
    )

    type: str | None = None
    text: str | None = None
    image_url: str | Link | None = None
    file_id: str | None = None
    detail: Name = None
    refusal: str | None = None
    annotations: Annotated[Any, BOOKKEEPING] = UNSET
    logprobs: Annotated[Any, BOOKKEEPING] = UNSET


class ModerationDetails(Wire):
    categories: Annotated[list[str] | None, BOOKKEEPING] = None
    moderation_stage: Name = None


class CallError(Wire):
    type: str | None = None
    code: str | None = None
    message: str | None = None
    param: Name = None
    moderation_details: Annotated[ModerationDetails | None, BOOKKEEPING] = None


class Summary(Wire):
    type: str | None = None
    text: str | None = None


class Item(Wire):
    """An item of ``input`` or ``output``: a message, a call of the tool, or something else."""

    OFFICIAL: ClassVar[frozenset[str]] = frozenset(
        {
            *("phase", "svg_usage"),  # of messages and calls; of other items:
            *("arguments", "call_id", "encrypted_content", "name", "namespace", "output"),
        }
    )

    id: Name = None
    type: str | None = None
    status: Name = None
    role: Name = None  # of a reply: it has one speaker
    content: str | list[Part] | None = None
    result: str | None = None
    b64_json: str | None = None  # where some relays write the ``result``
    action: Annotated[Any, BOOKKEEPING] = None
    background: Name = None
    output_format: Name = None
    quality: Name = None
    revised_prompt: str | None = None
    size: Name = None
    error: CallError | None = None
    summary: list[Summary] | None = None

    def __post_init__(self) -> None:
        if self.b64_json and self.type == CALL and not self.result:
            self.result, self.b64_json = self.b64_json, None


class Mask(Wire):
    image_url: str | None = None
    file_id: str | None = None


class Tool(Wire):
    OFFICIAL: ClassVar[frozenset[str]] = frozenset(
        {"complexity", "frame_count", "frame_duration_ms", "svg"}
    )

    type: str
    model: Name = None
    action: Name = None
    size: Name = None
    quality: Name = None
    background: Name = None
    output_format: Name = None
    output_compression: Annotated[int | None, BOOKKEEPING] = None
    moderation: Name = None
    input_fidelity: Name = None
    input_image_mask: Annotated[Mask | None, BOOKKEEPING] = None
    partial_images: Annotated[int | None, BOOKKEEPING] = None


class ToolChoice(Wire):
    OFFICIAL: ClassVar[frozenset[str]] = frozenset({"mode", "name", "server_label", "tools"})

    type: str | None = None


class Request(Wire):
    OFFICIAL: ClassVar[frozenset[str]] = frozenset(
        {
            *("access_programs", "background_options", "context_management", "image", "include"),
            *("max_output_tokens", "max_tool_calls", "metadata", "moderation"),
            *("parallel_tool_calls", "prompt_cache_key", "prompt_cache_options"),
            *("prompt_cache_retention", "reasoning", "service_tier", "stream_options"),
            *("temperature", "text", "top_logprobs", "top_p", "truncation"),
        }
    )

    model: str | None = None
    instructions: str | None = None
    input: str | list[Item] | None = None
    tools: list[Tool] | None = None
    tool_choice: ToolChoice | str | None = None
    store: bool | None = None
    user: str | None = None
    safety_identifier: str | None = None
    # The fields below are read only to be refused.
    stream: bool | None = None
    background: bool | None = None
    conversation: Any = None
    previous_response_id: str | None = None
    prompt: Any = None


class WebSearch(Wire):
    num_requests: Count = None


class ToolUsage(Wire):
    image_gen: Annotated[Usage | None, BOOKKEEPING] = None
    web_search: Annotated[WebSearch | None, BOOKKEEPING] = None


class IncompleteDetails(Wire):
    reason: Name = None


class Response(Wire):
    """A reply; ``error`` and ``incomplete_details`` are written even when they are null."""

    OFFICIAL: ClassVar[frozenset[str]] = frozenset(
        {
            *("access_programs", "background", "completed_at", "conversation", "image"),
            *("input_transformations", "instructions", "max_output_tokens", "max_tool_calls"),
            *("metadata", "moderation", "previous_response_id", "prompt", "prompt_cache_key"),
            *("prompt_cache_diagnostics", "prompt_cache_options", "prompt_cache_retention"),
            *("reasoning", "safety_identifier", "service_tier", "store", "temperature", "text"),
            *("top_logprobs", "top_p", "truncation", "usage", "user"),
        }
    )

    id: Name = None
    object: Name = None
    created_at: Annotated[Number64 | None, BOOKKEEPING] = None
    status: Name = None
    error: Any = UNSET
    incomplete_details: Annotated[IncompleteDetails | UnsetType | None, BOOKKEEPING] = UNSET
    model: Name = None
    output: list[Item] | None = None
    parallel_tool_calls: Annotated[Any, BOOKKEEPING] = None
    tool_choice: Annotated[ToolChoice | str | None, BOOKKEEPING] = None
    tools: Annotated[list[Tool] | None, BOOKKEEPING] = None
    tool_usage: Annotated[ToolUsage | None, BOOKKEEPING] = None


class Event(Wire):
    """An event of a stream: of a whole response, of an item, or of a piece of one."""

    type: str | None = None
    sequence_number: Count = None
    output_index: Count = None
    item_id: Name = None
    response: Response | None = None
    item: Item | None = None
    content_index: Count = None
    delta: str | None = None
    partial_image_index: Count = None
    partial_image_b64: str | None = None
    background: Name = None
    output_format: Name = None
    quality: Name = None
    size: Name = None
    error: Any = None
    message: Any = None
    code: Any = None
    param: Any = None
    # The fields below are told by other events, or say how the stream is sent.
    annotation: Any = None
    annotation_index: Any = None
    logprobs: Any = None
    obfuscation: Any = None
    part: Any = None
    refusal: Any = None
    summary_index: Any = None
    text: Any = None
