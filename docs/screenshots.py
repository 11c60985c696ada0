"""Takes pictures of every tab of the page, on a copy of a store of customers, in both languages and two widths:

python docs/screenshots.py --store PATH [--out docs/images] [--all]
"""

import argparse
import os
import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from dangol.edges.asking import asker
from dangol.edges.audiences import Audiences
from dangol.edges.audit import Audit
from dangol.edges.web import listener, server, sign_in, site
from dangol.settings import load_settings, typed

CHROMIUM = Path("/usr/bin/chromium")
HEIGHT = 900
WIDTHS = {"wide": 1180, "phone": 390}
TABS = ("today", "ask", "map", "customer", "audience", "compare", "health")
KEPT = {"ko-wide-today", "ko-wide-ask", "en-wide-map", "en-wide-customer", "ko-phone-today", "en-phone-audience"}
"""The pictures that the documents show; all others are to be looked at."""
QUESTIONS = {
    "ko": ("9월부터 11월까지 월별 매출 추이", "지난주 골드에서 떨어진 고객 수와 이유"),
    "en": ("Monthly sales from September to November", "Who dropped out of Gold last week?"),
}
CUSTOMER = "12347"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--store", type=Path, required=True, help="a store with customers; a copy of it is served")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "images", help="folder of the pictures")
    parser.add_argument("--all", action="store_true", help="every tab, not only what the documents show")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a setting of the store")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    with serving(options.store, dict(one.split("=", 1) for one in options.set)) as url:
        take(url, options.out, whole=options.all)


@contextmanager
def serving(store: Path, given: dict[str, str]) -> Iterator[str]:
    """The page's address, on a copy of the store's home, while the context is open."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        home = Path(folder) / "home"
        shutil.copytree(store.absolute().parent, home)
        overrides = {name: typed(value) for name, value in given.items()}
        settings = load_settings(overrides={"store.path": home / store.name, **overrides})
        asking, audit = asker(settings), Audit(settings.store.home)
        bound = listener("127.0.0.1", 0)
        running = server(site(asking, settings, sign_in(settings, audit), audit, Audiences(asking, settings)))
        thread = threading.Thread(target=running.run, kwargs={"sockets": [bound]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{bound.getsockname()[1]}"
        finally:
            running.should_exit = True
            thread.join()


def take(url: str, out: Path, *, whole: bool) -> None:
    sandbox = [] if os.geteuid() else ["--no-sandbox"]  # root cannot have one
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=sandbox)
        for language in ("ko", "en"):
            for size, width in WIDTHS.items():
                wanted = [tab for tab in TABS if whole or f"{language}-{size}-{tab}" in KEPT]
                if not wanted:
                    continue
                page = browser.new_page(viewport={"width": width, "height": HEIGHT}, locale=f"{language}-GB")
                page.set_default_timeout(120_000)
                page.goto(f"{url}/{language}/")
                page.locator("#now .source").first.wait_for()
                for tab in wanted:
                    show(page, tab, language)
                    page.screenshot(path=out / f"{language}-{size}-{tab}.png", full_page=True)
                page.close()
        browser.close()


def show(page: Page, tab: str, language: str) -> None:
    """Opens a tab, fills it, and waits until it is full."""
    page.locator(f"#tab-{tab}-button").click()
    if tab == "ask":
        for question in QUESTIONS[language]:
            page.locator("#question :is(textarea, input)").fill(question)
            page.keyboard.press("Enter")
            page.locator("#answers article h3").first.get_by_text(question, exact=True).wait_for()
    elif tab == "customer":
        page.locator("#customer-id :is(textarea, input)").fill(CUSTOMER)
        page.keyboard.press("Enter")
        page.locator("#customer article").last.wait_for()
    elif tab == "compare":
        page.locator("#by-grade").click()
        page.locator("#compared article").wait_for()
    elif tab == "audience":
        size = page.locator("#audience-size .tiles strong").first
        everybody = size.inner_text()
        page.locator("#grades input").first.check()
        page.locator("#audience-size .tiles strong").first.filter(has_not_text=everybody).wait_for()
    elif tab != "today":
        page.locator(f"#{tab} .card").first.wait_for()
    page.evaluate("document.activeElement.blur()")  # no cursor in a picture
    page.mouse.move(0, 0)


if __name__ == "__main__":
    main()
