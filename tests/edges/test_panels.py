"""What the page shows, without a browser: figures, small groups, warnings, and text that stays text."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pyarrow as pa
import pytest
from deltalake import write_deltalake
from sources_fixture import CHANGE
from store_fixture import CustomerStore

from dangol.answers.intents import Bounds, Period, Request, Scope
from dangol.edges.asking import asker
from dangol.edges.customer_view import customer_card_html, posterior_html
from dangol.edges.explore_tabs import period_of
from dangol.edges.map_view import map_html, short
from dangol.edges.page_texts import TEXTS
from dangol.edges.panels import Point, View, act_html, answer_html, chips, columns_html, customer_html
from dangol.edges.today_view import today_html
from dangol.settings import load_settings

SOON = timedelta(minutes=1)


def view_of(store: CustomerStore, language="en", role="admin") -> View:
    given = {"store.path": store.path, "shop.currency": "GBP", "shop.timezone": "Europe/London"}
    settings = load_settings(overrides=given | {"clock.now": "2011-12-10T12:00:00+00:00"})
    return View(asker(settings).answerer, language, role)


@pytest.fixture
def store(customer_store: CustomerStore) -> CustomerStore:
    """Twelve Gold customers, 0 to 11, and a VIP, 20, on a boundary."""
    customer_store.append(*(customer_store.row(str(n)) for n in range(12)))
    customer_store.append(
        customer_store.row(
            "20", grade="VIP", grade_rank=3, posterior=[0.0, 0.45, 0.55], p_max=0.55, monetary=Decimal("999.995")
        )
    )
    return customer_store


def change(customer_id: str, old: str | None, new: str, as_of: datetime, batch_id: int) -> dict[str, object]:
    row = dict.fromkeys(CHANGE.names) | {"customer_id": customer_id, "old_grade": old, "new_grade": new}
    direction = "up" if old else "in"
    return row | {
        "change_id": f"{batch_id}-{customer_id}",
        "direction": direction,
        "cause": "order",
        "as_of": as_of,
        "new_monetary": Decimal(10),
        "generation": 0,
        "batch_id": batch_id,
    }


def test_today_shows_customers_money_and_moves_that_settled(store: CustomerStore) -> None:
    long_ago, today = datetime(2011, 11, 1, tzinfo=UTC), datetime(2011, 12, 10, 9, tzinfo=UTC)
    rows = [change("20", None, "Gold", long_ago, 0), change("20", "Gold", "VIP", today, 1)]
    write_deltalake(store.path / "changes", pa.Table.from_pylist(rows, CHANGE))
    shown = today_html(view_of(store), datetime.now(UTC))
    for text in ("£52,720.00", "<strong>12</strong>", "92.3%", '"Since yesterday">+1<', '"Since yesterday">−1<'):
        assert text in shown
    assert "Gold → <strong>VIP</strong> <span>a new order</span>" in shown
    assert "customer_history Version 1 · changes Version 0" in shown


def test_a_viewer_is_shown_no_group_below_ten_and_no_customer(store: CustomerStore) -> None:
    rows = [change("20", "Gold", "VIP", datetime(2011, 12, 10, 9, tzinfo=UTC), 1)]
    write_deltalake(store.path / "changes", pa.Table.from_pylist(rows, CHANGE))
    viewer = view_of(store, role="viewer")
    shown = today_html(viewer, datetime.now(UTC))
    assert "<strong>12</strong>" in shown
    assert shown.count("<strong>fewer than 10</strong>") == 2  # VIP, and who went up
    assert "£1,000.00" not in shown
    assert "customer/20" not in shown
    assert customer_card_html(viewer, "20") == f'<p class="note" role="status">{TEXTS["en"]["no_rights"]}</p>'
    assert "<circle" not in map_html(viewer, "recency", "monetary", None)


def test_the_stamp_becomes_a_warning_when_nothing_was_written_for_long(store: CustomerStore) -> None:
    view = view_of(store, "ko")
    assert 'class="stamp"' in today_html(view, datetime.now(UTC) + SOON)
    assert 'class="stamp old"' in today_html(view, datetime.now(UTC) + timedelta(minutes=16))
    assert "스트림이 멈췄습니다" in today_html(view, datetime.now(UTC) + timedelta(minutes=16))


def test_without_tables_the_page_waits(customer_store: CustomerStore) -> None:
    assert TEXTS["en"]["waiting"] in today_html(view_of(customer_store), datetime.now(UTC))


def test_a_dot_tells_who_it_is_and_how_sure_its_grade_is(store: CustomerStore) -> None:
    shown = map_html(view_of(store), "frequency", "monetary", None)
    assert "<title>20 · VIP · 55.0% · Boundary customer</title>" in shown
    assert 'href="#customer/20"' in shown
    assert shown.count("<circle") == 13
    assert [short(number) for number in (30, 3000, 1_000_000)] == ["30", "3k", "1M"]


def test_a_probability_below_one_is_never_shown_as_certain(store: CustomerStore) -> None:
    row = {"grade": "VIP", "posterior": [0.0, 0.0001, 0.9999], "p_max": 0.9999}
    assert "99.9%" in posterior_html(view_of(store), row)


def test_what_people_type_is_shown_as_text(store: CustomerStore) -> None:
    view = view_of(store)
    asked = 'grade of "<img src=x onerror=alert(1)>"\n\n![x](http://evil.example/)'
    shown = answer_html(view, view.answerer.answer(asked), "a1")
    assert "<img" not in shown
    assert "&lt;img src=x onerror=alert(1)&gt;" in shown
    assert "\n\n" not in shown  # or Markdown would read on from there


def test_an_id_cannot_leave_its_button(store: CustomerStore) -> None:
    assert act_html("x", 'a"\n\n<img>') == (
        '<button type="button" class="act " value="a&quot;&#10;&#10;&lt;img&gt;">x</button>'
    )
    assert 'value="customer/&lt;b&gt;"' in customer_html(view_of(store), "<b>")


def test_chips_leave_out_one_part_of_a_request_each(store: CustomerStore) -> None:
    terms = view_of(store).terms
    november = Period(date(2011, 11, 1), date(2011, 11, 30))
    request = Request(
        "en", "count", Scope((), ("Gold", "VIP"), november), states=("active",), frequency=Bounds(Decimal(3))
    )
    found = chips(request, terms)
    assert [chip.label for chip in found] == [
        "Gold",
        "VIP",
        "active",
        "at least 3 purchases",
        "1 November 2011 to 30 November 2011",
    ]
    assert found[0].without == replace(request, scope=Scope((), ("VIP",), november))
    assert found[2].without == replace(request, states=())
    assert found[3].without == replace(request, frequency=Bounds())
    assert found[4].without == replace(request, scope=Scope((), ("Gold", "VIP")))


def test_what_an_answer_cannot_do_without_has_no_button(store: CustomerStore) -> None:
    terms = view_of(store).terms
    assert chips(Request("en", "why", Scope(("12347",))), terms)[0].without is None
    assert chips(Request("en", "segment_profile", Scope((), ("VIP",))), terms)[0].without is None


def test_columns_are_as_high_as_their_values_and_hidden_ones_are_not_shown() -> None:
    shown = columns_html("Orders", [Point("Mon", 5.0, "5"), Point("Tue", 20.0, "20"), Point("Wed", None, "few")])
    assert [f"height:{percent}%" in shown for percent in ("25.0", "100.0", "0.0")] == [True, True, True]
    assert 'title="Orders: Mon 5 … Wed few; Tue 20"' in shown
    assert columns_html("Orders", []) == ""


def test_compared_periods_are_whole_weeks_and_months_up_to_today() -> None:
    today = date(2011, 12, 10)
    assert period_of("this_week", today) == Period(date(2011, 12, 5), today)
    assert period_of("last_week", today) == Period(date(2011, 11, 28), date(2011, 12, 4))
    assert period_of("last_month", today) == Period(date(2011, 11, 1), date(2011, 11, 30))
    assert period_of("month_before", date(2012, 1, 31)) == Period(date(2011, 11, 1), date(2011, 11, 30))


def test_both_languages_have_the_same_texts() -> None:
    assert TEXTS["ko"].keys() == TEXTS["en"].keys()
    assert all(korean and english for korean, english in zip(TEXTS["ko"].values(), TEXTS["en"].values(), strict=True))
