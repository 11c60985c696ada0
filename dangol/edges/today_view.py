"""Today: who is where now and how that moved, orders as they come in, and how fresh all of it is."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from dangol.answers.about_time import moves_of
from dangol.answers.evidence import Evidence
from dangol.answers.intents import Request
from dangol.answers.queries import GRADES_NOW, MOVED_CUSTOMERS, Query
from dangol.answers.scope import midnight
from dangol.answers.summaries import CAUSES
from dangol.answers.todo import Task
from dangol.edges.page_queries import (
    BUYERS_BY_HOUR,
    LATEST_MESSAGE,
    MOVED_DIRECTIONS,
    ORDERS_BY_DAY,
    SETTLED_SINCE,
)
from dangol.edges.panels import (
    NONE,
    Point,
    View,
    columns_html,
    customer_html,
    escaped,
    note_html,
    section_html,
    source_html,
    tiles_html,
)
from dangol.errors import MissingTableError, StoreError

OLD = timedelta(minutes=15)
"""A quiet shop commits nothing for a while; after so long it is worth a look."""
LONGEST_LAG = timedelta(days=1)
"""What took longer was not live but told afterwards."""
WEEK, DAYS_SHOWN, HOURS_SHOWN = timedelta(7), timedelta(28), timedelta(hours=24)
MOVED_SHOWN = 5
MOVES = ("up", "down", "in", "out")


def today_html(view: View, now: datetime) -> str:
    """Everything below the list of things to do. `now`: by the wall clock."""
    try:
        grades = view.answerer.lake.run(GRADES_NOW)
    except StoreError:
        return note_html(view.texts["waiting"], "waiting")
    return (
        f'<div lang="{view.language}">{stamp_html(view, grades, now)}{grades_html(view, grades)}'
        f"{moved_html(view)}{orders_html(view, grades)}</div>"
    )


def found(view: View, query: Query, parameters: Mapping[str, object]) -> Evidence | None:
    """None while the store has no such table."""
    try:
        return view.answerer.lake.run(query, parameters)
    except MissingTableError:
        return None


def stamp_html(view: View, grades: Evidence, now: datetime) -> str:
    """When the tables were written last; a warning when that is long ago."""
    committed = grades.source.committed_at
    if now - committed > OLD:
        return note_html(view.say("old", time=view.time(committed)), "stamp old")
    latest = view.answerer.lake.run(LATEST_MESSAGE).rows[0]["enqueued_time"]
    lag = committed - latest if latest else LONGEST_LAG
    told = view.say("fresh", time=view.time(committed))
    if timedelta(0) <= lag < LONGEST_LAG:
        told += " " + view.say("lag", lag=view.duration(lag.total_seconds()))
    return note_html(told, "stamp")


def grades_html(view: View, grades: Evidence) -> str:
    """Customers and money of each grade, and how many more it has than before."""
    start = midnight(view.answerer.today(), view.terms.zone)
    settled = found(view, SETTLED_SINCE, {"day": start, "week": start - WEEK})
    changes = {row["grade"]: row for row in settled.rows} if settled else {}
    rows = {row["grade"]: row for row in grades.rows}
    customers = sum(row["customers"] for row in grades.rows)
    names = [*reversed(view.terms.grade_names["en"]), *([None] if None in rows else [])]
    lines = "".join(grade_html(view, name, rows.get(name), changes.get(name), customers) for name in names)
    heads = ("grade", "customers", "share", "since_day", "since_week", "money")
    head = "".join(f'<th scope="col">{view.texts[name]}</th>' for name in heads)
    tiles = (
        (view.texts["customers"], view.count(customers)),
        (view.texts["purchases"], f"{sum(row['purchases'] for row in grades.rows):,}"),
        (view.texts["money"], view.money(sum((row["monetary"] for row in grades.rows), Decimal(0)), customers)),
    )
    return section_html(
        view.texts["grades"],
        f'{tiles_html(tiles)}<table class="grades"><thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table>'
        f'<p class="source">{view.texts["settled"]}</p>{source_html(view, grades, settled)}',
    )


def grade_html(
    view: View, name: str | None, row: Mapping[str, Any] | None, change: Mapping[str, Any] | None, customers: int
) -> str:
    count, money = (row["customers"], row["monetary"]) if row else (0, Decimal(0))
    percent = 100 * count / customers if customers else 0.0
    hidden = view.count(count) == view.texts["few"]
    width, share = (0.0, NONE) if hidden else (percent, f"{percent:.1f}%")
    day, week = ((view.change(change[since]) if change else NONE) for since in ("since_day", "since_week"))
    return (
        f'<tr><th scope="row"><span class="dot place{view.place(name)}"></span>{escaped(view.grade(name))}'
        f'<span class="track"><span class="fill place{view.place(name)}" style="width:{width:.1f}%"></span></span></th>'
        f"<td><strong>{view.count(count)}</strong></td><td>{share}</td>"
        f'<td title="{view.texts["since_day"]}">{day}</td><td title="{view.texts["since_week"]}">{week}</td>'
        f"<td>{escaped(view.money(money, count))}</td></tr>"
    )


def moved_html(view: View) -> str:
    """How many moved in the last seven days, and who."""
    since = midnight(view.answerer.today(), view.terms.zone) - WEEK
    counted = found(view, MOVED_DIRECTIONS, {"since": since})
    if counted is None:
        return ""
    counts = {row["direction"]: row["customers"] for row in counted.rows}
    tiles = [(view.texts[f"moved_{name}"], view.count(counts.get(name, 0))) for name in MOVES]
    return section_html(
        view.texts["moved"],
        f'<div class="four">{tiles_html(tiles)}</div>{movers_html(view, since)}{source_html(view, counted)}',
    )


def movers_html(view: View, since: datetime) -> str:
    """The customers with the most money among those who moved."""
    if not view.sees_customers:
        return ""
    always = {"since": since, "until": datetime.max.replace(tzinfo=UTC), "n": MOVED_SHOWN}
    moved = view.answerer.lake.run(MOVED_CUSTOMERS, moves_of(Request(view.language, "movement")) | always)
    lines = "".join(
        f"<li>{customer_html(view, row['customer_id'])} {escaped(view.grade(row['old_grade']))} → "
        f"<strong>{escaped(view.grade(row['new_grade']))}</strong> "
        f"<span>{escaped(CAUSES[row['cause']][view.language])}</span></li>"
        for row in moved.rows
    )
    return f'<h3>{view.texts["moved_customers"]}</h3><ul class="movers">{lines}</ul>' if lines else ""


def orders_html(view: View, grades: Evidence) -> str:
    """Orders of closed days, and customers by the hour in which they ordered last."""
    since = view.answerer.today() - DAYS_SHOWN
    days = found(view, ORDERS_BY_DAY, {"since": since})
    by_day = {row["day"]: row for row in days.rows} if days else {}
    shown_days = [since + timedelta(n) for n in range((max(by_day) - since).days + 1)] if by_day else []
    hours = found(view, BUYERS_BY_HOUR, {"since": grades.as_of - HOURS_SHOWN})
    charts = columns_html(
        view.texts["orders_days"],
        [point(view, f"{day:%m-%d}", *numbers(by_day.get(day))) for day in shown_days],
    )
    charts += columns_html(
        view.texts["orders_hours"],
        [
            point(view, f"{row['hour'].astimezone(view.terms.zone):%H:00}", row["customers"], row["customers"])
            for row in (hours.rows if hours else ())
        ],
    )
    shown = charts or note_html(view.texts["nothing"])
    return section_html(view.texts["orders"], f'<div id="orders">{shown}</div>{source_html(view, days, hours)}')


def numbers(row: Mapping[str, Any] | None) -> tuple[int, int]:
    """Orders and customers of a day; a day without orders has no row."""
    return (row["orders"], row["customers"]) if row else (0, 0)


def point(view: View, label: str, value: int, customers: int) -> Point:
    hidden = view.count(customers) == view.texts["few"]
    return Point(label, None if hidden else float(value), view.texts["few"] if hidden else f"{value:,}")


def task_html(view: View, task: Task) -> str:
    """A thing to do: what, for how many, what is at stake, and why."""
    approved = f' <span class="chip">{view.texts["approved"]}</span>' if task.approved else ""
    return (
        f'<div class="task" lang="{view.language}"><h3>{escaped(task.title)}</h3>'
        f'<p class="sizes"><strong>{escaped(view.say("people", n=view.count(task.customers)))}</strong>'
        f" · {escaped(view.say('at_risk', money=view.money(task.monetary, task.customers)))}{approved}</p>"
        f"<p>{escaped(task.why)}</p>{source_html(view, task.evidence)}</div>"
    )
