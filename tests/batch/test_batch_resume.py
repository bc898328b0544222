"""A run that was stopped at any moment goes on, and leaves what it would have left anyway."""

from __future__ import annotations

import contextlib
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import attrs
import msgspec
import pytest

from batch_lines import answered, asked, gemini, openai, requests
from batch_runs import (
    CrashError,
    Fuse,
    Here,
    here,
    job_files,
    last_line,
    left_by,
    run,
    small_blocks,
    threads,
)
from imagewire.batch.records import StoredContext
from imagewire.batch.run import files
from imagewire.batch.run.journal import Checkpoint
from imagewire.batch.run.plan import Plan

__all__ = ["here", "small_blocks", "threads"]


def crashes(
    plan: Plan, fuse: Fuse, light: Callable[[pytest.MonkeyPatch], None], **how: Any
) -> bool:
    """Whether a run ended at a fuse; if it did not, it is complete."""
    with pytest.MonkeyPatch.context() as patch:
        light(patch)
        try:
            run(plan, **how)
        except CrashError:
            return True
    return False


def survived(
    here: Here,
    plan: Plan,
    light: Callable[[Fuse, pytest.MonkeyPatch], None],
    after: int,
    workers: tuple[int, int] = (1, 1),
) -> int:
    """Crash a run at each place, and hold that it goes on to what it should be; how many places.

    ``workers`` are those of the run that crashes, and of the one that goes on.
    """
    run(plan)
    expected = left_by(plan)
    calls, crashed = 0, True
    while crashed:
        calls += 1
        again = here.again(plan, f"{calls}-")
        fuse = Fuse(calls, after=bool(after))
        crashed = crashes(again, fuse, partial(light, fuse), workers=workers[0])
        if crashed:
            run(again, resume=True, workers=workers[1])
        assert expected == left_by(again)
    return calls


class TestCrashes:
    @pytest.mark.parametrize("kind", ["requests", "responses"])
    @pytest.mark.parametrize("after", [0, 1], ids=["before", "after"])
    def test_at_every_write(self, here: Here, kind: str, after: int, small_blocks: None) -> None:
        """Each write, each checkpoint, each name: the run ends just before it, or just after."""
        assert survived(here, here.plans()[kind], Fuse.on_everything, after) > 20

    @pytest.mark.parametrize("after", [0, 1], ids=["before", "after"])
    def test_with_workers_on_either_side(
        self, here: Here, after: int, small_blocks: None, threads: Any
    ) -> None:
        assert survived(here, here.responses(), Fuse.on_checkpoints, after, workers=(2, 3)) > 5

    def test_again_and_again(self, here: Here, small_blocks: None) -> None:
        """Each attempt does one checkpoint more."""
        plan = here.responses()
        run(plan)
        expected = left_by(plan)
        again = here.again(plan, "again-")
        attempts = 0
        fuse = Fuse(2, after=True)
        while crashes(again, fuse, fuse.on_checkpoints, resume=attempts > 0):
            attempts += 1
            fuse = Fuse(1, after=True)

        assert expected == left_by(again)
        assert attempts > 5


class TestOtherRuns:
    def stopped(self, here: Here) -> Plan:
        plan = here.requests()
        fuse = Fuse(3, after=True)
        assert crashes(plan, fuse, fuse.on_checkpoints)
        return plan

    def test_another_run_does_not_go_on(self, here: Here, small_blocks: None) -> None:
        plan = self.stopped(here)

        with pytest.raises(OSError, match="another run"):
            run(attrs.evolve(plan, batch=requests(strict=True)), resume=True)

    def test_nor_does_one_of_a_longer_input(self, here: Here, small_blocks: None) -> None:
        plan = self.stopped(here)
        with plan.inputs[0].open("ab") as stream:
            stream.write(b"\n")

        with pytest.raises(OSError, match="another run"):
            run(plan, resume=True)

    def test_what_is_lost_is_noticed(self, here: Here, small_blocks: None) -> None:
        plan = self.stopped(here)
        (here.path / "out.part").write_bytes(b"")

        with pytest.raises(OSError, match="shorter than what was written"):
            run(plan, resume=True)

    def test_without_resume_it_starts_again(self, here: Here, small_blocks: None) -> None:
        plan = self.stopped(here)

        assert 15 == run(plan).counts.read

    def test_with_nothing_to_resume_it_starts(self, here: Here) -> None:
        assert 15 == run(here.requests(), resume=True).counts.read


def written(plan: Plan) -> list[Path]:
    """The files of output that have their names."""
    return job_files(plan) if plan.is_split else [*filter(Path.exists, [plan.output])]


