"""The shop in a real browser; its stream is a producer that writes the row which the real one would append."""

import threading
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from browser_fixture import Visit
from store_fixture import CustomerStore
from werkzeug.serving import make_server

from dangol.edges.lake import Lake
from dangol.edges.shop import Handler, Shop, shop_app
from dangol.edges.web import listener
from dangol.orders.simulation import Message, decode
from dangol.settings import load_settings

pytestmark = pytest.mark.browser


class Appending:
    """Adds up the amounts of customer 12347 and appends each new sum to the history."""

    def __init__(self, store: CustomerStore) -> None:
        self.refused = 0
        self.store = store
        self.batch = 0
        self.seen: dict[str, Any] = {}

    def send(self, messages: Sequence[Message]) -> None:
        events = [event for message in messages if isinstance(event := decode(message.value), dict)]
        self.seen |= {event["event_id"]: event for event in events}
        amounts = [
            Decimal(e["amount"]) * {"placed": 1, "returned": -1, "cancelled": 0}[e["type"]] for e in self.seen.values()
        ]
        orders = {event["order_id"] for event in self.seen.values()}
        self.batch += 1
        self.store.append(
            self.store.row(
                "12347",
                recency_days=0,
                frequency=7 + len(orders),
                monetary=Decimal(4310) + sum(amounts),
                monetary_gross=Decimal("4400.50") + sum(a for a in amounts if a > 0),
                grade="VIP",
                grade_rank=3,
                posterior=[0.02, 0.2, 0.78],
                p_max=0.78,
                cause=events[-1]["type"],
                enqueued_time=datetime.now(UTC),
                batch_id=self.batch,
            )
        )

    def close(self) -> None:
        pass


@pytest.fixture
def url(customer_store: CustomerStore) -> Iterator[str]:
    customer_store.append(
        customer_store.row("12347"),
        customer_store.row("12348", grade="VIP", grade_rank=3, posterior=[0.0, 0.1, 0.9], p_up=0.0),
        customer_store.row("12349", grade="Bronze", grade_rank=0, frequency=1, posterior=None, p_max=None, p_up=None),
    )
    given = {"store.path": customer_store.path, "shop.currency": "GBP", "shop.timezone": "Europe/London"}
    shop = Shop(
        Lake(customer_store.path, refresh_seconds=0.1), Appending(customer_store), load_settings(overrides=given)
    )
    bound = listener("127.0.0.1", 0)
    server = make_server("127.0.0.1", 0, shop_app(shop), threaded=True, request_handler=Handler, fd=bound.fileno())
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{bound.getsockname()[1]}"
    server.shutdown()
    thread.join(timeout=30)
    bound.close()


@pytest.mark.parametrize(
    ("locale", "width", "words"),
    [
        ("ko-KR", 1180, ("골드", "리젠시 3단 케이크 스탠드 담기", "주문하기", "등급 골드 → VIP", "반품", "바뀐 것")),
        (
            "en-GB",
            390,
            ("Gold", "Add Regency cakestand 3 tier", "Place the order", "Gold → VIP", "given back", "changed"),
        ),
    ],
)
def test_an_order_and_its_return_change_the_panel_without_a_reload(url, chromium, locale, width, words) -> None:
    grade, add, place, promoted, returned, changed = words
    visit = Visit(chromium, url, width, locale)
    tab = visit.tab
    tab.locator(".chips a", has_text="12347").click()
    tab.evaluate("window.stayed = true")
    assert tab.locator("#panel .grade").inner_text() == grade
    tab.get_by_role("button", name=add).click()
    tab.locator("#basket-22423").fill("2")
    tab.locator("#basket-22423").press("Enter")
    tab.locator("#basket .total", has_text="£25.50").wait_for()
    tab.get_by_role("button", name=place).click()
    tab.locator("#said", has_text=promoted).wait_for()
    assert "£4,335.50" in tab.locator("#panel .tiles").inner_text()
    assert "78.0%" in tab.locator("#panel .bars").inner_text()
    tab.locator("#orders article button").first.focus()
    tab.keyboard.press("Enter")
    tab.locator("#orders .tag", has_text=returned).wait_for()
    tab.locator("#panel .tiles", has_text="£4,322.75").wait_for()
    tab.locator("#said", has_text=changed).wait_for()
    assert tab.evaluate("document.activeElement.id").startswith("return-S"), "the focus stays where it was"
    assert tab.evaluate("window.stayed") is True
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    assert visit.wrong == []


def test_the_language_is_one_click_away_and_the_customer_stays(url, chromium) -> None:
    visit = Visit(chromium, f"{url}/ko?customer=12348", 390, "ko-KR")
    visit.tab.get_by_role("link", name="English").click()
    visit.tab.get_by_role("heading", name="My grade Customer 12348").wait_for()
    visit.tab.get_by_label("Customer id").fill("a newcomer")
    visit.tab.keyboard.press("Enter")
    visit.tab.get_by_text("Nothing is known of this customer yet.").wait_for()
    assert visit.wrong == []


def test_hostile_text_stays_text(url, chromium) -> None:
    visit = Visit(chromium, url, 1180, "en-GB")
    visit.tab.get_by_label("Customer id").fill('"><img src=x onerror=alert(1)>')
    visit.tab.keyboard.press("Enter")
    visit.tab.get_by_role("heading", name='My grade Customer "><img src=x onerror=alert(1)>').wait_for()
    assert visit.tab.locator("img").count() == 0
    assert visit.wrong == []
