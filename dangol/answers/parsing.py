"""Questions in Korean or English to requests: offline, deterministic, the same each time.

Entities are read first by rules, each taken out of the text: periods, bounds, grades, customer ids. What is left tells
a linear model the intent (dangol.answers.intent_model). What is missing comes from the question before or is asked for.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from math import exp

from dangol.answers import lexicon as cue
from dangol.answers.entities import (
    LEAST_DIGITS,
    Grades,
    find_amount,
    find_grades,
    find_ids,
    find_n,
    frequency_bound,
    money_bound,
    number_of,
    recency_bound,
    refused,
)
from dangol.answers.intent_model import IntentModel, features, intent_model, with_flags
from dangol.answers.intents import (
    INTENTS,
    Bounds,
    Direction,
    GradeNames,
    Grain,
    Intent,
    Language,
    Measure,
    Missing,
    Period,
    Request,
    Scope,
    State,
)
from dangol.answers.periods import find_periods, hull, relative, without_refused
from dangol.answers.spelling import corrected

__all__ = [
    "MAX_CHARACTERS",
    "features_of",
    "find_ids",
    "flags_of",
    "language_of",
    "normalised",
    "parse",
    "wanted_before",
]

MAX_CHARACTERS = 500
"""Nobody asks longer; a longer text is not read at all."""

FILLER = re.compile(
    r"고객|손님|회원|아이디|번호|번|님|들|좀|대해서?|그중에?서?|중에서?|한테|한텐|에게|그럼|그러면|만|에\s|은|는|이|가|의|을|를|요|지금|현재|부탁|드려"
    r"|드립니다|해주세요|해줘|주세요|줘|주실|있나|그거|저거|이거|것|하나"
    r"|보여|알려|다시|음|아니|네|응"
    r"|\b(?:customers?|client|id|number|no|tell|show|give|me|us|about|on|for|of|the|a|an|please|pls|plz|is"
    r"|what|can|you|could|would|that|this|one|ones|those|it|them|to|and|some|right|now|list|see|do|we|i|my"
    r"|our|want|need|get|find|again|more|just|only|ok|okay|so|well|hmm|um|with|use|make|in|yes|same|thing"
    r"|from|upwards?|limit|narrow|restrict|how|bout)\b"
    r"|[^\w가-힣]",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Words:
    """A question taken apart: its entities, and `rest`, the text without them. `text` is the whole, put right."""

    language: Language
    text: str
    rest: str
    scope: Scope
    periods: tuple[Period, ...]
    frequency: Bounds
    monetary: Bounds
    recency: Bounds
    amount: Decimal | None
    n: int | None
    states: tuple[State, ...]
    moved: Grades
    """The grades; of a movement, those that it goes from and to."""
    refused: tuple[str, ...] = ()
    """Customers that are left out of those of the question before: no others are named."""

    def has(self, *patterns: re.Pattern[str]) -> bool:
        return any(pattern.search(self.rest) for pattern in patterns)

    def says(self, *patterns: re.Pattern[str]) -> bool:
        """As `has`, of the whole text, with its names and numbers."""
        return any(pattern.search(self.text) for pattern in patterns)

    @property
    def ids(self) -> tuple[str, ...]:
        return self.scope.customer_ids

    @property
    def grades(self) -> tuple[str, ...]:
        return self.scope.grades

    @property
    def all_grades(self) -> tuple[str, ...]:
        """The grades, or all that there are when all are meant."""
        return self.grades if len(self.grades) > 1 else self.moved.all

    @property
    def is_bare(self) -> bool:
        """Nothing but names and polite words: whom or when, but not what."""
        left = AFTER_THAT.sub("", BEFORE_THAT.sub("", self.rest))
        return not FILLER.sub("", cue.GRADE.sub("", left)).strip()


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
    if before is None:
        return remembering(completed(words, intent, confidence), ())
    request = follow_up(words, intent, confidence, before, goes_back=model.goes_back(seen))
    return remembering(request, before.recent_ids)


def remembering(request: Request, recent_ids: tuple[str, ...]) -> Request:
    """The request with the last two customers that were named up to it."""
    named = dict.fromkeys(
        (*(one for one in recent_ids if one not in request.scope.customer_ids), *request.scope.customer_ids)
    )
    return replace(request, recent_ids=tuple(named)[-2:])


def wanted_before(before: Request | None) -> Intent | None:
    """What the question before asked for, also where it lacked something."""
    return (before.asked or before.intent) if before else None


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


def taken_apart(text: str, grade_names: GradeNames, today: date) -> Words:
    language = language_of(text)
    text = spaced(corrected(text))
    recency, rest = recency_bound(text)
    frequency, rest = frequency_bound(rest)
    periods, rest = find_periods(without_refused(rest, today), today)
    monetary, rest = money_bound(rest)
    amount, rest = find_amount(rest)
    n, rest = find_n(rest)
    named, rest = find_ids(rest)
    out = refused(text, named)
    ids = tuple(one for one in named if one not in out) or named
    about_one = bool(ids) and not cue.SIMILAR.search(text)
    grades, rest = find_grades(rest, grade_names, one_customer=about_one)
    states = states_of(rest)
    scope = Scope(ids, grades.meant, hull(periods))
    text, rest = spaced_scripts(text), spaced_scripts(rest)
    left_out = out if out == named else ()
    return Words(
        language, text, rest, scope, periods, frequency, monetary, recency, amount, n, states, grades, left_out
    )


def ruled_intent(words: Words) -> tuple[Intent, float]:
    """(intent, confidence) by the first rule that fits, the most telling first; entities are not yet required."""
    for intent, asks in RULES:
        if asks(words):
            return intent, 1.0
    if words.ids:
        return ("customer_summary", 0.6) if words.is_bare else ("clarify", 0.3)
    if words.grades:
        return ("segment_profile", 0.6) if words.is_bare else ("segment_profile", 0.4)
    return ("clarify", 0.3) if is_vague(words) else ("out_of_scope", 0.5)


def is_vague(words: Words) -> bool:
    """Too little is said to tell what it is about: a word or two, or letters without a meaning."""
    left = FILLER.sub(" ", words.rest).split()
    hangul = sum(len(re.sub("[^가-힣]", "", word)) for word in left)
    latin = [word for word in left if re.fullmatch(r"[A-Za-z']{2,}", word)]
    return hangul < 5 and len(latin) < 3


def asks_help(words: Words) -> bool:
    return words.has(cue.HELP) and not words.ids and not (words.grades and not words.has(cue.SMALL_TALK))


def asks_forbidden(words: Words) -> bool:
    """Personal data, changes of data, predictions: never answered, however the question is put."""
    if words.says(cue.PERSONAL) and not (words.has(cue.MESSAGE) and words.has(WRITE)):
        return True
    return words.says(cue.CHANGES) or (words.says(cue.PREDICTIONS) and not words.says(cue.SUPPOSED))


def asks_off_topic(words: Words) -> bool:
    return words.has(cue.OFF_TOPIC) and not words.ids and not words.grades and not words.says(cue.THEME)


def asks_health(words: Words) -> bool:
    return words.has(cue.HEALTH) and not words.ids and not words.says(cue.THEME)


def asks_message(words: Words) -> bool:
    return words.has(cue.MESSAGE) and not words.has(cue.REJECTED)


def asks_strategy(words: Words) -> bool:
    return words.says(cue.STRATEGY) and not words.has(cue.WHY) and not words.ids


def asks_what_if(words: Words) -> bool:
    return words.says(cue.WHAT_IF) and not words.has(cue.WHY)


def asks_similar(words: Words) -> bool:
    return words.says(cue.SIMILAR) and not words.has(cue.COMPARE) and not (words.grades and not words.ids)


def asks_compare(words: Words) -> bool:
    several = len(words.ids) > 1 or len(words.grades) > 1 or len(words.periods) > 1
    return words.has(cue.COMPARE) and (several or not (words.ids or words.has(cue.TOP)))


def asks_movement(words: Words) -> bool:
    moves = words.says(cue.MOVED_DOWN, cue.MOVED_UP, cue.MOVED_IN, cue.MOVEMENT)
    if words.ids or not moves or words.has(cue.RETURNED):
        return False
    if words.grades:
        return not words.has(cue.TREND, cue.ORDERS) or words.has(WHO)
    if words.has(cue.WHY, cue.TREND) and words.has(cue.THESE):
        return False
    return words.has(cue.GRADE, GRADE_MOVES) or (words.has(WHO, cue.MOVEMENT) and not words.has(cue.ORDERS, cue.MONEY))


def asks_trend(words: Words) -> bool:
    return words.has(cue.TREND) and not (words.has(cue.SHARE) and not words.has(STEPS))


def asks_top(words: Words) -> bool:
    return words.has(cue.TOP) and not words.ids


def asks_count(words: Words) -> bool:
    return words.has(cue.COUNT) and not words.ids


def asks_sum(words: Words) -> bool:
    return words.has(cue.SUM) and not (words.ids and not words.periods)


def asks_theme(words: Words) -> bool:
    return words.says(cue.THEME) and not words.ids and bool(description(words))


def asks_grade(words: Words) -> bool:
    if not words.ids:
        return words.has(cue.GRADE) and words.has(cue.THESE) and not words.grades
    return words.has(cue.GRADE) or (bool(words.grades) and (words.has(cue.CHECK) or words.is_bare))


def asks_profile(words: Words) -> bool:
    return bool(words.grades) and not words.ids and words.has(cue.PROFILE)


def is_bounded(words: Words) -> bool:
    """Bounds or a state say whom: how many there are is what can be told of them."""
    return bool(words.states or words.frequency != Bounds() or words.recency != Bounds() or words.monetary != Bounds())


WRITE = re.compile(r"써|작성|문구|초안|보낼|보내|draft|write|copy|word", re.IGNORECASE)
WHO = re.compile(
    r"고객|사람|손님|누구|누가|분들|명|회원|인원|\b(?:who|customers?|people|how many|anyone|everyone|list)\b",
    re.IGNORECASE,
)
PEOPLE = re.compile(
    r"고객|사람|손님|누구|누가|분들|명|회원|인원|\b(?:who|customers?|people|anyone|everyone)\b", re.IGNORECASE
)
GRADE_MOVES = re.compile(
    r"강등|승급|승격|하향|상향|\b(?:downgrad\w+|upgrad\w+|promotions?|promoted|demot\w+)\b", re.IGNORECASE
)
STEPS = re.compile(r"추이|추세|흐름|월별|주별|일별|\b(?:trend|over time|monthly|weekly|daily)\b", re.IGNORECASE)

RULES: tuple[tuple[Intent, Callable[[Words], bool]], ...] = (
    ("out_of_scope", asks_forbidden),
    ("help", asks_help),
    ("message", asks_message),
    ("strategy", asks_strategy),
    ("out_of_scope", asks_off_topic),
    ("what_if", asks_what_if),
    ("find_similar", asks_similar),
    ("boundary", lambda words: words.says(cue.BOUNDARY)),
    ("movement", asks_movement),
    ("compare", asks_compare),
    ("why", lambda words: words.has(cue.WHY)),
    ("data_health", asks_health),
    ("share", lambda words: words.has(cue.SHARE)),
    ("trend", asks_trend),
    ("mean", lambda words: words.has(cue.MEAN, cue.ORDER_VALUE)),
    ("top_n", asks_top),
    ("count", asks_count),
    ("theme", asks_theme),
    ("sum", asks_sum),
    ("grade_lookup", asks_grade),
    ("customer_summary", lambda words: bool(words.ids) and words.has(cue.SUMMARY)),
    ("segment_profile", asks_profile),
    ("count", is_bounded),
    ("clarify", lambda words: not words.ids and not words.grades and words.has(cue.GRADE, cue.SUMMARY, cue.THESE)),
)

NEEDS: Mapping[Intent, Missing] = {
    "customer_summary": "customer",
    "grade_lookup": "customer",
    "why": "customer",
    "what_if": "customer",
    "find_similar": "customer",
    "segment_profile": "grade",
    "strategy": "grade",
    "message": "grade",
    "compare": "customers",
}
"""What an intent cannot do without."""


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
    whole = inherited(words, before, intent)
    if intent == earlier and before.missing is None:
        return continued(whole, words, confidence, before)
    return completed(whole, intent, confidence, before)


BARE = 0.9
"""Confidence in a question of names alone, which goes on with the one before, in its language."""


def corrects(words: Words, earlier: Intent, before: Request) -> bool:
    """Whether a question puts right, or adds to, whom or when the one before was about, and asks for nothing else."""
    if earlier not in CONTINUED or not (says_something(words) or words.says(cue.EVERYBODY)):
        return False
    if leaves_out(words, before):
        return True
    asks_anew, sure = ruled_intent(words)
    told = words.says(cue.CORRECTS) or (words.says(cue.ADDS) and not words.says(cue.THEME))
    return told and (sure < 1 or asks_anew in (earlier, "clarify"))


def compares(words: Words, before: Request) -> bool:
    """Whether a question puts one customer, grade or period beside that of the question before."""
    old = before.scope
    if not words.has(cue.COMPARE) or is_several(words):
        return False
    if words.ids or words.grades:
        return bool(old.customer_ids if words.ids else old.grades and not old.customer_ids)
    return bool(words.periods and (before.periods or old.period != Period()))


def with_amount(words: Words, before: Request) -> Words:
    """The words, whose number is no customer's after a what-if of an amount: "and with 1000?"."""
    if before.intent != "what_if" or before.amount is None or len(words.ids) != 1 or len(words.ids[0]) > LEAST_DIGITS:
        return words
    amount = Decimal(words.ids[0]) if words.ids[0].isdigit() else None
    return replace(words, amount=amount, scope=replace(words.scope, customer_ids=())) if amount else words


