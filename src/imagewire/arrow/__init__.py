"""Arrow tables: a column of bodies translated, one request or reply a row.

```python
import pyarrow as pa

from imagewire.arrow import translate_batch

body = '{"model": "gemini-nano-banana-2.1", "messages": [{"role": "user", "content": "a fox"}]}'
requests = pa.table({"id": ["a", "b"], "body": [body, '{"messages": "a fox"}']})

calls = translate_batch(requests, source="chat", target="gemini", kind="request")

for call in calls.to_pylist():
    print(call["id"], call["path"], call["error"] and call["error"]["path"])
```

```text
a /v1beta/models/gemini-nano-banana-2.1:generateContent None
b None $.messages
```

The columns of a result:

- ``body`` is the translated body, ``status`` that of a reply, ``path`` that of a request.
- ``headers`` are a list of ``name`` and ``value``: a form's boundary, when to retry.
- ``repeat`` and ``context`` are a request's: how often to send it, and what its reply will need.
- ``losses`` are structs, one for each loss.
- ``error`` is a struct of ``status``, ``path``, ``message`` and ``urls``, the remote images to
  fetch.

Columns that are read (``body_column``, and if you name them ``path_column``, ``status_column``,
``headers_column`` and ``context_column``) make room for these, and so do those that a former step
made; all others pass through. A record batch gives a record batch, a table a table, and a reader a
reader that translates as it is read; any other object with ``__arrow_c_stream__`` (a data frame of
Polars or pandas, a relation of DuckDB) gives a table. An edit is written as JSON unless ``options``
say otherwise.

A request is to be sent ``repeat`` times. `merge_batch` makes one row of all its replies: those with
one value in a column that you name.

`read_requests` and `read_replies` make tables of what bodies of any format say, for data sets and
deduplication: model, prompt, count and size; pictures as the bytes of their files, with size and
digest; words, finish reason and usage. No pixel is decoded.

```python
import pyarrow as pa

from imagewire.arrow import read_replies

body = '{"model": "gpt-image-2", "data": [{"b64_json": "R0lGODlhAAQAAw=="}]}'
(reply,) = read_replies(pa.table({"id": ["a"], "body": [body]})).to_pylist()

print(reply["id"], reply["images"][0]["width"], reply["images"][0]["media_type"])
```

```text
a 1024 image/gif
```

Bodies come in and go out as Arrow buffers. A body is read where it lies, a view of its column's
buffer, and the segments of all translations are copied once, into the one buffer of a new column.

A row that cannot be translated fails no other: of ``body`` and ``error``, each row has exactly one.
Every batch gets the columns of `SCHEMA`, whatever became of its rows, because engines hold the
schemas of all batches against each other; so bodies are always ``large_binary``, which has no limit
of 2 GiB a batch.
"""

from __future__ import annotations

try:
    import pyarrow as pa  # noqa: F401 - the modules below need it
except ModuleNotFoundError as error:
    message = f"{error}: pip install 'imagewire[arrow]'"
    raise ModuleNotFoundError(message, name=error.name) from None

from imagewire.arrow.columns import SCHEMA, SPARK_SCHEMA
from imagewire.arrow.documents import REPLIES, REQUESTS, read_replies, read_requests
from imagewire.arrow.translation import AS_JSON, merge_batch, translate_batch

__all__ = [
    "AS_JSON",
    "REPLIES",
    "REQUESTS",
    "SCHEMA",
    "SPARK_SCHEMA",
    "merge_batch",
    "read_replies",
    "read_requests",
    "translate_batch",
]
