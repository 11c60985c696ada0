"""A second driver on the checkpoint of one that runs."""

from collections.abc import Callable
from pathlib import Path

import pytest
from faults.shopfloor import NOW, Floor
from faults.traffic import Topic, Traffic
from pyspark.sql import SparkSession

pytestmark = [pytest.mark.spark, pytest.mark.broker]


def test_the_second_is_refused_also_when_the_lock_was_deleted(
    spark: SparkSession, topic: Callable[[], Topic], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    floor = Floor(tmp_path / "shop", topic())
    with floor.topic.sending(Traffic(6, NOW)), floor.start().ended() as first:
        floor.goes_on(first, 1)
        with floor.start().ended() as second:
            assert second.wait() == 1
            assert second.said.splitlines()[-1] == (
                f"dangol: the stream of {floor.checkpoints} runs already as process {first.process.pid}; "
                "stop it first: dangol stop"
            )
        (floor.checkpoints / "lock").unlink()
        with floor.start().ended() as third:
            assert third.wait() == 1
            assert "runs already" in third.said.splitlines()[-1]
        floor.goes_on(first)
        assert first.stop() == 0, first.said
    floor.assert_exact(capsys)
