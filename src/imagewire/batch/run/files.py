"""Files of a batch run: lines to read, and files that get their names when complete.

A file with a name in ``.gz`` or ``.zst`` is compressed. What a block of lines adds to one is a
member of its own (RFC 1952), or a frame (RFC 8878): workers compress at the same time, a run that
goes on cuts the file behind any of them, and readers take the file for one stream.
"""

from __future__ import annotations

import gzip
import os
import stat
import sys
import zlib
from codecs import BOM_UTF8
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from io import BufferedRandom, BufferedReader, FileIO
from os import SEEK_END
from pathlib import Path
from typing import Any

from imagewire.batch.run.lock import open_own
from imagewire.messages import Segment

if sys.version_info >= (3, 14):  # pragma: no cover - the same module, in the standard library
    from compression import zstd
else:
    from backports import zstd

BLOCK_BYTES = 16 << 20  #: bytes of lines that are read at once; the last line is read to its end
BLOCK_LINES = 10_000  #: lines of a block, or a few more: each takes memory of its own
BUFFER = 18 << 20  #: more than a block, so that most blocks take one read
_STEP = 1 << 20
PART = ".part"
COMPRESSED = (".gz", ".zst")
_FAST = 3  #: of 9: base64 gains nothing from more
_GZIP = 31  #: zlib's number for a window of 32 KiB in the envelope of gzip
#: What files of other kinds begin with.
_MAGIC = {
    b"\x1f\x8b": "compressed by gzip, for which its name would end in .gz",
    b"\x28\xb5\x2f\xfd": "compressed by zstd, for which its name would end in .zst",
    b"BZh": "compressed by bzip2",
    b"\xfd7zXZ": "compressed by xz",
    b"PK\x03\x04": "a zip archive",
    b"PAR1": "a Parquet file",
    b"ARROW1": "an Arrow file",
    b"\xff\xfe": "text in UTF-16",
    b"\xfe\xff": "text in UTF-16",
}
_BROKEN = (OSError, EOFError, zlib.error, zstd.ZstdError)  # BadGzipFile is an OSError


def keep_memory() -> None:
    """Let the allocator keep the memory of large lines for the next ones.

    glibc gives blocks above a threshold back at once, and the kernel clears them again for the next
    line, which takes longer than all the rest; the threshold is that of the largest block that was
    freed, up to 32 MiB (mallopt(3), M_MMAP_THRESHOLD). Other allocators are not affected.
    """
    bytearray(31 << 20)


class Input:
    """Lines of files, as if they were one; their suffixes say whether they are compressed.

    A block of lines ends where a file does, so that no line is joined with one of the next file.
    """

    def __init__(self, paths: Sequence[Path]) -> None:
        self._paths = paths
        self._at = 0
        self._stream = _opened(paths[0])
        self._is_begun = False  # whether something was read from the file at work
        self.position = 0  #: bytes of lines that were read, of all files

    def read_block(self) -> list[bytes]:
        """The next lines; none at the end. Raises `OSError` for a file that cannot be read."""
        while not (lines := self._read_lines()):
            if self._at + 1 == len(self._paths):
                break
            self._open(self._at + 1)
        return lines

    def _read_lines(self) -> list[bytes]:
        """The next lines of the file at work."""
        lines: list[bytes] = []
        end = self.position + BLOCK_BYTES
        while self.position < end and len(lines) < BLOCK_LINES:
            with self._readable():
                some = self._stream.readlines(min(_STEP, BLOCK_BYTES))
            if not some:
                break
            if not self._is_begun:
                self._is_begun = True
                refuse_other_files(self._paths[self._at], some)
            lines += some
            self.position += sum(map(len, some))
        return lines

    def seek(self, position: int) -> None:
        """Go on to a position; the same errors."""
        start = 0
        for at, path in enumerate(self._paths):
            size = path.stat().st_size if is_plain(path) else None
            if size is not None and start + size < position:
                start += size
                continue
            if at != self._at or self.position > position:
                self._open(at)
                self.position = start
            self._is_begun = self._is_begun or start < position
            with self._readable():
                if size is not None:
                    self._stream.seek(position - start)
                    self.position = position
                else:
                    self._skip_to(position)
            if self.position == position:
                return
            start = self.position
        raise OSError(f"{self._paths[-1]} ends before what was read: the run cannot be resumed")

    def _skip_to(self, position: int) -> None:
        """Read on to a position, or to the end of the file."""
        while self.position < position:
            skipped = len(self._stream.read(min(BUFFER, position - self.position)))
            if not skipped:
                return
            self.position += skipped

    def _open(self, at: int) -> None:
        self.close()
        self._at, self._is_begun = at, False
        self._stream = _opened(self._paths[at])

    @contextmanager
    def _readable(self) -> Iterator[None]:
        try:
            yield
        except _BROKEN as error:
            raise OSError(f"{self._paths[self._at]}: {error}") from error

    def close(self) -> None:
        """Close the file at work, unless it is stdin."""
        if str(self._paths[self._at]) != "-":
            self._stream.close()


