"""pandas: translate the replies of a Parquet file, all at once.

Reads ``replies.parquet``, whose column ``body`` holds Gemini replies; writes ``chats.parquet``,
whose column ``body`` holds chat replies. Arrow's types stay as they are with `ArrowDtype`.
"""

import pandas as pd

from imagewire.arrow import translate_batch

replies = pd.read_parquet("replies.parquet", dtype_backend="pyarrow")
chats = translate_batch(replies, source="gemini", target="chat", kind="response")
chats.to_pandas(types_mapper=pd.ArrowDtype).to_parquet("chats.parquet")
