"""Takes the picture of a shop that runs while its stream does (docs/screenshots.py takes those of the page):

python docs/shop_screenshot.py URL [--out docs]
"""

import argparse
import os
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

CHROMIUM = Path("/usr/bin/chromium")
HEIGHT = 1400


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url", help="of a shop with customers, such as http://127.0.0.1:7861/")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent, help="folder of the picture")
    options = parser.parse_args()
    sandbox = [] if os.geteuid() else ["--no-sandbox"]  # root cannot have one
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=sandbox)
        shop(browser, options.url, options.out)
        browser.close()


def shop(browser: Browser, url: str, out: Path) -> None:
    """Orders as the suggested customer of the lowest grade that is given by the mixture, until the order is seen."""
    tab = browser.new_page(viewport={"width": 1180, "height": HEIGHT}, locale="ko-KR")
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


if __name__ == "__main__":
    main()
