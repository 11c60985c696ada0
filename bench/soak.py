"""An accelerated soak of the real stream: does a batch, the memory or a folder grow with the number of commits?"""

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Annotated, Any

import typer
from deltalake import DeltaTable
from deltalake.exceptions import TableNotFoundError
from machine import Process, machine_seconds, memory, probe_ms, processes, seconds_of
from past import new_folder, preload

from dangol import cli
from dangol.edges import demo
from dangol.edges.broker import free_port
from dangol.edges.terminal import say, step
from dangol.settings import Settings, load_settings
from dangol.tables import TABLES

SETTINGS = {
    "shop.timezone": "Europe/London",
    "shop.currency": "GBP",
    "source.kind": "kafka",
    "stream.grades_seconds": 0,
    "stream.ledger_seconds": 3,
    "stream.days_seconds": 10,
    "stream.snapshot_seconds": 20,
    "metrics.port": 0,
}
SAMPLE_SECONDS = 10
LEAST_SHOWN = 20


def main(
    minutes: Annotated[float, typer.Option(help="Measured time, after the warm-up.")] = 60,
    warm_up: Annotated[float, typer.Option(help="Minutes of living orders before it.")] = 3,
    rate: Annotated[float, typer.Option(help="Living orders a second.")] = 5,
    copies: Annotated[int, typer.Option(help="So many times the customers of Online Retail are there before.")] = 10,
    tick_minutes: Annotated[float, typer.Option(help="Minutes between two `dangol tick`.")] = 10,
    maintain_minutes: Annotated[float, typer.Option(help="Minutes between two `dangol maintain`.")] = 7,
    folder: Annotated[Path | None, typer.Option(help="Keeps all here; by default a temporary folder.")] = None,
    set_: Annotated[list[str] | None, typer.Option("--set", help="A setting: section.name=value.")] = None,
) -> None:
    """Broker, stream, a past, a model; then living orders, ticks and maintenance while everything is sampled."""
    home = new_folder(folder, "dangol-soak-")
    settings = load_settings(
        overrides={
            **SETTINGS,
            "store.path": home / "store",
            "source.bootstrap_servers": f"127.0.0.1:{free_port()}",
            **cli.given(None, set_),
        }
    )
    samples = Samples(home / "samples.jsonl", settings)
    result: dict[str, Any] = {}
    with demo.orderly_stop(), ExitStack() as parts:
        settings = demo.with_broker(parts, settings)
        stream = parts.enter_context(demo.Child("stream", settings, ["--source", "kafka"]))
        events = preload(settings, stream, copies)
        customers = parts.enter_context(demo.LivingCustomers(demo.producer(settings), events, rate))
        chores = parts.enter_context(Chores(settings, {"tick": tick_minutes, "maintain": maintain_minutes}))
        say(f"warming up for {warm_up:g} minutes")
        live(warm_up, [stream, customers], [])
        say(f"measuring for {minutes:g} minutes into {samples.path}")
        live(minutes, [stream, customers], [lambda: samples.take(stream.process.pid), chores.look])
        chores.finish()
        customers.stopping.set()
        result = verified(settings)
    if samples.taken:
        batches = logged_batches(
            settings.store.logs / "stream.log", samples.taken[0]["time"], samples.taken[-1]["time"]
        )
        report = summary(batches, samples.taken) | {"verify": result}
        (home / "summary.json").write_text(json.dumps(report, indent=2) + "\n", "utf-8")
        print(json.dumps(report, indent=2))
        plot(home / "soak.png", batches, samples.taken)
    if folder is None:
        say(f"all of it: {home}")


def live(minutes: float, parts: list[Any], duties: list[Callable[[], None]]) -> None:
    """Lets the shop live for so long; every SAMPLE_SECONDS its parts are checked and the duties done."""
    end = time.monotonic() + 60 * minutes
    while time.monotonic() < end:
        started = time.monotonic()
        for part in parts:
            part.check()
        for duty in duties:
            duty()
        time.sleep(max(0.0, min(started + SAMPLE_SECONDS, end) - time.monotonic()))


