"""The list of models: the reply to ``GET /v1beta/models``."""

from __future__ import annotations

from collections.abc import Sequence

from imagewire.catalog import Model
from imagewire.codec.document import encode
from imagewire.messages import JSON_TYPE, WireResponse


def write_models(models: Sequence[Model]) -> WireResponse:
    """The list, as google-genai's ``types.Model`` reads it."""
    rows = [
        {
            "name": f"models/{model.id}",
            "displayName": model.description or model.id,
            "supportedGenerationMethods": ["generateContent"],
        }
        for model in models
    ]
    headers = {"content-type": JSON_TYPE}
    return WireResponse(status=200, headers=headers, body=encode({"models": rows}))
