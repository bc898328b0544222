"""The command line: ``imagewire request | response | batch | save | models | formats``.

A body goes to stdout, to a terminal indented, into a pipe byte for byte. What belongs to it goes to
stderr: request line or status, headers, losses. Exit status: 0 done; 1 refused, with message and
path on stderr; 2 wrong usage; 3 ``--strict`` and something was lost, in which case no body is
written, so that none travels down a pipe. An upstream's error, translated, is a 0.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

import pybase64
from msgspec import structs

from imagewire import __version__
from imagewire.catalog import CATALOG, Model
from imagewire.endpoints import serves
from imagewire.errors import LossyError, TranslationError
from imagewire.formats import FORMATS, Format
from imagewire.loss import CONTENT, Loss, Outcome
from imagewire.messages import JSON_TYPE
from imagewire.model import Image, ImageResponse, ReplyContext
from imagewire.options import Options
from imagewire.redaction import clean
from imagewire.result import TranslatedRequest, TranslatedResponse
from imagewire.rules.drafts import final_parts
from imagewire.rules.failures import is_failure
from imagewire.rules.media import EXTENSIONS
from imagewire.schema import json_schema
from imagewire.translate.request import translate_request, translate_response

try:
    import click
    import orjson
    from rich.console import Console
    from rich.table import Column, Table

    from imagewire.cli.batch import batch
    from imagewire.cli.options import OPTIONS
except ModuleNotFoundError as error:
    raise SystemExit(f"imagewire: {error}: pip install 'imagewire[cli]'") from None

F = TypeVar("F", bound=Callable[..., Any])

#: Who saves pictures wants every one of them, wherever the reply carries it.
_SAVING = Options(read_markdown=True)


class _Refused(click.ClickException):
    """Ends the program with one line on stderr."""

    exit_code = 1

    def show(self, file: object = None) -> None:  # noqa: ARG002 - click's signature
        _say(f"imagewire: {self.message}")


class _Lost(_Refused):
    exit_code = 3


class _Program(click.Group):
    """The commands, and what becomes of their exceptions."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except LossyError as error:
            message = f"--strict, and {len(error.losses)} loss(es) of content or settings"
            raise _Lost(message) from error
        except TranslationError as error:
            raise _Refused(_reason(error)) from error
        except BrokenPipeError:
            raise  # whoever read stdout has seen enough: click ends in silence
        except OSError as error:
            raise _Refused(str(error)) from error


def _stem(_context: click.Context, _parameter: click.Parameter, name: str | None) -> str | None:
    if name is not None and (not name or Path(name).name != name):
        raise click.BadParameter(f"{name!r} is not the name of a file; a directory goes to -o")
    return name


def _translation(command: F) -> F:
    """The parameters that ``request`` and ``response`` share."""
    strict = "Exit with 3, and write no body, if content or settings were lost."
    for parameter in (
        click.argument("file", type=click.File("rb"), default="-"),
        click.option("--strict", is_flag=True, help=strict),
        OPTIONS,
        click.option("--from", "source", type=click.Choice(list(FORMATS)), required=True),
    ):
        command = parameter(command)
    return command


@click.group(cls=_Program, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="imagewire")
def main() -> None:
    """Translate image-generation traffic between wire formats.

    Exit status: 0 done, 1 the input was refused, 2 wrong usage, 3 --strict and something was lost.
    """


main.add_command(batch)


@main.command()
@click.option("--content-type", default=JSON_TYPE, show_default=True, help="That of the body.")
@click.option("--model", help="The id to send upstream; from gemini, also the path's.")
@click.option("--to", "target", type=click.Choice([*FORMATS, "native"]), required=True)
@_translation
def request(  # noqa: PLR0913 - one argument an option
    *,
    source: str,
    target: str,
    model: str | None,
    content_type: str,
    options: Options,
    strict: bool,
    file: BinaryIO,
) -> None:
    """Translate the request in FILE, or on stdin.

    The body goes to stdout; request line, headers and losses go to stderr.
    """
    result = translate_request(
        file.read(),
        source=source,
        target=target,
        model=model,
        content_type=content_type,
        options=options,
    )
    repeat = [f"to be sent {result.repeat} times"] if result.repeat > 1 else []
    _write(result, f"{result.method} {result.path}", *repeat, strict=strict)


@main.command()
@click.option("--created", type=click.IntRange(min=0), help="The reply's time if it names none.")
@click.option("--model", help="The model as the client spelt it.")
@click.option("--status", type=click.IntRange(100, 599), default=200, help="The reply's own.")
@click.option("--to", "target", type=click.Choice(list(FORMATS)), required=True)
@_translation
def response(  # noqa: PLR0913 - one argument an option
    *,
    source: str,
    target: str,
    status: int,
    model: str | None,
    created: int | None,
    options: Options,
    strict: bool,
    file: BinaryIO,
) -> None:
    """Translate the reply in FILE, or on stdin: a success or an error.

    The body goes to stdout; status, headers and losses go to stderr.
    """
    result = translate_response(
        file.read(),
        source=source,
        target=target,
        status=status,
        context=ReplyContext(model=model),
        created=created,
        options=options,
    )
    _write(result, f"HTTP {result.status}", strict=strict)


