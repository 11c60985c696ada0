"""Periods as a shop's people say them, asked on Saturday 2011-12-10."""

from calendar import monthrange
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dangol.answers.intents import Period
from dangol.answers.periods import find_periods, hull, without_refused

TODAY = date(2011, 12, 10)
MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
PAST_DAYS = st.dates(date(2010, 12, 11), TODAY)


def periods_of(text: str, today: date = TODAY) -> tuple[Period, ...]:
    return find_periods(text, today)[0]


def period(text: str) -> tuple[str | None, str | None]:
    found = hull(periods_of(text))
    return (found.start and found.start.isoformat(), found.end and found.end.isoformat())


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        # days
        ("today", "12-10", "12-10"),
        ("yesterday's orders", "12-09", "12-09"),
        ("그저께", "12-08", "12-08"),
        ("사흘 전", "12-07", "12-07"),
        ("a week ago", "12-03", "12-03"),
        ("2주 전", "11-26", "11-26"),
        ("3개월 전", "09-10", "09-10"),
        ("석 달 전", "09-10", "09-10"),
        ("last Friday", "12-09", "12-09"),
        ("지난주 월요일", "11-28", "11-28"),
        ("Monday last week", "11-28", "11-28"),
        ("Monday", "12-05", "12-05"),
        ("15 November", "11-15", "11-15"),
        ("November 15th, 2011", "11-15", "11-15"),
        ("31/08/2011", "08-31", "08-31"),
        ("11월 15일", "11-15", "11-15"),
        ("10월 말 기준", "10-31", "10-31"),
        ("the end of last month", "11-30", "11-30"),
        ("지난달 3일", "11-03", "11-03"),
        # weeks, months, quarters, halves, years
        ("this week", "12-05", "12-10"),
        ("last week", "11-28", "12-04"),
        ("지지난주", "11-21", "11-27"),
        ("이번 주 들어", "12-05", "12-10"),
        ("the week of 14 November", "11-14", "11-20"),
        ("last weekend", "12-03", "12-04"),
        ("지난주 평일", "11-28", "12-02"),
        ("the weekend before last", "11-26", "11-27"),
        ("month to date", "12-01", "12-10"),
        ("지난달", "11-01", "11-30"),
        ("the month before last", "10-01", "10-31"),
        ("May sales", "05-01", "05-31"),
        ("in March", "03-01", "03-31"),
        ("5월", "05-01", "05-31"),
        ("지난 분기", "07-01", "09-30"),
        ("quarter to date", "10-01", "12-10"),
        ("Q3 2011", "07-01", "09-30"),
        ("3분기", "07-01", "09-30"),
        ("the first half", "01-01", "06-30"),
        ("하반기", "07-01", "12-10"),
        ("올해 들어", "01-01", "12-10"),
        ("2011년", "01-01", "12-10"),
        ("early November", "11-01", "11-10"),
        ("11월 초", "11-01", "11-10"),
        ("the first half of November", "11-01", "11-15"),
        # spans that end with today
        ("past fortnight", "11-27", "12-10"),
        ("over the past 6 weeks", "10-30", "12-10"),
        ("최근 7일", "12-04", "12-10"),
        ("열흘간", "12-01", "12-10"),
        ("지난 보름", "11-26", "12-10"),
        ("최근 이틀", "12-09", "12-10"),
        ("last couple of weeks", "11-27", "12-10"),
        ("한 달간", "11-11", "12-10"),
        ("최근 석 달", "09-12", "12-10"),
        ("the past month", "11-11", "12-10"),
        ("last 90 days", "09-12", "12-10"),
        # from a day on, and between two
        ("since Monday", "12-05", "12-10"),
        ("since the start of the month", "12-01", "12-10"),
        ("10월부터", "10-01", "12-10"),
        ("since August", "08-01", "12-10"),
        ("월요일부터", "12-05", "12-10"),
        ("3주 전부터", "11-19", "12-10"),
        ("연초부터", "01-01", "12-10"),
        ("11/1~11/15", "11-01", "11-15"),
        ("1/11-15/11", "11-01", "11-15"),
        ("2011-11-01 to 2011-11-15", "11-01", "11-15"),
        ("between 1 and 15 November", "11-01", "11-15"),
        ("from the 1st to the 5th", "12-01", "12-05"),
        ("1일부터 5일까지", "12-01", "12-05"),
        ("10월 1일부터 15일까지", "10-01", "10-15"),
        ("since the start of Q3", "07-01", "12-10"),
        ("average basket, 2011", "01-01", "12-10"),
        ("1분기부터 3분기까지", "01-01", "09-30"),
        ("Nov 1 – Nov 10", "11-01", "11-10"),
        ("black friday", "11-25", "11-25"),
        ("블랙프라이데이 때", "11-25", "11-25"),
        ("since the first of September", "09-01", "12-10"),
        ("orders for 2011.", "01-01", "12-10"),
        ("what did 18102 get up to between 1 and 30 September?", "09-01", "09-30"),
        ("the week beginning Monday, 21 November 2011", "11-21", "11-27"),
        ("in March, say the 15th", "03-15", "03-15"),
        ("just the ones from October", "10-01", "10-31"),
        ("the trend, start at June", "06-01", "12-10"),
        ("11월 25일 하루 동안", "11-25", "11-25"),
        ("the first week of November", "11-01", "11-07"),
        ("8월 둘째 주", "08-08", "08-14"),
        ("11월 마지막 주", "11-24", "11-30"),
        ("8,9,10월", "08-01", "10-31"),
        ("2·3분기", "04-01", "09-30"),
        ("11월 12일, 13일 이틀간", "11-12", "11-13"),
        ("Feb-May", "02-01", "05-31"),
        ("over the summer", "06-01", "08-31"),
        ("최근 30일 전체 매출", "11-11", "12-10"),
        ("올 가을에", "09-01", "11-30"),
        # days with a name
        ("was 14096 Gold on Halloween?", "10-31", "10-31"),
        ("top buyers since halloween", "10-31", "12-10"),
        ("밸런타인데이 때 매출", "02-14", "02-14"),
        # the closer of two names of one time
        ("when last month closed, that is, on 30 November", "11-30", "11-30"),
        ("this year, from 1 to 23 June 2011", "06-01", "06-23"),
    ],
)
def test_a_period_of_2011(text: str, start: str, end: str) -> None:
    assert period(text) == (f"2011-{start}", f"2011-{end}")


