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
from imagewire.batch.run.ledger import Ledger
from imagewire.batch.run.outputs import base_of, numbered
from imagewire.batch.run.plan import Plan, PlanError
from imagewire.batch.shapes import SHAPES
from imagewire.cli.options import CREATED, OPTIONS, SOURCE, TARGET_OR_NATIVE
from imagewire.cli.output import print_line

_REFRESH = 0.1  # seconds
_EVERY = 10.0  # seconds, between lines where there is no terminal


class _File(click.Path):
    """A file to write or read, by a name."""

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:
        """The path; an empty one would be the directory at work."""
        return super().convert(value, param, ctx) if value else self.fail("a file needs a name")


_FILE = _File(dir_okay=False, path_type=Path)


def _checked(plan: Plan) -> Plan:
    """A plan whose files can be what it wants them to be; raises `click.UsageError`."""
    try:
        plan.check()
    except PlanError as error:
        raise click.UsageError(str(error)) from error
    return plan


@contextmanager
def _progress(plan: Plan, console: Console) -> Iterator[OnCheckpoint]:
    """Show a bar with rate and rejects; where stderr is no terminal, a line every ten seconds."""
    if not console.is_terminal:
        yield _progress_lines(plan)
        return
    columns = (
        BarColumn(),
        TextColumn("{task.fields[lines]:,} lines, {task.fields[rate]:,.0f} a second"),
        TextColumn("{task.fields[rejected]:,} rejected"),
        TimeElapsedColumn(),
    )
    start = shown = time.monotonic()
    # Refreshed by hand: rich would start a thread, which makes it unsafe to fork workers.
    with Progress(*columns, console=console, auto_refresh=False) as bar:
        task = bar.add_task("", total=plan.size, lines=0, rate=0, rejected=0)

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


def _progress_lines(plan: Plan) -> OnCheckpoint:
    """Prints how far a run is, in a line every ten seconds."""
    size = plan.size
    start = shown = time.monotonic()
    before: int | None = None  # lines that an earlier run had done

    def on_checkpoint(checkpoint: Checkpoint) -> None:
        nonlocal shown, before
        now, counts = time.monotonic(), checkpoint.counts
        before = counts.read if before is None else before
        if now - shown >= _EVERY and not checkpoint.complete:
            shown = now
            done = f" ({checkpoint.position / size:.0%})" if size else ""
            rate = f"{(counts.read - before) / (now - start):,.0f} a second"
            print_line(f"{counts.read:,} lines{done}, {rate}, {counts.rejected:,} rejected")

    return on_checkpoint


def _print_jobs(plan: Plan, checkpoint: Checkpoint) -> None:
    """Print what each file is, and whether one of an earlier run stands behind them."""
    files = checkpoint.outputs
    paths = [numbered(plan.output, number) for number, _ in enumerate(files, 1)]
    for line in Ledger(files, is_split=True).described(map(str, paths)):
        print_line(line)
    following = numbered(plan.output, len(files) + 1)
    if following.exists():
        print_line(f"{following} is there from an earlier run, and no part of this one")


def _summary(checkpoint: Checkpoint, *, is_split: bool) -> str:
    """How a run ended, in one line."""
    counts = checkpoint.counts
    job = None if is_split else checkpoint.outputs[0].job
    model = None if job is None or job.shape == "id" else job.model
    words = [f"{counts.read} lines: {counts.written} translated"]
    if counts.failed:
        words.append(f"of which {counts.failed} are errors")
    if counts.joined:
        words.append(f"{counts.joined} joined with others")
    if counts.blank:
        words.append(f"{counts.blank} blank")
    words.append(f"{counts.rejected} rejected")
    words.append(f"{counts.losses} losses")
    if counts.unanswered:
        words.append(f"no result for {counts.unanswered} requests")
    return ", ".join(words) + (f"; the model is {model}" if model else "")


def _rejects_of(output: Path) -> Path | None:
    """Where rejects go if no file is named: with output to stdout, to stderr."""
    base = base_of(output)
    return None if str(output) == "-" else base.with_name(f"{base.name}.rejects.jsonl")


def _print_rejects(records: bytes) -> None:
    for record in records.decode().splitlines():
        print_line(record)


def _status(counts: Counts) -> int:
    """The exit status."""
    return 3 if counts.lost else 1 if counts.rejected or counts.unanswered else 0


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
    help="The file to write lines to, .gz or .zst if it is to be compressed; with {n} in its name "
    "one file for each batch job; - for stdout, which cannot be resumed.",
)
@click.option(
    "--rejects",
    type=_FILE,
    help="The file to write rejects to.  [default: OUT.rejects.jsonl, or stderr]",
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
    "files",
    metavar="FILE...",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, dir_okay=False, readable=True, allow_dash=True, path_type=Path),
)
@click.pass_context
def batch(  # noqa: PLR0913 - one argument an option
    context_: click.Context,
    /,
    *,
    files: tuple[Path, ...],
    output: Path,
    rejects: Path | None,
    losses: Path | None,
    context: Path | None,
    workers: int,
    resume: bool,
    **batch_fields: Any,
) -> None:
    """Translate the lines of FILE, or of several: .jsonl, .jsonl.gz, .jsonl.zst, or - for stdin.

    Lines are bare bodies, OpenAI Batch, Gemini Batch, rows of Vertex AI, or {id, path, status,
    body}. A line that cannot be translated goes to the rejects, and the run goes on.

    A batch API takes files of one endpoint and one model, and of limited size. -o 'out-{n}.jsonl'
    writes as many as that takes, and out.jobs.json says what they are; in a single file, a line
    that does not belong there is rejected.

    Exit status: 0 done, 1 some lines were rejected or have no result, or the run was refused, 2
    wrong usage, 3 --strict and some lines would have lost content or settings.
    """
    if batch_fields["kind"] == "response" and batch_fields["target"] == "native":
        raise click.UsageError("--to native is for requests only")
    plan = Plan(
        batch=Batch(**batch_fields),
        inputs=files,
        output=output,
        rejects=rejects or _rejects_of(output),
        losses=losses,
        context=context,
    )
    if plan.to_stdout and (resume or workers > 1):
        raise click.UsageError("output to stdout cannot be resumed, and is written by one process")
    with _progress(_checked(plan), Console(stderr=True)) as on_checkpoint:
        checkpoint = carry_out(
            plan,
            workers=workers,
            resume=resume,
            on_checkpoint=on_checkpoint,
            on_rejects=_print_rejects,
        )
    if plan.is_split:
        _print_jobs(plan, checkpoint)
    print_line(_summary(checkpoint, is_split=plan.is_split))
    context_.exit(_status(checkpoint.counts))
