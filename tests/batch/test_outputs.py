"""What a run reads and writes beside plain files: archives, several inputs, stdout."""

from __future__ import annotations

import gzip
import io
import sys
from pathlib import Path
from typing import Any

import attrs
import msgspec
import pytest
from backports import zstd

from batch_apis import unpacked
from batch_lines import answered, asked, documents, gemini, openai
from batch_runs import (
    CrashError,
    Fuse,
    Here,
    context_lines,
    here,
    left_by,
    run,
    small_blocks,
    threads,
)
from imagewire.batch.run import ids
from imagewire.batch.run.files import Input
from imagewire.batch.run.job import carry_out
from imagewire.batch.run.plan import Plan, PlanError

__all__ = ["here", "small_blocks", "threads"]


def archived(plan: Plan, suffix: str, prefix: str = "") -> Plan:
    """The same plan with all that it writes compressed."""
    names: dict[str, Any] = {
        name: path.with_name(prefix + path.name + suffix)
        for name, path in plan.writes.items()
        if name != "contexts"
    }
    context = plan.context
    if context is not None and not plan.has_contexts:
        context = context.with_name(prefix + context.name + suffix)
    return attrs.evolve(plan, context=context, **names)


class TestArchives:
    @pytest.mark.usefixtures("small_blocks", "threads")
    @pytest.mark.parametrize("suffix", [".gz", ".zst"])
    @pytest.mark.parametrize("kind", ["requests", "responses"])
    @pytest.mark.parametrize("workers", [1, 2])
    def test_they_hold_what_plain_files_do(
        self, here: Here, suffix: str, kind: str, workers: int
    ) -> None:
        plan = here.plans()[kind]
        run(plan)
        expected = left_by(plan)
        packed = archived(plan, suffix)

        run(packed, workers=workers)

        assert expected == {name: unpacked(path) for name, path in packed.writes.items()}

    @pytest.mark.parametrize("suffix", [".gz", ".zst"])
    def test_one_without_a_line_is_one(self, here: Here, suffix: str) -> None:
        plan = archived(here.requests(b"\n"), suffix)

        run(plan)

        assert {b""} == {unpacked(path) for path in plan.writes.values()}
        assert min(path.stat().st_size for path in plan.writes.values()) > 0

    def test_a_context_file_is_read_from_one(self, here: Here) -> None:
        plan = here.responses()
        run(plan)
        expected = left_by(plan)
        packed = here.path / "kept.gz"
        packed.write_bytes(gzip.compress(context_lines()))

        run(attrs.evolve(plan, context=packed))

        assert expected == left_by(plan)

    @pytest.mark.parametrize("suffix", [".gz", ".zst"])
    @pytest.mark.parametrize("kind", ["requests", "responses"])
    def test_a_run_that_ends_anywhere_goes_on(
        self, here: Here, suffix: str, kind: str, small_blocks: None
    ) -> None:
        """To the same bytes, though a block is compressed by itself."""
        plan = here.plans()[kind]
        whole = archived(plan, suffix)
        run(whole)
        calls, crashed = 0, True
        while crashed:
            calls += 1
            again = archived(plan, suffix, f"{calls}-")
            with pytest.MonkeyPatch.context() as patch:
                Fuse(calls, after=calls % 2 == 0).on_everything(patch)
                try:
                    run(again)
                    crashed = False
                except CrashError:
                    pass
            if crashed:
                run(again, resume=True)
            assert left_by(whole) == left_by(again)
        assert calls > 20


