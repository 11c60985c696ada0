"""Pieces of the page as HTML: figures, charts, answers and their proof. Text from people or tables is escaped here."""

import html
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any, NamedTuple

from dangol.answers.answering import Answer, Answerer
from dangol.answers.evidence import MINOR_DIGITS, Evidence, Fact
from dangol.answers.intents import Bounds, Language, Period, Request, Scope
from dangol.answers.policy import Role, is_hidden, may_see_customers
from dangol.answers.scope import bound_words, period_words
from dangol.answers.summaries import Terms, shown_id
from dangol.answers.texts import FACTS
from dangol.answers.writing import STATES, displayed, fill, grade_name, money, spoken_time
from dangol.edges.page_texts import TEXTS

NONE = "–"
COLUMN_WIDTH = 44
PLACES = 6
"""Colours there are, from the highest grade down; the last one stands for all below, and for none."""
NEEDS_GRADES = {"segment_profile": 1, "compare": 2, "strategy": 1}
"""Intents that say nothing without so many grades."""
COMPARED = ("customers", "monetary_total", "monetary_mean", "net", "orders", "frequency", "monetary")
PERIOD = re.compile(r"\d{4}-\d\d-\d\d/\d{4}-\d\d-\d\d")
RANKED = re.compile(r"(?:highest|lowest)_(\w+?)(?:_in_period)?")


class Point(NamedTuple):
    """`value` is null where it must not be shown; `shown` is it in words."""

    label: str
    value: float | None
    shown: str


class Chip(NamedTuple):
    """A part of what a question was understood as, and the request without it; null where it cannot be left out."""

    label: str
    without: Request | None


@dataclass(frozen=True)
class View:
    """What one person sees of one shop, in one language."""

    answerer: Answerer
    language: Language
    role: Role

    @property
    def terms(self) -> Terms:
        return self.answerer.terms

    @property
    def texts(self) -> Mapping[str, str]:
        return TEXTS[self.language]

    @property
    def sees_customers(self) -> bool:
        return may_see_customers(self.role)

    def say(self, text: str, /, **slots: object) -> str:
        """A text of the page with its slots filled; not escaped yet."""
        return fill(self.texts[text], {name: str(value) for name, value in slots.items()})

    def count(self, customers: int) -> str:
        """A number of customers, unless it is too small to be shown."""
        return self.texts["few"] if is_hidden(customers, self.role) else f"{customers:,}"

    def change(self, customers: int) -> str:
        if is_hidden(abs(customers), self.role):
            return f"± {self.texts['few']}"
        return "0" if customers == 0 else f"{customers:+,}".replace("-", "−")

    def money(self, amount: Decimal, customers: int | None = None) -> str:
        """Money to the currency's digits, of a number of customers, unless that is too small to be shown."""
        hidden = customers is not None and is_hidden(customers, self.role)
        digits = MINOR_DIGITS.get(self.terms.currency, 2)
        rounded = Decimal(amount).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_EVEN)
        return NONE if hidden else money(rounded, self.terms.currency, self.language)

    def time(self, moment: datetime) -> str:
        return spoken_time(moment, self.language, self.terms.zone)

    def grade(self, english: str | None) -> str:
        return grade_name(english, self.language, self.terms.grade_names) if english else self.texts["ungraded"]

    def place(self, english: str | None) -> int:
        """The colour of a grade, from 0 for the highest."""
        names = list(reversed(self.terms.grade_names["en"]))
        return min(names.index(english), PLACES - 1) if english in names else PLACES - 1

    def state(self, state: str | None) -> str:
        return STATES[state][self.language] if state else NONE

    def duration(self, seconds: float) -> str:
        for unit, size in (("hours", 3600), ("minutes", 60)):
            if seconds >= size:
                return self.say(unit, n=f"{seconds / size:.0f}")
        return self.say("seconds", n=f"{seconds:.1f}")


def header_html(texts: Mapping[str, str]) -> str:
    return f'<header lang="{texts["language"]}"><h1>{texts["title"]}</h1><p>{texts["subtitle"]}</p></header>'


