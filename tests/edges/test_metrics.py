"""What metrics.json says, by progress that Spark told: of the stream over files and a broker, and of a daily window."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from deltalake import write_deltalake

from dangol.edges import metrics
from dangol.edges.metrics import NOTHING, Document, TableFiles, idle, read_metrics, started, stopped, write_metrics
from dangol.tables import EVENTS

TOLD = json.loads((Path(__file__).parents[1] / "data" / "progress.json").read_text("utf-8"))


def counted(document: Document, progress: dict[str, Any], now: datetime | None = None) -> Document:
    return metrics.counted(document, progress, ZoneInfo("Asia/Seoul"), now)


def told(name: str, batch_id: int, source: str = "Kafka", **changes: Any) -> dict[str, Any]:
    """The progress of a query over files or a broker, changed as said."""
    progress = next(
        one
        for one in TOLD
        if (one["name"], one["batchId"]) == (name, batch_id) and one["sources"][0]["description"].startswith(source)
    )
    return {**progress, **changes}


def test_messages_are_counted_with_the_fields_that_they_were_refused_for() -> None:
    document = counted(NOTHING, told("ledger", 0, "File"))
    messages = document["messages"]
    assert (messages["batch_id"], messages["accepted"], messages["rejected"]) == (0, 1000, 13)
    assert {field: count for field, count in messages["rejected_by_field"].items() if count} == {
        "order_id": 1,
        "type": 1,
        "event_time": 1,
        "amount": 2,
        "currency": 1,
        "message": 7,
    }
    assert messages["last_event_time"] == "2010-12-10T11:19:00+00:00"


def test_lag_is_the_latest_event_before_the_batch_or_before_the_fixed_clock() -> None:
    progress = told("ledger", 0, "File", timestamp="2010-12-10T12:00:00.000Z")
    assert counted(NOTHING, progress)["messages"]["event_time_lag_seconds"] == 41 * 60
    fixed = counted(NOTHING, progress, datetime(2010, 12, 10, 11, 20, tzinfo=UTC))
    assert fixed["messages"]["event_time_lag_seconds"] == 60


def test_batches_add_up_and_none_counts_twice() -> None:
    document = NOTHING
    for batch_id in (0, 1, 1, 2, 0, 2):  # told twice, and told late
        document = counted(document, told("ledger", batch_id))
    assert document["messages"]["accepted"] == 398 + 398 + 204
    assert document["queries"]["ledger"]["batch_id"] == 2


def test_a_batch_that_a_restart_repeats_counts_once() -> None:
    told_before = counted(NOTHING, told("ledger", 0))
    checkpoint = told("ledger", 0)["id"]
    document = started(stopped(told_before), "ledger", checkpoint, "2026-01-01T00:00:00.000Z")
    document = counted(document, told("ledger", 0, runId="another"))
    assert document["messages"] == told_before["messages"]
    assert document["queries"]["ledger"]["running"]


def test_what_was_counted_from_events_is_not_counted_when_told() -> None:
    messages = {**NOTHING["messages"], "generation": 1, "batch_id": 1, "accepted": 796}
    document = {**NOTHING, "generations": {"ledger": 1}, "messages": messages}
    document = counted(document, told("ledger", 1))
    assert document["messages"]["accepted"] == 796
    assert counted(document, told("ledger", 2))["messages"]["accepted"] == 1000
    rebuilt = {**document, "generations": {"ledger": 2}}
    assert counted(rebuilt, told("ledger", 0, id="new"))["messages"]["accepted"] == 796 + 398


def test_a_new_checkpoint_begins_a_new_state_and_keeps_what_was_dropped() -> None:
    document = counted(NOTHING, told("grades", 0))
    assert document["queries"]["grades"]["longest"] == {"customer_id": "17850", "orders": 34}
    document["queries"]["grades"]["dropped_by_watermark"] = 3
    document = started(document, "grades", "new", "2026-01-01T00:00:00.000Z")
    assert document["queries"]["grades"] == {
        "id": "new",
        "dropped_by_watermark": 3,
        "running": True,
        "seen_at": "2026-01-01T00:00:00.000Z",
    }
    document = counted(document, told("grades", 0, id="new", observedMetrics={"states": {"touched": 0}}))
    assert document["queries"]["grades"]["longest"] is None


def test_the_longest_state_is_the_longest_of_all_batches() -> None:
    document = NOTHING
    for batch_id in range(3):  # 34 of 17850, then 14 and 18 of 12748
        document = counted(document, told("grades", batch_id))
    assert metrics.longest_state(document) == {"customer_id": "17850", "orders": 34}


def test_backlog_is_what_the_broker_has_and_the_batch_does_not_reach() -> None:
    query = counted(NOTHING, told("grades", 0))["queries"]["grades"]
    assert query["backlog"] == {"orders/0": 128, "orders/1": 138, "orders/2": 150, "orders/3": 186}
    assert query["input_rows"] == 398
    assert counted(NOTHING, told("grades", 1, "File"))["queries"]["grades"]["backlog"] == {}


def test_an_idle_query_lives_and_has_nothing_left() -> None:
    progress = told("grades", 0)
    document = idle(counted(NOTHING, progress), progress["id"], "2026-01-01T00:00:00.000Z")
    query = document["queries"]["grades"]
    assert (query["seen_at"], query["input_rows_per_second"]) == ("2026-01-01T00:00:00.000Z", 0.0)
    assert set(query["backlog"].values()) == {0}
    assert query["timestamp"] == progress["timestamp"]


def test_state_and_the_tables_that_a_query_reads() -> None:
    query = counted(NOTHING, told("grades", 1, "File"))["queries"]["grades"]
    assert query["state_rows"] is None  # Spark does not count them: trackTotalNumberOfRows costs a read per write
    assert query["state_bytes"] == 2_101_440
    assert query["table_offset"] == {"inlet": 2}
    assert counted(NOTHING, told("ledger", 0))["queries"]["ledger"]["state_bytes"] is None


def test_watermark_and_what_it_dropped() -> None:
    document = NOTHING
    for progress in (one for one in TOLD if one["name"] == "days"):
        document = counted(document, progress)
    query = document["queries"]["days"]
    assert query["watermark"] == "2011-05-04T12:00:00+09:00"  # the shop's wall time
    assert query["dropped_by_watermark"] == 1


def test_the_document_is_read_as_written_and_what_cannot_be_read_is_nothing(tmp_path: Path) -> None:
    assert read_metrics(tmp_path) == NOTHING
    document = counted(NOTHING, told("ledger", 0))
    write_metrics(tmp_path, document)
    assert read_metrics(tmp_path) == document
    (tmp_path / "metrics.json").write_text('{"messages": ', "utf-8")
    assert read_metrics(tmp_path) == NOTHING
    assert NOTHING["messages"]["accepted"] == 0


def test_who_is_ignored_now_is_the_longest_no_more() -> None:
    document = counted(NOTHING, told("grades", 0))
    assert metrics.longest_state(metrics.without(document, ["12748"])) == {"customer_id": "17850", "orders": 34}
    assert metrics.longest_state(metrics.without(document, ["17850"])) is None


@pytest.fixture
def append(tmp_path: Path) -> Any:
    def rows(generation: int, *batches: int) -> None:
        columns = {"generation": [generation] * len(batches), "batch_id": list(batches)}
        write_deltalake(tmp_path / EVENTS.name, pa.table(columns), mode="append")

    return rows


def test_files_are_counted_by_a_table_that_stays_open(tmp_path: Path, append: Any) -> None:
    files = TableFiles(tmp_path)
    assert files.look() == {}
    append(1, 0, 0)
    append(1, 1)
    found = files.look()["events"]
    assert (found["version"], found["files"], found["rows"]) == (1, 2, 3)
    append(1, 2)
    assert files.look()["events"]["files"] == 3


def test_rows_after_a_position_are_found_by_statistics(tmp_path: Path, append: Any) -> None:
    files = TableFiles(tmp_path)
    assert not files.may_go_beyond("events", (0, -1))
    append(1, 0, 1)
    append(2, 0)
    positions = [(0, -1), (1, 1), (2, 0), (3, 0)]
    assert [files.may_go_beyond("events", position) for position in positions] == [True, True, False, False]