class TestInputs:
    def pieces(self, here: Here, data: bytes) -> tuple[Path, ...]:
        """Lines in several files, which end without an end of line, or are empty or compressed."""
        lines = data.splitlines(keepends=True)
        third = len(lines) // 3
        texts = b"".join(lines[:third]), b"", b"".join(lines[third : 2 * third])
        paths = [here.path / f"in-{number}.jsonl" for number in range(3)]
        for path, text in zip(paths, texts, strict=True):
            path.write_bytes(text.removesuffix(b"\n"))
        packed = [here.path / "in-3.jsonl.zst", here.path / "in-4.jsonl.gz"]
        packed[0].write_bytes(zstd.compress(b"".join(lines[2 * third : -2])))
        packed[1].write_bytes(gzip.compress(b"".join(lines[-2:])))
        return (*paths, *packed)

    @pytest.mark.usefixtures("small_blocks", "threads")
    @pytest.mark.parametrize("kind", ["requests", "responses"])
    @pytest.mark.parametrize("workers", [1, 2])
    @pytest.mark.parametrize("plain", [True, False])
    def test_several_are_as_one(self, here: Here, kind: str, workers: int, plain: Any) -> None:
        plan = here.plans()[kind]
        run(plan)
        expected = left_by(plan)
        inputs = self.pieces(here, plan.inputs[0].read_bytes())
        if plain:
            for path in inputs[3:]:
                path.with_suffix("").write_bytes(unpacked(path))
            inputs = (*inputs[:3], *(path.with_suffix("") for path in inputs[3:]))

        run(attrs.evolve(plan, inputs=inputs), workers=workers)

        assert expected == left_by(plan)

    @pytest.mark.usefixtures("small_blocks", "threads")
    @pytest.mark.parametrize("workers", [1, 2])
    @pytest.mark.parametrize("plain", [True, False])
    def test_a_run_goes_on_in_any_of_them(self, here: Here, workers: int, plain: Any) -> None:
        plan = here.requests()
        inputs = self.pieces(here, plan.inputs[0].read_bytes())
        plan = attrs.evolve(plan, inputs=inputs[: 3 if plain else 5])
        run(plan)
        expected = left_by(plan)
        calls, crashed = 0, True
        while crashed:
            calls += 1
            again = here.again(plan, f"{calls}-")
            with pytest.MonkeyPatch.context() as patch:
                Fuse(calls, after=True).on_checkpoints(patch)
                try:
                    run(again, workers=workers)
                    crashed = False
                except CrashError:
                    run(again, workers=workers, resume=True)
            assert expected == left_by(again)

    @pytest.mark.parametrize(
        ("data", "words"),
        [
            (b'[{"custom_id": "a"},\n{}]', "is one JSON array, not one JSON object a line"),
            (b'\n \n\xef\xbb\xbf[\n{"custom_id": "a"}\n]', "is one JSON array"),
            (b'{\n  "custom_id": "a"\n}\n', "is JSON on several lines"),
            (gzip.compress(b"{}", mtime=0), r"is compressed by gzip, .* would end in \.gz"),
            (zstd.compress(b"{}"), r"is compressed by zstd, .* would end in \.zst"),
            (b"PAR1...", "is a Parquet file, not lines of JSON"),
            ('{"custom_id": "a"}'.encode("utf-16"), "is text in UTF-16"),
        ],
    )
    @pytest.mark.parametrize("workers", [1, 2])
    def test_a_file_of_something_else_is_refused_at_once(
        self, here: Here, data: bytes, words: str, workers: int, threads: Any
    ) -> None:
        plan = here.requests(data)

        with pytest.raises(OSError, match=words):
            run(plan, workers=workers)

        assert not plan.output.exists()

    def test_so_is_the_second_of_two(self, here: Here) -> None:
        array = here.path / "array"
        array.write_bytes(b"[]")
        plan = here.requests(openai("a", asked()))

        with pytest.raises(OSError, match="array is one JSON array"):
            run(attrs.evolve(plan, inputs=(*plan.inputs, array)))

    def test_an_array_among_lines_is_a_reject(self, here: Here) -> None:
        plan = here.requests(openai("a", asked()) + b"[]\n")

        assert (1, 1) == (run(plan).counts.written, run(plan).counts.rejected)

    @pytest.mark.parametrize("suffix", ["", ".gz"])
    def test_a_run_does_not_go_on_where_there_is_nothing(self, here: Here, suffix: str) -> None:
        path = here.path / f"short{suffix}"
        path.write_bytes(gzip.compress(b"{}\n") if suffix else b"{}\n")
        lines = Input((path, path))

        with pytest.raises(OSError, match="ends before what was read"):
            lines.seek(7)
        lines.close()

    def test_they_can_be_gone_back_in(self, here: Here) -> None:
        inputs = self.pieces(here, b"".join(b"%d\n" % number for number in range(30)))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("imagewire.batch.run.files._STEP", 5)
            patch.setattr("imagewire.batch.run.files.BLOCK_BYTES", 5)
            lines = Input(inputs)
            found: dict[int, list[bytes]] = {}
            while True:
                at = lines.position
                if not (block := lines.read_block()):
                    break
                found[at] = block
            for at in sorted(found, reverse=True):
                lines.seek(at)
                assert found[at] == lines.read_block()
            lines.close()
        assert list(range(30)) == [int(line) for block in found.values() for line in block]


