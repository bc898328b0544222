"""Apache Spark: translate the replies of a Parquet file on all workers of a cluster.

Reads ``replies.parquet``, whose column ``body`` holds Gemini replies; writes ``chats.parquet``,
whose column ``body`` holds chat replies. Spark wants to be told every column of the result: those
that pass through (here ``id`` and ``seconds``), and the new ones, which are `SPARK_SCHEMA`.
"""

from collections.abc import Iterator

import pyarrow as pa
from pyspark.sql import SparkSession

from imagewire.arrow import SPARK_SCHEMA, translate_batch


def translate(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        yield translate_batch(batch, source="gemini", target="chat", kind="response")


spark = SparkSession.builder.getOrCreate()
spark.conf.set("spark.sql.execution.arrow.maxRecordsPerBatch", 64)  # pictures are large
replies = spark.read.parquet("replies.parquet")
chats = replies.mapInArrow(translate, "id string, seconds double, " + SPARK_SCHEMA)
chats.write.parquet("chats.parquet")
