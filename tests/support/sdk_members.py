"""The names that the SDKs' types list for a field (literals, enums), and what becomes of each."""

# Tables go by our struct and the field's name. A name that stands in none turns `test_sdk_members`
# red. Names of one alone (a part's ``type``, a reply's ``object``) tell types apart: the walk of
# `sdk_types` uses them.

from __future__ import annotations

from collections.abc import Mapping

from imagewire.codec.fields import Wire
from imagewire.formats.chat import wire as chat
from imagewire.formats.gemini import wire as gemini
from imagewire.formats.images import wire as images

Key = tuple[type[Wire], str]
Names = Mapping[Key, tuple[str, ...]]

_SAFETY = {
    "category": (
        "HARM_CATEGORY_UNSPECIFIED",
        "HARM_CATEGORY_HARASSMENT",
        "HARM_CATEGORY_HATE_SPEECH",
        "HARM_CATEGORY_SEXUALLY_EXPLICIT",
        "HARM_CATEGORY_DANGEROUS_CONTENT",
        "HARM_CATEGORY_CIVIC_INTEGRITY",
        "HARM_CATEGORY_JAILBREAK",
        "HARM_CATEGORY_IMAGE_HATE",
        "HARM_CATEGORY_IMAGE_DANGEROUS_CONTENT",
        "HARM_CATEGORY_IMAGE_HARASSMENT",
        "HARM_CATEGORY_IMAGE_SEXUALLY_EXPLICIT",
    ),
    "threshold": (
        "HARM_BLOCK_THRESHOLD_UNSPECIFIED",
        "BLOCK_LOW_AND_ABOVE",
        "BLOCK_MEDIUM_AND_ABOVE",
        "BLOCK_ONLY_HIGH",
        "BLOCK_NONE",
        "OFF",
    ),
    "method": ("HARM_BLOCK_METHOD_UNSPECIFIED", "SEVERITY", "PROBABILITY"),
}
_LEVELS = ("THINKING_LEVEL_UNSPECIFIED", "MINIMAL", "LOW", "MEDIUM", "HIGH", "XHIGH")
_IMAGE_MODELS = (
    "gpt-image-1",
    "gpt-image-1-mini",
    "chatgpt-image-latest",
    "gpt-image-1.5",
    "gpt-image-2",
    "gpt-image-2-2026-04-21",
    "gpt-image-2.5-sunburst",
    "gpt-image-2.5-sunburst-2026-09-08",
    "gpt-image-2.5-flare",
    "gpt-image-2.5-flare-2026-09-08",
    "gpt-image-2.6-sunburst",
    "gpt-image-2.6-flare",
    "dall-e-2",
    "dall-e-3",
)

#: Comes back to its own format as it is (in any case: chat spells a thinking level small).
KEPT: Names = {
    (chat.Request, "modalities"): ("text", "audio"),
    (chat.ImageURL, "detail"): ("low", "high", "original"),
    (chat.ThinkingConfig, "thinking_level"): _LEVELS,
    **{(chat.SafetySetting, name): names for name, names in _SAFETY.items()},
    (chat.Response, "service_tier"): ("auto", "default", "flex", "scale", "priority", "fast"),
    (chat.Choice, "finish_reason"): (
        "stop",
        "length",
        "tool_calls",
        "content_filter",
        "function_call",
    ),
    (gemini.GenerationConfig, "responseModalities"): (
        "TEXT",
        "IMAGE",
        "AUDIO",
        "VIDEO",
    ),
    (gemini.ThinkingConfig, "thinkingLevel"): _LEVELS,
    **{(gemini.SafetySetting, name): names for name, names in _SAFETY.items()},
    (gemini.Candidate, "finishReason"): (
        "STOP",
        "MAX_TOKENS",
        "SAFETY",
        "RECITATION",
        "LANGUAGE",
        "OTHER",
        "BLOCKLIST",
        "PROHIBITED_CONTENT",
        "SPII",
        "MALFORMED_FUNCTION_CALL",
        "IMAGE_SAFETY",
        "IMAGE_PROHIBITED_CONTENT",
        "IMAGE_OTHER",
        "NO_IMAGE",
        "IMAGE_RECITATION",
        "UNEXPECTED_TOOL_CALL",
        "TOO_MANY_TOOL_CALLS",
        "MISSING_THOUGHT_SIGNATURE",
        "MALFORMED_RESPONSE",
        "ESCALATION",
        "PUP_LIMITED_DISABLED",
        "CONTINUATION",
        "MODEL_ARMOR",
    ),
    (gemini.PromptFeedback, "blockReason"): (
        "SAFETY",
        "OTHER",
        "BLOCKLIST",
        "PROHIBITED_CONTENT",
        "IMAGE_SAFETY",
        "MODEL_ARMOR",
        "JAILBREAK",
    ),
    (gemini.UsageMetadata, "trafficType"): (
        "TRAFFIC_TYPE_UNSPECIFIED",
        "ON_DEMAND",
        "ON_DEMAND_PRIORITY",
        "ON_DEMAND_FLEX",
        "ON_DEMAND_OFFPEAK",
        "PROVISIONED_THROUGHPUT",
    ),
    (gemini.ModalityTokenCount, "modality"): (
        "MODALITY_UNSPECIFIED",
        "TEXT",
        "IMAGE",
        "VIDEO",
        "AUDIO",
        "DOCUMENT",
    ),
    (images.Request, "model"): _IMAGE_MODELS,
    (images.Request, "background"): ("transparent", "opaque"),
    (images.Request, "moderation"): ("low",),
    (images.Request, "output_format"): ("png", "webp", "jpeg", "gif", "svg"),
    (images.Request, "quality"): ("low", "medium", "high", "xhigh", "max", "standard", "hd"),
    (images.Request, "size"): (
        "1024x1024",
        "1536x1024",
        "1024x1536",
        "256x256",
        "512x512",
        "1792x1024",
        "1024x1792",
    ),
    (images.Request, "input_fidelity"): ("high", "low"),
    (images.Response, "background"): ("transparent", "opaque"),
    (images.Response, "quality"): ("low", "medium", "high", "xhigh", "max"),
    (images.Response, "size"): ("1024x1024", "1024x1536", "1536x1024"),
}

