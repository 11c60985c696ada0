"""What a question can ask for: a closed schema that every parser fills and nothing widens."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

Language = Literal["ko", "en"]
Intent = Literal["grade_lookup", "segment_profile", "help", "out_of_scope", "clarify", "not_found"]
Status = Literal["answered", "clarify", "not_found", "refused", "not_enough_data", "unavailable", "error"]

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
class Request:
    """A question as understood. `missing` says what to ask back for when the intent is clarify."""

    language: Language
    intent: Intent
    scope: Scope = Scope()
    confidence: float = 1.0
    missing: Literal["customer", "one_customer", "one_grade", "aspect", "anything"] | None = None
