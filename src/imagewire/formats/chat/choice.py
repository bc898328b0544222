"""Choices of a chat completion and candidates of the hub: how an answer ended, and refusals.

An answer with neither text nor image says so in ``refusal``, so that no refusal looks like an empty
success; sentences of this library are not read back as the model's words. A finish reason of
OpenAI's that Gemini has no name for is OTHER. The native name is written only where OpenAI's would
not restore it.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import UNSET

from imagewire.codec.reading import Reading
from imagewire.codec.writing import Writing, report_block_beside
from imagewire.errors import MalformedError
from imagewire.formats.chat import wire
from imagewire.formats.chat.answer import write_message
from imagewire.formats.chat.content import read_message
from imagewire.loss import C, lost
from imagewire.model import Block, Candidate, Extra, ImageResponse, Part
from imagewire.paths import Path
from imagewire.patterns import pattern
from imagewire.rules.error_bodies import words_in
from imagewire.rules.finish import (
    BLOCKING,
    IMAGE_BLOCKED,
    KNOWN,
    NO_IMAGE,
    PROMPT_BLOCKED,
    PROMPT_REASONS,
    has_image,
    is_blocked,
)

_OUR_WORDS = {PROMPT_BLOCKED, IMAGE_BLOCKED, NO_IMAGE}

_NO_MODERATION, _NO_MESSAGE = wire.ModerationDetails(), wire.Message()
# A name of Gemini's, today's or tomorrow's: OpenRouter has others here, in small letters.
_NAME = pattern(r"[A-Z][A-Z0-9_]{1,63}")
_FROM_CHAT = {None: "STOP", "stop": "STOP", "length": "MAX_TOKENS", "content_filter": "SAFETY"}


def read_choices(
    choices: Sequence[wire.Choice], reading: Reading
) -> tuple[tuple[Candidate, ...], Block | None]:
    """The candidates of choices, or the block of one that says its prompt was refused."""
    candidates: list[Candidate] = []
    block: Block | None = None
    for index, choice in enumerate(choices):
        wire_path = ("choices", index)
        message = _message_of(choice)
        if message is None:
            msg = "a choice needs a message"
            reading.spoil(wire_path, MalformedError(msg, path=(*wire_path, "message")))
            reading.take(wire_path)
            continue
        hub_path = ("candidates", len(candidates))
        if len(candidates) != index:
            reading.nodes[hub_path] = wire_path
        finish, odd = read_finish(choice, reading, wire_path)
        parts = read_message(message, reading, hub_path + ("parts",), wire_path + ("message",))
        parts = tuple(part for part in parts if not is_refusal(part))
        if choice.error and _is_failed(choice, parts, reading, wire_path):
            continue
        words = read_refusal(message)
        moderation = choice.moderation_details or _NO_MODERATION
        if moderation.moderation_stage == "input" and not parts and block is None:
            reason = finish if finish in PROMPT_REASONS else "SAFETY"
            block = Block(reason=reason, message=words, extras=odd + reading.take(wire_path))
            reading.nodes[("block",)] = wire_path
            continue
        extras = odd + reading.keep_named(logprobs=choice.logprobs)
        if moderation.moderation_stage not in {None, "output"}:
            path = ("moderation_details", "moderation_stage")
            extras += (reading.keep(path, moderation.moderation_stage),)
        extras += message_extras(message, reading) + reading.take(wire_path)
        candidates.append(
            Candidate(parts=parts, finish=finish, finish_message=words, extras=extras)
        )
    return tuple(candidates), block


def _message_of(choice: wire.Choice) -> wire.Message | None:
    """The message of a choice; one that was blocked or failed may have none (Azure)."""
    if choice.message is not None:
        return choice.message
    return _NO_MESSAGE if choice.finish_reason == "content_filter" or choice.error else None


def _is_failed(
    choice: wire.Choice, parts: tuple[Part, ...], reading: Reading, wire_path: Path
) -> bool:
    """Whether a choice with an error is nothing but that (OpenRouter); the words are reported."""
    words = words_in(choice.error)
    if any(part.image is not None for part in parts):
        detail = "the choice ended with an error: {}"
        reading.report(lost(C.TEXT_BESIDE_IMAGE, (*wire_path, "error"), detail, words))
        return False
    msg = "the choice is an error"
    reading.spoil(wire_path, MalformedError(msg, path=(*wire_path, "error")), words)
    reading.take(wire_path)
    return True


def message_extras(message: wire.Message, reading: Reading) -> tuple[Extra, ...]:
    """The fields of a message that chat keeps for itself."""
    if not message.annotations:
        return ()
    return (reading.keep(("message", "annotations"), message.annotations),)


def read_finish(
    choice: wire.Choice | wire.ChunkChoice, reading: Reading, wire_path: Path
) -> tuple[str, tuple[Extra, ...]]:
    """A finish reason by Gemini's name; a native name decides, if it is one."""
    native = choice.native_finish_reason
    if native is not None and _NAME.fullmatch(native):
        return native, ()
    extras = reading.keep_named(native_finish_reason=native)
    reason = None if choice.finish_reason is UNSET else choice.finish_reason
    if reason == "":
        reading.put((*wire_path, "finish_reason"), None)
    known = _FROM_CHAT.get(reason)
    if known is None and reason:
        known = reason.upper() if reason.upper() in KNOWN else "OTHER"
        extras += reading.keep_named(finish_reason=reason)
    return known or "STOP", extras