def leaves_out(words: Words, before: Request) -> bool:
    """Whether some, not all, of the customers of the question before are left out."""
    return bool(words.refused) and set(words.refused) < set(before.scope.customer_ids)


def says_something(words: Words) -> bool:
    named = words.ids or words.grades or words.periods or words.n or words.states
    return bool(named or words.says(cue.AND_WHAT))


def fits(words: Words, intent: Intent) -> bool:
    """Whether an intent takes the names that a question consists of."""
    if intent not in CONTINUED or not (words.ids or words.grades or words.periods):
        return False
    if words.ids:
        return NEEDS.get(intent) in ("customer", "customers") or intent in ("message", "trend", "sum", "count")
    return not words.grades or NEEDS.get(intent) != "customer" or intent in OF_CUSTOMER_AND_GRADE


OF_CUSTOMER_AND_GRADE: frozenset[Intent] = frozenset({"what_if", "find_similar"})
"""Intents about a customer that also take a grade: of which others, or which to reach."""


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


def moved_again(
    words: Words, before: Request, *, turned: bool
) -> tuple[Direction | None, tuple[str, ...], tuple[str, ...]]:
    """(direction, from, to) of a movement after another: new grades stand where the earlier ones stood."""
    direction = direction_of(words)
    old, new = words.moved.old, words.moved.new
    opposite = {"up": "down", "down": "up"}.get(before.direction or "")
    turns = turned or (direction is not None and direction == opposite)
    if not words.grades:
        old, new = (before.to_grades, before.from_grades) if turns else (before.from_grades, before.to_grades)
    elif words.has(cue.THESE) and not (old and new):
        old, new = old or before.from_grades, new or before.to_grades
    elif not (old or new):
        old, new = (words.grades if before.from_grades else ()), (words.grades if before.to_grades else ())
    if turned and direction is None:
        direction = "up" if opposite == "up" else "down" if opposite else None
    return direction or (None if turns else before.direction), old, new