@main.command()
@click.option(
    *("-o", "--output", "directory"),
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(),
    help="The directory to write to; made if it is missing.",
)
@click.option("--name", metavar="STEM", callback=_stem, help="Instead of the name of FILE.")
@click.option("--force", is_flag=True, help="Overwrite files.")
@click.argument(
    "file",
    type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path),
    default="-",
)
def save(*, file: Path, directory: Path, name: str | None, force: bool) -> None:
    """Write the images of the reply in FILE, or on stdin, to files: STEM-1.png, ...

    Prints the paths. Draft images are left out; remote images are not fetched.
    """
    with click.open_file(str(file), "rb") as stream:
        images = _images(stream.read())
    stem = name or ("response" if str(file) == "-" else file.stem)
    files: dict[Path, bytes] = {}
    for number, image in enumerate(images, 1):
        if image.data is None:
            _say(f"not fetched: {clean(image.url or image.file_id or '')}")
        else:
            extension = EXTENSIONS.get(image.media_type or "", ("bin",))[0]
            path = directory / f"{stem}-{number}.{extension}"
            files[path] = pybase64.b64decode(image.data, validate=True)
    taken = [str(path) for path in files if path.exists()]
    if taken and not force:
        raise _Refused(f"--force would overwrite {', '.join(taken)}")
    directory.mkdir(parents=True, exist_ok=True)
    for path, data in files.items():
        # "x" holds even if the file came into being just now.
        with path.open("wb" if force else "xb") as stream:
            stream.write(data)
        click.echo(bytes(path))


@main.command()
def models() -> None:
    """List the known models, and what they can make."""
    _table(
        ("model", "also", "formats", "sizes", "ratios"),
        (
            (
                model.id,
                " ".join(model.aliases),
                " ".join(name for name in FORMATS if serves(model.id, name)),
                _sizes(model),
                " ".join(model.ratios),
            )
            for model in CATALOG.models
        ),
    )


@main.command()
def formats() -> None:
    """List the formats."""
    _table(
        ("format", "what it is"),
        (
            (name, (inspect.getdoc(module) or "").partition("\n")[0])
            for name, module in FORMATS.items()
        ),
    )


@main.command()
def schema() -> None:
    """Print the JSON Schema of the canonical document."""
    options = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE
    click.echo(orjson.dumps(json_schema(), option=options), nl=False)


def _reason(error: TranslationError) -> str:
    return f"{error.message} (at {error.path})"


def _say(text: str) -> None:
    """One line on stderr; what a body put into it cannot steer the terminal."""
    line = " ".join(text.split())
    click.echo(
        "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in line),
        err=True,
    )


def _say_losses(losses: Iterable[Loss]) -> None:
    for loss in losses:
        _say(f"{loss} ({loss.level})")


def _write(result: TranslatedRequest | TranslatedResponse, *about: str, strict: bool) -> None:
    for line in (*about, *(f"{name}: {value}" for name, value in result.headers.items())):
        _say(line)
    _say_losses(result.losses)
    if strict:
        result.require_lossless()
    body = bytes(result.body)
    click.echo(_indented(body) if _on_terminal() else body, nl=False)


def _on_terminal() -> bool:
    # The interpreter has no stdout at all if it was started with a closed one.
    return sys.stdout is not None and sys.stdout.isatty()


def _indented(body: bytes) -> bytes:
    """JSON for people, keys in the body's order; a body that is none stays as it is."""
    try:
        return orjson.dumps(
            orjson.loads(body), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
        )
    except orjson.JSONDecodeError:
        return body


def _images(body: bytes) -> list[Image]:
    """The images of a response in any format, without drafts, as `drafts` tells them.

    Raises if there is none, with the reasons that the response gives.
    """
    format_, read = _read_response(body)
    left_out: list[Loss] = []
    images = [
        part.image
        for index, candidate in enumerate(read.value.candidates)
        for _, part in final_parts(candidate.parts, ("candidates", index), left_out.append)
        if part.image is not None
    ]
    # A thought's text is no image, so nothing was left out: only the drafts are content.
    drafts = [loss for loss in left_out if loss.level is CONTENT]
    locate = getattr(format_, "locate", lambda _, paths, **__: paths)
    paths = locate(body, [loss.path for loss in drafts], of="response", options=_SAVING)
    _say_losses(read.losses)
    _say_losses(structs.replace(loss, path=path) for loss, path in zip(drafts, paths, strict=True))
    if not images:
        raise _Refused(f"the response has no image: {_refusal(read.value)}")
    return images


def _read_response(body: bytes) -> tuple[Format, Outcome[ImageResponse]]:
    """A response of any format and the format that can read it: no two share what they require."""
    reasons: dict[str, None] = {}
    for format_ in FORMATS.values():
        try:
            return format_, format_.read_response(body, options=_SAVING)
        except TranslationError as error:
            if is_failure(body):
                message = format_.read_failure(body, status=200).message
                raise _Refused(f"the response is an error: {message} (at $.error)") from error
            reasons[_reason(error)] = None
    raise _Refused(f"no response in any format: {'; '.join(reasons)}")


def _refusal(response: ImageResponse) -> str:
    """What a response without an image says instead: reasons, and the model's words."""
    words: list[str | None] = []
    if response.block is not None:
        words += response.block.reason, response.block.message
    for candidate in response.candidates:
        words += candidate.finish, candidate.finish_message
        words += (part.text for part in candidate.parts if not part.thought)
    return clean(": ".join(filter(None, words)))


def _sizes(model: Model) -> str:
    limits = model.limits
    if limits is not None:
        return f"multiples of {limits.multiple} up to {limits.longest}"
    return " ".join(map(str, model.sizes or model.tiers))


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """A table on a terminal; lines of tab-separated cells anywhere else."""
    if not _on_terminal():
        for row in (columns, *rows):
            click.echo("\t".join(row))
        return
    table = Table(*(Column(name, overflow="fold") for name in columns), show_lines=True)
    table.columns[0].no_wrap = True
    for row in rows:
        table.add_row(*row)
    Console(markup=False, highlight=False, emoji=False).print(table)
