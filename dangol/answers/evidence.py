"""What a query found, and the facts made of it: the only source of numbers in an answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any, Protocol

from dangol.answers.queries import Query

Value = str | int | Decimal | date | datetime | None

FOUR_PLACES = Decimal("0.0001")
MINOR_DIGITS = {"KRW": 0, "JPY": 0, "VND": 0}
"""Digits after the point of a currency (ISO 4217); all others here have two."""


@dataclass(frozen=True)
class Evidence:
    """Rows that a query found, with the Delta table, version and commit that hold what they were read from.

    `table_rows`: customers known at that version. Rows that only the snapshot supplied cite `customers`; as soon as a
    later row counts, `customer_history` is cited, whose newest row per customer at that version gives the same result.
    """

    query: Query
    rows: tuple[Mapping[str, Any], ...]
    table: str
    version: int
    committed_at: datetime
    table_rows: int


class Lake(Protocol):
    """Runs fixed queries on the customers of now."""

    def run(self, query: Query, parameters: Sequence[object] = ()) -> Evidence:
        """Raises StoreError when the tables cannot be read."""
        ...


@dataclass(frozen=True)
class Fact:
    """One value and where it was read. `unit` is null for a name, a currency code for money."""

    id: str
    name: str
    value: Value
    unit: str | None
    table: str
    version: int
    as_of: datetime


def customer_facts(evidence: Evidence, *, currency: str) -> tuple[Fact, ...]:
    """Facts of one customer's row (query customer_now)."""
    row = evidence.rows[0]
    rank, posterior = row["grade_rank"], row["posterior"]
    p_grade = posterior[rank - 1] if posterior and rank else None
    return packet(
        evidence,
        [
            ("grade", row["grade"], None),
            ("grade_rank", row["grade_rank"], "rank"),
            ("p_grade", probability(p_grade), "probability"),
            ("p_max", probability(row["p_max"]), "probability"),
            ("recency_days", row["recency_days"], "days"),
            ("frequency", row["frequency"], "purchases"),
            ("monetary", row["monetary"], currency),
            ("monetary_gross", row["monetary_gross"], currency),
            ("last_purchase_date", row["last_purchase_date"], "date"),
            ("state", row["state"], None),
            ("model_version", row["model_version"], None),
        ],
    )


def profile_facts(evidence: Evidence, *, currency: str) -> tuple[Fact, ...]:
    """Facts of one grade (query grade_profile).

    Means and shares are computed here from exact sums: four places, means of money the currency's.
    """
    row = evidence.rows[0]
    customers, cents = row["customers"], Decimal(1).scaleb(-MINOR_DIGITS.get(currency, 2))
    return packet(
        evidence,
        [
            ("grade", row["grade"], None),
            ("grade_rank", row["grade_rank"], "rank"),
            ("customers", customers, "customers"),
            ("customer_share", ratio(customers, row["graded_customers"]), "share"),
            ("recency_median", Decimal(str(row["recency_median"])), "days"),
            ("recency_mean", ratio(row["recency_total"], customers), "days"),
            ("frequency_median", Decimal(str(row["frequency_median"])), "purchases"),
            ("frequency_mean", ratio(row["frequency_total"], customers), "purchases"),
            ("monetary_median", row["monetary_median"], currency),
            ("monetary_mean", ratio(row["monetary_total"], customers, places=cents), currency),
            ("monetary_total", row["monetary_total"], currency),
            ("monetary_share", share_of_money(row["monetary_total"], row["graded_monetary"]), "share"),
            ("boundary_customers", int(row["boundary_customers"]), "customers"),
        ],
    )


def packet(evidence: Evidence, values: list[tuple[str, Value, str | None]]) -> tuple[Fact, ...]:
    as_of = evidence.rows[0]["as_of"]
    return tuple(
        Fact(f"f{number}", name, value, unit, evidence.table, evidence.version, as_of)
        for number, (name, value, unit) in enumerate(values, start=1)
    )


def probability(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(repr(value))


def ratio(part: Any, whole: Any, places: Decimal = FOUR_PLACES) -> Decimal:
    return (Decimal(part) / Decimal(whole)).quantize(places, ROUND_HALF_EVEN)


def share_of_money(part: Decimal, whole: Decimal) -> Decimal | None:
    """Null when returns outweigh purchases: a share of that says nothing."""
    return ratio(part, whole) if part >= 0 and whole > 0 else None
