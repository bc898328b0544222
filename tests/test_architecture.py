"""The house in seven sentences, read from its sources: who imports whom, and what is kept out."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import imagewire
from imagewire.formats.contract import BatchShape

PACKAGE = Path(imagewire.__file__).parent
#: The rooms of the house, ground floor first: each imports only from those before it, and its own.
ROOMS = ["ground", "codec", "rules", "formats", "endpoints", "translate", "batch|arrow", "cli"]
#: `bypass` stands on the ground, and only these use it.
BYPASSED = {"bypass", "translate", "batch"}
#: Rooms that touch files, clocks and processes: all others are pure functions.
EDGES = {"arrow", "cli", "batch.run"}
FORBIDDEN = {
    *("asyncio", "io", "logging", "os", "pathlib", "random", "secrets", "shutil", "socket", "ssl"),
    *("subprocess", "tempfile", "threading", "time", "uuid"),
}


def modules() -> dict[str, Path]:
    """Every module by its name within the package; the public names are ``__init__``."""
    found = {}
    for path in PACKAGE.rglob("*.py"):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        found[".".join(parts[:-1] if len(parts) > 1 and parts[-1] == "__init__" else parts)] = path
    return found


MODULES = modules()


def imports(name: str) -> Iterator[str]:
    """All that a module imports, with full names."""
    for node in ast.walk(ast.parse(MODULES[name].read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def own_imports(name: str) -> set[str]:
    """The modules of the package that a module imports."""
    found = {other.removeprefix("imagewire.") for other in imports(name)}
    return {other for other in found if other in MODULES} - {name}


def texts(name: str) -> set[str]:
    """All texts in a module's code."""
    nodes = ast.walk(ast.parse(MODULES[name].read_text()))
    return {
        node.value
        for node in nodes
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def room(name: str) -> str:
    """The room of a module: its folder, its own name, or the ground floor."""
    first = name.partition(".")[0]
    rooms = {each for floor in ROOMS for each in floor.split("|")} | {"bypass"}
    return first if first in rooms else "ground"


def floor(name: str) -> int:
    return next(i for i, rooms in enumerate(ROOMS) if room(name) in rooms.split("|"))


def test_every_room_imports_only_from_the_rooms_below_it() -> None:
    public = {"__init__", "__main__"}
    wrong = [
        (name, other)
        for name in MODULES.keys() - public
        for other in own_imports(name)
        if (room(other) == "bypass" and room(name) not in BYPASSED)
        or (room(name) == "bypass" and room(other) not in {"bypass", "ground"})
        or ("bypass" not in {room(name), room(other)} and floor(other) > floor(name))
    ]

    assert [] == wrong


def test_no_format_imports_another_and_no_wire_module_the_hub() -> None:
    formats = [f"formats.{name}" for name in imagewire.FORMATS]
    wrong = [
        (name, other)
        for own in formats
        for name in MODULES
        if f"{name}.".startswith(f"{own}.")
        for other in own_imports(name)
        if any(f"{other}.".startswith(f"{each}.") for each in formats if each != own)
    ]
    wires = [name for name in MODULES if name.endswith(".wire")]

    assert [f"{own}.wire" for own in formats] == sorted(wires)
    assert [] == wrong + [(name, "model") for name in wires if "model" in own_imports(name)]


def test_only_its_own_folder_the_table_and_the_public_names_know_a_format() -> None:
    folders = tuple(f"formats.{name}." for name in imagewire.FORMATS)
    families = {model.family for model in imagewire.CATALOG.models}
    apis = set(get_args(BatchShape))
    others = {
        "catalog": families,
        "known_models": families,
        "batch": apis,
        "formats.contract": apis,
        "arrow.documents": {"images"},  # a column
    }  # no formats there
    wrong = [
        (name, said)
        for name in MODULES.keys() - {"__init__", "formats"}
        if not f"{name}.".startswith(folders)
        for said in texts(name) | {other.removeprefix("formats.") for other in own_imports(name)}
        if said in imagewire.FORMATS and said not in others.get(name, others.get(room(name), set()))
    ]

    assert [] == wrong


def test_no_module_imports_itself_by_way_of_others() -> None:
    left = {
        name: {other for other in own_imports(name) if not name.startswith(f"{other}.")}
        for name, path in MODULES.items()
        if path.name != "__init__.py"
    }
    while free := [name for name, others in left.items() if not others & left.keys()]:
        for name in free:
            del left[name]

    assert {} == left


def test_the_core_touches_no_clock_file_network_or_chance() -> None:
    core = [name for name in MODULES if not f"{name}.".startswith(tuple(f"{e}." for e in EDGES))]
    touched = {
        (name, other)
        for name in core
        for other in {each.partition(".")[0] for each in imports(name)} & FORBIDDEN
    }
    asked = {
        (name, node.attr)
        for name in core
        for node in ast.walk(ast.parse(MODULES[name].read_text()))
        if isinstance(node, ast.Attribute) and node.attr in {"now", "utcnow", "today"}
    }

    assert set() == touched | asked


def test_importing_it_loads_three_packages_and_nothing_else() -> None:
    code = (
        "import sys; before = set(sys.modules); import msgspec, attrs, pybase64; "
        "known = set(sys.modules); import imagewire; "
        "print(*sorted({name.split('.')[0] for name in set(sys.modules) - known}"
        " - set(sys.stdlib_module_names)))"
    )
    ran = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    assert "imagewire\n" == ran.stdout


def test_every_module_is_a_noun_that_says_what_it_is_in_at_most_400_lines() -> None:
    banned = {"util", "utils", "helper", "helpers", "common", "misc", "base"}
    wrong = [
        name
        for name, path in MODULES.items()
        if name.rpartition(".")[2] in banned
        or not ast.get_docstring(ast.parse(path.read_text()))
        or len(path.read_text().splitlines()) > 400
    ]

    assert [] == wrong
