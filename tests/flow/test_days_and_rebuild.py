"""customer_days and its repair, and a rebuild of lost checkpoints, on real orders: nothing differs from before."""

import json
import random
import shutil
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from pyspark.sql import functions as F
from shop_fixture import Shop, total

from dangol.edges.days import repair_days
from dangol.edges.producers import read_online_retail
from dangol.edges.rebuild import rebuild
from dangol.edges.simulate import Faults, messages
from dangol.edges.status import status
from dangol.edges.store import TableStore
from dangol.errors import StoreError
from dangol.orders.rfm import rfm
from dangol.orders.simulation import Message, encode
from dangol.tables import CUSTOMER_HISTORY, CUSTOMERS

pytestmark = pytest.mark.spark

DATA = Path(__file__).parents[2] / "data" / "online_retail_2010_2011.parquet"
NOW = "2011-01-17T00:00:00"
POSITION = ["generation", "batch_id"]
RFM = ["customer_id", "recency_days", "frequency", "monetary", "monetary_gross", "last_purchase_date"]


@pytest.fixture(scope="module")
def orders() -> list[Message]:
    """Six weeks of orders, and returns of some that come before or after them."""
    read = messages(read_online_retail(DATA), Faults(returns=0.02, seed=1))
    return [order for order in read if order.due < read[0].due + timedelta(days=45)]


@pytest.fixture(scope="module")
def in_order(spark, tmp_path_factory, orders) -> Shop:
    """Read in the order in which they happened, by several micro-batches, to one week after the last."""
    shop = Shop(spark, tmp_path_factory.mktemp("in_order"), ingest__max_files_per_batch=1)
    shop.receive(orders, files=4)
    shop.run(NOW)
    return shop


def days_of(shop: Shop) -> pd.DataFrame:
    days = shop.table("customer_days").drop(columns=POSITION)
    return days.sort_values(["customer_id", "day"]).reset_index(drop=True)


def store_of(shop: Shop) -> TableStore:
    return TableStore(shop.spark, shop.folder / "store")


def test_each_customer_day_once_and_none_open(in_order: Shop) -> None:
    days = days_of(in_order)
    events = in_order.table("events")
    placed = events[(events["type"] == "placed") & events["customer_id"].notna() & (events["amount"] > 0)]
    bought = placed.assign(day=placed["event_time"].dt.tz_convert("Europe/London").dt.date)
    closed = bought[bought["day"] <= days["day"].max()]
    by_day = closed.groupby(["customer_id", "day"]).agg(orders=("order_id", "nunique"), gross=("amount", total))
    found = days[days["orders"] > 0].set_index(["customer_id", "day"])
    assert not days.duplicated(["customer_id", "day"]).any()
    assert found["orders"].to_dict() == by_day["orders"].to_dict()
    assert found["gross"].to_dict() == by_day["gross"].to_dict()
    assert days["day"].max() == date(2011, 1, 12)


def test_r_f_m_from_closed_days_equal_the_hot_path(spark, in_order: Shop) -> None:
    store, last = store_of(in_order), days_of(in_order)["day"].max()
    until = Shop(spark, in_order.folder / "until")
    until.receive([m for m in messages_of(in_order) if day_of(m) <= last])
    until.run((last + timedelta(days=1)).isoformat() + "T00:00:00")
    today = F.unix_date(F.lit(last + timedelta(days=1)))
    facts = store.spark.read.format("delta").load(str(store.root / "customer_days"))
    from_days = rfm(facts.select("customer_id", today.alias("today"), F.expr("inline(facts)")), 3650).toPandas()
    expected = until.customers()[RFM]
    found = from_days[RFM].sort_values("customer_id").reset_index(drop=True)
    pd.testing.assert_frame_equal(found, expected, check_dtype=False)


def messages_of(shop: Shop) -> list[bytes]:
    return list(shop.table("events")["value"])


def day_of(value: bytes) -> date:
    return datetime.fromisoformat(json.loads(value)["event_time"]).astimezone(ZoneInfo("Europe/London")).date()


