"""Where messages come from: a folder, a broker (Kafka, Event Hubs) and the inlet; one shape for all of them."""

import os
from pathlib import Path

from pydantic import SecretStr
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from dangol.errors import SourceError
from dangol.tables import MESSAGE

NEVER = "36500d"


def messages(bus: DataFrame, inlet: DataFrame) -> DataFrame:
    """The bus and the inlet as one stream: value, the columns of MESSAGE, and for a tick `ticked` (its customer) and
    `tick_cause`."""
    none = F.lit(None).cast("string")
    return bus.withColumns({"ticked": none, "tick_cause": none}).unionByName(inlet)


def from_files(spark: SparkSession, path: Path | None, max_files: int) -> DataFrame:
    """Each line of each file of a folder is a message. A file must appear whole: write it elsewhere and rename it.

    Raises SourceError when there is no such folder.
    """
    if path is None or not path.is_dir():
        raise SourceError(f"{path} is not a folder; give --path the folder of JSON Lines files to read")
    lines = (
        spark.readStream.format("text")
        .option("lineSep", "\n")
        .option("maxFilesPerTrigger", max_files)
        .option("maxFileAge", NEVER)  # by default a file a week older than the newest is passed over in silence
        .load(str(path))
    )
    return shaped(
        lines,
        source=F.lit("files"),
        source_partition=F.col("_metadata.file_name"),
        source_offset=F.lit(None),
        enqueued_time=F.col("_metadata.file_modification_time"),
        repairs=F.lit(None),
    )


def from_kafka(
    spark: SparkSession, options: dict[str, str], max_messages: int, starting_offsets: str = "earliest"
) -> DataFrame:
    """Each record of a topic is a message; `options` come from `kafka_options`. A checkpoint wins over the start."""
    records = (
        spark.readStream.format("kafka")
        .options(**options)
        .option("startingOffsets", starting_offsets)
        .option("failOnDataLoss", "true")
        .option("maxOffsetsPerTrigger", max_messages)
        .load()
    )
    return shaped(
        records,
        source=F.lit("kafka"),
        source_partition=F.concat_ws("/", "topic", "partition"),
        source_offset=F.col("offset"),
        enqueued_time=F.col("timestamp"),
        repairs=F.lit(None),
    )


def kafka_options(servers: str, topic: str, security: str, connection_string: SecretStr | None) -> dict[str, str]:
    """Spark's Kafka options; with a connection string the login of Event Hubs (SASL PLAIN, user $ConnectionString).

    Raises SourceError when the security asks for a login and there is none.
    """
    options = {"kafka.bootstrap.servers": servers, "subscribe": topic, "kafka.security.protocol": security}
    if security == "PLAINTEXT":
        return options
    if connection_string is None:
        raise SourceError(
            f"source.security = {security} needs a login; "
            "set DANGOL_SOURCE__CONNECTION_STRING to the hub's connection string"
        )
    shaded = "kafkashaded." if "DATABRICKS_RUNTIME_VERSION" in os.environ else ""
    password = connection_string.get_secret_value().replace("\\", "\\\\").replace('"', '\\"')
    login = (
        f"{shaded}org.apache.kafka.common.security.plain.PlainLoginModule required "
        f'username="$ConnectionString" password="{password}";'
    )
    return options | {"kafka.sasl.mechanism": "PLAIN", "kafka.sasl.jaas.config": login}


def from_inlet(spark: SparkSession, path: Path, starting_version: int | None = None) -> DataFrame:
    """The inlet's rows, one file a batch, so that ticks spread over many batches: those of a version and later, or all
    that are there, for upkeep removes old versions. A checkpoint wins over the start."""
    reader = spark.readStream.format("delta").option("skipChangeCommits", "true").option("maxFilesPerTrigger", 1)
    rows = (reader if starting_version is None else reader.option("startingVersion", starting_version)).load(str(path))
    tick = F.col("kind") == "tick"
    return shaped(
        rows,
        source=F.lit("inlet"),
        source_partition=F.col("origin"),
        source_offset=F.col("position"),
        enqueued_time=F.col("enqueued_time"),
        repairs=F.col("repairs"),
        ticked=F.when(tick, F.col("customer_id")),
        tick_cause=F.when(tick, F.col("cause")),
    )


def from_events(spark: SparkSession, path: Path) -> DataFrame:
    """The rows of `events`; those that are there at a first start in the order of their event_time, so that a watermark
    drops none of them."""
    return (
        spark.readStream.format("delta")
        .option("skipChangeCommits", "true")
        .option("withEventTimeOrder", "true")
        .load(str(path))
    )


def from_seed(spark: SparkSession, path: Path) -> DataFrame:
    return spark.readStream.format("delta").option("startingVersion", 0).load(str(path))


def shaped(rows: DataFrame, **columns: Column) -> DataFrame:
    types = {column.name: column.type for column in MESSAGE}
    return rows.select(
        F.col("value").cast("binary").alias("value"),
        *(column.cast(types.get(name, "string")).alias(name) for name, column in columns.items()),
    )
