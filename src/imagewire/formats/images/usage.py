"""Token counts: ``usage`` of an Images reply and the hub's, both ways.

``input_tokens_details`` is required by the SDK's type. Without counts by modality, a request that
is known to have had no image was all text; else the details are left out.
"""

from __future__ import annotations

from imagewire.codec.reading import Reading
from imagewire.codec.writing import Writing
from imagewire.formats.images import wire
from imagewire.loss import C, lost
from imagewire.model import ModalityCount, ReplyContext, Usage
from imagewire.rules.settings import read_counts

_FIELDS = {"TEXT": "text_tokens", "IMAGE": "image_tokens"}


def read_usage(usage: wire.Usage, reading: Reading) -> Usage:
    """The hub's counts of a ``usage`` object."""
    prompt, answer = usage.input_tokens or 0, usage.output_tokens or 0
    return Usage(
        prompt=prompt,
        candidates=answer,
        total=prompt + answer if usage.total_tokens is None else usage.total_tokens,
        prompt_details=read_counts(usage.input_tokens_details, _FIELDS),
        candidates_details=read_counts(usage.output_tokens_details, _FIELDS),
        extras=reading.take(("usage",)),
    )


def write_usage(usage: Usage, context: ReplyContext, writing: Writing) -> wire.Usage:
    """The ``usage`` object of the hub's counts."""
    for name in ("cached", "cached_details", "tool_use_details"):
        if getattr(usage, name):
            detail = "cached or tool-use tokens: the Images API does not count them"
            writing.report(lost(C.TOKEN_COUNT, f"$.usage.{name}", detail))
    writing.add(usage.extras, ("usage",), ("usage",))
    prompt = usage.prompt + usage.tool_use
    details = _write_details(usage.prompt_details, writing)
    if details is None and context.had_input_images is False:
        details = wire.TokenDetails(image_tokens=0, text_tokens=prompt)
    return wire.Usage(
        input_tokens=prompt,
        input_tokens_details=details,
        output_tokens=usage.candidates + usage.thoughts,
        output_tokens_details=_write_details(usage.candidates_details, writing),
        total_tokens=usage.total,
    )


def _write_details(counts: tuple[ModalityCount, ...], writing: Writing) -> wire.TokenDetails | None:
    """Both counts, where there is any; another modality has no place."""
    fields = dict.fromkeys(_FIELDS, 0)
    for count in counts:
        if count.modality in fields:
            fields[count.modality] += count.tokens
        else:
            detail = (
                f"{count.tokens} {count.modality} tokens: the Images API counts text and images"
            )
            writing.report(lost(C.TOKEN_COUNT, "$.usage", detail))
    if not any(fields.values()):
        return None
    return wire.TokenDetails(image_tokens=fields["IMAGE"], text_tokens=fields["TEXT"])
