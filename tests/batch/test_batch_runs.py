"""Batch runs: every line is accounted for, in order, on one core or on more."""

from __future__ import annotations

import gzip
import os
import signal
from itertools import pairwise
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import attrs
import msgspec
import pytest
from backports import zstd

from batch_lines import asked, documents, openai, requests
from batch_runs import Here, here, left_by, response_lines, run, small_blocks, threads
from imagewire.batch import Line, PendingReply, Reject, translate_line, translate_lines
from imagewire.batch.run import files, job, pool
from imagewire.batch.run.journal import Checkpoint, Journal
from imagewire.batch.run.plan import Plan

__all__ = ["here", "small_blocks", "threads"]
KINDS = ["requests", "responses"]


def expected(plan: Plan) -> dict[str, bytes]:
    """What the library makes of the lines, in one go."""
    batch = plan.batch
    lines = plan.inputs[0].read_bytes().splitlines(keepends=True)
    contexts = None
    if plan.context is not None and plan.has_contexts:
        contexts = {stored.id: stored for stored in job.read_contexts(plan.context)}
    elif batch.kind == "request":
        first = next(each for each in translate_lines(lines, batch) if isinstance(each, Line))
        batch = attrs.evolve(batch, job=first.job)
    found = [*translate_lines(lines, batch, contexts=contexts)]
    done = [each for each in found if isinstance(each, Line)]
    files = {
        "output": b"".join(bytes(line.body) for line in done),
        "rejects": b"".join(each.record() for each in found if isinstance(each, Reject)),
        "losses": b"".join(line.loss_records() for line in done),
    }
    if contexts is None:
        files["contexts"] = b"".join(
            msgspec.json.encode(line.stored_context) + b"\n" for line in done
        )
    return files


