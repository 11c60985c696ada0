"""What the shop's templates show: a customer's row, how it changed and when that was seen, money and times in words."""

import json
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

from dangol.answers.about_customers import customer_facts, is_boundary, say_grade
from dangol.answers.draft import Draft
from dangol.answers.evidence import MINOR_DIGITS, Evidence, Fact, Lake
from dangol.answers.intents import Language, Request
from dangol.answers.summaries import Terms
from dangol.answers.texts import FACTS
from dangol.answers.writing import fill, grade_name, money, percent, spoken_time
from dangol.edges.shop_texts import CAUSES, REFUSALS, TEXTS
from dangol.orders.shopping import Product, Refusal
from dangol.orders.simulation import instant, item_worth

SLOW_SECONDS = 20
SAME_INSTANT = timedelta(milliseconds=100)
"""A file's or a broker's timestamp may lie that much before the clock that its message was sent at."""

NONE = "–"
TILES = ("recency_days", "frequency", "monetary")
TOLD = ("grade", *TILES, "monetary_gross", "state")
EXPLAINED = ("graded_by_rule", "no_model", "dormant", "never_bought", "boundary")


@dataclass
class Watch:
    """How the last message of a customer is seen: the row `before` it, and the `seconds` until a row held it."""

    before: Evidence | None
    sent_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    began: float = field(default_factory=time.monotonic)
    seconds: float | None = None

    def look(self, now: Evidence | None) -> None:
        row, before = row_of(now), row_of(self.before)
        if self.seconds is not None or row is None or (before and position(row) <= position(before)):
            return
        if row["enqueued_time"] >= self.sent_at - SAME_INSTANT:
            self.seconds = time.monotonic() - self.began

    @property
    def is_slow(self) -> bool:
        return time.monotonic() - self.began > SLOW_SECONDS


