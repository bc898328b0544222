"""The paths of generateContent, on the Gemini API and on Vertex: read and written.

Both name the model: ``models/ID:generateContent``, on Vertex behind ``publishers/google/``.
"""

from __future__ import annotations

from collections.abc import Mapping

from imagewire.formats.contract import Operation
from imagewire.patterns import pattern
from imagewire.rules.model_ids import path_model

#: What a path asks a model to do.
GENERATE, STREAM = "generateContent", "streamGenerateContent"
_ACTIONS: Mapping[Operation, str] = {"generate": GENERATE, "stream": STREAM}
_OPERATIONS: Mapping[str, Operation] = {action: operation for operation, action in _ACTIONS.items()}
_VERSION = r"/(?:v1beta|v1|v1beta1|v1alpha)/(?:projects/[^/]+/locations/[^/]+/)?"
_PATH = pattern(
    rf"{_VERSION}(?:publishers/google/)?models/((?:google/)?[^/:]+):({'|'.join(_OPERATIONS)})"
)
_MODELS = pattern(rf"{_VERSION}(?:publishers/google/)?models")
_OWN = pattern(r".*/models/[^/:]+(?:/[^/:]+)?:\w+|/v1(?:beta1?|alpha)/(?!openai/).*")

#: Headers that only Google's clients send.
CLIENT_HEADERS = frozenset({"x-goog-api-key", "x-goog-api-client"})


def read_path(path: str) -> tuple[Operation, str | None] | None:
    """The operation and the model that a path names, or None."""
    if _MODELS.fullmatch(path):
        return "models", None
    match = _PATH.fullmatch(path)
    return (_OPERATIONS[match[2]], match[1]) if match else None


def is_own_path(path: str) -> bool:
    """Whether a path that is no endpoint is Google's: by its verb, or by its version."""
    return _OWN.fullmatch(path) is not None


def write_path(
    operation: Operation, model: str | None, *, version: str, vertex: bool
) -> str | None:
    """The path of an operation, with the bare id of its model; None if there is no such operation.

    Raises `InvalidModelError` for an id that could leave its segment.
    """
    if operation == "models":
        return f"/{version}/{'publishers/google/' if vertex else ''}models"
    action = _ACTIONS.get(operation)
    if action is None:
        return None
    return action_path(path_model(model), version, action, vertex=vertex)


def action_path(model: str, version: str, action: str = GENERATE, *, vertex: bool = False) -> str:
    """The path of an action for the id of a model that `path_model` has checked."""
    return f"/{version}/{'publishers/google/' if vertex else ''}models/{model}:{action}"
