"""Where losses and errors of a writer come from in the source document.

Writers know hub paths only. The way back runs only when there is something to report: the source's
format reads the document again, noting places.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby
from typing import Literal

import msgspec
from msgspec import structs

from imagewire.formats import Format
from imagewire.loss import Loss
from imagewire.messages import JSON_TYPE, Body
from imagewire.options import Options
from imagewire.translate.merge import Merged

_ITEM = re.compile(r"(\$\.\w+)\[(\d+)\]")
_RANGE = re.compile(r"(\$\.\w+)\[(\d+)(?::(\d+))?\]")


class Origin(msgspec.Struct, kw_only=True):
    """A source document; ``prefix`` is its place among several, ``body`` None if it has none."""

    reader: Format
    body: Body | None
    of: Literal["request", "response"]
    options: Options
    content_type: str = JSON_TYPE
    prefix: str = "$"
    first_turn: int = 0  #: which turn of the document is the writer's turn 0

    def locate(self, paths: Sequence[str]) -> list[str]:
        """Where in the source document hub paths come from."""
        found = [self._unshifted(path) for path in paths]
        locate = getattr(self.reader, "locate", None)
        if self.body is not None and locate is not None:
            found = locate(
                self.body, found, of=self.of, content_type=self.content_type, options=self.options
            )
        return [self.prefixed(path) for path in found]

    def losses(self, losses: Sequence[Loss]) -> tuple[Loss, ...]:
        """Losses with paths in the source document; runs of turns become ranges."""
        if not losses:
            return ()
        paths = self.locate([loss.path for loss in losses])
        return merge_ranges(
            [structs.replace(loss, path=path) for loss, path in zip(losses, paths, strict=True)]
        )

    def prefixed(self, path: str) -> str:
        """A path in this document as a path among all documents."""
        return self.prefix + path.removeprefix("$")

    def _unshifted(self, path: str) -> str:
        if self.first_turn and path.startswith("$.turns[0]"):
            return f"$.turns[{self.first_turn}]" + path.removeprefix("$.turns[0]")
        return path


def losses_of_replies(
    losses: Sequence[Loss], merged: Merged, origins: Sequence[Origin]
) -> list[Loss]:
    """Losses of a merged reply, each with its path in the reply that it came from."""
    moved = []
    for loss in losses:
        call, path = merged.origin(loss.path)
        moved.append((call, structs.replace(loss, path=path)))
    return [
        loss
        for call, group in groupby(moved, key=lambda item: item[0])
        for loss in origins[call].losses([found for _, found in group])
    ]


def merge_ranges(losses: Sequence[Loss]) -> tuple[Loss, ...]:
    """Losses in which runs of list items with one fate are one: ``$.messages[0:3]``.

    Only items of the document's own lists are merged: a lost image is worth a line of its own.
    """
    merged: list[Loss] = []
    runs: dict[tuple[str, str], int] = {}  # (list, what is said) -> its run's place in `merged`
    for loss in losses:
        match = _ITEM.fullmatch(loss.path)
        key = (match[1], f"{loss.kind} {loss.level} {loss.detail}") if match else None
        before = _RANGE.fullmatch(merged[runs[key]].path) if key in runs else None
        if match and key and before and int(before[3] or int(before[2]) + 1) == int(match[2]):
            path = f"{match[1]}[{before[2]}:{int(match[2]) + 1}]"
            merged[runs[key]] = structs.replace(loss, path=path)
            continue
        if key:
            runs[key] = len(merged)
        merged.append(loss)
    return tuple(merged)
