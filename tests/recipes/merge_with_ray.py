"""Ray Data: make one reply of all replies to a request, on all workers of a cluster.

Reads ``replies.parquet``, whose column ``body`` holds Gemini replies, ``id`` the requests that they
answer, and ``seconds`` when they came; writes ``chats.parquet``, which has one chat reply an id.
"""

import pyarrow as pa
import ray

from imagewire.arrow import merge_batch


def merge(replies: pa.Table) -> pa.Table:
    return merge_batch(replies.sort_by("seconds"), by="id", source="gemini", target="chat")


replies = ray.data.read_parquet("replies.parquet")
chats = replies.groupby("id").map_groups(merge, batch_format="pyarrow")
chats.write_parquet("chats.parquet")
