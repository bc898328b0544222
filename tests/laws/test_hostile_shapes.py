"""Hostile bodies cost what they weigh, in every direction, and nothing but ours is raised.

How long they take is what ``benchmarks/hostile.py`` tells.
"""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable

import pytest

from hostile_shapes import OPTIONS, TABLES, Kind, calls, handled, translations

SIZE = 2**16
#: What may be taken beside eight times the body, by one of 1 MiB or of the most values: 128 MiB.
BESIDE = 2**27
MOST_VALUES = 200_000

ROWS = [(kind, name) for kind, table in TABLES.items() for name in table]
EACH = pytest.mark.parametrize(("kind", "name"), ROWS, ids=[name for _, name in ROWS])


class TestSoundness:
    @EACH
    def test_each_ends_or_is_refused_by_our_own_error(self, kind: Kind, name: str) -> None:
        hostile = TABLES[kind][name](5_000)

        ends = {handled(call) for call in calls(kind, hostile)}

        assert ends <= {"done", "lossy", "refused"}


class TestMemory:
    @EACH
    def test_a_translation_takes_what_its_body_and_its_values_weigh(
        self, kind: Kind, name: str
    ) -> None:
        """Of a sixteenth of 1 MiB a sixteenth, so that all of them take a minute."""
        hostile = TABLES[kind][name](SIZE)
        size = len(hostile.body) + len(hostile.content_type)
        values = sum(map(hostile.body.count, (b",", b"[", b"{")))

        peaks = [peak(call) for call in translations(kind, hostile, OPTIONS[0])]

        assert max(peaks) <= 8 * size + BESIDE * max(values / MOST_VALUES, SIZE / 2**20)


def peak(call: Callable[[], object]) -> int:
    """The most bytes that Python's allocators gave at once during a call."""
    tracemalloc.start()
    try:
        handled(call)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
