"""Answers about how things went: trends and moves between grades. Each says what it finds, and returns the status."""

from calendar import monthrange
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from dangol.answers.about_customers import known
from dangol.answers.about_groups import say_unrecorded, settled_by, words
from dangol.answers.closed_days import say_open_days, within
from dangol.answers.draft import Draft
from dangol.answers.evidence import Evidence, Fact
from dangol.answers.intents import Grain, Language, Measure, Period, Request, Status
from dangol.answers.policy import is_hidden, may_see_customers
from dangol.answers.queries import (
    CAUSES_OF_MOVES,
    MOVED_CUSTOMERS,
    MOVEMENT,
    MOVES,
    RECORDED_FROM,
    TREND,
    TREND_OF_CUSTOMERS,
)
from dangol.answers.scope import NOBODY, instants, period_words, who
from dangol.answers.summaries import Terms
from dangol.answers.texts import MEASURES
from dangol.answers.tools import Tools

MOST_STEPS = 62
MONTHS_FROM, WEEKS_FROM = 92, 31
"""Days from which a trend goes by months, and by weeks."""
RECENT = timedelta(29)
"""Moves without a period are those of the last thirty days."""
MOVED_SHOWN = 5
MOST_MOVES = 50
DIRECTIONS = ("up", "down", "in", "out", "-")
MOVED: dict[str, dict[Language, str]] = {
    "down": {"ko": "등급이 내려간", "en": "went down"},
    "up": {"ko": "등급이 올라간", "en": "went up"},
    "in": {"ko": "새로 등급을 받은", "en": "came in"},
    "any": {"ko": "등급이 바뀐", "en": "changed their grade"},
}
COLUMNS: dict[Measure, tuple[str, str | None]] = {
    "customers": ("customers", None),
    "orders": ("orders", None),
    "frequency": ("orders", None),
    "monetary": ("net", None),
    "returned": ("returned", None),
    "order_value": ("gross", "orders"),
}
"""By measure: the column of the query trend, and what it is divided by."""


def trend(draft: Draft, tools: Tools, boundary_below: float) -> Status:
    """A measure by day, week or month."""
    request = draft.request
    if request.measure == "customers" and request.scope.grades and not request.scope.customer_ids:
        return trend_of_grades(draft)
    period = within(draft, request.scope.period)
    grain = grain_of(request, period)
    asked = who(request, buyers=False) | {"start": period.start, "end": period.end, "grain": grain}
    measure: Measure = request.measure if request.measure in COLUMNS else "monetary"
    column, per = COLUMNS[measure]
    name = {"monetary": "net", "frequency": "orders"}.get(measure, measure)
    evidence = draft.run(TREND_OF_CUSTOMERS if measure == "customers" else TREND, asked)
    if not evidence.rows:
        draft.say("trend_empty", period=period_words(period, draft.language))
        return "not_enough_data"
    if not may_see_customers(draft.role):
        draft.group(min(row["customers"] for row in draft.lake.run(TREND_OF_CUSTOMERS, asked).rows))
    draft.say("trend", measure=MEASURES[shown_measure(measure)][draft.language], **words(draft, buyers=False))
    values = []
    for place, row in list(enumerate(evidence.rows))[-MOST_STEPS:]:
        value = draft.fact(evidence, name, column, per=per, row=place, subject=row["start"].isoformat())
        values.append((row["start"], value))
        draft.say("trend_line", start=step_words(row["start"], grain, period, draft.language), value=value)
    start, highest = max(values, key=lambda told: draft.value(told[1]))
    draft.say("trend_highest", start=step_words(start, grain, period, draft.language), value=highest)
    say_open_days(draft, (period,))
    return "answered"


def shown_measure(measure: Measure) -> str:
    return "orders" if measure == "frequency" else measure


def grain_of(request: Request, period: Period) -> Grain:
    if request.grain:
        return request.grain
    days = (period.end - period.start).days if period.start and period.end else 0
    return "month" if days >= MONTHS_FROM else "week" if days >= WEEKS_FROM else "day"


