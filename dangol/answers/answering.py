"""From a question to an answer with its proof: parse, query inside the scope, gather facts, write, check."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal
from typing import Any

from dangol.answers.evidence import Evidence, Fact, Lake, Value, customer_facts, profile_facts
from dangol.answers.intents import GradeNames, Intent, Language, Request, Scope, Status
from dangol.answers.parsing import parse
from dangol.answers.queries import CUSTOMER_NOW, GRADE_PROFILE
from dangol.answers.writing import displayed, grade_name, render, spoken_time, unproved_numbers
from dangol.errors import StoreError

TEMPLATE_WRITER = "template"


@dataclass(frozen=True)
class Answer:
    """What is said, and everything that it rests on. `evidence` is null when no table was asked."""

    question: str
    language: Language
    intent: Intent
    status: Status
    scope: Scope
    confidence: float
    text: str
    facts: tuple[Fact, ...] = ()
    evidence: Evidence | None = None
    writer: str = TEMPLATE_WRITER


@dataclass(frozen=True)
class Answerer:
    """Answers questions from one lake, in one shop's terms.

    `grade_names`: by language, in order of rank. `zone`: the shop's. `boundary_below`: a customer whose greatest
    membership probability is below it is a boundary customer.
    """

    lake: Lake
    grade_names: GradeNames
    currency: str
    zone: tzinfo
    boundary_below: float

    def answer(self, question: str) -> Answer:
        """Always an answer: what cannot be answered is said in the question's language, with a status."""
        request = parse(question, self.grade_names)
        try:
            match request.intent:
                case "grade_lookup":
                    return self.grade_of_customer(question, request)
                case "segment_profile":
                    return self.profile_of_grade(question, request)
                case _:
                    return self.without_tables(question, request)
        except StoreError:
            return said(question, request, "unavailable", ["unavailable"], {})

    def grade_of_customer(self, question: str, request: Request) -> Answer:
        (customer_id,) = request.scope.customer_ids
        evidence = self.lake.run(CUSTOMER_NOW, [customer_id])
        if not evidence.rows:
            found_nobody = replace(request, intent="not_found")
            return said(
                question, found_nobody, "not_found", ["not_found"], {"customer_id": customer_id}, evidence=evidence
            )
        facts = customer_facts(evidence, currency=self.currency)
        slots = {"customer_id": customer_id, **self.slots(facts, request.language)}
        parts = grade_parts({fact.name: fact.value for fact in facts}, self.boundary_below)
        return said(question, request, "answered", parts, slots, facts=facts, evidence=evidence)

    def profile_of_grade(self, question: str, request: Request) -> Answer:
        (grade,) = request.scope.grades
        evidence = self.lake.run(GRADE_PROFILE, [self.boundary_below, grade])
        if not evidence.rows:
            slots = {"grade": grade_name(grade, request.language, self.grade_names)}
            return said(question, request, "not_enough_data", ["empty_grade"], slots, evidence=evidence)
        facts = profile_facts(evidence, currency=self.currency)
        parts = profile_parts({fact.name: fact.value for fact in facts})
        return said(
            question, request, "answered", parts, self.slots(facts, request.language), facts=facts, evidence=evidence
        )

    def without_tables(self, question: str, request: Request) -> Answer:
        slots = {"examples": " · ".join(examples(request.language, self.grade_names))}
        if request.scope.customer_ids:
            slots["customer_id"] = request.scope.customer_ids[0]
        if request.intent == "clarify":
            return said(question, request, "clarify", [f"clarify_{request.missing}"], slots)
        return said(question, request, "answered" if request.intent == "help" else "refused", [request.intent], slots)

    def slots(self, facts: Sequence[Fact], language: Language) -> dict[str, str]:
        shown = {fact.name: displayed(fact, language, self.grade_names, self.zone) for fact in facts}
        return shown | {"as_of": spoken_time(facts[0].as_of, language, self.zone)}


def grade_parts(value: dict[str, Value], boundary_below: float) -> list[str]:
    """Which sentences tell one customer's grade."""
    bought_in_window, last = value["frequency"] != 0, value["last_purchase_date"]
    p_max = value["p_max"]
    parts = []
    if value["grade"] is None:
        parts += ["no_model" if bought_in_window else "dormant" if last else "never_bought"]
    elif p_max is None:
        parts += ["graded_by_rule"]
    else:
        parts += (
            ["graded", "boundary"]
            if isinstance(p_max, Decimal) and p_max < Decimal(repr(boundary_below))
            else ["graded"]
        )
    if last:
        parts += ["last_purchase" if value["recency_days"] else "bought_that_day"]
    if bought_in_window:
        parts += ["spending"]
    if value["state"] and value["grade"]:
        parts += ["state"]
    return [*parts, "as_of"]


def profile_parts(value: dict[str, Value]) -> list[str]:
    """Which sentences tell what a grade is like."""
    share = ["profile_share"] if value["monetary_share"] is not None else []
    return ["profile", *share, "profile_by_rule" if value["grade_rank"] == 0 else "profile_boundary", "as_of"]


def said(
    question: str,
    request: Request,
    status: Status,
    parts: Sequence[str],
    slots: dict[str, str],
    *,
    facts: tuple[Fact, ...] = (),
    evidence: Evidence | None = None,
) -> Answer:
    """The answer in words, unless a number of it has no source."""
    text = render(parts, slots, request.language)
    if unproved_numbers(text, slots):
        text, status, facts = render(["error"], {}, request.language), "error", ()
    return Answer(
        question, request.language, request.intent, status, request.scope, request.confidence, text, facts, evidence
    )


def examples(language: Language, grade_names: GradeNames) -> list[str]:
    """Questions that can be asked, with this shop's names of the highest and a middle grade."""
    highest, middle = grade_names[language][-1], grade_names[language][len(grade_names[language]) // 2]
    if language == "ko":
        return ["고객 12347 등급 알려줘", f"{highest} 고객들의 특징은?", f"{middle} 고객은 어떤 고객인가요?"]
    return ["What grade is customer 12347?", f"What are {highest} customers like?", f"Describe {middle} customers"]


def to_json(answer: Answer) -> dict[str, Any]:
    """The contract for other programs: counts are JSON numbers, money exact decimal text, times ISO 8601 in UTC."""
    scope = answer.scope
    return {
        "question": answer.question,
        "language": answer.language,
        "intent": answer.intent,
        "status": answer.status,
        "confidence": answer.confidence,
        "scope": {
            "customer_ids": list(scope.customer_ids),
            "grades": list(scope.grades),
            "period": {"from": plain(scope.period.start), "to": plain(scope.period.end)},
        },
        "answer": answer.text,
        "facts": [fact_json(fact) for fact in answer.facts],
        "writer": answer.writer,
    }


def fact_json(fact: Fact) -> dict[str, Any]:
    is_money = isinstance(fact.value, Decimal) and fact.unit is not None and fact.unit.isupper()
    return {
        "id": fact.id,
        "name": fact.name,
        "value": str(fact.value) if is_money else plain(fact.value),
        "unit": fact.unit,
        "table": fact.table,
        "version": fact.version,
        "as_of": plain(fact.as_of),
    }


def plain(value: Value) -> str | int | float | None:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    return float(value) if isinstance(value, Decimal) else value
