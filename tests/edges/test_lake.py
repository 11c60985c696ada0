import shutil
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sources_fixture import CHANGE, TYPES
from store_fixture import AS_OF

from dangol.answers.queries import CUSTOMER_NOW, CUSTOMER_ON, GRADE_PROFILE, GRADES_NOW, LAST_CHANGE, SUMMARY, Query
from dangol.edges import lake as lake_module
from dangol.edges.lake import Lake
from dangol.errors import MissingTableError, QueryError, StoreError
from dangol.tables import CUSTOMER_DAYS, CUSTOMERS_LIVE

NOTHING = {"ko": "", "en": ""}
EVERYBODY = Query(
    "everybody",
    ("customers_live",),
    "select customer_id, frequency, as_of, generation, batch_id from customers_live order by customer_id",
    NOTHING,
)
ALL_DAYS = Query(
    "all_days",
    ("customer_days",),
    "select customer_id, day, gross from customer_days order by customer_id, day",
    NOTHING,
)
ALL_CHANGES = Query(
    "all_changes", ("changes",), "select customer_id, new_grade from changes order by customer_id", NOTHING
)


def lake_of(store) -> Lake:
    return Lake(store.path, refresh_seconds=0)


def source(evidence) -> tuple[str, int]:
    return evidence.source.table, evidence.source.version


def test_a_store_without_tables_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="run `dangol stream`"):
        Lake(tmp_path).run(GRADES_NOW)


def test_an_empty_snapshot_supplies_nothing(customer_store) -> None:
    customer_store.snapshot()
    customer_store.append(customer_store.row("12347"))
    found = lake_of(customer_store).run(CUSTOMER_NOW, {"customer_id": "12347"})
    assert [row["customer_id"] for row in found.rows] == ["12347"]
    assert source(found) == ("customer_history", 0)


def test_a_row_comes_from_the_snapshot_until_a_later_one_is_committed(customer_store) -> None:
    customer_store.append(customer_store.row("12347"), customer_store.row("12348"))
    customer_store.snapshot(customer_store.row("12347"), customer_store.row("12348"))
    lake = lake_of(customer_store)

    before = lake.run(CUSTOMER_NOW, {"customer_id": "12347"})
    customer_store.append(customer_store.row("12347", frequency=8, batch_id=1))
    after, other = lake.run(CUSTOMER_NOW, {"customer_id": "12347"}), lake.run(CUSTOMER_NOW, {"customer_id": "12348"})

    assert (before.rows[0]["frequency"], source(before)) == (7, ("customers", 0))
    assert (after.rows[0]["frequency"], source(after)) == (8, ("customer_history", 1))
    assert source(other) == ("customers", 0)
    assert after.source.committed_at >= before.source.committed_at


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
    found = lake_of(customer_store).run(CUSTOMER_NOW, {"customer_id": "12347"})
    assert (found.rows[0]["frequency"], source(found)) == (8, ("customer_history", 1))


def test_the_snapshot_alone_is_enough_and_a_history_that_appears_is_followed(customer_store) -> None:
    customer_store.snapshot(customer_store.row("12347"))
    lake = lake_of(customer_store)
    assert lake.run(CUSTOMER_NOW, {"customer_id": "12347"}).rows[0]["frequency"] == 7
    customer_store.append(customer_store.row("12347", frequency=8, batch_id=1))
    assert lake.run(CUSTOMER_NOW, {"customer_id": "12347"}).rows[0]["frequency"] == 8


def test_ids_match_exactly(customer_store) -> None:
    customer_store.append(customer_store.row("12347"), customer_store.row("AB1"))
    lake = lake_of(customer_store)
    for nobody in ("1234", "123470", "2347", "ab1", "12347 ", "' or 1=1 --"):
        assert lake.run(CUSTOMER_NOW, {"customer_id": nobody}).rows == ()


