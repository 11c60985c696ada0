"""`dangol demo`: broker, stream, real orders, a trained model, grades, the page and living customers on one machine."""

import os
import secrets
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

import httpx
import numpy as np
import pyarrow as pa
from deltalake import DeltaTable
from deltalake.exceptions import TableNotFoundError
from pydantic import SecretStr

from dangol.answers.queries import Query
from dangol.edges import simulate
from dangol.edges.broker import LocalBroker
from dangol.edges.lake import Lake
from dangol.edges.manifest import holder
from dangol.edges.producers import BrokerProducer, Producer, replay
from dangol.edges.registry import champion
from dangol.edges.terminal import counted, say, step
from dangol.edges.web import listener
from dangol.errors import SetupError
from dangol.orders.habits import fit_habits, live_orders
from dangol.orders.simulation import Line, Message
from dangol.settings import Settings
from dangol.tables import CUSTOMER_HISTORY, EVENTS

FREE_BYTES = 2 * 1024**3
MEASURED_ORDERS = 40
PATIENCE_SECONDS = 300
STOP_SECONDS = 120
POLL_SECONDS = 0.05

UNGRADED = Query(
    "ungraded",
    ("customers_live",),
    "select count(*) as customers from customers_live where frequency > 0 and grade is null",
    {"en": "Customers with a purchase in the window and no grade.", "ko": "구매가 있고 등급이 없는 고객입니다."},
)


def run_demo(settings: Settings, rate: float) -> None:
    """Starts all, says where the page is, stays until Ctrl-C, stops all. A second run goes on with the same store.

    Raises SetupError when a part does not start or ends by itself; what runs is stopped first.
    """
    began = time.monotonic()
    refuse_unready(settings)
    with orderly_stop(), ExitStack() as parts:
        settings = with_broker(parts, settings)
        stream = parts.enter_context(Child("stream", settings, ["--source", "kafka"]))
        events = simulate.orders(simulate.real_orders(), shift_to_now=True, zone=settings.shop.zone)
        replayed(settings, events, stream, began)
        graded(settings, events, stream)
        changes = parts.enter_context(Child("changes", settings))
        summaries = parts.enter_context(Child("summarize", settings))
        page = parts.enter_context(Child("page", settings))
        with step("the page"):
            wait_for(lambda: answers(settings), [page, stream, changes, summaries])
        customers = parts.enter_context(LivingCustomers(producer(settings), events, rate))
        measured(settings, customers)
        say(f"\n[bold green]Ready after {time.monotonic() - began:.0f} s:[/] {address(settings)}")
        say(f"Order something yourself: dangol shop --store {settings.store.path}")
        say(f"{rate:g} orders a second arrive now; Ctrl-C stops everything, and the next start goes on from here")
        wait_for(lambda: False, [page, stream, changes, summaries, customers], seconds=None)


def refuse_unready(settings: Settings) -> None:
    home = settings.store.home
    home.mkdir(parents=True, exist_ok=True)
    if shutil.disk_usage(home).free < FREE_BYTES:
        raise SetupError(f"less than {FREE_BYTES >> 30} GiB are free at {home}; free some, or give another --store")
    listener(settings.page.host, settings.page.port).close()
    driver = holder(settings.store.checkpoints)
    if driver:
        raise SetupError(f"the stream of this store runs already as process {driver}; stop it: kill {driver}")


def with_broker(parts: ExitStack, settings: Settings) -> Settings:
    """Starts the broker; the settings with its login."""
    secret = connection_string(settings)
    port = int(settings.source.bootstrap_servers.rpartition(":")[2])
    with step("the broker, with the login of Event Hubs"):
        parts.enter_context(LocalBroker(settings.store.home / "broker", port, secret, settings.source.topic))
    return settings.model_copy(update={"source": settings.source.model_copy(update={"connection_string": secret})})


