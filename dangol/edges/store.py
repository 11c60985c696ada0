"""The Delta tables of a store: made with their contract, appended to exactly once, read by Spark."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from delta.tables import DeltaTable
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from dangol.edges.properties import properties
from dangol.tables import CUSTOMER_DAYS, CUSTOMER_HISTORY, CUSTOMERS, CUSTOMERS_LIVE, Table


class TableStore:
    """The tables under one folder, through Spark."""

    def __init__(self, spark: SparkSession, path: Path) -> None:
        self.spark = spark
        self.root = path.absolute()

    def path(self, table: Table) -> Path:
        return self.root / table.name

    def create(self, *tables: Table) -> None:
        """Makes the tables that do not exist, with their columns, meanings and properties."""
        for table in tables:
            if DeltaTable.isDeltaTable(self.spark, str(self.path(table))):
                continue
            maker = DeltaTable.createIfNotExists(self.spark).location(str(self.path(table))).comment(table.row)
            for column in table.columns:
                maker = maker.addColumn(column.name, column.type, comment=column.meaning)
            for name, value in properties(table).items():
                maker = maker.property(name, value)
            maker.partitionedBy(*table.partitioned_by).execute()

    def read(self, table: Table) -> DataFrame:
        return self.spark.read.format("delta").load(str(self.path(table)))

    def append(self, table: Table, rows: DataFrame) -> None:
        rows.write.format("delta").mode("append").save(str(self.path(table)))

    def version(self, table: Table) -> int:
        """The newest version of a table."""
        newest = DeltaTable.forPath(self.spark, str(self.path(table))).history(1).first()
        return int(newest["version"])  # type: ignore[index]

    def at(self, table: Table, version: int) -> DataFrame:
        return self.spark.read.format("delta").option("versionAsOf", version).load(str(self.path(table)))

    def last_generation(self, table: Table) -> int:
        """The greatest generation that the table has; 0 without any."""
        last = self.read(table).agg(F.max("generation")).first()
        return int(last[0] or 0)  # type: ignore[index]

    def last_batch(self, table: Table, generation: int) -> int:
        """The greatest batch_id that the table has of a generation; -1 without any."""
        last = self.read(table).where(F.col("generation") == generation).agg(F.max("batch_id")).first()
        return -1 if last is None or last[0] is None else int(last[0])

    def last_day(self) -> date | None:
        """The last day of customer_days; none without any."""
        last: date | None = self.read(CUSTOMER_DAYS).agg(F.max("day")).first()[0]  # type: ignore[index]
        return last

    def customers_live(self) -> DataFrame:
        """The view customers_live: one row per customer, the newest."""
        customers = self.read(CUSTOMERS)
        later = self.history_after(customers)
        return self.spark.sql(CUSTOMERS_LIVE, customers=customers, customer_history=later)

    def history_after(self, customers: DataFrame) -> DataFrame:
        """The rows of customer_history that a snapshot does not cover."""
        covered = customers.agg(F.max(F.struct("generation", "batch_id")).alias("at")).first()
        history = self.read(CUSTOMER_HISTORY)
        if covered is None or covered["at"] is None:
            return history
        generation, batch_id = covered["at"]
        return history.where(
            (F.col("generation") > generation) | ((F.col("generation") == generation) & (F.col("batch_id") > batch_id))
        )

    def snapshot(self, without: Sequence[str] = ()) -> None:
        """Rewrites customers from itself and the history after it, `without` the customers that are ignored now."""
        kept = self.customers_live().where(~F.col("customer_id").isin(*without))
        kept.write.format("delta").mode("overwrite").save(str(self.path(CUSTOMERS)))
