"""The rows of `summaries`: a text in Korean and English and the facts that it tells, with a hash of all of it.

Nothing in a text grows old by itself: it names days, never how long ago they were. A daily tick that found nothing new
gives the same row again, and is skipped.
"""

import hashlib
import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from typing import Any, get_args

from dangol.answers.intents import GradeNames, Language
from dangol.answers.product_words import words_of
from dangol.answers.products import clean, visible
from dangol.answers.signals import SIGNALS, TREND_DAYS, Day, returns_share, signals, trend
from dangol.answers.writing import STATES, counted, fill, grade_name, money, percent, spoken_date
from dangol.tables import SUMMARIES

LANGUAGES: tuple[Language, ...] = get_args(Language)
TOP_PRODUCTS = 5
TOP_SIGNALS = 3
HASHED = SUMMARIES.names[: SUMMARIES.names.index("content_hash")]
PLAIN_ID = re.compile(r"(?!.*\w\.[^\W\d_]{2})[\w.\-]+")
"""What no page takes for a link."""
NONE = "-"
"""Stands for no grade in keys and in changed_from, and in a text for an id of which nothing can be shown."""

SENTENCES: Mapping[str, Mapping[Language, str]] = {
    "graded": {
        "ko": "고객 {customer_id|은/는} {grade} 등급이고, 이 등급에 속할 확률은 {p_grade}입니다.",
        "en": "Customer {customer_id} is graded {grade}, with a membership probability of {p_grade}.",
    },
    "graded_by_rule": {
        "ko": "고객 {customer_id|은/는} {grade} 등급입니다. 집계 기간에 구매가 한 번뿐이어서 규칙으로 정한 등급입니다.",
        "en": "Customer {customer_id} is graded {grade}, by rule, because there is only one purchase in the window.",
    },
    "no_model": {
        "ko": "고객 {customer_id|은/는} 구매가 있지만 등급 모델이 적용되지 않아 아직 등급이 없습니다.",
        "en": "Customer {customer_id} has purchases but no grade yet, because no grade model is in use.",
    },
    "dormant": {
        "ko": "고객 {customer_id|은/는} 집계 기간 안에 구매가 없어 등급이 없는 휴면 고객입니다.",
        "en": "Customer {customer_id} is dormant and has no grade: there is no purchase in the window.",
    },
    "never_bought": {
        "ko": "고객 {customer_id|은/는} 구매 기록이 없어 등급도 없습니다.",
        "en": "Customer {customer_id} has never made a purchase that counts, and so has no grade.",
    },
    "spending": {
        "ko": "집계 기간에 {frequency} 구매했고, 구매 금액은 반품을 빼고 {monetary}입니다.",
        "en": "In the window: {frequency} worth {monetary} after returns.",
    },
    "spending_once": {
        "ko": "구매 금액은 반품을 빼고 {monetary}입니다.",
        "en": "It is worth {monetary} after returns.",
    },
    "last_purchase": {
        "ko": "마지막 구매일은 {last_purchase_date}입니다.",
        "en": "The last purchase was on {last_purchase_date}.",
    },
    "state": {"ko": "활동 상태는 ‘{state}’입니다.", "en": "The activity state is “{state}”."},
    "rising": {
        "ko": "최근 {trend_days} 동안의 구매 금액은 그 전 {trend_days}보다 늘었습니다.",
        "en": "Purchases of the last {trend_days} are worth more than those of the {trend_days} before.",
    },
    "steady": {
        "ko": "최근 {trend_days} 동안의 구매 금액은 그 전 {trend_days|과/와} 비슷합니다.",
        "en": "Purchases of the last {trend_days} are worth about as much as those of the {trend_days} before.",
    },
    "falling": {
        "ko": "최근 {trend_days} 동안의 구매 금액은 그 전 {trend_days}보다 줄었습니다.",
        "en": "Purchases of the last {trend_days} are worth less than those of the {trend_days} before.",
    },
    "returns": {
        "ko": "지금까지의 구매 금액 중 {returns_share|을/를} 반품했습니다.",
        "en": "By value, {returns_share} of all purchases so far was returned.",
    },
    "products": {
        "ko": "구매 금액이 큰 상품: {products}.",
        "en": "Spent the most on: {products}.",
    },
    "changed": {
        "ko": "등급은 {changed_at}에 {old}에서 {new|으로/로} 바뀌었습니다. 변경 사유: {cause}.",
        "en": "The grade last changed on {changed_at}, from {old} to {new}. Cause: {cause}.",
    },
    "signals": {"ko": "눈에 띄는 점: {signals}.", "en": "What stands out: {signals}."},
    "card": {
        "ko": "{grade} 등급 고객은 {customers}이고, 등급이 있는 고객의 {customer_share|을/를} 차지합니다. "
        "한 고객이 집계 기간에 구매한 횟수는 중앙값 {frequency_median}이고, "
        "구매 금액은 반품을 빼고 중앙값 {monetary_median}, 합계 {monetary}입니다.",
        "en": "The grade {grade} has {customers}, {customer_share} of all graded customers. "
        "In the window, the median customer made {frequency_median}; median spending after returns is "
        "{monetary_median}, and the total is {monetary}.",
    },
    "card_share": {
        "ko": "등급이 있는 고객 전체 구매 금액의 {monetary_share}입니다.",
        "en": "That is {monetary_share} of what all graded customers spent.",
    },
    "card_by_rule": {
        "ko": "집계 기간에 한 번 구매한 고객에게 규칙으로 매기는 등급입니다.",
        "en": "This grade is given by rule to customers with one purchase in the window.",
    },
    "card_products": {
        "ko": "고객별로 구매 금액이 큰 상품 가운데 자주 보이는 것: {products}.",
        "en": "Often among what a customer spent the most on: {products}.",
    },
    "card_signals": {"ko": "자주 눈에 띄는 점: {signals}.", "en": "What often stands out: {signals}."},
    "moved": {
        "ko": "{old}에서 {new|으로/로} 바뀐 고객은 {customers}입니다. "
        "가장 흔한 변경 사유: {cause}. 마지막으로 바뀐 날은 {changed_at}입니다.",
        "en": "Moved from {old} to {new}: {customers}. Most frequent cause: {cause}. The last moved on {changed_at}.",
    },
}