def step_words(start: date, grain: Grain, period: Period, language: Language) -> str:
    """A step by its name; by its days when the period holds only a part of it."""
    end = end_of(start, grain)
    inside = Period(max(start, period.start or start), min(end, period.end or end))
    if inside != Period(start, end):
        return period_words(inside, language)
    day = period_words(Period(start, start), language)
    if grain == "month":
        return f"{start:%Y}년 {start.month}월" if language == "ko" else f"{start:%B %Y}"
    if grain == "week":
        return f"{day}부터 한 주" if language == "ko" else f"week of {day}"
    return day


def end_of(start: date, grain: Grain) -> date:
    """The last day of the step that begins on a day."""
    if grain == "month":
        return start.replace(day=monthrange(start.year, start.month)[1])
    return start + timedelta(6 if grain == "week" else 0)


def trend_of_grades(draft: Draft) -> Status:
    """How many customers had settled in each grade at the end of each step."""
    request = draft.request
    period = within(draft, request.scope.period)
    grain = grain_of(request, period)
    draft.say("trend_graded")
    for end in list(ends(period, grain))[-MOST_STEPS:]:
        evidence = settled_by(draft, end)
        told = []
        for place, row in enumerate(evidence.rows):
            value = draft.fact(evidence, "customers", row=place, subject=f"{row['grade']} {end}")
            told.append(f"{draft.terms.grade(row['grade'], draft.language)} {draft.shown(value)}")
        label = period_words(Period(end, end), draft.language)
        draft.say("trend_line", start=label, value=" · ".join(told) or draft.shown(None))
    say_unrecorded(draft)
    return "answered"


def ends(period: Period, grain: Grain) -> Iterator[date]:
    """The last day of each step, and of the period."""
    day, end = period.start, period.end
    while day is not None and end is not None and day <= end:
        after = day + timedelta(1)
        if (
            day == end
            or grain == "day"
            or (grain == "week" and after.weekday() == 0)
            or (grain == "month" and after.day == 1)
        ):
            yield day
        day = after


def movement(draft: Draft, tools: Tools, boundary_below: float) -> Status:
    """Who moved between grades in a time, from where to where, and by which causes."""
    request = draft.request
    period = moved_in(draft, request.scope.period)
    since, until = instants(period, draft.terms.zone)
    moves = moves_of(request) | {"since": since, "until": until}
    label, move = period_words(period, draft.language), move_words(request, draft.terms)
    if request.scope.customer_ids:
        return movement_of_customers(draft, moves, label, since)
    evidence = draft.run(MOVEMENT, moves)
    draft.group(evidence.rows[0]["customers"])
    if not evidence.rows[0]["customers"]:
        draft.say("movement_none", period=label, move=move)
        say_record(draft, since)
        return "answered"
    draft.say("movement", period=label, move=move, **draft.facts_of(evidence, "customers"))
    say_moves(draft, draft.run(MOVES, moves))
    causes = draft.run(CAUSES_OF_MOVES, moves)
    draft.say("cause_head")
    for place, row in told_rows(draft, causes):
        draft.say("cause_line", **draft.facts_of(causes, "cause", "customers", row=place, subject=row["cause"]))
    if may_see_customers(draft.role):
        say_moved(draft, draft.run(MOVED_CUSTOMERS, moves | {"n": request.n or MOVED_SHOWN}))
    say_record(draft, since)
    return "answered"


def movement_of_customers(draft: Draft, moves: dict[str, object], label: str, since: datetime) -> Status:
    """Each change of the grades of the customers that were named."""
    evidence = draft.run(MOVED_CUSTOMERS, moves | {"n": MOST_MOVES})
    for customer_id in known(draft):
        if any(row["customer_id"] == customer_id for row in evidence.rows):
            draft.say("movement_customer", period=label, customer_id=customer_id)
            say_moves_of(draft, evidence, customer_id)
        else:
            draft.say("movement_customer_none", period=label, customer_id=customer_id)
    say_record(draft, since)
    return "answered"


