"""The tables of a store without a JVM: delta-rs reads and follows them, DuckDB answers from memory.

In memory are the newest row of each customer and, once a question needs them, `customer_days` and `changes`. Of the
other tables each query reads the rows that its parameters leave.
"""

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa
from deltalake import DeltaTable
from deltalake.exceptions import DeltaError, TableNotFoundError

from dangol.answers.evidence import Evidence, Source
from dangol.answers.queries import PARAMETER, Query, Read
from dangol.errors import MissingTableError, QueryError, StoreError
from dangol.tables import CHANGES, CUSTOMER_DAYS, CUSTOMER_HISTORY, CUSTOMERS, CUSTOMERS_LIVE, Table

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
ONE_THREAD = {"threads": 1}
"""A question is a thread of its own. To divide it over more takes a fifth more processor time, of which the stream and
other questions have need."""

HELD: Mapping[str, tuple[str, ...]] = {
    CUSTOMER_DAYS.name: ("customer_id", "day", "orders", "gross", "returned", "generation", "batch_id"),
    CHANGES.name: tuple(CHANGES.names),
}
"""What is held of the tables that are read whole, once a question needs them."""
LIVE: Read = "customers_live"
REWRITES = {"MERGE", "DELETE", "UPDATE", "TRUNCATE", "RESTORE"}
"""Operations after which rows that are held may be there no more."""


def columns_of(table: Table, names: Sequence[str]) -> str:
    types = {column.name: DUCKDB_TYPES.get(column.type, column.type) for column in table.columns}
    return ", ".join(f"{name} {types[name]}" for name in names)


MACROS = """
create macro element_at(list, place) as list_extract(list, cast(place as bigint));
create macro regexp_like(string, pattern) as regexp_matches(string, pattern);
"""
"""What Spark calls otherwise."""
CREATE = f"""
{MACROS}
create table {LIVE} ({columns_of(CUSTOMERS, CUSTOMERS.names)}, primary key (customer_id));
create table {CUSTOMER_DAYS.name} ({columns_of(CUSTOMER_DAYS, HELD[CUSTOMER_DAYS.name])});
create table {CHANGES.name} ({columns_of(CHANGES, HELD[CHANGES.name])});
create table read_from (table_name varchar, version bigint, committed_at timestamptz, generation int, batch_id bigint,
                        as_of timestamptz);
"""
"""read_from: per Delta table the version that is held; of customers and customer_history also the position that
customers_live reached by it, and the moment which its newest row is true for."""

UPSERT = f"""
insert or replace into {LIVE}
with customers as (select * from {LIVE} where customer_id in (select customer_id from later)),
     customer_history as (select {COLUMNS} from later)
{CUSTOMERS_LIVE.format(customers="customers", customer_history="customer_history")}
"""  # noqa: S608 - only texts of this repository


CUSTOMERS_RFM = Query(
    "customers_rfm",
    (LIVE,),
    """
    select customer_id, cast(recency_days as double) as recency_days, frequency, cast(monetary as double) as monetary
    from customers_live
    """,
    {"en": "Recency, frequency and monetary value of every customer.", "ko": "모든 고객의 최근성, 빈도, 금액입니다."},
)