def test_the_newest_row_is_the_greatest_generation_then_batch(customer_store) -> None:
    customer_store.append(customer_store.row("1", frequency=9, generation=0, batch_id=900))
    customer_store.append(customer_store.row("1", frequency=10, generation=1, batch_id=2))
    lake = lake_of(customer_store)
    assert lake.run(CUSTOMER_NOW, {"customer_id": "1"}).rows[0]["frequency"] == 10
    customer_store.append(customer_store.row("1", frequency=8, generation=0, batch_id=901))
    assert lake.run(CUSTOMER_NOW, {"customer_id": "1"}).rows[0]["frequency"] == 10


def test_a_grades_numbers(customer_store) -> None:
    customer_store.append(
        customer_store.row("1", monetary=Decimal("10.0001"), recency_days=1, frequency=2, p_max=0.55),
        customer_store.row("2", monetary=Decimal("20.0003"), recency_days=2, frequency=3),
        customer_store.row("3", monetary=Decimal("70.0003"), grade="VIP", grade_rank=3),
        customer_store.row("4", grade=None, grade_rank=None, frequency=0),
    )
    (row,) = lake_of(customer_store).run(GRADE_PROFILE, {"boundary_below": 0.6, "grade": "Gold"}).rows
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
    assert late.run(EVERYBODY).source.version == 0
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
        with pytest.raises(QueryError):
            lake.run(Query("hostile", ("customers_live",), sql, NOTHING))


def test_many_threads_read_while_the_history_grows(customer_store) -> None:
    customer_store.append(customer_store.row("1", frequency=1))
    lake = lake_of(customer_store)

    def look(number: int) -> bool:
        if number % 10 == 0:
            customer_store.append(customer_store.row("1", frequency=number + 1, batch_id=number + 1))
        found = lake.run(CUSTOMER_NOW, {"customer_id": "1"})
        return found.rows[0]["frequency"] in {1, *range(1, 62, 10)}

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(look, range(60)))
    assert lake.run(CUSTOMER_NOW, {"customer_id": "1"}).rows[0]["frequency"] == 51


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


# tables that are held once a question needs them

DAY_SCHEMA = pa.schema([(c.name, TYPES[c.type]) for c in CUSTOMER_DAYS.columns if c.name != "facts"])


def append_days(store, batch_id: int, *rows: tuple[str, int, str]) -> None:
    """A commit of customer_days: (customer, day of December 2011, gross)."""
    told = [
        {
            "customer_id": customer_id,
            "day": date(2011, 12, day),
            "orders": 1,
            "gross": Decimal(gross),
            "returned": Decimal(0),
            "generation": 1,
            "batch_id": batch_id,
        }
        for customer_id, day, gross in rows
    ]
    write_deltalake(store.path / "customer_days", pa.Table.from_pylist(told, DAY_SCHEMA), mode="append")


def append_change(store, batch_id: int, customer_id: str) -> None:
    row = {"customer_id": customer_id, "new_grade": "VIP", "as_of": AS_OF, "generation": 1, "batch_id": batch_id}
    write_deltalake(store.path / "changes", pa.Table.from_pylist([row], CHANGE), mode="append")


def merge_away(store, table: str, customer_id: str) -> None:
    """As a customer is forgotten: by a merge."""
    gone = pa.table({"customer_id": [customer_id]})
    same = "gone.customer_id = kept.customer_id"
    merger = DeltaTable(store.path / table).merge(gone, same, source_alias="gone", target_alias="kept")
    merger.when_matched_delete().execute()


def days(lake: Lake) -> list[tuple[str, int, str]]:
    return [(row["customer_id"], row["day"].day, str(row["gross"])) for row in lake.run(ALL_DAYS).rows]


def changed(lake: Lake) -> list[str]:
    return [row["customer_id"] for row in lake.run(ALL_CHANGES).rows]


