import json
from pathlib import Path

import pytest

from dangol.edges.losses import Ends, Loss, check, losses, lost_ranges, read_offsets, settle, write_losses
from dangol.errors import SourceError, StoreError
from dangol.settings import load_settings

INLET = b'{"sourceVersion":1,"reservoirId":"x","reservoirVersion":3,"index":-1,"isStartingVersion":false}'


def checkpoint(root: Path, *batches: dict[str, int], done: int, begun: dict[str, int] | None = None) -> Path:
    """As Spark writes it for the query `grades`: where each batch ends, of which `done` are committed."""
    for folder in ("offsets", "commits", "sources/0"):
        (root / "grades" / folder).mkdir(parents=True)
    if begun is not None:
        (root / "grades" / "sources" / "0" / "0").write_bytes(b"\0v1\n" + json.dumps({"orders": begun}).encode())
    for number, offsets in enumerate(batches):
        line = json.dumps({"orders": offsets}).encode()
        (root / "grades" / "offsets" / str(number)).write_bytes(b'v1\n{"batchWatermarkMs":0}\n' + line + b"\n" + INLET)
        (root / "grades" / "offsets" / f".{number}.crc").write_bytes(b"crc")
    for number in range(done):
        (root / "grades" / "commits" / str(number)).write_bytes(b"v1\n{}")
        (root / "grades" / "commits" / f".{number}.crc").write_bytes(b"crc")
    return root / "grades"


def offsets(folder: Path, batch: int) -> dict[int, int]:
    return read_offsets(folder / "offsets" / str(batch), "orders")


def test_nothing_is_lost_while_the_bus_has_what_comes_next(tmp_path: Path) -> None:
    folder = checkpoint(tmp_path, {"0": 5, "1": 7}, done=1)
    assert losses("grades", folder, "orders", {0: (5, 9), 1: (0, 7), 2: (0, 0)}) == []


def test_a_query_that_has_not_begun_has_lost_nothing(tmp_path: Path) -> None:
    assert losses("grades", tmp_path / "grades", "orders", {0: (5, 9)}) == []


def test_a_new_partition_may_have_lost_its_beginning(tmp_path: Path) -> None:
    folder = checkpoint(tmp_path, {"0": 5, "1": 7}, done=1)
    found = losses("grades", folder, "orders", {0: (9, 12), 1: (0, 7), 2: (2, 2)})
    assert found == [Loss("grades", "orders/0", 5, 9), Loss("grades", "orders/2", 0, 2)]
    assert [str(loss) for loss in found] == ["orders/0 offsets 5 to 8", "orders/2 offsets 0 to 1"]


@pytest.mark.parametrize("ends", [{0: (0, 4)}, {1: (0, 0)}], ids=["made anew", "gone"])
def test_a_topic_that_ends_before_what_was_read_is_another_one(tmp_path: Path, ends: Ends) -> None:
    folder = checkpoint(tmp_path, {"0": 70}, done=1)
    with pytest.raises(SourceError, match=r"not the topic that was read: grades has read orders/0 up to 70"):
        settle(tmp_path, {"grades": folder}, "orders", ends, accept=True)


def test_an_accepted_loss_moves_a_planned_batch_too_and_leaves_the_other_source_alone(tmp_path: Path) -> None:
    folder = checkpoint(tmp_path, {"0": 5, "1": 7}, {"0": 7, "1": 8}, done=1)
    ends = {0: (9, 12), 1: (0, 9), 2: (2, 2)}
    settle(tmp_path, {"grades": folder}, "orders", ends, accept=True)
    assert offsets(folder, 0) == {0: 9, 1: 7, 2: 2}
    assert offsets(folder, 1) == {0: 9, 1: 8, 2: 2}
    assert (folder / "offsets" / "0").read_bytes().startswith(b'v1\n{"batchWatermarkMs":0}\n')
    assert (folder / "offsets" / "0").read_bytes().endswith(b"\n" + INLET)
    assert not list(folder.glob("offsets/.*"))  # a stale sum would make Hadoop refuse the file
    assert lost_ranges(tmp_path) == []  # which are those of ledger
    settle(tmp_path, {"grades": folder}, "orders", ends, accept=False)


def test_a_first_batch_that_was_never_done_begins_later(tmp_path: Path) -> None:
    folder = checkpoint(tmp_path, {"0": 7}, done=0, begun={"0": 2})
    settle(tmp_path, {"grades": folder}, "orders", {0: (4, 9)}, accept=True)
    assert read_offsets(folder / "sources" / "0" / "0", "orders") == {0: 4}
    assert offsets(folder, 0) == {0: 7}


def test_a_loss_that_was_accepted_halfway_is_written_down_once(tmp_path: Path) -> None:
    for kept in (9, 11):  # between the two, the bus has forgotten more
        write_losses(tmp_path, [Loss("ledger", "orders/0", 5, kept)])
    assert lost_ranges(tmp_path) == [("orders/0", 5, 11)]


def test_another_format_of_spark_is_refused(tmp_path: Path) -> None:
    folder = checkpoint(tmp_path, {"0": 5}, done=1)
    (folder / "offsets" / "0").write_bytes(b"v2\n{}")
    with pytest.raises(StoreError, match=r"has format b'v2'; this version knows v1 alone"):
        losses("grades", folder, "orders", {0: (9, 12)})


def test_accepting_is_not_for_files(tmp_path: Path) -> None:
    settings = load_settings()
    check(None, settings, {"grades": tmp_path}, accept=False)  # type: ignore[arg-type]
    with pytest.raises(SourceError, match=r"--accept-loss is not for source.kind files"):
        check(None, settings, {"grades": tmp_path}, accept=True)  # type: ignore[arg-type]
