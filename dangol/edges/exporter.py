"""metrics.json for Prometheus: the list of metrics, and the endpoint on loopback that serves them."""

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Literal

import structlog
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector

from dangol.edges.metrics import NO_ENDPOINT, Document, Endpoint, read_metrics

log = structlog.get_logger()

HOST = "127.0.0.1"

Sample = tuple[tuple[str, ...], Any]
"""(values of the labels, value); a value of null is not exported."""


@dataclass(frozen=True)
class Exported:
    """A metric; the name of a counter ends with _total. No label holds a customer."""

    name: str
    kind: Literal["gauge", "counter"]
    labels: tuple[str, ...]
    meaning: str
    samples: Callable[[Document], Iterable[Sample]]


def one(read: Callable[[Document], Any]) -> Callable[[Document], Iterable[Sample]]:
    return lambda document: [((), read(document))]


def each(section: str, name: str, scale: Callable[[Any], Any] = lambda value: value) -> Any:
    """A value of each query, or of each table."""

    def samples(document: Document) -> Iterator[Sample]:
        for label, values in document[section].items():
            if values.get(name) is not None:
                yield (label,), scale(values[name])

    return samples


def each_of(name: str, scale: float = 1) -> Callable[[Document], Iterable[Sample]]:
    """Each entry of a mapping that each query has."""

    def samples(document: Document) -> Iterator[Sample]:
        for query, values in document["queries"].items():
            for key, value in values.get(name, {}).items():
                yield (query, key), value * scale

    return samples


def unread_versions(document: Document) -> Iterator[Sample]:
    for query, values in document["queries"].items():
        for table, following in values.get("table_offset", {}).items():
            if table in document["tables"]:
                yield (query, table), max(document["tables"][table]["version"] + 1 - following, 0)


def outcomes(document: Document) -> list[Sample]:
    return [((outcome,), document["messages"][outcome]) for outcome in ("accepted", "rejected")]


def rejected(document: Document) -> list[Sample]:
    return [((field,), count) for field, count in document["messages"]["rejected_by_field"].items()]


def state_rows(document: Document) -> Iterator[Sample]:
    customers = document["tables"].get("customers", {}).get("rows")
    for query, values in document["queries"].items():
        yield (query,), values.get("state_rows") or (customers if query == "grades" else None)


def longest(document: Document) -> Iterator[Sample]:
    for query, values in document["queries"].items():
        if values.get("longest"):
            yield (query,), values["longest"]["orders"]


def seconds(instant: str) -> float:
    return datetime.fromisoformat(instant).timestamp()


def optional_seconds(instant: str | None) -> float | None:
    return None if instant is None else seconds(instant)


QUERY, TABLE = ("query",), ("table",)