def test_shuffled_orders_give_the_same_days_after_repair(spark, tmp_path, orders, in_order: Shop) -> None:
    shop = Shop(spark, tmp_path, ingest__max_files_per_batch=1)
    mixed = [*orders, *orders[::10]]
    random.Random(3).shuffle(mixed)  # noqa: S311 - repeatable, not secret
    shop.receive(mixed[: len(mixed) // 2], files=2)
    shop.run(NOW)
    shop.receive(mixed[len(mixed) // 2 :], files=2)
    shop.run(NOW)
    verified = shop.verify()
    assert verified["late_days"] > 0
    repaired = repair_days(store_of(shop), shop.settings(NOW))
    assert sum(repaired.values()) == verified["late_days"]
    pd.testing.assert_frame_equal(days_of(shop), days_of(in_order))
    assert status(shop.settings(NOW))["queries"]["days"]["dropped_by_watermark"] > 0
    days, accepted = days_of(shop), shop.table("events").drop_duplicates("value").dropna(subset="customer_id")
    happened = accepted["event_time"].dt.tz_convert("Europe/London").dt.date
    still_open = accepted[happened > days["day"].max()]
    for kind, column in (("placed", "gross"), ("returned", "returned")):
        of_kind = total(accepted.loc[accepted["type"] == kind, "amount"])
        assert total(days[column]) + total(still_open.loc[still_open["type"] == kind, "amount"]) == of_kind
    assert repair_days(store_of(shop), shop.settings(NOW)) == {"added": 0, "changed": 0, "removed": 0}


def test_a_rebuild_of_lost_checkpoints_changes_nothing(spark, in_order: Shop) -> None:
    customers, days, events = in_order.customers(), days_of(in_order), len(in_order.table("events"))
    settings = in_order.settings(NOW)
    shutil.rmtree(settings.store.checkpoints)
    with pytest.raises(StoreError, match="run dangol rebuild to make a new one from events"):
        in_order.run(NOW)
    versions = [store_of(in_order).version(table) for table in (CUSTOMERS, CUSTOMER_HISTORY)]
    made = rebuild(store_of(in_order), settings)
    assert made["generation"] == 2
    assert [store_of(in_order).version(table) for table in (CUSTOMERS, CUSTOMER_HISTORY)] == versions

    in_order.run(NOW)
    pd.testing.assert_frame_equal(in_order.customers(), customers)
    pd.testing.assert_frame_equal(days_of(in_order), days)
    assert len(in_order.table("events")) == events
    assert set(in_order.table("customers")["generation"]) == {2}
    verified = in_order.verify()
    assert (verified["mismatches"], verified["late_days"], verified["missing"]) == (0, 0, 0)
    again = in_order.table("customer_history").query("generation == 2")
    assert set(again["cause"]) == {"rebuild"}
    assert len(again) == len(customers)


def order(order_id: str, customer: str, day: str, amount: str, **more: object) -> bytes:
    event = {"event_id": f"{order_id}-{day}", "type": "placed", "order_id": order_id, "customer_id": customer}
    return encode({**event, "event_time": f"{day}T12:00:00Z", "amount": amount, "currency": "GBP", **more})


def test_a_rebuild_keeps_what_the_window_needs_and_no_more(spark, tmp_path) -> None:
    shop = Shop(spark, tmp_path, rfm__window_days=30, state__kept_days=1)
    shop.receive(
        [
            order("a1", "ana", "2011-01-05", "1.00"),
            order("a2", "ana", "2011-02-05", "2.00"),  # the last purchase, before the window
            order("b1", "bo", "2011-02-01", "10.00"),
            order("b1", "bo", "2011-05-20", "12.00", version=1),  # corrected across the window's edge
            order("c1", "cho", "2011-02-01", "30.00"),
            order("c1", "cho", "2011-05-20", "30.00", type="returned"),  # leaves the window with its order
            order("c2", "cho", "2011-05-21", "7.00"),
        ]
    )
    shop.run("2011-06-01T00:00:00")
    before = shop.customers()
    assert before[["customer_id", "frequency", "monetary"]].to_numpy().tolist() == [
        ["ana", 0, Decimal("0.0000")],
        ["bo", 1, Decimal("12.0000")],
        ["cho", 1, Decimal("7.0000")],
    ]
    made = rebuild(store_of(shop), shop.settings("2011-06-01T00:00:00"))
    assert made == {"generation": 2, "facts": 6, "customers": 3}
    shop.run("2011-06-01T00:00:00")
    pd.testing.assert_frame_equal(shop.customers(), before)
    shop.receive([order("b1", "bo", "2011-05-20", "12.00", version=1), order("a3", "ana", "2011-05-30", "4.00")])
    shop.run("2011-06-01T00:00:00")
    after = shop.customers().set_index("customer_id")
    assert (after.loc["ana", "frequency"], after.loc["bo", "frequency"]) == (1, 1)

    manifest = shop.settings().store.checkpoints / "manifest.json"
    manifest.write_text(manifest.read_text().replace("units:bigint", "units:int"))
    with pytest.raises(StoreError, match=r"made with state entry = .*units:int.*, not .* or run dangol rebuild"):
        shop.run("2011-06-01T00:00:00")
