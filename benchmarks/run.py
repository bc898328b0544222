"""Time every direction of every format over the payloads that the tests use.

Each answer is checked against its snapshot before it is timed: only what is right is measured.
``--smoke`` checks the answers and times nothing.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs

import imagewire

ROOT = Path(__file__).parent.parent


@attrs.frozen
class Work:
    """One translation, and what it has to give."""

    name: str
    run: Callable[[], Any]
    expected: Any
    size: int


def works() -> Iterator[Work]:
    """Each snapshot of a translation that succeeds is a piece of work."""
    for path in sorted((ROOT / "snapshots").rglob("*.json")):
        snapshot = json.loads(path.read_text())
        kind, direction, case = path.relative_to(ROOT / "snapshots").with_suffix("").parts
        if "error" in snapshot:
            continue
        source, _, target = direction.partition("-to-")
        body = (ROOT / "tests" / "data" / snapshot["input"]).read_bytes()
        run = (
            request_of(body, source, target)
            if kind == "request"
            else reply_of(body, source, target, status_of(kind, case))
        )
        yield Work(f"{kind} {direction} {case}", run, snapshot["body"], len(body))


def request_of(body: bytes, source: str, target: str) -> Callable[[], Any]:
    """Translating a request."""
    model = "gemini-3-pro-image-preview" if source == "gemini" else None
    endpoint = imagewire.Endpoint(source, "generate", model)
    return lambda: imagewire.translate_request(body, source=endpoint, target=target)


def reply_of(body: bytes, source: str, target: str, status: int) -> Callable[[], Any]:
    """Translating a reply."""
    return lambda: imagewire.translate_response(
        body, source=source, target=target, status=status, created=1735689600
    )


def status_of(kind: str, case: str) -> int:
    """The HTTP status that a case's name begins with, of a failure."""
    return int(case.partition("_")[0]) if kind == "failure" else 200


def check(work: Work) -> None:
    """Raise if the answer is not the snapshot's."""
    answer = json.loads(bytes(work.run().body))
    if answer != work.expected:
        raise SystemExit(f"wrong answer: {work.name}")


def median(run: Callable[[], Any], repeats: int = 200) -> float:
    """The median time of one call, in seconds."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def main() -> None:
    """Check every answer, then print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--smoke", action="store_true", help="check the answers, time nothing")
    smoke = parser.parse_args().smoke
    found = list(works())
    for work in found:
        check(work)
    print(f"{len(found)} answers are right")
    if smoke:
        return
    print(f"imagewire {imagewire.__version__}, Python {platform.python_version()}")
    for work in found:
        print(f"{median(work.run) * 1e6:9.1f} us {work.size:8d} B  {work.name}")


if __name__ == "__main__":
    main()