METRICS = (
    Exported(
        "dangol_generation",
        "gauge",
        QUERY,
        "of the query's checkpoint; a rebuild begins a new one",
        lambda document: (((query,), generation) for query, generation in document["generations"].items()),
    ),
    Exported(
        "dangol_champion_problem",
        "gauge",
        (),
        "1: the model that the registry names cannot grade, and the one before it does; dangol status says why",
        one(lambda document: float(document["champion"]["problem"] is not None)),
    ),
    Exported("dangol_query_running", "gauge", QUERY, "1: the query runs", each("queries", "running")),
    Exported(
        "dangol_query_seen_timestamp_seconds",
        "gauge",
        QUERY,
        "when the query last began a batch, or found nothing to read",
        each("queries", "seen_at", seconds),
    ),
    Exported(
        "dangol_batch_timestamp_seconds",
        "gauge",
        QUERY,
        "when the last batch began",
        each("queries", "timestamp", seconds),
    ),
    Exported(
        "dangol_batch_duration_seconds",
        "gauge",
        ("query", "step"),
        "what the last batch took, by Spark's step; triggerExecution is all of it",
        each_of("duration_ms", 0.001),
    ),
    Exported("dangol_batch_input_rows", "gauge", QUERY, "rows of the last batch", each("queries", "input_rows")),
    Exported(
        "dangol_input_rows_per_second",
        "gauge",
        QUERY,
        "rows that arrived a second, at the last batch; 0 while nothing arrives",
        each("queries", "input_rows_per_second"),
    ),
    Exported(
        "dangol_processed_rows_per_second",
        "gauge",
        QUERY,
        "rows that the last batch worked off a second",
        each("queries", "processed_rows_per_second"),
    ),
    Exported(
        "dangol_backlog_messages",
        "gauge",
        ("query", "partition"),
        "messages of the broker that were not read when the last batch began",
        each_of("backlog"),
    ),
    Exported(
        "dangol_backlog_versions",
        "gauge",
        ("query", "table"),
        "versions of a table (inlet, events) that are not wholly read, as of the last look at the tables",
        unread_versions,
    ),
    Exported(
        "dangol_messages_total",
        "counter",
        ("outcome",),
        "messages in events, accepted or rejected; their sum is what was received",
        outcomes,
    ),
    Exported(
        "dangol_rejections_total",
        "counter",
        ("field",),
        "messages rejected for that field; for two fields, counted under both",
        rejected,
    ),
    Exported(
        "dangol_last_event_timestamp_seconds",
        "gauge",
        (),
        "the latest event_time of the last batch of ledger that had an accepted message",
        one(lambda d: optional_seconds(d["messages"]["last_event_time"])),
    ),
    Exported(
        "dangol_event_time_lag_seconds",
        "gauge",
        (),
        "how long before that batch the event happened",
        one(lambda d: d["messages"]["event_time_lag_seconds"]),
    ),
    Exported(
        "dangol_watermark_timestamp_seconds",
        "gauge",
        QUERY,
        "event time before which the query takes nothing more",
        each("queries", "watermark", seconds),
    ),
    Exported(
        "dangol_dropped_by_watermark_total",
        "counter",
        QUERY,
        "rows that came after their day was closed; repair-days brings them in",
        each("queries", "dropped_by_watermark"),
    ),
    Exported(
        "dangol_state_rows",
        "gauge",
        QUERY,
        "keys of the query's state, where they are known: of grades, the rows of customers",
        state_rows,
    ),
    Exported(
        "dangol_state_bytes",
        "gauge",
        QUERY,
        "memory and files of the query's RocksDB",
        each("queries", "state_bytes"),
    ),
    Exported(
        "dangol_longest_customer_orders",
        "gauge",
        QUERY,
        "most facts of one customer in the state; dangol status names the customer",
        longest,
    ),
    Exported("dangol_max_customer_orders", "gauge", (), "state.max_orders", one(lambda d: d["max_orders"])),
    Exported("dangol_table_files", "gauge", TABLE, "data files of the table's last version", each("tables", "files")),
    Exported("dangol_table_bytes", "gauge", TABLE, "bytes of those files", each("tables", "bytes")),
    Exported("dangol_table_rows", "gauge", TABLE, "rows in those files", each("tables", "rows")),
)


def families(document: Document) -> Iterator[Metric]:
    """The metrics of a document, without those that it knows nothing of."""
    for exported in METRICS:
        made = CounterMetricFamily if exported.kind == "counter" else GaugeMetricFamily
        family = made(exported.name, exported.meaning, labels=exported.labels)
        for labels, value in exported.samples(document):
            if value is not None:
                family.add_metric(labels, value)
        if family.samples:
            yield family


@dataclass(frozen=True)
class FromFile(Collector):
    """Reads metrics.json at each scrape, so whoever writes it need not know of the exporter."""

    checkpoints: Path

    def collect(self) -> Iterator[Metric]:
        return families(read_metrics(self.checkpoints))


@contextmanager
def endpoint(port: int, checkpoints: Path) -> Iterator[Endpoint]:
    """Serves GET /metrics on loopback while it is open; with port 0 nothing.

    Where it cannot be served, the log and the endpoint's `problem` say why, and nothing else happens: a stream is not
    stopped for it.
    """
    if not port:
        yield NO_ENDPOINT
        return
    try:
        server = ThreadingHTTPServer((HOST, port), handler(checkpoints))
    except OSError as error:
        problem = f"metrics.port = {port} of {HOST} cannot be had ({error.strerror}); choose another, or 0 for none"
        log.warning("no metrics endpoint", reason=problem)
        yield {"url": None, "problem": problem}
        return
    with server:
        threading.Thread(target=server.serve_forever, name="metrics", daemon=True).start()
        try:
            yield {"url": f"http://{HOST}:{port}/metrics", "problem": None}
        finally:
            server.shutdown()


def handler(checkpoints: Path) -> type[BaseHTTPRequestHandler]:
    registry = CollectorRegistry()
    registry.register(FromFile(checkpoints))

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path != "/metrics":
                self.send_error(404)
                return
            body = generate_latest(registry)
            self.send_response(200)
            self.send_header("Content-Type", CONTENT_TYPE_PLAIN_0_0_4)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """A scrape every few seconds is no news."""

    return Handler
