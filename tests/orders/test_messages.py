import hashlib
import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from pyspark.sql import Row, SparkSession

from dangol.orders.messages import parse
from dangol.orders.rules import Limits
from dangol.orders.simulation import MALFORMED
from dangol.tables import MESSAGE

pytestmark = pytest.mark.spark

ARRIVED = datetime(2010, 12, 1, 9, 0, tzinfo=UTC)
LIMITS = Limits(currency="GBP", max_amount=1_000_000_000, max_message_bytes=1_000_000, future_tolerance_minutes=10)
ORDER = {
    "event_id": "a1",
    "type": "placed",
    "order_id": "536365",
    "customer_id": "17850",
    "event_time": "2010-12-01T08:26:00Z",
    "amount": "139.12",
    "currency": "GBP",
    "version": 0,
    "items": [{"sku": "85123A", "name": "하얀 하트", "quantity": 6, "unit_price": "2.55"}],
}


def parsed(spark: SparkSession, *values: bytes | None, now: datetime | None = None) -> list[Row]:
    rows = [(value, "files", "a.jsonl", None, ARRIVED, None) for value in values]
    schema = ", ".join(["value binary", *(f"{column.name} {column.type}" for column in MESSAGE)])
    return parse(spark.createDataFrame(rows, schema), LIMITS, now).collect()


def changed(**fields: object) -> bytes:
    return json.dumps({name: value for name, value in (ORDER | fields).items() if value != "ABSENT"}).encode()


def test_a_good_message_becomes_typed_columns(spark: SparkSession) -> None:
    value = changed()
    (row,) = parsed(spark, value)
    assert row.asDict(recursive=True) == {
        "event_id": "a1",
        "type": "placed",
        "order_id": "536365",
        "customer_id": "17850",
        "event_time": datetime(2010, 12, 1, 8, 26),  # noqa: DTZ001 - Spark hands out UTC without a zone
        "amount": Decimal("139.1200"),
        "currency": "GBP",
        "version": 0,
        "items": [{"sku": "85123A", "name": "하얀 하트", "quantity": 6, "unit_price": Decimal("2.5500")}],
        "rejections": [],
        "value": value,
        "source": "files",
        "source_partition": "a.jsonl",
        "source_offset": None,
        "enqueued_time": ARRIVED.replace(tzinfo=None),
        "repairs": None,
        "message_id": hashlib.sha256(b"files\na.jsonl\n" + value).hexdigest(),
    }


ACCEPTED = {
    "a guest": changed(customer_id="ABSENT"),
    "customer_id null": changed(customer_id=None),
    "no version": changed(version="ABSENT"),
    "no items": changed(items="ABSENT"),
    "a cancellation has no money": changed(type="cancelled", amount="ABSENT", currency="ABSENT"),
    "nothing paid": changed(amount="0"),
    "four places": changed(amount="0.0001"),
    "an exact number": changed(amount=139.12),
    "an offset": changed(event_time="2010-12-01T17:26:00+09:00"),
    "ten minutes ahead": changed(event_time="2010-12-01T09:10:00Z"),
    "an unknown key": changed(colour="red"),
    "white space around": b" \t" + changed() + b"\r",
}


@pytest.fixture(scope="module")
def judged(spark: SparkSession) -> dict[str, Row]:
    """Every case of this module, parsed in one job."""
    cases = ACCEPTED | {name: value for name, (value, _) in REFUSED.items()}
    cases |= {kind: spoil(ORDER) for kind, spoil in MALFORMED.items()}
    return dict(zip(cases, parsed(spark, *cases.values()), strict=True))


@pytest.mark.parametrize("case", ACCEPTED)
def test_accepted(judged: dict[str, Row], case: str) -> None:
    assert judged[case].rejections == []


NOT_JSON = "the message is not JSON, or repeats a key"
TEXT_FOLLOWS = "text follows the JSON value"
BAD_AMOUNT = "amount is not a decimal number of 0 or more with at most 4 places"
BAD_TIME = "event_time is not an ISO 8601 instant with an offset, such as 2010-12-01T08:26:00Z"
FUTURE = "event_time lies more than ingest.future_tolerance_minutes = 10 after the message's arrival"
BAD_VERSION = "version is not a whole number from 0 to 2147483647"

