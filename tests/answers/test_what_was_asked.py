"""What is told is what was asked for: of each grade apart, of one customer, of a period; else it is said."""

from datetime import date
from decimal import Decimal

import pyarrow as pa
import pytest
from answers_fixture import NAMES, ZONE, RealStore
from deltalake import DeltaTable

from dangol.answers.answering import Answer
from dangol.answers.intents import Request
from dangol.answers.queries import GRADES_NOW
from dangol.answers.scope import midnight
from dangol.edges.asking import Asker
from dangol.edges.panels import View, chart_html

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def ask(real_store: RealStore) -> Asker:
    return real_store.asker()


def asked(ask: Asker, *conversation: str) -> Answer:
    before: Request | None = None
    for question in conversation:
        answer = ask(question, before)
        before = answer.request
    return answer


@pytest.mark.parametrize(
    "question",
    ["14911회원님은 한번주문하면 평균 얼마써요", "14911 고객은 한 번 주문할 때 평균 얼마 써?"],
)
def test_once_is_no_bound_where_it_says_how_often(ask: Asker, question: str) -> None:
    answer = ask(question)
    assert (answer.intent, answer.status) == ("mean", "answered")


def test_conditions_of_customers_that_are_named_are_told(ask: Asker) -> None:
    assert ask("12421과 14911 중에서 VIP의 매출 합계").text.startswith("VIP 등급 고객 12421·14911의")
    assert ask("14911이 한 번만 샀으면 평균 얼마야").text.startswith("해당하는 1회 구매한 고객 14911이 없습니다.")


def test_an_exact_number_of_purchases_is_told_as_one(ask: Asker) -> None:
    assert "customers with exactly 1 purchase." in ask("How many customers bought exactly once?").text
    assert ask("한 번만 산 고객 수").text.startswith("1회 구매한 고객은")


def test_more_than_a_sum_is_told_so(ask: Asker) -> None:
    assert "with spending of more than £500.00" in ask("How many customers spent more than £500?").text
    assert "금액이 £500.00 미만인" in ask("500파운드 미만 쓴 고객 몇 명이야").text


@pytest.mark.parametrize(
    "question", ["Total sales to VIPs last month, net of returns, please.", "지난달 VIP 매출 총액, 반품 제외하고"]
)
def test_net_of_returns_is_money_that_was_spent(ask: Asker, question: str) -> None:
    answer = ask(question)
    assert (answer.intent, answer.request.measure) == ("sum", "monetary")


def test_out_of_a_grade_is_into_the_next(ask: Asker, real_store: RealStore) -> None:
    customers = pa.table(DeltaTable(real_store.settings.store.path / "customers").to_pyarrow_table()).to_pandas()
    for customer_id in customers[customers["grade"] == "Bronze"]["customer_id"][:3]:
        told = ask(f"{customer_id}이 브론즈에서 벗어나려면 얼마나 더 사야 해?").text
        assert "이미" not in told
        assert "실버" in told


def test_which_of_two_customers_is_ahead_is_told(ask: Asker) -> None:
    answer = ask("17841 vs 14911 누가 더 자주 사?")
    assert "구매 횟수는 고객 14911이 고객 17841보다 많습니다." in answer.text
    assert "Purchases: customer 14911 is ahead of customer 17841." in ask("who buys more often, 17841 or 14911?").text


@pytest.mark.parametrize(
    "question",
    ["지난달에 VIP 수가 왜 줄었어?", "왜 지난달 VIP가 줄었지?", "why did the number of VIPs fall last month?"],
)
def test_why_a_grade_shrank_is_told_by_who_moved(ask: Asker, question: str) -> None:
    answer = ask(question)
    assert (answer.intent, answer.status) == ("movement", "answered")
    assert answer.request.scope.grades == ("VIP",)


def test_why_a_grade_shrank_is_not_asked_of_the_customer_before(ask: Asker) -> None:
    answer = asked(ask, "고객 12347 등급 알려줘", "지난달 VIP 수가 왜 줄었어?")
    assert (answer.intent, answer.scope.customer_ids, answer.scope.grades) == ("movement", (), ("VIP",))


def test_who_needs_one_more_order_is_in_the_grade_below(ask: Asker) -> None:
    bound = dict(ask("한 번만 더 사면 VIP 될 고객은 누구야?").evidence[0].parameters)
    assert (bound["grades"], bound["leaning"]) == (["Gold"], "up")


