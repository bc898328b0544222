"""Apache Spark: make one reply of all replies to a request, on all workers of a cluster.

Reads ``replies.parquet``, whose column ``body`` holds Gemini replies, ``id`` the requests that they
answer, and ``seconds`` when they came; writes ``chats.parquet``, which has one chat reply an id.
"""

import pyarrow as pa
from pyspark.sql import SparkSession

from imagewire.arrow import SPARK_SCHEMA, merge_batch

SMALLER = {pa.large_binary(): pa.binary()}  # Spark wants a group's bodies like this


def merge(replies: pa.Table) -> pa.Table:
    chats = merge_batch(replies.sort_by("seconds"), by="id", source="gemini", target="chat")
    return chats.cast(pa.schema([(it.name, SMALLER.get(it.type, it.type)) for it in chats.schema]))


spark = SparkSession.builder.getOrCreate()
replies = spark.read.parquet("replies.parquet")
groups = replies.groupBy("id").applyInArrow(merge, "id string, seconds double, " + SPARK_SCHEMA)
groups.write.parquet("chats.parquet")
