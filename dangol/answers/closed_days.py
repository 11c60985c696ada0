"""The days of a period that are closed and added up, and what is said of those that are not."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from dangol.answers.draft import Draft
from dangol.answers.evidence import Evidence
from dangol.answers.intents import Period, Scope
from dangol.answers.queries import PERIOD
from dangol.answers.scope import closed, who

YEAR = timedelta(364)
"""Returns are told of days; without a period, of the last year."""


def within(draft: Draft, period: Period) -> Period:
    """A period without open ends: from the first day that is known, up to today. Without any, the last year."""
    draft.looks_at_period = True
    evidence = draft.closed_days
    first, last = evidence.rows[0]["first_day"], evidence.rows[0]["last_day"]
    today = draft.today
    if period == Period():
        return Period(today - YEAR, today)
    return closed(period, first or today, max(last or today, today))


def bought_in(draft: Draft, period: Period, scope: Scope) -> Evidence:
    """The query period of those in a scope who are as the question says."""
    whom = who(replace(draft.request, scope=scope), buyers=False)
    return draft.run(PERIOD, whom | {"start": period.start, "end": period.end})


def say_open_days(draft: Draft, periods: Sequence[Period]) -> None:
    """That the period reaches into days that are not closed, if it does."""
    evidence = draft.closed_days
    last: date | None = evidence.rows[0]["last_day"]
    if last and any(period.end is None or period.end > last for period in periods):
        draft.cite(evidence)
        draft.say_last("open_days", last_day=draft.fact(evidence, "last_day"))
