"""What commands print: bodies and tables on stdout, everything else on stderr.

On a terminal a body is indented and a table has borders; in a pipe a body is byte for byte what it
is, and a row of a table is a line of cells with tabs between them.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence

import click
import orjson
from rich.console import Console
from rich.table import Column, Table

from imagewire.errors import TranslationError
from imagewire.loss import Loss
from imagewire.messages import TranslatedRequest, TranslatedResponse


class Refused(click.ClickException):
    """Ends the program with exit status 1 and one line on stderr."""

    exit_code = 1

    def show(self, file: object = None) -> None:  # noqa: ARG002 - click's signature
        """Print the message; click calls this, and exits."""
        print_line(f"imagewire: {self.message}")


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
    click.echo(indented(body) if on_terminal() else body, nl=False)


def print_losses(losses: Iterable[Loss]) -> None:
    """Print losses to stderr, each with its level."""
    for loss in losses:
        print_line(f"{loss} ({loss.level})")


def print_line(text: str) -> None:
    """Print one line to stderr, without the control characters that a body may put into it."""
    line = " ".join(text.split())
    click.echo(
        "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in line),
        err=True,
    )


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


def indented(body: bytes) -> bytes:
    """Indented JSON with the keys in the body's order; a body that is not JSON unchanged."""
    try:
        return orjson.dumps(
            orjson.loads(body), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
        )
    except orjson.JSONDecodeError:
        return body
