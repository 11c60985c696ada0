"""The queries `ledger`, `grades` and `days`, and what each micro-batch writes. No other module writes streams."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import pandas as pd
import structlog
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.pandas.functions import pandas_udf
from pyspark.sql.streaming.query import StreamingQuery

from dangol.edges import registry
from dangol.edges.store import TableStore
from dangol.errors import ModelError, StoreError
from dangol.grades.parameters import MixtureParameters
from dangol.grades.scoring import score_frame
from dangol.orders.days import customer_days, open_days
from dangol.orders.facts import customer_facts, shop_date, touches
from dangol.orders.history import Rhythm, graded, history_rows, score_type, touched_rfm, ungraded
from dangol.orders.messages import parse
from dangol.orders.observed import message_counts, state_sizes
from dangol.orders.rules import Limits
from dangol.settings import GradeNames, Settings
from dangol.tables import CUSTOMER_DAYS, CUSTOMER_HISTORY, EVENTS

log = structlog.get_logger()
BatchWriter = Callable[[DataFrame, int], None]


def parsed(messages: DataFrame, settings: Settings) -> DataFrame:
    """Messages with the columns of `events` but batch_id, `ticked` and `tick_cause`."""
    limits = Limits(
        settings.shop.currency,
        settings.ingest.max_amount,
        settings.ingest.max_message_bytes,
        settings.ingest.future_tolerance_minutes,
    )
    return parse(messages, limits, settings.fixed_now)


def ledger_rows(messages: DataFrame, settings: Settings) -> DataFrame:
    """Every message but the ticks, accepted or not."""
    rows = parsed(messages.where("ticked is null"), settings).drop("ticked", "tick_cause")
    return rows.observe("messages", *message_counts())


def grades_rows(messages: DataFrame, settings: Settings, seed: DataFrame | None = None) -> DataFrame:
    """One row per touched customer: (customer_id, facts, latest, as_of, today). `seed`: facts to begin with."""
    touched = touches(parsed(messages, settings), settings.shop.timezone, settings.ingest.ignored_customers)
    if seed is not None:
        touched = touched.unionByName(seed)
    as_of = moment(settings.fixed_now)
    today = F.unix_date(shop_date(as_of, settings.shop.timezone))
    states = customer_facts(touched).observe("states", *state_sizes())
    return states.withColumns({"as_of": as_of, "today": today})


def days_rows(events: DataFrame, settings: Settings, after: date | None) -> DataFrame:
    """One row per customer and day that is closed: (customer_id, facts); of the days after `after` alone."""
    zone = settings.shop.timezone
    if after is not None:
        events = events.where(shop_date(F.col("event_time"), zone) > F.lit(after))
    return open_days(events, zone, settings.days.watermark_hours, settings.ingest.ignored_customers)


def moment(fixed: datetime | None) -> Column:
    """The clock of a micro-batch: in a streaming plan current_timestamp is the batch's own time, repeated or not."""
    return F.current_timestamp() if fixed is None else F.lit(fixed)


def append_events(store: TableStore, generation: int) -> BatchWriter:
    def write(batch: DataFrame, batch_id: int) -> None:
        store.append(EVENTS, placed(batch, generation, batch_id).select(*EVENTS.names))

    return once(write, store.last_batch(EVENTS, generation))


def append_days(store: TableStore, generation: int) -> BatchWriter:
    def write(batch: DataFrame, batch_id: int) -> None:
        days = customer_days(batch.selectExpr("customer_id", "inline(facts)"))
        store.append(CUSTOMER_DAYS, placed(days, generation, batch_id))

    return once(write, store.last_batch(CUSTOMER_DAYS, generation))


def placed(rows: DataFrame, generation: int, batch_id: int) -> DataFrame:
    return rows.withColumns({"generation": F.lit(generation), "batch_id": F.lit(batch_id).cast("bigint")})


def append_history(store: TableStore, settings: Settings, generation: int, champion: "Champion") -> BatchWriter:
    rhythm = Rhythm(settings.rfm.new_days, settings.rfm.cooling_gaps, settings.rfm.cooling_min_days)

    def write(batch: DataFrame, batch_id: int) -> None:
        model = champion.current()
        rfm = touched_rfm(batch, settings.rfm.window_days)
        rows = grade(rfm, model, settings.grades.names) if model else ungraded(rfm)
        version = model.version if model else None
        store.append(CUSTOMER_HISTORY, history_rows(rows, rhythm, version, generation, batch_id))

    return once(write, store.last_batch(CUSTOMER_HISTORY, generation))


def once(write: BatchWriter, last: int) -> BatchWriter:
    """Does not append the table's last batch again: Spark repeats it after a crash between append and commit. It is
    computed nevertheless, for its state is committed by that alone.

    Delta's own check, txnAppId, reads the table's whole state at each commit: a fifth of a batch, and more as it grows.
    The writer raises StoreError for an earlier batch: then the checkpoint is older than the table.
    """

    def unless_there(batch: DataFrame, batch_id: int) -> None:
        if batch_id < last:
            raise StoreError(
                f"the checkpoint is at batch {batch_id} and its table at {last}; "
                "put back the checkpoint that belongs to the tables, or run dangol rebuild"
            )
        if batch_id == last:
            compute(batch, batch_id)
        else:
            write(batch, batch_id)

    return unless_there


