"""A batch run: files in, files out, in constant memory; it can be resumed.

Each file is written under a temporary name and gets its own when all of them are complete. After
each block of lines the journal has a checkpoint: how much of every file is done. To resume, the
files are truncated to the last checkpoint. This survives a process that is killed. It does not
survive a machine that fails: a file that is shorter than its checkpoint is refused.
"""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from pathlib import Path

import attrs
import msgspec

from imagewire import __version__
from imagewire.batch.lines import Batch, merge_replies
from imagewire.batch.records import Line, PendingReply, Reject, StoredContext
from imagewire.batch.run.chunk import Chunk, chunk_of, lacks_job_model, translate_block
from imagewire.batch.run.files import COMPRESSED, Input, Output, give_name, keep_memory
from imagewire.batch.run.journal import Checkpoint, Counts, Journal, remove
from imagewire.batch.run.pool import Pool, Setup, Task

OnCheckpoint = Callable[[Checkpoint], None]


@attrs.frozen(kw_only=True)
class Plan:
    """What a run reads and writes; ``context`` is written with requests, read with responses."""

    batch: Batch
    input: Path
    output: Path
    rejects: Path
    losses: Path | None = None
    context: Path | None = None

    @property
    def journal(self) -> Path:
        """The file for checkpoints."""
        return self.output.with_name(self.output.name + ".journal")

    @property
    def writes(self) -> dict[str, Path]:
        """The files that it writes, by the field of a chunk that they hold."""
        contexts = self.context if self.batch.kind == "request" else None
        files = {
            "output": self.output,
            "rejects": self.rejects,
            "losses": self.losses,
            "contexts": contexts,
        }
        return {name: path for name, path in files.items() if path is not None}

    @property
    def has_contexts(self) -> bool:
        """Whether it reads the stored contexts of requests."""
        return self.batch.kind == "response" and self.context is not None

    @property
    def is_plain(self) -> bool:
        """Whether the input is a file that every process can read from any position."""
        return (
            str(self.input) != "-"
            and self.input.suffix not in COMPRESSED
            and stat.S_ISREG(self.input.stat().st_mode)
        )

    @property
    def identity(self) -> str:
        """What the run does: only a run with the same identity can resume it."""
        size = self.input.stat().st_size if self.is_plain else None
        return f"{__version__} {size} {self!r}"


def carry_out(plan: Plan, *, workers: int, resume: bool, on_checkpoint: OnCheckpoint) -> Checkpoint:
    """Do what is planned, or what is left of it; ``on_checkpoint`` gets each checkpoint.

    Raises `OSError` for files that cannot be read or written, and for the journal of another run.
    """
    if not resume:
        remove(plan.journal)
    with Journal(plan.journal) as journal:
        checkpoint = journal.checkpoint() or _started(plan, journal)
        if checkpoint.identity != plan.identity:
            raise OSError(f"{plan.journal} belongs to another run, with other input or options")

        def save(reached: Checkpoint) -> None:
            nonlocal checkpoint
            journal.save(reached)
            checkpoint = reached
            on_checkpoint(reached)

        if not checkpoint.complete:
            with ExitStack() as stack:
                Job(plan, journal, checkpoint, stack).work(workers, save)
        for path in plan.writes.values():
            give_name(path)
    remove(plan.journal)
    return checkpoint


def _started(plan: Plan, journal: Journal) -> Checkpoint:
    """The first checkpoint of a run; the stored contexts of requests go into its journal."""
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
        self._files: dict[str, Output] = {}
        for name, path in plan.writes.items():
            self._files[name] = stack.enter_context(closing(Output(path)))
            self._files[name].truncate(checkpoint.sizes.get(name, 0))
        self._input = stack.enter_context(closing(Input(plan.input)))
        self._input.seek(checkpoint.position)

    def work(self, workers: int, save: OnCheckpoint) -> None:
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
            pool = self._stack.enter_context(closing(Pool(workers, setup)))
            start = Task(self._counts.read + 1, self._input.position)
            pool.run(None if plain else self._input, start, self._reserve, save)
        for replies in self._journal.rest():
            self._write(chunk_of([*merge_replies(replies, self._batch)]))
        save(attrs.evolve(self._checkpoint_at(self._input.position), complete=True))

    def _translate_here(self, lines: list[bytes]) -> Checkpoint:
        """Translate and write a block of lines in this process."""
        contexts = self._journal if self._plan.has_contexts else None
        first = self._counts.read + 1
        items, self._batch = translate_block(lines, self._batch, first=first, contexts=contexts)
        offsets, checkpoint = self._reserve(items, self._input.position)
        chunks = (item for item in items if isinstance(item, Chunk))
        for offset, chunk in zip(offsets, chunks, strict=True):
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
                self._write(chunk_of(self._merged_if_last(item)))
        return offsets, self._checkpoint_at(position)

    def _merged_if_last(self, reply: PendingReply) -> list[Line | Reject]:
        """What a reply and the others to its request become; nothing if some are missing."""
        if self._journal.has(reply):
            return [reply.doubled()]
        replies = self._journal.add(reply)
        return [*merge_replies(replies, self._batch)] if replies else []

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
