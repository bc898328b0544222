"""Sizes of pictures, from the heads of their files."""

from __future__ import annotations

import struct

import pytest

from imagewire.model import Size
from imagewire.rules.pixels import pixel_size


def png(width: int, height: int) -> bytes:
    return b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + struct.pack(">II", width, height) + b"\x08\x06"


def jpeg(width: int, height: int, before: bytes = b"") -> bytes:
    frame = b"\xff\xc2\x00\x11\x08" + struct.pack(">HH", height, width) + b"\x03\x01\x22\x00"
    return b"\xff\xd8" + before + frame


def webp(kind: bytes, data: bytes) -> bytes:
    return b"RIFF\x00\x00\x00\x00WEBP" + kind + struct.pack("<I", len(data)) + data


def ispe(width: int, height: int) -> bytes:
    return b"\x00\x00\x00\x14ispe\x00\x00\x00\x00" + struct.pack(">II", width, height)


TABLE = b"\xff\xc4\x00\x05abc"
SIZED = {
    "png": png(1536, 1024),
    "gif": b"GIF89a" + struct.pack("<HH", 1536, 1024),
    "jpeg": jpeg(1536, 1024),
    "jpeg behind tables": jpeg(1536, 1024, TABLE + b"\xff\xff\xe0\x00\x04ab" + b"\xff\x01"),
    "webp, lossy": webp(b"VP8 ", b"\x30\x01\x00\x9d\x01\x2a" + struct.pack("<HH", 1536, 1024)),
    "webp, lossless": webp(b"VP8L", b"\x2f" + struct.pack("<I", 1535 | 1023 << 14)),
    "webp, extended": webp(b"VP8X", b"\x10\x00\x00\x00\xff\x05\x00\xff\x03\x00"),
    "avif": b"\x00\x00\x00\x1cftypavif" + ispe(1536, 1024),
    "heic, in tiles": b"\x00\x00\x00\x1cftypheic" + ispe(512, 512) + ispe(1536, 1024) + ispe(1, 2),
}


@pytest.mark.parametrize("name", SIZED)
def test_the_head_of_a_file_tells_its_size(name: str) -> None:
    assert Size(width=1536, height=1024) == pixel_size(SIZED[name])


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<svg/>",
        b"\x89PNG\r\n\x1a\n",
        png(0, 5),
        b"GIF89a",
        b"\xff\xd8",
        b"\xff\xd8" + TABLE * 2,
        b"\xff\xd8nothing of a jpeg",
        webp(b"ICCP", b"abc"),
        b"\x00\x00\x00\x1cftypavif",
        *(data[: len(data) // 2] for name, data in SIZED.items() if "tiles" not in name),
    ],
)
def test_what_tells_none_has_none(data: bytes) -> None:
    assert pixel_size(data) is None
