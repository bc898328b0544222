"""Gemini responses: ``read_response`` and ``write_response``, field by field in the same order.

Rules of our own: an index of 0 is not written, as Google does not; a candidate's index is its
place. A ``promptFeedback`` without a block reason is bookkeeping. ``createTime`` keeps whole
seconds, in UTC.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from imagewire.catalog import CATALOG, Catalog, bare_model
from imagewire.codec.document import Codec, encode
from imagewire.codec.reading import Reader, Reading, refuse_failure
from imagewire.codec.writing import Writing, report_picture
from imagewire.errors import MalformedError
from imagewire.formats.gemini import wire
from imagewire.formats.gemini.content import read_parts, write_parts
from imagewire.loss import C, Outcome, lost
from imagewire.messages import JSON_TYPE, Body, WireResponse
from imagewire.model import (
    Block,
    Candidate,
    ImageResponse,
    ModalityCount,
    Policy,
    ReplyContext,
    Usage,
)
from imagewire.options import DEFAULTS, Options
from imagewire.rules.finish import finish_name

#: Bookkeeping of the API: other formats pass over it in silence.
POLICIES: Mapping[str, Policy] = dict.fromkeys(
    (
        "avgLogprobs",
        "index",
        "modelStatus",
        "safetyRatings",
        "serviceTier",
        "tokenCount",
        "trafficType",
    ),
    "silent",
)

#: Where a field may come from, for losses that writers find.
WIRE_PATHS: Mapping[str, tuple[str, ...]] = {
    "$.created": ("$.createTime",),
    "$.id": ("$.responseId",),
    "$.model": ("$.modelVersion",),
    "$.block": ("$.promptFeedback",),
    "$.usage": ("$.usageMetadata",),
    "$.usage.cached": ("$.usageMetadata.cachedContentTokenCount",),
    "$.usage.prompt_details": ("$.usageMetadata.promptTokensDetails",),
    "$.usage.candidates_details": ("$.usageMetadata.candidatesTokensDetails",),
    "$.usage.cached_details": ("$.usageMetadata.cacheTokensDetails",),
    "$.usage.tool_use_details": ("$.usageMetadata.toolUsePromptTokensDetails",),
}

_UNSPECIFIED = {"BLOCK_REASON_UNSPECIFIED", "BLOCKED_REASON_UNSPECIFIED"}


def read_response(body: Body, *, options: Options = DEFAULTS) -> Outcome[ImageResponse]:
    """The response of a generateContent body.

    Raises `MalformedError` (502).
    """
    return RESPONSE.read(body, options)


def _read(body: wire.Response, reading: Reading) -> ImageResponse:
    response = read_piece(body, reading, range(len(body.candidates or ())))
    if not response.candidates and response.block is None:
        msg = "there are no `candidates`, and no block reason that says why"
        raise MalformedError(msg, path="$.candidates")
    return response


def read_piece(body: wire.Response, reading: Reading, numbers: Sequence[int]) -> ImageResponse:
    """What a body says, all of a reply or a piece of it; ``numbers`` are its candidates'."""
    refuse_failure(body.error)
    candidates = tuple(
        [
            _read_candidate(candidate, reading, numbers[index], index)
            for index, candidate in enumerate(body.candidates or ())
        ]
    )
    block = _read_block(body.prompt_feedback, reading)
    usage = None if body.usage_metadata is None else _read_usage(body.usage_metadata, reading)
    feedback = body.prompt_feedback
    extras = reading.take()
    if block is None and feedback is not None and feedback.safety_ratings is not None:
        extras += (reading.keep(("promptFeedback", "safetyRatings"), feedback.safety_ratings),)
    return ImageResponse(
        id=body.response_id or None,
        created=_read_time(body.create_time, reading),
        model=bare_model(body.model_version) if body.model_version else None,
        model_as_given=body.model_version or None,
        candidates=candidates,
        block=block,
        usage=usage,
        extras=extras,
    )


def write_response(  # noqa: PLR0913 - the contract's signature
    response: ImageResponse,
    *,
    context: ReplyContext = ReplyContext(),  # noqa: ARG001 - Gemini echoes no model
    created: int | None = None,  # noqa: ARG001 - createTime is written only if the source has one
    response_id: str | None = None,  # noqa: ARG001 - responseId likewise
    options: Options = DEFAULTS,
    catalog: Catalog = CATALOG,  # noqa: ARG001 - the id is always bare
) -> Outcome[WireResponse]:
    """The generateContent reply: always a 200, for a refusal too."""
    writing = Writing("gemini", options)
    body = wire.Response(
        response_id=response.id,
        create_time=write_time(response.created, writing),
        model_version=response.model,
        candidates=_write_candidates(response.candidates, writing) or None,
        prompt_feedback=write_block(response.block, writing),
        usage_metadata=None if response.usage is None else write_usage(response.usage, writing),
    )
    report_picture(response.image, writing.report)
    writing.add(response.extras, ())
    return Outcome(
        WireResponse(
            status=200,
            headers={"content-type": JSON_TYPE},
            body=encode(writing.finish(body)),
        ),
        tuple(writing.losses),
    )


