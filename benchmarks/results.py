"""Rows of the table: who did which work, in what time and memory."""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from os import cpu_count
from pathlib import Path
from typing import Any

import attrs

from answers import WrongAnswerError
from contenders import Field
from measure import Timing, import_times, peak_memory, race
from payloads import Body
from works import Work

BYTES, SEGMENTS, PLAIN = "imagewire", "imagewire, segments", "imagewire, plain path"
MEMCPY = "memcpy"
OURS = (MEMCPY, BYTES, SEGMENTS)
IMPORT = "import"

_PACKAGES = (
    "imagewire msgspec attrs pybase64 orjson openai google-genai pydantic litellm any-llm-sdk"
)


@attrs.frozen
class Row:
    """One contender at one work; sizes in bytes, times in seconds."""

    work: str
    contender: str
    size: int
    output: int
    median: float
    p99: float
    calls: int
    peak: int
    memcpy: float


def machine() -> dict[str, str]:
    """What was measured, and where."""
    found = {"cpu": _cpu(), "cores": str(cpu_count()), "Python": platform.python_version()}
    for name in _PACKAGES.split():
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(": ")[2] for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def checked_calls(work: Work, body: Body, field: Field) -> dict[str, Callable[[], Any]]:
    """Everyone who does a work rightly; raises `WrongAnswerError` if we do not ourselves.

    A peer whose answer is wrong is left out, and listed.
    """
    calls: dict[str, Callable[[], Any]] = {MEMCPY: partial(bytearray, body.data)}
    answer = work.outcome(body)
    work.check(body, answer)
    calls[BYTES] = partial(work.outcome, body)
    if body.said is not None:
        calls[SEGMENTS] = lambda: _handed_out(work.translate(body).body)
    if work.plain:
        if work.outcome_plainly(body) != answer:
            raise WrongAnswerError("the plain path gives something else")
        calls[PLAIN] = partial(work.outcome_plainly, body)
    for name, translators in field.translators.items():
        translate = translators.get(work.direction)
        if translate is not None and body.said is not None:
            try:
                work.check(body, translate(body.data))
            except Exception as error:
                if name not in field.peers:
                    raise
                field.skip(f"{name}: {work.name}", error)
            else:
                calls[name] = partial(translate, body.data)
    return calls


def _handed_out(payload: Iterable[Any]) -> Iterable[Any]:
    """A payload whose segments were met one by one, as a server sends them.

    No list is made of them: a payload's length is its bytes, for which `list` makes room first.
    """
    for _ in payload:
        pass
    return payload


def rows_of(work: Work, field: Field, seconds: float) -> Iterator[Row]:
    """The rows of one work."""
    body = work.build()
    calls = checked_calls(work, body, field)
    timings = race(calls, seconds)
    output = len(calls[BYTES]())
    memcpy = timings[MEMCPY].median
    for name, timing in timings.items():
        peak = peak_memory(calls[name])
        yield _row(work.name, name, timing, (len(body.data), output, peak, memcpy))


def import_rows(seconds: float) -> Iterator[Row]:
    """The rows of the import itself."""
    for name, timing in import_times(seconds).items():
        yield _row(IMPORT, name, timing, (0, 0, 0, 0.0))


def _row(work: str, name: str, timing: Timing, about: tuple[int, int, int, float]) -> Row:
    size, output, peak, memcpy = about
    return Row(work, name, size, output, timing.median, timing.p99, timing.calls, peak, memcpy)
