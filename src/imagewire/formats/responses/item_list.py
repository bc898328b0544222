"""The list of items of a document in the making, ``input`` or ``output``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from msgspec import structs

from imagewire.codec.writing import Writing
from imagewire.formats.responses import wire
from imagewire.model import Extra, ImageSettings
from imagewire.paths import Path

#: The wire path of the fields of a turn, an answer or a block: no object of this API is one.
NOWHERE: Path = (0,)


class Items:
    """The items of a document in the making, each told when it is whole.

    Those that are ``kept`` by the document's extras stand again where they stood; ``is_told`` is
    whether these say how an answer ended, as all but reasoning does. ``told`` is what a reply says
    of its pictures, None in a request.
    """

    def __init__(
        self,
        field: str,
        writing: Writing,
        extras: Iterable[Extra] = (),
        told: ImageSettings | None = None,
    ) -> None:
        self.writing = writing
        self.told = told
        self.written: list[Any] = []
        self.kept: dict[int, Any] = {}
        self.is_told = False
        self._field = field
        self._ids: Counter[str] = Counter()  # those that were made up
        self._end: wire.Item | None = None  # the last item, if it says how an answer ended
        self.keep(extras)

    def keep(self, extras: Iterable[Extra]) -> None:
        """Take the marks of items among some extras."""
        for extra in extras:
            path = extra.path
            if extra.format == self.writing.format and path[0] == self._field and len(path) == 2:
                self.kept[int(path[1])] = extra.value
                self.is_told = self.is_told or extra.value.get("type") != "reasoning"

    def others(self, extras: Iterable[Extra]) -> tuple[Extra, ...]:
        """The extras of a document but for the fields of kept items, which have them."""
        own = self.writing.format
        return tuple(
            extra
            for extra in extras
            if not (extra.format == own and extra.kept and extra.path[0] == self._field)
        )

    def add(self, item: Any) -> None:
        """Write an item with the extras that wait for it, after those that stood before it."""
        if isinstance(item, wire.Item) and item.id is not None:
            item.id = self.distinct(item.id)
        item = self.writing.finish(item)
        self.writing.placements.clear()
        self.place()
        self.tell(item)
        self._end = None

    def end(self, item: wire.Item) -> None:
        """Write an item that says how an answer ended, unless the last one says the same."""
        if item != self._end:
            said = structs.replace(item)
            self.add(item)
            self._end = said

    def distinct(self, id_: str) -> str:
        """A made-up id as no item before has it: clients take items of one id for one item."""
        self._ids[id_] += 1
        times = self._ids[id_]
        return id_ if times == 1 else f"{id_}_{times}"

    def place(self) -> None:
        """Write the kept items that stood where the next one will."""
        while (item := self.kept.pop(len(self.written), None)) is not None:
            self.tell(item)

    def tell(self, item: Any) -> None:
        """Write an item that has all its fields."""
        self.written.append(item)

    def finish(self) -> list[Any]:
        """All items; those whose index was beyond the last come last."""
        for index in sorted(self.kept):
            self.tell(self.kept.pop(index))
        return self.written
