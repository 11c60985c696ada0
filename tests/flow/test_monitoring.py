"""The stream's own numbers against the tables that it wrote."""

from collections import Counter
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from pyspark.sql import SparkSession
from shop_fixture import Shop
from structlog.testing import capture_logs

from dangol.edges.broker import free_port
from dangol.edges.exporter import endpoint
from dangol.edges.metrics import read_metrics
from dangol.edges.producers import read_online_retail
from dangol.edges.simulate import Faults, messages
from dangol.edges.status import status
from dangol.edges.stream import run_stream
from dangol.orders.simulation import MALFORMED, decode

pytestmark = pytest.mark.spark

DATA = Path(__file__).parents[2] / "data" / "online_retail_2010_2011.parquet"
NOW = "2010-12-06T00:00:00"


def repeat_last_batch(checkpoint: Path) -> int:
    """Has the next start repeat the last batch, as after a crash between its append and its commit; its id."""
    commits = {int(path.name): path for path in (checkpoint / "commits").iterdir() if path.name.isdigit()}
    commits[max(commits)].unlink()
    return max(commits)


def test_what_is_counted_is_what_the_tables_hold(spark: SparkSession, tmp_path: Path) -> None:
    shop = Shop(spark, tmp_path, ingest__max_files_per_batch=1)
    good = [message.value for message in messages(read_online_retail(DATA), Faults())[:90]]
    bad = [spoil(decode(good[0])) for spoil in MALFORMED.values()]
    for part in (good[:30] + bad, bad[:3], good[30:]):
        shop.receive(part)
    settings = shop.settings(NOW)
    checkpoints = settings.store.checkpoints

    with capture_logs() as logs, endpoint(free_port(), checkpoints) as served:
        run_stream(spark, settings, available_now=True, endpoint=served)
        assert served["url"]
        text = httpx.get(served["url"]).text

    events = shop.table("events").assign(refused=lambda rows: rows["rejections"].str.len() > 0)
    by_batch = events.groupby("batch_id")["refused"].agg(["size", "sum"])
    told = {log["batch"]: log for log in logs if log["event"] == "batch" and log["query"] == "ledger"}
    assert {batch: (log["received"], log["rejected"]) for batch, log in told.items()} == {
        batch: (row["size"], row["sum"]) for batch, row in by_batch.iterrows()
    }
    assert all(log["received"] == log["accepted"] + log["rejected"] for log in told.values())
    assert len(told) == 3

    found = read_metrics(checkpoints)
    counts = found["messages"]
    assert (counts["accepted"], counts["rejected"]) == (90, 16)
    known = set(counts["rejected_by_field"]) - {"message"}
    words = [sentence.partition(" ")[0] for sentence in events["rejections"].explode().dropna()]
    fields = Counter(word if word in known else "message" for word in words)
    assert {field: count for field, count in counts["rejected_by_field"].items() if count} == fields

    samples = {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    assert samples["dangol_messages_total", "rejected"] == 16
    assert samples["dangol_table_rows", "events"] == len(events)
    assert samples["dangol_table_rows", "customers"] == samples["dangol_state_rows", "grades"]
    assert samples["dangol_query_running", "days"] == 0
    assert samples["dangol_backlog_versions", "days", "events"] == 0

    longest = found["queries"]["grades"]["longest"]
    accepted = events[~events["refused"]].drop_duplicates(["customer_id", "order_id", "event_id", "version", "type"])
    assert longest["orders"] == accepted["customer_id"].value_counts().max()
    shown = status(settings)
    assert shown["longest"] == longest
    assert shown["messages"]["received"] == len(events)
    assert shown["queries"]["days"]["watermark"]

    # what a killed driver had not told of is counted from the table, and a repeated batch not again
    (checkpoints / "metrics.json").unlink()
    repeated = {name: repeat_last_batch(checkpoints / f"{name}-1") for name in ("ledger", "grades")}
    shop.receive(bad[:2])
    with capture_logs() as logs:
        shop.run(NOW)
    batches = [(log["query"], log["batch"]) for log in logs if log["event"] == "batch" and log["query"] in repeated]
    assert sorted(batches) == sorted((name, last + more) for name, last in repeated.items() for more in (0, 1))
    again = read_metrics(checkpoints)
    assert (again["messages"]["accepted"], again["messages"]["rejected"]) == (90, 18)
    assert again["queries"]["grades"]["longest"] == longest
    assert len(shop.table("events")) == len(events) + 2
