"""Losses: what a translation could not carry, as values in its result; details are excerpts."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Generic, TypeVar

import msgspec

from imagewire.paths import Path, Provenance, text
from imagewire.redaction import excerpt

T_co = TypeVar("T_co", covariant=True)


class LossKind(StrEnum):
    """How the result differs from the source."""

    DROPPED = "DROPPED"
    APPROXIMATED = "APPROXIMATED"  #: the nearest value was written
    CORRECTED = "CORRECTED"  #: the source was wrong
    DEFAULTED = "DEFAULTED"  #: the target needs a value that nobody gave


class LossLevel(StrEnum):
    """How much it matters, most first."""

    CONTENT = "content"  #: pictures, words, turns
    SETTING = "setting"  #: what the caller asked for
    METADATA = "metadata"  #: bookkeeping

    @property
    def rank(self) -> int:
        """0 for what matters most."""
        return tuple(LossLevel).index(self)


class Loss(msgspec.Struct, frozen=True):
    """One thing not carried as it was: where in the source document, and what became of it."""

    kind: LossKind
    level: LossLevel
    path: str
    detail: str

    def __str__(self) -> str:
        return f"{self.kind} {self.path}: {self.detail}"


#: Where a reader or a writer sends its losses; in a test, ``found.append``.
Report = Callable[[Loss], None]

CONTENT, SETTING, METADATA = LossLevel.CONTENT, LossLevel.SETTING, LossLevel.METADATA


def dropped(path: str | Path, detail: str, level: LossLevel = SETTING) -> Loss:
    """The target has no place for it."""
    return Loss(LossKind.DROPPED, level, text(path), excerpt(detail))


def approximated(path: str | Path, detail: str, level: LossLevel = SETTING) -> Loss:
    """The target has a place for something near it."""
    return Loss(LossKind.APPROXIMATED, level, text(path), excerpt(detail))


def corrected(path: str | Path, detail: str, level: LossLevel = METADATA) -> Loss:
    """The source contradicted itself, and the stronger evidence won."""
    return Loss(LossKind.CORRECTED, level, text(path), excerpt(detail))


def defaulted(path: str | Path, detail: str, level: LossLevel = METADATA) -> Loss:
    """The target requires a value, the source has none."""
    return Loss(LossKind.DEFAULTED, level, text(path), excerpt(detail))


class Outcome(msgspec.Struct, Generic[T_co], frozen=True):
    """What a verb made, what it could not carry, and, of a reader, where each node came from."""

    value: T_co
    losses: tuple[Loss, ...] = ()
    provenance: Provenance | None = None
