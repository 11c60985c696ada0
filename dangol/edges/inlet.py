"""What enters beside the bus: ticks, and orders of a backfill or a repair."""

from collections.abc import Sequence
from datetime import date, datetime

import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from dangol.edges.store import TableStore
from dangol.tables import CUSTOMERS, INLET


def tick(store: TableStore, day: date, cause: str, customers_per_file: int, also: DataFrame | None = None) -> int:
    """One tick per known customer, and per customer_id of `also`, in files of at most `customers_per_file`; how many.

    With cause `tick` a second call for the same day writes nothing.
    """
    store.create(CUSTOMERS, INLET)
    ids = store.customers_live().select("customer_id")
    if also is not None:
        ids = ids.union(also.select("customer_id")).distinct()
    ticks = ids.withColumns(
        {
            "kind": F.lit("tick"),
            "cause": F.lit(cause),
            "tick_date": F.lit(day),
            "enqueued_time": F.current_timestamp(),
        }
    )
    enter(store, ticks, customers_per_file, ("tick", day.toordinal()) if cause == "tick" else None)
    return ids.count()


def orders(
    store: TableStore,
    values: Sequence[bytes],
    cause: str,
    origin: str,
    enqueued_time: datetime,
    repairs: Sequence[str | None] | None = None,
) -> DataFrame:
    """Messages as rows of `inlet`, their positions counted from 0. `repairs`: per message the message_id of the
    rejected message that it replaces."""
    table = pa.table(
        {
            "value": pa.array(values, pa.binary()),
            "position": pa.array(range(len(values)), pa.int64()),
            "repairs": pa.array(repairs or [None] * len(values), pa.string()),
        }
    )
    rows: DataFrame = store.spark.createDataFrame(table)
    return rows.withColumns(
        {
            "kind": F.lit("order"),
            "cause": F.lit(cause),
            "origin": F.lit(origin),
            "enqueued_time": F.lit(enqueued_time),
        }
    )


def enter(store: TableStore, rows: DataFrame, rows_per_file: int, once: tuple[str, int] | None) -> None:
    """Appends to `inlet` in one commit. Each file fills a micro-batch, so small ones spread the rows.

    `once`: an id and a number; Delta passes over a commit whose number the id has reached.
    Raises Delta's ConcurrentTransactionException when another commit with that id comes in between.
    """
    writer = rows.coalesce(1).write.format("delta").mode("append").option("maxRecordsPerFile", rows_per_file)
    if once:
        writer = writer.option("txnAppId", once[0]).option("txnVersion", once[1])
    writer.save(str(store.path(INLET)))


def entered(store: TableStore, origin: str) -> bool:
    """Whether `inlet` has orders of an origin."""
    return not store.read(INLET).where((F.col("kind") == "order") & (F.col("origin") == origin)).isEmpty()
