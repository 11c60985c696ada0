"""The facts that a new generation of the state begins with."""

from pyspark.sql import DataFrame

KEPT = """
with orders as (
    select customer_id, fact.order_key as order_key,
           max(fact.day) as last_day,
           max(case when fact.return_key is null
                    then struct(fact.version, fact.cancelled, fact.day, fact.units) end) as placed
    from {facts}
    group by customer_id, fact.order_key
),
ranked as (
    select *, row_number() over (
        partition by customer_id
        order by coalesce(not placed.cancelled and placed.units > 0, false) desc, placed.day desc, order_key
    ) as place
    from orders
)
select facts.*
from {facts} as facts join ranked on facts.customer_id = ranked.customer_id and facts.fact.order_key = ranked.order_key
where last_day > {today} - {kept_days} or place = 1
"""


def kept(facts: DataFrame, today: int, kept_days: int) -> DataFrame:
    """(customer_id, fact FACT, ...) -> the same rows of the orders that the state needs.

    Kept is every fact of an order that has one in the last `kept_days` days, today (days from 1970-01-01) included, and
    of each customer's last purchase, which recency counts from. What names a left-out order afterwards is taken as of
    an unknown one, so `kept_days` is at least the window, and longer than returns take.
    """
    return facts.sparkSession.sql(KEPT, facts=facts, today=today, kept_days=kept_days)
