"""The library's `Options` as options of a command."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import attrs
import click

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


_NAMES = ", ".join(attrs.fields_dict(Options))

#: The decorator that gives a command ``options``.
OPTIONS = click.option(
    *("-O", "--option", "options"),
    multiple=True,
    metavar="NAME=VALUE",
    callback=_options,
    help=f"Set an option of the library; repeatable. Names: {_NAMES}.",
)
