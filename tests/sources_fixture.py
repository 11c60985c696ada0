"""The real Delta tables that `dangol summarize` follows, written without a JVM: where summaries come from."""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake
from store_fixture import ARROW_TYPES, AS_OF, CustomerStore

from dangol.tables import CHANGES, EVENTS, SUMMARIES

MONEY = ARROW_TYPES["decimal(18,4)"]
ITEM = pa.struct([("sku", pa.string()), ("name", pa.string()), ("quantity", pa.int32()), ("unit_price", MONEY)])
TYPES = ARROW_TYPES | {"array<string>": pa.list_(pa.string()), "binary": pa.binary()}
EVENT = pa.schema([(c.name, pa.list_(ITEM) if c.name == "items" else TYPES[c.type]) for c in EVENTS.columns])
CHANGE = pa.schema([(column.name, TYPES[column.type]) for column in CHANGES.columns])

Line = tuple[str, int, str]
"""(name, quantity, unit price)"""


class SourcesStore(CustomerStore):
    """customer_history, events and changes; an order is said with its day, its worth and its lines."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        write_deltalake(path / EVENTS.name, EVENT.empty_table())
        write_deltalake(path / CHANGES.name, CHANGE.empty_table())

    def placed(self, customer_id: str, order_id: str, day: str, amount: str, *lines: Line, **other: Any) -> Any:
        items = [
            {"sku": f"sku {name}", "name": name, "quantity": quantity, "unit_price": Decimal(price)}
            for name, quantity, price in lines
        ]
        return self.event("placed", customer_id, order_id, day, amount=Decimal(amount), items=items, **other)

    def returned(self, customer_id: str, order_id: str, day: str, amount: str, **other: Any) -> Any:
        return self.event("returned", customer_id, order_id, day, amount=Decimal(amount), **other)

    def cancelled(self, customer_id: str, order_id: str, day: str, **other: Any) -> Any:
        return self.event("cancelled", customer_id, order_id, day, **other)

    def event(self, kind: str, customer_id: str | None, order_id: str, day: str, **other: Any) -> dict[str, Any]:
        return {
            "event_id": f"{kind} {order_id}",
            "type": kind,
            "order_id": order_id,
            "customer_id": customer_id,
            "event_time": datetime.fromisoformat(f"{day}T03:00:00+00:00"),
            "version": 0,
            "rejections": [],
            "generation": 1,
        } | other

    def events(self, batch_id: int, *rows: dict[str, Any]) -> None:
        """A commit of ledger."""
        told = [row | {"batch_id": batch_id} for row in rows]
        write_deltalake(self.path / EVENTS.name, pa.Table.from_pylist(told, EVENT), mode="append")

    def history(self, batch_id: int, *rows: dict[str, Any]) -> None:
        """A commit of grades, of rows made by `row`."""
        self.append(*({"generation": 1} | row | {"batch_id": batch_id} for row in rows))

    def change(
        self, batch_id: int, customer_id: str, old: str | None, new: str | None, cause: str, as_of: datetime = AS_OF
    ) -> None:
        """A commit of changes."""
        row = {
            "customer_id": customer_id,
            "old_grade": old,
            "new_grade": new,
            "cause": cause,
            "as_of": as_of,
            "generation": 1,
            "batch_id": batch_id,
        }
        write_deltalake(self.path / CHANGES.name, pa.Table.from_pylist([row], CHANGE), mode="append")

    def row(self, customer_id: str, **changes: Any) -> dict[str, Any]:
        return super().row(customer_id, **{"generation": 1} | changes)

    def summaries(self, columns: Sequence[str] | None = None) -> dict[str, dict[str, Any]]:
        """The rows of summaries by key."""
        table = pa.table(DeltaTable(self.path / SUMMARIES.name).scan(columns=columns))
        rows = {row["key"]: row for row in table.to_pylist()}
        assert len(rows) == table.num_rows
        return rows


@pytest.fixture
def sources_store(tmp_path: Path) -> SourcesStore:
    return SourcesStore(tmp_path / "store")


def at(text: str) -> datetime:
    """An instant in UTC, such as 2011-12-10 03:00."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
