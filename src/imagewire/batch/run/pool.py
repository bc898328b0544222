"""Worker processes that translate blocks of lines, which the batch run keeps in order.

If the input is plain files, a worker reads its block itself and sends where it ends, because the
next block begins there. It translates, sends the sizes of the parts of each chunk, receives the
places to write them at, and writes them; or it receives terms on which to translate once more. So
no output, and no line of a plain file, goes from process to process. A pipe that is closed tells
either side that the other has ended.
"""

from __future__ import annotations

import os
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
from imagewire.batch.run.chunk import Block, Chunk, Terms, Work, translate_block
from imagewire.batch.run.files import Input, keep_memory
from imagewire.batch.run.journal import Checkpoint, Journal, sqlite_errors
from imagewire.batch.run.ledger import Place
from imagewire.batch.run.lock import Lock, open_shared
from imagewire.batch.run.outputs import Outputs

# A fork starts at once, where importing it all again takes as long as hundreds of images. It is
# safe while there are no other threads (macOS has some of its own).
_FORKS = sys.platform == "linux"
_CONTEXT: Any = get_context("fork" if _FORKS else "spawn")
_process = _CONTEXT.Process
_DEPTH = 2  #: blocks that a worker has at a time if it reads them itself; otherwise it has one

#: The places of each chunk's parts.
Places = list[list[Place]]
#: Reserves places for a block, and gives the checkpoint that holds when all of it is written.
Reserve = Callable[[Block, int], tuple[Places, Checkpoint]]
#: The terms on which a block has to be translated again, if it has to.
Judge = Callable[[Block, Terms], Terms | None]
Save = Callable[[Checkpoint], None]


@attrs.frozen
class Task:
    """A block to translate: the number of its first line, its position, and maybe its lines."""

    first: int
    position: int
    lines: list[bytes] | None = attrs.field(default=None, repr=False)


@attrs.frozen
class Setup:
    """What a worker has to know: ``journal`` if that has contexts, ``inputs`` if it can read them.

    ``shared`` is a file that it has open until it ends.
    """

    batch: Batch
    inputs: tuple[Path, ...] | None
    output: Path
    shared: Path
    journal: Path | None


@attrs.define(eq=False)
class _Assignment:
    """A block that a worker has; ``end`` is where the next block begins."""

    worker: Connection
    task: Task
    end: int
    block: Block | None = None
    terms: Terms = attrs.field(factory=Terms)
    unsent: Terms | None = None  #: those that the worker does not know yet
    places: Places | None = None  #: once they are reserved
    checkpoint: Checkpoint | None = None  #: the one that holds when it is written
    written: bool = False

    @property
    def has_pending_replies(self) -> bool:
        """Whether it has replies that belong to replies in other blocks."""
        return self.block is not None and len(self.block.chunks) < len(self.block.items)


