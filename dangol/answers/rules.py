"""What a question asks for by rules over its words, and what that cannot do without."""

import re
from collections.abc import Callable, Mapping

from dangol.answers import lexicon as cue
from dangol.answers.intents import Bounds, Intent, Missing
from dangol.answers.words import FILLER, Words, description


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
        return not words.has(cue.TREND, cue.ORDERS) or words.has(cue.WHO)
    if words.has(cue.WHY, cue.TREND) and words.has(cue.THESE):
        return False
    return words.has(cue.GRADE, cue.GRADE_MOVES) or (
        words.has(cue.WHO, cue.MOVEMENT) and not words.has(cue.ORDERS, cue.MONEY)
    )


def asks_trend(words: Words) -> bool:
    return words.has(cue.TREND) and not (words.has(cue.SHARE) and not words.has(cue.STEPS))


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
RULES: tuple[tuple[Intent, Callable[[Words], bool]], ...] = (
    ("out_of_scope", asks_forbidden),
    ("help", asks_help),
    ("help", lambda words: words.says(cue.HOW_GRADED) and not words.ids),
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