class Lake:
    """Queries on a store, at most `refresh_seconds` behind when asked.

    One instance serves any number of threads. A first use reads the snapshot and the history after it; later uses read
    only what was committed since. Commits that can no longer be read, because a vacuum removed their files, or that
    removed rows, lead to a fresh start.
    """

    def __init__(self, store: Path, *, refresh_seconds: float = 0.5) -> None:
        self.store = store
        self.refresh_seconds = refresh_seconds
        self._database: duckdb.DuckDBPyConnection | None = None
        self._history: DeltaTable | None = None
        self._snapshot: DeltaTable | None = None
        self._held: dict[str, DeltaTable] = {}
        self._looked_at = 0.0
        self._refreshing = threading.Lock()

    def run(self, query: Query, parameters: Mapping[str, object] | None = None) -> Evidence:
        """The rows of a fixed query and where they come from. Raises StoreError when the tables cannot be read."""
        with self._asked(query, parameters) as (cursor, bound, scanned):
            cursor.begin()  # rows and their provenance of one state, whatever is committed meanwhile
            rows = tuple(dictionaries(cursor.execute(query.duckdb, bound)))
            known = dictionaries(cursor.execute("select * from read_from order by table_name"))
            cursor.rollback()
        sources = tuple(scanned.get(name) or source_of(name, known, rows) for name in query.reads)
        return Evidence(query, bound, rows, sources, moment(query, known, rows, sources))

    def column(self, query: Query, parameters: Mapping[str, object] | None = None) -> list[Any]:
        """See evidence.Lake."""
        with self._asked(query, parameters) as (cursor, bound, _):
            (values,) = cursor.execute(query.duckdb, bound).fetchnumpy().values()
        return list(values.tolist())

    def frame(self, query: Query, parameters: Mapping[str, object] | None = None) -> "pd.DataFrame":
        """All rows of a fixed query, for work over every customer. Raises StoreError as `run`."""
        with self._asked(query, parameters) as (cursor, bound, _):
            return cursor.execute(query.duckdb, bound).df()

    def has(self, table: str) -> bool:
        return (self.store / table / "_delta_log").is_dir()

    def _current(self, query: Query) -> duckdb.DuckDBPyConnection:
        """The database with the tables that a query reads, refreshed by one thread at a time; the others go on with
        what there is."""
        lacks = self._database is None or any(name in HELD and name not in self._held for name in query.reads)
        is_due = time.monotonic() - self._looked_at >= self.refresh_seconds
        if (lacks or is_due) and self._refreshing.acquire(blocking=lacks):
            try:
                self._refresh([name for name in query.reads if name in HELD])
                self._looked_at = time.monotonic()
            finally:
                self._refreshing.release()
        if self._database is None:
            raise StoreError(f"the tables under {self.store} could not be read; try again")
        return self._database

    def _refresh(self, needed: Sequence[str]) -> None:
        try:
            if self._database is not None and self._history is not None:
                self._follow(self._database, self._history)
                self._hold(self._database, needed)
                return
        except UNREADABLE:
            pass  # vacuumed or rewritten: start afresh from what is there
        try:
            self._hold(self._start(), needed)
        except UNREADABLE as error:
            raise StoreError(
                f"the tables under {self.store} cannot be read ({error}); check them with `dangol status`"
            ) from error

    def _start(self) -> duckdb.DuckDBPyConnection:
        """Reads the snapshot, then the history after the snapshot's position."""
        snapshot, history = opened(self.store / CUSTOMERS.name), opened(self.store / CUSTOMER_HISTORY.name)
        if snapshot is None and history is None:
            raise StoreError(
                f"there is no table {CUSTOMERS.name} or {CUSTOMER_HISTORY.name} under {self.store}; "
                "run `dangol stream` on this store first"
            )
        database = duckdb.connect(config=CLOSED | ONE_THREAD)
        database.execute(CREATE)
        if snapshot is not None:
            upsert(database, snapshot.scan(columns=CUSTOMERS.names))
            note(database, CUSTOMERS.name, snapshot)
        if history is not None:
            upsert(database, history.scan(columns=CUSTOMERS.names, predicate=since(reached(database), ">")))
            note(database, CUSTOMER_HISTORY.name, history)
        self._database, self._history, self._snapshot, self._held = database, history, snapshot, {}
        return database

    def _follow(self, database: duckdb.DuckDBPyConnection, history: DeltaTable) -> None:
        """Reads the rows of the commits after the version held."""
        if self._snapshot is not None and lost_rows(self._snapshot):
            self._start()  # a customer was forgotten there too
            return
        held = history.version()
        history.update_incremental()
        if history.version() == held:
            return
        if rewritten(history, held):
            self._start()
            return
        with database.cursor() as cursor:
            # upkeep rewrites files, and then every old row of them is told as deleted, and as inserted if it was kept
            new = f"_change_type = 'insert' and ({since(reached(cursor), '>=')})"
            later = history.load_cdf(starting_version=held + 1, columns=CUSTOMERS.names, predicate=new)
            cursor.begin()
            upsert(cursor, later)
            note(cursor, CUSTOMER_HISTORY.name, history)
            cursor.commit()

    def _hold(self, database: duckdb.DuckDBPyConnection, needed: Sequence[str]) -> None:
        """Brings the tables that are held, and those that are needed now, up to their newest versions."""
        database = self._database or database
        for name in HELD:
            if name in self._held:
                follow(database, name, self._held[name])
            elif name in needed:
                table = opened(self.store / name)
                if table is None:
                    raise MissingTableError(name, self.store)
                fill(database, name, table)
                self._held[name] = table

    @contextmanager
    def _asked(
        self, query: Query, parameters: Mapping[str, object] | None
    ) -> Iterator[tuple[duckdb.DuckDBPyConnection, Mapping[str, object], Mapping[Read, Source]]]:
        """A cursor that sees what a query reads, the values of its parameters, and the tables that are not held, each
        as the rows that these leave, by the names of the query."""
        bound = {name: (parameters or {})[name] for name in query.parameters}
        sources: dict[Read, Source] = {}
        cursor = self._current(query).cursor()
        try:
            for name, scan in query.scans.items():
                table = opened(self.store / name)
                if table is None:
                    raise MissingTableError(name, self.store)
                wanted = PARAMETER.sub(lambda found: literal(bound[found[1]]), scan.predicate)
                cursor.register(name, pa.table(table.scan(columns=list(scan.columns or ()) or None, predicate=wanted)))
                sources[name] = Source(name, table.version(), committed_at(table))
            yield cursor, bound, sources
        except UNREADABLE as error:
            raise QueryError(f"the query {query.name} failed on the tables under {self.store}: {error}") from error
        finally:
            cursor.close()


