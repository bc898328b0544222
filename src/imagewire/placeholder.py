"""What stands for the middle of a large payload while its document is translated; see `bulk`.

A stand-in is base64 text itself, of a length divisible by 4, so it passes wherever base64 does, and
so do the bytes that it decodes to. One for a run of the url-safe alphabet holds ``--``: normalising
the run's alphabet makes ``++`` of that. Its name is in both cases, so that folding case spoils it.
It tells how long the whole payload is.

Facts: RFC 4648, sections 4 and 5.
"""

from __future__ import annotations

import re

#: Letters of base64 that a payload keeps at its beginning and its end: they tell its type, hold its
#: padding, and are what digests of it are made of.
EDGE = 64
LENGTH = 60  # letters of a stand-in
NAME = "ImageWire"

_STAND_IN = re.compile(r"(?:\+\+|--)" + NAME + r"[0-9a-f]{32}(\d{6})(\d{11})")


def mark_of(digest: str) -> str:
    """What all stand-ins of one document have in common, after their first two letters."""
    return NAME + digest


def stand_in(mark: str, number: int, length: int, *, url_safe: bool = False) -> str:
    """The stand-in of the run with a number, in a payload of so many letters of base64."""
    return f"{'--' if url_safe else '++'}{mark}{number:06}{length:011}"


def number_of(text: str) -> int | None:
    """Which run a stand-in is for; None for any other text."""
    found = _STAND_IN.fullmatch(text)
    return None if found is None else int(found[1])


def real_length(data: str) -> int:
    """The letters of base64 that a payload has, or had before its middle was cut out."""
    if len(data) != 2 * EDGE + LENGTH:
        return len(data)
    found = _STAND_IN.fullmatch(data, EDGE, EDGE + LENGTH)
    return len(data) if found is None else int(found[2])
