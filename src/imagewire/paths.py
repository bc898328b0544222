"""JSON paths: ``$.contents[0].parts[1]``, in the spelling of the document they point into.

The field of a form is named as the form names it, ``$.svg[model]`` or ``$.tags[][name]``: names in
brackets are a part of the step before, numbers in brackets are steps.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from imagewire.patterns import pattern
from imagewire.redaction import clean

#: The step of a hub path that leads to a node's extras.
EXTRAS = "extras"

#: A path in the making: cheaper to carry than its text, which only what is reported needs.
Path = tuple[str | int, ...]

_IN_BRACKETS = r"(?:\[(?:[A-Za-z_]\w*)?\])"  # the rest of a form field's name
_STEP = pattern(rf"\.([^.\[\]]+{_IN_BRACKETS}*)|\[(\d+)\]")
_FIELD_NAME = pattern(rf"[^.\[\]]+{_IN_BRACKETS}+")
_RANGE = pattern(r"(.+)\[(\d+):(\d+)\]")
_UNSAFE = pattern(r"[.\[\]\x00-\x1f\x7f-\x9f]")
_SHORTEST_KEY = 15  # letters of a secret that is masked: "sk-" and twelve more
_LONGEST_NAME = 256  # letters: no field of an API has half of that
_HUMP = pattern(r"(?<=[a-z0-9])([A-Z])")
_SCORE = pattern(r"_([a-z0-9])")


def shown(name: str) -> str:
    """A key as paths and sentences show it: 64 characters, no secret, nothing that steers a path.

    A client chooses the keys of a body, too.
    """
    if name.isidentifier() and len(name) < _SHORTEST_KEY:
        return name
    name = clean(name)[:64]
    return name if _FIELD_NAME.fullmatch(name) else _UNSAFE.sub("_", name)


def join(prefix: str, steps: Iterable[str | int]) -> str:
    """A path with more steps, keys as they may be shown."""
    for step in steps:
        if isinstance(step, int):
            prefix = f"{prefix}[{step}]"
        elif step.isidentifier() and len(step) < _SHORTEST_KEY:  # as most are, without the call
            prefix = f"{prefix}.{step}"
        else:
            prefix = f"{prefix}.{shown(step)}"
    return prefix


def text(path: str | Path) -> str:
    """A path as it is reported."""
    return path if isinstance(path, str) else join("$", path)


def split(path: str) -> list[str | int]:
    """The steps of a path."""
    if "[" not in path:  # as those of settings
        return [*filter(None, path.split(".")[1:])]
    return [key or int(index) for key, index in _STEP.findall(path)]


def other_spellings(key: str) -> tuple[str, str]:
    """A key in snake_case and in camelCase; one that is too long for a name, as it is."""
    if len(key) > _LONGEST_NAME:
        return key, key
    return (
        _HUMP.sub(lambda hump: f"_{hump[1].lower()}", key),
        _SCORE.sub(lambda score: score[1].upper(), key),
    )


def follow(document: Any, path: str | Path) -> tuple[str, bool]:
    """A path in the document's own spelling, and whether it is there.

    Where the document spells a key in the other case, its spelling is taken.
    """
    steps = split(path) if isinstance(path, str) else list(path)
    for depth, step in enumerate(steps):
        if isinstance(document, dict) and isinstance(step, str):
            below = document.get(step)
            if below is None:
                others = (key for key in other_spellings(step) if document.get(key) is not None)
                steps[depth] = next(others, step)
                below = document.get(steps[depth])
            if below is None:
                return _joined(steps), False
            document = below
        elif isinstance(document, list) and isinstance(step, int) and step < len(document):
            document = document[step]
        elif step == 0 and depth and steps[depth - 1] and not isinstance(document, list | None):
            steps[depth] = ""  # one value where a list belongs
        else:
            return _joined(steps), False
    return _joined(steps), True


def _joined(steps: Sequence[str | int]) -> str:
    return join("$", [step for step in steps if step != ""] if "" in steps else steps)


class Provenance(msgspec.Struct, gc=False):
    """Where in a document the nodes of a hub value came from, as its reader noted.

    ``nodes`` maps hub nodes (turns, parts) to wire nodes, ``wire_paths`` hub settings to the paths
    that they may have been read from. ``value`` is the document as its wire struct, ``tree`` as
    plain data, where it was read as that. ``first_turn`` is the turn of the document that is turn 0
    of the hub value now. ``origin`` are the body and the reading of it, for a
    document that goes back as it was. ``fields`` is the struct as plain data, once that is needed:
    what it does not name is not there.
    """

    nodes: dict[Path, Path]
    wire_paths: Mapping[str, Sequence[str]]
    value: Any = None
    tree: Any = None
    first_turn: int = 0
    origin: Any = None
    fields: Any = None

    def __eq__(self, other: object) -> bool:
        """Two outcomes are equal where they say the same, wherever it stood."""
        return isinstance(other, Provenance)

    def __hash__(self) -> int:
        return hash(Provenance)

    def __reduce__(self) -> tuple[Any, ...]:
        """For pickle and copy: what says where things came from, without the reading itself."""
        fields = self.fields if self.value is None else self.value
        deep = msgspec.json.encode((fields, self.tree))  # than pickle and copy go, it may be
        return _unpickled, (self.nodes, self.wire_paths, self.first_turn, deep)

    def __repr__(self) -> str:  # it may land in a log, and holds the document
        return "Provenance()"

    def locate(self, path: str) -> str:
        """The path in the document of a hub path, in the document's own spelling.

        The longest known beginning of the hub path decides; a setting that is nowhere in the
        document keeps the first of its wire paths. The path of an extra goes on in the wire's own
        names; where a node's extras come from another node, ``nodes`` says so.
        """
        found = self.wire_paths.get(path)  # as most settings are
        if found is not None:
            return self._first_present(found)
        return self._spelled(self.wire_path(tuple(split(path))))

    def ranges(self, path: str) -> list[str]:
        """The paths in the document of a hub path, which may be a range: ``$.turns[0:3]``.

        What lies in a row in the document is one range again.
        """
        match = _RANGE.fullmatch(path) if ":" in path else None
        if match is None:
            return [self.locate(path)]
        items = tuple(split(match[1]))
        others = self.wire_path(items)  # where the items are that no reader noted
        runs: list[tuple[Path, int, int]] = []  # a list, its first item, the end
        for index in range(int(match[2]), int(match[3])):
            *found, place = self.nodes.get(items + (index,)) or others + (index,)
            if runs and runs[-1][::2] == (tuple(found), place):
                runs[-1] = (*runs[-1][:2], int(place) + 1)
            else:
                runs.append((tuple(found), int(place), int(place) + 1))
        return [item_range(self._spelled(run[0]), *run[1:]) for run in runs]

    def wire_path(self, steps: Path) -> Path:
        """The wire path of a hub path, in the spelling of the wire structs."""
        if not steps:
            return steps
        if self.first_turn and steps[:2] == ("turns", 0):
            steps = ("turns", self.first_turn, *steps[2:])
        if EXTRAS in steps:
            end = steps.index(EXTRAS)
            for length in range(len(steps), end, -1):
                if steps[:length] in self.nodes:
                    return (*self.nodes[steps[:length]], *steps[length:])
            return (*self.wire_path(steps[:end]), *steps[end + 1 :])
        for length in range(len(steps), 0, -1):
            beginning = steps[:length]
            if beginning in self.nodes:
                return self.nodes[beginning] + steps[length:]
            if isinstance(beginning[-1], str):  # a setting, or a list as a whole
                found = self.wire_paths.get("$." + ".".join(map(str, beginning)))
                if found is not None:
                    return (*split(self._first_present(found)), *steps[length:])
        return steps

    def _spelled(self, path: Path) -> str:
        return join("$", path) if self.tree is None else follow(self.tree, path)[0]

    def _first_present(self, paths: Sequence[str]) -> str:
        """Which of several paths the document has; the first if none."""
        tree = self.tree
        if tree is None:
            if len(paths) == 1:
                return paths[0]
            if self.fields is None:
                self.fields = msgspec.to_builtins(self.value)
            tree = self.fields
        for path in paths:
            found, there = follow(tree, path)
            if there:
                return found
        return follow(tree, paths[0])[0]


def _unpickled(
    nodes: dict[Path, Path], wire_paths: Mapping[str, Sequence[str]], first_turn: int, deep: bytes
) -> Provenance:
    fields, tree = msgspec.json.decode(deep)
    return Provenance(nodes, wire_paths, None, tree, first_turn, fields=fields)


def item_range(items: str, first: int, end: int) -> str:
    """The path of some items of a list in a row: ``$.turns[0:3]``, or ``$.turns[0]`` of one."""
    return f"{items}[{first}]" if end == first + 1 else f"{items}[{first}:{end}]"
