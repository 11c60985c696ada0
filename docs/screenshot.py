"""Takes the pictures of the README from a page that runs, or from a shop that runs while its stream does:

python docs/screenshot.py [--page URL] [--shop URL] [--out docs]
"""

import argparse
import os
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = Path("/usr/bin/chromium")
HEIGHT = 900
SHOP_HEIGHT = 1400


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--page", help="of a page with customers, such as http://127.0.0.1:7860/")
    parser.add_argument("--shop", help="of a shop with customers, such as http://127.0.0.1:7861/")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent, help="folder of the pictures")
    options = parser.parse_args()
    sandbox = [] if os.geteuid() else ["--no-sandbox"]  # root cannot have one
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=sandbox)
        if options.page:
            page(browser, options.page, options.out)
        if options.shop:
            shop(browser, options.shop, options.out)
        browser.close()


def page(browser: Browser, url: str, out: Path) -> None:
    korean = opened(browser, url, 1180, "ko-KR")
    ask(korean, "고객 12347 등급 알려줘")
    ask(korean, "VIP 고객들의 특징은?")
    korean.locator("article summary").last.click()
    korean.screenshot(path=out / "page-ko.png", full_page=True)
    phone = opened(browser, url, 390, "en-GB")
    ask(phone, "What grade is customer 12347?")
    phone.screenshot(path=out / "page-phone.png", full_page=True)


def shop(browser: Browser, url: str, out: Path) -> None:
    """Orders as the suggested customer of the lowest grade that is given by the mixture, until the order is seen."""
    tab = browser.new_page(viewport={"width": 1180, "height": SHOP_HEIGHT}, locale="ko-KR")
    tab.goto(url)
    tab.locator(".chips a", has_text="실버").click()
    for name in ("리젠시 3단 케이크 스탠드 담기", "아이보리 빵 보관함 담기"):
        tab.get_by_role("button", name=name).click()
        tab.locator("#said", has_text="장바구니").wait_for()
    tab.locator("#basket input[type=number]").last.fill("20")
    tab.locator("#basket input[type=number]").last.press("Enter")
    tab.locator("#said", has_text="21개").wait_for()
    tab.locator("#place").click()
    tab.locator("#said", has_text="바뀐 것").wait_for(timeout=120_000)
    tab.screenshot(path=out / "shop.png", full_page=True)


def opened(browser: Browser, url: str, width: int, locale: str) -> Page:
    page = browser.new_page(viewport={"width": width, "height": HEIGHT}, locale=locale)
    page.goto(url)
    page.locator("#now .source").wait_for()
    return page


def ask(page: Page, question: str) -> None:
    """Asks, and waits for the answer, which comes first."""
    field = page.locator("#question textarea, #question input")
    field.fill(question)
    field.press("Enter")
    page.locator("article h3").first.get_by_text(question, exact=True).wait_for()
    page.locator(":focus").evaluate("focused => focused.blur()")  # no cursor in a picture


if __name__ == "__main__":
    main()
