import pytest
from pyspark.sql import SparkSession

from dangol.orders.history import Rhythm, graded, score_type

pytestmark = pytest.mark.spark

RHYTHM = Rhythm(new_days=30, cooling_gaps=2.0, cooling_min_days=30)

STATES = [
    ("returns only", None, 0, None, None),
    ("bought before the window", 400, 0, None, "dormant"),
    ("first purchase yesterday", 1, 1, None, "new"),
    ("first purchase 30 days ago", 30, 1, None, "new"),
    ("one purchase, 31 days ago", 31, 1, None, "cooling"),
    ("weekly, silent for 30 days", 30, 9, 7.0, "active"),
    ("weekly, silent for 31 days", 31, 9, 7.0, "cooling"),
    ("every 60 days, silent for 120", 120, 4, 60.0, "active"),
    ("every 60 days, silent for 121", 121, 4, 60.0, "cooling"),
]


def test_state_is_a_rule_on_the_customers_own_rhythm(spark: SparkSession) -> None:
    schema = "who string, recency_days int, frequency bigint, mean_gap_days double"
    rows = spark.createDataFrame([row[:4] for row in STATES], schema)
    found = {row["who"]: row["state"] for row in rows.selectExpr("who", f"{RHYTHM.state} as state").collect()}
    assert found == {who: expected for who, *_, expected in STATES}


def test_scores_become_a_named_grade(spark: SparkSession) -> None:
    rows = [
        ("by the mixture", (2.0, 0.1, 0.7, 0.2, 0.7, 0.5, 0.2, 0.1)),
        ("by rule", (0.0, None, None, None, None, None, None, None)),
        ("none", (None,) * 8),
    ]
    scored = spark.createDataFrame(rows, f"who string, score {score_type(3)}")
    columns = ("who", "grade", "grade_rank", "posterior", "p_max", "margin", "p_up", "p_down")
    found = graded(scored, ["Bronze", "Silver", "Gold", "VIP"]).select(*columns).collect()
    assert [tuple(row) for row in found] == [
        ("by the mixture", "Gold", 2, [0.1, 0.7, 0.2], 0.7, 0.5, 0.2, 0.1),
        ("by rule", "Bronze", 0, None, None, None, None, None),
        ("none", None, None, None, None, None, None, None),
    ]
