"""A customer's own orders, from the basket to what becomes of them, as events (docs/events.md)."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal, NamedTuple

from dangol.orders.simulation import Event, Message, iso, item_worth, to_messages
from dangol.tables import LONGEST_ID

Reason = Literal["customer", "quantity", "date", "product", "empty", "amount", "order", "cancelled", "nothing_left"]
Quantities = Mapping[str, int]
"""Pieces by sku."""

MOST_PIECES = 999
"""Of one product in one order."""


class Refusal(Exception):  # noqa: N818 - it is no error of the program
    """Why something cannot be ordered; `slots` are the limits that a sentence about it needs."""

    def __init__(self, reason: Reason, **slots: object) -> None:
        super().__init__(reason, slots)
        self.reason: Reason = reason
        self.slots = slots


class Product(NamedTuple):
    sku: str
    name: str
    unit_price: Decimal


def customer_id(text: str) -> str:
    """The id as typed, without the spaces around it. Raises Refusal where `rules.identifier` would reject it."""
    typed = text.strip(" ")
    fits = 1 <= len(typed) <= LONGEST_ID and not re.search(r"^\s|\s$|[\x00-\x1f\x7f]", typed, re.ASCII)
    if not fits or any("\ud800" <= character <= "\udfff" for character in typed):
        raise Refusal("customer", longest=LONGEST_ID)
    return typed


def pieces(text: str, least: int = 1) -> int:
    if not re.fullmatch(r"[0-9]{1,3}", text) or not least <= int(text) <= MOST_PIECES:
        raise Refusal("quantity", least=least, most=MOST_PIECES)
    return int(text)


def placed(
    order_id: str, customer: str | None, time: datetime, amount: Decimal, currency: str, items: list[dict[str, Any]]
) -> Event:
    """A new order; without a customer a guest's."""
    return {
        "event_id": order_id,
        "type": "placed",
        "order_id": order_id,
        **({"customer_id": customer} if customer else {}),
        "event_time": iso(time),
        "amount": f"{amount:f}",
        "currency": currency,
        "version": 0,
        "items": items,
    }


def lines(quantities: Quantities, products: Mapping[str, Product]) -> list[dict[str, Any]]:
    """The items of an event; what has no piece is left out."""
    return [
        {"sku": sku, "name": products[sku].name, "quantity": count, "unit_price": f"{products[sku].unit_price:f}"}
        for sku, count in quantities.items()
        if count
    ]


def total(items: Iterable[dict[str, Any]], most: int) -> Decimal:
    """What the items are worth. Raises Refusal when that is nothing, or more than an order may be worth."""
    amount = sum((item_worth(item) for item in items), Decimal(0))
    if not amount:
        raise Refusal("empty")
    if amount > most:
        raise Refusal("amount", most=Decimal(most))
    return amount


@dataclass
class Order:
    """`event`: the newest version of what was placed. `messages`: all that was said of the order, in order of time."""

    event: Event
    returned: Counter[str] = field(default_factory=Counter)
    returns: int = 0
    is_cancelled: bool = False
    messages: list[Message] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.messages += to_messages([self.event])

    @property
    def left(self) -> dict[str, int]:
        """Pieces by sku that could still be given back."""
        return {item["sku"]: item["quantity"] - self.returned[item["sku"]] for item in self.event["items"]}

    def give_back(self, quantities: Quantities, time: datetime) -> None:
        """A return of some pieces. Raises Refusal when there are not so many left."""
        self.refuse_when_cancelled()
        left = self.left
        if not any(quantities.values()) or any(count > left.get(sku, 0) for sku, count in quantities.items()):
            raise Refusal("nothing_left")
        items = [
            {**item, "quantity": quantities[item["sku"]]} for item in self.event["items"] if quantities.get(item["sku"])
        ]
        self.returns += 1
        self.returned.update(quantities)
        amount = sum((item_worth(item) for item in items), Decimal(0))
        self.say("returned", f"return-{self.returns}", time, amount=f"{amount:f}", items=items)

    def correct(self, quantities: Quantities, most: int) -> None:
        """The order once more with other quantities, 0 to leave a product out. Raises Refusal when nothing would be
        left of it, or less of a product than was given back."""
        self.refuse_when_cancelled()
        for sku, count in self.returned.items():
            if quantities.get(sku, 0) < count:
                raise Refusal("quantity", least=count, most=MOST_PIECES)
        items = [
            {**item, "quantity": quantities[item["sku"]]} for item in self.event["items"] if quantities.get(item["sku"])
        ]
        amount, version = total(items, most), self.event["version"] + 1
        event_id = f"{self.event['order_id']}-{version}"
        self.event = {**self.event, "event_id": event_id, "version": version, "amount": f"{amount:f}", "items": items}
        self.messages += to_messages([self.event])

    def cancel(self, time: datetime) -> None:
        self.refuse_when_cancelled()
        self.is_cancelled = True
        self.say("cancelled", "cancel", time)

    def refuse_when_cancelled(self) -> None:
        if self.is_cancelled:
            raise Refusal("cancelled")

    def say(self, kind: str, suffix: str, time: datetime, **more: Any) -> None:
        order_id = self.event["order_id"]
        event = {**self.event, "event_id": f"{order_id}-{suffix}", "type": kind, "event_time": iso(time), **more}
        self.messages += to_messages([event])
