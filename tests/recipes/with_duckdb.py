"""DuckDB: translate the replies of a Parquet file, 64 rows at a time.

Reads ``replies.parquet``, whose column ``body`` holds Gemini replies; writes ``chats.parquet``,
whose column ``body`` holds chat replies.
"""

import duckdb

from imagewire.arrow import translate_batch

replies = duckdb.connect().sql("FROM 'replies.parquet'").to_arrow_reader(64)
chats = translate_batch(replies, source="gemini", target="chat", kind="response")
duckdb.sql("COPY chats TO 'chats.parquet'")
