"""`dangol repair-days`: what came after its day was closed is brought into customer_days."""

from delta.exceptions import ConcurrentAppendException, ConcurrentDeleteReadException
from delta.tables import DeltaTable
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from dangol.edges.checkpoints import first_open_day
from dangol.edges.manifest import read_manifest
from dangol.edges.store import TableStore
from dangol.orders.days import days_before
from dangol.orders.facts import facts
from dangol.settings import Settings
from dangol.tables import CUSTOMER_DAYS, EVENTS

TRIES = 5
KINDS = ("added", "changed", "removed")


def repair_days(store: TableStore, settings: Settings) -> dict[str, int]:
    """How many customer-days of closed days were added, changed and removed to make the table what `events` says.

    The stream may run meanwhile: it appends days that were open when this began, and those are left alone.
    """
    for tries_left in reversed(range(TRIES)):
        wrong = wrong_days(store, settings)
        found = {row["kind"]: int(row["count"]) for row in wrong.groupBy("kind").count().collect()} if wrong else {}
        try:
            if wrong and found:
                merge(store, wrong)
            break
        except (ConcurrentAppendException, ConcurrentDeleteReadException):
            # the stream has closed a day meanwhile, or upkeep has rewritten files: look again
            if not tries_left:
                raise
    return {kind: found.get(kind, 0) for kind in KINDS}


def wrong_days(store: TableStore, settings: Settings) -> DataFrame | None:
    """Columns of customer_days as they should be and `kind` (added, changed, removed) of the rows of closed days that
    are otherwise; none where no day is closed."""
    manifest = read_manifest(settings.store.checkpoints)
    open_from = manifest and first_open_day(manifest.checkpoint(settings.store.checkpoints, "days"))
    if not open_from:
        return None
    known = facts(store.read(EVENTS), settings.shop.timezone, settings.ingest.ignored_customers)
    expected = days_before(known, open_from).alias("expected")
    there = store.read(CUSTOMER_DAYS).where(F.col("day") < F.lit(open_from)).alias("there")
    kind = (
        F.when(F.col("there.day").isNull(), "added")
        .when(F.col("expected.day").isNull(), "removed")
        .when(~F.col("expected.facts").eqNullSafe(F.col("there.facts")), "changed")
    )
    by_day = expected.join(there, ["customer_id", "day"], "full")
    columns = [F.col(f"expected.{name}") for name in ("orders", "gross", "returned", "facts")]
    return by_day.select("customer_id", "day", *columns, kind.alias("kind")).where("kind is not null")


def merge(store: TableStore, wrong: DataFrame) -> None:
    columns = ("customer_id", "day", "orders", "gross", "returned", "facts")
    columns = ("customer_id", "day", "orders", "gross", "returned", "facts")
    repaired: dict[str, str | Column] = {
        "generation": "null",
        "batch_id": "null",
        **{name: f"wrong.{name}" for name in columns},
    }
    table = DeltaTable.forPath(store.spark, str(store.path(CUSTOMER_DAYS))).alias("days")
    (
        table.merge(wrong.alias("wrong"), "days.customer_id = wrong.customer_id and days.day = wrong.day")
        .whenMatchedDelete("wrong.kind = 'removed'")
        .whenMatchedUpdate(set=repaired)
        .whenNotMatchedInsert(values=repaired)
        .execute()
    )
