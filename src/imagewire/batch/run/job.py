"""A batch run: files in, files out, in constant memory, and on from where it was stopped.

Each file is written under a temporary name and gets its own when all of them are complete. After
each chunk of lines the journal says how much of every file is done; to go on, they are cut to that.
This holds against a process that is killed, not against a machine that fails: what the journal
knows of and a file has lost is noticed, and refused.
"""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from pathlib import Path

import attrs
import msgspec

from imagewire import __version__
from imagewire.batch.lines import Batch, merge_parts
from imagewire.batch.records import Kept, Line, Part, Reject
from imagewire.batch.run.chunk import Stretch, is_unsettled, stretch_of, translate_stretch
from imagewire.batch.run.files import COMPRESSED, Input, Output, give_name, keep_memory
from imagewire.batch.run.journal import Journal, State, Tally, remove
from imagewire.batch.run.pool import Pool, Setup, Task

Report = Callable[[State], None]


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
        """Where the run says how far it is."""
        return self.output.with_name(self.output.name + ".journal")

    @property
    def writes(self) -> dict[str, Path]:
        """The files that it writes, by what of a stretch they hold."""
        kept = self.context if self.batch.kind == "request" else None
        files = {
            "output": self.output,
            "rejects": self.rejects,
            "losses": self.losses,
            "kept": kept,
        }
        return {name: path for name, path in files.items() if path is not None}

    @property
    def has_contexts(self) -> bool:
        """Whether it reads what was kept of requests."""
        return self.batch.kind == "response" and self.context is not None

    @property
    def is_plain(self) -> bool:
        """Whether the input is a file that any process can read from any place on."""
        return (
            str(self.input) != "-"
            and self.input.suffix not in COMPRESSED
            and stat.S_ISREG(self.input.stat().st_mode)
        )

    @property
    def run(self) -> str:
        """What the run does: another one cannot go on from where it was stopped."""
        size = self.input.stat().st_size if self.is_plain else None
        return f"{__version__} {size} {self!r}"


def carry_out(plan: Plan, *, workers: int, resume: bool, report: Report) -> State:
    """Do what is planned, or what is left of it; ``report`` hears of each state of the run.

    Raises `OSError` for files that cannot be read or written, and for the journal of another run.
    """
    if not resume:
        remove(plan.journal)
    with Journal(plan.journal) as journal:
        state = journal.state() or _started(plan, journal)
        if state.run != plan.run:
            raise OSError(f"{plan.journal} is that of another run")

        def save(reached: State) -> None:
            nonlocal state
            journal.save(reached)
            state = reached
            report(reached)

        if not state.complete:
            with ExitStack() as stack:
                Job(plan, journal, state, stack).work(workers, save)
        for path in plan.writes.values():
            give_name(path)
    remove(plan.journal)
    return state


def _started(plan: Plan, journal: Journal) -> State:
    """The state of a run that begins, with what was kept of the requests in its journal."""
    if plan.context is not None and plan.has_contexts:
        journal.keep(_kept(plan.context))
    state = State(run=plan.run, job_model=plan.batch.job_model)
    journal.save(state)
    return state


def _kept(path: Path) -> Iterator[Kept]:
    """The lines of a context file."""
    decode = msgspec.json.Decoder(Kept).decode
    with closing(Input(path)) as lines:
        while chunk := lines.chunk():
            for line in chunk:
                try:
                    yield decode(line)
                except ValueError as error:
                    raise OSError(f"{path} is no context file: {error}") from error


class Job:
    """A run at work: it finds places for what is translated, in the order of the input."""

    def __init__(self, plan: Plan, journal: Journal, state: State, stack: ExitStack) -> None:
        self._plan = plan
        self._journal = journal
        self._stack = stack
        self._batch = attrs.evolve(plan.batch, job_model=state.job_model)
        self._tally = state.tally
        self._files: dict[str, Output] = {}
        for name, path in plan.writes.items():
            self._files[name] = stack.enter_context(closing(Output(path)))
            self._files[name].cut(state.sizes.get(name, 0))
        self._input = stack.enter_context(closing(Input(plan.input)))
        self._input.go(state.position)

    def work(self, workers: int, save: Report) -> None:
        """Translate all that is left; alone, until it is known what the model of the job is."""
        keep_memory()
        while workers == 1 or is_unsettled(self._batch):
            lines = self._input.chunk()
            if not lines:
                break
            save(self._alone(lines))
        else:
            plain = self._plan.is_plain
            setup = Setup(
                self._batch,
                self._plan.input if plain else None,
                self._plan.output,
                self._plan.journal if self._plan.has_contexts else None,
            )
            pool = self._stack.enter_context(closing(Pool(workers, setup)))
            start = Task(self._tally.read + 1, self._input.position)
            pool.run(None if plain else self._input, start, self._place, save)
        for parts in self._journal.rest():
            self._write(stretch_of([*merge_parts(parts, self._batch)]))
        save(attrs.evolve(self._state_at(self._input.position), complete=True))

    def _alone(self, lines: list[bytes]) -> State:
        """Translate and write a chunk."""
        contexts = self._journal if self._plan.has_contexts else None
        first = self._tally.read + 1
        items, self._batch = translate_stretch(lines, self._batch, first=first, contexts=contexts)
        offsets, state = self._place(items, self._input.position)
        stretches = (item for item in items if isinstance(item, Stretch))
        for offset, stretch in zip(offsets, stretches, strict=True):
            self._files["output"].write(offset, stretch.segments)
        return state

    def _place(self, items: Sequence[Stretch | Part], position: int) -> tuple[list[int], State]:
        """Find the places of stretches, and write what stands between and beside them."""
        offsets = []
        for item in items:
            if isinstance(item, Stretch):
                offsets.append(self._reserve(item))
            else:
                self._tally += Tally(read=1)
                self._write(stretch_of(self._joined(item)))
        return offsets, self._state_at(position)

    def _joined(self, part: Part) -> list[Line | Reject]:
        """What becomes of a reply that belongs to others: nothing as yet, if it is not the last."""
        if self._journal.has(part):
            return [part.doubled()]
        parts = self._journal.add(part)
        return [*merge_parts(parts, self._batch)] if parts else []

    def _write(self, stretch: Stretch) -> None:
        self._files["output"].write(self._reserve(stretch), stretch.segments)

    def _reserve(self, stretch: Stretch) -> int:
        """The place of a stretch; what belongs into the files beside the output is written."""
        for name, file in self._files.items():
            if name != "output":
                text: bytes = getattr(stretch, name)
                file.write(file.reserve(len(text)), [text])
        self._tally += stretch.tally
        return self._files["output"].reserve(stretch.size)

    def _state_at(self, position: int) -> State:
        return State(
            run=self._plan.run,
            position=position,
            sizes={name: file.size for name, file in self._files.items()},
            tally=self._tally,
            job_model=self._batch.job_model,
        )
