"""What the tables must hold, told from the messages that were sent, by docs/events.md alone: pandas, integers, no Spark
and nothing of dangol."""

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

UNITS = 10_000
"""Money is counted in 1/10000 of the currency."""

MAX_AMOUNT = 1_000_000_000
MAX_BYTES = 1_000_000
MAX_DEPTH = 1000
MAX_DIGITS = 1000
MAX_KEY = 50_000
TOLERANCE = timedelta(minutes=10)

INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-](0\d|1[0-7]):[0-5]\d|[+-]18:00)", re.ASCII)
PLAIN_DECIMAL = re.compile(r"\d{1,14}(\.\d{1,4})?", re.ASCII)

CUSTOMER = ["recency_days", "frequency", "monetary", "monetary_gross", "last_purchase_date", "mean_gap_days"]
DAY = ["orders", "gross", "returned"]
IDENTITY = ["customer_id", "order_id", "return_id"]
ORDER = ["version", "cancelled", "day", "units"]


class RefusedError(ValueError):
    """The message breaks a rule of docs/events.md."""


class Number(str):
    """A number of JSON as it was written."""


def accepted(value: bytes, now: datetime, currency: str = "GBP") -> dict[str, Any] | None:
    """The event that the bytes tell: type, ids, `time`, `units`, `version`. None when they break a rule."""
    try:
        return event(read(value), now, currency)
    except RefusedError:
        return None


def read(value: bytes) -> dict[str, Any]:
    """One JSON object (RFC 8259) without repeated keys."""
    if len(value) > MAX_BYTES:
        raise RefusedError("too long")
    try:
        text = value.decode()
        if depth(text) > MAX_DEPTH:
            raise RefusedError("nested too deeply")
        found = json.loads(
            text, object_pairs_hook=unique, parse_int=number, parse_float=number, parse_constant=no_constant
        )
    except ValueError as error:
        raise RefusedError(str(error)) from None
    if not isinstance(found, dict):
        raise RefusedError("no object")
    if any(re.search("[\ud800-\udfff]", text) for text in texts(found)):
        raise RefusedError("half a surrogate pair")
    return found


def depth(text: str) -> int:
    """How many brackets are open at once, at most; strings are passed over."""
    deepest = level = 0
    for bracket in re.findall(r"[\[\]{}]", re.sub(r'"(\\.|[^"\\])*"', "", text)):
        level += 1 if bracket in "[{" else -1
        deepest = max(deepest, level)
    return deepest


def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) < len(pairs):
        raise RefusedError("a key comes twice")
    if any(len(key) > MAX_KEY for key, _ in pairs):
        raise RefusedError("an endless key")
    return dict(pairs)


def number(text: str) -> Number:
    if len(text) > MAX_DIGITS:
        raise RefusedError("an endless number")
    return Number(text)


def no_constant(text: str) -> None:
    raise RefusedError(text)


def texts(value: Any) -> Iterator[str]:
    """All keys and texts in a JSON value; a loop, for the value may be nested deeper than Python calls may."""
    left = [value]
    while left:
        part = left.pop()
        if isinstance(part, str):
            yield part
        elif isinstance(part, dict):
            left += [*part, *part.values()]
        elif isinstance(part, list):
            left += part


def event(fields: dict[str, Any], now: datetime, currency: str) -> dict[str, Any]:
    kind = fields.get("type")
    if type(kind) is not str or kind not in ("placed", "returned", "cancelled"):
        raise RefusedError("type")
    ids = {name: identifier(fields.get(name)) for name in ("event_id", "order_id")}
    customer = fields.get("customer_id")
    time = instant(fields.get("event_time"))
    if not datetime(1970, 1, 1, tzinfo=UTC) <= time <= now + TOLERANCE:
        raise RefusedError("event_time")
    if not isinstance(fields.get("items"), list | None):
        raise RefusedError("items")
    units = 0
    if kind != "cancelled":
        units = money(fields.get("amount"))
        if units > MAX_AMOUNT * UNITS or (kind == "returned" and units == 0):
            raise RefusedError("amount")
        if type(fields.get("currency")) is not str or fields["currency"] != currency:
            raise RefusedError("currency")
    return {
        "type": kind,
        **ids,
        "customer_id": None if customer is None else identifier(customer),
        "time": time,
        "units": units,
        "version": version(fields.get("version")),
    }


def identifier(value: Any) -> str:
    if type(value) is not str or not 1 <= len(value) <= 128 or value != value.strip():
        raise RefusedError("id")
    if any(unicodedata.category(character) == "Cc" for character in value):
        raise RefusedError("id with a control character")
    return value


