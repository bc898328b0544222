"""The command ``imagewire batch``."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from batch_lines import answered, asked, documents, gemini, openai, requests
from batch_runs import threads
from commands import run
from imagewire.batch.run.job import carry_out
from imagewire.batch.run.journal import Checkpoint, Counts
from imagewire.batch.run.plan import Plan
from imagewire.cli import batch as cli_batch

__all__ = ["threads"]
THERE = ["batch", "--from", "chat", "--to", "gemini"]
BACK = ["batch", "--from", "gemini", "--to", "chat", "--kind", "response"]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "in.jsonl"
    path.write_bytes(openai("a", asked(n=2)) + b"broken\n" + openai("b", asked(size="1536x1024")))
    return path


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out.jsonl"


class TestCommand:
    def test_a_file_goes_there_and_comes_back(self, source: Path, out: Path) -> None:
        """OpenAI Batch to Gemini Batch, which is answered; OpenAI's results have the same ids."""
        kept, results, back = (out.with_name(name) for name in ("kept", "results", "back"))

        run(*THERE, source, "-o", out, "--context", kept)
        results.write_bytes(
            b"".join(gemini(line["key"], answered()) for line in documents(out.read_bytes()))
        )
        result = run(*BACK, results, "-o", back, "--context", kept, "--created", "7")

        assert 0 == result.exit_code, result.stderr
        lines = documents(back.read_bytes())
        assert ["a", "b"] == [line["custom_id"] for line in lines]
        assert {200} == {line["response"]["status_code"] for line in lines}

    def test_one_line_says_how_it_ended(self, source: Path, out: Path) -> None:
        result = run(*THERE, source, "-o", out)

        assert (
            "3 lines: 2 translated, 1 rejected, 1 losses; the model is gemini-2.5-flash-image\n"
            == result.stderr
        )

    @pytest.mark.parametrize("option", ["-o", "--rejects", "--losses", "--context"])
    def test_a_file_without_a_name_is_wrong_usage(
        self, source: Path, out: Path, option: str
    ) -> None:
        result = run(*THERE, source, "-o", out, option, "")

        assert (2, 1) == (result.exit_code, len(result.stderr.splitlines()))
        assert "a file needs a name" in result.stderr

    def test_its_numbers_add_up(self, source: Path, out: Path) -> None:
        """Blank lines, and results that became one line with others, are lines, too."""
        kept = out.with_name("kept")
        kept.write_bytes(b'{"id":"a","repeat":3}\n')
        lines = [gemini("a#1"), b"\n", gemini("a#3"), b" \n", gemini("a#2"), b"broken\n"]
        source.write_bytes(b"".join(lines))

        result = run(*BACK, source, "-o", out, "--context", kept, "--created", "7")

        words = "6 lines: 1 translated, 2 joined with others, 2 blank, 1 rejected, 0 losses\n"
        assert words == result.stderr

    def test_a_model_s_name_cannot_steer_the_terminal(self, source: Path, out: Path) -> None:
        source.write_bytes(openai("a", asked(model="gemini-\u202ex")))

        result = run(*THERE, "--to-shape", "gemini", "--to", "chat", source, "-o", out)

        assert (0, True) == (result.exit_code, "the model is gemini-\\u202ex" in result.stderr)

    def test_it_says_how_many_of_them_are_errors(self, source: Path, out: Path) -> None:
        source.write_bytes(gemini("a", error={"code": 13, "message": "no"}))

        result = run(*BACK, source, "-o", out)

        assert "1 lines: 1 translated, of which 1 are errors, 0 rejected, 0 losses\n" == (
            result.stderr
        )

    def test_rejects_go_to_a_file_of_their_own(self, source: Path, out: Path) -> None:
        result = run(*THERE, source, "-o", out)

        assert 1 == result.exit_code
        rejects = documents(out.with_name("out.jsonl.rejects.jsonl").read_bytes())
        assert [2] == [reject["line"] for reject in rejects]

    def test_losses_go_to_a_file_if_they_are_wanted(self, source: Path, out: Path) -> None:
        losses = out.with_name("losses")

        run(*THERE, source, "-o", out, "--losses", losses)

        assert [(3, "b", "$.body.size")] == [
            (loss["line"], loss["id"], loss["path"]) for loss in documents(losses.read_bytes())
        ]

    def test_strict_rejects_what_loses_something_and_exits_with_3(
        self, source: Path, out: Path
    ) -> None:
        result = run(*THERE, source, "-o", out, "--strict")

        assert 3 == result.exit_code
        assert ["a#1", "a#2"] == [line["key"] for line in documents(out.read_bytes())]

    def test_without_rejects_it_exits_with_0(self, out: Path) -> None:
        result = run(*THERE, "-", "-o", out, "--workers", "1", body=openai("a", asked()))

        assert (0, 1) == (result.exit_code, len(documents(out.read_bytes())))

    def test_a_pipe_goes_on_behind_what_is_done(
        self, out: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        lines = b"".join(openai(f"id-{n}", asked()) for n in range(9))
        monkeypatch.setattr("imagewire.batch.run.files.BLOCK_BYTES", 500)
        real, left = carry_out, 3

        def stopped(plan: Plan, **how: Any) -> Checkpoint:
            def on_checkpoint(_: Checkpoint) -> None:
                nonlocal left
                left -= 1
                if not left:
                    raise OSError("stopped")

            return real(plan, **{**how, "on_checkpoint": on_checkpoint})

        monkeypatch.setattr(cli_batch, "carry_out", stopped)
        result = run(*THERE, "-", "-o", out, body=lines)
        assert (1, "imagewire: stopped\n") == (result.exit_code, result.stderr)
        monkeypatch.setattr(cli_batch, "carry_out", real)

        class Pipe(io.BytesIO):
            def seekable(self) -> bool:
                return False

        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(Pipe(lines)))
        plan = Plan(
            batch=requests(),
            inputs=(Path("-"),),
            output=out,
            rejects=out.with_name("out.jsonl.rejects.jsonl"),
        )
        real(plan, workers=1, resume=True, on_checkpoint=lambda _: None)

        assert [f"id-{n}" for n in range(9)] == [
            line["key"] for line in documents(out.read_bytes())
        ]

    def test_shapes_and_options_are_the_librarys(self, source: Path, out: Path) -> None:
        about = ["--to-shape", "bare", "-O", "model_ids=prefixed", "--to", "chat"]

        run(*THERE, source, "-o", out, *about)

        assert "google/gemini-2.5-flash-image" == documents(out.read_bytes())[0]["model"]

    @pytest.mark.parametrize(
        "arguments",
        [
            [*THERE, "in.jsonl"],
            [*THERE, "nowhere", "-o", "out"],
            [*THERE, "in.jsonl", "-o", "in.jsonl"],
            [*THERE, "in.jsonl", "-o", "out", "--losses", "./out"],
            [*BACK, "in.jsonl", "-o", "out", "--context", "out"],
            [*BACK, "in.jsonl", "-o", "out", "--context", "out.part"],
            [*THERE, "in.jsonl", "-o", "out", "--losses", "out.journal"],
            [*THERE, "in.jsonl", "-o", "-", "--workers", "2"],
            [*THERE, "in.jsonl", "-o", "-", "--resume"],
            [*THERE, "in.jsonl", "-o", "out", "--rejects", "-"],
            [*THERE, "in.jsonl", "-o", os.devnull],
            [*THERE, "in.jsonl", "-o", "."],
            [*BACK, "in.jsonl", "-o", "out-{n}"],
            [*THERE, "in.jsonl", "-o", "{n}-{n}"],
            [*THERE, "in.jsonl", "-o", "in{n}.jsonl", "--losses", "in7.jsonl"],
            [*THERE, "in.jsonl", "-o", "out", "--workers", "0"],
            [*THERE, "in.jsonl", "-o", "out", "--shape", "round"],
            [*THERE, "in.jsonl", "-o", "out", "-O", "colour=red"],
            [*BACK, "in.jsonl", "-o", "out", "--to", "native"],
        ],
    )
    def test_wrong_usage_exits_with_2(
        self, source: Path, arguments: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(source.parent)

        result = run(*arguments)

        assert (2, 1) == (result.exit_code, result.stderr.count("\n"))
        assert ["in.jsonl"] == [path.name for path in source.parent.iterdir()]

    def test_files_that_cannot_be_written_are_refused(self, source: Path, tmp_path: Path) -> None:
        losses = tmp_path / "no" / "losses"

        result = run(*THERE, source, "-o", tmp_path / "out", "--losses", losses)

        assert 1 == result.exit_code
        assert str(losses) in result.stderr


class TestProgress:
    def seen(self, source: Path, *, terminal: bool) -> str:
        plan = Plan(batch=requests(), inputs=(source,), output=source, rejects=source)
        text = io.StringIO()
        console = Console(file=text, force_terminal=terminal, width=120)
        with cli_batch._progress(plan, console) as on_checkpoint:
            on_checkpoint(Checkpoint(identity="", position=5, counts=Counts(read=2)))
            on_checkpoint(
                Checkpoint(
                    identity="", position=9, counts=Counts(read=3001, rejected=2), complete=True
                )
            )
        return text.getvalue()

    def test_a_terminal_sees_lines_rate_and_rejects(self, source: Path) -> None:
        seen = self.seen(source, terminal=True)

        assert "3,001 lines" in seen
        assert "a second" in seen
        assert "2 rejected" in seen

    def test_without_a_terminal_there_is_none(self, source: Path) -> None:
        assert "" == self.seen(source, terminal=False)

    def test_a_pipe_has_no_length(self) -> None:
        assert "3,001 lines" in self.seen(Path("-"), terminal=True)
