import json
import re
import signal
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pandas as pd
import pytest
from flask.testing import FlaskClient
from store_fixture import CustomerStore

from dangol.edges import demo
from dangol.edges.lake import Lake
from dangol.edges.producers import BrokerProducer, FolderProducer
from dangol.edges.shop import Shop, open_shop, serve, shop_app
from dangol.edges.shop_texts import REFUSALS, TEXTS
from dangol.edges.shop_view import catalogue
from dangol.errors import SettingsError, SetupError, SourceError
from dangol.orders.simulation import Message
from dangol.settings import Settings, load_settings

DATA = Path(__file__).parents[2] / "data" / "online_retail_2010_2011.parquet"
HERE = {"Origin": "http://localhost"}
BRITISH = {"shop.currency": "GBP", "shop.timezone": "Europe/London", "clock.now": "2011-12-10T09:00:00"}
HEART, STAND = "85123A", "22423"


class Remembering:
    """A producer that keeps what it is given, or has no broker."""

    def __init__(self) -> None:
        self.refused = 0
        self.messages: list[Message] = []
        self.is_down = False
        self.is_closed = False

    def send(self, messages: Sequence[Message]) -> None:
        if self.is_down:
            raise SourceError("1 orders did not reach orders at 127.0.0.1:9 (no route)")
        self.messages += messages

    def close(self) -> None:
        self.is_closed = True

    @property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(message.value) for message in self.messages]


class Visit:
    """A browser in one language, as one customer."""

    def __init__(self, client: FlaskClient, language: str, customer: str | None) -> None:
        self.client = client
        self.language = language
        self.query = {"customer": customer} if customer else {}

    def post(self, path: str, **form: str) -> Any:
        return self.client.post(f"/{self.language}/{path}", query_string=self.query, data=form, headers=HERE)

    def told(self, path: str, **form: str) -> dict[str, str]:
        """The texts that a POST brings, without their markup, and the sentence `said` or `error`."""
        return texts(self.post(path, **form).json)

    def panel(self) -> str:
        return texts(self.client.get(f"/{self.language}/panel", query_string=self.query).json)["panel"]


def texts(answer: Any) -> dict[str, str]:
    parts = {name: words(html) for name, html in answer.get("fragments", {}).items()}
    return parts | {name: answer[name] for name in ("said", "error") if name in answer}


