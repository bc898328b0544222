"""What README and the modules' docstrings show is true: examples, tables, commands and links."""

from __future__ import annotations

import ast
import contextlib
import io
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, get_args, get_type_hints

import attrs
import httpx
import msgspec
import pytest

import imagewire
from cases import DATA
from imagewire.catalog import Model

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
PAGES = ["README.md", "CONTRIBUTING.md", "benchmarks/README.md", "snapshots/README.md"]
PACKAGE = Path(imagewire.__file__).parent

#: The texts that show examples: README, and the docstrings of modules.
TEXTS = {"README": README} | {
    ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts): found
    for path in sorted(PACKAGE.rglob("*.py"))
    if (found := ast.get_docstring(ast.parse(path.read_text()))) and "```python" in found
}
BLOCK = r"((?:(?!```).*\n)*)```$"
EXAMPLE = re.compile(rf"^```python\n{BLOCK}\n\n```text\n{BLOCK}", re.MULTILINE)
EXAMPLES = [
    pytest.param(match[1], match[2], id=f"{name}-{number}")
    for name, text in TEXTS.items()
    for number, match in enumerate(EXAMPLE.finditer(text), 1)
]
LOOP = re.compile(rf"^```python\n(?=[^`]*^def handle\(){BLOCK}", re.MULTILINE)


def section(title: str) -> str:
    """The text of README below a heading."""
    return README.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


class TestLength:
    def test_readme_has_at_most_250_lines(self) -> None:
        assert len(README.splitlines()) <= 250

    def test_contributing_has_at_most_120_lines(self) -> None:
        assert len((ROOT / "CONTRIBUTING.md").read_text().splitlines()) <= 120


class TestExamples:
    @pytest.mark.parametrize(("code", "printed"), EXAMPLES)
    def test_an_example_prints_what_stands_below_it(self, code: str, printed: str) -> None:
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            exec(compile(code, "example", "exec"), {})  # noqa: S102 - our own code

        assert printed == out.getvalue()

    def test_every_python_block_but_the_loop_of_a_proxy_has_its_output(self) -> None:
        blocks = sum(text.count("```python") for text in TEXTS.values())

        assert blocks == len(EXAMPLES) + len(LOOP.findall(README))

    def test_the_first_screen_shows_a_loss_and_an_error_with_their_paths(self) -> None:
        shown = [match[2] for match in EXAMPLE.finditer(README.partition("## Quick start")[0])]

        assert [True, True] == [" | $." in shown[0], " - at `$." in shown[1]]


class TestModels:
    #: No clock: the day on which the examples were last looked at.
    CHECKED = date(2026, 11, 26)
    NAME = re.compile(r"\b(?:chatgpt-image|dall-e|gemini|gpt-image|imagen|nano-banana)-[\w.-]*\w")

    def test_examples_name_living_models_by_their_stable_ids(self) -> None:
        code = [example.values[0] for example in EXAMPLES] + LOOP.findall(README)
        names = {name for text in code for name in self.NAME.findall(str(text))}
        rows = {model.id: model for model in imagewire.CATALOG.models}

        assert {"gemini-nano-banana-2.1", "gpt-image-2"} <= names
        assert [] == [name for name in names if not self.lives(rows.get(name))]

    def lives(self, model: Model | None) -> bool:
        if model is None:
            return False
        ends = [day for day in (model.deprecated, model.retires) if day is not None]
        return all(day > self.CHECKED for day in ends)


