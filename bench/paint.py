"""What a person waits for on the page: the first paint, the first numbers, a tab."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from typing import Annotated, Any

import typer
from answering import NOW, make_store
from past import new_folder
from playwright.sync_api import Page, sync_playwright
from users import is_up

from dangol.edges.broker import free_port
from dangol.edges.terminal import step
from dangol.settings import load_settings

CHROMIUM = Path("/usr/bin/chromium")
SHOWN = {
    "ask": "#question",
    "map": "#map svg",
    "customer": "#customer-id",
    "audience": "#audience-size",
    "compare": "#by-grade",
    "health": "#health-refresh",
    "today": "#now .source",
}
"""By tab: what is there when the tab is."""
PAINT = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime"


def main(
    customers: Annotated[int, typer.Option(help="How many there are.")] = 100_000,
    visits: Annotated[int, typer.Option(help="So often the page is opened, each time with an empty cache.")] = 7,
    folder: Annotated[Path | None, typer.Option(help="Keeps all here; by default a temporary folder.")] = None,
) -> None:
    """A made-up store, `dangol page`, and a real browser; milliseconds, medians of the visits."""
    home = new_folder(folder, "dangol-paint-")
    own = {
        "store.path": home / "store",
        "shop.timezone": "Europe/London",
        "shop.currency": "GBP",
        "clock.now": NOW.isoformat(),
        "page.port": free_port(),
    }
    settings = load_settings(overrides=own)
    with step(f"{customers:,} customers"):
        make_store(settings, customers)
    options = [part for name, value in own.items() for part in ("--set", f"{name}={value}")]
    page = subprocess.Popen([sys.executable, "-m", "dangol.cli", "page", *options], stdout=subprocess.DEVNULL)
    try:
        while not is_up(settings.page.port):
            time.sleep(0.05)
        told = looked(f"http://127.0.0.1:{settings.page.port}/ko/", visits)
    finally:
        page.terminate()
        page.wait()
    print(json.dumps({"customers": customers, **told}, indent=2))


def looked(url: str, visits: int) -> dict[str, Any]:
    sandbox = [] if os.geteuid() else ["--no-sandbox"]  # root cannot have one
    paints, numbers = list[float](), list[float]()
    tabs: dict[str, list[float]] = {name: [] for name in SHOWN}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--disable-gpu", *sandbox])
        for number in range(visits + 1):
            page = browser.new_page(viewport={"width": 1180, "height": 900}, locale="ko-KR")
            began = time.monotonic()
            page.goto(url)
            page.locator(SHOWN["today"]).first.wait_for()
            if number:  # the first visit warms the server
                numbers.append(1000 * (time.monotonic() - began))
                paints.append(float(page.evaluate(PAINT)))
            for name, place in SHOWN.items():
                waited = switched(page, name, place)
                tabs[name] += [waited] if number else []
            page.close()
        browser.close()
    return {
        "first_contentful_paint_ms": round(median(paints)),
        "first_numbers_ms": round(median(numbers)),
        "tab_ms": {name: round(median(waits)) for name, waits in tabs.items()},
    }


def switched(page: Page, name: str, place: str) -> float:
    began = time.monotonic()
    page.locator(f"#tab-{name}-button").click()
    page.locator(place).first.wait_for()
    return 1000 * (time.monotonic() - began)


if __name__ == "__main__":
    typer.run(main)
