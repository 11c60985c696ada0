"""The tab Audience: conditions, the size at once, saved audiences with who came and went, and a file to take away."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, get_args

import gradio as gr

from dangol.answers.audiences import FIXED_DAYS, LONGEST_NAME, PRESETS, Audience, Leaning, Moved
from dangol.answers.intents import Direction, State
from dangol.answers.signals import SIGNALS
from dangol.answers.writing import STATES
from dangol.edges.audience_view import saved_html, size_html
from dangol.edges.audiences import FORMATS
from dangol.edges.desk import QUIET, Desk, markup
from dangol.edges.panels import note_html
from dangol.edges.people import person_of
from dangol.errors import DangolError, MissingTableError, NoRightsError

DEFAULT_DAYS = 7
MOVES: tuple[Direction, ...] = get_args(Direction)


@dataclass(frozen=True)
class AudienceTab:
    """`fill` gives what `filled` show of an audience, its size with it."""

    tab: gr.Tab
    filled: list[Any]
    fill: Callable[[Audience, gr.Request], list[Any]]


def build(desk: Desk) -> AudienceTab:
    texts = desk.texts
    with gr.Tab(texts["tab_audience"], id="audience", elem_id="tab-audience") as tab:
        base = gr.State(Audience())
        markup(f'<p class="hint">{texts["audience_help"]}</p>')
        fields = conditions(desk)
        size = markup(elem_id="audience-size")
        with gr.Row(elem_classes=["fields"]):
            name = gr.Textbox(label=texts["name"], max_lines=1, max_length=LONGEST_NAME, elem_id="audience-name")
            save = gr.Button(texts["save"], min_width=120, scale=0, elem_id="audience-save")
        with gr.Row(elem_classes=["fields"]):
            presets = [(texts[f"preset_{one}"], one) for one in PRESETS]
            preset = gr.Dropdown(presets, value=PRESETS[0], label=texts["preset"], min_width=120, elem_id="preset")
            formats = [(texts[f"format_{one}"], one) for one in FORMATS]
            form = gr.Dropdown(formats, value=FORMATS[0], label=texts["format"], min_width=120, elem_id="format")
            export = gr.Button(texts["export"], min_width=120, scale=0, elem_id="audience-export")
        told = markup(elem_id="audience-told")
        saved = markup(elem_id="audience-saved")
    wanted = [base, *fields]

    def fill(audience: Audience, request: gr.Request) -> list[Any]:
        return [audience, *values_of(audience), measured(desk, audience, request), ""]

    def measure(request: gr.Request, base: Audience, *values: Any) -> str:
        return measured(desk, audience_of(base, values), request)

    def keep(request: gr.Request, name: str, base: Audience, *values: Any) -> tuple[str, str]:
        audience = replace(audience_of(base, values), name=name.strip())

        def kept() -> str:
            desk.audiences.save(audience, person_of(request))
            return note_html(texts["saved"])

        said = tried(desk, kept) if audience.name else note_html(texts["name_missing"])
        return said, listed(desk, request)

    def take(request: gr.Request, name: str, preset: Any, form: Any, base: Audience, *values: Any) -> str:
        audience = replace(audience_of(base, values), name=name.strip())

        def link() -> str:
            token = desk.audiences.export(audience, preset, form, person_of(request))
            return f'<p class="note"><a href="/export/{token}">{texts["download"]}</a></p>'

        return tried(desk, link)

    def look(request: gr.Request, base: Audience, *values: Any) -> tuple[str, str]:
        return measured(desk, audience_of(base, values), request), listed(desk, request)

    for field in fields:  # a text's `input` is told of keys alone, not of what is pasted
        (field.change if isinstance(field, gr.Textbox) else field.input)(measure, wanted, size, **QUIET)
    tab.select(look, wanted, [size, saved], **QUIET)
    save.click(keep, [name, *wanted], [told, saved], **QUIET)
    export.click(take, [name, preset, form, *wanted], told, **QUIET)
    return AudienceTab(tab, [base, *fields, size, told], fill)


def conditions(desk: Desk) -> list[Any]:
    """The fields, in the order of `values_of`."""
    texts, language = desk.texts, desk.language
    states = [(STATES[one][language], one) for one in get_args(State)]
    signals = [(entry.called[language], name) for name, entry in SIGNALS.items()]
    leanings = [(texts["any"], ""), *((texts[f"leaning_{one}"], one) for one in get_args(Leaning))]
    moves = [(texts["any"], ""), *((texts[f"moved_{one}"], one) for one in MOVES)]
    days = [(desk.texts["moved_days"].format(n=one), one) for one in FIXED_DAYS]
    with gr.Row(elem_classes=["fields"]):
        first = [
            gr.CheckboxGroup(desk.grades(), label=texts["grades_field"], elem_id="grades"),
            gr.CheckboxGroup(states, label=texts["states_field"], elem_id="states"),
        ]
    with gr.Row(elem_classes=["fields"]):
        second = [
            gr.Dropdown(leanings, value="", label=texts["boundary_field"], min_width=120, elem_id="leaning"),
            gr.Dropdown(moves, value="", label=texts["moved_field"], min_width=120, elem_id="moved"),
            gr.Dropdown(days, value=DEFAULT_DAYS, label=texts["period"], min_width=120, elem_id="days"),
        ]
    third = [
        gr.CheckboxGroup(signals, label=texts["signals_field"], elem_id="signals"),
        gr.Textbox(label=texts["theme_field"], max_lines=1, max_length=200, elem_id="theme"),
    ]
    with gr.Row(elem_classes=["fields"]):
        rules = [
            gr.Checkbox(True, label=texts["asks_consent"], elem_id="consent"),
            gr.Checkbox(True, label=texts["excludes_held_out"], elem_id="held-out"),
        ]
    return [*first, *second, *third, *rules]


def audience_of(base: Audience, values: Sequence[Any]) -> Audience:
    """What the fields say; what they cannot say, such as the bounds of a task, is that of `base`."""
    grades, states, leaning, moved, days, signals, theme, consent, held_out = values
    from_grades = base.moved.from_grades if base.moved else ()
    return replace(
        base,
        grades=tuple(grades),
        states=tuple(states),
        boundary=leaning or None,
        moved=Moved(moved, days, from_grades) if moved else None,
        signals=tuple(signals),
        theme=theme.strip() or None,
        require_consent=consent,
        exclude_held_out=held_out,
    )


def values_of(audience: Audience) -> list[Any]:
    moved = audience.moved
    return [
        list(audience.grades),
        list(audience.states),
        audience.boundary or "",
        moved.direction if moved else "",
        moved.days if moved else DEFAULT_DAYS,
        list(audience.signals),
        audience.theme or "",
        audience.require_consent,
        audience.exclude_held_out,
    ]


def measured(desk: Desk, audience: Audience, request: gr.Request) -> str:
    view, person = desk.view(request), person_of(request)
    return tried(desk, lambda: size_html(view, desk.audiences.size(audience, person)))


def listed(desk: Desk, request: gr.Request) -> str:
    """The saved audiences, with their changes since yesterday for those who may see customers."""
    view, person = desk.view(request), person_of(request)

    def shown() -> str:
        saved = desk.audiences.saved(person)
        names = [one.audience.name for one in saved if view.sees_customers]
        return saved_html(view, saved, {name: desk.audiences.diff(name, person) for name in names})

    return tried(desk, shown)


def tried(desk: Desk, make: Callable[[], str]) -> str:
    """What `make` gives, or why there is nothing."""
    try:
        return make()
    except NoRightsError:
        return note_html(desk.texts["not_yours"])
    except MissingTableError:
        return note_html(desk.texts["nothing"])
    except DangolError as error:
        return note_html(str(error), "note old")
