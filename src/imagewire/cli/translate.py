"""The commands ``imagewire request`` and ``imagewire response``: one body each."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from imagewire.cli.options import CREATED, FILE, OPTIONS, SOURCE, TARGET, TARGET_OR_NATIVE, read
from imagewire.cli.output import print_result
from imagewire.messages import JSON_TYPE
from imagewire.model import ReplyContext
from imagewire.options import Options
from imagewire.translate import translate_request, translate_response

F = TypeVar("F", bound=Callable[..., Any])


def _shared_parameters(command: F) -> F:
    """The parameters that both commands end with."""
    strict = "Exit with 3, and write no body, if content or settings were lost."
    for parameter in (
        FILE,
        click.option("--strict", is_flag=True, help=strict),
        OPTIONS,
    ):
        command = parameter(command)
    return command


@click.command()
@SOURCE
@TARGET_OR_NATIVE
@click.option(
    "--model", help="The model id to send upstream; from gemini, also the one in the path."
)
@click.option(
    "--content-type", default=JSON_TYPE, show_default=True, help="The content type of the body."
)
@_shared_parameters
def request(  # noqa: PLR0913 - one argument an option
    *,
    source: str,
    target: str,
    model: str | None,
    content_type: str,
    options: Options,
    strict: bool,
    file: Path,
) -> None:
    """Translate the request in FILE, or on stdin.

    The body goes to stdout; request line, headers and losses go to stderr.
    """
    result = translate_request(
        read(file),
        source=source,
        target=target,
        model=model,
        content_type=content_type,
        options=options,
    )
    repeat = [f"to be sent {result.repeat} times"] if result.repeat > 1 else []
    print_result(result, f"{result.method} {result.path}", *repeat, strict=strict)


@click.command()
@SOURCE
@TARGET
@click.option(
    "--status",
    type=click.IntRange(100, 599),
    default=200,
    show_default=True,
    help="The HTTP status of the reply.",
)
@click.option("--model", help="The model id in the reply, as the client spelt it.")
@click.option("--stream", is_flag=True, help="Write the events of a stream.")
@CREATED
@_shared_parameters
def response(  # noqa: PLR0913 - one argument an option
    *,
    source: str,
    target: str,
    status: int,
    model: str | None,
    stream: bool,
    created: int | None,
    options: Options,
    strict: bool,
    file: Path,
) -> None:
    """Translate the reply in FILE, or on stdin: a success, an error, or a stream of events.

    The body goes to stdout; status, headers and losses go to stderr.
    """
    result = translate_response(
        read(file),
        source=source,
        target=target,
        status=status,
        context=ReplyContext(model=model, stream="sse", include_usage=True)
        if stream
        else ReplyContext(model=model),
        created=created,
        options=options,
    )
    print_result(result, f"HTTP {result.status}", strict=strict)
