"""Answers about single customers: each takes a draft and says what it finds, and returns the status."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

from dangol.answers.closed_days import bought_in, say_open_days, within
from dangol.answers.draft import Draft
from dangol.answers.evidence import Evidence, Fact
from dangol.answers.intents import Period, Scope, Status
from dangol.answers.queries import CUSTOMER_ON, LAST_CHANGE, SIMILAR, SUMMARY
from dangol.answers.scope import listed, midnight, period_words, who
from dangol.answers.signals import SIGNALS
from dangol.answers.summaries import customer_key, shown_id
from dangol.answers.texts import MEASURES, VALUES
from dangol.answers.tools import Tools

MOST_CUSTOMERS = 10
SIMILAR_SHOWN = 5
NOW = ("grade", "grade_rank", "p_grade", "p_max", "recency_days", "frequency", "monetary", "monetary_gross")
LATER = ("last_purchase_date", "state", "model_version")
Facts = dict[str, Fact]


def known(draft: Draft) -> dict[str, Evidence]:
    """The newest rows of the customers that were named, by id; of the others it says that they are not there."""
    found = {}
    for customer_id in draft.request.scope.customer_ids[:MOST_CUSTOMERS]:
        evidence = draft.cite(draft.customer(customer_id))
        if evidence.rows:
            found[customer_id] = evidence
    return found


def left_out(draft: Draft, found: dict[str, Evidence]) -> None:
    for customer_id in draft.request.scope.customer_ids[:MOST_CUSTOMERS]:
        if customer_id not in found:
            draft.say("told_id", customer_id=customer_id)
    if len(draft.request.scope.customer_ids) > MOST_CUSTOMERS:
        draft.say("most_told", most=str(MOST_CUSTOMERS))


def customer_facts(draft: Draft, evidence: Evidence, customer_id: str) -> Facts:
    return draft.facts_of(evidence, *NOW, *LATER, subject=customer_id)


def say_grade(draft: Draft, customer_id: str, facts: Facts) -> None:
    """The grade and how sure it is."""
    bought_in_window, last = facts["frequency"].value != 0, facts["last_purchase_date"].value
    if facts["grade"].value is None:
        draft.say("no_model" if bought_in_window else "dormant" if last else "never_bought", customer_id=customer_id)
    elif facts["p_max"].value is None:
        draft.say("graded_by_rule", customer_id=customer_id, grade=facts["grade"])
    else:
        draft.say("graded", customer_id=customer_id, grade=facts["grade"], p_grade=facts["p_grade"])


def is_boundary(facts: Facts, below: float) -> bool:
    p_max = facts["p_max"].value
    return isinstance(p_max, Decimal) and p_max < Decimal(repr(below))


def say_values(draft: Draft, facts: Facts) -> None:
    """Recency, frequency, monetary value, state."""
    if facts["last_purchase_date"].value:
        since = {"last_purchase_date": facts["last_purchase_date"]}
        if facts["recency_days"].value:
            draft.say("last_purchase", **since, recency_days=facts["recency_days"])
        else:
            draft.say("bought_that_day", **since)
    if facts["frequency"].value != 0:
        values = {name: facts[name] for name in ("frequency", "monetary", "monetary_gross")}
        draft.say("spending", **values)
    if facts["state"].value and facts["grade"].value:
        draft.say("state", state=facts["state"])


def grade_lookup(draft: Draft, tools: Tools, boundary_below: float) -> Status:
    """The grade of each customer that was named, now or on a past day."""
    found = known(draft)
    day = draft.request.scope.period.end
    for customer_id, evidence in found.items():
        if day:
            say_grade_on(draft, customer_id)
            continue
        facts = customer_facts(draft, evidence, customer_id)
        say_grade(draft, customer_id, facts)
        if is_boundary(facts, boundary_below):
            draft.say("boundary")
        if len(found) == 1:
            say_values(draft, facts)
    left_out(draft, found)
    return "answered"


def say_grade_on(draft: Draft, customer_id: str) -> None:
    day = draft.request.scope.period.end
    if day is None:
        return
    draft.looks_at_period = True
    until = midnight(day + timedelta(1), draft.terms.zone)
    evidence = draft.run(CUSTOMER_ON, {"customer_id": customer_id, "until": until})
    if not evidence.rows:
        draft.say("unknown_on", customer_id=customer_id, day=day)
        return
    grade = draft.fact(evidence, "grade", subject=customer_id)
    draft.say("graded_on" if grade.value else "ungraded_on", customer_id=customer_id, day=day, grade=grade)


def customer_summary(draft: Draft, tools: Tools, boundary_below: float) -> Status:
    """What is known of each customer that was named: live values first, then what the summary tells beside them."""
    found = known(draft)
    for customer_id, evidence in found.items():
        facts = customer_facts(draft, evidence, customer_id)
        say_grade(draft, customer_id, facts)
        if is_boundary(facts, boundary_below):
            draft.say("boundary")
        say_values(draft, facts)
        say_period(draft, customer_id)
        say_background(draft, customer_id)
    left_out(draft, found)
    return "answered"


def say_period(draft: Draft, customer_id: str) -> None:
    """What the customer bought and gave back in the period that was named, if one was."""
    if draft.request.scope.period == Period():
        return
    period = within(draft, draft.request.scope.period)
    evidence = bought_in(draft, period, Scope((customer_id,)))
    facts = draft.facts_of(evidence, "orders", "net", "returned", subject=customer_id)
    draft.say("summary_period", period=period_words(period, draft.language), **facts)
    say_open_days(draft, (period,))


def say_background(draft: Draft, customer_id: str) -> None:
    """What the customer's row of `summaries` tells that customers_live does not."""
    evidence = background(draft, customer_key(customer_id))
    if evidence is None:
        return
    row = evidence.rows[0]
    language = draft.language
    if row["top_products"]:
        draft.say("products", products=draft.fact(evidence, "top_products", subject=customer_id))
    if row["returns_share"]:
        draft.say("returns", returns_share=draft.fact(evidence, "returns_share", subject=customer_id))
    if row["trend"]:
        draft.say(f"trend_{row['trend']}")
    if row["signals"]:
        draft.say("signals", signals=", ".join(SIGNALS[name].called[language] for name in row["signals"]))


