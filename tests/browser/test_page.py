import threading
from collections.abc import Iterator
from urllib.error import HTTPError
from urllib.request import Request, urlopen
from zoneinfo import ZoneInfo

import pytest
from browser_fixture import Visit

from dangol.answers.answering import Answerer
from dangol.edges.lake import Lake
from dangol.edges.web import listener, server, site

pytestmark = pytest.mark.browser

NAMES = {"en": ["Bronze", "Silver", "Gold", "VIP"], "ko": ["브론즈", "실버", "골드", "VIP"]}


@pytest.fixture
def url(customer_store) -> Iterator[str]:
    """The page on a small store: 12347 is Gold, 12348 VIP, 12349 graded by rule."""
    customer_store.append(
        customer_store.row("12347"),
        customer_store.row("12348", grade="VIP", grade_rank=3, posterior=[0.0, 0.1, 0.9]),
        customer_store.row("12349", grade="Bronze", grade_rank=0, frequency=1, posterior=None, p_max=None, state="new"),
    )
    answerer = Answerer(Lake(customer_store.path), NAMES, "GBP", ZoneInfo("Europe/London"), 0.6)
    bound = listener("127.0.0.1", 0)
    running = server(site(answerer))
    thread = threading.Thread(target=running.run, kwargs={"sockets": [bound]})
    thread.start()
    yield f"http://127.0.0.1:{bound.getsockname()[1]}"
    running.should_exit = True
    thread.join(timeout=30)


class Asking(Visit):
    """A visit to the page of answers."""

    def ask(self, question: str):
        """Types a question; the newest answer is the first article."""
        said = self.tab.locator("article")
        before = said.count()
        self.tab.locator("#question textarea, #question input").fill(question)
        self.tab.keyboard.press("Enter")
        said.nth(before).wait_for()
        return said.first


@pytest.mark.parametrize(
    "case",
    [
        ("ko-KR", 1180, "고객 12347 등급 알려줘", "고객 12347은 현재 골드 등급입니다", "소속 확률"),
        ("ko-KR", 390, "VIP 고객들의 특징은?", "VIP 등급 고객은 1명이고", "구매 금액, 합계"),
        ("en-GB", 1180, "What grade is customer 12348?", "is currently graded VIP", "Membership probability"),
        ("en-GB", 390, "What are Bronze customers like?", "The grade Bronze has 1 customer,", "Spending, total"),
    ],
)
def test_a_question_is_answered_with_its_proof(url, chromium, case) -> None:
    locale, width, question, told, proof = case
    visit = Asking(chromium, url, width, locale)
    answer = visit.ask(question)
    assert told in answer.inner_text()
    answer.locator("summary").click()
    table = answer.locator("table").inner_text()
    assert proof in table
    assert "customer_history" in table
    assert visit.tab.evaluate("document.documentElement.scrollWidth") <= width
    assert visit.wrong == []


def test_an_example_is_one_click_away_and_the_language_one_more(url, chromium) -> None:
    visit = Asking(chromium, url, 1180, "ko-KR")
    visit.tab.locator("#examples button").first.click()
    assert "12347" in visit.tab.locator("article").first.inner_text()
    visit.tab.get_by_role("link", name="English").click()
    visit.tab.get_by_text("What are VIP customers like?").wait_for()
    assert visit.wrong == []


def test_a_new_order_changes_the_page_without_a_reload(url, chromium, customer_store) -> None:
    visit = Asking(chromium, url, 1180, "en-GB")
    visit.tab.locator("#now").get_by_text("Version 0").wait_for()
    customer_store.append(customer_store.row("12350", grade="VIP", grade_rank=3, batch_id=1))
    visit.tab.locator("#now").get_by_text("Version 1").wait_for()
    assert "VIP" in visit.ask("What grade is customer 12350?").inner_text()
    assert visit.wrong == []


def test_hostile_text_stays_text(url, chromium) -> None:
    visit = Asking(chromium, url, 1180, "en-GB")
    answer = visit.ask(
        "<img src=x onerror=alert(1)> ![x](http://evil.example/x.png) ${alert(1)} {{7*7}} grade of 12347"
    )
    assert "<img src=x onerror=alert(1)> ![x](http://evil.example/x.png)" in answer.inner_text()
    assert answer.locator("img").count() == 0
    assert visit.wrong == []


def test_the_server_answers_health_and_only_its_own_name(url) -> None:
    with urlopen(f"{url}/healthz") as answer:  # noqa: S310
        assert answer.read() == b'{"status":"ok","table":"customer_history","version":0}'
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    with pytest.raises(HTTPError, match="400"):
        urlopen(Request(f"{url}/healthz", headers={"Host": "evil.example"}))  # noqa: S310
    for hidden in ("ko/gradio_api/mcp/", "openapi.json", "docs"):
        with pytest.raises(HTTPError, match="404"):
            urlopen(f"{url}/{hidden}")  # noqa: S310
