"""Token counts in OpenAI's formats: read in the spellings of all of them.

Chat counts ``prompt_tokens`` and ``completion_tokens``, the Images and Responses APIs
``input_tokens`` and ``output_tokens``; gateways mix them (BerriAI/litellm#34908), and some have
zeros in one spelling and the counts in the other. Prompt is prompt + tool use, completion is
candidates + thoughts (google-genai ``GenerateContentResponseUsageMetadata``). Counts by modality
are there only where the source has them; zeros are not kept. Where a relay counts the thoughts
beside the completion, not inside, they are more than it, and taken as they are.
"""

from __future__ import annotations

from typing import Protocol

from msgspec import structs

from imagewire.codec.reading import Reading
from imagewire.model import ModalityCount, Usage
from imagewire.paths import Path

#: Counts by modality, by the hub's names.
FIELDS = {"TEXT": "text_tokens", "IMAGE": "image_tokens", "AUDIO": "audio_tokens"}


class _Counts(Protocol):
    prompt_tokens: int | None
    completion_tokens: int | None
    input_tokens: int | None
    output_tokens: int | None
    total_tokens: int | None

    @property
    def prompt_tokens_details(self) -> object: ...
    @property
    def completion_tokens_details(self) -> object: ...
    @property
    def input_tokens_details(self) -> object: ...
    @property
    def output_tokens_details(self) -> object: ...


def read_usage(
    usage: _Counts, reading: Reading, wire_path: Path = ("usage",), *, cached: int | None = None
) -> Usage | None:
    """The hub's counts of the object at a wire path; None if it says nothing.

    ``cached`` is a count that stands beside the others.
    """
    inputs = usage.prompt_tokens_details or usage.input_tokens_details
    outputs = usage.completion_tokens_details or usage.output_tokens_details
    completion = _either(usage.completion_tokens, usage.output_tokens)
    thoughts = getattr(outputs, "reasoning_tokens", None) or 0
    found = Usage(
        prompt=_either(usage.prompt_tokens, usage.input_tokens),
        cached=getattr(inputs, "cached_tokens", None) or cached or 0,
        candidates=completion
        if completion is None or completion < thoughts
        else completion - thoughts,
        thoughts=thoughts,
        total=usage.total_tokens,
        prompt_details=_read_details(inputs),
        candidates_details=_read_details(outputs),
        extras=reading.take(wire_path),
    )
    if found == _NOTHING:
        return None
    if found.total is not None or found.prompt is None or completion is None:
        return found
    return structs.replace(found, total=found.prompt + completion)


_NOTHING = Usage()


def _either(one: int | None, other: int | None) -> int | None:
    """A count in either of two spellings; zero in one says less than a number in the other."""
    return other if one is None else one or other or 0


def _read_details(details: object) -> tuple[ModalityCount, ...]:
    """Counts by modality; zeros are not kept."""
    if details is None:
        return ()
    return tuple(
        ModalityCount(modality=modality, tokens=tokens)
        for modality, name in FIELDS.items()
        if (tokens := getattr(details, name, None))
    )
