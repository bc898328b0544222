"""Failures, refusals and early ends.

Facts (openai SDK 3.57, 2026-11-26). A failed response has ``error`` with a ``code`` and a
``message``, no type; its codes about the prompt and the pictures are the client's fault. A refused
picture is a call with ``status: "failed"`` and an ``error``, while the response is completed, under
HTTP 200; ``moderation_stage`` says what was refused, the prompt or the picture.
``incomplete_details.reason`` is ``max_output_tokens``, ``max_messages``, ``content_filter`` or
``steered``.

Rules of our own: a response that failed is a failure to another format; in this one it stays what
it is. A refused call has no ``result``. @ai-sdk/openai 3.0.141 raises for that, and takes an empty
text; but then its users would see an empty picture, and no refusal.
"""

from __future__ import annotations

from typing import Any, cast

from msgspec import structs

from imagewire.codec.document import encode, untyped
from imagewire.codec.writing import report_block_beside
from imagewire.formats.responses import wire
from imagewire.formats.responses.item_list import NOWHERE, Items
from imagewire.formats.shared import openai_error
from imagewire.formats.shared.reply_id import made_up_item_id
from imagewire.loss import C, lost
from imagewire.messages import Body, Headers, WireResponse
from imagewire.model import Block, Candidate, Extra, Failure, FailureKind
from imagewire.paths import Path
from imagewire.rules.failures import TABLE, failure_headers, kind_of_code, kind_of_type
from imagewire.rules.finish import BLOCKING, IMAGE_BLOCKED, NO_IMAGE, PROMPT_BLOCKED, has_image

#: Why a reply is incomplete, by the finish reason that means the same.
REASONS = {"MAX_TOKENS": "max_output_tokens", "SAFETY": "content_filter"}

_WHOLE = ("response",)  # the path of a failed response in a failure's details
# What was refused, and our words for it where the model has none.
_WORDS = {"input": PROMPT_BLOCKED, "output": IMAGE_BLOCKED, None: NO_IMAGE}


def read_failure(body: Body, *, status: int, headers: Headers = ()) -> Failure:
    """The failure of an error reply with any body, or of a response that failed."""
    failure = openai_error.read_failure(body, status=status, headers=headers)
    if status >= 400:
        return failure
    blames = failure.code is not None and "image" in failure.code
    if failure.kind is FailureKind.INTERNAL and (blames or failure.code == "invalid_prompt"):
        kind = FailureKind.INVALID_REQUEST
        failure = structs.replace(failure, kind=kind, status=400, retryable=False)
    document: Any = untyped(body)
    if not isinstance(document, dict) or document.get("object") != "response":
        return failure
    whole = Extra(format="responses", path=_WHOLE, value=document, policy="silent")
    return structs.replace(failure, details=(*failure.details, whole))


def write_failure(failure: Failure) -> WireResponse:
    """The error reply, or the response that failed, if it was read from one."""
    for extra in failure.details:
        if extra.format == "responses" and extra.path == _WHOLE:
            body = encode(cast("dict[str, Any]", extra.value))
            return WireResponse(status=200, headers=failure_headers(failure), body=body)
    return openai_error.write_failure(failure)


def read_last(item: wire.Item) -> Candidate | None:
    """How an answer ends, by an item that does nothing but refuse; None for any other item.

    Where nobody says what was refused, it is the prompt, which is SAFETY; a message that refuses is
    a STOP with its words.
    """
    if item.type != wire.CALL or item.result:
        pieces = item.content if isinstance(item.content, list) else []
        said = [piece.refusal for piece in pieces if piece.refusal]
        ends = said and len(said) == len(pieces)
        return Candidate(finish_message="\n".join(said)) if ends else None
    error = item.error or wire.CallError()
    details = error.moderation_details or wire.ModerationDetails()
    kind = kind_of_code(error.code) or kind_of_type(error.type)
    if kind is FailureKind.CONTENT_BLOCKED:
        finish = "IMAGE_SAFETY" if details.moderation_stage == "output" else "SAFETY"
    else:
        nameless = error.code in {None, TABLE[FailureKind.NO_IMAGE].code}
        finish = "NO_IMAGE" if nameless else "IMAGE_OTHER"
    words = None if error.message in _WORDS.values() else error.message or None
    return Candidate(finish=finish, finish_message=words)


def write_last(finish: str, words: str | None) -> wire.Item:
    """The item that says how an answer ended, as `read_last` reads it."""
    if finish == "STOP":
        content = [wire.Part(type="refusal", refusal=words)]
        id_ = made_up_item_id(words or "", "msg_")
        return wire.Item(
            id=id_, type="message", status="completed", role="assistant", content=content
        )
    stage = None
    if finish in BLOCKING:
        stage = "input" if finish == "SAFETY" else "output"
    row = TABLE[FailureKind.NO_IMAGE if stage is None else FailureKind.CONTENT_BLOCKED]
    error = wire.CallError(type=row.type, code=row.code, message=words or _WORDS[stage])
    if stage is not None:
        error.moderation_details = wire.ModerationDetails(categories=[], moderation_stage=stage)
    id_ = made_up_item_id(error.message or "", "ig_")
    return wire.Item(id=id_, type=wire.CALL, status="failed", error=error)


def is_ours(item: wire.Item, end: Candidate) -> bool:
    """Whether an item that tells an end is as we write it, but for what makes its id distinct."""
    ours = write_last(end.finish, end.finish_message)
    return str(item.id).startswith(str(ours.id)) and item == structs.replace(ours, id=item.id)


def write_end(candidate: Candidate, items: Items, hub_path: Path) -> None:
    """Write how an answer ended, and its last words, unless kept items tell it."""
    items.writing.add(candidate.extras, hub_path, NOWHERE)
    if items.is_told:
        return
    finish, words = candidate.finish, candidate.finish_message
    early = finish == "MAX_TOKENS" or (finish == "STOP" and (candidate.parts or words))
    goes_on = early or has_image(candidate)
    if finish not in {*REASONS, *(("STOP",) if goes_on else ("IMAGE_SAFETY", "NO_IMAGE"))}:
        detail = "finish reason {}: the Responses API does not have it"
        code = C.FINISH_REASON if goes_on else C.NEAREST_FINISH_REASON
        items.writing.report(lost(code, hub_path, detail, finish))
    if not goes_on:
        refused = {"SAFETY": "IMAGE_SAFETY", "STOP": "NO_IMAGE"}.get(finish, finish)
        items.end(write_last(refused, words))
    elif words is not None:
        items.end(write_last("STOP", words))


def write_block(block: Block, items: Items, *, beside: bool) -> None:
    """Write the refusal of a prompt, unless an answer is ``beside`` it, or kept items tell it."""
    writing = items.writing
    if beside:
        report_block_beside(block, writing.report)
        return
    if block.reason != "SAFETY":
        detail = "block reason {}: the Responses API has one reason alone"
        writing.report(lost(C.NEAREST_FINISH_REASON, "$.block", detail, block.reason))
    writing.add(block.extras, ("block",), NOWHERE)
    if not items.is_told:
        items.end(write_last("SAFETY", block.message))
