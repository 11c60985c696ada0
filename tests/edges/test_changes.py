"""The follower of customer_history, on real Delta tables and without a JVM."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from deltalake import DeltaTable
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from store_fixture import CustomerStore

from dangol.edges.changes import Follower, run_changes
from dangol.edges.positions import joined, reached, split
from dangol.errors import StoreError
from dangol.settings import load_settings
from dangol.tables import CHANGES, CUSTOMER_HISTORY

HYSTERESIS = 0.15
RANKS = {None: None, "Silver": 1, "Gold": 2, "VIP": 3}


class Grades:
    """A history that grows by a batch a commit, in the words of a grade and its margin."""

    def __init__(self, store: CustomerStore) -> None:
        self.store = store
        self.path = store.path

    def batch(self, batch_id: int, generation: int = 1, **grades: tuple[str | None, float]) -> None:
        """A commit with a row per customer: ann=("Gold", 0.5)."""
        self.store.append(
            *(
                self.store.row(
                    customer,
                    grade=grade,
                    grade_rank=RANKS[grade],
                    margin=margin if grade else None,
                    generation=generation,
                    batch_id=batch_id,
                )
                for customer, (grade, margin) in grades.items()
            )
        )

    def changes(self) -> list[tuple[Any, ...]]:
        """(customer, generation, batch, old, new) in the order of the history."""
        names = ["customer_id", "generation", "batch_id", "old_grade", "new_grade"]
        rows = pa.table(DeltaTable(self.path / CHANGES.name).scan(columns=names)).to_pylist()
        return sorted((tuple(row[name] for name in names) for row in rows), key=lambda row: (row[1], row[2], row[0]))

    def history(self) -> DeltaTable:
        return DeltaTable(self.path / CUSTOMER_HISTORY.name)

    def follow(self) -> None:
        """A start that reads all that is there, and ends without a word."""
        Follower(self.path, HYSTERESIS).step()


@pytest.fixture
def grades(customer_store: CustomerStore) -> Grades:
    return Grades(customer_store)


def test_a_store_without_history_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="run `dangol stream` on this store first"):
        Follower(tmp_path, HYSTERESIS)


def test_a_first_start_reports_none_and_later_ones_what_is_new(grades: Grades) -> None:
    grades.batch(0, ann=("Gold", 0.5), bob=("VIP", 0.5))
    grades.batch(1, ann=("VIP", 0.5))
    grades.follow()
    assert grades.changes() == []

    grades.batch(2, ann=("Gold", 0.5), cho=("Silver", 0.1))
    grades.follow()
    grades.follow()
    assert grades.changes() == [("ann", 1, 2, "VIP", "Gold"), ("cho", 1, 2, None, "Silver")]


def test_an_empty_history_knows_nobody(grades: Grades) -> None:
    grades.batch(0, ann=("Gold", 0.5))
    grades.history().delete()
    follower = Follower(grades.path, HYSTERESIS)
    grades.batch(1, ann=("Gold", 0.5))
    follower.step()
    assert grades.changes() == [("ann", 1, 1, None, "Gold")]


def test_nothing_is_read_twice_and_an_idle_look_writes_nothing(grades: Grades) -> None:
    grades.batch(0, ann=("Gold", 0.5))
    follower = Follower(grades.path, HYSTERESIS)
    grades.batch(1, ann=("VIP", 0.5))
    found = follower.step()
    version = DeltaTable(grades.path / CHANGES.name).version()

    assert found is not None
    assert found.num_rows == 1
    assert follower.step() is None
    grades.batch(2, ann=("VIP", 0.6))
    assert follower.step().num_rows == 0  # type: ignore[union-attr]
    assert DeltaTable(grades.path / CHANGES.name).version() == version


def test_the_position_is_one_integer_that_orders_as_the_pair(grades: Grades) -> None:
    assert split(joined(3, 77)) == (3, 77)
    assert joined(1, 2**39) < joined(2, 0)
    grades.batch(7, generation=3, ann=("Gold", 0.5))
    follower = Follower(grades.path, HYSTERESIS)
    assert split(follower.position) == (3, 7)


def test_an_orderly_end_writes_down_how_far_it_came(grades: Grades) -> None:
    grades.batch(0, ann=("Gold", 0.5))
    follower = Follower(grades.path, HYSTERESIS)
    grades.batch(1, ann=("Gold", 0.5))
    follower.step()
    follower.commit()
    assert split(reached(DeltaTable(grades.path / CHANGES.name), CHANGES.name) or 0) == (1, 1)


def test_a_rebuild_goes_on_with_a_new_generation(grades: Grades) -> None:
    grades.batch(900, ann=("Gold", 0.5), bob=("Silver", 0.5))
    follower = Follower(grades.path, HYSTERESIS)
    grades.batch(0, generation=2, ann=("Gold", 0.5), bob=("Gold", 0.5))
    follower.step()
    assert grades.changes() == [("bob", 2, 0, "Silver", "Gold")]


def test_upkeep_of_the_history_and_of_changes_is_nothing_to_it(grades: Grades) -> None:
    """Compacted, vacuumed, the log trimmed, a row of a tick thinned; while it runs and while it does not."""
    grades.batch(0, ann=("Gold", 0.5), bob=("Gold", 0.5))
    running = Follower(grades.path, HYSTERESIS)
    for batch in range(1, 5):
        grades.batch(batch, ann=("VIP" if batch % 2 else "Gold", 0.5))
    grades.history().delete("customer_id = 'ann' and batch_id = 2")
    for name in (CUSTOMER_HISTORY.name, CHANGES.name):
        table = DeltaTable(grades.path / name)
        table.optimize.compact()
        table.vacuum(0, dry_run=False, enforce_retention_duration=False)
        table.create_checkpoint()
        for version in range(table.version()):
            (grades.path / name / "_delta_log" / f"{version:020d}.json").unlink(missing_ok=True)
    expected = [("ann", 1, 1, "Gold", "VIP"), ("ann", 1, 4, "VIP", "Gold")]

    running.step()
    assert grades.changes() == expected
    DeltaTable(grades.path / CHANGES.name).optimize.compact()
    grades.batch(5, bob=("VIP", 0.5))
    grades.follow()
    assert grades.changes() == [*expected, ("bob", 1, 5, "Gold", "VIP")]


def test_what_another_writer_has_committed_is_not_written_again(grades: Grades) -> None:
    """Should the lock not hold, Delta refuses the second commit, and the loser reads where it is now."""
    grades.batch(0, ann=("Gold", 0.5))
    first, second = Follower(grades.path, HYSTERESIS), Follower(grades.path, HYSTERESIS)
    grades.batch(1, ann=("VIP", 0.5))
    first.step()
    second.step()
    grades.batch(2, ann=("Gold", 0.5))
    second.step()
    first.step()
    assert grades.changes() == [("ann", 1, 1, "Gold", "VIP"), ("ann", 1, 2, "VIP", "Gold")]


KILLED = """
import os, signal, sys
from pathlib import Path
from dangol.edges import changes
real = changes.append

