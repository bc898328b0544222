"""Losses: what a translation could not carry, as values in its result; details are excerpts.

`LossCode` is the list of all that can be lost, and says what each code means. Codes are stable and
meant for programs, details are sentences for people and may change.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Generic, Self, TypeVar

import msgspec

from imagewire.paths import Path, Provenance, join
from imagewire.redaction import SHORTEST, excerpt

T_co = TypeVar("T_co", covariant=True)


class LossKind(StrEnum):
    """How the result differs from the source."""

    DROPPED = "DROPPED"
    APPROXIMATED = "APPROXIMATED"  #: the nearest value was written
    CORRECTED = "CORRECTED"  #: the source was wrong
    DEFAULTED = "DEFAULTED"  #: the target needs a value that the source does not have


class LossLevel(StrEnum):
    """How much it matters, most first."""

    CONTENT = "content"  #: pictures, words, turns
    SETTING = "setting"  #: what the caller asked for
    METADATA = "metadata"  #: bookkeeping

    @property
    def rank(self) -> int:
        """0 for what matters most."""
        return _RANKS[self]


_RANKS = {level: rank for rank, level in enumerate(LossLevel)}

DROPPED, APPROXIMATED = LossKind.DROPPED, LossKind.APPROXIMATED
CORRECTED, DEFAULTED = LossKind.CORRECTED, LossKind.DEFAULTED
CONTENT, SETTING, METADATA = LossLevel.CONTENT, LossLevel.SETTING, LossLevel.METADATA


class LossCode(StrEnum):
    """What was lost, by a stable name; each has one kind, one level, and a sentence of meaning."""

    kind: LossKind
    level: LossLevel
    meaning: str

    def __new__(
        cls, name: str, kind: LossKind = DROPPED, level: LossLevel = SETTING, meaning: str = ""
    ) -> Self:
        """A member, from a row of the table below; by name alone it is looked up."""
        code = str.__new__(cls, name)
        code._value_ = name
        code.kind, code.level, code.meaning = kind, level, meaning
        return code

    # A row in two lines: name, kind and level, and what it means.
    # fmt: off

    # Pictures, words, turns.
    EARLIER_TURN = ("earlier_turn", DROPPED, CONTENT,
        "A turn of the conversation: only the last user message is the prompt.")
    EARLIER_IMAGE = ("earlier_image", DROPPED, CONTENT,
        "An image in a turn of the conversation that was left out.")
    SYSTEM_MESSAGE = ("system_message", DROPPED, CONTENT,
        "A system message, which the target does not have.")
    FOREIGN_PART = ("foreign_part", DROPPED, CONTENT,
        "A part that is neither text nor image (a tool call, audio, a file) of another API.")
    UPLOADED_FILE = ("uploaded_file", DROPPED, CONTENT,
        "An image that is known by the id of an uploaded file alone.")
    DRAFT_IMAGE = ("draft_image", DROPPED, CONTENT,
        "Draft images that the model made on the way to its answer.")
    THOUGHT_PART = ("thought_part", DROPPED, CONTENT,
        "A thought or draft, which without its mark would pass for the answer.")
    THOUGHT_SIGNATURE = ("thought_signature", DROPPED, CONTENT,
        "The thought signature or the thought mark of a part.")
    TEXT_BESIDE_IMAGE = ("text_beside_image", DROPPED, CONTENT,
        "Words of the model beside its images.")
    TEXT_BESIDE_ERROR = ("text_beside_error", DROPPED, CONTENT,
        "Words of an answer without an image that the error message does not quote.")
    THOUGHT_IN_PROMPT = ("thought_in_prompt", DROPPED, CONTENT,
        "A thought or draft among the client's words, which is no part of a prompt.")
    MISSING_IMAGE = ("missing_image", DROPPED, CONTENT,
        "One of several calls or answers failed, was refused, or made no image.")
    BROKEN_STREAM = ("broken_stream", DROPPED, CONTENT,
        "What a stream would have told after an image: it failed, or ended before its time.")
    PREVIOUS_IMAGE = ("previous_image", APPROXIMATED, CONTENT,
        "The last image of the model became the input image of an edit.")
    DRAFT_AS_IMAGE = ("draft_as_image", APPROXIMATED, CONTENT,
        "Only draft images came, and the last one became the image.")
    JOINED_TEXTS = ("joined_texts", APPROXIMATED, CONTENT,
        "Several texts became one.")
    MOVED_TEXT = ("moved_text", APPROXIMATED, CONTENT,
        "Text between or after images was written elsewhere.")

    UNKNOWN_PICTURE = ("unknown_picture", DROPPED, CONTENT,
        "A field that only the source's API has, and that holds a picture or a file.")

    MORE_CONTENT = ("more_content", DROPPED, CONTENT,
        "More losses than are listed, at least one of them of content.")

    # What the caller asked for.
    NO_SUCH_SETTING = ("no_such_setting", DROPPED, SETTING,
        "A setting that the target's API does not have.")
    MODEL_LACKS_SETTING = ("model_lacks_setting", DROPPED, SETTING,
        "A setting, or a value of one, that the target's API has, but not for this model.")
    UNSUPPORTED_VALUE = ("unsupported_value", DROPPED, SETTING,
        "A value of a setting that the target does not take.")
    EXTENSION_SETTING = ("extension_setting", DROPPED, SETTING,
        "A setting outside OpenAI's chat schema, where `chat_extensions` is off.")
    IMAGE_DETAIL = ("image_detail", DROPPED, SETTING,
        "The detail in which the model is to see an image.")
    RESPONSE_FORMAT = ("response_format", DROPPED, SETTING,
        "The wish for URLs: replies hold their images themselves.")
    NEAREST_SIZE = ("nearest_size", APPROXIMATED, SETTING,
        "A size, aspect ratio or tier became the nearest that the target can be asked for.")
    NEAREST_QUALITY = ("nearest_quality", APPROXIMATED, SETTING,
        "A quality became the nearest that the model has.")
    UNLISTED_SIZE = ("unlisted_size", APPROXIMATED, SETTING,
        "An aspect ratio or tier that the model is not known to make was passed on.")
    CONTRADICTING_SETTING = ("contradicting_setting", APPROXIMATED, SETTING,
        "Two settings of the request contradict each other, and one was ignored.")
    REPEATED_SEED = ("repeated_seed", APPROXIMATED, SETTING,
        "Several calls have the same seed, and may make the same image.")
    MISSING_SIGNATURE = ("missing_signature", APPROXIMATED, SETTING,
        "An earlier image of the model without its thought signature, which the API may refuse.")

    UNKNOWN_SETTING = ("unknown_setting", DROPPED, SETTING,
        "A field of a request that only the source's API has.")

    MORE_SETTINGS = ("more_settings", DROPPED, SETTING,
        "More losses than are listed, at least one of them of a setting, and none of content.")

    # Bookkeeping.
    UNKNOWN_FIELD = ("unknown_field", DROPPED, METADATA,
        "A field that only the source's API has: of a reply, or known bookkeeping.")
    UNPLACED_FIELD = ("unplaced_field", DROPPED, METADATA,
        "An unknown field, of a reply or bookkeeping, of an object that is not written.")
    EMPTY_TURN = ("empty_turn", DROPPED, METADATA,
        "A turn without text or image.")
    PARTIAL_IMAGES = ("partial_images", DROPPED, METADATA,
        "The wish to see drafts of the image, which the target does not make.")
    USER_ID = ("user_id", DROPPED, METADATA,
        "The id of the end user.")
    IGNORED_MODEL = ("ignored_model", DROPPED, METADATA,
        "A model in the body beside the one that the path of the request names.")
    MEDIA_TYPE = ("media_type", DROPPED, METADATA,
        "The declared media type of an image.")
    BARE_SIGNATURE = ("bare_signature", DROPPED, METADATA,
        "The thought signature or the thought mark of an empty text.")
    THOUGHT_TEXT = ("thought_text", DROPPED, METADATA,
        "Thoughts of the model in words.")
    FINISH_REASON = ("finish_reason", DROPPED, METADATA,
        "Why an answer ended, or at which stage it was refused.")
    IMAGE_PROPERTY = ("image_property", DROPPED, METADATA,
        "What a reply tells of its images: size, quality, background, format.")
    REPLY_PROPERTY = ("reply_property", DROPPED, METADATA,
        "The id, time, model or usage of a reply.")
    TOKEN_COUNT = ("token_count", DROPPED, METADATA,
        "Token counts that the target's usage has no field for.")
    PARTIAL_USAGE = ("partial_usage", APPROXIMATED, METADATA,
        "The token counts of several calls, of which some state none.")
    NEAREST_FINISH_REASON = ("nearest_finish_reason", APPROXIMATED, METADATA,
        "A finish reason became the nearest that the target has.")
    JOINED_CANDIDATES = ("joined_candidates", APPROXIMATED, METADATA,
        "The images of several candidates became one list.")
    MOVED_THOUGHT = ("moved_thought", APPROXIMATED, METADATA,
        "Thought texts were written together, before the answer.")
    FIELD_AS_TEXT = ("field_as_text", APPROXIMATED, METADATA,
        "A number, switch or object became text, as fields of a form are.")
    WRONG_MEDIA_TYPE = ("wrong_media_type", CORRECTED, METADATA,
        "An image is of another type than was declared; its bytes decide.")
    MISPLACED_DATA_URI = ("misplaced_data_uri", CORRECTED, METADATA,
        "A data URI in a field for a URL or for bare base64 was read as the image.")
    INVALID_FIELD = ("invalid_field", CORRECTED, METADATA,
        "Bookkeeping of a reply that is of a wrong type or out of range was ignored.")
    INVALID_TIME = ("invalid_time", CORRECTED, METADATA,
        "A time that is not one was ignored.")
    MISSING_MODEL = ("missing_model", DEFAULTED, METADATA,
        "A reply's model, which is required, is not known: it is empty.")
    MISSING_TIME = ("missing_time", DEFAULTED, METADATA,
        "A reply's time, which is required, is not known: it is 0.")
    MISSING_MEDIA_TYPE = ("missing_media_type", DEFAULTED, METADATA,
        "An image has no declared type, and its bytes do not tell one.")
    MISSING_TOKEN_COUNT = ("missing_token_count", DEFAULTED, METADATA,
        "Token counts by modality, which are required, are not known: all are counted as text.")
    MISSING_CONTEXT = ("missing_context", DEFAULTED, METADATA,
        "Nothing is known of the request that a reply of a batch answers.")
    MORE_METADATA = ("more_metadata", DROPPED, METADATA,
        "More losses than are listed, all of bookkeeping.")
    # fmt: on


#: The codes, as readers and writers spell them.
C = LossCode


class Loss(msgspec.Struct, frozen=True, gc=False):
    """One thing not carried as it was: where in the source document, and what became of it."""

    kind: LossKind
    level: LossLevel
    code: LossCode
    path: str
    detail: str

    def __str__(self) -> str:
        return f"{self.kind} {self.path}: {self.detail}"


#: Where a reader or a writer sends its losses; in a test, ``found.append``.
Report = Callable[[Loss], None]


def lost(code: LossCode, path: str | Path, detail: str, *quoted: object) -> Loss:
    """The loss of a code; ``detail`` is one sentence that names what was given and written.

    It is a constant, with braces where it quotes: only what is quoted can hold what must not be
    shown, and nothing as short as `SHORTEST`.
    """
    if quoted:
        words = [*map(str, quoted)]
        detail = detail.format(*words)
        quotes = "".join(words)
        if len(quotes) >= SHORTEST or not quotes.isprintable():
            detail = excerpt(detail)
    where = path if isinstance(path, str) else join("$", path)
    return Loss(code.kind, code.level, code, where, detail)


#: Losses of a translation that are listed; one more counts the rest.
MAX_LOSSES = 1000
_MORE = {CONTENT: C.MORE_CONTENT, SETTING: C.MORE_SETTINGS, METADATA: C.MORE_METADATA}


def add(losses: list[Loss], *more: Loss) -> None:
    """Add losses to a list; after `MAX_LOSSES` one counts the others, at their gravest level.

    A body may lose 200 000 things, and a sentence for each would take more than the body.
    """
    for loss in more:
        if len(losses) < MAX_LOSSES:
            losses.append(loss)
        else:
            _count(losses, loss)


def _count(losses: list[Loss], loss: Loss) -> None:
    """Count a loss in the last one of a list; one of another list stands for all it counts."""
    others, level = _counted(loss), loss.level
    if len(losses) > MAX_LOSSES:
        last = losses.pop()
        others += _counted(last)
        level = min(level, last.level, key=_RANKS.__getitem__)
    code = _MORE[level]
    losses.append(Loss(code.kind, level, code, "$", f"{others} more loss(es)"))


def _counted(loss: Loss) -> int:
    """How many losses one stands for."""
    return int(loss.detail.partition(" ")[0]) if loss.code is _MORE[loss.level] else 1


class Outcome(msgspec.Struct, Generic[T_co], frozen=True, gc=False):
    """What a verb made, what it could not carry, and, of a reader, where each node came from."""

    value: T_co
    losses: tuple[Loss, ...] = ()
    provenance: Provenance | None = None
