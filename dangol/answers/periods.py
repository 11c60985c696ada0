"""Periods of a question, in Korean or English, as calendar days of the shop: both ends included, none after today.

A week begins on Monday. "Last 7 days" end with today; a month of "last 3 months" has 30 days, a year 365. A month or day
without a year is the latest that has begun.
"""

import re
from calendar import monthrange
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from dangol.answers.intents import Period

Reading = Callable[[re.Match[str], date], Period | None]

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
MONTH = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
YEAR = r"(?P<year>20\d\d)"
DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WEEKDAYS_KO = "월화수목금토일"
WORDS = {
    **{"a": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9},
    **{"ten": 10, "eleven": 11, "twelve": 12, "couple of": 2, "a couple of": 2},
    **{"한": 1, "두": 2, "세": 3, "석": 3, "네": 4, "넉": 4, "다섯": 5, "여섯": 6, "일": 1, "이": 2, "삼": 3, "육": 6},
}
COUNT = r"(?P<count>\d{1,3}|(?:a\s+)?couple\s+of|a|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)"
COUNT_KO = r"(?P<count>\d{1,3}|한|두|세|석|네|넉|다섯|여섯|일|이|삼|육)"
UNIT_DAYS = {"day": 1, "week": 7, "month": 30, "quarter": 90, "year": 365, "일": 1, "주": 7, "달": 30, "년": 365}
DAYS_KO = {"하루": 1, "이틀": 2, "사흘": 3, "나흘": 4, "닷새": 5, "열흘": 10, "보름": 15, "반년": 182, "분기": 90}
QUARTERS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "1st": 1, "2nd": 2, "3rd": 3, "4th": 4}


@dataclass(frozen=True)
class Found:
    """A period and where in the text it stands."""

    start: int
    end: int
    period: Period


def find_periods(text: str, today: date) -> tuple[tuple[Period, ...], str]:
    """The periods that a text names, in order, and the text without them."""
    found = ranges(text, [*atoms(text, today)], today)
    rest, at = [], 0
    for one in found:
        rest.append(text[at : one.start])
        at = one.end
    return tuple(one.period for one in found), " ".join([*rest, text[at:]])


def hull(periods: tuple[Period, ...]) -> Period:
    """From the first day of all to the last; without any, open."""
    starts = [period.start for period in periods if period.start]
    ends = [period.end for period in periods if period.end]
    return Period(min(starts, default=None), max(ends, default=None))


def atoms(text: str, today: date) -> Iterator[Found]:
    """The single periods, the longest reading at each place."""
    read = [
        Found(match.start(), match.end(), clipped(period, today))
        for pattern, reading in READINGS
        for match in pattern.finditer(text)
        if (period := reading(match, today)) and (period.start is None or period.start <= today)
    ]
    end = 0
    for one in sorted(read, key=lambda one: (one.start, -one.end)):
        if one.start >= end:
            end = one.end
            yield one


def clipped(period: Period, today: date) -> Period:
    return Period(period.start, min(period.end, today) if period.end else None)


BETWEEN = re.compile(r"\s*(?:부터|에서|~|〜|-|–|—|to|until|till|through|thru|up\s+to)\s*", re.IGNORECASE)
AND = re.compile(r"\s*(?:and|와|과|하고)\s*", re.IGNORECASE)
SINCE = re.compile(r"\b(?:since|from|after|starting)\s+(?:the\s+)?$", re.IGNORECASE)
BETWEEN_WORD = re.compile(r"\b(?:between|from)\s+(?:the\s+)?$", re.IGNORECASE)
SINCE_KO = re.compile(r"\s*(?:부터|이후|이래)(?:로)?")
UNTIL = re.compile(r"\b(?:until|till|up\s+to|through|before)\s+$", re.IGNORECASE)
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
        if before and is_range and before.period.start and one.period.end and before.period.start <= one.period.end:
            tail = TO_END_KO.match(text, one.end)
            start = before.start - len(found_before(BETWEEN_WORD, text, before.start))
            joined[-1] = Found(start, tail.end() if tail else one.end, Period(before.period.start, one.period.end))
        else:
            joined.append(one)
    return [opened(text, one, today) for one in joined]