class Chores:
    """Commands run now and then beside the stream, one at a time. Each tick is for the day after the last one's."""

    def __init__(self, settings: Settings, minutes: dict[str, float]) -> None:
        known = {command.name or getattr(command.callback, "__name__", "") for command in cli.app.registered_commands}
        self.settings = settings
        self.seconds = {name: 60 * pause for name, pause in minutes.items() if name in known}
        self.due = {name: time.monotonic() + pause / 2 for name, pause in self.seconds.items()}
        self.day = datetime.now(UTC).date()
        self.running: demo.Child | None = None

    def look(self) -> None:
        """Starts what is due when nothing runs. Raises SetupError when the last one failed."""
        if self.running:
            if self.running.process.poll() is None:
                return
            self.finish()
        for name, due in self.due.items():
            if time.monotonic() >= due:
                self.due[name] = time.monotonic() + self.seconds[name]
                self.running = demo.Child(name, self.settings, self.options(name)).__enter__()
                return

    def options(self, name: str) -> list[str]:
        if name != "tick":
            return []
        self.day += timedelta(days=1)
        return ["--date", self.day.isoformat()]

    def finish(self) -> None:
        if self.running:
            child, self.running = self.running, None
            if child.process.wait() != 0:
                child.check()

    def __enter__(self) -> "Chores":
        return self

    def __exit__(self, *_: object) -> None:
        if self.running:
            self.running.__exit__()


class Samples:
    """What is measured every SAMPLE_SECONDS, in memory and as JSON Lines."""

    def __init__(self, path: Path, settings: Settings) -> None:
        self.path = path
        self.settings = settings
        self.taken: list[dict[str, Any]] = []
        self.tables: dict[str, DeltaTable] = {}
        self.busy: tuple[float, float, float] | None = None

    def take(self, stream: int) -> None:
        family = processes()
        sample = {
            "time": datetime.now(UTC).isoformat(),
            "probe_ms": probe_ms(),
            "others_cores": self.others(family),
            "cpu_seconds": seconds_of(family, stream),
            "rss_mib": memory(family, stream),
            "files": dict(self.folders()),
            "active_files": {name: len(table.file_uris()) for name, table in self.opened()},
            "versions": {name: table.version() for name, table in self.tables.items()},
            "queries": queries(self.settings.store.checkpoints / "metrics.json"),
        }
        self.taken.append(sample)
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(sample) + "\n")

    def others(self, family: dict[int, Process]) -> float | None:
        """Cores that processes other than this one's descendants have used since the last sample."""
        before, self.busy = self.busy, (time.monotonic(), machine_seconds(), seconds_of(family, os.getpid()))
        if before is None:
            return None
        elapsed, machine, own = (now - then for now, then in zip(self.busy, before, strict=True))
        return round((machine - own) / elapsed, 2)

    def folders(self) -> Iterator[tuple[str, int]]:
        """Files under each table without its log, under each log, and under each query's checkpoint by folder."""
        for table in TABLES:
            root = self.settings.store.path / table.name
            log = files_under(root / "_delta_log")
            yield table.name, files_under(root) - log
            yield f"{table.name}/_delta_log", log
        for query in sorted(self.settings.store.checkpoints.glob("*/")):
            for part in sorted(query.glob("*/")):
                yield f"checkpoints/{query.name}/{part.name}", files_under(part)

    def opened(self) -> Iterator[tuple[str, DeltaTable]]:
        """Each table there is, at its newest version."""
        for table in TABLES:
            try:
                if table.name in self.tables:
                    self.tables[table.name].update_incremental()
                else:
                    self.tables[table.name] = DeltaTable(self.settings.store.path / table.name)
            except TableNotFoundError:
                continue
            yield table.name, self.tables[table.name]


def files_under(folder: Path) -> int:
    return sum(len(files) for _, _, files in os.walk(folder))


def queries(path: Path) -> dict[str, Any]:
    """By query, as the stream tells of its last batch: the steps in ms, and the bytes of its state."""
    try:
        told = json.loads(path.read_text("utf-8"))["queries"]
    except FileNotFoundError:
        return {}
    return {name: {key: query.get(key) for key in ("duration_ms", "state_bytes")} for name, query in told.items()}


def verified(settings: Settings) -> dict[str, Any]:
    """Stops the stream, reads the rest, compares: what `dangol verify --drain --json` prints, and its exit code."""
    with step("verify"), demo.Child("verify", settings, ["--drain", "--json"]) as child:
        code = child.process.wait()
    lines = [line for line in child.log.read_text("utf-8", "replace").splitlines() if line.startswith("{")]
    return {"exit_code": code, **(json.loads(lines[-1]) if lines else {})}


def logged_batches(log: Path, began: str, ended: str) -> list[dict[str, Any]]:
    """The batches of grades of that time as the stream logged them: {timestamp, batch, rows, ms}."""
    lines = (json.loads(line) for line in log.read_text("utf-8").splitlines())
    batches = [line for line in lines if line["event"] == "batch" and line["query"] == "grades"]
    return [batch for batch in batches if began[:19] <= batch["timestamp"][:19] <= ended[:19]]