class TestFiles:
    @pytest.mark.parametrize("kind", KINDS)
    def test_a_run_writes_what_the_library_makes_of_its_lines(self, here: Here, kind: str) -> None:
        plan = here.plans()[kind]

        run(plan)

        assert expected(plan) == left_by(plan)

    @pytest.mark.parametrize("kind", KINDS)
    def test_it_does_so_in_chunks_of_any_size(
        self, here: Here, kind: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        plan = here.plans()[kind]
        for size in (1, 100, 700, 3000):
            monkeypatch.setattr(files, "BLOCK_BYTES", size)

            run(plan)

            assert expected(plan) == left_by(plan)

    def test_a_chunk_has_no_more_lines_than_memory_allows(
        self, here: Here, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        plan = here.requests()
        monkeypatch.setattr(files, "_STEP", 300)
        monkeypatch.setattr(files, "BLOCK_LINES", 4)
        saved: list[int] = []

        run(plan, on_checkpoint=lambda checkpoint: saved.append(checkpoint.counts.read))

        steps = [after - before for before, after in pairwise([0, *saved])]
        assert 4 <= max(steps) <= 5
        assert expected(plan) == left_by(plan)

    def test_output_and_rejects_account_for_every_line(self, here: Here) -> None:
        plan = here.requests()

        counts = run(plan).counts

        lines = len(plan.inputs[0].read_bytes().splitlines())
        assert lines == counts.read == counts.written + counts.rejected + counts.blank
        left = left_by(plan)
        ids = {line["key"].partition("#")[0] for line in documents(left["output"])}
        assert counts.written == len(ids) == len(documents(left["contexts"]))
        assert counts.rejected == len(documents(left["rejects"]))

    def test_so_do_they_for_results(self, here: Here) -> None:
        """A result is in the output under its own id or that of its request, or rejected."""
        plan = here.responses()

        counts = run(plan).counts

        left = left_by(plan)
        out = {line["custom_id"] for line in documents(left["output"]) if "custom_id" in line}
        rejected = {line["line"] for line in documents(left["rejects"])}
        for number, line in enumerate(response_lines().splitlines(), 1):
            id_ = line.split(b'"')[3].decode() if line.count(b'"') > 3 else ""
            assert {id_, id_.partition("#")[0]} & out or number in rejected or not line.strip()
        assert (len(rejected), 1) == (counts.rejected, counts.blank)

    def test_nothing_else_is_left(self, here: Here) -> None:
        run(here.requests())

        assert {"asked.jsonl", "out", "rejects", "losses", "context"} == {
            path.name for path in here.path.iterdir()
        }

    @pytest.mark.parametrize("data", [b"", b"\n\n"], ids=["nothing", "blank lines"])
    @pytest.mark.parametrize("workers", [1, 2])
    def test_an_empty_file_becomes_empty_files(
        self, here: Here, data: bytes, workers: int, threads: Any
    ) -> None:
        plan = here.requests(data)

        run(plan, workers=workers)

        assert {b""} == {*left_by(plan).values()}

    def test_a_last_line_needs_no_end(self, here: Here) -> None:
        plan = here.requests(openai("a", asked())[:-1])

        assert 1 == run(plan).counts.written

    @pytest.mark.parametrize(
        ("suffix", "packed"),
        [(".gz", gzip.compress), (".zst", zstd.compress)],
        ids=["gzip", "zstandard"],
    )
    def test_compressed_files_are_read(
        self, here: Here, suffix: str, packed: Any, small_blocks: None
    ) -> None:
        plan = here.requests()
        wanted = expected(plan)
        source = here.path / f"in.jsonl{suffix}"
        source.write_bytes(packed(plan.inputs[0].read_bytes()))

        run(attrs.evolve(plan, inputs=(source,)))

        assert wanted == left_by(plan)

    @pytest.mark.parametrize("suffix", [".gz", ".zst"])
    @pytest.mark.parametrize("cut", [0, 20], ids=["other bytes", "cut off"])
    def test_a_broken_archive_is_refused(self, here: Here, suffix: str, cut: int) -> None:
        data = os.urandom(1000)
        packed = gzip.compress(data) if suffix == ".gz" else zstd.compress(data)
        source = here.path / f"in{suffix}"
        source.write_bytes(packed[:-cut] if cut else b"no archive")

        with pytest.raises(OSError, match="in"):
            run(attrs.evolve(here.requests(), inputs=(source,)))

    def test_a_context_file_that_is_none_is_refused(self, here: Here) -> None:
        plan = here.responses()
        assert plan.context is not None
        plan.context.write_bytes(b"{}\n")

        with pytest.raises(OSError, match="is not a context file"):
            run(plan)


class TestWorkers:
    @pytest.mark.parametrize("kind", KINDS)
    @pytest.mark.parametrize("workers", [2, 3])
    def test_the_order_is_kept(
        self, here: Here, kind: str, workers: int, threads: Any, small_blocks: None
    ) -> None:
        plan = here.plans()[kind]

        run(plan, workers=workers)

        assert workers == len(threads)
        assert expected(plan) == left_by(plan)

    def test_processes_do_the_same(self, here: Here, small_blocks: None) -> None:
        plan = here.responses()

        run(plan, workers=2)

        assert expected(plan) == left_by(plan)

    def test_lines_of_an_archive_go_to_them(
        self, here: Here, threads: Any, small_blocks: None
    ) -> None:
        plan = here.requests()
        wanted = expected(plan)
        source = here.path / "in.jsonl.gz"
        source.write_bytes(gzip.compress(plan.inputs[0].read_bytes()))

        run(attrs.evolve(plan, inputs=(source,)), workers=2)

        assert wanted == left_by(plan)

    def test_the_model_of_the_job_is_known_before_there_are_any(
        self, here: Here, threads: Any, small_blocks: None
    ) -> None:
        """It is that of the first request that can be translated: every worker has to hold it."""
        other = openai("x", asked(model="gemini-3-pro-image-preview"))
        good = b"".join(openai(f"id-{n}", asked()) for n in range(9))
        plan = here.requests(b"broken\n" * 99 + good + other)

        checkpoint = run(plan, workers=2)

        job_ = checkpoint.outputs[0].job
        assert job_ is not None
        assert "gemini-2.5-flash-image" == job_.model
        assert (9, 100) == (checkpoint.counts.written, checkpoint.counts.rejected)

    def test_a_worker_that_cannot_write_ends_the_run(
        self, here: Here, threads: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def full(*_: Any) -> None:
            raise OSError("no space left")

        monkeypatch.setattr(pool, "Outputs", full)

        with pytest.raises(OSError, match="no space left"):
            run(here.responses(), workers=2)

    def test_a_worker_that_is_killed_ends_the_run(
        self, here: Here, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def suicide(*_: Any) -> None:
            os.kill(os.getpid(), signal.SIGKILL)

        monkeypatch.setattr(pool, "translate_block", suicide)

        with pytest.raises(OSError, match="a worker process died"):
            run(here.responses(), workers=2)

    def test_a_worker_ends_with_the_run(self, tmp_path: Path) -> None:
        """Killed or not, the run's ends of the pipes are closed then."""
        ours, theirs = get_context("fork").Pipe()
        ours.close()

        setup = pool.Setup(requests(), None, tmp_path / "out", tmp_path / "shared", None)
        pool.serve(theirs, setup, [])

        assert theirs.closed

    def test_a_worker_that_cannot_say_what_is_wrong_ends_too(self, tmp_path: Path) -> None:
        ours, theirs = get_context("fork").Pipe()
        ours.close()

        setup = pool.Setup(
            requests(), None, tmp_path / "out", tmp_path / "no" / "such" / "file", None
        )
        pool.serve(theirs, setup, [])

        assert theirs.closed

    def test_a_fork_closes_what_is_not_its_own(self, tmp_path: Path) -> None:
        ours, theirs = get_context("fork").Pipe()

        setup = pool.Setup(requests(), None, tmp_path / "out", tmp_path / "shared", None)
        pool.serve(theirs, setup, [ours])

        assert ours.closed


class TestCheckpoints:
    def test_each_is_reported(self, here: Here, small_blocks: None) -> None:
        found: list[Checkpoint] = []

        run(here.requests(), on_checkpoint=found.append)

        lines = [checkpoint.counts.read for checkpoint in found]
        assert sorted(lines) == lines
        assert [False] * (len(found) - 1) + [True] == [checkpoint.complete for checkpoint in found]

    def test_memory_does_not_hold_what_waits(self, here: Here) -> None:
        """Replies that wait for others are in the journal."""
        plan = here.responses()
        with Journal(plan.journal) as journal:
            journal.store(job.read_contexts(plan.context or plan.inputs[0]))
            for line in response_lines().splitlines()[1:3]:
                part = translate_line(line, plan.batch, contexts=journal)
                assert isinstance(part, PendingReply)
                assert [] == journal.add(part)

            waiting = [[part.id for part in parts] for parts in journal.rest()]

        assert [["id-1#2"], ["id-2#3"]] == waiting


def test_connections_are_those_of_the_platform() -> None:
    assert isinstance(get_context("fork").Pipe()[0], Connection)
