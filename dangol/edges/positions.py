"""Delta tables that are written without a JVM: each commit says up to which position of customer_history its writer
has come, so that the rows and the progress cannot part."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
from deltalake import CommitProperties, DeltaTable, Schema, Transaction, write_deltalake

from dangol.edges.properties import properties
from dangol.grades.changes import BATCH_BITS
from dangol.tables import Column, Table

SPARK_TYPES = {"bigint": "long", "int": "integer"}


def made(store: Path, table: Table) -> DeltaTable:
    """The table, made with its contract where it does not exist."""
    schema = Schema.from_json(json.dumps({"type": "struct", "fields": [field(column) for column in table.columns]}))
    return DeltaTable.create(
        store / table.name, schema, mode="ignore", description=table.row, configuration=properties(table)
    )


def field(column: Column) -> dict[str, Any]:
    kind = SPARK_TYPES.get(column.type, column.type)
    return {"name": column.name, "type": kind, "nullable": True, "metadata": {"comment": column.meaning}}


def reached(table: DeltaTable, writer: str) -> int | None:
    """The position in a table's newest commit by a writer; none before its first."""
    table.update_incremental()
    version: int | None = table.transaction_version(writer)
    return version


def append(table: DeltaTable, rows: pa.Table | None, progress: tuple[str, int] | None) -> None:
    """One commit of rows, with the table's columns in any order, and of the position that a writer has reached."""
    schema = pa.schema(table.schema().to_arrow())
    fitting = schema.empty_table() if rows is None else rows.select(schema.names).cast(schema)
    transactions = CommitProperties(app_transactions=[Transaction(*progress)] if progress else None)
    write_deltalake(table, fitting, mode="append", commit_properties=transactions)


def split(position: int) -> tuple[int, int]:
    """(generation, batch_id) of a position."""
    return position >> BATCH_BITS, position & ((1 << BATCH_BITS) - 1)


def joined(generation: int, batch_id: int) -> int:
    """A position of customer_history as one integer that orders as (generation, batch_id) does."""
    return (generation << BATCH_BITS) + batch_id
