"""Finish and block reasons by Gemini's names, which the hub uses, and refusals.

Facts. The names: google-genai ``types.FinishReason`` and ``types.BlockedReason``. A name of the
future is kept as it is; it counts as an end without an image.
"""

from __future__ import annotations

from imagewire.model import Candidate, Failure, FailureKind, ImageResponse, Stage
from imagewire.redaction import clean

#: The messages of refusals that came without words.
PROMPT_BLOCKED = "The prompt was blocked by the provider's safety system."
IMAGE_BLOCKED = "The generated image was blocked by the provider's safety system."
NO_IMAGE = "The model returned no image."

#: The finish reasons of the Gemini API by number: googleapis, generativelanguage v1beta.
FINISH_REASONS = (
    "FINISH_REASON_UNSPECIFIED",
    "STOP",
    "MAX_TOKENS",
    "SAFETY",
    "RECITATION",
    "OTHER",
    "LANGUAGE",
    "BLOCKLIST",
    "PROHIBITED_CONTENT",
    "SPII",
    "MALFORMED_FUNCTION_CALL",
    "IMAGE_SAFETY",
    "UNEXPECTED_TOOL_CALL",
    "TOO_MANY_TOOL_CALLS",
    "IMAGE_PROHIBITED_CONTENT",
    "IMAGE_OTHER",
    "NO_IMAGE",
    "IMAGE_RECITATION",
)
#: The block reasons of the Gemini API by number.
BLOCK_REASONS = (
    "BLOCK_REASON_UNSPECIFIED",
    "SAFETY",
    "OTHER",
    "BLOCKLIST",
    "PROHIBITED_CONTENT",
    "IMAGE_SAFETY",
)
# Both kinds of reasons on Vertex alone, and names that google-genai 3.4 has without a number.
_VERTEX = ("MODEL_ARMOR", "JAILBREAK")
_UNNUMBERED = (
    "MISSING_THOUGHT_SIGNATURE",
    "MALFORMED_RESPONSE",
    "ESCALATION",
    "PUP_LIMITED_DISABLED",
    "CONTINUATION",
)

#: Every finish and block reason that Google has published.
KNOWN = frozenset((*FINISH_REASONS, *_UNNUMBERED, *_VERTEX))

#: The finish reasons of the safety system.
BLOCKING = frozenset(
    {
        *("SAFETY", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", *_VERTEX, "RECITATION"),
        *("IMAGE_SAFETY", "IMAGE_PROHIBITED_CONTENT", "IMAGE_RECITATION"),
    }
)

#: Why a prompt may have been refused.
PROMPT_REASONS = frozenset((*BLOCK_REASONS[1:], *_VERTEX))


def has_image(candidate: Candidate) -> bool:
    """Whether an answer holds a picture, a draft included."""
    for part in candidate.parts:  # noqa: SIM110 - a generator takes longer
        if part.image is not None:
            return True
    return False


def is_blocked(candidate: Candidate) -> bool:
    """Whether the safety system withheld the picture."""
    return candidate.finish in BLOCKING and not has_image(candidate)


def finish_name(name: str | None) -> str:
    """A finish reason, in any case; an unspecified one is a plain end."""
    if not name or name == "FINISH_REASON_UNSPECIFIED":
        return "STOP"
    return name if name in KNOWN or name.upper() not in KNOWN else name.upper()


def refusal_of(response: ImageResponse) -> Failure | None:
    """The failure that a response without any picture is, where it has to be one; else None.

    It speaks with the model's own words, if there are any.
    """
    if any(map(has_image, response.candidates)):
        return None
    if response.block is not None:
        return _refused("input", clean(response.block.message or PROMPT_BLOCKED))
    for candidate in response.candidates:
        if is_blocked(candidate):
            return _refused("output", _words(candidate) or IMAGE_BLOCKED)
    words = filter(None, map(_words, response.candidates))
    return Failure(kind=FailureKind.NO_IMAGE, message=next(words, NO_IMAGE), status=400)


def _refused(stage: Stage, message: str) -> Failure:
    return Failure(kind=FailureKind.CONTENT_BLOCKED, message=message, status=400, stage=stage)


def _words(candidate: Candidate) -> str | None:
    texts = [part.text for part in candidate.parts if part.text and not part.thought]
    return clean(candidate.finish_message or "".join(texts)).strip() or None
