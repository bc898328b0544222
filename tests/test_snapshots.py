"""Every payload of ``tests/data`` in every direction, as a file that a person can read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
from syrupy.assertion import SnapshotAssertion

import imagewire
from cases import CASES, Case
from conftest import ROOT


def result_of(case: Case, target: str) -> dict[str, Any]:
    """What a translation gives, as plain data: the message and its losses, or the error."""
    try:
        if case.kind == "request":
            request = imagewire.translate_request(case.body, source=case.source, target=target)
            return {
                "method": request.method,
                "path": request.path,
                "headers": request.headers,
                "repeat": request.repeat,
                "body": msgspec.json.decode(bytes(request.body)),
                "context": request.context,
                "losses": request.losses,
            }
        reply = imagewire.translate_response(
            case.body, source=case.format, target=target, status=case.status, created=1735689600
        )
    except imagewire.TranslationError as error:
        rendered = imagewire.render_error(error, target=case.format)
        return {
            "error": type(error).__name__,
            "path": error.path,
            "status": rendered.status,
            "body": msgspec.json.decode(bytes(rendered.body)),
        }
    return {
        "status": reply.status,
        "headers": reply.headers,
        "body": msgspec.json.decode(bytes(reply.body)),
        "losses": reply.losses,
    }


class TestSnapshots:
    @pytest.mark.parametrize("target", imagewire.FORMATS)
    @pytest.mark.parametrize("case", CASES, ids=str)
    def test_every_payload_translates_as_its_file_says(
        self, case: Case, target: str, wire_snapshot: SnapshotAssertion
    ) -> None:
        name = f"{case.kind}/{case.format}-to-{target}/{case.name}"

        assert {"input": case.file, **result_of(case, target)} == wire_snapshot(name=name)

    def test_no_file_is_left_of_a_case_that_is_gone(self) -> None:
        wanted = {
            f"{case.kind}/{case.format}-to-{target}/{case.name}.json"
            for case in CASES
            for target in imagewire.FORMATS
        }

        assert wanted == {path.relative_to(ROOT).as_posix() for path in _files(ROOT)}


def _files(root: Path) -> list[Path]:
    return [path for path in root.rglob("*.json") if path.is_file()]
