"""From one format to another: the only room that sees two.

Every translation is the same road: read with the source's module, adjust the hub value, write with
the target's module, and point each loss back into the source document.
"""

from __future__ import annotations

from imagewire.translate.formats import Source, Target
from imagewire.translate.reply import render_error, translate_response, translate_responses
from imagewire.translate.request import Fetched, read_model, remote_images, translate_request

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
