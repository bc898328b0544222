"""Digests, for ids, boundaries and placeholders that are derived from a document.

The standard library's module loads OpenSSL, which takes longer than most of this package: it waits
for the first digest.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hashlib import blake2b


def new_digest(size: int) -> blake2b:
    """An empty digest that will have ``size`` bytes (BLAKE2b, RFC 7693)."""
    return _blake2b()(digest_size=size)


def digest_of(pieces: Iterable[bytes | memoryview]) -> str:
    """The digest of pieces, 16 bytes in hex; it also depends on where each piece ends."""
    digest = new_digest(16)
    for piece in pieces:
        digest.update(b"%d " % len(piece))
        digest.update(piece)
    return digest.hexdigest()


@cache
def _blake2b() -> type[blake2b]:
    from hashlib import blake2b  # noqa: PLC0415 - see above

    return blake2b
