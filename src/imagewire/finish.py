"""Why an answer ended: Gemini's names, which the hub uses, and what they mean.

Facts. The names: google-genai ``types.FinishReason`` and ``types.BlockedReason``. A name of the
future is kept as it is; it counts as an end without an image.
"""

from __future__ import annotations

from imagewire.model import Candidate

#: The safety system ended it.
BLOCKING = frozenset(
    {
        "SAFETY",
        "BLOCKLIST",
        "PROHIBITED_CONTENT",
        "SPII",
        "MODEL_ARMOR",
        "JAILBREAK",
        "RECITATION",
        "IMAGE_SAFETY",
        "IMAGE_PROHIBITED_CONTENT",
        "IMAGE_RECITATION",
    }
)

#: Every finish and block reason that Google has published.
KNOWN = BLOCKING | {
    "FINISH_REASON_UNSPECIFIED",
    "STOP",
    "MAX_TOKENS",
    "LANGUAGE",
    "OTHER",
    "MALFORMED_FUNCTION_CALL",
    "IMAGE_OTHER",
    "NO_IMAGE",
    "UNEXPECTED_TOOL_CALL",
    "TOO_MANY_TOOL_CALLS",
    "MISSING_THOUGHT_SIGNATURE",
    "MALFORMED_RESPONSE",
    "ESCALATION",
    "PUP_LIMITED_DISABLED",
    "CONTINUATION",
}

#: Why a prompt may have been refused.
BLOCK_REASONS = frozenset(
    {
        "SAFETY",
        "OTHER",
        "BLOCKLIST",
        "PROHIBITED_CONTENT",
        "IMAGE_SAFETY",
        "MODEL_ARMOR",
        "JAILBREAK",
    }
)


def has_image(candidate: Candidate) -> bool:
    """Whether an answer holds a picture, a draft included."""
    return any(part.image is not None for part in candidate.parts)


def is_blocked(candidate: Candidate) -> bool:
    """Whether the safety system withheld the picture."""
    return candidate.finish in BLOCKING and not has_image(candidate)


def finish_name(name: str | None) -> str:
    """A finish reason, in any case; an unspecified one is a plain end."""
    if not name or name == "FINISH_REASON_UNSPECIFIED":
        return "STOP"
    return name.upper() if name.upper() in KNOWN else name
