"""What a batch run has to remember: an SQLite file beside its output.

It has the last checkpoint of the run, the stored contexts of requests, by id, the replies that wait
for others of the same request, and the ids of the lines so far, which also tell which requests have
no result: a million of them take disk, not memory. All that changes between two checkpoints is one
transaction, so that a run that was killed can go on from its last checkpoint. With SQLite's
write-ahead log, readers in other processes do not wait.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

import attrs
import msgspec

from imagewire.batch.records import PendingReply, StoredContext
from imagewire.batch.run.ids import Ids
from imagewire.batch.run.ledger import JobFile

_SCHEMA = """
CREATE TABLE IF NOT EXISTS checkpoint (one INTEGER PRIMARY KEY, document BLOB);
CREATE TABLE IF NOT EXISTS context (
    id TEXT PRIMARY KEY, number INTEGER, document BLOB
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS reply (
    id TEXT, call INTEGER, number INTEGER, line BLOB, PRIMARY KEY (id, call)
);
CREATE TABLE IF NOT EXISTS recent_ids (block INTEGER PRIMARY KEY, document BLOB);
CREATE TABLE IF NOT EXISTS older_id (id TEXT PRIMARY KEY, block INTEGER) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS rejected_id (
    id TEXT, block INTEGER, PRIMARY KEY (id, block)
) WITHOUT ROWID;
"""
SUFFIXES = ("", "-wal", "-shm", "-journal")  #: of the journal and of what SQLite keeps beside it
_decode_context = msgspec.json.Decoder(StoredContext).decode
_CACHE = 16 * 1024  # KiB of pages in memory


@attrs.frozen(kw_only=True)
class Counts:
    """How many lines were read, written and rejected (for losses, under ``strict``: ``lost``).

    ``failed`` of the written are errors; ``losses`` were reported; ``blank`` lines were left out;
    ``unanswered`` requests have no line among the results.
    """

    read: int = 0
    written: int = 0
    rejected: int = 0
    lost: int = 0
    failed: int = 0
    losses: int = 0
    blank: int = 0
    unanswered: int = 0

    @property
    def joined(self) -> int:
        """How many lines became one with another line."""
        return self.read - self.written - self.rejected - self.blank

    def __add__(self, other: Counts) -> Counts:
        mine, theirs = attrs.astuple(self), attrs.astuple(other)
        names = [field.name for field in attrs.fields(Counts)]
        return Counts(**dict(zip(names, map(sum, zip(mine, theirs, strict=True)), strict=True)))


@attrs.frozen(kw_only=True)
class Checkpoint:
    """How far a run is: bytes of its input, and of each file that it writes.

    ``outputs`` are the files of its output, ``sizes`` those of the others, by what they are.
    ``identity`` says what the run does: only that run can be resumed here.
    """

    identity: str
    position: int = 0
    sizes: dict[str, int] = attrs.field(factory=dict)
    counts: Counts = Counts()
    outputs: tuple[JobFile, ...] = ()
    complete: bool = False


@contextmanager
def sqlite_errors(path: Path) -> Iterator[None]:
    """Turn what SQLite says about a journal into an `OSError`."""
    try:
        yield
    except sqlite3.Error as error:
        raise OSError(f"{path}: {error}") from error


class Journal:
    """The last checkpoint of a run, stored contexts, and replies that wait."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._db = sqlite3.connect(path, timeout=60)
        try:
            self._db.executescript(
                f"PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF; PRAGMA cache_size=-{_CACHE}; "
                f"{_SCHEMA}"
            )
        except sqlite3.Error:  # nobody has it yet who could close it
            self._db.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._db.close()

    def checkpoint(self) -> Checkpoint | None:
        """The last checkpoint that was saved."""
        row = self._db.execute("SELECT document FROM checkpoint").fetchone()
        try:
            return None if row is None else msgspec.json.decode(row[0], type=Checkpoint)
        except (TypeError, ValueError) as error:
            raise OSError(f"{self.path} is not the journal of a batch run: {error}") from error

    def save(self, checkpoint: Checkpoint) -> None:
        """Save a checkpoint, together with all that changed since the last one."""
        self._db.execute(
            "REPLACE INTO checkpoint VALUES (1, ?)", (msgspec.json.encode(checkpoint),)
        )
        self._db.commit()

    def store(self, contexts: Iterable[StoredContext]) -> None:
        """Store contexts of requests."""
        rows = (
            (each.id, number, msgspec.json.encode(each)) for number, each in enumerate(contexts)
        )
        self._db.executemany("REPLACE INTO context VALUES (?, ?, ?)", rows)

    def get(self, id_: str, /) -> StoredContext | None:
        """The stored context of a request."""
        row = self._db.execute("SELECT document FROM context WHERE id = ?", (id_,)).fetchone()
        return None if row is None else _decode_context(row[0])

    def add(self, reply: PendingReply) -> list[PendingReply]:
        """Let a reply wait; if it is the last to its request, return all of them."""
        query = "SELECT count(*) FROM reply WHERE id = ?"
        count: int = self._db.execute(query, (reply.stored_context.id,)).fetchone()[0]
        row = (reply.stored_context.id, reply.call, reply.number, reply.line)
        self._db.execute("INSERT INTO reply VALUES (?, ?, ?, ?)", row)
        return self._taken(reply.stored_context) if count + 1 == reply.stored_context.repeat else []

    def ids(self, lines: int) -> Ids:
        """The ids of the first so many lines."""
        return Ids(self._db, lines)

    def unanswered(self, ids: Ids) -> Iterator[str]:
        """The ids of the stored requests that have no line among those with these ids, in order."""
        query = (
            "SELECT document FROM context WHERE id NOT IN (SELECT id FROM older_id) "
            "AND id NOT IN (SELECT id FROM rejected_id) ORDER BY number"
        )
        for (document,) in self._db.execute(query):
            stored = _decode_context(document)
            if not ids.has({stored.id, *stored.call_ids}):
                yield stored.id

    def rest(self) -> Iterator[list[PendingReply]]:
        """The replies that still wait, by request, in the order of their first replies."""
        query = "SELECT id FROM reply GROUP BY id ORDER BY min(number)"
        for (id_,) in self._db.execute(query).fetchall():
            stored = self.get(id_)
            yield self._taken(stored or StoredContext(id_))

    def _taken(self, stored: StoredContext) -> list[PendingReply]:
        """All replies to a request, which wait no longer."""
        query = "SELECT number, call, line FROM reply WHERE id = ? ORDER BY number"
        rows = self._db.execute(query, (stored.id,)).fetchall()
        self._db.execute("DELETE FROM reply WHERE id = ?", (stored.id,))
        return [
            PendingReply(number=number, call=call, stored_context=stored, line=line)
            for number, call, line in rows
        ]


def remove(path: Path) -> None:
    """Delete a journal and what SQLite keeps beside it, if they are there."""
    for suffix in SUFFIXES:
        path.with_name(path.name + suffix).unlink(missing_ok=True)
