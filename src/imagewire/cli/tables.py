"""The commands ``imagewire models``, ``formats`` and ``schema``: what the library knows."""

from __future__ import annotations

import inspect

import click
import orjson

from imagewire.catalog import CATALOG, Model
from imagewire.cli.output import print_table
from imagewire.endpoints import serves
from imagewire.formats import FORMATS
from imagewire.loss import LossCode
from imagewire.model import json_schema


@click.command()
def models() -> None:
    """List the known models, and what they can make."""
    print_table(
        ("model", "also", "formats", "sizes", "ratios", "qualities", "state", "successor"),
        (
            (
                model.id,
                " ".join(model.aliases),
                " ".join(name for name in FORMATS if serves(model.id, name)),
                _sizes(model),
                " ".join(model.ratios),
                " ".join(model.qualities or ()),
                _state(model),
                model.successor or "",
            )
            for model in CATALOG.models
        ),
    )


@click.command()
def formats() -> None:
    """List the formats, and the codes of what a translation can lose."""
    print_table(
        ("format", "what it is"),
        (
            (name, (inspect.getdoc(module) or "").partition("\n")[0])
            for name, module in FORMATS.items()
        ),
    )
    click.echo()
    print_table(
        ("loss", "kind", "level", "what was lost"),
        ((code, code.kind, code.level, code.meaning) for code in LossCode),
    )


@click.command()
def schema() -> None:
    """Print the JSON Schema of the canonical document."""
    options = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE
    click.echo(orjson.dumps(json_schema(), option=options), nl=False)


def _state(model: Model) -> str:
    if model.retires is not None:
        return f"until {model.retires}"
    return "alive" if model.deprecated is None else f"deprecated since {model.deprecated}"


def _sizes(model: Model) -> str:
    limits = model.limits
    if limits is not None:
        return f"multiples of {limits.multiple} up to {limits.longest}"
    return " ".join(map(str, model.sizes or model.tiers))
