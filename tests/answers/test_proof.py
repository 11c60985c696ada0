"""Every number of an answer is proved: it stands in a fact, the fact's citation gives it again, and pandas agrees."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from itertools import product
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import pyarrow as pa
import pytest
from answers_fixture import RealStore
from deltalake import DeltaTable

from dangol.answers.answering import TEMPLATE_WRITER, Answer, Answerer
from dangol.answers.evidence import Evidence, Fact, value_of
from dangol.answers.intents import Bounds, Intent, Period, Request
from dangol.answers.queries import MEMBERS
from dangol.answers.scope import bound_words, period_words
from dangol.answers.texts import FACTS
from dangol.answers.writing import displayed, numbers, spoken_date, spoken_time
from dangol.edges.asking import Asker

pytestmark = pytest.mark.real

LONDON = ZoneInfo("Europe/London")
FIRST_DAY, LAST_DAY, TODAY = date(2010, 12, 1), date(2011, 12, 8), date(2011, 12, 10)
"""Of the closed days the first and the last; and when the questions are asked."""

CUSTOMERS = ("12347", "12348", "12415", "12748", "13868", "14646", "17850", "18287")
GRADES = {"ko": ("브론즈", "실버", "골드", "VIP"), "en": ("Bronze", "Silver", "Gold", "VIP")}
TIMES = {"ko": ("", "11월 ", "2011년 3분기 ", "지난주 "), "en": ("", " in November", " in Q3 2011", " last week")}

OF_A_CUSTOMER = {
    "ko": (
        "고객 {} 요약해 줘",
        "{} 등급",
        "11월 말 고객 {} 등급",
        "왜 고객 {}이 이 등급이야?",
        "고객 {}이 VIP 되려면?",
        "고객 {}이 500파운드 더 사면?",
        "고객 {}과 비슷한 고객 3명",
        "고객 {}은 경계 고객이야?",
        "고객 {}에게 보낼 메시지 써줘",
    ),
    "en": (
        "Summarise customer {}",
        "What grade is customer {}?",
        "grade of customer {} at the end of November",
        "Why is customer {} in this grade?",
        "What would bring customer {} to VIP?",
        "What if customer {} spends another £500?",
        "3 customers similar to {}",
        "Is customer {} borderline?",
        "Draft a message for customer {}",
    ),
}
OF_A_GRADE = {
    "ko": (
        "{} 고객들의 특징은?",
        "{} 전략",
        "{}에게 보낼 메시지 써줘",
        "전체 고객 중 {} 비율",
        "경계에 있는 {} 고객",
        "크리스마스 장식을 사는 {} 고객",
    ),
    "en": (
        "What are {} customers like?",
        "strategy for {}",
        "Draft a message to {} customers",
        "what percentage of customers are {}?",
        "{} customers on the boundary",
        "{} customers who buy candles",
    ),
}
OF_A_GRADE_AND_TIME = {
    "ko": (
        "{time}{grade} 고객 몇 명?",
        "{time}{grade} 매출 합계",
        "{time}{grade} 반품 비율",
        "{time}{grade} 고객 주문당 평균 금액",
        "{time}{grade} 매출 비중",
        "{time}{grade} 매출 상위 3명",
        "{time}{grade} 매출 추이",
        "{time}{grade}에서 내려간 고객 수와 이유",
    ),
    "en": (
        "How many {grade} customers bought{time}?",
        "total spending of {grade} customers{time}",
        "share of returns of {grade} customers{time}",
        "average order value of {grade} customers{time}",
        "{grade} share of spending{time}",
        "top 3 {grade} customers by spending{time}",
        "{grade} sales trend{time}",
        "how many customers fell from {grade}{time} and why?",
    ),
}
ALONE = {
    "ko": (
        "12347과 12748 비교",
        "VIP와 골드 비교",
        "10월과 11월 매출 비교",
        "3회 이상 구매한 골드 고객 수",
        "1000파운드 이상 쓴 고객 수",
        "휴면 고객 몇 명이야",
        "고객당 평균 구매 횟수",
        "평균 경과일",
        "가장 최근에 구매한 고객 3명",
        "구매가 가장 드문 고객 4명",
        "11월에 반품한 고객 몇 명?",
        "월별 VIP 고객 수 추이",
        "등급별 매출 비중",
        "11월 등급별 평균 구매액",
        "등급별 상위 2명",
        "3분기 등급별 월별 매출",
        "12347과 12748 11월 비교",
        "11월 골드와 VIP 비교",
        "9월 12748 요약",
        "올해 12347 등급 변동",
        "골드 직전인 고객",
        "VIP에서 떨어질 것 같은 고객",
        "11월 30일 기준 골드 회원 수",
        "데이터 최신이야?",
        "99999 등급",
        "도움말",
        "등급 알려줘",
        "오늘 날씨",
    ),
    "en": (
        "12347 vs 12748",
        "compare VIP and Gold",
        "compare October and November sales",
        "Gold customers with at least 3 purchases, how many?",
        "how many customers spent at least £1000?",
        "how many dormant customers are there?",
        "average number of purchases per customer",
        "average days since the last purchase",
        "3 customers with the most recent purchase",
        "4 customers with the fewest purchases",
        "how many customers returned something in November?",
        "number of VIP customers by month",
        "customers per grade",
        "average spending per grade in November",
        "top 2 in each grade",
        "monthly revenue by grade in Q3",
        "compare 12347 and 12748 in November",
        "compare Gold and VIP in November",
        "summary of 12748 in September",
        "has 12347 changed grade this year?",
        "who is close to VIP?",
        "anyone about to drop out of Gold?",
        "number of Gold customers on 30 November",
        "is the data fresh?",
        "grade of customer 99999",
        "help",
        "what is the grade?",
        "what is the weather?",
    ),
}
LANGUAGES = ("ko", "en")


def questions() -> Iterator[str]:
    for language in LANGUAGES:
        yield from (text.format(one) for text, one in product(OF_A_CUSTOMER[language], CUSTOMERS))
        yield from (text.format(grade) for text, grade in product(OF_A_GRADE[language], GRADES[language]))
        for text, grade, time in product(OF_A_GRADE_AND_TIME[language], GRADES[language], TIMES[language]):
            yield text.format(grade=grade, time=time)
        yield from ALONE[language]


@pytest.fixture(scope="module")
def ask(real_store: RealStore) -> Asker:
    return real_store.asker()


@pytest.fixture(scope="module")
def answers(ask: Asker) -> list[Answer]:
    return [ask(question) for question in questions()]


def test_there_are_answers_of_every_intent_in_both_languages(answers: list[Answer]) -> None:
    answered = [answer for answer in answers if answer.status == "answered"]
    assert len(answered) > 300
    expected: set[Intent] = {
        *(
            "customer_summary",
            "grade_lookup",
            "why",
            "what_if",
            "find_similar",
            "segment_profile",
            "compare",
            "boundary",
        ),
        *("count", "sum", "mean", "share", "top_n", "theme", "strategy", "movement", "trend", "message", "data_health"),
        "help",
    }
    for language in LANGUAGES:
        assert {answer.intent for answer in answered if answer.language == language} == expected
        others = {answer.status for answer in answers if answer.language == language}
        assert others >= {"answered", "clarify", "not_found", "refused"}
    assert [answer.question for answer in answers if answer.status in ("error", "unavailable")] == []
    assert {answer.writer for answer in answers} == {TEMPLATE_WRITER}


# every number of the text has a source


def test_every_number_of_a_text_stands_in_a_fact_or_in_what_was_asked(ask: Asker, answers: list[Answer]) -> None:
    unproved = {}
    for answer in answers:
        known = {number for text in sources(ask.answerer, answer) for number in numbers(text)}
        unknown = [number for number in numbers(answer.text) if number not in known]
        if unknown:
            unproved[answer.question] = unknown
    assert unproved == {}


def sources(answerer: Answerer, answer: Answer) -> Iterator[str]:
    """Texts from which an answer may have its numbers."""
    request, terms, language = answer.request, answerer.terms, answer.language
    for fact in answer.facts:
        yield displayed(fact, language, terms.grade_names, terms.zone)
        yield fact.subject or ""
        if fact.name in ("changed_at", "day") and isinstance(fact.value, datetime):
            yield terms.day(fact.value, language)
        yield from subject_days(fact, language)
    for evidence in answer.evidence:
        yield spoken_time(evidence.as_of, language, terms.zone)
        yield from bound_days(evidence, language)
    yield " ".join(request.scope.customer_ids)
    yield from bound_words(request, terms)
    for period in (request.scope.period, *request.periods):
        yield period_words(period, language)
    yield request.text or ""
    if answer.status in ("clarify", "refused") or answer.intent in ("help", "clarify", "out_of_scope"):
        yield "12347"  # of the examples
    if answer.intent == "message":
        yield "02-123-4567 080-123-4567"  # the shop's own, of the settings
    if answer.intent == "data_health":
        yield from answer.evidence[0].rows[0]["warnings"]


def subject_days(fact: Fact, language: Any) -> Iterator[str]:
    """A step of a trend is told by its days: those of the month or week that begins on the day of its subject."""
    found = re.findall(r"\d{4}-\d\d-\d\d", fact.subject or "")
    for start in map(date.fromisoformat, found):
        yield spoken_date(start, language)
        yield from (spoken_date(start + timedelta(days), language) for days in (6, *range(27, 31)))


def bound_days(evidence: Evidence, language: Any) -> Iterator[str]:
    """The days that a query was limited to."""
    bound = evidence.parameters
    for name in ("start", "end"):
        if isinstance(bound.get(name), date):
            yield spoken_date(bound[name], language)
    for name, less in (("since", timedelta(0)), ("until", timedelta(microseconds=1))):
        moment = bound.get(name)
        if isinstance(moment, datetime):
            yield spoken_date((moment - less).astimezone(LONDON).date(), language)


# every citation gives its facts again


def test_a_citation_that_is_run_again_gives_the_same_values(ask: Asker, answers: list[Answer]) -> None:
    again: dict[str, Evidence] = {}
    checked = 0
    for answer in answers:
        for fact in answer.facts:
            cited = answer.evidence[fact.citation - 1]
            key = f"{cited.query.name} {sorted(cited.parameters.items())}"
            if key not in again:
                again[key] = run_again(ask.answerer, cited)
            found = again[key]
            assert value_of(found.rows[fact.row], fact.column, fact.per, fact.unit) == fact.value, answer.question
            assert fact.source == found.source, answer.question
            checked += 1
    assert checked > 2000


def run_again(answerer: Answerer, cited: Evidence) -> Evidence:
    """What its query and parameters find now; the champion, the consents and the status are asked anew."""
    tools, bound = answerer.tools, cited.parameters
    match cited.query.name:
        case "why":
            return tools.explainer.why(str(bound["customer_id"]))
        case "what_if" if "grade" in bound:
            return tools.explainer.what_if(str(bound["customer_id"]), str(bound["grade"]))
        case "what_if":
            amount = bound["amount"]
            return tools.explainer.after(str(bound["customer_id"]), amount and str(amount), int(str(bound["orders"])))
        case "eligible":
            members = answerer.lake.run(MEMBERS, bound)
            return tools.consents.counted([row["customer_id"] for row in members.rows], members)
        case "health":
            return tools.health.look()
    return answerer.lake.run(cited.query, bound)


def test_every_fact_has_a_name_in_both_languages(answers: list[Answer]) -> None:
    used = {fact.name for answer in answers for fact in answer.facts}
    assert used - FACTS.keys() == set()
    assert len(used) > 50
    assert all(text.keys() == {"ko", "en"} for text in FACTS.values())


# pandas agrees


@dataclass(frozen=True)
class Frames:
    """The tables as pandas: money in units of 0.0001, so that sums are exact."""

    live: pd.DataFrame
    days: pd.DataFrame
    changes: pd.DataFrame

    def chosen(self, request: Request) -> pd.DataFrame:
        """The customers of now whom a question is about, by what it understood."""
        rows, scope = self.live, request.scope
        if scope.customer_ids:
            rows = rows[rows["customer_id"].isin(scope.customer_ids)]
        if scope.grades:
            rows = rows[rows["grade"].isin(scope.grades)]
        if request.states:
            rows = rows[rows["state"].isin(request.states)]
        for name, limits, scale in (
            ("frequency", request.frequency, 1),
            ("monetary", request.monetary, 10_000),
            ("recency_days", request.recency, 1),
        ):
            if limits.least is not None:
                rows = rows[rows[name] >= int(limits.least * scale)]
            if limits.most is not None:
                rows = rows[rows[name] <= int(limits.most * scale)]
        return rows

    def buyers(self, request: Request) -> pd.DataFrame:
        rows = self.chosen(request)
        asks_otherwise = request.scope.customer_ids or request.states or request.recency != Bounds()
        return rows if asks_otherwise else rows[rows["frequency"] > 0]

    def in_period(self, request: Request, period: Period) -> pd.DataFrame:
        start, end = (
            (period.start or FIRST_DAY, period.end or TODAY) if period != Period() else (date(2010, 12, 11), TODAY)
        )
        rows = self.days[self.days["customer_id"].isin(self.chosen(request)["customer_id"])]
        return rows[(rows["day"] >= start) & (rows["day"] <= end)]


@pytest.fixture(scope="module")
def frames(real_store: RealStore) -> Frames:
    def read(name: str, *columns: str) -> pd.DataFrame:
        table = DeltaTable(real_store.settings.store.path / name)
        frame = pa.table(table.scan(columns=list(columns))).to_pandas()
        for column in {"monetary", "monetary_gross", "gross", "returned"} & set(columns):
            frame[column] = [int(value * 10_000) for value in frame[column]]
        return frame

    live = read(
        "customers", "customer_id", "grade", "state", "recency_days", "frequency", "monetary", "monetary_gross", "p_max"
    )
    days = read("customer_days", "customer_id", "day", "orders", "gross", "returned")
    days["net"] = days["gross"] - days["returned"]
    changes = read("changes", "customer_id", "old_grade", "new_grade", "direction", "cause", "as_of", "new_monetary")
    return Frames(live, days, changes)


def money(units: Any) -> Decimal:
    return Decimal(int(units)).scaleb(-4)


def quotient(found: Any, whole: Any, places: str) -> Decimal | None:
    return (Decimal(found) / Decimal(whole)).quantize(Decimal(places), ROUND_HALF_EVEN) if whole else None


def values(answer: Answer) -> dict[str, Any]:
    return {fact.name: fact.value for fact in answer.facts}


def of_intent(answers: list[Answer], *intents: Intent) -> list[Answer]:
    """Without what is told of each grade, of a customer's own moves and as of a day: see test_what_was_asked.py."""
    told = [answer for answer in answers if answer.intent in intents and answer.status == "answered"]
    return [
        one
        for one in told
        if not (one.request.by_grade or one.request.standing or (one.intent == "movement" and one.scope.customer_ids))
    ]


