"""Refusals: calls of the image tool that have an ``error``, messages that refuse, early ends.

Facts (openai SDK 3.57, 2026-11-26): a refused picture is a call with ``status: "failed"`` and an
``error``, while the response is completed, under HTTP 200; ``moderation_stage`` says what was
refused, the prompt or the picture. ``incomplete_details.reason`` is ``max_output_tokens``,
``max_messages``, ``content_filter`` or ``steered``.
"""

from __future__ import annotations

import msgspec

from imagewire.formats.responses import wire
from imagewire.formats.responses.items import CALL, Items
from imagewire.formats.shared.reply_id import made_up_item_id
from imagewire.loss import C, lost
from imagewire.model import Block, Candidate, FailureKind, Stage
from imagewire.paths import Path
from imagewire.rules.failures import TABLE, kind_of_code, kind_of_type
from imagewire.rules.finish import BLOCKING, IMAGE_BLOCKED, NO_IMAGE, PROMPT_BLOCKED, has_image

#: Why a reply is incomplete, by the finish reason that means the same.
REASONS = {"MAX_TOKENS": "max_output_tokens", "SAFETY": "content_filter"}
ENDS = {reason: finish for finish, reason in REASONS.items()}

_OURS = {"input": PROMPT_BLOCKED, "output": IMAGE_BLOCKED, None: NO_IMAGE}


class Refusal(msgspec.Struct, frozen=True):
    """That no picture was made: what was blocked, if something was, and the words."""

    blocked: Stage | None
    words: str | None
    named: bool = True  #: whether the error has one of the two codes that we write


def read_refusal(item: wire.Item) -> Refusal:
    """The refusal of a call without a picture; an unknown stage is that of the prompt."""
    error = item.error or wire.CallError()
    words = None if error.message in _OURS.values() else error.message or None
    kind = kind_of_code(error.code) or kind_of_type(error.type)
    if kind is FailureKind.CONTENT_BLOCKED:
        details = error.moderation_details
        output = details is not None and details.moderation_stage == "output"
        return Refusal("output" if output else "input", words)
    return Refusal(None, words, named=error.code in {None, TABLE[FailureKind.NO_IMAGE].code})


def write_refusal(refusal: Refusal) -> wire.Item:
    """The call that says so."""
    blocked, words = refusal.blocked, refusal.words or _OURS[refusal.blocked]
    row = TABLE[FailureKind.NO_IMAGE if blocked is None else FailureKind.CONTENT_BLOCKED]
    stage = None
    if blocked is not None:
        stage = wire.ModerationDetails(categories=[], moderation_stage=blocked)
    error = wire.CallError(type=row.type, code=row.code, message=words, moderation_details=stage)
    id_ = made_up_item_id(words, "ig_")
    return wire.Item(id=id_, type=CALL, status="failed", error=error)


def refusing_words(item: wire.Item) -> str | None:
    """The words of a message that does nothing but refuse, or None."""
    if not isinstance(item.content, list) or not item.content:
        return None
    words = [part.refusal for part in item.content if part.refusal]
    return "\n".join(words) if len(words) == len(item.content) else None


def refusing_message(words: str) -> wire.Item:
    """A message that refuses in these words."""
    content = [wire.Part(type="refusal", refusal=words)]
    id_ = made_up_item_id(words, "msg_")
    return wire.Item(id=id_, type="message", status="completed", role="assistant", content=content)


def write_last_words(candidate: Candidate, items: Items, hub_path: Path) -> None:
    """The item that says how an answer without a picture ended, and its last words."""
    writing = items.writing
    finish, words = candidate.finish, candidate.finish_message
    early = finish == "MAX_TOKENS" or (finish == "STOP" and (candidate.parts or words))
    if early or has_image(candidate):
        if finish != "STOP" and finish not in REASONS:
            detail = "finish reason {}: the Responses API does not have it"
            writing.report(lost(C.FINISH_REASON, hub_path, detail, finish))
        item = None if words is None else refusing_message(words)
    else:
        if finish not in {"IMAGE_SAFETY", "NO_IMAGE", *REASONS}:
            detail = "finish reason {}: the Responses API does not have it"
            writing.report(lost(C.NEAREST_FINISH_REASON, hub_path, detail, finish))
        blocked: Stage | None = "output" if finish in BLOCKING else None
        item = write_refusal(Refusal(blocked, words))
    if item is not None:
        items.place()
        items.written.append(item)


def write_block(block: Block, items: Items, *, beside: bool, told: bool) -> None:
    """The refusal of a prompt, unless an answer stands ``beside`` it, or it was ``told``."""
    report = items.writing.report
    if beside:
        detail = "block reason {}: the reply has an answer all the same"
        report(lost(C.FINISH_REASON, "$.block", detail, block.reason))
        return
    if block.reason != "SAFETY":
        detail = "block reason {}: the Responses API has one reason alone"
        report(lost(C.NEAREST_FINISH_REASON, "$.block", detail, block.reason))
    items.writing.add(block.extras, ("block",), ("output", "block"))
    if not told:
        items.place()
        items.written.append(write_refusal(Refusal("input", block.message)))
