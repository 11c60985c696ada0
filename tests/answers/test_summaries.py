import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from dangol.answers import summaries
from dangol.answers.signals import SIGNALS, Day
from dangol.answers.summaries import (
    CAUSES,
    NO_GRADE,
    SENTENCES,
    Card,
    Change,
    Customer,
    Movement,
    Terms,
    customer_row,
    fingerprint,
    grade_row,
    movement_row,
    sealed,
)
from dangol.tables import SUMMARIES

NAMES = {"en": ["Bronze", "Silver", "Gold", "VIP"], "ko": ["브론즈", "실버", "골드", "VIP"]}
TERMS = Terms(NAMES, "KRW", ZoneInfo("Asia/Seoul"))
AS_OF = datetime(2026, 5, 31, 20, 0, tzinfo=UTC)  # the first of June in Seoul
CARD = Card(
    grade="VIP",
    grade_rank=3,
    customers=25,
    graded_customers=1000,
    frequency=700,
    frequency_median=Decimal("24.5"),
    monetary=Decimal("60000000.0000"),
    monetary_median=Decimal("1850000.0000"),
    graded_monetary=Decimal("100000000.0000"),
    products=["머그컵", "MUG 2"],
    signals=[("big_basket", 10), ("high_returns", 2)],
    as_of=AS_OF,
    generation=1,
    batch_id=9,
)


def customer(customer_id: str = "C-1", change: Change | None = None, **changes: Any) -> Customer:
    """A Gold customer who bought in April and in May, changed as said."""
    row = {
        "customer_id": customer_id,
        "frequency": 2,
        "monetary": Decimal("135000.0000"),
        "last_purchase_date": date(2026, 5, 20),
        "grade": "Gold",
        "grade_rank": 2,
        "posterior": [0.1, 0.7126, 0.1874],
        "state": "active",
        "as_of": AS_OF,
        "generation": 1,
        "batch_id": 9,
    }
    others = {
        "days": [
            Day(date(2026, 1, 5), 1, Decimal(100000), Decimal(0)),
            Day(date(2026, 5, 20), 1, Decimal(50000), Decimal(15000)),
        ],
        "compared": ["big_basket"],
        "products": ["MUG", "머그컵"],
    }
    given = {name: changes.pop(name, value) for name, value in others.items()}
    return Customer(row | changes, change=change, **given)


def texts(row: dict[str, Any]) -> tuple[str, str]:
    return row["text_ko"], row["text_en"]


def test_a_row_holds_the_facts_that_its_texts_tell() -> None:
    change = Change("VIP", "Gold", "return", datetime(2026, 5, 20, 15, 0, tzinfo=UTC))
    row = customer_row(customer(change=change, days=customer().days[1:]), TERMS)

    assert list(row) == SUMMARIES.names
    assert len(row.pop("content_hash")) == 64
    assert row == {
        "key": "customer/C-1",
        "kind": "customer",
        "customer_id": "C-1",
        "grade": "Gold",
        "to_grade": None,
        "text_ko": "고객 C-1은 골드 등급이고, 이 등급에 속할 확률은 71.3%입니다. "
        "집계 기간에 2회 구매했고, 구매 금액은 반품을 빼고 135,000원입니다. 마지막 구매일은 2026년 5월 20일입니다. "
        "활동 상태는 ‘활동 중’입니다. 지금까지의 구매 금액 중 30.0%를 반품했습니다. "
        "구매 금액이 큰 상품: MUG · 머그컵. "
        "등급은 2026년 5월 21일에 VIP에서 골드로 바뀌었습니다. 변경 사유: 반품이나 취소. "
        "눈에 띄는 점: 큰 장바구니, 잦은 반품.",
        "text_en": "Customer C-1 is graded Gold, with a membership probability of 71.3%. "
        "In the window: 2 purchases worth ₩135,000 after returns. The last purchase was on 20 May 2026. "
        "The activity state is “active”. By value, 30.0% of all purchases so far was returned. "
        "Spent the most on: MUG · 머그컵. "
        "The grade last changed on 21 May 2026, from VIP to Gold. Cause: a return or a cancellation. "
        "What stands out: big basket, high returns.",
        "customers": 1,
        "frequency": 2,
        "monetary": Decimal("135000.0000"),
        "last_purchase_date": date(2026, 5, 20),
        "state": "active",
        "posterior": [0.1, 0.713, 0.187],
        "trend": None,
        "returns_share": 0.3,
        "top_products": ["MUG", "머그컵"],
        "words": " mug 머그컵 ",
        "signals": ["big_basket", "high_returns"],
        "changed_from": "VIP",
        "change_cause": "return",
        "changed_at": datetime(2026, 5, 20, 15, 0, tzinfo=UTC),
        "as_of": AS_OF,
        "generation": 1,
        "batch_id": 9,
    }


