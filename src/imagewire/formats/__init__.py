"""The formats, as a literal table. A new one is a folder beside these and a line here."""

from __future__ import annotations

from imagewire.formats import chat, gemini, images
from imagewire.formats.contract import Format

FORMATS: dict[str, Format] = {
    "chat": chat,
    "gemini": gemini,
    "images": images,
}

__all__ = ["FORMATS", "Format"]
