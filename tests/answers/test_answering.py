from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from dangol.answers.answering import Answer, Answerer, to_json
from dangol.answers.evidence import Evidence, Source
from dangol.answers.queries import Query
from dangol.answers.summaries import Terms
from dangol.answers.tools import Tools
from dangol.errors import StoreError

NAMES = {"en": ["Bronze", "Silver", "Gold", "VIP"], "ko": ["브론즈", "실버", "골드", "VIP"]}
TERMS = Terms(NAMES, "GBP", ZoneInfo("Europe/London"))
AS_OF = datetime(2011, 12, 10, tzinfo=UTC)
SOURCE = Source("customer_history", 7, datetime(2011, 12, 10, 0, 0, 1, tzinfo=UTC))

GOLD = {
    "customer_id": "12347",
    "grade": "Gold",
    "grade_rank": 2,
    "p_grade": 0.873,
    "p_max": 0.873,
    "recency_days": 3,
    "frequency": 7,
    "monetary": Decimal("4310.0000"),
    "monetary_gross": Decimal("4400.5000"),
    "last_purchase_date": date(2011, 12, 7),
    "state": "active",
    "model_version": "1",
    "as_of": AS_OF,
}
BOUNDARY = GOLD | {"p_grade": 0.41, "p_max": 0.49}
BY_RULE = GOLD | {"grade": "Bronze", "grade_rank": 0, "p_grade": None, "p_max": None, "frequency": 1, "state": "new"}
UNGRADED = {"grade": None, "grade_rank": None, "p_grade": None, "p_max": None}
NO_MODEL = GOLD | UNGRADED | {"model_version": None}
DORMANT = GOLD | UNGRADED | {"frequency": 0, "monetary": Decimal(0), "state": "dormant", "recency_days": 374}
NEVER_BOUGHT = DORMANT | {"last_purchase_date": None, "recency_days": None, "state": None}

VIPS = {
    "grade": "VIP",
    "grade_rank": 3,
    "customers": 3,
    "graded_customers": 8,
    "graded_monetary": Decimal("10000.0000"),
    "recency_median": 2.0,
    "recency_total": 10,
    "frequency_median": 20.0,
    "frequency_total": 61,
    "monetary_median": Decimal("2000.5000"),
    "monetary_total": Decimal("7000.0000"),
    "boundary_customers": 1,
    "as_of": AS_OF,
}


class OneRow:
    """A lake without summaries in which every query finds the same row, or none; it remembers what was bound."""

    def __init__(self, row: dict[str, Any] | None) -> None:
        self.row = row
        self.bound: list[tuple[str, Mapping[str, object]]] = []

    def run(self, query: Query, parameters: Mapping[str, object] | None = None) -> Evidence:
        self.bound.append((query.name, parameters or {}))
        rows = () if self.row is None else (self.row,)
        return Evidence(query, parameters or {}, rows, (SOURCE,), AS_OF)

    def has(self, table: str) -> bool:
        return False


class Closed(OneRow):
    def run(self, query: Query, parameters: Mapping[str, object] | None = None) -> Evidence:
        raise StoreError("there is no table")


def ask(question: str, row: dict[str, Any] | None) -> Answer:
    return answerer(OneRow(row)).answer(question)


def answerer(lake: OneRow) -> Answerer:
    nothing: Any = None
    return Answerer(lake, TERMS, 0.6, lambda: date(2011, 12, 10), Tools(nothing, nothing, nothing, nothing))


def test_a_graded_customer_in_korean() -> None:
    assert ask("고객 12347 등급 알려줘", GOLD).text == (
        "고객 12347은 현재 골드 등급입니다. 이 등급에 속할 확률은 87.3%입니다. "
        "마지막 구매일은 2011년 12월 7일이고, 그 뒤로 3일 지났습니다. "
        "집계 기간에 7회 구매했고, 구매 금액은 반품을 빼고 £4,310.00입니다(반품 전 £4,400.50). "
        "활동 상태는 ‘활동 중’입니다. (2011년 12월 10일 00:00 기준)"
    )


