"""The command line as tests call it: in this process, and in one of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from imagewire.cli.main import main

PNG = b"\x89PNG\r\n\x1a\n"
A_FOX = {"model": "gemini-2.5-flash-image", "messages": [{"role": "user", "content": "a fox"}]}
#: What no terminal may get from a body or a file name.
STEERING = {chr(code) for code in (*range(32), *range(127, 160), 0x2028, 0x2029)} - {"\n"} | {
    *"\u200b\u200e\u202a\u202e\u2066\u2069\ufeff\U000e0041\ue000"
}


def run(*arguments: str | Path, body: bytes | dict[str, Any] | None = None) -> Result:
    given = json.dumps(body).encode() if isinstance(body, dict) else body
    return CliRunner().invoke(main, [*map(str, arguments)], input=given)


def process(*arguments: str | Path, **options: Any) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "imagewire", *map(str, arguments)]
    return subprocess.run(command, check=False, timeout=60, **options)  # noqa: S603 - our own


def gemini_answer(*parts: dict[str, Any]) -> dict[str, Any]:
    return {"candidates": [{"content": {"parts": list(parts)}, "finishReason": "STOP"}]}


def occupy(path: Path, kind: str) -> None:
    """Make what is no regular file: a pipe, a directory, or a link that leads nowhere."""
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "directory":
        path.mkdir()
    else:
        path.symlink_to("nowhere")


def is_occupied(path: Path, kind: str) -> bool:
    """Whether it is still there."""
    return {"pipe": path.is_fifo, "directory": path.is_dir, "link": path.is_symlink}[kind]()
