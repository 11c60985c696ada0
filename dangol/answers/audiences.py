"""Audiences: whom to write to, as a description that finds its customers anew each time; and files that hold them."""

import csv
import io
import json
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Any, ClassVar, Literal, get_args

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from dangol.answers.audience_queries import AUDIENCES, Told
from dangol.answers.audience_queries import Audiences as Queries
from dangol.answers.intents import Bounds, Direction, GradeNames, Language, Request, Scope, State
from dangol.answers.policy import Role, may_see_customers
from dangol.answers.product_words import patterns, search_terms
from dangol.answers.queries import TERMS
from dangol.answers.scope import MOST_PURCHASES, NOBODY, midnight, who
from dangol.answers.summaries import Terms
from dangol.errors import SettingsError

Leaning = Literal["any", "up", "down"]
Signal = Literal["dormant_high_value", "second_purchase_due", "big_basket", "seasonal_buyer", "high_returns"]
Preset = Literal["plain", "kakao", "email"]
PRESETS: tuple[Preset, ...] = get_args(Preset)
FIXED_DAYS = (1, 7, 30)
"""Movements of so many days are fixed groups, which viewers may be told of."""
LONGEST_NAME = 80
CLOSED = ConfigDict(extra="forbid")
OPEN = Bounds()


@dataclass(frozen=True)
class Moved:
    """The customer's last grade change: its direction, on one of the last `days` days of the shop, today included, from
    one of `from_grades` (none: any)."""

    __pydantic_config__: ClassVar[ConfigDict] = CLOSED

    direction: Direction
    days: Annotated[int, Field(ge=1, le=3650)] = 7
    from_grades: tuple[str, ...] = ()


@dataclass(frozen=True)
class Audience:
    """Customers for whom every part that is given holds; without parts, all with a purchase in the window.

    `grades`, by their English names, `states`, `signals`: one of these. `boundary`: an unsure grade, leaning to a
    higher or lower one, or anyhow. `theme`: products, all of whose words are found among what was bought. Bounds as in
    Request.
    `exclude_held_out`, `require_consent`: of those who are found, who may be written to.
    """

    __pydantic_config__: ClassVar[ConfigDict] = CLOSED

    name: Annotated[str, Field(max_length=LONGEST_NAME)] = ""
    grades: tuple[str, ...] = ()
    states: tuple[State, ...] = ()
    boundary: Leaning | None = None
    moved: Moved | None = None
    signals: tuple[Signal, ...] = ()
    theme: Annotated[str, Field(max_length=200)] | None = None
    frequency: Bounds = OPEN
    monetary: Bounds = OPEN
    recency: Bounds = OPEN
    exclude_held_out: bool = True
    require_consent: bool = True


ADAPTER = TypeAdapter(Audience)


def to_json(audience: Audience) -> str:
    """What `from_json` reads; money as text."""
    return ADAPTER.dump_json(audience, warnings=False).decode()


def from_json(text: str | bytes, grade_names: GradeNames) -> Audience:
    """Raises SettingsError for what is no audience, with its first fault."""
    try:
        audience = ADAPTER.validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "it"
        raise SettingsError(f"this is no audience: {place}: {first['msg']}; see docs/audiences.md") from None
    return checked(audience, grade_names)


def checked(audience: Audience, grade_names: GradeNames) -> Audience:
    """The audience with English names of grades. Raises SettingsError for what no query can answer."""
    for name, limits in (("frequency", audience.frequency), ("recency", audience.recency)):
        if any(value is not None and value != int(value) for value in (limits.least, limits.most)):
            raise SettingsError(f"the audience's {name} has a fraction; give whole numbers")
    if audience.theme is not None and not search_terms(audience.theme, language_of(audience.theme)):
        raise SettingsError("the audience's theme names no product; write words such as candle or 머그")
    if not audience.name.isprintable():
        raise SettingsError("the audience's name has signs that cannot be shown; write it anew")
    moved = audience.moved and Moved(
        audience.moved.direction, audience.moved.days, english(audience.moved.from_grades, grade_names)
    )
    return Audience(
        audience.name.strip(),
        english(audience.grades, grade_names),
        audience.states,
        audience.boundary,
        moved,
        audience.signals,
        audience.theme,
        audience.frequency,
        audience.monetary,
        audience.recency,
        audience.exclude_held_out,
        audience.require_consent,
    )