CAUSES: Mapping[str, Mapping[Language, str]] = {
    "order": {"ko": "새 주문", "en": "a new order"},
    "return": {"ko": "반품이나 취소", "en": "a return or a cancellation"},
    "repair": {"ko": "늦게 오거나 정정된 주문", "en": "a late or corrected order"},
    "model": {"ko": "등급 모델 교체", "en": "another grade model"},
    "window": {"ko": "집계 기간을 벗어난 구매", "en": "purchases that left the window"},
    "ageing": {"ko": "시간 경과", "en": "time that passed"},
}
NO_GRADE: Mapping[Language, str] = {"ko": "등급 없음", "en": "no grade"}
DAYS, PURCHASES, CUSTOMERS = ("일", "day", "days"), ("회", "purchase", "purchases"), ("명", "customer", "customers")


@dataclass(frozen=True)
class Terms:
    """The shop's terms. `grade_names`: by language, in order of rank. `zone`: the shop's."""

    grade_names: GradeNames
    currency: str
    zone: tzinfo

    def grade(self, english: str | None, language: Language) -> str:
        return NO_GRADE[language] if english is None else grade_name(english, language, self.grade_names)

    def day(self, moment: datetime, language: Language) -> str:
        return spoken_date(moment.astimezone(self.zone).date(), language)


@dataclass(frozen=True, slots=True)
class Change:
    """A customer's last row of `changes`."""

    old_grade: str | None
    new_grade: str | None
    cause: str
    as_of: datetime


@dataclass(frozen=True, slots=True)
class Customer:
    """`row`: the newest of customer_history. `days`: all known. `compared`: see signals. `products`: cleaned names,
    that of most money first."""

    row: Mapping[str, Any]
    days: Sequence[Day]
    compared: Sequence[str]
    products: Sequence[str]
    change: Change | None


@dataclass(frozen=True, slots=True)
class Card:
    """A grade. `products`: names that most of its customers spend much on; `signals`: names and customers of each."""

    grade: str
    grade_rank: int
    customers: int
    graded_customers: int
    frequency: int
    frequency_median: Decimal
    monetary: Decimal
    monetary_median: Decimal
    graded_monetary: Decimal
    products: Sequence[str]
    signals: Sequence[tuple[str, int]]
    as_of: datetime
    generation: int
    batch_id: int


@dataclass(frozen=True, slots=True)
class Movement:
    """From one grade to another, null: none. `cause`: the most frequent; `as_of`: of the last; so are the others."""

    old_grade: str | None
    new_grade: str | None
    customers: int
    cause: str
    as_of: datetime
    generation: int
    batch_id: int


