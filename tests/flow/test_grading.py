"""A model arrives while customers are there already: they get their grade by ticks, and can be asked about."""

import json
import logging
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pandas as pd
import pytest
from shop_fixture import NOTHING_WRONG, Shop

from dangol import cli
from dangol.edges import registry
from dangol.edges.changes import run_changes
from dangol.edges.producers import read_online_retail
from dangol.edges.registry import champion
from dangol.edges.simulate import Faults, messages
from dangol.edges.store import TableStore
from dangol.edges.training import train
from dangol.grades.scoring import score_frame
from dangol.orders.simulation import MALFORMED, decode, encode
from dangol.tables import TABLES

pytestmark = [pytest.mark.spark, pytest.mark.registry]

DATA = Path(__file__).parents[2] / "data" / "online_retail_2010_2011.parquet"
NOW = "2011-04-01T00:00:00"
GRADE = ["grade", "grade_rank", "posterior", "p_max", "margin", "p_up", "p_down"]


@pytest.fixture(scope="module")
def shop(spark, tmp_path_factory) -> Shop:
    """Four months of orders, read without a model; then a model is trained, promoted and everybody ticked."""
    shop = Shop(spark, tmp_path_factory.mktemp("grading"))
    orders = messages(read_online_retail(DATA), Faults())
    end = orders[0].due + timedelta(days=120)  # the day before NOW
    shop.receive([order for order in orders if order.due < end], files=2)
    shop.run(NOW)
    shop.before = shop.customers(without=[])
    settings = shop.settings(NOW)
    run_changes(settings, available_now=True)
    version = train(TableStore(spark, settings.store.path), settings, refits=2).version
    assert champion(settings.registry_uri, settings.registry.model) is None
    registry.promote(settings.registry_uri, settings.registry.model, version)
    shop.tick(NOW, cause="model")
    shop.run(NOW)
    run_changes(settings, available_now=True)
    return shop


@pytest.fixture(autouse=True)
def own_logs() -> Iterator[None]:
    """A command logs to the stderr of its test, which is gone with the test."""
    yield
    logging.getLogger("dangol").handlers.clear()


def test_without_a_champion_there_is_rfm_and_no_grade(shop: Shop) -> None:
    assert len(shop.before) > 2_000
    assert shop.before["frequency"].notna().all()
    assert shop.before[[*GRADE, "model_version"]].isna().all(axis=None)


def test_ticks_bring_the_grade_and_change_nothing_else(shop: Shop) -> None:
    after = shop.customers(without=[])
    same = ["customer_id", "recency_days", "frequency", "monetary", "monetary_gross", "last_purchase_date", "state"]
    pd.testing.assert_frame_equal(
        after[same].reset_index(drop=True), shop.before[same].sort_values("customer_id").reset_index(drop=True)
    )
    assert (after["cause"] == "model").all()
    assert (after["model_version"] == "1").all()


def test_a_first_model_brings_everybody_in_once(shop: Shop) -> None:
    changes = shop.table("changes")
    graded = shop.customers(without=[]).dropna(subset=["grade"]).reset_index(drop=True)
    assert changes["old_grade"].isna().all()
    assert (changes[["cause", "direction"]] == ["model", "in"]).all(axis=None)
    settled = graded[graded["margin"].isna() | (graded["margin"] > 0.15)]
    names = ["customer_id", "grade", "frequency", "monetary", "batch_id"]
    found = changes.set_axis([name.removeprefix("new_") for name in changes.columns], axis=1)[names]
    pd.testing.assert_frame_equal(
        found.sort_values("customer_id").reset_index(drop=True), settled[names].reset_index(drop=True)
    )
    assert 100 < len(settled) < len(graded)


def test_grades_follow_their_rules(shop: Shop) -> None:
    customers = shop.customers()
    none, once, repeat = (customers[customers["frequency"].between(*f)] for f in ((0, 0), (1, 1), (2, 10**9)))
    assert none[GRADE].isna().all(axis=None)
    assert (once["grade"] == "Bronze").all()
    assert (once["grade_rank"] == 0).all()
    assert once[["posterior", "p_max", "margin", "p_up", "p_down"]].isna().all(axis=None)
    assert set(repeat["grade"]) == {"Silver", "Gold", "VIP"}
    means = repeat.groupby("grade_rank")["monetary"].apply(lambda money: money.astype(float).mean())
    assert means.is_monotonic_increasing
    assert (repeat["posterior"].map(sum) - 1).abs().max() < 1e-9


