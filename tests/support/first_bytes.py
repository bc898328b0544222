"""The first bytes of pictures of several types, and of something else."""

from __future__ import annotations

import base64

PNG = b"\x89PNG\r\n\x1a\n\xfb\xff\xfe\x00"
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF"
HEIC = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00"
SVG = b"<svg xmlns='http://www.w3.org/2000/svg'/>"
UNKNOWN = b"no picture at all"


def b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