def opened(text: str, one: Found, today: date) -> Found:
    """A period that begins or ends an open one: since March, 11월까지."""
    since, until = found_before(SINCE, text, one.start), found_before(UNTIL, text, one.start)
    if tail := SINCE_KO.match(text, one.end):
        return Found(one.start, tail.end(), Period(one.period.start, today))
    if since:
        return Found(one.start - len(since), one.end, Period(one.period.start, today))
    if tail := UNTIL_KO.match(text, one.end):
        return Found(one.start, tail.end(), one.period if is_span(one.period) else Period(None, one.period.end))
    if until:
        return Found(one.start - len(until), one.end, Period(None, one.period.end))
    return one


def is_span(period: Period) -> bool:
    return period.start != period.end


def found_before(pattern: re.Pattern[str], text: str, end: int) -> str:
    match = pattern.search(text[:end])
    return match[0] if match else ""


def one_day(day: date) -> Period:
    return Period(day, day)


def days_ago(days: int) -> Reading:
    return lambda _, today: one_day(today - timedelta(days))


def whole_month(year: int, month: int) -> Period:
    return Period(date(year, month, 1), date(year, month, monthrange(year, month)[1]))


def month_before(day: date, months: int) -> tuple[int, int]:
    """(year, month) so many months before a day's."""
    index = day.year * 12 + day.month - 1 - months
    return index // 12, index % 12 + 1


def week(today: date, before: int) -> Period:
    monday = today - timedelta(today.weekday() + 7 * before)
    return Period(monday, monday + timedelta(6))


def quarter(year: int, number: int) -> Period:
    return Period(date(year, 3 * number - 2, 1), whole_month(year, 3 * number).end)


