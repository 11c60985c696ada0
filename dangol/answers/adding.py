"""What a language model may add to a request that the rules made: never a customer, never a grade, never less scope."""

from dataclasses import dataclass, replace

from dangol.answers.intents import Direction, Grain, Intent, Measure, Missing, Period, Request

SURE = 0.6
"""Confidence of the rules from which on no model is asked."""

ABOUT_A_CUSTOMER: frozenset[Intent] = frozenset({"customer_summary", "grade_lookup", "why", "what_if", "find_similar"})
ABOUT_A_GRADE: frozenset[Intent] = frozenset({"segment_profile", "strategy"})
ABOUT_MANY: frozenset[Intent] = ABOUT_A_GRADE | frozenset(
    {"movement", "boundary", "count", "top_n", "sum", "mean", "share", "theme"}
)


@dataclass(frozen=True)
class Reading:
    """A question as a model read it. `description` and `period_words` quote the question, or do not count."""

    intent: Intent
    measure: Measure | None = None
    direction: Direction | None = None
    grain: Grain | None = None
    lowest: bool = False
    description: str | None = None
    period: Period | None = None
    period_words: str | None = None


def added(request: Request, reading: Reading, question: str) -> Request:
    """The rules' request with the reading's intent and with what the rules left open.

    The scope stays as it was, but for a period that the question names and the rules did not find. An intent that would
    leave a named customer out of sight changes nothing; one that lacks its customer or grade asks back.
    """
    scope = request.scope
    if reading.intent in ("clarify", "not_found") or loses_a_customer(request, reading.intent):
        return request
    description = request.text or (quoted(reading.description, question) if reading.intent == "theme" else None)
    missing = lacking(request, reading.intent, description)
    if missing:
        return replace(request, intent="clarify", missing=missing)
    if scope.period == Period() and reading.period and quoted(reading.period_words, question):
        scope = replace(scope, period=reading.period)
    return replace(
        request,
        intent=reading.intent,
        scope=scope,
        confidence=SURE,
        missing=None,
        measure=request.measure or reading.measure,
        direction=request.direction or reading.direction,
        grain=request.grain or reading.grain,
        lowest=request.lowest or reading.lowest,
        text=description,
    )


def loses_a_customer(request: Request, intent: Intent) -> bool:
    """Whether the request names customers whom an answer with this intent would not be about."""
    ids, grades = request.scope.customer_ids, request.scope.grades
    return bool(ids) and (intent in ABOUT_MANY or (intent == "compare" and len(ids) < 2 <= len(grades)))


def lacking(request: Request, intent: Intent, description: str | None) -> Missing | None:
    """What the intent needs and the request does not name."""
    ids, grades = request.scope.customer_ids, request.scope.grades
    if intent in ABOUT_A_CUSTOMER and not ids:
        return "customer"
    if intent in ABOUT_A_GRADE and not grades:
        return "grade"
    if intent == "message" and not (ids or grades):
        return "customer"
    if intent == "compare" and max(len(ids), len(grades), len(request.periods)) < 2:
        return "customers"
    return "description" if intent == "theme" and not description else None


def quoted(words: str | None, question: str) -> str | None:
    """The words, if the question holds them."""
    words = (words or "").strip()
    return words if words and words.casefold() in question.casefold() else None