def say_moves_of(draft: Draft, evidence: Evidence, customer_id: str) -> None:
    """A customer's moves, the earliest first."""
    rows = [(place, row) for place, row in enumerate(evidence.rows) if row["customer_id"] == customer_id]
    for place, _ in sorted(rows, key=lambda told: told[1]["as_of"]):
        draft.say("moved_then", **move_facts(draft, evidence, place))


def move_facts(draft: Draft, evidence: Evidence, place: int) -> dict[str, Fact]:
    """From and to which grade a customer moved, by which cause and when."""
    customer_id = evidence.rows[place]["customer_id"]
    facts = draft.facts_of(evidence, "old_grade", "new_grade", "cause", row=place, subject=customer_id)
    return facts | {"day": draft.fact(evidence, "day", "as_of", row=place, subject=customer_id)}


def say_record(draft: Draft, since: datetime) -> None:
    """Since when grade changes are recorded, if that is later than what was asked for."""
    evidence = draft.lake.run(RECORDED_FROM)
    first = evidence.rows[0]["recorded_from"]
    if first is None or first > since:
        draft.cite(evidence)
        draft.say("recorded_from", recorded_from=draft.fact(evidence, "recorded_from"))


def moved_in(draft: Draft, period: Period) -> Period:
    if period == Period():
        if draft.request.scope.customer_ids:
            return within(draft, Period(None, draft.today))
        return Period(draft.today - RECENT, draft.today)
    return within(draft, period)


def told_rows(draft: Draft, evidence: Evidence) -> list[tuple[int, Mapping[str, Any]]]:
    """Rows of numbers of customers by their places. Where one alone is too small to be shown, the next smallest is left
    out: the whole less the others would tell it."""
    rows = list(enumerate(evidence.rows))
    hidden = [place for place, row in rows if is_hidden(row["customers"], draft.role)]
    if len(hidden) != 1:
        return rows
    others = [(row["customers"], place) for place, row in rows if place not in hidden]
    return [(place, row) for place, row in rows if not others or place != min(others)[1]]


def say_moves(draft: Draft, evidence: Evidence) -> None:
    for place, row in told_rows(draft, evidence):
        subject = f"{row['old_grade']} {row['new_grade']}"
        names = ("old_grade", "new_grade", "customers")
        draft.say("movement_line", **draft.facts_of(evidence, *names, row=place, subject=subject))


def say_moved(draft: Draft, evidence: Evidence) -> None:
    if evidence.rows:
        draft.say("moved_head")
    for place, row in enumerate(evidence.rows):
        draft.say("moved_line", customer_id=row["customer_id"], **move_facts(draft, evidence, place))


def moves_of(request: Request) -> dict[str, object]:
    """The parameters of queries.MOVED but for the time."""
    others = [name for name in request.scope.grades if name not in (*request.from_grades, *request.to_grades)]
    directions = {"down": ["down", "out"], "up": ["up", "in"]}.get(request.direction or "", list(DIRECTIONS))
    return {
        "anyone": not request.scope.customer_ids,
        "customer_ids": list(request.scope.customer_ids) or NOBODY,
        "directions": directions,
        "any_old": not request.from_grades,
        "old_grades": list(request.from_grades) or NOBODY,
        "any_new": not request.to_grades,
        "new_grades": list(request.to_grades) or NOBODY,
        "any_grade": not others,
        "grades": others or NOBODY,
    }


def move_words(request: Request, terms: Terms) -> str:
    """Which moves are asked for: VIP에서 내려간, went down from VIP."""
    language = request.language
    moved = MOVED.get(request.direction or "any", MOVED["any"])[language]
    old = "·".join(terms.grade(name, language) for name in request.from_grades)
    new = "·".join(terms.grade(name, language) for name in request.to_grades)
    others = [name for name in request.scope.grades if name not in (*request.from_grades, *request.to_grades)]
    about = "·".join(terms.grade(name, language) for name in others)
    if language == "ko":
        told = (old and f"{old}에서", new and f"{new} 등급으로", about and f"{about} 등급과 관련해", moved)
    else:
        told = (moved, old and f"from {old}", new and f"to {new}", about and f"concerning {about}")
    return " ".join(part for part in told if part)