def escaped(text: str) -> str:
    """Text as HTML without an empty line, at which Markdown would begin to read it."""
    return "<br>".join(html.escape(line) for line in text.splitlines() if line.strip())


def attribute(text: str) -> str:
    """Text as the value of an attribute, exactly; a line's end is written so that Markdown does not see it."""
    return html.escape(text).replace("\n", "&#10;").replace("\r", "&#13;")


def note_html(text: str, kind: str = "note") -> str:
    return f'<p class="{kind}" role="status">{escaped(text)}</p>'


def section_html(title: str, body: str) -> str:
    return f'<section class="card"><h2>{escaped(title)}</h2>{body}</section>'


def source_html(view: View, *evidence: Evidence | None) -> str:
    """Where the numbers above it come from."""
    sources = {one.table: one.version for found in evidence if found for one in found.sources}
    if not sources:
        return ""
    told = " · ".join(f"{table} {view.texts['version']} {version}" for table, version in sources.items())
    asked = ", ".join(dict.fromkeys(found.query.name for found in evidence if found))
    return f'<p class="source" title="{view.texts["query"]}: {attribute(asked)}">{view.texts["of"]}: {told}</p>'


def tiles_html(tiles: Iterable[tuple[str, str]]) -> str:
    """Labels and values, both text."""
    shown = "".join(
        f"<div><span>{escaped(label)}</span><strong>{escaped(value)}</strong></div>" for label, value in tiles
    )
    return f'<div class="tiles">{shown}</div>'


def bar_html(label: str, value: float, most: float, shown: str, place: int = 0) -> str:
    """One line of bars; `label` is HTML."""
    percent = 100 * max(value, 0.0) / most if most else 0.0
    return (
        f'<div class="bar"><span>{label}</span>'
        f'<span class="track"><span class="fill place{place}" style="width:{percent:.1f}%"></span></span>'
        f"<strong>{escaped(shown)}</strong></div>"
    )


def columns_html(title: str, points: Sequence[Point]) -> str:
    """A column for each point; over them the title and the greatest value."""
    known = [point for point in points if point.value is not None]
    if not known:
        return ""
    most = max(known, key=lambda point: point.value or 0.0)
    top = most.value or 1.0
    columns = "".join(
        f'<span title="{attribute(f"{label}: {shown}")}" '
        f'style="height:{100 * max(value or 0.0, 0.0) / top:.1f}%"></span>'
        for label, value, shown in points
    )
    first, last = points[0], points[-1]
    told = f"{title}: {first.label} {first.shown} … {last.label} {last.shown}; {most.label} {most.shown}"
    caption = f"<figcaption><span>{escaped(title)}</span><span>{escaped(most.shown)}</span></figcaption>"
    return figure_html(caption, columns, told, first.label, last.label, len(points))


def figure_html(caption: str, columns: str, told: str, first: str, last: str, count: int) -> str:
    """`count` columns as one image that is `told` in words, with the `first` and the `last` label under it."""
    return (
        f'<figure class="chart" style="max-width:max(300px,{COLUMN_WIDTH * count}px)">{caption}'
        f'<div class="columns" role="img" title="{attribute(told)}">{columns}</div>'
        f'<p class="axis"><span>{escaped(first)}</span><span>{escaped(last)}</span></p></figure>'
    )


def act_html(label: str, value: str, kind: str = "", title: str = "") -> str:
    """A button that the page's script tells the server of, as `value`."""
    told = f' title="{attribute(title)}"' if title else ""
    return f'<button type="button" class="act {kind}" value="{attribute(value)}"{told}>{escaped(label)}</button>'


def customer_html(view: View, customer_id: str) -> str:
    """A customer's id that leads to the customer."""
    return act_html(shown_id(customer_id), f"customer/{customer_id}", "link")


