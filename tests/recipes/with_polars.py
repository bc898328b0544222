"""Polars: translate the replies of a Parquet file, all at once.

Reads ``replies.parquet``, whose column ``body`` holds Gemini replies; writes ``chats.parquet``,
whose column ``body`` holds chat replies.
"""

import polars as pl

from imagewire.arrow import translate_batch

replies = pl.read_parquet("replies.parquet")
chats = translate_batch(replies, source="gemini", target="chat", kind="response")
pl.DataFrame(chats).write_parquet("chats.parquet")
