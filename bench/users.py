"""Many signed-in people ask at once: how long an answer takes on the page, and whether its memory grows."""

import itertools
import json
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import httpx
import numpy as np
import typer
from answering import NOW, QUESTIONS, make_store
from past import new_folder

from dangol.edges.broker import free_port
from dangol.edges.people import People
from dangol.edges.terminal import counted, step
from dangol.settings import Settings, load_settings

PASSWORD = "a-password-of-the-bench"  # noqa: S105 - of a store that is made for this run
LEAST_SECONDS = 0.05
TOKEN = re.compile(r'name="token" value="([^"]+)"')


def main(
    people: Annotated[int, typer.Option(help="How many are signed in.")] = 50,
    every: Annotated[float, typer.Option(help="Seconds between two questions of one of them.")] = 10,
    minutes: Annotated[float, typer.Option(help="How long they ask, after one minute of warm-up.")] = 10,
    customers: Annotated[int, typer.Option(help="How many there are.")] = 100_000,
    folder: Annotated[Path | None, typer.Option(help="Keeps all here; by default a temporary folder.")] = None,
) -> None:
    """A made-up store, `dangol page` with people on it, and their questions over HTTP on loopback."""
    home = new_folder(folder, "dangol-users-")
    own = {
        "store.path": home / "store",
        "shop.timezone": "Europe/London",
        "shop.currency": "GBP",
        "clock.now": NOW.isoformat(),
        "page.sign_in": "people",
        "page.port": free_port(),
    }
    settings = load_settings(overrides=own)
    with step(f"{customers:,} customers"):
        make_store(settings, customers)
    ids = [f"c{number:07d}" for number in range(0, customers, 97)]
    with served(settings, own, people) as (page, started):
        told = asked(page, signed_in(settings, people, ids), every, minutes)
    print(json.dumps({"people": people, "customers": customers, "start_seconds": started} | told, indent=2))


def signed_in(settings: Settings, people: int, ids: Sequence[str]) -> "list[Visitor]":
    """So many people on the page; their questions are about these customers."""
    with step(f"{people} people sign in"):
        visitors = [Visitor(settings.page.port, name_of(number), number, ids) for number in range(people)]
        for visitor in visitors:
            visitor.sign_in()
    return visitors


def name_of(number: int) -> str:
    return f"person-{number:02d}"


@contextmanager
def served(settings: Settings, own: dict[str, Any], people: int) -> Any:
    """(the process of the page, seconds until it was up); so many people may sign in."""
    with step(f"{people} people"):
        for number in range(people):
            People(settings.people_file).add(name_of(number), "analyst", PASSWORD)
    options = [part for name, value in own.items() for part in ("--set", f"{name}={value}")]
    began = time.monotonic()
    page = subprocess.Popen([sys.executable, "-m", "dangol.cli", "page", *options], stdout=subprocess.DEVNULL)
    try:
        while not is_up(settings.page.port):
            time.sleep(LEAST_SECONDS)
        yield page, round(time.monotonic() - began, 2)
    finally:
        page.terminate()
        page.wait()


def is_up(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=5).status_code == 200
    except httpx.TransportError:
        return False


class Visitor:
    """One person with a browser's session, who asks one question after the other."""

    def __init__(self, port: int, name: str, number: int, ids: Sequence[str]) -> None:
        self.client = httpx.Client(
            base_url=f"http://127.0.0.1:{port}", timeout=60, headers={"Origin": f"http://127.0.0.1:{port}"}
        )
        self.name = name
        self.session = f"bench{number:04d}"
        self.ids = [ids[number % len(ids)], ids[(number + 1) % len(ids)]]
        self.questions = itertools.cycle(QUESTIONS[number % len(QUESTIONS) :] + QUESTIONS[: number % len(QUESTIONS)])
        self.seconds: list[float] = []
        self.errors = 0

    def sign_in(self) -> None:
        token = TOKEN.search(self.client.get("/sign-in").text)
        form = {"name": self.name, "password": PASSWORD, "token": token[1] if token else ""}
        answer = self.client.post("/sign-in", data=form)
        if answer.status_code != 303:
            raise RuntimeError(f"{self.name} could not sign in: {answer.status_code}")
        config = self.client.get("/ko/config").raise_for_status().json()
        field = next(one["id"] for one in config["components"] if one["props"].get("elem_id") == "question")
        self.shown = {one["id"]: one["props"].get("value") for one in config["components"]}
        self.asks = next(one for one in config["dependencies"] if [field, "submit"] in one["targets"])
        self.field = field

    def ask(self) -> None:
        question = next(self.questions).format(id=self.ids[0], other=self.ids[1])
        data = [question if part == self.field else self.shown[part] for part in self.asks["inputs"]]
        call = {"fn_index": self.asks["id"], "data": data, "session_hash": self.session}
        began = time.monotonic()
        answer = self.client.post("/ko/gradio_api/run/predict", json=call)
        self.seconds.append(time.monotonic() - began)
        self.errors += answer.status_code != 200 or "data" not in answer.json()


def asked(page: subprocess.Popen[bytes], visitors: list[Visitor], every: float, minutes: float) -> dict[str, Any]:
    with step("one minute of warm-up"), asking(visitors, every):
        time.sleep(60)
    for visitor in visitors:
        visitor.seconds, visitor.errors = [], 0
    before, cpu = resident(page.pid), seconds(page.pid)
    with counted("minutes", round(minutes)) as advance, asking(visitors, every):
        for _ in range(round(minutes)):
            time.sleep(60)
            advance(1)
    after = resident(page.pid)
    waited = [one for visitor in visitors for one in visitor.seconds]
    return {
        "answers": len(waited),
        "errors": sum(visitor.errors for visitor in visitors),
        "seconds": {
            name: round(float(np.quantile(waited, q)), 3) for name, q in (("p50", 0.5), ("p95", 0.95), ("max", 1))
        },
        "cpu_ms_per_answer": round(1000 * (seconds(page.pid) - cpu) / len(waited), 1),
        "rss_mib": {
            "before": round(before),
            "after": round(after),
            "growth_percent": round(100 * (after / before - 1), 1),
        },
    }


@contextmanager
def asking(visitors: Sequence[Visitor], every: float) -> Iterator[None]:
    """Meanwhile each asks once in `every` seconds, all spread over them."""
    over = threading.Event()

    def ask(visitor: Visitor, place: int) -> None:
        due = time.monotonic() + every * place / len(visitors)
        while not over.wait(max(0.0, due - time.monotonic())):
            visitor.ask()
            due += every

    threads = [threading.Thread(target=ask, args=(visitor, place)) for place, visitor in enumerate(visitors)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join()


def resident(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1])
    return pages * 4096 / 2**20


def seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


if __name__ == "__main__":
    typer.run(main)
