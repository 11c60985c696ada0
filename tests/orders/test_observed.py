"""What is counted while a batch runs, over every kind of message that must be refused."""

import json
from datetime import UTC, datetime
from itertools import chain

import pytest
from pyspark.sql import SparkSession

from dangol.orders.messages import parse
from dangol.orders.observed import message_counts, state_sizes
from dangol.orders.rules import SUBJECTS, Limits
from dangol.orders.simulation import MALFORMED
from dangol.tables import FACT, MESSAGE

pytestmark = pytest.mark.spark

LIMITS = Limits(currency="GBP", max_amount=1_000_000_000, max_message_bytes=1_000_000, future_tolerance_minutes=10)
ORDER = {
    "event_id": "a1",
    "type": "placed",
    "order_id": "1",
    "customer_id": "ana",
    "event_time": "2010-12-01T08:26:00Z",
    "amount": "139.12",
    "currency": "GBP",
}
SUBJECT = {
    "not JSON": "message",
    "empty": "message",
    "null": "message",
    "trailing text": "message",
    "duplicate key": "message",
    "unknown currency": "currency",
    "bad amount": "amount",
    "absurd amount": "amount",
    "missing order id": "order_id",
    "unknown type": "type",
    "future date": "event_time",
    "too large": "message",
    "not UTF-8": "message",
}
FIELDS = {
    "event_id": 7,
    "customer_id": " ana",
    "version": -1,
    "items": "none",
}
"""A wrong value for each field that no kind of MALFORMED is about."""


def test_each_refused_message_is_counted_under_what_it_was_refused_for(spark: SparkSession) -> None:
    assert SUBJECT.keys() == MALFORMED.keys()
    assert {*SUBJECT.values(), *FIELDS} == set(SUBJECTS)
    spoilt = {subject: [MALFORMED[kind](ORDER) for kind in SUBJECT if SUBJECT[kind] == subject] for subject in SUBJECTS}
    for name, value in FIELDS.items():
        spoilt[name].append(json.dumps({**ORDER, name: value}).encode())
    two_reasons = json.dumps({**ORDER, "event_id": None, "version": "x", "event_time": "2010-12-01T08:59:00Z"}).encode()
    values = [json.dumps(ORDER).encode(), *chain(*spoilt.values()), two_reasons]
    rows = [(value, "files", "a.jsonl", None, datetime(2010, 12, 1, 9, tzinfo=UTC), None) for value in values]
    schema = ", ".join(["value binary", *(f"{column.name} {column.type}" for column in MESSAGE)])

    counts = parse(spark.createDataFrame(rows, schema), LIMITS).agg(*message_counts()).first().asDict()

    expected = {subject: len(messages) for subject, messages in spoilt.items()}
    expected["event_id"] += 1
    expected["version"] += 1
    assert counts == {
        "received": len(values),
        "accepted": 1,
        "rejected": len(values) - 1,
        "max_event_time": datetime(2010, 12, 1, 8, 26),  # noqa: DTZ001 - Spark hands out UTC without a zone
        **{f"rejected_{subject}": count for subject, count in expected.items()},
    }


def test_the_longest_state_is_the_customer_with_the_most_facts(spark: SparkSession) -> None:
    fact = (1, None, 0, False, 1, 1)
    touched = spark.createDataFrame(
        [("ana", [fact]), ("bo", [fact, fact]), ("cy", [])], f"customer_id string, facts array<{FACT}>"
    )
    (row,) = touched.agg(*state_sizes()).collect()
    assert row.asDict() == {"touched": 3, "longest": 2, "longest_customer": "bo"}
