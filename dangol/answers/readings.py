"""How a period is said, in Korean and English, and the days that are meant: one pattern and one reading for each way.

A week begins on Monday. "Last 7 days" end with today; a month of "last 3 months" has 30 days, a year 365. A month or
day without a year is the latest that has begun.
"""

import re
from calendar import monthrange
from collections.abc import Callable
from datetime import date, timedelta

from dangol.answers.intents import Period

Reading = Callable[[re.Match[str], date], Period | None]
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
MONTH = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
YEAR = r"(?P<year>20\d\d)"
MONTH_NAMES = r"jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WEEKDAY = r"(?P<weekday>(?:mon|tues|wednes|thurs|fri|satur|sun)day)"
WEEKDAYS_KO = "월화수목금토일"
NUMBERS = [
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
]
NUMBERS_NATIVE = ["한", "두", "세", "네", "다섯", "여섯", "일곱", "여덟", "아홉", "열", "열한", "열두"]
NUMBERS_CHINESE = ["일", "이", "삼", "사", "오", "육", "칠", "팔", "구", "십", "십일", "십이"]
WORDS = {
    word: number for words in (NUMBERS, NUMBERS_NATIVE, NUMBERS_CHINESE) for number, word in enumerate(words, start=1)
} | {"a": 1, "couple": 2, "석": 3, "넉": 4, "twenty": 20, "thirty": 30, "sixty": 60, "ninety": 90}
COUNT = rf"(?P<count>\d{{1,3}}|(?:a\s+)?couple(?:\s+of)?|twenty|thirty|sixty|ninety|{'|'.join(reversed(NUMBERS))}|a)"
NATIVE_KO = f"{'|'.join(reversed(NUMBERS_NATIVE))}|석|넉"
COUNT_KO = rf"(?P<count>\d{{1,3}}|{NATIVE_KO}|{'|'.join(reversed(NUMBERS_CHINESE))})"
UNIT_DAYS = {"day": 1, "week": 7, "fortnight": 14, "month": 30, "quarter": 90, "year": 365} | {
    "일": 1,
    "주": 7,
    "주일": 7,
    "달": 30,
    "개월": 30,
    "분기": 90,
    "년": 365,
    "해": 365,
}
DAYS_KO = {
    word: days
    for days, word in enumerate(
        ["하루", "이틀", "사흘", "나흘", "닷새", "엿새", "이레", "여드레", "아흐레", "열흘"], start=1
    )
} | {"일주일": 7, "보름": 15, "반달": 15, "반년": 182, "분기": 90}
NAMED_DAYS_KO = rf"(?P<span>{'|'.join(DAYS_KO)})"
ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
QUARTERS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "1st": 1, "2nd": 2, "3rd": 3, "4th": 4}


def same_day(day: date, years: int) -> date:
    """The day so many years before."""
    return day.replace(year=day.year - years, day=28 if (day.month, day.day) == (2, 29) else day.day)


SINCE_THEN = re.compile(r"(?:ever\s+)?since\s+then|그\s*(?:이후|뒤|후)(?:로|에)?(?:는|의)?", re.IGNORECASE)
UNITS_KO = {"주": "week", "달": "month", "월": "month", "분기": "quarter", "년": "year", "해": "year"}


def one_day(day: date) -> Period:
    return Period(day, day)


def days_ago(days: int) -> Reading:
    return lambda _, today: one_day(today - timedelta(days))


def black_friday(_: re.Match[str], today: date) -> Period:
    """The latest day after a fourth Thursday of November."""
    for year in (today.year, today.year - 1):
        first = date(year, 11, 1)
        day = first + timedelta((WEEKDAYS.index("thu") - first.weekday()) % 7 + 22)
        if day <= today:
            break
    return one_day(day)


def day_of_year(month: int, day: int) -> Reading:
    """A feast: the latest that has come, or that of the year in the match."""
    return lambda match, today: latest_day(month, day, today, year_in(match, today))


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
    word = re.sub(r"^a\s+|\s+of$", "", match["count"].lower())
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
        if word.startswith("내"):
            return today.year + 1
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
    if month.start is None or month.end is None:
        return month
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


def day_ordinal(match: re.Match[str], today: date) -> Period | None:
    day = ORDINALS.index(match["ordinal"].lower()) + 1
    return latest_day(number_of_month(match["month"]), day, today, year_of(match, today))


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
        saturday -= timedelta(7 * max(0, before - 1))
        return Period(saturday, saturday + timedelta(1))

    return read


def weekday_bare(match: re.Match[str], today: date) -> Period | None:
    """Monday: the latest, today's included; that of a meeting is none of the shop's."""
    if MEETING.search(match.string):
        return None
    name = match["weekday"]
    wanted = WEEKDAYS_KO.index(name) if name in WEEKDAYS_KO else WEEKDAYS.index(name[:3].lower())
    return one_day(today - timedelta((today.weekday() - wanted) % 7))


MEETING = re.compile(r"\b(?:meet|meeting|talked|discussed|spoke)\b|미팅|회의|면담|발표", re.IGNORECASE)