def table_html(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Heads are text, cells are HTML; the first of a row is its head."""
    top = "".join(f'<th scope="col">{escaped(head)}</th>' for head in heads)
    body = "".join(
        f'<tr><th scope="row">{first}</th>' + "".join(f"<td>{cell}</td>" for cell in rest) + "</tr>"
        for first, *rest in rows
    )
    return f'<div class="scroll" tabindex="0"><table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>'


def answer_html(view: View, answer: Answer, answer_id: str | None = None) -> str:
    """A question, its answer, and one click away the proof; with an id also what can be done with it."""
    actions = actions_html(view, answer, answer_id) if answer_id else ""
    return (
        f'<article class="{answer.status}" lang="{answer.language}"><h3>{escaped(answer.question)}</h3>'
        f'<p class="said">{escaped(answer.text)}</p>{chart_html(view, answer)}{actions}'
        f"{proof_html(view, answer)}</article>"
    )


def actions_html(view: View, answer: Answer, answer_id: str) -> str:
    """What the question was understood as, to be taken away; copy; thumbs."""
    shown = [
        f'<span class="chip">{escaped(chip.label)}</span>'
        if chip.without is None
        else act_html(f"{chip.label} ×", f"drop/{answer_id}/{place}", "chip", title=view.say("remove", chip=chip.label))
        for place, chip in enumerate(chips(answer.request, view.terms))
    ]
    scope = f'<p class="chips"><span>{view.texts["scope"]}</span>{"".join(shown)}</p>' if shown else ""
    buttons = (
        act_html(view.texts["copy"], "copy/", "quiet")
        + act_html(view.texts["good"], f"up/{answer_id}", "quiet")
        + act_html(view.texts["bad"], f"down/{answer_id}", "quiet")
    )
    return f'{scope}<p class="actions">{buttons}</p>'


def chips(request: Request, terms: Terms) -> list[Chip]:
    """What a request is bound to, part by part."""
    scope, language = request.scope, request.language
    found = []
    alone = len(scope.customer_ids) == 1
    for one in scope.customer_ids:
        rest = tuple(other for other in scope.customer_ids if other != one)
        found.append(Chip(shown_id(one), None if alone else replace(request, scope=replace(scope, customer_ids=rest))))
    needed = NEEDS_GRADES.get(request.intent, 0)
    for name in scope.grades:
        rest = tuple(other for other in scope.grades if other != name)
        without = replace(
            request,
            scope=replace(scope, grades=rest),
            from_grades=tuple(other for other in request.from_grades if other != name),
            to_grades=tuple(other for other in request.to_grades if other != name),
        )
        found.append(Chip(terms.grade(name, language), None if len(rest) < needed else without))
    for state in request.states:
        others = tuple(other for other in request.states if other != state)
        found.append(Chip(STATES[state][language], replace(request, states=others)))
    for name in ("recency", "frequency", "monetary"):
        if getattr(request, name) != Bounds():
            found.append(bound_chip(request, name, terms))
    if scope.period != Period():
        found.append(Chip(period_words(scope.period, language), replace(request, scope=open_ended(scope))))
    return found


def bound_chip(request: Request, name: str, terms: Terms) -> Chip:
    limits: dict[str, Any] = {"recency": Bounds(), "frequency": Bounds(), "monetary": Bounds()}
    alone = replace(request, **(limits | {name: getattr(request, name)}))
    return Chip(" · ".join(bound_words(alone, terms)), replace(request, **{name: limits[name]}))


def open_ended(scope: Scope) -> Scope:
    return replace(scope, period=Period())


def chart_html(view: View, answer: Answer) -> str:
    """A chart of the answer where its evidence is a comparison, a course, a ranking or moves; empty for any other."""
    if answer.intent == "compare":
        return compared_html(view, answer)
    if answer.request.by_grade:
        return by_grade_html(view, answer)
    for place, evidence in enumerate(answer.evidence, start=1):
        facts = [fact for fact in answer.facts if fact.citation == place and isinstance(fact.value, int | Decimal)]
        if evidence.query.name == "trend":
            points = [point_of(view, fact) for fact in facts]
            return columns_html(FACTS[facts[0].name][answer.language], points) if len(points) > 2 else ""
        ranking = RANKED.fullmatch(evidence.query.name)
        if ranking:
            return bars_of(view, [fact for fact in facts if fact.column == ranking[1]])
        if evidence.query.name == "moves":
            return bars_of(view, [fact for fact in facts if fact.name == "customers"])
    return ""


OF_GRADES = (
    *("share", "monetary_mean", "net_mean", "frequency_mean", "orders_mean", "recency_mean", "order_value"),
    *("returned_mean", "net", "monetary", "returned", "frequency", "orders", "customers"),
)
"""What is charted of each grade: the first of these that the answer tells."""


def by_grade_html(view: View, answer: Answer) -> str:
    """Bars of what is told once of each grade."""
    grades = view.terms.grade_names["en"]
    for name in OF_GRADES:
        facts = [fact for fact in answer.facts if fact.name == name]
        if facts:
            return bars_of(view, facts) if all(fact.subject in grades for fact in facts) else ""
    return ""


def compared_html(view: View, answer: Answer) -> str:
    """Bars of what is compared, measure by measure."""
    named = {fact.name: [one for one in answer.facts if one.name == fact.name] for fact in answer.facts}
    charts = ((FACTS[name][answer.language], bars_of(view, named[name])) for name in COMPARED if name in named)
    return "".join(f"<h4>{label}</h4>{chart}" for label, chart in charts if chart)


def point_of(view: View, fact: Fact) -> Point:
    value = float(fact.value) if isinstance(fact.value, int | Decimal) else None
    return Point(str(fact.subject), value, displayed(fact, view.language, view.terms.grade_names, view.terms.zone))


def bars_of(view: View, facts: Sequence[Fact]) -> str:
    points = [point_of(view, fact) for fact in facts if fact.value is not None]
    most = max((point.value or 0.0 for point in points), default=0.0)
    if len(points) < 2:
        return ""
    shown = "".join(
        bar_html(escaped(label_of(view, point.label)), point.value or 0.0, most, point.shown) for point in points
    )
    return f'<div class="bars wide">{shown}</div>'


def label_of(view: View, subject: str) -> str:
    """Of two grades, `Gold VIP`, the move; of a grade its name, of two days the time between; an id as it is shown."""
    if subject in view.terms.grade_names["en"]:
        return view.grade(subject)
    if PERIOD.fullmatch(subject):
        return subject.replace("/", " ~ ")
    names = [*view.terms.grade_names["en"], "None"]
    old, _, new = subject.partition(" ")
    if old in names and new in names:
        return " → ".join(view.grade(None if name == "None" else name) for name in (old, new))
    return shown_id(subject)


def proof_html(view: View, answer: Answer) -> str:
    """Each fact with where it was read; what each query found, and what it means."""
    language, terms = answer.language, view.terms
    if not answer.facts:
        return ""
    texts = TEXTS[language]
    facts = table_html(
        [texts[name] for name in ("fact", "subject", "value", "source", "version", "as_of")],
        (
            (
                FACTS[fact.name][language],
                escaped(shown_id(fact.subject or "")),
                escaped(displayed(fact, language, terms.grade_names, terms.zone)),
                fact.source.table,
                str(fact.source.version),
                spoken_time(fact.as_of, language, terms.zone),
            )
            for fact in answer.facts
        ),
    )
    queries = table_html(
        [texts["query"], texts["source"], texts["rows"]],
        (
            (
                one.query.name,
                ", ".join(f"{source.table} {texts['version']} {source.version}" for source in one.sources),
                f"{len(one.rows):,}",
            )
            for one in answer.evidence
        ),
    )
    sources = {one.source.table: one.source.version for one in answer.facts}
    told = " · ".join(f"{table} {texts['version']} {version}" for table, version in sources.items())
    definitions = dict.fromkeys(one.query.definition[language] for one in answer.evidence)
    return (
        f"<details><summary>{texts['proof']} · {told}</summary>"
        f"<p>{escaped(' '.join(definitions))}</p>{facts}{queries}</details>"
    )
