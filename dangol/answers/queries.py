"""Every query that an answer may run: fixed texts, bound parameters, the same on DuckDB and Spark.

A query ends with as_of, generation and batch_id of the newest row that it read: its place in customer_history.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from dangol.answers.intents import Language


@dataclass(frozen=True)
class Query:
    """`sql` reads customers_live; each `?` is bound in order to the parameter of that name."""

    name: str
    sql: str
    parameters: tuple[str, ...]
    definition: Mapping[Language, str]


CUSTOMER_NOW = Query(
    "customer_now",
    """
    select customer_id, grade, grade_rank, posterior, p_max, recency_days, frequency, monetary, monetary_gross,
           last_purchase_date, state, model_version, as_of, generation, batch_id
    from customers_live
    where customer_id = ?
    """,
    ("customer_id",),
    {
        "ko": "고객의 가장 최근 행입니다. 금액은 집계 기간의 구매에서 반품을 뺀 값이고, "
        "소속 확률은 모델이 그 등급에 속한다고 보는 확률입니다.",
        "en": "The customer's newest row. Money is purchases less returns in the window; the membership probability "
        "is the model's probability that the customer belongs to the grade.",
    },
)

GRADE_PROFILE = Query(
    "grade_profile",
    """
    with newest as (
        select as_of, generation, batch_id from customers_live order by generation desc, batch_id desc limit 1
    ),
    graded as (
        select count(*) as graded_customers, sum(monetary) as graded_monetary
        from customers_live
        where grade is not null
    )
    select grade, grade_rank, count(*) as customers, graded_customers, graded_monetary,
           median(recency_days) as recency_median, sum(recency_days) as recency_total,
           median(frequency) as frequency_median, sum(frequency) as frequency_total,
           cast(median(monetary) as decimal(18,4)) as monetary_median, sum(monetary) as monetary_total,
           sum(case when p_max < ? then 1 else 0 end) as boundary_customers,
           newest.as_of, newest.generation, newest.batch_id
    from customers_live cross join graded cross join newest
    where grade = ?
    group by grade, grade_rank, graded_customers, graded_monetary, newest.as_of, newest.generation, newest.batch_id
    """,
    ("boundary_below", "grade"),
    {
        "ko": "이 등급인 고객들의 가장 최근 행을 모은 값입니다. 비율은 등급이 있는 모든 고객에 대한 것이고, "
        "금액은 집계 기간의 구매에서 반품을 뺀 값입니다.",
        "en": "Over the newest rows of the customers in this grade. Shares are of all graded customers; "
        "money is purchases less returns in the window.",
    },
)

GRADES_NOW = Query(
    "grades_now",
    """
    with newest as (
        select as_of, generation, batch_id from customers_live order by generation desc, batch_id desc limit 1
    )
    select grade, grade_rank, count(*) as customers, sum(frequency) as purchases,
           newest.as_of, newest.generation, newest.batch_id
    from customers_live cross join newest
    where frequency > 0
    group by grade, grade_rank, newest.as_of, newest.generation, newest.batch_id
    order by grade_rank
    """,
    (),
    {
        "ko": "집계 기간에 구매한 고객을 등급별로 센 값입니다.",
        "en": "Customers with a purchase in the window, by grade.",
    },
)