def killed(*arguments):
    if sys.argv[2] == "after":
        real(*arguments)
    os.kill(os.getpid(), signal.SIGKILL)

if sys.argv[3] == "start":
    changes.append = killed
follower = changes.Follower(Path(sys.argv[1]), 0.15)
changes.append = killed
follower.step()
"""


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("what", ["start", "change"])
def test_killed_beside_a_commit_each_change_is_there_once(grades: Grades, when: str, what: str) -> None:
    grades.batch(0, ann=("Gold", 0.5), bob=("Gold", 0.5))
    if what == "change":
        grades.follow()
        grades.batch(1, ann=("VIP", 0.5), bob=("VIP", 0.1))
    process = subprocess.run([sys.executable, "-c", KILLED, grades.path, when, what], check=False)
    assert process.returncode == -signal.SIGKILL

    grades.follow()
    grades.batch(2, bob=("VIP", 0.5))
    grades.follow()
    first = [("ann", 1, 1, "Gold", "VIP")] if what == "change" else []
    assert grades.changes() == [*first, ("bob", 1, 2, "Gold", "VIP")]


CUSTOMERS = ("ann", "bob", "cho")
BATCH = st.dictionaries(
    st.sampled_from(CUSTOMERS),
    st.tuples(st.sampled_from([None, "Silver", "Gold", "VIP"]), st.sampled_from([0.05, 0.15, 0.5])),
    min_size=1,
)
BETWEEN = st.sampled_from(["nothing", "step", "restart", "compact", "generation"])


def expected(batches: list[tuple[int, int, dict[str, tuple[str | None, float]]]], known: int) -> list[tuple[Any, ...]]:
    """The changes after the first `known` batches, by a loop that reads row after row."""
    settled: dict[str, str | None] = {}
    found = []
    for number, (generation, batch_id, rows) in enumerate(batches):
        for customer in sorted(rows):
            grade, margin = rows[customer]
            if customer in settled and grade is not None and margin <= HYSTERESIS:
                continue
            if grade != settled.get(customer) and number >= known:
                found.append((customer, generation, batch_id, settled.get(customer), grade))
            settled[customer] = grade
    return found


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(known=st.lists(BATCH, min_size=1, max_size=3), later=st.lists(st.tuples(BETWEEN, BATCH), min_size=1, max_size=7))
def test_however_it_is_followed_the_changes_are_the_same(grades: Grades, known, later) -> None:
    shutil.rmtree(grades.path, ignore_errors=True)
    generation, batch_id, written = 1, -1, []
    for rows in known:
        batch_id += 1
        grades.batch(batch_id, **rows)
        written.append((generation, batch_id, rows))
    follower = Follower(grades.path, HYSTERESIS)
    for between, rows in later:
        batch_id += 1
        if between == "step":
            follower.step()
        elif between == "restart":
            follower = Follower(grades.path, HYSTERESIS)
        elif between == "compact":
            grades.history().optimize.compact()
        elif between == "generation":
            generation, batch_id = generation + 1, 0
        grades.batch(batch_id, generation, **rows)
        written.append((generation, batch_id, rows))
    follower.step()

    assert grades.changes() == expected(written, len(known))


def command(path: Path, *options: str) -> list[str]:
    return [sys.executable, "-m", "dangol.cli", "changes", "--store", str(path), *options]


def test_the_command_follows_alone_until_it_is_told_to_end(grades: Grades) -> None:
    grades.batch(0, ann=("Gold", 0.5))
    process = subprocess.Popen(command(grades.path, "--json"), stdout=subprocess.PIPE, text=True)
    try:
        while not (grades.path / CHANGES.name / "_delta_log" / f"{1:020d}.json").exists():
            assert process.poll() is None
            time.sleep(0.01)
        with pytest.raises(StoreError, match=f"dangol changes of .* runs already as process {process.pid}"):
            run_changes(load_settings(overrides={"store.path": grades.path}), available_now=True)
        grades.batch(1, ann=("VIP", 0.5))
        while not grades.changes():
            assert process.poll() is None
            time.sleep(0.01)
    finally:
        os.kill(process.pid, signal.SIGTERM)
        said, _ = process.communicate()

    assert process.returncode == 0
    assert '"changes": 1, "by_cause": {' in said
    assert '"triggers": null' in said


def test_available_now_ends_when_all_is_read(grades: Grades) -> None:
    grades.batch(0, ann=("Gold", 0.5))
    options = load_settings(overrides={"store.path": grades.path})
    assert run_changes(options, available_now=True)["changes"] == 0
    grades.batch(1, ann=("VIP", 0.5))
    told = run_changes(options, available_now=True)
    assert (told["changes"], told["triggers"]) == (1, None)
