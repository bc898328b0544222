"""The plan of a batch run: which files it reads and writes, and that none of them gets lost.

A run writes each file under a temporary name, holds a lock beside it, and keeps a journal beside
its output. What it writes replaces regular files only, and is no file that it reads.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import attrs

from imagewire import __version__
from imagewire.batch.lines import Batch
from imagewire.batch.run.files import COMPRESSED, is_replaceable, part_of
from imagewire.batch.run.journal import SUFFIXES
from imagewire.batch.run.lock import lock_of


class PlanError(ValueError):
    """A plan whose files cannot be what it wants them to be."""


@attrs.frozen(kw_only=True)
class Plan:
    """What a run reads and writes; ``context`` is written with requests, read with responses."""

    batch: Batch
    input: Path
    output: Path
    rejects: Path
    losses: Path | None = None
    context: Path | None = None

    @property
    def journal(self) -> Path:
        """The file for checkpoints."""
        return self.output.with_name(self.output.name + ".journal")

    @property
    def writes(self) -> dict[str, Path]:
        """The files that it writes, by the field of a chunk that they hold."""
        contexts = self.context if self.batch.kind == "request" else None
        files = {
            "output": self.output,
            "rejects": self.rejects,
            "losses": self.losses,
            "contexts": contexts,
        }
        return {name: path for name, path in files.items() if path is not None}

    @property
    def has_contexts(self) -> bool:
        """Whether it reads the stored contexts of requests."""
        return self.batch.kind == "response" and self.context is not None

    @property
    def is_plain(self) -> bool:
        """Whether the input is a file that every process can read from any position."""
        return (
            str(self.input) != "-"
            and self.input.suffix not in COMPRESSED
            and stat.S_ISREG(self.input.stat().st_mode)
        )

    @property
    def identity(self) -> str:
        """What the run does: only a run with the same identity can resume it."""
        size = self.input.stat().st_size if self.is_plain else None
        return f"{__version__} {size} {self!r}"

    def check(self) -> None:
        """Raise `PlanError` if a file that it writes is another one of its files, or is no file."""
        for path in self.writes.values():
            if str(path) == "-":
                raise PlanError("stdout cannot be resumed, so all output goes to files: name one")
            if path.suffix in COMPRESSED:
                raise PlanError(f"{path}: output is not compressed; use another suffix")
        for _, path in self._own():
            if not is_replaceable(path):
                raise PlanError(f"{path} exists and is not a regular file, so it is not replaced")
        names = dict(_streams())
        for name, path in (*self._read(), *self._own()):
            same = names.setdefault(_identity(path), name)
            if same != name:
                raise PlanError(f"{same} and {name} are one file: {path}")

    def _read(self) -> Iterator[tuple[str, Path]]:
        """The files that it reads, with what they are."""
        yield "the input", self.input
        if self.context is not None and self.has_contexts:
            yield "the context file", self.context

    def _own(self) -> Iterator[tuple[str, Path]]:
        """All files that it writes, with what they are."""
        for name, path in self.writes.items():
            yield f"the file for {name}", path
            yield f"a temporary file for {name}", part_of(path)
            yield f"a lock for {name}", lock_of(path)
        for suffix in SUFFIXES:
            yield "the journal" + suffix, self.journal.with_name(self.journal.name + suffix)


def _streams() -> Iterator[tuple[object, str]]:
    """Where stdin, stdout and stderr lead, if those are files."""
    for stream, name in enumerate(("stdin", "stdout", "stderr")):
        with suppress(OSError):  # it is closed
            found = os.fstat(stream)
            if stat.S_ISREG(found.st_mode):
                yield (found.st_dev, found.st_ino), name


def _identity(path: Path) -> object:
    """What all names of a file have in common; of one that is missing, its place."""
    try:
        found = path.stat()
    except OSError:
        real = Path(os.path.realpath(path))
        return _identity(real.parent), real.name
    return found.st_dev, found.st_ino
