"""The program itself: mistakes are one line, and it ends as a program should."""

from __future__ import annotations

import json
import os
import runpy
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

import imagewire
import imagewire.cli
from cases import DATA
from commands import A_FOX, STEERING, process, run
from imagewire.cli import main as program
from imagewire.cli import output
from imagewire.cli.options import read
from imagewire.cli.output import Refused

FULL = Path("/dev/full")


class TestMistakes:
    """Each is one line on stderr, without what could steer a terminal, and an exit status."""

    @pytest.mark.parametrize(
        ("arguments", "problem", "advice"),
        [
            (["--bogus"], "--bogus", "See imagewire --help"),
            (["frobnicate"], "No such command 'frobnicate'", "See imagewire --help"),
            (["request"], "Missing option '--from'", "Choose from: chat, gemini, images"),
            (["save", "no\x1b[2J\nfile"], "does not exist", "See imagewire save --help"),
            (["save", "--name", "\u202e/", "/dev/null"], "give a directory with -o", "-o"),
            (["batch", "\x9bx", "-o", "x"], "does not exist", "See imagewire batch --help"),
        ],
    )
    def test_wrong_usage(self, arguments: list[str], problem: str, advice: str) -> None:
        result = CliRunner().invoke(program.main, arguments, prog_name="imagewire")

        assert (2, "") == (result.exit_code, result.stdout)
        assert (True, True) == (problem in result.stderr, advice in result.stderr)
        assert 1 == result.stderr.count("\n")
        assert result.stderr.startswith("imagewire: ")
        assert set() == STEERING & {*result.stderr}

    def test_without_arguments_there_is_help(self) -> None:
        result = run()

        assert (2, True) == (result.exit_code, result.output.startswith("Usage: "))

    @pytest.mark.parametrize("command", ["request", "response", "batch"])
    def test_help_says_what_from_and_to_are(self, command: str) -> None:
        text = " ".join(run(command, "--help").stdout.split())

        assert "The format to translate from. [required]" in text
        assert "The format to translate to" in text

    @pytest.mark.parametrize(
        ("text", "shown"),
        [
            ("a fox, 狐, très bien 🦊", "a fox, 狐, très bien 🦊"),
            ('\u3000\xa0 \\ "', '\u3000\xa0 \\ "'),
            ("\x00\x1b[2J\x7f", "\\u0000\\u001b[2J\\u007f"),
            ("\x85\x9b\r\n", "\\u0085\\u009b\\r\\n"),
            ("\u202e\u2066\u200b\ufeff", "\\u202e\\u2066\\u200b\\ufeff"),
            ("\u2028\U000e0041\udc80", "\\u2028\\udb40\\udc41\\udc80"),
        ],
    )
    def test_what_steers_a_terminal_is_escaped(self, text: str, shown: str) -> None:
        assert shown == output.harmless(text)


class TestProgram:
    def test_it_is_a_process_that_reads_stdin_and_writes_stdout(self) -> None:
        body = json.dumps(A_FOX).encode()

        done = process("request", "--from=chat", "--to=gemini", input=body, capture_output=True)

        assert (0, "a fox") == (
            done.returncode,
            json.loads(done.stdout)["contents"][0]["parts"][0]["text"],
        )
        assert done.stderr.startswith(b"POST /v1beta/models/gemini-2.5-flash-image:")

    def test_it_runs_as_a_script(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setattr(sys, "argv", ["imagewire", "--version"])

        with pytest.raises(SystemExit) as exit_:
            runpy.run_module("imagewire", run_name="__main__")

        assert (0, f"imagewire, version {imagewire.__version__}\n") == (
            exit_.value.code,
            capsys.readouterr().out,
        )

    @pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals")
    def test_a_real_terminal_gets_indented_json(self) -> None:
        ours, theirs = os.openpty()
        try:
            sample = DATA / "chat_request_openrouter_style.json"
            process(
                "request",
                "--from=chat",
                "--to=gemini",
                sample,
                stdout=theirs,
                stderr=subprocess.DEVNULL,
            )

            assert b'{\r\n  "contents": [\r\n' == os.read(ours, 4096)[:20]
        finally:
            os.close(ours)
            os.close(theirs)

    def test_a_reader_that_leaves_early_ends_it_in_silence(self) -> None:
        reader, writer = os.pipe()
        os.close(reader)

        done = process("models", stdout=writer, stderr=subprocess.PIPE)
        os.close(writer)

        assert (1, b"") == (done.returncode, done.stderr)

    def test_a_broken_pipe_has_no_message(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def leave(*_: object, **__: object) -> None:
            raise BrokenPipeError(32, "Broken pipe")

        monkeypatch.setattr(click, "echo", leave)

        result = run("formats")

        assert (1, "") == (result.exit_code, result.output)

    @pytest.mark.skipif(sys.platform == "win32", reason="Windows closes nothing with <&-")
    @pytest.mark.parametrize(
        "arguments", [["request", "--from=chat", "--to=gemini"], ["save"]], ids=["request", "save"]
    )
    def test_a_closed_stdin_is_one_line(self, arguments: list[str]) -> None:
        done = process(*arguments, stderr=subprocess.PIPE, preexec_fn=lambda: os.close(0))

        assert (1, b"imagewire: stdin is closed\n") == (done.returncode, done.stderr)

    @pytest.mark.skipif(not FULL.exists(), reason="there is no full device")
    def test_a_full_disk_is_one_line(self) -> None:
        with FULL.open("wb") as full:
            done = process("schema", stdout=full, stderr=subprocess.PIPE)

        assert (1, b"imagewire: No space left on device\n") == (
            done.returncode,
            done.stderr,
        )

    @pytest.mark.skipif(sys.platform == "win32", reason="Windows closes nothing with >&-")
    def test_a_closed_stdout_is_no_error(self) -> None:
        done = process("models", stderr=subprocess.PIPE, preexec_fn=lambda: os.close(1))

        assert (0, b"") == (done.returncode, done.stderr)

    @pytest.mark.parametrize("missing", ["click", "orjson", "rich.console"])
    def test_without_its_extra_it_says_what_to_install(
        self, monkeypatch: pytest.MonkeyPatch, missing: str
    ) -> None:
        for name in [name for name in sys.modules if name.startswith("imagewire.cli.")]:
            # The two places where Python looks for a module that was imported already.
            monkeypatch.delattr(imagewire.cli, name.rpartition(".")[2])
            monkeypatch.delitem(sys.modules, name)
        monkeypatch.setitem(sys.modules, missing, None)

        with pytest.raises(SystemExit, match=r"pip install 'imagewire\[cli\]'$"):
            runpy.run_path(str(program.__file__))


def test_a_process_without_stdin_refuses_to_read_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)

    with pytest.raises(Refused, match="stdin is closed"):
        read(Path("-"))