class Pool:
    """``count`` workers, until it is closed.

    A worker is sent one message at a time, and only when it is ready for one, so that the two sides
    never wait for each other to read. While a worker has no offsets for a block yet, it begins with
    the next one.
    """

    def __init__(self, count: int, setup: Setup, locks: Sequence[Lock] = ()) -> None:
        """Start the workers, which do not hold the locks of the run."""
        self._assignments: deque[_Assignment] = deque()
        self._workers: list[Connection] = []
        self._processes = []
        for _ in range(count):
            ours, theirs = _CONTEXT.Pipe()
            self._workers.append(ours)
            inherited = [*self._workers, *locks] if _FORKS else []
            process = _process(target=serve, args=(theirs, setup, inherited))
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

    def run(
        self, source: Input | None, start: Task, judge: Judge, reserve: Reserve, save: Save
    ) -> None:
        """Translate the lines of a source, or of a file that workers read, from a task on.

        ``judge`` and ``reserve`` are called in the order of the lines. So is ``save``, with a
        checkpoint up to which all is written.
        """
        self._next_task = start
        while True:
            while self._assignments and self._assignments[0].written:
                save(cast("Checkpoint", self._assignments.popleft().checkpoint))
            self._reserve(judge, reserve)
            for worker in [*self._ready]:
                self._instruct(worker, source)
            if not self._assignments:
                return
            for sender in wait([each for each in self._workers if each not in self._ready]):
                self._receive(cast("Connection", sender))

    def _instruct(self, worker: Connection, source: Input | None) -> None:
        """Let a worker write what has its offsets, or translate a block, maybe once more."""
        assignments = [
            assignment for assignment in self._assignments if assignment.worker is worker
        ]
        for assignment in assignments:
            if assignment.unsent is not None:
                self._send(worker, assignment.unsent)
                assignment.terms, assignment.unsent = assignment.unsent, None
                return
            if assignment.places is not None and not assignment.written:
                self._send(worker, assignment.places)
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

    def _send(self, worker: Connection, message: Task | Terms | Places) -> None:
        self._ready.remove(worker)
        with suppress(OSError):  # it has ended, and has sent why
            worker.send(message)

    def _receive(self, worker: Connection) -> None:
        """Receive where the block of a worker ends, or what is in it, or that it is written."""
        message = _received(worker)
        mine = [assignment for assignment in self._assignments if assignment.worker is worker]
        if isinstance(message, tuple):
            first, count, end = message
            next(each for each in mine if each.task.first == first).end = end
            self._next_task = Task(first + count, end) if count else None
            return
        self._ready.append(worker)
        if isinstance(message, Block):
            next(each for each in mine if each.task.first == message.first).block = message
        else:
            next(each for each in mine if not each.written).written = True

    def _reserve(self, judge: Judge, reserve: Reserve) -> None:
        """Reserve places for translated blocks, in order, or let one be translated again.

        A block with pending replies has to wait until all blocks before it are saved: the replies
        in the journal are those of one checkpoint.
        """
        for assignment in self._assignments:
            if assignment.block is None or (
                assignment.has_pending_replies and assignment is not self._assignments[0]
            ):
                return
            if assignment.places is None:
                assignment.unsent = judge(assignment.block, assignment.terms)
                if assignment.unsent is not None:
                    assignment.block = None
                    return
                assignment.places, assignment.checkpoint = reserve(assignment.block, assignment.end)


def serve(connection: Connection, setup: Setup, others: Sequence[Connection | Lock]) -> None:
    """Work until the other end of the pipe is closed; an `OSError` is sent to it.

    ``others`` are ends of pipes and locks that a fork inherits, and must not keep open.
    """
    for other in others:
        other.close()
    try:
        with ExitStack() as stack, suppress(EOFError, KeyboardInterrupt):
            _Worker(connection, setup, stack).work()
    except OSError as error:
        with suppress(OSError):
            connection.send(error)
    connection.close()


class _Worker:
    """What a worker process has open, and the blocks that it has translated and not written."""

    def __init__(self, connection: Connection, setup: Setup, stack: ExitStack) -> None:
        keep_memory()
        self._connection = connection
        stack.callback(os.close, open_shared(setup.shared))
        self._outputs = stack.enter_context(closing(Outputs(setup.output)))
        contexts: Journal | None = None
        if setup.journal is not None:
            stack.enter_context(sqlite_errors(setup.journal))
            contexts = stack.enter_context(Journal(setup.journal))
        self._work = Work(setup.batch, setup.output, contexts)
        self._input = stack.enter_context(closing(Input(setup.inputs))) if setup.inputs else None
        self._unwritten: deque[tuple[Task, list[Chunk]]] = deque()

    def work(self) -> None:
        """Do what the messages say."""
        while True:
            message: Task | Terms | Places = self._connection.recv()
            if isinstance(message, list):
                _, chunks = self._unwritten.popleft()
                for places, chunk in zip(message, chunks, strict=True):
                    for place, part in zip(places, chunk.parts, strict=True):
                        self._outputs.write(place.number, place.offset, part.segments)
                self._connection.send(None)
            elif isinstance(message, Terms):
                task, _ = self._unwritten.popleft()
                chunks = self._translate(task, self._lines_of(task), message)
                self._unwritten.appendleft((task, chunks))
            else:
                lines = self._lines_of(message)
                if self._input is not None:
                    self._connection.send((message.first, len(lines), self._input.position))
                self._unwritten.append((message, self._translate(message, lines)))

    def _lines_of(self, task: Task) -> list[bytes]:
        if self._input is None:
            return task.lines or []
        self._input.seek(task.position)
        return self._input.read_block()

    def _translate(self, task: Task, lines: list[bytes], terms: Terms = Terms()) -> list[Chunk]:
        block, _ = translate_block(lines, self._work, first=task.first, terms=terms)
        self._connection.send(block.without_output())
        return block.chunks


def _received(worker: Connection) -> Any:
    try:
        message = worker.recv()
    except (EOFError, ConnectionResetError):
        raise OSError("a worker process died") from None
    if isinstance(message, OSError):
        raise message
    return message
