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

A format from outside the package is any object with the same verbs, and works as a source and as a
target. This one is for clients of an in-house tool, so it only reads requests and writes replies:

```python
import msgspec

import imagewire
from imagewire.model import ImageRequest, Part, Turn


class Sketch:
    NAME, PROMPT = "sketch", "conversation"

    def read_request(self, body, *, model=None, **_):
        turn = Turn(role="user", parts=(Part(text=msgspec.json.decode(body)["ask"]),))
        return imagewire.Outcome(ImageRequest(model=model, turns=(turn,)))

    def write_response(self, response, **_):
        parts = [part for candidate in response.candidates for part in candidate.parts]
        body = msgspec.json.encode({"pictures": [part.image.data for part in parts if part.image]})
        reply = imagewire.WireResponse(status=200, headers={}, body=imagewire.Payload(body))
        return imagewire.Outcome(reply)


asked = b'{"ask": "a fox"}'
request = imagewire.translate_request(asked, source=Sketch(), target="images", model="gpt-image-2")
print(request.path, bytes(request.body).decode())

made = b'{"data": [{"b64_json": "iVBORw0KGgo="}]}'
print(bytes(imagewire.translate_response(made, source="images", target=Sketch()).body).decode())
```

```text
/v1/images/generations {"model":"gpt-image-2","prompt":"a fox"}
{"pictures":["iVBORw0KGgo="]}
```

Streams are two more verbs, without which a format takes and gives whole replies:
``stream_reader(options=)`` and ``stream_writer(context=, created=, response_id=, options=)``, with
the fact ``KEEP_ALIVE``. They stand in a format's ``stream`` module. A reader makes events of the
hub (`imagewire.model.StreamEvent` and its subclasses) of one server-sent event at a time: what an
event says of the reply is read by the functions that read a whole reply, and `parts_of` and
`start_of` of `imagewire.rules.events` make events of it. A writer makes bytes of one event of the
hub at a time, and has at its ``close`` the last word: the end of the stream, or the failure that a
reply without a picture is. `imagewire.formats.shared.stream` has what readers and writers share.
Whole replies are written as streams, and streams read as whole replies, by the same two: nothing
else of a format knows of them.

What a verb cannot carry goes into its `Outcome`, as losses. With all verbs and facts of `Format` a
format can stand in `FORMATS`: endpoints, batch files and the command line then know it, too.
"""

from __future__ import annotations

from imagewire.formats import chat, gemini, images, responses
from imagewire.formats.contract import Format

FORMATS: dict[str, Format] = {
    "chat": chat,
    "gemini": gemini,
    "images": images,
    "responses": responses,
}


def format_named(name: str) -> Format:
    """The format of a name; raises `ValueError` for an unknown one."""
    found = FORMATS.get(name)
    if found is None:
        msg = f"unknown format {name!r}; known are {', '.join(FORMATS)}"
        raise ValueError(msg)
    return found


__all__ = ["FORMATS", "Format", "format_named"]