@pytest.mark.parametrize("question", ["has {} changed grade at all this year?", "올해 {} 등급 변동 알려줘"])
def test_the_moves_of_a_customer_are_that_customers_alone(ask: Asker, real_store: RealStore, question: str) -> None:
    changes = pa.table(DeltaTable(real_store.settings.store.path / "changes").scan()).to_pandas()
    counts = changes["customer_id"].value_counts()
    for customer_id in counts.index[:3]:
        answer = ask(question.format(customer_id))
        assert answer.intent == "movement"
        told = [fact.value for fact in answer.facts if fact.name == "new_grade"]
        mine = changes[changes["customer_id"] == customer_id].sort_values("as_of")
        assert told == [grade or None for grade in mine["new_grade"]]
        assert {fact.subject for fact in answer.facts if fact.name == "new_grade"} == {customer_id}


def test_a_customer_who_did_not_move(ask: Asker) -> None:
    answer = ask("did 18102 change grade in October 2011?")
    assert "the grade of customer 18102 did not change" in answer.text


@pytest.mark.parametrize(
    "conversation",
    [
        ("how many customers per grade?",),
        ("등급별로 몇 명이야?",),
        ("how many customers are there?", "and by grade?"),
        ("고객 몇 명이야?", "등급별로는?"),
    ],
)
def test_each_grade_is_told_apart(ask: Asker, conversation: tuple[str, ...]) -> None:
    answer = asked(ask, *conversation)
    counts = ask.answerer.lake.run(GRADES_NOW)
    assert [fact.value for fact in answer.facts if fact.name == "customers"] == [
        row["customers"] for row in counts.rows
    ]
    assert all(name in answer.text for name in ask.answerer.terms.grade_names[answer.language])


@pytest.mark.parametrize(
    ("of_each", "alone"),
    [
        ("average spending per grade in November", "average spending of {} customers in November"),
        ("top 2 in each grade", "top 2 {} customers"),
        ("monthly revenue by grade in Q3", "monthly revenue of {} customers in Q3"),
        ("revenue share by grade", "revenue share of {}"),
    ],
)
def test_of_each_grade_is_told_what_is_told_of_it_alone(ask: Asker, of_each: str, alone: str) -> None:
    apart = [told for name in NAMES for told in values(ask(alone.format(name)))]
    assert values(ask(of_each)) == apart
    assert len(apart) >= len(NAMES)


def values(answer: Answer) -> list[tuple[str, str | None, object]]:
    told = (fact for fact in answer.facts if fact.name != "last_day")
    return [(fact.name, None if fact.subject in NAMES else fact.subject, fact.value) for fact in told]


@pytest.mark.parametrize("question", ["등급별 매출 비중 보여줘", "revenue share by grade"])
def test_the_shares_of_all_grades_are_the_whole(ask: Asker, question: str) -> None:
    shares = [fact.value for fact in ask(question).facts if fact.name == "share"]
    assert len(shares) == len(NAMES)
    assert abs(sum(map(Decimal, map(str, shares))) - 1) < Decimal("0.001")


def test_what_is_told_of_each_grade_is_charted_where_it_is_one_number(ask: Asker) -> None:
    view = View(ask.answerer, "ko", "admin")
    shares = chart_html(view, ask("등급별 매출 비중 보여줘"))
    assert [name for name in ("브론즈", "실버", "골드", "VIP") if name in shares] == ["브론즈", "실버", "골드", "VIP"]
    assert shares.count("%") >= len(NAMES)
    assert chart_html(view, ask("3분기 등급별 월별 매출")) == ""


def test_grades_that_are_named_are_told_apart_when_each_is_asked_for(ask: Asker) -> None:
    apart, together = ask("How many Gold and VIP customers are there each?"), ask("How many Gold and VIP customers?")
    each = [fact.value for fact in apart.facts if fact.name == "customers"]
    assert [sum(each)] == [fact.value for fact in together.facts if fact.name == "customers"]
    assert len(each) == 2


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("Which VIPs bought cake tins in November?", "over the whole window"),
        ("지난달 골드 고객 특징은?", "집계 기간 전체"),
    ],
)
def test_a_period_that_is_not_looked_at_is_said(ask: Asker, question: str, said: str) -> None:
    assert said in ask(question).text


@pytest.mark.parametrize(
    "question", ["total sales in November", "summary of 18102 in September", "11월 등급별 매출", "VIP 고객들의 특징은?"]
)
def test_nothing_is_said_of_a_period_that_is_looked_at(ask: Asker, question: str) -> None:
    text = ask(question).text
    assert "over the whole window" not in text
    assert "집계 기간 전체" not in text


@pytest.mark.parametrize("question", ["compare 12748 and 14911 in November", "12748과 14911의 11월 비교"])
def test_customers_are_compared_in_the_period_that_was_named(ask: Asker, question: str) -> None:
    answer = ask(question)
    for customer_id in ("12748", "14911"):
        alone = {fact.name: fact.value for fact in ask(f"summary of {customer_id} in November").facts}
        told = {fact.name: fact.value for fact in answer.facts if fact.subject == customer_id}
        assert (told["net"], told["orders"]) == (alone["net"], alone["orders"])