def weekday_in_week(match: re.Match[str], today: date) -> Period | None:
    """Monday of last week."""
    monday = week(today, 0 if match["of"].lower() == "this" else 1).start
    return one_day(monday + timedelta(WEEKDAYS.index(match["weekday"][:3].lower()))) if monday else None


def start_of(match: re.Match[str], today: date) -> Period | None:
    """The first day of this or the last week, month, quarter or year."""
    before = 1 if re.search(r"last|previous|지난|저번|작년", match[0], re.IGNORECASE) else 0
    unit = match["unit"].lower()
    start = relative(UNITS_KO.get(unit, unit), before, today).start
    return one_day(start) if start else None


def start_of_ko(match: re.Match[str], today: date) -> Period | None:
    start = relative("year" if match["of"] else UNITS_KO[match["unit"]], 0, today).start
    return one_day(start) if start else None


def part_of_named_month(match: re.Match[str], today: date) -> Period | None:
    """Early, mid- and late November: until the 10th, until the 20th, the rest."""
    month = month_named(match, today)
    return part(month, {"e": "초", "b": "초", "m": "중", "l": "하"}[match["part"][0].lower()]) if month else None


def half_of_month(match: re.Match[str], today: date) -> Period | None:
    """The first half ends with the 15th."""
    month = month_named(match, today)
    if month is None or month.start is None:
        return None
    if match["half"].lower() in ("first", "1st"):
        return Period(month.start, month.start.replace(day=15))
    return Period(month.start.replace(day=16), month.end)


def week_of_month(match: re.Match[str], today: date) -> Period | None:
    """The n-th seven days of a month, or its last seven."""
    named = match.groupdict()
    month = month_numbered(match, today) if match["month"].isdigit() else month_named(match, today)
    if month is None or month.start is None or month.end is None:
        return None
    place = WEEK_PLACES[(named.get("nth") or named["ordinal"]).lower()]
    first = month.end - timedelta(6) if place < 0 else month.start + timedelta(7 * (place - 1))
    return Period(first, min(first + timedelta(6), month.end)) if first <= month.end else None


WEEKS = (ORDINALS, ("1st", "2nd", "3rd", "4th", "5th"), "12345", ("첫째", "둘째", "셋째", "넷째", "다섯째"))
WEEK_PLACES = {word: place for words in WEEKS for place, word in enumerate(words, 1)} | {
    "첫": 1,
    "last": -1,
    "마지막": -1,
}