def quarter_before(today: date, before: int) -> Period:
    year, month = month_before(today, 3 * before)
    return quarter(year, (month + 2) // 3)


def half(year: int, number: int) -> Period:
    return Period(date(year, 6 * number - 5, 1), whole_month(year, 6 * number).end)


def whole_year(year: int) -> Period:
    return Period(date(year, 1, 1), date(year, 12, 31))


def last_days(days: int, today: date) -> Period:
    return Period(today - timedelta(days - 1), today)


def relative(unit: str, before: int, today: date) -> Period:
    """This (0) or the last (1) week, month, quarter or year."""
    match unit:
        case "week":
            return week(today, before)
        case "month":
            return whole_month(*month_before(today, before))
        case "quarter":
            return quarter_before(today, before)
        case _:
            return whole_year(today.year - before)


def counted(match: re.Match[str]) -> int:
    word = re.sub(r"\s+", " ", match["count"].lower())
    return int(word) if word.isdigit() else WORDS[word]


def number_of_month(name: str) -> int:
    return MONTHS.index(name[:3].lower()) + 1


def latest_month(month: int, today: date, year: int | None = None) -> Period | None:
    if not 1 <= month <= 12:
        return None
    return whole_month(year or (today.year if month <= today.month else today.year - 1), month)


def latest_day(month: int, day: int, today: date, year: int | None = None) -> Period | None:
    try:
        if year:
            return one_day(date(year, month, day))
        this_year = date(today.year, month, day)
        return one_day(this_year if this_year <= today else date(today.year - 1, month, day))
    except ValueError:
        return None


def group(match: re.Match[str], name: str) -> int | None:
    value = match.groupdict().get(name)
    return int(value) if value else None


def year_of(match: re.Match[str], today: date) -> int | None:
    """Of a match with `year` or a word such as 작년 or last year as `of`."""
    word = match.groupdict().get("of")
    if word:
        return today.year - (1 if re.match(r"작년|지난|전년|last|previous", word, re.IGNORECASE) else 0)
    return group(match, "year")


def month_named(match: re.Match[str], today: date) -> Period | None:
    return latest_month(number_of_month(match["month"]), today, year_of(match, today))


def month_numbered(match: re.Match[str], today: date) -> Period | None:
    return latest_month(int(match["month"]), today, year_of(match, today))


def part_of_month(match: re.Match[str], today: date) -> Period | None:
    """초: until the 10th, 중순: until the 20th, 하순: the rest, 말: the last day."""
    month = month_numbered(match, today)
    if month is None or month.start is None or month.end is None:
        return None
    return part(month, match["part"])


def part(month: Period, name: str) -> Period:
    assert month.start and month.end  # noqa: S101 - a whole month has both
    match name[0].lower():
        case "초" | "b" | "s":
            return Period(month.start, month.start.replace(day=10))
        case "중" | "m":
            return Period(month.start.replace(day=11), month.start.replace(day=20))
        case "하":
            return Period(month.start.replace(day=21), month.end)
        case _:
            return one_day(month.end)


def last_month_part(match: re.Match[str], today: date) -> Period | None:
    return part(relative("month", 0 if match["of"].startswith("이") else 1, today), match["part"])


def end_of_last(match: re.Match[str], today: date) -> Period | None:
    end = relative(match["unit"].lower(), 1, today).end
    return one_day(end) if end else None


def day_named(match: re.Match[str], today: date) -> Period | None:
    return latest_day(number_of_month(match["month"]), int(match["day"]), today, year_of(match, today))


def day_numbered(match: re.Match[str], today: date) -> Period | None:
    return latest_day(int(match["month"]), int(match["day"]), today, year_of(match, today))


def day_of_month_before(match: re.Match[str], today: date) -> Period | None:
    before = 0 if re.match(r"이|금|this", match["of"], re.IGNORECASE) else 1
    year, month = month_before(today, before)
    return latest_day(month, int(match["day"]), today, year)


def days_of_month(match: re.Match[str], today: date) -> Period | None:
    """1 to 15 November."""
    name = match["month"]
    month = int(name) if name.isdigit() else number_of_month(name)
    first = latest_day(month, int(match["first"]), today, year_of(match, today))
    last = latest_day(month, int(match["day"]), today, first.start.year if first and first.start else None)
    return Period(first.start, last.end) if first and last else None


def weekday_before(match: re.Match[str], today: date) -> Period | None:
    name = match["weekday"]
    wanted = WEEKDAYS_KO.index(name) if name in WEEKDAYS_KO else WEEKDAYS.index(name[:3].lower())
    back = (today.weekday() - wanted) % 7
    if not re.match(r"이번|this|on", match["of"], re.IGNORECASE):
        back = back or 7
    return one_day(today - timedelta(back))


def weekday_of_week(match: re.Match[str], today: date) -> Period | None:
    monday = week(today, 0 if match["of"].startswith(("이", "금")) else 1).start
    return one_day(monday + timedelta(WEEKDAYS_KO.index(match["weekday"]))) if monday else None


def weekend(before: int) -> Reading:
    def read(_: re.Match[str], today: date) -> Period:
        saturday = today - timedelta((today.weekday() - 5) % 7)
        if before and today.weekday() >= 5:
            saturday -= timedelta(7)
        return Period(saturday, saturday + timedelta(1))

    return read


def ago(match: re.Match[str], today: date) -> Period | None:
    unit = match["unit"].lower()
    if unit in ("month", "개월", "달", "year", "년"):
        months = counted(match) * (12 if unit in ("year", "년") else 1)
        year, month = month_before(today, months)
        return one_day(date(year, month, min(today.day, monthrange(year, month)[1])))
    return one_day(today - timedelta(counted(match) * UNIT_DAYS[unit]))


def span(match: re.Match[str], today: date) -> Period | None:
    unit = match["unit"].lower()
    return last_days(counted(match) * UNIT_DAYS["달" if unit == "개월" else unit], today)


def rule(pattern: str, reading: Reading) -> tuple[re.Pattern[str], Reading]:
    return re.compile(pattern, re.IGNORECASE), reading


def fixed(unit: str, before: int) -> Reading:
    return lambda _, today: relative(unit, before, today)


OF_YEAR = r"(?:\s*(?:,|of|in)?\s*(?:20\d\d|(?:last|this|previous)\s+year))?"
OF_YEAR_EN = r"(?:\s*(?:,|of|in)?\s*(?:" + YEAR + r"|(?P<of>(?:last|this|previous)\s+year)))?"
YEAR_KO = r"(?:(?:" + YEAR + r"\s*년?|(?P<of>작년|지난해|전년|올해|금년))\s*)?"
NOT_DIGIT, NO_DIGIT = r"(?<!\d)", r"(?!\d)"
LAST_KO, THIS_KO = r"(?:지난|저번|전)", r"(?:이번|금|이)"

READINGS: tuple[tuple[re.Pattern[str], Reading], ...] = (
    # single days
    rule(r"오늘(?:\s*(?:하루|까지))?|\btoday\b|금일|당일", days_ago(0)),
    rule(r"어제|어저께|전날|\byesterday\b|작일", days_ago(1)),
    rule(r"그저께|그제|엊그제|\b(?:the\s+)?day\s+before\s+yesterday\b", days_ago(2)),
    rule(
        NOT_DIGIT + YEAR + r"\s*(?:[-./]|년)\s*(?P<month>\d{1,2})\s*(?:[-./]|월)\s*(?P<day>\d{1,2})(?:일)?" + NO_DIGIT,
        day_numbered,
    ),
    rule(NOT_DIGIT + YEAR_KO + r"(?P<month>\d{1,2})\s*월\s*(?P<day>\d{1,2})\s*일", day_numbered),
    rule(r"(?P<of>" + LAST_KO + r"\s*달|이번\s*달|이달|금월)\s*(?P<day>\d{1,2})\s*일", day_of_month_before),
    rule(r"\b(?:the\s+)?" + DAY + r"\s+(?:of\s+)?" + MONTH + r"\b" + OF_YEAR_EN, day_named),
    rule(r"\b" + MONTH + r"\s+(?:the\s+)?" + DAY + r"\b(?!\s*(?:customers|orders|%|days))" + OF_YEAR_EN, day_named),
    rule(r"\b(?:the\s+)?" + DAY + r"\s+of\s+(?P<of>last|this)\s+month\b", day_of_month_before),
    rule(NOT_DIGIT + COUNT_KO + r"\s*(?P<unit>일|주|개월|달|년)\s*전(?!체|반|부)(?:에)?", ago),
    rule(r"일주일\s*전", days_ago(7)),
    rule(r"보름\s*전", days_ago(15)),
    rule(r"열흘\s*전", days_ago(10)),
    rule(r"이틀\s*전", days_ago(2)),
    rule(r"사흘\s*전", days_ago(3)),
    rule(r"\b" + COUNT + r"\s+(?P<unit>day|week|month|year)s?\s+ago\b", ago),
    rule(r"\b(?P<of>last|this|on|this\s+past)\s+(?P<weekday>mon|tues|wednes|thurs|fri|satur|sun)day\b", weekday_before),
    rule(r"(?P<of>지난\s*주|저번\s*주|이번\s*주|금주)\s*(?P<weekday>[월화수목금토일])요일", weekday_of_week),
    rule(r"(?P<of>지난|저번|이번)\s*(?P<weekday>[월화수목금토일])요일", weekday_before),
    # ends and parts of months
    rule(
        YEAR_KO + r"(?P<month>\d{1,2})\s*월\s*(?P<part>초|중순|하순|말일?)(?:\s*(?:기준|시점|에는|에))?", part_of_month
    ),
    rule(r"(?P<of>지난\s*달|저번\s*달|전월|이번\s*달)\s*(?P<part>초|중순|하순|말일?)(?:\s*기준)?", last_month_part),
    rule(
        r"\b(?:the\s+)?end\s+of\s+" + MONTH + r"\b" + OF_YEAR_EN,
        lambda match, today: end_of(month_named(match, today)),
    ),
    rule(r"\b(?:the\s+)?end\s+of\s+(?:the\s+)?(?:last|previous)\s+(?P<unit>week|month|quarter|year)\b", end_of_last),
    rule(r"(?:작년|지난해)\s*말", lambda _, today: one_day(date(today.year - 1, 12, 31))),
    rule(r"지난\s*주\s*말\s*기준", lambda _, today: end_of(week(today, 1))),
    # weeks, months, quarters, years
    rule(THIS_KO + r"\s*주(?!문|말|요)(?:간)?|\bthis\s+week\b|\bweek\s+to\s+date\b", fixed("week", 0)),
    rule(LAST_KO + r"\s*주(?!문|말|요)(?:간)?|\b(?:last|previous)\s+week\b", fixed("week", 1)),
    rule(r"지지난\s*주|저저번\s*주|전전\s*주|\b(?:the\s+)?week\s+before\s+last\b", fixed("week", 2)),
    rule(r"이번\s*달|이달|금월|당월|\bthis\s+month\b|\bmonth\s+to\s+date\b|\bmtd\b", fixed("month", 0)),
    rule(r"(?:지난|저번)\s*달|전월|전달(?!해|하)|\b(?:last|previous)\s+month\b", fixed("month", 1)),
    rule(r"(?:지지난|저저번|전전)\s*달|\b(?:the\s+)?month\s+before\s+last\b", fixed("month", 2)),
    rule(r"이번\s*분기|금분기|\bthis\s+quarter\b", fixed("quarter", 0)),
    rule(r"(?:지난|저번|전)\s*분기|\b(?:last|previous)\s+quarter\b", fixed("quarter", 1)),
    rule(r"올해|금년|올\s*한\s*해|\bthis\s+year\b|\byear\s+to\s+date\b|\bytd\b", fixed("year", 0)),
    rule(r"작년|지난해|전년(?!\s*대비)|\b(?:last|previous)\s+year\b", fixed("year", 1)),
    rule(r"재작년", fixed("year", 2)),
    rule(r"(?:지난|저번)\s*주말|\b(?:last|this\s+past)\s+weekend\b", weekend(1)),
    rule(r"이번\s*주말|\bthis\s+weekend\b", weekend(0)),
    rule(
        YEAR_KO + r"(?P<quarter>[1-4])\s*(?:사)?분기|\bq(?P<q>[1-4])\b" + OF_YEAR,
        lambda match, today: quarter_named(match, today),
    ),
    rule(
        r"\b(?:the\s+)?(?P<quarter>first|second|third|fourth|[1-4](?:st|nd|rd|th))\s+quarter\b" + OF_YEAR,
        lambda match, today: quarter_named(match, today),
    ),
    rule(YEAR_KO + r"(?P<half>상|하)반기", lambda match, today: half_named(match, today)),
    rule(
        r"\b(?:the\s+)?(?P<half>first|second)\s+half(?:\s+of(?!\s+(?:the\s+)?customers))?\b" + OF_YEAR,
        lambda match, today: half_named(match, today),
    ),
    rule(r"\bh(?P<half>[12])\b" + OF_YEAR, lambda match, today: half_named(match, today)),
    rule(YEAR_KO + r"(?P<month>\d{1,2})\s*월(?!\s*\d{1,2}\s*일)(?:달)?(?:\s*(?:한\s*달|중))?", month_numbered),
    rule(
        r"(?P<of>지난)\s*(?P<month>1[0-2]|[1-9])\s*월(?!\s*\d)", lambda m, today: latest_month(int(m["month"]), today)
    ),
    rule(NOT_DIGIT + YEAR + r"\s*[-./]\s*(?P<month>0[1-9]|1[0-2])(?![-./\d])", month_numbered),
    rule(
        r"\b(?P<month>jan(?:uary)?|feb(?:ruary)?|apr(?:il)?|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
        r"|nov(?:ember)?|dec(?:ember)?)\b\.?" + OF_YEAR_EN,
        month_named,
    ),
    rule(
        r"(?:(?<=\bin )|(?<=\bof )|(?<=since )|(?<=from )|(?<=\bto )|(?<=and )|(?<=last )|(?<=between )|(?<=vs )"
        r"|(?<=compare )|(?<=with )|(?<=during )|(?<=for )|(?<=until )|(?<=this )|^)(?P<month>march|mar|may)\b"
        + OF_YEAR_EN,
        month_named,
    ),
    rule(r"\b(?P<month>march|mar|may)\s+" + YEAR, month_named),
    rule(r"\b(?P<month>march|may)(?='s\b|\s+(?:sales|revenue|orders|returns|and|vs|versus|to)\b)", month_named),
    rule(NOT_DIGIT + YEAR + r"\s*년(?!\s*\d{1,2}\s*월)(?:도)?", lambda match, _: whole_year(int(match["year"]))),
    rule(
        r"(?:(?<=\bin )|(?<=since )|(?<=during )|(?<=of )|(?<=for )|(?<=year ))" + YEAR + r"\b(?![-./\d])",
        lambda match, _: whole_year(int(match["year"])),
    ),
    # spans that end with today
    rule(
        r"(?:최근|지난|요|직전|근래)\s*"
        + COUNT_KO
        + r"\s*(?P<unit>일|주|개월|달|년)(?:\s*(?:간|동안|사이|내|이내))?(?:에|의)?(?!\s*전)",
        span,
    ),
    rule(
        r"\b(?:the\s+|these\s+)?(?:last|past|previous|recent|trailing)\s+"
        + COUNT
        + r"\s+(?P<unit>day|week|month|quarter|year)s?\b",
        span,
    ),
    rule(
        r"\b(?:in|over|during|for|within)?\s*(?:the\s+)?past\s+(?P<unit>day|week|month|quarter|year)\b",
        lambda match, today: last_days(UNIT_DAYS[match["unit"].lower()], today),
    ),
    rule(r"(?:최근|지난|요)\s*(?:일주일|1주일|한\s*주)(?:\s*(?:간|동안|사이))?", lambda _, today: last_days(7, today)),
    rule(
        r"(?:최근|지난)\s*(?P<span>하루|이틀|사흘|나흘|닷새|열흘|보름|반년|분기)(?:\s*(?:간|동안|사이))",
        lambda match, today: last_days(DAYS_KO[match["span"]], today),
    ),
    rule(
        r"최근\s*(?P<span>하루|이틀|사흘|나흘|닷새|열흘|보름|반년)",
        lambda match, today: last_days(DAYS_KO[match["span"]], today),
    ),
    rule(NOT_DIGIT + r"(?P<count>\d{1,3})\s*(?P<unit>일|주|개월|달|년)\s*(?:간|동안)(?:의|에)?", span),
    rule(r"일주일\s*(?:간|동안|사이)", lambda _, today: last_days(7, today)),
    rule(r"한\s*달\s*(?:간|동안|사이)", lambda _, today: last_days(30, today)),
    # days of one month
    rule(
        r"\b(?:from\s+|between\s+)?(?:the\s+)?(?P<first>\d{1,2})(?:st|nd|rd|th)?\s*(?:to|until|through|till|-|–|and)\s*(?:the\s+)?"
        + DAY
        + r"\s+(?:of\s+)?"
        + MONTH
        + r"\b"
        + OF_YEAR_EN,
        days_of_month,
    ),
    rule(
        r"\b(?:from\s+|between\s+)?"
        + MONTH
        + r"\s+(?P<first>\d{1,2})(?:st|nd|rd|th)?\s*(?:to|until|through|till|-|–|and)\s*(?:the\s+)?"
        + DAY
        + r"\b"
        + OF_YEAR_EN,
        days_of_month,
    ),
    rule(
        YEAR_KO
        + r"(?P<month>\d{1,2})\s*월\s*(?P<first>\d{1,2})\s*일?\s*(?:부터|에서|~|-|–)\s*(?P<day>\d{1,2})\s*일(?:\s*(?:까지|사이))?",
        days_of_month,
    ),
)


def end_of(period: Period | None) -> Period | None:
    return one_day(period.end) if period and period.end else None


def quarter_named(match: re.Match[str], today: date) -> Period | None:
    named = match.groupdict()
    text = named.get("quarter") or named["q"]
    number = QUARTERS.get(text.lower()) or int(text[0])
    year = year_in(match, today)
    return quarter(year or (today.year if 3 * number - 2 <= today.month else today.year - 1), number)


def half_named(match: re.Match[str], today: date) -> Period | None:
    number = 1 if match["half"].lower() in ("상", "first", "1") else 2
    year = year_in(match, today)
    return half(year or (today.year if number == 1 or today.month > 6 else today.year - 1), number)


def year_in(match: re.Match[str], today: date) -> int | None:
    """The year that stands in a match: as a number, or as last or this year."""
    number = re.search(r"20\d\d", match[0])
    if number:
        return int(number[0])
    if re.search(r"작년|지난해|전년|last year|previous year", match[0], re.IGNORECASE):
        return today.year - 1
    return today.year if re.search(r"올해|금년|this year", match[0], re.IGNORECASE) else None
