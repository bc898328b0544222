"""Wrong arguments, by name: a mistake of the programmer, not of a body."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from imagewire.catalog import Catalog
from imagewire.messages import Reply
from imagewire.model import Failure, ReplyContext
from imagewire.options import Options

_BODIES = (bytes, str, bytearray, memoryview, Mapping)
MAYBE_TEXT = (str, type(None))
MAYBE_NUMBER = (int, type(None))
#: What each argument has to be, and in words.
_KINDS: dict[str, tuple[Any, str]] = {
    "body": (_BODIES, "bytes, a text or a mapping"),
    "model": (MAYBE_TEXT, "a text or None"),
    "content_type": (str, "a text"),
    "options": (Options, "Options"),
    "fetched": (Mapping, "a mapping of URLs to what they gave"),
    "catalog": (Catalog, "a Catalog"),
    "replies": (Sequence, "a sequence of Reply and Failure"),
    "status": (int, "a number"),
    "context": (ReplyContext, "a ReplyContext"),
    "max_event": (int, "a number of bytes"),
    "created": (MAYBE_NUMBER, "a number of seconds or None"),
    "response_id": (MAYBE_TEXT, "a text or None"),
}


def refuse_arguments(**given: Any) -> None:
    """Raise `TypeError` for the first argument that is of a wrong type."""
    for name, value in given.items():
        kind, words = _KINDS[name]
        if not isinstance(value, kind):
            msg = f"{name} must be {words}, not {type(value).__name__}"
            raise TypeError(msg)


def refuse_replies(replies: Any) -> None:
    """Raise `TypeError` for what is no sequence of replies."""
    if isinstance(replies, str | bytes | bytearray | memoryview):
        msg = f"replies must be a sequence of Reply and Failure, not {type(replies).__name__}"
        raise TypeError(msg)
    refuse_arguments(replies=replies)
    for index, reply in enumerate(replies):
        if not isinstance(reply, Reply | Failure):
            msg = f"replies[{index}] must be a Reply or a Failure, not {type(reply).__name__}"
            raise TypeError(msg)
        if isinstance(reply, Reply):
            refuse_arguments(body=reply.body, status=reply.status)
