"""A till's id that buys without end is found, ignored and told of; nobody else changes."""

import json
from pathlib import Path

import pytest
from pyspark.sql import SparkSession
from shop_fixture import Shop

from dangol.edges.manifest import read_settings
from dangol.edges.rebuild import renewed
from dangol.edges.status import status
from dangol.edges.store import TableStore
from dangol.orders.simulation import encode

pytestmark = pytest.mark.spark

NOW = "2011-06-01T00:00:00"


def order(number: int, customer: str) -> bytes:
    event = {"event_id": f"e{number}", "type": "placed", "order_id": f"o{number}", "customer_id": customer}
    return encode({**event, "event_time": "2011-05-01T10:00:00Z", "amount": "2.50", "currency": "GBP"})


def test_a_customer_above_max_orders_is_ignored_from_then_on(spark: SparkSession, tmp_path: Path) -> None:
    shop = Shop(spark, tmp_path, state__max_orders=5)
    shop.receive([order(number, "till") for number in range(6)] + [order(6, "ana"), order(7, "bo")])
    shop.run(NOW)
    shop.receive([order(8, "till"), order(9, "ana")])
    shop.run(NOW)

    customers = shop.customers().set_index("customer_id")["frequency"]
    assert customers.to_dict() == {"ana": 2, "bo": 1}
    assert read_settings(tmp_path / "store")["ingest.ignored_customers"] == ["till"]
    assert any("customer till has more orders" in warning for warning in status(shop.settings(NOW))["warnings"])
    assert len(shop.table("events")) == 10
    shop.given |= read_settings(tmp_path / "store")
    verified = shop.verify()
    assert (verified["customers"], verified["mismatches"]) == (2, 0)
    manifest = json.loads((shop.settings(NOW).store.checkpoints / "manifest.json").read_text())
    assert manifest["outgrown"] == ["till"]
    # and no rebuild forgets it
    assert renewed(TableStore(spark, tmp_path / "store"), shop.settings(NOW)).outgrown == ["till"]
