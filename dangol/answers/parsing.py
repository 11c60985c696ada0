"""Questions in Korean or English to requests: rules alone, offline and deterministic.

Entities are read first, each taken out of the text: periods, bounds, grades, customer ids. What is left tells the
intent; what is missing then comes from the question before, or is asked back for.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from dangol.answers import lexicon as cue
from dangol.answers.intent_model import features, intent_model
from dangol.answers.intents import (
    INTENTS,
    Bounds,
    Direction,
    Grain,
    GradeNames,
    Intent,
    Language,
    Measure,
    Missing,
    Period,
    Request,
    Scope,
    State,
)
from dangol.answers.periods import find_periods, hull, relative
from dangol.answers.spelling import corrected

MAX_CHARACTERS = 500
"""Nobody asks longer; a longer text is not read at all."""
MAX_LISTED = 100
"""A longer list is an audience, not an answer."""

CUSTOMER_ID = re.compile(
    r"(?<![A-Za-z0-9_.\-£$€₩])(?=[A-Za-z_.\-]*\d)[A-Za-z0-9]+(?:[_.\-][A-Za-z0-9]+)*(?!%|[A-Za-z0-9])"
)
QUOTED = re.compile(r"[\"'“‘]([^\"'”’]{1,64})[\"'”’]")
NAMED_ID = re.compile(
    r"(?:고객|customer|client|id|번호)\s*(?:번호|아이디|id)?\s*[#:]?\s*(\d+)(?!\s*(?:명|분|건|위|인|등(?!급)))(?!\d)",
    re.IGNORECASE,
)

AMOUNT = re.compile(
    r"[£$€₩]\s*(\d[\d,]*(?:\.\d+)?)(k)?|(\d[\d,]*(?:\.\d+)?)\s*(k)?\s*(?:만\s*)?(?:파운드|원어치|원|달러|유로|pounds?|quid|gbp|krw|usd|eur|won|dollars?|euros?)"
    r"|\b(?:spen[dt]s?|spending|another|extra)\s+(?:another\s+|an?\s+extra\s+|over\s+)?(\d{1,6}(?:\.\d+)?)(k)?\b(?!\s*(?:days?|weeks?|months?|orders?|times|purchases?))"
    r"|(\d[\d,]*(?:\.\d+)?)(k)?\s*(?:more\b(?!\s*(?:orders?|purchases?|times))|extra\b|어치|더\s*(?:사|쓰|구매|결제|주문)(?!\s*번))",
    re.IGNORECASE,
)
TIMES = r"(?:번|회|차례|건|times|purchases?|orders?)"
LEAST_WORD, MOST_WORD = r"(?:이상|넘게|넘는|초과|or more|and more|\+|plus)", r"(?:이하|미만|or less|or fewer|at most)"
FREQUENCY_BOUND = re.compile(
    rf"(?P<ko>\d+)\s*{TIMES}\s*(?:을|를)?\s*(?P<side>이상|넘게|넘는|초과|이하|미만|or more|or less|or fewer)"
    rf"|(?P<en>at least|more than|over|fewer than|less than|at most)\s+(?P<number>\d+)\s*{TIMES}"
    rf"|(?P<plain>\d+)\s*(?P<more>or more|or fewer|or less|\+)\s*{TIMES}",
    re.IGNORECASE,
)
MONEY_BOUND = re.compile(
    r"(?:£|\$|€|₩)?\s*(?P<ko>\d[\d,]+)\s*(?:만\s*)?(?:파운드|원|pounds?|gbp)?\s*(?:을|를)?\s*(?P<side>이상|넘게|넘는|초과|이하|미만)"
    r"|(?P<en>at least|more than|over|above|less than|under|below|at most)\s+(?:£|\$|€|₩)?\s*(?P<number>\d[\d,]+)(?![.\d])\s*(?:pounds?|gbp|won)?",
    re.IGNORECASE,
)
RECENCY_BOUND = re.compile(
    r"(?P<ko>\d+)\s*(?P<unit>일|주|개월|달)\s*(?:간|동안)?\s*(?:이상|넘게|넘도록|째)?\s*(?:구매|주문|방문)?\s*(?:가|을|를|이)?\s*(?:안\s*(?:산|사|온|한|하)|없|하지\s*않|않은)"
    r"|(?:not|n't|no|without|inactive|quiet|silent)\s+(?:\w+\s+){0,4}?(?:for|in|over|within)\s+(?:the\s+)?(?:last\s+|past\s+|more\s+than\s+|over\s+|at\s+least\s+)?(?P<en>\d+)\s+(?P<enunit>day|week|month)s?",
    re.IGNORECASE,
)
UNIT_DAYS = {"일": 1, "주": 7, "개월": 30, "달": 30, "day": 1, "week": 7, "month": 30}

NUMBER_WORDS = {
    **{"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10},
    **{"twelve": 12, "fifteen": 15, "twenty": 20, "thirty": 30, "fifty": 50, "hundred": 100, "dozen": 12},
    **{"한": 1, "두": 2, "세": 3, "네": 4, "다섯": 5, "여섯": 6, "일곱": 7, "여덟": 8, "아홉": 9, "열": 10, "스무": 20},
}
NUMBER = r"(?P<n>\d{1,3}|" + "|".join(word for word in NUMBER_WORDS if word.isascii()) + r")"
LISTED = re.compile(
    rf"(?:상위|하위|톱|탑|top|bottom|first|best|worst|highest|lowest|biggest|largest|smallest|그중|중)\s*(?:에서\s*)?{NUMBER}(?:\s*(?:명|위|분|등|인|customers?|people|by|%)|\b|(?=[가-힣]))"
    r"|(?<!\d)(?P<ko>\d{1,3}|다섯|세|네|열|스무|두|일곱|여덟|여섯|아홉)\s*(?:명|분|위|등|사람)(?!\s*(?:당|이상|이하|미만|급|석|류|기))"
    rf"|\b(?:the|give me|show me|list|show|name|only|me|just|find|need|want|see|get|any|us)\s+(?:the\s+)?(?:top\s+|other\s+|just\s+|about\s+)?(?P<en>\d{{1,2}}|{'|'.join(word for word in NUMBER_WORDS if word.isascii())})\b(?!\s*(?:days?|weeks?|months?|years?|quarters?|periods?|grades?|tiers?|of\s+(?:them|the)|£))"
    r"|\b(?P<adj>\d{1,2}|three|four|five|six|seven|eight|nine|ten|twenty)\s+(?:(?:most|least|best|worst|biggest|top|highest|lowest|oldest|newest|longest|latest|smallest|largest|similar|nearest|closest)\b|(?:\w+\s+)?(?:customers?|people|names|vips?|buyers?|spenders?|shoppers?)\b)"
    r"|(?P<rank>\d{1,3})\s*위\s*까지|(?<=[\s,])(?P<tail>\d{1,2})(?=\s*(?:please|pls|plz)?[.?!]*$)",
    re.IGNORECASE,
)
EXACTLY_ONE = re.compile(
    r"한\s*(?:번|차례|회)(?:만)?\s*(?:산|구매|주문)|(?:bought|ordered|purchased)\s+(?:only\s+|just\s+)?once|one[\s-]time (?:buyers?|customers?)|single purchase",
    re.IGNORECASE,
)
QUANTITY = re.compile(
    r"(?<!\d)\d{1,3}(?:\.\d+)?\s*(?:명|인|일|주|개월|달|월|년|원|위|회|건|분(?!류|석|들)|등(?!급)|자|글자|바이트|시간|시|퍼센트|%|파운드|만)"
    r"|(?<!\d)\d{1,2}\s*번(?!\s*(?:고객|손님|님|회원|이|은|의|분|$))"
    r"|\b\d{1,3}\s*(?:days?|weeks?|months?|years?|customers?|people|percent|pounds?|orders?|purchases?|times|characters?|chars|words|hours?|minutes?|vips?|buyers?|sentences?|lines?)\b"
    r"|\b(?:top|last|first|next|past|bottom|best)\s+\d+\b|0\.\d+|(?:under|max|below)\s+\d{1,3}\b",
    re.IGNORECASE,
)
FILLER = re.compile(
    r"고객|손님|회원|아이디|번호|번|님|들|좀|대해서?|에\s|은|는|이|가|의|을|를|요|지금|현재|부탁|드려|드립니다|해주세요|해줘|주세요|줘|주실|있나|그거|저거|이거|것|하나|보여|알려|다시|음|아니|네|응"
    r"|\b(?:customers?|client|id|number|no|tell|show|give|me|us|about|on|for|of|the|a|an|please|pls|plz|is|what|can|you|could|would|that|this|one|ones|those|it|them|to|and|some|right|now|list|see|do|we|i|my|our|want|need|get|find|again|more|ok|okay|so|well|hmm|um|with|use|make|in|yes|same|thing)\b"
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
    def is_bare(self) -> bool:
        """Nothing but names and polite words: whom, but not what."""
        return not FILLER.sub("", cue.GRADE.sub("", self.rest)).strip()


def parse(question: str, grade_names: GradeNames, today: date, before: Request | None = None) -> Request:
    """The request that a question makes; never fails: what is not understood asks back.

    `today`: the shop's. `before`: the request before in the same conversation, which "of those" and the like go back to.
    """
    if len(question) > MAX_CHARACTERS:
        return Request(language_of(question[:MAX_CHARACTERS]), "clarify", confidence=0.0, missing="anything")
    words = taken_apart(normalised(question), grade_names, today)
    ruled, confidence = ruled_intent(words)
    intent = ruled
    if not asks_forbidden(words):
        intent, margin = intent_model().intent_of(features(words.rest, flags(words, before and before.intent)))
        confidence = confidence_of(margin, agrees=intent == ruled)
    followed = follow_up(words, intent, confidence, before) if before else None
    return followed or completed(words, intent, confidence)


def confidence_of(margin: float, *, agrees: bool) -> float:
    """From a half to one: of an intent by its margin over the second likeliest, and whether the rules say the same."""
    return round(min(1.0, 0.5 + margin / 2 + (0.25 if agrees else 0.0)), 2)


def features_of(question: str, grade_names: GradeNames, today: date, before: Sequence[str] = ()) -> dict[int, float]:
    """What the intent model sees of a question after earlier ones."""
    earlier = ruled_intent(taken_apart(normalised(before[-1]), grade_names, today))[0] if before else None
    words = taken_apart(normalised(question), grade_names, today)
    return features(words.rest, flags(words, earlier))


def flags(words: Words, before: Intent | None) -> Iterator[str]:
    """What was found in a question, what the rules make of it, and what was asked before it."""
    yield from (f"ids{min(len(words.ids), 2)}", f"grades{min(len(words.grades), 2)}")
    yield from (f"periods{min(len(words.periods), 2)}", words.language)
    if words.amount is not None:
        yield "amount"
    if words.n:
        yield "n"
    if words.states:
        yield "state"
    yield from (name for name in ("frequency", "monetary", "recency") if getattr(words, name) != Bounds())
    intent, confidence = ruled_intent(words)
    yield f"ruled {intent}"
    if confidence >= 1:
        yield f"surely {intent}"
    if before:
        yield from ("before", f"before {before}")


def taken_apart(text: str, grade_names: GradeNames, today: date) -> Words:
    language = language_of(text)
    text = spaced(corrected(text))
    recency, rest = recency_bound(text)
    frequency, rest = bound(FREQUENCY_BOUND, rest)
    if EXACTLY_ONE.search(rest):
        frequency, rest = Bounds(Decimal(1), Decimal(1)), EXACTLY_ONE.sub(" ", rest)
    periods, rest = find_periods(rest if recency == Bounds() else text, today)
    named = NAMED_ID.findall(rest)
    monetary, rest = bound(MONEY_BOUND, rest)
    amount, rest = find_amount(rest)
    has_ids = bool(find_ids(find_n(rest, named)[1])[0])
    grades, rest = find_grades(rest, grade_names, one_customer=has_ids)
    n, rest = find_n(rest, named)
    ids, rest = find_ids(rest)
    states, rest = find_states(rest)
    scope = Scope(ids, grades, hull(periods))
    text, rest = spaced_scripts(text), spaced_scripts(rest)
    return Words(language, text, rest, scope, periods, frequency, monetary, recency, amount, n, states)


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
    return words.says(cue.FORBIDDEN) and not (words.has(cue.MESSAGE) and words.has(WRITE))


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


def follow_up(words: Words, intent: Intent, confidence: float, before: Request) -> Request | None:
    """What a question that goes back to the one before means, or null when it stands by itself."""
    shifted = shifted_period(words, before)
    goes_on = words.says(cue.AND_WHAT) or shifted is not None
    lacks = (intent in NEEDS or intent == "clarify") and not (words.ids or words.grades)
    if intent in ("help", "data_health") or not (words.has(cue.THESE) or goes_on or lacks or confidence < 1):
        return None
    if shifted:
        words = replace(words, periods=(shifted,), scope=replace(words.scope, period=shifted))
    says_something = words.ids or words.grades or words.periods or words.n or words.states
    if (intent == "clarify" or confidence < 1) and (says_something or goes_on) and before.intent in CONTINUED:
        return continued(words, before)
    if intent == "out_of_scope" and not words.has(cue.THESE):
        return None
    return completed(inherited(words, before, of_customer=NEEDS.get(intent) == "customer"), intent, confidence, before)


def continued(words: Words, before: Request) -> Request:
    """The request before, of whom and when this question says."""
    whole = inherited(words, before, of_customer=NEEDS.get(before.intent) == "customer")
    return replace(
        before,
        language=words.language,
        scope=whole.scope,
        periods=whole.periods,
        states=whole.states,
        n=words.n or before.n,
        confidence=0.9,
    )


def shifted_period(words: Words, before: Request) -> Period | None:
    """The week, month or year before the one that was asked for before."""
    found = re.search(
        r"그\s*전\s*(주|달|해|년|분기)|\bthe\s+(week|month|year|quarter)\s+before\b(?!\s+last)",
        words.text,
        re.IGNORECASE,
    )
    start = before.scope.period.start
    if not found or start is None:
        return None
    names: dict[str, str] = {"주": "week", "달": "month", "해": "year", "년": "year", "분기": "quarter"}
    unit = (found[1] and names[found[1]]) or found[2].lower()
    return relative(unit, 1, start)


CONTINUED = frozenset(INTENTS) - {"clarify", "out_of_scope", "help", "not_found", "data_health"}


def inherited(words: Words, before: Request, *, of_customer: bool = False) -> Words:
    """Whom and when of the question before, where this one does not say them itself. A grade takes the customers'
    place, unless the question is `of_customer`."""
    old = before.scope
    scope = Scope(
        words.ids or (() if words.grades and not of_customer else old.customer_ids),
        words.grades or (() if words.ids else old.grades),
        words.scope.period if words.periods else old.period,
    )
    return replace(
        words,
        scope=scope,
        periods=words.periods or before.periods or ((old.period,) if old.period != Period() else ()),
        frequency=words.frequency if words.frequency != Bounds() else before.frequency,
        monetary=words.monetary if words.monetary != Bounds() else before.monetary,
        recency=words.recency if words.recency != Bounds() else before.recency,
        states=words.states or before.states,
    )


def completed(words: Words, intent: Intent, confidence: float, before: Request | None = None) -> Request:
    """The request with the details that its intent takes, or the question back for what it lacks."""
    request = Request(
        words.language,
        intent,
        words.scope,
        confidence,
        states=words.states,
        frequency=words.frequency,
        monetary=words.monetary,
        recency=words.recency,
        periods=words.periods,
        n=words.n,
    )
    lacks = missing(words, intent)
    if lacks:
        return replace(request, intent="clarify", missing=lacks, confidence=min(confidence, 0.5))
    match intent:
        case "count" | "sum" | "mean" | "share" | "trend" | "top_n":
            measure = measure_of(words, intent)
            if before and before.intent == intent and not words.has(*MEASURES):
                measure = before.measure
            return replace(request, measure=measure, lowest=is_lowest(words), grain=grain_of(words))
        case "movement":
            return replace(request, direction=direction_of(words))
        case "theme":
            return replace(request, text=description(words))
        case "what_if":
            return replace(request, amount=words.amount, n=orders_more(words))
        case _:
            return request


def missing(words: Words, intent: Intent) -> Missing | None:
    if intent == "clarify":
        return "aspect" if words.ids else "customer" if words.has(cue.GRADE) else "anything"
    if intent == "theme":
        return None if description(words) else "description"
    needed = NEEDS.get(intent)
    if needed == "customer":
        return None if words.ids else needed
    if needed == "customers":
        several = len(words.ids) > 1 or len(words.grades) > 1 or len(words.periods) > 1
        return None if several else needed
    if needed == "grade" and intent == "segment_profile":
        return None if words.grades else needed
    if needed == "grade":
        narrowed = words.states or words.frequency != Bounds() or words.recency != Bounds()
        return None if words.ids or words.grades or narrowed else needed
    return None


MEASURES = (cue.RETURNED, cue.ORDERS, cue.MONEY, cue.RECENCY, cue.FREQUENCY, cue.ORDER_VALUE)
COUNTED_ORDERS = re.compile(
    r"주문\s*(?:건수|수|이|은)?\s*(?:몇|얼마|알려|총|$|\?)|건수|몇\s*건|주문\s*(?:수|량|건)|(?:how many|number of|count of|count|total) (?:\w+ )?(?:orders|purchases|transactions)|order (?:count|volume)",
    re.IGNORECASE,
)


def measure_of(words: Words, intent: Intent) -> Measure:
    if words.has(cue.RETURNED) and intent != "count":
        return "returned"
    match intent:
        case "mean":
            return mean_measure(words)
        case "top_n":
            return top_measure(words)
        case "sum":
            return "monetary"
        case "share":
            return "monetary" if words.has(cue.MONEY) else "customers"
        case "trend" if words.has(cue.MONEY) and not words.has(COUNTED_ORDERS):
            return "monetary"
        case "trend" if words.has(cue.ORDERS):
            return "orders"
        case "trend":
            return "customers" if words.grades or (words.has(WHO) and not words.ids) else "monetary"
        case _:
            counts_orders = words.has(COUNTED_ORDERS) or (words.has(cue.ORDERS) and not words.has(WHO))
            return "orders" if counts_orders else "customers"


def mean_measure(words: Words) -> Measure:
    if words.has(cue.ORDER_VALUE):
        return "order_value"
    if words.has(cue.RECENCY):
        return "recency"
    if words.has(cue.FREQUENCY) and not words.has(re.compile(r"금액|지출|spen[dt]|revenue|money", re.IGNORECASE)):
        return "frequency"
    return "monetary"


def top_measure(words: Words) -> Measure:
    if words.has(re.compile(r"금액|매출|돈|지출|쓴|\bspen\w+|revenue|money|pounds|value", re.IGNORECASE)):
        return "monetary"
    if words.has(cue.RECENCY, cue.MOST_RECENT):
        return "recency"
    return "frequency" if words.has(cue.FREQUENCY) else "monetary"


def is_lowest(words: Words) -> bool:
    if top_measure(words) == "recency":
        return words.has(cue.MOST_RECENT) and not words.has(re.compile(r"오래|longest", re.IGNORECASE))
    return words.has(cue.LOWEST)


def grain_of(words: Words) -> Grain | None:
    for grain, pattern in GRAINS.items():
        if re.search(pattern, words.text, re.IGNORECASE):
            return grain
    return None


GRAINS: Mapping[Grain, str] = {
    "month": r"월별|매월|매달|달마다|월\s*단위|\b(?:by|per|each|every) month|monthly|month[\s-](?:by|over|on)",
    "week": r"주별|매주|주간|주마다|주\s*단위|\b(?:by|per|each|every) week|weekly|week[\s-](?:by|over|on)",
    "day": r"일별|매일|날짜별|날마다|일자별|일\s*단위|\b(?:by|per|each|every) (?:day|date)|daily|day[\s-](?:by|over|on)",
}


def direction_of(words: Words) -> Direction | None:
    if words.has(cue.MOVED_DOWN):
        return "down"
    if words.has(cue.MOVED_UP):
        return "up"
    return "in" if words.says(cue.MOVED_IN) else None


def orders_more(words: Words) -> int | None:
    found = re.search(
        r"(\d+|한|두|세|네|다섯)\s*(?:번|회|건)|\b(\d+|one|two|three|four|five)\s+(?:\w+\s+)?(?:orders?|purchases?|times)",
        words.text,
        re.IGNORECASE,
    )
    return number_of(found[1] or found[2]) if found else None


def number_of(word: str) -> int:
    return int(word) if word.isdigit() else NUMBER_WORDS[word.lower()]


def description(words: Words) -> str | None:
    """What is left to describe when all words of asking are gone."""
    left = FILLER.sub(" ", ASKED.sub(" ", words.rest))
    return " ".join(word for word in left.split() if len(word) > 1) or None


ASKED = re.compile(
    r"(?:자주|주로|많이|즐겨|꾸준히|혹시|잘|한\s*번이라도|최근에?|요즘)|(?:사|구매하|구입하|좋아하|찾|선호하|모으|주문하|쓰|애용하|즐기)(?:는|던)|좋아할(?:\s*만한)?|(?:산|샀던|구매한|구입한|주문한|사간)(?=\s|$)"
    r"|(?:구매|구입)한?\s*(?:적|이력)|구매자|취향|관심|있는|많은|누구|누가|사람|찾아|목록|명단|리스트|추천|골라|뽑아|싶|알고|어떤|등급|중에서|중에|중|계열|관련|같은\s*거|같은|종류|샀|사는지|[을를은는이가](?=\s|$)"
    r"|\b(?:who|which|buy\w*|bought|purchas\w+|likes?|loves?|loving|liking|into|interested|interest|fond|keen|collect\w*|order\w*|picks?|goes|shop\w*|prefer\w*|enjoy\w*|fans?|people|those|anyone|everyone|mainly|mostly|often|usually|regularly|always|lots?|are|is|has|have|had|ever|any|all|find|would|might|be|been|judging|by|they|they've|ve|what|planning|range|stuff|things?|sort|kind|lovers?|buyers?|collectors?|grade|tier|segment|shoppers|regular|regulars|clients?|members?|users?|folks|with|taste|passion)\b",
    re.IGNORECASE,
)


def find_n(text: str, named_ids: list[str]) -> tuple[int | None, str]:
    """How many a list shall have, and the text without it."""
    for found in LISTED.finditer(text):
        word = next(value for value in found.groups() if value)
        if word in named_ids:
            continue
        value = number_of(word)
        if 1 <= value <= MAX_LISTED:
            return value, text[: found.start()] + found[0].replace(word, " ", 1) + text[found.end() :]
    return None, text


def find_amount(text: str) -> tuple[Decimal | None, str]:
    found = AMOUNT.search(text)
    if not found:
        return None, text
    groups = [value for value in found.groups() if value]
    thousand = 1000 if groups[-1].lower() == "k" else 1
    tens = 10000 if "만" in found[0] else 1
    return Decimal(groups[0].replace(",", "")) * thousand * tens, text[: found.start()] + " " + text[found.end() :]


def bound(pattern: re.Pattern[str], text: str) -> tuple[Bounds, str]:
    found = pattern.search(text)
    if not found:
        return Bounds(), text
    groups = {name: value for name, value in found.groupdict().items() if value}
    number = Decimal((groups.get("ko") or groups.get("number") or groups["plain"]).replace(",", ""))
    if "만" in found[0]:
        number *= 10000
    side = (groups.get("side") or groups.get("en") or groups.get("more") or "").lower()
    rest = text[: found.start()] + " " + text[found.end() :]
    step = Decimal(1) if pattern is FREQUENCY_BOUND else Decimal("0.0001")
    if side in ("초과", "넘게", "넘는", "more than", "over", "above"):
        return Bounds(least=number + step), rest
    if side in ("미만", "fewer than", "less than", "under", "below"):
        return Bounds(most=number - step), rest
    if side in ("이하", "or less", "or fewer", "at most"):
        return Bounds(most=number), rest
    return Bounds(least=number), rest


def recency_bound(text: str) -> tuple[Bounds, str]:
    found = RECENCY_BOUND.search(text)
    if not found:
        return Bounds(), text
    days = int(found["ko"] or found["en"]) * UNIT_DAYS[(found["unit"] or found["enunit"]).lower()]
    return Bounds(least=Decimal(days)), text[: found.start()] + " " + text[found.end() :]


def find_states(text: str) -> tuple[tuple[State, ...], str]:
    patterns: dict[State, re.Pattern[str]] = {
        "dormant": cue.DORMANT,
        "cooling": cue.COOLING,
        "new": cue.NEW,
        "active": cue.ACTIVE,
    }
    return tuple(state for state, pattern in patterns.items() if pattern.search(text)), text


def normalised(text: str) -> str:
    """NFKC without invisible characters, with single spaces: look-alike spellings become one."""
    visible = (
        character for character in unicodedata.normalize("NFKC", text) if unicodedata.category(character) != "Cf"
    )
    return " ".join("".join(visible).split())


def language_of(text: str) -> Language:
    return "ko" if re.search(r"[ㄱ-ㆎ가-힣]", unicodedata.normalize("NFC", text)) else "en"


def spaced(text: str) -> str:
    """With spaces around "vs", which is written without between Korean words."""
    return re.sub(r"(?<=[가-힣0-9])(vs\.?)(?=[가-힣0-9])", r" \1 ", text, flags=re.IGNORECASE)


def spaced_scripts(text: str) -> str:
    """With spaces between Latin words and the Korean endings they carry, so that they are whole words."""
    return re.sub(r"(?<=[A-Za-z])(?=[가-힣])|(?<=[가-힣])(?=[A-Za-z])", " ", text)


def find_grades(text: str, grade_names: GradeNames, *, one_customer: bool = False) -> tuple[tuple[str, ...], str]:
    """The English names of the grades that are meant, by rank, and the text without any grade's name.

    "or above" adds the higher ones; of "not Gold" alone the others remain, unless it is said of `one_customer`.
    """
    english = list(grade_names["en"])
    meant, refused = set[int](), set[int]()
    rest = text
    for rank, pattern in enumerate(grade_patterns(grade_names)):
        for found in pattern.finditer(text):
            before, after = text[: found.start()], text[found.end() :]
            if not one_customer and (cue.NOT_AFTER.search(after) or cue.NOT_BEFORE.search(before)):
                refused.add(rank)
            else:
                meant.update(reached(rank, before, after, len(english)))
        rest = pattern.sub(" ", rest)
    if refused and not meant:
        meant = set(range(len(english))) - refused
    return tuple(english[rank] for rank in sorted(meant - refused or meant)), rest


def reached(rank: int, before: str, after: str, count: int) -> range:
    if cue.BEFORE_ABOVE.search(before) or (cue.OR_ABOVE.search(after) and cue.ABOVE.search(after[:12])):
        return range(rank + 1, count)
    if cue.OR_ABOVE.search(after) or cue.AT_LEAST.search(before):
        return range(rank, count)
    if cue.BEFORE_BELOW.search(before) or (cue.OR_BELOW.search(after) and cue.BELOW.search(after[:12])):
        return range(rank)
    if cue.OR_BELOW.search(after):
        return range(rank + 1)
    return range(rank, rank + 1)


def grade_patterns(grade_names: GradeNames) -> list[re.Pattern[str]]:
    """By rank, how a grade is written: its names, whole, and other writings of those that come with dangol."""
    patterns = []
    for rank, english in enumerate(grade_names["en"]):
        names = [re.escape(names_of_language[rank]) for names_of_language in grade_names.values()]
        alias = [cue.GRADE_ALIASES[english]] if english in cue.GRADE_ALIASES else []
        written = "|".join([*names, *alias])
        patterns.append(
            re.compile(rf"(?<![A-Za-z0-9가-힣])(?:{written})(?:['’]?s(?![A-Za-z]))?(?![A-Za-z0-9])", re.IGNORECASE)
        )
    return patterns


def find_ids(text: str) -> tuple[tuple[str, ...], str]:
    """Customer ids in order, each once: words with a digit, else what stands in quotation marks; the text without."""
    without_quantities = QUANTITY.sub(" ", text)
    found = CUSTOMER_ID.findall(without_quantities) or [
        quote.strip() for quote in QUOTED.findall(text) if re.fullmatch(r"[A-Za-z0-9_.\-]+", quote.strip())
    ]
    for customer_id in found:
        text = re.sub(rf"(?<![A-Za-z0-9]){re.escape(customer_id)}(?![A-Za-z0-9])", " ", text)
    return tuple(dict.fromkeys(found)), text
