"""What the formats of the OpenAI API have in common: where a key travels, their paths, times.

Facts (2026-11-26). OpenRouter serves the API below ``/api/v1``, Google its compatible endpoint
below ``/v1beta/openai``, Azure below ``/openai/v1``, and below ``/openai/deployments/NAME``, where
the deployment is the model (learn.microsoft.com, Azure OpenAI REST reference); its key travels in
``api-key``. Base URLs that end before ``/v1`` give paths without it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from imagewire.catalog import Model
from imagewire.codec.document import encode
from imagewire.formats.contract import Credential, Operation
from imagewire.loss import C, Report, lost
from imagewire.messages import JSON_TYPE, WireResponse
from imagewire.model import ImageResponse, StartEvent
from imagewire.patterns import pattern

CREDENTIAL = Credential("authorization", scheme="Bearer", also=("api-key",))

#: Headers that only clients of the OpenAI API send: none tells them apart.
CLIENT_HEADERS: frozenset[str] = frozenset()

#: What may be sent between events: a comment, which says nothing.
KEEP_ALIVE = b": keep-alive\n\n"

_PATH = pattern(r"(?:/v1|/api/v1|/openai/v1|/v1beta/openai|/openai/deployments/([^/]+)|)(/.+)")


def operation_of(
    path: str, operations: Mapping[str, Operation]
) -> tuple[Operation, str | None] | None:
    """The operation of a path by what follows its base, and Azure's deployment, or None."""
    match = _PATH.fullmatch(path)
    operation = operations.get(match[2]) if match else None
    return (operation, match[1]) if match and operation is not None else None


def write_time(response: ImageResponse | StartEvent, created: int | None, report: Report) -> int:
    """The time of a reply, which is required: its own, else the caller's; 0 is not known."""
    if response.created is None and created is None:
        report(lost(C.MISSING_TIME, "$.created", "the reply names no time: `created` is 0"))
    return response.created or created or 0


def write_models(models: Sequence[Model]) -> WireResponse:
    """The reply to ``GET /v1/models``: openai SDK, ``types/model.py``."""
    rows = [
        {"id": model.id, "object": "model", "created": 0, "owned_by": model.family}
        for model in models
    ]
    body = encode({"object": "list", "data": rows})
    return WireResponse(status=200, headers={"content-type": JSON_TYPE}, body=body)


def is_own_path(_path: str) -> bool:
    """Whether a path that is no endpoint is this API's: nothing about it would tell."""
    return False
