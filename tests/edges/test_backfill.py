"""Past orders of a file: through the inlet, once, whether the stream runs or not."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path

import pytest

from dangol.edges.backfill import backfill
from dangol.edges.manifest import holder, stop_flag
from dangol.edges.stream import run_stream
from dangol.errors import SourceError, StoreError
from dangol.orders.simulation import encode

NOW = "2011-01-20T00:00:00"


def order(number: int, day: int) -> bytes:
    event = {"event_id": f"e{number}", "type": "placed", "order_id": f"o{number}", "customer_id": "1"}
    return encode(event | {"event_time": f"2011-01-{day:02d}T12:00:00Z", "amount": "1.5000", "currency": "GBP"})


def file_of(path: Path, *lines: bytes) -> Path:
    path.write_bytes(b"".join(line + b"\n" for line in lines))
    return path


def wait_until(condition: Callable[[], bool]) -> None:
    while not condition():
        time.sleep(0.05)


@pytest.mark.spark
def test_a_file_enters_once_and_its_closed_days_are_repaired(spark, shop, tmp_path: Path) -> None:
    shop = shop(ingest__max_messages_per_batch=10, stream__ledger_seconds=0)
    settings = shop.settings(NOW)
    past = file_of(tmp_path / "past.jsonl", *(order(number, 2) for number in range(24)), b"no order")
    with pytest.raises(StoreError, match="no stream has run on"):
        backfill(spark, settings, past)
    shop.receive([order(100, 5), order(101, 15)])
    shop.run(NOW)

    with pytest.raises(SourceError, match="is empty"):
        backfill(spark, settings, file_of(tmp_path / "none.jsonl"))
    first = backfill(spark, settings, past)
    assert (first["messages"], first["written"]) == (25, 25)
    assert first["days"] == {"added": 1, "changed": 0, "removed": 0}
    assert backfill(spark, settings, past) == first | {"written": 0, "days": dict.fromkeys(first["days"], 0)}

    # beside a running stream: it is waited for
    more = file_of(tmp_path / "more.jsonl", *(order(number, 3) for number in range(200, 212)))
    checkpoints = settings.store.checkpoints
    with ThreadPoolExecutor(1) as thread:
        stream = thread.submit(run_stream, spark, settings, available_now=False)
        try:
            wait_until(lambda: holder(checkpoints) is not None or stream.done())
            assert backfill(spark, settings, more)["written"] == 12
        finally:
            stop_flag(checkpoints).touch()
        stream.result()

    assert sorted(shop.table("inlet").groupby("origin").size()) == [12, 25]
    events = shop.table("events")
    filled = events[events["source"] == "inlet"]
    assert filled[filled["source_partition"] == first["origin"]]["source_offset"].sort_values().tolist() == [*range(25)]
    assert filled.groupby("batch_id").size().max() <= 10
    (customer,) = shop.customers().to_dict("records")
    assert (customer["frequency"], customer["monetary"]) == (38, Decimal("57.0000"))
    result = shop.verify()
    assert (result["received"], result["rejected"], result["mismatches"], result["repeated"]) == (39, 1, 0, 0)
    assert result["late_days"] == 0