def test_counts_sums_means_and_shares_equal_pandas(answers: list[Answer], frames: Frames) -> None:
    checked: set[str] = set()
    for answer in of_intent(answers, "count", "sum", "mean", "share"):
        told, request = values(answer), answer.request
        is_of_days = "net" in told or answer.evidence[0].query.name == "period"
        expected = of_days(frames, request) if is_of_days else of_now(frames, request)
        told.pop("last_day", None)
        told = {f"{name}/{answer.intent}" if name == "share" else name: value for name, value in told.items()}
        if "share/share" in told:
            fact = next(fact for fact in answer.facts if fact.name == "share")
            share = quotient(expected[fact.column], expected[str(fact.per)], "0.0001")
            assert told.pop("share/share") == share, answer.question
            checked.add("share")
        for name, value in told.items():
            assert value == expected[name], (answer.question, name)
        checked |= told.keys()
    assert checked >= {
        *("customers", "frequency", "monetary", "monetary_gross", "orders", "net", "gross", "returned", "share"),
        *("frequency_mean", "recency_mean", "order_value", "returning_customers", "all_customers"),
        *("all_monetary", "all_net"),
    }


def of_now(frames: Frames, request: Request) -> Mapping[str, Any]:
    rows = frames.buyers(request)
    asks_otherwise = request.scope.customer_ids or request.states or request.recency != Bounds()
    everybody = frames.live if asks_otherwise else frames.live[frames.live["frequency"] > 0]
    customers, frequency = len(rows), int(rows["frequency"].sum())
    monetary, gross = money(rows["monetary"].sum()), money(rows["monetary_gross"].sum())
    recency = rows["recency_days"].dropna()
    buyers = len(recency) if request.measure == "recency" else customers
    return {
        "customers": buyers,
        "frequency": frequency,
        "monetary": monetary,
        "monetary_gross": gross,
        "all_customers": len(everybody),
        "all_monetary": money(everybody["monetary"].sum()),
        "monetary_mean": quotient(monetary, customers, "0.01"),
        "frequency_mean": quotient(frequency, customers, "0.0001"),
        "recency_mean": quotient(int(recency.sum()), len(recency), "0.0001"),
        "order_value": quotient(gross, frequency, "0.01"),
    }


