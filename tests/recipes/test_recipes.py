"""The recipes for engines run as they are, and give what a local run gives.

Each is a program that reads ``replies.parquet`` and writes ``chats.parquet``. Those that need the
extra ``engines`` run with ``-m engines``; Ray and Spark start a cluster on this machine.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import imagewire
from bypass import base64_of, picture, reply
from cases import CASES
from imagewire.arrow import merge_batch, translate_batch
from mutation import mutated

RECIPES = sorted(Path(__file__).parent.glob("*with_*.py"))
ENGINES = {
    *("with_ray", "with_spark", "with_pandas", "with_datasets"),
    *("merge_with_ray", "merge_with_spark"),
}

SAMPLES = [case.body for case in CASES if (case.kind, case.format) == ("response", "gemini")]


def replies() -> pa.Table:
    """A table of replies, whole, broken, large and missing, in several pieces."""
    random = Random(6)
    others = tuple(SAMPLES)
    bodies: list[bytes | None] = [None, b"", b"{", b"\xff", reply(picture(base64_of(100_000)))]
    bodies += [body for sample in SAMPLES for body in (sample, mutated(sample, random, others))]
    bodies *= 4
    return pa.table(
        {
            "id": [f"reply-{number:03}" for number in range(len(bodies))],
            "seconds": [None if number % 7 else number / 4 for number in range(len(bodies))],
            "body": pa.array(bodies, pa.binary()),
        }
    )


def calls() -> pa.Table:
    """The same as the replies to a quarter as many requests, and when each of them came."""
    table = replies()
    numbers = range(table.num_rows)
    asked = [number if number < 4 else 4 + number // 4 for number in numbers]
    table = table.set_column(0, "id", pa.array([f"request-{number:03}" for number in asked]))
    return table.set_column(1, "seconds", pa.array([number / 4 for number in numbers]))


def rows(table: pa.Table) -> list[dict[str, Any]]:
    rows_: list[dict[str, Any]] = table.sort_by("id").to_pylist()
    return rows_


class TestRecipes:
    def test_there_is_one_for_each_engine(self) -> None:
        assert ENGINES | {"with_duckdb", "with_polars"} == {recipe.stem for recipe in RECIPES}

    @pytest.mark.parametrize(
        "recipe",
        [
            pytest.param(
                recipe,
                id=recipe.stem,
                marks=[pytest.mark.engines] if recipe.stem in ENGINES else [],
            )
            for recipe in RECIPES
        ],
    )
    def test_an_engine_gives_what_a_local_run_gives(self, recipe: Path, tmp_path: Path) -> None:
        merges = recipe.stem.startswith("merge")
        given = calls() if merges else replies()
        pq.write_table(given, tmp_path / "replies.parquet", row_group_size=10)
        here = os.pathsep.join([str(Path(imagewire.__file__).parent.parent), *sys.path])
        env = os.environ | {
            "HOME": str(tmp_path),  # where Ray keeps a token
            "PYSPARK_PYTHON": sys.executable,
            "PYTHONPATH": here,
            "RAY_USAGE_STATS_ENABLED": "0",
        }

        subprocess.run([sys.executable, recipe], cwd=tmp_path, env=env, check=True)  # noqa: S603 - our own code

        about: dict[str, Any] = {"source": "gemini", "target": "chat"}
        there = translate_batch(given, kind="response", **about)
        expected = rows(merge_batch(given, by="id", **about) if merges else there)
        assert expected == rows(pq.read_table(tmp_path / "chats.parquet"))
        assert {True, False} == {row["error"] is None for row in expected}