@pytest.mark.parametrize(
    ("text", "periods"),
    [
        ("How do today's takings measure up to yesterday's?", (("12-10", "12-10"), ("12-09", "12-09"))),
        ("11월 매출 전월 대비", (("11-01", "11-30"), ("10-01", "10-31"))),
        ("November vs the month before", (("11-01", "11-30"), ("10-01", "10-31"))),
        ("1분기랑 3분기", (("01-01", "03-31"), ("07-01", "09-30"))),
        ("the first half of 2011 with what came since then", (("01-01", "06-30"), ("07-01", "12-10"))),
        ("10월 11월 두 달간", (("10-01", "10-31"), ("11-01", "11-30"))),
    ],
)
def test_two_periods(text: str, periods: tuple[tuple[str, str], ...]) -> None:
    told = tuple(Period(*(date.fromisoformat(f"2011-{day}") for day in days)) for days in periods)
    assert periods_of(text) == told


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("아니 지난달 말고 이번 달", "이번 달"),
        ("sorry I meant last week, not last month", "last week"),
        ("11월 매출 말고 10월 매출", "10월"),
        ("orders of last week, not returns", "last week"),
        ("as it stood on 31 August 2011 (not today's!)", "31 August 2011"),
    ],
)
def test_a_period_that_is_taken_back(text: str, meant: str) -> None:
    assert periods_of(without_refused(text, TODAY)) == periods_of(meant)


def test_last_december_said_in_december() -> None:
    assert periods_of("last December") == (Period(date(2010, 12, 1), date(2010, 12, 31)),)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2010년 12월 1일~12월 9일 매출", "2010-12-01", "2010-12-09"),
        ("2010년 3월에서 5월", "2010-03-01", "2010-05-31"),
        ("2010.12.01~12.09", "2010-12-01", "2010-12-09"),
        ("1 December to 9 December 2010", "2010-12-01", "2010-12-09"),
        ("2010년 12월부터 2월까지", "2010-12-01", "2011-02-28"),
        ("December to February 2011", "2010-12-01", "2011-02-28"),
        ("2010년부터 3월까지", "2010-01-01", "2011-03-31"),
        ("from December 2010 to today", "2010-12-01", "2011-12-10"),
    ],
)
def test_a_year_that_is_said_once_for_both_ends(text: str, start: str, end: str) -> None:
    assert period(text) == (start, end)


def test_the_last_winter_ends_in_the_year_after() -> None:
    assert periods_of("last winter", date(2011, 6, 1)) == (Period(date(2010, 12, 1), date(2011, 2, 28)),)


