"""Real orders over three days: trained as of three dates, judged, promoted, explained, swapped while orders flow."""

import threading
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pandas as pd
import pytest
from pyspark.sql import SparkSession
from shop_fixture import Shop

from dangol.edges import explaining, promotion
from dangol.edges.maintenance import maintain
from dangol.edges.manifest import stop_flag
from dangol.edges.producers import read_online_retail
from dangol.edges.simulate import Faults, messages
from dangol.edges.store import TableStore
from dangol.edges.stream import run_stream
from dangol.edges.training import Trained, train
from dangol.errors import ModelError
from dangol.orders.simulation import encode

pytestmark = [pytest.mark.spark, pytest.mark.registry]

ROOT = Path(__file__).parents[2]
DATA = ROOT / "data" / "online_retail_2010_2011.parquet"
JUNE, SEPTEMBER, DECEMBER = date(2011, 6, 10), date(2011, 9, 10), date(2011, 12, 10)
DAYS = (date(2011, 12, 8), date(2011, 12, 9), DECEMBER)
PATIENCE_SECONDS = 300


def midnight(day: date) -> str:
    return f"{day}T00:00:00"


def counts(shop: Shop) -> dict[str, int]:
    grades = shop.table("customers").dropna(subset="grade").sort_values("grade_rank")
    return {str(grade): int(count) for grade, count in grades.groupby("grade", sort=False).size().items()}


