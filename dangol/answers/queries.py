"""Every query that an answer may run: fixed texts and bound parameters, the same on DuckDB and on Spark.

A parameter is written `:name`, as Spark and a Databricks SQL warehouse take it; DuckDB gets `$name`. What a question is
about only ever arrives as a parameter.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, NamedTuple

from dangol.answers.intents import Language
from dangol.answers.product_words import MOST_TERMS, NEVER

Read = Literal["customers_live", "customer_days", "changes", "customer_history", "summaries"]
PARAMETER = re.compile(r":([a-z_]+)")


class Scan(NamedTuple):
    """What a query needs of a table that is too large to be held in memory: at least the rows that fit `predicate`."""

    predicate: str
    columns: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Query:
    """`reads`: the tables, of which customers_live is the view of the contract. `definition`: what its numbers mean."""

    name: str
    reads: tuple[Read, ...]
    sql: str
    definition: Mapping[Language, str]
    scans: Mapping[Read, Scan] = field(default_factory=dict)

    @cached_property
    def parameters(self) -> tuple[str, ...]:
        """Their names, in the order of their first places."""
        return tuple(dict.fromkeys(PARAMETER.findall(self.sql)))

    @cached_property
    def duckdb(self) -> str:
        return PARAMETER.sub(r"$\1", self.sql)


WHO = """(
    (:anyone or array_contains(:customer_ids, customer_id))
    and (:any_grade or array_contains(:grades, coalesce(grade, '-')))
    and (:any_state or array_contains(:states, coalesce(state, '-')))
    and frequency between :frequency_least and :frequency_most
    and coalesce(monetary, 0) between :monetary_least and :monetary_most
    and coalesce(recency_days, -1) between :recency_least and :recency_most
)"""
"""Whom a question is about, over customers_live. `-` stands for no grade and for no state, -1 for no recency."""

CUSTOMER = """customer_id, grade, grade_rank, element_at(posterior, nullif(grade_rank, 0)) as p_grade, p_max,
       recency_days, frequency, monetary, monetary_gross, last_purchase_date, state, model_version, as_of, generation,
       batch_id"""
LIST = "customer_id, grade, recency_days, frequency, monetary, last_purchase_date, state"

WINDOW: Mapping[Language, str] = {
    "ko": "금액은 집계 기간의 구매에서 반품을 뺀 값입니다.",
    "en": "Money is purchases less returns in the window.",
}
DAYS: Mapping[Language, str] = {
    "ko": "마감된 날의 구매와 반품이며, 등급은 지금의 등급입니다.",
    "en": "Purchases and returns of closed days; grades are those of now.",
}


def defined(ko: str, en: str, more: Mapping[Language, str] | None = None) -> Mapping[Language, str]:
    return {"ko": f"{ko} {more['ko']}", "en": f"{en} {more['en']}"} if more else {"ko": ko, "en": en}


CUSTOMER_NOW = Query(
    "customer_now",
    ("customers_live",),
    f"select {CUSTOMER} from customers_live where customer_id = :customer_id",  # noqa: S608 - texts of this module alone
    defined(
        "고객의 가장 최근 행입니다. 소속 확률은 모델이 그 등급에 속한다고 보는 확률입니다.",
        "The customer's newest row. The membership probability is the model's that the customer belongs to the grade.",
        WINDOW,
    ),
)

CUSTOMER_ON = Query(
    "customer_on",
    ("customer_history",),
    f"""
    select {CUSTOMER} from customer_history
    where customer_id = :customer_id and as_of < :until
    order by generation desc, batch_id desc
    limit 1
    """,  # noqa: S608 - texts of this module alone
    defined(
        "그날이 끝날 때까지 기록된 고객의 마지막 행입니다.",
        "The customer's last row that was true before that day ended.",
        WINDOW,
    ),
    {"customer_history": Scan("customer_id = :customer_id and as_of < :until")},
)

GRADE_PROFILE = Query(
    "grade_profile",
    ("customers_live",),
    """
    with graded as (
        select count(*) as graded_customers, sum(monetary) as graded_monetary
        from customers_live
        where grade is not null
    )
    select grade, grade_rank, count(*) as customers, graded_customers, graded_monetary,
           median(recency_days) as recency_median, sum(recency_days) as recency_total,
           median(frequency) as frequency_median, sum(frequency) as frequency_total,
           cast(median(monetary) as decimal(18,4)) as monetary_median, sum(monetary) as monetary_total,
           sum(case when p_max < :boundary_below then 1 else 0 end) as boundary_customers
    from customers_live cross join graded
    where grade = :grade
    group by grade, grade_rank, graded_customers, graded_monetary
    """,
    defined(
        "이 등급인 고객들의 가장 최근 행을 모은 값입니다. 비율은 등급이 있는 모든 고객에 대한 것입니다.",
        "Over the newest rows of the customers in this grade. Shares are of all graded customers.",
        WINDOW,
    ),
)

GRADES_NOW = Query(
    "grades_now",
    ("customers_live",),
    """
    select grade, grade_rank, count(*) as customers, sum(frequency) as purchases, sum(monetary) as monetary
    from customers_live
    where frequency > 0
    group by grade, grade_rank
    order by grade_rank nulls last
    """,
    defined("집계 기간에 구매한 고객을 등급별로 센 값입니다.", "Customers with a purchase in the window, by grade."),
)

POPULATION = Query(
    "population",
    ("customers_live",),
    f"""
    with chosen as (select *, case when {WHO} then 1 else 0 end as is_chosen
                    from customers_live where frequency >= :base_frequency)
    select sum(is_chosen) as customers, sum(case when is_chosen = 1 then frequency else 0 end) as frequency,
           sum(case when is_chosen = 1 then monetary else 0 end) as monetary,
           sum(case when is_chosen = 1 then monetary_gross else 0 end) as monetary_gross,
           sum(case when is_chosen = 1 then recency_days end) as recency_days,
           sum(case when is_chosen = 1 and recency_days is not null then 1 else 0 end) as buyers,
           count(*) as all_customers, sum(monetary) as all_monetary
    from chosen
    """,  # noqa: S608 - texts of this module alone
    defined(
        "집계 기간에 구매한 고객의 가장 최근 행을 모은 값입니다. "
        "휴면 고객이나 구매 후 경과일을 물으면 구매가 없는 고객도 셉니다.",
        "Over the newest rows of customers with a purchase in the window; asked for dormant customers or days since a "
        "purchase, those without one count too.",
        WINDOW,
    ),
)

MEMBERS = Query(
    "members",
    ("customers_live",),
    f"select customer_id from customers_live where {WHO} order by customer_id",  # noqa: S608 - texts of this module alone
    defined("묻는 고객 모두입니다.", "All customers that are asked about."),
)

LAST_DAY = Query(
    "last_day",
    ("customer_days",),
    "select min(day) as first_day, max(day) as last_day from customer_days",
    defined("마감되어 집계된 첫날과 마지막 날입니다.", "The first and the last day that is closed and added up."),
)

PERIOD = Query(
    "period",
    ("customer_days", "customers_live"),
    f"""
    with chosen as (select customer_id, 1 as is_chosen from customers_live where {WHO}),
         bought as (
             select customer_id, sum(orders) as orders, sum(gross) as gross, sum(returned) as returned
             from customer_days
             where day between :start and :end
             group by customer_id
         ),
         told as (
             select orders, gross, returned, coalesce(is_chosen, 0) as is_chosen
             from bought left join chosen on bought.customer_id = chosen.customer_id
         )
    select coalesce(sum(case when is_chosen = 1 and orders > 0 then 1 end), 0) as customers,
           coalesce(sum(case when is_chosen = 1 and returned > 0 then 1 end), 0) as returning_customers,
           coalesce(sum(case when is_chosen = 1 then orders end), 0) as orders,
           coalesce(sum(case when is_chosen = 1 then gross end), 0) as gross,
           coalesce(sum(case when is_chosen = 1 then returned end), 0) as returned,
           coalesce(sum(case when is_chosen = 1 then gross - returned end), 0) as net,
           coalesce(sum(case when orders > 0 then 1 end), 0) as all_customers,
           coalesce(sum(orders), 0) as all_orders,
           coalesce(sum(gross - returned), 0) as all_net, coalesce(sum(gross), 0) as all_gross,
           coalesce(sum(returned), 0) as all_returned
    from told
    """,  # noqa: S608 - texts of this module alone
    DAYS,
)


CHOSEN_DAYS = f"""
        from customer_days join (select customer_id, grade from customers_live where {WHO}) as chosen
             on customer_days.customer_id = chosen.customer_id
        where day between :start and :end
