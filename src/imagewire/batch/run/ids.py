"""The ids of the lines of a run: a line with an id of an earlier one is rejected.

The last of them are in memory, and all in the journal: looking for each in a table costs up to a
third of the translation of a small line, where a set and one row for each block cost some percent.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from collections.abc import Set as AbstractSet

import msgspec

_MOST = 500_000  # in memory, which takes some 100 bytes for each

_encode = msgspec.json.encode
_decode = msgspec.json.Decoder(list[str]).decode


class Ids:
    """The ids that lines have, in the tables ``recent_ids`` and ``older_id`` of a journal.

    Those in ``rejected_id`` are free: a line that was rejected takes no id, but answers a request.
    """

    def __init__(self, database: sqlite3.Connection, lines: int) -> None:
        """Go on after so many lines."""
        self._db = database
        self._db.execute("DELETE FROM recent_ids WHERE block > ?", (lines,))
        self._db.execute("DELETE FROM older_id WHERE block > ?", (lines,))
        self._db.execute("DELETE FROM rejected_id WHERE block > ?", (lines,))
        self._recent: set[str] = set()
        for (document,) in self._db.execute("SELECT document FROM recent_ids"):
            self._recent.update(_decode(document))
        older = self._db.execute("SELECT 1 FROM older_id LIMIT 1").fetchone()
        self._has_older = older is not None

    def taken(self, ids: AbstractSet[str]) -> frozenset[str]:
        """Those of the ids that lines have."""
        found = self._recent & ids
        if self._has_older:
            query = "SELECT 1 FROM older_id WHERE id = ?"
            found |= {id_ for id_ in ids if self._db.execute(query, (id_,)).fetchone()}
        return frozenset(found)

    def give(self, block: int, ids: AbstractSet[str]) -> None:
        """Let the lines of a block, which begins with this line, have ids that are not taken."""
        self._db.execute("INSERT INTO recent_ids VALUES (?, ?)", (block, _encode([*ids])))
        self._recent |= ids
        if len(self._recent) > _MOST:
            self._move_recent()

    def note_rejected(self, block: int, ids: Iterable[str]) -> None:
        """Remember ids of lines of a block that were rejected."""
        rows = ((id_, block) for id_ in ids)
        self._db.executemany("INSERT OR IGNORE INTO rejected_id VALUES (?, ?)", rows)

    def has(self, ids: AbstractSet[str]) -> bool:
        """Whether a line has one of the ids, or had it and was rejected."""
        if not self._recent.isdisjoint(ids):
            return True
        query = "SELECT 1 FROM rejected_id WHERE id = ? UNION SELECT 1 FROM older_id WHERE id = ?"
        return any(self._db.execute(query, (id_, id_)).fetchone() for id_ in ids)

    def _move_recent(self) -> None:
        """Let the recent ids be older ones, which take no memory."""
        blocks = self._db.execute("SELECT block, document FROM recent_ids").fetchall()
        for block, document in blocks:
            rows = ((id_, block) for id_ in _decode(document))
            self._db.executemany("INSERT INTO older_id VALUES (?, ?)", rows)
        self._db.execute("DELETE FROM recent_ids")
        self._recent.clear()
        self._has_older = True
