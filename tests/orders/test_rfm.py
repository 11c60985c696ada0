from datetime import date
from decimal import Decimal

import pytest
from pyspark.sql import Row, SparkSession

from dangol.orders.rfm import rfm

pytestmark = pytest.mark.spark

TODAY = date(2011, 12, 10)
FACTS = (
    "customer_id string, today int, order_key bigint, return_key bigint, version int, cancelled boolean, day int, "
    "units bigint"
)


def days(day: date) -> int:
    return (day - date(1970, 1, 1)).days


def order(order_key: int, day: date, units: int, version: int = 0, cancelled: bool = False) -> tuple[object, ...]:
    return ("anna", days(TODAY), order_key, None, version, cancelled, days(day), units)


def returned(order_key: int, return_key: int, day: date, units: int, version: int = 0) -> tuple[object, ...]:
    return ("anna", days(TODAY), order_key, return_key, version, False, days(day), units)


def of_anna(spark: SparkSession, *facts: tuple[object, ...], window_days: int = 365) -> tuple[object, ...]:
    """recency_days, frequency, monetary, monetary_gross, last_purchase_date, mean_gap_days: the same in any order."""
    results = [
        rfm(spark.createDataFrame(list(rows), FACTS), window_days).drop("customer_id", "today").collect()
        for rows in (facts, facts[::-1], [*facts, *facts])
    ]
    assert results[0] == results[1] == results[2]
    (row,) = results[0]
    return tuple(row)


MAY, JUNE, YESTERDAY = date(2011, 5, 1), date(2011, 6, 1), date(2011, 12, 9)


def test_two_purchases(spark: SparkSession) -> None:
    assert of_anna(spark, order(1, MAY, 100_000), order(2, JUNE, 50_001)) == (
        192,
        2,
        Decimal("15.0001"),
        Decimal("15.0001"),
        JUNE,
        31.0,
    )


def test_one_purchase_has_no_gap(spark: SparkSession) -> None:
    assert of_anna(spark, order(1, YESTERDAY, 10_000)) == (1, 1, Decimal("1.0000"), Decimal("1.0000"), YESTERDAY, None)


def test_the_highest_version_counts(spark: SparkSession) -> None:
    assert of_anna(spark, order(1, MAY, 10_000, version=0), order(1, JUNE, 20_000, version=1)) == (
        192,
        1,
        Decimal("2.0000"),
        Decimal("2.0000"),
        JUNE,
        None,
    )


def test_the_same_version_with_another_body_is_kept_once(spark: SparkSession) -> None:
    assert of_anna(spark, order(1, MAY, 10_000), order(1, MAY, 30_000))[:3] == (223, 1, Decimal("3.0000"))


def test_a_cancelled_order_is_gone_with_its_returns(spark: SparkSession) -> None:
    facts = (order(1, MAY, 10_000), returned(1, 7, JUNE, 4_000), order(1, JUNE, 0, cancelled=True))
    assert of_anna(spark, *facts) == (None, 0, Decimal("0.0000"), Decimal("0.0000"), None, None)


def test_a_later_version_stands_after_a_cancellation(spark: SparkSession) -> None:
    facts = (order(1, MAY, 10_000), order(1, MAY, 0, version=1, cancelled=True), order(1, JUNE, 20_000, version=2))
    assert of_anna(spark, *facts)[:3] == (192, 1, Decimal("2.0000"))


def test_a_return_is_taken_from_money_and_not_from_frequency(spark: SparkSession) -> None:
    facts = (order(1, MAY, 10_000), returned(1, 7, JUNE, 4_000), returned(1, 8, JUNE, 1_000))
    assert of_anna(spark, *facts) == (223, 1, Decimal("0.5000"), Decimal("1.0000"), MAY, None)


def test_a_corrected_return_counts_once(spark: SparkSession) -> None:
    facts = (order(1, MAY, 10_000), returned(1, 7, JUNE, 4_000), returned(1, 7, JUNE, 6_000, version=1))
    assert of_anna(spark, *facts)[2] == Decimal("0.4000")


def test_a_return_leaves_the_window_with_the_order_that_it_names(spark: SparkSession) -> None:
    long_ago = date(2010, 12, 1)
    facts = (order(1, long_ago, 10_000), returned(1, 7, YESTERDAY, 4_000), order(2, MAY, 20_000))
    assert of_anna(spark, *facts)[1:4] == (1, Decimal("2.0000"), Decimal("2.0000"))


def test_a_return_of_an_unknown_order_counts_by_its_own_day(spark: SparkSession) -> None:
    facts = (returned(9, 7, YESTERDAY, 4_000), returned(9, 8, date(2010, 12, 1), 8_000))
    assert of_anna(spark, *facts) == (None, 0, Decimal("-0.4000"), Decimal("0.0000"), None, None)


def test_the_window_ends_with_today_and_has_that_many_days(spark: SparkSession) -> None:
    first_inside, last_outside = date(2010, 12, 11), date(2010, 12, 10)
    assert of_anna(spark, order(1, first_inside, 10_000), order(2, last_outside, 20_000))[:3] == (
        364,
        1,
        Decimal("1.0000"),
    )


def test_a_last_purchase_before_the_window_still_tells_recency(spark: SparkSession) -> None:
    long_ago = date(2010, 12, 1)
    assert of_anna(spark, order(1, long_ago, 10_000)) == (
        374,
        0,
        Decimal("0.0000"),
        Decimal("0.0000"),
        long_ago,
        None,
    )


def test_an_order_of_nothing_is_no_purchase(spark: SparkSession) -> None:
    assert of_anna(spark, order(1, MAY, 0))[:2] == (None, 0)


def test_a_purchase_just_after_midnight_elsewhere_is_not_in_the_future(spark: SparkSession) -> None:
    assert of_anna(spark, order(1, date(2011, 12, 11), 10_000))[0] == 0


def test_customers_are_apart_and_what_is_said_of_them_passes_through(spark: SparkSession) -> None:
    rows = [
        ("anna", days(TODAY), "tick", 1, None, 0, False, days(MAY), 10_000),
        ("bora", days(JUNE), "placed", 1, None, 0, False, days(MAY), 20_000),
    ]
    schema = FACTS.replace("today int,", "today int, cause string,")
    result = rfm(spark.createDataFrame(rows, schema), 365).select("customer_id", "cause", "recency_days", "monetary")
    assert sorted(result.collect()) == [
        Row(customer_id="anna", cause="tick", recency_days=223, monetary=Decimal("1.0000")),
        Row(customer_id="bora", cause="placed", recency_days=31, monetary=Decimal("2.0000")),
    ]
