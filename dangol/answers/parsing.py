"""Questions in Korean or English to requests: offline, deterministic, the same each time.

Entities are read first by rules, each taken out of the text: periods, bounds, grades, customer ids. What is left tells
a linear model the intent (dangol.answers.intent_model). What is missing comes from the question before or is asked for.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from math import exp

from dangol.answers import lexicon as cue
from dangol.answers.details import (
    MEASURED,
    MEASURES,
    direction_of,
    grain_of,
    is_by_grade,
    is_lowest,
    is_standing,
    leaning_of,
    measure_of,
    orders_more,
    unheld,
)
from dangol.answers.follow_ups import (
    BARE,
    CONTINUED,
    compares,
    corrects,
    fits,
    inherited,
    moved_again,
    place_of_two,
    remembering,
    says_something,
    shifted_period,
    wanted_before,
    with_amount,
)
from dangol.answers.intent_model import IntentModel, features, intent_model, with_flags
from dangol.answers.intents import Bounds, GradeNames, Intent, Period, Request
from dangol.answers.periods import hull
from dangol.answers.rules import NEEDS, asks_forbidden, is_several, missing, ruled_intent
from dangol.answers.words import Words, description, language_of, normalised, taken_apart

MAX_CHARACTERS = 500
"""Nobody asks longer; a longer text is not read at all."""


def parse(
    question: str,
    grade_names: GradeNames,
    today: date,
    before: Request | None = None,
    model: IntentModel | None = None,
) -> Request:
    """The request that a question makes; never fails: what is not understood asks back.

    `today`: the shop's. `before`: the request before in the conversation, which "of those" and the like go back to.
    `model`: of the intents; without, the shipped one.
    """
    if len(question) > MAX_CHARACTERS:
        return Request(language_of(question[:MAX_CHARACTERS]), "clarify", confidence=0.0, missing="anything")
    model = model or intent_model()
    words = taken_apart(normalised(question), grade_names, today)
    ruled = ruled_intent(words)[0]
    seen = features(words.rest, flags(words))
    if asks_forbidden(words):
        intent, confidence = ruled, 1.0
    else:
        intent, margin = model.intent_of(with_flags(seen, flags_of(wanted_before(before))))
        confidence = confidence_of(margin, agrees=intent == ruled)
    if intent == "why" and is_of_a_group(words):
        intent = "movement"
    if before is None:
        request = completed(words, intent, confidence)
    else:
        request = follow_up(words, intent, confidence, before, goes_back=model.goes_back(seen))
    return remembering(request, words.moved.in_order, before)


def confidence_of(margin: float, *, agrees: bool) -> float:
    """How often the model is right on questions that it did not learn from, by its margin over the second likeliest
    intent and whether the rules say the same: a logistic curve, held against rag/questions/seen2 and seen3.jsonl."""
    told = SURENESS + SURENESS_OF_MARGIN * margin + (SURENESS_OF_RULES if agrees else 0.0)
    return round(1 / (1 + exp(-told)), 2)


SURENESS, SURENESS_OF_MARGIN, SURENESS_OF_RULES = -0.5, 3.0, 1.0


def features_of(question: str, grade_names: GradeNames, today: date) -> dict[int, float]:
    """What the model sees of a question by itself."""
    words = taken_apart(normalised(question), grade_names, today)
    return features(words.rest, flags(words))


def flags_of(before: Intent | None) -> tuple[str, ...]:
    """What the model sees besides of a question after one that asked for `before`."""
    return ("before", f"before {before}") if before else ()


def flags(words: Words) -> Iterator[str]:
    """What was found in a question, and what the rules make of it."""
    yield from (f"ids{min(len(words.ids), 2)}", f"grades{min(len(words.grades), 2)}")
    yield from (f"periods{min(len(words.periods), 2)}", words.language)
    if words.amount is not None:
        yield "amount"
    if words.n:
        yield "n"
    if words.states:
        yield "state"
    if words.moved.old or words.moved.new:
        yield "moved"
    yield from (name for name in ("frequency", "monetary", "recency") if getattr(words, name) != Bounds())
    if words.has(cue.THESE):
        yield "these"
    if words.says(cue.AND_WHAT):
        yield "and what"
    if words.is_bare:
        yield "bare"
    intent, confidence = ruled_intent(words)
    yield f"ruled {intent}"
    if confidence >= 1:
        yield f"surely {intent}"


def follow_up(words: Words, intent: Intent, confidence: float, before: Request, *, goes_back: bool) -> Request:
    """What a question means after another: the same as alone when it stands by itself. Otherwise the request before,
    continued with what this one says anew, or another about the same customers and time."""
    earlier = wanted_before(before) or before.intent
    words = with_amount(words, before)
    if intent in ("help", "data_health"):
        return completed(words, intent, confidence)
    shift = shifted_period(words, before)
    points_back = words.has(cue.THESE)
    if intent == "out_of_scope":
        about_them = points_back or (goes_back and asks_forbidden(words))
        return completed(inherited(words, before, intent) if about_them else words, intent, confidence)
    if words.is_bare and (fits(words, earlier) or (shift and earlier in CONTINUED)):
        intent, confidence = earlier, max(confidence, BARE)
        words = replace(words, language=before.language)
    elif corrects(words, earlier, before):
        intent, confidence, goes_back = earlier, max(confidence, BARE), True
    elif compares(words, before):
        intent, confidence, goes_back = "compare", max(confidence, BARE), True
    lacks = missing(words, intent) is not None
    goes_on = intent == earlier and (words.says(cue.GOES_ON) or (intent == "why" and words.says(cue.NOT_SO)))
    if not (goes_back or goes_on or points_back or shift or lacks):
        return completed(words, intent, confidence)
    if shift:
        periods = (shift, *before.periods) if intent == "compare" else (shift,)
        words = replace(words, periods=periods, scope=replace(words.scope, period=hull(periods)))
    if intent == "clarify" and earlier in CONTINUED and says_something(words):
        intent = earlier
    if intent == "compare" and place_of_two(words) is not None and not (words.ids or words.grades or words.periods):
        intent = "customer_summary" if before.scope.customer_ids else "segment_profile"
    whole = inherited(words, before, intent)
    if intent == earlier and before.missing is None:
        return continued(whole, words, confidence, before)
    return completed(whole, intent, confidence, before)


def continued(whole: Words, words: Words, confidence: float, before: Request) -> Request:
    """The request before, with what `words` say anew; `whole` are the words with its scope."""
    request = completed(whole, wanted_before(before) or before.intent, confidence, before)
    if request.missing:
        return request
    turned = bool(cue.REVERSED.search(words.text))
    direction, old, new = request.direction, request.from_grades, request.to_grades
    if request.intent == "movement":
        direction, old, new = moved_again(words, before, turned=turned)
    if turned and request.intent == "top_n" and not words.has(cue.LOWEST):
        request = replace(request, lowest=not before.lowest)
    elif not words.has(cue.TOP, cue.LOWEST, cue.MOST_RECENT):
        request = replace(request, lowest=before.lowest)
    says_whom = bool(words.grades or words.ids or words.periods or words.n)
    return replace(
        request,
        n=request.n or before.n,
        returned=request.returned or before.returned,
        direction=direction,
        from_grades=old,
        to_grades=new,
        grain=request.grain or before.grain,
        text=before.text if says_whom and not words.has(cue.THEME) else request.text or before.text,
        amount=request.amount if words.grades else request.amount or before.amount,
    )


TIMELESS: frozenset[Intent] = frozenset({"out_of_scope", "help", "data_health", "strategy", "message", "what_if"})
"""Intents whose answers are of no period: the days that are said there are those of a plan or an offer."""


def completed(words: Words, intent: Intent, confidence: float, before: Request | None = None) -> Request:
    """The request with the details that its intent takes, or the question back for what it lacks.

    `before`: the request that it goes back to, from which an unsaid measure comes.
    """
    scope = replace(words.scope, period=Period()) if intent in TIMELESS else words.scope
    request = Request(
        words.language,
        intent,
        scope,
        confidence,
        states=words.states,
        frequency=words.frequency,
        monetary=words.monetary,
        recency=words.recency,
        periods=words.periods,
        n=words.n,
    )
    ruled = ruled_intent(words)[0]
    wanted = ruled if intent == "clarify" and ruled in NEEDS and missing(words, ruled) else intent
    text = description(words) or (before.text if before else None) if intent == "theme" else None
    lacks = None if text else missing(words, wanted)
    if lacks:
        asked = wanted if wanted in CONTINUED else None
        return replace(request, intent="clarify", missing=lacks, asked=asked, confidence=min(confidence, 0.5))
    return detailed(replace(request, text=text), words, before)


def is_of_a_group(words: Words) -> bool:
    """Whether it is asked why a grade grew or shrank: who moved, and by what, tells it."""
    grew = words.has(cue.HEADS, cue.COUNT, cue.GRADE_MOVES, cue.TREND)
    return grew and bool(words.grades) and not words.ids and not words.has(cue.MONEY, cue.ORDERS, cue.RETURNED)


def detailed(request: Request, words: Words, before: Request | None) -> Request:
    """The request with what its intent is told besides whom and when."""
    request = replace(request, unheld=unheld(words, request.intent))
    if request.intent in MEASURED:
        return measured(request, words, before)
    match request.intent:
        case "movement":
            direction, old, new = direction_of(words), words.moved.old, words.moved.new
            joined = words.grades if direction == "in" and not (old or new) else new
            return replace(request, direction=direction, from_grades=old, to_grades=joined)
        case "boundary":
            request = replace(request, leaning=leaning_of(words), to_grades=words.moved.new)
        case "what_if":
            old = () if words.moved.new else words.moved.old
            request = replace(request, amount=words.amount, n=orders_more(words), from_grades=old)
        case "segment_profile" | "strategy" | "message" if words.has(cue.ALL_GRADES) and not (
            words.grades or words.ids
        ):
            return replace(request, scope=replace(request.scope, grades=words.all_grades))
        case "compare" if not is_several(words):
            return replace(request, scope=replace(words.scope, grades=words.all_grades))
        case "help" if words.has(cue.GRADE) or words.grades:
            request = replace(request, text="grades")
    return request


def measured(request: Request, words: Words, before: Request | None) -> Request:
    """The request with what is counted, added up and so on, and how it is laid out."""
    intent = request.intent
    measure = measure_of(words, intent)
    if before and before.measure in MEASURED[intent] and not words.has(*MEASURES):
        measure = before.measure
    if intent == "trend" and measure == "customers" and is_by_grade(words):
        return replace(
            request, measure=measure, grain=grain_of(words), scope=replace(request.scope, grades=words.all_grades)
        )
    return replace(
        request,
        measure=measure,
        returned=intent == "count" and words.has(cue.RETURNED),
        lowest=intent == "top_n" and is_lowest(words, measure),
        grain=grain_of(words),
        by_grade=is_by_grade(words),
        standing=intent == "count" and is_standing(words, measure),
    )
