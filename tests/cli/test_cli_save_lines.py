"""`imagewire save` of result lines: each picture is a file, and each line is in the manifest."""

from __future__ import annotations

import gzip
import json
import os
import signal
import subprocess
import sys
from base64 import b64encode
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from batch_lines import answered, gemini, openai, text
from bypass import base64_of, payload, picture, reply
from commands import is_occupied, occupy, run
from imagewire.batch.run.lock import Lock
from imagewire.cli.gallery import Gallery, safe_name

M = "resource exhausted"
BLOCKED = {
    "candidates": [{"finishReason": "IMAGE_SAFETY", "finishMessage": "No <b>cats</b>."}],
}
REMOTE = "https://user:secret@files.example.com/fox.png?sig=abcdefgh"


def two_pictures() -> Any:
    return json.loads(reply({"text": "two"}, picture(base64_of(90, 1)), picture(base64_of(90, 2))))


LINES = [
    gemini("fox", answered(words="a fox", size=120, seed=3)),
    gemini("two", two_pictures()),
    text(
        {
            "custom_id": "a/b",
            "response": {"status_code": 200, "body": {"data": [{"b64_json": base64_of(60)}]}},
        }
    ),
    b"\n",
    text({"key": "late", "error": {"code": 8, "message": M}}),
    gemini("no", BLOCKED),
    b"broken\n",
    text({"id": "far", "status": 200, "body": {"data": [{"url": REMOTE}]}}),
    text(answered(seed=9)),
    gemini("fox", answered(words="another", seed=4)),
    gemini("fox", answered(words="a fox", size=120, seed=3)),
]


@pytest.fixture
def results(tmp_path: Path) -> Path:
    path = tmp_path / "results.jsonl"
    path.write_bytes(b"".join(LINES))
    return path


def manifest(directory: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (directory / "manifest.jsonl").read_bytes().splitlines()]


def left(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in directory.iterdir()}


class TestManifest:
    def test_it_has_each_picture_and_each_line_without_one(
        self, results: Path, tmp_path: Path
    ) -> None:
        out = tmp_path / "out"

        result = run("save", results, "-o", out)

        words = "10 lines: 7 pictures, 4 lines without one, of which 1 are not results\n"
        assert (1, "", words) == (result.exit_code, result.stdout, result.stderr)
        found = manifest(out)
        assert [
            (1, "fox", 1, "fox-1.png"),
            (2, "two", 1, "two-1.png"),
            (2, "two", 2, "two-2.png"),
            (3, "a/b", 1, "a%2Fb-1.png"),
            (5, "late", None, None),
            (6, "no", None, None),
            (7, "7", None, None),
            (8, "far", 1, None),
            (9, "9", 1, "9-1.png"),
            (10, "fox", 1, "fox~10-1.png"),
            (11, "fox", 1, "fox-1.png"),
        ] == [(each["line"], each["id"], each["index"], each["file"]) for each in found]
        assert {each["file"] for each in found if each["file"]} | {"manifest.jsonl"} == {
            path.name for path in out.iterdir()
        }

    def test_it_says_what_each_is(self, results: Path, tmp_path: Path) -> None:
        run("save", results, "-o", tmp_path / "out")

        fox = manifest(tmp_path / "out")[0]
        data = payload(120, 3)
        assert {
            "line": 1,
            "id": "fox",
            "index": 1,
            "file": "fox-1.png",
            "media_type": "image/png",
            "width": None,
            "height": None,
            "bytes": 120,
            "sha256": sha256(data).hexdigest(),
            "text": "a fox",
            "finish": "STOP",
            "error": None,
        } == fox
        assert data == (tmp_path / "out" / "fox-1.png").read_bytes()

    def test_it_says_how_large_one_is(self, results: Path, tmp_path: Path) -> None:
        head = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x06\x00\x00\x00\x04\x00"
        body = json.loads(reply(picture(b64encode(head).decode())))
        results.write_bytes(gemini("a", body))

        run("save", results, "-o", tmp_path / "out")

        (found,) = manifest(tmp_path / "out")
        assert (1536, 1024, None) == (found["width"], found["height"], found["text"])

    def test_it_says_why_there_is_none(self, results: Path, tmp_path: Path) -> None:
        run("save", results, "-o", tmp_path / "out")

        errors = {each["line"]: each["error"] for each in manifest(tmp_path / "out")}
        assert M == errors[5]
        assert "IMAGE_SAFETY: No <b>cats</b>." == errors[6]
        assert errors[7].startswith("not a result: a line must be a JSON object")
        assert errors[8].startswith("not fetched: https://")
        assert "secret" not in errors[8]

    @pytest.mark.parametrize(
        "id_", ["..", "", "-rf", "a\nb", "x" * 500, "\u202efox", "C:\\x", "%41"]
    )
    def test_any_id_is_a_name_of_its_own(self, results: Path, tmp_path: Path, id_: str) -> None:
        results.write_bytes(gemini(id_, answered()) + gemini("A", answered(seed=2)))

        assert 0 == run("save", results, "-o", tmp_path / "out").exit_code

        names = [each["file"] for each in manifest(tmp_path / "out")]
        assert {*names, "manifest.jsonl"} == {path.name for path in (tmp_path / "out").iterdir()}
        assert names[0].isascii()
        assert not names[0].startswith((".", "-"))

    def test_no_two_ids_have_one_name(self) -> None:
        ids = ["a", "%61", "a~1", "a/1", "a%2F1", "A", "", "%", ".a", "%2Ea", "x" * 500, "x" * 501]

        assert len(ids) == len({*map(safe_name, ids)})


