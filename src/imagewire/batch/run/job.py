"""A batch run: files in, files out, in constant memory; it can be resumed.

Each file is written under a temporary name and gets its own when all of them are complete. After
each block of lines the journal has a checkpoint: how much of every file is done. To resume, the
files are truncated to the last checkpoint. This survives a process that is killed. It does not
survive a machine that fails: a file that is shorter than its checkpoint is refused.

A run holds a lock for each file that it writes; its rejects are shared with its workers, for which
the next run waits if this one is killed. A run to stdout has its journal in a temporary directory,
and cannot be resumed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

import attrs
import msgspec

from imagewire.batch.lines import merge_replies
from imagewire.batch.records import Reject, StoredContext
from imagewire.batch.run.chunk import Block, Chunk, Terms, Work, translate_block
from imagewire.batch.run.files import (
    BLOCK_LINES,
    Input,
    Output,
    give_name,
    is_archive,
    keep_memory,
    packed,
    part_of,
)
from imagewire.batch.run.journal import Checkpoint, Counts, Journal, remove, sqlite_errors
from imagewire.batch.run.ledger import JobFile, Ledger, Place
from imagewire.batch.run.lock import Lock, wait_for_workers
from imagewire.batch.run.outputs import Outputs, Stdout, numbered, parts_left
from imagewire.batch.run.plan import Plan
from imagewire.batch.run.pool import Pool, Setup, Task
from imagewire.errors import MalformedError

OnCheckpoint = Callable[[Checkpoint], None]
#: Gets rejects as lines of JSON, where no file does.
OnRejects = Callable[[bytes], None]


@attrs.frozen
class _Listeners:
    """Who is told how a run goes."""

    checkpoint: OnCheckpoint
    rejects: OnRejects


def carry_out(
    plan: Plan,
    *,
    workers: int,
    resume: bool,
    on_checkpoint: OnCheckpoint,
    on_rejects: OnRejects = lambda _: None,
) -> Checkpoint:
    """Do what is planned, or what is left of it; ``on_checkpoint`` gets each checkpoint.

    Raises `OSError` for files that cannot be read or written, or that another run writes, and for
    the journal of another run.
    """
    with ExitStack() as stack:
        locks = [stack.enter_context(Lock(path)) for path in plan.locks]
        path = plan.journal
        if plan.to_stdout:
            path = Path(stack.enter_context(TemporaryDirectory())) / "journal"
        if plan.rejects is not None:
            wait_for_workers(part_of(plan.rejects))
        if not resume:
            remove(path)
        with sqlite_errors(path), Journal(path) as journal:
            told = _Listeners(on_checkpoint, on_rejects)
            checkpoint = _carry_out(plan, journal, locks, workers, told)
        remove(path)
    return checkpoint


def _carry_out(
    plan: Plan, journal: Journal, locks: list[Lock], workers: int, told: _Listeners
) -> Checkpoint:
    checkpoint = journal.checkpoint() or _started(plan, journal)
    if checkpoint.identity != plan.identity:
        msg = f"{journal.path} belongs to another run, with other input or options"
        raise OSError(f"{msg}; without --resume this one starts anew")

    def save(reached: Checkpoint) -> None:
        nonlocal checkpoint
        journal.save(reached)
        checkpoint = reached
        told.checkpoint(reached)

    if not checkpoint.complete:
        with ExitStack() as stack:
            Job(plan, journal, checkpoint, stack, told.rejects).work(workers, locks, save)
    for path in plan.writes.values():
        give_name(path)
    if plan.is_split:
        for number, _ in enumerate(checkpoint.outputs, 1):
            give_name(numbered(plan.output, number))
    return checkpoint


def _started(plan: Plan, journal: Journal) -> Checkpoint:
    """The first checkpoint of a run; the stored contexts of requests go into its journal.

    What an earlier run left under the temporary names is not written into, but deleted: it may be
    one file with something else.
    """
    for path in plan.writes.values():
        part_of(path).unlink(missing_ok=True)
    for path in parts_left(plan.output):
        path.unlink()
    if plan.context is not None and plan.has_contexts:
        journal.store(read_contexts(plan.context))
    outputs = () if plan.is_split else (JobFile(job=plan.batch.job),)
    checkpoint = Checkpoint(identity=plan.identity, outputs=outputs)
    journal.save(checkpoint)
    return checkpoint


def read_contexts(path: Path) -> Iterator[StoredContext]:
    """The lines of a context file."""
    decode = msgspec.json.Decoder(StoredContext).decode
    with closing(Input((path,))) as lines:
        while block := lines.read_block():
            for line in block:
                try:
                    yield decode(line)
                except ValueError as error:
                    raise OSError(f"{path} is not a context file: {error}") from error


class Job:
    """A run at work: it reserves offsets for what is translated, in the order of the input."""

    def __init__(
        self,
        plan: Plan,
        journal: Journal,
        checkpoint: Checkpoint,
        stack: ExitStack,
        on_rejects: OnRejects,
    ) -> None:
        self._plan = plan
        self._journal = journal
        self._stack = stack
        self._on_rejects = on_rejects
        self._counts = checkpoint.counts
        self._ids = journal.ids(checkpoint.counts.read)
        self._files: dict[str, Output] = {}
        for name, path in plan.writes.items():
            if name != "output":
                self._files[name] = stack.enter_context(closing(Output(path)))
                self._files[name].truncate(checkpoint.sizes.get(name, 0))
        self._ledger = Ledger(checkpoint.outputs, is_split=plan.is_split)
        self._outputs = stack.enter_context(
            closing(Stdout() if plan.to_stdout else Outputs(plan.output))
        )
        for number, file in enumerate(checkpoint.outputs, 1):
            self._lock(number)
            self._outputs.at(number).truncate(file.size)
        job = None if plan.is_split else checkpoint.outputs[0].job
        contexts = journal if plan.has_contexts else None
        self._work = Work(attrs.evolve(plan.batch, job=job), plan.output, contexts)
        self._input = stack.enter_context(closing(Input(plan.inputs)))
        self._input.seek(checkpoint.position)

    def work(self, workers: int, locks: Sequence[Lock], save: OnCheckpoint) -> None:
        """Translate all that is left; without workers until the job of the only file is known."""
        keep_memory()
        while workers == 1 or self._work.lacks_job:
            lines = self._input.read_block()
            if not lines:
                break
            save(self._translate_here(lines))
        else:
            self._translate_with(workers, locks, save)
        for replies in self._journal.rest():
            self._write(self._work.chunk_of([*merge_replies(replies, self._work.batch)]))
        self._finish()
        save(attrs.evolve(self._checkpoint_at(self._input.position), complete=True))

    def _translate_with(self, workers: int, locks: Sequence[Lock], save: OnCheckpoint) -> None:
        """Let workers translate all lines that are left."""
        plan = self._plan
        setup = Setup(
            self._work.batch,
            plan.inputs if plan.is_plain else None,
            plan.output,
            part_of(plan.rejects or plan.output),
            self._journal.path if plan.has_contexts else None,
        )
        pool = self._stack.enter_context(closing(Pool(workers, setup, locks)))
        start = Task(self._counts.read + 1, self._input.position)
        source = None if plan.is_plain else self._input
        pool.run(source, start, self._terms, self._reserve, save)

    def _translate_here(self, lines: list[bytes]) -> Checkpoint:
        """Translate and write a block of lines in this process."""
        first = self._counts.read + 1
        terms = Terms(rooms=self._ledger.scarce_rooms())
        block, work = translate_block(lines, self._work, first=first, terms=terms)
        while again := self._terms(block, terms):
            terms = again
            block, work = translate_block(lines, self._work, first=first, terms=terms)
        self._work = work
        places, checkpoint = self._reserve(block, self._input.position)
        for chunk, at in zip(block.chunks, places, strict=True):
            self._put(chunk, at)
        return checkpoint

    def _terms(self, block: Block, terms: Terms) -> Terms | None:
        """The terms on which a block is to be translated again; None if it is as it has to be."""
        taken = self._ids.taken(block.ids)
        rooms = terms.rooms
        if rooms is None and not self._ledger.has_room(block.parts):
            rooms = self._ledger.rooms()
        return Terms(terms.taken | taken, rooms) if taken or rooms is not terms.rooms else None

    def _reserve(self, block: Block, position: int) -> tuple[list[list[Place]], Checkpoint]:
        """Reserve places for the parts of each chunk, and write all that belongs elsewhere."""
        self._ids.give(block.first, block.ids)
        places = []
        for item in block.items:
            if isinstance(item, Chunk):
                self._ids.note_rejected(block.first, item.rejected_ids)
                places.append(self._reserve_chunk(item))
            else:
                self._counts += Counts(read=1)
                replies = self._journal.add(item)
                merged = merge_replies(replies, self._work.batch) if replies else ()
                self._write(self._work.chunk_of([*merged]))
        return places, self._checkpoint_at(position)

    def _write(self, chunk: Chunk) -> None:
        self._put(chunk, self._reserve_chunk(chunk))

    def _put(self, chunk: Chunk, places: Sequence[Place]) -> None:
        for part, place in zip(chunk.parts, places, strict=True):
            self._outputs.write(place.number, place.offset, part.segments)

    def _reserve_chunk(self, chunk: Chunk) -> list[Place]:
        """Reserve places for the output of a chunk, and write to the other files."""
        for name in ("rejects", "losses", "contexts"):
            text: bytes = getattr(chunk, name)
            if text and name in self._files:
                self._append(name, text)
        if chunk.rejects and "rejects" not in self._files:
            self._on_rejects(chunk.rejects)
        self._counts += chunk.counts
        places = []
        for part in chunk.parts:
            count = len(self._ledger.files)
            places.append(self._ledger.reserve(part))
            if len(self._ledger.files) > count:
                self._begin(places[-1].number)
        return places

    def _append(self, name: str, text: bytes) -> None:
        file = self._files[name]
        segments = packed(self._plan.writes[name], [text])
        file.write(file.reserve(sum(map(len, segments))), segments)

    def _begin(self, number: int) -> None:
        """Open a new file of output."""
        self._lock(number)
        part_of(numbered(self._plan.output, number)).unlink(missing_ok=True)
        self._outputs.at(number)

    def _lock(self, number: int) -> None:
        if self._plan.is_split:
            self._stack.enter_context(Lock(numbered(self._plan.output, number)))

    def _finish(self) -> None:
        """Write what can be written only when all lines are."""
        ids = self._journal.unanswered(self._ids)
        while some := [*islice(ids, BLOCK_LINES)]:
            rejects = b"".join(map(_unanswered, some))
            self._reserve_chunk(Chunk(rejects=rejects, counts=Counts(unanswered=len(some))))
        files = self._ledger.files
        if self._plan.is_split:
            names = [numbered(self._plan.output, number).name for number, _ in enumerate(files, 1)]
            self._append("jobs", self._ledger.document(names))
        elif is_archive(self._plan.output) and not files[0].size:
            self._outputs.write(1, 0, packed(self._plan.output, []))
        for name, file in self._files.items():
            if is_archive(self._plan.writes[name]) and not file.size:
                self._append(name, b"")

    def _checkpoint_at(self, position: int) -> Checkpoint:
        return Checkpoint(
            identity=self._plan.identity,
            position=position,
            sizes={name: file.size for name, file in self._files.items()},
            counts=self._counts,
            outputs=tuple(self._ledger.files),
        )


def _unanswered(id_: str) -> bytes:
    """The reject for a request without a result."""
    error = MalformedError(f"no result for {id_}")
    return Reject(number=None, id=id_, error=error).record()
