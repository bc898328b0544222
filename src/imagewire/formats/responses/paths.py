"""The path of the Responses API: read and written."""

from __future__ import annotations

from collections.abc import Mapping

from imagewire.formats.contract import Operation
from imagewire.formats.shared.openai_api import operation_of

PATH = "/v1/responses"
# The SDK's client of Azure puts no deployment into this path: openai SDK 3.57, ``lib/azure.py``
# (2026-11-26).
_READ: Mapping[str, Operation] = {"/responses": "generate", "/openai/responses": "generate"}


def read_path(path: str) -> tuple[Operation, str | None] | None:
    """The operation of a path, or None; a deployment's would name the mainline model."""
    found = operation_of(path, _READ)
    return None if found is None or found[1] is not None else found


def write_path(operation: Operation, _model: str | None = None, **_: object) -> str | None:
    """The path of an operation, or None if there is no such operation."""
    return PATH if operation == "generate" else None
