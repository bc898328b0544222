"""Hostile bodies cost what they weigh, in every direction, and nothing but ours is raised.

How long they take is what ``benchmarks/hostile.py`` tells.
"""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Iterator

import pytest

from hostile_shapes import OPTIONS, TABLES, Kind, calls, handled, translations
from outcomes import keeps_itself

MIB = 2**20
SIZE = MIB // 16
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


class TestErrors:
    @pytest.mark.parametrize("kind", TABLES)
    def test_one_that_is_gone_keeps_no_body(self, kind: Kind) -> None:
        """Else what clients send waits for the collector, and a few bodies fill the memory."""
        kept = [name for name in TABLES[kind] if any(map(keeps_itself, refusals(kind, name)))]

        assert [] == kept


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

        assert max(peaks) <= 8 * size + BESIDE * max(values / MOST_VALUES, SIZE / MIB)

    @pytest.mark.slow
    @EACH
    def test_a_mebibyte_takes_eight_times_itself_and_128_more_at_most(
        self, kind: Kind, name: str
    ) -> None:
        """In the direction that takes most of a sixteenth."""
        shape = TABLES[kind][name]
        peaks = [peak(call) for call in translations(kind, shape(SIZE), OPTIONS[0])]
        hostile = shape(MIB)
        calls = list(translations(kind, hostile, OPTIONS[0]))

        costliest = calls[peaks.index(max(peaks))]

        size = len(hostile.body) + len(hostile.content_type)
        assert peak(costliest) <= 8 * size + BESIDE


def refusals(kind: Kind, name: str) -> Iterator[Callable[[], object]]:
    """The translations of a small body of a shape."""
    return translations(kind, TABLES[kind][name](3_000), OPTIONS[0])


def peak(call: Callable[[], object]) -> int:
    """The most bytes that Python's allocators gave at once during a call."""
    tracemalloc.start()
    try:
        handled(call)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
