"""Placeholders for the middles of large payloads while their document is translated; see `bypass`.

A placeholder is base64 text itself, of a length divisible by 4, so it passes every check that
base64 passes, and so do the bytes that it decodes to. One for a span of the url-safe alphabet
begins with ``--``, which becomes ``++`` when that alphabet is normalised. Its name has letters in
both cases, so that it is not recognised after its case was folded. It contains the length of the
whole payload.

Facts: RFC 4648, sections 4 and 5.
"""

from __future__ import annotations

from imagewire.patterns import pattern

#: Letters of base64 that a payload keeps at its beginning and its end: they tell its type, have
#: its padding, and are what digests of it are made of.
EDGE = 64
LENGTH = 60  # letters of a placeholder
NAME = "ImageWire"

_PLACEHOLDER = pattern(r"(?:\+\+|--)" + NAME + r"[0-9a-f]{32}(\d{6})(\d{11})")


def placeholder_tag(digest: str) -> str:
    """The letters that all placeholders of one document share, after their first two."""
    return NAME + digest


def placeholder(tag: str, number: int, length: int, *, url_safe: bool = False) -> str:
    """The placeholder for the span with a number, in a payload of ``length`` base64 letters."""
    return f"{'--' if url_safe else '++'}{tag}{number:06}{length:011}"


def placeholder_number(text: str) -> int | None:
    """The number of the span that a placeholder is for; None for any other text."""
    found = _PLACEHOLDER.fullmatch(text)
    return None if found is None else int(found[1])


def real_length(data: str) -> int:
    """How many base64 letters a payload has, or had before its middle was cut out.

    One without padding, which has up to two letters less, counts as padded there.
    """
    if not 0 <= 2 * EDGE + LENGTH - len(data) <= 2:
        return len(data)
    found = _PLACEHOLDER.fullmatch(data, EDGE, EDGE + LENGTH)
    return len(data) if found is None else int(found[2])
