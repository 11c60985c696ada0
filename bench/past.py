"""A shop's past: the real orders, with more customers, through the stream; and a model fitted on them."""

import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
from deltalake import DeltaTable

from dangol.edges import demo, registry, simulate
from dangol.edges.lake import Lake
from dangol.edges.terminal import step
from dangol.errors import SetupError
from dangol.orders.simulation import Event, Line, Message, encode
from dangol.settings import Settings
from dangol.tables import CUSTOMER_HISTORY


def new_folder(folder: Path | None, prefix: str) -> Path:
    """The folder, made, or a temporary one. Raises SetupError when something is in it: a run begins with nothing."""
    if folder is None:
        return Path(tempfile.mkdtemp(prefix=prefix))
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise SetupError(f"{folder} is not empty; give a folder of its own")
    return folder


def preload(settings: Settings, stream: demo.Child, copies: int) -> list[Line]:
    """Sends a year of orders of `copies` times Online Retail's customers, waits for it, promotes a model."""
    real = simulate.orders(simulate.real_orders(), shift_to_now=True, zone=settings.shop.zone)
    events: list[Line] = list(multiplied((event for event in real if isinstance(event, dict)), copies))
    messages = simulate.messages(events, simulate.Faults())
    with step(f"{len(messages)} orders of the past"):
        simulate.send(messages, demo.producer(settings), simulate.speed_of("max"), lambda _: None)
        while demo.rows(settings, "events") < len(messages):
            stream.check()
            time.sleep(1)
    with step("a model"):
        day = simulate.day_after(real, settings.shop.zone)
        demo.run("train", settings, ["--as-of", f"{day}", "--refits", "2"])
        # past its gates: copied customers are no shop, and what is measured here is the stream
        registry.promote(settings.registry_uri, settings.registry.model, "1")
        demo.run("tick", settings)
    return events


def graded_shop(parts: ExitStack, settings: Settings, copies: int) -> tuple[Settings, demo.Child, list[Line], Lake]:
    """(settings, stream, orders of the past, lake): broker and stream among the parts, every customer graded."""
    settings = demo.with_broker(parts, settings)
    stream = parts.enter_context(demo.Child("stream", settings, ["--source", "kafka"]))
    events = preload(settings, stream, copies)
    lake = Lake(settings.store.path)
    with step("a grade for every customer"):
        demo.wait_for(lambda: lake.run(demo.UNGRADED).rows[0]["customers"] == 0, [stream])
    return settings, stream, events, lake


def small_order(event_id: str, customer: str, now: datetime) -> Message:
    """An order of now, on its way."""
    told = {
        "event_id": event_id,
        "type": "placed",
        "order_id": event_id,
        "version": 0,
        "customer_id": customer,
        "event_time": now.isoformat(),
        "amount": "150.00",
        "currency": "GBP",
    }
    return Message(customer, encode(told), now)


def written(store: Path) -> dict[tuple[int, int], datetime]:
    """When the file of each (generation, batch_id) of customer_history was written."""
    files = pa.table(DeltaTable(store / CUSTOMER_HISTORY.name).get_add_actions(flatten=True)).to_pylist()
    return {
        (file["min.generation"], file["min.batch_id"]): datetime.fromtimestamp(file["modification_time"] / 1000, UTC)
        for file in files
    }


def multiplied(events: Iterable[Event], copies: int) -> Iterator[Event]:
    """Each order `copies` times, each of another customer; with one item, for items weigh and nothing reads them."""
    for event in events:
        for copy in range(copies):
            mark = {
                name: f"{event[name]}{copy:02d}" for name in ("event_id", "order_id", "customer_id") if event.get(name)
            }
            yield {**event, **mark, "items": event.get("items", [])[:1]}