def shifted_period(words: Words, before: Request) -> Period | None:
    """The week, month, quarter or year before, or after, the one that was asked for before."""
    start = before.scope.period.start
    for pattern, steps in ((BEFORE_THAT, 1), (AFTER_THAT, -1)):
        if start and (found := pattern.search(words.text)):
            name = next(value for value in found.groups() if value).lower()
            return relative(UNITS_KO.get(name, name), steps, start)
    return None


UNITS_KO = {"주": "week", "달": "month", "월": "month", "해": "year", "년": "year", "분기": "quarter"}
BEFORE_THAT = re.compile(
    r"(?:그|바로|그\s*바로)\s*(?:직전|이전|전)\s*(?P<ko>주|달|해|년|분기)|(?<![가-힣])(?:직전|이전"
    r"|전)\s*(?P<last>주|달|월|해|년|분기)"
    r"|\bthe\s+(?P<en>week|month|year|quarter)\s+before\b(?!\s+last)"
    r"|\b(?:the\s+)?(?:previous|prior|preceding)\s+(?P<previous>week|month|year|quarter)\b"
    r"|\b(?:a|one)\s+(?P<earlier>week|month|year|quarter)\s+(?:earlier|before)\b",
    re.IGNORECASE,
)
AFTER_THAT = re.compile(
    r"(?:그|바로)\s*다음\s*(주|달|해|년|분기)|\bthe\s+(week|month|year|quarter)\s+after(?:\s+that)?\b"
    r"|\bthe\s+(?:following|next)\s+(week|month|year|quarter)\b",
    re.IGNORECASE,
)
CONTINUED = frozenset(INTENTS) - {"clarify", "out_of_scope", "help", "not_found", "data_health"}


