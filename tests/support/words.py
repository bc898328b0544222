"""Words that code may look at: strings that it mentions, and texts that its patterns match."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from hypothesis import Phase, find, settings
from hypothesis import strategies as st

import imagewire

#: Texts of kinds that code can tell without mentioning them.
KINDS = (
    *("a fox", "A", "FOX", "a\u00a0fox", "狐", "🦊", "e\u0301", " ", "\n", " a fox", "a fox\n"),
    *("0", "-1", "1.5", "1e9", "007", "true", "null", "{}", '{"text": "a fox"}', "<b>a fox</b>"),
    *("A" * 200, "iVBORw0KGgo=", "iVBORw0KGgo" * 20, "word " * 100, "x" * 600, "\t" * 50, "a\0b"),
    *("data:image/png;base64,iVBORw0KGgo=", "https://example.com/a.png", "gs://bucket/a.png"),
    *("a#1", "a#2", "google/gemini-2.5-flash-image", "models/gemini-2.5-flash-image"),
)
#: The first text of a pattern, always the same one.
_FIRST = settings(max_examples=1, database=None, derandomize=True, phases=[Phase.generate])
_DOCUMENTED = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def mentioned(source: str) -> Iterator[str]:
    """The strings in Python code, but no docstrings, and a text for each of its patterns."""
    tree = ast.parse(source)
    docstrings = {
        node.body[0].value
        for node in ast.walk(tree)
        if isinstance(node, _DOCUMENTED) and node.body and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        match node:
            case ast.Constant(value=str() | bytes() as text) if node not in docstrings:
                yield text if isinstance(text, str) else text.decode("latin-1")
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id="re")),
                args=[ast.Constant(value=str() | bytes() as pattern), *_],
            ):
                matching = st.from_regex(
                    pattern if isinstance(pattern, str) else pattern.decode("latin-1")
                )
                yield find(matching, lambda _: True, settings=_FIRST)


def words_of(source: str) -> list[str]:
    """What code mentions, alone and in the middle of a text, and texts of all kinds."""
    found = dict.fromkeys(text for text in mentioned(source) if text)
    return [*KINDS, *found, *(f"{text} a fox {text}" for text in found)]


def package_source() -> str:
    """The code of the whole package."""
    root = Path(imagewire.__file__).parent
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted(root.rglob("*.py")))
