"""Dates far away, and a clock that goes on without orders: every row stays what the messages say."""

from datetime import timedelta

import pandas as pd
import pytest
from faults import oracle
from faults.shopfloor import NOW, WINDOW_DAYS, ZONE, assert_customers, assert_days
from faults.traffic import Traffic
from pyspark.sql import SparkSession
from shop_fixture import Shop

from dangol.edges.days import repair_days
from dangol.edges.store import TableStore
from dangol.orders.simulation import encode

pytestmark = pytest.mark.spark


def own_shop(spark: SparkSession, folder: pytest.TempPathFactory) -> Shop:
    return Shop(spark, folder.mktemp("shop"), shop__timezone=ZONE.key, rfm__window_days=WINDOW_DAYS)


def state(row: pd.Series) -> str | None:
    """conf/base.yml: new_days 30, cooling_gaps 2, cooling_min_days 30."""
    if row["recency_days"] is None:
        return None
    if row["frequency"] == 0:
        return "dormant"
    if row["frequency"] == 1 and row["recency_days"] <= 30:
        return "new"
    rhythm = 2 * row["mean_gap_days"] if row["frequency"] > 1 else 0
    return "cooling" if row["recency_days"] > max(rhythm, 30) else "active"


def test_ninety_days_without_orders(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> None:
    shop = own_shop(spark, tmp_path_factory)
    sent = [message.value for message in Traffic(8, NOW).take(600)]
    shop.receive(sent)
    shop.run(NOW)
    told = oracle.told(sent, NOW, ZONE)
    for days in (1, 29, 61, 90):
        now = NOW + timedelta(days=days)
        shop.tick(now)
        shop.run(now)
        customers = shop.table("customers")
        assert_customers(customers, told, now)
        assert (customers["as_of"] == now).all()
        expected = oracle.customers(told, now.astimezone(ZONE).date(), WINDOW_DAYS)
        assert customers.set_index("customer_id")["state"].to_dict() == expected.apply(state, axis=1).to_dict()
    before = shop.customers(without=[])
    shop.tick(now)
    shop.run(now)
    pd.testing.assert_frame_equal(shop.customers(without=[]), before)


def far(day: str, customer: str = "far") -> bytes:
    event = {"event_id": day, "type": "placed", "order_id": day, "customer_id": customer, "amount": "5.00"}
    return encode({**event, "event_time": f"{day}T12:00:00Z", "currency": "GBP"})


def test_an_order_of_2099_or_1970_changes_no_other_row(
    spark: SparkSession, tmp_path_factory: pytest.TempPathFactory
) -> None:
    shop = own_shop(spark, tmp_path_factory)
    sent = [message.value for message in Traffic(9, NOW).take(600)]
    odd = [far("2099-01-01"), far("2011-12-11"), far("1970-01-01"), far("1969-12-30")]
    parts = [sent[:300], odd, sent[300:]]
    for part in parts:
        shop.receive(part)
        shop.run(NOW)
    history = shop.table("customer_history")
    touched = [set(rows["customer_id"]) for _, rows in history.groupby("batch_id")]
    assert {"far"} in touched
    told = oracle.told([*sent, *odd], NOW, ZONE)
    assert_customers(shop.table("customers"), told)
    [found] = shop.table("customers").query("customer_id == 'far'")[["recency_days", "frequency"]].to_numpy().tolist()
    assert found == [15_317, 0]  # from the shop's 1970-01-02 to its 2011-12-10
    # the days closed as they would have without: only what is older than the last order of `sent` by a day is closed
    last = oracle.told(sent, NOW, ZONE)["time"].max()
    repair_days(TableStore(spark, shop.folder / "store"), shop.settings(NOW))
    days = shop.table("customer_days")
    assert days["day"].max() < (last - timedelta(hours=24)).date()
    assert_days(days, told)
