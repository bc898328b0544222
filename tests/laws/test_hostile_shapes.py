"""Hostile bodies cost what they weigh, in every direction, and nothing but ours is raised.

How long they take is what ``benchmarks/hostile.py`` tells.
"""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable

import pytest

from hostile_shapes import OPTIONS, TABLES, Kind, calls, handled, translations

SIZE = 2**18
#: What the most values that a body may have may take, for as many of them as this size can have.
VALUES = 2**27 * SIZE // 2**20

ROWS = [(kind, name) for kind, table in TABLES.items() for name in table]
EACH = pytest.mark.parametrize(("kind", "name"), ROWS, ids=[name for _, name in ROWS])


class TestSoundness:
    @EACH
    def test_each_ends_or_is_refused_by_our_own_error(self, kind: Kind, name: str) -> None:
        hostile = TABLES[kind][name](10_000)

        ends = {handled(call) for call in calls(kind, hostile)}

        assert ends <= {"done", "lossy", "refused"}


class TestMemory:
    @EACH
    def test_a_translation_takes_at_most_eight_times_its_body_and_its_values(
        self, kind: Kind, name: str
    ) -> None:
        """That is 128 MiB for a body of 1 MiB; a quarter of each says the same in a minute."""
        hostile = TABLES[kind][name](SIZE)
        size = len(hostile.body) + len(hostile.content_type)

        peaks = [peak(call) for call in translations(kind, hostile, OPTIONS[0])]

        assert max(peaks) <= 8 * size + VALUES


def peak(call: Callable[[], object]) -> int:
    """The most bytes that Python's allocators gave at once during a call."""
    tracemalloc.start()
    try:
        handled(call)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
