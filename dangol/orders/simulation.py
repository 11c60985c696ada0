"""Order events made to look like a shop's traffic: moved in time, turned into messages, and seeded with faults.

Every fault draws from its own seed: the same events, share and seed give the same bytes.
"""

import json
import random
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import cache
from itertools import cycle
from typing import Any, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from dangol.errors import SettingsError

Event = dict[str, Any]
"""An order event as in docs/events.md."""

Line = Event | bytes
"""An event, or a line of a file that holds none and is sent as it is."""

T = TypeVar("T")


class Message(NamedTuple):
    """What is sent: the key (customer_id, null for a guest), the bytes, and the moment on the events' own timeline."""

    key: str | None
    value: bytes
    due: datetime


def encode(event: Event) -> bytes:
    return json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()


def decode(line: bytes) -> Line:
    """The event that a line holds; the line itself when it is none, or when it could not be written back with the same
    meaning (a repeated key, a number beyond a double's precision, half a surrogate pair)."""
    try:
        event = json.loads(line.decode(), object_pairs_hook=without_repeats, parse_float=exact)
        instant(event["event_time"])
        encode(event)
    except (ValueError, TypeError, LookupError, RecursionError, OverflowError, InvalidOperation):
        return line
    return event  # type: ignore[no-any-return]


def without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    read = dict(pairs)
    if len(read) < len(pairs):
        raise ValueError("a key comes twice")
    return read


def exact(number: str) -> float:
    if Decimal(repr(float(number))) != Decimal(number):
        raise ValueError("not a double")
    return float(number)


def instant(text: str) -> datetime:
    """ISO 8601 text with an offset as a UTC instant. Raises ValueError without an offset."""
    time = datetime.fromisoformat(text)
    if time.tzinfo is None:
        raise ValueError("no offset")
    return time.astimezone(UTC)


def iso(time: datetime) -> str:
    return time.astimezone(UTC).isoformat().replace("+00:00", "Z")


