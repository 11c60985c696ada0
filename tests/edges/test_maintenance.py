"""Upkeep beside a running stream: everything that counts stays, what is old goes, and the stream goes on."""

import json
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from delta.exceptions import ConcurrentAppendException
from deltalake import DeltaTable, write_deltalake
from shop_fixture import Shop

from dangol.answers.queries import Query
from dangol.edges.changes import run_changes
from dangol.edges.lake import Lake
from dangol.edges.maintenance import LEFT, kept_hours, maintain, trim_log, unhurried, unread_from
from dangol.edges.manifest import QUERIES, Manifest, holder, write_manifest
from dangol.edges.producers import read_online_retail
from dangol.edges.simulate import Faults, messages
from dangol.edges.store import TableStore
from dangol.settings import Settings, load_settings
from dangol.tables import EVENTS

DATA = Path(__file__).parents[2] / "data" / "online_retail_2010_2011.parquet"
EVERYBODY = Query(
    "everybody", ("customers_live",), "select * from customers_live order by customer_id", {"ko": "", "en": ""}
)
LATER = "2012-06-15T00:00:00"


def hasty(settings: Settings) -> Settings:
    """Settings that remove what is not needed at once, which conf/base.yml does not allow."""
    return settings.model_copy(
        update={"maintain": settings.maintain.model_copy(update={"vacuum_hours": 0, "log_versions": 1})}
    )


def tick_rows(shop: Shop) -> pd.DataFrame:
    history = shop.table("customer_history")
    return history[history["cause"] == "tick"].sort_values(["customer_id", "batch_id"]).reset_index(drop=True)


def upkeep(shop: Shop) -> dict[str, Any]:
    settings = hasty(shop.settings(LATER))
    return maintain(TableStore(shop.spark, settings.store.path), settings, datetime.now(UTC) + timedelta(days=2))


