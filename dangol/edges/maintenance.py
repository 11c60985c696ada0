"""`dangol maintain`: old ticks, thinned history, compacted tables, files and logs that nothing needs any more.

Nothing that a query has yet to read is removed, however long the stream has been down. Each step is one commit, or
removes files that no longer belong to a table: killed anywhere, it is simply run again.
"""

import json
import math
import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
from delta.exceptions import (
    ConcurrentAppendException,
    ConcurrentDeleteDeleteException,
    ConcurrentDeleteReadException,
    ConcurrentWriteException,
    MetadataChangedException,
)
from delta.tables import DeltaTable as SparkDeltaTable
from deltalake import DeltaTable
from pyspark.sql import Window
from pyspark.sql import functions as F

from dangol.edges.checkpoints import progress
from dangol.edges.manifest import QUERIES, holder, read_manifest, write_json
from dangol.edges.store import TableStore
from dangol.edges.terminal import step
from dangol.orders.facts import shop_date
from dangol.settings import Settings
from dangol.tables import (
    AUDIENCE_MEMBERS,
    CHANGES,
    CUSTOMER_DAYS,
    CUSTOMER_HISTORY,
    CUSTOMERS,
    DECISIONS,
    DELIVERIES,
    EVENTS,
    FEEDBACK,
    INLET,
    SUMMARIES,
    TABLES,
    Table,
)

COMPACTED = (EVENTS, CUSTOMER_HISTORY, CUSTOMER_DAYS, CHANGES, DELIVERIES, AUDIENCE_MEMBERS, DECISIONS, FEEDBACK)
"""Not inlet: a query that begins anew reads a file of it in each micro-batch, so its files stay as small as written."""
FILE_BYTES = 256 * 2**20
TICK_AGE = timedelta(days=1)
"""A command may take its time between the moment that it writes into its ticks and their commit, but not a day."""
SNAPSHOT_HOURS = 1
"""The least age of an old file of `customers` and `summaries`, of which each rewrite leaves a whole copy behind."""
CONFLICTS = (
    ConcurrentAppendException,
    ConcurrentDeleteDeleteException,
    ConcurrentDeleteReadException,
    ConcurrentWriteException,
    MetadataChangedException,
)
LEFT = "left for the next time, when no other command changes the table"
LOG_FILE = re.compile(r"\.?(\d{20})\.")
CHECKPOINT_FILE = re.compile(r"(\d{20})\.checkpoint\.parquet")


def maintain(store: TableStore, settings: Settings, now: datetime) -> dict[str, Any]:
    """{ticks, thinned, compacted, vacuumed, log_files}: rows deleted of inlet and of customer_history, files that were
    put together, tables that were looked through for old files, files removed of the tables' logs.

    A step that another command has come in the way of is told as "left for the next time" and changes nothing. The
    stream may run meanwhile, but then the history is not thinned: a delete gives way to each append (a rebuild thins,
    too). `now` is the wall clock, an instant.
    """
    running = holder(settings.store.checkpoints) is not None
    store.create(*TABLES)
    steps: dict[str, tuple[str, Callable[[], Any]]] = {
        "ticks": ("ticks that the stream has read", lambda: delete_ticks(store, settings, now)),
        "thinned": ("old ticks' rows of customer_history", lambda: LEFT if running else thin(store, settings)),
        "compacted": ("small files put together", lambda: {table.name: compact(store, table) for table in COMPACTED}),
        "vacuumed": ("files that left their tables", lambda: vacuum(store, settings, now)),
        "log_files": ("logs of old versions", lambda: trim_logs(settings)),
    }
    return {name: unhurried(title, work) for name, (title, work) in steps.items()}


def unhurried(title: str, work: Callable[[], Any]) -> Any:
    with step(title):
        try:
            return work()
        except CONFLICTS:  # the other command's work counts more, and nothing was changed
            return LEFT


def unread_from(settings: Settings, table: DeltaTable) -> int | None:
    """The least version of a table that a query has not read to its end; 0 while one reads what was there at its first
    start; none when no query reads the table."""
    manifest = read_manifest(settings.store.checkpoints)
    if manifest is None:
        return None
    identity, found = table.metadata().id, list[int]()
    for query in QUERIES:
        checkpoint = manifest.checkpoint(settings.store.checkpoints, query)
        read = progress(checkpoint)
        if read is None and (checkpoint / "offsets" / "0").exists():  # its first micro-batch will be run again
            return 0
        for offset in read.offsets if read else ():
            if isinstance(offset, dict) and offset.get("reservoirId") == identity:
                found.append(0 if offset["isStartingVersion"] else int(offset["reservoirVersion"]))
    return min(found, default=None)


def delete_ticks(store: TableStore, settings: Settings, now: datetime) -> int:
    """Deletes the ticks that are older than TICK_AGE and than every tick that a query has not read; how many."""
    inlet = DeltaTable(store.path(INLET))
    unread = unread_from(settings, inlet)
    if not unread:
        return 0
    written = files(inlet, "min.enqueued_time")
    read = files(DeltaTable(store.path(INLET), version=unread - 1), "min.enqueued_time")
    not_read = [earliest for path, earliest in written.items() if path not in read]
    if None in not_read:
        return 0
    before = min([now - TICK_AGE, *not_read])
    old = (F.col("kind") == "tick") & (F.col("enqueued_time") < F.lit(before))
    count = store.read(INLET).where(old).count()
    if count:
        SparkDeltaTable.forPath(store.spark, str(store.path(INLET))).delete(old)
    return count