BY_RULE = {"grade": "Bronze", "grade_rank": 0, "posterior": None, "frequency": 1}
NO_GRADE_YET = {"grade": None, "grade_rank": None, "posterior": None}
SILENT = NO_GRADE_YET | {"frequency": 0, "state": "dormant", "days": [], "compared": [], "products": []}


@pytest.mark.parametrize(
    ("changes", "korean", "english"),
    [
        (
            BY_RULE | {"state": "new", "days": [], "compared": [], "products": []},
            "고객 C-1은 브론즈 등급입니다. 집계 기간에 구매가 한 번뿐이어서 규칙으로 정한 등급입니다. "
            "구매 금액은 반품을 빼고 135,000원입니다. 마지막 구매일은 2026년 5월 20일입니다. "
            "활동 상태는 ‘신규’입니다. 눈에 띄는 점: 두 번째 구매를 기다리는 고객.",
            "Customer C-1 is graded Bronze, by rule, because there is only one purchase in the window. "
            "It is worth ₩135,000 after returns. The last purchase was on 20 May 2026. "
            "The activity state is “new”. What stands out: second purchase due.",
        ),
        (
            NO_GRADE_YET | {"days": [], "compared": [], "products": []},
            "고객 C-1은 구매가 있지만 등급 모델이 적용되지 않아 아직 등급이 없습니다. "
            "집계 기간에 2회 구매했고, 구매 금액은 반품을 빼고 135,000원입니다. 마지막 구매일은 2026년 5월 20일입니다.",
            "Customer C-1 has purchases but no grade yet, because no grade model is in use. "
            "In the window: 2 purchases worth ₩135,000 after returns. The last purchase was on 20 May 2026.",
        ),
        (
            SILENT,
            "고객 C-1은 집계 기간 안에 구매가 없어 등급이 없는 휴면 고객입니다. 마지막 구매일은 2026년 5월 20일입니다.",
            "Customer C-1 is dormant and has no grade: there is no purchase in the window. "
            "The last purchase was on 20 May 2026.",
        ),
        (
            SILENT | {"state": None, "last_purchase_date": None},
            "고객 C-1은 구매 기록이 없어 등급도 없습니다.",
            "Customer C-1 has never made a purchase that counts, and so has no grade.",
        ),
    ],
    ids=["one purchase", "no model", "dormant", "never bought"],
)
def test_each_kind_of_customer_is_told(changes: dict[str, Any], korean: str, english: str) -> None:
    assert texts(customer_row(customer(**changes), TERMS)) == (korean, english)


@pytest.mark.parametrize(
    ("gross", "korean", "english"),
    [
        (200000, "최근 90일 동안의 구매 금액은 그 전 90일보다 늘었습니다.",
         "Purchases of the last 90 days are worth more than those of the 90 days before."),
        (100000, "최근 90일 동안의 구매 금액은 그 전 90일과 비슷합니다.",
         "Purchases of the last 90 days are worth about as much as those of the 90 days before."),
        (50000, "최근 90일 동안의 구매 금액은 그 전 90일보다 줄었습니다.",
         "Purchases of the last 90 days are worth less than those of the 90 days before."),
    ],
)  # fmt: skip
def test_a_trend_is_told(gross: int, korean: str, english: str) -> None:
    days = [
        Day(date(2026, 1, 5), 1, Decimal(100000), Decimal(0)),
        Day(date(2026, 5, 20), 1, Decimal(gross), Decimal(0)),
    ]
    row = customer_row(customer(days=days), TERMS)
    assert korean in row["text_ko"]
    assert english in row["text_en"]


def test_the_days_of_a_trend_end_with_the_shops_day() -> None:
    """2026-06-01 in Seoul, when it is 2026-05-31 in UTC: 90 days ago is March 3, which is among those before."""
    days = [
        Day(date(2026, 3, 3), 1, Decimal(100000), Decimal(0)),
        Day(date(2026, 5, 1), 1, Decimal(50000), Decimal(0)),
    ]
    assert customer_row(customer(days=days), TERMS)["trend"] == "falling"
    assert customer_row(customer(days=days), Terms(NAMES, "KRW", ZoneInfo("UTC")))["trend"] is None


