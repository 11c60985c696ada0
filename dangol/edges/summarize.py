"""`dangol summarize`: follows customer_history, events and changes without a JVM and keeps `summaries` up to date.

How far it has come in each of them is written in the very commit that brings the rows. Killed anywhere, it goes on from
there and ends with the same table: a row follows from the tables alone, and one that says the same is not written.
"""

import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import structlog
from deltalake import DeltaTable

from dangol.answers.products import clean
from dangol.answers.purchases import DAYS, EVENT_COLUMNS, FACT_COLUMNS, LINES, ORDERS, PRODUCTS
from dangol.answers.signals import COMPARED, LIMITS, Day, limit
from dangol.answers.summaries import (
    TOP_PRODUCTS,
    TOP_SIGNALS,
    Card,
    Change,
    Customer,
    Movement,
    Terms,
    customer_row,
    fingerprint,
    grade_row,
    movement_row,
)
from dangol.edges.lake import CLOSED, DUCKDB_TYPES, UNREADABLE, dictionaries, literal, opened, registered, since
from dangol.edges.manifest import only_driver, read_manifest
from dangol.edges.positions import broken_told, made, note, reached, split, upsert
from dangol.edges.signals import signalled
from dangol.errors import StoreError
from dangol.grades.changes import POSITION
from dangol.settings import Settings
from dangol.tables import CHANGES, CUSTOMER_HISTORY, CUSTOMERS, EVENTS, SUMMARIES

log = structlog.get_logger()
NAMES = pa.schema([("raw", pa.string()), ("name", pa.string())])
PAUSE_SECONDS = 30
"""The least time between two steps, for each rewrites files of the table. Summaries may be a minute behind."""
POLL_SECONDS = 0.2
OLD_HOURS = 1
"""How long a file that left the table stays, for those who read it: each step leaves a copy of much of it behind."""
CHUNK_CUSTOMERS = 20_000
"""Customers whose rows are made at once, so that the memory for events and texts does not grow with the shop."""
FOLLOWED = (CUSTOMER_HISTORY, EVENTS, CHANGES)
HISTORY_TOLD = f"{SUMMARIES.name}/{CUSTOMER_HISTORY.name}"
"""The name under which the position in customer_history is kept, up to which the summaries tell."""
TEXTS = f"{SUMMARIES.name}/texts"
"""The name under which the fingerprint of the texts is kept, beside the positions."""
COUNTS = ("added", "updated", "skipped", "deleted")

LIVE = (
    *("customer_id", "frequency", "monetary", "monetary_gross", "last_purchase_date", "grade", "grade_rank"),
    *("posterior", "state", "as_of", "enqueued_time", "generation", "batch_id"),
)
CHANGE = ("customer_id", "old_grade", "new_grade", "cause", "as_of", "generation", "batch_id")
HELD = ("key", "customer_id", "top_products", "signals", "content_hash")
"""What is kept in memory of the rows of summaries."""
WITH_FIGURES = "live left join figures using (customer_id)"

