"""Token counts of OpenAI's image models and the hub's, both ways.

They are ``usage`` of an Images reply, and ``tool_usage.image_gen`` of the Responses API.

``input_tokens_details`` is required by the SDK's type, and strict clients (LiteLLM) throw a reply
away without it. Without counts by modality, the input was text, as far as is known: of a request
that had an image, or of which nothing is known, that is a guess, reported.
"""

from __future__ import annotations

from typing import Annotated

from imagewire.codec.fields import BOOKKEEPING, Count, Wire
from imagewire.codec.reading import Reading
from imagewire.codec.writing import Writing
from imagewire.formats.shared import openai_usage
from imagewire.loss import C, lost
from imagewire.model import ModalityCount, ReplyContext
from imagewire.model import Usage as HubUsage
from imagewire.paths import Path
from imagewire.rules.usage import totals_of

_FIELDS = {"TEXT": "text_tokens", "IMAGE": "image_tokens"}


class TokenDetails(Wire):
    """Counts by modality on the wire."""

    image_tokens: Count = None
    text_tokens: Count = None
    audio_tokens: Count = None
    cached_tokens: Count = None
    reasoning_tokens: Count = None


class Usage(Wire):
    """The object of the counts on the wire, in the spellings of all OpenAI formats."""

    input_tokens: Count = None
    input_tokens_details: Annotated[TokenDetails | None, BOOKKEEPING] = None
    output_tokens: Count = None
    output_tokens_details: Annotated[TokenDetails | None, BOOKKEEPING] = None
    prompt_tokens: Count = None
    prompt_tokens_details: Annotated[TokenDetails | None, BOOKKEEPING] = None
    completion_tokens: Count = None
    completion_tokens_details: Annotated[TokenDetails | None, BOOKKEEPING] = None
    total_tokens: Count = None
    cached_tokens: Count = None


def read_usage(usage: Usage, reading: Reading, wire_path: Path = ("usage",)) -> HubUsage | None:
    """The hub's counts of the object at a wire path."""
    found = openai_usage.read_usage(usage, reading, wire_path, cached=usage.cached_tokens)
    renamed = usage.input_tokens is None or usage.output_tokens is None
    if renamed and found is not None and None not in {found.prompt, found.candidates}:
        reading.respell(wire_path)  # of half a usage nothing is written
    return found


def write_usage(
    usage: HubUsage, context: ReplyContext, writing: Writing, wire_path: Path = ("usage",)
) -> Usage | None:
    """The object of the hub's counts, for a wire path; None if one it requires is not known."""
    for name in ("cached", "cached_details", "tool_use_details"):
        if getattr(usage, name):
            detail = "cached or tool-use tokens: OpenAI's image models do not count them"
            writing.report(lost(C.TOKEN_COUNT, f"$.usage.{name}", detail))
    writing.add(usage.extras, ("usage",), wire_path)
    totals = totals_of(usage, writing.report)
    if totals is None:
        return None
    prompt, completion, total = totals
    details = _write_details(usage.prompt_details, writing)
    if details is None:
        details = TokenDetails(image_tokens=0, text_tokens=prompt)
        if context.had_input_images is not False:
            detail = "input tokens by modality are not stated: all are counted as text"
            writing.report(lost(C.MISSING_TOKEN_COUNT, "$.usage.prompt_details", detail))
    return Usage(
        input_tokens=prompt,
        input_tokens_details=details,
        output_tokens=completion,
        output_tokens_details=_write_details(usage.candidates_details, writing),
        total_tokens=total,
    )


def _write_details(counts: tuple[ModalityCount, ...], writing: Writing) -> TokenDetails | None:
    """Both counts, where there is any; another modality has no place."""
    if not counts:
        return None
    fields = dict.fromkeys(_FIELDS, 0)
    for count in counts:
        if count.modality in fields:
            fields[count.modality] += count.tokens
        else:
            detail = "{} {} tokens: OpenAI's image models count text and images"
            writing.report(lost(C.TOKEN_COUNT, "$.usage", detail, count.tokens, count.modality))
    if not any(fields.values()):
        return None
    return TokenDetails(image_tokens=fields["IMAGE"], text_tokens=fields["TEXT"])
