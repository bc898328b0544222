"""Losses and errors of a writer, with their paths in the source document.

Writers know hub paths only; what a reader noted on its way (`imagewire.paths.Provenance`) says
where these came from, so nothing is read twice. A format from outside may note nothing: its paths
stay those of the hub.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from msgspec import structs

from imagewire.errors import TranslationError
from imagewire.loss import Loss
from imagewire.paths import Path, Provenance, join, split
from imagewire.translate.merge import Merged


def located(losses: Iterable[Loss], source: Provenance | None) -> Iterable[Loss]:
    """Losses with paths in the source document; a range of turns may be several there."""
    if source is None:
        return losses
    return [
        structs.replace(loss, path=path) for loss in losses for path in source.ranges(loss.path)
    ]


def locate_error(error: TranslationError, source: Provenance | None) -> None:
    """Point an error of a writer into the source document."""
    if source is not None:
        error.path = source.locate(error.path)


def located_path(path: Path, source: Provenance | None) -> Path:
    """The path in the source document of a hub path."""
    return path if source is None else tuple(split(source.locate(join("$", path))))


def prefixed(losses: Iterable[Loss], prefix: str) -> Iterator[Loss]:
    """Losses of one document with their paths among several: ``$[1].choices`` for ``$.choices``."""
    for loss in losses:
        yield structs.replace(loss, path=prefix + loss.path.removeprefix("$"))


def located_in_replies(
    losses: Iterable[Loss], merged: Merged, sources: Sequence[Provenance | None]
) -> Iterable[Loss]:
    """Losses of a merged reply, each with its path in the reply that it came from."""
    return located(losses, sources[0]) if len(sources) == 1 else _traced(losses, merged, sources)


def _traced(
    losses: Iterable[Loss], merged: Merged, sources: Sequence[Provenance | None]
) -> Iterator[Loss]:
    """Losses of several replies, each with the number of its reply in its path."""
    for loss in losses:
        call, path = merged.origin(loss.path)
        found = located([structs.replace(loss, path=path)], sources[call])
        yield from prefixed(found, f"$[{call}]")
