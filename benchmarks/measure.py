"""Times, and memory: many calls one by one, contenders in turn, so that noise meets all alike.

Times are those of the processor, which a busy machine gives to others meanwhile. Freed memory is
kept: else a large call takes some times as long, or does not, by what was freed before it, because
the system hands out each page anew.
"""

from __future__ import annotations

import ctypes
import math
import os
import statistics
import subprocess
import sys
import tracemalloc
from collections.abc import Callable, Mapping
from resource import RUSAGE_CHILDREN, getrusage
from time import perf_counter_ns, process_time_ns
from typing import Any

import attrs

Call = Callable[[], Any]
Clock = Callable[[], int]

ROUNDS = 10
_LEAST_ROUNDS = 3
_M_TRIM_THRESHOLD, _M_MMAP_MAX = -1, -4
IMPORTS = {
    "imagewire": "import imagewire",
    "dependencies": "import msgspec, attrs, pybase64",
    "nothing": "pass",
}


@attrs.frozen
class Timing:
    """Seconds of one call, over so many of them.

    A tenth of them take no longer than ``p10``, which is what bounds are about: whatever else a
    machine does makes calls longer, and the shortest of all may be a slip of its clock.
    """

    p10: float
    median: float
    p99: float
    calls: int


def keep_memory() -> None:
    """Have freed memory kept, where the C library is glibc (mallopt(3), 2026-11-27)."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_TRIM_THRESHOLD, -1)
        mallopt(_M_MMAP_MAX, 0)


def race(
    calls: Mapping[str, Call], seconds: float, clock: Clock = process_time_ns
) -> dict[str, Timing]:
    """The times of each call, which gets so many seconds in all, and one call a round at least.

    A call that takes longer than that alone is made a few times.
    """
    times: dict[str, list[int]] = {name: [] for name in calls}
    for number in range(ROUNDS):
        for name, call in calls.items():
            if number < _LEAST_ROUNDS or min(times[name]) < seconds * 1e9:
                times[name] += _timed(call, seconds / ROUNDS, clock)
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
    return race(calls, seconds, _children_time_ns)


def _children_time_ns() -> int:
    used = getrusage(RUSAGE_CHILDREN)
    return round((used.ru_utime + used.ru_stime) * 1e9)


def _process(command: list[str]) -> Call:
    """A call of a process, which may keep what it compiles, as an installed package has it."""
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return lambda: subprocess.run(command, check=True, env=env)  # noqa: S603 - our own


def _timed(call: Call, seconds: float, clock: Clock) -> list[int]:
    times = []
    deadline = perf_counter_ns() + seconds * 1e9
    while True:
        start = clock()
        call()
        times.append(clock() - start)
        if perf_counter_ns() >= deadline:
            return times


def _timing(times: list[int]) -> Timing:
    ordered = sorted(times)
    nearest = math.ceil(0.99 * len(times)) - 1
    median = statistics.median(ordered)
    return Timing(
        ordered[len(ordered) // 10] / 1e9, median / 1e9, ordered[nearest] / 1e9, len(times)
    )
