"""What enters beside the bus: ticks."""

from datetime import date

from pyspark.sql import functions as F

from dangol.edges.store import TableStore
from dangol.tables import CUSTOMERS, INLET


def tick(store: TableStore, day: date, cause: str, customers_per_file: int) -> int:
    """One tick per known customer, in files of at most `customers_per_file`; how many customers there are.

    With cause `tick` a second call for the same day writes nothing.
    """
    store.create(CUSTOMERS, INLET)
    ids = store.customers_live().select("customer_id")
    rows = ids.select(
        F.lit("tick").alias("kind"),
        F.lit(cause).alias("cause"),
        "customer_id",
        F.lit(None).cast("binary").alias("value"),
        F.lit(day).alias("tick_date"),
        F.lit(None).cast("string").alias("origin"),
        F.lit(None).cast("bigint").alias("position"),
        F.lit(None).cast("string").alias("repairs"),
        F.current_timestamp().alias("enqueued_time"),
    )
    writer = rows.coalesce(1).write.format("delta").mode("append").option("maxRecordsPerFile", customers_per_file)
    if cause == "tick":
        writer = writer.option("txnAppId", "tick").option("txnVersion", day.toordinal())
    writer.save(str(store.path(INLET)))
    return ids.count()
