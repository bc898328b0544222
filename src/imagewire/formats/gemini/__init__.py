"""Gemini generateContent, on the Gemini API and on Vertex.

What senders really write is read: either case of a key (both at once is an error), numbers as text,
enums by number, base64 of any alphabet. What is written has one spelling.

What this format cannot keep, and what becomes of it:

- A mask raises, an uploaded file of OpenAI's too, and a remote image unless it was fetched or
  ``remote_urls="file_uri"``.
- ``count`` becomes ``repeat`` calls, because one call makes one candidate; a seed with several
  calls is reported.
- Pixels become the nearest ratio and tier of the model, reported unless they are exactly its own.
- Quality, background, moderation, input fidelity and an image's detail are dropped and reported;
  output format and compression too, unless ``vertex``.
- The end user's ids and ``response_format`` are dropped and reported; so is a seed outside int32.
- A ``responseFormat`` that is no list becomes ``imageConfig``; ``createTime`` keeps whole seconds.
- What the Images API says of its pictures (size, quality, background) is dropped and reported.
- In a stream, drafts of other APIs are thoughts; the wish for drafts is dropped and reported.
"""

from __future__ import annotations

from typing import Literal

from imagewire.codec.document import read_model
from imagewire.formats.contract import BatchShape, Credential
from imagewire.formats.gemini.failure import read_failure, write_failure
from imagewire.formats.gemini.models import write_models
from imagewire.formats.gemini.paths import (
    CLIENT_HEADERS,
    is_own_path,
    read_path,
    write_path,
)
from imagewire.formats.gemini.request import read_request, write_request
from imagewire.formats.gemini.response import read_response, write_response
from imagewire.formats.gemini.stream import KEEP_ALIVE, stream_reader, stream_writer

NAME = "gemini"
PROMPT: Literal["conversation"] = "conversation"
FAMILIES = frozenset({"gemini"})
NATIVE = "gemini"
CREDENTIAL = Credential("x-goog-api-key", parameter="key")
BATCH_SHAPE: BatchShape = "gemini"

__all__ = [
    "BATCH_SHAPE",
    "CLIENT_HEADERS",
    "CREDENTIAL",
    "FAMILIES",
    "KEEP_ALIVE",
    "NAME",
    "NATIVE",
    "PROMPT",
    "is_own_path",
    "read_failure",
    "read_model",
    "read_path",
    "read_request",
    "read_response",
    "stream_reader",
    "stream_writer",
    "write_failure",
    "write_models",
    "write_path",
    "write_request",
    "write_response",
]
