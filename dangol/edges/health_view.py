"""Health: what `dangol status` says, for people who do not use a terminal."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from dangol.edges.index import index_of
from dangol.edges.panels import NONE, View, escaped, note_html, section_html, table_html, tiles_html
from dangol.edges.status import status
from dangol.errors import DangolError
from dangol.settings import Settings

MEGABYTE = 1_000_000


def health_html(view: View, settings: Settings) -> str:
    """Numbers of all customers alone, so every role may see it."""
    try:
        told = status(settings)
    except DangolError:
        return note_html(view.texts["failed"])
    return (
        f'<div lang="{view.language}">{tiles_of(view, told, settings)}{warnings_html(view, told)}'
        f"{rejections_html(view, told)}{tables_html(view, told)}</div>"
    )


def tiles_of(view: View, told: dict[str, Any], settings: Settings) -> str:
    champion, summaries, texts = told["champion"], told["summaries"], view.texts
    drift = max(champion["drift"].values(), default=None)
    tiles = (
        (texts["stream"], texts["running" if told["running"] else "stopped"]),
        (texts["model"], f"{texts['version']} {champion['version']}" if champion["version"] else texts["model_none"]),
        (texts["drift"], NONE if drift is None else f"{drift:.3f}"),
        (texts["received"], f"{told['messages']['received']:,}"),
        (texts["rejected"], f"{told['messages']['rejected']:,}"),
        (texts["summaries"], behind(view, summaries["behind_seconds"] if summaries else None)),
        (texts["index"], index_state(view, settings)),
    )
    return section_html(texts["tab_health"], tiles_html(tiles))


def behind(view: View, seconds: float | None) -> str:
    if seconds is None:
        return NONE
    return view.say("behind", seconds=view.duration(seconds)) if seconds else view.texts["current"]


def index_state(view: View, settings: Settings) -> str:
    try:
        freshness = index_of(settings).freshness()
    except DangolError:
        return NONE
    return NONE if freshness is None else behind(view, freshness.behind_seconds)


def warnings_html(view: View, told: dict[str, Any]) -> str:
    if not view.sees_customers:  # a notice may name a customer
        return ""
    problem = told["champion"]["problem"]
    lines = "".join(f"<li>{escaped(str(one))}</li>" for one in (*told["warnings"], *([problem] if problem else [])))
    return section_html(view.texts["warnings"], f"<ul>{lines}</ul>" if lines else note_html(view.texts["fine"]))


def rejections_html(view: View, told: dict[str, Any]) -> str:
    by_field = told["messages"]["rejected_by_field"]
    if not by_field:
        return ""
    rows = ((escaped(field), f"{count:,}") for field, count in sorted(by_field.items(), key=lambda one: -one[1]))
    return section_html(view.texts["rejected_why"], table_html([view.texts["fact"], view.texts["rejected"]], rows))


def tables_html(view: View, told: dict[str, Any]) -> str:
    heads = [view.texts[name] for name in ("source", "version", "committed_at", "size_mb")]
    return section_html(view.texts["tables"], table_html(heads, table_rows(view, told["tables"])))


def table_rows(view: View, tables: dict[str, dict[str, Any] | None]) -> Iterator[tuple[str, ...]]:
    for name, table in tables.items():
        if table:
            committed = datetime.fromisoformat(table["committed_at"]).astimezone(UTC)
            yield name, f"{table['version']:,}", view.time(committed), f"{table['bytes'] / MEGABYTE:,.1f} MB"
