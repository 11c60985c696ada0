from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from dangol.errors import SourceError
from dangol.orders.online_retail import classified, order_events

DATA = Path(__file__).parents[2] / "data" / "online_retail_2010_2011.parquet"
GOLDEN = Path(__file__).parents[1] / "data" / "online_retail_rfm_2011-12-10.parquet"


@pytest.fixture(scope="module")
def lines() -> pd.DataFrame:
    return classified(pd.read_parquet(DATA))


@pytest.fixture(scope="module")
def events(lines) -> list[dict[str, Any]]:
    return order_events(lines)


def line(invoice, quantity, price, *, at="2011-07-01 10:00", customer: int | None = 12347, sku="A1", name="MUG"):
    return {
        "InvoiceNo": invoice,
        "StockCode": sku,
        "Description": name,
        "Quantity": quantity,
        "InvoiceDate": pd.Timestamp(at),
        "UnitPrice": price,
        "CustomerID": customer,
    }


def of(*rows) -> list[dict[str, Any]]:
    return order_events(pd.DataFrame(rows).astype({"CustomerID": "Int64", "InvoiceDate": "datetime64[us]"}))


def worth(lines: pd.DataFrame) -> Decimal:
    return Decimal(int((lines["mills"] * lines["Quantity"]).sum())) / 1000


def test_an_invoice_is_one_placed_order():
    assert of(
        line("536365", 6, 2.55, at="2010-12-01 08:26", customer=17850, sku="85123A", name=" HEART T-LIGHT HOLDER "),
        line("536365", 3, 0.001, at="2010-12-01 08:27", customer=17850, sku="PADS", name=None),
    ) == [
        {
            "event_id": "536365-17850",
            "type": "placed",
            "order_id": "536365",
            "customer_id": "17850",
            "event_time": "2010-12-01T08:26:00Z",
            "amount": "15.303",
            "currency": "GBP",
            "version": 0,
            "items": [
                {"sku": "85123A", "name": "HEART T-LIGHT HOLDER", "quantity": 6, "unit_price": "2.55"},
                {"sku": "PADS", "name": None, "quantity": 3, "unit_price": "0.001"},
            ],
        }
    ]


def test_a_cancellation_gives_back_and_a_guest_has_no_customer():
    returned, placed = of(
        line("C7", -2, 1.1, at="2011-07-01 12:00"),
        line("8", 1, 10.0, at="2011-07-01 12:01", customer=None),
    )
    assert (returned["type"], returned["order_id"], returned["amount"]) == ("returned", "C7", "2.20")
    assert returned["items"] == [{"sku": "A1", "name": "MUG", "quantity": 2, "unit_price": "1.10"}]
    assert (placed["event_id"], placed["amount"]) == ("8-guest", "10.00")
    assert "customer_id" not in placed


def test_what_was_not_sold_is_no_order():
    assert of(line("1", 5, 0.0), line("2", -5, 1.0), line("A3", 1, 11062.06), line("C4", 1, 1.0)) == []


def test_lines_of_both_signs_in_one_invoice_count_as_sold_only():
    (placed,) = of(line("1", 5, 1.0), line("1", -2, 1.0))
    assert (placed["amount"], len(placed["items"])) == ("5.00", 1)


def test_an_invoice_with_two_customers_becomes_two_orders():
    assert [(e["event_id"], e["amount"]) for e in of(line("1", 1, 1.0), line("1", 2, 1.0, customer=5))] == [
        ("1-12347", "1.00"),
        ("1-5", "2.00"),
    ]


@pytest.mark.parametrize(
    ("local", "utc"),
    [
        ("2011-03-26 09:00", "2011-03-26T09:00:00Z"),
        ("2011-03-27 09:00", "2011-03-27T08:00:00Z"),
        ("2011-10-29 23:59", "2011-10-29T22:59:00Z"),
        ("2011-10-30 01:30", "2011-10-30T00:30:00Z"),
        ("2011-10-30 09:00", "2011-10-30T09:00:00Z"),
    ],
)
def test_times_are_the_shops_own(local, utc):
    assert [event["event_time"] for event in of(line("1", 1, 1.0, at=local))] == [utc]


def test_prices_never_pass_through_a_float_sum():
    (event,) = of(*[line("1", 1, 0.1)] * 3, line("1", 80995, 2.08), line("1", 1, 4.255))
    assert event["amount"] == "168474.155"


def test_a_price_beyond_three_decimals_or_a_missing_column_is_said():
    with pytest.raises(SourceError, match=r"a unit price is 1\.2345; expected a number with at most 3 decimals"):
        of(line("1", 1, 1.0), line("1", 1, 1.2345))
    with pytest.raises(SourceError, match="no column UnitPrice"):
        order_events(pd.DataFrame([line("1", 1, 1.0)]).drop(columns="UnitPrice"))