class TestKilled:
    """The command itself, and kill -9."""

    def arguments(self, plan: Plan, workers: int) -> list[str]:
        return [
            *(sys.executable, "-m", "imagewire", "batch", "-", "--from", "gemini"),
            *("--to", "chat", "--kind", "response", "--context", str(plan.context)),
            *("-o", str(plan.output), "--rejects", str(plan.rejects)),
            *("--losses", str(plan.losses), "--workers", str(workers)),
        ]

    def lines(self) -> list[bytes]:
        """Results for four chunks, of which every ninth is broken."""
        body = answered(size=files.BLOCK_BYTES * 4 // 180)  # grows by a third as base64
        ids = [f"id-{number // 3}#{number % 3 + 1}" for number in range(180)]
        return [b"broken\n" if n % 9 == 4 else gemini(id_, body) for n, id_ in enumerate(ids)]

    def done(self, plan: Plan) -> int:
        """How many bytes of its input a run has done, as a reader of its journal sees it."""
        with contextlib.suppress(sqlite3.Error):
            database = sqlite3.connect(f"file:{plan.journal}?mode=ro", uri=True)
            with contextlib.closing(database):
                for (document,) in database.execute("SELECT document FROM checkpoint"):
                    return msgspec.json.decode(document, type=Checkpoint).position
        return 0

    @pytest.mark.parametrize("workers", [1, 2])
    def test_it_goes_on_where_it_was(self, here: Here, workers: int) -> None:
        lines = self.lines()
        plan = here.responses()
        stored = [
            msgspec.json.encode(StoredContext(f"id-{number}", 3)) + b"\n" for number in range(60)
        ]
        assert plan.context is not None
        plan.context.write_bytes(b"".join(stored))
        whole = subprocess.run(  # noqa: S603 - our own
            self.arguments(plan, 1), input=b"".join(lines), check=False, capture_output=True
        )
        ended = b"180 lines: 60 translated, 100 joined with others, 20 rejected, 80 losses\n"
        assert ended == last_line(whole.stderr)
        expected = left_by(plan)

        plan = here.again(plan, "killed-")
        command = self.arguments(plan, workers)
        with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as running:  # noqa: S603
            assert running.stdin is not None
            running.stdin.write(b"".join(lines))
            running.stdin.flush()  # and it waits for more
            while running.poll() is None and not self.done(plan):
                pass
            running.kill()
        assert 0 < self.done(plan) < sum(map(len, lines))
        assert not plan.output.exists()

        resumed = subprocess.run(  # noqa: S603 - our own
            [*command, "--resume"], input=b"".join(lines), check=False, capture_output=True
        )

        assert (1, ended) == (resumed.returncode, last_line(resumed.stderr))
        assert expected == left_by(plan)
        assert not plan.journal.exists()
        assert [] == [*Path(here.path).glob("*.part")]

    @pytest.mark.parametrize(
        ("name", "workers"), [("jobs-{n}", 1), ("jobs-{n}.gz", 2), ("out.zst", 2)]
    )
    def test_with_files_of_several_jobs_or_archives(
        self, here: Here, name: str, workers: int
    ) -> None:
        lines = [
            openai(f"id-{n}", asked(f"fox {n}", model=f"gpt-image-{1 + (n % 7 == 3)}"))
            for n in range(70_000)
        ]
        plan = here.plan(requests(target="images"), "asked.jsonl", b"".join(lines))
        plan = attrs.evolve(plan, output=here.path / name, losses=None, context=None)
        run(plan)
        expected = {path.name: path.read_bytes() for path in written(plan)}
        for path in written(plan):
            path.unlink()
        command = [
            *(sys.executable, "-m", "imagewire", "batch", str(plan.inputs[0])),
            *("--from", "chat", "--to", "images", "-o", str(plan.output)),
            *("--rejects", str(plan.rejects), "--workers", str(workers)),
        ]

        with subprocess.Popen(command, stderr=subprocess.PIPE) as running:  # noqa: S603 - our own
            while running.poll() is None and not self.done(plan):
                pass
            running.kill()
        assert 0 < self.done(plan) < plan.inputs[0].stat().st_size
        assert [] == written(plan)

        subprocess.run([*command, "--resume"], check=False, capture_output=True)  # noqa: S603
        assert expected == {path.name: path.read_bytes() for path in written(plan)}
        assert (3 if plan.is_split else 1) == len(expected)

    @pytest.mark.parametrize("workers", [1, 2])
    def test_with_a_file_that_workers_read(self, here: Here, workers: int) -> None:
        """There are so many lines that the first of them are saved long before the last."""
        lines = [openai(f"id-{n}", asked(f"fox {n}")) if n % 3 else b"bad\n" for n in range(80_000)]
        plan = here.requests(b"".join(lines))
        run(plan)
        expected = left_by(plan)
        plan = here.again(plan, "killed-")
        command = [
            *(
                sys.executable,
                "-m",
                "imagewire",
                "batch",
                str(plan.inputs[0]),
                "--from",
                "chat",
            ),
            *("--to", "gemini", "--context", str(plan.context), "-o", str(plan.output)),
            *("--rejects", str(plan.rejects), "--losses", str(plan.losses)),
            *("--workers", str(workers)),
        ]

        with subprocess.Popen(command, stderr=subprocess.PIPE) as running:  # noqa: S603 - our own
            while running.poll() is None and not self.done(plan):
                pass
            running.kill()
        assert 0 < self.done(plan) < plan.inputs[0].stat().st_size

        ended = subprocess.run([*command, "--resume"], check=False, capture_output=True)  # noqa: S603
        assert last_line(ended.stderr).startswith(b"80000 lines: 53333 translated, 26667 rejected")
        assert expected == left_by(plan)