@pytest.fixture
def tables(customer_store):
    """Two customers in every table, with a snapshot."""
    customer_store.append(customer_store.row("1"), customer_store.row("gone"))
    customer_store.snapshot(customer_store.row("1"), customer_store.row("gone"))
    append_days(customer_store, 1, ("1", 1, "10.0000"), ("gone", 1, "20.0000"))
    append_change(customer_store, 1, "1")
    append_change(customer_store, 2, "gone")
    return customer_store


def test_a_table_that_is_not_there_yet_is_named_and_found_when_it_is(customer_store) -> None:
    customer_store.append(customer_store.row("1"))
    lake = lake_of(customer_store)
    for query, bound, table in (
        (ALL_DAYS, {}, "customer_days"),
        (LAST_CHANGE, {"customer_id": "1"}, "changes"),
        (SUMMARY, {"key": "customer/1"}, "summaries"),
    ):
        with pytest.raises(MissingTableError) as raised:
            lake.run(query, bound)
        assert raised.value.table == table
        assert not lake.has(table)
    append_days(customer_store, 1, ("1", 1, "10.0000"))
    assert days(lake) == [("1", 1, "10.0000")]
    assert lake.has("customer_days")


def test_held_tables_follow_what_is_appended_and_cite_their_versions(tables, monkeypatch: pytest.MonkeyPatch) -> None:
    lake = lake_of(tables)
    assert (days(lake), changed(lake)) == ([("1", 1, "10.0000"), ("gone", 1, "20.0000")], ["1", "gone"])
    monkeypatch.setattr(lake_module, "fill", None)  # what was appended is read alone
    append_days(tables, 2, ("1", 2, "30.0000"))
    append_days(tables, 3, ("2", 3, "40.0000"))
    append_change(tables, 3, "2")
    assert days(lake) == [("1", 1, "10.0000"), ("1", 2, "30.0000"), ("2", 3, "40.0000"), ("gone", 1, "20.0000")]
    assert changed(lake) == ["1", "2", "gone"]
    assert (source(lake.run(ALL_DAYS)), source(lake.run(ALL_CHANGES))) == (("customer_days", 2), ("changes", 2))


def test_held_tables_survive_compaction_and_a_vacuum(tables) -> None:
    lake = lake_of(tables)
    before = days(lake)
    append_days(tables, 2, ("1", 2, "30.0000"))
    for table in ("customer_days", "changes"):
        DeltaTable(tables.path / table).optimize.compact()
        DeltaTable(tables.path / table).vacuum(0, dry_run=False, enforce_retention_duration=False)
    append_days(tables, 3, ("2", 3, "40.0000"))
    assert days(lake) == [before[0], ("1", 2, "30.0000"), ("2", 3, "40.0000"), before[1]]
    assert changed(lake) == ["1", "gone"]


def test_a_repair_of_days_is_read_anew(tables) -> None:
    """It merges changed, removed and added rows in, none of which has a position."""
    lake = lake_of(tables)
    assert len(days(lake)) == 2
    repaired = [
        {"customer_id": "1", "day": date(2011, 12, 1), "orders": 2, "gross": Decimal(99), "returned": Decimal(0)}
    ]
    repaired.append(repaired[0] | {"customer_id": "2"})
    source_rows = pa.Table.from_pylist(repaired, DAY_SCHEMA)
    same = "new.customer_id = old.customer_id and new.day = old.day"
    merger = DeltaTable(tables.path / "customer_days").merge(source_rows, same, source_alias="new", target_alias="old")
    merger.when_matched_update_all().when_not_matched_insert_all().execute()
    assert days(lake) == [("1", 1, "99.0000"), ("2", 1, "99.0000"), ("gone", 1, "20.0000")]
    append_days(tables, 2, ("1", 2, "30.0000"))
    assert days(lake) == [("1", 1, "99.0000"), ("1", 2, "30.0000"), ("2", 1, "99.0000"), ("gone", 1, "20.0000")]


