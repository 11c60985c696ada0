"""Queries of the page that no answer needs: what moves now, one customer's past, the map."""

from dangol.answers.queries import DAYS, MOVED_DEFINITION, SETTLED, Query, Scan, defined

SETTLED_SINCE = Query(
    "settled_since",
    ("changes",),
    """
    select grade, sum(moved) as customers,
           sum(case when as_of >= :day then moved else 0 end) as since_day,
           sum(case when as_of >= :week then moved else 0 end) as since_week
    from (
        select new_grade as grade, 1 as moved, as_of from changes where new_grade is not null
        union all
        select old_grade as grade, -1 as moved, as_of from changes where old_grade is not null
    ) as moves
    group by grade
    order by grade
    """,
    SETTLED.definition,
)
"""Customers of a settled grade, and how many more of them there are than at two moments before."""

MOVED_DIRECTIONS = Query(
    "moved_directions",
    ("changes",),
    """
    select direction, count(distinct customer_id) as customers
    from changes
    where as_of >= :since and direction is not null
    group by direction
    order by direction
    """,
    MOVED_DEFINITION,
)

ORDERS_BY_DAY = Query(
    "orders_by_day",
    ("customer_days",),
    """
    select day, sum(orders) as orders, count(distinct customer_id) as customers
    from customer_days
    where day >= :since
    group by day
    order by day
    """,
    defined("마감된 날의 구매입니다.", "Purchases of closed days."),
)

BUYERS_BY_HOUR = Query(
    "buyers_by_hour",
    ("customers_live",),
    """
    select date_trunc('hour', as_of) as hour, count(*) as customers
    from customers_live
    where cause = 'placed' and as_of >= :since
    group by hour
    order by hour
    """,
    defined("마지막 주문이 그 시간에 들어온 고객입니다.", "Customers whose latest order came in that hour."),
)

LATEST_MESSAGE = Query(
    "latest_message",
    ("customers_live",),
    "select max(enqueued_time) as enqueued_time from customers_live",
    defined("반영된 마지막 메시지가 들어온 때입니다.", "When the latest message that counts was enqueued."),
)

CUSTOMER_CARD = Query(
    "customer_card",
    ("customers_live",),
    """
    select customer_id, grade, grade_rank, posterior, p_max, recency_days, frequency, monetary, last_purchase_date,
           state, model_version, as_of, generation, batch_id
    from customers_live
    where customer_id = :customer_id
    """,
    defined("고객의 가장 최근 행입니다.", "The customer's newest row."),
)

CUSTOMER_PAST = Query(
    "customer_past",
    ("customer_history",),
    """
    select grade, grade_rank, frequency, monetary, as_of, generation, batch_id
    from customer_history
    where customer_id = :customer_id
    order by generation desc, batch_id desc
    limit :n
    """,
    defined("고객의 지난 행입니다.", "The customer's past rows."),
    {"customer_history": Scan("customer_id = :customer_id")},
)

CUSTOMER_WEEKS = Query(
    "customer_weeks",
    ("customer_days",),
    """
    select cast(date_trunc('week', day) as date) as week, sum(orders) as orders, sum(gross - returned) as net
    from customer_days
    where customer_id = :customer_id and day >= :since
    group by week
    order by week
    """,
    DAYS,
)

MAP_POINTS = Query(
    "map_points",
    ("customers_live",),
    """
    select customer_id, grade, grade_rank, p_max, recency_days, frequency, monetary,
           coalesce(p_max < :boundary_below, false) as is_boundary, model_version, as_of, generation, batch_id
    from customers_live
    where frequency > 0 and monetary > 0 and grade is not null
    order by md5(customer_id)
    limit :n
    """,
    defined(
        "등급이 있는 고객 중에서 언제나 같은 방식으로 고른 표본입니다.",
        "A sample of the customers with a grade, always drawn the same way.",
    ),
)