def test_every_line_is_read(lines):
    assert len(lines) == 541_909
    assert lines["InvoiceNo"].nunique() == 25_900
    assert lines["CustomerID"].nunique() == 4_372
    assert int(lines["Quantity"].sum()) == 5_176_450
    assert worth(lines) == Decimal("9747747.934")


def test_lines_with_a_customer(lines):
    known = lines[lines["CustomerID"].notna()]
    assert (len(known), known["InvoiceNo"].nunique(), worth(known)) == (406_829, 22_190, Decimal("8300065.814"))

    cancelled = known["InvoiceNo"].str.startswith("C")
    assert (int(cancelled.sum()), worth(known[cancelled])) == (8_905, Decimal("-611342.09"))
    kept = known[~cancelled]
    assert (len(kept), kept["CustomerID"].nunique(), kept["InvoiceNo"].nunique()) == (397_924, 4_339, 18_536)
    assert len(set(known["CustomerID"]) - set(kept["CustomerID"])) == 33

    sold = known[known["type"] == "placed"]
    assert (len(sold), sold["CustomerID"].nunique(), sold["InvoiceNo"].nunique()) == (397_884, 4_338, 18_532)
    assert worth(sold) == Decimal("8911407.904")
    assert worth(sold.drop_duplicates([c for c in sold if c not in ("mills", "type")])) == Decimal("8887208.894")
    assert (known[known["type"] == "returned"].index == known[cancelled].index).all()


def test_events_add_up_to_the_lines(events):
    totals: dict[tuple[str, bool], list[Decimal]] = defaultdict(list)
    for event in events:
        totals[event["type"], "customer_id" in event].append(Decimal(event["amount"]))
    assert {key: (len(amounts), sum(amounts)) for key, amounts in totals.items()} == {
        ("placed", True): (18_532, Decimal("8911407.904")),
        ("returned", True): (3_654, Decimal("611342.09")),
        ("placed", False): (1_427, Decimal("1744214.58")),
        ("returned", False): (182, Decimal("285470.40")),
    }
    bad_debt = Decimal("11062.06") - 2 * Decimal("11062.06")
    assert sum(totals["placed", False]) - sum(totals["returned", False]) + bad_debt == Decimal("9747747.934") - Decimal(
        "8300065.814"
    )
    assert len({event["event_id"] for event in events}) == len(events) == 23_795
    assert [event["event_time"] for event in events] == sorted(event["event_time"] for event in events)


def test_every_amount_is_the_sum_of_its_items(events):
    wrong = [
        event["order_id"]
        for event in events[::10]
        if sum(Decimal(i["unit_price"]) * i["quantity"] for i in event["items"]) != Decimal(event["amount"])
    ]
    assert wrong == []


def test_each_customers_money_is_that_of_the_golden_file(events):
    gross, net, orders = defaultdict(Decimal), defaultdict(Decimal), defaultdict(int)
    for event in (event for event in events if "customer_id" in event):
        customer, amount = event["customer_id"], Decimal(event["amount"])
        placed = event["type"] == "placed"
        gross[customer] += amount if placed else 0
        net[customer] += amount if placed else -amount
        orders[customer] += placed
    golden = pd.read_parquet(GOLDEN)
    assert len(golden) == 4_338
    expected = {
        str(row.CustomerID): (row.frequency, f"{row.monetary:.3f}", f"{round(row.monetary_net, 3) + 0:.3f}")
        for row in golden.itertuples()
    }
    found = {customer: (n, f"{gross[customer]:.3f}", f"{net[customer]:.3f}") for customer, n in orders.items() if n}
    assert found == expected


def test_the_net_of_returns_at_each_date(events):
    cuts = {
        "2011-01-01": ("572713.890", "554604.020"),
        "2011-04-01": ("2184797.040", "2046189.160"),
        "2011-07-01": ("3993805.651", "3728501.251"),
        "2011-10-01": ("6192078.944", "5850548.104"),
        "2011-12-10": ("8911407.904", "8300065.814"),
    }
    found = {}
    for date in cuts:
        midnight = pd.Timestamp(date, tz="Europe/London").tz_convert("UTC").strftime("%Y-%m-%dT%H:%M:%SZ")
        before = [event for event in events if "customer_id" in event and event["event_time"] < midnight]
        placed = sum(Decimal(event["amount"]) for event in before if event["type"] == "placed")
        returned = sum(Decimal(event["amount"]) for event in before if event["type"] == "returned")
        found[date] = (f"{placed:.3f}", f"{placed - returned:.3f}")
    assert found == cuts
