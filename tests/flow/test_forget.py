"""A customer is forgotten between two runs of the stream: a rebuild and later runs know nothing of it."""

from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest
from deltalake import DeltaTable
from pyspark.sql import SparkSession
from shop_fixture import NOTHING_WRONG, Shop

from dangol.edges.changes import run_changes
from dangol.edges.forget import forget
from dangol.edges.forgotten import add_forgotten
from dangol.edges.inlet import enter, orders
from dangol.edges.manifest import QUERIES, Manifest
from dangol.edges.rebuild import drain_ledger, rebuild
from dangol.edges.store import TableStore
from dangol.edges.verify import verify
from dangol.errors import StoreError
from dangol.orders.simulation import encode
from dangol.tables import EVENTS, INLET

pytestmark = pytest.mark.spark

NOW = "2011-06-20T00:00:00"
GONE = "ana-90210"


def order(number: int, customer: str, day: str, **more: object) -> bytes:
    event = {"event_id": f"e{number}", "type": "placed", "order_id": f"o{number}", "customer_id": customer}
    return encode({**event, "event_time": f"{day}T10:00:00Z", "amount": f"{number}.50", "currency": "GBP", **more})


def test_a_customer_who_was_forgotten_does_not_come_back(spark: SparkSession, tmp_path: Path) -> None:
    shop, store = Shop(spark, tmp_path), TableStore(spark, tmp_path / "store")
    shop.receive([order(1, GONE, "2011-05-01"), order(2, "bo", "2011-05-02"), order(3, "ana-9021", "2011-05-03")])
    shop.receive([order(4, GONE, "2011-05-04", amount="much")])
    store.create(INLET)
    past = [order(5, GONE, "2011-04-01"), order(6, "bo", "2011-04-02")]
    enter(store, orders(store, past, "backfill", "backfill/april", datetime(2011, 5, 5, tzinfo=UTC)), 1, None)
    shop.run(NOW)
    settings = shop.settings(NOW)
    run_changes(settings, available_now=True)
    other = shop.customers().set_index("customer_id").loc["ana-9021"]
    with pytest.raises(StoreError, match="take those lines out of it first"):
        forget(settings, GONE)
    for file in shop.orders.iterdir():
        file.write_bytes(b"".join(line for line in file.read_bytes().splitlines(True) if GONE.encode() not in line))

    removed = forget(settings, GONE)["removed"]

    assert {name: removed[name] for name in ("events", "inlet", "customers", "customer_days")} == {
        "events": 3,
        "inlet": 1,
        "customers": 1,
        "customer_days": 2,
    }
    with pytest.raises(StoreError, match=r"a customer was forgotten at .*; run dangol rebuild"):
        shop.run(NOW)
    assert rebuild(store, settings)["customers"] == 2
    shop.receive([order(7, "bo", "2011-06-19")])

    verified = verify(spark, settings)

    assert verified == NOTHING_WRONG | {"received": 4, "accepted": 4, "rejected": 0, "customers": 2}
    customers = shop.customers().set_index("customer_id")
    pd.testing.assert_series_equal(customers.loc["ana-9021"], other)
    assert customers["frequency"].to_dict() == {"ana-9021": 1, "bo": 3}
    assert run_changes(settings, available_now=True)["changes"] == 0
    with pytest.raises(StoreError, match="there is nothing of customer"):
        forget(settings, GONE)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert [path for path in files if GONE.encode() in path.read_bytes()] == []


def generation(number: int) -> Manifest:
    return Manifest(dict.fromkeys(QUERIES, number), "", {})


def test_a_new_checkpoint_of_ledger_leaves_out_what_was_forgotten(spark: SparkSession, tmp_path: Path) -> None:
    shop, store = Shop(spark, tmp_path), TableStore(spark, tmp_path / "store")
    shop.receive([order(1, "ana", "2011-05-01"), order(2, "bo", "2011-05-02"), order(3, "cho", "2011-05-03")])
    settings = shop.settings(NOW)
    store.create(EVENTS, INLET)
    drain_ledger(store, settings, generation(1), lambda: False)
    ids = shop.table("events").set_index("customer_id")["message_id"]
    DeltaTable(tmp_path / "store" / "events").delete("customer_id in ('bo', 'cho')")
    add_forgotten(settings.store.checkpoints, {("orders/0", 1): ids["bo"]})

    drain_ledger(store, settings, generation(2), lambda: False)

    assert sorted(shop.table("events")["customer_id"]) == ["ana", "cho"]
