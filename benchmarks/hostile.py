"""Hostile bodies of every shape: whether time grows as they do, and whether a large one ends.

    python benchmarks/hostile.py              # seconds at 1, 2 and 4 MiB, and all of it at 20 MiB
    python benchmarks/hostile.py --only form  # the shapes whose name holds this
    python benchmarks/hostile.py --large      # at 20 MiB alone: about an hour
    python benchmarks/hostile.py --after NAME # goes on where a run was stopped

The shapes are those of ``tests/support/hostile_shapes.py``. Each body meets, in a process of its
own, all that a proxy may ask of it in every direction; the slowest call counts, and the peak memory
of the process. ``--check`` exits with 1 where a bound is broken; ``--smoke`` checks that each small
body ends or is refused by our own error, and times nothing.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from math import ceil
from pathlib import Path
from resource import RLIM_INFINITY, RLIMIT_CPU, setrlimit
from signal import SIGXCPU
from time import process_time

import attrs

sys.path.insert(0, str(Path(__file__).parent.parent / "tests" / "support"))
from hostile_bodies import Hostile
from hostile_shapes import TABLES, Kind, calls, handled

MIB = 1 << 20
SMALL = 20_000
SIZES = (1 * MIB, 2 * MIB, 4 * MIB)
LARGE = 20 * MIB
GROWTH = 6.0  # of time from 1 to 4 MiB: 4 is linear, and the rest is noise
LEAST = 0.1  # seconds: what takes less tells nothing of its growth
SECONDS = 30.0
MEMORY = 400 * MIB
HEAD = " ".join(f"{word:>9}" for word in ("1 MiB", "2 MiB", "4 MiB", "growth", "20 MiB", "peak"))


@attrs.frozen
class Ran:
    """The slowest call on a body of a size, in seconds, and the peak memory of its process."""

    seconds: float
    peak: int


def parsed() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--smoke", action="store_true", help="check the answers, time nothing")
    parser.add_argument("--check", action="store_true", help="exit 1 where a bound is broken")
    parser.add_argument("--only", default="", help="shapes whose name holds this")
    parser.add_argument("--after", default="", help="shapes below the one of this name")
    parser.add_argument("--large", action="store_true", help="20 MiB alone")
    parser.add_argument("--measure", metavar="FOLDER", help=argparse.SUPPRESS)
    return parser.parse_args()


def chosen(only: str, after: str) -> list[tuple[Kind, str]]:
    """The rows of the table that were asked for."""
    rows: list[tuple[Kind, str]] = [
        (kind, name) for kind, table in TABLES.items() for name in table
    ]
    names = [name for _, name in rows]
    first = names.index(after) + 1 if after else 0
    return [(kind, name) for kind, name in rows[first:] if only in name]


def smoke(rows: list[tuple[Kind, str]]) -> None:
    """Check that each small body ends, or is refused by an error that is ours."""
    count = 0
    for kind, name in rows:
        for call in calls(kind, TABLES[kind][name](SMALL)):
            handled(call)
            count += 1
    print(f"{count} answers to hostile bodies are right")


def measure(folder: str) -> None:
    """In a process of its own, which is ended if it takes too long: print what it takes."""
    kind, source, content_type = json.loads(Path(folder, "about.json").read_bytes())
    hostile = Hostile(Path(folder, "body").read_bytes(), source, content_type)
    slowest = 0.0
    for call in calls(kind, hostile):
        start = process_time()
        setrlimit(RLIMIT_CPU, (ceil(start + SECONDS), RLIM_INFINITY))
        handled(call)
        slowest = max(slowest, process_time() - start)
    print(json.dumps([slowest, peak_memory()]))


def peak_memory() -> int:
    """The peak memory of this process in bytes: `getrusage` would tell of its parent's, too."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


def run(kind: Kind, name: str, size: int) -> Ran | None:
    """What a body of a size takes; None if it takes too long."""
    body, source, content_type = TABLES[kind][name](size)
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "body").write_bytes(body)
        Path(folder, "about.json").write_text(json.dumps([kind, source, content_type]))
        command = [sys.executable, __file__, "--measure", folder]
        ran = subprocess.run(command, stdout=subprocess.PIPE, check=False)  # noqa: S603 - our own
    if ran.returncode == -SIGXCPU:
        return None
    ran.check_returncode()
    return Ran(*json.loads(ran.stdout))


def broken(small: list[Ran | None], large: Ran | None) -> Iterator[str]:
    """The bounds that a shape breaks."""
    if large is None or large.seconds > SECONDS:
        yield f"20 MiB took longer than {SECONDS:.0f} s"
    if large is not None and large.peak > MEMORY:
        yield f"20 MiB took {large.peak / MIB:.0f} MiB"
    growth = growth_of(small)
    if growth is None or growth > GROWTH:
        yield "time grows faster than the body"


def growth_of(small: list[Ran | None]) -> float | None:
    """How many times longer four times the body takes; 1 where that is too short to tell."""
    if not small:
        return 1.0
    first, last = small[0], small[-1]
    if first is None or last is None:
        return None
    return last.seconds / first.seconds if last.seconds > LEAST else 1.0


def line(name: str, small: list[Ran | None], large: Ran | None) -> str:
    """A row of the table."""
    growth = growth_of(small)
    cells = [seconds(ran) for ran in small] or ["-"] * len(SIZES)
    cells.append("-" if not small or growth is None else f"{growth:.1f}")
    cells.append(seconds(large))
    cells.append("-" if large is None else f"{large.peak / MIB:.0f} MiB")
    return " ".join(f"{cell:>9}" for cell in cells) + f"  {name}"


def seconds(ran: Ran | None) -> str:
    """What a row says of a run."""
    return f"> {SECONDS:.0f} s" if ran is None else f"{ran.seconds:.3f} s"


def main() -> None:
    """Do what the command line says."""
    args = parsed()
    if args.measure:
        measure(args.measure)
        return
    rows = chosen(args.only, args.after)
    if args.smoke:
        smoke(rows)
        return
    print(HEAD, " shape", flush=True)
    failures = []
    for kind, name in rows:
        small = [] if args.large else [run(kind, name, size) for size in SIZES]
        large = run(kind, name, LARGE)
        print(line(name, small, large), flush=True)
        failures += [f"{name}: {text}" for text in broken(small, large)]
    for text in failures:
        print("broken:", text)
    raise SystemExit(1 if failures and args.check else 0)


if __name__ == "__main__":
    main()
