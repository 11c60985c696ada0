"""`dangol verify`: drain the stream, recompute every customer from `events`, compare."""

import os
import signal
import time
from typing import Any

from pyspark.sql import SparkSession

from dangol.edges.manifest import holder
from dangol.edges.store import TableStore
from dangol.edges.stream import run_stream
from dangol.errors import StoreError
from dangol.orders.verification import counts, mismatches, repeated
from dangol.settings import Settings
from dangol.tables import EVENTS

STOP_SECONDS = 120


def verify(spark: SparkSession, settings: Settings) -> dict[str, int]:
    """{received, accepted, rejected, customers, mismatches, repeated} of a store, once all that is there is read.

    Raises StoreError when the stream runs.
    """
    store = TableStore(spark, settings.store.path)
    if settings.source.kind != "files" or (settings.source.path and settings.source.path.is_dir()):
        run_stream(spark, settings, available_now=True)
    events, customers = store.read(EVENTS), store.customers_live()
    wrong = mismatches(
        events, customers, settings.shop.timezone, settings.rfm.window_days, settings.ingest.ignored_customers
    )
    totals: dict[str, Any] = counts(events).first().asDict()  # type: ignore[union-attr]
    return totals | {
        "customers": customers.where("frequency > 0").count(),
        "mismatches": wrong.count(),
        "repeated": repeated(events).count(),
    }


def make_way(settings: Settings, *, drain: bool) -> None:
    """Stops a running stream when `drain` is given. Raises StoreError when it is not given, or there is no store."""
    store = settings.store.path
    if not (store / EVENTS.name).exists():
        raise StoreError(f"{store} has no events; run dangol stream --store {store} first")
    driver = holder(settings.store.checkpoints)
    if driver is None:
        return
    if not drain:
        raise StoreError(
            f"the stream runs as process {driver}; stop it first, or give --drain to stop it and read the rest"
        )
    os.kill(driver, signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    while holder(settings.store.checkpoints) is not None:
        if time.monotonic() > deadline:
            raise StoreError(
                f"process {driver} did not stop within {STOP_SECONDS} s; look at its log in {settings.store.logs}"
            )
        time.sleep(0.2)
