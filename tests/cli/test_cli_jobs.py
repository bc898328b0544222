"""The command `imagewire batch` with several files, in and out, and what it says meanwhile."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from pathlib import Path

import pytest

from batch_apis import gemini_takes, openai_takes
from batch_lines import answered, asked, documents, gemini, openai, requests
from commands import run
from imagewire.batch.run.journal import Checkpoint, Counts
from imagewire.batch.run.plan import Plan
from imagewire.cli import batch as cli_batch

NATIVE = ["batch", "--from", "chat", "--to", "native"]
THERE = ["batch", "--from", "chat", "--to", "gemini"]
BACK = ["batch", "--from", "gemini", "--to", "chat", "--kind", "response"]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "in.jsonl"
    lines = [openai("a", asked()), openai("b", asked(model="gpt-image-2")), b"broken\n"]
    path.write_bytes(b"".join([*lines, openai("c", asked(n=2))]))
    return path


class TestJobs:
    def test_each_file_is_said(self, source: Path, tmp_path: Path) -> None:
        (tmp_path / "out-3.jsonl").write_text("of an earlier run")

        result = run(*NATIVE, source, "-o", tmp_path / "out-{n}.jsonl")

        first, second = tmp_path / "out-1.jsonl", tmp_path / "out-2.jsonl"
        path = "/v1beta/models/gemini-2.5-flash-image:generateContent"
        assert [
            f"{first}: {path}, model gemini-2.5-flash-image, 3 lines",
            f"{second}: /v1/images/generations, model gpt-image-2, 1 lines",
            f"{tmp_path / 'out-3.jsonl'} is there from an earlier run, and no part of this one",
            "4 lines: 3 translated, 1 rejected, 0 losses",
        ] == result.stderr.splitlines()
        assert 1 == result.exit_code
        assert ["a", "c#1", "c#2"] == gemini_takes(first)
        assert ("/v1/images/generations", "gpt-image-2") == openai_takes(second)

    def test_what_stands_beside_them_has_their_common_name(
        self, source: Path, tmp_path: Path
    ) -> None:
        run(*NATIVE, source, "-o", tmp_path / "out-{n}.jsonl.gz")

        assert {
            "in.jsonl",
            "out-1.jsonl.gz",
            "out-2.jsonl.gz",
            "out.jobs.json",
            "out.jsonl.gz.rejects.jsonl",
        } == {path.name for path in tmp_path.iterdir()}
        files = json.loads((tmp_path / "out.jobs.json").read_bytes())
        assert ["out-1.jsonl.gz", "out-2.jsonl.gz"] == [file["file"] for file in files]

    def test_in_a_single_file_a_line_of_another_job_is_a_reject(
        self, source: Path, tmp_path: Path
    ) -> None:
        result = run(*NATIVE, source, "-o", tmp_path / "out")

        words = "4 lines: 2 translated, 2 rejected, 0 losses; the model is gemini-2.5-flash-image\n"
        assert words == result.stderr
        rejects = documents((tmp_path / "out.rejects.jsonl").read_bytes())
        assert ["b", None] == [reject["id"] for reject in rejects]

    def test_bare_lines_of_another_model_are_rejects(self, source: Path, tmp_path: Path) -> None:
        source.write_bytes(
            b"".join(json.dumps(asked(model=f"gemini-{name}")).encode() + b"\n" for name in "aab")
        )

        result = run(*THERE, source, "-o", tmp_path / "out")

        assert (
            "3 lines: 2 translated, 1 rejected, 0 losses; the model is gemini-a\n" == result.stderr
        )

    def test_lines_that_name_their_paths_may_be_of_any(self, source: Path, tmp_path: Path) -> None:
        lines = ({"id": name, "body": asked(model=f"gemini-{name}")} for name in "ab")
        source.write_bytes(b"".join(json.dumps(line).encode() + b"\n" for line in lines))

        result = run(*THERE, source, "-o", tmp_path / "out")

        assert "2 lines: 2 translated, 0 rejected, 0 losses\n" == result.stderr
        assert [f"/v1beta/models/gemini-{name}:generateContent" for name in "ab"] == [
            line["path"] for line in documents((tmp_path / "out").read_bytes())
        ]


class TestInAndOut:
    def test_several_files_are_one(self, source: Path, tmp_path: Path) -> None:
        other = tmp_path / "other.jsonl.gz"
        other.write_bytes(gzip.compress(openai("d", asked()) + openai("a", asked())))

        result = run(*THERE, source, other, "-o", tmp_path / "out")

        assert result.stderr.startswith("6 lines: 3 translated, 3 rejected")
        rejects = documents((tmp_path / "out.rejects.jsonl").read_bytes())
        assert [(2, "b"), (3, None), (6, "a")] == [(each["line"], each["id"]) for each in rejects]

    def test_stdout_gets_lines_and_stderr_rejects(self, source: Path) -> None:
        result = run(*THERE, source, "-o", "-")

        lines = documents(result.stdout_bytes)
        assert (1, ["a", "c#1", "c#2"]) == (result.exit_code, [line["key"] for line in lines])
        second, third, last = result.stderr.splitlines()
        assert [2, 3] == [json.loads(line)["line"] for line in (second, third)]
        assert last.startswith("4 lines: 2 translated, 2 rejected")
        assert ["in.jsonl"] == [path.name for path in source.parent.iterdir()]

    def test_a_reader_of_stdout_that_leaves_ends_the_run_in_silence(self, tmp_path: Path) -> None:
        source = tmp_path / "in.jsonl"
        source.write_bytes(b"".join(openai(f"{n}", asked("x" * 900)) for n in range(40_000)))
        command = [sys.executable, "-m", "imagewire", *THERE, str(source), "-o", "-"]

        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:  # noqa: S603 - our own
            assert running.stdout is not None
            assert running.stderr is not None
            running.stdout.readline()
            running.stdout.close()
            said = running.stderr.read()

        assert (1, b"") == (running.returncode, said)

    def test_requests_without_a_result_are_told_of(self, source: Path, tmp_path: Path) -> None:
        kept = tmp_path / "kept"
        kept.write_bytes(b'{"id":"a"}\n{"id":"c17"}\n')
        source.write_bytes(gemini("a", answered()))

        result = run(*BACK, source, "-o", tmp_path / "out", "--context", kept, "--created", "7")

        words = "1 lines: 1 translated, 0 rejected, 0 losses, no result for 1 requests\n"
        assert (1, words) == (result.exit_code, result.stderr)
        (reject,) = documents((tmp_path / "out.rejects.jsonl").read_bytes())
        assert ("c17", "no result for c17") == (reject["id"], reject["error"]["message"])

    def test_an_array_is_refused_in_one_line(self, source: Path, tmp_path: Path) -> None:
        source.write_bytes(b'[\n{"custom_id": "a"}\n]')

        result = run(*THERE, source, "-o", tmp_path / "out")

        words = f"imagewire: {source} is one JSON array, not one JSON object a line; jq -c '.[]' "
        assert (1, f"{words}makes lines\n") == (result.exit_code, result.stderr)


class TestProgress:
    def test_a_line_every_ten_seconds(
        self,
        source: Path,
        capsys: pytest.CaptureFixture[str],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """Of the lines of this run, where an earlier one had done some."""
        now = 0.0
        monkeypatch.setattr("imagewire.cli.batch.time.monotonic", lambda: now)
        plan = Plan(batch=requests(), inputs=(source,), output=source, rejects=source)
        size = plan.size
        assert size is not None

        on_checkpoint = cli_batch._progress_lines(plan)
        for now, lines in ((4.0, 1000), (9.0, 1500), (11.0, 3200), (12.0, 3300), (21.5, 4000)):  # noqa: B007 - the clock reads it
            counts = Counts(read=lines, rejected=2)
            on_checkpoint(Checkpoint(identity="", position=size // 2, counts=counts))
        now = 40.0
        on_checkpoint(Checkpoint(identity="", counts=Counts(read=9), complete=True))

        assert [
            "3,200 lines (50%), 200 a second, 2 rejected",
            "4,000 lines (50%), 140 a second, 2 rejected",
        ] == capsys.readouterr().err.splitlines()

    def test_a_pipe_has_no_length(
        self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(cli_batch, "_EVERY", 0.0)
        plan = Plan(batch=requests(), inputs=(Path("-"),), output=Path("x"), rejects=Path("y"))

        cli_batch._progress_lines(plan)(Checkpoint(identity="", counts=Counts(read=7)))

        assert capsys.readouterr().err.startswith("7 lines, 0 a second")
