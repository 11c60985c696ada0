from collections.abc import Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from dangol.answers.answering import Answerer
from dangol.answers.evidence import Evidence
from dangol.answers.queries import GRADES_NOW, Query
from dangol.edges.panels import FACTS, TEXTS, answer_html, now_html

NAMES = {"en": ["Bronze", "Silver", "Gold", "VIP"], "ko": ["브론즈", "실버", "골드", "VIP"]}
COMMITTED = datetime(2011, 12, 10, 9, 5, tzinfo=UTC)


class Nobody:
    def run(self, query: Query, parameters: Sequence[object] = ()) -> Evidence:
        return Evidence(query, (), "customers", 0, COMMITTED, 0)


ANSWERER = Answerer(Nobody(), NAMES, "GBP", ZoneInfo("Europe/London"), 0.6)


def test_what_people_type_is_shown_as_text() -> None:
    shown = answer_html(
        ANSWERER, ANSWERER.answer('grade of "<img src=x onerror=alert(1)>"\n\n![x](http://evil.example/)')
    )
    assert "<img" not in shown
    assert "&lt;img src=x onerror=alert(1)&gt;" in shown
    assert "\n\n" not in shown  # or Markdown would read on from there


def test_the_numbers_of_now() -> None:
    rows = (
        {"grade": "Bronze", "grade_rank": 0, "customers": 1200, "purchases": 1200},
        {"grade": "VIP", "grade_rank": 3, "customers": 300, "purchases": 9000},
        {"grade": None, "grade_rank": None, "customers": 500, "purchases": 700},
    )
    shown = now_html(ANSWERER, Evidence(GRADES_NOW, rows, "customer_history", 41, COMMITTED, 2100), "ko")
    for text in (
        "2,000",
        "10,900",
        "2011년 12월 10일 09:05",
        "골드",
        "width:60.0%",
        "등급 없음",
        "customer_history · 버전 41",
    ):
        assert text in shown


def test_both_languages_have_the_same_texts() -> None:
    assert TEXTS["ko"].keys() == TEXTS["en"].keys()
    assert all(korean and english for korean, english in FACTS.values())