def follow(database: duckdb.DuckDBPyConnection, name: str, table: DeltaTable) -> None:
    """Reads what was appended to a table that is held; all of it when rows were changed or removed."""
    held = table.version()
    table.update_incremental()
    if table.version() == held:
        return
    if rewritten(table, held):
        fill(database, name, table)
        return
    after = since(reached(database, name), ">")
    with database.cursor() as cursor:
        cursor.begin()
        insert(cursor, name, table.scan(columns=list(HELD[name]), predicate=after))
        note_version(cursor, name, table)
        cursor.commit()


def fill(database: duckdb.DuckDBPyConnection, name: str, table: DeltaTable) -> None:
    with database.cursor() as cursor:
        cursor.begin()
        cursor.execute(f"delete from {name}")  # noqa: S608 - a name of the contract
        insert(cursor, name, table.scan(columns=list(HELD[name])))
        note_version(cursor, name, table)
        cursor.commit()


def insert(cursor: duckdb.DuckDBPyConnection, name: str, rows: Any) -> None:
    with registered(cursor, "later", pa.RecordBatchReader.from_stream(rows)):
        cursor.execute(f"insert into {name} by name select * from later")  # noqa: S608 - a name of the contract


def rewritten(table: DeltaTable, held: int) -> bool:
    """Whether a commit after a version has changed or removed rows, or is not told any more."""
    commits = table.history(table.version() - held)
    overwrites = (commit.get("operationParameters", {}).get("mode") == "Overwrite" for commit in commits)
    return len(commits) < table.version() - held or removes(commits) or any(overwrites)


def lost_rows(snapshot: DeltaTable) -> bool:
    """Whether rows were taken out of the snapshot since it was last looked at. Newer snapshots of all are no loss: the
    history says the same."""
    held = snapshot.version()
    snapshot.update_incremental()
    return snapshot.version() > held and removes(snapshot.history(snapshot.version() - held))


def removes(commits: Sequence[Mapping[str, Any]]) -> bool:
    return any(commit["operation"] in REWRITES for commit in commits)


def opened(folder: Path) -> DeltaTable | None:
    try:
        return DeltaTable(folder)
    except TableNotFoundError:
        return None


@contextmanager
def registered(database: duckdb.DuckDBPyConnection, name: str, rows: Any) -> Iterator[None]:
    """Rows (Arrow) that queries read by a name meanwhile."""
    database.register(name, rows)
    try:
        yield
    finally:
        database.unregister(name)


def upsert(connection: duckdb.DuckDBPyConnection, later: Any) -> None:
    """Makes the newest of the rows `later` (an Arrow stream) and those held the row of each customer."""
    with registered(connection, "later", pa.table(later)):
        connection.execute(UPSERT)


