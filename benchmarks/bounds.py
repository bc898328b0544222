"""The speed that is promised, as ratios of times (p10) measured in one run on one machine."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

import attrs

from parts import READ, READ_AND_COPIED
from results import BYTES, IMPORT, MEMCPY, PLAIN, SEGMENTS, Row
from spellings import BAD_BYTE, SPELLINGS
from works import EQUAL, PICTURES, REPLY, REQUEST, THUMBNAILS, named

ORJSON = "orjson by hand"
DIFFERENT = "imagewire, different pictures"
_OUTPUT = "output"


@attrs.frozen
class Found:
    """What was measured of a bound; None if nothing was."""

    bound: Bound
    measured: float | None

    @property
    def holds(self) -> bool:
        """Whether it was measured, and held."""
        return self.measured is not None and self.measured <= self.bound.at_most


@attrs.frozen
class Bound:
    """A contender takes at most so many times what another takes.

    ``per`` may also be ``output``, for peak memory by the answer's length.
    """

    work: str
    contender: str
    at_most: float
    per: str

    def found(self, rows: Sequence[Row]) -> Found:
        """What the rows say of it."""
        of_work = {row.contender: row for row in rows if row.work == self.work}
        return Found(self, self._measured(of_work))

    def _measured(self, rows: dict[str, Row]) -> float | None:
        row = rows.get(self.contender)
        if row is None:
            return None
        if self.per == _OUTPUT:
            return row.peak / row.output
        return row.p10 / rows[self.per].p10 if self.per in rows else None


def found_in(rows: Sequence[Row], peers: Collection[str], only: str) -> list[Found]:
    """What was measured of each bound about the work that was asked for."""
    bounds = [bound for bound in BOUNDS if only in bound.work]
    # What a peer does rightly, imagewire does at least as fast.
    bounds += [Bound(row.work, BYTES, 1, row.contender) for row in rows if row.contender in peers]
    return [bound.found(rows) for bound in bounds]


def _bounds() -> Iterator[Bound]:
    for direction in (REPLY, PICTURES, REQUEST):
        work = named(direction, "16 MiB")
        yield Bound(work, BYTES, 1.15, READ_AND_COPIED)
        yield Bound(work, SEGMENTS, 1.15, READ)
        yield Bound(work, BYTES, 3, MEMCPY)
        yield Bound(work, SEGMENTS, 2, MEMCPY)
        # Up to half of what orjson took here was pages for the room that it reserves, 16 times its
        # input; memory that is kept has them already.
        yield Bound(work, BYTES, 1 / 4, ORJSON)
        yield Bound(work, BYTES, 1.1, _OUTPUT)
        yield Bound(work, SEGMENTS, 0.1, _OUTPUT)
    # `instructions.py` has the bounds of small bodies; these see a step back without valgrind.
    yield Bound(named(REQUEST, "200 B"), BYTES, 11, ORJSON)
    yield Bound(named(REPLY, "2 KiB"), BYTES, 11, ORJSON)
    for shape in THUMBNAILS:
        for direction in (REQUEST, REPLY):
            yield Bound(named(direction, shape.name), BYTES, 1.1, PLAIN)
    yield Bound(named(REPLY, EQUAL.name), BYTES, 1.5, DIFFERENT)
    for name in SPELLINGS:
        at_most = 0.5 if name in {"in lines of 76 letters", "without padding"} else 1.1
        yield Bound(named(REPLY, f"16 MiB {name}"), BYTES, at_most, PLAIN)
    for direction in (REPLY, PICTURES):
        work = named(direction, f"16 MiB {BAD_BYTE}")
        yield Bound(work, BYTES, 3, PLAIN)
    yield Bound(named(REQUEST, "64 KiB of prose"), BYTES, 1.2, PLAIN)
    for name in ("quotes", "backslashes"):
        yield Bound(named(REQUEST, f"16 MiB of escaped {name}"), BYTES, 3, PLAIN)
        # The plain path gives up at the second byte; looking through the body costs a copy of it.
        yield Bound(named(REQUEST, f"16 MiB of bare {name}"), BYTES, 3, MEMCPY)
    yield Bound(IMPORT, "imagewire", 2, "dependencies")


BOUNDS = tuple(_bounds())