def background(draft: Draft, key: str) -> Evidence | None:
    """A row of `summaries` of the scope, which a model may read too; null while there is none."""
    if not draft.lake.has("summaries"):
        return None
    evidence = draft.lake.run(SUMMARY, {"key": key})
    if not evidence.rows:
        return None
    draft.rows.append(evidence.rows[0][f"text_{draft.language}"])
    return draft.cite(evidence)


def compare_customers(draft: Draft, tools: Tools, boundary_below: float) -> Status:
    """Customers side by side."""
    found = known(draft)
    draft.say("compared")
    lines = {
        customer_id: draft.facts_of(
            evidence, "grade", "frequency", "monetary", "recency_days", "model_version", subject=customer_id
        )
        for customer_id, evidence in found.items()
    }
    for customer_id, facts in lines.items():
        shown = {name: facts[name] for name in ("grade", "frequency", "monetary", "recency_days")}
        draft.say("customer_line", customer_id=customer_id, **shown)
    if len(lines) == 2:
        label = {"ko": "고객 {}", "en": "customer {}"}[draft.language]
        for measure, name in (("frequency", "frequency"), ("net", "monetary")):
            say_more(draft, measure, [(label.format(shown_id(one)), facts[name]) for one, facts in lines.items()])
    left_out(draft, found)
    return "answered"


def say_more(draft: Draft, measure: str, lines: Sequence[tuple[str, Fact]]) -> None:
    """Which of two is ahead, in words."""
    (first, one), (second, other) = sorted(lines, key=lambda line: -draft.value(line[1]))
    part = "as_much" if one.value == other.value else "more"
    draft.say(part, measure=MEASURES[measure][draft.language], first=first, second=second)


def boundary_of_customer(draft: Draft, tools: Tools, boundary_below: float) -> Status:
    """Whether customers are on the boundary between grades."""
    found = known(draft)
    for customer_id, evidence in found.items():
        facts = customer_facts(draft, evidence, customer_id)
        say_grade(draft, customer_id, facts)
        if facts["p_max"].value is not None:
            draft.say("boundary" if is_boundary(facts, boundary_below) else "no_boundary")
    left_out(draft, found)
    return "answered"


def why(draft: Draft, tools: Tools, boundary_below: float) -> Status:
    """Why customers have their grades: the last change, its cause, and what would bring a higher grade back."""
    found = known(draft)
    for customer_id, evidence in found.items():
        facts = customer_facts(draft, evidence, customer_id)
        say_grade(draft, customer_id, facts)
        say_values(draft, facts)
        say_change(draft, customer_id)
        if facts["grade"].value and facts["p_max"].value is not None:
            draft.say("standing")
        explained = draft.cite(tools.explainer.why(customer_id))
        restore = explained.rows[0]["restore"]
        fell_from = draft.fact(explained, "fell_from", subject=customer_id)
        if fell_from.value is None:
            draft.say("never_higher")
        elif restore:
            names = listed([VALUES[name][draft.language] for name in restore], draft.language)
            draft.say("restore", fell_from=fell_from, values=names)
    left_out(draft, found)
    return "answered"


