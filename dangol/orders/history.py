"""One row of customer_history: what a customer is as of one moment."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from pyspark.sql import DataFrame

from dangol.orders.rfm import rfm
from dangol.tables import CUSTOMER_HISTORY

GRADE_COLUMNS = ("grade_rank", "grade", "posterior", "p_max", "margin", "p_up", "p_down")

STATE = """
case when recency_days is null then null
     when frequency = 0 then 'dormant'
     when frequency = 1 and recency_days <= {new_days} then 'new'
     when recency_days > greatest({cooling_gaps} * mean_gap_days, {cooling_min_days}) then 'cooling'
     else 'active' end
"""
"""new, active, cooling or dormant, from recency_days, frequency and mean_gap_days; null without a purchase."""


@dataclass(frozen=True)
class Rhythm:
    """When a customer is new or cooling; conf/base.yml says what each value means."""

    new_days: int
    cooling_gaps: float
    cooling_min_days: int

    @property
    def state(self) -> str:
        """STATE as an SQL expression."""
        return STATE.format(**vars(self))


def score_type(components: int) -> str:
    """The struct that a scorer returns: an array<double> from a pandas UDF is slower than its elements one by one."""
    fields = ("grade_rank", *posterior_fields(components), "p_max", "margin", "p_up", "p_down")
    return f"struct<{','.join(f'{name}:double' for name in fields)}>"


def posterior_fields(components: int) -> list[str]:
    return [f"p_{rank}" for rank in range(1, components + 1)]


def touched_rfm(touched: DataFrame, window_days: int) -> DataFrame:
    """(customer_id, facts array<FACT>, latest, as_of, today) -> RFM of each with as_of, cause, enqueued_time."""
    return rfm(touched.selectExpr("customer_id", "today", "as_of", "latest.*", "inline(facts)"), window_days)


def graded(scored: DataFrame, names: Sequence[str]) -> DataFrame:
    """RFM with a `score` -> with GRADE_COLUMNS; `names` by rank from 0."""
    by_rank = ", ".join(f"score.{field}" for field in posterior_fields(len(names) - 1))
    listed = ", ".join(quoted(name) for name in names)
    return scored.selectExpr(
        "* except (score)",
        "cast(score.grade_rank as int) as grade_rank",
        f"get(array({listed}), cast(score.grade_rank as int)) as grade",
        f"case when score.p_max is not null then array({by_rank}) end as posterior",
        *(f"score.{name}" for name in ("p_max", "margin", "p_up", "p_down")),
    )


def ungraded(rows: DataFrame) -> DataFrame:
    """RFM -> with GRADE_COLUMNS null: there is no model yet."""
    types = {column.name: column.type for column in CUSTOMER_HISTORY.columns}
    return rows.selectExpr("*", *(f"cast(null as {types[name]}) as {name}" for name in GRADE_COLUMNS))


def history_rows(
    rows: DataFrame, rhythm: Rhythm, model_version: str | None, generation: int, batch_id: int
) -> DataFrame:
    """RFM with GRADE_COLUMNS -> rows of customer_history."""
    version = "null" if model_version is None else quoted(model_version)
    made = {
        "state": rhythm.state,
        "model_version": f"cast({version} as string)",
        "generation": str(generation),
        "batch_id": f"{batch_id}L",
    }
    return rows.selectExpr(*(f"{made[name]} as {name}" if name in made else name for name in CUSTOMER_HISTORY.names))


def quoted(text: str) -> str:
    """A text as an SQL literal: Spark reads JSON's quotes and escapes."""
    return json.dumps(text, ensure_ascii=False)
