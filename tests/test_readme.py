"""README's code runs and prints what README says; its tables are those of the code."""

from __future__ import annotations

import contextlib
import io
import re
import textwrap
from pathlib import Path
from typing import get_args, get_type_hints

import attrs
import pytest

import imagewire
from test_recipes import RECIPES

README = (Path(__file__).parent.parent / "README.md").read_text()
PROXY = (Path(__file__).parent / "recipes" / "proxy.py").read_text()
BLOCK = re.compile(
    r"^( *)```python\n((?:(?! *```).*\n)*) *```\n\s*^ *```text\n((?:(?! *```).*\n)*) *```\n",
    re.MULTILINE,
)
EXAMPLES = [
    pytest.param(textwrap.dedent(code), textwrap.dedent(printed), id=f"line-{line}")
    for code, printed, line in (
        (match[2], match[3], README[: match.start()].count("\n") + 1)
        for match in BLOCK.finditer(README)
    )
]


def from_to_table() -> str:
    """The table of directions, from the registry."""
    names = list(imagewire.FORMATS)
    rows = [["from \\ to", *names], ["---"] * (len(names) + 1)]
    rows += [[f"**{name}**", *["✓"] * len(names)] for name in names]
    lines = [
        "|" + "|".join(row) + "|" if row[0] == "---" else f"| {' | '.join(row)} |" for row in rows
    ]
    return "\n".join(lines)


class TestExamples:
    @pytest.mark.parametrize(("code", "printed"), EXAMPLES)
    def test_an_example_prints_what_stands_below_it(self, code: str, printed: str) -> None:
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            exec(compile(code, "README.md", "exec"), {})  # noqa: S102 - README's own code

        assert printed == out.getvalue()

    def test_the_proxy_is_the_one_that_the_tests_run(self) -> None:
        assert f"\n```python\n{PROXY}```\n" in README

    def test_every_other_python_block_has_its_output(self) -> None:
        assert README.count("```python") == len(EXAMPLES) + len(RECIPES) + 1


class TestTables:
    def test_the_from_to_table_is_that_of_the_registry(self) -> None:
        match = re.search(r"<!-- from-to -->\n(.*?)\n<!-- /from-to -->", README, re.DOTALL)

        assert match
        assert from_to_table() == match[1]

    def test_the_options_are_those_of_the_code(self) -> None:
        fields = attrs.fields_dict(imagewire.Options)
        rows = dict(re.findall(r"^\| `(\w+)` \| (.*?) \|", README, re.MULTILINE))

        assert list(fields) == list(rows)
        assert {name: _values(name) for name in fields} == rows


def _values(name: str) -> str:
    annotation = get_type_hints(imagewire.Options)[name]
    if name == "boundary":
        return "`None`, a string"
    if annotation is bool:
        default = getattr(imagewire.Options(), name)
        return f"`{default}`, `{not default}`"
    return ", ".join(f"`{value}`" for value in get_args(annotation))


class TestQuickStart:
    def test_there_are_exactly_two_commands_of_one_line_each(self) -> None:
        section = README.partition("## Quick start")[2].partition("\n## ")[0]
        blocks = re.findall(r"```sh\n(.*?)```", section, re.DOTALL)

        assert 2 == len(blocks)
        assert [1, 1] == [block.count("\n") for block in blocks]
