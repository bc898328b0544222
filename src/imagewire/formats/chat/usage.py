"""Token counts: ``usage`` of a chat completion and the hub's, both ways.

A details object that is written always has the cached or the reasoning tokens: OpenAI sends both,
and strict clients (the AI SDK's OpenRouter provider) throw a reply away without them.
"""

from __future__ import annotations

from msgspec import structs

from imagewire.codec.reading import Reading
from imagewire.codec.writing import Writing
from imagewire.formats.chat import wire
from imagewire.formats.shared import openai_usage
from imagewire.formats.shared.openai_usage import FIELDS
from imagewire.loss import C, lost
from imagewire.model import ModalityCount, Usage
from imagewire.rules.usage import totals_of

_BY_MODALITY = {"cached_details": "cached", "tool_use_details": "tool-use"}


def read_usage(usage: wire.Usage, reading: Reading) -> Usage | None:
    """The hub's counts of a ``usage`` object."""
    found = openai_usage.read_usage(usage, reading)
    if found is None:
        return None
    if usage.prompt_tokens is None or usage.completion_tokens is None:
        reading.respell(("usage",))
    extras = found.extras
    inputs, outputs = usage.prompt_tokens_details, usage.completion_tokens_details
    if inputs is not None and inputs.cache_write_tokens:
        path = ("prompt_tokens_details", "cache_write_tokens")
        extras += (reading.keep(path, inputs.cache_write_tokens),)
    if outputs is not None:
        for name in ("accepted_prediction_tokens", "rejected_prediction_tokens"):
            if getattr(outputs, name):
                path = ("completion_tokens_details", name)
                extras += (reading.keep(path, getattr(outputs, name)),)
    return found if extras is found.extras else structs.replace(found, extras=extras)


def write_usage(usage: Usage, writing: Writing) -> wire.Usage | None:
    """The ``usage`` object of the hub's counts; None if one that it requires is not known."""
    if usage.cached_details or usage.tool_use_details:
        for name, words in _BY_MODALITY.items():
            if getattr(usage, name):
                detail = "{} tokens by modality: a chat completion has no fields for them"
                writing.report(lost(C.TOKEN_COUNT, f"$.usage.{name}", detail, words))
    if usage.extras:
        writing.add(usage.extras, ("usage",), ("usage",))
    totals = totals_of(usage, writing.report)
    if totals is None:
        return None
    prompt, completion, total = totals
    return wire.Usage(
        prompt_tokens=prompt,
        completion_tokens=completion,
        total_tokens=total,
        prompt_tokens_details=_write_inputs(usage, writing),
        completion_tokens_details=_write_outputs(usage, writing),
    )


def _write_inputs(usage: Usage, writing: Writing) -> wire.PromptDetails | None:
    counts = _write_details(usage.prompt_details, writing) if usage.prompt_details else {}
    if not counts and not usage.cached:
        return None
    return wire.PromptDetails(cached_tokens=usage.cached, **counts)


def _write_outputs(usage: Usage, writing: Writing) -> wire.CompletionDetails | None:
    counts = _write_details(usage.candidates_details, writing) if usage.candidates_details else {}
    if not writing.options.chat_extensions and "image_tokens" in counts:
        detail = "{} image tokens: OpenAI's schema has no field for them"
        writing.report(
            lost(C.TOKEN_COUNT, "$.usage.candidates_details", detail, counts.pop("image_tokens"))
        )
    if not counts and not usage.thoughts:
        return None
    return wire.CompletionDetails(reasoning_tokens=usage.thoughts, **counts)


def _write_details(counts: tuple[ModalityCount, ...], writing: Writing) -> dict[str, int]:
    """Counts by field; a modality that OpenAI does not count is reported."""
    fields: dict[str, int] = {}
    for count in counts:
        name = FIELDS.get(count.modality)
        if name is None:
            detail = "{} {} tokens: a chat completion has no field for them"
            writing.report(lost(C.TOKEN_COUNT, "$.usage", detail, count.tokens, count.modality))
        else:
            fields[name] = fields.get(name, 0) + count.tokens
    return fields
