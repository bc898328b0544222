"""Token counts: ``usage`` of a chat completion and the hub's, both ways.

Prompt is prompt + tool use, completion is candidates + thoughts (google-genai
``GenerateContentResponseUsageMetadata``). Modality counts are there only where the source has them;
zeros are not kept. Where a relay counts the thoughts beside the completion, not inside,
they are more than it, and taken as they are.
"""

from __future__ import annotations

from imagewire.codec.reading import Reading
from imagewire.codec.writing import Writing
from imagewire.formats.chat import wire
from imagewire.loss import C, lost
from imagewire.model import ModalityCount, Usage
from imagewire.rules.settings import read_counts

_BY_MODALITY = {"cached_details": "cached", "tool_use_details": "tool-use"}
_FIELDS = {"TEXT": "text_tokens", "IMAGE": "image_tokens", "AUDIO": "audio_tokens"}


def read_usage(usage: wire.Usage, reading: Reading) -> Usage:
    """The hub's counts of a ``usage`` object."""
    prompt = usage.prompt_tokens or 0
    completion = usage.completion_tokens or 0
    inputs, outputs = usage.prompt_tokens_details, usage.completion_tokens_details
    thoughts = (outputs.reasoning_tokens if outputs else None) or 0
    extras = reading.take(("usage",))
    if inputs is not None and inputs.cache_write_tokens:
        path = ("prompt_tokens_details", "cache_write_tokens")
        extras += (reading.keep(path, inputs.cache_write_tokens),)
    if outputs is not None:
        for name in ("accepted_prediction_tokens", "rejected_prediction_tokens"):
            if getattr(outputs, name):
                path = ("completion_tokens_details", name)
                extras += (reading.keep(path, getattr(outputs, name)),)
    return Usage(
        prompt=prompt,
        cached=(inputs.cached_tokens if inputs else None) or 0,
        candidates=completion - thoughts if completion >= thoughts else completion,
        thoughts=thoughts,
        total=prompt + completion if usage.total_tokens is None else usage.total_tokens,
        prompt_details=read_counts(inputs, _FIELDS),
        candidates_details=read_counts(outputs, _FIELDS),
        extras=extras,
    )


def write_usage(usage: Usage, writing: Writing) -> wire.Usage:
    """The ``usage`` object of the hub's counts."""
    if usage.cached_details or usage.tool_use_details:
        for name, words in _BY_MODALITY.items():
            if getattr(usage, name):
                detail = f"{words} tokens by modality: a chat completion has no fields for them"
                writing.report(lost(C.TOKEN_COUNT, f"$.usage.{name}", detail))
    if usage.extras:
        writing.add(usage.extras, ("usage",), ("usage",))
    return wire.Usage(
        prompt_tokens=usage.prompt + usage.tool_use,
        completion_tokens=usage.candidates + usage.thoughts,
        total_tokens=usage.total,
        prompt_tokens_details=_write_inputs(usage, writing),
        completion_tokens_details=_write_outputs(usage, writing),
    )


def _write_inputs(usage: Usage, writing: Writing) -> wire.PromptDetails | None:
    counts = _write_details(usage.prompt_details, writing) if usage.prompt_details else {}
    if not counts and not usage.cached:
        return None
    return wire.PromptDetails(cached_tokens=usage.cached or None, **counts)


def _write_outputs(usage: Usage, writing: Writing) -> wire.CompletionDetails | None:
    counts = _write_details(usage.candidates_details, writing) if usage.candidates_details else {}
    if not writing.options.chat_extensions and "image_tokens" in counts:
        detail = f"{counts.pop('image_tokens')} image tokens: OpenAI's schema has no field for them"
        writing.report(lost(C.TOKEN_COUNT, "$.usage.candidates_details", detail))
    if not counts and not usage.thoughts:
        return None
    return wire.CompletionDetails(reasoning_tokens=usage.thoughts or None, **counts)


def _write_details(counts: tuple[ModalityCount, ...], writing: Writing) -> dict[str, int]:
    """Counts by field; a modality that OpenAI does not count is reported."""
    fields: dict[str, int] = {}
    for count in counts:
        name = _FIELDS.get(count.modality)
        if name is None:
            detail = (
                f"{count.tokens} {count.modality} tokens: a chat completion has no field for them"
            )
            writing.report(lost(C.TOKEN_COUNT, "$.usage", detail))
        else:
            fields[name] = fields.get(name, 0) + count.tokens
    return fields
