"""The answers of the snapshots: every payload of the tests, in every direction that succeeds."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs

import imagewire

ROOT = Path(__file__).parent.parent


@attrs.frozen
class Snapshot:
    """One translation, and what it has to give."""

    name: str
    run: Callable[[], Any]
    expected: Any


def check_snapshots() -> int:
    """Raise `SystemExit` if an answer is not its snapshot's; how many there are."""
    found = list(_snapshots())
    for snapshot in found:
        answer = snapshot.run()
        if answer.headers["content-type"] != "application/json":
            continue  # a form, whose snapshot holds its fields
        if json.loads(bytes(answer.body)) != snapshot.expected:
            raise SystemExit(f"wrong answer: {snapshot.name}")
    return len(found)


def _snapshots() -> Iterator[Snapshot]:
    for path in sorted((ROOT / "snapshots").glob("*/*/*.json")):
        snapshot = json.loads(path.read_text())
        if "error" in snapshot or path.parts[-3] == "stream":
            continue
        name = " ".join(path.relative_to(ROOT / "snapshots").with_suffix("").parts)
        body = _read_input(snapshot["input"])
        call = snapshot["call"]
        call["options"] = imagewire.Options(**call.get("options", {}))
        run = _request_of(body, call) if "content_type" in call else _reply_of(body, call)
        yield Snapshot(name, run, snapshot["body"])


def _read_input(name: str) -> bytes:
    """The payload of a snapshot; that of a ``.http`` file stands below its headers."""
    raw = (ROOT / "tests" / "data" / name).read_bytes()
    return raw.partition(b"\r\n\r\n")[2] if name.endswith(".http") else raw


def _request_of(body: bytes, call: dict[str, Any]) -> Callable[[], Any]:
    source = imagewire.Endpoint(call["source"], "generate", call.get("path_model"))
    rest: dict[str, Any] = {name: call.get(name) for name in ("target", "model", "content_type")}
    rest["options"] = call["options"]
    return lambda: imagewire.translate_request(body, source=source, **rest)


def _reply_of(body: bytes, call: dict[str, Any]) -> Callable[[], Any]:
    return lambda: imagewire.translate_response(body, **call)
