"""Takes the pictures of the README from a page that runs: python docs/screenshot.py URL [--out docs]"""

import argparse
import os
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = Path("/usr/bin/chromium")
HEIGHT = 900


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url", help="of a page with customers, such as http://127.0.0.1:7860/")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent, help="folder of the pictures")
    options = parser.parse_args()
    sandbox = [] if os.geteuid() else ["--no-sandbox"]  # root cannot have one
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=sandbox)
        korean = opened(browser, options.url, 1180, "ko-KR")
        ask(korean, "고객 12347 등급 알려줘")
        ask(korean, "VIP 고객들의 특징은?")
        korean.locator("article summary").last.click()
        korean.screenshot(path=options.out / "page-ko.png", full_page=True)
        phone = opened(browser, options.url, 390, "en-GB")
        ask(phone, "What grade is customer 12347?")
        phone.screenshot(path=options.out / "page-phone.png", full_page=True)
        browser.close()


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
