"""How long a training with all its gates takes for a shop of many customers."""

import json
import tempfile
import time
from pathlib import Path
from typing import Annotated

import typer
from pyspark.sql import functions as F

from dangol.edges import simulate
from dangol.edges.session import spark_session
from dangol.edges.store import TableStore
from dangol.edges.stream import run_stream
from dangol.edges.training import train
from dangol.settings import load_settings
from dangol.tables import EVENTS

SETTINGS = {
    "source.kind": "files",
    "shop.timezone": "Europe/London",
    "shop.currency": "GBP",
    "clock.now": "2011-12-10T00:00:00",
}

COPIED = {
    "customer_id": "concat(customer_id, '-', copy)",
    "order_id": "concat(order_id, '-', copy)",
    "event_id": "concat(event_id, '-', copy)",
    # a customer's copies buy at other prices and up to a week earlier
    "amount": "cast(amount * (0.6 + pmod(xxhash64(customer_id, copy), 100) / 100.0) as decimal(18,4))",
    "event_time": "event_time - make_interval(0, 0, 0, cast(pmod(xxhash64(copy, customer_id), 7) as int))",
}


def main(
    copies: Annotated[int, typer.Option(help="So many times the customers of Online Retail (4,372).")] = 23,
) -> None:
    """Online Retail through the stream, its events copied, then `dangol train` on them; prints seconds."""
    spark = spark_session()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        given = {**SETTINGS, "source.path": home / "orders"}
        one = load_settings(overrides={**given, "store.path": home / "one" / "store"})
        many = load_settings(overrides={**given, "store.path": home / "many" / "store"})
        events = simulate.orders(simulate.real_orders(), shift_to_now=False, zone=one.shop.zone)
        sink = simulate.producer("files", home / "orders", one)
        simulate.send(simulate.messages(events, simulate.Faults()), sink, simulate.speed_of("max"), lambda _count: None)
        run_stream(spark, one, available_now=True)
        store = TableStore(spark, many.store.path)
        store.create(EVENTS)
        copied = TableStore(spark, one.store.path).read(EVENTS).crossJoin(spark.range(copies).toDF("copy"))
        store.append(EVENTS, copied.withColumns({name: F.expr(text) for name, text in COPIED.items()}).drop("copy"))
        began = time.perf_counter()
        trained = train(store, many)
        seconds = time.perf_counter() - began
    customers = len(trained.study.past.customers)
    gates = {gate.name: gate.outcome for gate in trained.study.gates}
    print(json.dumps({"customers": customers, "seconds": round(seconds, 1), "gates": gates}, indent=2))


if __name__ == "__main__":
    typer.run(main)
