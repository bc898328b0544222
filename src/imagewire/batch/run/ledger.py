"""The ledger of a run: which lines are in which file of its output, and how much room is left.

A batch API takes files of one endpoint and one model, and of so many lines and bytes. A run that
writes one file a job begins another one where a line is of another job, or has no room; in one that
writes a single file such a line is rejected. Where a file ends depends on the lines alone: not on
blocks, workers, or compression, which a file does not have when it is uploaded.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple, cast

import attrs
import msgspec

from imagewire.batch.records import Job, Line, Reject
from imagewire.batch.run.files import BLOCK_BYTES, BLOCK_LINES
from imagewire.batch.shapes import SHAPES, Limits
from imagewire.errors import UnsupportedError
from imagewire.messages import Segment

Rooms = dict[Job, Limits]
_SOME = 2  # blocks: most requests become one line of about their own length
_ENOUGH = Limits(lines=2**62, bytes=2**62)


@attrs.frozen(kw_only=True)
class JobFile:
    """A file of output: the job of its lines, their number and bytes; ``size`` is that on disk."""

    job: Job | None = None
    lines: int = 0
    bytes: int = 0
    size: int = 0


@attrs.define(kw_only=True)
class Part:
    """Lines of one job, to stand together in a file: a new one, or the one that is at work."""

    job: Job | None = None
    is_new: bool = False
    lines: int = 0
    bytes: int = 0
    size: int = 0
    segments: list[Segment] = attrs.field(factory=list, repr=False)


class Place(NamedTuple):
    """Where a part stands: in a file, by its number from 1, from an offset on."""

    number: int
    offset: int


class Cutter:
    """Lays lines into files in which there is so much room, in the order of the lines."""

    def __init__(self, rooms: Rooms, *, is_split: bool) -> None:
        self._rooms = {**rooms}
        self._is_split = is_split
        self.starts: set[int] = set()  #: the numbers of lines that begin a file

    def laid(self, line: Line) -> Line | Reject:
        """The line, for which there is room then; a `Reject` if no file can have it."""
        job = cast("Job", line.job)  # only requests are laid
        limits = limits_of(job)
        room = self._rooms.get(job, limits)
        size, lines = len(line.body), line.count
        if lines > room.lines or size > room.bytes:
            if size > limits.bytes or not self._is_split:
                return _refused(line, limits)
            self.starts.add(line.number)
            room = limits
        self._rooms[job] = Limits(lines=room.lines - lines, bytes=room.bytes - size)
        return line


class Ledger:
    """The files of a run's output, in the order of their numbers."""

    def __init__(self, files: Iterable[JobFile], *, is_split: bool) -> None:
        self.files = list(files)
        self._is_split = is_split
        self._at_work = {file.job: number for number, file in enumerate(self.files, 1)}

    def rooms(self) -> Rooms:
        """The room that is left for each job."""
        return {
            job: Limits(
                lines=limits_of(job).lines - self.files[number - 1].lines,
                bytes=limits_of(job).bytes - self.files[number - 1].bytes,
            )
            for job, number in self._at_work.items()
            if job is not None
        }

    def scarce_rooms(self) -> Rooms | None:
        """The same if the next block might not fit into one of them."""
        rooms = self.rooms()
        scarce = (
            room.lines < _SOME * BLOCK_LINES or room.bytes < _SOME * BLOCK_BYTES
            for room in rooms.values()
        )
        return rooms if any(scarce) else None

    def has_room(self, parts: Iterable[Part]) -> bool:
        """Whether all parts, no two of them of one job, fit into the files of their jobs."""
        rooms = self.rooms()
        for part in parts:
            if part.job is not None:
                room = rooms.get(part.job, limits_of(part.job))
                if part.lines > room.lines or part.bytes > room.bytes:
                    return False
        return True

    def reserve(self, part: Part) -> Place:
        """The place of a part, which is then in its file; that may be a new one."""
        number = self._at_work.get(part.job)
        if not self._is_split:
            number = 1
        if number is None or part.is_new:
            self.files.append(JobFile(job=part.job))
            number = len(self.files)
        file = self.files[number - 1]
        self._at_work[part.job] = number
        self.files[number - 1] = JobFile(
            job=file.job or part.job,
            lines=file.lines + part.lines,
            bytes=file.bytes + part.bytes,
            size=file.size + part.size,
        )
        return Place(number, file.size)

    def described(self, names: Iterable[str]) -> Iterator[str]:
        """Each file in a line, for people."""
        for name, file in zip(names, self.files, strict=True):
            yield f"{name}: {file.job}, {file.lines} lines"

    def document(self, names: Iterable[str]) -> bytes:
        """The files as a JSON list: name, shape, endpoint, model, lines and bytes of each."""
        documents = [
            {
                "file": name,
                "shape": file.job.shape,
                "endpoint": file.job.path,
                "model": file.job.model,
                "lines": file.lines,
                "bytes": file.bytes,
            }
            for name, file in zip(names, self.files, strict=True)
            if file.job is not None
        ]
        return msgspec.json.format(msgspec.json.encode(documents), indent=2) + b"\n"


def limits_of(job: Job) -> Limits:
    """What a file of a job may have."""
    return SHAPES[job.shape].limits or _ENOUGH


def _refused(line: Line, limits: Limits) -> Reject:
    most = f"the API takes files of {limits.lines:,} lines and {limits.bytes:,} bytes"
    if limits.lines == 2**62:
        most = f"the API takes files of {limits.bytes:,} bytes"
    msg = f"no room for {len(line.body):,} bytes: {most}"
    return Reject(number=line.number, id=line.id, error=UnsupportedError(msg))
