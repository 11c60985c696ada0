"""Grade changes out of rows of `customer_history`: when a grade settles, and what made it change. Texts for DuckDB.

A row *settles* its grade when nothing speaks for another one: it has no posterior (a grade by rule, or none), or its
margin is above $hysteresis, or it is the customer's first. What does not settle changes nothing: a customer who sways
on a boundary stays where they were.
"""

BATCH_BITS = 40
POSITION = f"(generation::bigint << {BATCH_BITS}) + batch_id"
"""(generation, batch_id) as one integer that orders alike."""

ROW = (
    *("customer_id", "recency_days", "frequency", "monetary", "last_purchase_date"),
    *("grade", "grade_rank", "p_max", "margin", "model_version"),
    *("as_of", "cause", "enqueued_time", "generation", "batch_id"),
)
"""The columns of a row of history that matter here. A set of them is enough for the customers' next changes when it has
each customer's newest row and the one that settled the grade last: what KEPT keeps."""

SETTLES = "coalesce(margin > $hysteresis, true)"

ENDS = f"""
select customer_id, max({POSITION}) as newest,
       coalesce(max({POSITION}) filter ({SETTLES}), min({POSITION})) as settled
from {{rows}} group by customer_id
"""  # noqa: S608 - texts of this module alone
"""Rows with the columns ENDS_OF -> per customer the positions of the newest row and of the one that settled last."""

ENDS_OF = ("customer_id", "margin", "generation", "batch_id")

KEPT = f"""
select {", ".join(ROW)} from {{rows}} join {{ends}} using (customer_id) where {POSITION} in (newest, settled)
"""  # noqa: S608 - texts of this module alone
"""ROWs and their ENDS -> those that the next changes follow from, one or two per customer. Two steps, for
to carry whole rows through the grouping of a whole history takes many times as long."""

CAUSE = """
case when old.customer_id is not null and new.model_version is distinct from old.model_version then 'model'
     when new.cause <> 'rebuild' and (
         new.last_purchase_date > coalesce(previous.last_purchase_date, date '-infinity')
         or (new.frequency > previous.frequency and new.recency_days = 0)) then 'order'
     when (new.frequency, new.monetary, new.last_purchase_date)
         is not distinct from (previous.frequency, previous.monetary, previous.last_purchase_date) then 'ageing'
     when new.cause in ('returned', 'cancelled') and new.monetary < previous.monetary then 'return'
     when new.cause in ('tick', 'model') and (
         new.frequency < previous.frequency or new.monetary < previous.monetary) then 'window'
     else 'repair' end
"""
"""order: a purchase, later than all before or of today; return: money given back or an order cancelled; window: a tick
found that something has left the window; ageing: only time has passed; model: another one graded; repair: the rest, a
late or a corrected order, or a rebuild that found other numbers. What happened is told by the row before, whether that
one settled or not; which model graded the old grade, by the row that settled it."""

DIRECTION = """
case when old.grade is null then 'in' when new.grade is null then 'out'
     when new.grade_rank > old.grade_rank then 'up' when new.grade_rank < old.grade_rank then 'down' end
"""

CHANGES = f"""
with pairs as (
    select r as new, lag(r) over customer as previous,
           coalesce(last_value(case when {SETTLES} then r end ignore nulls) over earlier,
                    first_value(r) over earlier) as old
    from {{rows}} as r
    window customer as (partition by customer_id order by generation, batch_id),
           earlier as (partition by customer_id order by generation, batch_id
                       rows between unbounded preceding and 1 preceding)
)
select sha256(concat_ws('/', new.generation, new.batch_id, new.customer_id)) as change_id,
       new.customer_id as customer_id,
       old.grade as old_grade, old.grade_rank as old_grade_rank,
       new.grade as new_grade, new.grade_rank as new_grade_rank,
       {DIRECTION} as direction, {CAUSE} as cause,
       old.recency_days as old_recency_days, new.recency_days as new_recency_days,
       old.frequency as old_frequency, new.frequency as new_frequency,
       old.monetary as old_monetary, new.monetary as new_monetary,
       old.model_version as old_model_version, new.model_version as new_model_version,
       new.p_max as p_max, new.margin as margin, new.as_of as as_of, new.enqueued_time as enqueued_time,
       new.generation as generation, new.batch_id as batch_id
from pairs
where (new.generation::bigint << {BATCH_BITS}) + new.batch_id > $after
  and (previous.customer_id is null or coalesce(new.margin > $hysteresis, true))
  and new.grade is distinct from old.grade
order by generation, batch_id, customer_id
"""  # noqa: S608 - texts of this module alone
"""ROWs -> rows of the table `changes` by the rows after the position $after; {rows} is a table or a subquery."""
