"""Audiences as HTML: how many there are and may be written to, what changed, and a draft of a message to them."""

from collections.abc import Sequence
from decimal import Decimal

from dangol.answers.audiences import Audience, Diff
from dangol.answers.draft import Draft
from dangol.answers.intents import Request, Scope
from dangol.answers.messages import body_of, sentence
from dangol.edges.audiences import Saved, Size
from dangol.edges.panels import NONE, View, escaped, note_html, section_html, source_html, table_html, tiles_html

SHOWN = 5


def size_html(view: View, size: Size) -> str:
    """How many, what they spent, and who of them may be written to."""
    if size.customers is None:
        return section_html(view.texts["size"], note_html(view.texts["small_audience"]))
    eligible, no_consent, held_out, suppressed = (
        (size.reach.reachable, size.reach.no_consent, size.reach.held_out, size.reach.suppressed)
        if size.reach
        else (None,) * 4
    )
    tiles = (
        (view.texts["size"], view.say("people", n=f"{size.customers:,}")),
        (view.texts["money"], view.money(size.monetary or Decimal(0))),
        (view.texts["eligible"], number(eligible)),
        (view.texts["no_consent"] if size.consent_known else view.texts["unknown"], number(no_consent)),
        (view.texts["held_out"], number(held_out)),
        (view.texts["suppressed"], number(suppressed)),
    )
    return section_html(
        view.texts["size"], f'<div class="six">{tiles_html(tiles)}</div>{source_html(view, size.evidence)}'
    )


def number(count: int | None) -> str:
    return NONE if count is None else f"{count:,}"


def saved_html(view: View, saved: Sequence[Saved], diffs: dict[str, Diff]) -> str:
    """The saved audiences; with who came and who went, for those who may see customers."""
    if not saved:
        return section_html(view.texts["saved_list"], note_html(view.texts["saved_none"]))
    heads = [view.texts[name] for name in ("name", "size", "entered", "left")]
    rows = (
        (
            escaped(one.audience.name),
            number(one.size.customers if one.size else None),
            came(diffs[one.audience.name].entered) if one.audience.name in diffs else NONE,
            came(diffs[one.audience.name].left) if one.audience.name in diffs else NONE,
        )
        for one in saved
    )
    return section_html(view.texts["saved_list"], table_html(heads, rows))


def came(ids: Sequence[str]) -> str:
    """How many, and the first of them by what the person may call them."""
    more = "…" if len(ids) > SHOWN else ""
    named = f" ({escaped(', '.join(ids[:SHOWN]))}{more})" if ids else ""
    return f"{len(ids):,}{named}"


def message_html(view: View, audience: Audience, size: Size) -> str:
    """A draft of a message to an audience, and what of the law it does not keep. Nothing is sent."""
    request = Request(view.language, "message", Scope(grades=audience.grades), states=audience.states)
    draft = Draft(request, view.terms, view.answerer.lake, view.answerer.today(), view.role)
    consents = view.answerer.tools.consents
    text = consents.dressed(draft.template(body_of(draft)))
    findings = "".join(
        f"<li>{escaped(sentence(one, view.language))} <span>{escaped(one.article)}</span></li>"
        for one in consents.findings(text)
    )
    lawful = f"<ul>{findings}</ul>" if findings else note_html(view.texts["lawful"])
    reach = NONE if size.reach is None else view.say("people", n=f"{size.reach.reachable:,}")
    return (
        f"<article><h3>{view.texts['message']} · {view.texts['eligible']} {reach}</h3>"
        f'<p class="said letter">{escaped(text)}</p>{lawful}</article>'
    )
