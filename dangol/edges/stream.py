"""One run of the stream: sources to queries, watched until it is drained, stopped or broken."""

import json
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import structlog
from pyspark.sql import DataFrame, SparkSession

from dangol.edges import sinks, sources
from dangol.edges.manifest import Manifest, only_driver, read_manifest, refuse_mismatch, write_manifest
from dangol.edges.store import TableStore
from dangol.errors import StoreError
from dangol.settings import Settings
from dangol.tables import EVENTS, FACT, INLET, TABLES

log = structlog.get_logger()


def run_stream(spark: SparkSession, settings: Settings, *, available_now: bool) -> None:
    """Runs `ledger` and `grades` until SIGTERM or Ctrl-C, or, with `available_now`, until all that is there is read.

    Raises StoreError when another driver holds the checkpoint, the checkpoint does not fit, or a query breaks;
    SourceError when the source cannot be read.
    """
    checkpoints = settings.store.checkpoints
    with only_driver(checkpoints), stop_signal() as stopping:
        store = TableStore(spark, settings.store.path)
        bus = source(spark, settings)
        manifest = open_manifest(store, settings)
        store.create(*TABLES)
        queries = queries_of(store, bus, settings, manifest.generation)
        for query in queries:
            query.start(available_now=available_now)
        try:
            watch(queries, store, settings, stopping)
        finally:
            for query in queries:
                query.stop()
        store.snapshot()


def source(spark: SparkSession, settings: Settings) -> DataFrame:
    chosen, ingest = settings.source, settings.ingest
    if chosen.kind == "files":
        return sources.from_files(spark, chosen.path, ingest.max_files_per_batch)
    options = sources.kafka_options(chosen.bootstrap_servers, chosen.topic, chosen.security, chosen.connection_string)
    return sources.from_kafka(spark, options, ingest.max_messages_per_batch)


def open_manifest(store: TableStore, settings: Settings) -> Manifest:
    """The manifest of this checkpoint, made at the first start. Raises StoreError when it does not fit."""
    identity = {"state entry": FACT, "shop.timezone": settings.shop.timezone, "source.kind": settings.source.kind}
    if settings.source.kind == "kafka":
        identity["source.topic"] = settings.source.topic
    found = read_manifest(settings.store.checkpoints)
    if found:
        refuse_mismatch(found, identity)
    elif store.path(EVENTS).exists():
        raise StoreError(
            f"{store.root} has tables, but their checkpoint {settings.store.checkpoints} is gone; "
            "put it back, or replay the orders into a new --store"
        )
    manifest = Manifest(found.generation if found else 1, identity, settings.remembered())
    write_manifest(settings.store.checkpoints, manifest)
    return manifest


def queries_of(store: TableStore, bus: DataFrame, settings: Settings, generation: int) -> list[sinks.Query]:
    messages = sources.messages(bus, sources.from_inlet(store.spark, store.path(INLET)))
    checkpoints = settings.store.checkpoints
    grades = sinks.Query(
        "grades",
        sinks.grades_rows(messages, settings),
        sinks.append_history(store, settings, generation),
        checkpoint=checkpoints / "grades",
        seconds=settings.stream.grades_seconds,
        mode="update",
    )
    ledger = sinks.Query(
        "ledger",
        sinks.ledger_rows(messages, settings),
        sinks.append_events(store),
        checkpoint=checkpoints / "ledger",
        seconds=settings.stream.ledger_seconds,
    )
    return [grades, ledger]


def watch(queries: list[sinks.Query], store: TableStore, settings: Settings, stopping: threading.Event) -> None:
    """Until every query has ended or a stop is asked: reports batches, rewrites `customers` now and then."""
    store.spark.sparkContext.setLocalProperty("spark.scheduler.pool", "snapshot")
    reported: dict[str, int] = {}
    snapshot_due = time.monotonic() + settings.stream.snapshot_seconds
    while any(query.running.isActive for query in queries) and not stopping.wait(0.2):
        for query in queries:
            query.refuse_broken()
        if report(queries, reported):
            write_progress(settings.store.checkpoints, queries)
        if time.monotonic() >= snapshot_due:
            store.snapshot()
            snapshot_due = time.monotonic() + settings.stream.snapshot_seconds
    for query in queries:
        query.refuse_broken()
    report(queries, reported)
    write_progress(settings.store.checkpoints, queries)


def report(queries: list[sinks.Query], reported: dict[str, int]) -> bool:
    """Logs each query's newest batch once; whether there was a new one."""
    news = False
    for query in queries:
        last = query.running.lastProgress
        if last and last["numInputRows"] and reported.get(query.name) != last["batchId"]:
            reported[query.name] = last["batchId"]
            duration = last["durationMs"].get("triggerExecution")
            log.info("batch", query=query.name, batch=last["batchId"], rows=last["numInputRows"], ms=duration)
            news = True
    return news


def write_progress(checkpoints: Path, queries: list[sinks.Query]) -> None:
    """Each query's newest progress, as Spark tells it, for `dangol status`."""
    last = {query.name: plain(last) for query in queries if (last := query.running.lastProgress)}
    draft = checkpoints / "progress.json.tmp"
    draft.write_text(json.dumps(last, indent=2) + "\n", "utf-8")
    draft.replace(checkpoints / "progress.json")


def plain(progress: Any) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(progress.json)
    return read


@contextmanager
def stop_signal() -> Iterator[threading.Event]:
    """An event that SIGTERM and Ctrl-C set, where this is the process's main thread."""
    stopping = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield stopping
        return

    def stop(_signal: int, _frame: FrameType | None) -> None:
        stopping.set()

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield stopping
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
