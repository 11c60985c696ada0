"""From an order to the trigger: how long after a message was enqueued a webhook knows of the grade that it changed."""

import json
import os
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median
from typing import Annotated, Any

import pyarrow as pa
import typer
from deltalake import DeltaTable
from machine import probe_ms, processes, seconds_of
from past import graded_shop, new_folder, small_order, written

from dangol import cli
from dangol.answers.queries import Query
from dangol.edges import demo
from dangol.edges.broker import free_port
from dangol.edges.positions import reached
from dangol.edges.terminal import counted, say, step
from dangol.edges.triggers import percentiles
from dangol.settings import Settings, load_settings
from dangol.tables import CHANGES, DELIVERIES

SETTINGS = {
    "shop.timezone": "Europe/London",
    "shop.currency": "GBP",
    "source.kind": "kafka",
    "triggers.kind": "webhook",
    "triggers.holdout_percent": 0,
    "metrics.port": 0,
}
ONCE = Query(
    "bought_once",
    ("customers_live",),
    "select customer_id from customers_live where frequency = 1 order by customer_id",
    {"en": "", "ko": ""},
)
PATIENCE_SECONDS = 120
IDLE_SECONDS = 20


class Receiver:
    """Takes changes on loopback; `arrived` is when each customer's came."""

    def __init__(self) -> None:
        self.arrived: dict[str, datetime] = {}
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                now = datetime.now(UTC)
                change = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                receiver.arrived[change["customer_id"]] = now
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/"

    @contextmanager
    def serving(self) -> Iterator[None]:
        thread = threading.Thread(target=self.server.serve_forever)
        thread.start()
        try:
            yield
        finally:
            self.server.shutdown()
            thread.join()
            self.server.server_close()


def main(
    orders: Annotated[int, typer.Option(help="Orders that move their customer to another grade, or to a first.")] = 200,
    rate: Annotated[float, typer.Option(help="Of them a second.")] = 2,
    living: Annotated[float, typer.Option(help="Other living orders a second.")] = 5,
    copies: Annotated[int, typer.Option(help="So many times the customers of Online Retail.")] = 1,
    folder: Annotated[Path | None, typer.Option(help="Keeps all here; by default a temporary folder.")] = None,
    set_: Annotated[list[str] | None, typer.Option("--set", help="A setting: section.name=value.")] = None,
) -> None:
    """Broker, stream, a past, a model, `dangol changes` with a webhook on loopback; then orders that move customers."""
    home = new_folder(folder, "dangol-triggers-")
    receiver, consent = Receiver(), home / "consent.txt"
    consent.touch()
    own = {
        "store.path": home / "store",
        "source.bootstrap_servers": f"127.0.0.1:{free_port()}",
        "triggers.url": receiver.url,
        "triggers.consent": consent,
    }
    os.environ["DANGOL_TRIGGERS__SECRET"] = secrets.token_hex()
    settings = load_settings(overrides={**SETTINGS, **own, **cli.given(None, set_)})
    with demo.orderly_stop(), ExitStack() as parts:
        settings, stream, events, lake = graded_shop(parts, settings, copies)
        parts.enter_context(receiver.serving())
        changes = demo.Child("changes", settings, ["--json"]).__enter__()
        try:
            demo.wait_for(lambda: begun(settings), [changes, stream])
            idle = idle_cores(changes)
            customers = parts.enter_context(demo.LivingCustomers(demo.producer(settings), events, living))
            once = [row["customer_id"] for row in lake.run(ONCE).rows][: orders // 2]
            movers = [f"new-{number:04d}" for number in range(orders - len(once))] + once
            consent.write_text("".join(f"{customer}\n" for customer in movers))
            sent, probes = sending(settings, movers, rate, [stream, changes, customers])
            settle(receiver, movers, [stream, changes, customers])
        finally:
            changes.__exit__()
    if receiver.arrived:
        own_part = written_to_told(settings.store.path)
        print(json.dumps(summary(changes.log, receiver, sent, idle, probes) | own_part, indent=2))
    if folder is None:
        say(f"all of it: {home}")


def begun(settings: Settings) -> bool:
    """Whether the triggers know from where on they tell."""
    return reached(DeltaTable(settings.store.path / DELIVERIES.name), DELIVERIES.name) is not None


def idle_cores(changes: demo.Child) -> float:
    """Processor time that the follower uses while nothing arrives, in cores."""
    with step(f"an idle look at {CHANGES.name}"):
        before = seconds_of(processes(), changes.process.pid)
        time.sleep(IDLE_SECONDS)
        return round((seconds_of(processes(), changes.process.pid) - before) / IDLE_SECONDS, 3)


def sending(
    settings: Settings, movers: list[str], rate: float, parts: list[Any]
) -> tuple[dict[str, datetime], list[float]]:
    """Orders one by one; when each customer's went out, and the machine's probe now and then."""
    producer, sent, probes = demo.producer(settings), dict[str, datetime](), list[float]()
    with counted("orders that move a customer", len(movers)) as advance:
        for number, customer in enumerate(interleaved(movers)):
            for part in parts:
                part.check()
            now = datetime.now(UTC)
            sent[customer] = now
            producer.send([small_order(f"bench-{number}", customer, now)])
            if number % 20 == 0:
                probes.append(probe_ms())
            advance(1)
            time.sleep(max(0, 1 / rate - (datetime.now(UTC) - now).total_seconds()))
    producer.close()
    return sent, probes


def interleaved(movers: list[str]) -> list[str]:
    half = len(movers) // 2
    pairs = zip(movers[:half], movers[half:], strict=False)
    return [customer for pair in pairs for customer in pair] + movers[2 * half :]


def settle(receiver: Receiver, movers: list[str], parts: list[Any]) -> None:
    """Until nothing more arrives: an order need not move its customer."""
    end = time.monotonic() + PATIENCE_SECONDS
    while len(receiver.arrived) < len(movers) and time.monotonic() < end:
        before = len(receiver.arrived)
        for part in parts:
            part.check()
        time.sleep(10)
        if len(receiver.arrived) == before:
            return


def written_to_told(store: Path) -> dict[str, Any]:
    """From the moment that a row of history was written to the answer of the receiver: all that is not the stream's."""
    times = written(store)
    deliveries = pa.table(DeltaTable(store / DELIVERIES.name).scan()).to_pylist()
    seconds = [
        (row["handled_at"] - times[row["generation"], row["batch_id"]]).total_seconds()
        for row in deliveries
        if row["outcome"] == "sent"
    ]
    return {"written_to_told_seconds": percentiles(seconds)}


def summary(
    log: Path, receiver: Receiver, sent: dict[str, datetime], idle: float, probes: list[float]
) -> dict[str, Any]:
    told = next(line for line in reversed(log.read_text("utf-8").splitlines()) if line.startswith("{"))
    came = receiver.arrived
    arrived = [(came[customer] - moment).total_seconds() for customer, moment in sent.items() if customer in came]
    return {
        "orders": len(sent),
        "moved_and_told": len(arrived),
        "sent_to_received_seconds": percentiles(arrived),
        "dangol_changes": json.loads(told),
        "idle_cores": idle,
        "median_probe_ms": round(median(probes), 2),
    }


if __name__ == "__main__":
    typer.run(main)