def customer_row(customer: Customer, terms: Terms) -> dict[str, Any]:
    """A row of `summaries` about a customer."""
    row, change = customer.row, customer.change
    share = returns_share(customer.days)
    facts = {
        "customer_id": row["customer_id"],
        "grade": row["grade"],
        "customers": 1,
        "frequency": row["frequency"],
        "monetary": row["monetary"],
        "last_purchase_date": row["last_purchase_date"],
        "state": row["state"],
        "posterior": None if row["posterior"] is None else [told(p) for p in row["posterior"]],
        "trend": trend(customer.days, row["as_of"].astimezone(terms.zone).date()),
        "returns_share": None if share is None else round(float(share), 4),
        "top_products": list(customer.products[:TOP_PRODUCTS]),
        "words": words_of(customer.products),
        "signals": list(signals(customer.days, row["frequency"], row["state"], customer.compared)),
        "changed_from": change and (change.old_grade or NONE),
        "change_cause": change and change.cause,
        "changed_at": change and change.as_of,
    }
    parts = customer_parts(facts, row["grade_rank"])
    texts = {
        f"text_{language}": written(parts, customer_slots(facts, row["grade_rank"], change, terms, language), language)
        for language in LANGUAGES
    }
    named = {"key": customer_key(row["customer_id"]), "kind": "customer"}
    return sealed(named | facts | texts, row["as_of"], row["generation"], row["batch_id"])


def customer_parts(facts: Mapping[str, Any], grade_rank: int | None) -> list[str]:
    """Which sentences tell a customer."""
    bought_in_window, last = facts["frequency"] != 0, facts["last_purchase_date"]
    if facts["grade"] is None:
        first = "no_model" if bought_in_window else "dormant" if last else "never_bought"
    else:
        first = "graded" if facts["posterior"] and grade_rank else "graded_by_rule"
    told_if = {
        "spending_once" if first == "graded_by_rule" else "spending": bought_in_window
        and facts["monetary"] is not None,
        "last_purchase": last,
        "state": facts["state"] and facts["grade"],
        facts["trend"]: facts["trend"],
        "returns": facts["returns_share"],
        "products": facts["top_products"],
        "changed": facts["changed_at"],
        "signals": facts["signals"],
    }
    return [first, *(part for part, is_told in told_if.items() if is_told)]


def customer_slots(
    facts: Mapping[str, Any], grade_rank: int | None, change: Change | None, terms: Terms, language: Language
) -> dict[str, str]:
    """What stands in the sentences of `customer_parts`."""
    slots = {
        "customer_id": shown_id(facts["customer_id"]),
        "grade": terms.grade(facts["grade"], language),
        "frequency": counted(Decimal(facts["frequency"]), PURCHASES, language),
        "trend_days": counted(Decimal(TREND_DAYS), DAYS, language),
        "products": " · ".join(facts["top_products"]),
        "signals": ", ".join(SIGNALS[name].called[language] for name in facts["signals"]),
    }
    if facts["monetary"] is not None:
        slots["monetary"] = money(facts["monetary"], terms.currency, language)
    if facts["posterior"] and grade_rank:
        slots["p_grade"] = percent(Decimal(repr(facts["posterior"][grade_rank - 1])), is_certain=False)
    if facts["last_purchase_date"]:
        slots["last_purchase_date"] = spoken_date(facts["last_purchase_date"], language)
    if facts["state"]:
        slots["state"] = STATES[facts["state"]][language]
    if facts["returns_share"]:
        slots["returns_share"] = percent(Decimal(repr(facts["returns_share"])), is_certain=True)
    if change:
        slots |= change_slots(change.old_grade, change.new_grade, change.cause, change.as_of, terms, language)
    return slots


def grade_row(card: Card, terms: Terms) -> dict[str, Any]:
    """A row of `summaries` about a grade."""
    part, whole = card.monetary, card.graded_monetary
    money_share = part / whole if part >= 0 and whole > 0 else None
    told_if = {
        "card": True,
        "card_share": money_share is not None,
        "card_by_rule": card.grade_rank == 0,
        "card_products": card.products,
        "card_signals": card.signals,
    }
    parts = [name for name, is_told in told_if.items() if is_told]
    facts = {
        "grade": card.grade,
        "customers": card.customers,
        "frequency": card.frequency,
        "monetary": card.monetary,
        "top_products": list(card.products),
    }
    texts = {
        f"text_{language}": written(parts, card_slots(card, money_share, terms, language), language)
        for language in LANGUAGES
    }
    named = {"key": f"grade/{card.grade}", "kind": "grade"}
    return sealed(named | facts | texts, card.as_of, card.generation, card.batch_id)


