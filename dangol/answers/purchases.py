"""What customers bought, on which days and which products, out of rows of `events`. Texts for DuckDB.

By the rules of customer_history: the highest version of an order counts, a cancelled order does not, and a return
counts unless its order was cancelled. `customer_days` could not say so: a closed day knows of no later correction.
"""

FACT_COLUMNS = ("customer_id", "type", "order_id", "event_id", "event_time", "amount", "version", "rejections")
EVENT_COLUMNS = (*FACT_COLUMNS, "items")

ACCEPTED = "customer_id is not null and coalesce(len(rejections), 0) = 0"
DAY = "cast(timezone($zone, event_time) as date)"

ORDERS = f"""
select customer_id, order_id, return_id, unnest(fact) from (
    select customer_id, order_id, case when type = 'returned' then event_id end as return_id,
           max({{'version': version, 'cancelled': type = 'cancelled', 'day': {DAY},
                'amount': case when type = 'cancelled' then 0 else amount end}}) as fact
    from events where {ACCEPTED}
    group by all
)
"""  # noqa: S608 - texts of this module alone
"""events, of FACT_COLUMNS -> the fact that counts of each order and of each return: customer_id, order_id, return_id
(null for an order), version, cancelled, day of the shop, amount."""

DAYS = """
with placed as (select * from orders where return_id is null),
     moved as (
         select customer_id, day, 1 as purchases, amount as gross, 0 as returned
         from placed where not cancelled and amount > 0
         union all
         select returns.customer_id, returns.day, 0, 0, returns.amount
         from orders as returns left join placed using (customer_id, order_id)
         where returns.return_id is not null and not coalesce(placed.cancelled, false)
     )
select customer_id, day, cast(sum(purchases) as bigint) as orders,
       cast(sum(gross) as decimal(18,4)) as gross, cast(sum(returned) as decimal(18,4)) as returned
from moved group by customer_id, day
"""
"""orders, as of ORDERS -> per customer and day of the shop: orders, gross and returned, each what counts now."""

LINES = f"""
select customer_id, coalesce(nullif(trim(item.name), ''), item.sku) as name,
       cast(item.quantity * item.unit_price as decimal(38,4)) as money
from (
    select customer_id, unnest(items) as item from (
        select customer_id, order_id, max(events.items) as items
        from events join orders using (customer_id, order_id, version)
        where type = 'placed' and return_id is null and not cancelled and orders.amount > 0
          and events.amount = orders.amount and day = {DAY} and {ACCEPTED}
        group by customer_id, order_id
    )
)
"""  # noqa: S608 - texts of this module alone
"""events, of EVENT_COLUMNS, and orders, as of ORDERS -> customer_id, name and money of each line of each purchase. Of
messages that are alike but for their items the greatest list counts, so that any order of arrival gives the same."""

PRODUCTS = """
select customer_id, list(name order by money desc, name) as products from (
    select customer_id, names.name as name, coalesce(sum(money), 0) as money
    from lines join names on lines.name = names.raw
    where names.name <> ''
    group by customer_id, names.name
)
where money >= 0
group by customer_id
"""
"""lines, as of LINES, and names (raw, name), as they stand and as they are told -> customer_id and the names of its
products, that of most money first."""
