"""`dangol demo` as a user sees it: ready, an answer on its port, a clean stop, a second start that goes on."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from deltalake import DeltaTable

from dangol.edges.broker import free_port

pytestmark = [pytest.mark.spark, pytest.mark.broker, pytest.mark.registry]

PATIENCE_SECONDS = 400


@contextmanager
def demo(folder: Path, page: int, broker: int) -> Iterator[str]:
    """A running demo, from the moment that it says where its page is; yields what it had printed by then."""
    log = folder / "demo.txt"
    options = ["--store", str(folder / "store"), "--set", f"page.port={page}"]
    options += ["--set", f"source.bootstrap_servers=127.0.0.1:{broker}"]
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "dangol.cli", "demo", *options], stdout=output, stderr=output, text=True
        )
    try:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while "Ready after" not in log.read_text("utf-8"):
            assert process.poll() is None, log.read_text("utf-8")
            assert time.monotonic() < deadline, log.read_text("utf-8")
            time.sleep(0.5)
        yield log.read_text("utf-8")
    finally:
        os.kill(process.pid, signal.SIGINT)
        assert process.wait(PATIENCE_SECONDS) == 0, log.read_text("utf-8")
    assert "page stopped" in log.read_text("utf-8")
    assert "stream stopped" in log.read_text("utf-8")


def test_demo_gets_ready_answers_and_stops(tmp_path: Path) -> None:
    ready(tmp_path, free_port(), free_port())


def ready(folder: Path, page: int, broker: int) -> int:
    """A first start; how many messages there are after it."""
    with demo(folder, page, broker) as printed:
        assert "23795/23795" in printed
        assert re.search(r"grade visible to an outside reader: p50 \d+\.\d\d s, p95 \d+\.\d\d s", printed)
        assert httpx.get(f"http://127.0.0.1:{page}/healthz").json()["status"] == "ok"
        assert httpx.get(f"http://127.0.0.1:{page}/ko", follow_redirects=True).status_code == 200
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"http://127.0.0.1:{page}/healthz")
    orders = rows(folder / "store" / "events")
    assert orders > 23_795
    return orders


@pytest.mark.soak
def test_a_second_start_goes_on(tmp_path: Path) -> None:
    page, broker = free_port(), free_port()
    orders = ready(tmp_path, page, broker)
    with demo(tmp_path, page, broker) as printed:
        assert "real orders sent" not in printed
        assert "trained" not in printed
    assert rows(tmp_path / "store" / "events") > orders


def rows(table: Path) -> int:
    return int(DeltaTable(table).to_pyarrow_table(columns=["batch_id"]).num_rows)