def test_the_stream_scores_as_plain_python_does(shop: Shop) -> None:
    settings = shop.settings(NOW)
    parameters = registry.load_parameters(settings.registry_uri, settings.registry.model, "1")
    repeat = shop.customers().query("frequency >= 2")
    money = repeat["monetary"].astype(float)
    expected = score_frame(parameters, repeat["recency_days"].astype(float), repeat["frequency"].astype(float), money)
    assert (expected["p_max"].to_numpy() - repeat["p_max"].to_numpy()).__abs__().max() < 1e-9
    assert (expected["grade_rank"].to_numpy() == repeat["grade_rank"].to_numpy()).all()


def test_verify_agrees(shop: Shop) -> None:
    result = shop.verify()
    assert (result["mismatches"], result["repeated"]) == (0, 0)


def test_a_second_tick_of_the_day_writes_nothing(shop: Shop) -> None:
    shop.tick("2011-04-02T00:00:00")
    version = shop.table("inlet").shape[0]
    shop.tick("2011-04-02T00:00:00")
    assert shop.table("inlet").shape[0] == version


def test_the_commands_speak_the_contract(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    store = ["--store", str(shop.folder / "store"), "--json"]
    cli.main(["status", *store])
    status = json.loads(capsys.readouterr().out)
    assert set(status) == {
        "store",
        "running",
        "generation",
        "queries",
        "messages",
        "losses",
        "longest",
        "tables",
        "changes",
        "champion",
        "metrics",
        "summaries",
        "warnings",
    }
    assert status["messages"]["received"] == len(shop.table("events"))
    assert (status["running"], status["metrics"], status["warnings"]) == (None, None, [])
    assert status["champion"]["version"] == "1"
    assert set(status["queries"]) == {"ledger", "grades", "days"}
    assert set(status["tables"]) == {table.name for table in TABLES}
    assert status["changes"].keys() == {"running", "generation", "batch_id", "deliveries"}

    cli.main(["ask", "고객 12347 등급 알려줘", *store])
    answer = json.loads(capsys.readouterr().out)
    assert {"question", "language", "intent", "scope", "answer", "facts", "writer"} <= set(answer)
    assert (answer["language"], answer["intent"]) == ("ko", "grade_lookup")
    row = shop.table("customers").set_index("customer_id").loc["12347"]
    facts = {fact["name"]: fact["value"] for fact in answer["facts"]}
    assert (facts["grade"], facts["frequency"]) == (row["grade"], row["frequency"])
    assert all({"id", "name", "value", "unit", "table", "version", "as_of"} <= set(fact) for fact in answer["facts"])

    cli.main(["ask", "What are VIP customers like?", *store])
    answer = json.loads(capsys.readouterr().out)
    assert (answer["language"], answer["intent"], answer["scope"]["grades"]) == ("en", "segment_profile", ["VIP"])


def test_verify_reads_the_rest_and_prints_nothing_but_json(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    before = len(shop.table("events"))
    shop.receive([b"not an order"])
    cli.main(["verify", "--store", str(shop.folder / "store"), "--json"])
    result = json.loads(capsys.readouterr().out)
    assert (result["received"], result["rejected"], result["mismatches"]) == (before + 1, 1, 0)


def test_a_question_to_no_store_ends_in_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        cli.main(["ask", "고객 12347 등급 알려줘", "--store", str(tmp_path), "--json"])
    assert end.value.code == 1
    assert json.loads(capsys.readouterr().out)["status"] == "unavailable"


def test_bad_messages_end_in_events_and_the_stream_goes_on(spark, tmp_path) -> None:
    shop = Shop(spark, tmp_path)
    good = messages(read_online_retail(DATA), Faults())[:40]
    event = decode(good[0].value)
    bad = {kind: spoil(event) for kind, spoil in MALFORMED.items()}
    for year in ("0001", "9999"):  # such a time must not make `events` unreadable for others
        bad[year] = encode({**event, "event_time": f"{year}-01-01T00:00:00Z"})
    shop.receive([message.value for message in good[:20]] + list(bad.values()))
    shop.run(NOW)
    shop.receive([message.value for message in good[20:]])
    shop.run(NOW)

    events = shop.table("events")
    refused = events[events["rejections"].str.len() > 0]
    assert sorted(refused["value"]) == sorted(bad.values())
    assert (refused["rejections"].str.len() == 1).all()
    assert shop.verify() == {
        "received": 40 + len(bad),
        "accepted": 40,
        "rejected": len(bad),
        "customers": events[(events["type"] == "placed") & (events["rejections"].str.len() == 0)][
            "customer_id"
        ].nunique(),
        **NOTHING_WRONG,
    }
