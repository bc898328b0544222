"""A block of a batch, in chunks: what some consecutive lines become, ready to write."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path

import attrs
import msgspec

from imagewire.batch.lines import Batch, line_translator, unless_doubled
from imagewire.batch.records import Contexts, Job, Line, PendingReply, Reject
from imagewire.batch.run.files import packed
from imagewire.batch.run.journal import Counts
from imagewire.batch.run.ledger import Cutter, Part, Rooms
from imagewire.batch.run.outputs import is_split
from imagewire.errors import LossyError

_encode = msgspec.json.encode


@attrs.define
class Chunk:
    """The output of consecutive lines, in parts, and what belongs in the other files."""

    parts: list[Part] = attrs.field(factory=list)
    rejects: bytes = b""
    losses: bytes = b""
    contexts: bytes = b""
    counts: Counts = attrs.field(factory=Counts)
    rejected_ids: tuple[str, ...] = ()

    def without_output(self) -> Chunk:
        """The chunk for another process, which does not write the output."""
        return attrs.evolve(self, parts=[attrs.evolve(part, segments=[]) for part in self.parts])


@attrs.define
class Block:
    """What a block of lines becomes: chunks, and between them replies that wait for others."""

    first: int  #: the number of its first line
    items: list[Chunk | PendingReply] = attrs.field(factory=list)
    ids: AbstractSet[str] = frozenset()  #: those that its lines have, or want

    @property
    def chunks(self) -> list[Chunk]:
        """Its chunks."""
        return [item for item in self.items if isinstance(item, Chunk)]

    @property
    def parts(self) -> list[Part]:
        """All parts of its chunks."""
        return [part for chunk in self.chunks for part in chunk.parts]

    def without_output(self) -> Block:
        """The block for another process, which does not write the output."""
        return attrs.evolve(self, items=[item.without_output() for item in self.items])


@attrs.frozen
class Terms:
    """What a block has to know of those before it: ids that are taken, and room that is left.

    Without ``rooms`` there is enough.
    """

    taken: AbstractSet[str] = frozenset()
    rooms: Rooms | None = None


@attrs.frozen
class Work:
    """How the blocks of a run become chunks of its output, which may be one file a job."""

    batch: Batch
    output: Path
    contexts: Contexts | None = None

    @property
    def is_split(self) -> bool:
        """Whether output is one file a job."""
        return is_split(self.output)

    @property
    def lacks_job(self) -> bool:
        """Whether the job of the only file is not known yet."""
        return self.batch.kind == "request" and self.batch.job is None and not self.is_split

    def chunk_of(
        self,
        found: Sequence[Line | Reject],
        *,
        read: int = 0,
        blank: int = 0,
        starts: Collection[int] = (),
    ) -> Chunk:
        """Lines and rejects as a chunk; ``starts`` are the numbers of lines that begin a file."""
        lines = [each for each in found if type(each) is Line]
        rejects = [each for each in found if type(each) is Reject]
        known = self.contexts is not None
        return Chunk(
            parts=list(self._parts(lines, starts)) if lines else [],
            rejects=b"".join(reject.record() for reject in rejects),
            losses=b"".join(line.loss_records() for line in lines if line.losses),
            contexts=b"".join(
                _encode(line.stored_context) + b"\n"
                for line in lines
                if line.stored_context is not None
            ),
            counts=Counts(
                read=read,
                blank=blank,
                written=len(lines),
                rejected=len(rejects),
                lost=sum(isinstance(reject.error, LossyError) for reject in rejects),
                failed=sum(line.failure is not None for line in lines),
                losses=sum(len(line.losses) for line in lines),
            ),
            rejected_ids=tuple(each.id for each in rejects if known and each.id is not None),
        )

    def _parts(self, lines: Sequence[Line], starts: Collection[int]) -> Iterable[Part]:
        if not self.is_split:
            return [self._part(lines)]
        parts: list[list[Line]] = []
        at_work: dict[Job | None, list[Line]] = {}
        for line in lines:
            if line.number in starts or line.job not in at_work:
                at_work[line.job] = []
                parts.append(at_work[line.job])
            at_work[line.job].append(line)
        return [self._part(part, is_new=part[0].number in starts) for part in parts]

    def _part(self, lines: Sequence[Line], *, is_new: bool = False) -> Part:
        segments = [segment for line in lines for segment in line.body]
        stored = packed(self.output, segments)
        size = sum(map(len, stored))
        return Part(
            job=lines[0].job,
            is_new=is_new,
            lines=sum(line.count for line in lines),
            bytes=size if stored is segments else sum(map(len, segments)),
            size=size,
            segments=stored,
        )


def translate_block(
    lines: Sequence[bytes], work: Work, *, first: int, terms: Terms = Terms()
) -> tuple[Block, Work]:
    """Translate a block of lines; those with ids that are taken, or without room, are rejects.

    The work comes back with the job of its only file, which is that of the first request.
    """
    block = Block(first)
    seen = {*terms.taken}
    cutter = None if terms.rooms is None else Cutter(terms.rooms, is_split=work.is_split)
    found: list[Line | Reject] = []
    blank = in_chunks = 0
    lacks_job = work.lacks_job
    translate = line_translator(work.batch, work.contexts)
    for number, line in enumerate(lines, first):
        result = translate(line, number)
        if result is None:
            blank += 1
            continue
        result = unless_doubled(result, seen)
        if type(result) is PendingReply:
            read = number - first - in_chunks
            block.items += (work.chunk_of(found, read=read, blank=blank), result)
            found, blank, in_chunks = [], 0, number - first + 1
            continue
        if cutter is not None and isinstance(result, Line):
            result = cutter.laid(result)
        found.append(result)
        if lacks_job and isinstance(result, Line):
            lacks_job = False
            work = attrs.evolve(work, batch=attrs.evolve(work.batch, job=result.job))
            translate = line_translator(work.batch, work.contexts)
    starts = () if cutter is None else cutter.starts
    read = len(lines) - in_chunks
    block.items.append(work.chunk_of(found, read=read, blank=blank, starts=starts))
    block.ids = seen - terms.taken
    return block, work
