"""Whether the customers that the stream keeps are those that its events add up to."""

from collections.abc import Sequence

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from dangol.orders.facts import facts, shop_date
from dangol.orders.rfm import rfm

COMPARED = ("recency_days", "frequency", "monetary", "monetary_gross", "last_purchase_date")


def mismatches(
    events: DataFrame, customers: DataFrame, zone: str, window_days: int, ignored_customers: Sequence[str] = ()
) -> DataFrame:
    """Customers whose row differs from a recomputation from `events` at the row's own as_of, or who are on one side.

    Out: customer_id, then each column of COMPARED as `expected` and `found` structs (null when that side has no row).
    """
    at = customers.select("customer_id", F.unix_date(shop_date(F.col("as_of"), zone)).alias("today"))
    known = facts(events, zone, ignored_customers).join(at, "customer_id", "left")
    expected = rfm(known.select("customer_id", "today", "fact.*"), window_days)
    return (
        side(expected, "expected")
        .join(side(customers, "found"), "customer_id", "full")
        .where(~F.col("expected").eqNullSafe(F.col("found")))
    )


def side(customers: DataFrame, name: str) -> DataFrame:
    return customers.select("customer_id", F.struct(*COMPARED).alias(name))


def repeated(events: DataFrame) -> DataFrame:
    """Positions of the bus that were appended more than once: (source_partition, source_offset, count)."""
    positions = events.where("source_offset is not null").groupBy("source_partition", "source_offset")
    return positions.count().where("count > 1")


def counts(events: DataFrame) -> DataFrame:
    """One row: received, accepted, rejected."""
    accepted = F.size("rejections") == 0
    return events.select(
        F.count(F.lit(1)).alias("received"),
        F.count_if(accepted).alias("accepted"),
        F.count_if(~accepted).alias("rejected"),
    )
