"""One row of customer_history: what a customer is as of one moment."""

from collections.abc import Sequence
from dataclasses import dataclass

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from dangol.orders.rfm import rfm
from dangol.tables import CUSTOMER_HISTORY


def score_type(components: int) -> str:
    """The struct that a scorer returns: an array<double> from a pandas UDF is slower than its elements one by one."""
    fields = ("grade_rank", *posterior_fields(components), "p_max", "margin", "p_up", "p_down")
    return f"struct<{','.join(f'{name}:double' for name in fields)}>"


def posterior_fields(components: int) -> list[str]:
    return [f"p_{rank}" for rank in range(1, components + 1)]


@dataclass(frozen=True)
class Rhythm:
    """When a customer is new or cooling; conf/base.yml says what each value means."""

    new_days: int
    cooling_gaps: float
    cooling_min_days: int


def touched_rfm(touched: DataFrame, window_days: int) -> DataFrame:
    """(customer_id, facts array<FACT>, latest, as_of, today) -> RFM of each with as_of, cause, enqueued_time."""
    facts = touched.select("customer_id", "today", "as_of", "latest.*", F.inline("facts"))
    return rfm(facts, window_days).drop("today")


def state(rhythm: Rhythm) -> Column:
    """new, active, cooling or dormant, from recency_days, frequency and mean_gap_days; null without a purchase."""
    recency, frequency = F.col("recency_days"), F.col("frequency")
    patience = F.greatest(F.col("mean_gap_days") * rhythm.cooling_gaps, F.lit(float(rhythm.cooling_min_days)))
    return (
        F.when(recency.isNull(), None)
        .when(frequency == 0, "dormant")
        .when((frequency == 1) & (recency <= rhythm.new_days), "new")
        .when(recency > patience, "cooling")
        .otherwise("active")
    )


def graded(scored: DataFrame, names: Sequence[str]) -> DataFrame:
    """RFM with a `score` -> with grade, grade_rank, posterior, p_max, margin, p_up, p_down; `names` by rank from 0."""
    by_rank = [F.col(f"score.{name}") for name in posterior_fields(len(names) - 1)]
    rank = F.col("score.grade_rank").cast("int")
    return scored.withColumns(
        {
            "grade_rank": rank,
            "grade": F.get(F.array(*map(F.lit, names)), rank),
            "posterior": F.when(F.col("score.p_max").isNotNull(), F.array(*by_rank)),
            **{name: F.col(f"score.{name}") for name in ("p_max", "margin", "p_up", "p_down")},
        }
    )


def ungraded(rows: DataFrame) -> DataFrame:
    """RFM -> with every column of a grade null: there is no model yet."""
    kinds = {column.name: column.type for column in CUSTOMER_HISTORY.columns}
    names = ("grade_rank", "grade", "posterior", "p_max", "margin", "p_up", "p_down")
    return rows.withColumns({name: F.lit(None).cast(kinds[name]) for name in names})


def history_rows(
    rows: DataFrame, rhythm: Rhythm, model_version: str | None, generation: int, batch_id: int
) -> DataFrame:
    """RFM with the columns of a grade -> rows of customer_history."""
    return rows.withColumns(
        {
            "state": state(rhythm),
            "model_version": F.lit(model_version).cast("string"),
            "generation": F.lit(generation),
            "batch_id": F.lit(batch_id).cast("bigint"),
        }
    ).select(*CUSTOMER_HISTORY.names)
