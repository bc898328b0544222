"""Batch files: lines in, lines out, one at a time (`lines`), and whole runs of them (`run`).

A run, on the command line (``pip install 'imagewire[cli]'``), there and back:

```sh
imagewire batch --from chat --to gemini in.jsonl -o gemini.jsonl --context kept.jsonl
imagewire batch --from gemini --to chat --kind response done.jsonl -o out.jsonl --context kept.jsonl
```

Lines have one of five shapes:

- ``openai``: a request has ``custom_id``, ``method``, ``url`` and ``body``; a result has
  ``response`` with ``status_code`` and ``body``, or ``error``.
- ``gemini``: a request has ``key`` and ``request``; a result has ``response``, ``error``, or an
  error in ``status``. Inlined jobs have their id in ``metadata.key``.
- ``vertex`` (``-O vertex=true``): rows of Vertex AI without a key. Ids are in ``request.labels``,
  which results repeat (`labels`), so that they come back without a context file.
- ``id``, the general one: a request has ``id``, ``path``, ``body``, and ``repeat`` if it is to be
  sent several times; a result has ``id``, the HTTP ``status`` and ``body``. Logs of LiteLLM
  (``response``, a status in words) are read as well, and others are one line of jq away.
- ``bare``: the body alone.

The shape of a line is recognised (``--shape`` names it). Lines of a batch API become lines of the
target's batch API, others keep their shape (``--to-shape``). A body may be JSON in a text, as in
BigQuery. Ids travel; a line without one gets its number. Input may be several files, which are read
as one, ``.gz`` or ``.zst``, or ``-`` for stdin.

- **Rejects.** A bad line stops nothing: it goes to ``OUT.rejects.jsonl`` (``--rejects``) with its
  number, its id and its error. A remote image is one of these errors, with its URL. Output, rejects
  and blank lines account for every line of the input.
- **Losses** go to the file that ``--losses`` names. Paths lead into the line: ``$.body.size``.
- **Contexts.** ``--context FILE`` keeps what replies need of their requests, by id, and is read on
  the way back; results may come in any order. A request for ``n`` images becomes ``n`` lines
  ``id#1`` ... ``id#n`` where the target has no ``n``; their results become one line again, where
  the last of them stands. Results that wait for others wait on disk. A request without any result
  is a reject at the end, without a line number: so give all results to one run, OpenAI's error file
  among them.
- **Unique ids.** A line with an id of an earlier line, or with one of the ids that either becomes
  (``v`` for two images beside ``v#1``), is rejected; so is a second result of one request.
- **One file a job.** A batch API takes files of one endpoint and one model, of so many lines and
  bytes (`shapes`). ``-o 'out-{n}.jsonl'`` writes as many as that takes, numbered in the order of
  the input; stderr and ``out.jobs.json`` say which endpoint and model each has. In a single file, a
  line that asks for another endpoint or model than the first, or has no room, is rejected. Lines of
  the general shape name their own paths, and may stand together.
- **Output** in ``.gz`` or ``.zst`` is compressed; ``-o -`` is stdout, and then rejects without a
  file go to stderr.
- **Resuming.** Files get their names when the run is complete. ``--resume`` goes on with a run that
  was killed, and gives the result of a run that was not. (After a power failure, start again.)
- **Files.** Only regular files are replaced, never a device, a pipe or a link. No file of a run may
  be another of its files, ``OUT.part``, ``OUT.lock`` and ``OUT.journal`` among them. A second run
  on a file is refused while the first is at work, with ``--resume`` too. A file that has no lines
  (an archive under another name, one JSON array) is refused at once.
- ``--workers N`` keeps the order of lines. ``--strict`` rejects lines that lose content or
  settings.
- **Exit status**: 0 done; 1 some lines were rejected, or have no result, or the run was refused; 2
  wrong usage; 3 ``--strict``, and some lines were rejected for their losses.

``imagewire save results.jsonl -o DIR --page`` writes the pictures of all results (`results`), with
``manifest.jsonl``, in which each picture and each line without one has a line, and ``index.html``.

In Python, lines are an iterator, and no file is touched:

```python
import msgspec

from imagewire.batch import Batch, Reject, translate_lines

body = {"model": "gemini-nano-banana-2.1", "messages": [{"role": "user", "content": "a fox"}]}
lines = [
    msgspec.json.encode({"custom_id": "fox", "url": "/v1/chat/completions", "body": body}),
    b'{"custom_id": "owl"}',
]

for line in translate_lines(lines, Batch(source="chat", target="gemini")):
    if isinstance(line, Reject):
        print(line.number, line.id, line.error.path)
    else:
        print(bytes(line.body)[:81].decode())
```

```text
{"key":"fox","request":{"contents":[{"role":"user","parts":[{"text":"a fox"}]}],"
2 owl $.body
```

Lines of requests that differ in their words alone (ids, prompts, messages) are translated once for
each kind of line, several times as fast (``benchmarks/pipelines.py``), with equal results.
"""

from __future__ import annotations

from imagewire.batch.lines import Batch, merge_replies, translate_line, translate_lines
from imagewire.batch.records import (
    Contexts,
    Job,
    Line,
    PendingReply,
    Reject,
    StoredContext,
)

__all__ = [
    "Batch",
    "Contexts",
    "Job",
    "Line",
    "PendingReply",
    "Reject",
    "StoredContext",
    "merge_replies",
    "translate_line",
    "translate_lines",
]