@pytest.mark.spark
@pytest.mark.soak
def test_the_stream_goes_on_while_its_tables_are_kept(spark, shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = shop()
    orders = messages(read_online_retail(DATA), Faults())[:240]
    shop.receive(orders[:120])
    shop.run("2011-01-01T00:00:00")
    for day in ("2011-01-02T00:00:00", "2011-01-03T00:00:00"):
        shop.tick(day)
    shop.run("2011-01-03T00:00:00")
    customers = len(shop.table("customers"))
    assert len(tick_rows(shop)) == 2 * customers
    shop.tick("2011-01-04T00:00:00")  # not read yet
    shop.receive(orders[120:])
    for table in ("events", "customer_history", "inlet", "customers"):
        DeltaTable(shop.folder / "store" / table).create_checkpoint()
    lake = Lake(shop.folder / "store", refresh_seconds=0)
    before = lake.run(EVERYBODY).rows
    run_changes(shop.settings(), available_now=True)

    spark.conf.set("spark.databricks.delta.retentionDurationCheck.enabled", "false")
    with ThreadPoolExecutor(1) as thread:
        stream = thread.submit(shop.run, "2011-01-04T00:00:00")
        while holder(shop.settings().store.checkpoints) is None:
            time.sleep(0.01)
        first = upkeep(shop)
        stream.result()

    assert first["ticks"] == 2 * customers
    assert first["compacted"]["customer_history"] >= 5
    assert {"events", "customer_history", "customers"} <= set(first["vacuumed"])
    assert (shop.table("customers")["as_of"] == "2011-01-04T00:00:00Z").all()
    assert len(before) == customers
    assert first["compacted"].keys() >= {"changes", "deliveries"}
    assert run_changes(shop.settings(), available_now=True)["changes"] == 0
    fresh = Lake(shop.folder / "store", refresh_seconds=0)
    everybody = fresh.run(EVERYBODY).rows
    assert lake.run(EVERYBODY).rows == everybody

    assert first["thinned"] == LEFT

    unthinned = tick_rows(shop)
    second = upkeep(shop)  # the stream has stopped, and has read the last tick
    assert second["ticks"] == customers
    newest = unthinned.sort_values("batch_id").groupby("customer_id").tail(1)
    assert second["thinned"] == len(unthinned) - len(newest) > customers
    pd.testing.assert_frame_equal(tick_rows(shop), newest.sort_values("customer_id").reset_index(drop=True))
    assert lake.run(EVERYBODY).rows == everybody
    nothing = {"ticks": 0, "thinned": 0, "compacted": dict.fromkeys(second["compacted"], 0), "log_files": 0}
    assert upkeep(shop) == nothing | {"vacuumed": second["vacuumed"]}
    for table in ("events", "customer_history", "inlet", "customers"):
        assert first_of(shop.folder / "store" / table / "_delta_log") > 0
    shop.tick("2011-01-05T00:00:00")
    result = shop.verify()
    assert (result["received"], result["mismatches"], result["repeated"], result["late_days"]) == (240, 0, 0, 0)


def test_a_step_that_another_command_was_faster_than_is_left_for_the_next_time() -> None:
    def overtaken() -> int:
        raise ConcurrentAppendException("a concurrent WRITE added data")

    assert unhurried("a step", overtaken) == LEFT


def test_a_log_goes_before_the_oldest_version_that_is_kept_or_not_read(tmp_path: Path) -> None:
    settings = load_settings(overrides={"store.path": tmp_path / "store", "maintain.log_versions": 100})
    table = tmp_path / "store" / "events"
    for batch in range(131):
        write_deltalake(table, pa.table({"batch_id": [batch]}), mode="append")
        if batch in (10, 20, 40):
            DeltaTable(table).create_checkpoint()
    log = table / "_delta_log"
    read_to(settings, DeltaTable(table), version=15)
    trim_log(settings, table)
    assert first_of(log) == 10
    read_to(settings, DeltaTable(table), version=131)
    (log / ".00000000000000000012.json.crc").touch()
    (log / "00000000000000000010.json").unlink()  # as if killed after the first file
    assert trim_log(settings, table) == 11
    assert first_of(log) == 20
    assert trim_log(settings, table) == 0
    assert DeltaTable(table).to_pyarrow_table().num_rows == 131


def first_of(log: Path) -> int:
    return min(int(path.name.lstrip(".")[:20]) for path in log.iterdir() if path.name.lstrip(".")[:20].isdigit())


def read_to(settings: Settings, table: DeltaTable, version: int, *, at_first_start: bool = False) -> None:
    """A checkpoint of the query `days` that has read a table's versions before `version`."""
    checkpoints = settings.store.checkpoints
    manifest = Manifest(dict.fromkeys(QUERIES, 1), "2011-01-01T00:00:00+00:00", {})
    write_manifest(checkpoints, manifest)
    offset = {"reservoirId": table.metadata().id, "reservoirVersion": version, "isStartingVersion": at_first_start}
    for folder, lines in (("offsets", ["v1", '{"batchWatermarkMs":0}', json.dumps(offset)]), ("commits", ["v1", "{}"])):
        path = manifest.checkpoint(checkpoints, "days") / folder
        path.mkdir(parents=True, exist_ok=True)
        (path / "0").write_text("\n".join(lines), "utf-8")


def test_what_a_query_has_yet_to_read_is_known_from_its_checkpoint(tmp_path: Path) -> None:
    settings = load_settings(overrides={"store.path": tmp_path / "store"})
    table = tmp_path / "store" / "events"
    for batch in range(2):
        write_deltalake(table, pa.table({"batch_id": [batch]}), mode="append")
    events = DeltaTable(table)
    assert unread_from(settings, events) is None
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    read_to(settings, events, version=2)
    assert (unread_from(settings, events), kept_hours(settings, EVENTS, tomorrow + timedelta(days=9))) == (2, 24)
    read_to(settings, events, version=1)
    assert kept_hours(settings, EVENTS, tomorrow) == 26
    assert kept_hours(settings, EVENTS, tomorrow + timedelta(days=9)) == 242
    read_to(settings, events, version=1, at_first_start=True)
    assert (unread_from(settings, events), kept_hours(settings, EVENTS, tomorrow)) == (0, None)
    shutil.rmtree(settings.store.checkpoints / "days-1" / "commits")  # killed in its first micro-batch
    assert unread_from(settings, events) == 0
