"""The disk fills up under the stream."""

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from faults.shopfloor import NOW, Floor
from faults.traffic import Topic, Traffic
from pyspark.sql import SparkSession

pytestmark = [pytest.mark.spark, pytest.mark.broker, pytest.mark.soak]

SIZE_MB = 64


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of SIZE_MB of its own."""
    disk = tmp_path / "disk"
    disk.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={SIZE_MB}m", "tmpfs", str(disk)]
    mounted = subprocess.run(command, capture_output=True, text=True, check=False)
    if mounted.returncode:
        pytest.skip(f"a full disk cannot be made here, which needs root: {mounted.stderr.strip()}")
    yield disk
    subprocess.run(["umount", "--lazy", str(disk)], check=True)  # a JVM that still ends keeps it busy


def free_bytes(disk: Path) -> int:
    at = os.statvfs(disk)
    return at.f_bavail * at.f_frsize


def fill(disk: Path, left: int) -> Path:
    """Leaves so many bytes free, or fewer: what is on the disk goes on writing."""
    ballast = disk / "ballast"
    with suppress(OSError):  # it was full before the last bytes
        ballast.write_bytes(b"\0" * max(0, free_bytes(disk) - left))
    return ballast


@pytest.mark.parametrize("left_kb", [0, 8, 40, 200, 400])
def test_a_full_disk_stops_the_stream_with_a_sentence_and_costs_nothing(
    spark: SparkSession,
    topic: Callable[[], Topic],
    small_disk: Path,
    capsys: pytest.CaptureFixture[str],
    left_kb: int,
) -> None:
    floor = Floor(small_disk / "shop", topic(), log=small_disk.parent)
    with floor.topic.sending(Traffic(5, NOW)), floor.start().ended() as driver:
        floor.goes_on(driver)
        ballast = fill(small_disk, left_kb * 1024)
        code = driver.wait()
        with capsys.disabled():
            print(f"ended with {code} after {driver.seconds:.0f} s, {left_kb} KB left: {driver.said[-300:]}")
        assert code == 1
        [sentence] = [line for line in driver.said.splitlines() if line.startswith("dangol: ")]
        assert sentence.startswith("dangol: no space is left on a disk (")
        assert sentence.endswith("; free some and start the stream again, it goes on where it was")
    ballast.unlink()
    floor.assert_exact(capsys)