def shift_to(events: Sequence[Line], last_day: date, zone: ZoneInfo) -> list[Line]:
    """Events moved by the whole weeks that bring their last shop day to `last_day`, or to the nearest day before it.

    Whole weeks keep the weekdays: the last day of Online Retail, a Friday, becomes the Friday at most 6 days before
    `last_day`. The shop's wall-clock times are kept, also where summer time differs. Lines that are no events stay.
    """
    local = [instant(event["event_time"]).astimezone(zone) if isinstance(event, dict) else None for event in events]
    days = [time.date() for time in local if time]
    weeks = timedelta(weeks=(last_day - max(days)).days // 7) if days else timedelta()
    return [
        {**event, "event_time": iso(time + weeks)} if isinstance(event, dict) and time else event
        for event, time in zip(events, local, strict=True)
    ]


def with_returns(events: Sequence[Line], share: float, seed: int) -> list[Line]:
    """Events and one more return for that share of the placed orders: it names the order, gives one of its items (or
    all) back, and comes up to 30 days later, but not after the last event unless the order itself is that one."""
    rng, chosen = drawn(placed_orders(events), share, seed, "returns")
    if not chosen:
        return list(events)
    last = max(instant(event["event_time"]) for event in events if isinstance(event, dict))
    added = []
    for order in chosen:
        time = instant(order["event_time"])
        longest = min(timedelta(days=30), last - time) // timedelta(seconds=1)
        added.append(return_of(order, time + timedelta(seconds=rng.randint(1, max(1, longest))), rng))
    return in_time_order([*events, *added])


def return_of(order: Event, time: datetime, rng: random.Random) -> Event:
    """The return, at `time`, of one item of a placed order, or of all of it when no item has a sound worth."""
    items = [item for item in order["items"] if 0 < item_worth(item) <= worth(order)]
    item = rng.choice(items) if items else None
    return {
        **order,
        "event_id": f"{order['event_id']}-return",
        "type": "returned",
        "event_time": iso(time),
        "amount": f"{item_worth(item) if item else worth(order):f}",
        "items": [item] if item else order["items"],
    }


def placed_orders(events: Iterable[Line]) -> list[Event]:
    """The placed orders among events of any origin whose ids, currency, items and amount are what they should be."""
    return [
        event
        for event in events
        if isinstance(event, dict)
        and event.get("type") == "placed"
        and all(isinstance(event.get(name), str) for name in ("event_id", "order_id", "currency"))
        and isinstance(event.get("customer_id"), str | None)
        and isinstance(event.get("items"), list)
        and worth(event) > 0
    ]


def worth(event: Event) -> Decimal:
    """The event's amount; 0 when it is none that could be given back."""
    try:
        amount = Decimal(str(event["amount"]))
    except (LookupError, InvalidOperation):
        return Decimal(0)
    return amount if amount.is_finite() else Decimal(0)


def item_worth(item: Any) -> Decimal:
    """Quantity times unit price; 0 for what is no item."""
    try:
        amount = Decimal(str(item["unit_price"])) * int(item["quantity"])
    except (LookupError, TypeError, ValueError, InvalidOperation):
        return Decimal(0)
    return amount if amount.is_finite() else Decimal(0)


def in_time_order(events: Iterable[Line]) -> list[Line]:
    """By event_time; a line that is no event stays behind the event before it."""
    timed, time = [], datetime.min.replace(tzinfo=UTC)
    for event in events:
        time = instant(event["event_time"]) if isinstance(event, dict) else time
        timed.append((time, event))
    return [event for _, event in sorted(timed, key=lambda pair: pair[0])]


def to_messages(events: Sequence[Line]) -> list[Message]:
    """One message per event in the given order. A message is due at its event_time, but never before the one ahead of
    it; a line that is no event goes out as it is, right after the message before it."""
    messages: list[Message] = []
    first = next((event["event_time"] for event in events if isinstance(event, dict)), "1970-01-01T00:00:00Z")
    due = instant(first)
    for event in events:
        if isinstance(event, dict):
            due = max(due, instant(event["event_time"]))
            customer = event.get("customer_id")
            messages.append(Message(customer if isinstance(customer, str) else None, encode(event), due))
        else:
            messages.append(Message(None, event, due))
    return messages


def with_duplicates(messages: Sequence[Message], share: float, seed: int) -> list[Message]:
    """Messages, and that share of them sent once more, some time later."""
    rng, chosen = drawn(messages, share, seed, "duplicates")
    return in_due_order([*messages, *(message._replace(due=message.due + delay(rng)) for message in chosen)])


def with_late(messages: Sequence[Message], share: float, seed: int) -> list[Message]:
    """The same messages, that share of them delivered later than they happened and behind others. Their bytes, and so
    their event_time, stay."""
    rng, chosen = drawn(range(len(messages)), share, seed, "late")
    late = {index: messages[index].due + delay(rng) for index in chosen}
    return in_due_order(m._replace(due=late.get(index, m.due)) for index, m in enumerate(messages))


def with_malformed(messages: Sequence[Message], share: float, seed: int) -> list[Message]:
    """Messages and, beside that share of them, a spoilt copy: each kind of MALFORMED in turn. The good all stay."""
    _, chosen = drawn(messages, share, seed, "malformed")
    spoilt = [
        message._replace(value=spoil(event) if isinstance(event := decode(message.value), dict) else message.value)
        for message, spoil in zip(chosen, cycle(MALFORMED.values()), strict=False)
    ]
    return in_due_order([*messages, *spoilt])


def drawn(from_: Sequence[T], share: float, seed: int, fault: str) -> tuple[random.Random, list[T]]:
    """A generator of the fault's own, and the drawn share."""
    if not 0 <= share <= 1:
        raise SettingsError(f"the share of {fault} is {share}; expected a number from 0 to 1, such as 0.1")
    rng = random.Random(f"{fault} {seed}")  # noqa: S311 - repeatable, not secret
    return rng, rng.sample(from_, round(share * len(from_)))


def delay(rng: random.Random) -> timedelta:
    """From a minute to a week, each order of magnitude as likely as the next."""
    return timedelta(minutes=10 ** rng.uniform(0, 4))


def in_due_order(messages: Iterable[Message]) -> list[Message]:
    return sorted(messages, key=lambda message: message.due)


@cache
def oversized() -> bytes:
    """A sound order of 2 MB. One object for all messages: a long replay holds many of them."""
    item = {"sku": "1", "name": "x" * 2_000_000, "quantity": 1, "unit_price": "1.00"}
    event = {"event_id": "oversized", "type": "placed", "order_id": "oversized", "event_time": "2010-12-01T00:00:00Z"}
    return encode({**event, "amount": "1.00", "currency": "GBP", "version": 0, "items": [item]})


def without(event: Event, field: str) -> Event:
    return {name: value for name, value in event.items() if name != field}


MALFORMED: dict[str, Callable[[Event], bytes]] = {
    "not JSON": lambda event: f"order {event.get('order_id')} has arrived".encode(),
    "empty": lambda event: b"",
    "null": lambda event: b"null",
    "trailing text": lambda event: encode(event) + b" and more",
    "duplicate key": lambda event: encode(without(event, "amount"))[:-1] + b',"amount":"1.00","amount":"2.00"}',
    "unknown currency": lambda event: encode({**event, "currency": "XXX"}),
    "bad amount": lambda event: encode({**event, "amount": "twelve"}),
    "absurd amount": lambda event: encode({**event, "amount": "99999999999999.00"}),
    "missing order id": lambda event: encode(without(event, "order_id")),
    "unknown type": lambda event: encode({**event, "type": "shipped"}),
    "future date": lambda event: encode({**event, "event_time": "2099-01-01T00:00:00Z"}),
    "too large": lambda event: oversized(),
    "not UTF-8": lambda event: encode({**event, "event_id": "café"}).replace("é".encode(), "é".encode("latin-1")),
}
"""Each kind of message that must be refused, made from a sound event. None holds a line break, so each is one line of
JSON Lines too; the empty one is an empty line."""
