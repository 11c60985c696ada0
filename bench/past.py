"""A shop's past: the real orders, with more customers, through the stream; and a model fitted on them."""

import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from dangol.edges import demo, registry, simulate
from dangol.edges.terminal import step
from dangol.errors import SetupError
from dangol.orders.simulation import Event, Line
from dangol.settings import Settings


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


def multiplied(events: Iterable[Event], copies: int) -> Iterator[Event]:
    """Each order `copies` times, each of another customer; with one item, for items weigh and nothing reads them."""
    for event in events:
        for copy in range(copies):
            mark = {
                name: f"{event[name]}{copy:02d}" for name in ("event_id", "order_id", "customer_id") if event.get(name)
            }
            yield {**event, **mark, "items": event.get("items", [])[:1]}
