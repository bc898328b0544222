"""Time every direction of every format against other ways to do the same work.

Each answer is checked before it is timed: only what is right is measured. ``--smoke`` checks the
answers and times nothing; ``--check`` exits 1 where a bound is broken.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import attrs

from bounds import found_in
from contenders import Field, load_field
from machine import machine
from measure import keep_memory
from plot import draw
from results import IMPORT, Row, checked_calls, import_rows, rows_of
from snapshot_answers import check_snapshots
from summary import tables
from table import bound_line, head_lines, line, skipped_lines
from works import Work, works


def parsed() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--smoke", action="store_true", help="check the answers, time nothing")
    parser.add_argument("--check", action="store_true", help="exit 1 where a bound is broken")
    parser.add_argument("--only", default="", help="work whose name holds this")
    parser.add_argument("--seconds", type=float, default=0.2, help="for each measurement")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the results")
    parser.add_argument("--tables", type=Path, metavar="FILE.md", help="write the main results")
    parser.add_argument("--plot", type=Path, metavar="FILE.svg", help="draw how time grows")
    return parser.parse_args()


def chosen(args: argparse.Namespace) -> Iterator[Work]:
    """The work to do."""
    return (work for work in works() if args.only in work.name)


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


def remeasured(args: argparse.Namespace, field: Field, rows: list[Row]) -> list[Row]:
    """The rows, with the work of broken bounds measured once more: the lower of both times."""
    found = found_in(rows, field.peers, args.only)
    broken = {result.bound.work for result in found if not result.holds}
    new = [
        row
        for work in chosen(args)
        if work.name in broken
        for row in rows_of(work, field, args.seconds)
    ]
    p10 = {(row.work, row.contender): row.p10 for row in new}
    return [
        attrs.evolve(row, p10=min(row.p10, p10.get((row.work, row.contender), row.p10)))
        for row in rows
    ]


def main() -> None:
    """Do what the command line says."""
    args = parsed()
    field = load_field()
    if args.smoke:
        smoke(args, field)
        say(skipped_lines(field.skipped))
        return
    keep_memory()
    about = machine()
    say(head_lines(about))
    rows = []
    for row in measured(args, field):
        print(line(row), flush=True)
        rows.append(row)
    if args.plot:
        draw(args.plot, field, args.seconds)
    if args.check:
        rows = remeasured(args, field, rows)
    found = found_in(rows, field.peers, args.only)
    say(skipped_lines(field.skipped))
    say(map(bound_line, found))
    if args.json:
        results = {"machine": about, "rows": rows, "bounds": found, "skipped": field.skipped}
        args.json.write_text(json.dumps(results, indent=1, default=attrs.asdict) + "\n")
    if args.tables:
        args.tables.write_text("\n".join(tables(rows, found)) + "\n")
    raise SystemExit(1 if args.check and not all(bound.holds for bound in found) else 0)


if __name__ == "__main__":
    main()
