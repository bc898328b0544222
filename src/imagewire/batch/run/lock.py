"""Locks: one run at a time works on a file, and its worker processes end before the next begins.

The system takes a lock away from a process that ends, whatever ends it.
"""

from __future__ import annotations

import os
import stat
import sys
from contextlib import suppress
from pathlib import Path
from typing import Self

LOCK = ".lock"

if sys.platform == "win32":  # pragma: no cover - tests run on the other systems
    import msvcrt

    def _take(descriptor: int) -> None:
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError as error:
            raise BlockingIOError from error

    def share(descriptor: int) -> None:
        """Let the next run wait until this process has ended: not on Windows."""

    def wait_for_others(descriptor: int) -> None:
        """Wait for the processes that share a file: not on Windows."""

else:
    import fcntl

    def _take(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def share(descriptor: int) -> None:
        """Let the next run wait until this process has closed the file, or has ended."""
        fcntl.flock(descriptor, fcntl.LOCK_SH)

    def wait_for_others(descriptor: int) -> None:
        """Wait for the processes that share a file: the workers of a run that was killed.

        They end as soon as they see that, and must not write into the file of the next run.
        """
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        fcntl.flock(descriptor, fcntl.LOCK_UN)


def open_own(path: Path) -> int:
    """The descriptor of a file to read and write, made if it is missing, and never a link."""
    # Windows has no such flag, and needs a privilege to make links.
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    descriptor = os.open(path, flags, 0o666)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(f"{path} is not a regular file")
    return descriptor


def open_shared(path: Path) -> int:
    """The descriptor of a file of ours, for whose closing the next run waits."""
    descriptor = open_own(path)
    share(descriptor)
    return descriptor


def wait_for_workers(path: Path) -> None:
    """Wait for those who share a file, if it is there."""
    with suppress(FileNotFoundError):
        descriptor = os.open(path, os.O_RDWR | getattr(os, "O_NOFOLLOW", 0))
        try:
            wait_for_others(descriptor)
        finally:
            os.close(descriptor)


def lock_of(path: Path) -> Path:
    """The file beside another that is its lock."""
    return path.with_name(path.name + LOCK)


class Lock:
    """The right to write a file, held by a file beside it; `OSError` if another run has it."""

    def __init__(self, path: Path) -> None:
        if not path.parent.is_dir():
            raise OSError(f"{path}: there is no directory {path.parent}")
        self._path = lock_of(path)
        self._descriptor = open_own(self._path)
        try:
            _take(self._descriptor)
            # The run before may have deleted it just now, and another one may have a new one.
            if os.path.samestat(os.fstat(self._descriptor), self._path.lstat()):
                return
        except (BlockingIOError, FileNotFoundError):
            pass
        self.close()
        raise OSError(f"another run is at work on {path}")

    def close(self) -> None:
        """Close the file, which ends the lock if no fork has it open."""
        os.close(self._descriptor)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):  # Windows deletes no open file
            self._path.unlink()
        self.close()