LIVE_TYPES = {column.name: DUCKDB_TYPES.get(column.type, column.type) for column in CUSTOMERS.columns}
CREATE = f"""
create table live ({", ".join(f"{name} {LIVE_TYPES[name]}" for name in LIVE)});
create table figures (customer_id varchar, lifetime_gross decimal(38,4));
create table held (key varchar, customer_id varchar, top_products varchar[], signals varchar[], content_hash varchar);
create table touched (customer_id varchar);
"""
"""live: each customer's newest row. figures: of all customers, what must be known to compare with."""
TAKE = f"""
delete from live where customer_id in (select customer_id from later);
insert into live by name select {", ".join(LIVE)} from later
qualify row_number() over (partition by customer_id order by generation desc, batch_id desc) = 1
"""  # noqa: S608 - names of this repository alone
FIGURES = f"""
with days as ({DAYS})
select customer_id, cast(sum(gross) as decimal(38,4)) as lifetime_gross from days group by customer_id
"""  # noqa: S608 - texts of this repository alone
FLIPPED = f"""
select customer_id from {WITH_FIGURES} join held using (customer_id)
where {" or ".join(f"list_contains(signals, '{name}') <> ({rule})" for name, rule in COMPARED.items())}
"""  # noqa: S608 - texts of this repository alone
"""Customers of whom nothing has changed but what they are compared with."""
GONE = "select key from held where customer_id is not null and customer_id not in (select customer_id from live)"
DAY_LISTS = f"""
select customer_id, list(row(day, orders, gross, returned) order by day) as days from ({DAYS}) group by customer_id
"""  # noqa: S608 - texts of this repository alone
LAST_CHANGES = f"""
select customer_id, arg_max(row(old_grade, new_grade, cause, as_of), {POSITION}) as last_change
from changes group by customer_id
"""  # noqa: S608 - texts of this repository alone
CUSTOMERS_OF_CHUNK = f"""
select live.*, days, products, last_change,
       [{", ".join(f"case when {rule} then '{name}' end" for name, rule in COMPARED.items())}] as compared
from {WITH_FIGURES} left join ({DAY_LISTS}) using (customer_id) left join ({PRODUCTS}) using (customer_id)
     left join ({LAST_CHANGES}) using (customer_id)
where customer_id in (select customer_id from chunk)
order by customer_id
"""  # noqa: S608 - texts of this repository alone
MOST_COMMON = """
select grade, list(row(name, customers) order by customers desc, name)[1:{most}] as {names} from (
    select grade, name, count(*) as customers
    from (select grade, unnest({names}) as name from live join held using (customer_id) where grade is not null)
    group by grade, name
)
where customers > 1 group by grade
"""
CARDS = f"""
select grade, min(grade_rank) as grade_rank, count(*) as customers,
       cast(sum(count(*)) over () as bigint) as graded_customers,
       cast(sum(frequency) as bigint) as frequency, cast(median(frequency) as decimal(18,1)) as frequency_median,
       sum(monetary) as monetary, cast(median(monetary) as decimal(18,4)) as monetary_median,
       sum(sum(monetary)) over () as graded_monetary,
       any_value(top_products) as products, any_value(signals) as signals,
       arg_max(as_of, {POSITION}) as as_of, max({POSITION}) as position
from live left join ({MOST_COMMON.format(names="top_products", most=TOP_PRODUCTS)}) using (grade)
     left join ({MOST_COMMON.format(names="signals", most=TOP_SIGNALS)}) using (grade)
where grade is not null
group by grade
order by grade
"""  # noqa: S608 - texts of this repository alone
MOVEMENTS = f"""
select old_grade, new_grade, count(distinct customer_id) as customers, histogram(cause) as causes,
       arg_max(as_of, {POSITION}) as as_of, max({POSITION}) as position
from changes where not list_contains($ignored, customer_id)
group by old_grade, new_grade
order by old_grade, new_grade
"""  # noqa: S608 - texts of this repository alone


def run_summarize(settings: Settings, *, available_now: bool) -> dict[str, Any]:
    """Keeps the summaries until SIGTERM or Ctrl-C, or, with `available_now`, until they tell all that is there.

    {added, updated, skipped, deleted, behind_seconds}: rows; and, of the last step that found new rows of history, how
    long ago the first of their messages was enqueued when the step's commit was done, null without one.
    Raises StoreError when a table is missing or can be neither read nor written, or another process keeps them.
    """
    counts = Counter[str]()
    lock = settings.store.checkpoints / SUMMARIES.name
    with only_driver(lock, "dangol summarize", "end that process"), signalled() as stopping:
        summarizer = Summarizer(settings.store.path, terms_of(settings), lambda: ignored(settings), stopping.is_set)
        while not stopping.is_set():
            began = time.monotonic()
            done = summarizer.step()
            counts.update(done or {})
            if available_now and done is None:
                break
            if not available_now:
                pause(max(PAUSE_SECONDS, time.monotonic() - began), stopping.is_set)
    return {name: counts[name] for name in COUNTS} | {"behind_seconds": summarizer.behind_seconds}


def terms_of(settings: Settings) -> Terms:
    return Terms(settings.grades.names[settings.grades.components], settings.shop.currency, settings.shop.zone)


def ignored(settings: Settings) -> list[str]:
    """The ids that are no customers: by setting, or since they were found to be outgrown."""
    manifest = read_manifest(settings.store.checkpoints)
    return [*settings.ingest.ignored_customers, *(manifest.outgrown if manifest else ())]


def pause(seconds: float, is_stopping: Callable[[], bool]) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until and not is_stopping():
        time.sleep(POLL_SECONDS)