class TestProxyLoop:
    """The loop that README shows, between a client and an upstream in memory."""

    CHAT = msgspec.json.encode(
        {
            "model": "google/gemini-nano-banana-2.1",
            "n": 2,
            "messages": [{"role": "user", "content": "a fox"}],
        }
    )
    PICTURE = (DATA / "gemini_response_ok_seed.json").read_bytes()

    def answer(
        self, path: str, body: bytes, upstream: Callable[[httpx.Request], httpx.Response]
    ) -> Any:
        """The status, headers and body that a client gets."""
        names: dict[str, Any] = {}
        [code] = LOOP.findall(README)
        exec(compile(code, "README.md", "exec"), names)  # noqa: S102 - README's own code
        keys = {"gemini": "gemini-key", "images": "openai-key"}
        with httpx.Client(transport=httpx.MockTransport(upstream)) as http:
            return names["handle"]("POST", path, "application/json", body, keys, http)

    def test_a_client_gets_as_many_pictures_as_it_asked_for(self) -> None:
        calls = []

        def upstream(call: httpx.Request) -> httpx.Response:
            calls.append((str(call.url), call.headers["x-goog-api-key"]))
            return httpx.Response(200, content=self.PICTURE)

        status, _, body = self.answer("/v1/chat/completions", self.CHAT, upstream)

        base = "https://generativelanguage.googleapis.com/v1beta/models"
        url = f"{base}/gemini-nano-banana-2.1:generateContent"
        assert [(url, "gemini-key")] * 2 == calls
        assert (200, 2) == (status, bytes(body).count(b"data:image/png;base64,"))

    def test_a_broken_request_is_answered_in_the_clients_dialect(self) -> None:
        def upstream(call: httpx.Request) -> httpx.Response:
            raise AssertionError(call)

        status, _, body = self.answer("/v1/chat/completions", b"{}", upstream)

        error = msgspec.json.decode(bytes(body))["error"]
        assert (400, "invalid_request_error") == (status, error["type"])

    def test_another_path_is_not_found(self) -> None:
        assert 404 == self.answer("/v1/embeddings", b"{}", lambda _: httpx.Response(200))[0]


class TestTables:
    def test_the_from_to_table_is_that_of_the_registry(self) -> None:
        match = re.search(r"<!-- from-to -->\n(.*?)\n<!-- /from-to -->", README, re.DOTALL)

        assert match
        assert from_to_table() == match[1]

    def test_the_options_are_those_of_the_code(self) -> None:
        fields = attrs.fields_dict(imagewire.Options)
        rows = dict(re.findall(r"^\| `(\w+)` \| (.*?) \|", section("Options"), re.MULTILINE))

        assert list(fields) == list(rows)
        assert {name: _values(name) for name in fields} == rows

    def test_the_ways_to_carry_pictures_in_chat_are_those_of_the_code(self) -> None:
        rows = re.findall(r'^\| `"(\w+)"`', section("In a proxy"), re.MULTILINE)

        assert list(get_args(get_type_hints(imagewire.Options)["chat_images"])) == rows

    def test_every_recipe_is_in_the_table(self) -> None:
        recipes = {path.name for path in (ROOT / "tests" / "recipes").glob("*.py")}

        table = section("Tables, batch files, command line")
        assert recipes - {"test_recipes.py"} == set(re.findall(r"\(tests/recipes/(.*?)\)", table))


def from_to_table() -> str:
    """The table of directions, from the registry."""
    names = list(imagewire.FORMATS)
    rows = [["from \\ to", *names], ["---"] * (len(names) + 1)]
    rows += [[f"**{name}**", *["✓"] * len(names)] for name in names]
    lines = [
        "|" + "|".join(row) + "|" if row[0] == "---" else f"| {' | '.join(row)} |" for row in rows
    ]
    return "\n".join(lines)


#: Options that take any text, and what it is.
_TEXTS = {"boundary": "a string", "responses_model": "a name"}


def _values(name: str) -> str:
    annotation = get_type_hints(imagewire.Options)[name]
    if name in _TEXTS:
        return f"`None`, {_TEXTS[name]}"
    if annotation is bool:
        default = getattr(imagewire.Options(), name)
        return f"`{default}`, `{not default}`"
    return ", ".join(f"`{value}`" for value in get_args(annotation))


class TestLinks:
    @pytest.mark.parametrize("page", PAGES)
    def test_links_are_relative_and_lead_to_files(self, page: str) -> None:
        prose = re.sub(r"`[^`\n]+`", "", (ROOT / page).read_text())
        links = [link.partition("#")[0] for link in re.findall(r"\]\(([^)]+)\)", prose)]

        assert [] == [link for link in links if not ((ROOT / page).parent / link).is_file()]


class TestQuickStart:
    def test_there_are_exactly_two_commands_of_one_line_each(self) -> None:
        blocks = re.findall(r"```sh\n(.*?)```", section("Quick start"), re.DOTALL)

        assert 2 == len(blocks)
        assert [1, 1] == [block.count("\n") for block in blocks]