def test_a_grade_has_a_card() -> None:
    row = grade_row(CARD, TERMS)
    assert texts(row) == (
        "VIP 등급 고객은 25명이고, 등급이 있는 고객의 2.5%를 차지합니다. "
        "한 고객이 집계 기간에 구매한 횟수는 중앙값 24.5회이고, "
        "구매 금액은 반품을 빼고 중앙값 1,850,000원, 합계 60,000,000원입니다. "
        "등급이 있는 고객 전체 구매 금액의 60.0%입니다. "
        "고객별로 구매 금액이 큰 상품 가운데 자주 보이는 것: 머그컵 · MUG 2. "
        "자주 눈에 띄는 점: 큰 장바구니 40.0%, 잦은 반품 8.0%.",
        "The grade VIP has 25 customers, 2.5% of all graded customers. "
        "In the window, the median customer made 24.5 purchases; median spending after returns is ₩1,850,000, "
        "and the total is ₩60,000,000. That is 60.0% of what all graded customers spent. "
        "Often among what a customer spent the most on: 머그컵 · MUG 2. "
        "What often stands out: big basket 40.0%, high returns 8.0%.",
    )
    assert (row["key"], row["kind"], row["grade"], row["customers"]) == ("grade/VIP", "grade", "VIP", 25)
    assert (row["frequency"], row["monetary"]) == (700, Decimal("60000000.0000"))
    assert (row["top_products"], row["customer_id"], row["signals"]) == (["머그컵", "MUG 2"], None, None)


def test_a_grade_by_rule_says_so_and_a_negative_sum_has_no_share() -> None:
    card = Card(
        **{name: getattr(CARD, name) for name in Card.__slots__}
        | {"grade": "Bronze", "grade_rank": 0, "monetary": Decimal(-100), "products": [], "signals": []}
    )
    assert texts(grade_row(card, TERMS)) == (
        "브론즈 등급 고객은 25명이고, 등급이 있는 고객의 2.5%를 차지합니다. "
        "한 고객이 집계 기간에 구매한 횟수는 중앙값 24.5회이고, "
        "구매 금액은 반품을 빼고 중앙값 1,850,000원, 합계 -100원입니다. "
        "집계 기간에 한 번 구매한 고객에게 규칙으로 매기는 등급입니다.",
        "The grade Bronze has 25 customers, 2.5% of all graded customers. "
        "In the window, the median customer made 24.5 purchases; median spending after returns is ₩1,850,000, "
        "and the total is -₩100. This grade is given by rule to customers with one purchase in the window.",
    )


@pytest.mark.parametrize(
    ("old", "new", "key", "korean", "english"),
    [
        ("VIP", "Gold", "movement/VIP/Gold",
         "VIP에서 골드로 바뀐 고객은 3명입니다. 가장 흔한 변경 사유: 시간 경과. "
         "마지막으로 바뀐 날은 2026년 6월 1일입니다.",
         "Moved from VIP to Gold: 3 customers. Most frequent cause: time that passed. The last moved on 1 June 2026."),
        (None, "Silver", "movement/-/Silver",
         "등급 없음에서 실버로 바뀐 고객은 3명입니다. 가장 흔한 변경 사유: 시간 경과. "
         "마지막으로 바뀐 날은 2026년 6월 1일입니다.",
         "Moved from no grade to Silver: 3 customers. Most frequent cause: time that passed. "
         "The last moved on 1 June 2026."),
        ("Gold", None, "movement/Gold/-",
         "골드에서 등급 없음으로 바뀐 고객은 3명입니다. 가장 흔한 변경 사유: 시간 경과. "
         "마지막으로 바뀐 날은 2026년 6월 1일입니다.",
         "Moved from Gold to no grade: 3 customers. Most frequent cause: time that passed. "
         "The last moved on 1 June 2026."),
    ],
)  # fmt: skip
def test_a_movement_is_told(old: str | None, new: str | None, key: str, korean: str, english: str) -> None:
    row = movement_row(Movement(old, new, 3, "ageing", AS_OF, 1, 9), TERMS)
    assert texts(row) == (korean, english)
    assert (row["key"], row["kind"], row["grade"], row["to_grade"]) == (key, "movement", old, new)
    assert (row["customers"], row["change_cause"], row["changed_at"]) == (3, "ageing", AS_OF)


