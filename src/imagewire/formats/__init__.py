"""The formats, as a literal table. A new one is a folder beside these and a line here."""

from __future__ import annotations

from imagewire.formats import chat, gemini, images
from imagewire.formats.contract import Format

FORMATS: dict[str, Format] = {
    "chat": chat,
    "gemini": gemini,
    "images": images,
}


def format_named(name: str) -> Format:
    """The format of a name; raises `ValueError` for an unknown one."""
    if name not in FORMATS:
        msg = f"unknown format {name!r}; known are {', '.join(FORMATS)}"
        raise ValueError(msg)
    return FORMATS[name]


__all__ = ["FORMATS", "Format", "format_named"]
