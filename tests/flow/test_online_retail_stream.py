"""Real orders through the real stream give the numbers of data/README.md, cent for cent."""

import random
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest
from broker_fixture import CONNECTION_STRING
from pyspark.sql import DataFrame
from shop_fixture import NOTHING_WRONG, Shop, total

from dangol.edges.broker import LocalBroker
from dangol.edges.producers import BrokerProducer, read_online_retail
from dangol.edges.simulate import Faults, messages
from dangol.edges.store import TableStore
from dangol.edges.stream import run_stream
from dangol.errors import StoreError
from dangol.orders.simulation import Message, encode, instant
from dangol.tables import Table

pytestmark = pytest.mark.spark

DATA = Path(__file__).parents[2] / "data" / "online_retail_2010_2011.parquet"
GOLDEN = Path(__file__).parents[1] / "data" / "online_retail_rfm_2011-12-10.parquet"

# strictly before each date: customers, invoices, customer-days, gross, net, mean recency in days
DATES = {
    date(2011, 1, 1): (885, 1_400, 1_206, "572713.890", "554604.020", 21.189831),
    date(2011, 4, 1): (2_134, 4_705, 4_316, "2184797.040", "2046189.160", 46.226804),
    date(2011, 7, 1): (2_960, 8_802, 7_976, "3993805.651", "3728501.251", 72.192230),
    date(2011, 10, 1): (3_616, 13_168, 11_954, "6192078.944", "5850548.104", 92.895188),
    date(2011, 12, 10): (4_338, 18_532, 16_763, "8911407.904", "8300065.814", 93.059474),
}
LAST = "2011-12-10T00:00:00"


@pytest.fixture(scope="module")
def orders() -> list[Message]:
    return messages(read_online_retail(DATA), Faults())


def bought_on(message: Message) -> date:
    return message.due.date()  # no order of a British night: the date in London is the date in UTC


def assert_golden(customers: pd.DataFrame) -> None:
    """4,338 customers with R, F, gross and net as derived independently."""
    golden = pd.read_parquet(GOLDEN)
    expected = {
        str(row.CustomerID): (row.recency_days, row.frequency, exact(row.monetary), exact(row.monetary_net))
        for row in golden.itertuples()
    }
    bought = customers[customers["frequency"] > 0]
    found = {
        row.customer_id: (row.recency_days, row.frequency, row.monetary_gross, row.monetary)
        for row in bought.itertuples()
    }
    assert len(found) == 4_338
    assert found == expected
    returns_only = customers[customers["frequency"] == 0]
    assert len(returns_only) == 33
    assert returns_only[["recency_days", "last_purchase_date", "grade", "state"]].isna().all(axis=None)


def exact(money: float) -> Decimal:
    return Decimal(str(round(money, 3))).quantize(Decimal("0.0001"))


@pytest.fixture(scope="module")
def through_files(spark, tmp_path_factory, orders) -> tuple[Shop, dict[date, tuple[object, ...]]]:
    """One shop read up to each date in turn, by a new start of the stream, with everybody ticked at each date."""
    shop = Shop(spark, tmp_path_factory.mktemp("files"))
    seen: dict[date, tuple[object, ...]] = {}
    before = date.min
    for day in DATES:
        shop.receive([order for order in orders if before <= bought_on(order) < day], files=2)
        now = datetime(day.year, day.month, day.day).isoformat()  # noqa: DTZ001 - the shop's midnight
        shop.run(now)
        shop.tick(now)
        shop.run(now)
        seen[day] = numbers(shop)
        before = day
    return shop, seen


def numbers(shop: Shop) -> tuple[object, ...]:
    customers, events = shop.customers(), shop.table("events")
    bought = customers[customers["frequency"] > 0]
    placed = events[(events["type"] == "placed") & events["customer_id"].notna()]
    days = placed.assign(day=placed["event_time"].dt.tz_convert("Europe/London").dt.date)
    return (
        len(bought),
        int(bought["frequency"].sum()),
        len(days[["customer_id", "day"]].drop_duplicates()),
        total(bought["monetary_gross"]),
        total(customers["monetary"]),
        round(float(bought["recency_days"].mean()), 6),
    )


@pytest.mark.parametrize("day", DATES, ids=str)
def test_numbers_at_each_date(through_files, day: date) -> None:
    customers, invoices, customer_days, gross, net, recency = DATES[day]
    assert through_files[1][day] == (customers, invoices, customer_days, Decimal(gross), Decimal(net), recency)


def test_each_customer_equals_the_golden_file(through_files) -> None:
    assert_golden(through_files[0].customers())


def test_named_customers(through_files) -> None:
    customers = through_files[0].customers().set_index("customer_id")
    assert customers.loc["12346", ["monetary_gross", "monetary"]].tolist() == [Decimal("77183.6000"), Decimal("0.0000")]
    assert customers.loc["16446", ["monetary_gross", "monetary"]].tolist() == [
        Decimal("168472.5000"),
        Decimal("2.9000"),
    ]
    assert customers.loc["12347", ["recency_days", "frequency", "monetary"]].tolist() == [3, 7, Decimal("4310.0000")]


