"""Customers of now without a JVM: delta-rs reads the snapshot and follows the history, DuckDB answers from memory."""

import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa
from deltalake import DeltaTable
from deltalake.exceptions import DeltaError, TableNotFoundError

from dangol.answers.evidence import Evidence
from dangol.answers.queries import Query
from dangol.errors import StoreError
from dangol.tables import CUSTOMER_HISTORY, CUSTOMERS, CUSTOMERS_LIVE

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ", ".join(CUSTOMERS.names)
DUCKDB_TYPES = {"timestamp": "timestamptz", "array<double>": "double[]"}
UNREADABLE = (DeltaError, pa.ArrowException, OSError, duckdb.Error)

CLOSED: dict[str, str | bool | int | float | list[str]] = {
    "enable_external_access": False,
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}
"""DuckDB neither reads files nor loads what it lacks: it sees only the rows that it is given."""

CREATE = f"""
create table customers_live ({", ".join(f"{c.name} {DUCKDB_TYPES.get(c.type, c.type)}" for c in CUSTOMERS.columns)},
                             primary key (customer_id));
create table read_from (table_name varchar, version bigint, committed_at timestamptz, generation int, batch_id bigint);
"""
"""read_from: per Delta table the version that customers_live holds, and the history position that the rows reach."""

UPSERT = f"""
insert or replace into customers_live
with customers as (select * from customers_live where customer_id in (select customer_id from later)),
     customer_history as (select {COLUMNS} from later)
{CUSTOMERS_LIVE.format(customers="customers", customer_history="customer_history")}
"""  # noqa: S608 - only texts of this repository


CUSTOMERS_RFM = Query(
    "customers_rfm",
    """
    select customer_id, cast(recency_days as double) as recency_days, frequency, cast(monetary as double) as monetary
    from customers_live
    """,
    (),
    {"en": "Recency, frequency and monetary value of every customer.", "ko": "모든 고객의 최근성, 빈도, 금액입니다."},
)


class Lake:
    """The newest row of each customer as table `customers_live` in memory, at most `refresh_seconds` behind when asked.

    One instance serves any number of threads. A first use reads the snapshot and the history after it; later uses read
    only what was committed to the history since. Commits that can no longer be read, because a vacuum removed their
    files, lead to a fresh start.
    """

    def __init__(self, store: Path, *, refresh_seconds: float = 0.5) -> None:
        self.store = store
        self.refresh_seconds = refresh_seconds
        self._database: duckdb.DuckDBPyConnection | None = None
        self._history: DeltaTable | None = None
        self._looked_at = 0.0
        self._refreshing = threading.Lock()

    def run(self, query: Query, parameters: Sequence[object] = ()) -> Evidence:
        """The rows of a fixed query and where they come from. Raises StoreError when the tables cannot be read."""
        cursor = self._current().cursor()
        try:
            cursor.begin()  # rows and their provenance of one state, whatever is committed meanwhile
            rows = dictionaries(cursor.execute(query.sql, list(parameters)))
            sources = dictionaries(cursor.execute("select * from read_from order by table_name"))
            (customers,) = cursor.execute("select count(*) from customers_live").fetchone() or (0,)
            cursor.rollback()
        except duckdb.Error as error:
            raise StoreError(f"the query {query.name} failed on the tables under {self.store}: {error}") from error
        finally:
            cursor.close()
        source = supplier(sources, rows)
        return Evidence(query, tuple(rows), source["table_name"], source["version"], source["committed_at"], customers)

    def frame(self, query: Query, parameters: Sequence[object] = ()) -> "pd.DataFrame":
        """All rows of a fixed query in memory, for work over every customer. Raises StoreError as `run`."""
        cursor = self._current().cursor()
        try:
            return cursor.execute(query.sql, list(parameters)).df()
        except duckdb.Error as error:
            raise StoreError(f"the query {query.name} failed on the tables under {self.store}: {error}") from error
        finally:
            cursor.close()

    def _current(self) -> duckdb.DuckDBPyConnection:
        """The database, refreshed by one thread at a time; the others go on with what there is."""
        database = self._database
        if database is not None and time.monotonic() - self._looked_at < self.refresh_seconds:
            return database
        if self._refreshing.acquire(blocking=database is None):
            try:
                self._refresh()
                self._looked_at = time.monotonic()
            finally:
                self._refreshing.release()
        if self._database is None:
            raise StoreError(f"the tables under {self.store} could not be read; try again")
        return self._database

    def _refresh(self) -> None:
        try:
            if self._database is not None and self._history is not None:
                follow(self._database, self._history)
                return
        except UNREADABLE:
            pass  # vacuumed or rewritten: start afresh from what is there
        try:
            self._start()
        except UNREADABLE as error:
            raise StoreError(
                f"the tables under {self.store} cannot be read ({error}); check them with `dangol status`"
            ) from error

    def _start(self) -> None:
        """Reads the snapshot, then the history after the snapshot's position."""
        snapshot, history = opened(self.store / CUSTOMERS.name), opened(self.store / CUSTOMER_HISTORY.name)
        if snapshot is None and history is None:
            raise StoreError(
                f"there is no table {CUSTOMERS.name} or {CUSTOMER_HISTORY.name} under {self.store}; "
                "run `dangol stream` on this store first"
            )
        database = duckdb.connect(config=CLOSED)
        database.execute(CREATE)
        if snapshot is not None:
            upsert(database, snapshot.scan(columns=CUSTOMERS.names))
            note(database, CUSTOMERS.name, snapshot)
        if history is not None:
            upsert(database, history.scan(columns=CUSTOMERS.names, predicate=since(reached(database), ">")))
            note(database, CUSTOMER_HISTORY.name, history)
        self._database, self._history = database, history


