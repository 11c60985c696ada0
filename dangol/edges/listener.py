"""What hears of each micro-batch: counts it into metrics.json and logs it."""

import json
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import structlog
from pyspark.sql import functions as F
from pyspark.sql.streaming import listener as spark_listener

from dangol.edges import metrics
from dangol.edges.manifest import Manifest
from dangol.edges.metrics import NO_ENDPOINT, Document, Endpoint, TableFiles
from dangol.edges.sinks import Champion
from dangol.edges.store import TableStore
from dangol.orders.observed import message_counts
from dangol.settings import Settings
from dangol.tables import EVENTS

log = structlog.get_logger()

LOOK_SECONDS = 60
"""How often the tables' files are counted."""

LAST_WORD_SECONDS = 30
"""How long to wait for what Spark has still to tell of a query that has ended."""


class Listener(spark_listener.StreamingQueryListener):
    """Spark calls it after the fact: of a start in the thread that starts the query, of all else in order, in a thread
    of its own."""

    def __init__(self, settings: Settings, document: Document, files: TableFiles, champion: Champion) -> None:
        self.checkpoints = settings.store.checkpoints
        self.zone = settings.shop.zone
        self.now = settings.fixed_now
        self.max_orders = settings.state.max_orders
        self.ignored: Sequence[str] = ()
        self.document = document
        self.files = files
        self.champion = champion
        self.look_due = time.monotonic() + LOOK_SECONDS
        self.open: set[UUID] = set()
        self.turn = threading.Condition()

    @property
    def outgrown(self) -> str | None:
        """The customer with the longest state when it is above state.max_orders, as of the last batch told of."""
        longest = metrics.longest_state(self.document)
        return str(longest["customer_id"]) if longest and longest["orders"] > self.max_orders else None

    def forget(self, customers: Sequence[str]) -> None:
        """Leaves out the states of customers who are ignored now, also of a batch that is told of later."""
        with self.turn:
            self.ignored = customers
            self.tell(metrics.without(self.document, customers))

    def onQueryStarted(self, event: spark_listener.QueryStartedEvent) -> None:  # noqa: N802 - Spark's name
        if event.name:
            with self.turn:
                self.open.add(event.runId)
                self.tell(metrics.started(self.document, event.name, str(event.id), event.timestamp))

    def onQueryProgress(self, event: spark_listener.QueryProgressEvent) -> None:  # noqa: N802
        progress = json.loads(event.progress.json)
        with self.turn:
            if event.progress.runId not in self.open:
                return
            if progress["numInputRows"]:
                log_batch(progress)
            if time.monotonic() >= self.look_due:
                self.look()
            document = metrics.counted(self.document, progress, self.zone, self.now)
            self.tell(metrics.without(document, self.ignored))

    def onQueryIdle(self, event: spark_listener.QueryIdleEvent) -> None:  # noqa: N802
        with self.turn:
            self.tell(metrics.idle(self.document, str(event.id), event.timestamp))

    def onQueryTerminated(self, event: spark_listener.QueryTerminatedEvent) -> None:  # noqa: N802
        with self.turn:
            self.tell(metrics.stopped(self.document, str(event.id)))
            self.open.discard(event.runId)
            self.turn.notify_all()

    def look(self) -> None:
        self.document = {**self.document, "tables": self.files.look()}
        self.look_due = time.monotonic() + LOOK_SECONDS

    def tell(self, document: Document) -> None:
        champion = {"version": self.champion.version, "problem": self.champion.problem}
        self.document = document = {**document, "champion": champion}
        try:
            metrics.write_metrics(self.checkpoints, document)
        except OSError as error:
            log.warning("metrics not written", reason=str(error))

    def hear_out(self) -> None:
        """Waits for what is still to be told of queries that have ended."""
        with self.turn:
            if not self.turn.wait_for(lambda: not self.open, LAST_WORD_SECONDS):
                log.warning("metrics may lack a batch", reason=f"Spark told nothing for {LAST_WORD_SECONDS} s")
            self.look()
            self.tell({**metrics.stopped(self.document), "endpoint": NO_ENDPOINT})


@contextmanager
def listening(
    store: TableStore, settings: Settings, manifest: Manifest, champion: Champion, endpoint: Endpoint
) -> Iterator[Listener]:
    """A listener that counts on from metrics.json, for the queries that start and end within."""
    files = TableFiles(store.root)
    found = metrics.without(metrics.read_metrics(settings.store.checkpoints), settings.ingest.ignored_customers)
    document = {
        **metrics.stopped(found),
        "generations": manifest.generations,
        "max_orders": settings.state.max_orders,
        "endpoint": endpoint,
        "messages": caught_up(found["messages"], store, files, settings.fixed_now),
    }
    listener = Listener(settings, document, files, champion)
    listener.tell(document)
    store.spark.streams.addListener(listener)
    try:
        yield listener
    finally:
        listener.hear_out()
        store.spark.streams.removeListener(listener)


def caught_up(messages: dict[str, Any], store: TableStore, files: TableFiles, now: datetime | None) -> dict[str, Any]:
    """Messages with what `events` has beyond them: of a driver that was killed before it told, or of a rebuild."""
    known = metrics.position_of(messages)
    if not files.may_go_beyond(EVENTS.name, known):
        return messages
    generation, batch_id = F.col("generation"), F.col("batch_id")
    later = (generation > known[0]) | ((generation == known[0]) & (batch_id > known[1]))
    last = F.max(F.struct(generation, batch_id)).alias("last")
    found = store.read(EVENTS).where(later).agg(last, *message_counts()).first()
    if found is None or found["last"] is None:
        return messages
    return metrics.with_messages(messages, tuple(found["last"]), found.asDict(), now or datetime.now(UTC))


def log_batch(progress: dict[str, Any]) -> None:
    seen = progress.get("observedMetrics", {}).get("messages", {})
    counts = {name: seen[name] for name in ("received", "accepted", "rejected") if name in seen}
    log.info(
        "batch",
        query=progress["name"],
        batch=progress["batchId"],
        rows=progress["numInputRows"],
        ms=progress["durationMs"].get("triggerExecution"),
        **counts,
    )
