import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = Path("/usr/bin/chromium")
QUIET = ["--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"]


@pytest.fixture
def chromium() -> Iterator[Any]:
    with launched() as browser:
        yield browser


@contextmanager
def launched() -> Iterator[Any]:
    """A browser; without one the test is skipped, but fails in CI."""
    if not CHROMIUM.exists():
        message = f"there is no {CHROMIUM}: apt-get install chromium fonts-noto-cjk"
        pytest.fail(message) if os.environ.get("CI") == "true" else pytest.skip(message)
    from playwright.sync_api import sync_playwright  # only where a browser is

    sandbox = [] if os.geteuid() else ["--no-sandbox"]  # root cannot have one
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*QUIET, "--no-first-run", *sandbox])
        yield browser
        browser.close()


class Visit:
    """A tab that remembers console errors and requests to any other host."""

    def __init__(self, browser: Any, url: str, width: int, locale: str) -> None:
        self.wrong: list[str] = []
        own = "/".join(url.split("/")[:3])
        self.tab = browser.new_page(viewport={"width": width, "height": 900}, locale=locale)
        self.tab.on("console", lambda m: self.wrong.append(m.text) if m.type in ("error", "warning") else None)
        self.tab.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.tab.on(
            "request", lambda r: None if r.url.startswith((own, "data:", "blob:")) else self.wrong.append(r.url)
        )
        self.tab.goto(url)