def inherited(words: Words, before: Request, intent: Intent) -> Words:
    """Whom and when of the question before, where this one does not say them itself.

    A grade takes the customers' place unless the intent is about a customer; of a comparison the one that is named now
    stands beside the one of before.
    """
    old, of_customer = before.scope, NEEDS.get(intent) == "customer"
    if leaves_out(words, before):
        left = tuple(one for one in old.customer_ids if one not in words.refused)
        words = replace(words, scope=replace(words.scope, customer_ids=left))
    elif words.says(cue.ADDS):
        both = (*old.customer_ids, *words.ids) if words.ids else ()
        grades = tuple(one for one in words.moved.all if one in {*old.grades, *words.grades}) if words.grades else ()
        words = replace(words, scope=replace(words.scope, customer_ids=tuple(dict.fromkeys(both)), grades=grades))
    words = replace(words, scope=related(words, before))
    ids = words.ids or (() if words.grades and not of_customer and intent != "out_of_scope" else old.customer_ids)
    everybody = words.says(cue.EVERYBODY) and not words.has(cue.THESE)
    another = words.ids and not old.customer_ids
    grades = words.grades or (() if another or everybody else old.grades)
    periods = words.periods or before.periods or ((old.period,) if old.period != Period() else ())
    if intent == "compare" and max(len(words.ids), len(words.grades), len(words.periods)) == 1:
        ids = tuple(dict.fromkeys((*old.customer_ids, *words.ids))) if words.ids else ids
        grades = tuple(dict.fromkeys((*old.grades, *words.grades))) if words.grades else grades
        periods = tuple(dict.fromkeys((*before.periods, *words.periods))) if words.periods else periods
    period = hull(periods) if intent == "compare" else words.scope.period if words.periods else old.period
    return replace(
        words,
        scope=Scope(ids, grades, period),
        periods=periods,
        frequency=words.frequency if words.frequency != Bounds() else before.frequency,
        monetary=words.monetary if words.monetary != Bounds() else before.monetary,
        recency=words.recency if words.recency != Bounds() else before.recency,
        states=words.states or before.states,
    )