@pytest.mark.parametrize(
    ("question", "intent", "said"),
    [
        ("how many items on average in an order from 15189?", "mean", "The tables do not hold that"),
        ("VIP 마진은 얼마야?", "sum", "표에 없습니다"),
        ("what % of gold customers are outside the UK?", "share", "The tables do not hold that"),
        ("mean days between orders for bronze", "mean", "means by the month"),
        ("14096번 회원 올해 월평균 구매액", "mean", "월평균"),
        ("VIP 고객의 평균 구매 주기", "mean", "월평균"),
        ("15311 고객님 평균 며칠에 한 번 주문해요?", "mean", "월평균"),
        ("If 17613 doesn't buy anything until March, where do they end up?", "what_if", "what more orders would bring"),
        ("Please simulate 12359 returning goods worth 80 pounds.", "what_if", "what more orders would bring"),
        ("Suppose 17243 buys nothing until January - does the grade drop?", "what_if", "what more orders would bring"),
        ("12347이 50파운드 반품하면 등급은?", "what_if", "더 구매하면"),
        ("12347이 주문을 취소하면 등급이 어떻게 돼?", "what_if", "더 구매하면"),
    ],
)
def test_what_nothing_is_known_of_is_said(ask: Asker, question: str, intent: str, said: str) -> None:
    answer = ask(question)
    assert (answer.intent, answer.status) == (intent, "not_enough_data")
    assert said in answer.text
    assert answer.facts == ()


@pytest.mark.parametrize(
    ("question", "grades", "lean"),
    [
        ("who is just short of Gold?", ["Silver"], "up"),
        ("골드까지 조금만 더 사면 되는 사람 누구야", ["Silver"], "up"),
        ("Silver customers closest to the Gold line", ["Silver"], "up"),
        ("VIP에서 떨어질 것 같은 고객", ["VIP"], "down"),
        ("anyone about to fall to Silver?", ["Gold"], "down"),
        ("Gold customers on the boundary", ["Gold"], "-"),
        ("골드 커트라인 바로 밑에 있는 고객이 누구죠?", ["Silver"], "up"),
        ("which silvers just need a wee nudge to get to gold", ["Silver"], "up"),
    ],
)
def test_who_is_close_to_a_grade_is_in_the_one_beside_it(
    ask: Asker, question: str, grades: list[str], lean: str
) -> None:
    answer = ask(question)
    bound = answer.evidence[0].parameters
    assert (bound["grades"], bound["leaning"]) == (grades, lean)
    assert {row["grade"] for row in answer.evidence[1].rows} == set(grades)
    for row in answer.evidence[1].rows:
        assert lean == "-" or (row["p_up"] > row["p_down"]) == (lean == "up")


@pytest.mark.parametrize("question", ["who is almost Silver?", "경계에 있는 브론즈 고객"])
def test_nobody_whose_grade_is_given_by_rule_is_on_a_boundary(ask: Asker, question: str) -> None:
    answer = ask(question)
    assert answer.status == "not_enough_data"
    assert "by rule" in answer.text or "규칙으로" in answer.text


@pytest.mark.parametrize("question", ["who is almost Silver?", "who is just short of Gold?", "customers per grade"])
def test_the_scope_of_an_answer_is_what_the_question_named(ask: Asker, question: str) -> None:
    assert ask(question).scope == ask.answerer.request(question).scope


@pytest.mark.parametrize("question", ["Number of VIP customers on 30 November 2011?", "11월 30일 기준 VIP 회원 수"])
def test_customers_in_a_grade_on_a_day_are_those_who_had_settled_in_it(
    ask: Asker, real_store: RealStore, question: str
) -> None:
    changes = pa.table(DeltaTable(real_store.settings.store.path / "changes").scan()).to_pandas()
    until = midnight(date(2011, 12, 1), ZONE)
    newest = changes[changes["as_of"] < until].sort_values("as_of").groupby("customer_id").last()
    (told,) = [fact.value for fact in ask(question).facts if fact.name == "customers"]
    assert told == (newest["new_grade"] == "VIP").sum() > 0


@pytest.mark.parametrize("question", ["what percentage is it?", "전체 대비 비율 알려줘"])
def test_a_share_of_everybody_is_asked_back_for(ask: Asker, question: str) -> None:
    assert ask(question).status == "clarify"


@pytest.mark.parametrize(
    ("question", "said"),
    [("How are the grades decided?", "is Bronze by rule"), ("골드 등급은 어떻게 정해져?", "브론즈 등급이고")],
)
def test_how_grades_are_given_is_told(ask: Asker, question: str, said: str) -> None:
    answer = ask(question)
    assert answer.intent == "help"
    assert said in answer.text
