"""Periods of a question, in Korean or English, as calendar days of the shop: both ends included, none after today.

Each way of saying one is in readings; here they are found in a text, put together and taken out of it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from dangol.answers.intents import Period
from dangol.answers.readings import READINGS, SINCE_THEN, UNITS_KO, relative, same_day


@dataclass(frozen=True)
class Found:
    """A period and where in the text it stands."""

    start: int
    end: int
    period: Period
    before: str = ""
    """The unit of which it is the one before the period that was named first, as in "November and the month before"."""


def find_periods(text: str, today: date) -> tuple[tuple[Period, ...], str]:
    """The periods that a text names, in order, and the text without them."""
    found = specific(text, ranges(text, shifted([*atoms(text, today)], today), today))
    rest, at = [], 0
    for one in found:
        rest.append(text[at : one.start])
        at = one.end
    return tuple(dict.fromkeys(one.period for one in found)), " ".join([*rest, text[at:]])


def without_refused(text: str, today: date) -> str:
    """The text without a period that it takes back for another: 지난달 말고 이번 달, last week, not last month."""
    for pattern, kept, refused in ((INSTEAD_KO, 2, 1), (INSTEAD_EN, 1, 2)):
        found = pattern.match(text)
        if found and find_periods(found[kept], today)[0]:
            periods, rest = find_periods(found[refused], today)
            if periods:
                return f"{rest} {found[kept]}" if kept > refused else f"{found[kept]} {rest}"
    return text


INSTEAD_KO = re.compile(r"(.+?)\s*(?:말고|아니고|아니라)\s*(.+)")
INSTEAD_EN = re.compile(r"(.+?),?\s+\(?not\s+(.+)", re.IGNORECASE)


def specific(text: str, found: list[Found]) -> list[Found]:
    """Without a period that another one names more closely: last month, that is, 30 November; a year with its days."""
    return [one for one in found if not any(names(text, other, one) for other in found if other is not one)]


def names(text: str, other: Found, one: Found) -> bool:
    """Whether the period that stands later in a text is the same, told more closely."""
    if one.start > other.start:  # 11월 25일 하루 동안: a span says how long it was
        return bool(SPAN_KO.search(text[one.start : one.end])) and not text[other.end : one.start].strip()
    return bool(THAT_IS.fullmatch(text[one.end : other.start])) or (
        is_year(one.period) and is_within(other.period, one.period)
    )


SPAN_KO = re.compile(r"(?:간|동안|사이|새)(?:의|에)?$")
THAT_IS = re.compile(
    r"\s*\(\s*|[^.?!]*(?:\b(?:that\s+is|i\.?\s?e\.?|namely)\b|(?<![가-힣])즉(?![가-힣]))[^.?!]*", re.IGNORECASE
)


def is_year(period: Period) -> bool:
    """A calendar year, as far as it has come."""
    start, end = period.start, period.end
    return bool(start and end and start.year == end.year and (end - start).days >= 300)


def is_within(one: Period, other: Period) -> bool:
    if not (one.start and one.end and other.start and other.end):
        return False
    return other.start <= one.start <= one.end <= other.end


def shifted(found: list[Found], today: date) -> list[Found]:
    """With the periods that are told as the one before another, or as the time since it."""
    told: list[Found] = []
    for one in found:
        start = told[-1].period.start if told else None
        if one.before == "then":
            end = told[-1].period.end if told else None
            if end and end < today:
                told.append(replace(one, period=Period(end + timedelta(1), today)))
            continue
        if one.before == "same" and start:
            year_ago = tuple(same_day(day, 1) if day else None for day in (start, told[-1].period.end))
            told.append(replace(one, period=Period(*year_ago)))
        else:
            told.append(replace(one, period=relative(one.before, 1, start)) if one.before and start else one)
    return told


def hull(periods: tuple[Period, ...]) -> Period:
    """From the first day of all to the last; without any, open."""
    starts = [period.start for period in periods if period.start]
    ends = [period.end for period in periods if period.end]
    return Period(min(starts, default=None), max(ends, default=None))


def atoms(text: str, today: date) -> Iterator[Found]:
    """The single periods, the longest reading at each place."""
    read = [
        Found(match.start(), match.end(), clipped(period, today), unit_before(match[0]))
        for pattern, reading in READINGS
        for match in pattern.finditer(text)
        if not is_id_like_a_month(text, match.start())
        and (period := reading(match, today))
        and (period.start is None or period.start <= today)
    ]
    end = 0
    for one in sorted(read, key=lambda one: (one.start, -one.end)):
        if one.start >= end:
            end = one.end
            yield one


ID_LIKE_A_MONTH = re.compile(r"[A-Za-z]{3}-(?P<digits>\d+)(?P<letter>[a-z]?)(?![A-Za-z0-9_-])", re.IGNORECASE)
CUSTOMER_BEFORE = re.compile(
    r"(?:\bcustomer|\bclient|\bid|\bnumber|고객|손님|회원|번호|아이디)\s*(?:번호|number|id)?\s*[:#]?\s*$", re.IGNORECASE
)


def is_id_like_a_month(text: str, start: int) -> bool:
    """Whether what begins like a month or "MTD" is a customer's id: FEB-803, customer MAY-12."""
    found = ID_LIKE_A_MONTH.match(text, start)
    if not found:
        return False
    digits, is_year = found["digits"], found["digits"].startswith("20") and len(found["digits"]) == 4
    if found["letter"] or (len(digits) > 2 and not is_year):
        return True
    return bool(CUSTOMER_BEFORE.search(text[:start]) or text.startswith("번", found.end()))