def files(table: DeltaTable, statistic: str) -> dict[str, Any]:
    """By path of each file of a table's version: a column's statistic, none where the writer kept none."""
    actions = pa.table(table.get_add_actions(flatten=True))
    paths = actions["path"].to_pylist()
    values = actions[statistic].to_pylist() if statistic in actions.column_names else [None] * len(paths)
    return dict(zip(paths, values, strict=True))


def thin(store: TableStore, settings: Settings) -> int:
    """Of the rows that daily ticks wrote in months that lie wholly before history.tick_days, keeps each customer's
    newest of the month, and so every customer's newest of all; how many rows it deletes.

    The first month that is not thinned yet is written down beside the checkpoints: the whole history is looked through
    once a month.
    """
    note = settings.store.checkpoints / "thinned.json"
    before = (settings.today - timedelta(days=settings.history.tick_days)).replace(day=1)
    if note.exists() and date.fromisoformat(json.loads(note.read_text("utf-8"))["before"]) >= before:
        return 0
    day = shop_date(F.col("as_of"), settings.shop.timezone)
    month = Window.partitionBy("customer_id", F.trunc(day, "month"))
    newest = F.row_number().over(month.orderBy(F.desc("generation"), F.desc("batch_id")))
    old = store.read(CUSTOMER_HISTORY).where((F.col("cause") == "tick") & (day < F.lit(before)))
    spare = old.withColumn("place", newest).where("place > 1").select("customer_id", "generation", "batch_id")
    count = spare.count()
    if count:
        table = SparkDeltaTable.forPath(store.spark, str(store.path(CUSTOMER_HISTORY))).alias("history")
        same = " and ".join(f"history.{name} = spare.{name}" for name in spare.columns)
        table.merge(spare.alias("spare"), same).whenMatchedDelete().execute()
    write_json(note, {"before": before.isoformat()})
    return count


def compact(store: TableStore, table: Table) -> int:
    """Puts small files together, without changing a row; how many files there are fewer. Files of half of FILE_BYTES
    and more are left alone, so that a row is rewritten a few times and not every time."""
    store.spark.conf.set("spark.databricks.delta.optimize.maxFileSize", FILE_BYTES)
    store.spark.conf.set("spark.databricks.delta.optimize.minFileSize", FILE_BYTES // 2)
    done = SparkDeltaTable.forPath(store.spark, str(store.path(table))).optimize().executeCompaction()
    metrics = done.select("metrics.*").first()
    return int(metrics["numFilesRemoved"] - metrics["numFilesAdded"])  # type: ignore[index]


def vacuum(store: TableStore, settings: Settings, now: datetime) -> list[str]:
    """Removes the files that left their tables long enough ago; the names of the tables."""
    # a task lists some folders: by default there are 10,000 tasks, for a table of one folder too
    cores = store.spark.sparkContext.defaultParallelism
    store.spark.conf.set("spark.sql.sources.parallelPartitionDiscovery.parallelism", cores)
    done = []
    for table in TABLES:
        hours = kept_hours(settings, table, now)
        if hours is not None:
            SparkDeltaTable.forPath(store.spark, str(store.path(table))).vacuum(hours)
            done.append(table.name)
    return done


def kept_hours(settings: Settings, table: Table, now: datetime) -> int | None:
    """How old a file must be to go: at least so old that it was there before the first version that a query has not
    read; none while a query reads what was there at its first start."""
    least = SNAPSHOT_HOURS if table in (CUSTOMERS, SUMMARIES) else settings.maintain.vacuum_hours
    path = settings.store.path / table.name
    delta = DeltaTable(path)
    unread = unread_from(settings, delta)
    if unread is None or unread > delta.version():
        return least
    if unread == 0:
        return None
    committed = (path / "_delta_log" / f"{unread:020d}.json").stat().st_mtime
    return max(least, math.ceil((now.timestamp() - committed) / 3600) + 1)


def trim_logs(settings: Settings) -> int:
    """Removes of each table's log what stands before the checkpoint that maintain.log_versions begin with, and that no
    query has yet to read; how many files. Needs no Spark.

    Each commit lists the whole log: of 5,000 versions it takes three times as long.
    """
    tables = [settings.store.path / table.name for table in TABLES]
    return sum(trim_log(settings, table) for table in tables if (table / "_delta_log").is_dir())


def trim_log(settings: Settings, table: Path) -> int:
    log = [(int(found[1]), path) for path in (table / "_delta_log").iterdir() if (found := LOG_FILE.match(path.name))]
    newest = max(version for version, _ in log)
    checkpoints = [
        version
        for version, path in log
        if CHECKPOINT_FILE.fullmatch(path.name) and version <= newest - settings.maintain.log_versions
    ]
    if not any(version < max(checkpoints, default=0) for version, _ in log):
        return 0
    unread = unread_from(settings, DeltaTable(table))
    first = max((version for version in checkpoints if unread is None or version < unread), default=0)
    gone = sorted((version, path) for version, path in log if version < first)
    for _, path in gone:  # oldest first: what is left is whole, wherever this is killed
        path.unlink(missing_ok=True)
    return len(gone)
