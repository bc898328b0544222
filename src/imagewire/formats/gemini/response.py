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
from imagewire.codec.reading import Keeping, Reader, Reading, refuse_failure
from imagewire.codec.writing import Writing, report_picture
from imagewire.errors import MalformedError
from imagewire.formats.gemini import wire
from imagewire.formats.gemini.content import put_right, read_parts, write_parts
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
from imagewire.paths import Path
from imagewire.rules.finish import finish_name
from imagewire.rules.usage import report_partial, total_of

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

_NO_COUNTS = wire.UsageMetadata()
_UNSPECIFIED = {"BLOCK_REASON_UNSPECIFIED", "BLOCKED_REASON_UNSPECIFIED"}


def read_response(body: Body, *, options: Options = DEFAULTS) -> Outcome[ImageResponse]:
    """The response of a generateContent body.

    Raises `MalformedError` (502).
    """
    return RESPONSE.read(body, options)


def _read(body: wire.Response, reading: Reading) -> ImageResponse:
    response = read_piece(body, reading)
    if not response.candidates and response.block is None and reading.spoiled is None:
        msg = "there are no `candidates`, and no block reason that says why"
        raise MalformedError(msg, path="$.candidates")
    return response


def read_piece(
    body: wire.Response, reading: Reading, numbers: Sequence[int] | None = None
) -> ImageResponse:
    """What a body says, all of a reply, or a piece of it with the ``numbers`` of its candidates."""
    refuse_failure(body.error)
    candidates = _read_candidates(body.candidates or (), reading, numbers)
    feedback = body.prompt_feedback
    block = None if feedback is None else _read_block(feedback, reading)
    usage = None if body.usage_metadata is None else _read_usage(body.usage_metadata, reading)
    extras = reading.take() if reading.unknown is not None else ()
    if block is None and feedback is not None and feedback.safety_ratings is not None:
        extras += (reading.keep(("promptFeedback", "safetyRatings"), feedback.safety_ratings),)
    return ImageResponse(
        id=body.response_id or None,
        created=_read_time(body.create_time, reading) if body.create_time else None,
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


def _read_time(text: str, reading: Reading) -> int | None:
    try:
        time = datetime.fromisoformat(text)
        return int((time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()) or None
    except ValueError:  # no reason to lose a picture that was paid for
        detail = "createTime {}: not a time as RFC 3339 writes it"
        reading.report(lost(C.INVALID_TIME, "$.createTime", detail, text))
        return None


def write_time(seconds: int | None, writing: Writing) -> str | None:
    """A time as RFC 3339 writes it; None, reported, for one that is not within its years."""
    if seconds is None:
        return None
    try:
        return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")
    except (ValueError, OverflowError, OSError):
        detail = "created {}: no date is that many seconds after 1970"
        writing.report(lost(C.REPLY_PROPERTY, "$.created", detail, seconds))
        return None


def _read_candidates(
    candidates: Sequence[wire.Candidate], reading: Reading, numbers: Sequence[int] | None
) -> tuple[Candidate, ...]:
    read: list[Candidate] = []
    for index, candidate in enumerate(candidates):
        wire_path = ("candidates", index)
        if reading.spoiled is not None and wire_path in reading.spoiled:
            continue
        hub_path = ("candidates", len(read) if numbers is None else numbers[index])
        read.append(_read_candidate(candidate, reading, hub_path, wire_path))
    return tuple(read)


def _read_candidate(
    candidate: wire.Candidate, reading: Reading, hub_path: Path, wire_path: Path
) -> Candidate:
    if hub_path != wire_path:
        reading.nodes[hub_path] = wire_path
    reading.nodes[hub_path + ("parts",)] = wire_path + ("content", "parts")
    parts = read_parts(candidate.content, reading, hub_path + ("parts",), wire_path + ("content",))
    extras = reading.take(wire_path) if reading.unknown is not None else ()
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


def _read_block(feedback: wire.PromptFeedback, reading: Reading) -> Block | None:
    if not feedback.block_reason:
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


def _read_usage(usage: wire.UsageMetadata, reading: Reading) -> Usage | None:
    """Counts as Google has them; None if there are none.

    Proto3's JSON leaves zeros out: what is missing is zero, unless the stated total is another
    than the sum of what is there.
    """
    prompt, candidates = usage.prompt_token_count, usage.candidates_token_count
    tool_use = usage.tool_use_prompt_token_count or 0
    thoughts = usage.thoughts_token_count or 0
    total = usage.total_token_count
    counted = (prompt or 0) + tool_use + (candidates or 0) + thoughts
    if (total is None and counted) or (total is not None and total == counted):
        prompt, candidates, total = prompt or 0, candidates or 0, counted
    inputs, outputs = usage.prompt_tokens_details, usage.candidates_tokens_details
    cached, tools = usage.cache_tokens_details, usage.tool_use_prompt_tokens_details
    extras = reading.take(("usageMetadata",)) if reading.unknown is not None else ()
    if usage.traffic_type is not None or usage.service_tier is not None:
        extras += reading.keep_named(trafficType=usage.traffic_type, serviceTier=usage.service_tier)
    if not counted and total is None and not extras and usage == _NO_COUNTS:
        return None
    return Usage(
        prompt=prompt,
        tool_use=tool_use,
        cached=usage.cached_content_token_count or 0,
        candidates=candidates,
        thoughts=thoughts,
        total=total,
        prompt_details=_read_details(inputs) if inputs else (),
        cached_details=_read_details(cached) if cached else (),
        tool_use_details=_read_details(tools) if tools else (),
        candidates_details=_read_details(outputs) if outputs else (),
        extras=extras,
    )


def write_usage(usage: Usage, writing: Writing) -> wire.UsageMetadata | None:
    """Counts as Google has them; None if what is missing would read as zero, and is not."""
    writing.add(usage.extras, ("usage",), ("usageMetadata",))
    total = total_of(usage)
    prompt, candidates = usage.prompt, usage.candidates
    counted = (prompt or 0) + usage.tool_use + (candidates or 0) + usage.thoughts
    if total in {None, counted} and (prompt is None or candidates is None):
        report_partial(usage, writing.report)
        return None
    adds_up = total == counted  # else a zero that is left out would read as unknown
    return wire.UsageMetadata(
        prompt_token_count=prompt or (None if adds_up else prompt),
        tool_use_prompt_token_count=usage.tool_use or None,
        cached_content_token_count=usage.cached or None,
        candidates_token_count=candidates or (None if adds_up else candidates),
        thoughts_token_count=usage.thoughts or None,
        total_token_count=total,
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
_KEEPING = Keeping(put_right, decided=frozenset({"error"}))
RESPONSE = Reader(
    "gemini",
    CODEC,
    _read,
    policies=POLICIES,
    wire_paths=WIRE_PATHS,
    keeping=_KEEPING,
)
