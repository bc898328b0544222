"""The width and height of a picture, from the head of its file: no pixel is decoded.

Facts: PNG (W3C, 11.2.2: IHDR), GIF89a (17), JPEG (ITU T.81, B.2.2: a frame header SOFn), WebP
(RFC 9649, 2.5 to 2.7), HEIF and AVIF (ISO 23008-12, 6.5.3: ``ispe``; a picture in tiles has
several, and its own is the largest). SVG has no pixels. A turn that Exif asks for is not made.
"""

from __future__ import annotations

from imagewire.model import Size

_HEAD = 64 * 1024  # bytes that may come before the sizes of a HEIF file
#: The markers of JPEG that begin a frame; the others of C0 to CF are tables.
_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
_ALONE = {0x01, *range(0xD0, 0xD9)}  # markers without a length


def pixel_size(data: bytes) -> Size | None:
    """The size of a picture; None if its bytes do not tell one."""
    found = None
    if data.startswith(b"\x89PNG\r\n\x1a\n") and data[12:16] == b"IHDR":
        found = _big(data, 16), _big(data, 20)
    elif data.startswith(b"GIF8"):
        found = _little(data, 6, 2), _little(data, 8, 2)
    elif data.startswith(b"\xff\xd8"):
        found = _jpeg(data)
    elif data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        found = _webp(data)
    elif data[4:8] == b"ftyp":
        found = _heif(data[:_HEAD])
    return Size(width=found[0], height=found[1]) if found and min(found) > 0 else None


def _big(data: bytes, at: int, length: int = 4) -> int:
    return int.from_bytes(data[at : at + length], "big")


def _little(data: bytes, at: int, length: int) -> int:
    return int.from_bytes(data[at : at + length], "little")


def _jpeg(data: bytes) -> tuple[int, int] | None:
    at = 2
    while at + 9 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker in _FRAMES:
            return _big(data, at + 7, 2), _big(data, at + 5, 2)
        if marker == 0xFF:  # filling
            at += 1
        elif marker in _ALONE:
            at += 2
        else:
            at += 2 + _big(data, at + 2, 2)
    return None


def _webp(data: bytes) -> tuple[int, int] | None:
    kind = data[12:16]
    if kind == b"VP8X":
        return _little(data, 24, 3) + 1, _little(data, 27, 3) + 1
    if kind == b"VP8L":
        bits = _little(data, 21, 4)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8 ":
        return _little(data, 26, 2) & 0x3FFF, _little(data, 28, 2) & 0x3FFF
    return None


def _heif(head: bytes) -> tuple[int, int] | None:
    sizes = []
    at = head.find(b"ispe")
    while at >= 0:
        sizes.append((_big(head, at + 8), _big(head, at + 12)))
        at = head.find(b"ispe", at + 4)
    return max(sizes, key=lambda size: size[0] * size[1], default=None)
