"""Method and path <-> format, operation and model; credentials in headers and query strings.

The paths are those of the OpenAI API (``/v1/...``) and of Gemini's (``models/ID:generateContent``,
on Vertex behind ``publishers/google/``). A model id never leaves its path segment.
"""

from __future__ import annotations

import re
from typing import Literal

import attrs

from imagewire.errors import CredentialError
from imagewire.formats.chat import request as chat
from imagewire.formats.images import request as images
from imagewire.messages import Headers, header_pairs
from imagewire.redaction import show
from imagewire.rules.model_ids import gemini_path, path_model

Operation = Literal["generate", "edit", "stream"]

_PATHS: dict[tuple[str, Operation], str] = {
    ("chat", "generate"): chat.PATH,
    ("images", "generate"): images.PATHS["generate"],
    ("images", "edit"): images.PATHS["edit"],
}
_OF_PATH = {path: key for key, path in _PATHS.items()}
_ACTIONS: dict[str, Operation] = {"generateContent": "generate", "streamGenerateContent": "stream"}
_ACTION_OF = {operation: action for action, operation in _ACTIONS.items()}
_GEMINI_PATH = re.compile(
    r"/(?:v1beta|v1|v1beta1)/(?:projects/[^/]+/locations/[^/]+/)?(?:publishers/google/)?"
    r"models/((?:google/)?[^/:]+):(generateContent|streamGenerateContent)"
)
_KEY = re.compile(r"[!-~]+")  # what a header can carry: RFC 9110, 5.5
_BEARER = re.compile(r"bearer\s+(\S+)\s*", re.IGNORECASE)


@attrs.frozen
class Endpoint:
    """What a method and a path ask for; ``model`` only where the path names it."""

    format: str
    operation: Operation = "generate"
    model: str | None = attrs.field(default=None, repr=show)


def match_endpoint(method: str, path: str) -> Endpoint | None:
    """The endpoint of a request line, or None; a query string is allowed."""
    if method.upper() != "POST":
        return None
    path = path.partition("?")[0]
    if "%" in path:
        from urllib.parse import unquote  # noqa: PLC0415 - few paths need it

        path = unquote(path)
    if path in _OF_PATH:
        return Endpoint(*_OF_PATH[path])
    match = _GEMINI_PATH.fullmatch(path)
    return Endpoint("gemini", _ACTIONS[match[2]], match[1]) if match else None


def endpoint_path(
    format: str,  # noqa: A002 - the contract's name
    *,
    operation: Operation = "generate",
    model: str | None = None,
    version: str = "v1beta",
    vertex: bool = False,
) -> str:
    """The path of an operation; Gemini's names the model, in Vertex form behind its publisher.

    Raises `InvalidModelError` for an id that could leave its segment, `ValueError` for an operation
    that the format does not have.
    """
    if format == "gemini" and operation in _ACTION_OF:
        return gemini_path(path_model(model), version, _ACTION_OF[operation], vertex=vertex)
    try:
        return _PATHS[format, operation]
    except KeyError:
        msg = f"no operation {operation!r} in format {format!r}"
        raise ValueError(msg) from None


def read_credentials(headers: Headers, query: str = "") -> str | None:
    """The caller's key: ``Authorization: Bearer``, ``x-goog-api-key`` or ``?key=``, or None.

    Two that differ raise a `CredentialError` (401): one of them would be lost in silence. So does
    one that would not stay within its header.
    """
    keys: list[str] = []
    if query:
        from urllib.parse import parse_qsl  # noqa: PLC0415 - few calls have a query

        keys = [value for name, value in parse_qsl(query.removeprefix("?")) if name == "key"]
    for name, value in header_pairs(headers):
        bearer = _BEARER.fullmatch(value) if name == "authorization" else None
        keys.append(bearer[1] if bearer else value.strip() if name == "x-goog-api-key" else "")
    given = list(dict.fromkeys(filter(None, keys)))
    if not all(map(_KEY.fullmatch, given)):
        msg = "the API key has characters that no key has"
        raise CredentialError(msg)
    if len(given) > 1:
        msg = "the request carries two different API keys"
        raise CredentialError(msg)
    return given[0] if given else None


def credential_headers(format: str, key: str) -> dict[str, str]:  # noqa: A002 - the contract's name
    """The header that carries a key: ``x-goog-api-key`` for gemini, else ``Authorization``.

    Raises `ValueError` for an unknown format, and for a key that no header can carry.
    """
    if not _KEY.fullmatch(key):
        msg = "the key has characters that no header can carry"
        raise ValueError(msg)
    if format == "gemini":
        return {"x-goog-api-key": key}
    endpoint_path(format)  # an unknown format is a ValueError
    return {"authorization": f"Bearer {key}"}