def described(parts: Sequence[str], grade_names: GradeNames, name: str = "") -> Audience:
    """An audience from texts such as grade=VIP,Gold, state=cooling, boundary=up, moved=down:7, signal=big_basket,
    theme=candle, frequency=2..5, monetary=..100, recency=30.., consent=any, held_out=in.

    Raises SettingsError for a part that is none of these.
    """
    found: dict[str, Any] = {"name": name}
    for part in parts:
        kind, equals, value = part.partition("=")
        if not equals or kind not in PARTS:
            raise SettingsError(f"{part} describes no audience; write {', '.join(f'{known}=...' for known in PARTS)}")
        found |= PARTS[kind](value)
    return from_json(json.dumps(found), grade_names)


def bounds(value: str) -> dict[str, str | None]:
    least, dots, most = value.partition("..")
    return {"least": least or None, "most": (most if dots else least) or None}


def movement(value: str) -> dict[str, object]:
    direction, _, days = value.partition(":")
    return {"moved": {"direction": direction, "days": days or 7}}


def among(name: str) -> Callable[[str], dict[str, object]]:
    return lambda value: {name: value.split(",")}


PARTS: Mapping[str, Callable[[str], dict[str, Any]]] = {
    "grade": among("grades"),
    "state": among("states"),
    "boundary": lambda value: {"boundary": value},
    "moved": movement,
    "signal": among("signals"),
    "theme": lambda value: {"theme": value},
    "frequency": lambda value: {"frequency": bounds(value)},
    "monetary": lambda value: {"monetary": bounds(value)},
    "recency": lambda value: {"recency": bounds(value)},
    "consent": lambda value: {"require_consent": value != "any"},
    "held_out": lambda value: {"exclude_held_out": value != "in"},
}


def english(grades: Sequence[str], grade_names: GradeNames) -> tuple[str, ...]:
    """Raises SettingsError for a name that no grade has in either language."""
    known = {name: names[0] for names in zip(grade_names["en"], grade_names["ko"], strict=True) for name in names}
    if unknown := [grade for grade in grades if grade not in known]:
        raise SettingsError(f"{unknown[0]} is no grade; the grades are {', '.join(known)}")
    return tuple(known[grade] for grade in grades)


def language_of(text: str) -> Language:
    return "ko" if re.search("[가-힣]", text) else "en"


def queries(audience: Audience) -> Queries:
    told: Told = "products" if audience.theme else "signals" if audience.signals else "nothing"
    return AUDIENCES[audience.moved is not None, told]


def parameters(audience: Audience, terms: Terms, boundary_below: float, today: date) -> dict[str, object]:
    """Of all three `queries`; `n` is without a limit."""
    request = Request(
        "en",
        "count",
        Scope(grades=audience.grades),
        states=audience.states,
        frequency=audience.frequency,
        monetary=audience.monetary,
        recency=audience.recency,
    )
    moved = audience.moved or Moved("up")
    asked = search_terms(audience.theme, language_of(audience.theme)) if audience.theme else ()
    return {
        **who(request, buyers=not audience.signals),
        "leaning": audience.boundary or "-",
        "boundary_below": boundary_below,
        "direction": moved.direction,
        "since": midnight(today - timedelta(moved.days - 1), terms.zone),
        "any_old": not moved.from_grades,
        "old_grades": list(moved.from_grades) or NOBODY,
        "any_signal": not audience.signals,
        "signals": list(audience.signals) or NOBODY,
        **dict(zip(TERMS, patterns(asked), strict=True)),
        "terms_asked": len(asked),
        "n": MOST_PURCHASES,
    }


def refuses(audience: Audience, role: Role) -> bool:
    """Whether a role may not be told how many customers there are: groups of one's own choice single customers out, see
    policy.refuses."""
    if may_see_customers(role):
        return False
    bounds = (audience.frequency, audience.monetary, audience.recency)
    own_days = audience.moved is not None and audience.moved.days not in FIXED_DAYS
    return audience.theme is not None or own_days or any(limits != OPEN for limits in bounds)


