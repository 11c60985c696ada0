"""The index for open descriptions: LanceDB over the customers of `summaries`, which only ever searches inside a scope.

It lies under `<store home>/index/<store>`, a folder per fingerprint of embeddings: `fts` without any. A hit has at
least one of the asked words among what it bought; more of them come first, then BM25 or, with embeddings, the nearer.
What was applied last is written after its rows, so a refresh that was killed is simply done again: rows are compared by
their content hash.
"""

import fcntl
import json
import math
import os
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from functools import reduce
from operator import add, and_, or_
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import duckdb
import pyarrow as pa
from deltalake import DeltaTable

from dangol.answers.product_words import fragments, padded, search_terms, spellings
from dangol.answers.words import language_of
from dangol.edges.lake import CLOSED, UNREADABLE, opened
from dangol.edges.manifest import write_json
from dangol.edges.model import model_embeddings
from dangol.errors import StoreError
from dangol.settings import Settings
from dangol.tables import SUMMARIES

if TYPE_CHECKING:  # lancedb takes seconds to import
    from lancedb.expr import Expr
    from lancedb.query import BooleanQuery
    from lancedb.table import Table

CUSTOMERS = "customers"
SCHEMA = pa.schema(
    [(name, pa.string()) for name in ("key", "customer_id", "grade", "words", "content_hash")]
    + [("version", pa.int64())]
)
"""One row per customer, as in summaries, of which `version` is the one that the row was read from."""
READ = ("key", "customer_id", "grade", "words", "content_hash")
ROWS_AT_ONCE = 5000
MOST_UNINDEXED = 1000
"""Rows that a search reads beside the full text index, about 0.1 ms each; more are taken into it, which rewrites it."""
OLD_VERSIONS = timedelta(minutes=10)
UNSEARCHABLE = (OSError, RuntimeError, ValueError)
"""What LanceDB raises when files are missing or damaged: also when a reader's version has just been cleaned up."""


class Embeddings(Protocol):
    """Vectors of texts. The same fingerprint means the same vectors for the same texts."""

    @property
    def fingerprint(self) -> str: ...

    def embed_documents(self, texts: list[str]) -> list[list[float]]: ...

    def embed_query(self, text: str) -> list[float]: ...


@dataclass(frozen=True)
class Hit:
    """A customer who bought what was asked for.

    `share`: of the asked words, those that were found, above 0 to 1. `score` orders hits of one share: BM25, or cosine
    similarity with embeddings. `version`: of summaries, whose row it was built from.
    """

    customer_id: str
    key: str
    share: float
    score: float
    version: int


@dataclass(frozen=True)
class Freshness:
    """The version of summaries that was applied last, and for how many seconds a later one has been there."""

    version: int
    behind_seconds: float


@dataclass(frozen=True)
class Applied:
    """What an index was last brought up to: the table's id, its version, and when that was committed, in ISO 8601."""

    table: str
    version: int
    committed_at: str


