"""What the body of an error says, in any of the shapes that APIs, frameworks and relays write.

The upstream's words always survive: they are looked for under every name that is known, else the
body itself is quoted. Facts (2026-11-26), beside the two envelopes: FastAPI's ``detail`` (a list of
``loc`` and ``msg`` for a request that does not validate), RFC 9457's ``title`` and ``detail``,
Apigee's ``fault.faultstring``, AWS's ``errorMessage`` and ``Message``, and ``msg`` and
``error_msg`` of Chinese APIs; relays keep the inner error as JSON in ``message``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from imagewire.codec.document import untyped
from imagewire.errors import MalformedError
from imagewire.messages import Body
from imagewire.redaction import clean, clean_tree, excerpt
from imagewire.rules.finish import IMAGE_BLOCKED

#: Where words stand, the most telling name first.
_WORDS = (
    *("message", "msg", "error_msg", "errorMessage", "Message", "detail", "error", "errors"),
    *("faultstring", "fault", "description", "title"),
)
_LONGEST = 65_536  # bytes of a body without JSON that are looked at
_DEPTH = 3  # errors within the messages of errors


class ErrorBody(msgspec.Struct, frozen=True):
    """What an error's object says beside its message, cleaned, and the words of the upstream."""

    error: dict[str, Any]
    message: str

    @property
    def codes(self) -> list[Any]:
        """The codes that it names, the outer one first (Azure: ``innererror``)."""
        inner = self.error.get("innererror")
        return [self.error.get("code"), inner.get("code") if isinstance(inner, dict) else None]


def read_error(body: Body, status: int) -> ErrorBody:
    """What an error's body says; without a word, a sentence that names the status."""
    document = _json(body)
    error = _error_in(document)
    for _ in range(_DEPTH):
        nested = _error_in(_inner(error.get("message"))) if isinstance(error, dict) else None
        if not isinstance(nested, dict) or "message" not in nested:
            break
        error = {**error, **{name: item for name, item in nested.items() if item is not None}}
    if isinstance(error, dict) and isinstance(error.get("detail"), dict):
        error = {**error["detail"], **{name: item for name, item in error.items() if item}}
    words = max(_words(error, _DEPTH), _words(_beside(document), _DEPTH), key=_rank)
    message = clean(words or _quoted(document, body)).strip()
    if not any(map(str.isalnum, message)):
        message = f"the upstream answered with HTTP status {status} and no message"
    return ErrorBody(_cleaned(error) if isinstance(error, dict) else {}, message)


def is_failure(body: Body) -> bool:
    """Whether a reply's body that is no response says that it is an error: what `read_error` reads.

    It does at its top, also as a list of one, or in the entries that hold no picture.
    """
    document = body if isinstance(body, Mapping) else _json(body)
    if isinstance(document, list) and len(document) == 1:
        document = document[0]
    return isinstance(document, Mapping) and bool(
        document.get("error") or _entry_error(document) is not None
    )


def words_in(error: object) -> str:
    """The words in an error object, cleaned; empty if there are none."""
    return clean(_words(error, _DEPTH)).strip() if error else ""


def _entry_error(document: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The error of an entry of a reply: of a picture (Volcengine, xAI) or a choice (OpenRouter)."""
    for name in ("data", "choices"):
        entries = document.get(name)
        for entry in entries if isinstance(entries, list) else ():
            if not isinstance(entry, Mapping):
                continue
            if error := entry.get("error"):
                return error if isinstance(error, Mapping) else {"message": error}
            if entry.get("respect_moderation") is False:
                return {"code": "content_filter", "message": IMAGE_BLOCKED}
    return None


def _rank(words: str) -> int:
    """A sentence tells more than a word: ``{"error": "Forbidden", "message": "No such key."}``."""
    return bool(words.strip()) + (" " in words.strip())


def _words(value: Any, depth: int) -> str:
    """The words in a part of an error's body; empty if there are none."""
    if isinstance(value, str):
        return value
    if depth and isinstance(value, list):
        return "; ".join(filter(None, (_words(item, depth - 1) for item in value[:10])))
    if depth and isinstance(value, dict):
        found = [_words(value[name], depth - 1) for name in _WORDS if name in value]
        return max(found, key=_rank) if len(found) > 1 else "".join(found)
    return ""


def _beside(document: Any) -> Any:
    """What a document says beside its error object."""
    if isinstance(document, dict):
        return {name: item for name, item in document.items() if not isinstance(item, dict)}
    return document if isinstance(document, str) else None


def _error_in(document: Any) -> Any:
    """The ``error`` of a document, or the document itself where it is the error."""
    if isinstance(document, list) and document:
        document = document[0]
    if not isinstance(document, dict):
        return None
    error = document.get("error") or _entry_error(document)
    return error if isinstance(error, dict) else document


def _inner(message: Any) -> Any:
    return _json(message) if isinstance(message, str) and "{" in message else message


def _cleaned(error: dict[str, Any]) -> dict[str, Any]:
    error = {name: item for name, item in error.items() if name != "message"}
    try:
        return dict(clean_tree(error))
    except RecursionError:  # an error is never as deep as that
        return dict(clean_tree({k: v for k, v in error.items() if isinstance(v, str)}))


def _json(body: Body) -> Any:
    try:
        if isinstance(body, Mapping):
            return msgspec.to_builtins(dict(body), str_keys=True)
        return untyped(body)
    except (MalformedError, TypeError, ValueError, OverflowError, RecursionError):
        return None


def _quoted(document: Any, body: Body) -> str:
    """The beginning of a body: of HTML, its title, else what stands between the tags."""
    if document is not None:
        return excerpt(msgspec.json.encode(document).decode())
    if isinstance(body, Mapping):
        return ""
    text = body if isinstance(body, str) else bytes(body[:_LONGEST]).decode("utf-8", "replace")
    return excerpt(" ".join(_visible(text[:_LONGEST])))


def _visible(text: str) -> Iterator[str]:
    title = re.search(r"<title[^>]{0,200}>([^<]{1,500})</title>", text, re.IGNORECASE)
    if title:
        yield title[1].strip()
    elif text.lstrip().startswith("<"):
        yield from re.sub(r"<[^>]*>?", " ", text).split()
    else:
        yield text.strip()
