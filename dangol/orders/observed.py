"""What a micro-batch is counted by while it runs: aggregates that its plan observes, without a second pass."""

from pyspark.sql import Column
from pyspark.sql import functions as F

from dangol.orders.rules import SUBJECTS, subject


def message_counts() -> list[Column]:
    """Of parsed messages: received, accepted, rejected, max_event_time (of the accepted; null without), and for each of
    SUBJECTS rejected_<subject>, the messages refused for it. A message refused for several counts under each."""
    accepted = F.size("rejections") == 0
    return [
        F.count(F.lit(1)).alias("received"),
        F.count_if(accepted).alias("accepted"),
        F.count_if(~accepted).alias("rejected"),
        F.max(F.when(accepted, F.col("event_time"))).alias("max_event_time"),
        *(F.count_if(about(name)).alias(f"rejected_{name}") for name in SUBJECTS),
    ]


def about(name: str) -> Column:
    return F.exists("rejections", lambda rejection: subject(rejection) == name)


def state_sizes() -> list[Column]:
    """Of touched customers with their `facts`: touched, longest (the most facts of one), longest_customer (whose)."""
    facts = F.size("facts")
    return [
        F.count(F.lit(1)).alias("touched"),
        F.max(facts).alias("longest"),
        F.max_by("customer_id", facts).alias("longest_customer"),
    ]
