"""Hugging Face datasets: translate the replies of a data set, 64 rows at a time.

Reads ``replies.parquet``, whose column ``body`` holds Gemini replies; writes ``chats.parquet``,
whose column ``body`` holds chat replies.
"""

from datasets import Dataset

from imagewire.arrow import translate_batch

job = {"source": "gemini", "target": "chat", "kind": "response"}
replies = Dataset.from_parquet("replies.parquet").with_format("arrow")
chats = replies.map(translate_batch, batched=True, batch_size=64, fn_kwargs=job)
chats.to_parquet("chats.parquet")
