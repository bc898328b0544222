"""The output of a run: one file, one file a job (``out-{n}.jsonl``), or stdout."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from os.path import realpath
from pathlib import Path

from imagewire.batch.run.files import Output, part_of
from imagewire.messages import Segment

NUMBER = "{n}"
_FORMAT = re.compile(r"\.(jsonl|json|ndjson|txt)$")


def is_split(output: Path) -> bool:
    """Whether output is one file a job."""
    return NUMBER in output.name


def base_of(output: Path) -> Path:
    """The name of all files of output together: without ``{n}`` and one separator before it."""
    return output.with_name(re.sub(r"[-._ ]?\{n\}", "", output.name, count=1) or "out")


def jobs_of(output: Path) -> Path:
    """The file that says what the files of output are."""
    base = base_of(output)
    name = base.name.removesuffix(".gz").removesuffix(".zst")
    stem = _FORMAT.sub("", name)
    return base.with_name(f"{stem}.jobs.json" if stem else "jobs.json")


def numbered(output: Path, number: int) -> Path:
    """The file of a number; of output that is one file, that file."""
    return output.with_name(output.name.replace(NUMBER, str(number)))


def is_numbered(path: Path, output: Path, *suffixes: str) -> bool:
    """Whether a path may be a file of output in several, or one with such a suffix beside it."""
    before, _, after = output.name.partition(NUMBER)
    ends = "|".join(map(re.escape, ("", *suffixes)))
    real = Path(realpath(path))
    return real.parent == Path(realpath(output.parent)) and bool(
        re.fullmatch(f"{re.escape(before)}[0-9]+{re.escape(after)}({ends})", real.name)
    )


class Outputs:
    """The files of output, by number, open as they are needed."""

    def __init__(self, output: Path) -> None:
        self._output = output
        self._open: dict[int, Output] = {}
        self._stack = ExitStack()

    def at(self, number: int) -> Output:
        """The file of a number."""
        if number not in self._open:
            file = self._stack.enter_context(closing(Output(numbered(self._output, number))))
            self._open[number] = file
        return self._open[number]

    def write(self, number: int, offset: int, segments: Sequence[Segment]) -> None:
        """Write to an offset of a file that was reserved."""
        self.at(number).write(offset, segments)

    def close(self) -> None:
        """Close the files, which still have their temporary names."""
        self._stack.close()


class Stdout:
    """Output that goes to stdout in the order of its offsets: what comes too early has to wait."""

    def __init__(self) -> None:
        self._waiting: dict[int, Sequence[Segment]] = {}
        self._written = 0

    def at(self, _: int) -> Stdout:
        """Itself: there is one."""
        return self

    def truncate(self, _: int) -> None:
        """Nothing was written before."""

    def write(self, _: int, offset: int, segments: Sequence[Segment]) -> None:
        """Write what has an offset behind all that was written, and what waited for it."""
        if sys.stdout is None:
            raise OSError("stdout is closed")
        self._waiting[offset] = segments
        stream = sys.stdout.buffer
        while found := self._waiting.pop(self._written, None):
            stream.writelines(found)
            self._written += sum(map(len, found))
        stream.flush()

    def close(self) -> None:
        """Leave it open."""


def neighbours(output: Path) -> list[Path]:
    """The files beside output with names that begin like its files, in order."""
    before = output.name.partition(NUMBER)[0]
    beside = output.parent.iterdir() if output.parent.is_dir() else ()
    return sorted(path for path in beside if path.name.startswith(before))


def parts_left(output: Path) -> Iterator[Path]:
    """The temporary files that an earlier run left beside its output in several files."""
    for path in neighbours(output) if is_split(output) else ():
        if is_numbered(path, part_of(output)):
            yield path