class Index:
    """The index of a store. Any number of threads and processes may search while one refreshes."""

    def __init__(self, store: Path, embeddings: Embeddings | None = None) -> None:
        self.store = store
        self.embeddings = embeddings
        fingerprint = embeddings.fingerprint if embeddings else "fts"
        self.folder = store.absolute().parent / "index" / store.name / fingerprint
        self._table: Table | None = None

    def refresh(self) -> dict[str, int]:
        """{added, updated, deleted, version}: applies the customers of summaries whose content hash has changed.

        Waits for another process that does the same. Raises StoreError when summaries is not there or cannot be read or
        the index cannot be written; ModelUnavailableError when embeddings cannot be had.
        """
        summaries = opened(self.store / SUMMARIES.name)
        if summaries is None:
            raise StoreError(f"there is no table {SUMMARIES.name} under {self.store}; run `dangol summarize` first")
        with alone(self.folder), broken_told(self.folder):
            applied = applied_of(summaries)
            counts = {"added": 0, "updated": 0, "deleted": 0}
            if applied != self._applied() or not exists(self.folder):
                counts = self._apply(summaries)
                write_json(self.folder / "applied.json", asdict(applied))
        return counts | {"version": applied.version}

    def search(
        self, text: str, *, customer_ids: Sequence[str] | None, grades: Sequence[str] | None, n: int
    ) -> list[Hit]:
        """At most `n` customers who bought what a text asks for, best first; none when it asks for no product.

        The scope is a filter that comes before the search: nobody else is looked at. None: any; empty: nobody.
        Customers without a grade are in no list of grades. Equals come in no order. Raises StoreError when there is no
        index or it cannot be read.
        """
        terms = search_terms(text, language_of(text))
        if not terms or n < 1:
            return []
        try:
            return self._search(text, terms, scope(customer_ids, grades), n)
        except UNSEARCHABLE:
            self._table = None  # it was rewritten while it was read
        with broken_told(self.folder):
            return self._search(text, terms, scope(customer_ids, grades), n)

    def freshness(self) -> Freshness | None:
        """How far the index is behind summaries; None without an index, or when it is that of another table."""
        applied, summaries = self._applied(), opened(self.store / SUMMARIES.name)
        if applied is None or summaries is None or applied.table != str(summaries.metadata().id):
            return None
        newest = applied_of(summaries)
        return Freshness(applied.version, self.behind(newest.version, datetime.fromisoformat(newest.committed_at)))

    def behind(self, delta_version: int, committed_at: datetime) -> float:
        """For how many seconds the index has lacked a commit of summaries, whose newest one the arguments tell.

        0 when it has them all; infinite without an index.
        """
        applied = self._applied()
        if applied is None:
            return math.inf
        if applied.version >= delta_version:
            return 0.0
        lacked = committed_at if delta_version == applied.version + 1 else self._first_after(applied, delta_version)
        return max(0.0, (datetime.now(UTC) - lacked).total_seconds())

    def _applied(self) -> Applied | None:
        try:
            return Applied(**json.loads((self.folder / "applied.json").read_text("utf-8")))
        except (FileNotFoundError, ValueError, TypeError):  # damaged: what it told is found out by the next refresh
            return None

    def _first_after(self, applied: Applied, delta_version: int) -> datetime:
        """When the first commit that is not applied was made; that of the applied one where the log no longer tells."""
        summaries = opened(self.store / SUMMARIES.name)
        commits = summaries.history(delta_version - applied.version) if summaries else []
        times = {commit.get("version"): commit["timestamp"] for commit in commits}
        first = times.get(applied.version + 1)
        return datetime.fromtimestamp(first / 1000, UTC) if first else datetime.fromisoformat(applied.committed_at)

    def _apply(self, summaries: DeltaTable) -> dict[str, int]:
        database = duckdb.connect(config=CLOSED)
        table = open_table(self.folder) if exists(self.folder) else None
        compare(database, summaries, hashes(table))
        gone = [key for (key,) in database.execute("select key from gone").fetchall()]
        added, updated = database.execute(
            "select count(*) filter (added), count(*) filter (not added) from changed"
        ).fetchall()[0]
        if table is not None and gone:
            delete(table, gone)
        for rows in self._entries(database, summaries) if table is None or added or updated else ():
            if table is None:
                table = create_table(self.folder, rows)
            else:
                upsert(table, rows)
        if table is not None:
            index_rows(table)
        return {"added": added, "updated": updated, "deleted": len(gone)}

    def _entries(self, database: duckdb.DuckDBPyConnection, summaries: DeltaTable) -> Iterator[pa.Table]:
        """The changed customers as rows of the index, ROWS_AT_ONCE at most; at least one table, if need be empty."""
        database.register("summaries", stream(summaries, READ))
        changed = database.execute("select * from summaries semi join changed using (key)")
        version, some = summaries.version(), False
        while rows := changed.fetchmany(ROWS_AT_ONCE):
            some = True
            yield self._entry_table([dict(zip(READ, row, strict=True)) for row in rows], version)
        if not some:
            yield self._entry_table([], version)

    def _entry_table(self, rows: list[dict[str, Any]], version: int) -> pa.Table:
        entries = pa.Table.from_pylist([row | {"version": version} for row in rows], SCHEMA)
        if self.embeddings is None:
            return entries
        vectors = self.embeddings.embed_documents([(row["words"] or "").strip() or "-" for row in rows])
        size = len(vectors[0]) if vectors else len(self.embeddings.embed_query("-"))
        return entries.append_column("vector", pa.array(vectors, pa.list_(pa.float32(), size)))

    def _search(self, text: str, terms: Sequence[str], within: "Expr", n: int) -> list[Hit]:
        if self._table is None:
            self._table = open_table(self.folder)
        asked = self.embeddings.embed_query(text) if self.embeddings else any_of(terms)
        hits: list[Hit] = []
        for count in range(len(terms), 0, -1):
            found = best(self._table, asked, within & with_terms(terms, count), n - len(hits))
            hits += [hit(row, count / len(terms)) for row in found]
            if len(hits) == n:
                break
        return hits


