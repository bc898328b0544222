"""What the SDKs' types name and our structs do not, and the other way round, with reasons."""

# Each table goes by our struct. A field that stands in no table turns `test_sdk_fields` red by
# name: name it in the struct, or write down here why it is carried without a name.

from __future__ import annotations

from collections.abc import Mapping

from imagewire.codec.fields import Wire
from imagewire.formats.chat import wire as chat
from imagewire.formats.gemini import wire as gemini
from imagewire.formats.images import wire as images
from imagewire.formats.shared import image_config, image_usage, thought_fields
from sdk_types import names_of

#: Field names by the reason that they share.
Reasons = Mapping[str, tuple[str, ...]]
Table = Mapping[type[Wire], Reasons]

#: Carried as extras; another format reports each as dropped.
REPORTED: Table = {
    chat.Request: {
        "about the text of an answer, of which image models write little": (
            "logit_bias",
            "prediction",
            "verbosity",
        ),
        "how OpenAI bills, stores and caches": (
            "service_tier",
            "store",
            "prompt_cache_key",
            "prompt_cache_retention",
        ),
        "search is a tool of text models": ("web_search_options",),
        "the caller's own labels": ("metadata",),
        "when a cache is read, which changes no picture": ("prompt_cache_options",),
    },
    chat.Message: {
        "no other format names who speaks": ("name",),
        "a spoken answer, or the id of one": ("audio",),
    },
    chat.Part: {"when a cache is read, which changes no picture": ("prompt_cache_breakpoint",)},
    chat.Response: {
        "the caller's own labels": ("metadata",),
        "scores of OpenAI's moderation, which has run": ("moderation",),
    },
    gemini.Request: {
        "settings of tools, which alone do nothing": ("toolConfig",),
        "the caller's own labels": ("labels",),
        "how Google bills and stores": ("serviceTier", "store"),
        "Google Cloud's screening and storage, Vertex only": ("modelArmorConfig", "outputConfig"),
        "a long text goes on, which a picture does not": ("continuationToken",),
    },
    gemini.GenerationConfig: {
        "a document's schema, which only text has": ("responseSchema", "responseJsonSchema"),
        "how many logprobs, which `responseLogprobs` has to ask for": ("logprobs",),
        "which model answers, Vertex only": ("routingConfig", "modelConfig"),
        "how closely input is looked at: chat says it of one image, Gemini of all": (
            "mediaResolution",
        ),
        "sound, speech and translation": (
            "speechConfig",
            "audioTimestamp",
            "audioTranscriptionConfig",
            "enableAffectiveDialog",
            "translationConfig",
        ),
        "about the text of an answer": ("enableEnhancedCivicAnswers",),
    },
    gemini.ImageConfig: {
        "who may be in the picture, which no other format asks": (
            "personGeneration",
            "prominentPeople",
        ),
    },
    gemini.Part: {
        "about how media are read": ("mediaResolution", "mediaProcessing", "videoMetadata"),
        "about media that are no images": (
            "audioTranscription",
            "speechMetadata",
            "documentMetadata",
            "spreadsheetMetadata",
            "audioMetadata",
        ),
        "the caller's own labels": ("partMetadata",),
    },
    gemini.Blob: {"a file's name, which is not in its bytes": ("displayName",)},
    gemini.FileData: {"a file's name, which is not in its bytes": ("displayName",)},
    gemini.Candidate: {
        "where an answer comes from": (
            "citationMetadata",
            "groundingMetadata",
            "urlContextMetadata",
        ),
        "asked for with `responseLogprobs`, which image models refuse": ("logprobsResult",),
        "a long text goes on, which a picture does not": ("continuationToken",),
    },
    gemini.Response: {
        "made by the SDK, on no wire": (
            "sdkHttpResponse",
            "automaticFunctionCallingHistory",
            "parsed",
        ),
    },
    gemini.ResponseFormat: {"other answers than pictures": ("audio", "text", "video")},
    gemini.FormatImage: {"how a picture comes": ("delivery", "mimeType")},
    images.Request: {
        "GPT Image 2.5 and later": ("complexity", "frame_count", "frame_duration_ms", "svg"),
        "DALL-E 3 alone": ("style",),
    },
    images.Response: {
        "the end user's id, which the request said": ("safety_identifier",),
        "tokens of a model beside the image model": ("svg_usage",),
    },
}

