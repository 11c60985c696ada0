"""One run of the stream: sources to queries, watched until it is drained, stopped or broken."""

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import structlog
from deltalake.exceptions import DeltaError
from pyspark.sql import DataFrame, SparkSession

from dangol.edges import losses, sinks, sources
from dangol.edges.listener import Listener, listening
from dangol.edges.maintenance import trim_logs
from dangol.edges.manifest import (
    QUERIES,
    Manifest,
    only_driver,
    read_manifest,
    refuse_mismatch,
    stop_flag,
    write_manifest,
    write_settings,
)
from dangol.edges.metrics import NO_ENDPOINT, Endpoint
from dangol.edges.signals import signalled
from dangol.edges.store import TableStore
from dangol.errors import StoreError
from dangol.settings import Settings
from dangol.tables import EVENTS, FACT, INLET, SEED, TABLES

log = structlog.get_logger()
FULL_KB = 64
"""With less the disk is called full, in whatever language the system says so."""


def run_stream(
    spark: SparkSession,
    settings: Settings,
    *,
    available_now: bool,
    accept_loss: bool = False,
    endpoint: Endpoint = NO_ENDPOINT,
) -> None:
    """Runs `ledger`, `grades` and `days` until SIGTERM, Ctrl-C or `dangol stop`, or, with `available_now`, until all
    that is there is read.

    Raises StoreError when another driver holds the checkpoint, it does not fit, a query breaks, or a disk is full;
    SourceError when the source cannot be read, or has lost messages and `accept_loss` is not given.
    """
    checkpoints = settings.store.checkpoints
    with full_disk_told(settings.store.home), only_driver(checkpoints), stop_asked(checkpoints) as stopping:
        store = TableStore(spark, settings.store.path)
        manifest = open_manifest(store, settings)
        settings = ignoring(settings, manifest.outgrown)
        store.create(*TABLES)
        if accept_loss:
            folders = {query: manifest.checkpoint(checkpoints, query) for query in QUERIES}
            losses.check(spark, settings, folders, accept=True)
        champion = sinks.Champion(settings.registry_uri, settings.registry.model, settings.grades.names)
        with listening(store, settings, manifest, champion, endpoint) as listener:
            while True:
                write_settings(store.root, settings.remembered())
                read(
                    store,
                    settings,
                    manifest,
                    champion,
                    lambda: stopping() or listener.outgrown,
                    available_now=available_now,
                )
                if stopping() or not listener.outgrown:
                    break
                manifest = without_outgrown(manifest, listener, checkpoints)
                settings = ignoring(settings, manifest.outgrown)
            store.snapshot(settings.ingest.ignored_customers)


def ignoring(settings: Settings, customers: Sequence[str]) -> Settings:
    """The settings with `customers` among ingest.ignored_customers."""
    ignored = sorted({*settings.ingest.ignored_customers, *customers})
    return settings.model_copy(update={"ingest": settings.ingest.model_copy(update={"ignored_customers": ignored})})


def without_outgrown(manifest: Manifest, listener: Listener, checkpoints: Path) -> Manifest:
    """Has the customer whose state is above state.max_orders ignored, in this and in every later start."""
    customer = str(listener.outgrown)
    log.warning("customer ignored: more orders than state.max_orders", customer_id=customer)
    manifest = replace(manifest, outgrown=[*manifest.outgrown, customer])
    write_manifest(checkpoints, manifest)
    listener.forget(manifest.outgrown)
    return manifest


def read(
    store: TableStore,
    settings: Settings,
    manifest: Manifest,
    champion: sinks.Champion,
    pausing: Callable[[], Any],
    *,
    available_now: bool,
) -> None:
    """Runs the three queries until `pausing`, or until all is read."""
    messages = sources.messages(source(store.spark, settings), sources.from_inlet(store.spark, store.path(INLET)))
    history = sinks.append_history(store, settings, manifest.generation, champion)
    readers = [
        grades_query(store, messages, settings, manifest, history),
        ledger_query(store, messages, settings, manifest),
    ]
    days = [days_query(store, settings, manifest)]
    # days follows events, so what ends when all is read ends with it
    for queries in [readers, days] if available_now else [readers + days]:
        run(queries, store, settings, pausing, available_now=available_now)


def run(
    queries: list[sinks.Query],
    store: TableStore,
    settings: Settings,
    pausing: Callable[[], Any],
    *,
    available_now: bool,
) -> None:
    folders = {query.name: query.checkpoint for query in queries}
    losses.check(store.spark, settings, folders, accept=False)
    try:
        for query in queries:
            query.start(available_now=available_now)
        watch(queries, store, settings, pausing)
    except StoreError:
        losses.check(store.spark, settings, folders, accept=False)  # it says what Spark does not
        raise
    finally:
        for query in queries:
            query.stop()


