"""One file a job: what a batch API takes is in it, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import attrs
import pytest

from batch_apis import gemini_takes, openai_takes, unpacked, vertex_takes
from batch_jobs import GPT, IMAGES, PICTURE, drawn, mixed, split
from batch_lines import answered, asked, documents, gemini, openai, requests, responses, text
from batch_runs import (
    CrashError,
    Fuse,
    Here,
    here,
    job_files,
    left_by,
    run,
    small_blocks,
    small_limits,
    threads,
)
from bypass import base64_of
from imagewire import Options
from imagewire.batch.run.plan import Plan

__all__ = ["here", "small_blocks", "small_limits", "threads"]


class TestFiles:
    def test_generations_and_edits_are_in_files_of_their_own(self, here: Here) -> None:
        plan = split(here, IMAGES, mixed(7))

        run(plan)

        first, second = job_files(plan)
        assert ("job-1.jsonl", "job-2.jsonl") == (first.name, second.name)
        assert ("/v1/images/edits", GPT) == openai_takes(first)
        assert ("/v1/images/generations", GPT) == openai_takes(second)
        assert ["id-0", "id-3", "id-6"] == [
            line["custom_id"] for line in documents(first.read_bytes())
        ]

    def test_so_are_models(self, here: Here) -> None:
        lines = [openai(f"{n}", asked(model=f"gpt-image-{n % 3}")) for n in range(9)]
        plan = split(here, requests(target="images"), b"".join(lines))

        run(plan)

        assert ["gpt-image-0", "gpt-image-1", "gpt-image-2"] == [
            openai_takes(path)[1] for path in job_files(plan)
        ]

    def test_so_are_apis(self, here: Here) -> None:
        lines = [openai("a", asked()), openai("b", asked(model=GPT)), openai("c", asked(n=2))]
        plan = split(here, requests(target="native"), b"".join(lines))

        run(plan)

        first, second = job_files(plan)
        assert ["a", "c#1", "c#2"] == gemini_takes(first)
        assert ("/v1/images/generations", GPT) == openai_takes(second)

    def test_rows_of_vertex_are(self, here: Here) -> None:
        lines = [openai(f"Id {n}", asked(model=f"gemini-{n % 2}")) for n in range(4)]
        plan = split(here, requests(options=Options(vertex=True)), b"".join(lines))

        run(plan)

        assert [2, 2] == [vertex_takes(path) for path in job_files(plan)]

    def test_what_names_its_path_is_cut_as_well(self, here: Here) -> None:
        lines = [text({"id": f"{n}", "body": asked(model=f"gemini-{n % 2}")}) for n in range(4)]
        plan = split(here, requests(), b"".join(lines))

        run(plan)

        assert [["0", "2"], ["1", "3"]] == [
            [line["id"] for line in documents(path.read_bytes())] for path in job_files(plan)
        ]

    def test_a_file_says_what_the_files_are(self, here: Here) -> None:
        plan = split(here, IMAGES, mixed(4))

        run(plan)

        files = [
            {
                "file": f"job-{number}.jsonl",
                "shape": "openai",
                "endpoint": f"/v1/images/{endpoint}",
                "model": GPT,
                "lines": 2,
                "bytes": (here.path / f"job-{number}.jsonl").stat().st_size,
            }
            for number, endpoint in enumerate(["edits", "generations"], 1)
        ]
        assert files == json.loads((here.path / "job.jobs.json").read_bytes())

    @pytest.mark.parametrize(
        ("name", "jobs", "journal"),
        [
            ("out-{n}.jsonl", "out.jobs.json", "out.jsonl.journal"),
            ("out.{n}.jsonl.gz", "out.jobs.json", "out.jsonl.gz.journal"),
            ("out_{n}", "out.jobs.json", "out.journal"),
            ("a-{n}-b.ndjson", "a-b.jobs.json", "a-b.ndjson.journal"),
            ("{n}.jsonl", "jobs.json", ".jsonl.journal"),
            ("{n}", "out.jobs.json", "out.journal"),
            ("v1.2-{n}", "v1.2.jobs.json", "v1.2.journal"),
        ],
    )
    def test_its_name_is_the_pattern_without_the_number(
        self, here: Here, name: str, jobs: str, journal: str
    ) -> None:
        plan = split(here, IMAGES, b"", name)

        assert (jobs, journal) == (plan.writes["jobs"].name, plan.journal.name)

    def test_without_a_line_there_is_no_file(self, here: Here) -> None:
        plan = split(here, IMAGES, b"\n")

        run(plan)

        assert ([], b"[]\n") == (job_files(plan), (here.path / "job.jobs.json").read_bytes())

    def test_nothing_else_is_left(self, here: Here) -> None:
        plan = split(here, IMAGES, mixed(4))
        (here.path / "job-3.jsonl.part").write_bytes(b"of another run")

        run(plan, workers=2)

        names = {"in.jsonl", "job-1.jsonl", "job-2.jsonl", "job.jobs.json"}
        assert names | {"rejects", "losses", "context"} == {
            path.name for path in here.path.iterdir()
        }

    def test_results_come_back_from_all_of_them(self, here: Here) -> None:
        """OpenAI Batch to Gemini Batch and back, with three pictures, edits and duplicates."""
        url = "data:image/png;base64," + base64_of(30)
        hat = [{"type": "text", "text": "hat"}, {"type": "image_url", "image_url": {"url": url}}]
        asks = [
            openai("fox", asked(n=3)),
            openai("hat", asked(hat)),
            openai("fox", asked("a second one")),
            openai("other", asked(model="gemini-3-pro-image-preview")),
        ]
        plan = split(here, requests(), b"".join(asks))
        counts = run(plan).counts
        assert (3, 1) == (counts.written, counts.rejected)

        results = []
        for path in job_files(plan):
            answers = [gemini(key, answered(words=key)) for key in gemini_takes(path)]
            results.append(path.with_suffix(".results"))
            results[-1].write_bytes(b"".join(answers))
        back = Plan(
            batch=responses(),
            inputs=tuple(results),
            output=here.path / "back",
            rejects=here.path / "back.rejects",
            context=plan.context,
        )
        run(back)

        found = {line["custom_id"]: line for line in documents(back.output.read_bytes())}
        content = found["fox"]["response"]["body"]["choices"][0]["message"]["content"]
        assert {"fox", "hat", "other"} == found.keys()
        assert 3 == sum(part["type"] == "image_url" for part in content)
        assert back.rejects is not None
        assert b"" == back.rejects.read_bytes()


class TestLimits:
    def test_sixty_thousand_lines(self, here: Here) -> None:
        """Files of no more than 50 000 lines, numbered in the order of the input."""
        plan = split(here, IMAGES, b"".join(map(drawn, map(str, range(60_000)))))

        run(plan)

        first, second = job_files(plan)
        assert [50_000, 10_000] == [len(documents(path.read_bytes())) for path in (first, second)]
        assert {openai_takes(first)} == {openai_takes(second)}

    def test_of_both_kinds(self, here: Here) -> None:
        plan = split(here, IMAGES, mixed(60_000))

        run(plan, workers=2)

        assert [("/v1/images/edits", GPT), ("/v1/images/generations", GPT)] == [
            openai_takes(path) for path in job_files(plan)
        ]

    @pytest.mark.usefixtures("small_blocks", "small_limits", "threads")
    @pytest.mark.parametrize("workers", [1, 2, 3])
    @pytest.mark.parametrize("suffix", ["", ".gz", ".zst"])
    def test_where_a_file_ends_depends_on_the_lines_alone(
        self, here: Here, workers: int, suffix: str
    ) -> None:
        """Not on blocks, workers or compression. Here a file takes 5 lines and 1500 bytes."""
        long = [drawn(f"long-{n}" + "x" * 700, *([PICTURE] if n % 2 else [])) for n in range(5)]
        plan = split(here, IMAGES, b"".join([mixed(20), *long, drawn("end")]))
        expected = attrs.evolve(plan, output=here.path / "whole-{n}")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("imagewire.batch.run.files.BLOCK_BYTES", 1 << 20)
            run(expected)

        plan = attrs.evolve(plan, output=here.path / ("job-{n}" + suffix))
        run(plan, workers=workers)

        wanted = [path.read_bytes() for path in job_files(expected)]
        assert wanted == [unpacked(path) for path in job_files(plan)]
        assert len(wanted) >= 5
        for path in job_files(plan):
            openai_takes(path, lines=5, size=1500)

    @pytest.mark.usefixtures("small_blocks", "small_limits", "threads")
    @pytest.mark.parametrize("workers", [1, 2])
    def test_in_a_single_file_a_line_without_room_is_a_reject(
        self, here: Here, workers: int
    ) -> None:
        lines = [drawn(f"id-{n}") for n in range(9)]
        plan = here.plan(
            IMAGES, "in.jsonl", b"".join([*lines[:3], drawn("pic", PICTURE), *lines[3:]])
        )

        counts = run(plan, workers=workers).counts

        assert (5, 5) == (counts.written, counts.rejected)
        openai_takes(plan.output, lines=5, size=1500)
        rejects = documents(left_by(plan)["rejects"])
        assert ["pic", "id-5", "id-6", "id-7", "id-8"] == [reject["id"] for reject in rejects]
        assert "not /v1/images/edits" in rejects[0]["error"]["message"]
        assert "no room for" in rejects[1]["error"]["message"]

    @pytest.mark.usefixtures("small_blocks", "small_limits", "threads")
    @pytest.mark.parametrize("workers", [1, 2])
    def test_a_line_that_no_file_can_have_is_a_reject(self, here: Here, workers: int) -> None:
        plan = split(here, IMAGES, drawn("a") + drawn("x" * 1500) + drawn("b"))

        run(plan, workers=workers)

        assert ["a", "b"] == [
            line["custom_id"] for path in job_files(plan) for line in documents(path.read_bytes())
        ]
        (reject,) = documents(left_by(plan)["rejects"])
        assert 2 == reject["line"]
        assert "takes files of 5 lines and 1,500 bytes" in reject["error"]["message"]

    @pytest.mark.usefixtures("small_blocks", "small_limits")
    def test_the_calls_of_a_request_stay_together(self, here: Here) -> None:
        lines = [openai(f"{n}", asked("x" * 300, n=3)) for n in range(3)]
        plan = split(here, requests(), b"".join(lines))

        run(plan)

        assert [["0#1", "0#2", "0#3"], ["1#1", "1#2", "1#3"], ["2#1", "2#2", "2#3"]] == [
            gemini_takes(path, size=1500) for path in job_files(plan)
        ]
        assert [3, 3, 3] == [
            file["lines"] for file in json.loads((here.path / "job.jobs.json").read_bytes())
        ]

    @pytest.mark.usefixtures("small_blocks", "small_limits")
    def test_a_request_of_gemini_that_no_file_can_have_is_a_reject(self, here: Here) -> None:
        plan = split(here, requests(), openai("a", asked("x" * 1500)))

        run(plan)

        (reject,) = documents(left_by(plan)["rejects"])
        assert reject["error"]["message"].endswith("the API takes files of 1,500 bytes")


class TestResuming:
    @pytest.mark.usefixtures("small_blocks", "small_limits", "threads")
    @pytest.mark.parametrize("suffix", ["", ".gz"])
    @pytest.mark.parametrize("after", [0, 1], ids=["before", "after"])
    @pytest.mark.parametrize("workers", [1, 2])
    def test_a_run_that_ends_anywhere_goes_on(
        self, here: Here, suffix: str, after: int, workers: int
    ) -> None:
        plan = split(here, IMAGES, mixed(16), "whole-{n}" + suffix)
        run(plan)
        expected = [path.read_bytes() for path in job_files(plan)]
        calls, crashed = 0, True
        while crashed:
            calls += 1
            again = here.again(plan, f"{calls}-")
            again = attrs.evolve(again, output=here.path / (f"{calls}-{{n}}" + suffix))
            fuse = Fuse(calls, after=bool(after))
            with pytest.MonkeyPatch.context() as patch:
                (fuse.on_everything if workers == 1 else fuse.on_checkpoints)(patch)
                try:
                    run(again, workers=workers)
                    crashed = False
                except CrashError:
                    pass
            if crashed:
                run(again, resume=True, workers=3 - workers)
            assert expected == [path.read_bytes() for path in job_files(again)]
        assert calls > (20 if workers == 1 else 5)
        assert [] == [*here.path.glob("*.part")]

    @pytest.mark.usefixtures("small_blocks")
    def test_what_was_begun_after_the_last_checkpoint_is_begun_again(self, here: Here) -> None:
        """Whoever wrote it: it may be one file with something else."""
        plan = split(here, IMAGES, mixed(6))
        fuse = Fuse(2, after=True)
        with pytest.MonkeyPatch.context() as patch, pytest.raises(CrashError):
            fuse.on_checkpoints(patch)
            run(plan)
        mine = here.path / "mine"
        mine.write_bytes(b"mine")
        for number in (3, 4):
            (here.path / f"job-{number}.jsonl.part").unlink(missing_ok=True)
            (here.path / f"job-{number}.jsonl.part").hardlink_to(mine)

        run(plan, resume=True)

        assert b"mine" == mine.read_bytes()


def test_the_checker_refuses_what_an_api_refuses(tmp_path: Path) -> None:
    """The tests above would not be worth much otherwise."""
    generation, edit = (
        {"model": GPT, "prompt": "a", **more} for more in ({}, {"images": [{"image_url": "x"}]})
    )
    url = "/v1/images/generations"
    good = openai("a", generation, url=url)
    bad = {
        "url_mismatch": openai("b", edit, url="/v1/images/edits"),
        "model_mismatch": openai("b", {**generation, "model": "other"}, url=url),
        "duplicate_custom_id": good,
        "an edit elsewhere": openai("b", edit, url=url),
        "another shape": text({"key": "b", "request": {}}),
        "no line": b"\n",
        "too many": openai("b", generation, url=url) + openai("c", generation, url=url),
        "too large": openai("b", {**generation, "prompt": "x" * 2000}, url=url),
    }
    path = tmp_path / "file"
    path.write_bytes(good)
    assert (url, GPT) == openai_takes(path)
    for line in bad.values():
        path.write_bytes(good + line)
        with pytest.raises((AssertionError, ValueError)):
            openai_takes(path, lines=2, size=1500)
