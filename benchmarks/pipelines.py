"""Batches: lines a second on one core as a ratio to json, whole runs on cores, and their memory.

    python benchmarks/pipelines.py            # ratios: a line translated against loads + dumps of
                                              # json and orjson, and against no templates
    python benchmarks/pipelines.py --run      # and whole runs of `imagewire batch`: 1 and 2 workers

``--small`` and ``--image`` say how many lines a run has; peak memory is that of the largest process
of each run. Answers are checked before anything is timed. ``--check`` exits with 1 where a bound is
broken.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections import deque
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from statistics import median
from time import perf_counter

import attrs
import orjson

from answers import check_answer
from batch_set import SAID, SETS
from imagewire.batch import Batch, Line, translate_line, translate_lines
from machine import interpreter
from measure import keep_memory, race

MIB = 1 << 20
#: How much faster than json a line has to be.
LEAST = {"small": 1.0, "image": 10.0}
SPEED_UP = 1.7  # of two workers on the image set
ROUNDS = 5  # of runs with one worker and with two, in turn: the machine changes its speed meanwhile
MEMORY = 200 * MIB  # and twice the largest line
_REQUESTS = Batch(source="chat", target="gemini")
_BATCHES = {
    "small": _REQUESTS,
    "seeds": _REQUESTS,
    "image": Batch(source="gemini", target="chat", kind="response", created=1),
}
# Of the seeds as many as the command translates at a time: after 500 it looks for no template.
_CHECKED = {"small": 1000, "seeds": 10_000, "image": 8}


@attrs.frozen
class Ran:
    """A whole run of the command: seconds, and the bytes of its largest process."""

    seconds: float
    peak: int


def checked(name: str) -> list[bytes]:
    """Some lines of a set, all of which are known to be translated as they should."""
    lines, batch = [*islice(SETS[name](), _CHECKED[name])], _BATCHES[name]
    for number, found in enumerate(translate_lines(lines, batch), 1):
        if not isinstance(found, Line):
            raise TypeError(f"{name}: {found}")
        document = json.loads(bytes(found.body))
        inner = document["response"]["body"] if name == "image" else document["request"]
        answer = json.dumps(inner).encode()
        check_answer(batch.kind, batch.target, answer, SAID[name](number))
    return lines


def ratio(name: str, seconds: float) -> float:
    """How many times as fast as json.loads and json.dumps lines are translated on one core.

    Neither json nor orjson translates anything: each reads a line, and writes it again.
    """
    lines, batch = checked(name), _BATCHES[name]

    def by_json() -> None:
        for line in lines:
            json.dumps(json.loads(line))

    def by_orjson() -> None:
        for line in lines:
            orjson.dumps(orjson.loads(line))

    def by_batch() -> None:
        deque(translate_lines(lines, batch), maxlen=0)

    def one_by_one() -> None:
        for number, line in enumerate(lines, 1):
            translate_line(line, batch, number=number)

    calls = {
        "json": by_json,
        "orjson": by_orjson,
        "batch": by_batch,
        "without templates": one_by_one,
    }
    times = {call: timing.p10 / len(lines) for call, timing in race(calls, seconds).items()}
    ours = times.pop("batch")
    others = [f"{call} {time * 1e6:.1f} us ({time / ours:.2f})" for call, time in times.items()]
    print(f"{name}: {ours * 1e6:.1f} us a line; {', '.join(others)}", flush=True)
    return times["json"] / ours


def ran(name: str, source: Path, output: Path, workers: int) -> Ran:
    """Run the command on a file, in a process of its own."""
    output.unlink(missing_ok=True)
    batch = _BATCHES[name]
    command = [sys.executable, "-m", "imagewire", "batch", str(source), "-o", str(output)]
    command += ["--from", batch.source, "--to", batch.target, "--kind", batch.kind]
    command += ["--workers", str(workers)]
    code = (
        "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True); "
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    start = perf_counter()
    done = subprocess.run(  # noqa: S603 - our own
        [sys.executable, "-c", code, *command],
        check=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    return Ran(perf_counter() - start, int(done.stdout) * 1024)


def runs(name: str, count: int, directory: Path) -> Iterator[str]:
    """Whole runs of a set; what is broken."""
    source, output = directory / f"{name}.jsonl", directory / "out.jsonl"
    largest = 0
    with source.open("wb") as stream:
        for line in islice(SETS[name](), count):
            largest = max(largest, len(line))
            stream.write(line)
    os.sync()  # the disk has to be done with that before anything is timed
    ran(name, source, output, 1)  # fills the file system's cache
    rounds = [[ran(name, source, output, workers) for workers in (1, 2)] for _ in range(ROUNDS)]
    for workers, found in enumerate(zip(*rounds, strict=True), 1):
        seconds, peak = median(run.seconds for run in found), max(run.peak for run in found)
        print(
            f"{name}: {count} lines, {source.stat().st_size / 1e6:.0f} MB, {workers} worker(s): "
            f"{seconds:.2f} s, {count / seconds:.0f} lines a second, at most {peak / MIB:.0f} MiB",
            flush=True,
        )
        if peak > MEMORY + 2 * largest:
            yield f"{name}: {peak / MIB:.0f} MiB are too much"
    ratios = sorted(one.seconds / two.seconds for one, two in rounds)
    speed_up = median(ratios)
    print(
        f"{name}: two workers are {speed_up:.2f} times as fast as one "
        f"({ratios[0]:.2f} to {ratios[-1]:.2f})",
        flush=True,
    )
    if name == "image" and speed_up < SPEED_UP:
        yield f"{name}: two workers are to be {SPEED_UP} times as fast as one"


def main() -> None:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--smoke", action="store_true", help="check the answers, time nothing")
    parser.add_argument("--check", action="store_true", help="exit 1 where a bound is broken")
    parser.add_argument("--run", action="store_true", help="time whole runs as well")
    parser.add_argument("--small", type=int, default=1_000_000, help="lines of the small set")
    parser.add_argument("--image", type=int, default=2_000, help="lines of the image set")
    parser.add_argument("--seconds", type=float, default=5, help="for each measurement")
    parser.add_argument("--directory", help="where runs have their files")
    args = parser.parse_args()
    if args.smoke:
        print(f"answers to lines are right: {', '.join(name for name in SETS if checked(name))}")
        return
    keep_memory()
    print(f"times of a line, in brackets by ours; {interpreter()}, orjson {orjson.__version__}")
    ratios = {name: ratio(name, args.seconds) for name in SETS}
    broken = [
        f"{name}: to be {least} times as fast as json"
        for name, least in LEAST.items()
        if ratios[name] < least
    ]
    if args.run:
        for name in LEAST:
            with tempfile.TemporaryDirectory(dir=args.directory) as directory:
                broken += runs(name, getattr(args, name), Path(directory))
    for text in broken:
        print(f"broken: {text}")
    raise SystemExit(1 if broken and args.check else 0)


if __name__ == "__main__":
    main()
