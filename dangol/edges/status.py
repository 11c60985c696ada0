"""`dangol status`: what the stream, the tables and the registry say of themselves, without a JVM."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from deltalake import DeltaTable
from deltalake.exceptions import TableNotFoundError

from dangol.edges import registry
from dangol.edges.manifest import holder, read_manifest
from dangol.errors import ModelError
from dangol.settings import Settings
from dangol.tables import TABLES


def status(settings: Settings) -> dict[str, Any]:
    """{store, running, generation, queries, tables, champion}; what does not exist yet is null."""
    checkpoints = settings.store.checkpoints
    manifest = read_manifest(checkpoints)
    return {
        "store": str(settings.store.path),
        "running": holder(checkpoints),
        "generation": manifest.generation if manifest else None,
        "queries": queries(checkpoints / "progress.json"),
        "tables": {table.name: table_status(settings.store.path / table.name) for table in TABLES},
        "champion": champion(settings),
    }


def queries(progress: Path) -> dict[str, Any]:
    """By query: its last batch with rows in it, and `behind`, the messages of the bus that it had not read by then."""
    try:
        last: dict[str, Any] = json.loads(progress.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    return {name: query_status(batch) for name, batch in last.items()}


def query_status(batch: dict[str, Any]) -> dict[str, Any]:
    began = datetime.fromisoformat(batch["timestamp"])
    return {
        "batch_id": batch["batchId"],
        "timestamp": batch["timestamp"],
        "lag_seconds": round((datetime.now(UTC) - began).total_seconds(), 1),
        "input_rows": batch["numInputRows"],
        "rows_per_second": round(batch.get("processedRowsPerSecond") or 0.0, 1),
        "batch_ms": batch["durationMs"].get("triggerExecution"),
        "behind": behind(batch["sources"]),
    }


def behind(sources: list[dict[str, Any]]) -> int | None:
    """How far the farthest partition of the broker is behind its end; null for other sources."""
    offsets = [(source.get("metrics") or {}).get("maxOffsetsBehindLatest") for source in sources]
    known = [int(offset) for offset in offsets if offset is not None]
    return max(known) if known else None


def table_status(path: Path) -> dict[str, Any] | None:
    try:
        table = DeltaTable(path)
    except TableNotFoundError:
        return None
    committed = table.history(1)[0]["timestamp"]
    return {"version": table.version(), "committed_at": datetime.fromtimestamp(committed / 1000, UTC).isoformat()}


def champion(settings: Settings) -> dict[str, Any]:
    name = settings.registry.model
    try:
        return {"model": name, "version": registry.champion(settings.registry_uri, name), "problem": None}
    except ModelError as error:
        return {"model": name, "version": None, "problem": str(error)}
