"""A block of a batch, in chunks: what some consecutive lines become, ready to write."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

import attrs
import msgspec

from imagewire.batch.lines import Batch, line_translator, unless_doubled
from imagewire.batch.records import Contexts, Line, PendingReply, Reject
from imagewire.batch.run.journal import Counts
from imagewire.errors import LossyError
from imagewire.messages import Segment

_encode = msgspec.json.encode


@attrs.define
class Chunk:
    """The output of consecutive lines, in segments, and what belongs in the other files."""

    segments: list[Segment] = attrs.field(factory=list, repr=False)
    size: int = 0  #: bytes of output
    rejects: bytes = b""
    losses: bytes = b""
    contexts: bytes = b""
    counts: Counts = attrs.field(factory=Counts)

    def without_output(self) -> Chunk:
        """The chunk for another process, which does not write the output."""
        return attrs.evolve(self, segments=[])


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

    def without_output(self) -> Block:
        """The block for another process, which does not write the output."""
        return attrs.evolve(self, items=[item.without_output() for item in self.items])


def chunk_of(found: Sequence[Line | Reject], *, read: int = 0, blank: int = 0) -> Chunk:
    """Lines and rejects as a chunk."""
    lines = [each for each in found if type(each) is Line]
    rejects = [each for each in found if type(each) is Reject]
    return Chunk(
        segments=[segment for line in lines for segment in line.body],
        size=sum(len(line.body) for line in lines),
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
    )


def translate_block(
    lines: Sequence[bytes],
    batch: Batch,
    *,
    first: int,
    contexts: Contexts | None,
    taken: AbstractSet[str] = frozenset(),
) -> tuple[Block, Batch]:
    """Translate a block of lines; those with ids that are ``taken`` by earlier blocks are rejects.

    The batch comes back with the model of its job: if it has no ``model`` for all requests, that is
    the one of the first request.
    """
    block = Block(first)
    seen = {*taken}
    found: list[Line | Reject] = []
    blank = in_chunks = 0
    unknown_model = lacks_job_model(batch)
    translate = line_translator(batch, contexts)
    for number, line in enumerate(lines, first):
        result = translate(line, number)
        if result is None:
            blank += 1
            continue
        result = unless_doubled(result, seen)
        if type(result) is PendingReply:
            read = number - first - in_chunks
            block.items += (chunk_of(found, read=read, blank=blank), result)
            found, blank, in_chunks = [], 0, number - first + 1
        else:
            found.append(result)
            if unknown_model and isinstance(result, Line):
                batch = attrs.evolve(batch, job_model=result.model)
                translate = line_translator(batch, contexts)
                unknown_model = False
    block.items.append(chunk_of(found, read=len(lines) - in_chunks, blank=blank))
    block.ids = seen - taken
    return block, batch


def lacks_job_model(batch: Batch) -> bool:
    """Whether the model of the job is not known yet."""
    return batch.kind == "request" and batch.model is None and batch.job_model is None
