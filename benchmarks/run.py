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
    for path in sorted((ROOT / "snapshots").glob("*/*/*.json")):
        snapshot = json.loads(path.read_text())
        if "error" in snapshot:
            continue
        name = " ".join(path.relative_to(ROOT / "snapshots").with_suffix("").parts)
        body = read_input(snapshot["input"])
        call = snapshot["call"]
        run = request_of(body, call) if "content_type" in call else reply_of(body, call)
        yield Work(name, run, snapshot["body"], len(body))


def read_input(name: str) -> bytes:
    """The payload of a snapshot; that of a ``.http`` file stands below its headers."""
    raw = (ROOT / "tests" / "data" / name).read_bytes()
    return raw.partition(b"\r\n\r\n")[2] if name.endswith(".http") else raw


def request_of(body: bytes, call: dict[str, Any]) -> Callable[[], Any]:
    """Translating a request."""
    source = imagewire.Endpoint(call["source"], "generate", call.get("path_model"))
    rest: dict[str, Any] = {name: call.get(name) for name in ("target", "model", "content_type")}
    return lambda: imagewire.translate_request(body, source=source, **rest)


def reply_of(body: bytes, call: dict[str, Any]) -> Callable[[], Any]:
    """Translating a reply."""
    return lambda: imagewire.translate_response(body, **call)


def check(work: Work) -> None:
    """Raise if the answer is not the snapshot's."""
    answer = work.run()
    if answer.headers["content-type"] != "application/json":
        return  # a form, whose snapshot holds its fields
    if json.loads(bytes(answer.body)) != work.expected:
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