def _read_time(text: str | None, reading: Reading) -> int | None:
    if not text:
        return None
    try:
        time = datetime.fromisoformat(text)
        return int((time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()) or None
    except ValueError:  # no reason to lose a picture that was paid for
        detail = f"createTime {text}: not a time as RFC 3339 writes it"
        reading.report(lost(C.INVALID_TIME, "$.createTime", detail))
        return None


def write_time(seconds: int | None, writing: Writing) -> str | None:
    """A time as RFC 3339 writes it; None, reported, for one that is not within its years."""
    if seconds is None:
        return None
    try:
        return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")
    except (ValueError, OverflowError, OSError):
        detail = f"created {seconds}: no date is that many seconds after 1970"
        writing.report(lost(C.REPLY_PROPERTY, "$.created", detail))
        return None


def _read_candidate(
    candidate: wire.Candidate, reading: Reading, number: int, index: int
) -> Candidate:
    """The candidate with a number, at an index of the body."""
    hub_path, wire_path = ("candidates", number), ("candidates", index)
    reading.nodes[hub_path + ("parts",)] = (*wire_path, "content", "parts")
    parts = read_parts(candidate.content, reading, hub_path + ("parts",), wire_path + ("content",))
    extras = reading.take(wire_path)
    if candidate.avg_logprobs is not None or candidate.safety_ratings is not None:
        extras += reading.keep_named(
            avgLogprobs=candidate.avg_logprobs, safetyRatings=candidate.safety_ratings
        )
    return Candidate(
        parts=parts,
        finish=finish_name(candidate.finish_reason),
        finish_message=candidate.finish_message or None,
        extras=extras,
    )


def _write_candidates(candidates: Sequence[Candidate], writing: Writing) -> list[wire.Candidate]:
    written: list[wire.Candidate] = []
    for index, candidate in enumerate(candidates):
        hub_path, wire_path = ("candidates", index), ("candidates", index)
        parts = write_parts(
            enumerate(candidate.parts), writing, hub_path + ("parts",), wire_path + ("content",)
        )
        written.append(
            wire.Candidate(
                content=wire.Content(role="model", parts=parts) if parts else None,
                finish_reason=candidate.finish,
                finish_message=candidate.finish_message,
                index=index or None,
            )
        )
        writing.add(candidate.extras, hub_path, wire_path)
    return written


def _read_block(feedback: wire.PromptFeedback | None, reading: Reading) -> Block | None:
    if feedback is None or not feedback.block_reason:
        return None
    reason = finish_name(feedback.block_reason)
    if reason in _UNSPECIFIED:
        return None
    return Block(
        reason=reason,
        message=feedback.block_reason_message or None,
        extras=reading.take(("promptFeedback",))
        + reading.keep_named(safetyRatings=feedback.safety_ratings),
    )


def write_block(block: Block | None, writing: Writing) -> wire.PromptFeedback | None:
    """The feedback that says that a prompt was refused."""
    if block is None:
        return None
    writing.add(block.extras, ("block",), ("promptFeedback",))
    return wire.PromptFeedback(block_reason=block.reason, block_reason_message=block.message)


def _read_usage(usage: wire.UsageMetadata, reading: Reading) -> Usage:
    """Counts as Google has them; a missing one is zero (proto3 JSON leaves zeros out)."""
    prompt = usage.prompt_token_count or 0
    tool_use = usage.tool_use_prompt_token_count or 0
    candidates = usage.candidates_token_count or 0
    thoughts = usage.thoughts_token_count or 0
    total = usage.total_token_count
    inputs, outputs = usage.prompt_tokens_details, usage.candidates_tokens_details
    cached, tools = usage.cache_tokens_details, usage.tool_use_prompt_tokens_details
    extras = reading.take(("usageMetadata",))
    if usage.traffic_type is not None or usage.service_tier is not None:
        extras += reading.keep_named(trafficType=usage.traffic_type, serviceTier=usage.service_tier)
    return Usage(
        prompt=prompt,
        tool_use=tool_use,
        cached=usage.cached_content_token_count or 0,
        candidates=candidates,
        thoughts=thoughts,
        total=prompt + tool_use + candidates + thoughts if total is None else total,
        prompt_details=_read_details(inputs) if inputs else (),
        cached_details=_read_details(cached) if cached else (),
        tool_use_details=_read_details(tools) if tools else (),
        candidates_details=_read_details(outputs) if outputs else (),
        extras=extras,
    )


def write_usage(usage: Usage, writing: Writing) -> wire.UsageMetadata:
    """Counts as Google has them; a zero is left out."""
    writing.add(usage.extras, ("usage",), ("usageMetadata",))
    return wire.UsageMetadata(
        prompt_token_count=usage.prompt or None,
        tool_use_prompt_token_count=usage.tool_use or None,
        cached_content_token_count=usage.cached or None,
        candidates_token_count=usage.candidates or None,
        thoughts_token_count=usage.thoughts or None,
        total_token_count=usage.total,
        prompt_tokens_details=_write_details(usage.prompt_details),
        cache_tokens_details=_write_details(usage.cached_details),
        tool_use_prompt_tokens_details=_write_details(usage.tool_use_details),
        candidates_tokens_details=_write_details(usage.candidates_details),
    )


def _read_details(details: Sequence[wire.ModalityTokenCount]) -> tuple[ModalityCount, ...]:
    return tuple(
        [
            ModalityCount(modality=item.modality.upper(), tokens=item.token_count)
            for item in details
            if item.modality and item.token_count
        ]
    )


def _write_details(counts: Sequence[ModalityCount]) -> list[wire.ModalityTokenCount] | None:
    return [
        wire.ModalityTokenCount(modality=count.modality, token_count=count.tokens)
        for count in counts
    ] or None


CODEC = Codec(wire.Response, reply=True)
RESPONSE = Reader("gemini", CODEC, _read, policies=POLICIES, wire_paths=WIRE_PATHS)
