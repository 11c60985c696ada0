"""The tab Today: what to do first, then the numbers of now, which follow the stream by themselves."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import gradio as gr

from dangol.answers.todo import KINDS, Task, Verdict
from dangol.edges.audience_tab import AudienceTab
from dangol.edges.audience_view import message_html
from dangol.edges.desk import QUIET, Desk, markup
from dangol.edges.panels import note_html
from dangol.edges.people import person_of
from dangol.edges.today_view import task_html, today_html
from dangol.errors import NoRightsError, StoreError

REFRESH_SECONDS = 2.0
KEPT_SECONDS = 1.0
"""Everybody of one role sees what was read at most so long ago."""
TODO_SECONDS = 10.0


@dataclass(frozen=True)
class Slot:
    """A place for one thing to do."""

    box: gr.Column
    text: gr.Markdown
    audience: gr.Button
    draft: gr.Button
    approve: gr.Button
    dismiss: gr.Button
    more: gr.Markdown


@dataclass(frozen=True)
class TodayTab:
    """`look` fills `shown`, from `seen`: what was shown before, so that only what changed is sent."""

    tab: gr.Tab
    timer: gr.Timer
    tasks: gr.State
    slots: list[Slot]
    seen: gr.State
    shown: list[Any]
    look: Callable[..., list[Any]]


def build(desk: Desk) -> TodayTab:
    texts = desk.texts
    with gr.Tab(texts["tab_today"], id="today", elem_id="tab-today") as tab:
        tasks, seen = gr.State([]), gr.State([])
        markup(f"<h2>{texts['todo']}</h2>")
        with gr.Row(elem_id="todos"):
            nothing = markup(elem_id="todo-none")
            slots = [slot(desk, place) for place in range(len(KINDS))]
        now = markup("…", elem_id="now")  # numbers of when the server started would be stale by now
        timer = gr.Timer(REFRESH_SECONDS)
    shown = [tasks, seen, now, nothing, *(part for one in slots for part in (one.box, one.text))]

    def look(seen: list[str], request: gr.Request) -> list[Any]:
        return looked(desk, seen, request)

    return TodayTab(tab, timer, tasks, slots, seen, shown, look)


def slot(desk: Desk, place: int) -> Slot:
    texts = desk.texts
    with gr.Column(visible=False, elem_id=f"todo-{place}", elem_classes=["todo"]) as box:
        text = markup()
        with gr.Row(elem_classes=["buttons"]):
            audience, draft, approve, dismiss = (
                gr.Button(texts[name], size="sm", min_width=0, elem_id=f"todo-{place}-{name.removeprefix('to_')}")
                for name in ("to_audience", "to_message", "approve", "dismiss")
            )
        more = markup(elem_id=f"todo-{place}-more")
    return Slot(box, text, audience, draft, approve, dismiss, more)


def looked(desk: Desk, seen: list[str], request: gr.Request) -> list[Any]:
    """What `TodayTab.shown` is to show; what is as before is skipped."""
    view, person = desk.view(request), person_of(request)
    html = desk.remembered.get(("today", person.role), KEPT_SECONDS, lambda: today_html(view, datetime.now(UTC)))
    tasks = desk.remembered.get(("todo", person.role), TODO_SECONDS, lambda: tasks_of(desk, person))[: len(KINDS)]
    texts = [task_html(view, task) for task in tasks]
    nothing = "" if texts else note_html(desk.texts["todo_none"])
    now = [html, nothing, *texts]
    if now == seen:
        return [gr.skip() for _ in range(4 + 2 * len(KINDS))]
    boxes: list[Any] = []
    for place in range(len(KINDS)):
        boxes += [gr.Column(visible=place < len(texts)), texts[place] if place < len(texts) else ""]
    return [tasks, now, html, nothing, *boxes]


def tasks_of(desk: Desk, person: Any) -> list[Task]:
    """None while there are no tables."""
    try:
        return desk.audiences.todo(desk.language, person)
    except StoreError:
        return []


def connect(desk: Desk, today: TodayTab, tabs: gr.Tabs, audience: AudienceTab, others: list[gr.Tab]) -> None:
    """The clock, which stands still while another tab is open; and what can be done with a task."""
    today.timer.tick(today.look, today.seen, today.shown, **QUIET)
    today.tab.select(lambda: gr.Timer(active=True), None, today.timer, **QUIET)
    for other in others:
        other.select(lambda: gr.Timer(active=False), None, today.timer, **QUIET)
    for place, one in enumerate(today.slots):

        def make(tasks: list[Task], request: gr.Request, place: int = place) -> list[Any]:
            return [
                gr.Tabs(selected="audience"),
                gr.Timer(active=False),
                *audience.fill(tasks[place].audience, request),
            ]

        def draft(tasks: list[Task], request: gr.Request, place: int = place) -> str:
            person = person_of(request)
            size = desk.audiences.size(tasks[place].audience, person)
            return message_html(desk.view(request), tasks[place].audience, size)

        one.audience.click(make, today.tasks, [tabs, today.timer, *audience.filled], **QUIET)
        one.draft.click(draft, today.tasks, one.more, **QUIET)
        decisions: tuple[tuple[gr.Button, Verdict], ...] = ((one.approve, "approve"), (one.dismiss, "dismiss"))
        for button, verdict in decisions:
            button.click(
                decider(desk, place, verdict),
                [today.tasks, today.seen],
                [*(other.more for other in today.slots), *today.shown],
                **QUIET,
            )


def decider(desk: Desk, place: int, verdict: Verdict) -> Callable[..., list[Any]]:
    def decide(tasks: list[Task], seen: list[str], request: gr.Request) -> list[Any]:
        """What is said of each place, as another task may stand there now, and what is shown."""
        said = [""] * len(KINDS)
        if place >= len(tasks):  # it went while the button was pressed
            return [*said, *looked(desk, seen, request)]
        try:
            desk.audiences.decide(tasks[place].id, verdict, person_of(request))
        except NoRightsError:
            said[place] = note_html(desk.texts["not_yours"])
            return [*said, *(gr.skip() for _ in range(4 + 2 * len(KINDS)))]
        desk.remembered.clear()
        return [*said, *looked(desk, seen, request)]

    return decide
