r"""OpenAI Images: generations, and edits as JSON or as a form.

A request with an input image is an edit, one without is a generation; the path says which. The
OpenAI SDKs send edits as forms: pass the request's ``content_type``. A form is written, too, unless
a URL or a file id has to travel, which only JSON can carry (``Options.edit_body``).

```python
import msgspec

import imagewire

lines = [
    "--x",
    'Content-Disposition: form-data; name="model"',
    "",
    "gpt-image-2",
    "--x",
    'Content-Disposition: form-data; name="prompt"',
    "",
    "add a hat",
    "--x",
    'Content-Disposition: form-data; name="image"; filename="upload"',
    "Content-Type: application/octet-stream",
    "",
    "GIF89a...",
    "--x--",
    "",
]
request = imagewire.translate_request(
    "\r\n".join(lines),
    source="images",
    target="gemini",
    model="gemini-nano-banana-2.1",
    content_type="multipart/form-data; boundary=x",
)
document = msgspec.json.decode(bytes(request.body))
for part in document["contents"][0]["parts"]:
    print(part)
```

```text
{'inlineData': {'mimeType': 'image/gif', 'data': 'R0lGODlhLi4u'}}
{'text': 'add a hat'}
```

Pixels, a ratio and a resolution tier are three things. What a model does not make becomes the
nearest that it makes, reported; GPT Image 2 keeps any size within its limits.

A conversation becomes its last user turn. Where that has no image, the last picture of the model is
the one to edit, reported. A refusal or a reply without a picture is an error in the model's own
words, never ``200 {"data": []}``; ``reply.failure`` says which.

``Options(images_text="revised_prompt")`` means, in both directions, that ``revised_prompt`` holds
the text of the answer.

What this format cannot keep, and what becomes of it:

- A request is one prompt and its images: earlier turns and system messages are dropped and
  reported; several texts become one prompt, and text between images comes after them, each
  reported. An edit without words raises.
- What only token models know (sampling, thinking, safety settings, modalities) is dropped and
  reported; so are an image's detail and thought marks, and moderation in a form.
- Sizes that a model does not make become the nearest, reported.
- ``input_fidelity`` is dropped and reported where the model or a generation lacks it;
  ``response_format`` is never sent to GPT Image.
- A reply without a picture becomes an error. Text is dropped and reported, unless
  ``images_text="revised_prompt"``; candidates become one list; drafts are left out.
- In a stream, the words of an answer are reported once, and drafts are left out where the request
  asked for none.
- Ids, models, ends other than STOP, cached and tool-use tokens are dropped and reported.
"""

from __future__ import annotations

from typing import Literal

from imagewire.codec import document as codec
from imagewire.formats.contract import BatchShape
from imagewire.formats.images.paths import read_path, write_path
from imagewire.formats.images.request import read_fields, read_request, write_request
from imagewire.formats.images.response import read_response, write_response
from imagewire.formats.images.stream import stream_reader, stream_writer
from imagewire.formats.shared.openai_api import (
    CLIENT_HEADERS,
    CREDENTIAL,
    KEEP_ALIVE,
    is_own_path,
    write_models,
)
from imagewire.formats.shared.openai_error import read_failure, write_failure
from imagewire.messages import JSON_TYPE, Body

NAME = "images"
PROMPT: Literal["conversation"] = "conversation"
FAMILIES = frozenset({"openai"})
NATIVE = "openai"
BATCH_SHAPE: BatchShape = "openai"


def read_model(body: Body, *, content_type: str = JSON_TYPE) -> str | None:
    """The model that a body names, without reading the rest of it."""
    return codec.read_model(read_fields(body, content_type)[0])


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
