"""What enters beside the bus: ticks."""

from datetime import date

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
    # each file fills a micro-batch: small ones spread the ticks
    writer = ticks.coalesce(1).write.format("delta").mode("append").option("maxRecordsPerFile", customers_per_file)
    if cause == "tick":
        writer = writer.option("txnAppId", "tick").option("txnVersion", day.toordinal())
    writer.save(str(store.path(INLET)))
    return ids.count()
