"""Delta tables that are written without a JVM: each commit says up to which position of customer_history its writer
has come, so that the rows and the progress cannot part."""

import json
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
from deltalake import CommitProperties, DeltaTable, Schema, Transaction, WriterProperties, write_deltalake

from dangol.edges.lake import UNREADABLE
from dangol.edges.properties import properties
from dangol.errors import StoreError
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
    kind = delta_type(column.type)
    return {"name": column.name, "type": kind, "nullable": True, "metadata": {"comment": column.meaning}}


def delta_type(spark: str) -> str | dict[str, Any]:
    """A plain type of the contract, or an array of one, as Delta's log spells it."""
    if spark.startswith("array<"):
        return {"type": "array", "elementType": delta_type(spark[6:-1]), "containsNull": True}
    return SPARK_TYPES.get(spark, spark)


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


def upsert(
    table: DeltaTable, key: str, rows: pa.Table, gone: Collection[str], progress: Mapping[str, int] | None
) -> None:
    """One commit: rows, with the table's columns, take the place of those of the same key or are added; those whose key
    is gone are deleted; and the position that each writer has reached, if that is to be written down."""
    left = pa.table({key: pa.array(gone, pa.string())}).append_column("gone", pa.array([True] * len(gone), pa.bool_()))
    stay = rows.append_column("gone", pa.array([False] * rows.num_rows, pa.bool_()))
    columns = {name: f"source.{name}" for name in rows.column_names}
    (
        table.merge(
            pa.concat_tables([stay, left], promote_options="permissive"),
            f"target.{key} = source.{key}",
            source_alias="source",
            target_alias="target",
            writer_properties=WriterProperties(compression="ZSTD"),
            commit_properties=transactions(progress or {}),
        )
        .when_matched_delete("source.gone")
        .when_matched_update(columns)
        .when_not_matched_insert(columns, predicate="not source.gone")
        .execute()
    )


def note(table: DeltaTable, progress: Mapping[str, int]) -> None:
    """One commit of the positions that writers have reached, without a row."""
    empty = pa.schema(table.schema().to_arrow()).empty_table()
    write_deltalake(table, empty, mode="append", commit_properties=transactions(progress))


def transactions(progress: Mapping[str, int]) -> CommitProperties:
    return CommitProperties(app_transactions=[Transaction(*each) for each in progress.items()] or None)


@contextmanager
def broken_told(store: Path) -> Iterator[None]:
    """Raises StoreError for a table that can be neither read nor written."""
    try:
        yield
    except UNREADABLE as error:
        raise StoreError(
            f"the tables under {store} cannot be read or written ({error}); "
            "mend that and start again, it goes on where it was"
        ) from error


def split(position: int) -> tuple[int, int]:
    """(generation, batch_id) of a position."""
    return position >> BATCH_BITS, position & ((1 << BATCH_BITS) - 1)


def joined(generation: int, batch_id: int) -> int:
    """A position of customer_history as one integer that orders as (generation, batch_id) does."""
    return (generation << BATCH_BITS) + batch_id
