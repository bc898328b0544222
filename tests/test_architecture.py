"""The house rules, read from the sources: who imports whom, and what the core never touches."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import imagewire

PACKAGE = Path(imagewire.__file__).parent
EDGES = ("arrow", "cli", "cli_batch", "cli_options", "jobs")

#: Modules by layer: each imports only from layers above it (spokes: their own folder too).
LAYERS = (
    {"digest", "redaction", "stand_in"},
    {"model", "paths"},
    {"loss", "options", "schema"},
    {"errors", "finish", "message", "runs"},
    {"geometry", "media", "catalog", "drafts"},
    {"codec", "values", "prompt", "endpoints"},
    {"failures", "spoke"},
    {
        "merge",
        "formats.contract",
        "formats.extra_content",
        "formats.google",
        "formats.openai_error",
    },
    {"formats.chat", "formats.gemini", "formats.images"},
    {"formats"},
    {"origin", "result"},
    {"bulk"},
    {"translate"},
    {""},
    {"envelope", "record"},
    {"template"},
    {"batch"},
    {"jobs", "jobs.files", "jobs.journal"},
    {"jobs.stretch"},
    {"jobs.pool"},
    {"jobs.job"},
    {"cli_options"},
    {"cli_batch"},
    {"arrow", "cli"},
)
FORBIDDEN = {
    "asyncio",
    "io",
    "logging",
    "os",
    "pathlib",
    "random",
    "secrets",
    "shutil",
    "socket",
    "ssl",
    "subprocess",
    "tempfile",
    "threading",
    "time",
    "uuid",
}


def modules() -> dict[str, Path]:
    """Every module of the package by its dotted name."""
    found = {}
    for path in PACKAGE.rglob("*.py"):
        parts = ("imagewire", *path.relative_to(PACKAGE).with_suffix("").parts)
        found[".".join(part for part in parts if part != "__init__")] = path
    return found


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def layer(module: str) -> int:
    """The layer of a module; a spoke's modules all stand in the spoke's layer."""
    name = module.removeprefix("imagewire").removeprefix(".")
    if name.startswith("formats.") and name.count(".") > 1:
        name = ".".join(name.split(".")[:2])
    return next(index for index, names in enumerate(LAYERS) if name in names)


MODULES = modules()
CORE = sorted(name for name in MODULES if not name.removeprefix("imagewire.").startswith(EDGES))


class TestDirection:
    @pytest.mark.parametrize("name", sorted(MODULES))
    def test_a_module_imports_only_from_layers_above_it(self, name: str) -> None:
        own = [other for other in imports(MODULES[name]) if other in MODULES and other != name]
        wrong = [
            other for other in own if layer(other) > layer(name) and not name.startswith(other)
        ]

        assert [] == wrong

    @pytest.mark.parametrize("name", sorted(MODULES))
    def test_spokes_never_import_each_other(self, name: str) -> None:
        parts = name.split(".")
        spokes = {f"imagewire.formats.{spoke}" for spoke in imagewire.FORMATS}
        own = ".".join(parts[:3])
        others = spokes - {own} if own in spokes else set()

        assert set() == {
            other for other in imports(MODULES[name]) for spoke in others if other.startswith(spoke)
        }

    def test_wire_structs_know_no_hub(self) -> None:
        wires = [name for name in MODULES if name.endswith(".wire")]

        assert {f"imagewire.formats.{spoke}.wire" for spoke in imagewire.FORMATS} == set(wires)
        assert [] == [n for n in wires if "imagewire.model" in set(imports(MODULES[n]))]

    def test_there_is_no_cycle(self) -> None:
        graph = {
            name: {other for other in imports(path) if other in MODULES}
            - {name, *(name.rsplit(".", depth)[0] for depth in range(1, name.count(".") + 1))}
            for name, path in MODULES.items()
            if path.name != "__init__.py"
        }
        done: set[str] = set()
        while True:
            free = {
                name
                for name in graph
                if name not in done and not (graph[name] & graph.keys()) - done
            }
            if not free:
                break
            done |= free

        assert set(graph) == done


class TestPurity:
    @pytest.mark.parametrize("name", CORE)
    def test_the_core_touches_no_clock_file_network_or_chance(self, name: str) -> None:
        assert set() == FORBIDDEN & {other.split(".")[0] for other in imports(MODULES[name])}

    @pytest.mark.parametrize("name", CORE)
    def test_the_core_asks_nobody_the_time(self, name: str) -> None:
        calls = {
            node.attr
            for node in ast.walk(ast.parse(MODULES[name].read_text()))
            if isinstance(node, ast.Attribute)
        }

        assert set() == calls & {"now", "utcnow", "today"}

    def test_importing_it_loads_three_packages_and_nothing_else(self) -> None:
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


class TestShape:
    @pytest.mark.parametrize("name", sorted(MODULES))
    def test_no_file_is_above_400_lines(self, name: str) -> None:
        assert len(MODULES[name].read_text().splitlines()) <= 400

    def test_every_module_is_a_noun(self) -> None:
        banned = {"util", "utils", "helper", "helpers", "common", "misc", "base"}

        assert set() == {name.rsplit(".", 1)[-1] for name in MODULES} & banned

    @pytest.mark.parametrize("name", sorted(MODULES))
    def test_every_module_says_what_it_is(self, name: str) -> None:
        assert ast.get_docstring(ast.parse(MODULES[name].read_text()))
