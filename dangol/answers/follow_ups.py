"""Whom and when a question means by those of the question before: "of those", "the others", "the month before"."""

from dataclasses import replace
from decimal import Decimal

from dangol.answers import lexicon as cue
from dangol.answers.details import direction_of
from dangol.answers.entities import LEAST_DIGITS
from dangol.answers.intents import INTENTS, Bounds, Direction, Intent, Period, Request, Scope
from dangol.answers.periods import hull
from dangol.answers.readings import UNITS_KO, relative, same_day
from dangol.answers.rules import NEEDS, is_several, ruled_intent
from dangol.answers.words import AFTER_THAT, BEFORE_THAT, YEAR_BEFORE, Words


def remembering(request: Request, named: tuple[str, ...], before: Request | None) -> Request:
    """The request with the last two customers, and the grades in the order in which they were named, up to it."""
    recent = before.recent_ids if before else ()
    ids = (*(one for one in recent if one not in request.scope.customer_ids), *request.scope.customer_ids)
    earlier = before.recent_grades if before and before.intent == request.intent else ()
    told = [grade for grade in (named or request.scope.grades) if grade in request.scope.grades]
    grades = tuple(dict.fromkeys((*(one for one in earlier if one not in told), *told)))
    return replace(request, recent_ids=ids[-2:], recent_grades=grades)


def wanted_before(before: Request | None) -> Intent | None:
    """What the question before asked for, also where it lacked something."""
    return (before.asked or before.intent) if before else None


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
    if not (words.has(cue.COMPARE) or words.says(cue.BESIDE)) or is_several(words):
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
    if intent not in CONTINUED or not (words.ids or words.grades or words.periods or words.has(cue.ALL_GRADES)):
        return False
    if words.ids:
        return NEEDS.get(intent) in ("customer", "customers") or intent in ("message", "trend", "sum", "count")
    return not words.grades or NEEDS.get(intent) != "customer" or intent in OF_CUSTOMER_AND_GRADE


OF_CUSTOMER_AND_GRADE: frozenset[Intent] = frozenset({"what_if", "find_similar"})
"""Intents about a customer that also take a grade: of which others, or which to reach."""


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
    """The week, month, quarter or year beside the one that was asked for before; or its days a year before."""
    start = before.scope.period.start
    for pattern, steps in ((BEFORE_THAT, 1), (AFTER_THAT, -1)):
        if start and (found := pattern.search(words.text)):
            name = next(value for value in found.groups() if value).lower()
            return relative(UNITS_KO.get(name, name), steps, start)
    end = before.scope.period.end
    return Period(same_day(start, 1), same_day(end, 1)) if start and end and YEAR_BEFORE.search(words.text) else None


CONTINUED = frozenset(INTENTS) - {"clarify", "out_of_scope", "help", "not_found", "data_health"}


def inherited(words: Words, before: Request, intent: Intent) -> Words:
    """Whom and when of the question before, where this one does not say them itself.

    A grade takes the customers' place unless the intent is about a customer; of a comparison the one that is named now
    stands beside the one of before.
    """
    old, of_customer = before.scope, NEEDS.get(intent) == "customer"
    words = added(words, old)
    if old.customer_ids and of_customer and intent != "find_similar" and not words.ids and not words.moved.in_order:
        words = replace(words, scope=replace(words.scope, grades=words.moved.refused))  # why not VIP: VIP itself
    words = replace(words, scope=related(words, before))
    everybody = words.says(cue.EVERYBODY) and not words.has(cue.THESE)
    told_of_grades = words.grades and not of_customer and intent != "out_of_scope" and not words.has(cue.ONE_PERSON)
    ids = words.ids or (() if told_of_grades or everybody else old.customer_ids)
    another = words.ids and not old.customer_ids
    grades = words.grades or (() if another or everybody or words.has(cue.ALL_GRADES) else old.grades)
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


def added(words: Words, old: Scope) -> Words:
    """The words with the customers or grades of before that they add to, or leave some of out."""
    ids, grades = words.ids, words.grades
    if set(words.refused) & set(old.customer_ids):
        ids = tuple(one for one in (*old.customer_ids, *ids) if one not in words.refused)
    elif words.says(cue.ADDS):
        ids = (*old.customer_ids, *ids) if ids else ()
        grades = tuple(one for one in words.moved.all if one in {*old.grades, *grades}) if grades else ()
    return replace(words, scope=replace(words.scope, customer_ids=tuple(dict.fromkeys(ids)), grades=grades))


def related(words: Words, before: Request) -> Scope:
    """The scope of words that name customers or grades by those of the question before: the former, all others."""
    scope, old = words.scope, before.scope
    if ids := pointed_at(words, before):
        return replace(scope, customer_ids=tuple(dict.fromkeys((*ids, *words.ids))))
    if not old.grades or old.customer_ids or words.ids:
        return scope
    named = set(words.grades) | other_grades(words, before)
    return replace(scope, grades=tuple(grade for grade in words.moved.all if grade in named))


def other_grades(words: Words, before: Request) -> set[str]:
    """The grades that are meant besides those that are named, by those of the question before."""
    every, earlier, out = words.moved.all, set(before.scope.grades), set(words.moved.refused)
    recent, place = before.recent_grades, place_of_two(words)
    ranks = [every.index(grade) for grade in before.scope.grades]
    if place is not None and len(recent) > 1:
        return {recent[place]}
    if words.grades:
        replaces = bool(out & earlier) and len(out.union(words.grades)) < len(every)
        moves = bool(words.moved.new or words.moved.old) and words.has(cue.THESE)
        return earlier - out if replaces else earlier if moves else set()
    if words.says(cue.OTHERS):
        return set(every).difference(recent)
    if words.says(cue.BOTH) and len(recent) > 1:
        return set(recent[-2:])
    return set(beside(words, ranks))


def beside(words: Words, ranks: list[int]) -> tuple[str, ...]:
    """The grades next to, below or above those of some ranks, as the words say."""
    every, lowest, highest = words.moved.all, min(ranks), max(ranks)
    told = {
        cue.NEXT_BELOW: every[max(0, lowest - 1) : lowest],
        cue.NEXT_ABOVE: every[highest + 1 : highest + 2],
        cue.BELOW_THAT: every[:lowest],
        cue.ABOVE_THAT: every[highest + 1 :],
    }
    return next((grades for pattern, grades in told.items() if words.says(pattern)), ())


def pointed_at(words: Words, before: Request) -> tuple[str, ...]:
    """The customers of before that are called the former, the latter or both, or are left when one of them goes."""
    ids = before.scope.customer_ids if len(before.scope.customer_ids) > 1 else before.recent_ids
    place = place_of_two(words)
    if len(ids) < 2 or not (before.scope.customer_ids and (place is not None or words.says(cue.BOTH))):
        return ()
    if words.says(cue.BOTH) or place is None:
        return ids
    pointed = ids[place]
    return tuple(one for one in ids if one != pointed) if words.says(cue.LEAVES_OUT) else (pointed,)


def place_of_two(words: Words) -> int | None:
    return 0 if words.says(cue.FORMER) else -1 if words.says(cue.LATTER) else None
