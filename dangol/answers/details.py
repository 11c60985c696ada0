"""What an intent is told besides whom and when: what is measured, in which steps, in which direction."""

import re
from collections.abc import Callable, Mapping

from dangol.answers import lexicon as cue
from dangol.answers.entities import number_of
from dangol.answers.intents import Direction, Grain, Intent, Leaning, Measure, Unheld
from dangol.answers.words import Words

MEASURED: Mapping[Intent, frozenset[Measure]] = {
    "count": frozenset({"customers", "orders"}),
    "sum": frozenset({"monetary", "returned"}),
    "mean": frozenset({"monetary", "frequency", "recency", "order_value", "returned"}),
    "share": frozenset({"customers", "monetary", "orders", "returned"}),
    "trend": frozenset({"customers", "monetary", "orders", "returned", "order_value"}),
    "top_n": frozenset({"monetary", "frequency", "recency", "returned"}),
}
"""What can be counted, added up and so on."""
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
    if words.has(cue.RETURNED) and intent != "count" and not words.says(cue.NET_OF_RETURNS):
        return "returned"
    return MEASURE_OF[intent](words)


def count_measure(words: Words) -> Measure:
    counts_orders = words.has(COUNTED_ORDERS) or (words.has(cue.ORDERS) and not words.has(cue.PEOPLE))
    return "orders" if counts_orders else "customers"


def share_measure(words: Words) -> Measure:
    if words.has(cue.MONEY_ALONE):
        return "monetary"
    return "orders" if words.has(COUNTED_ORDERS, cue.ORDERS) and not words.has(cue.WHO) else "customers"


def trend_measure(words: Words) -> Measure:
    if words.has(cue.HEADS):
        return "customers"
    if words.has(cue.ORDER_VALUE):
        return "order_value"
    if words.has(cue.MONEY_ALONE) and not words.has(COUNTED_ORDERS):
        return "monetary"
    if words.has(cue.ORDERS):
        return "orders"
    return "customers" if words.grades or (words.has(cue.WHO) and not words.ids) else "monetary"


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
    told = next(value for value in found.groups() if value).lower()
    return MORE[told] if told in MORE else number_of(told.removesuffix(" times"))


MORE = {"another": 1, "a couple": 2}


def is_by_grade(words: Words) -> bool:
    """Whether each grade is asked for apart: 등급별, by grade; Silver and Gold each."""
    return words.has(cue.EACH) if len(words.grades) > 1 else not words.grades and words.has(cue.ALL_GRADES)


def leaning_of(words: Words) -> Leaning | None:
    """Whether boundary customers are asked for that are near a higher grade, or about to fall."""
    if words.says(cue.LEANS_DOWN):
        return "down"
    return "up" if words.says(cue.LEANS_UP) else None


def is_standing(words: Words, measure: Measure) -> bool:
    """Whether customers in a grade at the end of a day are counted: golds on 31 August, not those who bought then."""
    period = words.scope.period
    one_day = period.start is not None and period.start == period.end
    return one_day and measure == "customers" and not words.says(cue.BOUGHT) and not words.has(cue.RETURNED)


def unheld(words: Words, intent: Intent) -> Unheld | None:
    if intent == "what_if":
        return "less" if words.says(cue.NOT_BUYING) else None
    unknown = (cue.UNHELD, cue.MEAN_OF_TIME) if intent == "mean" else (cue.UNHELD,)
    return "measure" if intent in OF_MEASURES and words.says(*unknown) else None


OF_MEASURES: frozenset[Intent] = frozenset({*MEASURED, "compare"})