@pytest.mark.parametrize("looks_between", [True, False])
def test_a_forgotten_customer_leaves_the_memory(tables, looks_between: bool) -> None:
    """Whatever is read between the tables' merges: the snapshot's comes after that of the history."""
    lake = lake_of(tables)
    assert len(lake.run(EVERYBODY).rows) == len(days(lake)) == len(changed(lake)) == 2
    for table in ("changes", "customer_days", "customer_history", "customers"):
        merge_away(tables, table, "gone")
        if looks_between:
            lake.run(EVERYBODY)
    assert [row["customer_id"] for row in lake.run(EVERYBODY).rows] == ["1"]
    assert lake.run(CUSTOMER_NOW, {"customer_id": "gone"}).rows == ()
    assert (days(lake), changed(lake)) == ([("1", 1, "10.0000")], ["1"])


def test_rows_that_are_deleted_from_a_held_table_go(tables) -> None:
    lake = lake_of(tables)
    assert len(days(lake)) == len(changed(lake)) == 2
    for table in ("changes", "customer_days"):
        DeltaTable(tables.path / table).delete("customer_id = 'gone'")
    assert (days(lake), changed(lake)) == ([("1", 1, "10.0000")], ["1"])


def test_a_snapshot_that_is_written_anew_is_no_reason_to_start_again(tables, monkeypatch: pytest.MonkeyPatch) -> None:
    lake = lake_of(tables)
    lake.run(EVERYBODY)
    monkeypatch.setattr(lake, "_start", None)
    tables.snapshot(tables.row("1"), tables.row("gone"))
    tables.append(tables.row("1", frequency=8, batch_id=1))
    assert [(row["customer_id"], row["frequency"]) for row in lake.run(EVERYBODY).rows] == [("1", 8), ("gone", 7)]


# tables that are scanned


def test_a_scan_brings_only_the_rows_of_its_parameters(customer_store) -> None:
    """The text that it serves counts all that it is given."""
    counting = Query(
        "counting",
        ("customer_history",),
        """
        select count(*) as rows, min(customer_id) as least, max(as_of) as newest, :customer_id as asked, :until as until
        from customer_history
        """,
        NOTHING,
        {"customer_history": CUSTOMER_ON.scans["customer_history"]},
    )
    bound = {"customer_id": "o'1", "until": datetime(2011, 12, 10, tzinfo=UTC)}
    for day in range(3):
        as_of = datetime(2011, 12, 8, 23, tzinfo=UTC) + timedelta(day)
        rows = [customer_store.row(customer_id, as_of=as_of, batch_id=day) for customer_id in ("o'1", "o", "2")]
        customer_store.append(*rows)
    (row,) = lake_of(customer_store).run(counting, bound).rows
    newest = datetime(2011, 12, 9, 23, tzinfo=UTC)
    assert row == {"rows": 2, "least": "o'1", "newest": newest, "asked": "o'1", "until": bound["until"]}


def test_a_past_day_is_answered_by_the_row_that_was_the_newest_then(customer_store) -> None:
    for batch_id, (day, frequency) in enumerate([(1, 5), (5, 6), (9, 7)]):
        as_of = datetime(2011, 12, day, 12, tzinfo=UTC)
        customer_store.append(customer_store.row("1", frequency=frequency, as_of=as_of, batch_id=batch_id))
    lake = lake_of(customer_store)

    def on(day: int) -> list[int]:
        until = datetime(2011, 12, day + 1, tzinfo=UTC)
        return [row["frequency"] for row in lake.run(CUSTOMER_ON, {"customer_id": "1", "until": until}).rows]

    assert [on(day) for day in (1, 4, 5, 8, 9)] == [[5], [5], [6], [6], [7]]
    assert lake.run(CUSTOMER_ON, {"customer_id": "1", "until": datetime(2011, 12, 1, tzinfo=UTC)}).rows == ()
