"""Runs one fuzz target for long, guided by coverage, from every sample on::

    pip install -e '.[test,fuzz]' && python tests/fuzz.py translate_request 600

What escapes the target stops the run and is kept in a file ``crash-...``.
"""

from __future__ import annotations

import sys
import tempfile
from importlib import import_module
from pathlib import Path
from random import Random
from typing import Any

atheris: Any = import_module("atheris")  # no stubs, and only long runs need it

sys.path[:0] = [str(Path(__file__).with_name(name)) for name in ("support", "recipes")]
with atheris.instrument_imports(include=["imagewire"]):
    from fuzzing import TARGETS, inputs, varied

MAX_SIZE = 200_000  # bytes


def main(name: str, seconds: int) -> None:
    """Run a target until the time is over."""

    def vary(data: bytes, size: int, seed: int) -> bytes:
        return varied(data, Random(seed))[:size]

    with tempfile.TemporaryDirectory() as corpus:
        for index, data in enumerate(inputs(name)):
            Path(corpus, str(index)).write_bytes(data)
        limits = [f"-max_total_time={seconds}", f"-max_len={MAX_SIZE}", "-print_final_stats=1"]
        atheris.Setup([sys.argv[0], corpus, *limits], TARGETS[name], custom_mutator=vary)
        atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
