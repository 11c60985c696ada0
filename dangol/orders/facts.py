"""The facts of an order that a customer's state keeps, and the state itself."""

from collections.abc import Sequence

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from dangol.tables import FACT


def facts(events: DataFrame, zone: str, ignored_customers: Sequence[str] = ()) -> DataFrame:
    """Parsed events -> (customer_id, fact FACT) of the accepted ones that belong to a customer."""
    return events.where(counts(ignored_customers)).select("customer_id", fact(zone).alias("fact"))


def touches(messages: DataFrame, zone: str, ignored_customers: Sequence[str] = ()) -> DataFrame:
    """Parsed messages with `ticked` and `tick_cause` -> (customer_id, fact FACT, enqueued_time, cause).

    An accepted order touches its customer with a fact, a tick with none.
    """
    ticked = F.col("ticked").isNotNull()
    return messages.where(ticked | counts(ignored_customers)).select(
        F.coalesce("ticked", "customer_id").alias("customer_id"),
        F.when(~ticked, fact(zone)).alias("fact"),
        "enqueued_time",
        F.coalesce("tick_cause", "type").alias("cause"),
    )


def seeds(events: DataFrame, zone: str, ignored_customers: Sequence[str] = ()) -> DataFrame:
    """Parsed events -> (customer_id, fact FACT, enqueued_time, cause) of those that `facts` takes."""
    return events.where(counts(ignored_customers)).select(
        "customer_id", fact(zone).alias("fact"), "enqueued_time", F.col("type").alias("cause")
    )


def counts(ignored_customers: Sequence[str]) -> Column:
    """Whether a parsed event is accepted and belongs to a customer who is graded."""
    customer = F.col("customer_id")
    return (F.size("rejections") == 0) & customer.isNotNull() & ~customer.isin(*ignored_customers)


def fact(zone: str) -> Column:
    kind = F.col("type")
    return F.struct(
        F.xxhash64("order_id").alias("order_key"),
        F.when(kind == "returned", F.xxhash64("event_id")).alias("return_key"),
        F.col("version"),
        (kind == "cancelled").alias("cancelled"),
        F.unix_date(shop_date(F.col("event_time"), zone)).alias("day"),
        F.when(kind == "cancelled", F.lit(0)).otherwise(F.col("amount") * 10_000).cast("bigint").alias("units"),
    ).cast(FACT)


def shop_date(instant: Column, zone: str) -> Column:
    """The shop's calendar date at an instant; the session's time zone must be UTC."""
    return F.to_date(F.from_utc_timestamp(instant, zone))


def customer_facts(touched: DataFrame) -> DataFrame:
    """(customer_id, fact, enqueued_time, cause) -> (customer_id, facts array<FACT>, latest (enqueued_time, cause)).

    The one stateful operator: a set, so a repeated message changes nothing and a late one is simply added. A tick has
    a null fact and touches the customer alone. There is no watermark: evicting would walk every customer at each batch.
    """
    return touched.groupBy("customer_id").agg(
        F.collect_set("fact").alias("facts"), F.max(F.struct("enqueued_time", "cause")).alias("latest")
    )