def related(words: Words, before: Request) -> Scope:
    """The scope of words that name customers or grades by those of the question before: the former, all others."""
    old, every = before.scope, words.moved.all
    if ids := pointed_at(words, before):
        return replace(words.scope, customer_ids=tuple(dict.fromkeys((*ids, *words.ids))))
    if not old.grades or old.customer_ids or words.ids:
        return words.scope
    earlier, named = set(old.grades), set(words.grades)
    ranks = [every.index(grade) for grade in old.grades]
    out = set(words.moved.refused)
    place = place_of_two(words)
    if place is not None and len(old.grades) > 1:
        named.add(old.grades[place])
    elif not named and words.says(cue.OTHERS):
        named = set(every) - earlier
    elif not named and words.says(cue.BELOW_THAT):
        named = set(every[: min(ranks)])
    elif not named and words.says(cue.ABOVE_THAT):
        named = set(every[max(ranks) + 1 :])
    elif named and out & earlier and len(named | out) < len(every):
        named |= earlier - out
    elif (words.moved.new or words.moved.old) and words.has(cue.THESE):
        named |= earlier
    return replace(words.scope, grades=tuple(grade for grade in every if grade in named))


def pointed_at(words: Words, before: Request) -> tuple[str, ...]:
    """The customers of before that are called the former, the latter or both, or are left when one of them goes."""
    ids = before.scope.customer_ids if len(before.scope.customer_ids) > 1 else before.recent_ids
    place = place_of_two(words)
    if len(ids) < 2 or (place is None and not words.says(cue.BOTH)):
        return ()
    if words.says(cue.BOTH) or place is None:
        return ids
    pointed = ids[place]
    return tuple(one for one in ids if one != pointed) if words.says(cue.LEAVES_OUT) else (pointed,)


def place_of_two(words: Words) -> int | None:
    return 0 if words.says(cue.FORMER) else -1 if words.says(cue.LATTER) else None


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


