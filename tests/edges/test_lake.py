import shutil
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from deltalake import DeltaTable
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dangol.answers.queries import CUSTOMER_NOW, GRADE_PROFILE, GRADES_NOW, Query
from dangol.edges.lake import Lake
from dangol.errors import StoreError
from dangol.tables import CUSTOMERS_LIVE

EVERYBODY = Query(
    "everybody",
    "select customer_id, frequency, generation, batch_id from customers_live order by customer_id",
    (),
    {"ko": "", "en": ""},
)


def lake_of(store) -> Lake:
    return Lake(store.path, refresh_seconds=0)


def source(evidence) -> tuple[str, int]:
    return evidence.table, evidence.version


def test_a_store_without_tables_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="run `dangol stream`"):
        Lake(tmp_path).run(GRADES_NOW)


def test_an_empty_snapshot_supplies_nothing(customer_store) -> None:
    customer_store.snapshot()
    customer_store.append(customer_store.row("12347"))
    found = lake_of(customer_store).run(CUSTOMER_NOW, ["12347"])
    assert [row["customer_id"] for row in found.rows] == ["12347"]
    assert source(found) == ("customer_history", 0)


def test_a_row_comes_from_the_snapshot_until_a_later_one_is_committed(customer_store) -> None:
    customer_store.append(customer_store.row("12347"), customer_store.row("12348"))
    customer_store.snapshot(customer_store.row("12347"), customer_store.row("12348"))
    lake = lake_of(customer_store)

    before = lake.run(CUSTOMER_NOW, ["12347"])
    customer_store.append(customer_store.row("12347", frequency=8, batch_id=1))
    after, other = lake.run(CUSTOMER_NOW, ["12347"]), lake.run(CUSTOMER_NOW, ["12348"])

    assert (before.rows[0]["frequency"], source(before)) == (7, ("customers", 0))
    assert (after.rows[0]["frequency"], source(after)) == (8, ("customer_history", 1))
    assert source(other) == ("customers", 0)
    assert after.table_rows == 2
    assert after.committed_at >= before.committed_at


def test_an_aggregate_cites_the_history_as_soon_as_one_row_is_later(customer_store) -> None:
    customer_store.snapshot(customer_store.row("1"), customer_store.row("2"))
    customer_store.append(customer_store.row("1"), customer_store.row("2"))
    lake = lake_of(customer_store)
    assert source(lake.run(GRADES_NOW)) == ("customers", 0)
    customer_store.append(customer_store.row("2", grade="VIP", grade_rank=3, batch_id=1))
    assert source(lake.run(GRADES_NOW)) == ("customer_history", 1)


def test_the_history_alone_is_enough(customer_store) -> None:
    customer_store.append(customer_store.row("12347"))
    customer_store.append(customer_store.row("12347", frequency=8, batch_id=1))
    found = lake_of(customer_store).run(CUSTOMER_NOW, ["12347"])
    assert (found.rows[0]["frequency"], source(found)) == (8, ("customer_history", 1))


def test_the_snapshot_alone_is_enough_and_a_history_that_appears_is_followed(customer_store) -> None:
    customer_store.snapshot(customer_store.row("12347"))
    lake = lake_of(customer_store)
    assert lake.run(CUSTOMER_NOW, ["12347"]).rows[0]["frequency"] == 7
    customer_store.append(customer_store.row("12347", frequency=8, batch_id=1))
    assert lake.run(CUSTOMER_NOW, ["12347"]).rows[0]["frequency"] == 8


def test_ids_match_exactly(customer_store) -> None:
    customer_store.append(customer_store.row("12347"), customer_store.row("AB1"))
    lake = lake_of(customer_store)
    for nobody in ("1234", "123470", "2347", "ab1", "12347 ", "' or 1=1 --"):
        assert lake.run(CUSTOMER_NOW, [nobody]).rows == ()


def test_the_newest_row_is_the_greatest_generation_then_batch(customer_store) -> None:
    customer_store.append(customer_store.row("1", frequency=9, generation=0, batch_id=900))
    customer_store.append(customer_store.row("1", frequency=10, generation=1, batch_id=2))
    lake = lake_of(customer_store)
    assert lake.run(CUSTOMER_NOW, ["1"]).rows[0]["frequency"] == 10
    customer_store.append(customer_store.row("1", frequency=8, generation=0, batch_id=901))
    assert lake.run(CUSTOMER_NOW, ["1"]).rows[0]["frequency"] == 10


def test_a_grades_numbers(customer_store) -> None:
    customer_store.append(
        customer_store.row("1", monetary=Decimal("10.0001"), recency_days=1, frequency=2, p_max=0.55),
        customer_store.row("2", monetary=Decimal("20.0003"), recency_days=2, frequency=3),
        customer_store.row("3", monetary=Decimal("70.0003"), grade="VIP", grade_rank=3),
        customer_store.row("4", grade=None, grade_rank=None, frequency=0),
    )
    (row,) = lake_of(customer_store).run(GRADE_PROFILE, [0.6, "Gold"]).rows
    row = {name: row[name] for name in row if name not in ("as_of", "generation", "batch_id")}
    assert row == {
        "grade": "Gold",
        "grade_rank": 2,
        "customers": 2,
        "graded_customers": 3,
        "graded_monetary": Decimal("100.0007"),
        "recency_median": 1.5,
        "recency_total": 3,
        "frequency_median": 2.5,
        "frequency_total": 5,
        "monetary_median": Decimal("15.0002"),
        "monetary_total": Decimal("30.0004"),
        "boundary_customers": 1,
    }
    assert [(row["grade"], row["customers"]) for row in lake_of(customer_store).run(GRADES_NOW).rows] == [
        ("Gold", 2),
        ("VIP", 1),
    ]