def index_of(settings: Settings) -> Index:
    """The index of a store: of embeddings where a model makes them, else of words."""
    return Index(settings.store.path, model_embeddings(settings))


def forget_customer(home: Path, customer_id: str) -> int:
    """Removes a customer from every index under the home of a store, and what old versions of it hold; how many rows.

    The tables are written anew: LanceDB itself keeps a deleted row's bytes until many rows of its file are deleted. A
    search that runs meanwhile may find no index and raise StoreError. Remove the customer from `summaries` first, or
    the next refresh brings the row back. Raises StoreError when an index cannot be rewritten.
    """
    forgotten = 0
    for folder in sorted(home.glob("index/*/*")):
        if exists(folder):
            with alone(folder), broken_told(folder):
                forgotten += rewrite_without(folder, customer_id)
    return forgotten


def rewrite_without(folder: Path, customer_id: str) -> int:
    from lancedb.expr import col, lit

    table = open_table(folder)
    rows = table.count_rows()
    others = table.search().where(col("customer_id") != lit(customer_id)).to_batches()
    kept = connected(folder).create_table(
        CUSTOMERS, pa.RecordBatchReader.from_batches(table.schema, others), mode="overwrite"
    )
    create_full_text(kept)
    with warnings.catch_warnings(action="ignore", category=UserWarning):  # that readers of old versions fail: so be it
        kept.optimize(cleanup_older_than=timedelta(0), delete_unverified=True)
    return int(rows - kept.count_rows())


def compare(database: duckdb.DuckDBPyConnection, summaries: DeltaTable, held: pa.Table) -> None:
    """Makes `changed` (key, added) and `gone` (key): what summaries says otherwise, and no more, than is held."""
    database.register("held", held)
    database.register("summaries", stream(summaries, ("key", "content_hash")))
    database.execute("create table told as select * from summaries")
    database.unregister("summaries")
    database.execute(
        """
        create table changed as
        select told.key, held.key is null as added from told left join held using (key)
        where told.content_hash is distinct from held.content_hash
        """
    )
    database.execute("create table gone as select key from held anti join told using (key)")


def stream(summaries: DeltaTable, columns: Sequence[str]) -> pa.RecordBatchReader:
    return pa.RecordBatchReader.from_stream(summaries.scan(columns=list(columns), predicate="kind = 'customer'"))


def hashes(table: "Table | None") -> pa.Table:
    """(key, content_hash) of the rows held."""
    if table is None:
        return SCHEMA.empty_table().select(["key", "content_hash"])
    return table.search().select(["key", "content_hash"]).limit(None).to_arrow()


def scope(customer_ids: Sequence[str] | None, grades: Sequence[str] | None) -> "Expr":
    """Whom a search may see. Values are literals of an expression, never text of a query."""
    from lancedb.expr import lit

    limits = {"customer_id": customer_ids, "grade": grades}
    given = [one_of(column, values) for column, values in limits.items() if values is not None]
    return reduce(and_, given, lit(True))


def one_of(column: str, values: Sequence[str]) -> "Expr":
    from lancedb.expr import col, lit

    return col(column).isin(list(values)) if values else lit(False)


def with_terms(terms: Sequence[str], count: int) -> "Expr":
    """Exactly so many of the terms among what was bought."""
    from lancedb.expr import lit

    return reduce(add, (matches(term).cast("int32") for term in terms)) == lit(count)