class TestStdout:
    def ran(self, plan: Plan, monkeypatch: pytest.MonkeyPatch, **about: Any) -> bytes:
        raw = io.BytesIO()
        monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw))
        carry_out(plan, workers=1, resume=False, on_checkpoint=lambda _: None, **about)
        return raw.getvalue()

    @pytest.mark.parametrize("kind", ["requests", "responses"])
    def test_it_gets_what_a_file_would(
        self, here: Here, kind: str, monkeypatch: pytest.MonkeyPatch, small_blocks: None
    ) -> None:
        plan = here.plans()[kind]
        run(plan)
        expected = left_by(plan)
        rejects: list[bytes] = []
        there = attrs.evolve(plan, output=Path("-"), rejects=None)
        there.check()

        found = self.ran(there, monkeypatch, on_rejects=rejects.append)

        assert expected.pop("output") == found
        assert expected.pop("rejects") == b"".join(rejects)
        assert expected == left_by(there)
        assert not here.path.joinpath("-.journal").exists()

    def test_rejects_may_have_a_file(self, here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
        plan = here.requests()
        run(plan)
        expected = left_by(plan)["rejects"]

        self.ran(attrs.evolve(plan, output=Path("-")), monkeypatch)

        assert expected == left_by(plan)["rejects"]

    @pytest.mark.parametrize("name", ["rejects", "losses", "context"])
    def test_it_gets_nothing_else(self, here: Here, name: str) -> None:
        about: dict[str, Any] = {name: Path("-")}

        with pytest.raises(PlanError, match=r"only output goes to stdout: name a file for"):
            attrs.evolve(here.requests(), **about).check()

    def test_one_that_is_closed_is_said(self, here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sys, "stdout", None)
        plan = attrs.evolve(here.requests(), output=Path("-"))

        with pytest.raises(OSError, match="stdout is closed"):
            carry_out(plan, workers=1, resume=False, on_checkpoint=lambda _: None)


@pytest.mark.parametrize("most", [500_000, 2], ids=["in memory", "on disk"])
class TestUnanswered:
    """Each request of which the context is known has a result, or is a reject."""

    STORED = b"".join(
        msgspec.json.encode({"id": f"c{n}", "repeat": 1 + n % 2}) + b"\n"
        for n in (9, 3, 17, 2, 5, 4)
    )
    LINES = b"".join(
        [
            *(gemini("c3#2", answered()), gemini("c2", answered())),
            *(b'{"key": "c9#1"}\n', b'{"key": "c4"}\n', b'{"key": ""}\n'),
        ]
    )

    @pytest.fixture(autouse=True)
    def in_memory(self, most: int, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(ids, "_MOST", most)

    def plan(self, here: Here) -> Plan:
        plan = here.responses()
        assert plan.context is not None
        plan.context.write_bytes(self.STORED)
        plan.inputs[0].write_bytes(self.LINES)
        return plan

    @pytest.mark.parametrize("workers", [1, 2])
    def test_a_request_without_a_result_is_a_reject(
        self, here: Here, workers: int, threads: Any
    ) -> None:
        """One whose result was rejected has been told of; one with a part of its calls has one."""
        plan = self.plan(here)

        counts = run(plan, workers=workers).counts

        rejects = documents(left_by(plan)["rejects"])
        assert [
            (None, "c17", "no result for c17"),
            (None, "c5", "no result for c5"),
        ] == [(each["line"], each["id"], each["error"]["message"]) for each in rejects[2:]]
        assert (5, 3, 2, 2) == (counts.read, counts.written, counts.rejected, counts.unanswered)

    def test_a_run_that_goes_on_knows_of_the_results_before(
        self, here: Here, small_blocks: None, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("imagewire.batch.run.files.BLOCK_BYTES", 1)
        plan = self.plan(here)
        run(plan)
        expected = left_by(plan)
        for calls in range(1, 7):
            again = here.again(plan, f"{calls}-")
            with pytest.MonkeyPatch.context() as patch, pytest.raises(CrashError):
                Fuse(calls, after=True).on_checkpoints(patch)
                run(again)
            run(again, resume=True)
            assert expected == left_by(again)
