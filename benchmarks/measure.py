"""Times, and memory: many calls one by one, contenders in turn, so that noise meets all alike."""

from __future__ import annotations

import math
import statistics
import subprocess
import sys
import tracemalloc
from collections.abc import Callable, Mapping
from time import perf_counter_ns
from typing import Any

import attrs

Call = Callable[[], Any]

ROUNDS = 5
IMPORTS = {
    "imagewire": "import imagewire",
    "dependencies": "import msgspec, attrs, pybase64",
    "nothing": "pass",
}


@attrs.frozen
class Timing:
    """Seconds of one call, over so many of them."""

    median: float
    p99: float
    calls: int


def race(calls: Mapping[str, Call], seconds: float) -> dict[str, Timing]:
    """The times of each call, which gets so many seconds in all, and one call a round at least."""
    times: dict[str, list[int]] = {name: [] for name in calls}
    for _ in range(ROUNDS):
        for name, call in calls.items():
            times[name] += _timed(call, seconds / ROUNDS)
    return {name: _timing(found) for name, found in times.items()}


def peak_memory(call: Call) -> int:
    """The most bytes asked of Python's allocators at once during a call, its result included.

    What is asked for need not be touched: orjson reserves many times its input, and uses little.
    """
    tracemalloc.start()
    try:
        kept = call()
        peak = tracemalloc.get_traced_memory()[1]
        del kept
    finally:
        tracemalloc.stop()
    return peak


def import_times(seconds: float) -> dict[str, Timing]:
    """The times of whole processes that import something and end."""
    commands = {name: [sys.executable, "-c", code] for name, code in IMPORTS.items()}
    calls = {name: _process(command) for name, command in commands.items()}
    for call in calls.values():
        call()  # compiles, and fills the file system's cache
    return race(calls, seconds)


def _process(command: list[str]) -> Call:
    return lambda: subprocess.run(command, check=True)  # noqa: S603 - our own


def _timed(call: Call, seconds: float) -> list[int]:
    times = []
    deadline = perf_counter_ns() + seconds * 1e9
    while True:
        start = perf_counter_ns()
        call()
        stop = perf_counter_ns()
        times.append(stop - start)
        if stop >= deadline:
            return times


def _timing(times: list[int]) -> Timing:
    nearest = math.ceil(0.99 * len(times)) - 1
    return Timing(statistics.median(times) / 1e9, sorted(times)[nearest] / 1e9, len(times))