def source(spark: SparkSession, settings: Settings, starting_offsets: str = "earliest") -> DataFrame:
    chosen, ingest = settings.source, settings.ingest
    if chosen.kind == "files":
        return sources.from_files(spark, chosen.path, ingest.max_files_per_batch)
    options = sources.kafka_options(chosen)
    return sources.from_kafka(spark, options, ingest.max_messages_per_batch, starting_offsets)


def identity(spark: SparkSession, settings: Settings) -> dict[str, str]:
    """What a checkpoint is made with and may not change while it lives."""
    made_with = {
        "state entry": FACT,
        "shop.timezone": settings.shop.timezone,
        "source.kind": settings.source.kind,
        "shuffle partitions": str(spark.conf.get("spark.sql.shuffle.partitions")),
    }
    return made_with | ({"source.topic": settings.source.topic} if settings.source.kind == "kafka" else {})


def open_manifest(store: TableStore, settings: Settings) -> Manifest:
    """The manifest of this checkpoint, made at the first start. Raises StoreError when it does not fit."""
    checkpoints, asked = settings.store.checkpoints, identity(store.spark, settings)
    manifest = read_manifest(checkpoints)
    if manifest:
        refuse_mismatch(manifest, asked)
    elif store.path(EVENTS).exists():
        raise StoreError(
            f"{store.root} has tables, but their checkpoint {checkpoints} is gone; "
            "put it back, or run dangol rebuild to make a new one from events"
        )
    else:
        manifest = Manifest(dict.fromkeys(QUERIES, 1), datetime.now(UTC).isoformat(), asked)
        write_manifest(checkpoints, manifest)
    return manifest


def grades_query(
    store: TableStore, messages: DataFrame, settings: Settings, manifest: Manifest, write: sinks.BatchWriter
) -> sinks.Query:
    seed = store.path(SEED) / str(manifest.generation)
    return sinks.Query(
        "grades",
        sinks.grades_rows(messages, settings, sources.from_seed(store.spark, seed) if seed.exists() else None),
        write,
        checkpoint=manifest.checkpoint(settings.store.checkpoints, "grades"),
        seconds=settings.stream.grades_seconds,
        mode="update",
    )


def ledger_query(store: TableStore, messages: DataFrame, settings: Settings, manifest: Manifest) -> sinks.Query:
    return sinks.Query(
        "ledger",
        sinks.ledger_rows(messages, settings),
        sinks.append_events(store, manifest.generations["ledger"]),
        checkpoint=manifest.checkpoint(settings.store.checkpoints, "ledger"),
        seconds=settings.stream.ledger_seconds,
    )


def days_query(store: TableStore, settings: Settings, manifest: Manifest) -> sinks.Query:
    events = sources.from_events(store.spark, store.path(EVENTS))
    return sinks.Query(
        "days",
        sinks.days_rows(events, settings, manifest.first_day),
        sinks.append_days(store, manifest.generations["days"]),
        checkpoint=manifest.checkpoint(settings.store.checkpoints, "days"),
        seconds=settings.stream.days_seconds,
        empty_batches=True,
    )


def watch(queries: list[sinks.Query], store: TableStore, settings: Settings, pausing: Callable[[], Any]) -> None:
    """Until every query has ended or `pausing`: rewrites `customers` now and then."""
    store.spark.sparkContext.setLocalProperty("spark.scheduler.pool", "snapshot")
    snapshot_due = time.monotonic() + settings.stream.snapshot_seconds
    while any(query.running.isActive for query in queries) and not pausing():
        for query in queries:
            query.refuse_broken()
        if time.monotonic() >= snapshot_due:
            store.snapshot(settings.ingest.ignored_customers)
            keep_logs_short(settings)
            snapshot_due = time.monotonic() + settings.stream.snapshot_seconds
        time.sleep(0.2)
    for query in queries:
        query.refuse_broken()


def keep_logs_short(settings: Settings) -> None:
    try:
        trim_logs(settings)
    except (OSError, DeltaError) as error:  # the stream goes on: a long log only slows it
        log.warning("log not trimmed", reason=str(error))


@contextmanager
def full_disk_told(home: Path) -> Iterator[None]:
    """Raises StoreError for whatever a full disk leads to: each writer has an error of its own for it."""
    try:
        yield
    except Exception as error:
        free = {folder: shutil.disk_usage(folder).free // 1024 for folder in (home, Path(tempfile.gettempdir()))}
        if "No space left on device" not in str(error) and min(free.values()) > FULL_KB:
            raise
        found = ", ".join(f"{folder} has {kb} KB" for folder, kb in free.items())
        raise StoreError(
            f"no space is left on a disk ({found}); free some and start the stream again, it goes on where it was"
        ) from error


@contextmanager
def stop_asked(checkpoints: Path) -> Iterator[Callable[[], bool]]:
    """Whether a stop is asked: by `dangol stop`, or by SIGTERM or Ctrl-C where this is the process's main thread."""
    flag = stop_flag(checkpoints)
    with signalled() as heard:
        yield lambda: heard.is_set() or flag.exists()
