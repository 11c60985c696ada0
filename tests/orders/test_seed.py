import pytest
from pyspark.sql import SparkSession

from dangol.orders.seed import kept
from dangol.tables import FACT

pytestmark = pytest.mark.spark

OLD, EDGE, NEW, TODAY = 100, 636, 900, 1000
KEPT_DAYS = 365


def fact(
    order: int, day: int, units: int = 1, *, version: int = 0, cancelled: bool = False, of: int | None = None
) -> tuple[object, ...]:
    return (order, of, version, cancelled, day, units)


def left(spark: SparkSession, **customers: list[tuple[object, ...]]) -> dict[str, list[tuple[object, ...]]]:
    rows = [(customer, entry) for customer, entries in customers.items() for entry in entries]
    found = kept(spark.createDataFrame(rows, f"customer_id string, fact {FACT}"), TODAY, KEPT_DAYS).collect()
    return {c: sorted((tuple(r["fact"]) for r in found if r["customer_id"] == c), key=str) for c in customers}


def test_old_orders_are_left_out_and_recent_ones_kept(spark: SparkSession) -> None:
    assert left(spark, ana=[fact(1, OLD), fact(2, EDGE - 1), fact(3, EDGE), fact(4, NEW)]) == {
        "ana": [fact(3, EDGE), fact(4, NEW)]
    }


def test_every_fact_of_an_order_with_a_recent_one_is_kept(spark: SparkSession) -> None:
    corrected = [fact(1, OLD), fact(1, NEW, version=1), fact(2, OLD), fact(2, NEW, of=7), fact(3, NEW)]
    assert left(spark, ana=corrected)["ana"] == sorted(corrected, key=str)


def test_the_last_purchase_is_kept_however_old(spark: SparkSession) -> None:
    assert left(
        spark,
        ana=[fact(1, OLD), fact(2, OLD + 5)],
        bo=[fact(1, OLD), fact(2, OLD + 5), fact(2, OLD + 6, cancelled=True)],
        cho=[fact(1, OLD), fact(2, OLD + 5, units=0)],
        dan=[fact(1, OLD), fact(1, OLD + 9, of=3)],
    ) == {
        "ana": [fact(2, OLD + 5)],
        "bo": [fact(1, OLD)],
        "cho": [fact(1, OLD)],
        "dan": sorted([fact(1, OLD), fact(1, OLD + 9, of=3)], key=str),
    }


def test_of_a_customer_without_a_purchase_one_order_is_kept(spark: SparkSession) -> None:
    assert left(spark, ana=[fact(1, OLD, of=3)]) == {"ana": [fact(1, OLD, of=3)]}
