"""`dangol changes`: follows customer_history without a JVM and appends to `changes` the grades that settled anew.

How far it has come is written in the very commit that brings the changes: killed anywhere, it goes on from there and
finds the same again. Rows are found by their position and not by Delta's change feed, so compaction, vacuum and
trimmed logs are nothing to it.
"""

import time
from collections import Counter, deque
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import structlog

from dangol.edges.lake import CLOSED, UNREADABLE, opened, registered, since
from dangol.edges.manifest import only_driver
from dangol.edges.positions import append, broken_told, made, reached, split
from dangol.edges.signals import signalled
from dangol.edges.triggers import MEASURED, percentiles, sending
from dangol.errors import StoreError
from dangol.grades.changes import CHANGES as FOUND
from dangol.grades.changes import ENDS, ENDS_OF, KEPT, POSITION, ROW
from dangol.settings import Settings
from dangol.tables import CHANGES, CUSTOMER_HISTORY

log = structlog.get_logger()
POLL_SECONDS = 0.2
TOUCH = f"""
create or replace table places as select rowid as place from kept where customer_id in (select customer_id from later);
create or replace table touched as
    select {", ".join(ROW)} from kept where rowid in (select place from places)
    union all select {", ".join(ROW)} from later
"""  # noqa: S608 - names of this repository alone
"""The rows of the customers of `later`, those kept and the new ones. By their places, for a scan of all columns of a
million customers takes longer than a batch of the stream may."""
FORGET = "delete from kept where rowid in (select place from places)"
ENDS_TOUCHED = f"({ENDS.format(rows='touched')}) as ends"
KEEP = f"insert into kept {KEPT.format(rows='touched', ends=ENDS_TOUCHED)}"


def run_changes(settings: Settings, *, available_now: bool) -> dict[str, Any]:
    """Follows the history until SIGTERM or Ctrl-C, or, with `available_now`, until all that is there is read and sent.

    {changes, by_cause, order_to_change_seconds, triggers}: how many were written; from a message's enqueued time to the
    change by it, {p50, p95, orders}; `triggers` is null when they are off, else see Sender.result.
    Raises StoreError when there is no history, another process follows it, or a table can be neither read nor written;
    SettingsError when the triggers lack a setting.
    """
    causes, seconds = Counter[str](), deque[float](maxlen=MEASURED)
    lock = settings.store.checkpoints / CHANGES.name
    with only_driver(lock, "dangol changes", "end that process"), signalled() as stopping:
        follower = Follower(settings.store.path, settings.changes.hysteresis)
        with sending(settings) as sender:
            while not stopping.is_set():
                found = follower.step()
                if found is not None:
                    causes.update(found["cause"].to_pylist())
                    seconds.extend(order_seconds(found, datetime.now(UTC)))
                    if sender:
                        sender.wake()
                elif available_now:
                    break
                else:
                    time.sleep(POLL_SECONDS)
            follower.commit()
            if sender and available_now and not stopping.is_set():
                sender.drain()
    return {
        "changes": causes.total(),
        "by_cause": dict(causes),
        "order_to_change_seconds": percentiles(seconds),
        "triggers": sender.result() if sender else None,
    }


class Follower:
    """Reads the history from where `changes` has come. In memory it keeps each customer's one or two rows of KEPT.

    A first start only writes down where it begins: the customers of then are known, and none has changed.
    """

    def __init__(self, store: Path, hysteresis: float) -> None:
        """Raises StoreError when there is no history."""
        self.store = store
        self.hysteresis = hysteresis
        self._start()

    def step(self) -> pa.Table | None:
        """What has changed by the rows that were appended since, by now in `changes`; none without a new commit.

        Raises StoreError when a table cannot be read or written, from the beginning either.
        """
        try:
            return self._step()
        except UNREADABLE as error:  # a vacuum came between, or a commit that failed may be there: the tables know
            log.warning("changes begin afresh", reason=str(error))
        self._start()
        with broken_told(self.store):
            return self._step()

    def commit(self) -> None:
        """Writes down how far it has come when no change has done so."""
        with broken_told(self.store):
            if self.position > (reached(self.changes, CHANGES.name) or 0):
                append(self.changes, None, (CHANGES.name, self.position))

    def _start(self) -> None:
        with broken_told(self.store):
            history = opened(self.store / CUSTOMER_HISTORY.name)
            if history is None:
                raise StoreError(
                    f"there is no table {CUSTOMER_HISTORY.name} under {self.store}; "
                    "run `dangol stream` on this store first"
                )
            self.history, self.changes, self.seen = history, made(self.store, CHANGES), -1
            committed = reached(self.changes, CHANGES.name)
            self.remember(None if committed is None else up_to(committed))
            self.position = self.newest("kept") if committed is None else committed
            if committed is None:
                append(self.changes, None, (CHANGES.name, self.position))

    def remember(self, predicate: str | None) -> None:
        """Begins `kept` with the rows of history that fit, read as they come."""
        self.database = duckdb.connect(config=CLOSED)
        with registered(self.database, "history", pa.RecordBatchReader.from_stream(self.rows(predicate, ENDS_OF))):
            ends = ENDS.format(rows="history")
            self.database.execute(f"create table ends as {ends}", {"hysteresis": self.hysteresis})
        with registered(self.database, "history", pa.RecordBatchReader.from_stream(self.rows(predicate))):
            self.database.execute(f"create table kept as {KEPT.format(rows='history', ends='ends')}")
        self.database.execute("drop table ends")

    def _step(self) -> pa.Table | None:
        self.history.update_incremental()
        if self.history.version() == self.seen:
            return None
        seen = self.history.version()
        with registered(self.database, "later", pa.table(self.rows(since(split(self.position), ">")))):
            position = max(self.position, self.newest("later"))
            self.database.execute(TOUCH)
            values = {"hysteresis": self.hysteresis, "after": self.position}
            found = self.database.sql(FOUND.format(rows="touched"), params=values).to_arrow_table()
            if found.num_rows:
                append(self.changes, found, (CHANGES.name, position))
            self.database.execute(FORGET)
            self.database.execute(KEEP, {"hysteresis": self.hysteresis})
        self.position, self.seen = position, seen
        return found

    def rows(self, predicate: str | None, columns: Sequence[str] = ROW) -> Any:
        """The rows of history that fit, as an Arrow stream."""
        return self.history.scan(columns=list(columns), predicate=predicate)

    def newest(self, table: str) -> int:
        """The greatest position of a table's rows; 0 without rows, which is before all."""
        ((position,),) = self.database.execute(f"select max({POSITION}) from {table}").fetchall()  # noqa: S608
        return int(position or 0)


def up_to(position: int) -> str:
    """The predicate of the rows of the history up to a position."""
    return f"not ({since(split(position), '>')})"


def order_seconds(found: pa.Table, now: datetime) -> list[float]:
    """How long ago the messages of the orders among the changes were enqueued."""
    rows = found.select(["cause", "enqueued_time"]).to_pylist()
    return [(now - row["enqueued_time"]).total_seconds() for row in rows if row["cause"] == "order"]
