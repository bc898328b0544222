"""From one format to another: the only room that sees two."""

from __future__ import annotations

from imagewire.translate.formats import Source, Target
from imagewire.translate.request import (
    Fetched,
    read_model,
    remote_images,
    render_error,
    translate_request,
    translate_response,
    translate_responses,
)

__all__ = [
    "Fetched",
    "Source",
    "Target",
    "read_model",
    "remote_images",
    "render_error",
    "translate_request",
    "translate_response",
    "translate_responses",
]