BEFORE = re.compile(
    r"^(?:그\s*|바로\s*)?(?:전|직전|이전)\s*(?P<ko>주|달|월|분기|년|해)(?!\s*(?:동|같))|^(?:the\s+)?(?P<en>week|month"
    r"|quarter|year)\s+before$"
    r"|^(?:the\s+)?(?:previous|prior|preceding)\s+(?P<previous>week|month|quarter|year)$",
    re.IGNORECASE,
)
SAME = re.compile(r"동월|동기|같은|\bsame\b", re.IGNORECASE)


def unit_before(text: str) -> str:
    """week, month, quarter or year of words like 전월 and the month before; "same" of the same time a year before,
    "then" of the time since."""
    if SINCE_THEN.fullmatch(text):
        return "then"
    if SAME.search(text):
        return "same"
    found = BEFORE.search(text)
    if not found:
        return ""
    return UNITS_KO[found["ko"]] if found["ko"] else (found["en"] or found["previous"]).lower()


def clipped(period: Period, today: date) -> Period:
    return Period(period.start, min(period.end, today) if period.end else None)


YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
BETWEEN = re.compile(
    r"\s*(?:부터(?:\s*시작해서?)?|이후로?|에서(?:부터)?|~|〜|-|–|—|/|\.\.+|→|to|until|till|through|thru"
    r"|up\s+to)\s*(?:the\s+)?",
    re.IGNORECASE,
)
AND = re.compile(r"\s*(?:and|와|과|하고)\s*", re.IGNORECASE)
SINCE = re.compile(
    r"\b(?:(?:ever\s+)?since|after|(?:start(?:ing)?|beginning)(?:\s+(?:from|in|on|at|with))?"
    r"|as\s+from)\s+(?:about\s+)?(?:the\s+)?$",
    re.IGNORECASE,
)
FROM = re.compile(r"(?<!\bones )(?<!\bthose )\bfrom\s+(?:about\s+)?(?:the\s+)?$", re.IGNORECASE)
OF_THEN = re.compile(r"^(?:today|yesterday|(?:this|last|previous|the\s+past|past)\b)", re.IGNORECASE)
"""From yesterday, from last week: of that time; from October: since."""
BETWEEN_START = re.compile(r"(?:between|from)\b", re.IGNORECASE)
BETWEEN_WORD = re.compile(r"\b(?:between|from)\s+(?:the\s+)?$", re.IGNORECASE)
SINCE_KO = re.compile(r"\s*(?:부터|이후|이래)(?:로)?")
ENTERED_KO = re.compile(r"\s*(?:들어서?|접어들어)(?=\s|$)")
ONWARDS = re.compile(r"\s*(?:on(?:wards?)?|until\s+now|to\s+date|till\s+now|up\s+to\s+now)\b", re.IGNORECASE)
UNTIL = re.compile(
    r"\b(?:until|till|(?<!measure )(?<!measures )(?<!measured )(?<!stack )(?<!stacks )(?<!add )up\s+to"
    r"|through|before)\s+$",
    re.IGNORECASE,
)
UNTIL_KO = re.compile(r"\s*(?:까지|이전|전까지)")
TO_END_KO = re.compile(r"\s*(?:까지|사이)")


