"""Endless orders that look like a shop's own: who buys, how often and what is drawn from its past events."""

import math
import random
from bisect import bisect
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import accumulate
from typing import Any

from dangol.errors import SettingsError, SourceError
from dangol.orders.shopping import placed
from dangol.orders.simulation import Event, Line, Message, encode, instant, placed_orders, return_of, worth

GUEST, NEWCOMER, RETURN = 0.05, 0.02, 0.03
"""Shares of live events: an order without a customer, a customer's first order, a return of a recent live order."""

OWN_BASKET = 0.8
"""How often a customer repeats one of the own baskets rather than one that is worth about as much."""

NEIGHBOURS = 50
"""Baskets of about the same worth: so many places up or down when all are sorted by it."""

SHORT_PAST = timedelta(days=90)
"""Added to each customer's past: one order of yesterday is no daily habit."""


@dataclass(frozen=True)
class Basket:
    amount: Decimal
    currency: str
    items: list[dict[str, Any]]


@dataclass(frozen=True)
class Habits:
    """Customers with their weights (any unit) and their baskets, which are indexes into `baskets`, sorted by worth."""

    customers: list[str]
    weights: list[float]
    owned: dict[str, list[int]]
    baskets: list[Basket]


def fit_habits(events: Iterable[Line]) -> Habits:
    """Habits from the placed orders of events. Raises SourceError when no customer placed one.

    A customer's weight is the own rate of purchase, halved for every two mean gaps of silence before the last event:
    who is overdue comes back seldom, however often they came once.
    """
    orders = sorted(placed_orders(events), key=worth)
    owned, times = defaultdict(list), defaultdict(list)
    for index, order in enumerate(orders):
        if customer := order.get("customer_id"):
            owned[customer].append(index)
            times[customer].append(instant(order["event_time"]))
    if not owned:
        raise SourceError(
            "no customer placed an order in the data; habits need at least one placed order with a customer_id"
        )
    now = max(max(moments) for moments in times.values())
    return Habits(
        customers=list(owned),
        weights=[weight(moments, now) for moments in times.values()],
        owned=dict(owned),
        baskets=[Basket(worth(order), order["currency"], order["items"]) for order in orders],
    )


def weight(purchases: list[datetime], now: datetime) -> float:
    """Purchases per day, times 0.5 ** (silence / two mean gaps)."""
    day = timedelta(days=1)
    gap = (now - min(purchases) + SHORT_PAST) / len(purchases) / day
    silence = (now - max(purchases)) / day
    return math.exp2(-silence / (2 * gap)) / gap


def live_orders(habits: Habits, rate: float, seed: int, start: datetime) -> Iterator[Message]:
    """Messages without end, `rate` per second on average (Poisson arrivals), the first at `start`.

    Each is due at its own event_time, so sent at real speed it happens the moment it is sent. Ids begin with `start` in
    milliseconds: another run makes others.
    """
    if not rate > 0:
        raise SettingsError(f"the rate is {rate} orders a second; expected a number above 0")
    shop = LiveShop(habits, random.Random(f"live {seed}"), f"{start.timestamp() * 1000:.0f}")  # noqa: S311 - not secret
    time = start
    while True:
        event = shop.next_event(time)
        yield Message(event.get("customer_id"), encode(event), time)
        time += timedelta(seconds=shop.rng.expovariate(rate))


class LiveShop:
    """The customers of `habits` and those who joined since."""

    def __init__(self, habits: Habits, rng: random.Random, run: str) -> None:
        self.rng = rng
        self.run = run
        self.count = 0
        self.baskets = habits.baskets
        self.customers = list(habits.customers)
        self.cumulative = list(accumulate(habits.weights))
        self.owned = {customer: list(baskets) for customer, baskets in habits.owned.items()}
        self.recent: deque[Event] = deque(maxlen=1000)

    def next_event(self, time: datetime) -> Event:
        self.count += 1
        draw = self.rng.random()
        if draw < RETURN and self.recent:
            return self.next_return(time)
        if draw < RETURN + GUEST:
            return self.order(None, self.rng.randrange(len(self.baskets)), time)
        if draw < RETURN + GUEST + NEWCOMER:
            customer = self.join()
        else:
            customer = self.customers[bisect(self.cumulative, self.rng.random() * self.cumulative[-1])]
        order = self.order(customer, self.basket(customer), time)
        self.recent.append(order)
        return order

    def next_return(self, time: datetime) -> Event:
        place = self.rng.randrange(len(self.recent))
        order = self.recent[place]
        del self.recent[place]
        return return_of(order, time, self.rng)

    def join(self) -> str:
        """A new customer, as eager as the mean one; digits alone, like a shop's own numbers."""
        customer = f"{self.run}{self.count}"
        self.cumulative.append(self.cumulative[-1] * (1 + 1 / len(self.customers)))
        self.customers.append(customer)
        self.owned[customer] = [self.rng.randrange(len(self.baskets))]
        return customer

    def basket(self, customer: str) -> int:
        own = self.rng.choice(self.owned[customer])
        if self.rng.random() < OWN_BASKET:
            return own
        place = own + self.rng.randint(-NEIGHBOURS, NEIGHBOURS)
        return min(max(place, 0), len(self.baskets) - 1)

    def order(self, customer: str | None, basket: int, time: datetime) -> Event:
        bought = self.baskets[basket]
        order_id = f"L{self.run}-{self.count}"
        return placed(order_id, customer, time, bought.amount, bought.currency, bought.items)
