"""What queries found, and the facts made of it: the only source of numbers in an answer."""

from collections.abc import Mapping
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
class Source:
    """A Delta table at one version, and when that was committed."""

    table: str
    version: int
    committed_at: datetime


@dataclass(frozen=True)
class Evidence:
    """Rows that a query found with its parameters, the tables that it read, and the moment that they are true for.

    Of customers_live one table is cited: `customers` where the snapshot alone supplied the rows; as soon as a later row
    counts, `customer_history`, whose newest row per customer at that version gives the same result.
    """

    query: Query
    parameters: Mapping[str, object]
    rows: tuple[Mapping[str, Any], ...]
    sources: tuple[Source, ...]
    as_of: datetime

    @property
    def source(self) -> Source:
        return self.sources[0]


class Lake(Protocol):
    """Runs fixed queries on the tables of one store."""

    def run(self, query: Query, parameters: Mapping[str, object] | None = None) -> Evidence:
        """Raises StoreError when a table cannot be read or is not there yet."""
        ...

    def column(self, query: Query, parameters: Mapping[str, object] | None = None) -> list[Any]:
        """The values, none of them null, of a query's only column, in a fifth of the time of `run`. Raises StoreError
        as `run`."""
        ...

    def has(self, table: str) -> bool:
        """Whether the store has a table, so far."""
        ...


@dataclass(frozen=True)
class Fact:
    """One value and how it was read: `column` of row `row` of the evidence, divided by the column `per` if there is
    one.

    `subject`: a customer id, a grade or a day that it is about; null: what was asked about. `unit` is null for a name,
    a currency code for money. `citation` numbers the evidence from 1.
    """

    id: str
    name: str
    subject: str | None
    value: Value
    unit: str | None
    citation: int
    row: int
    column: str
    per: str | None
    source: Source
    as_of: datetime


def value_of(row: Mapping[str, Any], column: str, per: str | None, unit: str | None) -> Value:
    """The value of a fact: a list as one text; four places of a quotient, but the currency's of money.

    Null when it says nothing, as a share of money does when returns outweigh purchases, or a mean of nobody."""
    found = row[column]
    if per is None or found is None:
        return plain(found)
    whole = row[per]
    if not whole or (unit == "share" and (found < 0 or whole < 0)):
        return None
    places = Decimal(1).scaleb(-MINOR_DIGITS.get(unit, 2)) if unit and unit.isupper() else FOUR_PLACES
    return (Decimal(found) / Decimal(whole)).quantize(places, ROUND_HALF_EVEN)


def plain(found: Any) -> Value:
    if isinstance(found, list):
        return " · ".join(found)
    return Decimal(repr(found)) if isinstance(found, float) else found
