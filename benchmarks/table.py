"""The results as people read them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from results import Row

HEAD = f"{'median':>11} {'p99':>11} {'MB/s':>9} {'memcpys':>9} {'peak/body':>9}  {'':<22} work"


def head_lines(machine: Mapping[str, str]) -> Iterator[str]:
    """What was measured, and where, and what the columns are."""
    yield ", ".join(f"{name} {value}" for name, value in machine.items())
    yield ""
    yield HEAD


def line(row: Row) -> str:
    """A row of the table."""
    speed = f"{row.size / row.median / 1e6:9.0f}" if row.size else f"{'':9}"
    ratio = f"{row.median / row.memcpy:9.1f}" if row.memcpy else f"{'':9}"
    peak = f"{row.peak / row.size:9.2f}" if row.size else f"{'':9}"
    times = f"{row.median * 1e6:8.1f} us {row.p99 * 1e6:8.1f} us"
    size = f" ({row.size} B)" if row.size else ""
    return f"{times} {speed} {ratio} {peak}  {row.contender:<22} {row.work}{size}"


def skipped_lines(skipped: Mapping[str, str]) -> Iterable[str]:
    """Who is not in the table, and why."""
    return [f"skipped {name}: {reason}" for name, reason in skipped.items()]
