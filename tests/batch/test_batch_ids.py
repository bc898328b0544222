"""The ids of a run: no two lines have the same, on any number of cores, and after a crash."""

from __future__ import annotations

import gzip
from itertools import chain
from typing import Any

import attrs
import pytest

from batch_lines import asked, documents, openai
from batch_runs import CrashError, Fuse, Here, here, left_by, run, small_blocks, threads
from imagewire.batch.run import ids
from imagewire.batch.run.journal import Journal
from imagewire.batch.run.plan import Plan

__all__ = ["here", "small_blocks", "threads"]

#: Each id twice: near each other, in other blocks, and as one of the lines that it becomes.
NAMES = [*chain.from_iterable([f"a-{n}", f"b-{n // 2}"] for n in range(12)), "a-3", "b-2#1", "c#2"]


@pytest.fixture
def plan(here: Here) -> Plan:
    """What the ids become is what `translate_lines` makes of them, which `test_lines` holds."""
    lines = [openai(name, asked(name, n=2 if name[0] in "bc" else 1)) for name in NAMES]
    return here.requests(b"".join([*lines, openai("c", asked(n=2))]))


def outcome(plan: Plan) -> tuple[list[str], list[int]]:
    left = left_by(plan)
    return (
        [line["key"] for line in documents(left["output"])],
        [reject["line"] for reject in documents(left["rejects"])],
    )


@pytest.fixture
def expected(plan: Plan) -> tuple[list[str], list[int]]:
    run(plan)
    keys, rejected = outcome(plan)
    assert len({*keys}) == len(keys)
    assert [
        line for line in range(1, 29) if line % 4 == 0 or (line > 24 and line != 27)
    ] == rejected
    return keys, rejected


@pytest.mark.parametrize("most", [ids._MOST, 5], ids=["in memory", "on disk"])
class TestRuns:
    @pytest.fixture(autouse=True)
    def in_memory(self, most: int, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(ids, "_MOST", most)

    @pytest.mark.usefixtures("small_blocks", "threads")
    @pytest.mark.parametrize("workers", [1, 2, 3])
    def test_any_number_of_workers_rejects_the_later_line(
        self, plan: Plan, expected: tuple[list[str], list[int]], workers: int
    ) -> None:
        run(plan, workers=workers)

        assert expected == outcome(plan)

    @pytest.mark.usefixtures("small_blocks", "threads")
    @pytest.mark.parametrize("workers", [1, 2])
    def test_a_run_that_goes_on_knows_the_ids_of_the_lines_before(
        self, here: Here, plan: Plan, expected: tuple[list[str], list[int]], workers: int
    ) -> None:
        """And does not take the lines that were given ids after the last checkpoint for others."""
        for checkpoint in range(1, 12):
            again = here.again(plan, f"{checkpoint}-")
            fuse = Fuse(checkpoint, after=True)
            with pytest.MonkeyPatch.context() as patch, pytest.raises(CrashError):
                fuse.on_checkpoints(patch)
                run(again, workers=workers)
            run(again, workers=workers, resume=True)

            assert expected == outcome(again)

    def test_they_take_no_more_memory_than_allowed(self, here: Here, most: int) -> None:
        with Journal(here.path / "journal") as journal:
            given = journal.ids(0)
            for block in range(1, 40, 4):
                names = {f"{block}-{n}" for n in range(4)}
                assert frozenset() == given.taken(names)
                given.give(block, names)

                assert len(given._recent) <= most
                assert names == given.taken(names | {"other"})

            assert {"1-0", "37-3"} == given.taken({"1-0", "37-3", "41-0"})
            assert {"1-0"} == journal.ids(36).taken({"1-0", "37-3", "41-0"})


def test_processes_do_the_same(
    plan: Plan, expected: tuple[list[str], list[int]], small_blocks: None
) -> None:
    run(plan, workers=2)

    assert expected == outcome(plan)


def test_the_lines_of_an_archive_too(
    here: Here, plan: Plan, expected: tuple[list[str], list[int]], small_blocks: None, threads: Any
) -> None:
    """They are read by the process that gives the ids, and sent to the workers."""
    packed = here.path / "in.jsonl.gz"
    packed.write_bytes(gzip.compress(plan.inputs[0].read_bytes()))

    run(attrs.evolve(plan, inputs=(packed,)), workers=2)

    assert expected == outcome(plan)