def season(match: re.Match[str], today: date) -> Period:
    """Three whole months, spring from March on: the latest season of that name that has begun."""
    name = next(value for part, value in match.groupdict().items() if value and part in ("season", "ko")).lower()
    month = SEASONS[name]
    year = year_in(match, today) or (today.year if month <= today.month else today.year - 1)
    return Period(date(year, month, 1), whole_month(year + (month + 2) // 13, (month + 1) % 12 + 1).end)


SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12, "봄": 3, "여름": 6, "가을": 9, "겨울": 12}


def months_listed(match: re.Match[str], today: date) -> Period | None:
    """8,9,10월 and 9~11월: from the first to the last, of the latest year in which the first has begun."""
    numbers = [int(number) for number in re.findall(r"\d+", match["listed"])]
    if not all(1 <= number <= 12 for number in numbers):
        return None
    year = year_of(match, today) or (today.year if min(numbers) <= today.month else today.year - 1)
    return Period(date(year, min(numbers), 1), whole_month(year, max(numbers)).end)


def quarters_listed(match: re.Match[str], today: date) -> Period | None:
    numbers = [int(number) for number in re.findall(r"[1-4]", match["listed"])]
    year = year_of(match, today) or today.year
    return Period(quarter(year, min(numbers)).start, quarter(year, max(numbers)).end)


def month_before_this(match: re.Match[str], today: date) -> Period | None:
    """Last December, said in December: that of the year before."""
    month = number_of_month(match["month"])
    return latest_month(month, today, today.year - 1 if month == today.month else None)


def day_slashed(match: re.Match[str], today: date) -> Period | None:
    """11/15: month and day in a Korean text, day and month (as in Britain) in an English one, where both could be."""
    one, other = int(match["one"]), int(match["other"])
    korean = bool(re.search(r"[가-힣]|/(?:1[3-9]|[23]\d)(?!\d)", match.string))
    month, day = (one, other) if other > 12 or (korean and one <= 12) else (other, one)
    year = group(match, "year")
    return latest_day(month, day, today, year + 2000 if year and year < 100 else year)


def day_alone(match: re.Match[str], today: date) -> Period | None:
    """The 15th: the latest that has begun."""
    day = day_alone_of(int(match["day"]), today)
    return one_day(day) if day else None


def days_alone(match: re.Match[str], today: date) -> Period | None:
    """From the 1st to the 5th: of the latest month in which they have begun."""
    first, last = int(match["first"]), int(match["day"])
    start = day_alone_of(first, today)
    if start is None or not first <= last <= monthrange(start.year, start.month)[1]:
        return None
    return Period(start, start.replace(day=last))


def day_alone_of(day: int, today: date) -> date | None:
    months = (month_before(today, months) for months in range(3))
    days = (date(year, month, day) for year, month in months if 1 <= day <= monthrange(year, month)[1])
    return next((one for one in days if one <= today), None)


def span_named(match: re.Match[str], today: date) -> Period:
    return last_days(DAYS_KO[match["span"]], today)


def same_a_year_before(match: re.Match[str], today: date) -> Period:
    return Period(*(same_day(day, 1) if day else None for day in (relative("month", 0, today).start, today)))


def days_of_week(match: re.Match[str], today: date) -> Period | None:
    """The weekdays, or the weekend, of this or the last week."""
    named = match.groupdict()
    before = 0 if re.match(r"이|this", named["of"] or named["that"], re.IGNORECASE) else 1
    monday = week(today, before).start
    if monday is None:
        return None
    weekend_asked = named["days"] == "주말"
    return (
        Period(monday + timedelta(5), monday + timedelta(6)) if weekend_asked else Period(monday, monday + timedelta(4))
    )


def week_of(match: re.Match[str], today: date) -> Period | None:
    """The week, from Monday on, that a day is in."""
    month, day = match["month"] or match["named"], match["day"] or match["dayth"]
    return week_with(latest_day(number_of_month(month), int(day), today, year_of(match, today)))


def week_of_ko(match: re.Match[str], today: date) -> Period | None:
    return week_with(day_numbered(match, today))


def week_with(day: Period | None) -> Period | None:
    return week(day.start, 0) if day and day.start else None


def ago(match: re.Match[str], today: date) -> Period | None:
    unit = match["unit"].lower()
    if unit in ("month", "개월", "달", "year", "년", "해"):
        months = counted(match) * (12 if unit in ("year", "년", "해") else 1)
        year, month = month_before(today, months)
        return one_day(date(year, month, min(today.day, monthrange(year, month)[1])))
    return one_day(today - timedelta(counted(match) * UNIT_DAYS[unit]))


def span(match: re.Match[str], today: date) -> Period | None:
    return last_days(counted(match) * UNIT_DAYS[match["unit"].lower()], today)


def rule(pattern: str, reading: Reading) -> tuple[re.Pattern[str], Reading]:
    return re.compile(pattern, re.IGNORECASE), reading


def fixed(unit: str, before: int) -> Reading:
    return lambda _, today: relative(unit, before, today)


OF_YEAR = r"(?:\s*(?:,|of|in)?\s*(?:20\d\d|(?:last|this|previous)\s+year))?"
OF_YEAR_EN = r"(?:\s*(?:,|of|in)?\s*(?:" + YEAR + r"|(?P<of>(?:last|this|previous)\s+year)))?"
YEAR_KO = r"(?<!\d)(?<![A-Za-z]-)(?:(?:" + YEAR + r"\s*년?|(?P<of>작년|지난해|전년|올해|금년|내년|내후년))\s*)?"
NOT_DIGIT, NO_DIGIT, NOT_WORD = r"(?<!\d)(?<![A-Za-z]-)", r"(?!\d)", r"(?<![\d가-힣])"
NOT_DUE = r"(?!(?:['’]s)?\s+(?:deck|meetings?|reports?|reviews?|calls?|mail|mailing|newsletter|board|morning)\b)"
NOT_DUE_KO = r"(?!\s*(?:별|마다|(?:(?:주간|오전|아침|기획|정기)\s*)?(?:회의|보고|미팅|리포트|발표|발송)))"
"""The Monday meeting is one to come."""
LAST_KO, THIS_KO = r"(?:지난|저번|전)", r"(?:이번|금|이)"


def start_day(period: Period | None) -> Period | None:
    return one_day(period.start) if period and period.start else None


def end_of(period: Period | None) -> Period | None:
    return one_day(period.end) if period and period.end else None


def quarter_named(match: re.Match[str], today: date) -> Period | None:
    named = match.groupdict()
    text = named.get("quarter") or named["q"] or named["nq"]
    number = QUARTERS.get(text.lower()) or int(text[0])
    year = year_in(match, today)
    return quarter(year or (today.year if 3 * number - 2 <= today.month else today.year - 1), number)


def ordinal_again(match: re.Match[str], today: date) -> Period | None:
    """The third, after the second quarter; the second, after the first half."""
    named = re.findall(r"\b(quarter|half)\b", match.string[: match.start()], re.IGNORECASE)
    number = ORDINALS.index(match["again"].lower()) + 1
    if not named or number > (4 if named[-1].lower() == "quarter" else 2):
        return None
    year = year_in(match, today) or today.year
    return quarter(year, number) if named[-1].lower() == "quarter" else half(year, number)


def half_named(match: re.Match[str], today: date) -> Period | None:
    named = match["half"] or match.groupdict()["nh"]
    number = 1 if named.lower() in ("상", "first", "1") else 2
    year = year_in(match, today)
    return half(year or (today.year if number == 1 or today.month > 6 else today.year - 1), number)


def year_in(match: re.Match[str], today: date) -> int | None:
    """The year that stands in a match: as a number, or as last or this year."""
    number = re.search(r"20\d\d", match[0])
    if number:
        return int(number[0])
    if re.search(r"작년|지난해|전년|last year|previous year", match[0], re.IGNORECASE):
        return today.year - 1
    if re.search(r"내년|내후년", match[0]):
        return today.year + 1
    return today.year if re.search(r"올해|금년|this year", match[0], re.IGNORECASE) else None


ON = r"(?:(?<=\bon )|(?<=\bsince )|(?<=\bafter )|(?<=\bfrom )|(?<=\bat ))"
LAST_YEAR_KO = r"(?:(?:작년|지난해|지난|올해)\s*)"
FEASTS: tuple[tuple[re.Pattern[str], Reading], ...] = tuple(
    rule(
        rf"{ON}{english}(?!\s+(?:decorations?|cards?|items?|stuff|things?|gifts?|sets?)\b)(?:['’]s)?{OF_YEAR}"
        rf"|{LAST_YEAR_KO}?(?:{korean})\s*(?:때|날|당일)|{LAST_YEAR_KO}(?:{korean})(?=에|\s|$)",
        day_of_year(month, day),
    )
    for english, korean, month, day in (
        ("(?:halloween|hallowe['’]en)", "할로윈|핼러윈", 10, 31),
        (r"(?:christmas|xmas)\s+eve", r"(?:크리스마스|성탄절)\s*이브", 12, 24),
        (r"(?:christmas|xmas)(?:\s+day)?(?!\s+eve)", "크리스마스|성탄절", 12, 25),
        (r"boxing\s+day", "박싱\\s*데이", 12, 26),
        (r"new\s+year['’]?s\s+eve", r"섣달\s*그믐|마지막\s*", 12, 31),
        (r"new\s+year['’]?s\s+day", r"새해\s*첫|설날", 1, 1),
        (r"valentine['’]?s(?:\s+day)?", r"밸런타인\s*데이|발렌타인\s*데이", 2, 14),
    )
)
"""Days with a name that are also what is bought for them: they are days after on, since and the like alone."""
READINGS: tuple[tuple[re.Pattern[str], Reading], ...] = (
    # single days
    rule(
        r"오늘(?!\s*(?:오후|오전|저녁|회의|보고|발표))(?:\s*(?:하루|까지))?|\btoday\b|금일|(?<!스 )(?<!스)당일",
        days_ago(0),
    ),
    rule(r"어제|어저께|전날|\byesterday\b|작일", days_ago(1)),
    rule(r"\b(?:on\s+)?black\s+friday\b|블랙\s*프라이데이|블프", black_friday),
    *FEASTS,
    rule(SINCE_THEN.pattern, days_ago(0)),
    rule(r"그저께|그제|엊그제|\b(?:the\s+)?day\s+before\s+yesterday\b", days_ago(2)),
    rule(
        NOT_DIGIT + YEAR + r"\s*(?:[-./]|년)\s*(?P<month>\d{1,2})\s*(?:[-./]|월)\s*(?P<day>\d{1,2})(?:일)?" + NO_DIGIT,
        day_numbered,
    ),
    rule(YEAR_KO + r"(?P<month>\d{1,2})\s*월\s*(?P<day>\d{1,2})\s*일", day_numbered),
    rule(r"(?:(?<=~)|(?<=~ ))" + YEAR_KO + r"(?P<month>\d{1,2})[-.](?P<day>\d{1,2})(?![\d.-])", day_numbered),
    rule(r"(?P<of>" + LAST_KO + r"\s*달|이번\s*달|이달|금월)\s*(?P<day>\d{1,2})\s*일", day_of_month_before),
    rule(r"\b(?:the\s+)?" + DAY + r"\s+(?:of\s+)?" + MONTH + r"\b" + OF_YEAR_EN, day_named),
    rule(
        rf"\b(?:the\s+)?(?P<ordinal>{'|'.join(ORDINALS)})\s+of\s+" + MONTH + r"\b" + OF_YEAR_EN,
        day_ordinal,
    ),
    rule(r"\b" + MONTH + r"\s+(?:the\s+)?" + DAY + r"\b(?!\s*(?:customers|orders|%|days))" + OF_YEAR_EN, day_named),
    rule(r"\b" + MONTH + r",?\s+(?:say|namely|on)\s+the\s+" + DAY + r"\b", day_named),
    rule(r"\b(?:the\s+)?" + DAY + r"\s+of\s+(?P<of>last|this)\s+month\b", day_of_month_before),
    rule(NOT_WORD + COUNT_KO + r"\s*(?P<unit>일|주일|주|개월|달|년|해)\s*전(?!체|반|부(?!터))(?:에)?", ago),
    rule(
        NAMED_DAYS_KO + r"\s*전(?!체|반|부(?!터))(?:에)?",
        lambda match, today: one_day(today - timedelta(DAYS_KO[match["span"]])),
    ),
    rule(r"\b" + COUNT + r"\s+(?P<unit>day|week|fortnight|month|year)s?\s+(?:ago|back)\b", ago),
    rule(r"\b(?P<of>last|this|on|this\s+past)\s+" + WEEKDAY + r"\b(?!\s+(?:of\s+)?last\s+week)", weekday_before),
    rule(r"\b(?:on\s+)?(?:the\s+)?" + WEEKDAY + r"\s+(?:of\s+)?(?P<of>last|this)\s+week\b", weekday_in_week),
    rule(r"\b(?P<of>last|this)\s+week(?:['’]s)?,?\s+" + WEEKDAY + r"\b", weekday_in_week),
    rule(r"(?<!every )(?<!each )\b" + WEEKDAY + r"\b" + NOT_DUE, weekday_bare),
    rule(r"(?<!매주 )(?<![가-힣])(?P<weekday>[월화수목금토일])요일" + NOT_DUE_KO, weekday_bare),
    rule(NOT_DIGIT + r"(?P<one>\d{1,2})/(?P<other>\d{1,2})(?:/(?P<year>20\d\d|\d\d))?(?![\d/])", day_slashed),
    rule(
        r"\b(?:on|since|from|until|by)\s+the\s+(?P<day>\d{1,2})(?:st|nd|rd|th)\b(?!\s+(?:of|customer|place))", day_alone
    ),
    rule(r"(?<![\d월~\-–])(?<!월 )(?<!달 )(?P<day>\d{1,2})\s*일(?:자(?=\s|$)|에(?=\s|$)|(?=부터))", day_alone),
    rule(
        r"(?<![\d월])(?<!월 )(?<!달 )(?P<first>\d{1,2})\s*일?\s*(?:부터|에서|~|-"
        r"|–)\s*(?P<day>\d{1,2})\s*일(?:\s*(?:까지"
        r"|사이))?(?!\s*간)",
        days_alone,
    ),
    rule(
        r"\b(?:from\s+|between\s+)?the\s+(?P<first>\d{1,2})(?:st|nd|rd|th)\s*(?:to|until|through|till|-|–|and)\s*"
        r"(?:the\s+)?(?P<day>\d{1,2})(?:st|nd|rd|th)\b(?!\s+(?:of\b|" + MONTH_NAMES + r"))",
        days_alone,
    ),
    rule(r"(?P<of>지난\s*주|저번\s*주|이번\s*주|금주)\s*(?P<weekday>[월화수목금토일])요일", weekday_of_week),
    rule(r"(?P<of>지난|저번|이번)\s*(?P<weekday>[월화수목금토일])요일", weekday_before),
    # ends and parts of months
    rule(
        YEAR_KO
        + r"(?P<month>\d{1,2})\s*월\s*(?P<part>초|중순|하순|말일?(?!고|곤)|마지막\s*날)(?:\s*(?:기준|시점|에는|에))?",
        part_of_month,
    ),
    rule(
        r"(?P<of>지난\s*달|저번\s*달|전월|이번\s*달)\s*(?P<part>초|중순|하순|말일?(?!고|곤))(?:\s*기준)?",
        last_month_part,
    ),
    rule(
        r"\b(?:the\s+)?end\s+of\s+" + MONTH + r"\b" + OF_YEAR_EN,
        lambda match, today: end_of(month_named(match, today)),
    ),
    rule(r"\b(?:the\s+)?end\s+of\s+(?:the\s+)?(?:last|previous)\s+(?P<unit>week|month|quarter|year)\b", end_of_last),
    rule(
        YEAR_KO + r"(?P<quarter>[1-4])\s*(?:사)?분기\s*(?:말일?(?!고|곤)|마지막\s*날)(?:\s*(?:기준|시점))?",
        lambda match, today: end_of(quarter_named(match, today)),
    ),
    rule(
        r"\b(?:the\s+)?end\s+of\s+(?:the\s+)?q(?P<q>[1-4])\b" + OF_YEAR,
        lambda match, today: end_of(quarter_named(match, today)),
    ),
    rule(
        r"\b(?:the\s+|its\s+)?(?:start|beginning|first\s+day)\s+of\s+(?:the\s+|this\s+|last\s+"
        r"|previous\s+)?(?P<unit>week|month|quarter|year)\b",
        start_of,
    ),
    rule(
        r"\b(?:the\s+)?(?:start|beginning)\s+of\s+(?:the\s+)?q(?P<q>[1-4])\b" + OF_YEAR,
        lambda match, today: start_day(quarter_named(match, today)),
    ),
    rule(
        r"\b(?:the\s+)?(?:start|beginning|first\s+day)\s+of\s+" + MONTH + r"\b" + OF_YEAR_EN,
        lambda match, today: start_day(month_named(match, today)),
    ),
    rule(
        r"(?:이번\s*)?(?P<unit>달|주|분기)\s*(?:시작|초)(?=부터|이후)|(?P<of>연|년|올해)\s*초(?=부터|이후)", start_of_ko
    ),
    rule(r"월초(?=부터|이후)", lambda _, today: one_day(today.replace(day=1))),
    rule(r"\b(?P<part>early|mid|middle\s+of|late)[\s-]+" + MONTH + r"\b" + OF_YEAR_EN, part_of_named_month),
    rule(r"\b(?:the\s+)?(?P<half>first|second|1st|2nd)\s+half\s+of\s+" + MONTH + r"\b" + OF_YEAR_EN, half_of_month),
    rule(r"(?:작년|지난해)\s*말(?!고|곤)", lambda _, today: one_day(date(today.year - 1, 12, 31))),
    rule(r"지난\s*주\s*말\s*기준", lambda _, today: end_of(week(today, 1))),
    # weeks, months, quarters, years
    rule(
        r"(?<![가-힣])" + THIS_KO + r"\s*주(?!문|말|요|체|소|의|로)(?:간)?|\bthis\s+week\b|\bweek[\s-]to[\s-]date\b"
        r"|\b(?:the\s+)?week\s+so\s+far\b",
        fixed("week", 0),
    ),
    rule(
        r"(?<![가-힣])(?:그\s*)?"
        + LAST_KO
        + r"\s*주(?!문|말|요|체|소|의|로)(?:간)?|\b(?:last|(?:the\s+)?(?:previous|prior|preceding))\s+week\b"
        r"|\bthe\s+week\s+before\b(?!\s+(?:last|that))",
        fixed("week", 1),
    ),
    rule(r"지지난\s*주|저저번\s*주|전전\s*주|\b(?:the\s+)?week\s+before\s+last\b", fixed("week", 2)),
    rule(
        r"이번\s*달|이달|금월|당월|\bthis\s+month\b|\bmonth[\s-]to[\s-]date\b|\b(?:the\s+)?month\s+so\s+far\b|\bmtd\b",
        fixed("month", 0),
    ),
    rule(
        r"(?:지난|저번)\s*달|전월|(?:바로\s*)?(?:그\s*)?(?:직전|이전|전)\s*달(?!해|하|은?\s*방식)"
        r"|\b(?:last|(?:the\s+)?(?:previous|prior|preceding))\s+month\b|\bthe\s+month\s+before\b(?!\s+(?:last|that))",
        fixed("month", 1),
    ),
    rule(r"(?:지지난|저저번|전전)\s*달|\b(?:the\s+)?month\s+before\s+last\b", fixed("month", 2)),
    rule(
        r"이번\s*분기|금분기|\bthis\s+quarter\b|\bquarter[\s-]to[\s-]date\b|\bqtd\b|\bquarter\s+so\s+far\b",
        fixed("quarter", 0),
    ),
    rule(
        r"(?:그\s*)?(?:지난|저번|직전|전)\s*분기|\b(?:last|(?:the\s+)?(?:previous|prior|preceding))\s+quarter\b"
        r"|\bthe\s+quarter\s+before\b(?!\s+(?:last|that))",
        fixed("quarter", 1),
    ),
    rule(r"(?:지지난|전전)\s*분기|\b(?:the\s+)?quarter\s+before\s+last\b", fixed("quarter", 2)),
    rule(
        r"올해|금년|올\s*한\s*해|(?<![가-힣])올(?=\s*들어)|\bthis\s+year\b|\byear[\s-]to[\s-]date\b|\b(?:the\s+)?year\s+so\s+far\b|\bytd\b",
        fixed("year", 0),
    ),
    rule(
        r"작년|지난\s*해|전년|\b(?:last|(?:the\s+)?(?:previous|prior|preceding))\s+year\b"
        r"|\bthe\s+year\s+before\b(?!\s+(?:last|that))",
        fixed("year", 1),
    ),
    rule(r"재작년|\b(?:the\s+)?year\s+before\s+last\b", fixed("year", 2)),
    rule(
        r"(?:전년|작년|지난해)\s*(?:의\s*)?(?:동월|동기|같은\s*(?:달|기간|시기))|\b(?:the\s+)?same\s+(?:month"
        r"|period|time|week|quarter)\s+"
        r"(?:last\s+year|a\s+year\s+(?:ago|earlier|before))",
        same_a_year_before,
    ),
    rule(
        r"(?:지난|저번)\s*주말|\b(?:last|this\s+past|past|previous)\s+weekend\b|\b(?:over|at|on)\s+the\s+weekend\b",
        weekend(1),
    ),
    rule(r"(?:지지난|저저번|전전)\s*주말|\b(?:the\s+)?weekend\s+before\s+last\b", weekend(2)),
    rule(r"(?P<of>지난\s*주|저번\s*주|이번\s*주)\s*(?P<days>평일|주말)", days_of_week),
    rule(
        r"\b(?:on\s+)?(?:the\s+)?(?P<days>weekdays)\s+(?:of\s+)?(?P<of>last|this)\s+week\b|\b(?P<that>last"
        r"|this)\s+week['’]?s?\s+(?P<those>weekdays)\b",
        days_of_week,
    ),
    rule(
        r"\b(?:the\s+)?week\s+(?:of|commencing|beginning|starting|from)\s+(?:on\s+)?(?:monday,?\s+)?(?:the\s+)?(?:"
        + DAY
        + r"\s+(?:of\s+)?"
        + MONTH
        + r"|"
        + MONTH.replace("month", "named")
        + r"\s+(?:the\s+)?"
        + DAY.replace("day", "dayth")
        + r")\b"
        + OF_YEAR_EN,
        week_of,
    ),
    rule(
        YEAR_KO
        + r"(?P<month>\d{1,2})\s*월\s*(?P<day>\d{1,2})\s*일\s*(?:이\s*(?:있는|속한|포함된)\s*|이?\s*포함\s*)주(?:간)?",
        week_of_ko,
    ),
    rule(r"이번\s*주말|\bthis\s+weekend\b", weekend(0)),
    rule(
        YEAR_KO
        + r"(?P<quarter>[1-4])\s*(?:사)?분기|(?:\b20\d\d\s*[-,]?\s*)?\b(?:q(?P<q>[1-4])|(?P<nq>[1-4])q)\b"
        + OF_YEAR,
        quarter_named,
    ),
    rule(
        r"\b(?:the\s+)?(?P<quarter>first|second|third|fourth|[1-4](?:st|nd|rd|th))\s+quarter\b" + OF_YEAR,
        quarter_named,
    ),
    rule(
        r"(?:(?<=\bvs )|(?<=\bor )|(?<=\band )|(?<=with )|(?<=against )|(?<=versus )|(?<=than ))the\s+"
        r"(?P<again>first|second|third|fourth)\b(?!\s+\w*(?:half|quarter|week|month|grade|tier))",
        ordinal_again,
    ),
    rule(YEAR_KO + r"(?P<half>상|하)반기", half_named),
    rule(
        r"\b(?:the\s+)?(?P<half>first|second)\s+half(?:\s+of(?!\s+(?:the\s+)?customers))?\b" + OF_YEAR,
        half_named,
    ),
    rule(
        r"(?:\b20\d\d\s*[-,]?\s*)?\b(?:h(?P<half>[12])|(?P<nh>[12])h)\b" + OF_YEAR,
        half_named,
    ),
    rule(YEAR_KO + r"(?P<month>\d{1,2})\s*월(?!별|\s*\d{1,2}\s*일)(?:달)?(?:\s*(?:한\s*달|중))?", month_numbered),
    rule(
        r"(?P<of>지난)\s*(?P<month>1[0-2]|[1-9])\s*월(?!\s*\d)", lambda m, today: latest_month(int(m["month"]), today)
    ),
    rule(NOT_DIGIT + YEAR + r"\s*[-./]\s*(?P<month>0[1-9]|1[0-2])(?![-./\d])", month_numbered),
    rule(
        r"\b(?P<month>jan(?:uary)?|feb(?:ruary)?|apr(?:il)?|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
        r"|nov(?:ember)?|dec(?:ember)?)\b\.?(?!\s+(?:sale|catalogue?|campaign|newsletter|mailing)\b)" + OF_YEAR_EN,
        month_named,
    ),
    rule(
        r"(?:(?<=\bin )|(?<=\bof )|(?<=since )|(?<=from )|(?<=\bto )|(?<=and )|(?<=last )|(?<=between )|(?<=vs )"
        r"|(?<=compare )|(?<=with )|(?<=during )|(?<=for )|(?<=until )|(?<=this )"
        r"|(?<=[a-z]-)|(?<=[a-z]–)|^)(?P<month>march|mar|may)\b"
        r"(?!\s+(?:i|we|you|one)\b)" + OF_YEAR_EN,
        month_named,
    ),
    rule(r"\b(?P<month>march|mar|may)\s+" + YEAR, month_named),
    rule(r"\blast\s+" + MONTH + r"\b(?!\s+\d{1,2}\b)", month_before_this),
    rule(
        r"\b(?:the\s+)?(?P<ordinal>first|second|third|fourth|last|[1-4](?:st|nd|rd|th))\s+week\s+of\s+"
        + MONTH
        + r"\b"
        + OF_YEAR_EN,
        week_of_month,
    ),
    rule(
        YEAR_KO + r"(?P<month>\d{1,2})\s*월\s*(?:의\s*)?(?:(?P<nth>첫째?|둘째|셋째|넷째|다섯째|마지막)\s*주(?!문|말)"
        r"|(?P<ordinal>[1-5])\s*주차)",
        week_of_month,
    ),
    rule(
        r"(?:(?<=\bin )|(?<=\bover )|(?<=\bduring )|(?<=\bsince )|(?<=\bof ))(?:the\s+|(?:last|this)\s+)?"
        r"(?P<season>spring|summer|autumn|winter)\b(?!\s+(?:catalog|sale|line|range|collection|campaign|offer|dress))"
        + OF_YEAR,
        season,
    ),
    rule(r"\blast\s+(?P<season>spring|summer|autumn|fall|winter)\b(?!\s+(?:catalog|sale|line|collection))", season),
    rule(
        r"(?:작년|지난해?|올해?)\s*(?P<season>봄|여름|가을|겨울)(?!\s*(?:상품|용품|신상|옷))(?:철)?(?:에)?"
        r"|(?<![가-힣])(?P<ko>봄|여름|가을|겨울)(?:철)?\s*(?:에(?!\s*(?:어울|맞))|동안|내내|시즌에)",
        season,
    ),
    rule(YEAR_KO + r"(?P<listed>\d{1,2}(?:\s*[,·~\-–]\s*\d{1,2})+)\s*월(?!\s*\d)", months_listed),
    rule(YEAR_KO + r"(?P<listed>[1-4](?:\s*[,·~\-–]\s*[1-4])+)\s*분기", quarters_listed),
    rule(r"\b(?P<month>march|may)(?=\s+(?:and|or|to|beside|against|with)\s+(?:" + MONTH_NAMES + r"))", month_named),
    rule(r"\b(?P<month>march|may)(?='s\b|\s+(?:sales|revenue|orders|returns|and|vs|versus|to)\b)", month_named),
    rule(NOT_DIGIT + YEAR + r"\s*년(?!\s*\d{1,2}\s*월)(?:도)?", lambda match, _: whole_year(int(match["year"]))),
    rule(
        r"(?:(?<=\bin )|(?<=since )|(?<=during )|(?<=of )|(?<=for )|(?<=year )"
        r"|(?<=revenue )|(?<=sales )|(?<=orders )|(?<=turnover )|(?<=returns ))" + YEAR + r"\b(?![-/\d]|\.\d)",
        lambda match, _: whole_year(int(match["year"])),
    ),
    rule(
        r"\b20\d\d(?=\s*(?:매출|주문|실적|revenue\b|sales\b|orders\b|total\b|['’]s\b))",
        lambda match, _: whole_year(int(match[0])),
    ),
    rule(r"(?<=, )" + YEAR + r"\b(?=\s*[?.!]*$)", lambda match, _: whole_year(int(match["year"]))),
    # spans that end with today
    rule(
        r"(?<![가-힣])(?:최근|지난|요|직전|근래)\s*(?:의\s*)?"
        + COUNT_KO
        + r"\s*(?P<unit>일|주일|주|개월|달|분기|년|해)(?!문|말)(?:\s*(?:간|동안|사이|내|이내|새|치))?(?:에"
        r"|의)?(?!\s*전(?!체))",
        span,
    ),
    rule(
        r"\b(?:the\s+|these\s+)?(?:last|past|previous|recent|trailing|latest|preceding|most\s+recent)\s+(?:full\s+)?"
        + COUNT
        + r"[\s-]+(?P<unit>day|week|fortnight|month|quarter|year)s?\b",
        span,
    ),
    rule(
        r"\b(?:in|over|during|for|within)?\s*(?:the\s+)?past\s+(?P<unit>day|week|month|quarter|year)\b",
        lambda match, today: last_days(UNIT_DAYS[match["unit"].lower()], today),
    ),
    rule(r"\b(?:the\s+)?(?:last|past|previous)\s+fortnight\b", lambda _, today: last_days(14, today)),
    rule(r"\ba\s+fortnight\s+ago\b", days_ago(14)),
    rule(
        r"\b(?:the\s+)?(?:last|past)\s+(?:half\s+a|half)\s+year\b", lambda _, today: last_days(DAYS_KO["반년"], today)
    ),
    rule(
        r"(?<![가-힣])(?:최근|지난|요)\s*(?:한\s*주|한주)(?:\s*(?:간|동안|사이|새))?",
        lambda _, today: last_days(7, today),
    ),
    rule(
        r"(?<![가-힣])(?:최근|지난|요)\s*" + NAMED_DAYS_KO + r"(?:\s*(?:간|동안|사이|새|치))?(?!\s*전(?!체))",
        span_named,
    ),
    rule(r"(?<![가-힣])" + NAMED_DAYS_KO + r"\s*(?:간|동안|사이|새)(?:의|에)?", span_named),
    rule(
        NOT_WORD + rf"(?P<count>\d{{1,3}}|{NATIVE_KO})\s*(?P<unit>일|주일|주|개월|달|년|해)\s*(?:간|동안|사이|새)"
        rf"(?:의|에)?(?!\s*(?:안|못)\s)",
        span,
    ),
    # days of one month
    rule(
        r"\b(?:from\s+|between\s+)?(?:the\s+)?(?P<first>\d{1,2})(?:st|nd|rd|th)?\s*(?:to|until|through|till|-"
        r"|–|and)\s*(?:the\s+)?" + DAY + r"\s+(?:of\s+)?" + MONTH + r"\b" + OF_YEAR_EN,
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
        YEAR_KO + r"(?P<month>\d{1,2})\s*월\s*(?P<first>\d{1,2})\s*일?\s*(?:부터|에서|,|·|와|과|이랑|하고|~|-"
        r"|–)\s*(?P<day>\d{1,2})\s*일(?:\s*(?:까지|사이))?",
        days_of_month,
    ),
)
