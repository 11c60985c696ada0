"""One customer: the grade and how sure it is, the past, what was bought, why, and what would change it."""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from dangol.answers.evidence import Evidence
from dangol.answers.intents import Intent, Request, Scope
from dangol.answers.queries import SUMMARY
from dangol.answers.signals import SIGNALS
from dangol.answers.summaries import customer_key, shown_id
from dangol.answers.writing import spoken_date
from dangol.edges.page_queries import CUSTOMER_CARD, CUSTOMER_PAST, CUSTOMER_WEEKS
from dangol.edges.panels import (
    NONE,
    Point,
    View,
    answer_html,
    attribute,
    bar_html,
    columns_html,
    escaped,
    figure_html,
    note_html,
    section_html,
    source_html,
    tiles_html,
)
from dangol.edges.today_view import found
from dangol.errors import StoreError

YEAR = timedelta(364)
PAST_SHOWN = 60


def customer_card_html(view: View, customer_id: str) -> str:
    """Everything of one customer but the message; a sentence when there is none, or the person may not see one."""
    if not view.sees_customers:
        return note_html(view.texts["no_rights"])
    try:
        card = view.answerer.lake.run(CUSTOMER_CARD, {"customer_id": customer_id})
    except StoreError:
        return note_html(view.texts["waiting"], "waiting")
    if not card.rows:
        return note_html(view.say("no_customer", customer_id=shown_id(customer_id)))
    return (
        f'<div lang="{view.language}">{now_html(view, card)}{past_html(view, customer_id)}'
        f"{bought_html(view, customer_id)}"
        f"{told_html(view, 'why', customer_id)}{told_html(view, 'what_if', customer_id)}</div>"
    )


def now_html(view: View, card: Evidence) -> str:
    """R, F, M and the grade of now, with the probability of each grade."""
    row = card.rows[0]
    last = row["last_purchase_date"]
    tiles = (
        (view.texts["grade"], view.grade(row["grade"])),
        (view.texts["frequency"], f"{row['frequency']:,}"),
        (view.texts["money"], view.money(row["monetary"] or Decimal(0))),
        (
            view.texts["recency"],
            NONE if row["recency_days"] is None else view.say("days", n=f"{row['recency_days']:,}"),
        ),
        (view.texts["last_purchase"], spoken_date(last, view.language) if last else NONE),
        (view.texts["state"], view.state(row["state"])),
    )
    return section_html(
        f"{view.texts['tab_customer']} {shown_id(row['customer_id'])}",
        f'<div class="six">{tiles_html(tiles)}</div>{posterior_html(view, row)}{source_html(view, card)}',
    )


def posterior_html(view: View, row: Mapping[str, Any]) -> str:
    if row["grade"] is None:
        return ""
    if not row["posterior"]:
        return f'<p class="hint">{view.texts["by_rule"]}</p>'
    names = view.terms.grade_names["en"][1:]
    bars = "".join(
        bar_html(escaped(view.grade(name)), share, 1.0, f"{100 * min(share, 0.999):.1f}%", view.place(name))
        for name, share in reversed(list(zip(names, row["posterior"], strict=True)))
    )
    boundary = row["p_max"] < view.answerer.boundary_below
    mark = f'<p><span class="chip">{view.texts["boundary"]}</span></p>' if boundary else ""
    return f'<h3>{view.texts["posterior"]}</h3><div class="bars">{bars}</div>{mark}'


def past_html(view: View, customer_id: str) -> str:
    """Money over time, each row in the colour of its grade."""
    past = found(view, CUSTOMER_PAST, {"customer_id": customer_id, "n": PAST_SHOWN})
    if past is None or len(past.rows) < 2:
        return ""
    rows = list(reversed(past.rows))
    most = max(float(row["monetary"] or 0) for row in rows) or 1.0
    columns = "".join(
        f'<span class="place{view.place(row["grade"])}" title="{attribute(moment_of(view, row))}" '
        f'style="height:{max(100 * float(row["monetary"] or 0) / most, 2):.1f}%"></span>'
        for row in rows
    )
    told = f"{view.texts['history']}: {moment_of(view, rows[0])} → {moment_of(view, rows[-1])}"
    days = [spoken_date(row["as_of"].astimezone(view.terms.zone).date(), view.language) for row in (rows[0], rows[-1])]
    figure = figure_html("", columns, told, days[0], days[1], len(rows))
    return section_html(view.texts["history"], figure + source_html(view, past))


def moment_of(view: View, row: Mapping[str, Any]) -> str:
    return f"{view.time(row['as_of'])} · {view.grade(row['grade'])} · {view.money(row['monetary'] or Decimal(0))}"


def bought_html(view: View, customer_id: str) -> str:
    """Orders by week, products and signals."""
    weeks = found(view, CUSTOMER_WEEKS, {"customer_id": customer_id, "since": view.answerer.today() - YEAR})
    summary = found(view, SUMMARY, {"key": customer_key(customer_id)})
    body = columns_html(view.texts["weeks"], weeks_of(weeks)) if weeks and weeks.rows else ""
    if summary and summary.rows:
        told = summary.rows[0]
        if told["top_products"]:
            products = "".join(f"<li>{escaped(name)}</li>" for name in told["top_products"])
            body += f'<h3>{view.texts["products"]}</h3><ul class="products">{products}</ul>'
        if told["signals"]:
            signals = "".join(
                f'<span class="chip">{SIGNALS[name].called[view.language]}</span>' for name in told["signals"]
            )
            body += f'<h3>{view.texts["signals"]}</h3><p class="chips">{signals}</p>'
    return section_html(view.texts["purchases"], body + source_html(view, weeks, summary)) if body else ""


def weeks_of(found: Evidence) -> list[Point]:
    """Orders of each week from the first to the last; one without orders has no row."""
    orders = {row["week"]: row["orders"] for row in found.rows}
    first, last = min(orders), max(orders)
    weeks = [first + timedelta(7 * n) for n in range((last - first).days // 7 + 1)]
    return [Point(f"{week}", float(orders.get(week, 0)), f"{orders.get(week, 0):,}") for week in weeks]


def told_html(view: View, intent: Intent, customer_id: str) -> str:
    """What the answerer says of a customer, with its proof."""
    request = Request(view.language, intent, Scope(customer_ids=(customer_id,)))
    return answer_html(view, view.answerer.answer_request(view.texts[intent], request, view.role))
