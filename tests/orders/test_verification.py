from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from pyspark.sql import DataFrame, SparkSession

from dangol.orders.verification import conflicts, missing, repeated, shared_orders

pytestmark = pytest.mark.spark

SCHEMA = (
    "type string, order_id string, customer_id string, event_id string, event_time timestamp, amount decimal(18,4), "
    "version int, rejections array<string>, source string, source_partition string, source_offset bigint"
)
EVENT = {
    "type": "placed",
    "order_id": "o1",
    "customer_id": "ana",
    "event_id": "e",
    "event_time": datetime(2011, 5, 1, 12, tzinfo=UTC),
    "amount": Decimal(10),
    "version": 0,
    "rejections": [],
    "source": "kafka",
    "source_partition": "orders/0",
    "source_offset": 0,
}


def events(spark: SparkSession, *changes: dict[str, Any]) -> DataFrame:
    return spark.createDataFrame([tuple((EVENT | change).values()) for change in changes], SCHEMA)


def test_a_position_that_is_not_there_is_missing_and_one_that_is_twice_is_repeated(spark: SparkSession) -> None:
    positions = [("orders/0", 3), ("orders/0", 4), ("orders/0", 7), ("orders/1", 0), ("orders/1", 0)]
    found = events(spark, *({"source_partition": partition, "source_offset": n} for partition, n in positions))
    assert missing(found) == 2
    assert [tuple(row) for row in repeated(found).collect()] == [("orders/1", 0, 2)]


def test_what_was_given_up_as_lost_is_not_missing(spark: SparkSession) -> None:
    found = events(spark, *({"source_offset": n} for n in (3, 4, 7, 9)))  # 5, 6 and 8 are not there
    assert missing(found, [("orders/0", 0, 3), ("orders/0", 4, 7), ("orders/1", 8, 9)]) == 1


def test_what_was_forgotten_is_not_missing(spark: SparkSession) -> None:
    found = events(spark, *({"source_offset": n} for n in (3, 7, 8)))  # 4, 5 and 6 are not there
    gone = {("orders/0", 2), ("orders/0", 4), ("orders/0", 6), ("orders/0", 9), ("orders/1", 5)}
    assert missing(found, [], gone) == 1
    assert missing(found, [("orders/0", 4, 6)], gone) == 0


def test_what_enters_beside_the_bus_has_no_gaps(spark: SparkSession) -> None:
    assert missing(events(spark, *({"source": "inlet", "source_offset": n} for n in (1, 5)))) == 0
    assert missing(events(spark, {"source": "files", "source_offset": None})) == 0


def test_two_bodies_of_one_version_are_a_conflict(spark: SparkSession) -> None:
    found = events(
        spark,
        {"amount": Decimal(10)},
        {"amount": Decimal(11)},
        {"amount": Decimal(12), "version": 1},
        {"order_id": "o2"},
        {"order_id": "o2"},
        {"order_id": "o2", "type": "cancelled", "amount": None},
        {"order_id": "o3", "type": "returned", "event_id": "r1"},
        {"order_id": "o3", "type": "returned", "event_id": "r2", "amount": Decimal(3)},
        {"order_id": "o4", "event_time": datetime(2011, 5, 1, 22, 59, tzinfo=UTC)},
        {"order_id": "o4", "event_time": datetime(2011, 5, 1, 23, 1, tzinfo=UTC)},  # the next day in London
    )
    assert conflicts(found, "Europe/London").count() == 2


def test_an_order_of_two_customers_is_shared(spark: SparkSession) -> None:
    found = events(
        spark,
        {},
        {"customer_id": "bo"},
        {"order_id": "o2"},
        {"order_id": "o2", "customer_id": None},
        {"order_id": "o2", "customer_id": "bo", "rejections": ["no"]},
    )
    assert [tuple(row) for row in shared_orders(found).collect()] == [("o1", ["ana", "bo"])]
