"""Batch runs for tests: a directory with inputs, runs in it, and what they leave."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Thread
from typing import Any

import attrs
import msgspec
import pytest
from msgspec import structs

from batch_lines import answered, asked, gemini, openai, requests, responses
from imagewire import ReplyContext
from imagewire.batch import Batch
from imagewire.batch.records import StoredContext
from imagewire.batch.run import files, job, ledger, pool
from imagewire.batch.run.job import carry_out
from imagewire.batch.run.journal import Checkpoint, Journal
from imagewire.batch.run.plan import Plan
from imagewire.batch.shapes import SHAPES, Limits


def request_lines() -> bytes:
    """Requests of which some are broken, blank, lossy, for several images, or have taken ids."""
    lines = [openai(f"id-{number}", asked(f"a fox {number}")) for number in range(12)]
    lines[2] = b'{"custom_id": "broken\n'
    lines[5] = b"\n"
    lines[7] = openai("id-7", asked(n=3))
    lines[9] = openai("id-9", asked(size="1536x1024"))
    lines[10] = openai("id-10", asked(messages=[]))
    lines += [openai("id-7#2", asked("an owl")), openai("id-1", asked()), openai("id-7", asked())]
    return b"".join(lines)


def context_lines() -> bytes:
    contexts = [StoredContext(f"id-{n}", 1 + n % 3, ReplyContext(model=f"m-{n}")) for n in range(8)]
    return b"".join(msgspec.json.encode(each) + b"\n" for each in contexts)


def response_lines() -> bytes:
    """Results of the requests in `context_lines`: out of order, some broken, missing or double."""
    ids = ["id-0", "id-1#2", "id-2#3", "id-3", "id-2#1", "id-1#1", "id-4#1", "id-5#1", "id-6"]
    ids += ["id-5#3", "id-4#1", "id-4#2", "id-9", "id-2#2", "id-7#2", "id-1#2"]
    lines = [gemini(id_, answered(words=id_, seed=seed)) for seed, id_ in enumerate(ids)]
    return b"".join([*lines[:3], b"{}\n", *lines[3:6], b"broken\n", *lines[6:], b" \n"])


@attrs.frozen
class Here:
    """A directory to run in."""

    path: Path

    def plan(self, batch: Batch, name: str, data: bytes, **about: Any) -> Plan:
        source = self.path / name
        source.write_bytes(data)
        return self.again(
            Plan(batch=batch, inputs=(source,), output=source, rejects=source, **about)
        )

    def again(self, plan: Plan, prefix: str = "") -> Plan:
        """The same into files of other names."""
        reads = plan.context if plan.has_contexts else self.path / f"{prefix}context"
        return attrs.evolve(
            plan,
            output=self.path / f"{prefix}out",
            rejects=self.path / f"{prefix}rejects",
            losses=self.path / f"{prefix}losses",
            context=reads,
        )

    def requests(self, data: bytes | None = None) -> Plan:
        return self.plan(requests(), "asked.jsonl", request_lines() if data is None else data)

    def responses(self) -> Plan:
        contexts = self.path / "kept.jsonl"
        contexts.write_bytes(context_lines())
        return self.plan(responses(), "answered.jsonl", response_lines(), context=contexts)

    def plans(self) -> dict[str, Plan]:
        return {"requests": self.requests(), "responses": self.responses()}


def run(plan: Plan, *, workers: int = 1, resume: bool = False, **about: Any) -> Checkpoint:
    on_checkpoint: Callable[[Checkpoint], None] = about.get("on_checkpoint", lambda _: None)
    return carry_out(plan, workers=workers, resume=resume, on_checkpoint=on_checkpoint)


def left_by(plan: Plan) -> dict[str, bytes]:
    """What a run wrote, by what it is."""
    return {name: path.read_bytes() for name, path in plan.writes.items()}


@pytest.fixture
def here(tmp_path: Path) -> Here:
    return Here(tmp_path)


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chunks of two or three lines."""
    monkeypatch.setattr(files, "BLOCK_BYTES", 400)


@pytest.fixture
def small_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of five lines and of 1500 bytes."""
    limits = {"openai": Limits(lines=5, bytes=1500), "gemini": Limits(lines=2**62, bytes=1500)}
    shapes = {
        name: structs.replace(shape, limits=limits.get(name)) for name, shape in SHAPES.items()
    }
    monkeypatch.setattr(ledger, "SHAPES", shapes)


def job_files(plan: Plan) -> list[Path]:
    """The files of a run that wrote one a job, in order."""
    return [
        path
        for number in range(1, 1000)
        if (path := plan.output.with_name(plan.output.name.replace("{n}", str(number)))).exists()
    ]


@pytest.fixture
def threads(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Thread]]:
    """Workers are threads of this process, where coverage sees them."""
    started: list[Thread] = []

    def process(target: Callable[..., None], args: tuple[Any, ...]) -> Thread:
        connection, setup, _ = args
        own = Connection(os.dup(connection.fileno()))
        started.append(Thread(target=target, args=(own, setup, [])))
        return started[-1]

    monkeypatch.setattr(pool, "_process", process)
    yield started
    assert [] == [thread for thread in started if thread.is_alive()]


class CrashError(Exception):
    """A process that ends at once."""


@attrs.define
class Fuse:
    """Lets so many calls happen, and ends the process at the next one, before or after it."""

    calls: int
    after: bool

    def on(self, monkeypatch: pytest.MonkeyPatch, owner: Any, name: str) -> None:
        real = getattr(owner, name)

        def burning(*args: Any, **about: Any) -> Any:
            self.calls -= 1
            if self.calls == 0 and not self.after:
                raise CrashError
            result = real(*args, **about)
            if self.calls == 0:
                raise CrashError
            return result

        monkeypatch.setattr(owner, name, burning)

    def on_checkpoints(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.on(monkeypatch, Journal, "save")

    def on_everything(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """On all that changes a file."""
        for owner, name in (
            (files.Output, "write"),
            (files.Output, "truncate"),
            (Journal, "save"),
            (Journal, "add"),
            (job, "give_name"),
            (job, "remove"),
        ):
            self.on(monkeypatch, owner, name)


#: What a run of `Here.requests` writes, beside what its files are called in the end.
OWN = [
    *("out.part", "out.lock", "rejects.part", "losses.lock", "context.part"),
    *("out.journal", "out.journal-wal", "out.journal-shm", "out.journal-journal"),
]


def command(source: Path | str, output: Path, *more: str) -> list[str]:
    about = ["--from", "chat", "--to", "gemini", "-o", str(output)]
    return [sys.executable, "-m", "imagewire", "batch", str(source), *about, *more]


def finished(*arguments: str, **how: Any) -> tuple[int, bytes]:
    done = subprocess.run(arguments, check=False, stderr=subprocess.PIPE, timeout=60, **how)  # noqa: S603 - our own
    return done.returncode, done.stderr


def last_line(said: bytes) -> bytes:
    """The summary of a run: on a slow machine, lines about its progress come before."""
    return said.splitlines(keepends=True)[-1]