def summary(batches: list[dict[str, Any]], samples: list[dict[str, Any]]) -> dict[str, Any]:
    """The first tenth against the last; ratios above 1 are growth. What the machine itself became slower by is in
    ratio_raw, divided out of ratio_normalised, and hardly in ratio_cpu."""
    tenth = max(1, len(batches) // 10)
    parts = [batches[:tenth], batches[-tenth:]]
    ms = [median(batch["ms"] for batch in part) for part in parts]
    probes = [median(probes_of(part, samples)) for part in parts]
    cpu = [cpu_ms_per_batch(part) for part in ends(samples)]
    return {
        "commits": commits(samples),
        "batches": batches[-1]["batch"] - batches[0]["batch"] + 1,
        "batches_logged": len(batches),
        "batch_ms": first_last(ms),
        "probe_ms": first_last(probes),
        "cpu_ms_per_batch": first_last(cpu),
        "ratio_raw": ratio(ms),
        "ratio_normalised": round(ratio(ms) / ratio(probes), 3),
        "ratio_cpu": ratio(cpu),
        "others_cores": median(s["others_cores"] for s in samples if s["others_cores"] is not None),
        "rss_mib": {f"{percent} %": at(samples, percent)["rss_mib"] for percent in (10, 50, 100)},
        "files": counts(samples, "files"),
        "active_files": counts(samples, "active_files"),
    }


def commits(samples: list[dict[str, Any]]) -> dict[str, int]:
    """By table, and of all of them, while it was measured."""
    first, last = samples[0]["versions"], samples[-1]["versions"]
    by_table = {name: version - first.get(name, 0) for name, version in last.items()}
    return by_table | {"all": sum(by_table.values())}


def first_last(values: list[float]) -> dict[str, float]:
    return {"first 10 %": round(values[0], 2), "last 10 %": round(values[1], 2)}


def ratio(values: list[float]) -> float:
    return round(values[1] / values[0], 3)


def at(samples: list[dict[str, Any]], percent: int) -> dict[str, Any]:
    return samples[max(0, len(samples) * percent // 100 - 1)]


def ends(samples: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """The samples of the first tenth of the time and of the last, at least two of each."""
    tenth = max(2, len(samples) // 10)
    return [samples[:tenth], samples[-tenth:]]


def cpu_ms_per_batch(samples: list[dict[str, Any]]) -> float:
    """Processor time of the whole stream for each commit to customer_history."""
    first, last = samples[0], samples[-1]
    commits = last["versions"]["customer_history"] - first["versions"]["customer_history"]
    return float(1000 * (last["cpu_seconds"] - first["cpu_seconds"]) / max(1, commits))


def counts(samples: list[dict[str, Any]], kind: str) -> dict[str, dict[str, int]]:
    """By folder: how many at first, at most, at last."""
    series = {name: [sample[kind].get(name, 0) for sample in samples] for name in samples[-1][kind]}
    return {name: {"first": found[0], "most": max(found), "last": found[-1]} for name, found in series.items()}


def probes_of(batches: list[dict[str, Any]], samples: list[dict[str, Any]]) -> list[float]:
    """The probes taken while those batches ran, and the nearest one before."""
    began, ended = (batch["timestamp"][:19] for batch in (batches[0], batches[-1]))
    within = [s["probe_ms"] for s in samples if began <= s["time"][:19] <= ended]
    before = [s["probe_ms"] for s in samples if s["time"][:19] < began]
    return within or before[-1:] or [samples[0]["probe_ms"]]


def plot(path: Path, batches: list[dict[str, Any]], samples: list[dict[str, Any]]) -> None:
    """Batch times and probe, memory, files over time; nothing where matplotlib is not installed."""
    try:
        from matplotlib.figure import Figure
    except ImportError:
        return
    figure = Figure(figsize=(9, 9), layout="constrained")
    times, memory_, files = figure.subplots(3, sharex=True)
    moments = [datetime.fromisoformat(s["time"]) for s in samples]
    times.plot([datetime.fromisoformat(b["timestamp"]) for b in batches], [b["ms"] for b in batches], ".", ms=2)
    times.set(yscale="log", ylabel="ms: a batch (dots), the probe x 50 (line)")
    times.plot(moments, [50 * s["probe_ms"] for s in samples], lw=1)
    for name in ("driver", "jvm", "workers"):
        memory_.plot(moments, [s["rss_mib"][name] for s in samples], label=name)
    memory_.set(ylabel="resident MiB")
    for name in samples[-1]["files"]:
        counts = [s["files"].get(name, 0) for s in samples]
        if max(counts) > LEAST_SHOWN:
            files.plot(moments, counts, label=name)
    files.set(yscale="log", ylabel="files")
    for axes in (memory_, files):
        axes.legend(fontsize=7)
    figure.savefig(path, dpi=110)


if __name__ == "__main__":
    typer.run(main)
