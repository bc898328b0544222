"""What commands print: bodies and tables on stdout, everything else on stderr.

On a terminal a body is indented and a table has borders; in a pipe a body is byte for byte what it
is, and a row of a table is a line of cells with tabs between them. What comes from a body, an id or
a file name cannot steer a terminal, nor pass for another line (`harmless`).
"""

from __future__ import annotations

import json
import re
import sys
import unicodedata
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

import click
import orjson
from rich.console import Console
from rich.table import Column, Table

from imagewire.errors import TranslationError
from imagewire.loss import Loss
from imagewire.messages import TranslatedRequest, TranslatedResponse

#: What is not plain ASCII, and may be a control character.
_UNUSUAL = re.compile(r"[^ -~]")


class Refused(click.ClickException):
    """Ends the program with exit status 1 and one line on stderr."""

    exit_code = 1

    def show(self, file: object = None) -> None:  # noqa: ARG002 - click's signature
        """Print the message; click calls this, and exits."""
        print_line(f"imagewire: {self.message}")


class Misused(Refused):
    """The same with exit status 2: the arguments are wrong."""

    exit_code = 2


class Lossy(Refused):
    """The same with exit status 3: under ``--strict``, something was lost."""

    exit_code = 3


def reason(error: TranslationError) -> str:
    """What an error says, and where."""
    return f"{error.message} (at {error.path})"


def print_result(
    result: TranslatedRequest | TranslatedResponse, *first_lines: str, strict: bool
) -> None:
    """Print the body to stdout, and lines, headers and losses to stderr.

    Raises `LossyError` before the body if ``strict`` and content or settings were lost.
    """
    for line in (*first_lines, *(f"{name}: {value}" for name, value in result.headers.items())):
        print_line(line)
    print_losses(result.losses)
    if strict:
        result.require_lossless()
    body = bytes(result.body)
    click.echo(readable(body) if on_terminal() else body, nl=False)


def print_losses(losses: Iterable[Loss]) -> None:
    """Print losses to stderr, each with its level."""
    for loss in losses:
        print_line(f"{loss} ({loss.level})")


def print_line(text: str) -> None:
    """Print one line to stderr."""
    click.echo(harmless(" ".join(text.split())), err=True)


def print_path(path: Path) -> None:
    """Print a path to stdout: in a pipe as it is, so that it leads there."""
    click.echo(harmless(str(path)) if on_terminal() else bytes(path))


def harmless(text: str) -> str:
    """A text on one line, with JSON's escapes for what could steer a terminal or hide a part of it.

    These are all control and format characters of Unicode (C0, C1, those for the direction of
    text), line and paragraph separators, surrogates, and characters without a meaning.
    """
    return _UNUSUAL.sub(_shown, text)


def _shown(found: re.Match[str]) -> str:
    char = found[0]
    # Blanks count as not printable, but do no harm.
    if char.isprintable() or unicodedata.category(char) == "Zs":
        return char
    return json.dumps(char)[1:-1]


def print_table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table to stdout."""
    if not on_terminal():
        for row in (columns, *rows):
            click.echo("\t".join(row))
        return
    table = Table(*(Column(name, overflow="fold") for name in columns), show_lines=True)
    table.columns[0].no_wrap = True
    for row in rows:
        table.add_row(*row)
    Console(markup=False, highlight=False, emoji=False).print(table)


def on_terminal() -> bool:
    """Whether stdout is a terminal."""
    # The interpreter has no stdout at all if it was started with a closed one.
    return sys.stdout is not None and sys.stdout.isatty()


def readable(body: bytes) -> str:
    """A body for a terminal: JSON is indented, with the keys in its order, and still JSON."""
    with suppress(orjson.JSONDecodeError):  # it is a form
        body = orjson.dumps(orjson.loads(body), option=orjson.OPT_INDENT_2)
    lines = body.decode("utf-8", "replace").replace("\r\n", "\n").split("\n")
    return "".join(f"{harmless(line)}\n" for line in lines)
