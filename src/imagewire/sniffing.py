"""What the first bytes of a file tell: the media types of pictures, and whether data hold one."""

from __future__ import annotations

from typing import Any

import pybase64

from imagewire.data_uris import is_data_uri, parse_data_uri
from imagewire.placeholder import EDGE

# By the first four or three bytes.
_MAGIC = {
    b"\x89PNG": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF8": "image/gif",
}
# ISO base media file format: the major brand follows "ftyp" at offset 4.
_BRANDS = {
    b"avif": "image/avif",
    b"avis": "image/avif",
    b"heic": "image/heic",
    b"heix": "image/heic",
    b"hevc": "image/heic",
    b"hevx": "image/heic",
    b"mif1": "image/heif",
    b"msf1": "image/heif",
}
#: Bytes that may come before the <svg> of an XML file.
PROLOG = 1024
# White space of Unicode. `str.split` would make an object of each word between two.
_SPACES = (
    *(*range(9, 14), *range(28, 33), 0x85, 0xA0, 0x1680, *range(0x2000, 0x200B)),
    *(0x2028, 0x2029, 0x202F, 0x205F, 0x3000),
)
_NORMALISED = str.maketrans("-_", "+/") | dict.fromkeys(_SPACES)
#: White space of ASCII. Bytes of it are translated some four times faster than text.
WHITE = bytes(space for space in _SPACES if space < 128)
_STANDARD = bytes.maketrans(b"-_", b"+/")


def sniff(head: bytes) -> str | None:
    """The media type that the first bytes of a file tell, or None."""
    kind = _MAGIC.get(head[:4]) or _MAGIC.get(head[:3])
    if kind is not None:
        return kind
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "image/webp"
    if head[4:8] == b"ftyp":
        return _BRANDS.get(head[8:12])
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text.startswith(b"<svg") or (text.startswith(b"<?xml") and b"<svg" in text):
        return "image/svg+xml"
    return None


def sniff_base64(text: str) -> str | None:
    """The media type that the first bytes behind base64 of any kind tell, or None."""
    return sniff(first_bytes(text))


def first_bytes(text: str) -> bytes:
    """The first bytes behind base64 of any kind; none behind anything else."""
    try:
        return pybase64.b64decode(text[:EDGE], validate=True)
    except ValueError:
        head = unpadded(text[: 2 * EDGE])[:EDGE]
    try:
        return pybase64.b64decode(head + "=" * (-len(head) % 4), validate=True)
    except ValueError:
        return b""


def unpadded(text: str) -> str:
    """Base64 of any kind in the standard alphabet, without white space and padding."""
    if text.isascii():
        text = text.encode().translate(_STANDARD, WHITE).decode()
    else:
        text = text.translate(_NORMALISED)
    return text.rstrip("=")


def holds_picture(value: Any) -> bool:
    """Whether plain data hold a picture, as a data URI or as base64 of a known image."""
    pending = [value]
    while pending:
        item = pending.pop()
        if isinstance(item, str):
            if _is_picture(item):
                return True
        elif isinstance(item, list):
            pending += item
        elif isinstance(item, dict):
            pending += item.values()
    return False


def _is_picture(text: str) -> bool:
    if not is_data_uri(text):
        return sniff_base64(text) is not None
    said = parse_data_uri(text[: 4 * PROLOG])
    return said is not None and said.media_type.strip().lower().startswith("image/")
