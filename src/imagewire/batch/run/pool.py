"""Worker processes that translate blocks of lines, which the batch run keeps in order.

If the input is a plain file, a worker reads its block itself and sends where it ends, because the
next block begins there. It translates, sends the size of each chunk, receives the offsets to write
them at, and writes them. So no output, and no line of a plain file, goes from process to process. A
pipe that is closed tells either side that the other has ended.
"""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing, suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any, cast

import attrs

from imagewire.batch.lines import Batch
from imagewire.batch.records import PendingReply
from imagewire.batch.run.chunk import Chunk, translate_block
from imagewire.batch.run.files import Input, Output, keep_memory
from imagewire.batch.run.journal import Checkpoint, Journal

# A fork starts at once, where importing it all again takes as long as hundreds of images. It is
# safe while there are no other threads (macOS has some of its own).
_CONTEXT: Any = get_context("fork" if sys.platform == "linux" else "spawn")
_process = _CONTEXT.Process
_DEPTH = 2  #: blocks that a worker has at a time if it reads them itself; otherwise it has one

#: Reserves offsets for chunks, and gives the checkpoint that holds when all of them are written.
Reserve = Callable[[Sequence[Chunk | PendingReply], int], tuple[list[int], Checkpoint]]
Save = Callable[[Checkpoint], None]


@attrs.frozen
class Task:
    """A block to translate: the number of its first line, its position, and maybe its lines."""

    first: int
    position: int
    lines: list[bytes] | None = attrs.field(default=None, repr=False)


@attrs.frozen
class Setup:
    """What a worker has to know: ``journal`` if that has contexts, ``input`` if it can read it."""

    batch: Batch
    input: Path | None
    output: Path
    journal: Path | None


@attrs.define(eq=False)
class _Assignment:
    """A block that a worker has; ``end`` is where the next block begins."""

    worker: Connection
    task: Task
    end: int
    items: list[Chunk | PendingReply] | None = None
    offsets: list[int] | None = None  #: once they are reserved
    checkpoint: Checkpoint | None = None  #: the one that holds when it is written
    written: bool = False

    @property
    def has_pending_replies(self) -> bool:
        """Whether it has replies that belong to replies in other blocks."""
        return any(isinstance(item, PendingReply) for item in self.items or ())


class Pool:
    """``count`` workers, until it is closed.

    A worker is sent one message at a time, and only when it is ready for one, so that the two sides
    never wait for each other to read. While a worker has no offsets for a block yet, it begins with
    the next one.
    """

    def __init__(self, count: int, setup: Setup) -> None:
        self._assignments: deque[_Assignment] = deque()
        self._workers: list[Connection] = []
        self._processes = []
        for _ in range(count):
            ours, theirs = _CONTEXT.Pipe()
            self._workers.append(ours)
            process = _process(target=serve, args=(theirs, setup, self._workers))
            process.start()
            self._processes.append(process)
            theirs.close()
        self._ready = list(self._workers)
        self._next_task: Task | None = None

    def close(self) -> None:
        """Let the workers end, and wait until they have."""
        for worker in self._workers:
            worker.close()
        for process in self._processes:
            process.join()

    def run(self, source: Input | None, start: Task, reserve: Reserve, save: Save) -> None:
        """Translate the lines of a source, or of a file that workers read, from a task on.

        ``reserve`` is called in the order of the lines. So is ``save``, with a checkpoint up to
        which all is written.
        """
        self._next_task = start
        while True:
            while self._assignments and self._assignments[0].written:
                save(cast("Checkpoint", self._assignments.popleft().checkpoint))
            self._reserve(reserve)
            for worker in [*self._ready]:
                self._instruct(worker, source)
            if not self._assignments:
                return
            for sender in wait([each for each in self._workers if each not in self._ready]):
                self._receive(cast("Connection", sender))

    def _instruct(self, worker: Connection, source: Input | None) -> None:
        """Let a worker write what has its offsets, or translate another block."""
        assignments = [
            assignment for assignment in self._assignments if assignment.worker is worker
        ]
        for assignment in assignments:
            if assignment.offsets is not None and not assignment.written:
                self._send(worker, assignment.offsets)
                return
        if self._next_task is None or len(assignments) == (_DEPTH if source is None else 1):
            return
        task, self._next_task = self._next_task, None
        end = task.position
        if source is not None:
            lines = source.read_block()
            if not lines:
                return
            end = source.position
            self._next_task = Task(task.first + len(lines), end)
            task = Task(task.first, task.position, lines)
        self._send(worker, task)
        self._assignments.append(_Assignment(worker, attrs.evolve(task, lines=None), end))

    def _send(self, worker: Connection, message: Task | list[int]) -> None:
        self._ready.remove(worker)
        with suppress(OSError):  # it has ended, and has sent why
            worker.send(message)

    def _receive(self, worker: Connection) -> None:
        """Receive where the block of a worker ends, or what is in it, or that it is written."""
        message = _received(worker)
        mine = (assignment for assignment in self._assignments if assignment.worker is worker)
        if isinstance(message, tuple):
            assignment = next(assignment for assignment in mine if assignment.items is None)
            count, assignment.end = message
            self._next_task = Task(assignment.task.first + count, assignment.end) if count else None
            return
        self._ready.append(worker)
        if message is None:
            next(assignment for assignment in mine if not assignment.written).written = True
        else:
            next(assignment for assignment in mine if assignment.items is None).items = message

    def _reserve(self, reserve: Reserve) -> None:
        """Reserve offsets for translated blocks, in order.

        One with pending replies has to wait until all blocks before it are saved: the replies in
        the journal are those of one checkpoint.
        """
        for assignment in self._assignments:
            if assignment.items is None or (
                assignment.has_pending_replies and assignment is not self._assignments[0]
            ):
                return
            if assignment.offsets is None:
                assignment.offsets, assignment.checkpoint = reserve(
                    assignment.items, assignment.end
                )


def serve(connection: Connection, setup: Setup, others: Sequence[Connection]) -> None:
    """Work until the other end of the pipe is closed; an `OSError` is sent to it.

    ``others`` are ends of pipes that a fork inherits, and must not keep open.
    """
    for other in others:
        other.close()
    try:
        with ExitStack() as stack, suppress(EOFError, KeyboardInterrupt):
            _serve(connection, setup, stack)
    except OSError as error:
        with suppress(OSError):
            connection.send(error)
    connection.close()


def _serve(connection: Connection, setup: Setup, stack: ExitStack) -> None:
    keep_memory()
    output = stack.enter_context(closing(Output(setup.output)))
    contexts = stack.enter_context(Journal(setup.journal)) if setup.journal else None
    source = stack.enter_context(closing(Input(setup.input))) if setup.input else None
    unwritten: deque[list[Chunk]] = deque()
    while True:
        message: Task | list[int] = connection.recv()
        if isinstance(message, list):
            for offset, chunk in zip(message, unwritten.popleft(), strict=True):
                output.write(offset, chunk.segments)
            connection.send(None)
            continue
        lines = message.lines or []
        if source is not None:
            source.seek(message.position)
            lines = source.read_block()
            connection.send((len(lines), source.position))
        items, _ = translate_block(lines, setup.batch, first=message.first, contexts=contexts)
        unwritten.append([item for item in items if isinstance(item, Chunk)])
        connection.send([item.without_output() for item in items])


def _received(worker: Connection) -> Any:
    try:
        message = worker.recv()
    except (EOFError, ConnectionResetError):
        raise OSError("a worker process died") from None
    if isinstance(message, OSError):
        raise message
    return message