def test_a_graded_customer_in_english() -> None:
    assert ask("What grade is customer 12347?", GOLD).text == (
        "Customer 12347 is currently graded Gold, with a membership probability of 87.3%. "
        "The last purchase was on 7 December 2011, 3 days before. "
        "The window holds 7 purchases worth £4,310.00 after returns (£4,400.50 before). "
        "The activity state is “active”. (As of 10 December 2011, 00:00.)"
    )


@pytest.mark.parametrize(
    ("row", "korean", "english"),
    [
        (BOUNDARY, "경계 고객", "boundary customer"),
        (BY_RULE, "규칙으로 정한 등급", "given by rule"),
        (NO_MODEL, "등급 모델이 아직 적용되지 않았습니다", "no grade model is in use yet"),
        (DORMANT, "휴면 고객", "is dormant and has no grade"),
        (NEVER_BOUGHT, "구매 기록이 없어", "has never made a purchase"),
        (GOLD | {"recency_days": 0}, "바로 그날인", "on that very day"),
    ],
)
def test_what_is_special_about_a_customer_is_said(row: dict[str, Any], korean: str, english: str) -> None:
    in_korean, in_english = ask("고객 12347 등급", row), ask("grade of customer 12347", row)
    assert (in_korean.status, in_english.status) == ("answered", "answered")
    assert korean in in_korean.text
    assert english in in_english.text
    assert "–" not in in_korean.text + in_english.text


def test_the_probability_told_is_that_of_the_grade_told_not_the_greatest() -> None:
    assert "41.0%" in ask("고객 12347 등급", BOUNDARY).text


def test_a_grades_profile() -> None:
    answer = ask("VIP 고객들의 특징은?", VIPS)
    assert answer.text == (
        "VIP 등급 고객은 3명이고, 등급이 있는 고객의 37.5%를 차지합니다.\n"
        "마지막 구매 후 경과일은 중앙값 2일, 평균 3.3일입니다. "
        "집계 기간의 구매 횟수는 중앙값 20회, 평균 20.3회입니다.\n"
        "한 고객의 구매 금액은 반품을 빼고 중앙값 £2,000.50, 평균 £2,333.33이며, 합계는 £7,000.00입니다. "
        "등급이 있는 고객 전체 구매 금액의 70.0%입니다. 등급의 경계에 있는 고객은 1명입니다. "
        "(2011년 12월 10일 00:00 기준)"
    )
    assert {fact.name: fact.value for fact in answer.facts}["recency_mean"] == Decimal("3.3333")


def test_a_share_of_negative_money_is_not_told() -> None:
    answer = ask("What are VIP customers like?", VIPS | {"graded_monetary": Decimal("-5.0000")})
    assert answer.status == "answered"
    assert "what all graded customers spent" not in answer.text


def test_scope_reaches_the_lake_only_as_bound_parameters() -> None:
    lake = OneRow(None)
    answerer(lake).answer("grade of customer 1234")
    answerer(lake).answer("VIP 고객들의 특징은?")
    assert ("customer_now", {"customer_id": "1234"}) in lake.bound
    assert lake.bound[-1] == ("grade_profile", {"boundary_below": 0.6, "grade": "VIP"})


def test_nobody_of_that_id() -> None:
    answer = ask("고객 99999 등급 알려줘", None)
    assert (answer.intent, answer.status, answer.facts) == ("not_found", "not_found", ())
    assert answer.text.startswith("고객 99999를 찾을 수 없습니다.")


def test_a_grade_without_customers() -> None:
    answer = ask("What are VIP customers like?", None)
    assert (answer.intent, answer.status) == ("segment_profile", "not_enough_data")


