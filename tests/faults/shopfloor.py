"""A store that real `dangol` processes work on, and what its tables must hold in the end."""

import json
import logging
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import pyarrow as pa
import pytest
from deltalake import DeltaTable
from faults import oracle
from faults.traffic import Topic

from dangol import cli

NOW = datetime(2011, 12, 10, 9, 30, tzinfo=UTC)
ZONE = ZoneInfo("Pacific/Auckland")  # thirteen hours before UTC, with summer time: days differ from those of UTC
WINDOW_DAYS = 365
WATERMARK = timedelta(hours=24)
PATIENCE_SECONDS = 600
QUICK = {
    "stream.grades_seconds": 0.2,
    "stream.ledger_seconds": 0.2,
    "stream.days_seconds": 0.5,
    "stream.snapshot_seconds": 2,
}


class Floor:
    """A store under `folder` that reads a topic, with the clock at NOW."""

    def __init__(self, folder: Path, topic: Topic, log: Path | None = None, **settings: object) -> None:
        self.folder = folder
        self.log = log or folder.parent
        self.topic = topic
        self.store = folder / "store"
        self.checkpoints = folder / "checkpoints" / "store"
        given = {
            "clock.now": NOW.isoformat(),
            "shop.timezone": ZONE.key,
            "shop.currency": "GBP",
            "rfm.window_days": WINDOW_DAYS,
            "source.bootstrap_servers": topic.broker.bootstrap_servers,
            "source.topic": topic.name,
            "metrics.port": 0,
            **QUICK,
            **{name.replace("__", "."): value for name, value in settings.items()},
        }
        self.settings = [part for name, value in given.items() for part in ("--set", f"{name}={value}")]
        self.starts = 0

    def start(self, *words: str, kill_at: dict[str, Any] | None = None) -> "Driver":
        """A command of dangol, `stream` if none is said, as a process of its own."""
        self.starts += 1
        wanted = {**kill_at, "checkpoints": str(self.checkpoints)} if kill_at else {}
        log = self.log / f"driver-{self.starts}.log"
        return Driver(self.command(wanted, *(words or ("stream", "--source", "kafka"))), self.environment, log)

    def command(self, kill_at: dict[str, Any], *words: str) -> list[str]:
        script = str(Path(__file__).with_name("driver.py"))
        options = ["--store", str(self.store), *self.settings]
        return [sys.executable, script, json.dumps(kill_at), *words, *options]

    @property
    def environment(self) -> dict[str, str]:
        secret = self.topic.broker.connection_string.get_secret_value()
        return {**os.environ, "DANGOL_SOURCE__CONNECTION_STRING": secret}

    def batches(self) -> int:
        """How many micro-batches of grades are committed."""
        return len(list(self.checkpoints.glob("grades-*/commits/[0-9]*")))

    def goes_on(self, driver: "Driver", batches: int = 2) -> None:
        """Waits until the driver has committed so many more micro-batches of grades."""
        wanted = self.batches() + batches
        driver.until(lambda: self.batches() >= wanted)

    def here(self, *words: str) -> None:
        """A command of dangol in this process, whose Spark session it shares. Raises SystemExit when it fails."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("DANGOL_SOURCE__CONNECTION_STRING", self.environment["DANGOL_SOURCE__CONNECTION_STRING"])
            cli.main([*words, "--store", str(self.store), *self.settings])
        logging.getLogger("dangol").handlers.clear()  # they write to the stderr of this test

    def table(self, name: str) -> pd.DataFrame:
        return pa.table(DeltaTable(self.store / name).to_pyarrow_table()).to_pandas()

    def assert_exact(self, capsys: pytest.CaptureFixture[str]) -> None:
        """Reads the rest, then holds every table against the broker's content and the oracle."""
        capsys.readouterr()
        self.here("verify", "--json")
        verified = json.loads(capsys.readouterr().out)
        content = self.topic.content()
        events = self.table("events")
        positions = list(zip(events["source_partition"], events["source_offset"], strict=True))
        assert Counter(positions) == Counter(content.keys())
        assert dict(zip(positions, events["value"], strict=True)) == content
        accepted = sum(oracle.accepted(value, NOW) is not None for value in content.values())
        assert (events["rejections"].str.len() == 0).sum() == accepted

        told = oracle.told(content.values(), NOW, ZONE)
        customers, history = self.table("customers"), self.table("customer_history")
        assert_customers(customers, told)
        assert_customers(newest(history), told)
        assert not history.duplicated(["customer_id", "generation", "batch_id"]).any()

        days = self.table("customer_days")
        assert not days.duplicated(["customer_id", "day"]).any()
        self.here("repair-days")
        assert_days(self.table("customer_days"), told)

        expected = {"received": len(content), "accepted": accepted, "rejected": len(content) - accepted}
        expected |= {"customers": int((customers["frequency"] > 0).sum()), "mismatches": 0, "repeated": 0, "missing": 0}
        assert {name: verified[name] for name in expected} == expected


def newest(history: pd.DataFrame) -> pd.DataFrame:
    return history.sort_values(["generation", "batch_id"]).drop_duplicates("customer_id", keep="last")


def assert_customers(customers: pd.DataFrame, told: pd.DataFrame, now: datetime = NOW) -> None:
    """Each customer's row equals the oracle's, cent for cent."""
    expected = oracle.customers(told, now.astimezone(ZONE).date(), WINDOW_DAYS)
    assert not customers["customer_id"].duplicated().any()
    assert rows(customers.set_index("customer_id")[oracle.CUSTOMER]) == rows(expected)


def assert_days(days: pd.DataFrame, told: pd.DataFrame) -> None:
    """Each closed customer-day equals the oracle's, once."""
    assert not days.duplicated(["customer_id", "day"]).any()
    found = days.set_index(["customer_id", "day"])[oracle.DAY]
    assert rows(found) == rows(oracle.customer_days(told, WATERMARK))


def rows(table: pd.DataFrame) -> dict[Any, list[Any]]:
    return {key: [plain(value) for value in row] for key, row in zip(table.index, table.to_numpy(object), strict=True)}


def plain(value: Any) -> Any:
    return None if pd.isna(value) else round(value, 9) if isinstance(value, float) else value


class Driver:
    """A process in a group of its own, with all that it prints in a file."""

    def __init__(self, command: list[str], environment: dict[str, str], log: Path) -> None:
        self.log = log
        self.began = time.monotonic()
        with log.open("w") as output:
            self.process = subprocess.Popen(
                command, env=environment, stdout=output, stderr=output, start_new_session=True
            )

    def wait(self) -> int:
        """Its exit code; negative: the signal that ended it."""
        return self.process.wait(PATIENCE_SECONDS)

    def kill(self) -> None:
        os.killpg(self.process.pid, signal.SIGKILL)

    def kill_after(self, seconds: float) -> None:
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(seconds)
        self.kill()

    def stop(self) -> int:
        os.kill(self.process.pid, signal.SIGTERM)
        return self.wait()

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.began

    @property
    def said(self) -> str:
        return self.log.read_text("utf-8")

    def until(self, condition: Callable[[], bool]) -> None:
        """Waits while the process lives. A process that ends is an error, with what it said."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not condition():
            assert self.process.poll() is None, self.said
            assert time.monotonic() < deadline, self.said
            time.sleep(0.1)

    @contextmanager
    def ended(self) -> Iterator["Driver"]:
        """Kills what is left of it in the end, so that no test leaves a process behind."""
        try:
            yield self
        finally:
            if self.process.poll() is None:
                self.kill()
                self.wait()