def of_days(frames: Frames, request: Request) -> Mapping[str, Any]:
    rows = frames.in_period(request, request.scope.period)
    everybody = frames.in_period(
        replace(request, scope=replace(request.scope, customer_ids=(), grades=())), request.scope.period
    )
    customers, orders = rows[rows["orders"] > 0]["customer_id"].nunique(), int(rows["orders"].sum())
    gross, returned, net = (money(rows[name].sum()) for name in ("gross", "returned", "net"))
    returning = rows[rows["returned"] > 0]["customer_id"].nunique()
    return {
        "customers": customers,
        "returning_customers": returning,
        "orders": orders,
        "gross": gross,
        "returned": returned,
        "net": net,
        "all_customers": everybody[everybody["orders"] > 0]["customer_id"].nunique(),
        "all_orders": int(everybody["orders"].sum()),
        "all_net": money(everybody["net"].sum()),
        "net_mean": quotient(net, customers, "0.01"),
        "orders_mean": quotient(orders, customers, "0.0001"),
        "order_value": quotient(gross, orders, "0.01"),
        "returned_mean": quotient(returned, returning, "0.01"),
    }


def test_lists_equal_pandas(answers: list[Answer], frames: Frames) -> None:
    checked = 0
    for answer in of_intent(answers, "top_n"):
        request = answer.request
        n = request.n or 10
        if answer.evidence[0].query.name.endswith("_in_period"):
            column = {"monetary": "net", "frequency": "orders", "returned": "returned"}[request.measure or "monetary"]
            rows = (
                frames.in_period(request, request.scope.period)
                .groupby("customer_id", as_index=False)
                .sum(numeric_only=True)
            )
            rows = rows[rows["returned" if column == "returned" else "orders"] > 0].assign(then=rows["net"])
        else:
            column = {"monetary": "monetary", "frequency": "frequency", "recency": "recency_days"}[
                request.measure or "monetary"
            ]
            rows = frames.buyers(request).assign(then=frames.live["monetary"])
        ordered = rows.sort_values([column, "then", "customer_id"], ascending=[request.lowest, False, True]).head(n)
        told = [(fact.subject, fact.value) for fact in answer.facts if fact.unit is not None and fact.name == column]
        is_money = column in ("net", "returned", "monetary")
        expected = [money(value) if is_money else int(value) for value in ordered[column]]
        assert told == list(zip(ordered["customer_id"], expected, strict=True)), answer.question
        assert len(told) == n
        checked += 1
    assert checked > 30


