"""What a day's ticks cost the live stream, by the size of their files; measured in turns within one run."""

import json
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import Annotated, Any

import typer
from machine import probe_ms, processes, seconds_of
from past import new_folder, preload

from dangol import cli
from dangol.edges import demo
from dangol.edges.broker import free_port
from dangol.edges.inlet import tick
from dangol.edges.session import spark_session
from dangol.edges.store import TableStore
from dangol.edges.terminal import say
from dangol.settings import Settings, load_settings

SETTINGS = {
    "shop.timezone": "Europe/London",
    "shop.currency": "GBP",
    "source.kind": "kafka",
    "stream.grades_seconds": 0,
    "stream.days_seconds": 3600,
    "stream.snapshot_seconds": 3600,
    "metrics.port": 0,
}
"""Batches follow each other at once and little else runs beside them, so that a difference is that of the ticks."""

DAY_MS = 86_400_000
QUIET_AFTER = 3
LOOK_SECONDS = 1
Batch = dict[str, Any]


def main(
    sizes: Annotated[str, typer.Option(help="Values of tick.customers_per_file, with commas.")] = "200,500,1000,2000",
    rounds: Annotated[int, typer.Option(help="Each value so many times, in turns.")] = 3,
    quiet: Annotated[int, typer.Option(help="Batches without ticks before each turn.")] = 30,
    rate: Annotated[float, typer.Option(help="Living orders a second.")] = 5,
    copies: Annotated[int, typer.Option(help="So many times the customers of Online Retail.")] = 4,
    folder: Annotated[Path | None, typer.Option(help="Keeps all here; by default a temporary folder.")] = None,
    set_: Annotated[list[str] | None, typer.Option("--set", help="A setting: section.name=value.")] = None,
) -> None:
    """Broker, stream, a past, a model; then, by turns, batches with living orders alone and with ticks among them."""
    home = new_folder(folder, "dangol-ticks-")
    own = {"store.path": home / "store", "source.bootstrap_servers": f"127.0.0.1:{free_port()}"}
    settings = load_settings(overrides={**SETTINGS, **own, **cli.given(None, set_)})
    turns: list[Turn] = []
    with demo.orderly_stop(), ExitStack() as parts:
        settings = demo.with_broker(parts, settings)
        stream = parts.enter_context(demo.Child("stream", settings, ["--source", "kafka"]))
        events = preload(settings, stream, copies)
        parts.enter_context(demo.LivingCustomers(demo.producer(settings), events, rate))
        watcher = Watcher(settings, stream)
        store = TableStore(spark_session(), settings.store.path)
        day = settings.today
        watcher.turn(0, lambda batches: len(batches) >= quiet)  # warms up
        for number in range(rounds):
            for size in rotated([int(text) for text in sizes.split(",")], number):
                turns.append(watcher.turn(0, lambda batches: len(batches) >= quiet))
                day += timedelta(days=1)
                customers = tick(store, day, "tick", size)
                turns.append(watcher.turn(size, lambda batches, size=size: passed(batches, size)))
                without, with_ticks = (median(batch["ms"] for batch in turn.own) for turn in turns[-2:])
                say(f"{size} a file: {with_ticks:.0f} ms a batch, {without:.0f} ms without ticks")
    if turns:
        print(json.dumps(summary(turns, customers), indent=2))


def rotated(sizes: list[int], places: int) -> list[int]:
    """Another order in each round, so that none is always first."""
    return [*sizes[places % len(sizes) :], *sizes[: places % len(sizes)]]


def passed(batches: list[Batch], size: int) -> bool:
    """Whether ticks have come and come no more."""
    carried = [ticked(batch, size) for batch in batches]
    return any(carried) and not any(carried[-QUIET_AFTER:])


def ticked(batch: Batch, size: int) -> bool:
    """Whether a batch carried a full file of ticks: living orders alone are a handful."""
    return bool(batch["rows"] >= size)


@dataclass(frozen=True)
class Turn:
    """Batches of grades as the stream logged them, and what they took; `size` is 0 without ticks."""

    size: int
    batches: list[Batch]
    numbered: int
    """How many there were, those among them that were not logged."""
    cpu_ms: float
    """Processor time of the stream's driver, its JVM and its workers."""
    probe_ms: float

    @property
    def own(self) -> list[Batch]:
        """The batches that are what the turn is about."""
        return [batch for batch in self.batches if not self.size or ticked(batch, self.size)]


class Watcher:
    """Reads the stream's log as it grows."""

    def __init__(self, settings: Settings, stream: demo.Child) -> None:
        self.log = (settings.store.logs / "stream.log").open(encoding="utf-8")
        self.rest = ""
        self.stream = stream

    def turn(self, size: int, done: Callable[[list[Batch]], bool]) -> Turn:
        """The batches from now until `done` with them."""
        self.new()
        cpu, batches, probes = self.cpu_ms(), list[Batch](), [probe_ms()]
        while not done(batches):
            self.stream.check()
            time.sleep(LOOK_SECONDS)
            batches += self.new()
            probes.append(probe_ms())
        numbered = batches[-1]["batch"] - batches[0]["batch"] + 1
        return Turn(size, batches, numbered, self.cpu_ms() - cpu, median(probes))

    def new(self) -> list[Batch]:
        *complete, self.rest = (self.rest + self.log.read()).split("\n")
        lines = map(json.loads, complete)
        return [line for line in lines if line["event"] == "batch" and line["query"] == "grades"]

    def cpu_ms(self) -> float:
        return 1000 * seconds_of(processes(), self.stream.process.pid)


def summary(turns: list[Turn], customers: int) -> dict[str, Any]:
    """{quiet, by size}: medians of all turns; a day's ticks as a share of a day and per live batch."""
    live = [turn for turn in turns if not turn.size]
    ms = median(batch["ms"] for turn in live for batch in turn.batches)
    cpu = sum(turn.cpu_ms for turn in live) / sum(turn.numbered for turn in live)
    return {
        "customers": customers,
        "without ticks": {"batches": sum(turn.numbered for turn in live), "median_ms": ms, "cpu_ms": round(cpu)},
        "by customers_per_file": {
            size: cost([turn for turn in turns if turn.size == size], size, customers, ms, cpu)
            for size in sorted({turn.size for turn in turns if turn.size})
        },
    }


def cost(turns: list[Turn], size: int, customers: int, quiet_ms: float, quiet_cpu_ms: float) -> dict[str, Any]:
    """What files of `size` ticks cost. Processor time is the steadier figure on a machine with other work."""
    times = [batch["ms"] for turn in turns for batch in turn.own]
    thousands = len(turns) * customers / 1000
    extra_ms = (median(times) - quiet_ms) * 1000 / size
    extra_cpu_ms = sum(turn.cpu_ms - turn.numbered * quiet_cpu_ms for turn in turns) / thousands
    return {
        "batches": len(times),
        "median_ms": median(times),
        "longer_than_without": round(median(times) / quiet_ms, 2),
        "extra_ms_per_1000_customers": round(extra_ms),
        "extra_cpu_ms_per_1000_customers": round(extra_cpu_ms),
        "percent_of_a_day_per_million_customers": round(100 * 1000 * extra_ms / DAY_MS, 2),
        "median_probe_ms": round(median(turn.probe_ms for turn in turns), 2),
    }


if __name__ == "__main__":
    typer.run(main)
