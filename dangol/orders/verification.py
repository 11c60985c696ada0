"""Whether the customers that the stream keeps are those that its events add up to."""

from collections.abc import Collection, Sequence

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
    graded = customers.where(~F.col("customer_id").isin(*ignored_customers))
    return (
        side(expected, "expected")
        .join(side(graded, "found"), "customer_id", "full")
        .where(~F.col("expected").eqNullSafe(F.col("found")))
    )


def side(customers: DataFrame, name: str) -> DataFrame:
    return customers.select("customer_id", F.struct(*COMPARED).alias(name))


def repeated(events: DataFrame) -> DataFrame:
    """Positions of the bus that were appended more than once: (source_partition, source_offset, count)."""
    positions = events.where("source_offset is not null").groupBy("source_partition", "source_offset")
    return positions.count().where("count > 1")


def missing(
    events: DataFrame, lost: Sequence[tuple[str, int, int]] = (), forgotten: Collection[tuple[str, int]] = ()
) -> int:
    """How many positions of the bus lie between those of `events` and are not there. A broker's offsets have no gaps,
    but for topics that are compacted or written in transactions, what is `lost`: (source_partition, first offset,
    offset after the last), and what was removed: `forgotten`, (source_partition, source_offset)."""
    partition, offset = F.col("source_partition"), F.col("source_offset")
    expected = F.lit(True)
    for name, first, after in lost:
        expected &= ~((partition == name) & offset.between(first, after - 1))
    by_partition = (
        events.where("source_offset is not null and source = 'kafka'")
        .groupBy("source_partition")
        .agg(F.min(offset), F.max(offset), F.count_distinct(F.when(expected, offset)))
    )
    gaps = 0
    for name, oldest, newest, present in by_partition.collect():
        ranges = [range(max(first, oldest), min(after, newest + 1)) for known, first, after in lost if known == name]
        removed = [offset for known, offset in forgotten if known == name and oldest < offset < newest]
        away = sum(not any(offset in offsets for offsets in ranges) for offset in removed)
        gaps += newest - oldest + 1 - present - sum(len(offsets) for offsets in ranges) - away
    return gaps


def conflicts(events: DataFrame, zone: str) -> DataFrame:
    """Orders and returns that came with one version and two bodies: (customer_id, order_key, return_key, version).

    The later day counts, then the greater amount, whichever came first: see `rfm`.
    """
    placed = facts(events, zone).select("customer_id", "fact.*").where("not cancelled")
    by_version = placed.groupBy("customer_id", "order_key", "return_key", "version")
    return by_version.agg(F.count_distinct("day", "units").alias("bodies")).where("bodies > 1").drop("bodies")


def shared_orders(events: DataFrame) -> DataFrame:
    """Accepted order ids under several customers: (order_id, customer_ids, sorted)."""
    known = events.where((F.size("rejections") == 0) & F.col("customer_id").isNotNull())
    customers = F.sort_array(F.collect_set("customer_id"))
    return known.groupBy("order_id").agg(customers.alias("customer_ids")).where("size(customer_ids) > 1")


def counts(events: DataFrame) -> DataFrame:
    """One row: received, accepted, rejected."""
    accepted = F.size("rejections") == 0
    return events.select(
        F.count(F.lit(1)).alias("received"),
        F.count_if(accepted).alias("accepted"),
        F.count_if(~accepted).alias("rejected"),
    )
