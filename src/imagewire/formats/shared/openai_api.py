"""What the formats of the OpenAI API have in common: where a key travels, paths without a model."""

from __future__ import annotations

from collections.abc import Mapping

from imagewire.formats.contract import Credential, Operation

CREDENTIAL = Credential("authorization", scheme="Bearer")


def operation_of(path: str, paths: Mapping[Operation, str]) -> tuple[Operation, str | None] | None:
    """The operation whose path this is, which names no model; None if it is none of them."""
    return next(((operation, None) for operation, own in paths.items() if own == path), None)