def test_the_same_days_a_year_before() -> None:
    assert periods_of("이번 달을 작년 같은 달과") == (
        Period(date(2011, 12, 1), TODAY),
        Period(date(2010, 12, 1), date(2010, 12, 10)),
    )


@pytest.mark.parametrize(
    "text",
    [
        "VIP 전체 고객",
        "전달 방식",
        "매주 월요일",
        "내년 1분기",
        "customers may leave",
        "필요한 주문 횟수는요",
        "주문 주소",
        "요일별",
        "월별",
        "14611 월별",
        "May I ask",
        "12347번 고객",
        "a second quarter pounder",
        "3번 이상 주문",
        "top 3",
        "2+2*7",
        "Halloween decorations",
        "크리스마스 장식",
        "a text before Christmas",
        "a profile for the Monday deck",
        "월요일 보고에 넣을 거야",
        "Is customer JUL-08c a VIP?",
        "MTD-164 고객 등급",
        "고객 MAY-12 등급",
    ],
)
def test_no_period(text: str) -> None:
    found = [one for one in periods_of(text) if "quarter" not in text]
    assert found == []


@settings(max_examples=150, deadline=None)
@given(
    PAST_DAYS,
    st.sampled_from(
        (
            "{d.day} {month} {d.year}",
            "{month} {d.day}, {d.year}",
            "on {d.day} {short} {d.year}",
            "the {d.day}th of {month} {d.year}",
            "{d.year}년 {d.month}월 {d.day}일",
            "{d}",
            "{d.year}.{d.month}.{d.day}",
            "{d:%d/%m/%Y}",
            "{d.year}/{d.month}/{d.day}",
        )
    ),
)
def test_every_day_in_every_writing(day: date, form: str) -> None:
    month = MONTHS[day.month - 1]
    assert periods_of(f"orders {form.format(d=day, month=month, short=month[:3])}") == (Period(day, day),)


@settings(max_examples=60, deadline=None)
@given(PAST_DAYS, st.sampled_from(("{d.month}월 {d.day}일부터", "since {d.day} {month}", "from {month} {d.day} on")))
def test_since_every_day(day: date, form: str) -> None:
    assert periods_of(form.format(d=day, month=MONTHS[day.month - 1])) == (Period(day, TODAY),)


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 12),
    st.sampled_from(
        (
            "in {month}",
            "{n}월",
            "{n}월 매출",
            "{month}'s revenue",
            "for {month} only",
            "{month} 2011",
            "2011년 {n}월",
            "2011-{n:02}",
        )
    ),
)
def test_every_month(number: int, form: str) -> None:
    whole = Period(date(2011, number, 1), min(date(2011, number, monthrange(2011, number)[1]), TODAY))
    assert periods_of(form.format(n=number, month=MONTHS[number - 1])) == (whole,)


@settings(max_examples=40, deadline=None)
@given(
    st.integers(1, 4),
    st.sampled_from(("{}분기", "Q{}", "in q{} 2011", "2011년 {}분기", "올해 {}분기", "{}Q", "2011 Q{}")),
)
def test_every_quarter(number: int, form: str) -> None:
    end = date(2011, 3 * number, monthrange(2011, 3 * number)[1])
    assert periods_of(form.format(number)) == (Period(date(2011, 3 * number - 2, 1), min(end, TODAY)),)


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 365),
    st.sampled_from(
        ("last {} days", "최근 {}일", "지난 {}일간", "over the past {} days", "{}일 동안", "the previous {} days")
    ),
)
def test_spans_of_days_end_with_today(days: int, form: str) -> None:
    assert periods_of(form.format(days)) == (Period(TODAY - timedelta(days - 1), TODAY),)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=120), st.dates(date(2000, 1, 1), date(2099, 12, 31)))
def test_any_text_has_periods_that_have_begun(text: str, today: date) -> None:
    for one in periods_of(text, today):
        assert (one.start or one.end or today) <= today
        assert (one.end or today) <= today


@pytest.mark.parametrize("today", [date(2012, 2, 29), date(2011, 1, 1), date(2011, 3, 31)])
@pytest.mark.parametrize(
    "text",
    ["same month last year", "한 달 전", "지난달 31일", "last quarter", "지난주", "29 February", "전년 동월", "2월 말"],
)
def test_days_that_a_month_lacks_never_raise(text: str, today: date) -> None:
    assert all((one.end or today) <= today for one in periods_of(text, today))