def test_compaction_changes_nothing_and_a_vacuum_is_survived(customer_store) -> None:
    customer_store.append(customer_store.row("1"))
    lake, late = lake_of(customer_store), lake_of(customer_store)
    assert late.run(EVERYBODY).version == 0
    customer_store.append(customer_store.row("2", batch_id=1))
    history = DeltaTable(customer_store.path / "customer_history")
    history.optimize.compact()
    assert [row["customer_id"] for row in lake.run(EVERYBODY).rows] == ["1", "2"]
    customer_store.append(customer_store.row("3", batch_id=2))
    DeltaTable(customer_store.path / "customer_history").vacuum(0, dry_run=False, enforce_retention_duration=False)
    assert [row["customer_id"] for row in late.run(EVERYBODY).rows] == ["1", "2", "3"]


def test_the_database_reads_no_file_and_no_setting_can_be_changed(customer_store) -> None:
    customer_store.append(customer_store.row("1"))
    lake = lake_of(customer_store)
    for sql in ("select * from read_csv('/etc/hostname')", "set enable_external_access = true", "install httpfs"):
        with pytest.raises(StoreError):
            lake.run(Query("hostile", sql, (), {"ko": "", "en": ""}))


def test_many_threads_read_while_the_history_grows(customer_store) -> None:
    customer_store.append(customer_store.row("1", frequency=1))
    lake = lake_of(customer_store)

    def look(number: int) -> bool:
        if number % 10 == 0:
            customer_store.append(customer_store.row("1", frequency=number + 1, batch_id=number + 1))
        found = lake.run(CUSTOMER_NOW, ["1"])
        return found.rows[0]["frequency"] in {1, *range(1, 62, 10)}

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(look, range(60)))
    assert lake.run(CUSTOMER_NOW, ["1"]).rows[0]["frequency"] == 51


POSITION = st.tuples(st.sampled_from("abc"), st.integers(0, 1), st.integers(0, 3))


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(snapshot=st.integers(0, 6), history=st.lists(POSITION, min_size=1, max_size=8, unique=True))
def test_following_equals_the_view_of_the_contract(customer_store, snapshot: int, history) -> None:
    """However the history is cut into what the snapshot holds, what is read first and what is followed later."""
    shutil.rmtree(customer_store.path, ignore_errors=True)
    ordered = sorted(history, key=lambda position: position[1:])
    rows = [customer_store.row(c, generation=g, batch_id=b, frequency=10 * g + b) for c, g, b in ordered]
    cut = next((n for n in range(snapshot, 0, -1) if n < len(ordered) and ordered[n][1:] != ordered[n - 1][1:]), 0)
    for row in rows[: cut + 1]:
        customer_store.append(row)
    if cut:
        newest = {row["customer_id"]: row for row in rows[:cut]}
        customer_store.snapshot(*newest.values())
    lake = lake_of(customer_store)
    lake.run(EVERYBODY)
    for row in rows[cut + 1 :]:
        customer_store.append(row)

    database = duckdb.connect()
    database.register("customer_history", DeltaTable(customer_store.path / "customer_history").to_pyarrow_table())
    database.execute("create view customers as select * from customer_history limit 0")
    view = CUSTOMERS_LIVE.format(customers="customers", customer_history="customer_history")
    live = database.execute(f"select customer_id, frequency from ({view}) order by customer_id").fetchall()  # noqa: S608
    assert [(row["customer_id"], row["frequency"]) for row in lake.run(EVERYBODY).rows] == live


def test_rows_that_upkeep_deletes_or_rewrites_do_not_come_back(customer_store) -> None:
    """A rewritten file is told as deleted and inserted rows, the deleted ones among them."""
    customer_store.append(customer_store.row("1"), customer_store.row("gone"))
    customer_store.append(customer_store.row("1", frequency=8, batch_id=1))
    customer_store.snapshot(customer_store.row("1", frequency=8, batch_id=1))
    lake = lake_of(customer_store)
    assert [row["customer_id"] for row in lake.run(EVERYBODY).rows] == ["1"]
    DeltaTable(customer_store.path / "customer_history").delete("customer_id = 'gone'")
    assert [(row["customer_id"], row["frequency"]) for row in lake.run(EVERYBODY).rows] == [("1", 8)]
    customer_store.append(customer_store.row("2", batch_id=2))
    assert [row["customer_id"] for row in lake.run(EVERYBODY).rows] == ["1", "2"]


def test_a_log_that_has_been_trimmed_meanwhile_leads_to_a_fresh_start(customer_store) -> None:
    customer_store.append(customer_store.row("1"))
    lake = lake_of(customer_store)
    assert len(lake.run(EVERYBODY).rows) == 1
    for batch in range(1, 4):
        customer_store.append(customer_store.row("1", frequency=batch, batch_id=batch))
    history = DeltaTable(customer_store.path / "customer_history")
    history.create_checkpoint()
    for version in range(3):
        (customer_store.path / "customer_history" / "_delta_log" / f"{version:020d}.json").unlink()
    customer_store.append(customer_store.row("2", batch_id=4))
    assert [(row["customer_id"], row["frequency"]) for row in lake.run(EVERYBODY).rows] == [("1", 3), ("2", 7)]