REFUSED: dict[str, tuple[bytes | None, list[str]]] = {
    "no payload": (None, ["the message is empty"]),
    "only spaces": (b" \n ", ["the message is empty"]),
    "a list": (b"[1]", ["the message is JSON, but not an object"]),
    "a closing bracket follows": (changed() + b"}", [TEXT_FOLLOWS]),
    "another object follows": (changed() + b"," + changed(), [TEXT_FOLLOWS]),
    "the envelope is known": (changed() + b',"message":{},"mark":"1"}', [TEXT_FOLLOWS]),
    "single quotes": (b"{'type':'placed'}", [NOT_JSON]),
    "a comma too many": (changed()[:-1] + b",}", [NOT_JSON]),
    "not a number": (changed().replace(b'"139.12"', b"NaN"), [NOT_JSON]),
    "half a surrogate pair": (changed().replace(b'"a1"', b'"\\ud800"'), [NOT_JSON]),
    "nested too deeply": (b"[" * 5000, [NOT_JSON]),
    "an empty object": (
        b"{}",
        ["event_id is missing", "order_id is missing", "type is missing", "event_time is missing"],
    ),
    "ids as numbers": (
        changed(event_id=1, order_id=2, customer_id=3),
        ["event_id is not text", "order_id is not text", "customer_id is not text"],
    ),
    "an empty customer": (changed(customer_id=""), ["customer_id does not have 1 to 128 characters"]),
    "a long order id": (changed(order_id="9" * 129), ["order_id does not have 1 to 128 characters"]),
    "a space at the end": (
        changed(customer_id="17850 "),
        ["customer_id has a control character, or a space at an end"],
    ),
    "an ideographic space in front": (
        changed(order_id="\u3000536365"),
        ["order_id has a control character, or a space at an end"],
    ),
    "a control character above ASCII": (
        changed(event_id="a\u0085"),
        ["event_id has a control character, or a space at an end"],
    ),
    "a zero byte": (changed(customer_id="1\x007"), ["customer_id has a control character, or a space at an end"]),
    "type as number": (changed(type=1), ["type is not text"]),
    "no time zone": (changed(event_time="2010-12-01T08:26:00"), [BAD_TIME]),
    "no seconds": (changed(event_time="2010-12-01T08:26Z"), [BAD_TIME]),
    "a line break after the time": (changed(event_time="2010-12-01T08:26:00Z\n"), [BAD_TIME]),
    "no such day": (changed(event_time="2010-02-30T08:26:00Z"), [BAD_TIME]),
    "a time as number": (changed(event_time=1291191960), [BAD_TIME]),
    "before 1970": (changed(event_time="1969-12-31T23:59:59Z"), ["event_time is before 1970-01-01T00:00:00Z"]),
    "eleven minutes ahead": (changed(event_time="2010-12-01T09:11:00Z"), [FUTURE]),
    "a negative amount": (changed(amount="-1.00"), [BAD_AMOUNT]),
    "a line break after the amount": (changed(amount="12.50\n"), [BAD_AMOUNT]),
    "five places": (changed(amount="12.34567"), [BAD_AMOUNT]),
    "a float's dust": (changed(amount=0.1 + 0.2), [BAD_AMOUNT]),
    "an exponent": (changed(amount="1e2"), [BAD_AMOUNT]),
    "an exponent as number": (changed().replace(b'"139.12"', b"1e2"), [BAD_AMOUNT]),
    "a truth for an amount": (changed(amount=True), [BAD_AMOUNT]),
    "no amount": (changed(amount="ABSENT"), ["amount is missing"]),
    "over the maximum": (changed(amount="1000000000.01"), ["amount is above ingest.max_amount = 1000000000"]),
    "a return of nothing": (changed(type="returned", amount="0"), ["amount of a return is not above 0"]),
    "no currency": (changed(currency="ABSENT"), ["currency is not shop.currency = GBP"]),
    "a version below 0": (changed(version=-1), [BAD_VERSION]),
    "a version too high": (changed(version=2**31), [BAD_VERSION]),
    "a version as text": (changed(version="1"), [BAD_VERSION]),
    "items as text": (changed(items="85123A"), ["items is not a list"]),
    "two reasons": (
        changed(order_id="ABSENT", amount="twelve"),
        ["order_id is missing", BAD_AMOUNT],
    ),
}

SPOILT = {
    "not JSON": [NOT_JSON],
    "empty": ["the message is empty"],
    "null": ["the message is JSON, but not an object"],
    "trailing text": [TEXT_FOLLOWS],
    "duplicate key": [NOT_JSON],
    "unknown currency": ["currency is not shop.currency = GBP"],
    "bad amount": [BAD_AMOUNT],
    "absurd amount": ["amount is above ingest.max_amount = 1000000000"],
    "missing order id": ["order_id is missing"],
    "unknown type": ["type is none of placed, returned, cancelled"],
    "future date": [FUTURE],
    "too large": ["the message is longer than ingest.max_message_bytes = 1000000"],
    "not UTF-8": ["the message is not UTF-8"],
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused(judged: dict[str, Row], case: str) -> None:
    value, reasons = REFUSED[case]
    assert judged[case].rejections == reasons
    assert judged[case].value == value


@pytest.mark.parametrize("kind", MALFORMED)
def test_what_the_simulator_spoils_is_refused_for_that_reason(judged: dict[str, Row], kind: str) -> None:
    assert judged[kind].rejections == SPOILT[kind]


def test_a_fixed_clock_judges_the_future_instead_of_the_arrival(spark: SparkSession) -> None:
    early, late = changed(event_time="2010-11-30T08:00:00Z"), changed(event_time="2010-11-30T08:11:00Z")
    rows = parsed(spark, early, late, now=datetime(2010, 11, 30, 8, 0, tzinfo=UTC))
    assert [row.rejections for row in rows] == [[], [FUTURE]]


def test_an_odd_item_is_null_and_refuses_nothing(spark: SparkSession) -> None:
    (row,) = parsed(spark, changed(items=[{"sku": "85123A", "quantity": "many"}, {"sku": "B", "quantity": 2}]))
    assert row.rejections == []
    assert row.order_id == "536365"