def detailed(request: Request, words: Words, before: Request | None) -> Request:
    """The request with what its intent is told besides whom and when."""
    match request.intent:
        case "count" | "sum" | "mean" | "share" | "trend" | "top_n" as intent:
            measure = measure_of(words, intent)
            if before and before.measure in MEASURED[intent] and not words.has(*MEASURES):
                measure = before.measure
            returned = intent == "count" and words.has(cue.RETURNED)
            lowest = intent == "top_n" and is_lowest(words, measure)
            return replace(request, measure=measure, returned=returned, lowest=lowest, grain=grain_of(words))
        case "movement":
            old, new = words.moved.old, words.moved.new
            return replace(request, direction=direction_of(words), from_grades=old, to_grades=new)
        case "what_if":
            return replace(request, amount=words.amount, n=orders_more(words))
        case "segment_profile" | "strategy" | "message" if words.has(cue.ALL_GRADES) and not (
            words.grades or words.ids
        ):
            return replace(request, scope=replace(request.scope, grades=words.all_grades))
        case "compare" if not is_several(words):
            return replace(request, scope=replace(words.scope, grades=words.all_grades))
    return request


MEASURED: Mapping[Intent, frozenset[Measure]] = {
    "count": frozenset({"customers", "orders"}),
    "sum": frozenset({"monetary", "returned"}),
    "mean": frozenset({"monetary", "frequency", "recency", "order_value", "returned"}),
    "share": frozenset({"customers", "monetary", "orders", "returned"}),
    "trend": frozenset({"customers", "monetary", "orders", "returned", "order_value"}),
    "top_n": frozenset({"monetary", "frequency", "recency", "returned"}),
}
"""What can be counted, added up and so on."""


def missing(words: Words, intent: Intent) -> Missing | None:
    """What an intent cannot do without and the words do not say."""
    if intent == "clarify":
        return "aspect" if words.ids else "customer" if words.has(cue.GRADE) else "anything"
    if intent == "theme":
        return None if description(words) else "description"
    needed = NEEDS.get(intent)
    return needed if needed and not is_said(words, intent, needed) else None


def is_said(words: Words, intent: Intent, needed: Missing) -> bool:
    match needed:
        case "customer":
            return bool(words.ids)
        case "customers":
            return is_several(words) or words.has(cue.ALL_GRADES)
        case _:
            narrowed = intent != "segment_profile" and (bool(words.ids) or is_bounded(words))
            return bool(words.grades) or narrowed or words.has(cue.ALL_GRADES)


def is_several(words: Words) -> bool:
    return len(words.ids) > 1 or len(words.grades) > 1 or len(words.periods) > 1


MEASURES = (cue.RETURNED, cue.ORDERS, cue.MONEY_ALONE, cue.RECENCY, cue.FREQUENCY, cue.ORDER_VALUE)
COUNTED_ORDERS = re.compile(
    r"주문\s*(?:건수|수|이|은)?\s*(?:몇|얼마|알려|총|$|\?)|건수|몇\s*건|주문\s*(?:수|량|건)"
    r"|(?:how many|number of|count of|count|total) (?:\w+ )?(?:orders|purchases|transactions)"
    r"|order (?:count|volume|number)s?"
    r"|(?:orders|purchases) (?:placed|made|came)|same for orders|how (?:many times|often) (?:did|has|have)"
    r"|몇\s*(?:번|회|차례)",
    re.IGNORECASE,
)


def measure_of(words: Words, intent: Intent) -> Measure:
    if words.has(cue.RETURNED) and intent != "count":
        return "returned"
    return MEASURE_OF[intent](words)


def count_measure(words: Words) -> Measure:
    counts_orders = words.has(COUNTED_ORDERS) or (words.has(cue.ORDERS) and not words.has(PEOPLE))
    return "orders" if counts_orders else "customers"


def share_measure(words: Words) -> Measure:
    if words.has(cue.MONEY_ALONE):
        return "monetary"
    return "orders" if words.has(COUNTED_ORDERS, cue.ORDERS) and not words.has(WHO) else "customers"


def trend_measure(words: Words) -> Measure:
    if words.has(cue.HEADS):
        return "customers"
    if words.has(cue.ORDER_VALUE):
        return "order_value"
    if words.has(cue.MONEY_ALONE) and not words.has(COUNTED_ORDERS):
        return "monetary"
    if words.has(cue.ORDERS):
        return "orders"
    return "customers" if words.grades or (words.has(WHO) and not words.ids) else "monetary"


