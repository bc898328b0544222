"""The plan of a batch run: which files it reads and writes, and that none of them gets lost.

A run writes each file under a temporary name, holds a lock beside it, and keeps a journal beside
its output. What it writes replaces regular files only, and is no file that it reads. Output may be
several files, numbered in the order of the input, or stdout, and then the run leaves no journal.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import attrs

from imagewire import __version__
from imagewire.batch.lines import Batch
from imagewire.batch.run.files import (
    PART,
    identity_of,
    is_plain,
    is_replaceable,
    part_of,
    standard_files,
)
from imagewire.batch.run.journal import SUFFIXES
from imagewire.batch.run.lock import LOCK, lock_of
from imagewire.batch.run.outputs import (
    NUMBER,
    base_of,
    is_numbered,
    is_split,
    jobs_of,
    neighbours,
)


class PlanError(ValueError):
    """A plan whose files cannot be what it wants them to be."""


@attrs.frozen(kw_only=True)
class Plan:
    """What a run reads and writes; ``context`` is written with requests, read with responses.

    ``inputs`` are read one after another. ``output`` with ``{n}`` in its name is one file a job.
    Without ``rejects``, which output to stdout alone may lack, the caller gets them.
    """

    batch: Batch
    inputs: tuple[Path, ...]
    output: Path
    rejects: Path | None
    losses: Path | None = None
    context: Path | None = None

    @property
    def is_split(self) -> bool:
        """Whether output is one file a job."""
        return is_split(self.output)

    @property
    def to_stdout(self) -> bool:
        """Whether output goes to stdout."""
        return str(self.output) == "-"

    @property
    def journal(self) -> Path:
        """The file for checkpoints, beside the output."""
        base = base_of(self.output)
        return base.with_name(base.name + ".journal")

    @property
    def writes(self) -> dict[str, Path]:
        """The files with names that are known before, by the field of a chunk that they hold."""
        contexts = self.context if self.batch.kind == "request" else None
        files = {
            "output": None if self.is_split or self.to_stdout else self.output,
            "jobs": jobs_of(self.output) if self.is_split else None,
            "rejects": self.rejects,
            "losses": self.losses,
            "contexts": contexts,
        }
        return {name: path for name, path in files.items() if path is not None}

    @property
    def locks(self) -> list[Path]:
        """The files that no other run may write meanwhile; those with numbers are beside these."""
        base = [base_of(self.output)] if self.is_split else []
        return [*base, *self.writes.values()]

    @property
    def has_contexts(self) -> bool:
        """Whether it reads the stored contexts of requests."""
        return self.batch.kind == "response" and self.context is not None

    @property
    def is_plain(self) -> bool:
        """Whether the input is files that every process can read from any position."""
        return all(map(is_plain, self.inputs))

    @property
    def size(self) -> int | None:
        """The bytes of a plain input."""
        return sum(path.stat().st_size for path in self.inputs) if self.is_plain else None

    @property
    def identity(self) -> str:
        """What the run does: only a run with the same identity can resume it."""
        return f"{__version__} {self.size} {self!r}"

    def check(self) -> None:
        """Raise `PlanError` if a file that it writes is another one of its files, or is no file."""
        if self.is_split and self.batch.kind == "response":
            raise PlanError("{n} is for requests: there are no jobs of results")
        if self.output.name.count(NUMBER) > 1:
            raise PlanError(f"{self.output} has more than one {NUMBER}")
        for name, path in self.writes.items():
            if str(path) == "-":
                raise PlanError(f"only output goes to stdout: name a file for {name}")
        for _, path in self._own():
            if not is_replaceable(path):
                raise PlanError(f"{path} exists and is not a regular file, so it is not replaced")
        names = standard_files()
        for name, path in (*self._read(), *self._own()):
            same = names.setdefault(identity_of(path), name)
            if name not in _NUMBERED and self._is_numbered(path):
                same = _NUMBERED[0]
            if same != name:
                raise PlanError(f"{same} and {name} are one file: {path}")

    def _is_numbered(self, path: Path) -> bool:
        """Whether a file with a number would have this name."""
        return self.is_split and is_numbered(path, self.output, PART, LOCK)

    def _read(self) -> Iterator[tuple[str, Path]]:
        """The files that it reads, with what they are; one may be read twice."""
        for path in self.inputs:
            if str(path) != "-":
                yield "the input", path
        if self.context is not None and self.has_contexts:
            yield "the context file", self.context

    def _own(self) -> Iterator[tuple[str, Path]]:
        """All files that it writes, with what they are."""
        for name, path in self.writes.items():
            yield f"the file for {name}", path
            yield f"a temporary file for {name}", part_of(path)
            yield f"a lock for {name}", lock_of(path)
        if not self.to_stdout:
            for suffix in SUFFIXES:
                yield "the journal" + suffix, self.journal.with_name(self.journal.name + suffix)
        if self.is_split:
            yield "a lock for output", lock_of(base_of(self.output))
            for path in neighbours(self.output):
                for name, of in zip(_NUMBERED, (Path, part_of, lock_of), strict=True):
                    if is_numbered(path, of(self.output)):
                        yield name, path


#: What files with numbers are: output, and what stands beside it.
_NUMBERED = ("the output", "a temporary file for output", "a lock for output")