@dataclass(frozen=True)
class Reach:
    """How many of an audience's customers may be written to, and how many may not, for the first reason that holds."""

    reachable: int
    suppressed: int
    no_consent: int
    held_out: int


def reached(
    customer_ids: Iterable[str],
    audience: Audience,
    consents: Collection[str] | None,
    held_out: Callable[[str], bool],
    suppressed: Collection[str],
) -> tuple[list[str], Reach]:
    """Those who may be written to, in their order, and the counts.

    `consents`: who agreed; null when nothing is known of it, and then nobody did. `suppressed`: never to be written
    to, whatever the audience says.
    """
    kept, counts = [], {"suppressed": 0, "no_consent": 0, "held_out": 0}
    for customer_id in customer_ids:
        if customer_id in suppressed:
            counts["suppressed"] += 1
        elif audience.require_consent and customer_id not in (consents or ()):
            counts["no_consent"] += 1
        elif audience.exclude_held_out and held_out(customer_id):
            counts["held_out"] += 1
        else:
            kept.append(customer_id)
    return kept, Reach(len(kept), **counts)


COLUMNS: Mapping[Preset, Mapping[str, str]] = {
    "plain": {
        name: name
        for name in ("customer_id", "grade", "state", "recency_days", "frequency", "monetary", "last_purchase_date")
    },
    "kakao": {
        "customer_id": "customer_id",
        "grade": "#{등급}",
        "frequency": "#{구매횟수}",
        "monetary": "#{구매금액}",
        "last_purchase_date": "#{최근구매일}",
    },
    "email": {
        "customer_id": "customer_id",
        "grade": "GRADE",
        "frequency": "ORDERS",
        "monetary": "SPENT",
        "last_purchase_date": "LAST_ORDER",
    },
}
"""By preset: the columns of members and their headers, in the order of the file."""
GRADE_LANGUAGE: Mapping[Preset, Language] = {"plain": "en", "kakao": "ko", "email": "en"}

BEGINS = "[=+\\-@＝＋－＠]"
FORMULA = re.compile(rf"""^(?=\s*{BEGINS}|[\t\r\n])|(?<=[,;|"'\t\r\n])(?=\s*{BEGINS})""")
"""Where a spreadsheet would begin a formula: at the start of a cell, or after a sign at which it may split the cell."""


def cells(rows: Iterable[Mapping[str, Any]], preset: Preset, terms: Terms) -> list[dict[str, Any]]:
    """Members as rows of a file, by header."""
    language = GRADE_LANGUAGE[preset]
    return [
        {
            header: terms.grade(row[name], language) if name == "grade" and row[name] is not None else row[name]
            for name, header in COLUMNS[preset].items()
        }
        for row in rows
    ]


def to_csv(rows: Sequence[Mapping[str, Any]], headers: Sequence[str], *, for_excel: bool = False) -> bytes:
    """UTF-8, every cell quoted, lines end with CR LF (RFC 4180). Texts that a spreadsheet would run get an apostrophe;
    numbers stay. `for_excel`: begins with a byte order mark, without which Excel takes Korean for another encoding."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    writer.writerow([safe(header) for header in headers])
    writer.writerows([safe(row[header]) for header in headers] for row in rows)
    return text.getvalue().encode("utf-8-sig" if for_excel else "utf-8")


def safe(value: object) -> object:
    """What a cell may hold (OWASP, CSV injection)."""
    if not isinstance(value, str):
        return "" if value is None else value
    return FORMULA.sub("'", value)


@dataclass(frozen=True)
class Diff:
    """Who has entered and who has left an audience since a day, at whose note it had `before` customers."""

    since: date
    before: int
    now: int
    entered: tuple[str, ...]
    left: tuple[str, ...]


def diff(since: date, before: Collection[str], now: Collection[str]) -> Diff:
    then, found = set(before), set(now)
    return Diff(since, len(then), len(found), tuple(sorted(found - then)), tuple(sorted(then - found)))
