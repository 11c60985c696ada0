"""Sentences with slots: facts fill them, so that no digit is ever written by hand; and the check that proves it."""

import re
from collections.abc import Collection, Mapping
from datetime import date, datetime, tzinfo
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Decimal

from dangol.answers.evidence import MINOR_DIGITS, Fact
from dangol.answers.intents import GradeNames, Language
from dangol.answers.korean import josa

SLOT = re.compile(r"\{(\w+)(?:\|([^}]+))?\}")
NUMBER = re.compile(r"\d[\d,.:]*")

TEMPLATES: Mapping[str, Mapping[Language, str]] = {
    "graded": {
        "ko": "고객 {customer_id|은/는} 현재 {grade} 등급입니다. 이 등급에 속할 확률은 {p_grade}입니다.",
        "en": "Customer {customer_id} is currently graded {grade}, with a membership probability of {p_grade}.",
    },
    "boundary": {
        "ko": "어느 등급에도 뚜렷하게 속하지 않는 경계 고객이라, 작은 변화에도 등급이 바뀔 수 있습니다.",
        "en": "This is a boundary customer: no grade clearly fits best, so a small change may move the grade.",
    },
    "graded_by_rule": {
        "ko": "고객 {customer_id|은/는} 현재 {grade} 등급입니다. "
        "집계 기간에 구매가 한 번뿐이어서 모델이 아닌 규칙으로 정한 등급입니다.",
        "en": "Customer {customer_id} is currently graded {grade}. The grade is given by rule, not by the model, "
        "because there is only one purchase in the window.",
    },
    "no_model": {
        "ko": "고객 {customer_id|은/는} 구매가 있지만 아직 등급이 없습니다. 등급 모델이 아직 적용되지 않았습니다.",
        "en": "Customer {customer_id} has purchases but no grade yet, because no grade model is in use yet.",
    },
    "dormant": {
        "ko": "고객 {customer_id|은/는} 현재 등급이 없습니다. 집계 기간 안에 구매가 없는 휴면 고객입니다.",
        "en": "Customer {customer_id} is dormant and has no grade now: there is no purchase in the window.",
    },
    "never_bought": {
        "ko": "고객 {customer_id|은/는} 구매 기록이 없어 등급도 없습니다.",
        "en": "Customer {customer_id} has never made a purchase that counts, and so has no grade.",
    },
    "last_purchase": {
        "ko": "마지막 구매일은 {last_purchase_date}이고, 그 뒤로 {recency_days} 지났습니다.",
        "en": "The last purchase was on {last_purchase_date}, {recency_days} before.",
    },
    "bought_that_day": {
        "ko": "마지막 구매일은 바로 그날인 {last_purchase_date}입니다.",
        "en": "The last purchase was on that very day, {last_purchase_date}.",
    },
    "spending": {
        "ko": "집계 기간에 {frequency} 구매했고, 구매 금액은 반품을 빼고 {monetary}입니다(반품 전 {monetary_gross}).",
        "en": "The window holds {frequency} worth {monetary} after returns ({monetary_gross} before).",
    },
    "state": {"ko": "활동 상태는 ‘{state}’입니다.", "en": "The activity state is “{state}”."},
    "as_of": {"ko": "({as_of} 기준)", "en": "(As of {as_of}.)"},
    "profile": {
        "ko": "{grade} 등급 고객은 {customers}이고, 등급이 있는 고객의 {customer_share|을/를} 차지합니다.\n"
        "마지막 구매 후 경과일은 중앙값 {recency_median}, 평균 {recency_mean}입니다. "
        "집계 기간의 구매 횟수는 중앙값 {frequency_median}, 평균 {frequency_mean}입니다.\n"
        "한 고객의 구매 금액은 반품을 빼고 중앙값 {monetary_median}, 평균 {monetary_mean}이며, "
        "합계는 {monetary_total}입니다.",
        "en": "The grade {grade} has {customers}, {customer_share} of all graded customers.\n"
        "Time since the last purchase: median {recency_median}, mean {recency_mean}. "
        "In the window: median {frequency_median}, mean {frequency_mean}.\n"
        "Spending per customer after returns: median {monetary_median}, mean {monetary_mean}; total {monetary_total}.",
    },
    "profile_share": {
        "ko": "등급이 있는 고객 전체 구매 금액의 {monetary_share}입니다.",
        "en": "That is {monetary_share} of what all graded customers spent.",
    },
    "profile_boundary": {
        "ko": "등급의 경계에 있는 고객은 {boundary_customers}입니다.",
        "en": "On the boundary of the grade: {boundary_customers}.",
    },
    "profile_by_rule": {
        "ko": "집계 기간에 한 번 구매한 고객에게 규칙으로 매기는 등급입니다.",
        "en": "This grade is given by rule to customers with one purchase in the window.",
    },
    "empty_grade": {
        "ko": "지금 {grade} 등급인 고객이 없어 특징을 말할 수 없습니다. "
        "등급 모델이 아직 적용되지 않았을 수도 있습니다.",
        "en": "No customer is graded {grade} now, so there is nothing to describe. "
        "It may be that no grade model is in use yet.",
    },
    "not_found": {
        "ko": "고객 {customer_id|을/를} 찾을 수 없습니다. 고객 번호를 다시 확인해 주세요. "
        "비슷한 번호로 대신 답하지 않습니다.",
        "en": "There is no customer {customer_id}. Please check the id; a similar one is never used instead.",
    },
    "help": {
        "ko": "한 고객의 등급이나 한 등급의 특징을 물어보세요. 예: {examples}",
        "en": "Ask for one customer's grade, or what one grade is like. For example: {examples}",
    },
    "out_of_scope": {
        "ko": "그 질문에는 아직 답할 수 없습니다. 지금의 고객 등급과 등급의 특징만 답합니다. 예: {examples}",
        "en": "I cannot answer that yet. I answer only about a customer's grade now and what a grade is like. "
        "For example: {examples}",
    },
    "clarify_customer": {
        "ko": "어느 고객의 등급이 궁금하신가요? 고객 번호를 함께 적어 주세요. 예: {examples}",
        "en": "Which customer's grade do you mean? Please add the customer id. For example: {examples}",
    },
    "clarify_one_customer": {
        "ko": "고객은 한 번에 한 명씩 답합니다. 한 고객의 번호만 적어 주세요. 예: {examples}",
        "en": "I answer about one customer at a time. Please name one customer id. For example: {examples}",
    },
    "clarify_one_grade": {
        "ko": "등급은 한 번에 하나씩 답합니다. 한 등급만 적어 주세요. 예: {examples}",
        "en": "I answer about one grade at a time. Please name one grade. For example: {examples}",
    },
    "clarify_aspect": {
        "ko": "고객 {customer_id}의 무엇이 궁금하신지 이해하지 못했습니다. "
        "지금은 등급을 답할 수 있습니다. 예: {examples}",
        "en": "I did not understand what you want to know about customer {customer_id}. "
        "I can tell the grade. For example: {examples}",
    },
    "clarify_anything": {
        "ko": "질문을 이해하지 못했습니다. 이렇게 물어보세요. 예: {examples}",
        "en": "I did not understand the question. You can ask, for example: {examples}",
    },
    "unavailable": {
        "ko": "지금은 고객 표를 읽을 수 없어 답하지 못합니다. 스트림이 한 번이라도 실행되었는지 확인해 주세요.",
        "en": "The customer tables cannot be read now, so there is no answer. "
        "Please check that the stream has run at least once.",
    },
    "error": {
        "ko": "답의 숫자를 모두 확인하지 못해 답을 보여 드리지 않습니다.",
        "en": "Not every number of the answer could be proved, so it is not shown.",
    },
}

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
    "rank": ("", "", ""),
}
"""Units that are counted: the Korean one, the English singular and plural."""


def render(parts: Collection[str], slots: Mapping[str, str], language: Language) -> str:
    """The named templates as one text, each slot filled."""
    return " ".join(fill(TEMPLATES[part][language], slots) for part in parts)


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