#: Carried as extras; another format passes over each in silence: bookkeeping.
SILENT: Table = {
    chat.Request: {
        "says something of tools, streams and voices alone": (
            "parallel_tool_calls",
            "stream_options",
            "audio",
        ),
    },
    gemini.Candidate: {"counts of one candidate": ("tokenCount",)},
    gemini.Response: {"the model's stage of life": ("modelStatus",)},
}

#: Carried as extras; another format raises, because the result would ask for something else.
REFUSED_ELSEWHERE: Table = {gemini.Request: {"grounding is real there": ("tools",)}}

#: What makes a whole part, or a whole message, foreign: verbatim to its own format, reported by
#: another, which raises where it is part of what was asked.
FOREIGN: Table = {
    chat.Part: {"sound": ("input_audio",)},
    chat.Message: {"the result of a tool": ("tool_call_id",)},
    gemini.Part: {
        "calls and results of tools, beside `text` in a oneof": (
            "codeExecutionResult",
            "executableCode",
            "functionCall",
            "functionResponse",
            "toolCall",
            "toolResponse",
        ),
    },
}

#: Named, to be refused.
REFUSED: Table = {
    chat.Request: {
        "the product page: not for image models": (
            "stream",
            "tools",
            "functions",
            "tool_choice",
            "function_call",
            "response_format",
            "reasoning_effort",
            "logprobs",
            "top_logprobs",
        ),
    },
    gemini.GenerationConfig: {
        "an image model answers with parts": ("responseMimeType", "responseLogprobs"),
    },
    images.Request: {"replies come whole": ("stream", "partial_images")},
}

#: Named, and read, but written in another way.
ELSEWHERE: Table = {
    chat.Request: {"deprecated: written as `max_completion_tokens`": ("max_tokens",)},
    gemini.GenerationConfig: {
        "one call makes one candidate: it becomes `repeat`": ("candidateCount",),
    },
    images.Request: {
        "a form's name for what JSON calls `images`": ("image",),
        "never written to GPT Image, which refuses it": ("response_format",),
    },
}

#: Named, and carried; chat and Gemini raise.
OWN_ALONE: Table = {
    images.Request: {
        "chat and Gemini have none": ("mask",),
        "no other format has one": ("markup",),
    },
    images.Reference: {"files are uploaded to OpenAI": ("file_id",)},
}

_SHAPED = {
    "the gateways that copy Google's": (
        "aspect_ratio",
        "image_size",
        "image_config",
        "generation_config",
    ),
}
_GOOGLE = {
    "Google's OpenAI-compatible endpoint": (
        "thinking_config",
        "safety_settings",
        "cached_content",
        "top_k",
    ),
    **_SHAPED,
}