def mean_measure(words: Words) -> Measure:
    if words.has(cue.ORDER_VALUE):
        return "order_value"
    if words.has(cue.RECENCY):
        return "recency"
    if words.has(cue.FREQUENCY) and not words.has(cue.SPENT):
        return "frequency"
    return "monetary"


def top_measure(words: Words) -> Measure:
    if words.has(cue.SPENT):
        return "monetary"
    if words.has(cue.RECENCY, cue.MOST_RECENT, cue.LONGEST):
        return "recency"
    return "frequency" if words.has(cue.FREQUENCY, cue.ORDERS_MOST) else "monetary"


MEASURE_OF: Mapping[Intent, Callable[[Words], Measure]] = {
    "count": count_measure,
    "sum": lambda _: "monetary",
    "mean": mean_measure,
    "share": share_measure,
    "trend": trend_measure,
    "top_n": top_measure,
}


def is_lowest(words: Words, measure: Measure | None) -> bool:
    """Whether the smallest come first; of days since a purchase, the most recent."""
    if measure == "recency":
        return words.has(cue.MOST_RECENT) and not words.has(cue.LONGEST)
    return words.has(cue.LOWEST)


def grain_of(words: Words) -> Grain | None:
    for grain, pattern in GRAINS.items():
        if re.search(pattern, words.text, re.IGNORECASE):
            return grain
    return None


GRAINS: Mapping[Grain, str] = {
    "month": r"월별|매월|매달|달마다|월\s*단위|\b(?:by|per|each|every) month|monthly|month[\s-](?:by|over|on)",
    "week": r"주별|매주|주간|주마다|주\s*단위|\b(?:by|per|each|every) week|weekly|week[\s-](?:by|over|on)",
    "day": r"일별|매일|날짜별|날마다|일자별|일\s*단위|\b(?:by|per|each|every) (?:day|date)|daily|day[\s-](?:by"
    r"|over|on)",
}


def direction_of(words: Words) -> Direction | None:
    """Up or down where the words say one of them; in, of customers who newly have a grade."""
    up, down = words.has(cue.MOVED_UP), words.has(cue.MOVED_DOWN)
    if up != down:
        return "up" if up else "down"
    if not up and words.has(cue.LEFT):
        return None if words.moved.old else "down"
    return "in" if not up and words.says(cue.MOVED_IN) and not words.moved.new else None


def orders_more(words: Words) -> int | None:
    """How many orders a customer would place."""
    found = cue.ORDERS_MORE.search(words.rest)
    if not found:
        return words.n
    return number_of(next(value for value in found.groups() if value).split()[-1 if found[3] is None else 0])


def description(words: Words) -> str | None:
    """What is left to describe when all words of asking are gone."""
    left = (described(word) for word in re.findall(r"[\w'&\-]+", words.rest))
    return " ".join(word for word in left if len(word) > 1) or None


def described(word: str) -> str:
    """A word without the endings it carries; empty when it is one of asking."""
    if ASKING.fullmatch(word):
        return ""
    stem = PARTICLE.sub("", word)
    return "" if ASKING.fullmatch(stem) else stem


