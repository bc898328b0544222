"""The paths of generateContent, on the Gemini API and on Vertex: read and written.

Both name the model: ``models/ID:generateContent``, on Vertex behind ``publishers/google/``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from imagewire.formats.contract import Operation
from imagewire.rules.model_ids import path_model

_ACTIONS: Mapping[Operation, str] = {
    "generate": "generateContent",
    "stream": "streamGenerateContent",
}
_OPERATIONS: Mapping[str, Operation] = {action: operation for operation, action in _ACTIONS.items()}
_PATH = re.compile(
    r"/(?:v1beta|v1|v1beta1)/(?:projects/[^/]+/locations/[^/]+/)?(?:publishers/google/)?"
    rf"models/((?:google/)?[^/:]+):({'|'.join(_OPERATIONS)})"
)


def read_path(path: str) -> tuple[Operation, str | None] | None:
    """The operation and the model that a path names, or None."""
    match = _PATH.fullmatch(path)
    return (_OPERATIONS[match[2]], match[1]) if match else None


def write_path(
    operation: Operation, model: str | None, *, version: str, vertex: bool
) -> str | None:
    """The path of an operation, with the bare id of its model; None if there is no such operation.

    Raises `InvalidModelError` for an id that could leave its segment.
    """
    action = _ACTIONS.get(operation)
    if action is None:
        return None
    return action_path(path_model(model), version, action, vertex=vertex)


def action_path(
    model: str, version: str, action: str = "generateContent", *, vertex: bool = False
) -> str:
    """The path of an action for the id of a model that `path_model` has checked."""
    return f"/{version}/{'publishers/google/' if vertex else ''}models/{model}:{action}"
