"""What hostile bodies are made of: units one after the other, up to any size."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

Unit = bytes | Callable[[int], bytes]

#: A small picture, as a data URI.
SHORT = b"data:image/png;base64,iVBORw0KGgo="


class Hostile(NamedTuple):
    """A body, the format that it is read as, and what its content type says."""

    body: bytes
    source: str
    content_type: str = "application/json"


Shape = Callable[[int], Hostile]


def filled(size: int, unit: Unit, between: bytes = b"") -> bytes:
    """Units one after the other, up to a size; a unit may depend on its number."""
    if isinstance(unit, bytes):
        return between.join([unit] * max(1, size // (len(unit) + len(between))))
    units: list[bytes] = []
    length = 0
    while length < size:
        units.append(unit(len(units)))
        length += len(units[-1]) + len(between)
    return between.join(units)


def rows(source: str, before: bytes, after: bytes, between: bytes = b",") -> Callable[..., Shape]:
    """Makes shapes of JSON: units between what comes before them and what comes after."""

    def row(unit: Unit, begins: bytes = b"") -> Shape:
        def shape(size: int) -> Hostile:
            return Hostile(before + begins + filled(size, unit, between) + after, source)

        return shape

    return row


def numbered(text: bytes) -> Callable[[int], bytes]:
    """A unit with its number at each ``#``."""
    return lambda number: text.replace(b"#", b"%d" % number)


def tower(opening: bytes, closing: bytes, deep: int) -> bytes:
    """A value that is so deep."""
    return opening * deep + b"1" + closing * deep
