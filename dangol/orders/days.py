"""What a customer did on each day of the shop: from the facts of that day alone, in the stream and in a batch alike."""

from collections.abc import Sequence
from datetime import date

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from dangol.orders.facts import counts, fact

CUSTOMER_DAYS = """
with newest as (
    select customer_id, day, order_key, return_key, max(struct(version, cancelled, units)) as fact
    from {facts}
    group by customer_id, day, order_key, return_key
)
select customer_id,
       date_from_unix_date(day) as day,
       count_if(return_key is null and not fact.cancelled and fact.units > 0) as orders,
       try_cast(sum(case when return_key is null and not fact.cancelled then fact.units else 0 end) * 0.0001
                as decimal(18,4)) as gross,
       try_cast(sum(case when return_key is not null then fact.units else 0 end) * 0.0001 as decimal(18,4)) as returned,
       sort_array(collect_list(struct(order_key, return_key, fact.version, fact.cancelled, day, fact.units))) as facts
from newest
group by customer_id, day
"""


def open_days(events: DataFrame, zone: str, watermark_hours: int, ignored_customers: Sequence[str] = ()) -> DataFrame:
    """A stream of parsed events -> (customer_id, facts array<FACT>), once per customer-day, when the day is closed.

    A day is closed when an event came that happened `watermark_hours` or more after its end. Spark's windows follow
    UTC, so they are given the shop's wall time. A set absorbs repeated messages, as in the state of a customer.
    """
    timed = events.where(counts(ignored_customers)).select(
        "customer_id", fact(zone).alias("fact"), F.from_utc_timestamp("event_time", zone).alias("shop_time")
    )
    day = F.window("shop_time", "1 day")
    by_day = timed.withWatermark("shop_time", f"{watermark_hours} hours").groupBy("customer_id", day.alias("day"))
    return by_day.agg(F.collect_set("fact").alias("facts")).select("customer_id", "facts")


def customer_days(facts: DataFrame) -> DataFrame:
    """(customer_id, the fields of FACT) -> (customer_id, day, orders, gross, returned, facts), one row a customer-day.

    Of an order and of a return the highest version of the day counts, and a cancellation before a purchase of the same
    version. What another day says of them, such as a later correction, is that day's fact. `facts` are those that
    count, sorted, so that any order of arrival gives the same row.
    """
    return facts.sparkSession.sql(CUSTOMER_DAYS, facts=facts)


def days_before(facts: DataFrame, first_open_day: date) -> DataFrame:
    """(customer_id, fact FACT) -> the customer_days of the days before `first_open_day`."""
    closed = facts.select("customer_id", "fact.*").where(F.col("day") < F.unix_date(F.lit(first_open_day)))
    return customer_days(closed)