"""  # noqa: S608 - texts of this module alone
"""The closed days of a period, of those whom a question is about."""

TREND = Query(
    "trend",
    ("customer_days", "customers_live"),
    f"""
    with days as (
        select day, sum(orders) as orders, sum(gross) as gross, sum(returned) as returned
        {CHOSEN_DAYS}
        group by day
    )
    select cast(date_trunc(:grain, day) as date) as start, sum(orders) as orders, sum(gross) as gross,
           sum(returned) as returned, sum(gross - returned) as net
    from days
    group by cast(date_trunc(:grain, day) as date)
    order by start
    """,  # noqa: S608 - texts of this module alone
    DAYS,
)
TREND_OF_CUSTOMERS = Query(
    "trend_of_customers",
    ("customer_days", "customers_live"),
    f"""
    select cast(date_trunc(:grain, day) as date) as start,
           count(distinct case when orders > 0 then customer_days.customer_id end) as customers
    {CHOSEN_DAYS}
    group by cast(date_trunc(:grain, day) as date)
    order by start
    """,
    DAYS,
)
"""Apart from TREND, for it takes several times as long."""

SETTLED = Query(
    "settled_grades",
    ("changes",),
    """
    select grade, sum(moved) as customers from (
        select new_grade as grade, 1 as moved from changes where as_of < :until and new_grade is not null
        union all
        select old_grade as grade, -1 as moved from changes where as_of < :until and old_grade is not null
    ) as moves
    where array_contains(:grades, grade)
    group by grade
    order by grade
    """,
    defined(
        "그 시점까지의 등급 변경을 모두 더한 값입니다. 경계를 오가는 흔들림은 변경으로 치지 않습니다.",
        "All grade changes up to that moment added up. Wobbling across a boundary is no change.",
    ),
)

UNRECORDED = Query(
    "unrecorded",
    ("customers_live", "changes"),
    """
    select count(*) as customers
    from customers_live left join (select distinct customer_id from changes where old_grade is null) as entered
         on customers_live.customer_id = entered.customer_id
    where array_contains(:grades, grade) and entered.customer_id is null
    """,
    defined(
        "등급 변경 기록이 시작되기 전부터 등급이 있었거나, 아직 기록되지 않은 고객입니다.",
        "Customers who had a grade before the record of changes began, or are not in it yet.",
    ),
)
RECORDED_FROM = Query(
    "recorded_from",
    ("changes",),
    "select min(as_of) as recorded_from from changes",
    defined("첫 등급 변경이 기록된 때입니다.", "When the first grade change was recorded."),
)

MOVED = """
    from changes
    where as_of >= :since and as_of < :until and array_contains(:directions, coalesce(direction, '-'))
      and (:anyone or array_contains(:customer_ids, customer_id))
      and (:any_old or array_contains(:old_grades, coalesce(old_grade, '-')))
      and (:any_new or array_contains(:new_grades, coalesce(new_grade, '-')))
      and (:any_grade or array_contains(:grades, old_grade) or array_contains(:grades, new_grade))