def follow(database: duckdb.DuckDBPyConnection, history: DeltaTable) -> None:
    """Reads the rows of the commits after the version held."""
    held = history.version()
    history.update_incremental()
    if history.version() == held:
        return
    with database.cursor() as cursor:
        # upkeep rewrites files, and then every old row of them is told as deleted, and as inserted if it was kept
        new = f"_change_type = 'insert' and ({since(reached(cursor), '>=')})"
        later = history.load_cdf(starting_version=held + 1, columns=CUSTOMERS.names, predicate=new)
        cursor.begin()
        upsert(cursor, later)
        note(cursor, CUSTOMER_HISTORY.name, history)
        cursor.commit()


def opened(folder: Path) -> DeltaTable | None:
    try:
        return DeltaTable(folder)
    except TableNotFoundError:
        return None


def upsert(connection: duckdb.DuckDBPyConnection, later: Any) -> None:
    """Makes the newest of the rows `later` (an Arrow stream) and those held the row of each customer."""
    connection.register("later", pa.table(later))
    connection.execute(UPSERT)
    connection.unregister("later")


def reached(connection: duckdb.DuckDBPyConnection) -> tuple[int, int] | None:
    """The greatest (generation, batch_id) held, or None without rows."""
    rows = connection.execute(
        "select generation, batch_id from customers_live order by generation desc, batch_id desc limit 1"
    ).fetchall()
    return rows[0] if rows else None


def since(position: tuple[int, int] | None, compared: str) -> str:
    """The predicate of the rows of the history from a position on (>=), or after it (>); without one, of all."""
    if position is None:
        return "true"
    generation, batch_id = position
    return f"generation > {generation} or (generation = {generation} and batch_id {compared} {batch_id})"


def note(connection: duckdb.DuckDBPyConnection, name: str, table: DeltaTable) -> None:
    """Records which version of a table is held, and the position that the rows reach."""
    committed_at = datetime.fromtimestamp(table.history(1)[0]["timestamp"] / 1000, UTC)
    connection.execute("delete from read_from where table_name = ?", [name])
    connection.execute(
        "insert into read_from values (?, ?, ?, ?, ?)",
        [name, table.version(), committed_at, *(reached(connection) or (None, None))],
    )


def dictionaries(result: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    names = [column[0] for column in result.description or []]
    return [
        {
            name: value.astimezone(UTC) if isinstance(value, datetime) else value
            for name, value in zip(names, row, strict=True)
        }
        for row in result.fetchall()
    ]


def supplier(sources: list[dict[str, Any]], rows: list[dict[str, Any]]) -> dict[str, Any]:
    """The table that holds the newest row used: the snapshot up to its position, the history after it."""
    by_name = {source["table_name"]: source for source in sources}
    snapshot, history = by_name.get(CUSTOMERS.name), by_name.get(CUSTOMER_HISTORY.name)
    if snapshot is None or history is None:
        return snapshot or history or {}
    used = (rows[0]["generation"], rows[0]["batch_id"]) if rows else (None, None)
    covered = (snapshot["generation"], snapshot["batch_id"])
    return history if None in (*used, *covered) or used > covered else snapshot
