"""The formats, as a literal table. A new one is a folder beside these and a line here.

Each format is a module with the same verbs: ``read_request``, ``write_request``, ``read_response``,
``write_response``, ``read_failure``, ``write_failure``. Readers give values of `imagewire.model`,
which store as JSON; writers take them. Fields that a reader does not know travel with the value:
their own format writes them back, another one reports them.

```python
import msgspec

import imagewire
from imagewire.model import ImageRequest

body = {"model": "openai/gpt-image-2", "n": 2, "messages": [{"role": "user", "content": "a fox"}]}
outcome = imagewire.chat.read_request(body)
print(outcome.value.model, outcome.value.count, outcome.losses)

stored = msgspec.json.encode(outcome.value)
request = msgspec.json.decode(stored, type=ImageRequest)
print(bytes(imagewire.images.write_request(request).value.body).decode())
```

```text
gpt-image-2 2 ()
{"model":"openai/gpt-image-2","prompt":"a fox","n":2}
```

A format from outside the package is any object with the same facts and verbs, and works as a source
and as a target. This one is chat, but for its requests:

```python
import types

import imagewire


def read_request(body, **how):
    chat = {"model": "gpt-image-2", "messages": [{"role": "user", "content": body["wish"]}]}
    return imagewire.chat.read_request(chat, **how)


own = types.SimpleNamespace(**vars(imagewire.chat) | {"NAME": "own", "read_request": read_request})
request = imagewire.translate_request({"wish": "a fox"}, source=own, target="native")
print(request.path, bytes(request.body).decode())
```

```text
/v1/images/generations {"model":"gpt-image-2","prompt":"a fox"}
```
"""

from __future__ import annotations

from imagewire.formats import chat, gemini, images
from imagewire.formats.contract import Format

FORMATS: dict[str, Format] = {
    "chat": chat,
    "gemini": gemini,
    "images": images,
}

__all__ = ["FORMATS", "Format"]
