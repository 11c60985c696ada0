"""Recency, frequency and monetary value from the facts of customers, in a micro-batch and in a batch alike."""

from collections.abc import Sequence
from datetime import date

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

FACT_FIELDS = ("order_key", "return_key", "version", "cancelled", "day", "units")

RFM = """
with newest as (
    select {customer}, order_key, return_key, max(struct(version, cancelled, day, units)) as fact
    from {{facts}}
    group by {customer}, order_key, return_key
),
orders as (
    select {customer}, order_key,
           max(case when return_key is null then fact end) as placed,
           sum(case when return_key is not null then fact.units else 0 end) as returned,
           sum(case when return_key is not null and fact.day > today - {window_days} then fact.units else 0 end)
               as returned_in_window
    from newest
    group by {customer}, order_key
),
judged as (
    select {customer}, placed.day, placed.units, returned, returned_in_window,
           placed is null as unknown,
           not placed.cancelled and placed.units > 0 as purchase,
           not placed.cancelled and placed.day > today - {window_days} as in_window
    from orders
),
totals as (
    select {customer},
           max(case when purchase then day end) as last_day,
           max(case when purchase and in_window then day end) as last_in_window,
           min(case when purchase and in_window then day end) as first_in_window,
           count_if(purchase and in_window) as frequency,
           sum(case when purchase and in_window then units else 0 end) as gross,
           sum(case when unknown then returned_in_window when in_window then returned else 0 end) as returned
    from judged
    group by {customer}
)
select {customer},
       case when last_day is not null then greatest(today - last_day, 0) end as recency_days,
       frequency,
       try_cast((gross - returned) * 0.0001 as decimal(18,4)) as monetary,
       try_cast(gross * 0.0001 as decimal(18,4)) as monetary_gross,
       date_from_unix_date(last_day) as last_purchase_date,
       case when frequency >= 2 then (last_in_window - first_in_window) / (frequency - 1) end as mean_gap_days
from totals
"""


def rfm(facts: DataFrame, window_days: int) -> DataFrame:
    """Facts -> per customer recency_days, frequency, monetary, monetary_gross, last_purchase_date, mean_gap_days.

    In: the fields of FACT, `today` (days from 1970-01-01 in the shop's zone), customer_id and whatever else is said of
    a customer; all but the fact's fields are alike in all rows of a customer and pass through. A customer without a
    fact has no row in or out. The window is `window_days` days that end with today.

    newest: the highest version of each order and of each return; between equal versions a cancellation counts, then the
    later day, then the greater amount, so that any order of arrival gives the same. orders: what was placed (null when
    only returns name the order) and given back. judged: a return that names a known order counts where that order
    counts, another one by its own day.
    """
    customer = ", ".join(name for name in facts.columns if name not in FACT_FIELDS)
    text = RFM.format(customer=customer, window_days=window_days)
    by_customer = facts.repartition("customer_id")  # one exchange serves all three groupings
    return facts.sparkSession.sql(text, facts=by_customer)


def rfm_on(facts: DataFrame, days: Sequence[date], window_days: int) -> DataFrame:
    """(customer_id, fact FACT) -> rfm of each customer at the start of each of `days`: from the facts before it alone.

    One row per customer and day, with `today` (days from 1970-01-01); no row before a customer's first fact.
    """
    starts = F.explode(F.array(*(F.unix_date(F.lit(day)) for day in days)))
    known = facts.select("customer_id", starts.alias("today"), "fact.*").where("day < today")
    return rfm(known, window_days)