def words(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", html)).strip()


@pytest.fixture
def producer() -> Remembering:
    return Remembering()


@pytest.fixture
def visit(customer_store: CustomerStore, producer: Remembering):
    def make(customer: str | None = "12347", language: str = "en", **settings: Any) -> Visit:
        given = {"store.path": customer_store.path, **BRITISH, **settings}
        shop = Shop(Lake(customer_store.path, refresh_seconds=0), producer, load_settings(overrides=given))
        return Visit(shop_app(shop).test_client(), language, customer)

    return make


def test_an_order_goes_out_as_any_other(visit, producer: Remembering) -> None:
    ann = visit("ann")
    ann.post("basket", sku=HEART)
    ann.post("basket", sku=HEART)
    assert "£18.65" in ann.told("basket", sku=STAND)["basket"]
    told = ann.told("orders")

    (event,) = producer.events
    order_id = event["order_id"]
    assert re.fullmatch(r"S[0-9A-F]{10}", order_id)
    heart = {"sku": HEART, "name": "WHITE HANGING HEART T-LIGHT HOLDER", "quantity": 2, "unit_price": "2.95"}
    stand = {"sku": STAND, "name": "REGENCY CAKESTAND 3 TIER", "quantity": 1, "unit_price": "12.75"}
    assert event == {
        "event_id": order_id,
        "type": "placed",
        "order_id": order_id,
        "customer_id": "ann",
        "event_time": "2011-12-10T09:00:00Z",
        "amount": "18.65",
        "currency": "GBP",
        "version": 0,
        "items": [heart, stand],
    }
    assert producer.messages[0].key == "ann"
    assert told["said"] == f"Order {order_id} was sent."
    assert "The basket is empty" in told["basket"]
    assert "£18.65" in told["orders"]


def test_an_order_is_returned_corrected_sent_again_and_cancelled(visit, producer: Remembering) -> None:
    ann = visit("ann")
    ann.post("basket", sku=HEART, pieces="3")
    ann.post("orders")
    order = f"orders/{producer.events[0]['order_id']}"
    assert "1 given back" in ann.told(f"{order}/returned", sku=HEART)["orders"]
    assert "correction 1" in ann.told(f"{order}/corrected", **{HEART: "2"})["orders"]
    ann.post(f"{order}/returned")
    ann.post(f"{order}/again")
    ann.post(f"{order}/cancelled")
    said = [(event["type"], event["version"], event["amount"]) for event in producer.events]
    once = [("placed", 0, "8.85"), ("returned", 0, "2.95"), ("placed", 1, "5.90"), ("returned", 1, "2.95")]
    assert said == [*once, *once, ("cancelled", 1, "5.90")]
    assert [message.value for message in producer.messages[4:8]] == [m.value for m in producer.messages[:4]]
    refused = ann.post(f"{order}/cancelled")
    assert (refused.status_code, refused.json) == (400, {"error": "The order has been cancelled already."})


def test_a_late_order_is_dated_at_noon_of_its_day_in_the_shop(visit, producer: Remembering) -> None:
    ann = visit("ann", **{"shop.timezone": "Asia/Seoul", "clock.now": "2011-12-10T09:00:00"})
    for day in ("2011-06-01", "2011-12-10"):
        ann.post("basket", sku=HEART)
        ann.post("orders", date=day)
    assert [e["event_time"] for e in producer.events] == ["2011-06-01T03:00:00Z", "2011-12-10T00:00:00Z"]


def test_a_guest_orders_and_is_not_graded(visit, producer: Remembering) -> None:
    guest = visit(None, language="ko")
    guest.post("basket", sku=HEART)
    told = guest.told("orders")
    assert "customer_id" not in producer.events[0]
    assert producer.messages[0].key is None
    assert "비회원의 주문은 보관되지만 등급은 매기지 않습니다" in told["panel"]
    order_id = producer.events[0]["order_id"]
    assert order_id in told["orders"]
    guest.query = {"customer": "ann"}
    assert guest.post(f"orders/{order_id}/cancelled").json == {"error": REFUSALS["ko"]["order"]}


def test_where_a_currency_has_no_cents_prices_are_a_thousandfold(visit, producer: Remembering) -> None:
    won = visit("ann", language="ko", **{"shop.currency": "KRW"})
    assert "2,950원" in won.told("basket", sku=HEART)["basket"]
    won.post("orders")
    assert producer.events[0]["amount"] == "2950"
    assert producer.events[0]["currency"] == "KRW"


@pytest.mark.parametrize(
    ("language", "sent", "changed", "unchanged"),
    [
        (
            "en",
            "Sent. Waiting for the stream to process it.",
            r"Seen \d\.\d s after it was sent\. What changed: Grade Gold → VIP, Purchases 7 purchases → 8 purchases, "
            r"Spending after returns £4,310\.00 → £4,312\.95, Spending before returns £4,400\.50 → £4,403\.45",
            r"Seen \d\.\d s after it was sent\. Nothing has changed\.",
        ),
        (
            "ko",
            "보냈습니다. 스트림이 처리하기를 기다리고 있습니다.",
            r"보낸 지 \d\.\d초 만에 확인했습니다\. 바뀐 것: 등급 골드 → VIP, 구매 횟수 7회 → 8회, "
            r"구매 금액\(반품 제외\) £4,310\.00 → £4,312\.95, 구매 금액\(반품 전\) £4,400\.50 → £4,403\.45",
            r"보낸 지 \d\.\d초 만에 확인했습니다\. 바뀐 것이 없습니다\.",
        ),
    ],
)
def test_the_panel_follows_an_order(
    visit, producer: Remembering, customer_store: CustomerStore, language, sent, changed, unchanged
) -> None:
    customer_store.append(customer_store.row("12347"))
    ann = visit("12347", language)
    ann.post("basket", sku=HEART)
    assert sent in ann.told("orders")["panel"]
    # a tick of that customer, from before the order, is not yet the order's row
    customer_store.append(customer_store.row("12347", batch_id=1))
    assert sent in ann.panel()
    after = {
        "grade": "VIP",
        "grade_rank": 3,
        "posterior": [0.02, 0.2, 0.78],
        "frequency": 8,
        "monetary": Decimal("4312.9500"),
        "monetary_gross": Decimal("4403.4500"),
    }
    now = datetime.now(UTC)
    customer_store.append(customer_store.row("12347", **after, batch_id=2, enqueued_time=now))
    assert re.search(changed, ann.panel())
    order_id = producer.events[0]["order_id"]
    assert sent in ann.told(f"orders/{order_id}/again")["panel"]
    customer_store.append(customer_store.row("12347", **after, batch_id=3, enqueued_time=datetime.now(UTC)))
    assert re.search(unchanged, ann.panel())


def test_the_panel_shows_the_row_and_where_it_stands(visit, customer_store: CustomerStore) -> None:
    customer_store.append(customer_store.row("12347", batch_id=4, model_version="2", p_max=0.873))
    assert visit().panel() == (
        "My grade Customer 12347 Gold "
        "Days since the last purchase 3 days Purchases 7 purchases Spending after returns £4,310.00 "
        "Membership probability by grade VIP 7.7% Gold 87.3% Silver 5.0% "
        "Spending before returns £4,400.50 Activity active Cause order Model version 2 "
        "Position in the history generation 0 · batch 4 Table customer_history version 0 As of 10 December 2011, 00:00"
    )


@pytest.mark.parametrize(
    ("changes", "note"),
    [
        (
            {"grade": "Bronze", "grade_rank": 0, "posterior": None, "p_max": None, "frequency": 1},
            "집계 기간에 구매가 한 번뿐이어서 모델이 아닌 규칙으로 정한 등급입니다.",
        ),
        (
            {"grade": None, "grade_rank": None, "posterior": None, "p_max": None, "model_version": None},
            "등급 모델이 아직 적용되지 않았습니다.",
        ),
        ({"posterior": [0.1, 0.5, 0.4], "p_max": 0.5}, "경계 고객"),
    ],
)
def test_a_grade_that_needs_a_word_gets_one(visit, customer_store: CustomerStore, changes, note) -> None:
    customer_store.append(customer_store.row("12347", **changes))
    assert note in visit(language="ko").panel()


def test_before_there_is_a_row_the_panel_says_what_to_do(visit, customer_store: CustomerStore) -> None:
    assert "There are no customer tables yet" in visit("newcomer").panel()
    customer_store.append(customer_store.row("12347"))
    assert "Place the first order" in visit("newcomer").panel()
    assert "ingest.ignored_customers" in visit("till", **{"ingest.ignored_customers": ["till"]}).panel()


def test_customers_nearest_to_the_next_grade_are_suggested(visit, customer_store: CustomerStore) -> None:
    customer_store.append(
        customer_store.row("1", p_up=0.1),
        customer_store.row("2", p_up=0.4),
        customer_store.row("3", grade="VIP", grade_rank=3, p_up=0.0),
        customer_store.row("4", frequency=0, grade=None, grade_rank=None),
    )
    page = words(visit().client.get("/en").text)
    assert "2 Gold 3 VIP Guest" in page


@pytest.mark.parametrize(
    ("path", "form", "reason", "slots"),
    [
        ("basket", {"sku": "nothing"}, "product", {}),
        ("basket", {"sku": HEART, "pieces": "1000"}, "quantity", {"least": 0, "most": 999}),
        ("basket", {"sku": HEART, "pieces": "1.5"}, "quantity", {"least": 0, "most": 999}),
        ("orders", {}, "empty", {}),
        ("orders", {"date": "2011-12-11"}, "date", {}),
        ("orders", {"date": "1969-12-31"}, "date", {}),
        ("orders", {"date": "yesterday"}, "date", {}),
        ("orders/S1/cancelled", {}, "order", {}),
    ],
)
@pytest.mark.parametrize("language", ["ko", "en"])
def test_what_cannot_be_ordered_is_refused_with_a_sentence(
    visit, producer: Remembering, path, form, reason, slots, language
) -> None:
    answer = visit("ann", language).post(path, **form)
    assert (answer.status_code, answer.json) == (400, {"error": REFUSALS[language][reason].format(**slots)})
    assert producer.messages == []


def test_an_order_above_the_limit_is_refused_with_the_limit_in_money(visit) -> None:
    ann = visit("ann", **{"ingest.max_amount": 5})
    ann.post("basket", sku=HEART, pieces="2")
    assert ann.told("orders") == {
        "error": "The order is worth more than the limit of £5.00. Please order fewer pieces."
    }


@pytest.mark.parametrize("typed", ["x" * 129, "a\x00b"])
def test_a_wrong_customer_id_is_said_on_the_page(visit, typed: str) -> None:
    client = visit().client
    answer = client.get("/ko", query_string={"customer": typed})
    assert answer.status_code == 400
    assert "고객 번호는 1자에서 128자까지이며 제어 문자를 쓸 수 없습니다." in answer.text
    assert client.get("/ko/panel", query_string={"customer": typed}).status_code == 400


def test_hostile_text_stays_text(visit, producer: Remembering) -> None:
    hostile = '"><script>alert(1)</script>'
    mallory = visit(hostile)
    mallory.post("basket", sku=HEART)
    answer = mallory.post("orders")
    assert "<script>alert" not in mallory.client.get("/en", query_string=mallory.query).text
    assert all("<script" not in html for html in answer.json["fragments"].values())
    assert producer.events[0]["customer_id"] == hostile


def test_an_order_that_may_not_have_arrived_is_kept_to_be_sent_again(visit, producer: Remembering, capsys) -> None:
    ann = visit("ann")
    ann.post("basket", sku=HEART)
    producer.is_down = True
    answer = ann.post("orders")
    assert answer.status_code == 502
    assert answer.json["error"] == TEXTS["en"]["unsent"]
    assert "may not have arrived" in texts(answer.json)["orders"]
    assert "dangol: 1 orders did not reach" in capsys.readouterr().err
    producer.is_down = False
    (order_id,) = set(re.findall(r"orders/(S\w+)/again", answer.json["fragments"]["orders"]))
    told = ann.told(f"orders/{order_id}/returned")
    assert [event["type"] for event in producer.events] == ["placed", "returned"]
    assert "may not have arrived" not in told["orders"]


def test_every_response_carries_the_security_headers(visit) -> None:
    client = visit().client
    for path in ("/ko", "/en/panel", "/static/shop.js", "/favicon.ico", "/nowhere"):
        headers = client.get(path).headers
        assert "default-src 'none'; script-src 'self'; style-src 'self'" in headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Referrer-Policy"] == "no-referrer"
    cookie = visit().client.get("/ko").headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie


@pytest.mark.parametrize("origin", [None, "null", "http://evil.example", "http://localhost:7860", "https://localhost"])
def test_another_page_cannot_order(visit, producer: Remembering, origin: str | None) -> None:
    headers = {"Origin": origin} if origin else {}
    client = visit().client
    client.post("/ko/basket", data={"sku": HEART}, headers=HERE)
    answer = client.post("/ko/orders", headers=headers)
    assert (answer.status_code, answer.json) == (403, {"error": TEXTS["ko"]["elsewhere"]})
    assert producer.messages == []


def test_a_request_is_small_and_for_this_host(visit) -> None:
    client = visit().client
    answer = client.post("/en/basket", data={"sku": "x" * 20_000}, headers=HERE)
    assert (answer.status_code, answer.json) == (413, {"error": TEXTS["en"]["too_large"]})
    assert client.get("/en", headers={"Host": "evil.example"}).status_code == 400


@pytest.mark.parametrize(("wanted", "path"), [("ko-KR,ko;q=0.9", "/ko"), ("en-GB,ko;q=0.1", "/en"), ("fr", "/en")])
def test_the_language_is_the_browsers(visit, wanted: str, path: str) -> None:
    answer = visit().client.get("/", headers={"Accept-Language": wanted})
    assert (answer.status_code, answer.headers["Location"]) == (303, path)


def test_both_languages_say_the_same_things() -> None:
    assert TEXTS["ko"].keys() == TEXTS["en"].keys()
    assert REFUSALS["ko"].keys() == REFUSALS["en"].keys()


def test_the_catalogue_is_of_the_real_orders() -> None:
    lines = pd.read_parquet(DATA, columns=["StockCode", "Description", "UnitPrice"]).drop_duplicates()
    sold = set(zip(lines["StockCode"], lines["Description"].str.strip(), lines["UnitPrice"], strict=True))
    assert {(p.sku, p.name, float(p.unit_price)) for p in catalogue("GBP").values()} <= sold
    assert all(p.unit_price == p.unit_price.to_integral_value() for p in catalogue("KRW").values())


def settings(tmp_path: Path, **given: Any) -> Settings:
    return load_settings(overrides={"store.path": tmp_path / "store", **given})


def test_orders_go_where_the_stream_reads_from(tmp_path: Path) -> None:
    folder = tmp_path / "orders"
    shop = open_shop(settings(tmp_path, **{"source.kind": "files", "source.path": folder}), None, None)
    assert isinstance(shop.producer, FolderProducer)
    assert shop.producer.folder == folder
    elsewhere = open_shop(settings(tmp_path, **{"source.kind": "kafka"}), "files", tmp_path / "other")
    assert isinstance(elsewhere.producer, FolderProducer)
    assert elsewhere.producer.folder == tmp_path / "other"
    with pytest.raises(SettingsError, match="choose broker, files, eventhubs"):
        open_shop(settings(tmp_path), "stdout", None)
    with pytest.raises(SettingsError, match="--to files needs --path"):
        open_shop(settings(tmp_path), None, None)


def test_the_login_of_a_demo_is_found_and_not_made(tmp_path: Path) -> None:
    kafka = settings(tmp_path, **{"source.kind": "kafka"})
    with pytest.raises(SettingsError, match="DANGOL_SOURCE__CONNECTION_STRING"):
        open_shop(kafka, None, None)
    assert list(tmp_path.iterdir()) == []
    drawn = demo.connection_string(kafka)
    assert (tmp_path / "connection-string").stat().st_mode & 0o777 == 0o600
    shop = open_shop(kafka, None, None)
    assert isinstance(shop.producer, BrokerProducer)
    assert shop.settings.source.connection_string == drawn == demo.connection_string(kafka)
    shop.close()


def test_only_loopback_is_served_and_the_producer_closed(visit, producer: Remembering, customer_store) -> None:
    shop = Shop(Lake(customer_store.path), producer, load_settings())
    with pytest.raises(SetupError, match=re.escape("page.host is '0.0.0.0'")):
        serve(shop, host="0.0.0.0", port=0)  # noqa: S104 - refused
    assert producer.is_closed


def test_the_command_serves_until_ctrl_c(tmp_path: Path) -> None:
    options = ["--to", "files", "--path", str(tmp_path / "orders"), "--store", str(tmp_path / "store")]
    command = [sys.executable, "-m", "dangol.cli", "shop", *options, "--set", "page.shop_port=0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        answer = httpx.get(url, headers={"Accept-Language": "ko"}, follow_redirects=True)
        assert (answer.status_code, answer.headers["Server"]) == (200, "dangol")
        assert "아직 고객 표가 없습니다" in httpx.get(f"{url}ko/panel?customer=ann").json()["fragments"]["panel"]
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=60) == ("", "")
    assert process.returncode == 0
