from datetime import UTC, date, datetime
from decimal import Decimal
from string import Formatter
from zoneinfo import ZoneInfo

import pytest

from dangol.answers.evidence import Fact, Source, Value
from dangol.answers.texts import TEMPLATES
from dangol.answers.writing import SLOT, displayed, fill, money, unproved_numbers

NAMES = {"en": ["Bronze", "Silver", "Gold", "VIP"], "ko": ["브론즈", "실버", "골드", "VIP"]}
SEOUL = ZoneInfo("Asia/Seoul")
AS_OF = datetime(2011, 12, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("amount", "currency", "korean", "english"),
    [
        ("4310.0000", "GBP", "£4,310.00", "£4,310.00"),
        ("8300065.8140", "GBP", "£8,300,065.814", "£8,300,065.814"),
        ("-12.5000", "GBP", "-£12.50", "-£12.50"),
        ("0.0000", "EUR", "€0.00", "€0.00"),
        ("125000.0000", "KRW", "125,000원", "₩125,000"),
        ("10.0000", "CHF", "CHF 10.00", "CHF 10.00"),
        ("99999999999999.9999", "USD", "$99,999,999,999,999.9999", "$99,999,999,999,999.9999"),
    ],
)
def test_money_is_exact_with_the_currencys_digits(amount: str, currency: str, korean: str, english: str) -> None:
    assert (money(Decimal(amount), currency, "ko"), money(Decimal(amount), currency, "en")) == (korean, english)


@pytest.mark.parametrize(
    ("name", "value", "unit", "korean", "english"),
    [
        ("grade", "Gold", None, "골드", "Gold"),
        ("grade", "Ruby", None, "Ruby", "Ruby"),
        ("grade", None, None, "–", "–"),
        ("state", "cooling", None, "뜸해짐", "cooling"),
        ("recency_days", 1, "days", "1일", "1 day"),
        ("frequency_mean", Decimal("4.2720"), "purchases", "4.3회", "4.3 purchases"),
        ("recency_median", Decimal("51.0"), "days", "51일", "51 days"),
        ("customers", 4338, "customers", "4,338명", "4,338 customers"),
        ("p_max", Decimal("0.8734"), "probability", "87.3%", "87.3%"),
        ("p_max", Decimal("0.99999"), "probability", "99.9%", "99.9%"),
        ("p_max", Decimal(1), "probability", "100.0%", "100.0%"),
        ("customer_share", Decimal("0.0512"), "share", "5.1%", "5.1%"),
        ("last_purchase_date", date(2011, 12, 7), "date", "2011년 12월 7일", "7 December 2011"),
        (
            "as_of",
            datetime(2011, 12, 9, 23, 5, tzinfo=UTC),
            None,
            "2011년 12월 10일 08:05",
            "10 December 2011, 08:05",
        ),
    ],
)
def test_facts_read_well_in_both_languages(
    name: str, value: Value, unit: str | None, korean: str, english: str
) -> None:
    fact = Fact("f1", name, None, value, unit, 1, 0, name, None, Source("customers", 3, AS_OF), AS_OF)
    assert (displayed(fact, "ko", NAMES, SEOUL), displayed(fact, "en", NAMES, SEOUL)) == (korean, english)


def test_slots_take_the_particle_of_their_value() -> None:
    template = TEMPLATES["not_found"]["ko"]
    assert fill(template, {"customer_id": "12349"}).startswith("고객 12349를 찾을 수 없습니다.")
    assert fill(template, {"customer_id": "12347"}).startswith("고객 12347을 찾을 수 없습니다.")


def test_a_number_that_no_slot_holds_is_found() -> None:
    slots = {"customer_id": "12347", "monetary": "£4,310.00"}
    assert unproved_numbers("Customer 12347 spent £4,310.00.", slots) == []
    assert unproved_numbers("Customer 12347 spent £4,310.01 in 3 orders.", slots) == ["4,310.01", "3"]
    assert unproved_numbers("Customer 1234 spent 4,310.", slots) == ["1234", "4,310"]


@pytest.mark.parametrize("name", sorted(TEMPLATES))
def test_both_languages_of_a_template_use_the_same_slots_and_no_digit(name: str) -> None:
    used = {}
    for language, text in TEMPLATES[name].items():
        list(Formatter().parse(text))  # braces match
        used[language] = {"who" if slot == "such" else slot for slot, _ in SLOT.findall(text)}  # as words() fills both
        assert not any(character.isdigit() for character in SLOT.sub("", text))
    assert used["ko"] == used["en"]
