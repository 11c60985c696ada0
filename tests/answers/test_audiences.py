"""What an audience is, said and read back; whom it leaves; and cells that no spreadsheet runs."""

from datetime import date
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from dangol.answers.audiences import (
    Audience,
    Diff,
    Moved,
    Reach,
    cells,
    described,
    diff,
    from_json,
    reached,
    refuses,
    safe,
    to_csv,
    to_json,
)
from dangol.answers.intents import Bounds
from dangol.answers.summaries import Terms
from dangol.errors import SettingsError

NAMES = {"en": ["Bronze", "Silver", "Gold", "VIP"], "ko": ["브론즈", "실버", "골드", "VIP"]}
TERMS = Terms(NAMES, "KRW", ZoneInfo("Asia/Seoul"))
WHOLE = Audience(
    "흔들리는 단골",
    ("Gold", "VIP"),
    ("active", "cooling"),
    "down",
    Moved("down", 30, ("VIP",)),
    ("big_basket",),
    "머그",
    Bounds(Decimal(2)),
    Bounds(Decimal("10.5000"), Decimal(90000)),
    Bounds(None, Decimal(60)),
    exclude_held_out=False,
    require_consent=False,
)


def test_an_audience_is_read_back_as_it_was_said() -> None:
    assert from_json(to_json(WHOLE), NAMES) == WHOLE
    assert from_json("{}", NAMES) == Audience()


def test_grades_have_their_english_names_whatever_was_said() -> None:
    audience = from_json('{"grades": ["골드"], "moved": {"direction": "up", "from_grades": ["실버"]}}', NAMES)

    assert audience == Audience(grades=("Gold",), moved=Moved("up", 7, ("Silver",)))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[]", "no audience"),
        ("{", "no audience"),
        ('{"customer_ids": ["1"]}', "customer_ids"),
        ('{"grades": ["Platinum"]}', "Platinum is no grade"),
        ('{"states": ["asleep"]}', "states.0"),
        ('{"boundary": "sideways"}', "boundary"),
        ('{"moved": {"direction": "down", "days": 0}}', "moved.days"),
        ('{"moved": {"direction": "down", "until": 1}}', "moved.until"),
        ('{"signals": ["rich"]}', "signals.0"),
        ('{"theme": "the"}', "names no product"),
        ('{"frequency": {"least": "1.5"}}', "whole numbers"),
        ('{"monetary": {"least": "much"}}', "monetary.least"),
        ('{"monetary": {"least": "NaN"}}', "monetary.least"),
        ('{"name": "a\\nb"}', "cannot be shown"),
        ('{"name": "%s"}' % ("a" * 81), "name"),
    ],
)
def test_what_is_no_audience_is_refused_with_its_fault(text: str, words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        from_json(text, NAMES)


def test_an_audience_is_described_by_parts() -> None:
    parts = ["grade=VIP,골드", "state=active", "boundary=up", "moved=down:30", "signal=big_basket", "theme=mug"]
    parts += ["frequency=2..5", "monetary=..100", "recency=30..", "consent=any", "held_out=in"]

    assert described(parts, NAMES, "a") == Audience(
        "a",
        ("VIP", "Gold"),
        ("active",),
        "up",
        Moved("down", 30),
        ("big_basket",),
        "mug",
        Bounds(Decimal(2), Decimal(5)),
        Bounds(None, Decimal(100)),
        Bounds(Decimal(30)),
        exclude_held_out=False,
        require_consent=False,
    )
    assert described(["frequency=1"], NAMES).frequency == Bounds(Decimal(1), Decimal(1))


@pytest.mark.parametrize("part", ["grade", "colour=red", "moved=sideways", "moved=down:soon", "recency=new"])
def test_what_describes_no_audience_is_refused(part: str) -> None:
    with pytest.raises(SettingsError):
        described([part], NAMES)


def test_each_customer_is_left_out_for_the_first_reason_that_holds() -> None:
    ids = ["1", "10", "100", "1000", "1001"]
    agreed, held = {"1", "10", "1000"}, {"10", "100"}

    assert reached(ids, Audience(), agreed, held.__contains__, {"1000"}) == (["1"], Reach(1, 1, 2, 1))
    assert reached(ids, Audience(require_consent=False), None, held.__contains__, ()) == (
        ["1", "1000", "1001"],
        Reach(3, 0, 0, 2),
    )
    assert reached(ids, Audience(exclude_held_out=False), agreed, held.__contains__, ()) == (
        ["1", "10", "1000"],
        Reach(3, 0, 2, 0),
    )


def test_without_known_consent_nobody_is_left() -> None:
    assert reached(["1"], Audience(), None, lambda _: False, ()) == ([], Reach(0, 0, 1, 0))


@pytest.mark.parametrize(
    ("audience", "refused"),
    [
        (Audience(grades=("VIP",), states=("active",), boundary="any", signals=("big_basket",)), False),
        (Audience(moved=Moved("down", 7)), False),
        (Audience(moved=Moved("down", 8)), True),
        (Audience(theme="mug"), True),
        (Audience(frequency=Bounds(Decimal(3))), True),
        (Audience(monetary=Bounds(Decimal(3))), True),
        (Audience(recency=Bounds(Decimal(3))), True),
    ],
)
def test_viewers_have_no_groups_by_limits_of_their_own(audience: Audience, refused: bool) -> None:
    assert refuses(audience, "viewer") is refused
    assert refuses(audience, "analyst") is False


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+82", "'+82"),
        ("-12347", "'-12347"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t'=1"),
        ("\r1", "'\r1"),
        ("\n=1", "'\n'=1"),
        (" =1", "' =1"),
        ("＝1", "'＝1"),
        ("＠a", "'＠a"),
        ('a";=1', "a\";'=1"),
        ("a,@b", "a,'@b"),
        ("a;  -b", "a;'  -b"),
        ("a\n+1", "a\n'+1"),
        ("12347", "12347"),
        ("ana-90210", "ana-90210"),
        ("a=b", "a=b"),
        ("#{등급}", "#{등급}"),
        ("", ""),
        (None, ""),
        (Decimal("-5.0000"), Decimal("-5.0000")),
        (7, 7),
    ],
)
def test_no_cell_begins_a_formula(value: object, cell: object) -> None:
    assert safe(value) == cell