@pytest.mark.parametrize(
    ("question", "intent", "status"),
    [
        ("도움말", "help", "answered"),
        ("등급 알려줘", "clarify", "clarify"),
        ("asdf", "clarify", "clarify"),
        ("오늘 날씨 어때?", "out_of_scope", "refused"),
    ],
)
def test_questions_that_need_no_table_do_not_ask_it(question: str, intent: str, status: str) -> None:
    answer = answerer(Closed(None)).answer(question)
    assert (answer.intent, answer.status) == (intent, status)
    assert "12347" in answer.text  # an example that can be asked
    assert (answer.facts, answer.evidence) == ((), ())


def test_tables_that_cannot_be_read_are_said_so() -> None:
    answer = answerer(Closed(None)).answer("고객 12347 등급")
    assert (answer.intent, answer.status) == ("grade_lookup", "unavailable")
    assert "읽을 수 없어" in answer.text


def test_the_json_contract() -> None:
    told = to_json(ask("What grade is customer 12347?", GOLD))
    facts = told.pop("facts")
    assert told.pop("answer").startswith("Customer 12347 is currently graded Gold")
    assert 0 < told.pop("confidence") <= 1
    (citation,) = told.pop("citations")
    assert told == {
        "question": "What grade is customer 12347?",
        "language": "en",
        "intent": "grade_lookup",
        "status": "answered",
        "scope": {"customer_ids": ["12347"], "grades": [], "period": {"from": None, "to": None}},
        "writer": "template",
    }
    assert citation.pop("definition").startswith("The customer's newest row.")
    assert citation == {
        "id": "c1",
        "query": "customer_now",
        "parameters": {"customer_id": "12347"},
        "tables": [{"table": "customer_history", "version": 7, "committed_at": "2011-12-10T00:00:01.000Z"}],
        "rows": 1,
        "as_of": "2011-12-10T00:00:00.000Z",
    }
    assert facts[0] == {
        "id": "f1",
        "name": "grade",
        "subject": "12347",
        "value": "Gold",
        "unit": None,
        "table": "customer_history",
        "version": 7,
        "as_of": "2011-12-10T00:00:00.000Z",
        "citation": "c1",
        "row": 0,
        "column": "grade",
        "per": None,
    }
    assert {fact["name"]: fact["value"] for fact in facts} == {
        "grade": "Gold",
        "grade_rank": 2,
        "p_grade": 0.873,
        "p_max": 0.873,
        "recency_days": 3,
        "frequency": 7,
        "monetary": "4310.0000",
        "monetary_gross": "4400.5000",
        "last_purchase_date": "2011-12-07",
        "state": "active",
        "model_version": "1",
    }


def test_periods_of_a_citation_are_dates_and_its_quotient_names_both_columns() -> None:
    row = dict.fromkeys(("customers", "returning_customers", "orders", "all_customers"), 12) | {
        **dict.fromkeys(("gross", "returned", "net"), Decimal("50.0000")),
        "first_day": date(2010, 12, 1),
        "last_day": date(2011, 12, 8),
    }
    told = to_json(ask("average order value in November 2011", row))
    assert (told["intent"], told["status"]) == ("mean", "answered")
    (citation,) = told["citations"]
    assert citation["query"] == "period"
    assert (citation["parameters"]["start"], citation["parameters"]["end"]) == ("2011-11-01", "2011-11-30")
    (mean,) = [fact for fact in told["facts"] if fact["name"] == "order_value"]
    assert (mean["value"], mean["unit"], mean["column"], mean["per"]) == ("4.17", "GBP", "gross", "orders")


def test_strategies_of_several_grades_begin_a_line_each() -> None:
    text = ask("strategies by grade", VIPS).text
    assert text.startswith("For the grade")
    assert text.count("For the grade") == text.count("\nFor the grade") + 1 == 4


def test_customers_beyond_the_tenth_are_said_to_be_left_out() -> None:
    ids = ", ".join(str(number) for number in range(12340, 12352))
    answer = ask(f"grades of customers {ids}", GOLD)
    assert answer.text.count("currently graded Gold") == 10
    assert "Only the first 10 customers are told of." in answer.text
