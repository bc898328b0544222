"""OpenAI Responses, as far as its ``image_generation`` tool makes pictures.

A conversation with a mainline model, which calls a tool: the image model stands in the tool, and is
what ``model=``, ``read_model`` and ``context.model`` mean. The mainline model of a client waits in
``context.echo`` and is repeated by the reply; a request from another format needs one from
``Options(responses_model=...)``.

```python
import msgspec

import imagewire

body = {"model": "gpt-image-2", "n": 2, "prompt": "a fox"}
options = imagewire.Options(responses_model="gpt-6.1")
request = imagewire.translate_request(body, source="images", target="responses", options=options)
print(request.path, request.repeat)
for name, value in msgspec.json.decode(bytes(request.body)).items():
    print(name, value)
```

```text
/v1/responses 2
model gpt-6.1
input [{'role': 'user', 'content': 'a fox'}]
tools [{'type': 'image_generation', 'model': 'gpt-image-2'}]
tool_choice {'type': 'image_generation'}
store False
```

An earlier picture is an item of its own, ``image_generation_call``, and towards other formats the
picture of a model turn. What only the upstream could look up (``previous_response_id``,
``conversation``, ``prompt``, a call without its ``result``) raises, by name; so do other tools.

A refused picture is an item with an ``error``, under HTTP 200. Two bills are never added up: the
token counts are those of the tool (``tool_usage.image_gen``); the mainline model's ``usage`` goes
back into this format alone.

What this format cannot keep, and what becomes of it:

- One call makes one picture: ``count`` becomes ``repeat`` calls. What only token models know
  (sampling, thinking, safety settings) is dropped and reported: here it would be the mainline's.
- Thought signatures and thoughts of a history are dropped and reported. An earlier picture that is
  not here, by its URL, has to be fetched.
- A reply's candidates become one list of items; drafts and thoughts are left out. A finish reason
  other than STOP, MAX_TOKENS and SAFETY becomes a refusal if there is no picture, and is dropped
  and reported if there is one.
- A picture that a reply gives as a URL is written as the ``result``, where relays write it.
- Cached and tool-use tokens are dropped and reported.
"""

from __future__ import annotations

from typing import Literal

from imagewire.formats.contract import BatchShape
from imagewire.formats.responses.events import stream_reader
from imagewire.formats.responses.failure import read_failure, write_failure
from imagewire.formats.responses.paths import read_path, write_path
from imagewire.formats.responses.request import read_model, read_request, write_request
from imagewire.formats.responses.response import read_response, write_response
from imagewire.formats.responses.stream import stream_writer
from imagewire.formats.shared.openai_api import (
    CLIENT_HEADERS,
    CREDENTIAL,
    KEEP_ALIVE,
    is_own_path,
    write_models,
)

NAME = "responses"
PROMPT: Literal["conversation"] = "conversation"
FAMILIES = frozenset({"openai"})
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
