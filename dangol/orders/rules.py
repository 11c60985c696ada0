"""When a message is accepted: each rule is a Column, null when the message is good and a sentence when it is not."""

from collections.abc import Iterator
from dataclasses import dataclass

from pyspark.sql import Column
from pyspark.sql import functions as F

from dangol.tables import LONGEST_ID

TYPES = ("placed", "returned", "cancelled")
EARLIEST = "1970-01-01T00:00:00Z"
FIELDS = ("event_id", "order_id", "customer_id", "type", "event_time", "amount", "currency", "version", "items")
SUBJECTS = (*FIELDS, "message")
ODD_CHARACTERS = r"(?U)^\s|\s\z|\p{Cntrl}"
"""A space at an end or a control character, of all Unicode: (?U) adds the ideographic space and U+0080 to U+009F."""


@dataclass(frozen=True)
class Limits:
    """What the rules compare with; conf/base.yml says what each means."""

    currency: str
    max_amount: int
    max_message_bytes: int
    future_tolerance_minutes: int


def structure(limits: Limits) -> Column:
    """Why the bytes in `value` are not one JSON object, from `value`, `text` and `message`; null when they are."""
    value, text, kind = F.col("value"), F.col("text"), F.schema_of_variant("message")
    return (
        F.when(value.isNull() | (F.octet_length(value) == 0), "the message is empty")
        .when(
            F.octet_length(value) > limits.max_message_bytes,
            f"the message is longer than ingest.max_message_bytes = {limits.max_message_bytes}",
        )
        .when(text.isNull(), "the message is not UTF-8")
        .when(text.rlike(r"^\s*$"), "the message is empty")
        .when(kind.isNull() & F.try_parse_json(text).isNotNull(), "text follows the JSON value")
        .when(kind.isNull(), "the message is not JSON, or repeats a key")
        .when(~kind.startswith("OBJECT"), "the message is JSON, but not an object")
    )


def content(limits: Limits) -> Iterator[Column]:
    """What is wrong with the fields of one JSON object, from the columns of `messages.typed`."""
    yield F.when(absent("event_id"), "event_id is missing").otherwise(identifier("event_id"))
    yield F.when(absent("order_id"), "order_id is missing").otherwise(identifier("order_id"))
    yield F.when(~absent("customer_id"), identifier("customer_id"))
    yield (
        F.when(absent("type"), "type is missing")
        .when(F.col("type").isNull(), "type is not text")
        .when(~F.col("type").isin(*TYPES), f"type is none of {', '.join(TYPES)}")
    )
    yield event_time(limits.future_tolerance_minutes)
    yield F.when(carries_money(), amount(limits.max_amount))
    yield F.when(
        carries_money() & ~F.col("currency").eqNullSafe(F.lit(limits.currency)),
        f"currency is not shop.currency = {limits.currency}",
    )
    yield F.when(~absent("version") & F.col("version").isNull(), f"version is not a whole number from 0 to {2**31 - 1}")
    yield F.when(~absent("items") & ~F.col("items_kind").startswith("ARRAY"), "items is not a list")


def subject(rejection: Column) -> Column:
    """What a rejection is about, one of SUBJECTS: a rule of `content` begins its sentence with its field's name, one of
    `structure` speaks of the whole message."""
    word = F.substring_index(rejection, " ", 1)
    return F.when(word.isin(*FIELDS), word).otherwise("message")


def absent(name: str) -> Column:
    """Whether the object has no such key, or null under it."""
    return F.coalesce(F.col(f"{name}_kind") == "VOID", F.lit(True))


def identifier(name: str) -> Column:
    text = F.col(name)
    return (
        F.when(text.isNull(), f"{name} is not text")
        .when(~F.length(text).between(1, LONGEST_ID), f"{name} does not have 1 to {LONGEST_ID} characters")
        .when(text.rlike(ODD_CHARACTERS), f"{name} has a control character, or a space at an end")
    )


def event_time(tolerance_minutes: int) -> Column:
    time = F.col("event_time")
    return (
        F.when(absent("event_time"), "event_time is missing")
        .when(time.isNull(), "event_time is not an ISO 8601 instant with an offset, such as 2010-12-01T08:26:00Z")
        .when(time < F.lit(EARLIEST).cast("timestamp"), f"event_time is before {EARLIEST}")
        .when(
            time > F.col("clock") + F.make_dt_interval(mins=F.lit(tolerance_minutes)),
            f"event_time lies more than ingest.future_tolerance_minutes = {tolerance_minutes} "
            "after the message's arrival",
        )
    )


def amount(maximum: int) -> Column:
    money = F.col("amount")
    return (
        F.when(absent("amount"), "amount is missing")
        .when(money.isNull(), "amount is not a decimal number of 0 or more with at most 4 places")
        .when(money > maximum, f"amount is above ingest.max_amount = {maximum}")
        .when((F.col("type") == "returned") & (money == 0), "amount of a return is not above 0")
    )


def carries_money() -> Column:
    return F.col("type").isin("placed", "returned")
