"""What a question can ask for: a closed schema that every parser fills and nothing widens."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal, get_args

Language = Literal["ko", "en"]
Intent = Literal[
    "customer_summary",
    "grade_lookup",
    "segment_profile",
    "compare",
    "movement",
    "boundary",
    "count",
    "top_n",
    "sum",
    "mean",
    "share",
    "why",
    "what_if",
    "strategy",
    "message",
    "find_similar",
    "theme",
    "trend",
    "data_health",
    "help",
    "out_of_scope",
    "clarify",
    "not_found",
]
INTENTS: tuple[Intent, ...] = get_args(Intent)
Status = Literal["answered", "clarify", "not_found", "refused", "not_enough_data", "unavailable", "error"]
Measure = Literal["customers", "orders", "monetary", "recency", "frequency", "returned", "order_value"]
State = Literal["new", "active", "cooling", "dormant"]
Grain = Literal["day", "week", "month"]
Direction = Literal["up", "down", "in", "out"]

GradeNames = Mapping[Language, Sequence[str]]
"""Names of the grades by language, in order of rank; the tables hold the English ones."""


@dataclass(frozen=True)
class Period:
    """Calendar days of the shop, both ends included; null: open."""

    start: date | None = None
    end: date | None = None


@dataclass(frozen=True)
class Scope:
    """Whom a question is about: customer ids to match exactly, grades by their English names."""

    customer_ids: tuple[str, ...] = ()
    grades: tuple[str, ...] = ()
    period: Period = Period()


@dataclass(frozen=True)
class Bounds:
    """Both ends included; null: open."""

    least: Decimal | None = None
    most: Decimal | None = None


MONEY_STEP = Decimal("0.0001")
"""The least that sums of money differ by: more than £500 is at least £500.0001."""

Missing = Literal["customer", "customers", "grade", "aspect", "description", "anything"]


Leaning = Literal["up", "down"]
Unheld = Literal["measure", "less"]
"""A measure that no table holds; what fewer orders would bring."""


@dataclass(frozen=True)
class Request:
    """A question as understood. What is null was not said.

    `measure`: what is counted, added up, averaged or ordered by. `returned`: of those who gave something back. `n`: of
    a list, how many. `lowest`: the smallest first.
    `states`: customers in these alone. `frequency`, `monetary`, `recency`: bounds on the customers. `periods`: of a
    comparison, the two. `direction`, `to_grades`: of a movement; its `scope.grades` are all that were named.
    `grain`: steps of a trend. `amount`: of a what-if, the order. `text`: an open description. `missing`: what to ask
    back for when the intent is clarify, and `asked` the intent that lacks it. `by_grade`: told of each grade apart.
    `leaning`: of boundary customers, to a higher or a lower grade. `standing`: a count of those who were in a grade at
    the end of a day, not of who bought on it.
    `unheld`: what is asked for that nothing is known of. `recent_ids`: the last two customers that the conversation
    named, for "which of the two"; `recent_grades`: the grades of it and of the questions before that asked for the
    same, for "the latter" and "the others".
    """

    language: Language
    intent: Intent
    scope: Scope = Scope()
    confidence: float = 1.0
    missing: Missing | None = None
    asked: Intent | None = None
    measure: Measure | None = None
    returned: bool = False
    n: int | None = None
    lowest: bool = False
    states: tuple[State, ...] = ()
    frequency: Bounds = Bounds()
    monetary: Bounds = Bounds()
    recency: Bounds = Bounds()
    periods: tuple[Period, ...] = ()
    direction: Direction | None = None
    from_grades: tuple[str, ...] = ()
    to_grades: tuple[str, ...] = ()
    grain: Grain | None = None
    amount: Decimal | None = None
    text: str | None = None
    by_grade: bool = False
    leaning: Leaning | None = None
    standing: bool = False
    unheld: Unheld | None = None
    recent_ids: tuple[str, ...] = field(default=(), compare=False)
    recent_grades: tuple[str, ...] = field(default=(), compare=False)
