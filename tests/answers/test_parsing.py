import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dangol.answers.intents import Request, Scope
from dangol.answers.parsing import MAX_CHARACTERS, parse

NAMES = {"en": ["Bronze", "Silver", "Gold", "VIP"], "ko": ["브론즈", "실버", "골드", "VIP"]}


@pytest.mark.parametrize(
    ("question", "language", "customer_id"),
    [
        ("고객 12347 등급 알려줘", "ko", "12347"),
        ("12347번 고객 등급이 뭐야?", "ko", "12347"),
        ("고객12347의 등급은?", "ko", "12347"),
        ("12347님은 무슨 등급인가요?", "ko", "12347"),
        ("12347은 VIP야?", "ko", "12347"),
        ("고객 ID가 12347인 고객의 등급을 조회해 주세요", "ko", "12347"),
        ("１２３４７ 등급", "ko", "12347"),
        ("고객 12\u200b347 등\u2060급", "ko", "12347"),
        ("고객 AB-12c 등급", "ko", "AB-12c"),
        ("What grade is customer 12347?", "en", "12347"),
        ("Tell me the grade of customer #12347.", "en", "12347"),
        ("What's customer 12347's grade?", "en", "12347"),
        ("Is customer 12347 a VIP?", "en", "12347"),
        ('grade of customer "kim"', "en", "kim"),
    ],
)
def test_a_customers_grade_is_asked_for(question: str, language: str, customer_id: str) -> None:
    assert parse(question, NAMES) == Request(language, "grade_lookup", Scope(customer_ids=(customer_id,)))


def test_a_customer_alone_is_taken_for_a_question_about_the_grade_with_less_confidence() -> None:
    assert parse("고객 12347 알려줘", NAMES) == Request("ko", "grade_lookup", Scope(("12347",)), confidence=0.6)
    assert parse("who is customer 12347?", NAMES) == Request("en", "grade_lookup", Scope(("12347",)), confidence=0.6)


@pytest.mark.parametrize(
    ("question", "language", "grade"),
    [
        ("VIP 고객들의 특징은?", "ko", "VIP"),
        ("vip들은 어때", "ko", "VIP"),
        ("골드 등급 고객들은 보통 어떤 사람들이야?", "ko", "Gold"),
        ("실버등급의 특성 알려주세요", "ko", "Silver"),
        ("브론즈는 몇 명이야?", "ko", "Bronze"),
        ("What are Gold customers like?", "en", "Gold"),
        ("describe silver", "en", "Silver"),
        ("Tell me about VIPs", "en", "VIP"),
    ],
)
def test_a_grades_profile_is_asked_for(question: str, language: str, grade: str) -> None:
    assert parse(question, NAMES) == Request(language, "segment_profile", Scope(grades=(grade,)))


@pytest.mark.parametrize(
    ("question", "missing"),
    [
        ("등급 알려줘", "customer"),
        ("what is my grade?", "customer"),
        ("12347과 12348 등급", "one_customer"),
        ("고객 12,347 등급", "one_customer"),
        ("VIP랑 골드 특징", "one_grade"),
        ("고객 12347 구매 이력", "aspect"),
        ("날씨 어때?", "anything"),
        ("golden customers like?", "anything"),
        ("", "anything"),
        ("고객 12347 등급 " * MAX_CHARACTERS, "anything"),
    ],
)
def test_what_is_missing_or_ambiguous_is_asked_back(question: str, missing: str) -> None:
    request = parse(question, NAMES)
    assert (request.intent, request.missing) == ("clarify", missing)


@pytest.mark.parametrize(
    "question",
    [
        "12347의 지난달 등급은?",
        "왜 12347은 골드 등급이야?",
        "고객 12347 주소",
        "VIP 상위 5명",
        "골드 말고 VIP 특징",
        "VIP에게 보낼 메시지 써줘",
        "What was the grade of 12347 in 2011?",
        "why is customer 12347 gold?",
        "top 5 VIP customers",
    ],
)
def test_a_question_of_another_kind_never_gets_the_answer_of_todays_grade(question: str) -> None:
    assert parse(question, NAMES).intent == "out_of_scope"


@pytest.mark.parametrize("question", ["도움말", "뭘 물어볼 수 있어?", "help", "What can I ask?", "안녕하세요"])
def test_help(question: str) -> None:
    assert parse(question, NAMES).intent == "help"


@settings(max_examples=50)
@given(st.integers(0, 10**9), st.sampled_from(["고객 {} 등급", "{}의 등급은?", "grade of customer {}", "Is {} a VIP?"]))
def test_the_id_asked_for_is_the_id_in_scope_digit_for_digit(number: int, form: str) -> None:
    assert parse(form.format(number), NAMES).scope == Scope(customer_ids=(str(number),))


@settings(max_examples=30)
@given(st.text(max_size=200))
def test_any_text_makes_a_request(text: str) -> None:
    assert parse(text, NAMES).language in ("ko", "en")
