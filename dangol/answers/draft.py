"""An answer in the making: what was asked of the tables, the facts found, and the sentences that tell them."""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property

from dangol.answers.evidence import Evidence, Fact, Lake, value_of
from dangol.answers.intents import Language, Request, Scope
from dangol.answers.policy import SMALLEST_GROUP, Role, is_hidden
from dangol.answers.queries import CUSTOMER_NOW, LAST_DAY, Query
from dangol.answers.summaries import CAUSES, Terms, shown_id
from dangol.answers.texts import TEMPLATES
from dangol.answers.writing import displayed, fill, spoken_date, spoken_time, unproved_numbers

MONEY = "money"
"""Stands for the shop's currency among the units."""
UNITS: Mapping[str, str] = {
    **dict.fromkeys(
        (
            "customers",
            "all_customers",
            "boundary_customers",
            "returning_customers",
            "eligible",
            "no_consent",
            "held_out",
        ),
        "customers",
    ),
    "unknown": "customers",
    **dict.fromkeys(("frequency", "frequency_median", "frequency_mean", "old_frequency", "new_frequency"), "purchases"),
    **dict.fromkeys(("orders", "all_orders", "orders_mean"), "orders"),
    **dict.fromkeys(("received", "rejected"), "messages"),
    **dict.fromkeys(("recency_days", "recency_median", "recency_mean", "old_recency_days", "new_recency_days"), "days"),
    **dict.fromkeys(
        ("monetary", "monetary_gross", "monetary_median", "monetary_mean", "monetary_total", "all_monetary", "net"),
        MONEY,
    ),
    **dict.fromkeys(
        ("gross", "returned", "all_net", "net_mean", "order_value", "returned_mean", "amount", "usual_amount"), MONEY
    ),
    **dict.fromkeys(("old_monetary", "new_monetary"), MONEY),
    **dict.fromkeys(("customer_share", "monetary_share", "share", "returns_share", "found"), "share"),
    **dict.fromkeys(("p_grade", "p_max"), "probability"),
}
"""By the name of a fact; a fact of any other name has none."""
GRADES = {"grade", "old_grade", "new_grade", "grade_after", "fell_from", "wanted"}
FEW: Mapping[Language, str] = {"ko": "{smallest}명 미만", "en": "fewer than {smallest} customers"}
"""What a viewer reads in place of a small number of customers."""
Slot = Fact | str | date | datetime | None


@dataclass(frozen=True)
class Sentence:
    """A template and what fills it."""

    part: str
    slots: Mapping[str, str]


Heard = Callable[[str], None]
"""Is told each sentence of a language model as soon as it is written and checked."""


def unheard(_sentence: str) -> None:
    """For whom the whole answer is soon enough."""