def instant(value: Any) -> datetime:
    if type(value) is not str or not INSTANT.fullmatch(value):
        raise RefusedError("event_time")
    try:
        return datetime.fromisoformat(value).astimezone(UTC)
    except (ValueError, OverflowError):
        raise RefusedError("event_time") from None


def money(value: Any) -> int:
    if type(value) is Number and re.fullmatch(r"-?\d+\.\d+|-0", value):
        value = f"{Decimal(value).normalize() + 0:f}"  # 12.50000 is the number 12.5, and -0 is 0
    if type(value) not in (str, Number) or not PLAIN_DECIMAL.fullmatch(value):
        raise RefusedError("amount")
    return int(Decimal(value) * UNITS)


def version(value: Any) -> int:
    if value is None:
        return 0
    if type(value) is not Number or not re.fullmatch(r"\d+", value, re.ASCII) or int(value) >= 2**31:
        raise RefusedError("version")
    return int(value)


def told(values: Iterable[bytes], now: datetime, zone: ZoneInfo) -> pd.DataFrame:
    """What accepted messages tell of customers: (customer_id, order_id, return_id, version, cancelled, day, units) and
    the shop's wall `time`."""
    events = [found for value in values if (found := accepted(value, now)) and found["customer_id"] is not None]
    rows = [
        (
            found["customer_id"],
            found["order_id"],
            found["event_id"] if found["type"] == "returned" else "",
            found["version"],
            found["type"] == "cancelled",
            found["time"].astimezone(zone).date(),
            found["units"],
            found["time"].astimezone(zone).replace(tzinfo=None),
        )
        for found in events
    ]
    return pd.DataFrame(rows, columns=[*IDENTITY, *ORDER, "time"], dtype=object).astype({"cancelled": bool})


def newest(events: pd.DataFrame, identity: list[str]) -> pd.DataFrame:
    """Of each identity the highest version; between equal ones a cancellation, the later day, the greater amount."""
    return events.sort_values([*IDENTITY, *ORDER]).drop_duplicates(identity, keep="last").reset_index(drop=True)


def customers(events: pd.DataFrame, today: date, window_days: int) -> pd.DataFrame:
    """What was told -> CUSTOMER by customer_id, at a day."""
    first = today - timedelta(days=window_days - 1)
    rows = {customer: at(own, today, first) for customer, own in newest(events, IDENTITY).groupby("customer_id")}
    return pd.DataFrame.from_dict(rows, orient="index", columns=CUSTOMER, dtype=object)


def at(own: pd.DataFrame, today: date, first: date) -> tuple[Any, ...]:
    """The facts of one customer -> the values of CUSTOMER; `first` is the window's first day."""
    orders = own[own["return_id"] == ""].set_index("order_id")
    purchases = orders[~orders["cancelled"] & (orders["units"] > 0)]
    days = sorted(purchases["day"])
    inside = [day for day in days if day >= first]
    gross = purchases.loc[purchases["day"] >= first, "units"].sum()
    returned = 0
    for back in own[own["return_id"] != ""].itertuples():
        order = orders.loc[back.order_id] if back.order_id in orders.index else None
        day = back.day if order is None else order["day"]
        if day >= first and not (order is not None and order["cancelled"]):
            returned += back.units
    return (
        max((today - days[-1]).days, 0) if days else None,
        len(inside),
        exact(gross - returned),
        exact(gross),
        days[-1] if days else None,
        (inside[-1] - inside[0]).days / (len(inside) - 1) if len(inside) > 1 else None,
    )


def customer_days(events: pd.DataFrame, watermark: timedelta) -> pd.DataFrame:
    """What was told -> DAY by (customer_id, day) of the closed days: those that end `watermark` or more before the last
    event. A day knows what happened on it alone: a later correction or cancellation is that day's."""
    if events.empty:
        return pd.DataFrame(columns=DAY)
    known = newest(events, [*IDENTITY, "day"])
    known = known[known["day"] < (events["time"].max() - watermark).date()]
    purchase = (known["return_id"] == "") & ~known["cancelled"] & (known["units"] > 0)
    counted = known.assign(
        orders=purchase.astype(int),
        gross=known["units"].where(purchase, 0),
        returned=known["units"].where(known["return_id"] != "", 0),
    )
    summed = counted.groupby(["customer_id", "day"])[DAY].sum()
    return summed.assign(gross=summed["gross"].map(exact), returned=summed["returned"].map(exact))


def exact(units: int) -> Decimal:
    return Decimal(int(units)).scaleb(-4)