def test_a_file_is_quoted_and_safe_in_headers_too() -> None:
    rows = [{"=id": 'a"b', "money": Decimal("-1.5000")}, {"=id": "=cmd|' /C calc'!A0", "money": None}]

    text = to_csv(rows, ["=id", "money"])

    assert text.decode() == '"\'=id","money"\r\n"a""b","-1.5000"\r\n"\'=cmd|\' /C calc\'!A0",""\r\n'
    assert to_csv(rows, ["=id", "money"], for_excel=True) == b"\xef\xbb\xbf" + text


MEMBER: dict[str, Any] = {
    "customer_id": "12347",
    "grade": "Gold",
    "state": "active",
    "recency_days": 3,
    "frequency": 7,
    "monetary": Decimal("4310.0000"),
    "last_purchase_date": date(2011, 12, 7),
    "as_of": "not for files",
}


def test_presets_have_their_columns() -> None:
    day, money = date(2011, 12, 7), Decimal("4310.0000")

    assert cells([MEMBER], "plain", TERMS) == [{name: MEMBER[name] for name in list(MEMBER)[:-1]}]
    assert cells([MEMBER], "kakao", TERMS) == [
        {"customer_id": "12347", "#{등급}": "골드", "#{구매횟수}": 7, "#{구매금액}": money, "#{최근구매일}": day}
    ]
    assert cells([MEMBER | {"grade": None}], "email", TERMS) == [
        {"customer_id": "12347", "GRADE": None, "ORDERS": 7, "SPENT": money, "LAST_ORDER": day}
    ]


def test_a_diff_says_who_entered_and_who_left() -> None:
    day = date(2011, 12, 9)

    assert diff(day, ["1", "10", "100"], ["100", "1000", "1"]) == Diff(day, 3, 3, ("1000",), ("10",))
