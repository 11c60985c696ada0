"""Recency, frequency and monetary value from the facts of customers, in a micro-batch and in a batch alike."""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from dangol.tables import MONEY

FACT_FIELDS = ("order_key", "return_key", "version", "cancelled", "day", "units")


def rfm(facts: DataFrame, window_days: int) -> DataFrame:
    """Facts -> per customer recency_days, frequency, monetary, monetary_gross, last_purchase_date, mean_gap_days.

    In: the fields of FACT, `today` (days from 1970-01-01 in the shop's zone), customer_id and whatever else is said of
    a customer; all but the fact's fields are alike in all rows of a customer and pass through. A customer without a
    fact has no row in or out. The window is `window_days` days that end with today.
    """
    return by_customer(by_order(by_fact(facts), window_days), window_days)


def by_fact(facts: DataFrame) -> DataFrame:
    """The highest version of each order and of each return. Between equal versions a cancellation counts, then the
    later day, then the greater amount: any order of arrival gives the same."""
    keys = [*customer_columns(facts), "order_key", "return_key"]
    newest = F.max(F.struct("version", "cancelled", "day", "units")).alias("newest")
    return facts.groupBy(*keys).agg(newest).select(*keys, "newest.cancelled", "newest.day", "newest.units")


def by_order(facts: DataFrame, window_days: int) -> DataFrame:
    """Each order (null `cancelled` when only returns name it) with what was given back in all and inside the window."""
    customer = customer_columns(facts)
    is_return, order = F.col("return_key").isNotNull(), F.struct("cancelled", "day", "units")
    return (
        facts.groupBy(*customer, "order_key")
        .agg(
            F.max(F.when(~is_return, order)).alias("order"),
            F.sum(F.when(is_return, F.col("units")).otherwise(0)).alias("returned"),
            F.sum(F.when(is_return & in_window(window_days), F.col("units")).otherwise(0)).alias("returned_in_window"),
        )
        .select(*customer, "order.*", "returned", "returned_in_window")
    )


def by_customer(orders: DataFrame, window_days: int) -> DataFrame:
    """A return that names a known order counts where that order counts; another one by its own day."""
    purchase = ~F.col("cancelled") & (F.col("units") > 0)
    counted = purchase & in_window(window_days)
    returned = F.when(F.col("cancelled").isNull(), F.col("returned_in_window")).when(
        ~F.col("cancelled") & in_window(window_days), F.col("returned")
    )
    gross, back = F.sum(F.when(counted, F.col("units")).otherwise(0)), F.sum(F.coalesce(returned, F.lit(0)))
    last, frequency = F.max(F.when(purchase, F.col("day"))), F.count_if(counted)
    span = F.max(F.when(counted, F.col("day"))) - F.min(F.when(counted, F.col("day")))
    customer = [
        name for name in orders.columns if name not in ("cancelled", "day", "units", "returned", "returned_in_window")
    ]
    return orders.groupBy(*customer).agg(
        F.when(last.isNotNull(), F.greatest(F.col("today") - last, F.lit(0))).alias("recency_days"),
        frequency.alias("frequency"),
        money(gross - back).alias("monetary"),
        money(gross).alias("monetary_gross"),
        F.date_from_unix_date(last).alias("last_purchase_date"),
        F.when(frequency >= 2, span / (frequency - 1)).alias("mean_gap_days"),
    )


def customer_columns(facts: DataFrame) -> list[str]:
    return [name for name in facts.columns if name not in FACT_FIELDS]


def in_window(window_days: int) -> Column:
    return F.col("day") > F.col("today") - window_days


def money(units: Column) -> Column:
    """1/10000 of the currency as an exact decimal; null beyond its range."""
    return (units.cast("decimal(22,0)") / F.lit(10_000).cast("decimal(5,0)")).try_cast(MONEY)