class Summarizer:
    """Writes what has changed in the tables that it follows. In memory it keeps LIVE and HELD of each customer.

    All customers are written anew at a first start, with other texts or names than before, and in a new generation;
    else those of whom there are new rows, or whom the others have overtaken. Grades and movements at each step.
    """

    def __init__(
        self,
        store: Path,
        terms: Terms,
        ignored: Callable[[], Collection[str]] = tuple,
        is_stopping: Callable[[], bool] = lambda: False,
    ) -> None:
        """Raises StoreError when a table that it follows is missing."""
        self.store, self.terms, self.ignored, self.is_stopping = store, terms, ignored, is_stopping
        self.behind_seconds: float | None = None
        self.sweep_at = 0.0
        self._start()

    def step(self) -> Counter[str] | None:
        """COUNTS of what it did by the rows that were appended since; none without a new commit.

        Asked to stop meanwhile, it leaves the rest to the next start. Raises StoreError when a table cannot be read or
        written, from the beginning either.
        """
        try:
            return self._step()
        except UNREADABLE as error:  # a vacuum or another writer came between: the tables know
            log.warning("summaries begin afresh", reason=str(error))
        self._start()
        with broken_told(self.store):
            return self._step()

    def _start(self) -> None:
        with broken_told(self.store):
            self.tables = {table.name: known(self.store, table.name) for table in FOLLOWED}
            self.summaries = made(self.store, SUMMARIES)
            self.seen: dict[str, int] = {}
            self.database = duckdb.connect(config=CLOSED)
            self.database.execute(CREATE)
            self.remember()
            committed = self.committed()
            self.is_whole = None in committed.values() or committed[TEXTS] != fingerprint(self.terms)
            self.positions = {name: committed[f"{SUMMARIES.name}/{name}"] or 0 for name in self.tables}
            if self.is_whole:
                self.positions = dict.fromkeys(self.tables, 0) | {CUSTOMER_HISTORY.name: self.newest("live")}
            else:
                self.compare(None)

    def remember(self) -> None:
        """Fills `live` from the snapshot and the history after it, and `held` from the summaries."""
        snapshot, after = opened(self.store / CUSTOMERS.name), None
        if snapshot is not None:
            self.take(snapshot.scan(columns=list(LIVE)))
            after = since(split(self.newest("live")), ">") if self.value("select count(*) from live") else None
        self.take(self.scan(CUSTOMER_HISTORY.name, LIVE, after))
        with registered(self.database, "rows", pa.table(self.summaries.scan(columns=list(HELD)))):
            self.database.execute("insert into held by name select * from rows")

    def take(self, rows: Any) -> None:
        """Makes the newest of rows of the history the customers' rows in `live`."""
        with registered(self.database, "later", pa.table(rows)):
            self.database.execute(TAKE)

    def committed(self) -> dict[str, int | None]:
        """What the newest commit of the summaries has written down, by the names of `progress`."""
        return {
            name: reached(self.summaries, name) for name in (*(f"{SUMMARIES.name}/{t}" for t in self.tables), TEXTS)
        }

    def progress(self) -> dict[str, int]:
        by_table = {f"{SUMMARIES.name}/{name}": position for name, position in self.positions.items()}
        return by_table | {TEXTS: fingerprint(self.terms)}

    def _step(self) -> Counter[str] | None:
        seen = {name: version_now(table) for name, table in self.tables.items()}
        if seen == self.seen:
            return None
        left_out = list(self.ignored())
        positions, enqueued = self.take_news(left_out)
        counts, waiting = Counter(dict.fromkeys(COUNTS, 0)), list[dict[str, Any]]()
        for customers in self.chunks():
            if self.is_stopping():
                return counts
            if len(waiting) >= CHUNK_CUSTOMERS:
                self.put(waiting, (), None)
                waiting = []
            waiting += self.changed(self.customer_rows(customers), counts)
        cards = [*self.grade_rows(), *self.movement_rows(left_out)]
        waiting += self.changed(cards, counts)
        gone = self.forget([row["key"] for row in cards])
        counts["deleted"] += len(gone)
        before, self.positions = self.positions, positions
        if waiting or gone or self.is_whole:
            self.put(waiting, gone, self.progress())
            self.sweep()
            log.info("summaries written", **counts)
        elif positions != before:
            note(self.summaries, self.progress())
        self.seen, self.is_whole = seen, False
        if enqueued:
            self.behind_seconds = round((datetime.now(UTC) - enqueued).total_seconds(), 1)
        return counts

    def take_news(self, left_out: list[str]) -> tuple[dict[str, int], datetime | None]:
        """Fills `touched`. The positions that the tables have come to, and when the first message behind the new rows
        of history was enqueued; none without rows, or when all customers are written anew."""
        self.database.execute("delete from touched")
        with registered(self.database, "later", pa.table(self.after(CUSTOMER_HISTORY.name, LIVE))):
            positions = {CUSTOMER_HISTORY.name: self.newest("later")}
            enqueued = self.value("select min(enqueued_time) from later")
            self.database.execute(TAKE)
            self.touch("later")
        for name in (EVENTS.name, CHANGES.name):
            with registered(
                self.database, "later", pa.table(self.after(name, ("customer_id", "generation", "batch_id")))
            ):
                positions[name] = self.newest("later")
                self.touch("later")
                if name == EVENTS.name and not self.is_whole:
                    self.compare(self.column("select distinct customer_id from later where customer_id is not null"))
        positions = {name: max(position, self.positions[name]) for name, position in positions.items()}
        self.database.execute("delete from live where customer_id in (select unnest($1))", [left_out])
        if split(positions[CUSTOMER_HISTORY.name])[0] > split(self.positions[CUSTOMER_HISTORY.name])[0]:
            self.is_whole = True
        return positions, None if self.is_whole else enqueued

    def chunks(self) -> Iterator[list[str]]:
        """The ids of the customers whose rows are to be made."""
        if self.is_whole:
            self.compare(None)
        found = dictionaries(self.database.execute(LIMITS.format(customers=WITH_FIGURES)))[0]
        self.limits = {
            "big_basket": limit(found["big_basket"], found["repeat_customers"]),
            "high_value": limit(found["high_value"], found["buyers"]),
        }
        self.database.execute(f"insert into touched {FLIPPED}", self.limits)
        chosen = "true" if self.is_whole else "customer_id in (select customer_id from touched)"
        customers = self.column(f"select customer_id from live where {chosen} order by customer_id")  # noqa: S608
        for start in range(0, len(customers), CHUNK_CUSTOMERS):
            yield customers[start : start + CHUNK_CUSTOMERS]

    def customer_rows(self, customers: list[str]) -> list[dict[str, Any]]:
        zone, database = {"zone": str(self.terms.zone)}, self.database
        events = pa.table(self.scan(EVENTS.name, EVENT_COLUMNS, among(customers)))
        changes = self.scan(CHANGES.name, CHANGE, among(customers))
        chunk = pa.table({"customer_id": customers})
        with (
            registered(self.database, "events", events),
            registered(self.database, "changes", changes),
            registered(self.database, "chunk", chunk),
        ):
            database.execute(f"create or replace table orders as {ORDERS}", zone)
            database.execute(f"create or replace table lines as {LINES}", zone)
            raw = self.column("select distinct name from lines where name is not null")
            database.execute("create or replace table names (raw varchar, name varchar)")
            with registered(
                self.database, "cleaned", pa.table({"raw": raw, "name": [clean(name) for name in raw]}, NAMES)
            ):
                database.execute("insert into names select * from cleaned")
            found = dictionaries(database.execute(CUSTOMERS_OF_CHUNK, self.limits))
        return [customer_row(customer_of(row), self.terms) for row in found]

    def grade_rows(self) -> list[dict[str, Any]]:
        return [grade_row(card_of(row), self.terms) for row in dictionaries(self.database.execute(CARDS))]

    def movement_rows(self, left_out: list[str]) -> list[dict[str, Any]]:
        with registered(self.database, "changes", self.scan(CHANGES.name, CHANGE, None)):
            found = dictionaries(self.database.execute(MOVEMENTS, {"ignored": left_out}))
        return [movement_row(movement_of(row), self.terms) for row in found]

    def changed(self, rows: list[dict[str, Any]], counts: Counter[str]) -> list[dict[str, Any]]:
        """Those rows that are new or say something else than what is held, now held themselves."""
        query = "select key, content_hash from held where key in (select unnest($1))"
        hashes = dict(self.database.execute(query, [[row["key"] for row in rows]]).fetchall())
        found = [row for row in rows if hashes.get(row["key"]) != row["content_hash"]]
        counts["added"] += sum(row["key"] not in hashes for row in found)
        counts["updated"] += sum(row["key"] in hashes for row in found)
        counts["skipped"] += len(rows) - len(found)
        with registered(self.database, "rows", self.table_of(found)):
            self.database.execute("delete from held where key in (select key from rows)")
            self.database.execute(f"insert into held by name select {', '.join(HELD)} from rows")  # noqa: S608
        return found

    def forget(self, cards: list[str]) -> list[str]:
        """The keys of customers that are no more, and of grades and movements that are not among `cards`; now held no
        more."""
        others = "select key from held where customer_id is null and key not in (select unnest($1))"
        gone = self.column(GONE) + self.column(others, [cards])
        self.database.execute("delete from held where key in (select unnest($1))", [gone])
        return gone

    def put(self, rows: list[dict[str, Any]], gone: Collection[str], progress: dict[str, int] | None) -> None:
        upsert(self.summaries, "key", self.table_of(rows), gone, progress)

    def sweep(self) -> None:
        """Removes the files that left the table OLD_HOURS ago, once in so many hours."""
        if time.monotonic() >= self.sweep_at:
            self.summaries.vacuum(OLD_HOURS, dry_run=False, enforce_retention_duration=False)
            self.sweep_at = time.monotonic() + OLD_HOURS * 3600

    def table_of(self, rows: list[dict[str, Any]]) -> pa.Table:
        return pa.Table.from_pylist(rows, pa.schema(self.summaries.schema().to_arrow()))

    def compare(self, customers: list[str] | None) -> None:
        """Brings the `figures` of customers up to date; null: of all."""
        if customers == []:
            return
        predicate = None if customers is None else among(customers)
        with registered(self.database, "events", self.scan(EVENTS.name, FACT_COLUMNS, predicate)):
            self.database.execute(f"create or replace table orders as {ORDERS}", {"zone": str(self.terms.zone)})
        self.database.execute("delete from figures where customer_id in (select customer_id from orders)")
        self.database.execute(f"insert into figures {FIGURES}")

    def touch(self, table: str) -> None:
        self.database.execute(f"insert into touched select distinct customer_id from {table}")  # noqa: S608

    def after(self, name: str, columns: Sequence[str]) -> Any:
        """The rows of a table after the position that it has come to."""
        return self.scan(name, columns, since(split(self.positions[name]), ">"))

    def scan(self, name: str, columns: Sequence[str], predicate: str | None) -> Any:
        return pa.RecordBatchReader.from_stream(self.tables[name].scan(columns=list(columns), predicate=predicate))

    def newest(self, table: str) -> int:
        """The greatest position of a table's rows; 0 without rows, which is before all."""
        return int(self.value(f"select max({POSITION}) from {table}") or 0)  # noqa: S608

    def value(self, sql: str) -> Any:
        ((found,),) = self.database.execute(sql).fetchall()
        return found

    def column(self, sql: str, parameters: Sequence[object] = ()) -> list[str]:
        return [value for (value,) in self.database.execute(sql, list(parameters)).fetchall()]


def known(store: Path, name: str) -> DeltaTable:
    found = opened(store / name)
    if found is None:
        raise StoreError(f"there is no table {name} under {store}; run `dangol stream` on this store first")
    return found


def version_now(table: DeltaTable) -> int:
    table.update_incremental()
    return int(table.version())


def among(customers: Collection[str]) -> str:
    """The predicate of the rows of some customers."""
    return f"customer_id in {literal(list(customers))}"


def customer_of(row: dict[str, Any]) -> Customer:
    return Customer(
        row,
        [Day(*day) for day in row["days"] or ()],
        [name for name in row["compared"] if name],
        row["products"] or [],
        Change(*row["last_change"]) if row["last_change"] else None,
    )


def card_of(row: dict[str, Any]) -> Card:
    generation, batch_id = split(row.pop("position"))
    products = [name for name, _ in row.pop("products") or ()]
    return Card(**row | {"signals": row["signals"] or []}, products=products, generation=generation, batch_id=batch_id)


def movement_of(row: dict[str, Any]) -> Movement:
    generation, batch_id = split(row.pop("position"))
    causes = row.pop("causes")
    cause = min(causes, key=lambda name: (-causes[name], name))
    return Movement(**row, cause=cause, generation=generation, batch_id=batch_id)