def reached(connection: duckdb.DuckDBPyConnection, name: str = LIVE) -> tuple[int, int] | None:
    """The greatest (generation, batch_id) held, or None without rows."""
    rows = connection.execute(
        f"select generation, batch_id from {name} where generation is not null "  # noqa: S608 - a name of the contract
        "order by generation desc, batch_id desc limit 1"
    ).fetchall()
    return rows[0] if rows else None


def since(position: tuple[int, int] | None, compared: str) -> str:
    """The predicate of the rows of the history from a position on (>=), or after it (>); without one, of all."""
    if position is None:
        return "true"
    generation, batch_id = position
    return f"generation > {generation} or (generation = {generation} and batch_id {compared} {batch_id})"


def note(connection: duckdb.DuckDBPyConnection, name: str, table: DeltaTable) -> None:
    """Records which version of customers or customer_history is held, and what customers_live reached by it."""
    newest = connection.execute(
        f"select generation, batch_id, as_of from {LIVE} order by generation desc, batch_id desc limit 1"  # noqa: S608
    ).fetchone()
    note_version(connection, name, table, newest or (None, None, None))


def note_version(
    connection: duckdb.DuckDBPyConnection, name: str, table: DeltaTable, newest: tuple[Any, ...] = (None, None, None)
) -> None:
    connection.execute("delete from read_from where table_name = ?", [name])
    connection.execute(
        "insert into read_from values (?, ?, ?, ?, ?, ?)", [name, table.version(), committed_at(table), *newest]
    )


def committed_at(table: DeltaTable) -> datetime:
    return datetime.fromtimestamp(table.history(1)[0]["timestamp"] / 1000, UTC)


def dictionaries(result: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    columns = result.description or []
    names = [column[0] for column in columns]
    rows = [dict(zip(names, row, strict=False)) for row in result.fetchall()]  # checked lengths take a third more
    for name in (column[0] for column in columns if str(column[1]) == "TIMESTAMP WITH TIME ZONE"):
        for row in rows:
            row[name] = row[name] and row[name].astimezone(UTC)
    return rows


def source_of(name: str, known: list[dict[str, Any]], rows: Sequence[Mapping[str, Any]]) -> Source:
    """The table that supplied the rows; of customers_live the one that holds the newest row used."""
    by_name = {source["table_name"]: source for source in known}
    found = supplier(by_name, rows) if name == LIVE else by_name[name]
    return Source(found["table_name"], found["version"], found["committed_at"])


def supplier(by_name: Mapping[str, dict[str, Any]], rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The snapshot up to its position, the history after it. An aggregate uses every row, so the newest."""
    snapshot, history = by_name.get(CUSTOMERS.name), by_name.get(CUSTOMER_HISTORY.name)
    if snapshot is None or history is None:
        return snapshot or history or {}
    newest = (history["generation"], history["batch_id"])
    told = [(row["generation"], row["batch_id"]) for row in rows if "generation" in row]
    used, covered = max(told, default=newest), (snapshot["generation"], snapshot["batch_id"])
    return history if None in (*used, *covered) or used > covered else snapshot


def moment(
    query: Query, known: list[dict[str, Any]], rows: Sequence[Mapping[str, Any]], sources: Sequence[Source]
) -> datetime:
    """What the rows are true for: their own as_of; of an aggregate of customers_live that of its newest row; else the
    commit."""
    told: list[datetime] = [row["as_of"] for row in rows if "generation" in row]
    if told:
        return max(told)
    newest: list[datetime] = [source["as_of"] for source in known if source["as_of"]]
    return max(newest) if LIVE in query.reads and newest else sources[0].committed_at


def literal(value: object) -> str:
    """A parameter as a literal of a scan's predicate."""
    match value:
        case str():
            return "'" + value.replace("'", "''") + "'"
        case datetime() | date():
            return f"'{value.isoformat()}'"
        case bool() | int() | Decimal():
            return str(value)
        case list() if value:
            return f"({', '.join(map(literal, value))})"
    raise TypeError(f"{type(value).__name__} is no type of a scan's parameter")
