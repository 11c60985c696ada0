"""The broker dies under the stream."""

import os
import signal
from pathlib import Path

import pytest
from broker_fixture import CONNECTION_STRING
from faults.shopfloor import NOW, Floor
from faults.traffic import Topic, Traffic
from pyspark.sql import SparkSession

from dangol.edges.broker import LocalBroker, free_port

pytestmark = [pytest.mark.spark, pytest.mark.broker]


def kill(broker: LocalBroker) -> None:
    assert broker.process
    os.killpg(broker.process.pid, signal.SIGKILL)
    broker.process.wait()
    broker.process = None


def test_a_killed_broker_that_comes_back_is_read_on(
    spark: SparkSession, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with LocalBroker(tmp_path / "broker", free_port(), CONNECTION_STRING, topic="orders") as broker:
        floor = Floor(tmp_path / "shop", Topic(broker, "own"))
        with floor.start().ended() as driver:
            with floor.topic.sending(Traffic(3, NOW)) as sent:
                driver.until_batches(2)
                kill(broker)
                broker.start()
                seen = driver.said.count("query=grades")
                driver.until_batches(seen + 2)
            assert driver.stop() == 0, driver.said
        assert sorted(floor.topic.content().values()) == sorted(sent)
        floor.assert_exact(capsys)


@pytest.mark.soak
def test_a_broker_that_stays_away_ends_the_stream_with_a_sentence(
    spark: SparkSession, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with LocalBroker(tmp_path / "broker", free_port(), CONNECTION_STRING, topic="orders") as broker:
        floor = Floor(tmp_path / "shop", Topic(broker, "own"))
        traffic = Traffic(4, NOW)
        floor.topic.send(traffic.take(200))
        with floor.start().ended() as driver:
            driver.until_batches(1)
            kill(broker)
            print(f"ended with {driver.wait()} after {driver.seconds:.0f} s\n{driver.said}")
            assert driver.wait() == 1
            assert "dangol: " in driver.said.splitlines()[-1]
        broker.start()
        floor.topic.send(traffic.take(200))
        floor.assert_exact(capsys)
