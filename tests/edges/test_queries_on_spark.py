"""One text for both: every query finds on Spark what it finds on DuckDB."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from answers_fixture import RealStore
from pyspark.sql import SparkSession

from dangol.answers.intents import Bounds, Request, Scope
from dangol.answers.product_words import patterns, search_terms
from dangol.answers.queries import QUERIES, TERMS, Query
from dangol.answers.scope import midnight, who
from dangol.edges.explaining import HIGHER
from dangol.edges.lake import CUSTOMERS_RFM, Lake
from dangol.tables import CHANGES, CUSTOMER_DAYS, CUSTOMER_HISTORY, CUSTOMERS, CUSTOMERS_LIVE, SUMMARIES

pytestmark = pytest.mark.spark

BOUND_LATE = "spark.sql.legacy.parameterSubstitution.constantsOnly"
"""Delta's parser, which is in the session, does not know how Spark 4.2 binds parameters while it parses."""

ZONE = ZoneInfo("Europe/London")
ALL = Request("en", "count")
OF_GRADES = Request("ko", "count", Scope(grades=("VIP", "Gold")))
OF_CUSTOMERS = Request("en", "count", Scope(customer_ids=("12347", "12748", "99999")))
BOUNDED = Request(
    "en",
    "count",
    states=("active", "dormant"),
    frequency=Bounds(Decimal(2), None),
    monetary=Bounds(Decimal("100.50"), Decimal(5000)),
    recency=Bounds(None, Decimal(60)),
)
AUTUMN = {"start": date(2011, 9, 1), "end": date(2011, 11, 30)}
MOVES = {
    "since": midnight(date(2011, 11, 1), ZONE),
    "until": midnight(date(2011, 12, 1), ZONE),
    "anyone": True,
    "customer_ids": ["-"],
    "directions": ["up", "down", "in", "out", "-"],
    "any_old": True,
    "old_grades": ["-"],
    "any_new": True,
    "new_grades": ["-"],
    "any_grade": True,
    "grades": ["-"],
}
FROM_VIP = MOVES | {"directions": ["down", "out"], "any_old": False, "old_grades": ["VIP"]}
INTO_ANY = MOVES | {"since": midnight(date(2011, 6, 1), ZONE), "any_grade": False, "grades": ["Silver", "-"]}
OF_TWO = MOVES | {"since": midnight(date(2011, 6, 1), ZONE), "anyone": False, "customer_ids": ["12347", "12415"]}
CANDLES = dict(zip(TERMS, patterns(search_terms("red candles and T-lights", "en")), strict=True))
GROUPS = [
    who(ALL, buyers=True),
    *(who(request, buyers=False) for request in (ALL, OF_GRADES, OF_CUSTOMERS, BOUNDED)),
]


def bound_of(query: Query) -> list[Mapping[str, Any]]:
    """Values of a query's parameters: of several groups, and of one customer with and one without rows."""
    values: dict[str, Any] = {
        **AUTUMN,
        **MOVES,
        **CANDLES,
        "customer_id": "12347",
        "until": midnight(date(2011, 11, 1), ZONE),
        "boundary_below": 0.6,
        "leaning": "-",
        "grade": "VIP",
        "grain": "week",
        "base_frequency": 1,
        "n": 7,
        "rank": 0,
        "key": "customer/12347",
        "keys": ["customer/12347", "customer/12748"],
    }
    if "frequency_least" in query.parameters:
        groups = [values | group for group in GROUPS]
        if "leaning" in query.parameters:
            groups += [groups[0] | {"leaning": leaning} for leaning in ("up", "down")]
        return [*groups, groups[0] | {"grain": "month", "base_frequency": 0}]
    if "directions" in query.parameters:
        return [values | moves for moves in (MOVES, FROM_VIP, INTO_ANY, OF_TWO)]
    others = [values | {"customer_id": "99999", "grade": "-", "key": "grade/VIP", "grades": ["VIP", "Bronze"]}]
    return [values, *others, values | {"any_grade": False, "grades": ["Gold", "VIP"], "customer_id": "12415"}]


@pytest.fixture(scope="module")
def lake(real_store: RealStore) -> Lake:
    return Lake(real_store.settings.store.path)


@pytest.fixture(scope="module")
def tables(spark: SparkSession, real_store: RealStore) -> Iterator[SparkSession]:
    """The session with the store's tables as views."""
    spark.conf.set(BOUND_LATE, "true")
    for table in (CUSTOMERS, CUSTOMER_HISTORY, CUSTOMER_DAYS, CHANGES, SUMMARIES):
        path = str(real_store.settings.store.path / table.name)
        spark.read.format("delta").load(path).cache().createOrReplaceTempView(table.name)
    live = CUSTOMERS_LIVE.format(customers=CUSTOMERS.name, customer_history=CUSTOMER_HISTORY.name)
    spark.sql(live).cache().createOrReplaceTempView("customers_live")
    yield spark
    spark.catalog.clearCache()
    spark.conf.unset(BOUND_LATE)


@pytest.mark.parametrize("query", [*QUERIES, HIGHER, CUSTOMERS_RFM], ids=lambda query: query.name)
def test_a_query_finds_the_same_on_spark(tables: SparkSession, lake: Lake, query: Query) -> None:
    found_any = False
    for values in bound_of(query) if query.parameters else [{}]:
        bound = {name: values[name] for name in query.parameters}
        here = [plain(row) for row in lake.run(query, bound).rows]
        there = [plain(row.asDict()) for row in tables.sql(query.sql, bound).collect()]
        if "order by" not in query.sql:
            here, there = sorted(here, key=str), sorted(there, key=str)
        assert there == here, bound
        found_any = found_any or any(row for row in here)
    assert found_any, "the values find nothing, so they prove nothing"


def plain(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: comparable(value) for name, value in row.items()}


def comparable(value: Any) -> Any:
    """Instants in UTC: Spark tells them in the time of this machine. Money exact; floats to ten digits."""
    match value:
        case datetime():
            return value.astimezone(UTC)
        case Decimal():
            return Decimal(value).normalize()
        case float():
            return float(f"{value:.10g}")
        case list():
            return [comparable(one) for one in value]
    return value
