"""`dangol status`: what the stream, the tables and the registry say of themselves, without a JVM."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
from deltalake import DeltaTable
from deltalake.exceptions import TableNotFoundError

from dangol.edges import registry
from dangol.edges.drift import drift_of, drift_warnings
from dangol.edges.lake import opened, since
from dangol.edges.losses import read_losses
from dangol.edges.manifest import Manifest, holder, read_manifest
from dangol.edges.metrics import NO_ENDPOINT, Document, longest_state, read_metrics, sizes
from dangol.edges.positions import reached, split
from dangol.edges.summarize import HISTORY_TOLD
from dangol.edges.triggers import outcomes
from dangol.errors import ModelError
from dangol.settings import Settings
from dangol.tables import CHANGES, CUSTOMER_HISTORY, SUMMARIES, TABLES


def status(settings: Settings) -> dict[str, Any]:
    """{store, running, generation, queries, messages, losses, longest, tables, changes, summaries, champion, metrics,
    warnings}.

    What does not exist yet is null; `metrics` is the exporter's address.
    """
    checkpoints = settings.store.checkpoints
    manifest, found, running = read_manifest(checkpoints), read_metrics(checkpoints), holder(checkpoints)
    endpoint = found["endpoint"] if running else NO_ENDPOINT
    model = champion(settings, found["champion"])
    return {
        "store": str(settings.store.path),
        "running": running,
        "generation": manifest.generation if manifest else None,
        "queries": queries(found),
        "messages": messages(found["messages"]),
        "losses": read_losses(checkpoints),
        "longest": longest_state(found),
        "tables": {table.name: table_status(settings.store.path / table.name) for table in TABLES},
        "changes": changes(settings),
        "summaries": summaries(settings),
        "champion": model,
        "metrics": endpoint["url"],
        "warnings": [
            *warnings(manifest, settings.state.roll_days, endpoint["problem"]),
            *drift_warnings(model["drift"]),
        ],
    }


def warnings(manifest: Manifest | None, roll_days: int, problem: str | None) -> Iterator[str]:
    if problem:
        yield problem
    if manifest is None:
        return
    if manifest.stale:
        yield f"{manifest.stale}; run dangol rebuild"
    age = manifest.age_days(datetime.now(UTC))
    if age > roll_days:
        yield f"the state is {age} days old, more than state.roll_days = {roll_days}; run dangol roll"
    for customer in manifest.outgrown:
        yield f"customer {customer} has more orders than state.max_orders allows and is ignored; see docs/operations.md"


def queries(found: Document) -> dict[str, Any]:
    """By query: its last batch, and `behind`, the messages of the bus that it had not read by then."""
    return {name: query_status(query) for name, query in found["queries"].items() if "batch_id" in query}


def query_status(query: dict[str, Any]) -> dict[str, Any]:
    began = datetime.fromisoformat(query["timestamp"])
    return {
        "batch_id": query["batch_id"],
        "timestamp": query["timestamp"],
        "lag_seconds": round((datetime.now(UTC) - began).total_seconds(), 1),
        "input_rows": query["input_rows"],
        "rows_per_second": round(query["processed_rows_per_second"], 1),
        "batch_ms": query["duration_ms"].get("triggerExecution"),
        "behind": max(query["backlog"].values(), default=None),
        "state_bytes": query["state_bytes"],
        "watermark": query["watermark"],
        "dropped_by_watermark": query["dropped_by_watermark"],
    }


def messages(counts: dict[str, Any]) -> dict[str, Any]:
    """{received, accepted, rejected, rejected_by_field, event_time_lag_seconds} of all that `ledger` has read."""
    shown = ("accepted", "rejected", "rejected_by_field", "event_time_lag_seconds")
    return {"received": counts["accepted"] + counts["rejected"], **{name: counts[name] for name in shown}}


def table_status(path: Path) -> dict[str, Any] | None:
    try:
        table = DeltaTable(path)
    except TableNotFoundError:
        return None
    committed = table.history(1)[0]["timestamp"]
    return {"committed_at": datetime.fromtimestamp(committed / 1000, UTC).isoformat(), **sizes(table)}


def changes(settings: Settings) -> dict[str, Any] | None:
    """{running, generation, batch_id, deliveries}: the process that follows the history, how far `changes` has come by
    its last commit, and changes by the outcome of telling others; null before a first start."""
    table = opened(settings.store.path / CHANGES.name)
    position = reached(table, CHANGES.name) if table else None
    if position is None:
        return None
    generation, batch_id = split(position)
    return {
        "running": holder(settings.store.checkpoints / CHANGES.name),
        "generation": generation,
        "batch_id": batch_id,
        "deliveries": outcomes(settings.store.path),
    }


def summaries(settings: Settings) -> dict[str, Any] | None:
    """{running, version, generation, batch_id, behind_seconds}: the process that keeps the summaries, their table's
    version, the position of customer_history up to which they tell, and how long ago the first message after it was
    enqueued, 0 when they tell all; null before a first start has come to its end."""
    store = settings.store.path
    table, history = opened(store / SUMMARIES.name), opened(store / CUSTOMER_HISTORY.name)
    position = reached(table, HISTORY_TOLD) if table else None
    if table is None or history is None or position is None:
        return None
    generation, batch_id = split(position)
    later = pa.table(history.scan(columns=["enqueued_time"], predicate=since((generation, batch_id), ">")))
    first = min(later["enqueued_time"].to_pylist(), default=None)
    return {
        "running": holder(settings.store.checkpoints / SUMMARIES.name),
        "version": table.version(),
        "generation": generation,
        "batch_id": batch_id,
        "behind_seconds": round((datetime.now(UTC) - first).total_seconds(), 1) if first else 0.0,
    }


def champion(settings: Settings, told: dict[str, str | None]) -> dict[str, Any]:
    """{model, version, grading, drift, problem}: the version that the registry names and the one that the stream last
    graded with; PSI by feature as `dangol drift` last found it; why one of them is missing or they differ."""
    uri, name = settings.registry_uri, settings.registry.model
    found: dict[str, Any] = {"model": name, "version": None, "grading": told["version"], "drift": {}}
    try:
        found["version"] = registry.champion(uri, name)
        if found["version"]:
            found["drift"] = drift_of(registry.run_metrics(uri, name, found["version"]))
    except ModelError as error:
        return found | {"problem": str(error)}
    return found | {"problem": told["problem"]}
