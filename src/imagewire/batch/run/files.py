"""Files of a batch run: lines to read, and files that get their names when complete."""

from __future__ import annotations

import gzip
import stat
import sys
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BufferedRandom, BufferedReader, FileIO
from os import SEEK_END
from pathlib import Path
from typing import Any

from imagewire.batch.run.lock import open_own, share, wait_for_others
from imagewire.messages import Segment

if sys.version_info >= (3, 14):  # pragma: no cover - the same module, in the standard library
    from compression import zstd
else:
    from backports import zstd

BLOCK_BYTES = 16 << 20  #: bytes of lines that are read at once; the last line is read to its end
BLOCK_LINES = 10_000  #: lines of a block, or a few more: each takes memory of its own
BUFFER = 18 << 20  #: more than a block, so that most blocks take one read
_STEP = 1 << 20
_PART_SUFFIX = ".part"
COMPRESSED = (".gz", ".zst")
_BROKEN = (OSError, EOFError, zlib.error, zstd.ZstdError)  # BadGzipFile is an OSError


def keep_memory() -> None:
    """Let the allocator keep the memory of large lines for the next ones.

    glibc gives blocks above a threshold back at once, and the kernel clears them again for the next
    line, which takes longer than all the rest; the threshold is that of the largest block that was
    freed, up to 32 MiB (mallopt(3), M_MMAP_THRESHOLD). Other allocators are not affected.
    """
    bytearray(31 << 20)


class Input:
    """Lines of a file, which its suffix says is compressed or not, or of stdin as ``-``."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stream = _opened(path)
        self.position = 0  #: bytes of lines that were read

    def read_block(self) -> list[bytes]:
        """The next lines; none at the end. Raises `OSError` for a file that cannot be read."""
        lines: list[bytes] = []
        end = self.position + BLOCK_BYTES
        while self.position < end and len(lines) < BLOCK_LINES:
            with self._readable():
                some = self._stream.readlines(min(_STEP, BLOCK_BYTES))
            if not some:
                break
            lines += some
            self.position += sum(map(len, some))
        return lines

    def seek(self, position: int) -> None:
        """Go on to a position; the same errors."""
        with self._readable():
            if self._stream.seekable():
                self._stream.seek(position)
            else:
                while self.position < position:
                    left = position - self.position
                    self.position += len(self._stream.read(min(BUFFER, left))) or left
        self.position = position

    @contextmanager
    def _readable(self) -> Iterator[None]:
        try:
            yield
        except _BROKEN as error:
            raise OSError(f"{self._path}: {error}") from error

    def close(self) -> None:
        """Close the file, unless it is stdin."""
        if str(self._path) != "-":
            self._stream.close()


def _opened(path: Path) -> BufferedReader:
    if str(path) == "-":
        if sys.stdin is None:
            raise OSError("stdin is closed")
        raw: Any = sys.stdin.buffer
    elif path.suffix == ".gz":
        raw = gzip.GzipFile(path)
    elif path.suffix == ".zst":
        raw = zstd.ZstdFile(path)
    else:
        raw = FileIO(path)
    return BufferedReader(raw, BUFFER)


def part_of(path: Path) -> Path:
    """The temporary name of a file that is not complete."""
    return path.with_name(path.name + _PART_SUFFIX)


def is_replaceable(path: Path) -> bool:
    """Whether nothing has this name, or a regular file: links, devices and pipes have to stay."""
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except FileNotFoundError:
        return True


class Output:
    """A file that gets its name when it is complete; ``size`` counts the bytes reserved in it."""

    def __init__(self, path: Path) -> None:
        self._part = part_of(path)
        self._raw = FileIO(open_own(self._part), "r+b")
        self._stream = BufferedRandom(self._raw, 1 << 20)
        self.size = 0

    def share(self) -> None:
        """Let the run that goes on wait until this process has ended."""
        share(self._stream.fileno())

    def wait_for_others(self) -> None:
        """Wait until the processes that share it have ended."""
        wait_for_others(self._stream.fileno())

    def truncate(self, size: int) -> None:
        """Keep ``size`` bytes, and go on behind them."""
        end = self._stream.seek(0, SEEK_END)
        if end < size:
            raise OSError(
                f"{self._part} is shorter than what was written: the run cannot be resumed"
            )
        if end > size:  # ext4 waits for the disk when an emptied file is closed
            self._stream.truncate(size)
        self.size = size

    def reserve(self, size: int) -> int:
        """Reserve the next bytes, for any process to write; the offset of the first."""
        self.size += size
        return self.size - size

    def write(self, offset: int, segments: Sequence[Segment]) -> None:
        """Write to an offset that was reserved."""
        try:
            self._stream.seek(offset)
            self._stream.writelines(segments)
            self._stream.flush()
        except OSError as error:
            self._raw.close()  # what is left in the buffer would fail again
            error.filename = str(self._part)
            raise

    def close(self) -> None:
        """Close the file, which still has its temporary name."""
        self._stream.close()


def give_name(path: Path) -> None:
    """Give a complete file its name; it has it already if a run was killed at this point."""
    part = part_of(path)
    if part.exists():
        if not is_replaceable(path):
            raise OSError(f"{path} exists and is not a regular file; {part} is complete")
        part.replace(path)
