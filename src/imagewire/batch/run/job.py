"""A batch run: files in, files out, in constant memory; it can be resumed.

Each file is written under a temporary name and gets its own when all of them are complete. After
each block of lines the journal has a checkpoint: how much of every file is done. To resume, the
files are truncated to the last checkpoint. This survives a process that is killed. It does not
survive a machine that fails: a file that is shorter than its checkpoint is refused.

A run holds a lock for each file that it writes; its output is shared with its workers, for which
the next run waits if this one is killed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path

import attrs
import msgspec

from imagewire.batch.lines import merge_replies
from imagewire.batch.records import PendingReply, StoredContext
from imagewire.batch.run.chunk import Chunk, chunk_of, lacks_job_model, translate_block
from imagewire.batch.run.files import Input, Output, give_name, keep_memory, part_of
from imagewire.batch.run.journal import Checkpoint, Counts, Journal, remove, sqlite_errors
from imagewire.batch.run.lock import Lock
from imagewire.batch.run.plan import Plan
from imagewire.batch.run.pool import Pool, Setup, Task

OnCheckpoint = Callable[[Checkpoint], None]


def carry_out(plan: Plan, *, workers: int, resume: bool, on_checkpoint: OnCheckpoint) -> Checkpoint:
    """Do what is planned, or what is left of it; ``on_checkpoint`` gets each checkpoint.

    Raises `OSError` for files that cannot be read or written, or that another run writes, and for
    the journal of another run.
    """
    with ExitStack() as locked:
        locks = [locked.enter_context(Lock(path)) for path in plan.writes.values()]
        with sqlite_errors(plan.journal):
            return _carry_out(plan, locks, workers, on_checkpoint, resume=resume)


def _carry_out(
    plan: Plan, locks: Sequence[Lock], workers: int, on_checkpoint: OnCheckpoint, *, resume: bool
) -> Checkpoint:
    if not resume:
        remove(plan.journal)
    with Journal(plan.journal) as journal:
        checkpoint = journal.checkpoint() or _started(plan, journal)
        if checkpoint.identity != plan.identity:
            msg = f"{plan.journal} belongs to another run, with other input or options"
            raise OSError(f"{msg}; without --resume this one starts anew")

        def save(reached: Checkpoint) -> None:
            nonlocal checkpoint
            journal.save(reached)
            checkpoint = reached
            on_checkpoint(reached)

        if not checkpoint.complete:
            with ExitStack() as stack:
                Job(plan, journal, checkpoint, stack).work(workers, locks, save)
        for path in plan.writes.values():
            give_name(path)
    remove(plan.journal)
    return checkpoint


def _started(plan: Plan, journal: Journal) -> Checkpoint:
    """The first checkpoint of a run; the stored contexts of requests go into its journal.

    What an earlier run left under the temporary names is not written into, but deleted: it may be
    one file with something else.
    """
    for path in plan.writes.values():
        part_of(path).unlink(missing_ok=True)
    if plan.context is not None and plan.has_contexts:
        journal.store(read_contexts(plan.context))
    checkpoint = Checkpoint(identity=plan.identity, job_model=plan.batch.job_model)
    journal.save(checkpoint)
    return checkpoint


def read_contexts(path: Path) -> Iterator[StoredContext]:
    """The lines of a context file."""
    decode = msgspec.json.Decoder(StoredContext).decode
    with closing(Input(path)) as lines:
        while block := lines.read_block():
            for line in block:
                try:
                    yield decode(line)
                except ValueError as error:
                    raise OSError(f"{path} is not a context file: {error}") from error


class Job:
    """A run at work: it reserves offsets for what is translated, in the order of the input."""

    def __init__(
        self, plan: Plan, journal: Journal, checkpoint: Checkpoint, stack: ExitStack
    ) -> None:
        self._plan = plan
        self._journal = journal
        self._stack = stack
        self._batch = attrs.evolve(plan.batch, job_model=checkpoint.job_model)
        self._counts = checkpoint.counts
        self._ids = journal.ids(checkpoint.counts.read)
        self._files: dict[str, Output] = {}
        for name, path in plan.writes.items():
            self._files[name] = stack.enter_context(closing(Output(path)))
            self._files[name].wait_for_others()
            self._files[name].truncate(checkpoint.sizes.get(name, 0))
        self._input = stack.enter_context(closing(Input(plan.input)))
        self._input.seek(checkpoint.position)

    def work(self, workers: int, locks: Sequence[Lock], save: OnCheckpoint) -> None:
        """Translate all that is left; without workers until the model of the job is known."""
        keep_memory()
        while workers == 1 or lacks_job_model(self._batch):
            lines = self._input.read_block()
            if not lines:
                break
            save(self._translate_here(lines))
        else:
            plain = self._plan.is_plain
            setup = Setup(
                self._batch,
                self._plan.input if plain else None,
                self._plan.output,
                self._plan.journal if self._plan.has_contexts else None,
            )
            pool = self._stack.enter_context(closing(Pool(workers, setup, locks)))
            start = Task(self._counts.read + 1, self._input.position)
            source = None if plain else self._input
            pool.run(source, start, self._ids, self._reserve, save)
        for replies in self._journal.rest():
            self._write(chunk_of([*merge_replies(replies, self._batch)]))
        save(attrs.evolve(self._checkpoint_at(self._input.position), complete=True))

    def _translate_here(self, lines: list[bytes]) -> Checkpoint:
        """Translate and write a block of lines in this process."""
        contexts = self._journal if self._plan.has_contexts else None
        first = self._counts.read + 1
        translate = partial(translate_block, lines, self._batch, first=first, contexts=contexts)
        block, batch = translate()
        taken = self._ids.taken(block.ids)
        if taken:
            block, batch = translate(taken=taken)
        self._ids.give(first, block.ids)
        self._batch = batch
        offsets, checkpoint = self._reserve(block.items, self._input.position)
        for offset, chunk in zip(offsets, block.chunks, strict=True):
            self._files["output"].write(offset, chunk.segments)
        return checkpoint

    def _reserve(
        self, items: Sequence[Chunk | PendingReply], position: int
    ) -> tuple[list[int], Checkpoint]:
        """Reserve offsets for chunks, and write what comes between them and to the other files."""
        offsets = []
        for item in items:
            if isinstance(item, Chunk):
                offsets.append(self._reserve_chunk(item))
            else:
                self._counts += Counts(read=1)
                replies = self._journal.add(item)
                merged = merge_replies(replies, self._batch) if replies else ()
                self._write(chunk_of([*merged]))
        return offsets, self._checkpoint_at(position)

    def _write(self, chunk: Chunk) -> None:
        self._files["output"].write(self._reserve_chunk(chunk), chunk.segments)

    def _reserve_chunk(self, chunk: Chunk) -> int:
        """Reserve an offset for the output of a chunk, and write to the other files."""
        for name, file in self._files.items():
            if name != "output":
                text: bytes = getattr(chunk, name)
                file.write(file.reserve(len(text)), [text])
        self._counts += chunk.counts
        return self._files["output"].reserve(chunk.size)

    def _checkpoint_at(self, position: int) -> Checkpoint:
        return Checkpoint(
            identity=self._plan.identity,
            position=position,
            sizes={name: file.size for name, file in self._files.items()},
            counts=self._counts,
            job_model=self._batch.job_model,
        )
