"""From an order to an answer that shows it, with the stream running: how fresh answers are."""

import json
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from statistics import median
from typing import Annotated

import pyarrow as pa
import typer
from deltalake import DeltaTable
from machine import probe_ms
from past import graded_shop, new_folder, small_order, written

from dangol import cli
from dangol.answers.answering import Answer
from dangol.edges import demo
from dangol.edges.asking import asker
from dangol.edges.broker import free_port
from dangol.edges.terminal import counted, say
from dangol.edges.triggers import percentiles
from dangol.settings import load_settings
from dangol.tables import CUSTOMER_HISTORY

SETTINGS = {
    "shop.timezone": "Europe/London",
    "shop.currency": "GBP",
    "source.kind": "kafka",
    "metrics.port": 0,
}
PATIENCE_SECONDS = 60
LOOK_SECONDS = 0.02
"""Between two questions; each is answered from memory."""


def main(
    orders: Annotated[int, typer.Option(help="Orders that are asked for, one after the other.")] = 100,
    living: Annotated[float, typer.Option(help="Other living orders a second.")] = 5,
    copies: Annotated[int, typer.Option(help="So many times the customers of Online Retail.")] = 1,
    folder: Annotated[Path | None, typer.Option(help="Keeps all here; by default a temporary folder.")] = None,
    set_: Annotated[list[str] | None, typer.Option("--set", help="A setting: section.name=value.")] = None,
) -> None:
    """Broker, stream, a past, a model, living orders; then orders of new customers, each asked for until it is told."""
    home = new_folder(folder, "dangol-freshness-")
    own = {"store.path": home / "store", "source.bootstrap_servers": f"127.0.0.1:{free_port()}"}
    settings = load_settings(overrides={**SETTINGS, **own, **cli.given(None, set_)})
    with demo.orderly_stop(), ExitStack() as parts:
        settings, stream, events, _ = graded_shop(parts, settings, copies)
        customers = parts.enter_context(demo.LivingCustomers(demo.producer(settings), events, living))
        ask, producer = asker(settings), demo.producer(settings)
        answered, probes = dict[str, tuple[datetime, datetime]](), list[float]()
        with counted("orders that are asked for", orders) as advance:
            for number in range(orders):
                stream.check()
                customers.check()
                customer = f"fresh-{number:04d}"
                sent = datetime.now(UTC)
                producer.send([small_order(f"order-{customer}", customer, sent)])
                answered[customer] = sent, until_told(partial(ask, f"What grade is customer {customer}?"))
                probes.append(probe_ms())
                advance(1)
        producer.close()
    print(json.dumps(summary(settings.store.path, answered, probes), indent=2))
    if folder is None:
        say(f"all of it: {home}")


def until_told(ask: Callable[[], Answer]) -> datetime:
    """When an answer first told of the customer."""
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        if ask().status == "answered":
            return datetime.now(UTC)
        time.sleep(LOOK_SECONDS)
    raise TimeoutError(f"no answer told of the order within {PATIENCE_SECONDS} s")


def summary(
    store: Path, answered: dict[str, tuple[datetime, datetime]], probes: list[float]
) -> dict[str, float | dict[str, float]]:
    """order_to_answer_seconds: from sending; commit_to_answer_seconds: from when the row's file was written."""
    first = committed(store)
    return {
        "orders": len(answered),
        "order_to_answer_seconds": percentiles([(told - sent).total_seconds() for sent, told in answered.values()]),
        "commit_to_answer_seconds": percentiles(
            [(told - first[customer]).total_seconds() for customer, (_, told) in answered.items()]
        ),
        "median_probe_ms": round(median(probes), 2),
    }


def committed(store: Path) -> dict[str, datetime]:
    """When the file with the first row of each asked customer was written."""
    history = DeltaTable(store / CUSTOMER_HISTORY.name)
    times = written(store)
    rows = pa.table(
        history.scan(columns=["customer_id", "generation", "batch_id"], predicate="frequency = 1")
    ).to_pylist()
    asked = sorted((row["generation"], row["batch_id"], row["customer_id"]) for row in rows)
    first: dict[str, datetime] = {}
    for generation, batch_id, customer in asked:
        if customer.startswith("fresh-"):
            first.setdefault(customer, times[generation, batch_id])
    return first


if __name__ == "__main__":
    typer.run(main)
