"""`dangol rebuild`: the checkpoints of a store made anew from `events`, which they are a cache of."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyspark.sql import DataFrame

from dangol.edges import sinks, sources
from dangol.edges.checkpoints import progress
from dangol.edges.days import repair_days
from dangol.edges.forgotten import read_forgotten
from dangol.edges.inlet import tick
from dangol.edges.maintenance import thin
from dangol.edges.manifest import QUERIES, Manifest, only_driver, read_manifest, write_manifest, write_settings
from dangol.edges.store import TableStore
from dangol.edges.stream import days_query, grades_query, identity, ledger_query, run, source, stop_asked
from dangol.edges.terminal import step
from dangol.errors import StoreError
from dangol.orders.facts import seeds
from dangol.orders.seed import kept
from dangol.settings import Settings
from dangol.tables import CUSTOMER_DAYS, CUSTOMER_HISTORY, EVENTS, INLET, SEED, TABLES

EPOCH = date(1970, 1, 1)


def rebuild(store: TableStore, settings: Settings) -> dict[str, int]:
    """{generation, facts, customers}: a new generation of the state from `events`; the customers will be written anew.

    Nothing is appended to `events` but what the source still has for it, and nothing to `customer_history`: a tick per
    customer waits in the inlet for the stream's next start. What is killed half-way changes nothing that counts: the
    old checkpoints stay in force until the new ones are complete.
    Raises StoreError when the stream runs, or there are no events.
    """
    checkpoints = settings.store.checkpoints
    if not store.path(EVENTS).exists():
        raise StoreError(f"{store.root} has no events to rebuild from; run dangol stream --store {store.root} first")
    with only_driver(checkpoints), stop_asked(checkpoints) as stopping:
        store.create(*TABLES)
        manifest = renewed(store, settings)
        inlet_version = store.version(INLET)
        with step("old ticks' rows of customer_history"):
            thin(store, settings)
        with step("ledger: what has not been written to events yet"):
            drain_ledger(store, settings, manifest, stopping)
        with step("the seed: the facts of events that the state needs"):
            seed = write_seed(store, settings, manifest)
        with step("the state, from the seed"):
            drain_grades(store, settings, manifest, inlet_version, stopping)
        with step("customer_days"):
            run([days_query(store, settings, manifest)], store, settings, stopping, available_now=True)
        if stopping():
            raise StoreError("the rebuild was stopped before its end; the checkpoints are as before, run it again")
        with step("a tick for every customer"):
            customers = tick(store, settings.today, "rebuild", settings.tick.customers_per_file, also=seed)
        write_manifest(checkpoints, manifest)
        write_settings(store.root, settings.remembered())
        remove_old(store, checkpoints, manifest)
        repair_days(store, settings)
        return {"generation": manifest.generation, "facts": seed.count(), "customers": customers}


def renewed(store: TableStore, settings: Settings) -> Manifest:
    """The manifest as it will be: always a new checkpoint of grades; of ledger and days where theirs is gone or was
    made with something else."""
    checkpoints, asked = settings.store.checkpoints, identity(store.spark, settings)
    found = read_manifest(checkpoints)
    used = [store.last_generation(table) for table in (EVENTS, CUSTOMER_HISTORY, CUSTOMER_DAYS)]
    generation = 1 + max(*used, *(found.generations.values() if found else ()))
    fits = {
        "grades": (),
        "ledger": ("source.kind", "source.topic", "shuffle partitions"),
        "days": ("shop.timezone", "shuffle partitions"),
    }

    def lives(query: str) -> bool:
        made_with: dict[str, Any] = found.identity if found else {}
        return (
            query != "grades"
            and found is not None
            and progress(found.checkpoint(checkpoints, query)) is not None
            and all(made_with.get(name) == asked.get(name) for name in fits[query])
        )

    generations = {query: found.generations[query] if found and lives(query) else generation for query in QUERIES}
    manifest = Manifest(generations, datetime.now(UTC).isoformat(), asked)
    if found:
        manifest = replace(manifest, days_after=found.days_after, outgrown=found.outgrown)
    if generations["days"] == generation:
        last = store.last_day()
        manifest = replace(manifest, days_after=last.isoformat() if last else None)
    for query in QUERIES:
        if generations[query] == generation:  # an earlier rebuild may have been killed
            shutil.rmtree(manifest.checkpoint(checkpoints, query), ignore_errors=True)
    shutil.rmtree(store.path(SEED) / str(generation), ignore_errors=True)
    return manifest


def drain_ledger(store: TableStore, settings: Settings, manifest: Manifest, stopping: Callable[[], bool]) -> None:
    """Reads the rest into `events`. A new checkpoint reads all that the source has; what is there is left out, and what
    was there of a customer who was forgotten."""
    messages = sources.messages(source(store.spark, settings), sources.from_inlet(store.spark, store.path(INLET)))
    query = ledger_query(store, messages, settings, manifest)
    if progress(query.checkpoint) is None:
        known = store.at(EVENTS, store.version(EVENTS)).select("message_id")
        ids = pa.array(read_forgotten(settings.store.checkpoints).values(), pa.string())
        forgotten = store.spark.createDataFrame(pa.table({"message_id": ids}))
        query.rows = query.rows.join(known.union(forgotten), "message_id", "left_anti")
    run([query], store, settings, stopping, available_now=True)


def write_seed(store: TableStore, settings: Settings, manifest: Manifest) -> DataFrame:
    """(customer_id, fact, enqueued_time, cause): the rows of SEED of the new generation, written and read again."""
    events = store.at(EVENTS, store.version(EVENTS))
    known = seeds(events, settings.shop.timezone, settings.ingest.ignored_customers)
    today = (settings.today - EPOCH).days
    path = str(store.path(SEED) / str(manifest.generation))
    kept(known, today, max(settings.state.kept_days, settings.rfm.window_days)).write.format("delta").save(path)
    return store.spark.read.format("delta").load(path)


def drain_grades(
    store: TableStore, settings: Settings, manifest: Manifest, inlet_version: int, stopping: Callable[[], bool]
) -> None:
    """Fills the new state and writes no row: half a customer's facts must not become a grade. The sources go on where
    `events` has them; what comes twice is absorbed by the sets."""
    bus = source(store.spark, settings, starting_offsets(settings, manifest))
    inlet = sources.from_inlet(store.spark, store.path(INLET), inlet_version)
    query = grades_query(store, sources.messages(bus, inlet), settings, manifest, sinks.compute)
    run([query], store, settings, stopping, available_now=True)


def starting_offsets(settings: Settings, manifest: Manifest) -> str:
    """Where the broker's partitions go on: where ledger has read to."""
    read = progress(manifest.checkpoint(settings.store.checkpoints, "ledger"))
    bus = read and next((offset for offset in read.offsets if offset and settings.source.topic in offset), None)
    return json.dumps(bus) if bus else "earliest"


def remove_old(store: TableStore, checkpoints: Path, manifest: Manifest) -> None:
    """Removes what earlier generations had."""
    kept_folders = {manifest.checkpoint(checkpoints, query) for query in QUERIES}
    for query in QUERIES:
        for folder in set(checkpoints.glob(f"{query}-*")) - kept_folders:
            shutil.rmtree(folder)
    for folder in store.path(SEED).iterdir():
        if folder.name != str(manifest.generation):
            shutil.rmtree(folder)
