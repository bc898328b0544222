"""The names of files where output is one file a job: none is another file of the run."""

from __future__ import annotations

import attrs
import pytest

from batch_jobs import IMAGES, split
from batch_lines import responses
from batch_runs import Here, here
from imagewire.batch.run.job import carry_out
from imagewire.batch.run.plan import PlanError

__all__ = ["here"]


class TestNames:
    def test_two_numbers_are_none(self, here: Here) -> None:
        with pytest.raises(PlanError, match="more than one"):
            split(here, IMAGES, b"", "{n}-{n}").check()

    def test_results_have_no_jobs(self, here: Here) -> None:
        with pytest.raises(PlanError, match="is for requests"):
            split(here, responses(), b"").check()

    @pytest.mark.parametrize("name", ["job-1.jsonl", "job-77.jsonl.part", "job-2.jsonl.lock"])
    @pytest.mark.parametrize("exists", [True, False])
    def test_what_may_become_one_of_the_files_is_no_other(
        self, here: Here, name: str, *, exists: bool
    ) -> None:
        plan = split(here, IMAGES, b"")
        plan.check()
        if exists:
            (here.path / name).touch()

        with pytest.raises(PlanError, match="are one file"):
            attrs.evolve(plan, losses=here.path / name).check()
        if exists:
            with pytest.raises(PlanError, match="are one file"):
                attrs.evolve(plan, inputs=(here.path / name,)).check()

    def test_however_it_is_spelt(self, here: Here) -> None:
        (here.path / "job-1.jsonl").touch()
        (here.path / "other").hardlink_to(here.path / "job-1.jsonl")
        plan = attrs.evolve(split(here, IMAGES, b""), inputs=(here.path / "other",))

        with pytest.raises(PlanError, match="the input and the output are one file"):
            plan.check()

    def test_what_is_no_regular_file_is_not_replaced(self, here: Here) -> None:
        (here.path / "job-3.jsonl").mkdir()

        with pytest.raises(PlanError, match=r"job-3\.jsonl exists and is not a regular file"):
            split(here, IMAGES, b"").check()

    def test_a_directory_that_is_missing_is_said(self, here: Here) -> None:
        plan = split(here, IMAGES, b"", "no/job-{n}")

        with pytest.raises(OSError, match="there is no directory"):
            plan.check()
            carry_out(plan, workers=1, resume=False, on_checkpoint=lambda _: None)
