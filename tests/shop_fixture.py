import os
import time
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from deltalake import DeltaTable
from pyspark.sql import SparkSession

from dangol.edges.inlet import tick
from dangol.edges.store import TableStore
from dangol.edges.stream import run_stream
from dangol.edges.verify import verify
from dangol.orders.simulation import Message
from dangol.settings import Settings, load_settings

POSITION = ["as_of", "cause", "enqueued_time", "generation", "batch_id"]

NOTHING_WRONG = {
    "mismatches": 0,
    "repeated": 0,
    "missing": 0,
    "lost": 0,
    "late_days": 0,
    "conflicts": 0,
    "shared_orders": 0,
    "shared_orders_listed": {},
}
"""What `verify` counts of a store that is as it should be, beside its messages and customers."""


class Shop:
    """A British shop whose orders come as files, with its store, driven by the real stream."""

    def __init__(self, spark: SparkSession, folder: Path, **settings: object) -> None:
        self.spark = spark
        self.folder = folder
        self.orders = folder / "orders"
        self.orders.mkdir(parents=True)
        self.given = {
            "store.path": folder / "store",
            "source.kind": "files",
            "source.path": self.orders,
            "shop.timezone": "Europe/London",
            "shop.currency": "GBP",
            "rfm.window_days": 3650,
            **{name.replace("__", "."): value for name, value in settings.items()},
        }

    def settings(self, now: datetime | str | None = None) -> Settings:
        return load_settings(overrides={**self.given, "clock.now": now})

    def receive(self, values: Sequence[bytes] | Sequence[Message], files: int = 1) -> None:
        """Puts messages into new files of the folder."""
        lines = [value.value if isinstance(value, Message) else value for value in values]
        size = -(-len(lines) // files)
        first = len(list(self.orders.iterdir()))
        for number, start in enumerate(range(0, len(lines), size), start=first):
            part = b"".join(line + b"\n" for line in lines[start : start + size])
            draft = self.orders / f".{number:05d}"
            draft.write_bytes(part)
            moment = time.time_ns() + number * 10_000_000  # files of one millisecond would be read in any order
            os.utime(draft, ns=(moment, moment))
            draft.rename(self.orders / f"{number:05d}.jsonl")

    def run(self, now: datetime | str | None = None) -> None:
        """Reads all that is there."""
        run_stream(self.spark, self.settings(now), available_now=True)

    def tick(self, now: datetime | str, cause: str = "tick") -> int:
        settings = self.settings(now)
        return tick(TableStore(self.spark, settings.store.path), settings.today, cause, 1000)

    def verify(self) -> dict[str, int]:
        return verify(self.spark, self.settings())

    def table(self, name: str) -> pd.DataFrame:
        """A table as another program reads it: without a JVM."""
        table = DeltaTable(self.folder / "store" / name)
        return pa.table(table.to_pyarrow_table()).to_pandas()

    def customers(self, without: Iterable[str] = POSITION) -> pd.DataFrame:
        customers = self.table("customers").drop(columns=list(without))
        return customers.sort_values("customer_id").reset_index(drop=True)


def total(money: pd.Series) -> Decimal:
    return sum(money, Decimal(0))


@pytest.fixture
def shop(spark: SparkSession, tmp_path: Path) -> Any:
    """Makes shops, each in a folder of its own."""

    def make(name: str = "shop", **settings: object) -> Shop:
        return Shop(spark, tmp_path / name, **settings)

    return make