def test_every_message_is_kept_and_guests_are_not_graded(through_files, orders) -> None:
    events = through_files[0].table("events")
    assert sorted(events["value"]) == sorted(order.value for order in orders)
    assert (events["rejections"].str.len() == 0).all()
    assert events["customer_id"].isna().sum() == 1_609
    assert set(through_files[0].table("customers")["customer_id"]) == set(events["customer_id"].dropna())


def test_verify_agrees(through_files) -> None:
    assert through_files[0].verify() == {
        "received": 23_795,
        "accepted": 23_795,
        "rejected": 0,
        "customers": 4_338,
        **NOTHING_WRONG,
    }


def test_duplicates_any_order_and_a_restart_change_no_row(spark, tmp_path, orders, through_files) -> None:
    shop = Shop(spark, tmp_path)
    rng = random.Random(7)  # noqa: S311 - repeatable, not secret
    mixed = [*orders, *rng.sample(orders, len(orders) // 10)]
    rng.shuffle(mixed)
    shop.receive(mixed[: len(mixed) // 2], files=3)
    shop.run(LAST)
    shop.receive(mixed[len(mixed) // 2 :], files=3)
    shop.run(LAST)
    pd.testing.assert_frame_equal(shop.customers(), through_files[0].customers())
    assert len(shop.table("events")) == len(mixed)


@pytest.mark.broker
def test_the_broker_gives_the_same_customers(spark, tmp_path, orders, through_files, broker: LocalBroker) -> None:
    shop = Shop(
        spark,
        tmp_path,
        source__kind="kafka",
        source__bootstrap_servers=broker.bootstrap_servers,
        source__topic=broker.topic,
        source__connection_string=CONNECTION_STRING,
        ingest__max_messages_per_batch=10_000,
    )
    producer = BrokerProducer(
        broker.bootstrap_servers, broker.topic, "SASL_PLAINTEXT", shop.settings().source.connection_string
    )
    producer.send(orders)
    producer.close()
    run_stream(spark, shop.settings(LAST), available_now=True)
    pd.testing.assert_frame_equal(shop.customers(), through_files[0].customers())
    events = shop.table("events")
    assert len(events) == events[["source_partition", "source_offset"]].drop_duplicates().shape[0] == len(orders)


def test_late_orders_and_returns_before_their_order(shop) -> None:
    """Delivered last to first, over a restart, the same customers come out as in order."""
    events = [
        order("a", "ana", "2011-05-01T10:00:00Z", "10.00"),
        order("b", "ana", "2011-05-02T10:00:00Z", "20.00"),
        order("b", "ana", "2011-05-03T10:00:00Z", "5.00", type="returned", event_id="r1"),
        order("c", "bo", "2011-05-03T12:00:00Z", "7.00"),
        order("c", "bo", "2011-05-04T12:00:00Z", None, type="cancelled"),
        order("d", "bo", "2011-05-04T12:00:00Z", "9.00", version=1),
        order("d", "bo", "2011-05-04T12:00:00Z", "8.00"),
    ]
    in_order, backwards = shop("in_order"), shop("backwards")
    in_order.receive([encode(event) for event in events])
    in_order.run("2011-06-01T00:00:00")
    for event in reversed(events):
        backwards.receive([encode(event)])
    backwards.run("2011-06-01T00:00:00")
    pd.testing.assert_frame_equal(backwards.customers(), in_order.customers())
    expected = [
        ("ana", 30, 2, Decimal("25.0000"), Decimal("30.0000"), date(2011, 5, 2)),
        ("bo", 28, 1, Decimal("9.0000"), Decimal("9.0000"), date(2011, 5, 4)),
    ]
    columns = ["customer_id", "recency_days", "frequency", "monetary", "monetary_gross", "last_purchase_date"]
    assert [tuple(row) for row in in_order.customers()[columns].itertuples(index=False)] == expected


def order(order_id: str, customer: str, at: str, amount: str | None, **more: object) -> dict[str, object]:
    assert instant(at).tzinfo == UTC
    event = {"event_id": f"{order_id}-{at}", "type": "placed", "order_id": order_id, "customer_id": customer}
    return {**event, "event_time": at, "amount": amount, "currency": "GBP", "version": 0, **more}


@pytest.mark.parametrize("table", ["events", "customer_history"])
def test_a_crash_between_append_and_commit_doubles_nothing(shop, orders, monkeypatch, table: str) -> None:
    """The restarted stream meets the same batch again: its rows are there already, its state is not yet committed."""
    append = TableStore.append

    def append_and_crash(store: TableStore, to: Table, rows: DataFrame) -> None:
        append(store, to, rows)
        if to.name == table:
            raise RuntimeError("crash")

    crashed = shop("crashed")
    crashed.receive(orders[:200])
    monkeypatch.setattr(TableStore, "append", append_and_crash)
    with pytest.raises(StoreError, match="stopped: crash; mend that and start the stream again"):
        crashed.run(LAST)
    monkeypatch.undo()
    crashed.receive(orders[200:400])
    crashed.run(LAST)

    assert sorted(crashed.table("events")["value"]) == sorted(order.value for order in orders[:400])
    history = crashed.table("customer_history")
    assert not history.duplicated(["customer_id", "batch_id"]).any()
    result = crashed.verify()
    assert (result["received"], result["mismatches"], result["repeated"]) == (400, 0, 0)
