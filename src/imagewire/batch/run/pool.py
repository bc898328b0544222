"""Processes that translate chunks of lines for a batch run, while it keeps them in order.

A worker reads its own chunk where it can, says where that ends (the next one begins there),
translates, says how long each stretch of its output is, and hears where to write it: no output, and
no line of a plain file, goes from process to process. Ends of pipes tell either side that the other
is gone.
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
from imagewire.batch.records import Part
from imagewire.batch.run.chunk import Stretch, translate_stretch
from imagewire.batch.run.files import Input, Output, keep_memory
from imagewire.batch.run.journal import Journal, State

# A fork starts at once, where importing it all again takes as long as hundreds of images. It is
# safe while there are no other threads (macOS has some of its own).
_CONTEXT: Any = get_context("fork" if sys.platform == "linux" else "spawn")
_process = _CONTEXT.Process
_DEPTH = 2  #: chunks that a worker has at a time, if it reads them: else it has one

#: Finds places for stretches, and tells the state of the run when all of them are written.
Place = Callable[[Sequence[Stretch | Part], int], tuple[list[int], State]]
Save = Callable[[State], None]


@attrs.frozen
class Task:
    """A chunk to translate: the number of its first line, where it begins, and maybe its lines."""

    first: int
    position: int
    lines: list[bytes] | None = attrs.field(default=None, repr=False)


@attrs.frozen
class Setup:
    """What a worker has to know; ``journal`` where contexts are in it, ``input`` where it reads."""

    batch: Batch
    input: Path | None
    output: Path
    journal: Path | None


@attrs.define(eq=False)
class _Flight:
    """A chunk on its way; ``end`` is where the next one begins."""

    worker: Connection
    task: Task
    end: int
    items: list[Stretch | Part] | None = None
    offsets: list[int] | None = None  #: once it has its place
    state: State | None = None  #: and how far the run is with it
    written: bool = False

    @property
    def has_parts(self) -> bool:
        """Whether something in it belongs to other lines."""
        return any(isinstance(item, Part) for item in self.items or ())


class Pool:
    """So many workers, until it is closed.

    A worker is told one thing at a time, and only while it listens, so that neither waits for the
    other to read. Whoever has no place for a chunk yet begins with the next one.
    """

    def __init__(self, count: int, setup: Setup) -> None:
        self._flights: deque[_Flight] = deque()
        self._workers: list[Connection] = []
        self._processes = []
        for _ in range(count):
            ours, theirs = _CONTEXT.Pipe()
            self._workers.append(ours)
            process = _process(target=serve, args=(theirs, setup, self._workers))
            process.start()
            self._processes.append(process)
            theirs.close()
        self._listening = list(self._workers)
        self._following: Task | None = None

    def close(self) -> None:
        """Let the workers end, and wait for it."""
        for worker in self._workers:
            worker.close()
        for process in self._processes:
            process.join()

    def run(self, source: Input | None, start: Task, place: Place, save: Save) -> None:
        """Translate the lines of a source, or of a file that workers read, from a chunk on.

        ``place`` is called in the order of the lines; so is ``save``, once all before is written.
        """
        self._following = start
        while True:
            while self._flights and self._flights[0].written:
                save(cast("State", self._flights.popleft().state))
            self._place(place)
            for worker in [*self._listening]:
                self._instruct(worker, source)
            if not self._flights:
                return
            for heard in wait([each for each in self._workers if each not in self._listening]):
                self._hear(cast("Connection", heard))

    def _instruct(self, worker: Connection, source: Input | None) -> None:
        """Let a worker write what has its place, or translate another chunk."""
        flights = [flight for flight in self._flights if flight.worker is worker]
        for flight in flights:
            if flight.offsets is not None and not flight.written:
                self._tell(worker, flight.offsets)
                return
        if self._following is None or len(flights) == (_DEPTH if source is None else 1):
            return
        task, self._following = self._following, None
        end = task.position
        if source is not None:
            lines = source.chunk()
            if not lines:
                return
            end = source.position
            self._following = Task(task.first + len(lines), end)
            task = Task(task.first, task.position, lines)
        self._tell(worker, task)
        self._flights.append(_Flight(worker, attrs.evolve(task, lines=None), end))

    def _tell(self, worker: Connection, about: Task | list[int]) -> None:
        self._listening.remove(worker)
        with suppress(OSError):  # it is gone, and has said why
            worker.send(about)

    def _hear(self, worker: Connection) -> None:
        """Hear where the chunk of a worker ends, what is in it, or that it is written."""
        said = _heard(worker)
        mine = (flight for flight in self._flights if flight.worker is worker)
        if isinstance(said, tuple):
            flight = next(flight for flight in mine if flight.items is None)
            count, flight.end = said
            self._following = Task(flight.task.first + count, flight.end) if count else None
            return
        self._listening.append(worker)
        if said is None:
            next(flight for flight in mine if not flight.written).written = True
        else:
            next(flight for flight in mine if flight.items is None).items = said

    def _place(self, place: Place) -> None:
        """Find places for what is translated, if all before it has some.

        What has parts comes only when all before is saved: the parts in the journal are those of
        one state.
        """
        for flight in self._flights:
            if flight.items is None or (flight.has_parts and flight is not self._flights[0]):
                return
            if flight.offsets is None:
                flight.offsets, flight.state = place(flight.items, flight.end)


def serve(connection: Connection, setup: Setup, others: Sequence[Connection]) -> None:
    """Work until the other end is closed; an `OSError` is told to it.

    ``others`` are ends of pipes that a fork has, and must not keep open.
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
    held: deque[list[Stretch]] = deque()
    while True:
        told: Task | list[int] = connection.recv()
        if isinstance(told, list):
            for offset, stretch in zip(told, held.popleft(), strict=True):
                output.write(offset, stretch.segments)
            connection.send(None)
            continue
        lines = told.lines or []
        if source is not None:
            source.go(told.position)
            lines = source.chunk()
            connection.send((len(lines), source.position))
        items, _ = translate_stretch(lines, setup.batch, first=told.first, contexts=contexts)
        held.append([item for item in items if isinstance(item, Stretch)])
        connection.send([item.without_output() for item in items])


def _heard(worker: Connection) -> Any:
    try:
        said = worker.recv()
    except (EOFError, ConnectionResetError):
        raise OSError("a worker ended before its work did") from None
    if isinstance(said, OSError):
        raise said
    return said
