"""Where messages come from: a folder, a broker (Kafka, Event Hubs) and the inlet; one shape for all of them."""

from functools import reduce
from pathlib import Path
from typing import Any

from py4j.protocol import Py4JJavaError
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from dangol.edges.logins import kafka_login, kafka_package
from dangol.errors import SourceError
from dangol.settings import Source
from dangol.tables import MESSAGE

NEVER = "36500d"
ANSWER_SECONDS = 30

PATIENCE = {
    "kafka.request.timeout.ms": "60000",
    "kafka.session.timeout.ms": "30000",
    "kafka.metadata.max.age.ms": "180000",
    "kafka.connections.max.idle.ms": "180000",  # Azure closes a connection that was idle for 240 s, without a word
}
"""What Microsoft recommends to Kafka clients of Event Hubs
(https://learn.microsoft.com/azure/event-hubs/apache-kafka-configurations)."""


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


def kafka_options(source: Source) -> dict[str, str]:
    """Options of Spark's Kafka source for a topic or hub. Raises SettingsError when the login lacks a value."""
    return {
        "kafka.bootstrap.servers": source.bootstrap_servers,
        "subscribe": source.topic,
        "kafka.security.protocol": source.security,
        **PATIENCE,
        **kafka_login(source),
    }


def topic_offsets(spark: SparkSession, options: dict[str, str]) -> dict[int, tuple[int, int]]:
    """(offset of the oldest message, offset of the next one) of each partition; `options` come from `kafka_options`.

    It asks with the very client, login and settings that Spark will read with. Raises SourceError, within seconds where
    Spark takes minutes, when the broker is not there, refuses the login or has no such topic.
    """
    jvm: Any = spark._jvm
    kafka = reduce(getattr, kafka_package().split("."), jvm)
    client = jvm.java.util.HashMap()
    for name, value in options.items():
        if name.startswith("kafka."):
            client.put(name.removeprefix("kafka."), value)
    topic = options["subscribe"]
    try:
        admin = kafka.clients.admin.AdminClient.create(client)
        try:
            described = wait(jvm, admin.describeTopics(jvm.java.util.List.of(topic)).allTopicNames())
            numbers = [partition.partition() for partition in described.get(topic).partitions()]
            ends = [
                asked_offsets(jvm, kafka, admin, topic, numbers, spec)
                for spec in (kafka.clients.admin.OffsetSpec.earliest(), kafka.clients.admin.OffsetSpec.latest())
            ]
        finally:
            admin.close(jvm.java.time.Duration.ZERO)
    except Py4JJavaError as error:
        reason = root_cause(error)
        if "UnknownTopicOrPartition" in reason:
            advice = f"it has no topic {topic}; create it, or set source.topic"
        else:
            advice = f"{reason}; check source.bootstrap_servers, the network and the login"
        raise SourceError(f"the bus at {options['kafka.bootstrap.servers']} cannot be read: {advice}") from None
    return {number: (ends[0][number], ends[1][number]) for number in numbers}


def asked_offsets(jvm: Any, kafka: Any, admin: Any, topic: str, numbers: list[int], spec: Any) -> dict[int, int]:
    asked = jvm.java.util.HashMap()
    partitions = {number: kafka.common.TopicPartition(topic, number) for number in numbers}
    for partition in partitions.values():
        asked.put(partition, spec)
    found = wait(jvm, admin.listOffsets(asked).all())
    return {number: int(found.get(partition).offset()) for number, partition in partitions.items()}


def wait(jvm: Any, future: Any) -> Any:
    return future.get(ANSWER_SECONDS, jvm.java.util.concurrent.TimeUnit.SECONDS)


def root_cause(error: Py4JJavaError) -> str:
    """The first line of the innermost cause, with its class: a time-out has no text of its own."""
    cause = error.java_exception
    while cause.getCause() is not None:
        cause = cause.getCause()
    text = (cause.getMessage() or "no answer").splitlines()[0]
    return f"{cause.getClass().getSimpleName()}, {text}"


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
