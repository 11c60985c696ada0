from datetime import date
from decimal import Decimal

import pytest
from pyspark.sql import Row, SparkSession
from pyspark.sql import functions as F

from dangol.orders.days import customer_days
from dangol.orders.rfm import rfm

pytestmark = pytest.mark.spark

FACTS = "customer_id string, order_key bigint, return_key bigint, version int, cancelled boolean, day int, units bigint"
MAY, JUNE = date(2011, 5, 1), date(2011, 6, 1)


def fact(
    customer: str, day: date, order: int, units: int, version: int = 0, cancelled: bool = False, of: int | None = None
) -> tuple[object, ...]:
    return (customer, order, of, version, cancelled, (day - date(1970, 1, 1)).days, units)


ROWS = [
    fact("ana", MAY, 1, 100_000),
    fact("ana", MAY, 1, 120_000, version=1),
    fact("ana", MAY, 2, 50_000),
    fact("ana", MAY, 2, 0, cancelled=True),
    fact("ana", JUNE, 3, 70_001),
    fact("ana", JUNE, 1, 20_000, of=9),
    fact("ana", JUNE, 1, 20_000, of=9),
    fact("bo", JUNE, 4, 0),
]


def days(spark: SparkSession, rows: list[tuple[object, ...]]) -> list[Row]:
    return customer_days(spark.createDataFrame(rows, FACTS)).orderBy("customer_id", "day").collect()


def test_a_day_holds_what_its_own_facts_say(spark: SparkSession) -> None:
    found = [tuple(row[:5]) for row in days(spark, ROWS)]
    assert found == [
        ("ana", MAY, 1, Decimal("12.0000"), Decimal("0.0000")),
        ("ana", JUNE, 1, Decimal("7.0001"), Decimal("2.0000")),
        ("bo", JUNE, 0, Decimal("0.0000"), Decimal("0.0000")),
    ]


def test_any_order_of_arrival_and_any_repetition_give_the_same_rows(spark: SparkSession) -> None:
    assert days(spark, [*ROWS[::-1], *ROWS[::2]]) == days(spark, ROWS)


def test_r_f_m_of_the_days_are_those_of_the_facts(spark: SparkSession) -> None:
    today = F.unix_date(F.lit(date(2011, 6, 2)))
    facts = spark.createDataFrame(ROWS, FACTS)
    direct = rfm(facts.withColumn("today", today), 365)
    from_days = customer_days(facts).select("customer_id", today.alias("today"), F.expr("inline(facts)"))
    assert sorted(rfm(from_days, 365).collect()) == sorted(direct.collect())
