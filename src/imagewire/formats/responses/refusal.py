"""Refusals: calls of the image tool that have an ``error``, messages that refuse, early ends.

Facts (openai SDK 3.57, 2026-11-26): a refused picture is a call with ``status: "failed"`` and an
``error``, while the response is completed, under HTTP 200; ``moderation_stage`` says what was
refused, the prompt or the picture. ``incomplete_details.reason`` is ``max_output_tokens``,
``max_messages``, ``content_filter`` or ``steered``.
"""

from __future__ import annotations

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

_OURS = {"input": PROMPT_BLOCKED, "output": IMAGE_BLOCKED, None: NO_IMAGE}


def read_refusal(item: wire.Item) -> Candidate:
    """How an answer ends whose call has no picture: SAFETY is the prompt's, as is no stage."""
    error = item.error or wire.CallError()
    details = error.moderation_details or wire.ModerationDetails()
    kind = kind_of_code(error.code) or kind_of_type(error.type)
    if kind is FailureKind.CONTENT_BLOCKED:
        finish = "IMAGE_SAFETY" if details.moderation_stage == "output" else "SAFETY"
    else:
        nameless = error.code in {None, TABLE[FailureKind.NO_IMAGE].code}
        finish = "NO_IMAGE" if nameless else "IMAGE_OTHER"
    words = None if error.message in _OURS.values() else error.message or None
    return Candidate(finish=finish, finish_message=words)


def refused_call(finish: str, words: str | None) -> wire.Item:
    """The call of an answer that ended so: SAFETY is the prompt's, as above."""
    stage: Stage | None = None
    if finish in BLOCKING:
        stage = "input" if finish == "SAFETY" else "output"
    row = TABLE[FailureKind.NO_IMAGE if stage is None else FailureKind.CONTENT_BLOCKED]
    error = wire.CallError(type=row.type, code=row.code, message=words or _OURS[stage])
    if stage is not None:
        error.moderation_details = wire.ModerationDetails(categories=[], moderation_stage=stage)
    id_ = made_up_item_id(error.message or "", "ig_")
    return wire.Item(id=id_, type=CALL, status="failed", error=error)


def refusing_message(words: str) -> wire.Item:
    """A message that refuses in these words."""
    content = [wire.Part(type="refusal", refusal=words)]
    id_ = made_up_item_id(words, "msg_")
    return wire.Item(id=id_, type="message", status="completed", role="assistant", content=content)


def refusing_words(item: wire.Item) -> str | None:
    """The words of a message that does nothing but refuse, or None."""
    if not isinstance(item.content, list) or not item.content:
        return None
    words = [part.refusal for part in item.content if part.refusal]
    return "\n".join(words) if len(words) == len(item.content) else None


def write_last_words(candidate: Candidate, items: Items, hub_path: Path) -> None:
    """Write how an answer without a picture ended, and its last words."""
    finish, words = candidate.finish, candidate.finish_message
    early = finish == "MAX_TOKENS" or (finish == "STOP" and (candidate.parts or words))
    goes_on = early or has_image(candidate)
    if finish not in {*REASONS, *(("STOP",) if goes_on else ("IMAGE_SAFETY", "NO_IMAGE"))}:
        detail = "finish reason {}: the Responses API does not have it"
        code = C.FINISH_REASON if goes_on else C.NEAREST_FINISH_REASON
        items.writing.report(lost(code, hub_path, detail, finish))
    if not goes_on:
        items.add(refused_call("IMAGE_SAFETY" if finish == "SAFETY" else finish, words))
    elif words is not None:
        items.add(refusing_message(words))


def write_block(block: Block, items: Items, *, beside: bool, told: bool) -> None:
    """Write the refusal of a prompt, unless an answer is ``beside`` it, or it was ``told``."""
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
        items.add(refused_call("SAFETY", block.message))
