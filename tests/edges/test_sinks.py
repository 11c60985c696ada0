from pathlib import Path
from typing import Any

import pytest

from dangol.edges.sinks import Query, once
from dangol.errors import StoreError


class Table:
    """Remembers the batches appended to it."""

    def __init__(self) -> None:
        self.batches: list[int] = []

    def append(self, _batch: Any, batch_id: int) -> None:
        self.batches.append(batch_id)


def query(table: Table) -> Query:
    return Query("grades", None, table.append, checkpoint=Path("checkpoint"), seconds=1)  # type: ignore[arg-type]


def test_a_new_table_takes_the_first_batch() -> None:
    table = Table()
    once(table.append, last=-1)(None, 0)  # type: ignore[arg-type]
    assert table.batches == [0]


def test_a_checkpoint_older_than_its_table_is_refused() -> None:
    table = Table()
    with pytest.raises(StoreError, match=r"checkpoint is at batch 3 and its table at 7; put back the checkpoint"):
        once(table.append, last=7)(None, 3)  # type: ignore[arg-type]
    assert table.batches == []


def test_a_batch_that_meets_a_stop_is_given_up_at_once() -> None:
    table = Table()
    grades = query(table)
    with grades.batch, pytest.raises(StoreError, match="given up for a stop"):
        grades.guarded(None, 3)  # type: ignore[arg-type]
    grades.guarded(None, 3)  # type: ignore[arg-type]
    assert table.batches == [3]


def test_a_failed_batch_is_remembered_and_leaves_the_query_stoppable() -> None:
    def fail(_batch: Any, _batch_id: int) -> None:
        raise ValueError("no disk\n" + 1000 * "at java\n")

    grades = Query("grades", None, fail, checkpoint=Path("checkpoint"), seconds=1)  # type: ignore[arg-type]
    with pytest.raises(StoreError, match=r"^no disk$") as told:
        grades.guarded(None, 3)  # type: ignore[arg-type]
    assert told.value.__suppress_context__
    assert str(grades.failure).startswith("no disk\nat java")
    with pytest.raises(StoreError, match="query grades stopped: no disk; mend that and start the stream again"):
        grades.refuse_broken()
    assert grades.batch.acquire(blocking=False)