def ranges(text: str, found: list[Found], today: date) -> list[Found]:
    """Two periods with "to" between them become one; "since" one, all from its first day on."""
    joined: list[Found] = []
    for one in found:
        before = joined[-1] if joined else None
        between = text[before.end : one.start] if before else ""
        is_range = before is not None and (
            BETWEEN.fullmatch(between)
            or (AND.fullmatch(between) and re.search(r"\bbetween\s+(?:the\s+)?$", text[: before.start], re.IGNORECASE))
        )
        first, last = in_one_year(text, before, one, today) if before and is_range else (None, one)
        if first and first.period.start and last.period.end and first.period.start <= last.period.end:
            tail = TO_END_KO.match(text, last.end)
            start = first.start - len(found_before(BETWEEN_WORD, text, first.start))
            joined[-1] = Found(start, tail.end() if tail else last.end, Period(first.period.start, last.period.end))
        else:
            joined.append(one)
    return [opened(text, one, today) for one in joined]


def in_one_year(text: str, first: Found, last: Found, today: date) -> tuple[Found, Found]:
    """The ends of a range, where one says the year for both: 2010년 12월 1일~12월 9일, 1 to 9 December 2010."""
    of_first, of_last = (YEAR.search(text, one.start, one.end) for one in (first, last))
    if of_first and not of_last and not is_year(first.period):
        year = int(of_first[0])
        for candidate in (of_year(text, last, year, today), of_year(text, last, year + 1, today)):
            if candidate.period.end and first.period.start and candidate.period.end >= first.period.start:
                return first, candidate
    if of_last and not of_first:
        year = int(of_last[0])
        for candidate in (of_year(text, first, year, today), of_year(text, first, year - 1, today)):
            if candidate.period.start and last.period.end and candidate.period.start <= last.period.end:
                return candidate, last
    return first, last


def of_year(text: str, one: Found, year: int, today: date) -> Found:
    """A day or month as it is read with the year beside it."""
    for told in (f"{year}년 {text[one.start : one.end]}", f"{text[one.start : one.end]} {year}"):
        whole = next((other for other in atoms(told, today) if (other.start, other.end) == (0, len(told))), None)
        if whole:
            return replace(one, period=whole.period)
    return one


def opened(text: str, one: Found, today: date) -> Found:
    """A period that begins or ends an open one: since March, 11월까지."""
    since, until = found_before(SINCE, text, one.start), found_before(UNTIL, text, one.start)
    starting = found_before(FROM, text, one.start)
    if tail := SINCE_KO.match(text, one.end):
        return Found(one.start, tail.end(), Period(one.period.start, today))
    if since or (starting and not OF_THEN.search(text[one.start :])):
        tail = ONWARDS.match(text, one.end)
        start = one.start - len(since or starting)
        return Found(start, tail.end() if tail else one.end, Period(one.period.start, today))
    if tail := ENTERED_KO.match(text, one.end):
        return Found(one.start, tail.end(), one.period)
    if tail := UNTIL_KO.match(text, one.end):
        return Found(one.start, tail.end(), one.period if is_span(one.period) else Period(None, one.period.end))
    if until and not BETWEEN_START.match(text, one.start):
        return Found(one.start - len(until), one.end, Period(None, one.period.end))
    return one


def is_span(period: Period) -> bool:
    return period.start != period.end


def found_before(pattern: re.Pattern[str], text: str, end: int) -> str:
    match = pattern.search(text[:end])
    return match[0] if match else ""