#: Says what absence says, and is not written.
NEUTRAL: Names = {
    (chat.Request, "function_call"): ("none", "auto"),
    (chat.Request, "tool_choice"): ("none", "auto"),
    (chat.Request, "reasoning_effort"): ("none",),
    (chat.ImageURL, "detail"): ("auto",),
    (images.Request, "background"): ("auto",),
    (images.Request, "moderation"): ("auto",),
    (images.Request, "quality"): ("auto",),
    (images.Request, "size"): ("auto",),
    (images.Request, "response_format"): ("b64_json",),
}

#: What no image model offers.
REFUSED: Names = {
    (chat.Request, "tool_choice"): ("required",),
    (chat.Request, "reasoning_effort"): ("minimal", "low", "medium", "high", "xhigh", "max"),
}

#: Read as another name, each with what is written in its stead: tests of their own have them.
READ: Mapping[Key, Mapping[str, str | None]] = {
    (gemini.Candidate, "finishReason"): {"FINISH_REASON_UNSPECIFIED": "STOP"},
    (gemini.PromptFeedback, "blockReason"): {"BLOCKED_REASON_UNSPECIFIED": None},
    (gemini.GenerationConfig, "responseModalities"): {"MODALITY_UNSPECIFIED": None},
    (gemini.FormatImage, "aspectRatio"): {
        "ASPECT_RATIO_UNSPECIFIED": None,
        "ASPECT_RATIO_ONE_BY_ONE": "1:1",
        "ASPECT_RATIO_TWO_BY_THREE": "2:3",
        "ASPECT_RATIO_THREE_BY_TWO": "3:2",
        "ASPECT_RATIO_THREE_BY_FOUR": "3:4",
        "ASPECT_RATIO_FOUR_BY_THREE": "4:3",
        "ASPECT_RATIO_FOUR_BY_FIVE": "4:5",
        "ASPECT_RATIO_FIVE_BY_FOUR": "5:4",
        "ASPECT_RATIO_NINE_BY_SIXTEEN": "9:16",
        "ASPECT_RATIO_SIXTEEN_BY_NINE": "16:9",
        "ASPECT_RATIO_TWENTY_ONE_BY_NINE": "21:9",
        "ASPECT_RATIO_ONE_BY_EIGHT": "1:8",
        "ASPECT_RATIO_EIGHT_BY_ONE": "8:1",
        "ASPECT_RATIO_ONE_BY_FOUR": "1:4",
        "ASPECT_RATIO_FOUR_BY_ONE": "4:1",
    },
    (gemini.FormatImage, "imageSize"): {
        "IMAGE_SIZE_UNSPECIFIED": None,
        "IMAGE_SIZE_FIVE_TWELVE": "512",
        "IMAGE_SIZE_ONE_K": "1K",
        "IMAGE_SIZE_TWO_K": "2K",
        "IMAGE_SIZE_FOUR_K": "4K",
    },
    (images.Request, "response_format"): {"url": None},
    (images.Response, "output_format"): {
        name: name for name in ("png", "webp", "jpeg", "gif", "svg")
    },
}

#: Lists that grow with every text model: any id passes.
OPEN: Mapping[Key, str] = {(chat.Request, "model"): "text models, and any id passes"}

#: How an answer ended: what each group becomes in chat, with a picture and without, and what an
#: answer without one is in the Images API.
FINISH: Mapping[tuple[str, str, str], tuple[str, ...]] = {
    ("stop", "stop", "no_image"): ("STOP", "FINISH_REASON_UNSPECIFIED"),
    ("length", "length", "no_image"): ("MAX_TOKENS",),
    ("content_filter", "content_filter", "content_blocked"): (
        "SAFETY",
        "BLOCKLIST",
        "PROHIBITED_CONTENT",
        "SPII",
        "MODEL_ARMOR",
        "RECITATION",
        "IMAGE_SAFETY",
        "IMAGE_PROHIBITED_CONTENT",
        "IMAGE_RECITATION",
    ),
    ("stop", "content_filter", "no_image"): (
        "NO_IMAGE",
        "IMAGE_OTHER",
        "LANGUAGE",
        "OTHER",
        "MALFORMED_FUNCTION_CALL",
        "UNEXPECTED_TOOL_CALL",
        "TOO_MANY_TOOL_CALLS",
        "MISSING_THOUGHT_SIGNATURE",
        "MALFORMED_RESPONSE",
        "ESCALATION",
        "PUP_LIMITED_DISABLED",
        "CONTINUATION",
    ),
}
