"""metrics.json, beside the checkpoints: what the stream says of itself, for `dangol status` and the exporter.

It is a cache: what it says of messages is counted from `events` again where it is missing or behind.
"""

import json
from collections.abc import Mapping, Sequence
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
from deltalake import DeltaTable
from deltalake.exceptions import DeltaError, TableNotFoundError

from dangol.tables import TABLES

Document = dict[str, Any]
Endpoint = dict[str, str | None]
Position = tuple[int, int]
NO_ENDPOINT: Endpoint = {"url": None, "problem": None}
FILE = "metrics.json"
EPOCH = "1970-01-01T00:00:00.000Z"

NOTHING: Document = {
    "generations": {},
    "max_orders": None,
    "endpoint": NO_ENDPOINT,
    "champion": {"version": None, "problem": None},
    "messages": {
        "generation": 0,
        "batch_id": -1,
        "accepted": 0,
        "rejected": 0,
        "rejected_by_field": {},
        "last_event_time": None,
        "event_time_lag_seconds": None,
    },
    "queries": {},
    "tables": {},
}
"""Before anything is read. generations: of each query's checkpoint. endpoint: the exporter's address, or why there is
none. champion: the model that grades, and why it is not the one that the registry names. messages: those of `events`
up to a position (generation, batch_id). By query: id (of its checkpoint), running, seen_at, dropped_by_watermark, its
last batch as `last_batch` gives it, and longest (customer_id, orders) where it keeps a state per customer. By table:
version, files, bytes, rows."""


