"""A stream that runs meets a second driver, and a broker that dies."""

import os
import signal
from pathlib import Path

import pytest
from broker_fixture import CONNECTION_STRING
from faults.shopfloor import NOW, Floor
from faults.traffic import Topic, Traffic
from pyspark.sql import SparkSession

from dangol.edges.broker import LocalBroker, free_port

pytestmark = [pytest.mark.spark, pytest.mark.broker, pytest.mark.soak]


def kill(broker: LocalBroker) -> None:
    assert broker.process
    os.killpg(broker.process.pid, signal.SIGKILL)
    broker.process.wait()
    broker.process = None


def test_a_second_driver_and_a_killed_broker_change_nothing(
    spark: SparkSession, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with LocalBroker(tmp_path / "broker", free_port(), CONNECTION_STRING, topic="orders") as broker:
        floor = Floor(tmp_path / "shop", Topic(broker, "own"))
        refused = f"dangol: the stream of {floor.checkpoints} runs already"
        with floor.start().ended() as first:
            with floor.topic.sending(Traffic(3, NOW)) as sent:
                floor.goes_on(first, 1)
                with floor.start().ended() as second:
                    assert second.wait() == 1
                assert f"{refused} as process {first.process.pid}; stop it first: dangol stop\n" in second.said
                (floor.checkpoints / "lock").unlink()
                with floor.start().ended() as third:
                    assert third.wait() == 1
                assert f"{refused}; stop it first: dangol stop\n" in third.said

                floor.goes_on(first)
                kill(broker)
                broker.start()
                floor.goes_on(first)
            assert first.stop() == 0, first.said
        assert sorted(floor.topic.content().values()) == sorted(sent)
        floor.assert_exact(capsys)


def test_a_broker_that_stays_away_ends_the_stream_with_a_sentence(
    spark: SparkSession, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with LocalBroker(tmp_path / "broker", free_port(), CONNECTION_STRING, topic="orders") as broker:
        floor = Floor(tmp_path / "shop", Topic(broker, "own"))
        traffic = Traffic(4, NOW)
        floor.topic.send(traffic.take(200))
        with floor.start().ended() as driver:
            floor.goes_on(driver, 1)
            kill(broker)
            assert driver.wait() == 1
            [sentence] = [line for line in driver.said.splitlines() if line.startswith("dangol: ")]
            with capsys.disabled():
                print(f"ended after {driver.seconds:.0f} s: {sentence}")
        broker.start()
        floor.topic.send(traffic.take(200))
        floor.assert_exact(capsys)
