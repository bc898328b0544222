"""Digests, for ids, boundaries and stand-ins that come from what a document says.

The standard library's module loads OpenSSL, which takes longer than most of this package: it waits
for the first digest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hashlib import blake2b


def new_digest(size: int) -> blake2b:
    """A digest of so many bytes, of nothing yet (BLAKE2b, RFC 7693)."""
    from hashlib import blake2b  # noqa: PLC0415 - see above

    return blake2b(digest_size=size)
