"""What stands out of a customer, and how the purchases go: rules with a name, called something in Korean and English.

What a marketer would look at before writing to somebody. The figures in the reasons are those of Online Retail.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_DOWN, Decimal

from dangol.answers.intents import Language

HIGH_RETURNS_SHARE = Decimal("0.20")
"""Three customers of a hundred give back so much, and theirs is three quarters of all the money given back."""
SEASONAL_PURCHASES = 3
SEASONAL_SHARE = Decimal("0.80")
SEASONAL_YEARS = 2
"""A season is three months, December to February the first. Who has bought for some weeks alone has bought in one
season alone: only a season that was bought in again in another year is a habit."""
COMPARED_SHARE = 0.9
"""One of ten is few enough to look at one by one; the tenth that has spent the most has spent 61 % of all."""
COMPARED_CUSTOMERS = 10
"""Among fewer, one of ten is nobody."""
TREND_DAYS = 90
TREND_CHANGE = Decimal("0.25")
"""A quarter: less is one basket that was larger or smaller."""


@dataclass(frozen=True)
class Entry:
    """What a signal is called, and a sentence about the customer who has it."""

    called: Mapping[Language, str]
    sentence: Mapping[Language, str]


SIGNALS: Mapping[str, Entry] = {
    "dormant_high_value": Entry(
        {"ko": "멀어진 우량 고객", "en": "valuable but fading"},
        {
            "ko": "가장 많이 구매한 고객에 속하지만 구매가 뜸해졌거나 끊겼습니다.",
            "en": "Is among those who have spent the most, and has slowed down or stopped.",
        },
    ),
    "second_purchase_due": Entry(
        {"ko": "두 번째 구매를 기다리는 고객", "en": "second purchase due"},
        {
            "ko": "얼마 전 처음 구매했고 아직 다시 구매하지 않았습니다.",
            "en": "Has bought a single time, not long ago, and not again yet.",
        },
    ),
    "big_basket": Entry(
        {"ko": "큰 장바구니", "en": "big basket"},
        {
            "ko": "한 번 구매할 때의 금액이 다시 구매하는 고객 중에서도 큰 편입니다.",
            "en": "Spends much in an order, even for those who buy again.",
        },
    ),
    "seasonal_buyer": Entry(
        {"ko": "계절 구매", "en": "seasonal buyer"},
        {"ko": "해마다 같은 계절에 구매합니다.", "en": "Buys in the same season, year after year."},
    ),
    "high_returns": Entry(
        {"ko": "잦은 반품", "en": "high returns"},
        {"ko": "구매한 금액의 상당 부분을 반품했습니다.", "en": "Has given back a large part of what was bought."},
    ),
}
"""The lexicon, in the order in which signals are told."""

COMPARED: Mapping[str, str] = {
    "dormant_high_value": "coalesce(state in ('cooling', 'dormant') and lifetime_gross >= $high_value, false)",
    "big_basket": "coalesce(frequency >= 2 and monetary_gross >= $big_basket * frequency, false)",
}
"""The signals of a customer that depend on the others, as SQL over state, frequency, monetary_gross and lifetime_gross,
the money of all purchases ever. With limits that are null there are none."""

LIMITS = f"""
select quantile_disc(cast(monetary_gross / nullif(frequency, 0) as decimal(18,4)), {COMPARED_SHARE})
           filter (frequency >= 2) as big_basket,
       count(*) filter (frequency >= 2) as repeat_customers,
       quantile_disc(lifetime_gross, {COMPARED_SHARE}) filter (lifetime_gross > 0) as high_value,
       count(*) filter (lifetime_gross > 0) as buyers
from {{customers}}
"""  # noqa: S608 - texts of this module alone
"""Customers, with the columns of COMPARED -> one row: what a tenth reaches in a mean order, and ever, and among how
many."""


@dataclass(frozen=True, slots=True)
class Day:
    """What a customer bought and gave back on a day of the shop, as far as it counts: cancelled orders do not."""

    day: date
    orders: int
    gross: Decimal
    returned: Decimal


def limit(value: Decimal | None, customers: int) -> Decimal | None:
    """A value of LIMITS as what COMPARED compares with: its first two digits, so that it holds still while orders come.

    Null among too few customers.
    """
    if value is None or customers < COMPARED_CUSTOMERS:
        return None
    return value.quantize(Decimal(1).scaleb(value.adjusted() - 1), ROUND_DOWN)


def signals(days: Sequence[Day], frequency: int, state: str | None, compared: Sequence[str] = ()) -> tuple[str, ...]:
    """The names of what stands out, in the order of SIGNALS.

    `days`: all that are known; `frequency` and `state` as in customers; `compared`: those of COMPARED that hold. None
    changes by time alone while the state stays.
    """
    found = set(compared)
    if (returns_share(days) or 0) >= HIGH_RETURNS_SHARE:
        found.add("high_returns")
    if is_seasonal(days):
        found.add("seasonal_buyer")
    if frequency == 1 and state == "new":
        found.add("second_purchase_due")
    return tuple(name for name in SIGNALS if name in found)


def returns_share(days: Sequence[Day]) -> Decimal | None:
    """Of the money of all purchases, what was given back; null without a purchase."""
    gross = sum((day.gross for day in days), Decimal(0))
    return sum((day.returned for day in days), Decimal(0)) / gross if gross else None


def is_seasonal(days: Sequence[Day]) -> bool:
    purchases, years = Counter[int](), dict[int, set[int]]()
    for day in days:
        if day.orders:
            year, season = season_of(day.day)
            purchases[season] += day.orders
            years.setdefault(season, set()).add(year)
    if purchases.total() < SEASONAL_PURCHASES:
        return False
    ((season, most),) = purchases.most_common(1)
    return most >= SEASONAL_SHARE * purchases.total() and len(years[season]) >= SEASONAL_YEARS


def season_of(day: date) -> tuple[int, int]:
    """(year, season from 0) of a day; a December belongs to the winter of the year after."""
    return day.year + (day.month == 12), day.month % 12 // 3


def trend(days: Sequence[Day], today: date) -> str | None:
    """rising, steady or falling: the money of the purchases of the last TREND_DAYS against that of as many before.

    Null when there is nothing to compare: no purchase in either, or the first one ever in the last. `today` ends them.
    """
    recent_after, before_after = today - timedelta(TREND_DAYS), today - timedelta(2 * TREND_DAYS)
    recent = sum((day.gross for day in days if day.day > recent_after), Decimal(0))
    before = sum((day.gross for day in days if before_after < day.day <= recent_after), Decimal(0))
    is_known = any(day.orders for day in days if day.day <= recent_after)
    if not is_known or not (recent or before):
        return None
    if recent > before * (1 + TREND_CHANGE):
        return "rising"
    return "falling" if recent < before * (1 - TREND_CHANGE) else "steady"
