"""`dangol backfill`: the orders of a file, through the inlet into the stream and into customer_days."""

import hashlib
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
from deltalake import DeltaTable
from pyspark.sql import SparkSession

from dangol.edges import inlet
from dangol.edges.days import repair_days
from dangol.edges.manifest import holder, read_manifest
from dangol.edges.producers import read_orders
from dangol.edges.store import TableStore
from dangol.edges.stream import run_stream
from dangol.edges.terminal import counted, say
from dangol.errors import SourceError, StoreError
from dangol.orders.simulation import encode
from dangol.settings import Settings
from dangol.tables import EVENTS

POLL_SECONDS = 0.5


def backfill(spark: SparkSession, settings: Settings, data: Path, *, wait: bool = True) -> dict[str, Any]:
    """{origin, messages, written, days}: what a file brought, once `events` has all of it and its days are repaired.
    Without `wait` the rest is left to a running stream and to repair-days, and `days` is null.

    Each line is a message, good or bad. A file is known by its content: `written` is 0 when it has been written before,
    then only what is missing of the rest is done, so a call that was broken off is called again.
    Raises StoreError when no stream has run on the store, or it stops before it has read all; SourceError when the file
    cannot be read.
    """
    if read_manifest(settings.store.checkpoints) is None:
        raise StoreError(f"no stream has run on {settings.store.path}; run dangol stream first: it settles the rules")
    lines = [encode(line) if isinstance(line, dict) else line for line in read_orders(data)]
    if not lines:
        raise SourceError(f"{data} is empty; expected a Parquet file of Online Retail or JSON Lines of orders")
    origin = f"backfill/{hashlib.sha256(data.read_bytes()).hexdigest()[:16]}"
    store = TableStore(spark, settings.store.path)
    new = not inlet.entered(store, origin)
    if new:
        rows = inlet.orders(store, lines, "backfill", origin, datetime.now(UTC))
        inlet.enter(store, rows, settings.ingest.max_messages_per_batch, (origin, 0))
    else:
        say(f"{data} has been written to the inlet before; nothing is written again")
    result = {"origin": origin, "messages": len(lines), "written": len(lines) if new else 0}
    if not wait:
        return result | {"days": None}
    if holder(settings.store.checkpoints) is None:
        run_stream(spark, settings, available_now=True)
    wait_for(settings, origin, len(lines))
    return result | {"days": repair_days(store, settings)}


def wait_for(settings: Settings, origin: str, total: int) -> None:
    """Until `events` has `total` messages of an origin of the inlet. Raises StoreError when the stream stops before."""
    events = DeltaTable(settings.store.path / EVENTS.name)
    found = arrived(events, origin)
    with counted("orders through the stream", total) as advance:
        advance(len(found))
        while len(found) < total:
            running = holder(settings.store.checkpoints)
            version = events.version()
            events.update_incremental()
            if events.version() > version:
                before = len(found)
                found |= arrived(events, origin, after=version)
                advance(len(found) - before)
            elif running is None:
                raise StoreError(
                    f"the stream stopped when {len(found)} of {total} messages had arrived; "
                    "the rest is safe in the inlet: run the same command again"
                )
            else:
                time.sleep(POLL_SECONDS)


def arrived(events: DeltaTable, origin: str, after: int | None = None) -> set[int]:
    """The positions of an origin that `events` has; with `after`, those that came after that version."""
    wanted = f"source = 'inlet' and source_partition = '{origin}'"
    rows = (
        events.scan(columns=["source_offset"], predicate=wanted)
        if after is None
        else events.load_cdf(starting_version=after + 1, columns=["source_offset"], predicate=wanted)
    )
    return set(pa.table(rows)["source_offset"].to_pylist())