@dataclass(frozen=True)
class View:
    """One shop in one language."""

    language: Language
    terms: Terms
    lake: Lake
    boundary_below: float
    ignored_customers: Collection[str]

    @property
    def texts(self) -> Mapping[str, str]:
        return TEXTS[self.language]

    @cached_property
    def names(self) -> dict[str, str]:
        """Of products, by sku."""
        return {entry["sku"]: entry["ko"] if self.language == "ko" else entry["name"].capitalize() for entry in LISTED}

    def say(self, text: str, /, **slots: object) -> str:
        return fill(self.texts[text], {slot: str(value) for slot, value in slots.items()})

    def refusal(self, refusal: Refusal) -> str:
        slots = {
            name: self.money(value) if isinstance(value, Decimal) else str(value)
            for name, value in refusal.slots.items()
        }
        return fill(REFUSALS[self.language][refusal.reason], slots)

    def money(self, amount: Decimal | str) -> str:
        return money(Decimal(amount), self.terms.currency, self.language)

    def worth(self, items: list[dict[str, Any]]) -> str:
        return self.money(sum((item_worth(item) for item in items), Decimal(0)))

    def time(self, text: str) -> str:
        return spoken_time(instant(text), self.language, self.terms.zone)

    def grade(self, english: str | None) -> str:
        return grade_name(english, self.language, self.terms.grade_names) if english else self.texts["no_grade"]

    def panel(self, customer: str | None, now: Evidence | None, watch: Watch | None) -> dict[str, Any]:
        """Of a customer: a `note`, or the row in words; with a watch also what is `told` of the last message and
        whether it is `waiting` to be seen. `now` is none while there is no table."""
        if customer is None or customer in self.ignored_customers:
            return {"note": self.texts["is_ignored" if customer else "is_guest"]}
        told = {"told": self.told(now, watch), "waiting": watch.seconds is None} if watch else {}
        row = row_of(now)
        if now is None or row is None:
            return {"note": self.texts["is_new" if now else "no_tables"], **told}
        return {**self.customer(now, row, watch.before if watch else None), **told}

    def told(self, now: Evidence | None, watch: Watch) -> str:
        if watch.seconds is None:
            return self.texts["slow" if watch.is_slow else "waiting"]
        was, shown = self.shown(watch.before), self.shown(now)
        changes = [
            f"{self.label(name)} {was.get(name, NONE)} → {shown.get(name, NONE)}"
            for name in TOLD
            if was.get(name, NONE) != shown.get(name, NONE)
        ]
        told = self.say("changed", changes=", ".join(changes)) if changes else self.texts["unchanged"]
        return f"{self.say('seen', seconds=f'{watch.seconds:.1f}')} {told}"

    def customer(self, now: Evidence, row: Mapping[str, Any], before: Evidence | None) -> dict[str, Any]:
        was, shown = self.shown(before), self.shown(now)
        history = self.say("position_value", generation=row["generation"], batch=row["batch_id"])
        return {
            "grade": self.grade(row["grade"]),
            "explained": self.explained(now, row["customer_id"]),
            "tiles": [(self.label(name), shown[name], changed(was.get(name), shown[name])) for name in TILES],
            "bars": self.bars(row["posterior"] or [], (row_of(before) or {}).get("posterior") or []),
            "rows": [
                (self.label("monetary_gross"), shown["monetary_gross"]),
                (self.label("state"), shown["state"]),
                (self.texts["cause"], CAUSES.get(row["cause"], {}).get(self.language, row["cause"])),
                (self.texts["model"], shown["model_version"]),
                (self.texts["position"], history),
                (self.texts["table"], self.say("table_value", table=now.source.table, version=now.source.version)),
                (self.texts["as_of"], spoken_time(row["as_of"], self.language, self.terms.zone)),
            ],
        }

    def bars(self, posterior: list[float], before: list[float]) -> list[dict[str, Any]]:
        """The highest grade first: its name, its `share` of 100, that as text, and the text before if it differs."""
        names = self.terms.grade_names[self.language][1:]
        was = [likely(value) for value in before] if len(before) == len(posterior) else [None] * len(posterior)
        return [
            {"name": name, "share": f"{100 * value:.1f}", "text": likely(value), "was": changed(earlier, likely(value))}
            for name, value, earlier in zip(names, posterior, was, strict=False)
        ][::-1]

    def shown(self, evidence: Evidence | None) -> dict[str, str]:
        """A row's facts as people read them; nothing without a row."""
        if evidence is None or not evidence.rows:
            return {}
        draft, facts = self.drafted(evidence)
        return {name: draft.shown(fact) for name, fact in facts.items()}

    def explained(self, evidence: Evidence, customer: str) -> str:
        """What is special about the grade, if anything."""
        draft, facts = self.drafted(evidence)
        say_grade(draft, customer, facts)
        if is_boundary(facts, self.boundary_below):
            draft.say("boundary")
        draft.sentences = [sentence for sentence in draft.sentences if sentence.part in EXPLAINED]
        return draft.text()

    def drafted(self, evidence: Evidence) -> tuple[Draft, dict[str, Fact]]:
        draft = Draft(Request(self.language, "grade_lookup"), self.terms, self.lake, evidence.as_of.date())
        return draft, customer_facts(draft, draft.cite(evidence), evidence.rows[0]["customer_id"])

    def label(self, fact: str) -> str:
        return FACTS[fact][self.language]


LISTED: list[dict[str, str]] = json.loads(Path(__file__).with_name("catalogue.json").read_text("utf-8"))


def catalogue(currency: str) -> dict[str, Product]:
    """Products of Online Retail by sku. Where the currency has no smaller unit, such as the won, the prices in pounds
    are taken a thousandfold: 2.95 as 2,950."""
    shift = 0 if MINOR_DIGITS.get(currency, 2) else 3
    return {
        entry["sku"]: Product(entry["sku"], entry["name"], Decimal(entry["unit_price"]).scaleb(shift))
        for entry in LISTED
    }


def row_of(evidence: Evidence | None) -> Mapping[str, Any] | None:
    return evidence.rows[0] if evidence and evidence.rows else None


def position(row: Mapping[str, Any]) -> tuple[int, int]:
    return row["generation"], row["batch_id"]


def likely(value: float) -> str:
    return percent(Decimal(repr(value)), is_certain=False)


def changed(before: str | None, now: str) -> str | None:
    return before if before != now else None
