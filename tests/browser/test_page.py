"""The page in a real browser, on real customers: one server and one browser for all tests here."""

import re
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from answers_fixture import NOW, RealStore
from browser_fixture import Visit, launched
from deltalake import DeltaTable, write_deltalake
from model_server import ModelServer
from store_fixture import SCHEMA

from dangol.edges import doors
from dangol.edges.asking import asker
from dangol.edges.audiences import Audiences
from dangol.edges.audit import Audit
from dangol.edges.web import listener, server, sign_in, site
from dangol.settings import Settings, load_settings

pytestmark = pytest.mark.browser

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text("utf-8")
SERIOUS = """async () => (await axe.run(document, {resultTypes: ["violations"], preload: false})).violations
    .filter(found => ["serious", "critical"].includes(found.impact))
    .map(found => found.id + ": " + found.nodes.map(node => node.html).slice(0, 3).join(" "))"""


@dataclass(frozen=True)
class Shop:
    """A page that runs on its own copy of the real customers."""

    settings: Settings
    url: str

    def table(self, name: str) -> list[dict[str, Any]]:
        return pa.table(DeltaTable(self.settings.store.path / name).scan()).to_pylist()

    def order(self, customer_id: str, batch_id: int, monetary: int) -> None:
        """One commit of the history, as the stream would make it for a new customer's second order."""
        now = datetime.now(UTC)
        row = {
            **dict.fromkeys(SCHEMA.names),
            "customer_id": customer_id,
            "recency_days": 0,
            "frequency": 2,
            "monetary": Decimal(monetary),
            "monetary_gross": Decimal(monetary),
            "last_purchase_date": NOW.date(),
            "grade": "Gold",
            "grade_rank": 2,
            "posterior": [0.1, 0.8, 0.1],
            "p_max": 0.8,
            "margin": 0.7,
            "p_up": 0.1,
            "p_down": 0.1,
            "state": "active",
            "model_version": "1",
            "cause": "placed",
            "as_of": NOW,
            "enqueued_time": now,
            "generation": 1,
            "batch_id": batch_id,
        }
        path = self.settings.store.path / "customer_history"
        write_deltalake(path, pa.Table.from_pylist([row], SCHEMA), mode="append")


