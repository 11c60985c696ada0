"""`dangol simulate`: real orders, with faults if wanted, then living customers, to where they should go."""

import math
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from dangol.edges.producers import (
    BrokerProducer,
    EventHubsProducer,
    FolderProducer,
    Producer,
    StreamProducer,
    read_orders,
    replay,
)
from dangol.errors import SettingsError
from dangol.orders import simulation
from dangol.orders.habits import fit_habits, live_orders
from dangol.orders.simulation import Line, Message
from dangol.settings import Settings

REAL_ORDERS = "online_retail_2010_2011.parquet"
REAL_ORDERS_ZONE = ZoneInfo("Europe/London")


@dataclass(frozen=True)
class Faults:
    """Shares of messages, 0 to 1, drawn with one seed."""

    duplicates: float = 0
    late: float = 0
    returns: float = 0
    malformed: float = 0
    seed: int = 0


def orders(data: Path, *, shift_to_now: bool, zone: ZoneInfo) -> list[Line]:
    """The order events of a file; shifted by whole weeks so that the last day is yesterday or up to six days before."""
    events = read_orders(data)
    if not shift_to_now:
        return events
    yesterday = datetime.now(zone).date() - timedelta(days=1)
    return simulation.shift_to(events, yesterday, REAL_ORDERS_ZONE if data.suffix == ".parquet" else zone)


def day_after(events: Sequence[Line], zone: ZoneInfo) -> date:
    """The shop's day after the last event: what there is to learn from the orders is whole by its start."""
    instants = (simulation.instant(event["event_time"]) for event in events if isinstance(event, dict))
    return max(instants).astimezone(zone).date() + timedelta(days=1)


def messages(events: Sequence[Line], faults: Faults) -> list[Message]:
    """The messages to send, in the order of sending, with the faults in them."""
    seed = faults.seed
    sent = simulation.to_messages(simulation.with_returns(events, faults.returns, seed))
    sent = simulation.with_malformed(sent, faults.malformed, seed)
    return simulation.with_duplicates(simulation.with_late(sent, faults.late, seed), faults.duplicates, seed)


def send(sent: Sequence[Message], producer: Producer, speed: float, advance: Callable[[int], None]) -> None:
    """Sends all, paced by their own times; `advance` hears how many have just arrived."""
    for batch in replay(sent, speed):
        producer.send(batch)
        advance(len(batch))


def send_live(
    events: Sequence[Line], producer: Producer, rate: float, seed: int, advance: Callable[[int], None]
) -> None:
    """Sends `rate` synthetic orders a second, drawn from the customers' own habits, until interrupted."""
    orders = live_orders(fit_habits(events), rate, seed, datetime.now(UTC))
    for batch in replay(orders, 1):
        producer.send(batch)
        advance(len(batch))


def producer(to: str, path: Path | None, settings: Settings, timeout_seconds: float = 30) -> Producer:
    """Where messages go; a broker has `timeout_seconds` to take one.

    Raises SettingsError when something that the destination needs is not given.
    """
    source = settings.source
    if to == "stdout":
        return StreamProducer(sys.stdout.buffer)
    if to == "files":
        if path is None:
            raise SettingsError("--to files needs --path, the folder to write JSON Lines into")
        return FolderProducer(path)
    if to == "broker":
        login = source.security, source.connection_string
        return BrokerProducer(source.bootstrap_servers, source.topic, *login, timeout_seconds)
    if to != "eventhubs":
        raise SettingsError(f"--to {to} is unknown; choose broker, files, eventhubs or stdout")
    return EventHubsProducer(source)


def speed_of(text: str) -> float:
    """`max`, or how many times as fast as the orders happened. Raises SettingsError."""
    try:
        speed = math.inf if text == "max" else float(text)
    except ValueError:
        speed = 0
    if not speed > 0:
        raise SettingsError(f"--speed {text} is neither max nor a number above 0")
    return speed


def real_orders() -> Path:
    """The Online Retail file of the checkout. Raises SettingsError where there is none, as in an installed wheel."""
    path = Path(__file__).parents[2] / "data" / REAL_ORDERS
    if not path.is_file():
        raise SettingsError(f"the file of real orders is not at {path}; give --data FILE")
    return path
