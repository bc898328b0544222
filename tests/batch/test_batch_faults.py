"""Faults and leftovers: a batch run ends with one line, and leaves no file half replaced."""

from __future__ import annotations

import gzip
import os
import sqlite3
import sys
from contextlib import closing
from io import FileIO
from pathlib import Path
from typing import Any

import attrs
import pytest

from batch_lines import asked, openai
from batch_runs import CrashError, Fuse, Here, command, finished, here, run, small_blocks, threads
from imagewire.batch.run import files, pool
from imagewire.batch.run.files import Input, Output, give_name
from imagewire.batch.run.journal import Checkpoint, Journal
from imagewire.batch.run.plan import Plan

__all__ = ["here", "small_blocks", "threads"]


class TestTemporaryFiles:
    def test_a_link_in_the_place_of_one_is_not_followed(self, here: Here) -> None:
        (here.path / "mine").write_text("mine")
        (here.path / "out.part").symlink_to(here.path / "mine")

        with pytest.raises(OSError, match="symbolic links"):
            Output(here.path / "out")

        assert "mine" == (here.path / "mine").read_text()

    def test_a_pipe_is_none(self, here: Here) -> None:
        os.mkfifo(here.path / "out.part")

        with pytest.raises(OSError, match="is not a regular file"):
            Output(here.path / "out")

    def test_another_name_of_an_old_one_keeps_what_it_has(self, here: Here) -> None:
        (here.path / "mine").write_text("mine")
        (here.path / "out.part").hardlink_to(here.path / "mine")

        run(here.requests())

        assert "mine" == (here.path / "mine").read_text()

    def test_what_came_meanwhile_is_not_replaced(self, here: Here) -> None:
        (here.path / "out.part").touch()
        os.mkfifo(here.path / "out")

        with pytest.raises(OSError, match="out exists and is not a regular file"):
            give_name(here.path / "out")

        assert (here.path / "out.part").exists()


class TestFaults:
    """All is an `OSError` that names the file, and nothing has its name yet."""

    def failed(self, plan: Plan, **how: Any) -> str:
        with pytest.raises(OSError, match=r"\S") as caught:
            run(plan, **how)
        assert not plan.output.exists()
        return str(caught.value)

    @pytest.mark.parametrize("workers", ["1", "2"])
    def test_a_full_disk(self, here: Here, workers: str) -> None:
        """A limit on the size of a file is met by all of them, like a disk that is full."""
        lines = b"".join(openai(f"id-{n}", asked("fox " * 90)) for n in range(1500))
        plan = here.requests(lines)
        limit = "import resource, runpy; resource.setrlimit(resource.RLIMIT_FSIZE, (300000,) * 2);"
        program = [sys.executable, "-c", limit + "runpy.run_module('imagewire', None, '__main__')"]
        arguments = [*command(plan.inputs[0], plan.output)[3:], "--workers", workers]

        status, said = finished(*program, *arguments)

        assert 1 == status
        assert f"imagewire: {plan.output}.part: File too large\n" == said.decode()

    def test_a_full_disk_under_the_journal(
        self, here: Here, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def full(*_: Any) -> None:
            raise sqlite3.OperationalError("database or disk is full")

        monkeypatch.setattr(Journal, "save", full)

        plan = here.requests()
        assert f"{plan.journal}: database or disk is full" == self.failed(plan)

    @pytest.mark.parametrize("name", ["output", "losses"])
    def test_a_missing_directory(self, here: Here, name: str) -> None:
        path = here.path / "no" / "file"

        about: dict[str, Any] = {name: path}
        said = self.failed(attrs.evolve(here.requests(), **about))

        assert f"{path}: there is no directory {path.parent}" == said

    @pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
    def test_a_directory_that_cannot_be_written(self, here: Here) -> None:
        plan = here.requests()
        here.path.chmod(0o500)
        try:
            assert "Permission denied" in self.failed(plan)
        finally:
            here.path.chmod(0o700)

    @pytest.mark.parametrize(
        ("about", "words"),
        [
            ("garbage" * 999, "file is not a database"),
            (["CREATE TABLE checkpoint (other)"], "no such column: document"),
            (["CREATE VIEW checkpoint AS SELECT 5 AS document"], "not the journal of a batch run"),
            (
                [
                    "CREATE TABLE checkpoint (one INTEGER PRIMARY KEY, document BLOB)",
                    "INSERT INTO checkpoint VALUES (1, x'7b7d')",
                ],
                "not the journal of a batch run",
            ),
        ],
        ids=["no database", "another table", "a number", "another document"],
    )
    def test_a_journal_of_something_else(
        self, here: Here, about: str | list[str], words: str
    ) -> None:
        plan = here.requests()
        if isinstance(about, str):
            plan.journal.write_text(about)
        else:
            with closing(sqlite3.connect(plan.journal)) as database:
                for statement in about:
                    database.execute(statement)
                database.commit()

        said = self.failed(plan, resume=True)

        assert (True, True) == (said.startswith(str(plan.journal)), words in said)
        assert 15 == run(plan).counts.read

    def test_a_worker_that_cannot_read_the_journal(
        self, here: Here, threads: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def broken(*_: Any) -> None:
            raise sqlite3.DatabaseError("malformed")

        monkeypatch.setattr(pool, "Journal", broken)
        plan = here.responses()

        assert f"{plan.journal}: malformed" == self.failed(plan, workers=2)

    def test_an_archive_that_is_broken_before_the_place_to_go_on(
        self, here: Here, small_blocks: None
    ) -> None:
        plan = here.requests()
        packed = here.path / "in.gz"
        packed.write_bytes(gzip.compress(plan.inputs[0].read_bytes()))
        plan = attrs.evolve(plan, inputs=(packed,))
        with pytest.MonkeyPatch.context() as patch, pytest.raises(CrashError):
            Fuse(3, after=True).on_checkpoints(patch)
            run(plan)
        packed.write_bytes(packed.read_bytes()[:30])

        assert str(packed) in self.failed(plan, resume=True)

    def test_an_input_that_cannot_be_read(
        self, here: Here, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        plan = here.requests()

        class Broken(FileIO):
            def readinto(self, _: object) -> int:
                raise OSError(5, "Input/output error")

        monkeypatch.setattr(files, "FileIO", Broken)
        with (
            closing(Input(plan.inputs)) as lines,
            pytest.raises(OSError, match=r"asked\.jsonl: .*Input/output error"),
        ):
            lines.read_block()

    def test_stdin_that_is_closed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("sys.stdin", None)

        with pytest.raises(OSError, match="stdin is closed"):
            Input((Path("-"),))

    def test_lines_and_contexts_that_are_no_utf_8(self, here: Here) -> None:
        plan = here.requests(b'{"custom_id": "\xff", "body": {}}\n\xff\xfe\n')
        assert 2 == run(plan).counts.rejected

        plan = here.responses()
        assert plan.context is not None
        plan.context.write_bytes(b'{"id": "\xff"}\n')
        assert "is not a context file" in self.failed(attrs.evolve(plan, output=here.path / "o"))

    def test_another_run_is_named_by_its_journal(self, here: Here, small_blocks: None) -> None:
        plan = here.requests()
        with Journal(plan.journal) as journal:
            journal.save(Checkpoint(identity="another"))

        assert "without --resume this one starts anew" in self.failed(plan, resume=True)