@pytest.fixture(scope="module")
def shop(real_store: RealStore, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with opened(real_store, tmp_path_factory.mktemp("page") / "home") as shop:
        yield shop


@contextmanager
def opened(real_store: RealStore, home: Path, **more: Any) -> Iterator[Shop]:
    shutil.copytree(real_store.settings.store.home, home)
    given = real_store.settings.remembered() | {"message.sender": "단골상점 02-123-4567"}
    given |= {"message.opt_out": "무료수신거부 080-123-4567", "page.questions_per_minute": 10_000} | more
    settings = load_settings(overrides=given | {"store.path": home / real_store.settings.store.path.name})
    asking, audit = asker(settings), Audit(home)
    bound = listener("127.0.0.1", 0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(doors, "REQUESTS_PER_MINUTE", 100_000)  # every visit of a test has an empty cache
        app = site(asking, settings, sign_in(settings, audit), audit, Audiences(asking, settings))
    running = server(app)
    thread = threading.Thread(target=running.run, kwargs={"sockets": [bound]})
    thread.start()
    yield Shop(settings, f"http://127.0.0.1:{bound.getsockname()[1]}")
    running.should_exit = True
    thread.join(timeout=30)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with launched() as browser:
        yield browser


class Page(Visit):
    """A visit to the page."""

    def open(self, tab: str) -> None:
        self.tab.locator(f"#tab-{tab}-button").click()

    def fill(self, field: str, text: str) -> None:
        self.tab.locator(f"#{field} :is(textarea, input)").fill(text)
        self.tab.keyboard.press("Enter")

    def ask(self, question: str) -> Any:
        """Asks; the newest answer is the first article."""
        said = self.tab.locator("#answers article")
        before = said.count()
        self.fill("question", question)
        said.nth(before).wait_for()
        return said.first

    def see(self, where: str, text: str) -> None:
        self.tab.locator(where).get_by_text(text).first.wait_for()


@pytest.fixture
def visit(shop: Shop, browser: Any) -> Iterator[Callable[..., Page]]:
    """Opens pages; none may complain, ask another host, or be wider than its window."""
    opened: list[tuple[Page, int]] = []

    def visiting(language: str = "en", width: int = 1180) -> Page:
        page = Page(browser, f"{shop.url}/{language}/", width, {"ko": "ko-KR", "en": "en-GB"}[language])
        opened.append((page, width))
        page.tab.set_default_timeout(60_000)  # the machine of the tests may be busy
        page.tab.locator("#now .source").first.wait_for()
        return page

    yield visiting
    for page, width in opened:
        assert page.wrong == []
        assert page.tab.evaluate("document.documentElement.scrollWidth") <= width
        page.tab.close()


SHOWN = {
    "ko": {
        "today": "지난 7일의 등급 이동",
        "map": "고객 표본 1,000명",
        "audience": "보낼 수 있음",
        "health": "등급 모델",
    },
    "en": {
        "today": "Moves in the last 7 days",
        "map": "1,000 sampled customers",
        "audience": "May be written to",
        "health": "Grade model",
    },
}


@pytest.mark.parametrize("width", [1180, 390])
@pytest.mark.parametrize("language", ["ko", "en"])
def test_each_tab_opens_fits_and_is_accessible(visit, language, width) -> None:
    page = visit(language, width)
    page.tab.evaluate(AXE)
    for name in ("today", "ask", "map", "customer", "audience", "compare", "health"):
        page.open(name)
        if name in SHOWN[language]:
            page.see("[role=tabpanel]:visible", SHOWN[language][name])
        assert page.tab.evaluate("document.documentElement.scrollWidth") <= width, name
        assert page.tab.evaluate(SERIOUS) == [], name


def test_the_numbers_of_today_are_those_of_the_tables(visit, real_store) -> None:
    grades = visit().tab.locator("#now table.grades tbody tr")
    customers = [int(row.locator("strong").inner_text().replace(",", "")) for row in grades.all()]
    assert sum(customers) == (real_store.customers["frequency"] > 0).sum()


def test_a_live_order_changes_today_without_a_reload(visit, shop) -> None:
    page = visit()
    page.tab.evaluate("window.stayed = true")
    customers = page.tab.locator("#now .tiles strong").first
    before = int(customers.inner_text().replace(",", ""))
    shop.order("a newcomer", 900, 500)
    customers.get_by_text(f"{before + 1:,}", exact=True).wait_for()
    page.see("#now .stamp", "Last update:")
    page.see("#orders", "Customers who ordered, by hour")
    assert page.tab.evaluate("window.stayed") is True


def test_the_clock_of_today_stands_still_while_another_tab_is_open(visit, shop) -> None:
    page = visit()
    page.open("ask")
    page.ask("help")
    asked: list[str] = []
    page.tab.on("request", lambda request: asked.append(request.url))
    page.tab.wait_for_timeout(5000)  # two ticks and a half
    assert asked == []


def test_a_task_is_made_an_audience_and_a_draft_and_is_dismissed(visit, shop) -> None:
    page = visit("ko")
    task = page.tab.locator("#todo-0")
    title, size = task.locator("h3").inner_text(), task.locator(".sizes strong").inner_text()
    page.tab.locator("#todo-0-message").click()
    page.see("#todo-0-more", "(광고)")
    page.tab.locator("#todo-0-audience").click()
    page.see("#audience-size", size)
    page.open("today")
    page.tab.locator("#todo-0-dismiss").click()
    page.tab.locator("#todos").get_by_text(title, exact=True).wait_for(state="detached")
    assert page.tab.locator("#todos h3").count() == 4
    assert {row["verdict"] for row in shop.table("decisions")} == {"dismiss"}


def test_a_question_is_answered_with_its_proof_and_its_scope_can_be_changed(visit) -> None:
    page = visit()
    page.open("ask")
    answer = page.ask("How many Gold customers are there who are active?")
    assert "graded Gold" in answer.inner_text()
    answer.locator("summary").click()
    assert "population" in answer.locator("details").inner_text()
    answer.get_by_title("Remove Gold").click()
    page.tab.locator("#answers article").nth(1).wait_for()
    wider = page.tab.locator("#answers article").first.locator(".said").inner_text()
    assert "Gold" not in wider
    assert "active" in wider


def test_a_follow_up_keeps_the_customer_and_an_answer_can_be_judged(visit, shop) -> None:
    page = visit("ko", 390)
    page.open("ask")
    page.ask("고객 12347 등급 알려줘")
    answer = page.ask("왜 그 등급이야?")
    assert "12347" in answer.locator(".said").inner_text()
    answer.get_by_role("button", name="도움이 안 됨").click()
    page.tab.get_by_label("물은 것과 달라요").check()
    page.tab.locator("#give").click()
    page.see("#thanks", "의견을 남겼습니다")
    assert [(row["verdict"], row["reason"]) for row in shop.table("feedback")] == [("down", "not_asked")]


def test_what_a_model_writes_is_seen_sentence_by_sentence(real_store, browser, tmp_path) -> None:
    with ModelServer() as model:
        model.will(("fail", "pause", "The grade is {f1}. And the rest of it comes a good deal later than that."))
        asks = {"model.base_url": model.base_url, "model.name": "test", "model.timeout_seconds": 60}
        with opened(real_store, tmp_path / "home", **asks) as shop:
            page = Page(browser, f"{shop.url}/en/", 1180, "en-GB")
            page.tab.set_default_timeout(60_000)
            page.open("ask")
            page.fill("question", "What grade is customer 12347?")
            page.see("#telling", "The grade is Gold.")
            assert page.tab.locator("#answers article").count() == 0
            model.go_on.set()
            page.see("#answers", "comes a good deal later")
            page.tab.locator("#telling .said").wait_for(state="detached")
            assert page.wrong == []
            page.tab.close()


def test_a_trend_has_a_chart(visit) -> None:
    page = visit()
    page.open("ask")
    answer = page.ask("Monthly sales from September to November")
    assert answer.locator(".columns > span").count() == 3
    assert answer.get_by_role("img").get_attribute("title").startswith("Spending after returns: 2011-09-01")


def test_a_dot_of_the_map_leads_to_its_customer(visit) -> None:
    page = visit("en", 390)
    page.open("map")
    dot = page.tab.locator("#map circle.ring").first
    customer_id, grade, *_ = dot.locator("title").text_content().split(" · ")
    dot.dispatch_event("click")
    page.see("#customer h2", f"Customer {customer_id}")
    assert grade in page.tab.locator("#customer .tiles").first.inner_text()
    assert page.tab.locator("#customer article").count() == 2


def test_a_customer_is_shown_with_a_lawful_draft(visit) -> None:
    page = visit("ko")
    page.open("customer")
    page.fill("customer-id", "12347")
    page.see("#customer", "등급에 속할 확률")
    page.see("#customer", "왜 이 등급인가")
    page.tab.locator("#customer-draft").click()
    page.see("#customer-message", "(광고)")
    page.fill("customer-id", "nobody")
    page.see("#customer", "고객 nobody를 찾지 못했습니다")
    assert page.tab.locator("#customer-draft").count() == 0


def test_an_audience_is_measured_saved_and_taken_away(visit, shop) -> None:
    page = visit()
    page.open("audience")
    size = page.tab.locator("#audience-size .tiles strong").first
    everybody = int(size.inner_text().replace(",", ""))
    page.tab.get_by_label("VIP").check()
    size.filter(has_not_text=f"{everybody:,}").wait_for()
    assert 0 < int(size.inner_text().replace(",", "")) < everybody
    page.tab.locator("#audience-export").click()
    page.see("#audience-told", "it is not known who agreed")
    reachable = page.tab.locator("#audience-size .tiles strong").nth(2)
    page.tab.get_by_label("Only who consented").uncheck()
    reachable.filter(has_not_text=re.compile("^0$")).wait_for()
    page.tab.locator("#audience-name input").fill("Our VIPs")
    page.tab.locator("#audience-save").click()
    page.see("#audience-saved", "Our VIPs")
    page.tab.locator("#audience-export").click()
    link = page.tab.get_by_role("link", name="Download the file")
    taken = page.tab.request.get(shop.url + link.get_attribute("href"))
    assert "our-vips-2011-12-10-plain.csv" in taken.headers["content-disposition"]
    assert taken.text().splitlines()[0].startswith('"customer_id","grade"')
    assert len(taken.text().splitlines()) == 1 + int(reachable.inner_text())


def test_grades_and_periods_are_compared(visit) -> None:
    page = visit()
    page.open("compare")
    page.tab.locator("#by-grade").click()
    page.see("#compared h3", "VIP · Gold")
    assert page.tab.locator("#compared .bar").count() == 6
    page.tab.locator("#by-period").click()
    page.see("#compared h3", "This month · Last month")


def test_the_keyboard_alone_is_enough(visit) -> None:
    page = visit()
    page.tab.locator("#tab-ask-button").focus()
    page.tab.keyboard.press("Enter")
    example = page.tab.locator("#examples button").nth(1)
    example.wait_for()
    example.focus()
    page.tab.keyboard.press("Enter")
    answer = page.tab.locator("#answers article").first
    answer.locator("summary").focus()
    page.tab.keyboard.press("Enter")
    assert answer.locator("table").first.is_visible()


def test_the_language_is_one_click_away(visit) -> None:
    page = visit("ko")
    page.tab.get_by_role("link", name="English").click()
    page.see("#now", "Customers by grade")


def test_hostile_text_stays_text(visit) -> None:
    page = visit()
    page.open("ask")
    answer = page.ask("<img src=x onerror=alert(1)> ![x](http://evil.example/x.png) {{7*7}} grade of 12347")
    assert "<img src=x onerror=alert(1)> ![x](http://evil.example/x.png)" in answer.inner_text()
    page.open("customer")
    page.fill("customer-id", '"><img src=x onerror=alert(1)>')
    page.see("#customer", "There is no customer")
    assert page.tab.locator("img").count() == 0
