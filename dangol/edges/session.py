"""The Spark session: found on Databricks, made for this machine elsewhere."""

import os
import sys

from pyspark.sql import SparkSession

from dangol.edges.java import use_java

STATE = "org.apache.spark.sql.execution.streaming"

SESSION = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",
    # the default, INT96, is read as nanoseconds by others, which end in 2262
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    # a partition per core: 200, the default, costs 10 s a batch on two cores
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.objectHashAggregate.sortBased.fallbackThreshold": "100000",
    "spark.sql.streaming.stopTimeout": "60s",  # by default a stop waits for ever for a broker that is gone
    "spark.sql.streaming.stateStore.providerClass": f"{STATE}.state.RocksDBStateStoreProvider",
    "spark.sql.streaming.stateStore.rocksdb.changelogCheckpointing.enabled": "true",
    "spark.sql.streaming.stateStore.rocksdb.trackTotalNumberOfRows": "false",
    "spark.databricks.delta.snapshotPartitions": "1",
    "spark.databricks.delta.commitStats.collect": "false",
}
"""Settings of a session that matter, measured (docs/decisions); on Databricks those that it allows are set."""

LOCAL = {
    "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
    "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
    "spark.sql.streaming.checkpointFileManagerClass": f"{STATE}.checkpointing.FileSystemBasedCheckpointFileManager",
    "spark.sql.warehouse.dir": ".dangol/warehouse",
    "spark.scheduler.mode": "FAIR",
    "spark.ui.showConsoleProgress": "false",
}


def spark_session(cores: int = 2) -> SparkSession:
    """The session of this process, with UTC as its time zone."""
    if "DATABRICKS_RUNTIME_VERSION" in os.environ:
        return on_databricks(SparkSession.builder.getOrCreate())
    builder = SparkSession.builder.master(f"local[{cores}]").appName("dangol")
    for key, value in {**SESSION, **LOCAL, "spark.sql.shuffle.partitions": str(cores)}.items():
        builder = builder.config(key, value)
    use_java()
    os.environ["PYSPARK_PYTHON"] = sys.executable  # or workers run whichever python3 is first on PATH
    spark = builder.getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    return spark


def on_databricks(spark: SparkSession) -> SparkSession:
    for key, value in SESSION.items():
        if spark.conf.isModifiable(key):
            spark.conf.set(key, value)
    return spark
