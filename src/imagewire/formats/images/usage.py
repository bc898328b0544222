"""Token counts: ``usage`` of an Images reply and the hub's, both ways.

``input_tokens_details`` is required by the SDK's type, and strict clients (LiteLLM) throw a reply
away without it. Without counts by modality, the input was text, as far as is known: of a request
that had an image, or of which nothing is known, that is a guess, reported.
"""

from __future__ import annotations

from imagewire.codec.reading import Reading
from imagewire.codec.writing import Writing
from imagewire.formats.images import wire
from imagewire.formats.shared import openai_usage
from imagewire.loss import C, lost
from imagewire.model import ModalityCount, ReplyContext, Usage
from imagewire.rules.usage import totals_of

_FIELDS = {"TEXT": "text_tokens", "IMAGE": "image_tokens"}


def read_usage(usage: wire.Usage, reading: Reading) -> Usage | None:
    """The hub's counts of a ``usage`` object."""
    if usage.input_tokens is None or usage.output_tokens is None:
        reading.respell(("usage",))
    return openai_usage.read_usage(usage, reading, cached=usage.cached_tokens)


def write_usage(usage: Usage, context: ReplyContext, writing: Writing) -> wire.Usage | None:
    """The ``usage`` object of the hub's counts; None if one that it requires is not known."""
    for name in ("cached", "cached_details", "tool_use_details"):
        if getattr(usage, name):
            detail = "cached or tool-use tokens: the Images API does not count them"
            writing.report(lost(C.TOKEN_COUNT, f"$.usage.{name}", detail))
    writing.add(usage.extras, ("usage",), ("usage",))
    totals = totals_of(usage, writing.report)
    if totals is None:
        return None
    prompt, completion, total = totals
    details = _write_details(usage.prompt_details, writing)
    if details is None:
        details = wire.TokenDetails(image_tokens=0, text_tokens=prompt)
        if context.had_input_images is not False:
            detail = "input tokens by modality are not stated: all are counted as text"
            writing.report(lost(C.MISSING_TOKEN_COUNT, "$.usage.prompt_details", detail))
    return wire.Usage(
        input_tokens=prompt,
        input_tokens_details=details,
        output_tokens=completion,
        output_tokens_details=_write_details(usage.candidates_details, writing),
        total_tokens=total,
    )


def _write_details(counts: tuple[ModalityCount, ...], writing: Writing) -> wire.TokenDetails | None:
    """Both counts, where there is any; another modality has no place."""
    fields = dict.fromkeys(_FIELDS, 0)
    for count in counts:
        if count.modality in fields:
            fields[count.modality] += count.tokens
        else:
            detail = "{} {} tokens: the Images API counts text and images"
            writing.report(lost(C.TOKEN_COUNT, "$.usage", detail, count.tokens, count.modality))
    if not any(fields.values()):
        return None
    return wire.TokenDetails(image_tokens=fields["IMAGE"], text_tokens=fields["TEXT"])
