"""The files of a run: none is lost, shared or followed, and what fails is one `OSError`."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from typing import Any

import attrs
import pytest

from batch_lines import asked, openai, requests
from batch_runs import (
    OWN,
    Here,
    command,
    finished,
    here,
    last_line,
    left_by,
    run,
    small_blocks,
    threads,
)
from imagewire.batch.run import files, lock, pool
from imagewire.batch.run.lock import Lock, open_shared, wait_for_workers
from imagewire.batch.run.plan import PlanError

__all__ = ["here", "small_blocks", "threads"]


class TestNames:
    """What a run writes is none of its other files, however the names are spelt."""

    @pytest.mark.parametrize("name", ["out", "rejects", "losses", "context", *OWN])
    @pytest.mark.parametrize("as_", ["input", "losses", "rejects"])
    def test_a_name_that_is_written_is_no_other_file(self, here: Here, name: str, as_: str) -> None:
        plan = here.requests()
        if name.startswith(as_):
            return  # it is its own, or there is no such file then

        path = here.path / name
        about: dict[str, Any] = {"inputs": (path,)} if as_ == "input" else {as_: path}
        with pytest.raises(PlanError, match="are one file"):
            attrs.evolve(plan, **about).check()

    def test_a_context_file_that_is_read_is_one_of_them(self, here: Here) -> None:
        plan = here.responses()
        plan.check()

        with pytest.raises(PlanError, match="the context file and a temporary file for output"):
            attrs.evolve(plan, context=here.path / "out.part").check()

    @pytest.mark.parametrize("spelling", ["link", "hard link", "roundabout", "through a link"])
    def test_another_spelling_is_the_same_file(self, here: Here, spelling: str) -> None:
        plan = here.requests()
        part = here.path / "out.part"
        part.write_bytes(plan.inputs[0].read_bytes())
        other = here.path / "other"
        (here.path / "deeper").mkdir()
        if spelling == "link":
            other.symlink_to(part)
        elif spelling == "hard link":
            other.hardlink_to(part)
        elif spelling == "roundabout":
            other = here.path / "deeper" / ".." / "out.part"
        else:
            other.symlink_to(here.path)
            other = other / "out.part"

        with pytest.raises(PlanError, match="the input and a temporary file for output"):
            attrs.evolve(plan, inputs=(other,)).check()

    def test_a_missing_file_has_a_place(self, here: Here) -> None:
        (here.path / "same").symlink_to(here.path)
        plan = attrs.evolve(here.requests(), losses=here.path / "same" / "rejects")

        with pytest.raises(PlanError, match="the file for rejects and the file for losses"):
            plan.check()

    @pytest.mark.parametrize("name", ["out", "losses", "out.part", "out.lock", "out.journal"])
    @pytest.mark.parametrize("kind", ["pipe", "directory", "link", "dangling link", "device"])
    def test_what_is_no_regular_file_is_not_replaced(
        self, here: Here, name: str, kind: str
    ) -> None:
        plan = here.requests()
        path = here.path / name
        if kind == "pipe":
            os.mkfifo(path)
        elif kind == "directory":
            path.mkdir()
        elif kind == "device":
            path.symlink_to(os.devnull)
        else:
            path.symlink_to(plan.inputs[0] if kind == "link" else here.path / "nothing")

        with pytest.raises(PlanError, match=f"{name} exists and is not a regular file"):
            plan.check()

    def test_a_regular_file_is(self, here: Here) -> None:
        plan = here.requests()
        for path in plan.writes.values():
            path.write_text("before")
        plan.check()

        run(plan)

        assert b"before" not in left_by(plan).values()

    @pytest.mark.parametrize("stream", ["stdin", "stdout", "stderr"])
    def test_a_stream_of_the_program_may_be_the_file(self, here: Here, stream: str) -> None:
        plan = here.requests()
        output = here.path / "out"
        output.write_bytes(plan.inputs[0].read_bytes())
        source = "-" if stream == "stdin" else plan.inputs[0]

        with output.open("r+b") as file:
            about: dict[str, Any] = {"stderr": subprocess.DEVNULL, stream: file}
            done = subprocess.run(command(source, output), check=False, timeout=60, **about)  # noqa: S603 - our own

        assert 2 == done.returncode

    def test_a_stream_that_is_closed_is_no_file(self, here: Here) -> None:
        plan = here.requests()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(os, "fstat", lambda _: (_ for _ in ()).throw(OSError(9, "closed")))
            plan.check()


class TestLocks:
    """A second run on a file is refused while the first is at work, and no later."""

    @contextmanager
    def at_work(self, here: Here, *more: str) -> Iterator[subprocess.Popen[bytes]]:
        """A run that has written some of its lines, and waits for others."""
        long = "fox " * (files.BUFFER // 1000)
        lines = b"".join(openai(f"id-{n}", asked(long)) for n in range(300))
        arguments = command("-", here.path / "out", "--losses", str(here.path / "losses"), *more)
        with subprocess.Popen(arguments, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as running:  # noqa: S603 - our own
            assert running.stdin is not None
            running.stdin.write(lines)
            running.stdin.flush()
            part = here.path / "out.part"
            while running.poll() is None and not (part.exists() and part.stat().st_size):
                pass
            yield running
            running.kill()

    @pytest.mark.parametrize("more", [[], ["--resume"]], ids=["anew", "resumed"])
    def test_the_second_is_refused(self, here: Here, more: list[str]) -> None:
        plan = here.requests()
        with self.at_work(here) as running:
            before = (here.path / "out.part").stat().st_ino
            refused = finished(*command(plan.inputs[0], here.path / "out", *more))
            after = (here.path / "out.part").stat().st_ino
            _, said = running.communicate()

        words = f"imagewire: another run is at work on {here.path / 'out'}\n"
        assert (1, words.encode()) == refused
        assert last_line(said).startswith(b"300 lines: 300 translated, 0 rejected")
        assert before == after
        assert 300 == (here.path / "out").read_bytes().count(b"\n")
        assert {"asked.jsonl", "losses", "out", "out.rejects.jsonl"} == {
            path.name for path in here.path.iterdir()
        }

    def test_so_is_one_that_shares_another_file(self, here: Here) -> None:
        plan = here.requests()
        losses = here.path / "losses"
        with self.at_work(here):
            arguments = command(plan.inputs[0], here.path / "else", "--losses", str(losses))
            status, said = finished(*arguments)

        assert (1, f"imagewire: another run is at work on {losses}\n".encode()) == (status, said)

    @pytest.mark.parametrize("workers", ["1", "2"])
    def test_a_run_that_was_killed_is_at_work_no_more(self, here: Here, workers: str) -> None:
        plan = here.requests()
        with self.at_work(here, "--workers", workers) as running:
            running.kill()
            running.wait()
            status, said = finished(*command(plan.inputs[0], here.path / "out"))

        assert (1, True) == (status, last_line(said).startswith(b"15 lines: "))

    def test_a_lock_that_was_just_given_up_is_none(
        self, here: Here, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The run before deletes the file between our opening and locking it."""
        path = here.path / "out"
        monkeypatch.setattr(lock, "_take", lambda _: path.with_name("out.lock").unlink())

        with pytest.raises(OSError, match="another run is at work"):
            Lock(path)

    def test_in_one_process_it_is_the_same(self, here: Here) -> None:
        with Lock(here.path / "out"), pytest.raises(OSError, match="another run is at work"):
            run(here.requests())
        run(here.requests())

    def test_a_worker_does_not_hold_it(self, here: Here) -> None:
        ours, theirs = get_context("fork").Pipe()
        ours.close()
        held = Lock(here.path / "out")
        setup = pool.Setup(requests(), None, here.path / "other", here.path / "shared", None)
        pool.serve(theirs, setup, [held])

        with Lock(here.path / "out"):
            pass

    def test_the_next_run_waits_for_workers_that_still_write(self, here: Here) -> None:
        """Those of a run that was killed end by themselves."""
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:  # pragma: no cover - in another process
            open_shared(here.path / "shared")
            os.write(writer, b"x")
            (here.path / "out").write_bytes(b"theirs")
            os._exit(0)
        os.read(reader, 1)

        wait_for_workers(here.path / "shared")

        assert b"theirs" == (here.path / "out").read_bytes()
        os.waitpid(child, 0)
        os.close(reader)
        os.close(writer)
