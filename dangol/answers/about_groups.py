"""Answers about grades and other groups of customers: each takes a draft, says what it finds, returns the status."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from dangol.answers.about_customers import (
    background,
    boundary_of_customer,
    compare_customers,
    known,
    left_out,
    say_more,
)
from dangol.answers.closed_days import bought_in, say_open_days, within
from dangol.answers.draft import Draft
from dangol.answers.evidence import Evidence, Fact
from dangol.answers.intents import Measure, Period, Scope, Status
from dangol.answers.policy import may_see_customers
from dangol.answers.queries import (
    BOUNDARY,
    BOUNDARY_COUNT,
    GRADE_PROFILE,
    POPULATION,
    RANKED,
    RANKED_IN_PERIOD,
    SETTLED,
    UNRECORDED,
)
from dangol.answers.scope import midnight, period_words, such_words, who, who_words
from dangol.answers.texts import ORDERS
from dangol.answers.tools import Tools

LISTED = 10
LEAST_SURE = 5


def segment_profile(draft: Draft, tools: Tools, boundary_below: float) -> Status:
    """What the customers of each grade are like."""
    statuses = [profile(draft, grade, boundary_below) for grade in draft.request.scope.grades]
    return "answered" if "answered" in statuses else "not_enough_data"


def profile(draft: Draft, grade: str, boundary_below: float) -> Status:
    evidence = draft.run(GRADE_PROFILE, {"boundary_below": boundary_below, "grade": grade})
    if not evidence.rows:
        draft.say("empty_grade", grade=draft.terms.grade(grade, draft.language))
        return "not_enough_data"
    facts = profile_facts(draft, evidence, grade)
    draft.group(evidence.rows[0]["customers"])
    draft.say("profile", **{name: facts[name] for name in PROFILE})
    if facts["monetary_share"].value is not None:
        draft.say("profile_share", monetary_share=facts["monetary_share"])
    if facts["grade_rank"].value == 0:
        draft.say("profile_by_rule")
    else:
        draft.say("profile_boundary", boundary_customers=facts["boundary_customers"])
    told = background(draft, f"grade/{grade}")
    if told and told.rows[0]["top_products"]:
        draft.say("products", products=draft.fact(told, "top_products", subject=grade))
    return "answered"


PROFILE = (
    *("grade", "customers", "customer_share", "recency_median", "recency_mean", "frequency_median", "frequency_mean"),
    *("monetary_median", "monetary_mean", "monetary_total"),
)


def profile_facts(draft: Draft, evidence: Evidence, grade: str) -> dict[str, Fact]:
    """Facts of the query grade_profile. Means and shares are quotients of its exact sums."""
    names = ("grade", "grade_rank", "customers", "recency_median", "frequency_median", "monetary_median")
    facts = draft.facts_of(evidence, *names, "monetary_total", "boundary_customers", subject=grade)
    quotients = {
        "customer_share": ("customers", "graded_customers"),
        "recency_mean": ("recency_total", "customers"),
        "frequency_mean": ("frequency_total", "customers"),
        "monetary_mean": ("monetary_total", "customers"),
        "monetary_share": ("monetary_total", "graded_monetary"),
    }
    return facts | {
        name: draft.fact(evidence, name, part, per=whole, subject=grade) for name, (part, whole) in quotients.items()
    }


def compare(draft: Draft, tools: Tools, boundary_below: float) -> Status:
    """Customers, periods or grades side by side: whatever there are two of."""
    request = draft.request
    if len(request.periods) == 1 and len(request.scope.customer_ids) != 1:
        return compare_in_period(draft)
    if len(request.scope.customer_ids) > 1:
        return compare_customers(draft, tools, boundary_below)
    if len(request.periods) > 1:
        return compare_periods(draft)
    return compare_grades(draft, boundary_below)


def compare_grades(draft: Draft, boundary_below: float) -> Status:
    draft.say("compared")
    lines: list[tuple[str, dict[str, Fact]]] = []
    for grade in draft.request.scope.grades:
        evidence = draft.run(GRADE_PROFILE, {"boundary_below": boundary_below, "grade": grade})
        if not evidence.rows:
            draft.say("empty_grade", grade=draft.terms.grade(grade, draft.language))
            continue
        facts = profile_facts(draft, evidence, grade)
        draft.group(evidence.rows[0]["customers"])
        names = ("grade", "customers", "monetary_mean", "monetary_total", "frequency_mean", "recency_mean")
        draft.say("compared_grade", **{name: facts[name] for name in names})
        lines.append((draft.shown(facts["grade"]), facts))
    if len(lines) == 2:
        for measure, name in (("graded", "customers"), ("monetary_mean", "monetary_mean")):
            say_more(draft, measure, [(label, facts[name]) for label, facts in lines])
    return "answered" if lines else "not_enough_data"


def compare_in_period(draft: Draft) -> Status:
    """What each of the customers, or grades, that were named bought and gave back in a period."""
    period, found = within(draft, draft.request.scope.period), known(draft)
    draft.say("compared_in", period=period_words(period, draft.language))
    for customer_id in found:
        evidence = bought_in(draft, period, Scope((customer_id,)))
        facts = draft.facts_of(evidence, "net", "returned", "orders", subject=customer_id)
        draft.say("compared_customer", customer_id=customer_id, **facts)
    left_out(draft, found)
    for grade in () if draft.request.scope.customer_ids else draft.request.scope.grades:
        evidence = bought_in(draft, period, Scope(grades=(grade,)))
        group_in_period(draft, evidence, of_all=False)
        facts = draft.facts_of(evidence, "net", "returned", "orders", "customers", subject=grade)
        draft.say("compared_period", period=draft.terms.grade(grade, draft.language), **facts)
    say_open_days(draft, (period,))
    return "answered"


def compare_periods(draft: Draft) -> Status:
    draft.say("compared")
    lines = []
    for period in draft.request.periods[:2]:
        whole = within(draft, period)
        evidence = bought_in(draft, whole, draft.request.scope)
        group_in_period(draft, evidence, of_all=False)
        facts = draft.facts_of(evidence, "net", "returned", "orders", "customers", subject=day_key(whole))
        label = period_words(whole, draft.language)
        draft.say("compared_period", period=label, **facts)
        lines.append((label, facts))
    for measure in ("net", "orders"):
        say_more(draft, measure, [(label, facts[measure]) for label, facts in lines])
    say_open_days(draft, draft.request.periods)
    return "answered"


def day_key(period: Period) -> str:
    return f"{period.start}/{period.end}"


def boundary(draft: Draft, tools: Tools, boundary_below: float) -> Status:
    """How many are on the boundary, and who the least sure are."""
    request = draft.request
    if request.scope.customer_ids:
        return boundary_of_customer(draft, tools, boundary_below)
    with draft.telling_of(replace(request.scope, grades=graded_near(draft))):
        return boundary_of_group(draft, boundary_below)


def boundary_of_group(draft: Draft, boundary_below: float) -> Status:
    request = draft.request
    limits = {"boundary_below": boundary_below, "leaning": request.leaning or "-"}
    whom = who(request, buyers=True) | limits
    evidence = draft.run(BOUNDARY_COUNT, whom)
    if not evidence.rows[0]["all_customers"]:
        return by_rule(draft)
    draft.group(evidence.rows[0]["customers"])
    told = draft.facts_of(evidence, "all_customers", "customers")
    draft.say(f"boundary_{request.leaning}" if request.leaning else "boundary_count", **words(draft), **told)
    if not may_see_customers(draft.role):
        return "answered"
    least_sure = draft.run(BOUNDARY, whom | {"n": request.n or LEAST_SURE})
    if least_sure.rows:
        draft.say("least_sure")
    for place, row in enumerate(least_sure.rows):
        say_line(draft, least_sure, place, row["customer_id"], "p_max")
    return "answered"


def graded_near(draft: Draft) -> tuple[str, ...]:
    """The grades of the boundary customers that are asked for: close to Gold are those below, about to fall to Silver
    those above it."""
    request, every = draft.request, draft.terms.grade_names["en"]
    named = [every.index(grade) for grade in request.scope.grades]
    if not named or request.leaning is None:
        return request.scope.grades
    if request.leaning == "up":
        ranks = [rank for rank in named if rank < max(named)] or [max(named) - 1]
    elif request.to_grades:
        ranks = [rank for rank in named if rank > min(named)] or [min(named) + 1]
    else:
        ranks = named
    return tuple(every[rank] for rank in ranks if 0 <= rank < len(every)) or request.scope.grades


def by_rule(draft: Draft) -> Status:
    """That there is nobody on a boundary: no such customers, or their grade is given by rule."""
    lowest = draft.terms.grade_names["en"][0]
    if draft.request.scope.grades != (lowest,):
        return nobody(draft)
    draft.say("boundary_by_rule", grade=draft.terms.grade(lowest, draft.language))
    return "not_enough_data"


def words(draft: Draft, *, buyers: bool = True) -> dict[str, str]:
    """`who` as a noun, `all_who` also where nobody is left out, `such` as what follows a number of customers."""
    terms = draft.terms
    return {
        "who": who_words(draft.request, terms, buyers=buyers),
        "all_who": who_words(draft.request, terms, buyers=buyers, everyone=True),
        "such": such_words(draft.request, terms, buyers=buyers) if draft.language == "en" else "",
    }


def say_line(
    draft: Draft, evidence: Evidence, place: int, customer_id: str, name: str, column: str | None = None
) -> None:
    grade = draft.fact(evidence, "grade", row=place, subject=customer_id)
    value = draft.fact(evidence, name, column, row=place, subject=customer_id)
    draft.say("value_line", customer_id=customer_id, grade=grade, value=value)


def nobody(draft: Draft) -> Status:
    draft.say("nobody", who=words(draft)["who"])
    return "not_enough_data"


def count(draft: Draft, tools: Tools, boundary_below: float) -> Status:
    """Customers or purchases, now or of a period."""
    request = draft.request
    if request.standing and request.scope.grades:
        return standing_on(draft)
    if request.scope.period != Period() or request.returned:
        return in_period(
            draft, ("count_returning", "returning_customers") if request.returned else counted(request.measure)
        )
    evidence = population(draft)
    part, name = ("count_purchases", "frequency") if request.measure == "orders" else ("count_customers", "customers")
    draft.say(part, **words(draft), **draft.facts_of(evidence, name))
    return "answered"


def standing_on(draft: Draft) -> Status:
    """How many were in each grade that is named at the end of a day."""
    draft.looks_at_period = True
    day = draft.request.scope.period.end or draft.today
    evidence = settled_by(draft, day)
    for grade in draft.request.scope.grades:
        place = next((place for place, row in enumerate(evidence.rows) if row["grade"] == grade), None)
        name = draft.terms.grade(grade, draft.language)
        if place is None:
            draft.say("standing_none", day=day, grade=name)
        else:
            draft.group(evidence.rows[place]["customers"])
            customers = draft.fact(evidence, "customers", row=place, subject=f"{grade} {day}")
            draft.say("standing_on", day=day, grade=name, customers=customers)
    say_unrecorded(draft)
    return "answered"


def settled_by(draft: Draft, day: date) -> Evidence:
    """Customers by grade, of those that are named, at the end of a day."""
    until = midnight(day + timedelta(1), draft.terms.zone)
    return draft.run(SETTLED, {"until": until, "grades": list(draft.request.scope.grades)})


def say_unrecorded(draft: Draft) -> None:
    """Of how many the record of grade changes does not tell."""
    unrecorded = draft.run(UNRECORDED, {"grades": list(draft.request.scope.grades)})
    if unrecorded.rows[0]["customers"]:
        draft.say("unrecorded", **draft.facts_of(unrecorded, "customers"))


def counted(measure: Measure | None) -> tuple[str, str]:
    return ("count_orders", "orders") if measure == "orders" else ("count_buyers", "customers")


def population(draft: Draft) -> Evidence:
    """The query population: whom the question is about, among those with a purchase in the window or all."""
    whom = who(draft.request, buyers=True)
    base = min(1, int(str(whom["frequency_least"])))
    evidence = draft.run(POPULATION, whom | {"base_frequency": base})
    draft.group(evidence.rows[0]["customers"] or 0)
    return evidence


def in_period(draft: Draft, told: tuple[str, ...], quotients: Sequence[tuple[str, str, str]] = ()) -> Status:
    """Says a template with facts of the query period: its first name is the template's, the others columns'; quotients
    are (name, part, whole)."""
    part, *names = told
    period = within(draft, draft.request.scope.period)
    evidence = bought_in(draft, period, draft.request.scope)
    group_in_period(draft, evidence, of_all=any(name.startswith("all_") for name in names))
    facts = draft.facts_of(evidence, *names)
    facts |= {name: draft.fact(evidence, name, column, per=whole) for name, column, whole in quotients}
    if any(facts[name].value is None for name, *_ in quotients):
        nothing = quotients[0][0] == "share"
        draft.say("share_unknown") if nothing else draft.say(
            "nobody_period", period=period_words(period, draft.language), who=words(draft, buyers=False)["who"]
        )
        return "not_enough_data"
    draft.say(part, period=period_words(period, draft.language), **words(draft, buyers=False), **facts)
    say_open_days(draft, (period,))
    return "answered"


def group_in_period(draft: Draft, evidence: Evidence, *, of_all: bool) -> None:
    """Buyers, and whoever gave something back, as groups that are told of; `of_all`: those who remain of all, too."""
    row = evidence.rows[0]
    draft.group(row["customers"])
    remain = row["all_customers"] - row["customers"] if of_all else 0
    for customers in filter(None, (row["returning_customers"], remain)):
        draft.group(customers)


def total(draft: Draft, tools: Tools, boundary_below: float) -> Status:
    """Money spent or given back."""
    request = draft.request
    if request.measure == "returned":
        return in_period(draft, ("sum_returned", "returned", "gross"))
    if request.scope.period != Period():
        return in_period(draft, ("sum_period", "net", "gross", "returned", "orders"))
    evidence = population(draft)
    draft.say("sum_now", **words(draft), **draft.facts_of(evidence, "monetary", "customers", "monetary_gross"))
    return "answered"


MEANS: dict[Measure, tuple[str, str, str, str, str]] = {
    "monetary": ("mean_monetary", "customers", "monetary_mean", "monetary", "customers"),
    "frequency": ("mean_frequency", "customers", "frequency_mean", "frequency", "customers"),
    "recency": ("mean_recency", "buyers", "recency_mean", "recency_days", "buyers"),
    "order_value": ("mean_order_value", "frequency", "order_value", "monetary_gross", "frequency"),
}
MEANS_IN_PERIOD: dict[Measure, tuple[str, str, str, str, str]] = {
    "monetary": ("mean_monetary_period", "customers", "net_mean", "net", "customers"),
    "frequency": ("mean_frequency_period", "customers", "orders_mean", "orders", "customers"),
    "order_value": ("mean_order_value_period", "orders", "order_value", "gross", "orders"),
    "returned": ("mean_returned_period", "returning_customers", "returned_mean", "returned", "returning_customers"),
}
"""By measure: the template, the column of how many, the name of the mean, and what is divided by what."""


def mean(draft: Draft, tools: Tools, boundary_below: float) -> Status:
    """Money, purchases or days per customer, or money per purchase."""
    request = draft.request
    measure = request.measure or "monetary"
    if measure in MEANS_IN_PERIOD and (request.scope.period != Period() or measure == "returned"):
        part, of, name, column, whole = MEANS_IN_PERIOD[measure]
        return in_period(draft, (part, of), [(name, column, whole)])
    part, of, name, column, whole = MEANS[measure if measure in MEANS else "monetary"]
    evidence = population(draft)
    value = draft.fact(evidence, name, column, per=whole)
    if value.value is None:
        return nobody(draft)
    many = {"customers": draft.fact(evidence, "customers", of)} if of != "frequency" else draft.facts_of(evidence, of)
    draft.say(part, **words(draft), **many, **{name: value})
    return "answered"


def share(draft: Draft, tools: Tools, boundary_below: float) -> Status:
    """Which part of all customers, of all money, of all orders; or of the purchases, what was given back."""
    request = draft.request
    if request.measure == "returned":
        return in_period(draft, ("share_returned", "returned", "gross"), [("share", "returned", "gross")])
    if not (request.scope.customer_ids or such_words(request, draft.terms, buyers=False)):
        draft.say("share_of_what")
        return "clarify"
    return share_of_all(draft)


def share_of_all(draft: Draft) -> Status:
    request = draft.request
    if request.scope.period != Period():
        if request.measure == "monetary":
            return in_period(draft, ("share_net", "net", "all_net"), [("share", "net", "all_net")])
        if request.measure == "orders":
            return in_period(draft, ("share_orders", "orders", "all_orders"), [("share", "orders", "all_orders")])
        buyers = ("share_buyers", "customers", "all_customers")
        return in_period(draft, buyers, [("share", "customers", "all_customers")])
    evidence = population(draft)
    row = evidence.rows[0]
    if row["all_customers"] != row["customers"]:
        draft.group(row["all_customers"] - (row["customers"] or 0))
    kind = "monetary" if request.measure == "monetary" else "customers"
    value = draft.fact(evidence, "share", kind, per=f"all_{kind}")
    if value.value is None:
        draft.say("share_unknown")
        return "not_enough_data"
    draft.say(f"share_{kind}", **words(draft), **draft.facts_of(evidence, kind, f"all_{kind}"), share=value)
    return "answered"


COLUMNS: dict[Measure, str] = {"monetary": "monetary", "frequency": "frequency", "recency": "recency_days"}
COLUMNS_IN_PERIOD: dict[Measure, str] = {"monetary": "net", "frequency": "orders", "returned": "returned"}


def top_n(draft: Draft, tools: Tools, boundary_below: float) -> Status:
    """The customers with the most or the least of a measure."""
    request = draft.request
    measure: Measure = request.measure if request.measure in ORDERED else "monetary"
    order = ORDERS[measure, request.lowest][draft.language]
    if measure == "returned" or (request.scope.period != Period() and measure in COLUMNS_IN_PERIOD):
        period = within(draft, request.scope.period)
        label, column = period_words(period, draft.language), COLUMNS_IN_PERIOD[measure]
        limits = {"start": period.start, "end": period.end, "n": request.n or LISTED}
        evidence = draft.run(RANKED_IN_PERIOD[column, request.lowest], who(request, buyers=False) | limits)
        if not evidence.rows:
            draft.say("nobody_period", period=label, who=words(draft, buyers=False)["who"])
            return "not_enough_data"
        draft.say("ranked_period", period=label, order=order, **words(draft, buyers=False))
    else:
        # recency: the most recent come first when the lowest are asked for
        column = COLUMNS[measure]
        evidence = draft.run(RANKED[column, request.lowest], who(request, buyers=True) | {"n": request.n or LISTED})
        if not evidence.rows:
            return nobody(draft)
        draft.say("ranked", order=order, **words(draft))
    for place, row in enumerate(evidence.rows):
        say_line(draft, evidence, place, row["customer_id"], column)
    return "answered"


ORDERED = {"monetary", "frequency", "recency", "returned"}


def theme(draft: Draft, tools: Tools, boundary_below: float) -> Status:
    """Customers in scope who buy what is described."""
    request = draft.request
    text = request.text or ""
    evidence = draft.cite(tools.themes.search(text, request, request.n or LISTED))
    shown = {"text": text, **words(draft, buyers=False)}
    if not evidence.rows:
        draft.say("theme_nobody", **shown)
        return "not_enough_data"
    draft.say("theme", **shown)
    for place, row in enumerate(evidence.rows):
        customer_id = row["customer_id"]
        grade = draft.fact(evidence, "grade", row=place, subject=customer_id)
        matched = draft.fact(evidence, "matched", row=place, subject=customer_id)
        draft.say("theme_line", customer_id=customer_id, grade=grade, matched=matched)
    if evidence.rows[0].get("is_late"):
        draft.say("index_late")
    return "answered"


def strategy(draft: Draft, tools: Tools, boundary_below: float) -> Status:
    """What to do for the customers of each grade, or in a state."""
    request = draft.request
    if request.states or not request.scope.grades:
        evidence = population(draft)
        draft.say("strategy_who", who=words(draft)["who"], **draft.facts_of(evidence, "customers"))
        draft.say(advice_of(draft, request.states))
        return "answered"
    for grade in request.scope.grades:
        evidence = draft.run(GRADE_PROFILE, {"boundary_below": boundary_below, "grade": grade})
        if not evidence.rows:
            draft.say("empty_grade", grade=draft.terms.grade(grade, draft.language))
            continue
        facts = profile_facts(draft, evidence, grade)
        draft.group(evidence.rows[0]["customers"])
        background(draft, f"grade/{grade}")
        draft.say(
            "strategy", **{name: facts[name] for name in ("grade", "customers", "monetary_mean", "frequency_mean")}
        )
        draft.say(f"advice_{standing(draft, grade)}")
        if facts["grade_rank"].value:
            draft.say("strategy_boundary", boundary_customers=facts["boundary_customers"])
    return "answered"


def standing(draft: Draft, grade: str | None) -> str:
    """by_rule, low, middle or top: where a grade stands among all."""
    names = list(draft.terms.grade_names["en"])
    rank = names.index(grade) if grade in names else 1
    if rank == 0:
        return "by_rule"
    return "top" if rank == len(names) - 1 else "low" if rank == 1 else "middle"


def advice_of(draft: Draft, states: Sequence[str]) -> str:
    named = {"dormant": "advice_dormant", "cooling": "advice_cooling", "new": "advice_by_rule"}
    return next(
        (named[state] for state in states if state in named), "advice_dormant" if not states else "advice_middle"
    )
