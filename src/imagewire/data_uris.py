"""``data:`` URIs: where their data begin, and what is said of these before.

Readers of images and the bypass ask the same function, one of a text, the other of the beginning of
one, so that what is cut out as base64 is what is read as base64.

Facts: RFC 2397. The first comma ends what is said of the data, whatever stands behind it.
"""

from __future__ import annotations

import re

import msgspec

from imagewire.patterns import pattern

#: The standard alphabet of base64 (RFC 4648, section 4).
STANDARD = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
#: Of base64: this alphabet, what the URL-safe one has beside it (section 5), and the padding.
LETTERS = STANDARD.encode() + b"-_="

_SCHEME = "data:"
_SAYS_BASE64 = pattern(r";\s*base64\s*(?:;|\Z)", re.IGNORECASE | re.ASCII)
_ESCAPE = pattern(rb"%([0-9A-Fa-f]{2})")
_ESCAPE_LENGTH = 3
_BLOCK = 64 * 1024  # letters decoded at a time


class DataURI(msgspec.Struct, frozen=True):
    """What a data URI says of its data, which begin at ``start``."""

    media_type: str
    is_base64: bool
    start: int


def is_data_uri(text: str) -> bool:
    """Whether a reference is a ``data:`` URI."""
    return text[: len(_SCHEME)].lower() == _SCHEME


def may_be_data_uri(beginning: str) -> bool:
    """Whether a reference that begins so may be a ``data:`` URI."""
    return _SCHEME.startswith(beginning[: len(_SCHEME)].lower())


def parse_data_uri(text: str) -> DataURI | None:
    """What a ``data:`` URI, or the beginning of one, says; None without a comma."""
    comma = text.find(",", len(_SCHEME))
    if comma < 0:
        return None
    said = text[len(_SCHEME) : comma]
    return DataURI(said.partition(";")[0], bool(_SAYS_BASE64.search(said)), comma + 1)


def unquoted(text: str) -> bytes:
    """Percent-encoded data; what is no escape stays, as in `urllib.parse.unquote_to_bytes`.

    In blocks, because pieces of three letters each take many times their length in memory.
    """
    raw, decoded, start = text.encode(), bytearray(), 0
    while start < len(raw):
        stop = start + _BLOCK
        split = raw.find(b"%", stop + 1 - _ESCAPE_LENGTH, stop)  # goes on in the next block
        stop = stop if split < 0 else split
        decoded += _ESCAPE.sub(_unescaped, raw[start:stop])
        start = stop
    return bytes(decoded)


def _unescaped(escape: re.Match[bytes]) -> bytes:
    return bytes.fromhex(escape[1].decode())
