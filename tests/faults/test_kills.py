"""The driver is killed again and again while the worst of messages arrive: in the end the tables are exact."""

import random
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from faults.shopfloor import NOW, Floor
from faults.traffic import Topic, Traffic
from pyspark.sql import SparkSession

pytestmark = [pytest.mark.spark, pytest.mark.broker]

BOUNDARIES: list[dict[str, Any]] = [
    {"point": "after append", "of": "customer_history", "count": 2, "alone": True},
    {"point": "file", "of": "grades-1/commits/[0-9]*", "count": 2},
]
"""One of a table and one of a checkpoint; all others are in SOAK."""

SOAK: list[dict[str, Any]] = [
    {"point": "after append", "of": "events", "count": 1},
    {"point": "during snapshot", "count": 1},
    {"point": "before append", "of": "events", "count": 2},
    {"point": "during append", "of": "events", "count": 2},
    {"point": "before append", "of": "customer_history", "count": 1},
    {"point": "during append", "of": "customer_history", "count": 3},
    {"point": "before append", "of": "customer_days", "count": 1},
    {"point": "after append", "of": "customer_days", "count": 2},
    {"point": "before snapshot", "count": 1},
    {"point": "after snapshot", "count": 2},
    {"point": "file", "of": "grades-1/offsets/[0-9]*", "count": 2},
    {"point": "file", "of": "grades-1/state/0/*/*.changelog", "count": 3},
    {"point": "file", "of": "grades-1/commits/.*.tmp", "count": 2},
    {"point": "file", "of": "ledger-1/offsets/[0-9]*", "count": 1, "alone": True},
    {"point": "file", "of": "ledger-1/commits/[0-9]*", "count": 2},
]
RANDOM_KILLS = 8
REBUILD: list[dict[str, Any]] = [
    {"point": "file", "of": "grades-2/offsets/[0-9]*", "count": 1},
    {"point": "file", "of": "grades-2/commits/[0-9]*", "count": 1},
]


def random_kills(rng: random.Random) -> list[dict[str, Any]]:
    """Some hit a driver that has no session yet, some one in the middle of its batches."""
    return [{"batches": number % 2, "seconds": rng.uniform(0, 8)} for number in range(RANDOM_KILLS)]


def under_fire(
    floor: Floor, kills: list[dict[str, Any]], seed: int, capsys: pytest.CaptureFixture[str], *words: str
) -> list[bytes]:
    """Drivers that are killed at a point, or so many seconds after so many micro-batches, while messages arrive; what
    was sent."""
    with floor.topic.sending(Traffic(seed, NOW)) as sent:
        for wanted in kills:
            with floor.start(*words, kill_at=wanted if "point" in wanted else None).ended() as driver:
                if "seconds" in wanted:
                    floor.goes_on(driver, wanted["batches"])
                    driver.kill_after(wanted["seconds"])
                assert driver.wait() == -signal.SIGKILL, driver.said
            with capsys.disabled():
                print(f"killed {wanted} after {driver.seconds:.1f} s, {len(sent)} messages sent")
    return sent


def test_a_driver_killed_at_each_kind_of_boundary(
    spark: SparkSession, topic: Callable[[], Topic], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    floor = Floor(tmp_path / "shop", topic())
    sent = under_fire(floor, BOUNDARIES, 1, capsys)
    assert sorted(floor.topic.content().values()) == sorted(sent)
    floor.assert_exact(capsys)


@pytest.mark.soak
def test_twenty_five_kills_and_two_of_a_rebuild(
    spark: SparkSession, topic: Callable[[], Topic], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rng = random.Random(20)  # noqa: S311 - repeatable, not secret
    kills = [*BOUNDARIES, *SOAK, *random_kills(rng)]
    rng.shuffle(kills)
    floor = Floor(tmp_path / "shop", topic())
    sent = under_fire(floor, kills, 2, capsys)
    sent += under_fire(floor, REBUILD, 3, capsys, "rebuild")
    assert sorted(floor.topic.content().values()) == sorted(sent)
    floor.assert_exact(capsys)
    floor.here("rebuild")
    floor.assert_exact(capsys)
    assert set(floor.table("customers")["generation"]) == {2}