#: Named without being in the SDKs' types, by where the name is from.
EXTENSIONS: Table = {
    # Pieces of streams, which `test_sdk_streams` holds against the SDK's types.
    chat.Chunk: {"a piece": tuple(names_of(chat.Chunk))},
    chat.ChunkChoice: {"a piece": tuple(names_of(chat.ChunkChoice))},
    images.Event: {"a piece": tuple(names_of(images.Event))},
    chat.Request: {
        "the product page's and the gateways': the Images API's settings": (
            "size",
            "quality",
            "background",
            "output_format",
            "output_compression",
            "input_fidelity",
        ),
        "OpenRouter": ("image_config", "reasoning"),
        "nexara, flat": ("aspect_ratio", "image_size"),
        "Google's own name for both": ("generation_config",),
        "Google's OpenAI-compatible endpoint, nested as clients send it, or not": (
            "extra_body",
            "google",
        ),
    },
    chat.ExtraBody: {"Google's fields, nested as clients send them": ("google",), **_GOOGLE},
    chat.Google: _GOOGLE,
    chat.GenerationConfig: {
        "the gateways that copy Google's": ("image_config", "thinking_config", "top_k")
    },
    image_config.GenerationConfig: {"the gateways that copy Google's": ("image_config",)},
    image_config.Google: _SHAPED,
    image_config.ExtraBody: {"Google's fields, nested": ("google",), **_SHAPED},
    image_config.ImageConfig: {"OpenRouter": ("aspect_ratio", "image_size")},
    chat.Message: {
        "OpenRouter, LiteLLM, Vercel": ("images",),
        "LiteLLM before 1.77": ("image",),
        "OpenRouter": ("reasoning",),
        "Google's OpenAI-compatible endpoint": ("extra_content",),
        "LiteLLM": ("provider_specific_fields",),
    },
    chat.ProviderFields: {"LiteLLM": ("thought_signatures",)},
    chat.Part: {
        "LiteLLM's entries of `images`": ("index", "url"),
        "nekro-agent": ("data",),
        "the Images API's entries": ("b64_json",),
        "the Responses API's `input_image`": ("detail",),
        "Google's OpenAI-compatible endpoint": ("extra_content",),
    },
    chat.Choice: {
        "OpenRouter": ("native_finish_reason", "error"),
        "OpenAI's moderation errors, on a choice": ("moderation_details",),
    },
    chat.ModerationDetails: {"OpenAI's moderation errors": ("moderation_stage",)},
    chat.CompletionDetails: {"gateways: the SDK has it of prompts only": ("image_tokens",)},
    chat.Response: {"an error under 200": ("error",)},
    thought_fields.ExtraContent: {
        "Google's OpenAI-compatible endpoint, and Vertex's": ("google", "vertex")
    },
    thought_fields.GoogleMark: {
        "Google's OpenAI-compatible endpoint": ("thought_signature",),
        "our own, beside it": ("thought",),
    },
    gemini.Request: {
        "the API's: the SDK has them as arguments": ("model", "contents", "generationConfig")
    },
    gemini.UsageMetadata: {"every reply of the Gemini API has it": ("serviceTier",)},
    gemini.Response: {"an error under 200": ("error",)},
    images.Request: {
        "JSON edits: openai-openapi `EditImageBodyJsonParam`": ("images",),
        "a form's name for several": ("image[]", "images[]"),
        "gateways' names for input images": (
            "input_references",
            "reference_images",
            "image_urls",
        ),
        "gateways' names for a ratio and a tier": (
            "aspect_ratio",
            "image_size",
            "resolution",
            "image_config",
            "image_config[aspect_ratio]",
            "image_config[image_size]",
            "generation_config",
            "extra_body",
        ),
    },
    images.ImageURL: {"chat's habit, in JSON edits": ("url",)},
    images.Reference: {
        "xAI": ("type", "url"),
        "gateways": ("b64_json", "base64"),
    },
    image_usage.Usage: {
        "chat's names, which gateways write": (
            "prompt_tokens",
            "prompt_tokens_details",
            "completion_tokens",
            "completion_tokens_details",
        ),
        "gateways": ("cached_tokens",),
    },
    image_usage.TokenDetails: {"gateways": ("audio_tokens", "cached_tokens", "reasoning_tokens")},
    chat.Usage: {
        "the Images API's names, which gateways write": (
            "input_tokens",
            "output_tokens",
            "input_tokens_details",
            "output_tokens_details",
        ),
    },
    images.Bracketed: {"names in brackets, as forms have them": ("image",)},
    images.Datum: {
        "Google's OpenAI-compatible endpoint, by analogy": ("extra_content",),
        "Volcengine": ("error",),
    },
    images.Response: {"an error under 200": ("error",), "gateways": ("model",)},
}

#: An error envelope is no struct: what its `ErrorObject` has beyond message, type, param and code.
ERROR_DETAILS: Reasons = {"about agents' tasks, and newer than the four keys": ("misalignment",)}


def listed(table: Table, struct: type[Wire]) -> tuple[str, ...]:
    """The names that a table has for a struct."""
    return tuple(name for names in table.get(struct, {}).values() for name in names)


def is_listed(table: Table, struct: type[Wire], name: str) -> bool:
    return name in listed(table, struct)
