"""Ray Data: translate the replies of a Parquet file on all workers of a cluster.

Reads ``replies.parquet``, whose column ``body`` holds Gemini replies; writes ``chats.parquet``,
whose column ``body`` holds chat replies.
"""

import ray

from imagewire.arrow import translate_batch

job = {"source": "gemini", "target": "chat", "kind": "response"}
replies = ray.data.read_parquet("replies.parquet")
chats = replies.map_batches(translate_batch, batch_format="pyarrow", batch_size=64, fn_kwargs=job)
chats.write_parquet("chats.parquet")
