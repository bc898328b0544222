"""The options that commands share."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO

import attrs
import click

from imagewire.cli.output import Refused
from imagewire.formats import FORMATS
from imagewire.options import Options


def _options(_context: click.Context, _parameter: click.Parameter, pairs: Sequence[str]) -> Options:
    fields = attrs.fields_dict(Options)
    given: dict[str, Any] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or name not in fields:
            raise click.BadParameter(f"{pair!r} is not NAME=VALUE; names are {', '.join(fields)}")
        switch = isinstance(fields[name].default, bool)
        given[name] = click.BOOL(value) if switch else value
    try:
        return Options(**given)
    except ValueError as error:
        # The validators of attrs put more than their message into an exception.
        raise click.BadParameter(str(error.args[0])) from error


def read(file: Path) -> bytes:
    """The bytes of the file that a command was given, or of stdin."""
    return file.read_bytes() if str(file) != "-" else standard_input().read()


def standard_input() -> BinaryIO:
    """The bytes of stdin."""
    if sys.stdin is None:
        raise Refused("stdin is closed")
    return sys.stdin.buffer


_NAMES = ", ".join(attrs.fields_dict(Options))

#: Each is a decorator that gives a command the parameter in quotes.
SOURCE = click.option(
    *("--from", "source"),
    type=click.Choice(list(FORMATS)),
    required=True,
    help="The format to translate from.",
)
TARGET = click.option(
    *("--to", "target"),
    type=click.Choice(list(FORMATS)),
    required=True,
    help="The format to translate to.",
)
TARGET_OR_NATIVE = click.option(
    *("--to", "target"),
    type=click.Choice([*FORMATS, "native"]),
    required=True,
    help="The format to translate to; native is the one that the requested model itself speaks.",
)
CREATED = click.option(
    "--created",
    type=click.IntRange(min=0),
    help="The time of a reply that has none, in seconds since 1970.",
)
OPTIONS = click.option(
    *("-O", "--option", "options"),
    multiple=True,
    metavar="NAME=VALUE",
    callback=_options,
    help=f"Set an option of the library; repeatable. Names: {_NAMES}.",
)
FILE = click.argument(
    "file",
    type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path),
    default="-",
)
