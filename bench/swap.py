"""What a batch takes in which another model begins to grade; promotions and rollbacks in turns within one run."""

import itertools
import json
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Annotated, Any

import pyarrow as pa
import typer
from deltalake import DeltaTable
from past import new_folder, preload
from ticks import SETTINGS, Watcher

from dangol import cli
from dangol.edges import demo, registry, simulate
from dangol.edges.broker import free_port
from dangol.settings import load_settings


def main(
    swaps: Annotated[int, typer.Option(help="So many times another version becomes the champion.")] = 10,
    quiet: Annotated[int, typer.Option(help="Batches between two swaps.")] = 10,
    rate: Annotated[float, typer.Option(help="Living orders a second.")] = 5,
    folder: Annotated[Path | None, typer.Option(help="Keeps all here; by default a temporary folder.")] = None,
) -> None:
    """Broker, stream, a past, two versions; then the alias moves to and fro while orders arrive."""
    home = new_folder(folder, "dangol-swap-")
    own = {"store.path": home / "store", "source.bootstrap_servers": f"127.0.0.1:{free_port()}"}
    settings = load_settings(overrides={**SETTINGS, **own, **cli.given(None, None)})
    with demo.orderly_stop(), ExitStack() as parts:
        settings = demo.with_broker(parts, settings)
        stream = parts.enter_context(demo.Child("stream", settings, ["--source", "kafka"]))
        events = preload(settings, stream, 1)
        day = simulate.day_after(events, settings.shop.zone)
        demo.run("train", settings, ["--as-of", f"{day}", "--refits", "2"])
        parts.enter_context(demo.LivingCustomers(demo.producer(settings), events, rate))
        watcher = Watcher(settings, stream)
        turns = [watcher.turn(0, lambda batches: len(batches) >= 3 * quiet)]  # warms up
        for number in range(swaps):
            registry.promote(settings.registry_uri, settings.registry.model, "21"[number % 2])
            turns.append(watcher.turn(0, lambda batches: len(batches) >= quiet))
    took = {batch["batch"]: batch["ms"] for turn in turns[1:] for batch in turn.batches}
    print(json.dumps(summary(took, versions(settings.store.path)), indent=2))


def versions(store: Path) -> dict[int, set[str]]:
    """By batch of grades, the versions that its rows say."""
    columns = ["batch_id", "model_version"]
    history = pa.table(DeltaTable(store / "customer_history").scan(columns=columns)).to_pandas()
    return {int(batch): set(rows) for batch, rows in history.groupby("batch_id")["model_version"]}


def summary(took: dict[int, float], graded_by: dict[int, set[str]]) -> dict[str, Any]:
    """Milliseconds of batches by the version before, and of the first batch of another version."""
    known = sorted(batch for batch in took if batch in graded_by)
    first = [now for before, now in itertools.pairwise(known) if graded_by[before] != graded_by[now]]
    usual = [took[batch] for batch in known if batch not in first]
    return {
        "batches": len(known),
        "of two versions": sum(len(graded_by[batch]) > 1 for batch in known),
        "swaps seen": len(first),
        "usual_ms": {"median": median(usual), "most": max(usual)},
        "first_of_another_version_ms": {"median": median(took[b] for b in first), "most": max(took[b] for b in first)},
    }


if __name__ == "__main__":
    typer.run(main)