class TestWhatIsRead:
    @pytest.mark.parametrize("name", ["r.jsonl", "r.jsonl.gz", "r.txt", "-"])
    def test_lines_are_recognised(self, results: Path, tmp_path: Path, name: str) -> None:
        """By their file's name, or by the first of them."""
        data = results.read_bytes()
        path = tmp_path / name
        if name != "-":
            path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)

        result = run("save", name if name == "-" else path, "-o", tmp_path / "out", body=data)

        assert result.stderr.startswith("10 lines: 7 pictures")

    def test_bare_lines_are_lines_in_a_file_of_lines(self, tmp_path: Path) -> None:
        path = tmp_path / "r.jsonl"
        path.write_bytes(text(answered(seed=1)) + text(answered(seed=2)))

        run("save", path, "-o", tmp_path / "out")

        assert ["1-1.png", "2-1.png"] == [each["file"] for each in manifest(tmp_path / "out")]

    @pytest.mark.parametrize("about", [["--force"], ["--name", "x"]])
    def test_what_is_about_one_reply_is_wrong_usage(
        self, results: Path, tmp_path: Path, about: list[str]
    ) -> None:
        assert 2 == run("save", results, "-o", tmp_path / "out", *about).exit_code

    @pytest.mark.parametrize("about", ["--resume", "--page"])
    def test_what_is_about_lines_is_wrong_usage_for_a_reply(
        self, tmp_path: Path, about: str
    ) -> None:
        assert 2 == run("save", "-o", tmp_path / "out", about, body=answered()).exit_code

    def test_requests_are_no_results(self, tmp_path: Path) -> None:
        path = tmp_path / "r.jsonl"
        path.write_bytes(openai("a", {"model": "m", "messages": []}))

        result = run("save", path, "-o", tmp_path / "out")

        assert (1, True) == (result.exit_code, result.stderr.startswith("1 lines: 0 pictures"))


