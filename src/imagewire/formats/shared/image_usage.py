"""Token counts of OpenAI's image models and the hub's, both ways.

They are ``usage`` of an Images reply, and ``tool_usage.image_gen`` of the Responses API.

``input_tokens_details`` is required by the SDK's type. Without counts by modality, a request that
is known to have had no image was all text; else the details are left out.
"""

from __future__ import annotations

from typing import Annotated

from imagewire.codec.fields import BOOKKEEPING, Count, Wire
from imagewire.codec.reading import Reading
from imagewire.codec.writing import Writing
from imagewire.loss import C, lost
from imagewire.model import ModalityCount, ReplyContext
from imagewire.model import Usage as HubUsage
from imagewire.paths import Path
from imagewire.rules.settings import read_counts

_FIELDS = {"TEXT": "text_tokens", "IMAGE": "image_tokens"}


class TokenDetails(Wire):
    """Counts by modality on the wire."""

    image_tokens: Count = None
    text_tokens: Count = None


class Usage(Wire):
    """The object of the counts on the wire."""

    input_tokens: Count = None
    input_tokens_details: Annotated[TokenDetails | None, BOOKKEEPING] = None
    output_tokens: Count = None
    output_tokens_details: Annotated[TokenDetails | None, BOOKKEEPING] = None
    total_tokens: Count = None


def read_usage(usage: Usage, reading: Reading, wire_path: Path = ("usage",)) -> HubUsage:
    """The hub's counts of the object at a wire path."""
    prompt, answer = usage.input_tokens or 0, usage.output_tokens or 0
    return HubUsage(
        prompt=prompt,
        candidates=answer,
        total=prompt + answer if usage.total_tokens is None else usage.total_tokens,
        prompt_details=read_counts(usage.input_tokens_details, _FIELDS),
        candidates_details=read_counts(usage.output_tokens_details, _FIELDS),
        extras=reading.take(wire_path),
    )


def write_usage(
    usage: HubUsage, context: ReplyContext, writing: Writing, wire_path: Path = ("usage",)
) -> Usage:
    """The object of the hub's counts, for a wire path."""
    for name in ("cached", "cached_details", "tool_use_details"):
        if getattr(usage, name):
            detail = "cached or tool-use tokens: OpenAI's image models do not count them"
            writing.report(lost(C.TOKEN_COUNT, f"$.usage.{name}", detail))
    writing.add(usage.extras, ("usage",), wire_path)
    prompt = usage.prompt + usage.tool_use
    details = _write_details(usage.prompt_details, writing)
    if details is None and context.had_input_images is False:
        details = TokenDetails(image_tokens=0, text_tokens=prompt)
    return Usage(
        input_tokens=prompt,
        input_tokens_details=details,
        output_tokens=usage.candidates + usage.thoughts,
        output_tokens_details=_write_details(usage.candidates_details, writing),
        total_tokens=usage.total,
    )


def _write_details(counts: tuple[ModalityCount, ...], writing: Writing) -> TokenDetails | None:
    """Both counts, where there is any; another modality has no place."""
    fields = dict.fromkeys(_FIELDS, 0)
    for count in counts:
        if count.modality in fields:
            fields[count.modality] += count.tokens
        else:
            words = "OpenAI's image models count text and images"
            detail = f"{count.tokens} {count.modality} tokens: {words}"
            writing.report(lost(C.TOKEN_COUNT, "$.usage", detail))
    if not any(fields.values()):
        return None
    return TokenDetails(image_tokens=fields["IMAGE"], text_tokens=fields["TEXT"])