def test_moves_and_their_causes_equal_pandas(answers: list[Answer], frames: Frames) -> None:
    checked = 0
    for answer in of_intent(answers, "movement"):
        bound = answer.evidence[0].parameters
        rows = frames.changes
        rows = rows[(rows["as_of"] >= bound["since"]) & (rows["as_of"] < bound["until"])]
        rows = rows[rows["direction"].isin(["down", "out"])]
        assert answer.request.direction == "down", answer.question
        from_grades = answer.request.from_grades or ()
        others = set(answer.request.scope.grades) - set(from_grades)
        if from_grades:
            rows = rows[rows["old_grade"].isin(from_grades)]
        if others:
            rows = rows[rows["old_grade"].isin(others) | rows["new_grade"].isin(others)]
        told = {(fact.subject, fact.name): fact.value for fact in answer.facts if fact.name == "customers"}
        if rows.empty:
            assert told == {}, answer.question
            continue
        expected = {(None, "customers"): rows["customer_id"].nunique()}
        for (old, new), cell in rows.groupby(["old_grade", "new_grade"], dropna=False):
            expected[f"{old} {None if pd.isna(new) else new}", "customers"] = cell["customer_id"].nunique()
        for cause, cell in rows.groupby("cause"):
            expected[str(cause), "customers"] = cell["customer_id"].nunique()
        assert told == expected, answer.question
        checked += 1
    assert checked > 10