def read_metrics(checkpoints: Path) -> Document:
    """The document as last written; NOTHING where there is none, or none that can be read."""
    try:
        found: Document = json.loads((checkpoints / FILE).read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        found = {}
    return deepcopy(NOTHING) | found


def write_metrics(checkpoints: Path, document: Document) -> None:
    draft = checkpoints / f"{FILE}.tmp"
    draft.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", "utf-8")
    draft.replace(checkpoints / FILE)


def started(document: Document, name: str, checkpoint: str, at: str) -> Document:
    """The document once a query runs. What was said of another checkpoint is forgotten, but for what was dropped."""
    before = document["queries"].get(name, {})
    dropped = before.get("dropped_by_watermark", 0)
    kept = before if before.get("id") == checkpoint else {"id": checkpoint, "dropped_by_watermark": dropped}
    return with_query(document, name, {**kept, "running": True, "seen_at": at})


def idle(document: Document, checkpoint: str, at: str) -> Document:
    """The document when a query found nothing to read."""
    for name, query in document["queries"].items():
        if query["id"] == checkpoint:
            nothing = {"backlog": dict.fromkeys(query.get("backlog", {}), 0), "input_rows_per_second": 0.0}
            return with_query(document, name, {**query, **nothing, "seen_at": at})
    return document


def stopped(document: Document, checkpoint: str | None = None) -> Document:
    """The document when a query has ended; without a checkpoint, all of them."""
    queries = document["queries"].items()
    ended = {name: {**query, "running": False} for name, query in queries if checkpoint in (None, query["id"])}
    return {**document, "queries": {**document["queries"], **ended}}


def counted(document: Document, progress: Mapping[str, Any], zone: ZoneInfo, now: datetime | None = None) -> Document:
    """The document with a batch, as Spark tells of it (the JSON of StreamingQueryProgress), counted once however often
    it is told or repeated: a batch that a query of that checkpoint has passed changes nothing.

    `zone`: of the shop, whose wall time the watermark is. `now` fixes the clock that the lag is measured by; without
    it, it is when the batch began.
    """
    name, batch_id = progress["name"], progress["batchId"]
    before = document["queries"].get(name, {})
    if before.get("id") == progress["id"] and batch_id <= before.get("batch_id", -1):
        return document
    dropped = sum(operator["numRowsDroppedByWatermark"] for operator in progress["stateOperators"])
    query = before | last_batch(progress, zone)
    query["dropped_by_watermark"] = before.get("dropped_by_watermark", 0) + dropped
    observed = progress.get("observedMetrics", {})
    if "states" in observed:
        query["longest"] = longer(before.get("longest"), observed["states"])
    document = with_query(document, name, query)
    position = (document["generations"].get(name, 1), batch_id)
    if "messages" in observed and position > position_of(document["messages"]):
        began = now or datetime.fromisoformat(progress["timestamp"])
        document["messages"] = with_messages(document["messages"], position, observed["messages"], began)
    return document


def last_batch(progress: Mapping[str, Any], zone: ZoneInfo) -> dict[str, Any]:
    """Of a progress: {id, seen_at, batch_id, timestamp, input_rows, input_rows_per_second, processed_rows_per_second,
    duration_ms by step, backlog (messages by partition of the broker), table_offset (by table, the version that is read
    next), watermark, state_rows (null where Spark does not count them), state_bytes (memory and files), observed}."""
    states = progress["stateOperators"]
    watermark = progress.get("eventTime", {}).get("watermark", EPOCH)
    size = [state["memoryUsedBytes"] + state["customMetrics"].get("rocksdbSstFileSize", 0) for state in states]
    return {
        "id": progress["id"],
        "seen_at": progress["timestamp"],
        "batch_id": progress["batchId"],
        "timestamp": progress["timestamp"],
        "input_rows": progress["numInputRows"],
        "input_rows_per_second": progress.get("inputRowsPerSecond", 0.0),
        "processed_rows_per_second": progress.get("processedRowsPerSecond", 0.0),
        "duration_ms": progress["durationMs"],
        "backlog": backlog(progress["sources"]),
        "table_offset": table_offsets(progress["sources"]),
        "watermark": None if watermark == EPOCH else at_wall_time(watermark, zone),
        "state_rows": sum(state["numRowsTotal"] for state in states) or None,
        "state_bytes": sum(size) if states else None,
        "observed": progress.get("observedMetrics", {}),
    }


def at_wall_time(text: str, zone: ZoneInfo) -> str:
    """The instant of a wall time that Spark takes for UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=zone).isoformat()


def backlog(sources: list[dict[str, Any]]) -> dict[str, int]:
    """Messages that the broker has and the query has not read, by `topic/partition`. A folder does not tell."""
    left: dict[str, int] = {}
    for source in sources:
        latest, end = source.get("latestOffset"), source.get("endOffset")
        if not source["description"].startswith("Kafka") or not latest or not end:
            continue
        for topic, partitions in latest.items():
            read = end.get(topic, {})
            left |= {f"{topic}/{number}": last - read.get(number, 0) for number, last in partitions.items()}
    return left


def table_offsets(sources: list[dict[str, Any]]) -> dict[str, int]:
    """By table that the query reads, the version whose rows come next."""
    return {
        source["description"].rstrip("]/").rpartition("/")[2]: source["endOffset"]["reservoirVersion"]
        for source in sources
        if source["description"].startswith("Delta") and source.get("endOffset")
    }


def with_query(document: Document, name: str, query: dict[str, Any]) -> Document:
    return {**document, "queries": {**document["queries"], name: query}}


def position_of(messages: Mapping[str, Any]) -> Position:
    return messages["generation"], messages["batch_id"]


def with_messages(
    messages: dict[str, Any], position: Position, counts: Mapping[str, Any], began: datetime
) -> dict[str, Any]:
    """Messages with `message_counts` of a batch, or of all up to a position, added."""
    by_field = {name.removeprefix("rejected_"): count for name, count in counts.items() if name.startswith("rejected_")}
    total = {
        "generation": position[0],
        "batch_id": position[1],
        "accepted": messages["accepted"] + counts["accepted"],
        "rejected": messages["rejected"] + counts["rejected"],
        "rejected_by_field": {
            field: messages["rejected_by_field"].get(field, 0) + count for field, count in by_field.items()
        },
    }
    if counts.get("max_event_time"):
        last = datetime.fromisoformat(str(counts["max_event_time"])).replace(tzinfo=UTC)
        lag = {
            "last_event_time": last.isoformat(),
            "event_time_lag_seconds": round((began - last).total_seconds(), 3),
        }
        total |= lag
    return messages | total


def longer(before: dict[str, Any] | None, states: Mapping[str, Any]) -> dict[str, Any] | None:
    """The longest state of a customer ever seen: a set of facts never shrinks."""
    if not states.get("longest") or (before and before["orders"] >= states["longest"]):
        return before
    return {"customer_id": states["longest_customer"], "orders": states["longest"]}


def without(document: Document, customers: Sequence[str]) -> Document:
    """The document without the longest states of customers who are ignored now."""
    queries = document["queries"].items()
    kept = {
        name: {**query, "longest": None} if (query.get("longest") or {}).get("customer_id") in customers else query
        for name, query in queries
    }
    return {**document, "queries": kept}


def longest_state(document: Document) -> dict[str, Any] | None:
    """{customer_id, orders}: who has the most facts in the state, of all touched since the checkpoint was made."""
    known = [query["longest"] for query in document["queries"].values() if query.get("longest")]
    return max(known, key=lambda longest: longest["orders"], default=None)


class TableFiles:
    """How many files and rows each table has, by tables that stay open: to look again costs the commits since."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.tables: dict[str, DeltaTable] = {}

    def look(self) -> dict[str, dict[str, int]]:
        """By table that exists: version, files, bytes and, where its files' statistics tell, rows."""
        return {table.name: sizes(found) for table in TABLES if (found := self.newest(table.name))}

    def newest(self, name: str) -> DeltaTable | None:
        try:
            if name in self.tables:
                self.tables[name].update_incremental()
            else:
                self.tables[name] = DeltaTable(self.root / name)
        except TableNotFoundError:
            return None
        except DeltaError:  # the log that the open table would go on from is gone
            self.tables[name] = DeltaTable(self.root / name)
        return self.tables[name]

    def may_go_beyond(self, name: str, position: Position) -> bool:
        """Whether a table may have rows after a position (generation, batch_id), by its files' statistics."""
        table = self.newest(name)
        files = pa.table(table.get_add_actions(flatten=True)) if table else pa.table({})
        if not {"max.generation", "max.batch_id"} <= set(files.column_names):
            return bool(files.num_rows)
        last = zip(files["max.generation"].to_pylist(), files["max.batch_id"].to_pylist(), strict=True)
        return any(None in file or file > position for file in last)


def sizes(table: DeltaTable) -> dict[str, int]:
    files = pa.table(table.get_add_actions(flatten=True))
    rows = files["num_records"].to_pylist() if "num_records" in files.column_names else []
    known = {"rows": sum(rows)} if None not in rows else {}
    return {"version": table.version(), "files": files.num_rows, "bytes": sum(files["size_bytes"].to_pylist()), **known}