def say_change(draft: Draft, customer_id: str) -> None:
    if not draft.lake.has("changes"):
        return
    evidence = draft.run(LAST_CHANGE, {"customer_id": customer_id})
    if not evidence.rows or evidence.rows[0]["old_grade"] is None:
        return
    draft.say(
        "changed",
        changed_at=draft.fact(evidence, "changed_at", "as_of", subject=customer_id),
        **draft.facts_of(evidence, "old_grade", "new_grade", "cause", subject=customer_id),
    )
    if evidence.rows[0]["old_recency_days"] is not None and evidence.rows[0]["new_recency_days"] is not None:
        names = [f"{side}_{name}" for name in ("frequency", "monetary", "recency_days") for side in ("old", "new")]
        draft.say("changed_values", **draft.facts_of(evidence, *names, subject=customer_id))


def what_if(draft: Draft, tools: Tools, boundary_below: float) -> Status:
    """What would bring customers to a grade, or what more orders would."""
    found = known(draft)
    request = draft.request
    for customer_id, evidence in found.items():
        if request.amount or request.n:
            say_after(draft, tools, customer_id)
            continue
        named = [grade for grade in request.scope.grades if grade not in request.from_grades]
        wanted = named[-1] if named else next_grade(draft, evidence)
        if wanted is None:
            grade = draft.fact(evidence, "grade", subject=customer_id)
            draft.say("highest", customer_id=customer_id, grade=grade)
            continue
        say_wanted(draft, tools, customer_id, wanted)
    left_out(draft, found)
    return "answered"


def say_after(draft: Draft, tools: Tools, customer_id: str) -> None:
    amount = None if draft.request.amount is None else str(draft.request.amount)
    evidence = draft.cite(tools.explainer.after(customer_id, amount, draft.request.n or 1))
    names = ("orders", "amount", "grade_after", "grade")
    facts = draft.facts_of(evidence, *names, subject=customer_id)
    changes = facts["grade_after"].value != facts["grade"].value
    draft.say("what_then" if changes else "what_then_same", customer_id=customer_id, **facts)


def next_grade(draft: Draft, evidence: Evidence) -> str | None:
    """The grade above a customer's; null when there is none."""
    names = list(draft.terms.grade_names["en"])
    rank = evidence.rows[0]["grade_rank"]
    above = 0 if rank is None else rank + 1
    return names[above] if above < len(names) else None


def say_wanted(draft: Draft, tools: Tools, customer_id: str, grade: str) -> None:
    evidence = draft.cite(tools.explainer.what_if(customer_id, grade))
    row = evidence.rows[0]
    wanted = draft.fact(evidence, "wanted", subject=customer_id)
    if row["reached"]:
        draft.say("reached", customer_id=customer_id, wanted=wanted)
        return
    if row["amount"] is not None:
        amount = draft.fact(evidence, "amount", subject=customer_id)
        draft.say("by_amount", customer_id=customer_id, amount=amount, wanted=wanted)
    if row["orders"] is not None:
        draft.say("by_orders", **draft.facts_of(evidence, "usual_amount", "orders", subject=customer_id))
    if row["amount"] is None and row["orders"] is None:
        draft.say("unreachable", customer_id=customer_id, wanted=wanted)


def find_similar(draft: Draft, tools: Tools, boundary_below: float) -> Status:
    """The customers whose recency, frequency and money are closest to those of the one that was named."""
    found = known(draft)
    for customer_id in found:
        scope = {name: who(draft.request, buyers=False)[name] for name in ("any_grade", "grades")}
        evidence = draft.run(SIMILAR, scope | {"customer_id": customer_id, "n": draft.request.n or SIMILAR_SHOWN})
        if not evidence.rows:
            draft.say("similar_none")
            continue
        draft.say("similar", customer_id=customer_id)
        for place, row in enumerate(evidence.rows):
            names = ("grade", "frequency", "monetary", "recency_days")
            facts = draft.facts_of(evidence, *names, row=place, subject=row["customer_id"])
            draft.say("customer_line", customer_id=row["customer_id"], **facts)
    left_out(draft, found)
    return "answered"
