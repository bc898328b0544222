"""Time every direction of every format against other ways to do the same work.

Each answer is checked before it is timed: only what is right is measured. ``--smoke`` checks the
answers and times nothing; ``--check`` times what the bounds name, and holds it against them.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import attrs

from bounds import BOUNDS
from contenders import Field, load_field
from plot import draw
from results import IMPORT, Row, checked_calls, import_rows, machine, rows_of
from snapshot_answers import check_snapshots
from table import head_lines, line, skipped_lines
from works import Work, works


def parsed() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--smoke", action="store_true", help="check the answers, time nothing")
    parser.add_argument("--check", action="store_true", help="exit 1 where a bound is broken")
    parser.add_argument("--only", default="", help="work whose name holds this")
    parser.add_argument("--seconds", type=float, default=0.2, help="for each measurement")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the results")
    parser.add_argument("--plot", type=Path, metavar="FILE.svg", help="draw how time grows")
    return parser.parse_args()


def chosen(args: argparse.Namespace) -> Iterator[Work]:
    """The work to do; to check the bounds, what they name."""
    bounded = {bound.work for bound in BOUNDS}
    for work in works():
        if args.only in work.name and (work.name in bounded or not args.check):
            yield work


def say(lines: Iterable[str]) -> None:
    """Print lines at once: a long run is watched."""
    for text in lines:
        print(text, flush=True)


def smoke(args: argparse.Namespace, field: Field) -> None:
    """Check every answer."""
    print(f"{check_snapshots()} answers are right")
    count = sum(len(checked_calls(work, work.build(), field)) - 1 for work in chosen(args))
    print(f"{count} answers to bodies of all sizes are right")


def measured(args: argparse.Namespace, field: Field) -> Iterator[Row]:
    """The rows of the work that was asked for, and of the import."""
    for work in chosen(args):
        yield from rows_of(work, field, args.seconds)
    if args.only in IMPORT:
        yield from import_rows(10 * args.seconds)


def broken(args: argparse.Namespace, rows: list[Row]) -> list[str]:
    """The bounds that do not hold."""
    named = [bound for bound in BOUNDS if args.only in bound.work]
    if not named:
        return [f"no bound is about {args.only!r}"]
    return [text for bound in named if (text := bound.failure(rows)) is not None]


def main() -> None:
    """Do what the command line says."""
    args = parsed()
    field = load_field()
    if args.smoke:
        smoke(args, field)
        say(skipped_lines(field.skipped))
        return
    about = machine()
    say(head_lines(about))
    rows = []
    for row in measured(args, field):
        print(line(row), flush=True)
        rows.append(row)
    say(skipped_lines(field.skipped))
    if args.json:
        found = {
            "machine": about,
            "rows": [*map(attrs.asdict, rows)],
            "skipped": field.skipped,
        }
        args.json.write_text(json.dumps(found, indent=1) + "\n")
    if args.plot:
        draw(args.plot, field, args.seconds)
    failures = broken(args, rows) if args.check else []
    say(f"broken: {text}" for text in failures)
    raise SystemExit(1 if failures else 0)


if __name__ == "__main__":
    main()