def is_refusal(part: Part) -> bool:
    """Whether a part is OpenAI's ``refusal``, whose words are the candidate's."""
    return part.foreign is not None and part.foreign.kind == "refusal"


def read_refusal(message: wire.Message) -> str | None:
    """The model's words of a refusal; not our own, which say only that there were none."""
    words = message.refusal or None
    if words is None and isinstance(message.content, list):
        words = next((part.refusal for part in message.content if part.refusal), None)
    return None if words in _OUR_WORDS else words


def write_choices(response: ImageResponse, writing: Writing) -> list[wire.Choice]:
    """One choice a candidate; a refused prompt is a choice too, never none."""
    choices: list[wire.Choice] = []
    for index, candidate in enumerate(response.candidates):
        hub_path = ("candidates", index)
        choice = _write_choice(candidate, hub_path, writing, index)
        if candidate.extras:
            writing.add(candidate.extras, hub_path, ("choices", index))
        choices.append(choice)
    if response.block is not None:
        if choices:
            report_block_beside(response.block, writing.report)
        else:
            choices.append(write_block(response.block, writing))
    return choices


def write_block(block: Block, writing: Writing) -> wire.Choice:
    """The choice that says that the prompt was refused."""
    message = wire.Message(role="assistant", content=None, refusal=block.message or PROMPT_BLOCKED)
    choice = wire.Choice(index=0, message=message, finish_reason="content_filter")
    writing.add(block.extras, ("block",), ("choices", 0))
    _write_native(choice, block.reason, ("block",), writing)
    _write_stage(choice, "input", ("block",), writing)
    return choice


def _write_stage(choice: wire.Choice, stage: str, hub_path: Path, writing: Writing) -> None:
    if writing.options.chat_extensions:
        choice.moderation_details = wire.ModerationDetails(moderation_stage=stage)
    elif stage == "input":
        detail = "moderation stage input: OpenAI's schema has no field for it"
        writing.report(lost(C.FINISH_REASON, hub_path, detail))


def _write_native(choice: wire.Choice, finish: str, hub_path: Path, writing: Writing) -> None:
    """Gemini's own name, where reading the choice back would not restore it."""
    if _FROM_CHAT.get(choice.finish_reason, "OTHER") == finish:
        return
    if not _NAME.fullmatch(finish) or not writing.options.chat_extensions:
        detail = "finish reason {} became {}"
        writing.report(
            lost(C.NEAREST_FINISH_REASON, hub_path, detail, finish, choice.finish_reason)
        )
    if writing.options.chat_extensions:
        choice.native_finish_reason = finish


def _finish_reason(candidate: Candidate) -> str:
    """The page's ``stop`` and OpenAI's other names; what ended without an image was filtered."""
    if candidate.finish == "STOP":
        return "stop"
    if candidate.finish == "MAX_TOKENS":
        return "length"
    if candidate.finish in BLOCKING or not has_image(candidate):
        return "content_filter"
    return "stop"


def _has_own_finish(candidate: Candidate) -> bool:
    """Whether an answer ended with a word of chat's that is written as it was."""
    return any(e.format == "chat" and e.path == ("finish_reason",) for e in candidate.extras)


def _write_choice(
    candidate: Candidate, hub_path: Path, writing: Writing, index: int
) -> wire.Choice:
    message = write_message(candidate, hub_path, writing, ("choices", index, "message"))
    empty = not (message.content or message.tool_calls or message.function_call)
    return write_end(candidate, message, hub_path, writing, index, empty=empty)


def write_end(  # noqa: PLR0913 - a candidate, and where it stands
    candidate: Candidate,
    message: wire.Message,
    hub_path: Path,
    writing: Writing,
    index: int,
    *,
    empty: bool,
) -> wire.Choice:
    """The choice of a message, with how it ended; one that is ``empty`` says so."""
    choice = wire.Choice(index=index, message=message, finish_reason=_finish_reason(candidate))
    if not candidate.extras or not _has_own_finish(candidate):
        _write_native(choice, candidate.finish, hub_path, writing)
    blocked = is_blocked(candidate)
    if blocked:
        _write_stage(choice, "output", hub_path, writing)
    if not has_image(candidate):
        ours = IMAGE_BLOCKED if blocked else NO_IMAGE if empty else None
        message.refusal = candidate.finish_message or ours
    elif candidate.finish_message is not None:
        words = candidate.finish_message
        detail = "finish message {}: a choice with an image has no field for it"
        writing.report(lost(C.TEXT_BESIDE_IMAGE, hub_path, detail, repr(words)))
    return choice