"""
MOVED_DEFINITION = defined(
    "그 기간에 확정된 등급 변경입니다. 경계를 오가는 흔들림은 변경으로 치지 않고, 이유는 변경을 일으킨 것입니다.",
    "Grade changes that settled in the period. Wobbling across a boundary is no change; a cause is what set it off.",
)
MOVEMENT = Query(
    "movement",
    ("changes",),
    f"select count(distinct customer_id) as customers, count(*) as moves {MOVED}",
    MOVED_DEFINITION,
)
MOVES = Query(
    "moves",
    ("changes",),
    f"""
    select old_grade, new_grade, count(distinct customer_id) as customers {MOVED}
    group by old_grade, new_grade
    order by customers desc, old_grade nulls last, new_grade nulls last
    """,
    MOVED_DEFINITION,
)
CAUSES_OF_MOVES = Query(
    "causes_of_moves",
    ("changes",),
    f"""
    select cause, count(distinct customer_id) as customers {MOVED}
    group by cause
    order by customers desc, cause nulls last
    """,
    MOVED_DEFINITION,
)
MOVED_CUSTOMERS = Query(
    "moved_customers",
    ("changes",),
    f"""
    select customer_id, old_grade, new_grade, cause, as_of, new_monetary as monetary {MOVED}
    order by new_monetary desc, customer_id, as_of
    limit :n
    """,
    MOVED_DEFINITION,
)
LAST_CHANGE = Query(
    "last_change",
    ("changes",),
    """
    select customer_id, old_grade, new_grade, direction, cause, old_recency_days, new_recency_days, old_frequency,
           new_frequency, old_monetary, new_monetary, as_of
    from changes
    where customer_id = :customer_id
    order by generation desc, batch_id desc
    limit 1
    """,
    defined("고객의 마지막 등급 변경입니다.", "The customer's last grade change."),
)

LEANS = "(:leaning = 'up' and p_up > p_down) or (:leaning = 'down' and p_down > p_up)"
"""Whether a customer is likelier to be in a higher grade than in a lower one, or the other way."""
BOUNDARY = Query(
    "boundary",
    ("customers_live",),
    f"""
    select customer_id, grade, grade_rank, p_max, margin, p_up, p_down, recency_days, frequency, monetary, state,
           model_version, as_of, generation, batch_id
    from customers_live
    where p_max < :boundary_below and (:leaning = '-' or {LEANS}) and {WHO}
    order by p_max, customer_id
    limit :n
    """,  # noqa: S608 - texts of this module alone
    defined(
        "가장 가능성이 높은 등급의 소속 확률이 기준보다 낮은 고객입니다.",
        "Customers whose likeliest grade has a membership probability below the limit.",
    ),
)
BOUNDARY_COUNT = Query(
    "boundary_count",
    ("customers_live",),
    f"""
    select sum(case when p_max < :boundary_below and (:leaning = '-' or {LEANS}) then 1 else 0 end) as customers,
           count(*) as all_customers
    from customers_live
    where p_max is not null and {WHO}
    """,  # noqa: S608 - texts of this module alone
    BOUNDARY.definition,
)


def ranked(measure: str, *, lowest: bool) -> Query:
    """The customers with the greatest values of a measure of now, or with the least."""
    order = "asc" if lowest else "desc"
    return Query(
        f"{'lowest' if lowest else 'highest'}_{measure}",
        ("customers_live",),
        f"""
        select {LIST}, as_of, generation, batch_id
        from customers_live
        where {measure} is not null and {WHO}
        order by {measure} {order}, monetary desc, customer_id
        limit :n
        """,  # noqa: S608 - texts of this module alone
        defined(
            "고객들의 가장 최근 행을 그 값으로 줄 세운 것입니다.",
            "Customers' newest rows, ordered by that value.",
            WINDOW,
        ),
    )


def ranked_in_period(measure: str, *, lowest: bool) -> Query:
    """As `ranked`, of closed days."""
    order = "asc" if lowest else "desc"
    return Query(
        f"{'lowest' if lowest else 'highest'}_{measure}_in_period",
        ("customer_days", "customers_live"),
        f"""
        select customer_days.customer_id, max(grade) as grade, sum(orders) as orders, sum(gross) as gross,
               sum(returned) as returned, sum(gross - returned) as net
        {CHOSEN_DAYS}
        group by customer_days.customer_id
        having sum({"returned" if measure == "returned" else "orders"}) > 0
        order by {measure} {order}, net desc, customer_id
        limit :n
        """,
        DAYS,
    )


RANKED = {
    (name, lowest): ranked(name, lowest=lowest)
    for name in ("monetary", "frequency", "recency_days")
    for lowest in (False, True)
}
RANKED_IN_PERIOD = {
    (name, lowest): ranked_in_period(name, lowest=lowest)
    for name in ("net", "orders", "returned")
    for lowest in (False, True)
}

SIMILAR = Query(
    "similar",
    ("customers_live",),
    f"""
    select {", ".join(f"other.{column.strip()}" for column in LIST.split(","))},
           other.as_of, other.generation, other.batch_id,
           sqrt(power(ln((other.recency_days + 7.0) / (one.recency_days + 7.0)), 2)
                + power(ln(cast(other.frequency as double) / one.frequency), 2)
                + power(ln((1.0 + greatest(cast(other.monetary as double), 0.0))
                           / (1.0 + greatest(cast(one.monetary as double), 0.0))), 2)) as distance
    from customers_live as other
         cross join (select * from customers_live where customer_id = :customer_id and frequency > 0) as one
    where other.customer_id <> one.customer_id and other.frequency > 0
      and (:any_grade or array_contains(:grades, coalesce(other.grade, '-')))
    order by distance, other.customer_id
    limit :n
    """,  # noqa: S608 - texts of this module alone
    defined(
        "최근성, 빈도, 금액의 로그 차이가 가장 작은 고객입니다.",
        "Customers with the least difference of the logarithms of recency, frequency and monetary value.",
        WINDOW,
    ),
)

SUMMARY = Query(
    "summary",
    ("summaries",),
    """
    select key, kind, customer_id, grade, text_ko, text_en, customers, trend, returns_share, top_products, words,
           signals, changed_from, change_cause, changed_at, as_of, generation, batch_id
    from summaries
    where key = :key
    """,
    defined("요약 표의 한 행입니다.", "One row of the summaries."),
    {"summaries": Scan("key = :key")},
)

TERMS = tuple(f"term_{letter}" for letter in "abcdefgh"[:MOST_TERMS])
"""Parameters: patterns of product_words, one for each asked word."""
FOUND = " + ".join(
    f"case when :{term} = '{NEVER}' then 0 when regexp_like(words, :{term}) then 1 else 0 end" for term in TERMS
)
"""The first case spares the rows a search for what was not asked."""
MATCHED = ", ".join(f"nullif(trim(regexp_extract(words, :{term}, 0)), '')" for term in TERMS)
"""What was found."""
THEME_COLUMNS = ("key", "kind", "customer_id", "words")


def theme(name: str, which: str, scan: Scan) -> Query:
    """Customers in scope by how many of the asked words the names of what they bought hold."""
    return Query(
        name,
        ("summaries", "customers_live"),
        f"""
        select customer_id, grade, monetary, found, concat_ws(', ', {MATCHED}) as matched from (
            select customer_id, grade, monetary, words, found from (
                select summaries.customer_id, chosen.grade, chosen.monetary, words, {FOUND} as found
                from summaries join (select * from customers_live where {WHO}) as chosen
                     on summaries.customer_id = chosen.customer_id
                where kind = 'customer' and {which}
            ) as told
            where found > 0
            order by found desc, monetary desc, customer_id
            limit :n
        ) as best
        order by found desc, monetary desc, customer_id
        """,  # noqa: S608 - texts of this module alone
        defined(
            "산 상품의 이름에 물은 말이 들어 있는 고객입니다. 많이 들어 있는 고객이 먼저입니다.",
            "Customers among whose products the asked words are found, those with more of the words first.",
        ),
        {"summaries": scan},
    )


THEME = theme("theme", "kind = 'customer'", Scan("kind = 'customer'", THEME_COLUMNS))
THEME_OF_INDEX = theme("theme_of_index", "array_contains(:keys, key)", Scan("key in :keys", THEME_COLUMNS))
"""As THEME, of the rows that the index has found: what it says is looked up where it is true."""

QUERIES: tuple[Query, ...] = (
    *(
        CUSTOMER_NOW,
        CUSTOMER_ON,
        GRADE_PROFILE,
        GRADES_NOW,
        POPULATION,
        MEMBERS,
        LAST_DAY,
        PERIOD,
        TREND,
        TREND_OF_CUSTOMERS,
        SETTLED,
        UNRECORDED,
        RECORDED_FROM,
        MOVEMENT,
    ),
    *(MOVES, CAUSES_OF_MOVES, MOVED_CUSTOMERS, LAST_CHANGE, BOUNDARY, BOUNDARY_COUNT, *RANKED.values()),
    *(*RANKED_IN_PERIOD.values(), SIMILAR, SUMMARY, THEME, THEME_OF_INDEX),
)
