from datetime import UTC, datetime
from decimal import Decimal

import pytest

from dangol.orders.shopping import MOST_PIECES, Order, Product, Refusal, customer_id, lines, pieces, placed, total
from dangol.orders.simulation import decode

NOON = datetime(2011, 12, 9, 12, tzinfo=UTC)
LATER = datetime(2011, 12, 9, 13, tzinfo=UTC)
PRODUCTS = {
    "A": Product("A", "LANTERN", Decimal("2.95")),
    "B": Product("B", "MUG", Decimal("0.1255")),
}
TWO_LANTERNS = {"sku": "A", "name": "LANTERN", "quantity": 2, "unit_price": "2.95"}
A_MUG = {"sku": "B", "name": "MUG", "quantity": 1, "unit_price": "0.1255"}


@pytest.fixture
def order() -> Order:
    items = lines({"A": 2, "B": 1}, PRODUCTS)
    return Order(placed("S1", "ann", NOON, total(items, 1000), "GBP", items))


def events(order: Order) -> list[object]:
    return [decode(message.value) for message in order.messages]


PLACED = {
    "event_id": "S1",
    "type": "placed",
    "order_id": "S1",
    "customer_id": "ann",
    "event_time": "2011-12-09T12:00:00Z",
    "amount": "6.0255",
    "currency": "GBP",
    "version": 0,
    "items": [TWO_LANTERNS, A_MUG],
}


def test_an_order_is_placed_with_exact_money(order: Order) -> None:
    assert events(order) == [PLACED]
    assert order.messages[0].key == "ann"


def test_a_guests_order_names_nobody() -> None:
    event = placed("S1", None, NOON, Decimal("6.0255"), "GBP", [TWO_LANTERNS, A_MUG])
    assert event == {name: value for name, value in PLACED.items() if name != "customer_id"}
    assert Order(event).messages[0].key is None


def test_returns_name_the_order_and_differ_in_their_id(order: Order) -> None:
    order.give_back({"A": 1}, LATER)
    order.give_back(order.left, LATER)
    first = PLACED | {"type": "returned", "event_time": "2011-12-09T13:00:00Z"}
    assert events(order)[1:] == [
        first | {"event_id": "S1-return-1", "amount": "2.95", "items": [TWO_LANTERNS | {"quantity": 1}]},
        first | {"event_id": "S1-return-2", "amount": "3.0755", "items": [TWO_LANTERNS | {"quantity": 1}, A_MUG]},
    ]
    with pytest.raises(Refusal) as refused:
        order.give_back({"A": 1}, LATER)
    assert refused.value.reason == "nothing_left"


def test_a_correction_is_the_order_once_more_with_a_higher_version(order: Order) -> None:
    order.correct({"A": 1, "B": 0}, 1000)
    order.correct({"A": 3}, 1000)
    corrected = PLACED | {"event_id": "S1-1", "version": 1, "amount": "2.95", "items": [TWO_LANTERNS | {"quantity": 1}]}
    assert events(order)[1:] == [
        corrected,
        corrected | {"event_id": "S1-2", "version": 2, "amount": "8.85", "items": [TWO_LANTERNS | {"quantity": 3}]},
    ]
    assert order.left == {"A": 3}


def test_a_correction_keeps_what_was_given_back(order: Order) -> None:
    order.give_back({"A": 2}, LATER)
    with pytest.raises(Refusal) as refused:
        order.correct({"A": 1, "B": 1}, 1000)
    assert (refused.value.reason, refused.value.slots["least"]) == ("quantity", 2)
    assert len(order.messages) == 2


def test_a_cancellation_removes_the_version_that_counts_and_is_the_end(order: Order) -> None:
    order.correct({"A": 1, "B": 1}, 1000)
    order.cancel(LATER)
    last = events(order)[-1]
    assert isinstance(last, dict)
    assert (last["event_id"], last["type"], last["version"]) == ("S1-cancel", "cancelled", 1)
    assert last["event_time"] == "2011-12-09T13:00:00Z"
    for change in (
        lambda: order.cancel(LATER),
        lambda: order.give_back({"A": 1}, LATER),
        lambda: order.correct({"A": 1, "B": 1}, 1000),
    ):
        with pytest.raises(Refusal) as refused:
            change()
        assert refused.value.reason == "cancelled"


@pytest.mark.parametrize(("quantities", "most", "reason"), [({"A": 0}, 1000, "empty"), ({"A": 2}, 5, "amount")])
def test_an_order_is_worth_something_and_not_too_much(quantities, most, reason, order: Order) -> None:
    with pytest.raises(Refusal) as refused:
        total(lines(quantities, PRODUCTS), most)
    assert refused.value.reason == reason
    with pytest.raises(Refusal) as refused:
        order.correct(quantities, most)
    assert refused.value.reason == reason


@pytest.mark.parametrize(("typed", "understood"), [("12347", "12347"), (" 김단골 ", "김단골"), ("x" * 128, "x" * 128)])
def test_a_customer_id_is_what_was_typed(typed: str, understood: str) -> None:
    assert customer_id(typed) == understood


@pytest.mark.parametrize("typed", ["", "  ", "x" * 129, "a\tb", "ann\n", "\x7f", "\ud800"])
def test_what_the_rules_would_reject_is_no_customer_id(typed: str) -> None:
    with pytest.raises(Refusal) as refused:
        customer_id(typed)
    assert refused.value.reason == "customer"


@pytest.mark.parametrize("typed", ["", "-1", "1.5", "1e2", "٣", "1000", "0", " 1", f"{MOST_PIECES + 1}"])
def test_what_is_no_number_of_pieces(typed: str) -> None:
    with pytest.raises(Refusal) as refused:
        pieces(typed)
    assert refused.value.reason == "quantity"
