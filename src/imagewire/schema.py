"""The JSON Schema of the canonical document, so that other languages can hold the hub."""

from __future__ import annotations

from typing import Any

import msgspec

from imagewire.model import Failure, ImageRequest, ImageResponse, ReplyContext

#: What is stored by itself; everything else is a part of these.
DOCUMENTS = (ImageRequest, ImageResponse, Failure, ReplyContext)


def json_schema() -> dict[str, Any]:
    """The schema (JSON Schema 2020-12) of a stored request, response, failure or reply context."""
    documents, parts = msgspec.json.schema_components(DOCUMENTS)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "imagewire canonical document",
        "anyOf": list(documents),
        "$defs": parts,
    }