PARTICLE = re.compile(
    r"(?<=[가-힣A-Za-z]{2})(?:에서|에게|한테|으로|까지|부터|이나|이랑|들은|들이|들을|이라도|라도|들|은|는"
    r"|(?<![걸린양종갱])이|가|을|를|도|만|의|과|와|랑|로)"
    r"(?:요)?$"
)
ASKING = re.compile(
    r"(?:고객|손님|사람|회원|구매자|단골|분들|누구|누가|사용자|애들)\S*|분(?:은|이|들|께|을)?|이?들(?:은"
    r"|이|을|만)?|중(?:에서?|에도|에선)?|에서?는?요?|그중\S*|것|거|걸"
    r"|(?:자주|주로|많이|즐겨|꾸준히|혹시|잘|한|번|번이라도|한번이라도|최근에?|요즘|좀|제일|가장|다|또"
    r"|그럼|그리고|어떤|무슨|등급|쪽(?:은|에도)?|계열|관련|같은|종류|이런|그런)"
    r"|(?:사|구매하|구입하|좋아하|찾|선호하|모으|주문하|쓰|애용하|즐기|담|사가)(?:는|던|나|니|지|냐|고)\S*"
    r"|사는지|좋아할\S*|살(?:\s*만한)?|산|샀\S*"
    r"|(?:구매|구입|주문)(?:한|했|하)?\S*"
    r"|사간|(?:적|이력)(?:이|은)?|취향|관심\S*|만한|있(?:는|어|나|을|던|으)\S*|많(?:은|이)\S*|찾아\S*"
    r"|목록\S*|명단\S*|리스트\S*|추천\S*"
    r"|골라\S*|뽑아\S*|추려\S*|싶\S*|알고|알려\S*|보여\S*|부탁\S*"
    r"|줘|주세요|해줘|해|하는|할|될|요|은|는|이|가|을|를|도|의|에게|한테|인|님\S*|명|또는|및"
    r"|(?:who|whose|whom|which|buys?|buying|bought|purchas\w+|likes?|loves?|loving|liking|into|interested"
    r"|interest|fond|keen|collect\w*|order(?:s|ed|ing)?|picks?|goes"
    r"|shop(?:s|ped|ping)?|prefer\w*|enjoy\w*|fans?|people|ppl|those|anyone|anybody|everyone|mainly|mostly"
    r"|often|usually|regularly|always|lots?|are|is|has|have|had|ever|any|all"
    r"|find|would|might|be|been|judging|by|they|they've|ve|what|planning|range|stuff|things?|sort|kind"
    r"|lovers?|buyers?|collectors?|enthusiasts?|grade|tier|segment|shoppers?"
    r"|regulars?|clients?|members?|users?|folks?|with|taste|passion|customers?|client|id|number|no|tell"
    r"|show|give|me|us|about|on|for|of|the|a|an|please|pls|plz|can|you|could|that"
    r"|this|one|ones|it|them|to|and|or|some|right|now|list|see|do|does|did|we|i|my|our|want|need|get|again"
    r"|more|ok|okay|so|well|hmm|um|use|make|in|from|yes|same|thing|among|lot"
    r"|group|crowd|also|too|how|only|just|excl|except|not|but|there|their|at|as|most|much|many|sell|sold"
    r"|went|go|going)",
    re.IGNORECASE,
)


def states_of(text: str) -> tuple[State, ...]:
    patterns: dict[State, re.Pattern[str]] = {
        "dormant": cue.DORMANT,
        "cooling": cue.COOLING,
        "new": cue.NEW,
        "active": cue.ACTIVE,
    }
    return tuple(state for state, pattern in patterns.items() if pattern.search(text))


def normalised(text: str) -> str:
    """NFKC without invisible characters, with single spaces: look-alike spellings become one."""
    visible = (
        character for character in unicodedata.normalize("NFKC", text) if unicodedata.category(character) != "Cf"
    )
    return " ".join("".join(visible).split())


def language_of(text: str) -> Language:
    return "ko" if re.search(r"[ㄱ-ㆎ가-힣]", unicodedata.normalize("NFC", text)) else "en"


DOTTED_VIP = re.compile(r"\bv\.\s?i\.\s?p\.?(?=\W|s\b|[가-힣]|$)", re.IGNORECASE)
GLUED = re.compile(
    r"(?<=[가-힣0-9])(?=vs\.?[가-힣0-9])|(?<=[가-힣0-9]vs)(?=[가-힣0-9])|(?<=[가-힣0-9]vs\.)(?=[가-힣0-9])"
    r"|\b(?:customer|client|id|no|grade|tier|of)(?=\d{3})|\b(?:vip|gold|silver|bronze)(?=\d+\s*(?:명|위|개))|(?<=\d{4})(?=(?:customer"
    r"|vip|gold|silver|bronze|grade)\b)"
    r"|(?<=\d)(?=VIP)|(?<=\d{4})(?=-(?:like|type|style)\b)"
    r"|(?:(?<=브론즈)|(?<=실버)|(?<=골드))(?=브론즈|실버|골드|브이아이피|VIP)",
    re.IGNORECASE,
)


def spaced(text: str) -> str:
    """With spaces between words that are written together, without dots in V.I.P.: customer12347, 골드vs실버."""
    return GLUED.sub(lambda found: f"{found[0]} ", DOTTED_VIP.sub("VIP", text))


def spaced_scripts(text: str) -> str:
    """With spaces between Latin words and the Korean endings they carry, so that they are whole words."""
    return re.sub(r"(?<=[A-Za-z])(?=[가-힣])|(?<=[가-힣])(?=[A-Za-z])", " ", text)