def connection_string(settings: Settings) -> SecretStr:
    """The given one, else one of this store's own, drawn once and readable by its owner alone."""
    found = known_connection_string(settings)
    if found:
        return found
    drawn = f"Endpoint=sb://localhost/;SharedAccessKeyName=dangol;SharedAccessKey={secrets.token_urlsafe(32)}"
    with open(own_login(settings), "w", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write(drawn)
    return SecretStr(drawn)


def known_connection_string(settings: Settings) -> SecretStr | None:
    """The given one, else the one that a demo of this store has drawn."""
    if settings.source.connection_string or not own_login(settings).exists():
        return settings.source.connection_string
    return SecretStr(own_login(settings).read_text())


def own_login(settings: Settings) -> Path:
    return settings.store.home / "connection-string"


def replayed(settings: Settings, events: list[Line], stream: "Child", began: float) -> None:
    """Sends the real orders once per store and waits until the stream has them all."""
    done = settings.store.home / "replayed"
    if done.exists():
        with step("today's ticks for the store of before"):
            run("tick", settings)
        return
    messages = simulate.messages(events, simulate.Faults())
    with counted("real orders sent", len(messages)) as advance:
        simulate.send(messages, producer(settings), simulate.speed_of("max"), advance)
    wait_for(lambda: rows(settings, CUSTOMER_HISTORY.name) > 0, [stream])
    say(f"[green]✓[/] first order visible with its RFM [dim]{time.monotonic() - began:.1f} s after the start[/]")
    with counted("orders through the stream", len(messages)) as advance:
        seen = 0
        while seen < len(messages):
            wait_for(lambda: rows(settings, EVENTS.name) > seen, [stream])  # noqa: B023 - called before the next round
            now = rows(settings, EVENTS.name)
            advance(now - seen)
            seen = now
    done.touch()


def graded(settings: Settings, events: list[Line], stream: "Child") -> None:
    """Trains a first model as of the day after the real orders, for the silent days since are no shop's, promotes it,
    and waits until every customer has a grade."""
    if not champion(settings.registry_uri, settings.registry.model):
        day = simulate.day_after(events, settings.shop.zone)
        with step("a Gaussian mixture, trained, judged and promoted"):
            run("train", settings, ["--promote", "--as-of", f"{day}"])
    with step("a grade for every customer"):
        lake = Lake(settings.store.path)
        wait_for(lambda: lake.run(UNGRADED).rows[0]["customers"] == 0, [stream])


def measured(settings: Settings, customers: "LivingCustomers") -> None:
    """Prints how long orders take from sending to a grade that an outside reader sees."""
    with counted("living customers' orders, from sent to seen", MEASURED_ORDERS) as advance:
        seconds = latencies(settings.store.path / CUSTOMER_HISTORY.name, customers, advance)
    p50, p95 = np.percentile(seconds, [50, 95])
    say(
        f"[green]✓[/] order sent → grade visible to an outside reader: "
        f"p50 {p50:.2f} s, p95 {p95:.2f} s [dim]({len(seconds)} orders)[/]"
    )


def latencies(history: Path, customers: "LivingCustomers", advance: Callable[[int], None]) -> list[float]:
    """Seconds from sending an order to its row in the history, read by delta-rs as any other program may."""
    table = DeltaTable(history)
    seconds: list[float] = []

    def look() -> bool:
        version = table.version()
        table.update_incremental()
        if table.version() == version:
            return False
        changes = table.load_cdf(starting_version=version + 1, columns=["customer_id", "enqueued_time"])
        now, before = datetime.now(UTC), len(seconds)
        for row in pa.table(changes.read_all()).to_pylist():
            sent = customers.sent.get(row["customer_id"])
            if sent and row["enqueued_time"] >= sent:
                seconds.append((now - customers.sent.pop(row["customer_id"])).total_seconds())
        advance(min(len(seconds), MEASURED_ORDERS) - before)
        return len(seconds) >= MEASURED_ORDERS

    wait_for(look, [customers])
    return seconds


class Child:
    """A command of dangol as a process of its own, deaf to the terminal's Ctrl-C, with its output in a log."""

    def __init__(self, command: str, settings: Settings, options: list[str] | None = None) -> None:
        self.command = [sys.executable, "-m", "dangol.cli", command, *(options or []), *as_options(settings)]
        self.name = command
        self.log = settings.store.logs / f"{command}.out"
        self.environment = os.environ | {"PYTHONUNBUFFERED": "1"}
        if settings.source.connection_string:
            self.environment["DANGOL_SOURCE__CONNECTION_STRING"] = settings.source.connection_string.get_secret_value()

    def __enter__(self) -> "Child":
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self.environment,
                start_new_session=True,
            )
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is not None:
            return
        with step(f"{self.name} stopped"):
            self.process.terminate()
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def check(self) -> None:
        """Raises SetupError, with the last line of the log, when the process has ended."""
        if self.process.poll() is not None:
            lines = self.log.read_text("utf-8", "replace").strip().splitlines() or ["it said nothing"]
            raise SetupError(f"{self.name} ended: {lines[-1].removeprefix('dangol: ')} (all of it: {self.log})")


