"""The results as people read them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from bounds import Found
from results import Row

HEAD = (
    f"{'p10':>11} {'median':>11} {'p99':>11} {'MB/s':>7} {'memcpys':>7} {'peak/body':>9}"
    f"  {'':<29} work"
)


def head_lines(machine: Mapping[str, str]) -> Iterator[str]:
    """What was measured, and where, and what the columns are."""
    yield ", ".join(f"{name} {value}" for name, value in machine.items())
    yield ""
    yield HEAD


def line(row: Row) -> str:
    """A row of the table."""
    speed = f"{row.size / row.p10 / 1e6:7.0f}" if row.size else f"{'':7}"
    ratio = f"{row.p10 / row.memcpy:7.1f}" if row.memcpy else f"{'':7}"
    peak = f"{row.peak / row.size:9.2f}" if row.size else f"{'':9}"
    times = " ".join(f"{time * 1e6:8.1f} us" for time in (row.p10, row.median, row.p99))
    size = f" ({row.size} B)" if row.size else ""
    return f"{times} {speed} {ratio} {peak}  {row.contender:<29} {row.work}{size}"


def bound_line(found: Found) -> str:
    """A bound, what was measured, and whether it holds."""
    bound = found.bound
    measured = "none" if found.measured is None else f"{found.measured:.3f}"
    sign = "holds " if found.holds else "broken"
    ratio = f"{bound.contender} / {bound.per}"
    return f"{sign} {measured:>7} of {bound.at_most:<5.3g} {ratio:<52} {bound.work}"


def skipped_lines(skipped: Mapping[str, str]) -> Iterable[str]:
    """Who is not in the table, and why."""
    return [f"skipped {name}: {reason}" for name, reason in skipped.items()]
