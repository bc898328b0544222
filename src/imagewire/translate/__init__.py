"""From one format to another: the only room that sees two.

Every translation is the same road: read with the source's module, adjust the hub value, write with
the target's module, and point each loss back into the source document.

A format translated into itself is read, normalised and written. A body gives a result or a
`TranslationError`, however deep, long or broken it is, in time that grows with its length. What a
`Failure` knows and an error body has no place for is on ``reply.failure``, not among the losses.

Remote images, one step at a time: by default no URL is sent to Gemini, which does not fetch
reliably. `remote_images` lists the URLs to fetch, ``fetched`` supplies what they gave (bytes, or a
pair of media type and bytes). ``Options(remote_urls="file_uri")`` leaves them to Gemini. Addresses
are not judged here: private networks, redirects and sizes are the caller's to check.

```python
import imagewire

picture = {"type": "image_url", "image_url": {"url": "https://example.com/fox.gif"}}
words = {"type": "text", "text": "add a hat"}
messages = [{"role": "user", "content": [picture, words]}]
body = {"model": "gemini-nano-banana-2.1", "messages": messages}

urls = imagewire.remote_images(body, source="chat", target="gemini")
print(urls)

fetched = {url: b"GIF89a..." for url in urls}
request = imagewire.translate_request(body, source="chat", target="gemini", fetched=fetched)
print(bytes(request.body)[:98].decode())
```

```text
('https://example.com/fox.gif',)
{"contents":[{"role":"user","parts":[{"inlineData":{"mimeType":"image/gif","data":"R0lGODlhLi4u"}}
```
"""

from __future__ import annotations

from imagewire.translate.formats import Source, Target
from imagewire.translate.reply import (
    render_error,
    render_models,
    translate_response,
    translate_responses,
)
from imagewire.translate.request import (
    Fetched,
    check_request,
    read_model,
    remote_images,
    translate_request,
)
from imagewire.translate.stream import (
    StreamTranslator,
    keep_alive,
    translate_stream,
    translate_stream_async,
)

__all__ = [
    "Fetched",
    "Source",
    "StreamTranslator",
    "Target",
    "check_request",
    "keep_alive",
    "read_model",
    "remote_images",
    "render_error",
    "render_models",
    "translate_request",
    "translate_response",
    "translate_responses",
    "translate_stream",
    "translate_stream_async",
]
