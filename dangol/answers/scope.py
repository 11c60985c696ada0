"""Whom and when a question is about: as parameters of queries, and in words."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta, tzinfo
from decimal import Decimal

from dangol.answers.intents import MONEY_STEP, Bounds, Language, Period, Request
from dangol.answers.summaries import Terms, shown_id
from dangol.answers.writing import STATES, spoken_date, spoken_number

MOST_PURCHASES = 2**31 - 1
MOST_MONEY = Decimal(10) ** 13
LONGEST_DAYS = 100_000
NOBODY = ["-"]
"""Stands where a list is not asked for: an empty list has no type."""

CENT = Decimal("0.01")
"""Sums that are named have no more places; one step beyond them is told as more or less than they."""
BOUND_WORDS: Mapping[str, Mapping[str, Mapping[Language, str]]] = {
    "recency": {
        "least": {"ko": "{value} 이상 구매하지 않은", "en": "no purchase for at least {value}"},
        "most": {"ko": "{value} 안에 구매한", "en": "a purchase within {value}"},
        "exactly": {"ko": "마지막 구매 후 {value}인", "en": "a last purchase {value} ago"},
    },
    "frequency": {
        "least": {"ko": "{value} 이상 구매한", "en": "at least {value}"},
        "most": {"ko": "{value} 이하 구매한", "en": "at most {value}"},
        "exactly": {"ko": "{value} 구매한", "en": "exactly {value}"},
    },
    "monetary": {
        "least": {"ko": "금액이 {value} 이상인", "en": "spending of at least {value}"},
        "most": {"ko": "금액이 {value} 이하인", "en": "spending of at most {value}"},
        "exactly": {"ko": "금액이 {value}인", "en": "spending of {value}"},
        "more": {"ko": "금액이 {value} 초과인", "en": "spending of more than {value}"},
        "less": {"ko": "금액이 {value} 미만인", "en": "spending of less than {value}"},
    },
}


def who(request: Request, *, buyers: bool) -> dict[str, object]:
    """The parameters of queries.WHO. `buyers`: those with a purchase in the window, unless the question names
    customers, states or days since a purchase."""
    scope = request.scope
    asks_otherwise = request.states or request.recency != Bounds() or scope.customer_ids
    least = 1 if buyers and not asks_otherwise else 0
    frequency, monetary, recency = request.frequency, request.monetary, request.recency
    return {
        "anyone": not scope.customer_ids,
        "customer_ids": list(scope.customer_ids) or NOBODY,
        "any_grade": not scope.grades,
        "grades": list(scope.grades) or NOBODY,
        "any_state": not request.states,
        "states": list(request.states) or NOBODY,
        "frequency_least": max(least, int(frequency.least or 0)),
        "frequency_most": MOST_PURCHASES if frequency.most is None else int(frequency.most),
        "monetary_least": -MOST_MONEY if monetary.least is None else monetary.least,
        "monetary_most": MOST_MONEY if monetary.most is None else monetary.most,
        "recency_least": -1 if recency.least is None else int(recency.least),
        "recency_most": LONGEST_DAYS if recency.most is None else int(recency.most),
    }


def instants(period: Period, zone: tzinfo) -> tuple[datetime, datetime]:
    """The moments at which a closed period begins, and ends: the latter is not in it."""
    if period.start is None or period.end is None:
        raise ValueError("an open period has no instants")
    return midnight(period.start, zone), midnight(period.end + timedelta(1), zone)


def midnight(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time.min, zone)


def closed(period: Period, first: date, today: date) -> Period:
    """The period without open ends and without days to come."""
    start, end = period.start or first, min(period.end or today, today)
    return Period(min(start, end), end)


def who_words(request: Request, terms: Terms, *, buyers: bool, everyone: bool = False) -> str:
    """Whom a question is about, as a noun: VIP 등급 고객, customers graded VIP. Where nobody is left out it
    is customers, or, with `everyone`, all customers."""
    ids = request.scope.customer_ids
    such = such_words(request, terms, buyers=buyers and not ids)
    if everyone and not such and not ids:
        return "all customers" if request.language == "en" else "전체 고객"
    if request.language == "en":
        return f"{'customer' if len(ids) == 1 else 'customers'} {such}".strip()
    return " ".join([*([such] if such else []), "고객", *(["·".join(map(shown_id, ids))] if ids else [])])


def such_words(request: Request, terms: Terms, *, buyers: bool) -> str:
    """What follows "customers" in English, and stands before "고객" in Korean."""
    language = request.language
    grades = [terms.grade(grade, language) for grade in request.scope.grades]
    states = [STATES[state][language] for state in request.states]
    bounds = bound_words(request, terms)
    told = []
    if language == "ko":
        told += [", ".join(bounds)] if bounds else []
        told += [f"{'·'.join(states)}인"] if states else []
        told += [f"{'·'.join(grades)} 등급"] if grades else []
        return " ".join(told) or ("집계 기간에 구매한" if buyers else "")
    told += [" and ".join(map(shown_id, request.scope.customer_ids))] if request.scope.customer_ids else []
    told += [f"graded {' or '.join(grades)}"] if grades else []
    told += [f"whose state is {' or '.join(states)}"] if states else []
    told += [f"with {' and '.join(bounds)}"] if bounds else []
    return " ".join(told) or ("with a purchase in the window" if buyers else "")


def bound_words(request: Request, terms: Terms) -> list[str]:
    language = request.language
    return [
        BOUND_WORDS[name][kind][language].format(value=spoken_number(value, unit, language))
        for name, unit, limits in (
            ("recency", "days", request.recency),
            ("frequency", "purchases", request.frequency),
            ("monetary", terms.currency, request.monetary),
        )
        for kind, value in told_bounds(limits, is_money=name == "monetary")
    ]


def told_bounds(limits: Bounds, *, is_money: bool) -> Iterator[tuple[str, Decimal]]:
    """The bounds as they are told: `exactly`, or each side; of money `more` and `less` than a sum besides."""
    least, most = limits.least, limits.most
    if least is not None and least == most:
        yield "exactly", least
        return
    if least is not None:
        yield ("more", least - MONEY_STEP) if is_money and least % CENT else ("least", least)
    if most is not None:
        yield ("less", most + MONEY_STEP) if is_money and most % CENT else ("most", most)


def period_words(period: Period, language: Language) -> str:
    if period.start is None or period.end is None or period.start == period.end:
        day = period.start or period.end
        return spoken_date(day, language) if day else ""
    start, end = spoken_date(period.start, language), spoken_date(period.end, language)
    return f"{start} ~ {end}" if language == "ko" else f"{start} to {end}"


def is_fixed(period: Period, today: date) -> bool:
    """Whether a period is of whole months or weeks, up to today at most: others could single out a customer."""
    start, end = period.start, period.end
    if start is None or end is None:
        return period == Period()
    begins = start.day == 1 or start.weekday() == 0
    after = end + timedelta(1)
    return begins and (after.day == 1 or after.weekday() == 0 or end >= today)


def listed(names: Sequence[str], language: Language) -> str:
    return ", ".join(names) if language == "ko" else " and ".join(names)
