"""The command ``imagewire batch``: whole files of lines.

Exit status: 0 all lines were translated; 1 some were rejected, or the run was refused; 2 wrong
usage; 3 ``--strict``, and some were rejected for what they would have lost.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from imagewire.batch.lines import Batch
from imagewire.batch.run.job import OnCheckpoint, carry_out
from imagewire.batch.run.journal import Checkpoint, Counts
from imagewire.batch.run.plan import Plan, PlanError
from imagewire.batch.shapes import SHAPES
from imagewire.cli.options import CREATED, OPTIONS, SOURCE, TARGET_OR_NATIVE
from imagewire.cli.output import print_line

_REFRESH = 0.1  # seconds
_FILE = click.Path(dir_okay=False, path_type=Path)


def _checked(plan: Plan) -> Plan:
    """A plan whose files can be what it wants them to be; raises `click.UsageError`."""
    try:
        plan.check()
    except PlanError as error:
        raise click.UsageError(str(error)) from error
    return plan


@contextmanager
def _progress(plan: Plan, console: Console) -> Iterator[OnCheckpoint]:
    """Show a bar with rate and rejects, if stderr is a terminal."""
    if not console.is_terminal:
        yield lambda _: None
        return
    columns = (
        BarColumn(),
        TextColumn("{task.fields[lines]:,} lines, {task.fields[rate]:,.0f} a second"),
        TextColumn("{task.fields[rejected]:,} rejected"),
        TimeElapsedColumn(),
    )
    total = plan.input.stat().st_size if plan.is_plain else None
    start = shown = time.monotonic()
    # Refreshed by hand: rich would start a thread, which makes it unsafe to fork workers.
    with Progress(*columns, console=console, auto_refresh=False) as bar:
        task = bar.add_task("", total=total, lines=0, rate=0, rejected=0)

        def on_checkpoint(checkpoint: Checkpoint) -> None:
            nonlocal shown
            now, counts = time.monotonic(), checkpoint.counts
            if checkpoint.complete or now - shown >= _REFRESH:
                shown = now
                bar.update(
                    task,
                    completed=checkpoint.position,
                    lines=counts.read,
                    rate=counts.read / (now - start),
                    rejected=counts.rejected,
                )
                bar.refresh()

        yield on_checkpoint


def _summary(checkpoint: Checkpoint) -> str:
    """How a run ended, in one line."""
    counts, model = checkpoint.counts, checkpoint.job_model
    words = [f"{counts.read} lines: {counts.written} translated"]
    if counts.failed:
        words.append(f"of which {counts.failed} are errors")
    if counts.joined:
        words.append(f"{counts.joined} joined with others")
    if counts.blank:
        words.append(f"{counts.blank} blank")
    words.append(f"{counts.rejected} rejected")
    words.append(f"{counts.losses} losses")
    return ", ".join(words) + (f"; the model is {model}" if model else "")


def _status(counts: Counts) -> int:
    """The exit status."""
    return 3 if counts.lost else 1 if counts.rejected else 0


@click.command()
@SOURCE
@TARGET_OR_NATIVE
@click.option(
    "--kind",
    type=click.Choice(["request", "response"]),
    default="request",
    show_default=True,
    help="What the lines are.",
)
@click.option(
    "--shape",
    type=click.Choice(list(SHAPES)),
    help="The shape of the lines in FILE; recognised if it is not given.",
)
@click.option(
    "--to-shape",
    type=click.Choice(list(SHAPES)),
    help="The shape of the lines to write; if it is not given, the one that suits the target.",
)
@click.option(
    *("-o", "--output"),
    type=_FILE,
    required=True,
    help="The file to write lines to; not stdout, which cannot be resumed.",
)
@click.option(
    "--rejects", type=_FILE, help="The file to write rejects to.  [default: OUT.rejects.jsonl]"
)
@click.option("--losses", type=_FILE, help="The file to write losses to.")
@click.option(
    "--context",
    type=_FILE,
    help="What replies need of their requests: written with requests, read with replies.",
)
@click.option("--model", help="The model id to send upstream, in every request.")
@CREATED
@OPTIONS
@click.option("--strict", is_flag=True, help="Reject lines that lose content or settings.")
@click.option(
    "--workers",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="How many processes translate.",
)
@click.option("--resume", is_flag=True, help="Go on with a run that was interrupted.")
@click.argument(
    "file",
    type=click.Path(exists=True, dir_okay=False, readable=True, allow_dash=True, path_type=Path),
)
@click.pass_context
def batch(  # noqa: PLR0913 - one argument an option
    context_: click.Context,
    /,
    *,
    file: Path,
    output: Path,
    rejects: Path | None,
    losses: Path | None,
    context: Path | None,
    workers: int,
    resume: bool,
    **batch_fields: Any,
) -> None:
    """Translate the lines of FILE: .jsonl, .jsonl.gz, .jsonl.zst, or - for stdin.

    Lines are bare bodies, OpenAI Batch, Gemini Batch, or {id, body}. A line that cannot be
    translated goes to the rejects, and the run goes on.

    Exit status: 0 done, 1 some lines were rejected or the run was refused, 2 wrong usage, 3
    --strict and some lines would have lost content or settings.
    """
    if batch_fields["kind"] == "response" and batch_fields["target"] == "native":
        raise click.UsageError("--to native is for requests only")
    plan = Plan(
        batch=Batch(**batch_fields),
        input=file,
        output=output,
        rejects=rejects or output.with_name(f"{output.name}.rejects.jsonl"),
        losses=losses,
        context=context,
    )
    with _progress(_checked(plan), Console(stderr=True)) as on_checkpoint:
        checkpoint = carry_out(plan, workers=workers, resume=resume, on_checkpoint=on_checkpoint)
    print_line(_summary(checkpoint))
    context_.exit(_status(checkpoint.counts))
