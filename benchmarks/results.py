"""Rows of the table: who did which work, in what time and memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

import attrs

from contenders import Field
from measure import Timing, import_times, peak_memory, race
from parts import parts_of
from payloads import Body
from works import WHOLE, Work

BYTES, SEGMENTS, PLAIN = "imagewire", "imagewire, segments", "imagewire, plain path"
MEMCPY = "memcpy"
OURS = (MEMCPY, BYTES, SEGMENTS)
IMPORT = "import"


@attrs.frozen
class Row:
    """One contender at one work; sizes in bytes, times in seconds."""

    work: str
    contender: str
    size: int
    output: int
    p10: float
    median: float
    p99: float
    calls: int
    peak: int
    memcpy: float


def checked_calls(work: Work, body: Body, field: Field) -> dict[str, Callable[[], Any]]:
    """Everyone who does a work rightly; raises `WrongAnswerError` if we do not ourselves.

    Others whose answer is wrong are left out, and listed.
    """
    work.check_ours(body)
    calls: dict[str, Callable[[], Any]] = {MEMCPY: partial(bytearray, body.data)}
    calls |= parts_of(body)
    calls[BYTES] = partial(work.outcome, body)
    if body.said is not None:
        calls[SEGMENTS] = lambda: _handed_out(work.payload(body))
    if work.plain:
        calls[PLAIN] = partial(work.outcome_plainly, body)
    if work.other is not None:
        name, build = work.other
        calls[f"imagewire, {name}"] = partial(work.outcome, build())
    if body.said is None or work.options is not WHOLE:
        return calls  # others translate whole conversations
    for name, translators in field.translators.items():
        translate = translators.get(work.direction)
        if translate is not None:
            try:
                work.check(body, translate(body.data))
            except Exception as error:  # noqa: BLE001 - whatever it is, it is no right answer
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
    memcpy = timings[MEMCPY].p10
    for name, timing in timings.items():
        peak = peak_memory(calls[name])
        yield _row(work.name, name, timing, (len(body.data), output, peak, memcpy))


def import_rows(seconds: float) -> Iterator[Row]:
    """The rows of the import itself."""
    for name, timing in import_times(seconds).items():
        yield _row(IMPORT, name, timing, (0, 0, 0, 0.0))


def _row(work: str, name: str, timing: Timing, about: tuple[int, int, int, float]) -> Row:
    size, output, peak, memcpy = about
    times = (timing.p10, timing.median, timing.p99)
    return Row(work, name, size, output, *times, timing.calls, peak, memcpy)
