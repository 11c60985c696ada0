"""From received bytes to typed columns and reasons for refusal. Acceptance is a function of the message alone."""

from datetime import datetime

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from dangol.orders import rules
from dangol.tables import EVENTS, ITEM, MONEY

TEXTS = ("event_id", "type", "order_id", "customer_id", "currency")
FIELDS = (*TEXTS, "event_time", "amount", "version", "items")
INSTANT = (
    r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?(Z|[+-]\d{2}:\d{2})\z"  # $ would pass over a last line break
)
PLAIN_DECIMAL = r"^\d{1,14}(\.\d{1,4})?\z"


def parse(messages: DataFrame, limits: rules.Limits, now: datetime | None = None) -> DataFrame:
    """Messages (value binary and the columns of MESSAGE) -> the columns of `events` but generation and batch_id: typed
    fields, `rejections` (empty when accepted), then the message as received with its `message_id`. Other columns pass.

    `now` fixes the clock that future events are judged by; without it each message's own enqueued_time counts.
    """
    others = [name for name in messages.columns if name not in EVENTS.names]
    clock = F.col("enqueued_time") if now is None else F.lit(now)
    judged = typed(decoded(messages, limits.max_message_bytes)).withColumn("clock", clock)
    structure = F.col("structure")
    reasons = F.when(structure.isNotNull(), F.array(structure)).otherwise(
        F.array_compact(F.array(*rules.content(limits)))
    )
    return (
        judged.withColumn("structure", rules.structure(limits))
        .withColumns({"rejections": reasons, "message_id": message_id()})
        .select(*(name for name in EVENTS.names if name not in ("generation", "batch_id")), *others)
    )


def decoded(messages: DataFrame, max_message_bytes: int) -> DataFrame:
    """Adds `text` (null when not UTF-8 or too long) and `message` (variant; null unless `text` is one JSON value).

    Spark's JSON readers stop after the first value and ignore what follows. The value is therefore read inside an
    object that ends with a key that the text cannot know, its own hash: what follows the value breaks this envelope.
    """
    value = F.col("value").cast("string")
    fits = F.octet_length("value") <= max_message_bytes
    mark = F.xxhash64("text").cast("string")
    envelope = F.try_parse_json(F.concat(F.lit('{"message":'), F.col("text"), F.lit(',"mark":"'), mark, F.lit('"}')))
    whole = F.try_variant_get("envelope", "$.mark", "string") == mark
    return (
        messages.withColumn("text", F.when(fits & F.is_valid_utf8(value), value))
        .withColumn("envelope", envelope)
        .withColumn("message", F.when(whole, F.try_variant_get("envelope", "$.message", "variant")))
    )


def typed(messages: DataFrame) -> DataFrame:
    """Adds each field as its column's type, null where it does not fit, and `<field>_kind`, its JSON type."""
    kinds = {f"{name}_kind": F.schema_of_variant(field(name, "variant")) for name in FIELDS}
    time, amount, version = field("event_time", "string"), field("amount", "string"), field("version", "bigint")
    exact = F.col("amount_kind").rlike("^(STRING|BIGINT|DECIMAL)")
    return messages.withColumns(kinds).withColumns(
        {name: F.when(F.col(f"{name}_kind") == "STRING", field(name, "string")) for name in TEXTS}
        | {
            "event_time": F.when(time.rlike(INSTANT), time.try_cast("timestamp")),
            "amount": F.when(exact & amount.rlike(PLAIN_DECIMAL), amount.try_cast(MONEY)),
            "version": F.when(rules.absent("version"), 0).when(
                (F.col("version_kind") == "BIGINT") & version.between(0, 2**31 - 1), version.cast("int")
            ),
            "items": items(),
        }
    )


def message_id() -> Column:
    """SHA-256, in hex, of source, source_partition, source_offset and the bytes; alike lines of one file share it."""
    position = F.concat_ws("\n", "source", "source_partition", F.col("source_offset").cast("string"))
    value = F.coalesce("value", F.lit("").cast("binary"))
    return F.sha2(F.concat(F.concat(position, F.lit("\n")).cast("binary"), value), 256)


def items() -> Column:
    """The list as it stands: what was bought is words for people, so an odd item is null and refuses nothing."""
    return field("items", f"array<{ITEM}>")


def field(name: str, kind: str) -> Column:
    return F.try_variant_get("message", f"$.{name}", kind)