def is_plain(path: Path) -> bool:
    """Whether a file can be read from any position, by every process."""
    return str(path) != "-" and path.suffix not in COMPRESSED and stat.S_ISREG(path.stat().st_mode)


def refuse_other_files(path: Path, lines: Sequence[bytes]) -> None:
    """Raise `OSError` for a file that has no lines of JSON, by what it begins with."""
    start = next((line for line in lines if line.strip()), b"").removeprefix(BOM_UTF8).strip()
    for magic, kind in _MAGIC.items():
        if start.startswith(magic):
            raise OSError(f"{path} is {kind}, not lines of JSON")
    if start.startswith(b"[") or start == b"{":
        kind = "one JSON array" if start.startswith(b"[") else "JSON on several lines"
        every = ".[]" if start.startswith(b"[") else "."
        raise OSError(f"{path} is {kind}, not one JSON object a line; jq -c '{every}' makes lines")


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


def is_archive(path: Path) -> bool:
    """Whether a file is compressed."""
    return path.suffix in COMPRESSED


def packed(path: Path, segments: list[Segment]) -> list[Segment]:
    """Segments as they stand in a file of this name: one member of an archive, or as they are."""
    compressor: Any
    if path.suffix == ".gz":
        compressor = zlib.compressobj(_FAST, wbits=_GZIP)
    elif path.suffix == ".zst":
        compressor = zstd.ZstdCompressor()
    else:
        return segments
    return [*filter(None, map(compressor.compress, segments)), compressor.flush()]


def part_of(path: Path) -> Path:
    """The temporary name of a file that is not complete."""
    return path.with_name(path.name + PART)


def is_replaceable(path: Path) -> bool:
    """Whether nothing has this name, or a regular file: links, devices and pipes have to stay."""
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except FileNotFoundError:
        return True


def identity_of(path: Path) -> object:
    """What all names of a file have in common; of one that is missing, its place."""
    try:
        found = path.stat()
    except OSError:
        real = Path(os.path.realpath(path))
        return identity_of(real.parent), real.name
    return found.st_dev, found.st_ino


def standard_files() -> dict[object, str]:
    """The files that stdin, stdout and stderr are, where they are files, by identity."""
    found: dict[object, str] = {}
    for stream, name in enumerate(("stdin", "stdout", "stderr")):
        with suppress(OSError):  # it is closed
            about = os.fstat(stream)
            if stat.S_ISREG(about.st_mode):
                found.setdefault((about.st_dev, about.st_ino), name)
    return found


class Output:
    """A file that gets its name when it is complete; ``size`` counts the bytes reserved in it."""

    def __init__(self, path: Path) -> None:
        self._part = part_of(path)
        self._raw = FileIO(open_own(self._part), "r+b")
        self._stream = BufferedRandom(self._raw, 1 << 20)
        self.size = 0

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
