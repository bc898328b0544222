"""The command line as a whole: its commands, their errors, its exit status.

A body goes to stdout, everything that belongs to it to stderr: request line or status, headers,
losses. Exit status: 0 done; 1 the input was refused, with a message and its path on stderr; 2 wrong
usage; 3 ``--strict``, and something was lost: then no body is written, so that a lossy one does not
go down a pipe. An upstream's error that was translated is a 0.
"""

from __future__ import annotations

from typing import Any

from imagewire import __version__
from imagewire.errors import LossyError, TranslationError

try:
    import click

    from imagewire.cli import batch, save, tables, translate
    from imagewire.cli.output import Lossy, Misused, Refused, reason
except ModuleNotFoundError as error:
    raise SystemExit(f"imagewire: {error}: pip install 'imagewire[cli]'") from None


class _Program(click.Group):
    """The commands, with an exit status for each of the library's errors, and one line for all."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        try:
            return super().parse_args(ctx, args)
        except click.exceptions.NoArgsIsHelpError:
            raise  # its message is the help
        except click.UsageError as error:
            raise _misused(error) from error

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except click.UsageError as error:
            raise _misused(error) from error
        except LossyError as error:
            count = len(error.losses)
            raise Lossy(f"--strict: {count} loss(es) of content or settings") from error
        except TranslationError as error:
            raise Refused(reason(error)) from error
        except BrokenPipeError:
            raise  # the reader of stdout has left: click ends in silence
        except OSError as error:
            raise Refused(_failed(error)) from error


def _failed(error: OSError) -> str:
    """What the system could not do, and with which file if that is known: no number of an error."""
    if error.strerror is None:  # one of our own
        return str(error)
    return error.strerror if error.filename is None else f"{error.filename}: {error.strerror}"


def _misused(error: click.UsageError) -> Misused:
    command = "imagewire" if error.ctx is None else error.ctx.command_path
    return Misused(f"{error.format_message().rstrip('.')}. See {command} --help")


@click.group(cls=_Program, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="imagewire")
def main() -> None:
    """Translate image-generation traffic between wire formats.

    Exit status: 0 done, 1 the input was refused, 2 wrong usage, 3 --strict and something was lost.
    """


for _command in (
    *(translate.request, translate.response, batch.batch, save.save),
    *(tables.models, tables.formats, tables.schema),
):
    main.add_command(_command)
