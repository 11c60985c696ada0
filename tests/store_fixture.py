from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from deltalake import write_deltalake

from dangol.tables import CUSTOMER_HISTORY, CUSTOMERS

ARROW_TYPES = {
    "string": pa.string(),
    "int": pa.int32(),
    "bigint": pa.int64(),
    "double": pa.float64(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us", tz="UTC"),
    "array<double>": pa.list_(pa.float64()),
    "decimal(18,4)": pa.decimal128(18, 4),
}
SCHEMA = pa.schema([(column.name, ARROW_TYPES[column.type]) for column in CUSTOMERS.columns])
AS_OF = datetime(2011, 12, 10, tzinfo=UTC)


@dataclass(frozen=True)
class CustomerStore:
    """Real Delta tables of customers, written without a JVM."""

    path: Path

    def row(self, customer_id: str, **changes: Any) -> dict[str, Any]:
        """A Gold customer, changed as said."""
        return {
            "customer_id": customer_id,
            "recency_days": 3,
            "frequency": 7,
            "monetary": Decimal("4310.0000"),
            "monetary_gross": Decimal("4400.5000"),
            "last_purchase_date": date(2011, 12, 7),
            "mean_gap_days": 50.0,
            "grade": "Gold",
            "grade_rank": 2,
            "posterior": [0.05, 0.873, 0.077],
            "p_max": 0.873,
            "margin": 0.796,
            "p_up": 0.077,
            "p_down": 0.05,
            "state": "active",
            "model_version": "1",
            "as_of": AS_OF,
            "cause": "placed",
            "enqueued_time": AS_OF,
            "generation": 0,
            "batch_id": 0,
        } | changes

    def append(self, *rows: dict[str, Any]) -> None:
        """One commit to the history."""
        write_deltalake(self.path / CUSTOMER_HISTORY.name, pa.Table.from_pylist(list(rows), SCHEMA), mode="append")

    def snapshot(self, *rows: dict[str, Any]) -> None:
        write_deltalake(self.path / CUSTOMERS.name, pa.Table.from_pylist(list(rows), SCHEMA), mode="overwrite")


@pytest.fixture
def customer_store(tmp_path: Path) -> CustomerStore:
    return CustomerStore(tmp_path / "store")