def card_slots(card: Card, money_share: Decimal | None, terms: Terms, language: Language) -> dict[str, str]:
    shares = ((name, Decimal(count) / card.customers) for name, count in card.signals)
    return {
        "grade": terms.grade(card.grade, language),
        "customers": counted(Decimal(card.customers), CUSTOMERS, language),
        "customer_share": percent(Decimal(card.customers) / card.graded_customers, is_certain=True),
        "frequency_median": counted(card.frequency_median, PURCHASES, language),
        "monetary_median": money(card.monetary_median, terms.currency, language),
        "monetary": money(card.monetary, terms.currency, language),
        "monetary_share": percent(money_share or Decimal(0), is_certain=True),
        "products": " · ".join(card.products),
        "signals": ", ".join(
            f"{SIGNALS[name].called[language]} {percent(share, is_certain=True)}" for name, share in shares
        ),
    }


def movement_row(movement: Movement, terms: Terms) -> dict[str, Any]:
    """A row of `summaries` about all moves from one grade to another."""
    old, new = movement.old_grade, movement.new_grade
    facts = {
        "grade": old,
        "to_grade": new,
        "customers": movement.customers,
        "change_cause": movement.cause,
        "changed_at": movement.as_of,
    }
    texts = {}
    for language in LANGUAGES:
        slots = change_slots(old, new, movement.cause, movement.as_of, terms, language)
        slots["customers"] = counted(Decimal(movement.customers), CUSTOMERS, language)
        texts[f"text_{language}"] = written(["moved"], slots, language)
    named = {"key": f"movement/{old or NONE}/{new or NONE}", "kind": "movement"}
    return sealed(named | facts | texts, movement.as_of, movement.generation, movement.batch_id)


def change_slots(
    old: str | None, new: str | None, cause: str, as_of: datetime, terms: Terms, language: Language
) -> dict[str, str]:
    return {
        "old": terms.grade(old, language),
        "new": terms.grade(new, language),
        "cause": CAUSES[cause][language],
        "changed_at": terms.day(as_of, language),
    }


def customer_key(customer_id: str) -> str:
    return f"customer/{customer_id}"


def shown_id(customer_id: str) -> str:
    """An id as it may stand in a text: as it is when it is letters, digits and - . _, else cleaned like a product."""
    is_plain = PLAIN_ID.fullmatch(customer_id) and visible(customer_id) == customer_id
    return customer_id if is_plain else clean(customer_id) or NONE


def told(probability: float) -> float:
    """To three places; what is not certain is never rounded up to certainty."""
    return round(probability, 3) if probability == 1 else min(round(probability, 3), 0.999)


def written(parts: Collection[str], slots: Mapping[str, str], language: Language) -> str:
    return " ".join(fill(SENTENCES[part][language], slots) for part in parts)


def sealed(values: Mapping[str, Any], as_of: datetime, generation: int, batch_id: int) -> dict[str, Any]:
    """A whole row: null where nothing is said, with the hash of what it says, then what it rests on."""
    row = {name: values.get(name) for name in HASHED}
    digest = hashlib.sha256(json.dumps(row, default=plain).encode()).hexdigest()
    return row | {"content_hash": digest, "as_of": as_of, "generation": generation, "batch_id": batch_id}


def plain(value: Any) -> str:
    """Money, a day or an instant as one text, however it was read: 7.5 is 7.5000, and an instant is told in UTC."""
    match value:
        case Decimal():
            return f"{value:.4f}"
        case datetime():
            return value.astimezone(UTC).isoformat()
    return str(value)


def fingerprint(terms: Terms) -> int:
    """56 bits of all that texts are made with, as a whole number: with another one, every text is written anew."""
    lexicon = {name: (entry.called, entry.sentence) for name, entry in SIGNALS.items()}
    made_with = [terms.grade_names, terms.currency, str(terms.zone), SENTENCES, CAUSES, NO_GRADE, STATES, lexicon]
    return int.from_bytes(hashlib.sha256(json.dumps(made_with, sort_keys=True).encode()).digest()[:7])
