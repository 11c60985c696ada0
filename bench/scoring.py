"""What the pandas UDF costs for a million customers, beyond reading them; in turns within one run."""

import json
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Annotated

import typer
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from dangol.edges.session import spark_session
from dangol.edges.sinks import Model, grade
from dangol.edges.training import rows
from dangol.grades.mixture import fit
from dangol.settings import load_settings


def main(
    customers: Annotated[int, typer.Option(help="How many are scored.")] = 1_000_000,
    rounds: Annotated[int, typer.Option(help="Each way so many times, in turns.")] = 3,
) -> None:
    """A table of customers is read alone, and read and graded; prints the medians in seconds."""
    spark = spark_session()
    names = load_settings().grades.names
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder, "customers"))
        shop(spark.range(customers)).write.format("delta").save(path)
        read = spark.read.format("delta").load(path)
        model = Model("1", fit(rows(read.limit(20_000))))
        ways = {"scan": lambda: read, "scan and score": lambda: grade(read, model, names)}
        seconds: dict[str, list[float]] = {name: [] for name in ways}
        for turn in range(rounds + 1):  # the first turn warms up
            for name, made in ways.items():
                began = time.perf_counter()
                made().write.format("noop").mode("overwrite").save()
                if turn:
                    seconds[name].append(time.perf_counter() - began)
    found = {name: round(median(taken), 2) for name, taken in seconds.items()}
    print(
        json.dumps(
            {"customers": customers, **found, "beyond the scan": round(found["scan and score"] - found["scan"], 2)}
        )
    )


def shop(ids: DataFrame) -> DataFrame:
    """Customers about as those of Online Retail: a third bought once, the more often the more lately."""
    frequency = F.greatest(F.lit(1), F.floor(F.exp(F.randn(1) * 0.9 + 1.1))).cast("bigint")
    return ids.select(
        F.col("id").cast("string").alias("customer_id"),
        frequency.alias("frequency"),
        F.least(F.lit(364), F.floor(-F.log(F.rand(2)) * 120)).cast("int").alias("recency_days"),
    ).withColumns(
        {
            "monetary": F.expr("cast(frequency * exp(randn(3) * 0.7 + 5.6) as decimal(18,4))"),
            "monetary_gross": F.expr("cast(frequency * 300 as decimal(18,4))"),
        }
    )


if __name__ == "__main__":
    typer.run(main)