@pytest.fixture(scope="module")
def shop(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Trained as of June and September on what was there on 8 December; September's grades until 10 December, then a
    training as of that day takes over."""
    shop = Shop(spark, tmp_path_factory.mktemp("training"), rfm__window_days=365)
    store = TableStore(spark, shop.settings().store.path)
    orders = messages(read_online_retail(DATA), Faults())
    sent = 0
    shop.trained, shop.counted = {}, {}
    for day in DAYS:
        end = datetime(day.year, day.month, day.day, tzinfo=shop.settings().shop.zone)
        part = [order for order in orders[sent:] if order.due < end]
        sent += len(part)
        shop.receive(part)
        if sent > len(part):
            shop.tick(midnight(day))
        shop.run(midnight(day))
        settings = shop.settings(midnight(day))
        if day == DAYS[0]:
            for as_of in (JUNE, SEPTEMBER):
                shop.trained[as_of] = train(store, settings, as_of)
            promotion.promote(settings, shop.trained[SEPTEMBER].version)
        elif day == DECEMBER:
            shop.counted_before = counts(shop)
            shop.trained[DECEMBER] = train(store, settings)
            shop.churn = promotion.promote(settings, shop.trained[DECEMBER].version, accept_churn="a test")
        if day in (DAYS[0], DECEMBER):
            shop.tick(midnight(day), cause="model")
            shop.run(midnight(day))
        shop.counted[day] = counts(shop)
    return shop


def refused(trained: Trained) -> set[str]:
    return {gate.name for gate in trained.refused}


def test_september_and_december_are_accepted_by_all_gates_and_june_is_not(shop: Any) -> None:
    assert refused(shop.trained[SEPTEMBER]) == set()
    assert refused(shop.trained[DECEMBER]) - {"agreement"} == set()
    assert {"spend_rises", "promotions_lost"} <= refused(shop.trained[JUNE])
    judged = {gate.name for gate in shop.trained[DECEMBER].study.gates if gate.outcome != "not judged"}
    assert len(judged) == 13


def test_the_model_card_says_what_the_gates_say(shop: Any) -> None:
    card = (ROOT / "ml" / "README.md").read_text("utf-8")
    for as_of, trained in shop.trained.items():
        section = card.partition(f"## As of {as_of}\n")[2].partition("\n## ")[0]
        outcome = {gate.name: gate.outcome for gate in trained.study.gates if gate.name != "agreement"}
        assert all(any(f"| `{name}` |" in line and f"| {said} |" in line for line in section.splitlines())
                   for name, said in outcome.items()), as_of  # fmt: skip


def test_a_refused_version_is_not_promoted(shop: Any) -> None:
    with pytest.raises(ModelError, match=r"may not grade: .*promotions_lost refused"):
        promotion.promote(shop.settings(midnight(DECEMBER)), shop.trained[JUNE].version)


def test_training_never_looks_into_the_future(shop: Any) -> None:
    """The customers as of September are those that the orders before it make, recounted here with pandas."""
    lines = pd.read_parquet(DATA).query("CustomerID.notna() and Quantity > 0 and UnitPrice > 0")
    before = lines[(lines["InvoiceDate"] < "2011-09-10") & ~lines["InvoiceNo"].str.startswith("C")]
    found = shop.trained[SEPTEMBER].study.past.customers
    bought = found[found["frequency"] > 0]
    assert len(bought) == before["CustomerID"].nunique()
    assert bought["frequency"].sum() == before["InvoiceNo"].nunique()
    assert bought["recency_days"].min() == 1


def test_the_grades_of_a_past_day_are_those_of_a_run_that_stopped_then(shop: Any) -> None:
    settings = shop.settings(midnight(DECEMBER))
    assert shop.counted_before != shop.counted[DECEMBER]
    expected = [shop.counted[day] for day in DAYS]
    assert [explaining.grades_on(settings, day) for day in DAYS] == expected
    maintain(TableStore(shop.spark, settings.store.path), settings, datetime(2030, 1, 1, tzinfo=UTC))
    assert [explaining.grades_on(settings, day) for day in DAYS] == expected


def test_what_if_comes_true_when_the_order_comes_and_not_a_cent_sooner(shop: Any) -> None:
    settings = shop.settings(midnight(DECEMBER))
    golden = shop.table("customers").query("grade == 'Gold' and frequency < 12").sort_values("customer_id")
    told = {
        customer: explaining.what_if(settings, customer, "vip")["amount"] for customer in golden["customer_id"][:60]
    }
    reachable = {customer: amount for customer, amount in told.items() if amount and 1 < amount < 50_000}
    enough, short = list(reachable)[:5], list(reachable)[5:10]
    assert len(short) == 5
    shop.receive(
        [order(f"enough-{customer}", customer, reachable[customer]) for customer in enough]
        + [order(f"short-{customer}", customer, reachable[customer] - 0.01) for customer in short]
    )
    shop.run("2011-12-10T00:05:00")
    grades = shop.table("customers").set_index("customer_id")["grade"]
    assert set(grades[enough]) == {"VIP"}
    assert set(grades[short]) == {"Gold"}


def order(order_id: str, customer: str, amount: float) -> bytes:
    """Placed in the first minutes of 10 December: recency is 0."""
    return encode(
        {
            "event_id": order_id,
            "type": "placed",
            "order_id": order_id,
            "customer_id": customer,
            "event_time": "2011-12-10T00:01:00Z",
            "amount": f"{amount:.2f}",
            "currency": "GBP",
            "version": 0,
            "items": [{"sku": "X", "name": "X", "quantity": 1, "unit_price": f"{amount:.2f}"}],
        }
    )


def test_why_names_what_would_bring_the_grade_back(shop: Any) -> None:
    settings = shop.settings(midnight(DECEMBER))
    history = shop.table("customer_history").sort_values(["generation", "batch_id"])
    ranks = history.dropna(subset="grade_rank").groupby("customer_id")["grade_rank"].agg(["max", "last"])
    fallen = list(ranks[ranks["max"] > ranks["last"]].index[:10])
    told = [explaining.why(settings, customer) for customer in fallen]
    assert all(one["fell_from"] for one in told)
    assert {name for one in told for name in one["restore"] or []} <= {"recency", "frequency", "monetary"}


def until(condition: Callable[[], bool], stream: threading.Thread) -> None:
    deadline = monotonic() + PATIENCE_SECONDS
    while not condition():
        assert stream.is_alive()
        assert monotonic() < deadline
        sleep(0.1)


def test_a_model_is_swapped_and_taken_back_while_orders_flow(shop: Any) -> None:
    settings = shop.settings("2011-12-10T00:10:00")
    old, new = (shop.trained[day].version for day in (DECEMBER, SEPTEMBER))
    before = int(shop.table("customer_history")["batch_id"].max())
    failures: list[BaseException] = []

    def run() -> None:
        try:
            run_stream(shop.spark, settings, available_now=False)
        except BaseException as error:  # noqa: BLE001 - handed to the test
            failures.append(error)

    def rows() -> pd.DataFrame:
        history = shop.table("customer_history")
        return history[history["batch_id"] > before]

    stream = threading.Thread(target=run)
    stream.start()
    number = 0
    try:
        for version in (old, new, old):
            if version == new:
                promotion.promote(settings, new, accept_churn="a test")
            elif number:
                assert promotion.rollback(settings) == old
            wanted = rows()["batch_id"].nunique() + 2

            def flowed(version: str = version, wanted: int = wanted) -> bool:
                nonlocal number
                found = rows()
                if number < 3 * found["batch_id"].nunique() + 3:  # keeps orders coming, a file at a time
                    number += 1
                    shop.receive([order(f"live-{number}", "12347", 10)])
                newest = found.sort_values("batch_id")["model_version"]
                return found["batch_id"].nunique() >= wanted and newest.iloc[-1] == version

            until(flowed, stream)
    finally:
        stop_flag(settings.store.checkpoints).touch()
        stream.join(PATIENCE_SECONDS)
    assert failures == []
    found = rows().sort_values("batch_id")
    assert (found.groupby("batch_id")["model_version"].nunique() == 1).all()
    versions = found.groupby("batch_id")["model_version"].first()
    turns = versions[versions != versions.shift()]
    assert list(turns) == [old, new, old]
    assert list(versions.index) == list(range(before + 1, before + 1 + len(versions)))
