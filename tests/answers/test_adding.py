from dataclasses import replace
from datetime import date
from typing import get_args

import pytest

from dangol.answers.adding import ABOUT_MANY, SURE, Reading, added
from dangol.answers.intents import INTENTS, Intent, Missing, Period, Request, Scope

QUESTION = "What did Gold leave in the till since the sale began? Candles, maybe"
ALWAYS = Period()
SALE = Period(date(2011, 11, 25), date(2011, 12, 10))


def request(
    ids: tuple[str, ...] = (), grades: tuple[str, ...] = (), period: Period = ALWAYS, missing: Missing | None = None
) -> Request:
    intent: Intent = "clarify" if missing else "out_of_scope"
    return Request("en", intent, Scope(ids, grades, period), confidence=0.5, missing=missing)


def test_a_reading_gives_the_intent_and_what_the_rules_left_open() -> None:
    reading = Reading(
        "trend", measure="monetary", grain="week", lowest=True, period=SALE, period_words="since the sale"
    )
    assert added(request(grades=("Gold",), missing="anything"), reading, QUESTION) == Request(
        "en",
        "trend",
        Scope(grades=("Gold",), period=SALE),
        confidence=0.6,
        measure="monetary",
        grain="week",
        lowest=True,
    )


def test_what_the_rules_found_stays() -> None:
    found = replace(
        request(grades=("Gold",), period=Period(date(2011, 12, 1), date(2011, 12, 5))),
        measure="orders",
        direction="down",
        grain="month",
        lowest=True,
        text="candles",
    )
    reading = Reading(
        "theme", "monetary", "up", "day", lowest=False, description="the sale", period=SALE, period_words="sale"
    )
    assert added(found, reading, QUESTION) == replace(found, intent="theme", confidence=SURE)


@pytest.mark.parametrize("words", [None, "", "  ", "last summer"])
def test_a_period_that_the_question_does_not_name_is_none(words: str | None) -> None:
    reading = Reading("count", period=SALE, period_words=words)
    assert added(request(), reading, QUESTION).scope.period == Period()


def test_a_description_is_quoted_whatever_its_case_or_is_missing() -> None:
    assert added(request(), Reading("theme", description=" candles "), QUESTION).text == "candles"
    invented = added(request(), Reading("theme", description="umbrellas"), QUESTION)
    assert (invented.intent, invented.missing, invented.text) == ("clarify", "description", None)


def test_a_description_is_for_a_theme_alone() -> None:
    assert added(request(), Reading("count", description="candles"), QUESTION).text is None


@pytest.mark.parametrize("intent", INTENTS)
def test_no_reading_widens_the_scope(intent: Intent) -> None:
    scope = Scope(("12347",), ("Gold",), Period(date(2011, 12, 1), date(2011, 12, 5)))
    asked = replace(request(), scope=scope)
    assert added(asked, Reading(intent, period=SALE, period_words="the sale"), QUESTION).scope == scope


@pytest.mark.parametrize("intent", sorted(ABOUT_MANY))
def test_a_named_customer_is_never_left_out_of_sight(intent: Intent) -> None:
    asked = request(ids=("12347",), grades=("Gold",))
    assert added(asked, Reading(intent, description="candles"), QUESTION) is asked


def test_a_customer_is_not_lost_in_a_comparison_of_grades() -> None:
    asked = request(ids=("12347",), grades=("Gold", "VIP"))
    assert added(asked, Reading("compare"), QUESTION) is asked


@pytest.mark.parametrize("intent", ["clarify", "not_found"])
def test_a_model_that_does_not_know_either_changes_nothing(intent: Intent) -> None:
    asked = request(missing="anything")
    assert added(asked, Reading(intent), QUESTION) is asked


@pytest.mark.parametrize(
    ("intent", "asked", "missing"),
    [
        ("customer_summary", request(grades=("Gold",)), "customer"),
        ("grade_lookup", request(), "customer"),
        ("why", request(), "customer"),
        ("what_if", request(), "customer"),
        ("find_similar", request(), "customer"),
        ("segment_profile", request(), "grade"),
        ("strategy", request(), "grade"),
        ("message", request(), "customer"),
        ("compare", request(grades=("Gold",)), "customers"),
        ("theme", request(grades=("Gold",)), "description"),
    ],
)
def test_an_intent_without_its_customer_or_grade_asks_back(intent: Intent, asked: Request, missing: Missing) -> None:
    assert added(asked, Reading(intent), QUESTION) == replace(asked, intent="clarify", missing=missing)


@pytest.mark.parametrize(
    ("intent", "asked"),
    [
        ("customer_summary", request(ids=("12347",))),
        ("segment_profile", request(grades=("Gold",))),
        ("message", request(grades=("Gold",))),
        ("message", request(ids=("12347",))),
        ("compare", request(ids=("12347", "12349"))),
        ("compare", request(grades=("Gold", "VIP"))),
        ("compare", replace(request(ids=("12347",)), periods=(Period(), SALE))),
        ("data_health", request()),
        ("help", request()),
        ("count", request()),
    ],
)
def test_an_intent_with_all_it_needs_is_taken(intent: Intent, asked: Request) -> None:
    assert added(asked, Reading(intent), QUESTION) == replace(asked, intent=intent, confidence=0.6)


def test_every_question_back_is_one_that_the_contract_knows() -> None:
    backs = {added(request(), Reading(intent), QUESTION).missing for intent in INTENTS} - {None}
    assert backs == {"customer", "grade", "customers", "description"}
    assert backs <= set(get_args(Missing))
