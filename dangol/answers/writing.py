"""Sentences with slots: facts fill them, so that no digit is ever written by hand; and the check that proves it."""

import re
from collections.abc import Mapping
from datetime import date, datetime, tzinfo
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Decimal

from dangol.answers.evidence import MINOR_DIGITS, Fact
from dangol.answers.intents import GradeNames, Language
from dangol.answers.korean import josa

SLOT = re.compile(r"\{(\w+)(?:\|([^}]+))?\}")
NUMBER = re.compile(r"\d[\d,.:]*")

STATES: Mapping[str, Mapping[Language, str]] = {
    "new": {"ko": "신규", "en": "new"},
    "active": {"ko": "활동 중", "en": "active"},
    "cooling": {"ko": "뜸해짐", "en": "cooling"},
    "dormant": {"ko": "휴면", "en": "dormant"},
}

COUNTED: Mapping[str, tuple[str, str, str]] = {
    "days": ("일", "day", "days"),
    "purchases": ("회", "purchase", "purchases"),
    "customers": ("명", "customer", "customers"),
    "orders": ("건", "order", "orders"),
    "messages": ("건", "message", "messages"),
    "rank": ("", "", ""),
}
"""Units that are counted: the Korean one, the English singular and plural."""


def fill(template: str, slots: Mapping[str, str]) -> str:
    """The text with its slots filled; `{name|은/는}` adds the particle that follows the value."""

    def filled(slot: re.Match[str]) -> str:
        value = slots[slot[1]]
        return value + josa(value, slot[2]) if slot[2] else value

    return SLOT.sub(filled, template)


def unproved_numbers(text: str, slots: Mapping[str, str]) -> list[str]:
    """Numbers of `text` that stand in no slot's value."""
    proved = {number for value in slots.values() for number in numbers(value)}
    return [number for number in numbers(text) if number not in proved]


def numbers(text: str) -> list[str]:
    return [found.rstrip(",.:") for found in NUMBER.findall(text)]


def displayed(fact: Fact, language: Language, grade_names: GradeNames, zone: tzinfo) -> str:
    """A fact as people read it; a dash for what does not exist."""
    match fact.value:
        case None:
            return "–"
        case datetime() as moment:
            return spoken_time(moment, language, zone)
        case date() as day:
            return spoken_date(day, language)
        case str() as name:
            return spoken_name(fact.name, name, language, grade_names)
        case number if fact.unit is None:
            return str(number)
        case number:
            return spoken_number(Decimal(number), str(fact.unit), language)


def spoken_name(kind: str, name: str, language: Language, grade_names: GradeNames) -> str:
    if kind == "grade":
        return grade_name(name, language, grade_names)
    if kind == "state" and name in STATES:
        return STATES[name][language]
    return name


def spoken_number(number: Decimal, unit: str, language: Language) -> str:
    if unit in ("probability", "share"):
        return percent(number, is_certain=unit == "share")
    if unit in COUNTED:
        return counted(number, COUNTED[unit], language)
    return money(number, unit, language)


def grade_name(english: str, language: Language, grade_names: GradeNames) -> str:
    names = dict(zip(grade_names["en"], grade_names[language], strict=True))
    return names.get(english, english)


def counted(number: Decimal, words: tuple[str, str, str], language: Language) -> str:
    """At most one place: 3 days, 4.3 purchases, 4,338명."""
    rounded = number.quantize(Decimal("0.1"), ROUND_HALF_EVEN)
    text = f"{rounded.to_integral_value() if rounded == rounded.to_integral_value() else rounded:,}"
    korean, singular, plural = words
    if language == "ko":
        return text + korean
    return f"{text} {singular if text == '1' else plural}".strip()


def percent(share: Decimal, *, is_certain: bool) -> str:
    """One place; a probability below one is never rounded up to certainty."""
    rounded = (share * 100).quantize(Decimal("0.1"), ROUND_HALF_EVEN)
    if rounded == 100 and not is_certain:
        rounded = min(rounded, (share * 100).quantize(Decimal("0.1"), ROUND_DOWN))
    return f"{rounded}%"


def money(amount: Decimal, currency: str, language: Language) -> str:
    """Exact: the currency's digits, and more where the amount has more."""
    places = max(MINOR_DIGITS.get(currency, 2), -int(amount.normalize().as_tuple().exponent))
    figure = f"{abs(amount):,.{places}f}"
    sign = "-" if amount < 0 else ""
    if currency == "KRW" and language == "ko":
        return f"{sign}{figure}원"
    symbol = {"KRW": "₩", "GBP": "£", "EUR": "€", "USD": "$", "JPY": "¥"}.get(currency, f"{currency} ")
    return f"{sign}{symbol}{figure}"


def spoken_date(day: date, language: Language) -> str:
    if language == "ko":
        return f"{day.year}년 {day.month}월 {day.day}일"
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def spoken_time(moment: datetime, language: Language, zone: tzinfo) -> str:
    """The shop's local time."""
    local = moment.astimezone(zone)
    clock = f"{local:%H:%M}"
    return (
        f"{spoken_date(local.date(), language)} {clock}"
        if language == "ko"
        else f"{spoken_date(local.date(), language)}, {clock}"
    )


MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
