from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake
from store_fixture import ARROW_TYPES

from dangol.answers.product_words import words_of
from dangol.tables import SUMMARIES

TYPES = ARROW_TYPES | {"array<string>": pa.list_(pa.string())}
SCHEMA = pa.schema([(column.name, TYPES[column.type]) for column in SUMMARIES.columns])
AS_OF = datetime(2011, 12, 10, tzinfo=UTC)


@dataclass(frozen=True)
class SummariesStore:
    """A real Delta table of summaries, written without a JVM."""

    path: Path

    def customer(self, customer_id: str, grade: str | None, *products: str, **changes: Any) -> dict[str, Any]:
        """The row of a customer who bought these products."""
        row = {
            "key": f"customer/{customer_id}",
            "kind": "customer",
            "customer_id": customer_id,
            "grade": grade,
            "top_products": list(products[:5]),
            "words": words_of(products),
            "as_of": AS_OF,
            "generation": 1,
            "batch_id": 1,
        } | changes
        return row | {"content_hash": sha256(repr(row).encode()).hexdigest()}

    def write(self, *rows: dict[str, Any]) -> None:
        """One commit, after which summaries holds these rows and no others."""
        write_deltalake(self.path / SUMMARIES.name, pa.Table.from_pylist(list(rows), SCHEMA), mode="overwrite")

    def version(self) -> int:
        return DeltaTable(self.path / SUMMARIES.name).version()


@pytest.fixture
def summaries_store(tmp_path: Path) -> SummariesStore:
    return SummariesStore(tmp_path / "home" / "store")