class TestNothingIsOverwritten:
    def test_a_picture_beside_files_of_others(self, results: Path, tmp_path: Path) -> None:
        out = tmp_path / "out"
        out.mkdir()
        (out / "fox-1.png").write_text("mine")
        (out / "two-1.png").symlink_to(out / "nowhere")

        run("save", results, "-o", out)

        assert ("mine", True) == ((out / "fox-1.png").read_text(), (out / "two-1.png").is_symlink())
        assert ["fox~1-1.png", "two~2-1.png"] == [each["file"] for each in manifest(out)[:2]]

    def test_without_a_name_that_is_free_it_ends(self, results: Path, tmp_path: Path) -> None:
        out = tmp_path / "out"
        out.mkdir()
        for name in ("fox-1.png", "fox~1-1.png"):
            (out / name).write_text("mine")

        result = run("save", results, "-o", out)

        assert (1, True) == (result.exit_code, "exists, and is another picture" in result.stderr)

    @pytest.mark.parametrize("suffix", ["", ".part", ".lock", ".picture"])
    def test_the_input_is_no_file_that_is_written(
        self, results: Path, tmp_path: Path, suffix: str
    ) -> None:
        source = results.rename(tmp_path / f"manifest.jsonl{suffix}")

        result = run("save", source, "-o", tmp_path)

        words = f"imagewire: the input is a file that would be written: {source}"
        assert (2, True) == (result.exit_code, result.stderr.startswith(words))
        assert b"".join(LINES) == source.read_bytes()

    @pytest.mark.parametrize("suffix", ["", ".part", ".lock", ".picture"])
    @pytest.mark.parametrize("kind", ["pipe", "directory", "link"])
    def test_what_is_no_regular_file_is_not_replaced(
        self, results: Path, tmp_path: Path, suffix: str, kind: str
    ) -> None:
        path = tmp_path / f"manifest.jsonl{suffix}"
        occupy(path, kind)

        result = run("save", results, "-o", tmp_path)

        words = f"imagewire: these exist and are not regular files: {path}\n"
        assert (1, words, True) == (result.exit_code, result.stderr, is_occupied(path, kind))

    def test_a_second_run_is_refused(self, results: Path, tmp_path: Path) -> None:
        run("save", results, "-o", tmp_path / "out")
        before = left(tmp_path / "out")

        result = run("save", results, "-o", tmp_path / "out")

        assert (1, True) == (result.exit_code, "--resume goes on with it" in result.stderr)
        assert before == left(tmp_path / "out")

    def test_a_file_system_without_links_will_do(
        self, results: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        run("save", results, "-o", tmp_path / "out")
        monkeypatch.setattr(os, "link", lambda *_: (_ for _ in ()).throw(OSError(1, "no links")))

        run("save", results, "-o", tmp_path / "other")

        assert left(tmp_path / "out") == left(tmp_path / "other")

    def test_a_name_that_came_into_being_just_now_is_not_taken(
        self, results: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(os.path, "lexists", lambda _: False)
        (tmp_path / "out").mkdir()
        (tmp_path / "out" / "fox-1.png").write_text("mine")

        assert 1 == run("save", results, "-o", tmp_path / "out").exit_code
        assert "mine" == (tmp_path / "out" / "fox-1.png").read_text()


class TestResuming:
    @pytest.mark.parametrize("lines", [1, 2, 3, 6, 8, 11])
    @pytest.mark.parametrize("cut", [0, 7])
    def test_a_run_goes_on_with_the_last_line_it_knows(
        self, results: Path, tmp_path: Path, lines: int, cut: int
    ) -> None:
        """Whether its entry is whole or not, and whatever picture was half written."""
        run("save", results, "-o", tmp_path / "whole", "--page")
        wanted = left(tmp_path / "whole")
        out = tmp_path / "out"
        run("save", results, "-o", out)
        entries = (out / "manifest.jsonl").read_bytes().splitlines(keepends=True)[:lines]
        (out / "manifest.jsonl").unlink()
        (out / "manifest.jsonl.part").write_bytes(b"".join(entries)[: -cut or None])
        (out / "manifest.jsonl.picture").write_bytes(b"half a pic")
        if lines < 9:
            (out / "9-1.png").unlink()

        result = run("save", results, "-o", out, "--resume", "--page")

        assert result.stderr.startswith("10 lines: 7 pictures, 4 lines without one")
        assert wanted == left(out)

    def test_a_run_that_is_complete_stays(self, results: Path, tmp_path: Path) -> None:
        """And gets its page, if it has none."""
        first = run("save", results, "-o", tmp_path / "out")

        again = run("save", results, "-o", tmp_path / "out", "--resume", "--page")

        assert (first.exit_code, first.stderr) == (again.exit_code, again.stderr)
        assert (tmp_path / "out" / "index.html").exists()

    def test_with_nothing_to_resume_it_starts(self, results: Path, tmp_path: Path) -> None:
        assert "10 lines" in run("save", results, "-o", tmp_path / "out", "--resume").stderr

    def test_one_without_a_line_is_complete_too(self, results: Path, tmp_path: Path) -> None:
        results.write_bytes(b"\n")
        for _ in range(2):
            result = run("save", results, "-o", tmp_path / "out", "--resume", "--page")

            assert (0, True) == (result.exit_code, result.stderr.startswith("0 lines: 0 pictures"))

    def test_other_results_are_refused(self, results: Path, tmp_path: Path) -> None:
        run("save", results, "-o", tmp_path / "out")
        (tmp_path / "out" / "manifest.jsonl").rename(tmp_path / "out" / "manifest.jsonl.part")
        results.write_bytes(b"".join(gemini(f"other-{n}", answered()) for n in range(20)))

        result = run("save", results, "-o", tmp_path / "out", "--resume")

        assert (1, True) == (result.exit_code, "is about other results" in result.stderr)

    def test_what_is_no_manifest_is_refused(self, results: Path, tmp_path: Path) -> None:
        (tmp_path / "out").mkdir()
        (tmp_path / "out" / "manifest.jsonl.part").write_bytes(b"mine\n")

        result = run("save", results, "-o", tmp_path / "out", "--resume")

        assert (1, True) == (result.exit_code, "is not a manifest" in result.stderr)

    def test_kill_9(self, tmp_path: Path) -> None:
        """At some moments of a run of several hundred pictures."""
        results = tmp_path / "r.jsonl"
        lines = [gemini(f"id-{n}", answered(size=20_000, seed=n)) for n in range(300)]
        results.write_bytes(b"".join(lines))
        run("save", results, "-o", tmp_path / "whole")
        wanted = left(tmp_path / "whole")
        out = tmp_path / "out"
        command = [sys.executable, "-m", "imagewire", "save", str(results), "-o", str(out)]
        part = out / "manifest.jsonl.part"
        for size in (1, 20_000, 50_000):
            with subprocess.Popen([*command, "--resume"], stderr=subprocess.DEVNULL) as running:  # noqa: S603 - our own
                while running.poll() is None and not (part.exists() and part.stat().st_size > size):
                    pass
                running.send_signal(signal.SIGKILL)
        assert not (out / "manifest.jsonl").exists()

        run("save", results, "-o", out, "--resume")

        assert wanted == left(out)

    def test_two_runs_at_once_are_one_too_many(self, results: Path, tmp_path: Path) -> None:
        (tmp_path / "out").mkdir()
        with Lock(Gallery(tmp_path / "out").manifest):
            result = run("save", results, "-o", tmp_path / "out")

        assert (1, True) == (result.exit_code, "another run is at work" in result.stderr)
