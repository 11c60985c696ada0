"""`dangol verify`: drain the stream, recompute every customer from `events`, compare."""

import time
from typing import Any

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from dangol.edges.days import wrong_days
from dangol.edges.forgotten import read_forgotten
from dangol.edges.losses import lost_ranges
from dangol.edges.manifest import holder, stop_flag
from dangol.edges.store import TableStore
from dangol.edges.stream import run_stream
from dangol.errors import StoreError
from dangol.orders.verification import conflicts, counts, mismatches, missing, repeated, shared_orders
from dangol.settings import Settings
from dangol.tables import EVENTS

STOP_SECONDS = 120
LISTED = 20


def verify(spark: SparkSession, settings: Settings) -> dict[str, Any]:
    """What a store holds, once all that is there is read.

    {received, accepted, rejected}: messages; {customers, mismatches}: with a purchase, and other than recomputed;
    {repeated, missing, lost}: positions of the bus that are in `events` twice, or not, or not by an accepted loss; what
    was forgotten is none of these;
    {late_days}: closed customer-days that repair-days would mend; {conflicts}: versions with two bodies;
    {shared_orders}: ids under several customers, of which the first LISTED are listed.
    Raises StoreError when the stream runs.
    """
    store = TableStore(spark, settings.store.path)
    if settings.source.kind != "files" or (settings.source.path and settings.source.path.is_dir()):
        run_stream(spark, settings, available_now=True)
    events, customers = store.read(EVENTS), store.customers_live()
    zone, ignored = settings.shop.timezone, settings.ingest.ignored_customers
    wrong = mismatches(events, customers, zone, settings.rfm.window_days, ignored)
    late = wrong_days(store, settings)
    shared = shared_orders(events)
    lost = lost_ranges(settings.store.checkpoints)
    totals: dict[str, Any] = counts(events).first().asDict()  # type: ignore[union-attr]
    return totals | {
        "customers": customers.where("frequency > 0").where(~F.col("customer_id").isin(*ignored)).count(),
        "mismatches": wrong.count(),
        "repeated": repeated(events).count(),
        "missing": missing(events, lost, read_forgotten(settings.store.checkpoints)),
        "lost": sum(after - first for _, first, after in lost),
        "late_days": late.count() if late else 0,
        "conflicts": conflicts(events, zone).count(),
        "shared_orders": shared.count(),
        "shared_orders_listed": {
            row["order_id"]: row["customer_ids"] for row in shared.orderBy("order_id").limit(LISTED).collect()
        },
    }


def make_way(settings: Settings, *, drain: bool) -> None:
    """Stops a running stream when `drain` is given. Raises StoreError when it is not given, or there is no store."""
    store = settings.store.path
    if not (store / EVENTS.name).exists():
        raise StoreError(f"{store} has no events; run dangol stream --store {store} first")
    driver = holder(settings.store.checkpoints)
    if driver is not None and not drain:
        raise StoreError(
            f"the stream runs as process {driver}; stop it first, or give --drain to stop it and read the rest"
        )
    stop(settings)


def stop(settings: Settings) -> int | None:
    """Asks the stream of a store to stop between two micro-batches and waits until it has; its process id, or none
    where none runs. Raises StoreError when it takes too long."""
    checkpoints = settings.store.checkpoints
    driver = holder(checkpoints)
    if driver is None:
        return None
    stop_flag(checkpoints).touch()
    deadline = time.monotonic() + STOP_SECONDS
    while holder(checkpoints) is not None:
        if time.monotonic() > deadline:
            raise StoreError(
                f"process {driver} did not stop within {STOP_SECONDS} s; look at its log in {settings.store.logs}"
            )
        time.sleep(0.2)
    return driver