class Draft:
    """Gathers evidence, facts and sentences. Facts and evidence are numbered in the order in which they come."""

    def __init__(
        self, request: Request, terms: Terms, lake: Lake, today: date, role: Role = "admin", heard: Heard = unheard
    ) -> None:
        self.request = request
        self.terms = terms
        self.lake = lake
        self.today = today
        self.role = role
        self.heard = heard
        self.language = request.language
        self.evidence: list[Evidence] = []
        self.facts: list[Fact] = []
        self.sentences: list[Sentence] = []
        self.subject: str | None = None
        """What facts are about that name nothing else, such as the grade that is told of."""
        self.looks_at_period = False
        """Whether the period that was asked for is looked at."""
        self._last: dict[str, Sentence] = {}
        self._customers: dict[str, Evidence] = {}
        self.rows: list[str] = []
        """Texts of the rows of `summaries` that stand behind the answer."""
        self.group_size: int | None = None
        """Customers of the smallest group that is told of; null when it is about customers one by one."""

    @contextmanager
    def telling_of(self, scope: Scope, subject: str | None = None) -> Iterator[None]:
        """While a part of what was asked is told: `scope` in place of the request's, `subject` of its facts."""
        whole = self.request
        self.request, self.subject = replace(whole, scope=scope), subject
        try:
            yield
        finally:
            self.request, self.subject = whole, None

    def group(self, customers: int) -> None:
        """Says that a group of so many customers is told of."""
        self.group_size = customers if self.group_size is None else min(self.group_size, customers)

    def run(self, query: Query, parameters: Mapping[str, object] | None = None) -> Evidence:
        """Raises StoreError as the lake."""
        return self.cite(self.lake.run(query, parameters))

    def customer(self, customer_id: str) -> Evidence:
        """The newest row of a customer, if there is one; looked up once, and cited by whoever tells of it."""
        if customer_id not in self._customers:
            self._customers[customer_id] = self.lake.run(CUSTOMER_NOW, {"customer_id": customer_id})
        return self._customers[customer_id]

    @cached_property
    def closed_days(self) -> Evidence:
        """The query last_day; cited by whoever tells of it."""
        return self.lake.run(LAST_DAY)

    def cite(self, evidence: Evidence) -> Evidence:
        if not any(cited is evidence for cited in self.evidence):
            self.evidence.append(evidence)
        return evidence

    def fact(
        self,
        evidence: Evidence,
        name: str,
        column: str | None = None,
        *,
        per: str | None = None,
        row: int = 0,
        subject: str | None = None,
    ) -> Fact:
        """The value of a column (by default of the fact's own name) of a row of cited evidence, as a fact."""
        unit = self.terms.currency if UNITS.get(name) == MONEY else UNITS.get(name)
        column = column or name
        value = value_of(evidence.rows[row], column, per, unit)
        fact = Fact(
            f"f{len(self.facts) + 1}",
            name,
            subject or self.subject,
            None if unit == "customers" and is_hidden(value, self.role) else value,
            unit,
            next(place for place, cited in enumerate(self.evidence, start=1) if cited is evidence),
            row,
            column,
            per,
            evidence.source,
            evidence.rows[row].get("as_of") or evidence.as_of,
        )
        self.facts.append(fact)
        return fact

    def facts_of(self, evidence: Evidence, *names: str, row: int = 0, subject: str | None = None) -> dict[str, Fact]:
        """Facts of the columns of these names."""
        return {name: self.fact(evidence, name, row=row, subject=subject) for name in names}

    def say(self, part: str, **slots: Slot) -> None:
        self.sentences.append(Sentence(part, {name: self.named(name, slot) for name, slot in slots.items()}))

    def say_last(self, part: str, **slots: Slot) -> None:
        """Says once, after all else, what holds of the whole."""
        self._last[part] = Sentence(part, {name: self.named(name, slot) for name, slot in slots.items()})

    def named(self, name: str, slot: Slot) -> str:
        """A slot as it is shown; an id may hold anything, so it is cleaned."""
        return shown_id(slot) if name == "customer_id" and isinstance(slot, str) else self.shown(slot)

    def shown(self, slot: Slot) -> str:
        match slot:
            case Fact():
                return self.shown_fact(slot)
            case datetime():
                return spoken_time(slot, self.language, self.terms.zone)
            case date():
                return spoken_date(slot, self.language)
            case None:
                return "–"
        return slot

    def shown_fact(self, fact: Fact) -> str:
        if fact.name in GRADES:
            return self.terms.grade(fact.value if isinstance(fact.value, str) else None, self.language)
        if fact.name == "cause" and isinstance(fact.value, str):
            return CAUSES[fact.value][self.language]
        if fact.value is None and fact.unit == "customers":
            return FEW[self.language].format(smallest=SMALLEST_GROUP)
        if isinstance(fact.value, datetime) and fact.name in ("changed_at", "day"):
            return self.terms.day(fact.value, self.language)
        if fact.name == "customer_id" and isinstance(fact.value, str):
            return shown_id(fact.value)
        return displayed(fact, self.language, self.terms.grade_names, self.terms.zone)

    def template(self, part: str) -> str:
        """A template without slots."""
        return TEMPLATES[part][self.language]

    def as_of(self) -> None:
        """Says what holds of the whole, and for which moment it is true: the oldest of what it rests on."""
        self.sentences += self._last.values()
        if self.evidence:
            self.say("as_of", as_of=min(evidence.as_of for evidence in self.evidence))

    def text(self) -> str:
        """Templates that begin a line bring their own; others are set apart by a space."""
        whole = ""
        for sentence in self.sentences:
            told = re.sub(" {2,}", " ", fill(TEMPLATES[sentence.part][self.language], sentence.slots))  # an empty slot
            whole += told if not whole or told.startswith("\n") or whole.endswith("\n") else f" {told}"
        return re.sub(r"(?<=\S) (?=\(As of|\([^)]* 기준\)$)", "\n" if "\n-" in whole else " ", whole.lstrip())

    def unproved(self) -> list[str]:
        """Numbers of the text that stand in no slot."""
        slots = {
            f"{place} {name}": value for place, one in enumerate(self.sentences) for name, value in one.slots.items()
        }
        return unproved_numbers(self.text(), slots)

    def value(self, fact: Fact) -> Decimal:
        """A number to compare by; what does not exist is least."""
        return Decimal(fact.value) if isinstance(fact.value, int | Decimal) else Decimal("-Infinity")