def compute(batch: DataFrame, _batch_id: int) -> None:
    """Writes nothing; the state is committed by the computation."""
    batch.write.format("noop").mode("overwrite").save()


@dataclass(frozen=True)
class Model:
    version: str
    parameters: MixtureParameters


@dataclass
class Champion:
    """The model that grades, looked up once per micro-batch. What cannot be looked up, or cannot grade, leaves the old
    one in place, and `problem` says why."""

    uri: str
    name: str
    names: GradeNames
    model: Model | None = None
    problem: str | None = None

    def current(self) -> Model | None:
        try:
            version = registry.champion(self.uri, self.name)
            if version and (self.model is None or version != self.model.version):
                self.model = self.load(version)
            self.problem = None
        except ModelError as error:
            if self.problem != str(error):
                self.problem = str(error)
                log.warning("champion kept", version=self.version, reason=self.problem)
        return self.model

    @property
    def version(self) -> str | None:
        """Of the model that grades; None without one."""
        return self.model.version if self.model else None

    def load(self, version: str) -> Model:
        parameters = registry.load_parameters(self.uri, self.name, version)
        if parameters.components not in self.names:
            raise ModelError(
                f"{self.name} version {version} has {parameters.components} components and grades.names has no names "
                "for so many grades; add them and start the stream again, or promote another version"
            )
        return Model(version, parameters)


def grade(rfm: DataFrame, model: Model, names: GradeNames) -> DataFrame:
    """RFM -> with the columns of a grade by the model."""
    parameters = model.parameters

    @pandas_udf(score_type(parameters.components))  # type: ignore[call-overload,untyped-decorator]
    def score(recency_days: pd.Series, frequency: pd.Series, monetary: pd.Series) -> pd.DataFrame:
        return score_frame(parameters, recency_days, frequency, monetary)

    doubles = (F.col(name).cast("double") for name in ("recency_days", "frequency", "monetary"))
    return graded(rfm.withColumn("score", score(*doubles)), names[parameters.components]["en"])


class Query:
    """A streaming query. It is stopped only between micro-batches: in mid-batch the JVM's stack overflowed one time in
    five. `seconds` is the least time between two micro-batches. With `empty_batches` one also runs without rows, as a
    watermark needs it to close what it has passed."""

    def __init__(
        self,
        name: str,
        rows: DataFrame,
        write: BatchWriter,
        *,
        checkpoint: Path,
        seconds: float,
        mode: str = "append",
        empty_batches: bool = False,
    ) -> None:
        self.name = name
        self.rows = rows
        self.write = write
        self.checkpoint = checkpoint
        self.seconds = seconds
        self.mode = mode
        self.empty_batches = empty_batches
        self.batch = threading.Lock()
        self.failure: Exception | None = None

    def start(self, *, available_now: bool) -> None:
        """Starts it in a scheduler pool of its own, so that no other work starves it."""
        spark = self.rows.sparkSession
        spark.sparkContext.setLocalProperty("spark.scheduler.pool", self.name)
        spark.conf.set("spark.sql.streaming.noDataMicroBatches.enabled", str(self.empty_batches).lower())
        writer = self.rows.writeStream.queryName(self.name).outputMode(self.mode).foreachBatch(self.guarded)
        writer = writer.option("checkpointLocation", str(self.checkpoint))
        pace = f"{round(self.seconds * 1000)} milliseconds"
        writer = writer.trigger(availableNow=True) if available_now else writer.trigger(processingTime=pace)
        self.running: StreamingQuery = writer.start()

    def guarded(self, batch: DataFrame, batch_id: int) -> None:
        if not self.batch.acquire(blocking=False):  # held by a stop, which waits for this very thread
            raise StoreError(f"batch {batch_id} was given up for a stop; it comes again at the next start")
        try:
            self.write(batch, batch_id)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is kept and told
            self.failure = error
            # a query that is being stopped searches this text for an interruption, recursively: Java's stacks in it
            # overflowed the thread's own
            raise StoreError(first_line(str(error))) from None
        finally:
            self.batch.release()

    def stop(self) -> None:
        with self.batch:
            self.running.stop()

    def refuse_broken(self) -> None:
        """Raises StoreError when the query has ended by a failure."""
        problem = self.failure or self.running.exception()
        if problem:
            log.debug("query broke", query=self.name, details=str(problem))
            reason = first_line(str(problem))
            raise StoreError(
                f"query {self.name} stopped: {reason}; mend that and start the stream again, it goes on where it was"
            )


def first_line(text: str) -> str:
    """The first line that says something: Spark's own words come after py4j's."""
    lines = (line.removeprefix(": ").strip() for line in text.splitlines())
    return next((line for line in lines if line and not line.startswith("An error occurred while calling")), "unknown")