class LivingCustomers:
    """Synthetic orders at a steady rate from a thread; `sent` holds by customer when the latest order went out."""

    def __init__(self, producer: Producer, events: list[Line], rate: float) -> None:
        self.producer = producer
        self.sent: dict[str, datetime] = {}
        self.failure: Exception | None = None
        self.stopping = threading.Event()
        self.orders = live_orders(fit_habits(events), rate, seed=time.time_ns(), start=datetime.now(UTC))
        self.thread = threading.Thread(target=self.live, name="living customers", daemon=True)

    def live(self) -> None:
        try:
            for batch in replay(self.orders, 1, sleep=self.pause):
                if self.stopping.is_set():
                    return
                self.note(batch)
                self.producer.send(batch)
        except Exception as error:  # noqa: BLE001 - the main thread raises it
            self.failure = error

    def pause(self, seconds: float) -> None:
        self.stopping.wait(seconds)

    def note(self, batch: list[Message]) -> None:
        now = datetime.now(UTC)
        self.sent.update({message.key: now for message in batch if message.key})

    def check(self) -> None:
        if self.failure:
            raise self.failure

    def __enter__(self) -> "LivingCustomers":
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        self.thread.join()
        self.producer.close()


def wait_for(
    condition: Callable[[], bool], parts: list[Child | LivingCustomers], seconds: float | None = PATIENCE_SECONDS
) -> None:
    """Returns when the condition holds. Raises SetupError when a part has ended, or after too long."""
    deadline = time.monotonic() + seconds if seconds else None
    while not condition():
        for part in parts:
            part.check()
        if deadline and time.monotonic() > deadline:
            raise SetupError(f"nothing happened for {seconds:.0f} s; the logs beside the store tell more")
        time.sleep(POLL_SECONDS)


def run(command: str, settings: Settings, options: list[str] | None = None) -> None:
    """Runs a command to its end. Raises SetupError with its last line when it fails."""
    with Child(command, settings, options) as child:
        if child.process.wait() != 0:
            child.check()


def as_options(settings: Settings) -> list[str]:
    """The settings as options of a command; the secrets go by the environment, for a process list is public."""
    secret = {"source": {"connection_string"}, "triggers": {"secret"}}
    dumped = settings.model_dump(mode="json", exclude={"store": True, "grades": True, **secret})
    named = [
        f"{section}.{name}={'null' if value is None else value}"
        for section, values in dumped.items()
        for name, value in values.items()
    ]
    return ["--store", str(settings.store.path.absolute()), *(word for text in named for word in ("--set", text))]


def producer(settings: Settings) -> Producer:
    source = settings.source
    return BrokerProducer(source.bootstrap_servers, source.topic, source.security, source.connection_string)


def rows(settings: Settings, table: str) -> int:
    """How many rows a table has, from its commits alone; 0 without one."""
    try:
        files = DeltaTable(settings.store.path / table).get_add_actions(flatten=True)
    except TableNotFoundError:
        return 0
    return sum(count or 0 for count in pa.table(files).column("num_records").to_pylist())


def answers(settings: Settings) -> bool:
    try:
        return httpx.get(f"{address(settings)}healthz", timeout=2).is_success
    except httpx.TransportError:
        return False


def address(settings: Settings) -> str:
    return f"http://{settings.page.host}:{settings.page.port}/"


@contextmanager
def orderly_stop() -> Iterator[None]:
    """Ctrl-C and SIGTERM end what is inside; while it stops, further ones are not heard."""

    heard = False

    def stop(_signal: int, _frame: FrameType | None) -> None:
        nonlocal heard
        if not heard:
            heard = True
            raise KeyboardInterrupt

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        with suppress(KeyboardInterrupt):
            yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
