import json
from pathlib import Path

import pytest

from dangol.edges.losses import Loss, check, losses, read_losses, read_offsets, settle, write_losses
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
    return root / "grades"


def offsets(folder: Path, batch: int) -> dict[int, int] | None:
    return read_offsets(folder / "offsets" / str(batch), "orders")


def test_nothing_is_lost_while_the_bus_has_what_comes_next(tmp_path: Path) -> None:
    folder = checkpoint(tmp_path, {"0": 5, "1": 7}, done=1)
    assert losses(folder, "orders", {0: (5, 9), 1: (0, 7), 2: (0, 0)}) == []


def test_a_query_that_has_not_begun_has_lost_nothing(tmp_path: Path) -> None:
    assert losses(tmp_path / "grades", "orders", {0: (5, 9)}) == []


def test_every_way_to_lose(tmp_path: Path) -> None:
    folder = checkpoint(tmp_path, {"0": 5, "1": 70, "2": 3}, done=1)
    found = losses(folder, "orders", {0: (9, 12), 1: (0, 4), 3: (2, 2)})
    assert [(str(loss), loss.messages) for loss in found] == [
        ("orders/0 offsets 5 to 8", 4),
        ("orders/1 was made anew after offset 70", None),
        ("orders/2 is gone after offset 3", None),
        ("orders/3 offsets 0 to 1", 2),
    ]


def test_an_accepted_loss_moves_a_planned_batch_too_and_leaves_the_other_source_alone(tmp_path: Path) -> None:
    folder = checkpoint(tmp_path, {"0": 5, "1": 70, "2": 3}, {"0": 7, "1": 80, "2": 4}, done=1)
    ends = {0: (9, 12), 1: (0, 4), 3: (2, 2)}
    settle(tmp_path, ["grades"], "orders", ends, accept=True)
    assert offsets(folder, 0) == {0: 9, 1: 0, 3: 2}
    assert offsets(folder, 1) == {0: 9, 1: 0, 3: 2}
    assert (folder / "offsets" / "0").read_bytes().startswith(b'v1\n{"batchWatermarkMs":0}\n')
    assert (folder / "offsets" / "0").read_bytes().endswith(b"\n" + INLET)
    assert not list(folder.glob("offsets/.*"))  # a stale sum would make Hadoop refuse the file
    assert len(read_losses(tmp_path)) == 4
    settle(tmp_path, ["grades"], "orders", ends, accept=False)


def test_a_first_batch_that_was_never_done_begins_later(tmp_path: Path) -> None:
    folder = checkpoint(tmp_path, {"0": 7}, done=0, begun={"0": 2})
    settle(tmp_path, ["grades"], "orders", {0: (4, 9)}, accept=True)
    assert read_offsets(folder / "sources" / "0" / "0", "orders") == {0: 4}
    assert offsets(folder, 0) == {0: 7}


def test_a_loss_that_was_accepted_halfway_is_written_down_once(tmp_path: Path) -> None:
    for kept in (9, 11):  # between the two, the bus has forgotten more
        write_losses(tmp_path, [Loss("grades", "orders/0", 5, kept)])
    assert [(loss["lost_from"], loss["kept_from"], loss["messages"]) for loss in read_losses(tmp_path)] == [(5, 11, 6)]


def test_another_format_of_spark_is_refused(tmp_path: Path) -> None:
    folder = checkpoint(tmp_path, {"0": 5}, done=1)
    (folder / "offsets" / "0").write_bytes(b"v2\n{}")
    with pytest.raises(StoreError, match=r"has format b'v2'; this version knows v1 alone"):
        losses(folder, "orders", {0: (9, 12)})


def test_accepting_is_not_for_files(tmp_path: Path) -> None:
    source = load_settings().source
    check(None, source, tmp_path, ["grades"], accept=False)  # type: ignore[arg-type]
    with pytest.raises(SourceError, match=r"--accept-loss is not for source.kind files"):
        check(None, source, tmp_path, ["grades"], accept=True)  # type: ignore[arg-type]
