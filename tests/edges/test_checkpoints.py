from datetime import UTC, date, datetime
from pathlib import Path

from dangol.edges.checkpoints import Progress, first_open_day, progress

MAY_3 = 1304380800000  # 2011-05-03T00:00:00


def commit(folder: Path, batch_id: int, watermark_ms: int, *offsets: str, committed: bool = True) -> None:
    for name in ("offsets", "commits"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    lines = ["v1", f'{{"batchWatermarkMs":{watermark_ms},"batchTimestampMs":1,"conf":{{}}}}', *offsets]
    (folder / "offsets" / str(batch_id)).write_text("\n".join(lines))
    if committed:
        (folder / "commits" / str(batch_id)).write_text('v1\n{"nextBatchWatermarkMs":0}')


def test_a_query_that_never_ran_has_no_progress(tmp_path: Path) -> None:
    assert progress(tmp_path / "days-1") is None
    assert first_open_day(tmp_path / "days-1") is None


def test_the_last_committed_batch_tells_how_far_a_query_has_come(tmp_path: Path) -> None:
    commit(tmp_path, 9, 0, "-", '{"orders":{"0":1}}')
    commit(tmp_path, 10, MAY_3, '{"orders":{"0":7}}', "-")
    commit(tmp_path, 11, MAY_3 + 1, '{"orders":{"0":9}}', "-", committed=False)
    (tmp_path / "commits" / ".10.crc").write_text("")

    assert progress(tmp_path) == Progress(10, datetime(2011, 5, 3, tzinfo=UTC), ({"orders": {"0": 7}}, None))


def test_days_before_the_watermark_are_closed(tmp_path: Path) -> None:
    commit(tmp_path, 0, 0)
    assert first_open_day(tmp_path) is None
    commit(tmp_path, 1, MAY_3)
    assert first_open_day(tmp_path) == date(2011, 5, 3)
    commit(tmp_path, 2, MAY_3 - 1)
    assert first_open_day(tmp_path) == date(2011, 5, 2)
