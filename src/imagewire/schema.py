"""The JSON Schema of the canonical document."""

from __future__ import annotations

from collections.abc import Sequence
from inspect import cleandoc
from typing import Any

import msgspec


def schema_of(kinds: Sequence[type[msgspec.Struct]], version: int) -> dict[str, Any]:
    """The JSON Schema (2020-12) of documents of some kinds, in a version."""
    documents, parts = msgspec.json.schema_components(kinds)
    for part in parts.values():  # equal on all that it is made by:
        # CPython 3.13 takes the indentation off docstrings, others do not
        part["description"] = cleandoc(part["description"])
        for field in part.get("properties", {}).values():  # msgspec 0.21 has null before a struct
            field.get("anyOf", []).sort(key=lambda arm: arm == {"type": "null"})
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:imagewire:document:{version}",
        "title": "imagewire canonical document",
        "anyOf": list(documents),
        "$defs": parts,
    }
