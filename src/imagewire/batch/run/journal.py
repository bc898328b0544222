"""How far a batch run has come, and what it must remember: an SQLite file beside the output.

It holds the state of the run, what was kept of requests by id, and the replies that wait for
others of the same request: a million of them take disk, not memory. All that changes between two
states is one transaction, so that a run that was killed goes on from its last state. SQLite's
write-ahead log keeps readers in other processes from waiting.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Self

import attrs
import msgspec

from imagewire.batch.records import Kept, Part

_SCHEMA = """
CREATE TABLE IF NOT EXISTS state (one INTEGER PRIMARY KEY, document BLOB);
CREATE TABLE IF NOT EXISTS kept (id TEXT PRIMARY KEY, document BLOB) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS part (
    id TEXT, call INTEGER, number INTEGER, line BLOB, PRIMARY KEY (id, call)
);
"""
_CACHE = 16 * 1024  # KiB of pages in memory


@attrs.frozen(kw_only=True)
class Tally:
    """How many lines were read, written and rejected (for losses, under ``strict``: ``lost``).

    ``failed`` of the written are errors, ``losses`` were reported, ``blank`` lines passed over.
    """

    read: int = 0
    written: int = 0
    rejected: int = 0
    lost: int = 0
    failed: int = 0
    losses: int = 0
    blank: int = 0

    def __add__(self, other: Tally) -> Tally:
        mine, theirs = attrs.astuple(self), attrs.astuple(other)
        names = [field.name for field in attrs.fields(Tally)]
        return Tally(**dict(zip(names, map(sum, zip(mine, theirs, strict=True)), strict=True)))


@attrs.frozen(kw_only=True)
class State:
    """How far a run has come: bytes of its input, and of each file that it writes.

    ``run`` says what it does: only the same run can go on from here.
    """

    run: str
    position: int = 0
    sizes: dict[str, int] = attrs.field(factory=dict)
    tally: Tally = Tally()
    job_model: str | None = None
    complete: bool = False


class Journal:
    """The state of a run, on disk; what was kept, by id; replies that wait."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._db = sqlite3.connect(path, timeout=60)
        self._db.executescript(
            f"PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF; PRAGMA cache_size=-{_CACHE}; "
            f"{_SCHEMA}"
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._db.close()

    def state(self) -> State | None:
        """The last state that was saved."""
        row = self._db.execute("SELECT document FROM state").fetchone()
        return None if row is None else msgspec.json.decode(row[0], type=State)

    def save(self, state: State) -> None:
        """Make a state, and all that changed since the last one, durable at once."""
        self._db.execute("REPLACE INTO state VALUES (1, ?)", (msgspec.json.encode(state),))
        self._db.commit()

    def keep(self, kept: Iterable[Kept]) -> None:
        """Remember what was kept of requests."""
        rows = ((each.id, msgspec.json.encode(each)) for each in kept)
        self._db.executemany("REPLACE INTO kept VALUES (?, ?)", rows)

    def get(self, id_: str, /) -> Kept | None:
        """What was kept of a request."""
        row = self._db.execute("SELECT document FROM kept WHERE id = ?", (id_,)).fetchone()
        return None if row is None else msgspec.json.decode(row[0], type=Kept)

    def has(self, part: Part) -> bool:
        """Whether this reply waits already, or has waited."""
        query = "SELECT 1 FROM part WHERE id = ? AND call = ?"
        return self._db.execute(query, (part.kept.id, part.call)).fetchone() is not None

    def add(self, part: Part) -> list[Part]:
        """Let a reply wait; all replies to its request, if it was the last of them."""
        query = "SELECT count(*) FROM part WHERE id = ?"
        count: int = self._db.execute(query, (part.kept.id,)).fetchone()[0]
        row = (part.kept.id, part.call, part.number, part.line)
        self._db.execute("INSERT INTO part VALUES (?, ?, ?, ?)", row)
        return self._taken(part.kept) if count + 1 == part.kept.repeat else []

    def rest(self) -> Iterator[list[Part]]:
        """The replies that still wait, by request, the request first whose reply came first."""
        query = "SELECT id FROM part WHERE line NOT NULL GROUP BY id ORDER BY min(number)"
        for (id_,) in self._db.execute(query).fetchall():
            kept = self.get(id_)
            yield self._taken(kept or Kept(id_))

    def _taken(self, kept: Kept) -> list[Part]:
        """All replies to a request; that they came is not forgotten."""
        query = "SELECT number, call, line FROM part WHERE id = ? ORDER BY number"
        rows = self._db.execute(query, (kept.id,)).fetchall()
        self._db.execute("UPDATE part SET line = NULL WHERE id = ?", (kept.id,))
        return [Part(number=number, call=call, kept=kept, line=line) for number, call, line in rows]


def remove(path: Path) -> None:
    """Delete a journal and what SQLite keeps beside it, if they are there."""
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
