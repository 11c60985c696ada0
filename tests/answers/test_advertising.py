from dataclasses import astuple

import pytest

from dangol.answers.advertising import draft, lint

SENDER = "단골상점 02-123-4567"
OPT_OUT = "무료수신거부 080-123-4567"
BODY = "이번 주말까지 단골 고객께 10% 할인해 드립니다."
GOOD = f"(광고) {SENDER}\n{BODY}\n{OPT_OUT}"


def codes(
    text: str = GOOD,
    sender: str | None = SENDER,
    opt_out: str | None = OPT_OUT,
    hour: int | None = 10,
    consented_night: bool = False,
) -> list[str]:
    return [finding.code for finding in lint(text, sender, opt_out, hour, consented_night)]


def test_a_draft_has_the_mark_and_the_sender_first_and_the_way_to_refuse_last() -> None:
    assert draft(f"\n{BODY} ", SENDER, OPT_OUT) == GOOD
    assert codes() == []


def test_an_english_draft_carries_the_mark_as_well() -> None:
    sender, opt_out = "Dangol Shop help@shop.example", "Free opt-out: https://shop.example/stop"
    text = draft("10% off for regulars this weekend.", sender, opt_out)

    assert text == (
        "(광고) Dangol Shop help@shop.example\n10% off for regulars this weekend.\n"
        "Free opt-out: https://shop.example/stop"
    )
    assert codes(text, sender, opt_out) == []
    assert codes(text.replace("(광고)", "(AD)"), sender, opt_out) == ["no_mark"]


def test_what_is_not_known_is_left_out_of_a_draft_and_found() -> None:
    assert draft(BODY, None, None) == f"(광고)\n{BODY}"
    assert codes(draft(BODY, None, None), None, None) == ["no_sender", "no_opt_out"]
    assert codes(GOOD, " ", "") == ["no_sender", "no_opt_out"]


@pytest.mark.parametrize("start", ["안내 (광고)", " (광고)", "\n(광고)", "\u200b(광고)"])
def test_the_mark_is_at_the_very_start(start: str) -> None:
    text = GOOD.replace("(광고)", start)
    assert codes(text) == (["mark_not_first", "sender_not_first"] if start[0] == "\n" else ["mark_not_first"])


@pytest.mark.parametrize(
    "mark",
    [
        "(광_고)",
        "(광 고)",
        "(광.고)",
        "( 광고 )",
        "[광고]",
        "（광고）",
        "(대출광고)",
        "(광\u200b고)",
        "<광*고>",
        "(“광고”)",
    ],
)
def test_a_changed_mark_evades_filters(mark: str) -> None:
    assert codes(GOOD.replace("(광고)", mark)) == ["mark_disguised"]


@pytest.mark.parametrize("mark", ["", "광고 ", "[안내] "])
def test_a_text_without_the_mark_is_found(mark: str) -> None:
    assert codes(GOOD.replace("(광고) ", mark)) == ["no_mark"]


def test_the_word_in_the_prose_is_no_mark_and_no_disguise() -> None:
    assert codes(GOOD.replace("단골 고객께", "광고 모델(홍길동)과 고객께")) == []
    assert codes("우리 광고를 보고 고르세요 (할인 고객)") == ["no_mark", "sender_not_first", "opt_out_not_last"]


def test_the_sender_is_named_in_the_first_line_with_a_contact() -> None:
    assert codes(f"(광고)\n{SENDER}\n{BODY}\n{OPT_OUT}") == ["sender_not_first"]
    assert codes(GOOD.replace(SENDER, "다른상점 02-999-9999")) == ["sender_not_first"]
    assert codes(draft(BODY, "단골상점", OPT_OUT), sender="단골상점") == ["no_contact"]
    assert codes(draft(BODY, "단골상점 1588-1234", OPT_OUT), sender="단골상점 1588-1234") == []


def test_the_way_to_refuse_is_at_the_end_reachable_and_free() -> None:
    assert codes(f"(광고) {SENDER}\n{OPT_OUT}\n{BODY}") == ["opt_out_not_last"]
    assert codes(f"(광고) {SENDER}\n{BODY}") == ["opt_out_not_last"]
    assert codes(f"{GOOD}\n ") == []
    for opt_out, code in (("무료수신거부", "no_way_to_opt_out"), ("수신거부 080-123-4567", "opt_out_not_free")):
        assert codes(draft(BODY, SENDER, opt_out), opt_out=opt_out) == [code]


@pytest.mark.parametrize(
    ("hour", "consented_night", "found"),
    [
        (20, False, []),
        (21, False, ["night"]),
        (23, False, ["night"]),
        (0, False, ["night"]),
        (7, False, ["night"]),
        (8, False, []),
        (21, True, []),
        (7, True, []),
        (None, False, []),
    ],
)
def test_at_night_only_who_agreed_to_that(hour: int | None, consented_night: bool, found: list[str]) -> None:
    assert codes(hour=hour, consented_night=consented_night) == found


@pytest.mark.parametrize("hour", [-1, 24])
def test_an_hour_that_no_clock_has_is_refused(hour: int) -> None:
    with pytest.raises(ValueError, match=f"hour is {hour}; give one from 0 to 23"):
        codes(hour=hour)


def test_each_finding_names_its_article_in_both_languages() -> None:
    found = [*lint("", None, None, 22, False), *lint("(광_고)", "단골상점", "수신거부", 3, False)]
    articles = {finding.code: finding.article for finding in found}

    assert articles == {
        "no_mark": "정보통신망법 제50조 제4항, 시행령 제61조·별표 6",
        "mark_disguised": "정보통신망법 제50조 제4항·제5항, 시행령 제61조·별표 6",
        "no_sender": "정보통신망법 제50조 제4항 제1호, 시행령 제61조·별표 6",
        "sender_not_first": "정보통신망법 제50조 제4항 제1호, 시행령 제61조·별표 6",
        "no_contact": "정보통신망법 제50조 제4항 제1호, 시행령 제61조·별표 6",
        "no_opt_out": "정보통신망법 제50조 제4항 제2호, 시행령 제61조·별표 6",
        "opt_out_not_last": "정보통신망법 제50조 제4항 제2호, 시행령 제61조·별표 6",
        "no_way_to_opt_out": "정보통신망법 제50조 제4항 제2호, 시행령 제61조·별표 6",
        "opt_out_not_free": "정보통신망법 제50조 제6항, 시행령 제62조",
        "night": "정보통신망법 제50조 제3항, 시행령 제61조",
    }
    for finding in found:
        assert all(astuple(finding))
        assert "Network Act art. 50 (" in finding.sentence_en
