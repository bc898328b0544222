"""OpenAI Chat Completions, with images as content parts.

What a request means: the last user message alone is the prompt. Towards another format, earlier
messages are dropped and reported; ``Options(history="all")`` carries the whole conversation, with
the thought signatures that Gemini wants back. What image models do not offer (``stream``,
``tools``, ``response_format``, reasoning, ``logprobs``) raises `UnsupportedError` with the field in
``param``; a stream is one where ``Options.stream`` says so (`imagewire.formats.chat.stream`).

```python
import imagewire

body = {
    "model": "gemini-nano-banana-2.1",
    "messages": [
        {"role": "user", "content": "a fox"},
        {"role": "assistant", "content": "A red one?"},
        {"role": "user", "content": "yes, in snow"},
    ],
}

for history in ("last_user", "all"):
    options = imagewire.Options(history=history)
    request = imagewire.translate_request(body, source="chat", target="gemini", options=options)
    print(history, bytes(request.body).count(b'"role"'), [loss.path for loss in request.losses])
```

```text
last_user 1 ['$.messages[0:2]']
all 3 []
```

What a reply says when it has no picture: a reply without picture and words says so in ``refusal``;
a blocked prompt or picture is a choice with ``finish_reason: "content_filter"``, never an empty
success.

What this format cannot keep, and what becomes of it:

- A mask raises, and so does an uploaded file: chat has no place for them.
- The order of modalities, and a system message's being ``system`` or ``developer``, are not kept;
  each part of a system message is written as a message of its own.
- Image settings, Google's fields, thought marks and native finish reasons are extension keys;
  with ``chat_extensions=False`` they are dropped and reported.
- A reply's drafts and thoughts are left out and reported, unless ``keep_drafts``.
- A reply without an image has its texts joined; with ``chat_images="message"`` texts come before
  images; with ``"markdown"`` thought signatures are dropped. Each is reported.
- Tool use counts as prompt, thoughts as completion tokens; token counts by modality of cached and
  tool-use tokens are dropped and reported.
- What the Images API says of its pictures (size, quality, background) is dropped and reported.
- In a stream, pictures are in ``delta.images`` unless ``chat_images`` is ``"markdown"``; usage that
  the client did not ask for is left out.
"""

from __future__ import annotations

from typing import Literal

from imagewire.codec.document import read_model
from imagewire.formats.chat.paths import read_path, write_path
from imagewire.formats.chat.request import read_request, write_request
from imagewire.formats.chat.response import read_response, write_response
from imagewire.formats.chat.stream import stream_reader, stream_writer
from imagewire.formats.contract import BatchShape
from imagewire.formats.shared.openai_api import (
    CLIENT_HEADERS,
    CREDENTIAL,
    KEEP_ALIVE,
    is_own_path,
    write_models,
)
from imagewire.formats.shared.openai_error import read_failure, write_failure

NAME = "chat"
PROMPT: Literal["last_user"] = "last_user"
FAMILIES = frozenset({"gemini", "openai"})
NATIVE = None
BATCH_SHAPE: BatchShape = "openai"

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
