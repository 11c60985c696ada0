"""The public data set "Online Retail" (one row per invoice line) as order events."""

from typing import Any

import numpy as np
import pandas as pd

from dangol.errors import SourceError

ZONE = "Europe/London"
CURRENCY = "GBP"
COLUMNS = ("InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID")


def order_events(lines: pd.DataFrame) -> list[dict[str, Any]]:
    """Lines (COLUMNS, InvoiceDate in the shop's local time) -> order events, by event_time and then order_id.

    An invoice becomes one `placed` event, a `C` invoice one `returned` event whose order_id is the C number itself. Its
    lines are those that `classified` counts; without any there is no event. Items keep the lines' order.
    Raises SourceError when a column is missing or a price has more than 3 decimals.
    """
    counted = classified(lines)
    counted = counted[counted["type"] != ""]
    if counted.empty:
        return []
    # An order belongs to one customer: an invoice that names two would become two orders.
    order = counted.groupby(["InvoiceNo", "CustomerID"], dropna=False, sort=False).ngroup().to_numpy()
    by_order = np.argsort(order, kind="stable")
    counted = counted.iloc[by_order]
    starts = np.flatnonzero(np.diff(order[by_order], prepend=-1))
    ends = np.append(starts[1:], len(counted))

    sold = items(counted)
    amounts = np.add.reduceat(counted["mills"].to_numpy() * counted["Quantity"].abs().to_numpy("int64"), starts)
    times = instants(counted["InvoiceDate"].groupby(order[by_order], sort=False).min())
    heads = counted.iloc[starts]
    customers = [None if pd.isna(customer) else str(customer) for customer in heads["CustomerID"]]
    events = [
        {
            "event_id": f"{order_id}-{customer or 'guest'}",
            "type": kind,
            "order_id": order_id,
            **({"customer_id": customer} if customer else {}),
            "event_time": time,
            "amount": money(amount),
            "currency": CURRENCY,
            "version": 0,
            "items": sold[start:end],
        }
        for order_id, customer, kind, time, amount, start, end in zip(
            heads["InvoiceNo"], customers, heads["type"], times, amounts.tolist(), starts, ends, strict=True
        )
    ]
    return sorted(events, key=lambda event: (event["event_time"], event["event_id"]))


def classified(lines: pd.DataFrame) -> pd.DataFrame:
    """Lines with two more columns: `mills`, the unit price in 1/1000 of the currency (int64), and `type`: `placed` for
    a sold line, `returned` for a line of a `C` invoice, empty for what is no order (bad debt, no price, stock counts).
    """
    missing = [name for name in COLUMNS if name not in lines]
    if missing:
        raise SourceError(f"the lines have no column {missing[0]}; Online Retail has {', '.join(COLUMNS)}")
    invoice, numbers = pd.factorize(lines["InvoiceNo"], use_na_sentinel=False)
    letter = np.array([str(number)[:1] for number in numbers], dtype="U1")[invoice]
    priced, quantity = lines["UnitPrice"] > 0, lines["Quantity"]
    kinds = [
        priced & (quantity > 0) & (letter != "A") & (letter != "C"),
        priced & (quantity < 0) & (letter == "C"),
    ]
    return lines.assign(mills=mills(lines["UnitPrice"]), type=np.select(kinds, ["placed", "returned"], default=""))


def mills(prices: pd.Series) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Prices, doubles nearest to a decimal with up to 3 places, as exact counts of 1/1000."""
    thousandths = prices.to_numpy("float64") * 1000
    whole = np.rint(thousandths)
    inexact = ~(np.abs(thousandths - whole) < 1e-6)
    if inexact.any():
        raise SourceError(f"a unit price is {prices[inexact].iloc[0]}; expected a number with at most 3 decimals")
    return np.asarray(whole, dtype=np.int64)


def money(mills: int) -> str:
    """A count of 1/1000 as plain decimal text with 2 places, or 3 where needed."""
    text = f"{mills // 1000}.{mills % 1000:03d}"
    return text.removesuffix("0")


def items(lines: pd.DataFrame) -> list[dict[str, Any]]:
    """One item per line; the quantity is positive in returns too."""
    prices, price = np.unique(lines["mills"].to_numpy(), return_inverse=True)
    name, names = pd.factorize(lines["Description"], use_na_sentinel=False)
    price_texts = [money(mills) for mills in prices.tolist()]
    name_texts = [None if pd.isna(text) else text.strip() for text in names]
    return [
        {"sku": sku, "name": name_texts[n], "quantity": quantity, "unit_price": price_texts[p]}
        for sku, n, quantity, p in zip(
            lines["StockCode"], name.tolist(), lines["Quantity"].abs().tolist(), price.tolist(), strict=True
        )
    ]


def instants(local: pd.Series) -> list[str]:
    """The shop's local times as UTC instants; an hour that comes twice means the first of the two."""
    first = np.ones(len(local), dtype=bool)
    utc = local.dt.tz_localize(ZONE, ambiguous=first, nonexistent="shift_forward").dt.tz_convert("UTC")
    return list(utc.dt.strftime("%Y-%m-%dT%H:%M:%SZ"))
