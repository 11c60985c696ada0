from datetime import date
from decimal import Decimal

import pytest

from dangol.answers.signals import Day, is_seasonal, limit, returns_share, season_of, signals, trend

TODAY = date(2011, 12, 10)


def day(text: str, orders: int = 1, gross: str = "100", returned: str = "0") -> Day:
    return Day(date.fromisoformat(text), orders, Decimal(gross), Decimal(returned))


@pytest.mark.parametrize(
    ("days", "frequency", "state", "compared", "expected"),
    [
        ([day("2011-12-01")], 1, "new", [], ("second_purchase_due",)),
        ([day("2011-12-01")], 1, "active", [], ()),
        ([day("2011-12-01"), day("2011-12-02")], 2, "new", [], ()),
        ([day("2011-12-01", returned="20")], 2, "active", [], ("high_returns",)),
        ([day("2011-12-01", returned="19.99")], 2, "active", [], ()),
        ([day("2011-12-01", 0, "0", "50")], 0, None, [], ()),
        ([], 0, None, [], ()),
        ([day("2011-12-01", returned="90")], 1, "new", ["big_basket", "dormant_high_value"],
         ("dormant_high_value", "second_purchase_due", "big_basket", "high_returns")),
    ],
)  # fmt: skip
def test_signals_are_told_in_the_lexicons_order(
    days: list[Day], frequency: int, state: str | None, compared: list[str], expected: tuple[str, ...]
) -> None:
    assert signals(days, frequency, state, compared) == expected


@pytest.mark.parametrize(
    ("days", "share"),
    [
        ([day("2011-12-01", gross="200"), day("2011-12-02", 0, "0", "50")], "0.25"),
        ([day("2011-12-01")], "0"),
        ([day("2011-12-02", 0, "0", "50")], None),
        ([], None),
    ],
)
def test_the_share_of_returns_is_of_the_money_of_all_purchases(days: list[Day], share: str | None) -> None:
    assert returns_share(days) == (None if share is None else Decimal(share))


@pytest.mark.parametrize(
    ("text", "season"),
    [
        ("2010-11-30", (2010, 3)),
        ("2010-12-01", (2011, 0)),
        ("2011-02-28", (2011, 0)),
        ("2011-03-01", (2011, 1)),
        ("2011-06-01", (2011, 2)),
        ("2011-09-01", (2011, 3)),
    ],
)
def test_a_december_belongs_to_the_winter_of_the_year_after(text: str, season: tuple[int, int]) -> None:
    assert season_of(date.fromisoformat(text)) == season


@pytest.mark.parametrize(
    ("days", "seasonal"),
    [
        ([day("2010-12-20", 2), day("2011-12-05", 2), day("2011-06-01")], True),  # 4 of 5
        ([day("2010-12-20", 2), day("2011-12-05"), day("2011-06-01")], False),  # 3 of 4
        ([day("2010-12-20"), day("2011-01-20"), day("2011-02-20")], False),  # one winter
        ([day("2010-12-20"), day("2011-12-05")], False),  # two purchases
        ([day("2010-12-20"), day("2011-12-05"), day("2011-12-06"), day("2011-06-01", 0, "0", "5")], True),
        ([], False),
    ],
)
def test_a_season_is_a_habit_when_it_came_again(days: list[Day], seasonal: bool) -> None:
    assert is_seasonal(days) is seasonal


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        ([day("2011-09-11", gross="100"), day("2011-12-10", gross="126")], "rising"),
        ([day("2011-09-11", gross="100"), day("2011-12-10", gross="125")], "steady"),
        ([day("2011-09-11", gross="100"), day("2011-12-10", gross="75")], "steady"),
        ([day("2011-09-11", gross="100"), day("2011-12-10", gross="74")], "falling"),
        ([day("2011-09-11", gross="100"), day("2011-09-12", gross="100")], "steady"),  # 90 days ago, and 89
        ([day("2011-06-14", gross="100")], "falling"),  # 179 days ago
        ([day("2011-06-13", gross="100")], None),  # 180 days ago: in neither
        ([day("2011-06-13", gross="100"), day("2011-12-01")], "rising"),
        ([day("2011-12-01")], None),  # the first purchase ever
        ([day("2011-06-14", 0, "0", "9"), day("2011-12-01")], None),  # a return is no purchase
        ([], None),
    ],
)
def test_a_trend_compares_90_days_with_the_90_before(days: list[Day], expected: str | None) -> None:
    assert trend(days, TODAY) == expected


@pytest.mark.parametrize(
    ("value", "customers", "expected"),
    [
        ("1299.9900", 10, "1200"),
        ("0.0567", 10, "0.056"),
        ("9.9", 10, "9.9"),
        ("1299.9900", 9, None),
        (None, 10, None),
    ],
)
def test_a_limit_holds_still_at_two_digits(value: str | None, customers: int, expected: str | None) -> None:
    found = limit(None if value is None else Decimal(value), customers)
    assert found == (None if expected is None else Decimal(expected))
