"""The listener without Spark: events are small stand-ins, metrics.json is real."""

import json
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from structlog.testing import capture_logs

from dangol.edges import metrics
from dangol.edges.listener import Listener
from dangol.edges.metrics import NOTHING, TableFiles, read_metrics
from dangol.edges.sinks import Champion
from dangol.settings import load_settings

TOLD = json.loads((Path(__file__).parents[1] / "data" / "progress.json").read_text("utf-8"))
RUN = uuid4()
NO_MODEL = Champion("sqlite:///none", "dangol-grades", {})


@pytest.fixture
def listener(tmp_path: Path) -> Listener:
    settings = load_settings(overrides={"store.path": tmp_path / "store"})
    settings.store.checkpoints.mkdir(parents=True)
    return Listener(settings, dict(NOTHING), TableFiles(tmp_path / "store"), NO_MODEL)


def started(name: str, run: Any = RUN) -> Any:
    return SimpleNamespace(name=name, id=TOLD[0]["id"], runId=run, timestamp="2026-01-01T00:00:00.000Z")


def progress(told: dict[str, Any], run: Any = RUN) -> Any:
    return SimpleNamespace(progress=SimpleNamespace(json=json.dumps(told), runId=run))


def test_a_start_in_the_middle_of_a_count_loses_neither(listener: Listener, monkeypatch: pytest.MonkeyPatch) -> None:
    listener.onQueryStarted(started("ledger"))
    other = threading.Thread(target=lambda: listener.onQueryStarted(started("days", uuid4())))
    count = metrics.counted

    def interrupted(*arguments: Any) -> Any:
        document = count(*arguments)
        other.start()
        other.join(0.3)  # it must wait for its turn; without one it would be done by now
        return document

    monkeypatch.setattr(metrics, "counted", interrupted)
    listener.onQueryProgress(progress(TOLD[0]))
    other.join()
    assert set(listener.document["queries"]) == {"ledger", "days"}
    assert listener.document["messages"]["accepted"] == 1000
    assert read_metrics(listener.checkpoints) == listener.document


def test_a_customer_who_was_forgotten_does_not_come_back_with_a_batch_that_was_still_to_be_told(
    listener: Listener,
) -> None:
    before, after = [told for told in TOLD if told["name"] == "grades"][1:3]  # 36, then 39 orders of 12748
    listener.max_orders = 35
    listener.onQueryStarted(started("grades"))
    listener.onQueryProgress(progress(before))
    assert listener.outgrown == "12748"
    listener.forget(["12748"])
    listener.onQueryProgress(progress(after))
    assert listener.outgrown is None


def test_a_query_of_somebody_else_is_not_counted(listener: Listener) -> None:
    listener.onQueryProgress(progress(TOLD[0], uuid4()))
    assert listener.document == NOTHING


def test_numbers_that_cannot_be_written_stop_nothing(listener: Listener) -> None:
    listener.checkpoints.rmdir()
    with capture_logs() as logs:
        listener.onQueryStarted(started("ledger"))
        listener.onQueryProgress(progress(TOLD[0]))
    assert [log["event"] for log in logs] == ["metrics not written", "batch", "metrics not written"]
    assert listener.document["messages"]["accepted"] == 1000


def test_why_the_model_that_the_registry_names_does_not_grade(listener: Listener) -> None:
    listener.onQueryStarted(started("grades"))
    assert read_metrics(listener.checkpoints)["champion"] == {"version": None, "problem": None}
    listener.champion.problem = "the registry is down"
    listener.onQueryProgress(progress(TOLD[0]))
    assert read_metrics(listener.checkpoints)["champion"] == {"version": None, "problem": "the registry is down"}