@pytest.mark.parametrize(
    ("customer_id", "shown"),
    [
        ("12347", "12347"),
        ("kim_01.2-a", "kim_01.2-a"),
        ("고객7", "고객7"),
        ("a/b", "a/b"),
        ("www.evil.example", "www evil example"),
        ("[x](https://evil.example)", "x https evil example"),
        ("a\u200bb", "ab"),
        ("a\u3164b", "ab"),
        ("***", "-"),
    ],
)
def test_an_id_is_shown_so_that_nothing_takes_it_for_a_link(customer_id: str, shown: str) -> None:
    row = customer_row(customer(customer_id), TERMS)
    assert row["text_en"].startswith(f"Customer {shown} is graded Gold")
    assert (row["customer_id"], row["key"]) == (customer_id, f"customer/{customer_id}")


def test_near_certainty_is_not_certainty() -> None:
    row = customer_row(customer(posterior=[0.0001, 0.99994, 0.0]), TERMS)
    assert row["posterior"] == [0.0, 0.999, 0.0]
    assert "a membership probability of 99.9%" in row["text_en"]
    assert customer_row(customer(posterior=[0.0, 1.0, 0.0]), TERMS)["posterior"] == [0.0, 1.0, 0.0]


def test_five_products_are_named_and_the_words_of_all() -> None:
    row = customer_row(customer(products=[f"MUG {number}" for number in range(7)]), TERMS)
    assert row["top_products"] == ["MUG 0", "MUG 1", "MUG 2", "MUG 3", "MUG 4"]
    assert row["words"] == " mug 0 1 2 3 4 5 6 "


def test_the_hash_is_of_what_is_said_and_not_of_when() -> None:
    row = customer_row(customer(), TERMS)
    later = customer(as_of=datetime(2026, 5, 31, 21, 0, tzinfo=UTC), generation=2, batch_id=1)
    assert customer_row(later, TERMS)["content_hash"] == row["content_hash"]
    more_places = customer(monetary=Decimal("135000"))
    assert customer_row(more_places, TERMS)["content_hash"] == row["content_hash"]
    assert customer_row(customer(monetary=Decimal("135000.0001")), TERMS)["content_hash"] != row["content_hash"]


@pytest.mark.parametrize("column", SUMMARIES.names[: SUMMARIES.names.index("content_hash")])
def test_each_column_before_the_hash_is_in_it(column: str) -> None:
    row = sealed({"key": "a"}, AS_OF, 1, 9)
    assert sealed({"key": "a"} | {column: "other"}, AS_OF, 1, 9)["content_hash"] != row["content_hash"]


def test_an_instant_has_one_hash_in_every_zone() -> None:
    here, there = (
        sealed({"changed_at": AS_OF.astimezone(ZoneInfo(zone))}, AS_OF, 1, 9) for zone in ("Asia/Seoul", "UTC")
    )
    assert here["content_hash"] == there["content_hash"]


def test_other_words_names_money_or_zone_have_another_fingerprint(monkeypatch: pytest.MonkeyPatch) -> None:
    before = fingerprint(TERMS)
    assert 0 < before < 2**56
    others = [
        fingerprint(Terms({**NAMES, "en": ["Tin", "Silver", "Gold", "VIP"]}, "KRW", TERMS.zone)),
        fingerprint(Terms(NAMES, "GBP", TERMS.zone)),
        fingerprint(Terms(NAMES, "KRW", ZoneInfo("Europe/London"))),
    ]
    monkeypatch.setitem(summaries.SENTENCES["state"], "en", "They are {state}.")  # type: ignore[arg-type]
    assert len({before, fingerprint(TERMS), *others}) == 5


def test_no_sentence_brings_a_number_of_its_own_and_all_are_in_both_languages() -> None:
    lexicon = [text for entry in SIGNALS.values() for text in (entry.called, entry.sentence)]
    for told in (*SENTENCES.values(), *CAUSES.values(), NO_GRADE, *lexicon):
        assert set(told) == {"ko", "en"}
        assert not re.search(r"\d", told["ko"] + told["en"])
        assert re.search("[가-힣]", told["ko"])
        assert not re.search("[가-힣]", told["en"])


def test_both_languages_of_a_sentence_have_the_same_slots() -> None:
    for name, told in SENTENCES.items():
        korean, english = (set(re.findall(r"\{(\w+)", told[language])) for language in ("ko", "en"))  # type: ignore[index]
        assert korean == english, name
