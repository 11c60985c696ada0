"""From an order to an answer that shows it, with the stream running: how fresh answers are."""

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, nullcontext
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from statistics import median
from typing import Annotated, Any

import pyarrow as pa
import typer
from deltalake import DeltaTable
from machine import probe_ms
from past import graded_shop, new_folder, small_order, written
from users import asking, served, signed_in

from dangol import cli
from dangol.answers.answering import Answer
from dangol.edges import demo
from dangol.edges.asking import asker
from dangol.edges.broker import free_port
from dangol.edges.terminal import counted, say
from dangol.edges.triggers import percentiles
from dangol.orders.simulation import Line
from dangol.settings import load_settings
from dangol.tables import CUSTOMER_HISTORY

SETTINGS = {
    "shop.timezone": "Europe/London",
    "shop.currency": "GBP",
    "source.kind": "kafka",
    "metrics.port": 0,
}
PATIENCE_SECONDS = 60
BLOCK = 10
EVERY_SECONDS = 10.0
"""Between two questions of one of the people."""
LOOK_SECONDS = 0.02
"""Between two questions; each is answered from memory."""

Answered = dict[str, tuple[datetime, datetime]]
"""By customer: when the order was sent, and when an answer told of it."""


def main(
    orders: Annotated[int, typer.Option(help="Orders that are asked for, one after the other.")] = 100,
    living: Annotated[float, typer.Option(help="Other living orders a second.")] = 5,
    people: Annotated[int, typer.Option(help="So many ask on the page during every other ten of the orders.")] = 0,
    copies: Annotated[int, typer.Option(help="So many times the customers of Online Retail.")] = 1,
    folder: Annotated[Path | None, typer.Option(help="Keeps all here; by default a temporary folder.")] = None,
    set_: Annotated[list[str] | None, typer.Option("--set", help="A setting: section.name=value.")] = None,
) -> None:
    """Broker, stream, a past, a model, living orders; then orders of new customers, each asked for until it is told."""
    home = new_folder(folder, "dangol-freshness-")
    own = {
        **SETTINGS,
        "store.path": home / "store",
        "source.bootstrap_servers": f"127.0.0.1:{free_port()}",
        "page.sign_in": "people",
        "page.port": free_port(),
        **cli.given(None, set_),
    }
    settings = load_settings(overrides=own)
    with demo.orderly_stop(), ExitStack() as parts:
        settings, stream, events, _ = graded_shop(parts, settings, copies)
        customers = parts.enter_context(demo.LivingCustomers(demo.producer(settings), events, living))
        visitors = []
        if people:
            parts.enter_context(served(settings, own, people))
            visitors = signed_in(settings, people, ids_of(events))
        ask, producer = asker(settings), demo.producer(settings)
        answered: dict[str, Answered] = {"alone": {}} | ({"with people": {}} if people else {})
        probes = []
        with counted("orders that are asked for", orders) as advance:
            for block in blocks(orders):
                crowded = bool(visitors) and block.start // BLOCK % 2 == 1
                with asking(visitors, EVERY_SECONDS) if crowded else nullcontext():
                    for number in block:
                        stream.check()
                        customers.check()
                        customer = f"fresh-{number:04d}"
                        answered["with people" if crowded else "alone"][customer] = ordered(producer, ask, customer)
                        probes.append(probe_ms())
                        advance(1)
        producer.close()
    first = committed(settings.store.path)
    found = {name: summary(first, told) for name, told in answered.items()}
    print(json.dumps(found | {"median_probe_ms": round(median(probes), 2)}, indent=2))
    if folder is None:
        say(f"all of it: {home}")


def blocks(orders: int) -> Iterator[range]:
    for first in range(0, orders, BLOCK):
        yield range(first, min(first + BLOCK, orders))


def ordered(producer: Any, ask: Callable[[str], Answer], customer: str) -> tuple[datetime, datetime]:
    """When an order of a new customer was sent, and when an answer first told of it."""
    sent = datetime.now(UTC)
    producer.send([small_order(f"order-{customer}", customer, sent)])
    return sent, until_told(partial(ask, f"What grade is customer {customer}?"))


def until_told(ask: Callable[[], Answer]) -> datetime:
    """When an answer first told of the customer."""
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        if ask().status == "answered":
            return datetime.now(UTC)
        time.sleep(LOOK_SECONDS)
    raise TimeoutError(f"no answer told of the order within {PATIENCE_SECONDS} s")


def ids_of(events: Sequence[Line]) -> list[str]:
    told = (event.get("customer_id") for event in events if isinstance(event, dict))
    return list(dict.fromkeys(customer for customer in told if customer))


def summary(first: Mapping[str, datetime], answered: Answered) -> dict[str, dict[str, float] | None]:
    """`first`: when the file with each customer's first row was written, which is its commit."""
    return {
        "order_to_commit_seconds": percentiles(
            [(first[customer] - sent).total_seconds() for customer, (sent, _) in answered.items()]
        ),
        "commit_to_answer_seconds": percentiles(
            [(told - first[customer]).total_seconds() for customer, (_, told) in answered.items()]
        ),
        "order_to_answer_seconds": percentiles([(told - sent).total_seconds() for sent, told in answered.values()]),
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