def matches(term: str) -> "Expr":
    from lancedb.expr import col, lit

    return reduce(or_, (col("words").contains(lit(fragment)) for fragment in fragments(term)))


def any_of(terms: Sequence[str]) -> "BooleanQuery":
    """The full text query that ranks: the ngrams of all spellings of the terms."""
    from lancedb.query import BooleanQuery, MatchQuery, Occur

    words = dict.fromkeys(padded(spelling).rstrip() for term in terms for spelling in spellings(term))
    return BooleanQuery([(Occur.SHOULD, MatchQuery(word, "words")) for word in words])  # type: ignore[call-arg]


def best(table: "Table", asked: "BooleanQuery | list[float]", where: "Expr", n: int) -> list[dict[str, Any]]:
    """The best rows of those that the filter lets through, as {customer_id, key, version, score}."""
    by_vector = isinstance(asked, list)
    query: Any = table.search(asked, query_type="vector" if by_vector else "fts")
    if by_vector:
        query = query.distance_type("cosine")
    rows = query.where(where, prefilter=True).limit(n).to_list()
    return [row | {"score": 1 - row["_distance"] if by_vector else row["_score"]} for row in rows]


def hit(row: Mapping[str, Any], share: float) -> Hit:
    return Hit(row["customer_id"], row["key"], share, row["score"], row["version"])


def connected(folder: Path) -> Any:
    import lancedb

    return lancedb.connect(folder, read_consistency_interval=timedelta(0))


def exists(folder: Path) -> bool:
    """Whether a table was ever written whole: one that was killed at its first rows has no version yet."""
    return any((folder / f"{CUSTOMERS}.lance" / "_versions").glob("*.manifest"))


def open_table(folder: Path) -> "Table":
    """The table as its newest version is at each use. Raises StoreError when there is none."""
    if not exists(folder):
        raise StoreError(f"there is no index under {folder}; run `dangol index` first")
    table: Table = connected(folder).open_table(CUSTOMERS)
    return table


def create_table(folder: Path, rows: pa.Table) -> "Table":
    table: Table = connected(folder).create_table(CUSTOMERS, rows)
    return table


def upsert(table: "Table", rows: pa.Table) -> None:
    table.merge_insert("key").when_matched_update_all().when_not_matched_insert_all().execute(rows)


def delete(table: "Table", keys: Sequence[str]) -> None:
    from lancedb.expr import col

    for start in range(0, len(keys), ROWS_AT_ONCE):
        table.delete(col("key").isin(list(keys[start : start + ROWS_AT_ONCE])))


def index_rows(table: "Table") -> None:
    """Makes the full text index, or takes new rows into it when they have become many."""
    names = [index.name for index in table.list_indices()]
    if not names:
        create_full_text(table)
        return
    stats = table.index_stats(names[0])
    if stats and stats.num_unindexed_rows > max(MOST_UNINDEXED, table.count_rows() // 100):
        table.optimize(cleanup_older_than=OLD_VERSIONS)


def create_full_text(table: "Table") -> None:
    """Ngrams of two and three letters: Korean has no spaces where English has, and names run words together."""
    from lancedb.index import FTS

    table.create_index(
        "words",
        config=FTS(base_tokenizer="ngram", ngram_min_length=2, ngram_max_length=3, stem=False, remove_stop_words=False),
    )


def applied_of(summaries: DeltaTable) -> Applied:
    committed = datetime.fromtimestamp(summaries.history(1)[0]["timestamp"] / 1000, UTC)
    return Applied(str(summaries.metadata().id), summaries.version(), committed.isoformat())


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Waits until no other process writes this index, and keeps others waiting."""
    folder.mkdir(parents=True, exist_ok=True)
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


@contextmanager
def broken_told(folder: Path) -> Iterator[None]:
    """Raises StoreError for what can be neither read nor written."""
    try:
        yield
    except (*UNREADABLE, *UNSEARCHABLE) as error:
        raise StoreError(
            f"the index under {folder} cannot be read or written ({error}); mend that, or remove the folder, "
            "and run `dangol index`"
        ) from error