def test_trends_equal_pandas(answers: list[Answer], frames: Frames) -> None:
    checked = 0
    for answer in of_intent(answers, "trend"):
        if answer.evidence[0].query.name != "trend":
            continue
        bound = answer.evidence[0].parameters
        rows = frames.in_period(answer.request, Period(bound["start"], bound["end"]))
        periods = pd.to_datetime(rows["day"]).dt.to_period(
            {"month": "M", "week": "W-SUN", "day": "D"}[str(bound["grain"])]
        )
        sums = rows.groupby(periods.dt.start_time.dt.date)["net"].sum()
        told = {fact.subject: fact.value for fact in answer.facts if fact.name == "net"}
        assert told == {start.isoformat(): money(units) for start, units in sums.items()}, answer.question
        checked += 1
    assert checked > 20


def test_grades_profiles_equal_pandas(answers: list[Answer], frames: Frames) -> None:
    graded = frames.live[frames.live["grade"].notna()]
    for answer in of_intent(answers, "segment_profile"):
        (grade,) = answer.scope.grades
        rows, told = graded[graded["grade"] == grade], values(answer)
        total = money(rows["monetary"].sum())
        assert told["customers"] == len(rows)
        assert told["recency_median"] == Decimal(repr(float(rows["recency_days"].median())))
        assert told["frequency_median"] == Decimal(repr(float(rows["frequency"].median())))
        assert told["monetary_total"] == total
        assert told["monetary_mean"] == quotient(total, len(rows), "0.01")
        assert told["recency_mean"] == quotient(int(rows["recency_days"].sum()), len(rows), "0.0001")
        assert told["customer_share"] == quotient(len(rows), len(graded), "0.0001")
        assert told["monetary_share"] == quotient(total, money(graded["monetary"].sum()), "0.0001")
        assert told["boundary_customers"] == int((rows["p_max"] < 0.6).sum())


def test_how_many_had_settled_in_a_grade_equals_pandas(answers: list[Answer], frames: Frames) -> None:
    by_month = [a for a in of_intent(answers, "trend") if a.evidence[0].query.name == "settled_grades"]
    assert len(by_month) == 2
    for answer in by_month:
        for evidence in answer.evidence:
            if evidence.query.name != "settled_grades":
                continue
            before = frames.changes[frames.changes["as_of"] < evidence.parameters["until"]]
            expected = (before["new_grade"] == "VIP").sum() - (before["old_grade"] == "VIP").sum()
            assert [row["customers"] for row in evidence.rows] == ([expected] if expected else [])
