from __future__ import annotations

import os
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import imagewire
from cases import DATA
from commands import PNG, gemini_answer, run
from imagewire.errors import MalformedError
from imagewire.loss import Outcome
from imagewire.model import Candidate, Image, ImageResponse, Part

REMOTE = "https://user.example.com/fox.png"
A_PNG = "iVBORw0KGgo="


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


class TestSave:
    """`imagewire save` takes the response of any format, and never loses a file."""

    two_images = DATA / "chat_response_seed_array_text_first.json"

    def test_each_image_becomes_a_file_named_after_the_response(self, here: Path) -> None:
        result = run("save", self.two_images)

        names = [f"{self.two_images.stem}-1.png", f"{self.two_images.stem}-2.jpg"]
        assert (0, names) == (result.exit_code, result.stdout.splitlines())
        assert names == sorted(path.name for path in here.iterdir())

    def test_the_files_hold_the_bytes_of_the_images(self, here: Path) -> None:
        run("save", DATA / "gemini_response_ok_seed.json", "--name", "otter")

        assert PNG == (here / "otter-1.png").read_bytes()[:8]

    def test_a_response_on_stdin_has_a_name_too(self, here: Path) -> None:
        body = (DATA / "gemini_response_ok_seed.json").read_bytes()

        assert "response-1.png\n" == run("save", body=body).stdout

    def test_the_directory_is_made(self, here: Path) -> None:
        result = run("save", self.two_images, "-o", "a/b", "--name", "x")

        assert [str(Path("a/b/x-1.png")), str(Path("a/b/x-2.jpg"))] == result.stdout.splitlines()

    def test_a_file_that_exists_is_not_overwritten_and_nothing_is_written(self, here: Path) -> None:
        (here / "x-2.jpg").write_text("mine")

        result = run("save", self.two_images, "--name", "x")

        assert (1, "imagewire: these files exist; --force overwrites them: x-2.jpg\n") == (
            result.exit_code,
            result.stderr,
        )
        assert ["x-2.jpg"] == [path.name for path in here.iterdir()]
        assert "mine" == (here / "x-2.jpg").read_text()

    def test_a_link_that_leads_nowhere_is_not_followed(self, here: Path) -> None:
        (here / "x-1.png").symlink_to(here / "elsewhere")

        result = run("save", self.two_images, "--name", "x")

        assert (1, "imagewire: these exist and are not regular files: x-1.png\n") == (
            result.exit_code,
            result.stderr,
        )
        assert not (here / "elsewhere").exists()

    def test_force_overwrites(self, here: Path) -> None:
        (here / "x-1.png").write_text("mine")

        result = run("save", self.two_images, "--name", "x", "--force")

        assert (0, PNG) == (result.exit_code, (here / "x-1.png").read_bytes()[:8])

    def test_a_place_that_cannot_be_written_is_said(self, here: Path) -> None:
        (here / "file").touch()

        result = run("save", self.two_images, "-o", "file/deeper")

        assert (1, True) == (result.exit_code, result.stderr.startswith("imagewire: file/deeper"))
        assert result.stderr.endswith(": Not a directory\n")

    @pytest.mark.parametrize("kind", ["pipe", "directory", "link"])
    def test_force_replaces_regular_files_only(self, here: Path, kind: str) -> None:
        (here / "mine").write_text("mine")
        path = here / "x-1.png"
        if kind == "pipe":
            os.mkfifo(path)
        elif kind == "directory":
            path.mkdir()
        else:
            path.symlink_to("mine")

        result = run("save", self.two_images, "--name", "x", "--force")

        assert (1, "imagewire: these exist and are not regular files: x-1.png\n") == (
            result.exit_code,
            result.stderr,
        )
        assert {"mine", "x-1.png"} == {path.name for path in here.iterdir()}

    def test_force_does_not_overwrite_the_reply_itself(self, here: Path) -> None:
        source = self.two_images.read_bytes()
        (here / "x-1.png").write_bytes(source)

        result = run("save", "x-1.png", "--name", "x", "--force")

        assert (2, source) == (result.exit_code, (here / "x-1.png").read_bytes())

    def test_force_leaves_the_file_s_other_name_alone(self, here: Path) -> None:
        (here / "mine").write_text("mine")
        (here / "x-1.png").hardlink_to(here / "mine")

        run("save", self.two_images, "--name", "x", "--force")

        assert ("mine", PNG) == (
            (here / "mine").read_text(),
            (here / "x-1.png").read_bytes()[:8],
        )

    def test_a_name_cannot_steer_a_terminal(
        self, here: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """In a pipe it is what leads to the file."""
        name = "a\x1b[2J\nb"

        piped = run("save", self.two_images, "--name", name)
        monkeypatch.setattr("imagewire.cli.output.on_terminal", lambda: True)
        shown = run("save", self.two_images, "--name", name, "--force")

        assert piped.stdout.startswith(f"{name}-1.png\n")
        assert ["a\\u001b[2J\\nb-1.png", "a\\u001b[2J\\nb-2.jpg"] == shown.stdout.splitlines()

    @pytest.mark.parametrize("name", ["", "../up", "a/b"])
    def test_a_name_cannot_leave_the_directory(self, here: Path, name: str) -> None:
        result = run("save", self.two_images, "--name", name)

        assert (2, []) == (result.exit_code, list(here.iterdir()))

    def test_a_markdown_image_is_an_image(self, here: Path) -> None:
        result = run("save", DATA / "chat_response_markdown.json", "--name", "x")

        assert "x-1.png\n" == result.stdout

    def test_drafts_are_left_out_and_said(self, here: Path) -> None:
        result = run("save", DATA / "gemini_response_thought_images.json", "--name", "x")

        assert (0, "x-1.png\n") == (result.exit_code, result.stdout)
        assert (
            "DROPPED $.candidates[0].content.parts[1]: 1 draft image(s) left out (content)\n"
            == result.stderr
        )

    def test_the_bytes_and_not_the_declaration_tell_the_extension(self, here: Path) -> None:
        sample = DATA / "gemini_response_ok_escaped_google_style.json"

        result = run("save", sample, "--name", "x")

        assert "x-1.jpg\n" == result.stdout
        assert result.stderr.startswith("CORRECTED $.candidates[0].content.parts[0].inlineData")

    def test_unknown_bytes_are_a_bin(self, here: Path) -> None:
        image = {"inlineData": {"data": "AAAA", "mimeType": "image/x-new"}}

        assert "x-1.bin\n" == run("save", "--name", "x", body=gemini_answer(image)).stdout

    def test_a_remote_image_beside_others_is_not_fetched_but_named(self, here: Path) -> None:
        result = run("save", body={"data": [{"url": REMOTE}, {"b64_json": A_PNG}]})

        assert (0, "response-2.png\n") == (result.exit_code, result.stdout)
        assert f"not fetched: {REMOTE}\n" == result.stderr

    def test_a_reply_of_remote_images_alone_is_refused_and_says_where_they_are(
        self, here: Path
    ) -> None:
        result = run("save", body={"data": [{"url": f"{REMOTE}?sig=1"}, {"url": REMOTE}]})

        words = "all images are remote, and are not fetched: https://user.example.com"
        assert (1, "", f"imagewire: {words}\n") == (
            result.exit_code,
            result.stdout,
            result.stderr,
        )
        assert [] == [*here.iterdir()]

    def test_an_image_that_an_upstream_holds_has_no_host(self, here: Path) -> None:
        file = {"fileData": {"fileUri": "gs://bucket/fox.png", "mimeType": "image/png"}}

        result = run("save", body=gemini_answer(file))

        assert (1, True) == (result.exit_code, result.stderr.endswith(": gs://bucket\n"))

    @pytest.mark.parametrize(
        ("sample", "words"),
        [
            (
                "gemini_response_image_safety.json",
                (
                    "the response has no image: IMAGE_SAFETY: "
                    "Unable to show the generated image. Try rephrasing the prompt."
                ),
            ),
            (
                "gemini_response_no_image_text_only.json",
                "the response has no image: NO_IMAGE: I cannot draw that.",
            ),
            (
                "gemini_response_blocked_prompt.json",
                "the response has no image: PROHIBITED_CONTENT",
            ),
            (
                "chat_response_blocked_content_filter.json",
                (
                    "the response has no image: SAFETY: "
                    "Unable to show the generated image. IMAGE_SAFETY"
                ),
            ),
            (
                "google_error_400_seed.json",
                "the response is an error: body must be valid JSON (at $.error)",
            ),
            (
                b'[{"error": {"code": 400, "message": "no", "status": "INVALID_ARGUMENT"}}]',
                "the response is an error: no (at $.error)",
            ),
        ],
    )
    def test_a_response_without_an_image_exits_with_1_and_its_reason(
        self, here: Path, sample: str | bytes, words: str
    ) -> None:
        body = sample if isinstance(sample, bytes) else (DATA / sample).read_bytes()

        result = run("save", body=body)

        assert (1, "", f"imagewire: {words}\n") == (
            result.exit_code,
            result.stdout,
            result.stderr,
        )

    def test_what_no_format_reads_is_refused_with_each_reason(self, here: Path) -> None:
        result = run("save", body={"choices": [], "candidates": [], "data": [], "output": []})

        assert 1 == result.exit_code
        assert {"$.choices", "$.candidates", "$.data", "$.output"} == {
            word.strip("();\n") for word in result.stderr.split() if word.startswith("$")
        }

    def test_a_reason_that_formats_share_is_given_once(self, here: Path) -> None:
        result = run("save", body=b"[]")

        assert 1 == result.stderr.count("(at $)")

    def test_a_format_of_tomorrow_is_recognised(
        self, here: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        class Tomorrow(ModuleType):
            def read_response(self, body: bytes, **_: Any) -> Outcome[ImageResponse]:
                if body != b"tomorrow":
                    raise MalformedError("not of tomorrow")
                image = Image(data="iVBORw0KGgo=", media_type="image/png")
                candidate = Candidate(parts=(Part(image=image),))
                return Outcome(ImageResponse(candidates=(candidate,)))

        monkeypatch.setitem(imagewire.FORMATS, "tomorrow", Tomorrow("tomorrow"))

        assert "response-1.png\n" == run("save", body=b"tomorrow").stdout
        assert PNG == (here / "response-1.png").read_bytes()
