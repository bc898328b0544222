"""The path of Chat Completions: read and written."""

from __future__ import annotations

from collections.abc import Mapping

from imagewire.formats.contract import Operation
from imagewire.formats.shared.openai_api import operation_of

_READ: Mapping[str, Operation] = {"/chat/completions": "generate", "/models": "models"}
PATHS: Mapping[Operation, str] = {
    "generate": "/v1/chat/completions",
    "models": "/v1/models",
}


def read_path(path: str) -> tuple[Operation, str | None] | None:
    """The operation of a path, and the model that an Azure path names, or None."""
    return operation_of(path, _READ)


def write_path(operation: Operation, _model: str | None = None, **_: object) -> str | None:
    """The path of an operation, or None if there is no such operation."""
    return PATHS.get(operation)
