"""The tabs that only look: Map, Customer, Compare and Health. Each reads when it is opened."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import gradio as gr

from dangol.answers.intents import Period, Request, Scope
from dangol.edges.customer_view import customer_card_html, told_html
from dangol.edges.desk import QUIET, Desk, markup
from dangol.edges.health_view import health_html
from dangol.edges.map_view import map_html
from dangol.edges.panels import View, answer_html, note_html
from dangol.edges.people import person_of

PAIRS = (("recency", "monetary"), ("frequency", "monetary"), ("recency", "frequency"))
PERIODS = ("this_week", "last_week", "this_month", "last_month", "month_before")
DAY = timedelta(1)


@dataclass(frozen=True)
class ExploreTabs:
    """Map and Customer. `open_customer` gives what `customer_parts` show of a customer."""

    tabs: list[gr.Tab]
    customer_parts: list[Any]
    open_customer: Callable[[str, gr.Request], dict[Any, Any]]


def build(desk: Desk) -> ExploreTabs:
    map_tab = build_map(desk)
    customer_tab, parts, open_customer = build_customer(desk)
    return ExploreTabs([map_tab, customer_tab], parts, open_customer)


def build_map(desk: Desk) -> gr.Tab:
    texts = desk.texts
    tab: gr.Tab = gr.Tab(texts["tab_map"], id="map", elem_id="tab-map")
    with tab:
        pairs = [(f"{texts[x]} × {texts[y]}", f"{x}/{y}") for x, y in PAIRS]
        axes = gr.Radio(pairs, value=pairs[0][1], label=texts["map_axes"], elem_id="axes")
        shown = markup(elem_id="map")

    def draw(axes: str, request: gr.Request) -> str:
        x, _, y = axes.partition("/")
        return map_html(desk.view(request), x, y, desk.champion())

    tab.select(draw, axes, shown, **QUIET)
    axes.input(draw, axes, shown, **QUIET)
    return tab


def build_customer(desk: Desk) -> tuple[gr.Tab, list[Any], Callable[[str, gr.Request], dict[Any, Any]]]:
    texts = desk.texts
    with gr.Tab(texts["tab_customer"], id="customer", elem_id="tab-customer") as tab:
        with gr.Row(elem_id="find"):
            customer_id = gr.Textbox(
                label=texts["customer_id"], max_lines=1, max_length=128, scale=5, elem_id="customer-id"
            )
            show = gr.Button(texts["show"], variant="primary", scale=1, min_width=88, elem_id="customer-show")
        card = markup(elem_id="customer")
        draft = gr.Button(texts["draft"], size="sm", min_width=0, visible=False, elem_id="customer-draft")
        message = markup(elem_id="customer-message")

    def open_customer(wanted: str, request: gr.Request) -> dict[Any, Any]:
        wanted, view = wanted.strip(), desk.view(request)
        if wanted and view.sees_customers:
            desk.audiences.audit("view", person_of(request), customer_ids=[wanted])
        html = customer_card_html(view, wanted) if wanted else ""
        return {customer_id: wanted, card: html, draft: gr.Button(visible="<section" in html), message: ""}

    def write(wanted: str, request: gr.Request) -> str:
        return told_html(desk.view(request), "message", wanted.strip())

    parts = [customer_id, card, draft, message]
    for trigger in (customer_id.submit, show.click):
        trigger(open_customer, customer_id, parts, **QUIET)
    draft.click(write, customer_id, message, **QUIET)
    return tab, parts, open_customer


def build_compare(desk: Desk) -> gr.Tab:
    texts, grades = desk.texts, desk.grades()
    periods = [(texts[name], name) for name in PERIODS]
    tab: gr.Tab = gr.Tab(texts["tab_compare"], id="compare", elem_id="tab-compare")
    with tab:
        with gr.Row(elem_id="compare-grades", equal_height=True):
            grade = [
                gr.Dropdown(grades, value=grades[place][1], label=f"{texts['grade']} {place + 1}", min_width=120)
                for place in (0, 1)
            ]
            by_grade = gr.Button(texts["two_grades"], min_width=120, elem_id="by-grade")
        with gr.Row(elem_id="compare-periods", equal_height=True):
            period = [
                gr.Dropdown(periods, value=PERIODS[2 + place], label=f"{texts['period']} {place + 1}", min_width=120)
                for place in (0, 1)
            ]
            by_period = gr.Button(texts["two_periods"], min_width=120, elem_id="by-period")
        shown = markup(elem_id="compared")

    def compare_grades(first: str, second: str, request: gr.Request) -> str:
        view = desk.view(request)
        return compared_html(view, Scope(grades=(first, second)), (), f"{view.grade(first)} · {view.grade(second)}")

    def compare_periods(first: str, second: str, request: gr.Request) -> str:
        view, today = desk.view(request), desk.asker.answerer.today()
        both = tuple(period_of(name, today) for name in (first, second))
        return compared_html(view, Scope(), both, f"{texts[first]} · {texts[second]}")

    by_grade.click(compare_grades, grade, shown, **QUIET)
    by_period.click(compare_periods, period, shown, **QUIET)
    return tab


def compared_html(view: View, scope: Scope, periods: tuple[Period, ...], title: str) -> str:
    if len(set(scope.grades or periods)) < 2:
        return note_html(view.texts["same"])
    request = Request(view.language, "compare", scope, periods=periods)
    return answer_html(view, view.answerer.answer_request(title, request, view.role))


def period_of(name: str, today: date) -> Period:
    """Whole weeks or months, up to today."""
    monday, first = today - timedelta(today.weekday()), today.replace(day=1)
    last_first = (first - DAY).replace(day=1)
    return {
        "this_week": Period(monday, today),
        "last_week": Period(monday - timedelta(7), monday - DAY),
        "this_month": Period(first, today),
        "last_month": Period(last_first, first - DAY),
        "month_before": Period((last_first - DAY).replace(day=1), last_first - DAY),
    }[name]


def build_health(desk: Desk) -> gr.Tab:
    texts = desk.texts
    tab: gr.Tab = gr.Tab(texts["tab_health"], id="health", elem_id="tab-health")
    with tab:
        shown = markup(elem_id="health")
        refresh = gr.Button(texts["refresh"], size="sm", min_width=0, elem_id="health-refresh")

    def look(request: gr.Request) -> str:
        return health_html(desk.view(request), desk.settings)

    for trigger in (tab.select, refresh.click):
        trigger(look, None, shown, **QUIET)
    return tab
